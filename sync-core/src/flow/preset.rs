use crm_adapters::{Fields, Kind, Value};
use serde::{Deserialize, Serialize};

use super::{
    Brakes, Compare, Condition, Create, FieldRule, Flow, IfEmpty, Kinds, OnConflict, Owner, Test,
    WithoutIdentity,
};

/// The CRM whose property names a preset uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Vendor {
    /// Pipedrive.
    Pipedrive,
    /// HubSpot.
    HubSpot,
}

/// A flow as most companies want it; a config changes it from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preset {
    /// Accounts in Exact and companies in the CRM, both ways.
    Companies,
}

/// One line of a preset: Exact's property, the label of the CRM's custom field, and how it is kept.
struct Line {
    exact: &'static str,
    label: &'static str,
    owner: Owner,
    on_conflict: OnConflict,
    compare: Compare,
}

const COMPANIES: [Line; 8] = [
    line("Name", "Name", Compare::Name).won_by_exact(),
    line("ChamberOfCommerce", "KvK number", Compare::CompanyNumber),
    line("VATNumber", "VAT number", Compare::VatNumber),
    line("Website", "Website", Compare::Text),
    line("Phone", "Phone", Compare::Text),
    line("Email", "Email", Compare::Email),
    line("City", "City", Compare::Text),
    line("Code", "Exact code", Compare::Text).owned_by_exact(),
];

const fn line(exact: &'static str, label: &'static str, compare: Compare) -> Line {
    Line { exact, label, owner: Owner::Both, on_conflict: OnConflict::Review, compare }
}

impl Line {
    const fn owned_by_exact(mut self) -> Self {
        self.owner = Owner::Exact;
        self
    }

    /// The register's spelling wins over the one that somebody typed into the CRM; still both may change it.
    const fn won_by_exact(mut self) -> Self {
        self.on_conflict = OnConflict::Exact;
        self
    }

    fn rule(&self, vendor: Vendor) -> FieldRule {
        let built_in = vendor.built_in(self.exact);
        FieldRule {
            exact: self.exact.to_owned(),
            crm: built_in.map_or_else(|| format!("custom:{}", self.label), str::to_owned),
            owner: self.owner,
            on_conflict: self.on_conflict,
            if_empty: IfEmpty::Keep,
            compare: self.compare,
            optional: self.compare != Compare::Name,
        }
    }
}

impl Vendor {
    /// The CRM's own property for an Exact property of a company, where it has one.
    fn built_in(self, exact: &str) -> Option<&'static str> {
        match (self, exact) {
            (Self::Pipedrive, "Name") => Some("name"),
            (Self::Pipedrive, "Website") => Some("website"),
            (Self::HubSpot, "Name") => Some("name"),
            (Self::HubSpot, "Website") => Some("website"),
            (Self::HubSpot, "Phone") => Some("phone"),
            (Self::HubSpot, "City") => Some("city"),
            (Self::Pipedrive | Self::HubSpot, _) => None,
        }
    }
}

impl Preset {
    /// Its name in a config.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Companies => "companies",
        }
    }

    /// The flow it stands for, in the words of a CRM.
    #[must_use]
    pub fn flow(self, vendor: Vendor) -> Flow {
        match self {
            Self::Companies => companies(vendor),
        }
    }
}

fn companies(vendor: Vendor) -> Flow {
    Flow {
        name: Preset::Companies.as_str().to_owned(),
        kinds: Kinds::both(Kind::Company),
        create: Create::Both,
        identity: vec!["ChamberOfCommerce".to_owned(), "VATNumber".to_owned()],
        without_identity: WithoutIdentity::Create,
        divisions: Vec::new(),
        create_in: None,
        when: None,
        creatable: Some(relations()),
        created_with: Fields::new().with("Status", Value::text("P")),
        sync_key: Some("custom:Exact ID".to_owned()),
        rules: COMPANIES.iter().map(|line| line.rule(vendor)).collect(),
        brakes: Brakes::default(),
    }
}

/// Customers, prospects and suspects that are neither blocked nor ended; suppliers alone have status `A` or none.
fn relations() -> Condition {
    Condition::All(vec![
        Condition::exact("Status", Test::In(vec!["C".into(), "P".into(), "S".into()])),
        Condition::exact("Blocked", Test::IsNot("true".into())),
        Condition::exact("EndDate", Test::Present(false)),
    ])
}
