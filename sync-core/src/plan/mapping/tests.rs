use super::*;
use crate::flow::{Condition, Create, Division, Preset, Route, RuleChange, Test, Vendor};
use crate::plan::Samples;

const CRM: [&str; 4] = ["name", "website", "custom:KvK number", "custom:Exact ID"];

fn schema(names: &[&str]) -> Schema {
    Schema::new(names.iter().map(|name| Field::new(*name, *name, FieldType::Text)))
}

fn exact() -> Schema {
    schema(&[
        "Name",
        "ChamberOfCommerce",
        "VATNumber",
        "Website",
        "Phone",
        "Email",
        "City",
        "Code",
        "Status",
        "Blocked",
        "EndDate",
    ])
}

fn flow() -> Flow {
    Preset::Companies.flow(Vendor::Pipedrive)
}

fn named(crm: &str) -> RuleChange {
    RuleChange { crm: Some(crm.to_owned()), ..RuleChange::default() }
}

/// The one error of a flow, as `path: message`.
fn error(flow: Flow, exact: &Schema, crm: &Schema) -> String {
    let findings = Mapping::resolve(flow, exact, crm, false).map(|_| ()).unwrap_err();
    let errors: Vec<_> = findings.iter().filter(|finding| finding.severity == Severity::Error).collect();
    assert_eq!(errors.len(), 1, "{findings:?}");
    errors[0].to_string()
}

#[test]
fn a_presets_own_field_that_the_crm_lacks_is_left_out_and_noted() {
    let (mapping, findings) = Mapping::resolve(flow(), &exact(), &schema(&CRM), false).unwrap();
    let rules: Vec<_> = mapping.rules.iter().map(|resolved| resolved.rule.exact.as_str()).collect();
    assert_eq!(rules, ["Name", "ChamberOfCommerce", "Website"]);
    assert_eq!(mapping.flow.identity, ["ChamberOfCommerce"], "what is not mapped decides nothing");
    assert!(mapping.missing.is_empty());
    let paths: Vec<_> = findings.iter().map(|finding| finding.path.as_str()).collect();
    for field in ["VATNumber", "Phone", "Email", "City", "Code"] {
        assert!(paths.contains(&format!("flow.companies.fields.{field}").as_str()), "{paths:?}");
    }
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note));
}

#[test]
fn a_named_field_that_the_crm_lacks_is_an_error_with_its_path() {
    let mut one = flow();
    one.change("Phone", named("custom:Telefoon")).unwrap();
    let told = error(one, &exact(), &schema(&CRM));
    assert_eq!(
        told,
        "flow.companies.fields.Phone: the CRM has no field with the label `Telefoon`; create it, or set create_fields"
    );
    let mut one = flow();
    one.change("Phone", named("phon")).unwrap();
    let told = error(one, &exact(), &schema(&CRM));
    assert_eq!(
        told,
        "flow.companies.fields.Phone: the CRM has no property `phon`; for a custom field write `custom:Label`"
    );
}

#[test]
fn missing_custom_fields_are_noted_for_creation_where_that_is_allowed() {
    let mut one = flow();
    one.change("Phone", named("custom:Telefoon")).unwrap();
    let (mapping, findings) = Mapping::resolve(one, &exact(), &schema(&["name", "website"]), true).unwrap();
    let labels: Vec<_> = mapping.missing.iter().map(|field| field.label.as_str()).collect();
    assert_eq!(labels, ["KvK number", "VAT number", "Telefoon", "Email", "City", "Exact code", "Exact ID"]);
    let told = |what: &str| findings.iter().filter(|finding| finding.message.contains(what)).count();
    assert_eq!(told("the first run creates it"), labels.len());
    assert_eq!(told("texts of any length and custom:Telefoon takes 255"), 1);
    assert_eq!(told("Exact has no property"), findings.len() - labels.len() - 1);
    assert_eq!(mapping.rules.len(), 8);
    let read = mapping.fields(Side::Crm);
    assert_eq!(read, ["name", "website"], "what is not there yet is not asked for");
}

#[test]
fn an_unknown_property_of_exact_is_an_error_with_its_path() {
    let mut one = flow();
    one.change("Phon", named("custom:KvK number 2")).unwrap();
    let told = error(one, &exact(), &schema(&CRM));
    assert_eq!(
        told,
        "flow.companies.fields.Phon: Exact has no property Phon here; check the spelling, it is case-sensitive"
    );
}

