use crm_adapters::Kind;

use super::*;
use crate::flow::{Create, Division, Preset, RuleChange, Transform, Vendor};
use crate::plan::Mapping;

fn field(name: &str, ty: FieldType) -> Field {
    Field::new(name, name, ty)
}

/// What is found in a flow of companies in which `Exact.A` and `crm.b` are tied by one owner.
fn found(owner: Owner, exact: Field, crm: Field, change: impl FnOnce(&mut Flow)) -> Vec<String> {
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    flow.rules.retain(|rule| rule.exact == "ChamberOfCommerce");
    flow.rules[0].crm = "kvk".to_owned();
    flow.rules[0].optional = false;
    flow.identity = vec!["ChamberOfCommerce".to_owned()];
    flow.sync_key = None;
    flow.creatable = None;
    let owner = RuleChange { crm: Some(crm.name.clone()), owner: Some(owner), ..RuleChange::default() };
    flow.change(&exact.name.clone(), owner).unwrap();
    change(&mut flow);
    let key = |name| field(name, FieldType::Text);
    let exact = Schema::new([exact, key("ChamberOfCommerce")]);
    let crm = Schema::new([crm, key("kvk")]);
    let findings = match Mapping::resolve(flow, &exact, &crm, false) {
        Ok((_, notes)) => notes,
        Err(errors) => errors,
    };
    findings.iter().map(|finding| format!("{:?} {finding}", finding.severity)).collect()
}

#[test]
fn two_types_are_tied_only_in_the_directions_in_which_values_fit() {
    use FieldType::{Bool, Choice, Date, Decimal, Instant, Reference, Text};
    let fits = "";
    let never = "map it to a field of the same type";
    let table = [
        (Owner::Exact, Date, Text, fits),
        (Owner::Crm, Date, Text, never),
        (Owner::Both, Date, Text, never),
        (Owner::Exact, Decimal, Text, fits),
        (Owner::Crm, Decimal, Text, "what is no number becomes an issue"),
        (Owner::Exact, Instant, Date, never),
        (Owner::Crm, Bool, Decimal, never),
        (Owner::Exact, Text, Choice, fits),
        (Owner::Exact, Reference(Kind::Contact), Text, never),
        (Owner::Both, Date, Date, fits),
    ];
    for (owner, exact, crm, told) in table {
        let found = found(owner, field("A", exact), field("b", crm), |_| ());
        if told.is_empty() {
            assert_eq!(found, [""; 0], "{owner:?} {exact:?} {crm:?}");
        } else {
            assert_eq!(found.len(), 1, "{owner:?} {exact:?} {crm:?}: {found:?}");
            assert!(found[0].contains(told), "{found:?}");
        }
    }
}

#[test]
fn a_longer_text_is_noted_in_the_direction_that_is_written_only() {
    let tied = |owner| {
        let (short, long) =
            (field("A", FieldType::Text).max_length(50), field("b", FieldType::Text).max_length(255));
        found(owner, short, long, |_| ())
    };
    assert_eq!(tied(Owner::Exact), [""; 0]);
    assert_eq!(
        tied(Owner::Both),
        [
            "Note flow.companies.fields.A: b holds up to 255 characters and A takes 50; longer ones become issues"
        ]
    );
}

#[test]
fn options_that_the_other_side_lacks_are_listed() {
    let choice = |name: &str, labels: &[&str]| {
        field(name, FieldType::Choice).options(labels.iter().map(|label| (*label).to_owned()).collect())
    };
    let told = found(Owner::Exact, choice("A", &["gold", "tin"]), choice("b", &["gold", "iron"]), |_| ());
    assert_eq!(
        told,
        ["Note flow.companies.fields.A: b lacks the options tin; add them, or they become issues"]
    );
}

