use crm_adapters::{Field, FieldType, RecordId, Schema};
use uuid::Uuid;

use super::*;
use crate::flow::{Division, Flow, IfUnlinked, Owner, Preset, RuleChange, Vendor};
use crate::state::LinkId;

fn mapping(change: impl FnOnce(&mut Flow)) -> Mapping {
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    let kept = ["Name", "ChamberOfCommerce", "Phone", "InvoiceAddress.City", "Code"];
    flow.rules.retain(|rule| kept.contains(&rule.exact.as_str()));
    change(&mut flow);
    let text = |name: &str| Field::new(name, name, FieldType::Text);
    let exact = Schema::new([
        text("Name").required().max_length(50),
        text("ChamberOfCommerce"),
        text("Phone"),
        text("InvoiceAddress.City").updates_only().max_length(4),
        text("Code").read_only(),
        text("Status"),
    ]);
    let crm = Schema::new([
        text("name").required(),
        text("custom:KvK number"),
        text("custom:Phone"),
        text("custom:Invoice city"),
        text("custom:Exact code"),
        text("custom:Exact ID"),
    ]);
    Mapping::resolve(flow, &exact, &crm, false).unwrap().0
}

fn phone(if_empty: IfEmpty) -> Mapping {
    let change = RuleChange { owner: Some(Owner::Exact), if_empty: Some(if_empty), ..RuleChange::default() };
    mapping(|flow| flow.change("Phone", change).unwrap())
}

fn link(side: Side) -> Link {
    let mut link = Link::new(LinkId::new(Uuid::nil()), "companies", Division::new(12));
    link.set_record(side, RecordId::new("id"));
    link
}

fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::text(value))).collect()
}

/// What a record of the other side becomes on `target`: names and values, or the refusal.
fn made(mapping: &Mapping, target: Side, from: &[(&str, &str)]) -> Result<Vec<(String, String)>, Refusal> {
    let made = creation(mapping, &References::default(), &link(target.other()), target, &fields(from));
    let writes = made.map_err(|obstacle| match obstacle {
        Obstacle::Refused(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    })?;
    Ok(writes.into_iter().map(|write| (write.field, write.to.to_string())).collect())
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn everything_with_a_value_is_taken_along_and_the_key_with_it() {
    let from = [("Name", "Bakker"), ("ChamberOfCommerce", "1"), ("Phone", ""), ("Code", "7")];
    let told = made(&mapping(|_| ()), Side::Crm, &from).unwrap();
    let wanted = [
        ("name", "Bakker"),
        ("custom:KvK number", "1"),
        ("custom:Exact code", "7"),
        ("custom:Exact ID", "12:id"),
    ];
    assert_eq!(told, pairs(&wanted));
}

#[test]
fn what_exact_numbers_itself_is_not_written_and_its_constants_are() {
    let from = [("name", "Bakker"), ("custom:Exact code", "7")];
    let told = made(&mapping(|_| ()), Side::Exact, &from).unwrap();
    assert_eq!(told, pairs(&[("Name", "Bakker"), ("Status", "P")]));
}

#[test]
fn what_only_an_update_takes_is_told_as_written_afterwards_and_asked_about_before() {
    let made = |city: &str| {
        let from = fields(&[("name", "Bakker"), ("custom:Invoice city", city)]);
        creation(&mapping(|_| ()), &References::default(), &link(Side::Crm), Side::Exact, &from)
    };
    let writes = made("Gent").unwrap();
    let why = |field: &str| writes.iter().find(|write| write.field == field).unwrap().why;
    assert_eq!((why("Name"), why("InvoiceAddress.City")), (Why::Created, Why::Afterwards));
    let Err(Obstacle::Refused(refusal)) = made("Brugge") else { panic!("it is too long") };
    assert!(refusal.message.contains("4 are allowed"), "{}", refusal.message);
}

#[test]
fn an_empty_field_is_filled_refused_or_left_out_by_its_rule() {
    let from = [("Name", "Bakker")];
    let without = pairs(&[("name", "Bakker"), ("custom:Exact ID", "12:id")]);
    assert_eq!(made(&phone(IfEmpty::Keep), Side::Crm, &from).unwrap(), without);
    assert_eq!(made(&phone(IfEmpty::Clear), Side::Crm, &from).unwrap(), without);
    let told = made(&phone(IfEmpty::Default("none".to_owned())), Side::Crm, &from).unwrap();
    assert!(told.contains(&("custom:Phone".to_owned(), "none".to_owned())), "{told:?}");
    let refusal = made(&phone(IfEmpty::Stop), Side::Crm, &from).unwrap_err();
    assert_eq!(refusal.kind, IssueKind::Empty);
    assert!(refusal.message.contains("Phone is empty in Exact"), "{}", refusal.message);
}

#[test]
fn a_record_without_what_the_other_side_must_have_is_refused_by_name() {
    let refusal = made(&mapping(|_| ()), Side::Exact, &[("custom:KvK number", "1")]).unwrap_err();
    assert_eq!(refusal.kind, IssueKind::Rejected);
    assert!(refusal.message.starts_with("Name must have a value in Exact"), "{}", refusal.message);
}

#[test]
fn a_text_of_the_longest_length_passes_and_a_longer_one_is_refused() {
    // Characters, not bytes.
    let longest = "é".repeat(50);
    assert!(made(&mapping(|_| ()), Side::Exact, &[("name", &longest)]).is_ok());
    let refusal = made(&mapping(|_| ()), Side::Exact, &[("name", &"é".repeat(51))]).unwrap_err();
    assert_eq!(refusal.kind, IssueKind::Rejected);
    assert!(refusal.message.contains("51 characters, 50 are allowed"), "{}", refusal.message);
}

#[test]
fn a_record_that_has_no_counterpart_is_waited_for_or_left_out_by_its_rule() {
    let named = |if_unlinked| {
        let change = RuleChange {
            via: Some("phones".to_owned()),
            if_unlinked: Some(if_unlinked),
            ..RuleChange::default()
        };
        mapping(|flow| flow.change("Phone", change).unwrap())
    };
    let from = fields(&[("Name", "Bakker"), ("Phone", "p1")]);
    let made = |mapping: &Mapping, known: &References| {
        let writes = creation(mapping, known, &link(Side::Exact), Side::Crm, &from);
        writes.map(|writes| writes.iter().any(|write| write.rule == "Phone"))
    };
    let (mut coming, mut linked) = (References::default(), References::default());
    coming.expect("phones", Side::Exact, RecordId::new("p1"));
    linked.insert("phones", Side::Exact, RecordId::new("p1"), RecordId::new("q1"));
    let (patient, sparing) = (named(IfUnlinked::Wait), named(IfUnlinked::LeaveOut));
    let waits = |made: Result<bool, Obstacle>| matches!(made, Err(Obstacle::Waits(_)));
    assert!(waits(made(&patient, &References::default())));
    assert_eq!(made(&sparing, &References::default()), Ok(false));
    assert!(waits(made(&sparing, &coming)), "it is just being created");
    assert_eq!(made(&sparing, &linked), Ok(true));
}