#[test]
fn fields_that_cannot_be_written_as_the_rule_wants_are_errors() {
    let read_only = |names: &[&str], locked: &str| {
        Schema::new(names.iter().map(|name| {
            let field = Field::new(*name, *name, FieldType::Text);
            if *name == locked { field.read_only() } else { field }
        }))
    };
    let exact_names = ["Name", "ChamberOfCommerce", "Phone"];
    let crm_names = ["name", "custom:KvK number", "custom:Phone", "custom:Exact ID"];
    let only = |owner| {
        let mut one = flow();
        one.rules.retain(|rule| exact_names.contains(&rule.exact.as_str()));
        one.change("Phone", RuleChange { owner, ..RuleChange::default() }).unwrap();
        one
    };
    let (open_exact, open_crm) = (schema(&exact_names), schema(&crm_names));
    let (locked_exact, locked_crm) =
        (read_only(&exact_names, "Phone"), read_only(&crm_names, "custom:Phone"));
    for (owner, exact, crm, told) in [
        (Owner::Both, &locked_exact, &locked_crm, "neither side's field can be written; remove the mapping"),
        (Owner::Crm, &locked_exact, &open_crm, "Phone cannot be written in Exact; set owner = \"exact\""),
        (
            Owner::Exact,
            &open_exact,
            &locked_crm,
            "custom:Phone cannot be written in the CRM; set owner = \"crm\"",
        ),
    ] {
        assert_eq!(error(only(Some(owner)), exact, crm), format!("flow.companies.fields.Phone: {told}"));
    }
    for (exact, crm, owner) in
        [(&locked_exact, &open_crm, Owner::Exact), (&open_exact, &locked_crm, Owner::Crm)]
    {
        let (mapping, _) = Mapping::resolve(only(None), exact, crm, false).unwrap();
        let phone = mapping.rules.iter().find(|resolved| resolved.rule.exact == "Phone").unwrap();
        assert_eq!(phone.owner(), owner, "the side that cannot be written counts");
    }
}

#[test]
fn a_flow_with_no_identity_field_left_says_what_to_do() {
    let told = error(flow(), &exact(), &schema(&["name", "website"]));
    assert_eq!(
        told,
        "flow.companies: no identity field is mapped; map KvK or VAT number, or set create_fields"
    );
}

#[test]
fn a_missing_sync_key_is_left_out_and_its_price_is_named() {
    let (mapping, findings) = Mapping::resolve(flow(), &exact(), &schema(&CRM[..3]), false).unwrap();
    assert_eq!(mapping.flow.sync_key, None);
    let finding = findings.iter().find(|finding| finding.path == "flow.companies.sync_key").unwrap();
    assert!(finding.message.contains("found again by its identity fields only"), "{finding}");
}

#[test]
fn a_value_is_refused_for_its_length_or_for_being_no_option() {
    let mut limits = Limits::of(&Field::new("a", "a", FieldType::Text).max_length(3));
    assert_eq!(limits.refuses(&Value::text("äöü")), None, "characters, not bytes");
    assert!(limits.refuses(&Value::text("äöüß")).is_some());
    assert_eq!(limits.refuses(&Value::Null), None, "clearing is always possible");
    limits = Limits { options: vec!["Gold".to_owned()], max_length: None, ..limits };
    assert_eq!(limits.refuses(&Value::text("gold")), None);
    assert!(limits.refuses(&Value::text("silver")).is_some());
}

/// Everything that a customer has to know beside the table of fields.
#[test]
fn the_document_tells_what_is_created_where_with_what_and_what_is_not() {
    let mut one = flow();
    one.divisions = vec![Division::new(1), Division::new(2)];
    one.routes =
        vec![Route { when: Condition::crm("website", Test::Present(true)), division: Division::new(2) }];
    one.create_with(Side::Exact, "City", "Delft");
    one.rules.retain(|rule| rule.exact != "City");
    let (mapping, _) = Mapping::resolve(one, &exact(), &schema(&CRM), false).unwrap();
    let document = mapping.document(&Samples::default());
    for told in [
        "- **New in the CRM**: only where Exact's Status is `C` or `P` or `S` and Exact's Blocked is not `true` and Exact's EndDate is empty; what else stands on both sides is tied together all the same.",
        "- **What is new in Exact** gets Status `P` and City `Delft`, whatever the other side says.",
        "- **Administrations**: 1 and 2.",
        "- **Goes to administration 2** where website has a value.",
        "- **Everything else** goes to administration 1.",
        "- **Nothing is ever deleted** in Exact.",
    ] {
        assert!(document.contains(told), "{told}\n{document}");
    }
    let mut none = flow();
    none.create = Create::Crm;
    none.create_in = Some(Division::new(1));
    let (mapping, _) = Mapping::resolve(none, &exact(), &schema(&CRM), false).unwrap();
    let document = mapping.document(&Samples::default());
    assert!(
        !document.contains("new in Exact**") && !document.contains("goes to administration"),
        "{document}"
    );
}

#[test]
fn a_presets_constant_is_left_out_where_a_side_lacks_its_field_and_a_named_one_is_an_error() {
    let mut names: Vec<&str> = vec!["Name", "ChamberOfCommerce", "Blocked", "EndDate"];
    let (mapping, _) = Mapping::resolve(flow(), &schema(&names), &schema(&CRM), false).unwrap();
    assert!(mapping.flow.created_with.is_empty());
    let mut one = flow();
    one.create_with(Side::Exact, "Status", "C");
    let told = error(one.clone(), &schema(&names), &schema(&CRM));
    assert_eq!(
        told,
        "flow.companies.new_in_exact.Status: Exact has no field `Status`; correct it, or leave it out"
    );
    names.push("Status");
    let (mapping, _) = Mapping::resolve(one, &schema(&names), &schema(&CRM), false).unwrap();
    let given: Vec<_> = mapping.flow.created_with.iter().map(|one| one.value.to_string()).collect();
    assert_eq!(given, ["C"], "instead of the preset's");
}