#[test]
fn a_default_that_a_field_refuses_is_found_before_any_record_meets_it() {
    for (ty, value, fits) in [
        (FieldType::Decimal, "0", true),
        (FieldType::Decimal, "none", false),
        (FieldType::Date, "2026-12-01", false),
        (FieldType::Text, "none", true),
    ] {
        let told = found(Owner::Exact, field("A", ty), field("b", ty), |flow| {
            flow.rules[1].if_empty = IfEmpty::Default(value.to_owned());
        });
        assert_eq!(told.is_empty(), fits, "{ty:?} {value}: {told:?}");
    }
}

#[test]
fn a_condition_names_fields_that_are_there_and_values_that_they_can_have() {
    let soort = || field("b", FieldType::Choice).options(vec!["Project".to_owned()]);
    let table = [
        (r#"{"crm":"b","is":"project"}"#, ""),
        (r#"{"crm":"b","is":"Order"}"#, "`Order` is none of the options of b: Project; correct it"),
        (r#"{"crm":"b","is":"Sales/Project"}"#, "Project; write `Project`"),
        (r#"{"crm":"b","at_least":1}"#, "b holds one of its options, which has no order against `1`"),
        (r#"{"crm":"c","is":"x"}"#, "the CRM has no field `c`"),
        (r#"{"not":{"exact":"C","present":true}}"#, "Exact has no field `C`"),
    ];
    for (condition, told) in table {
        let found = found(Owner::Exact, field("A", FieldType::Text), soort(), |flow| {
            flow.when = Some(serde_json::from_str(condition).unwrap());
            flow.rules[1].owner = Owner::Exact;
        });
        let found: Vec<_> = found.iter().filter(|finding| finding.contains(".when")).collect();
        assert_eq!(found.len(), usize::from(!told.is_empty()), "{condition}: {found:?}");
        assert!(found.iter().all(|finding| finding.contains(told)), "{found:?}");
    }
}

#[test]
fn a_required_field_without_a_source_is_found_where_records_are_made() {
    let tied = |create| {
        found(Owner::Crm, field("A", FieldType::Text), field("b", FieldType::Text), |flow| {
            flow.create = create;
            flow.rules.retain(|rule| rule.exact != "A");
        })
    };
    assert_eq!(tied(Create::Both), [""; 0]);
    let schema = Schema::new([field("must", FieldType::Text).required()]);
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    let told = sourceless(&flow, &[], Side::Crm, &schema);
    assert_eq!(told.len(), 1);
    assert!(told[0].1.starts_with("the CRM makes no record without must"), "{told:?}");
    flow.create = Create::Exact;
    assert_eq!(sourceless(&flow, &[], Side::Crm, &schema), []);
}

/// Flows with one rule each besides the key: name, Exact's property, the CRM's, owner, division.
fn flows(rules: &[(&str, &str, &str, Owner, u32)]) -> Vec<String> {
    let text = |name: &str| field(name, FieldType::Text);
    let keys = |key: &str| (1..=rules.len()).map(|at| format!("{key}{at}")).collect::<Vec<_>>();
    let with = |named: [&str; 2], keys: Vec<String>| {
        Schema::new(named.map(text).into_iter().chain(keys.iter().map(|key| text(key))))
    };
    let exact = with(["A", "B"], keys("K"));
    let crm = with(["a", "b"], keys("k"));
    let mapping = |(at, (name, one, other, owner, division)): (usize, &(&str, &str, &str, Owner, u32))| {
        let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
        (flow.name, flow.sync_key, flow.creatable) = ((*name).to_owned(), None, None);
        flow.divisions = vec![Division::new(*division)];
        flow.rules = vec![
            crate::flow::FieldRule::new(format!("K{}", at + 1), format!("k{}", at + 1)),
            crate::flow::FieldRule::new(*one, *other),
        ];
        flow.rules[1].owner = *owner;
        flow.identity = vec![format!("K{}", at + 1)];
        Mapping::resolve(flow, &exact, &crm, false).unwrap().0
    };
    let mappings: Vec<Mapping> = rules.iter().enumerate().map(mapping).collect();
    together(mappings.iter()).iter().map(|finding| format!("{:?} {finding}", finding.severity)).collect()
}

#[test]
fn values_that_run_in_a_circle_through_two_flows_are_found() {
    let told = flows(&[("one", "A", "a", Owner::Exact, 1), ("two", "A", "a", Owner::Crm, 1)]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("Error flow.one.fields.A: its value comes back to it by flow.two.fields.A"),
        "{told:?}"
    );
    let chain = flows(&[("one", "A", "a", Owner::Exact, 1), ("two", "B", "a", Owner::Crm, 1)]);
    assert_eq!(chain, [""; 0], "from A by a to B, and no further");
    let across = flows(&[("one", "A", "a", Owner::Exact, 1), ("two", "A", "a", Owner::Crm, 2)]);
    assert_eq!(across, [""; 0], "from one administration by the CRM into another one");
}

#[test]
fn a_value_that_runs_through_many_flows_and_back_is_found_among_many_that_do_not() {
    let names: Vec<(String, String, String)> =
        (0..40).map(|at| (format!("f{at}"), ["A", "B"][at % 2].to_owned(), "a".to_owned())).collect();
    let mut many: Vec<_> = names
        .iter()
        .map(|(flow, exact, crm)| (flow.as_str(), exact.as_str(), crm.as_str(), Owner::Crm, 1))
        .collect();
    many.push(("last", "A", "b", Owner::Exact, 1));
    assert!(flows(&many).iter().all(|told| told.starts_with("Note")), "nothing writes what they read");
    many.push(("back", "B", "a", Owner::Exact, 1));
    let told = flows(&many);
    let errors: Vec<_> = told.iter().filter(|told| told.starts_with("Error")).collect();
    assert_eq!(errors.len(), 20, "back, with each of those that write B: {errors:?}");
}

#[test]
fn a_field_that_two_flows_write_is_told_once_for_the_pair() {
    let told = flows(&[("one", "A", "a", Owner::Exact, 1), ("two", "B", "a", Owner::Exact, 2)]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("Note flow.two: flow.one writes a too"), "{told:?}");
    let apart = flows(&[("one", "A", "a", Owner::Crm, 1), ("two", "A", "b", Owner::Crm, 2)]);
    assert_eq!(apart, [""; 0], "Exact's records belong to one division");
}

#[test]
fn numbers_that_lose_something_on_the_way_back_are_noted() {
    let told = |exact: Field, crm: Field, owner: Owner, step: Transform| {
        found(owner, exact, crm, |flow| flow.rules[1].transform = vec![step])
    };
    let number = |name: &str| field(name, FieldType::Decimal);
    let times = |factor: &str| Transform::Times(factor.parse().unwrap());
    let table = [
        (number("A"), number("b"), Owner::Both, Transform::Round(2), "takes its other decimals away"),
        (number("A").decimals(2), number("b").decimals(2), Owner::Both, Transform::Round(2), ""),
        (number("A"), number("b"), Owner::Exact, Transform::Round(2), ""),
        (number("A"), number("b"), Owner::Both, times("3"), "has no end"),
        (number("A"), number("b"), Owner::Both, times("1.21"), "has no end"),
        (number("A"), number("b"), Owner::Crm, times("-7"), "has no end"),
        (number("A"), number("b"), Owner::Both, times("0.01"), ""),
        (number("A"), number("b"), Owner::Both, times("6.4"), ""),
        (number("A"), number("b"), Owner::Exact, times("3"), ""),
        (number("A"), number("b").decimals(0), Owner::Exact, Transform::Round(0), ""),
        (number("A").decimals(0), number("b").decimals(0), Owner::Exact, times("0.5"), "whole numbers only"),
        (number("A").decimals(0), number("b").decimals(0), Owner::Crm, times("0.5"), ""),
        (number("A").decimals(0), number("b").decimals(0), Owner::Crm, times("2"), "whole numbers only"),
    ];
    for (exact, crm, owner, step, says) in table {
        let case = format!("{owner:?} {step:?}");
        let told = told(exact, crm, owner, step);
        assert_eq!(told.is_empty(), says.is_empty(), "{case}: {told:?}");
        assert!(told.iter().all(|told| told.starts_with("Note") && told.contains(says)), "{case}: {told:?}");
    }
}

#[test]
fn a_number_with_decimals_does_not_go_into_whole_numbers_unnoticed() {
    let tied = |owner| {
        found(owner, field("A", FieldType::Decimal), field("b", FieldType::Decimal).decimals(0), |_| ())
    };
    assert_eq!(tied(Owner::Crm), [""; 0]);
    assert_eq!(
        tied(Owner::Exact),
        [
            "Note flow.companies.fields.A: A holds numbers with more decimals and b takes whole numbers only; others become issues: round them on the way, or map another field"
        ]
    );
}

#[test]
fn a_text_without_an_end_is_longer_than_any_other() {
    let tied = |step: Option<Transform>| {
        let short = field("A", FieldType::Text).max_length(30);
        found(Owner::Crm, short, field("b", FieldType::Text), |flow| {
            flow.rules[1].transform = step.into_iter().collect();
        })
    };
    let told = tied(None);
    assert!(told[0].contains("b holds texts of any length and A takes 30"), "{told:?}");
    assert!(tied(Some(Transform::Upper))[0].contains("any length"));
    let table = [("NL".to_owned(), "a word that is longer than thirty letters".to_owned())];
    assert_eq!(tied(Some(Transform::Lookup(table.into()))), [""; 0], "what arrives is NL");
}

#[test]
fn a_day_that_comes_back_in_another_century_is_noted() {
    let tied = |notation: &str| {
        found(Owner::Both, field("A", FieldType::Date), field("b", FieldType::Text), |flow| {
            flow.rules[1].transform = vec![Transform::DayAs(notation.to_owned())];
        })
    };
    assert_eq!(tied("%d-%m-%Y"), [""; 0]);
    assert!(tied("%d-%m-%y")[0].contains("comes back as one of 2026"));
}

#[test]
fn a_field_that_ties_records_is_mapped_to_nothing_else() {
    let (one, other) = (field("A", FieldType::Text), field("b", FieldType::Text));
    let told = found(Owner::Both, one, other, |flow| flow.sync_key = Some("b".to_owned()));
    assert!(told[0].starts_with("Error flow.companies.fields.A: b of the CRM ties the records"), "{told:?}");
}

#[test]
fn what_a_constant_must_be_is_what_its_field_takes() {
    use FieldType::{Bool, Date, Decimal, Text};
    let told = |ty: FieldType, value: &str, create: Create| {
        found(Owner::Exact, field("A", ty).max_length(3), field("b", FieldType::Text), |flow| {
            flow.rules.retain(|rule| rule.exact != "A");
            flow.create = create;
            flow.create_with(Side::Exact, "A", value);
        })
    };
    for (ty, value, says) in [
        (Text, "abc", ""),
        (Text, "abcd", "more than the 3"),
        (Text, "", "is empty"),
        (Decimal, "1.5", ""),
        (Decimal, "much", "does not take `much`"),
        (Bool, "true", ""),
        (Bool, "yes", "does not take `yes`"),
        (Date, "2026-12-31", ""),
        (Date, "31-12-2026", "does not take"),
    ] {
        let told = told(ty, value, Create::Both);
        assert_eq!(told.is_empty(), says.is_empty(), "{ty:?} {value}: {told:?}");
        assert!(
            told.iter()
                .all(|told| told.starts_with("Error flow.companies.new_in_exact.A: ") && told.contains(says)),
            "{told:?}"
        );
    }
    assert!(told(Text, "a", Create::Crm)[0].starts_with("Note"), "it is made in the CRM alone");
}
