//! What of a flow decides what is written, in a notation that later versions write in the same way. What stands at its
//! default is left out, so a rule that is new in a version changes no fingerprint of those who do not use it.

use crm_adapters::Fields;
use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::{Constant, FieldRule, Flow, Side};

impl Flow {
    /// A digest of everything that decides what is written: rules, identity, conditions. A flow whose fingerprint
    /// changed is stopped by a brake until somebody has looked.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let mut text = String::new();
        write(&of_flow(self), &mut text);
        hex::encode(&Sha256::digest(text.as_bytes())[..8])
    }
}

/// The members of an object, without those at their defaults.
#[derive(Default)]
struct Members(Map<String, Json>);

impl Members {
    fn put<T: Serialize + Default + PartialEq>(mut self, name: &str, value: &T) -> Self {
        if *value != T::default() {
            self.0.insert(name.to_owned(), json(value));
        }
        self
    }

    fn always<T: Serialize>(mut self, name: &str, value: &T) -> Self {
        self.0.insert(name.to_owned(), json(value));
        self
    }
}

/// Plain data has a form in JSON, always.
fn json<T: Serialize>(value: &T) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}

/// Every field is named here: of one that is new somebody has to say whether it decides what is written.
fn of_flow(flow: &Flow) -> Json {
    let Flow {
        name: _,
        kinds,
        create,
        identity,
        without_identity,
        divisions: _,
        create_in: _,
        routes,
        when,
        ask_when_left,
        fits,
        creatable,
        anonymised,
        created_with,
        sync_key,
        exact_key,
        start,
        promotion,
        price,
        title: _,
        rules,
        brakes: _,
        parents: _,
        watched,
        held,
    } = flow;
    let fits: Vec<_> = fits.iter().map(|fit| &fit.holds).collect();
    let members = Members::default()
        .always("kinds", kinds)
        .put("create", create)
        .put("identity", identity)
        .put("without_identity", without_identity)
        .put("routes", routes)
        .put("when", when)
        .put("ask_when_left", ask_when_left)
        .put("fits", &fits)
        .put("creatable", creatable)
        .put("anonymised", anonymised)
        .put("created_with", &of_constants(created_with, Side::Exact))
        .put("created_in_crm_with", &of_constants(created_with, Side::Crm))
        .put("sync_key", sync_key)
        .put("exact_key", exact_key)
        .put("start", start)
        .put("promotion", promotion)
        .put("price", price)
        .put("watched", watched)
        .put("held", held)
        .put("rules", &of_rules(rules));
    Json::Object(members.0)
}

/// What new records of a side get, by field: whether a config or the preset says so decides nothing.
fn of_constants(constants: &[Constant], side: Side) -> Fields {
    let of_side = constants.iter().filter(|constant| constant.side == side);
    of_side.map(|constant| (constant.field.clone(), constant.value.clone())).collect()
}

/// Rules by Exact's property: their order decides nothing.
fn of_rules(rules: &[FieldRule]) -> Json {
    Json::Object(rules.iter().map(|rule| (rule.exact.clone(), of_rule(rule))).collect())
}

fn of_rule(rule: &FieldRule) -> Json {
    let FieldRule {
        exact: _,
        crm,
        owner,
        on_conflict,
        if_empty,
        compare,
        // Of both only whether the rule is there at all counts.
        optional: _,
        named: _,
        via,
        lines,
        lines_counted,
        lines_fit,
        scale,
        values,
        transform,
        combine,
        if_unlinked,
    } = rule;
    let lines_fit: Vec<_> = lines_fit.iter().map(|fit| &fit.holds).collect();
    let mut members = Members::default()
        .always("crm", crm)
        .put("owner", owner)
        .put("on_conflict", on_conflict)
        .put("if_empty", if_empty)
        .put("compare", compare)
        .put("via", via)
        .put("lines_counted", lines_counted)
        .put("lines_fit", &lines_fit)
        .put("scale", scale)
        .put("values", values)
        .put("transform", transform)
        .put("combine", combine)
        .put("if_unlinked", if_unlinked);
    if !lines.is_empty() {
        members = members.always("lines", &of_rules(lines));
    }
    Json::Object(members.0)
}

