use crm_adapters::{Field, FieldType, Schema, Value};

use super::*;
use crate::flow::{Division, Preset, Vendor};
use crate::state::Feed;

/// One record of a scene: `e1 kvk=1 vat=2 name=Bakker linked`, or `ended` where its link is.
struct Figure {
    side: Side,
    id: RecordId,
    fields: Fields,
    link: Option<LinkState>,
}

const DIVISION: u32 = 12;

fn mapping(without_identity: WithoutIdentity) -> Mapping {
    let mut flow = Preset::Companies.flow(Vendor::Pipedrive);
    flow.rules
        .retain(|rule| ["Name", "ChamberOfCommerce", "VATNumber", "Email"].contains(&rule.exact.as_str()));
    flow.identity.push("Email".to_owned());
    flow.without_identity = without_identity;
    let schema =
        |names: &[&str]| Schema::new(names.iter().map(|name| Field::new(*name, *name, FieldType::Text)));
    let exact = schema(&["Name", "ChamberOfCommerce", "VATNumber", "Email"]);
    let crm = schema(&["name", "custom:KvK number", "custom:VAT number", "custom:Email", "custom:Exact ID"]);
    Mapping::resolve(flow, &exact, &crm, false).unwrap().0
}

/// The records of a scene; those of Exact have ids with `e`.
fn scene(text: &str) -> Vec<Figure> {
    let figure = |line: &str| {
        let mut words = line.split_whitespace();
        let id = words.next().unwrap();
        let side = if id.starts_with('e') { Side::Exact } else { Side::Crm };
        let mut figure = Figure { side, id: RecordId::new(id), fields: Fields::new(), link: None };
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                figure.link = match word {
                    "linked" => Some(LinkState::Live),
                    "ended" => Some(LinkState::Ended(side.other())),
                    other => panic!("{other}"),
                };
                continue;
            };
            let name = match (name, side) {
                ("kvk", Side::Exact) => "ChamberOfCommerce",
                ("kvk", Side::Crm) => "custom:KvK number",
                ("vat", Side::Exact) => "VATNumber",
                ("vat", Side::Crm) => "custom:VAT number",
                ("mail", Side::Exact) => "Email",
                ("mail", Side::Crm) => "custom:Email",
                ("name", Side::Exact) => "Name",
                ("name", Side::Crm) => "name",
                ("key", Side::Crm) => "custom:Exact ID",
                other => panic!("{other:?}"),
            };
            figure.fields.set(name, Value::text(value));
        }
        figure
    };
    text.split(',').map(|line| figure(line.trim())).collect()
}

fn values(mapping: &Mapping, figure: &Figure) -> Vec<(String, String)> {
    let feed = Feed::of("companies", figure.side, Division::new(DIVISION));
    let keys = mapping.keys(&feed, &figure.id, &figure.fields).into_iter();
    keys.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What is decided about the first record of a scene, in a word.
fn decided(mapping: &Mapping, scene: &[Figure], creatable: bool, insisted: bool) -> String {
    let first = &scene[0];
    let sharing = |with: &Figure, side: Side| -> Vec<Candidate<'_>> {
        let wanted = values(mapping, with);
        let shares = |one: &&Figure| {
            one.side == side
                && one.id != with.id
                && values(mapping, one).iter().any(|value| wanted.contains(value))
        };
        scene.iter().filter(shares).map(|one| Candidate::new(&one.id, &one.fields, one.link)).collect()
    };
    let side = first.side;
    let candidates = sharing(first, side.other());
    let figure = |id: &RecordId| scene.iter().find(|one| one.id == *id).unwrap();
    let name = mapping.name(side, &first.fields);
    let namesake =
        |one: &&Figure| one.side != side && name.is_some() && mapping.name(one.side, &one.fields) == name;
    let record = Candidate::new(&first.id, &first.fields, None);
    let situation = Situation {
        side,
        record: &record,
        twins: sharing(first, side),
        rivals: candidates.iter().map(|one| sharing(figure(one.id), side)).collect(),
        candidates,
        namesakes: scene.iter().filter(namesake).map(|one| &one.id).collect(),
        creatable,
        insisted,
    };
    match decide(mapping, &situation) {
        Decision::Link(id) => format!("link {id}"),
        Decision::Ask(_) => "ask".to_owned(),
        other => format!("{other:?}").to_lowercase(),
    }
}

