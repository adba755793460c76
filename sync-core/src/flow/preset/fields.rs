//! One line of a preset's table.

use super::Vendor;
use crate::flow::{Combine, Compare, FieldRule, IfEmpty, IfUnlinked, OnConflict, Owner, Scale};

/// Exact's property, the CRM's own property or the label of a custom field, and how they are kept.
pub(super) struct Line {
    exact: &'static str,
    label: &'static str,
    /// Empty where the vendor has no property of its own for it.
    pipedrive: &'static str,
    hubspot: &'static str,
    owner: Owner,
    on_conflict: OnConflict,
    compare: Compare,
    via: Option<&'static str>,
    if_unlinked: IfUnlinked,
    required: bool,
    cleared: bool,
    scale: Scale,
    combine: Combine,
}

pub(super) const fn field(exact: &'static str, label: &'static str) -> Line {
    Line {
        exact,
        label,
        pipedrive: "",
        hubspot: "",
        owner: Owner::Both,
        on_conflict: OnConflict::Review,
        compare: Compare::Text,
        via: None,
        if_unlinked: IfUnlinked::Wait,
        required: false,
        cleared: false,
        scale: Scale::One,
        combine: Combine::First,
    }
}

impl Line {
    pub(super) const fn named(mut self, pipedrive: &'static str, hubspot: &'static str) -> Self {
        self.pipedrive = pipedrive;
        self.hubspot = hubspot;
        self
    }

    pub(super) const fn on_pipedrive(mut self, name: &'static str) -> Self {
        self.pipedrive = name;
        self
    }

    pub(super) const fn on_hubspot(mut self, name: &'static str) -> Self {
        self.hubspot = name;
        self
    }

    pub(super) const fn compared(mut self, compare: Compare) -> Self {
        self.compare = compare;
        self
    }

    pub(super) const fn owned_by_exact(mut self) -> Self {
        self.owner = Owner::Exact;
        self
    }

    pub(super) const fn once(mut self) -> Self {
        self.owner = Owner::Once;
        self
    }

    /// Exact's value wins over the one that somebody typed into the CRM; still both may change it.
    pub(super) const fn won_by_exact(mut self) -> Self {
        self.on_conflict = OnConflict::Exact;
        self
    }

    pub(super) const fn via(mut self, flow: &'static str) -> Self {
        self.via = Some(flow);
        self
    }

    /// Nothing waits for the record that it names.
    pub(super) const fn or_left_out(mut self) -> Self {
        self.if_unlinked = IfUnlinked::LeaveOut;
        self
    }

    pub(super) const fn percent(mut self) -> Self {
        self.scale = Scale::Percent;
        self
    }

    /// Of several divisions all count together.
    pub(super) const fn combined(mut self, combine: Combine) -> Self {
        self.combine = combine;
        self
    }

    /// Where Exact says nothing any more, neither does the CRM.
    pub(super) const fn cleared(mut self) -> Self {
        self.cleared = true;
        self
    }

    /// The flow makes no sense without it.
    pub(super) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(super) fn rule(&self, vendor: Vendor) -> FieldRule {
        let own = match vendor {
            Vendor::Pipedrive => self.pipedrive,
            Vendor::HubSpot => self.hubspot,
        };
        let crm = if own.is_empty() { format!("custom:{}", self.label) } else { own.to_owned() };
        FieldRule {
            owner: self.owner,
            on_conflict: self.on_conflict,
            compare: self.compare,
            if_empty: if self.cleared { IfEmpty::Clear } else { IfEmpty::Keep },
            optional: !self.required,
            via: self.via.map(str::to_owned),
            if_unlinked: self.if_unlinked,
            scale: self.scale,
            combine: self.combine,
            ..FieldRule::new(self.exact, crm)
        }
    }
}