/// JSON with the members of every object in the order of their names, in whichever order the map at hand keeps them.
fn write(value: &Json, text: &mut String) {
    match value {
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            text.push('{');
            for (name, value) in members {
                text.push_str(&format!("{name:?}:"));
                write(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Json::Array(values) => {
            text.push('[');
            for value in values {
                write(value, text);
                text.push(',');
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::flow::Side;
    use crate::flow::{
        Combine, Compare, Condition, Fit, IfEmpty, IfUnlinked, OnConflict, Owner, Preset, Scale, Test,
        Transform, Vendor,
    };

    use super::*;

    fn written(rule: &FieldRule) -> String {
        let mut text = String::new();
        write(&of_rule(rule), &mut text);
        text
    }

    /// A version that changes one of these stops every tenant's flow until somebody has looked: so be it on purpose, with a
    /// line in the changelog.
    #[test]
    fn the_fingerprints_of_the_presets_are_those_of_the_last_version() {
        let presets = [
            (Preset::Companies, "ddd371b28e79acd8", "3aa8230e27bcb482"),
            (Preset::Contacts, "3ea89dcebaee1bfc", "44ec301611846e48"),
            (Preset::Products, "5edd49b6ddf3fc94", "85dbc0dce224b5f2"),
            (Preset::Orders, "9f37e32e6cb42b55", "a39cbde264fefcca"),
            (Preset::Quotations, "a6757068e126eae4", "6f6ccbbbb948ff03"),
            (Preset::Billing, "982164ffa3370a33", "982164ffa3370a33"),
            (Preset::Invoices, "acb6992b12ec47d0", "3c703dca3e9d7833"),
        ];
        let now = presets.map(|(preset, ..)| {
            let [pipedrive, hubspot] =
                [Vendor::Pipedrive, Vendor::HubSpot].map(|vendor| preset.flow(vendor).fingerprint());
            (preset, pipedrive, hubspot)
        });
        let now = now
            .each_ref()
            .map(|(preset, pipedrive, hubspot)| (*preset, pipedrive.as_str(), hubspot.as_str()));
        assert_eq!(now, presets);
    }

    #[test]
    fn of_a_rule_only_what_differs_from_the_defaults_is_told() {
        assert_eq!(written(&FieldRule::new("Fax", "custom:Fax")), r#"{"crm":"custom:Fax",}"#);
        let owned = FieldRule { owner: Owner::Exact, named: true, ..FieldRule::new("Fax", "custom:Fax") };
        assert_eq!(written(&owned), r#"{"crm":"custom:Fax","owner":"exact",}"#);
    }

    #[test]
    fn whatever_decides_a_write_is_told() {
        let holds =
            || Condition::Field { side: Side::Crm, name: "quantity".to_owned(), test: Test::Present(true) };
        let changes: [fn(&mut FieldRule, Condition); 13] = [
            |rule, _| rule.combine = Combine::Sum,
            |rule, _| rule.if_unlinked = IfUnlinked::LeaveOut,
            |rule, _| rule.crm = "custom:Other".to_owned(),
            |rule, _| rule.owner = Owner::Crm,
            |rule, _| rule.on_conflict = OnConflict::Crm,
            |rule, _| rule.if_empty = IfEmpty::Clear,
            |rule, _| rule.compare = Compare::Email,
            |rule, _| rule.via = Some("contacts".to_owned()),
            |rule, _| rule.lines = vec![FieldRule::new("Quantity", "quantity")],
            |rule, holds| rule.lines_counted = Some(holds),
            |rule, holds| rule.lines_fit = vec![Fit { holds, otherwise: "mend it".to_owned() }],
            |rule, _| rule.scale = Scale::Percent,
            |rule, _| {
                rule.values = BTreeMap::from([("1".to_owned(), "one".to_owned())]);
                rule.transform = vec![Transform::Upper];
            },
        ];
        let mut told = vec![written(&FieldRule::new("Fax", "custom:Fax"))];
        for change in changes {
            let mut rule = FieldRule::new("Fax", "custom:Fax");
            change(&mut rule, holds());
            let text = written(&rule);
            assert!(!told.contains(&text), "{text}");
            told.push(text);
        }
    }

    #[test]
    fn the_order_of_rules_and_of_members_changes_nothing() {
        let flow = Preset::Companies.flow(Vendor::Pipedrive);
        let mut turned = flow.clone();
        turned.rules.reverse();
        assert_eq!(turned.fingerprint(), flow.fingerprint());
        let mut text = String::new();
        write(&serde_json::json!({"b": 1, "a": {"d": [true], "c": null}}), &mut text);
        assert_eq!(text, r#"{"a":{"c":null,"d":[true,],},"b":1,}"#);
    }
}