#[test]
fn a_record_is_linked_only_to_the_one_that_is_certainly_the_same() {
    for (text, told) in [
        // one to one
        ("e1 kvk=1, c1 kvk=1", "link c1"),
        ("c1 kvk=1, e1 kvk=1", "link e1"),
        ("e1 vat=NL1, c1 vat=nl.1", "link c1"),
        ("e1 kvk=1 vat=1, c1 kvk=1", "link c1"),
        ("e1 kvk=1 vat=1, c1 kvk=1 vat=1, e2 kvk=2, c2 kvk=2", "link c1"),
        // by the sync key
        ("e1 name=A, c1 key=12:e1", "link c1"),
        ("c1 key=12:e1, e1 name=A", "link e1"),
        ("e1 name=A, c1 key=123:e1", "create"),
        ("e1 kvk=1, c1 kvk=2 key=12:e1", "create"),
        // nothing is the same
        ("e1 kvk=1", "create"),
        ("e1 kvk=1, c1 kvk=2", "create"),
        ("e1 kvk=1, c1 vat=1", "create"),
        // never by name
        ("e1 kvk=1 name=Bakker, c1 name=Bakker", "create"),
        ("e1 kvk=1 name=Bakker, c1 kvk=2 name=Bakker", "create"),
        ("e1 name=Bakker, c1 name=Bakker", "ask"),
        ("e1 name=Bakker, c1 name=Bakker kvk=1", "ask"),
        ("e1 name=Bakker, c1 name=BAKKER-B.V.", "ask"),
        ("e1 name=Bakker, c1 name=Slager", "create"),
        ("e1 name=Bakker", "create"),
        // the same VAT number under another KvK number: two companies
        ("e1 kvk=1 vat=9, c1 kvk=2 vat=9", "create"),
        ("e1 kvk=1 vat=9, e2 kvk=2 vat=9, c1 kvk=1 vat=9", "link c1"),
        ("e1 kvk=1 vat=9, c1 kvk=2 vat=9, c2 kvk=1", "link c2"),
        // an e-mail address ties, and another one says nothing where a stronger field is the same
        ("e1 mail=a@b.nl, c1 mail=A@B.nl", "link c1"),
        ("e1 kvk=1 mail=a@b.nl, c1 kvk=1 mail=c@d.nl", "link c1"),
        ("e1 kvk=1 mail=a@b.nl, c1 kvk=2 mail=a@b.nl", "create"),
        ("e1 kvk=1 vat=8 mail=a@b.nl, c1 kvk=1 vat=9 mail=a@b.nl", "create"),
        // twins
        ("e1 kvk=1, e2 kvk=1", "ask"),
        ("e1 kvk=1, e2 kvk=1, c1 kvk=1", "ask"),
        ("c1 kvk=1, e1 kvk=1, e2 kvk=1", "wait"),
        ("e1 kvk=1, c1 kvk=1, c2 kvk=1", "wait"),
        ("e1 kvk=1, c1 kvk=1, c2 kvk=1 linked", "ask"),
        // taken already
        ("e1 kvk=1, c1 kvk=1 linked", "ask"),
        ("e1 kvk=1, c1 kvk=1 ended", "ask"),
        ("c1 kvk=1, e1 kvk=1 ended", "ask"),
        ("e1 kvk=1, c1 kvk=1, c2 kvk=1 ended", "ask"),
        ("e1 kvk=1, e2 kvk=1 linked, c1 kvk=1 linked", "ask"),
        // several by different fields
        ("e1 kvk=1 vat=9, c1 kvk=1, c2 vat=9", "ask"),
        // two of this side for one of the other
        ("e1 kvk=1, e2 vat=9, c1 kvk=1 vat=9", "ask"),
        ("e1 kvk=1, e2 kvk=2 vat=9, c1 kvk=1 vat=9", "link c1"),
    ] {
        assert_eq!(decided(&mapping(WithoutIdentity::Create), &scene(text), true, false), told, "{text}");
    }
}

#[test]
fn a_record_that_may_not_be_created_is_left_and_still_linked() {
    for (text, told) in
        [("e1 kvk=1", "leave"), ("e1 name=A, c1 name=A", "leave"), ("e1 kvk=1, c1 kvk=1", "link c1")]
    {
        assert_eq!(decided(&mapping(WithoutIdentity::Create), &scene(text), false, false), told, "{text}");
    }
}

#[test]
fn a_record_without_identity_becomes_a_question_where_the_flow_says_so() {
    for (text, told) in [("e1 name=A", "ask"), ("e1 kvk=1", "create"), ("e1 name=A, c1 key=12:e1", "link c1")]
    {
        assert_eq!(decided(&mapping(WithoutIdentity::Issue), &scene(text), true, false), told, "{text}");
    }
}

#[test]
fn a_record_that_a_person_insists_on_is_created_whatever_looks_like_it() {
    for text in ["e1 kvk=1, e2 kvk=1", "e1 kvk=1, c1 kvk=1", "e1 name=A, c1 name=A"] {
        assert_eq!(decided(&mapping(WithoutIdentity::Issue), &scene(text), true, true), "create", "{text}");
    }
}

#[test]
fn no_two_records_are_linked_to_one_and_what_one_side_links_the_other_never_creates() {
    let numbers = ["", "1", "2"];
    let mapping = mapping(WithoutIdentity::Create);
    // Every pair of Exact records and every pair of CRM records over two numbers each.
    let all: Vec<String> = numbers
        .iter()
        .flat_map(|kvk| numbers.iter().map(move |vat| format!("kvk={kvk} vat={vat}")))
        .collect();
    for e1 in &all {
        for e2 in &all {
            for c1 in &all {
                for c2 in &all {
                    let decide = |first: &str, rest: &str| {
                        decided(&mapping, &scene(&format!("{first}, {rest}")), true, false)
                    };
                    let (e1, e2, c1, c2) =
                        (format!("e1 {e1}"), format!("e2 {e2}"), format!("c1 {c1}"), format!("c2 {c2}"));
                    let one = decide(&e1, &format!("{e2}, {c1}, {c2}"));
                    if one.starts_with("link") {
                        let two = decide(&e2, &format!("{e1}, {c1}, {c2}"));
                        assert_ne!(one, two, "{e1} / {e2} / {c1} / {c2}");
                    }
                    if one == "link c1" {
                        let back = decide(&c1, &format!("{c2}, {e1}, {e2}"));
                        // It may have a twin by a number that `e1` lacks; then it asks, should it come first.
                        assert!(back == "link e1" || back == "ask", "{e1} / {e2} / {c1} / {c2}: {back}");
                    }
                }
            }
        }
    }
}
