use std::collections::BTreeMap;

use crm_adapters::{Field as SchemaField, FieldType, RecordId, Schema};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::flow::{Division, FieldRule, Flow, Preset, Vendor};
use crate::state::LinkId;

/// Every cell of the merge, and its mirror: the first line that fits a cell or its mirror image decides.
///
/// - base: `.` none, `_` agreed on empty, `a` agreed on `a`
/// - values: `?` not delivered, `_` empty, `v` any value, `=` as the one before it, `*` anything
/// - outcome: who is written (`crm` or `exact`), with what (`other` the other side's value, `_` nothing, `d` the
///   default), and why; `agreed` where only the base moves; `-` nothing at all
const TABLE: &str = "
    base exact crm  owner conflict empty    outcome

    *    ?     *    *     *        *        -
    a    a     =    *     *        *        -
    _    _     =    *     *        *        -
    *    *     =    *     *        *        agreed

    .    v     _    *     *        *        crm other filled
    .    v     v    exact *        *        crm other owner
    .    v     v    both  exact    *        crm other conflict
    .    v     v    both  review   *        ask conflict

    a    v     a    crm   *        *        exact other owner
    a    v     a    *     *        *        crm other changed
    a    _     a    *     *        keep     -
    a    _     a    crm   *        *        exact other owner
    a    _     a    *     *        clear    crm _ changed
    a    _     a    *     *        stop     ask empty
    a    _     a    *     *        default  crm d changed
    _    v     _    crm   *        keep     -
    _    v     _    crm   *        clear    exact _ owner
    _    v     _    crm   *        stop     ask empty
    _    v     _    crm   *        default  exact d owner
    _    v     _    *     *        *        crm other changed

    *    _     v    exact *        keep     -
    *    _     v    *     *        keep     exact other changed
    *    v     v    exact *        *        crm other owner
    *    v     v    both  exact    *        crm other conflict
    *    v     v    both  review   *        ask conflict
    *    _     v    exact *        clear    crm _ owner
    *    _     v    exact *        stop     ask empty
    *    _     v    exact *        default  crm d owner
    *    _     v    crm   *        *        exact other owner
    *    _     v    both  exact    clear    crm _ conflict
    *    _     v    both  exact    stop     ask empty
    *    _     v    both  exact    default  crm d conflict
    *    _     v    both  crm      *        exact other conflict
    *    _     v    both  review   *        ask conflict
";

/// `base exact crm owner conflict empty`
type Cell = [&'static str; 6];

fn lines() -> Vec<Vec<&'static str>> {
    let lines = TABLE.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    lines.filter(|line| !line.is_empty()).skip(1).collect()
}

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for base in [".", "_", "a"] {
        for exact in ["?", "_", "a", "b", "c"] {
            for crm in ["?", "_", "a", "b", "c"] {
                for owner in ["exact", "crm", "both"] {
                    for conflict in ["exact", "crm", "review"] {
                        for empty in ["keep", "clear", "stop", "default"] {
                            cells.push([base, exact, crm, owner, conflict, empty]);
                        }
                    }
                }
            }
        }
    }
    cells
}

fn other(word: &'static str) -> &'static str {
    match word {
        "exact" => "crm",
        "crm" => "exact",
        same => same,
    }
}

fn mirrored([base, exact, crm, owner, conflict, empty]: Cell) -> Cell {
    [base, crm, exact, other(owner), other(conflict), empty]
}

fn fits(line: &[&str], cell: Cell) -> bool {
    line.iter().zip(cell).enumerate().all(|(column, (wanted, is))| match *wanted {
        "*" => true,
        "v" => !["?", "_"].contains(&is),
        "=" => is == cell[column - 1],
        exactly => exactly == is,
    })
}

/// What the table says of a cell.
fn told(lines: &[Vec<&'static str>], cell: Cell) -> String {
    for line in lines {
        let (question, outcome) = line.split_at(6);
        if fits(question, cell) {
            return outcome.join(" ");
        }
        if fits(question, mirrored(cell)) {
            let turned: Vec<_> = outcome
                .iter()
                .enumerate()
                .map(|(at, word)| if at == 0 { other(word) } else { *word })
                .collect();
            return turned.join(" ");
        }
    }
    panic!("no line for {cell:?}")
}

fn schema(fields: &[&str]) -> Schema {
    Schema::new(fields.iter().map(|name| SchemaField::new(*name, *name, FieldType::Text).max_length(20)))
}

/// A flow with a phone number among its fields, whose rule is as told.
fn mapping(phone: impl FnOnce(&mut FieldRule)) -> Mapping {
    let mut flow: Flow = Preset::Companies.flow(Vendor::Pipedrive);
    flow.rules.retain(|rule| ["Name", "ChamberOfCommerce", "Phone"].contains(&rule.exact.as_str()));
    phone(flow.rules.iter_mut().find(|rule| rule.exact == "Phone").unwrap());
    let exact = schema(&["Name", "ChamberOfCommerce", "Phone"]);
    let crm = schema(&["name", "custom:KvK number", "custom:Phone", "custom:Exact ID"]);
    Mapping::resolve(flow, &exact, &crm, false).unwrap().0
}

fn by_rule(owner: &str, conflict: &str, empty: &str) -> Mapping {
    mapping(|rule| {
        rule.owner = match owner {
            "exact" => Owner::Exact,
            "crm" => Owner::Crm,
            _ => Owner::Both,
        };
        rule.on_conflict = match conflict {
            "exact" => OnConflict::Exact,
            "crm" => OnConflict::Crm,
            _ => OnConflict::Review,
        };
        rule.if_empty = match empty {
            "keep" => IfEmpty::Keep,
            "clear" => IfEmpty::Clear,
            "stop" => IfEmpty::Stop,
            _ => IfEmpty::Default("d".to_owned()),
        };
    })
}

fn link() -> Link {
    let mut link = Link::new(LinkId::new(Uuid::nil()), "companies", Division::new(12));
    link.exact = Some(RecordId::new("e1"));
    link.crm = Some(RecordId::new("c1"));
    link
}

fn value(word: &str) -> Value {
    if word == "_" { Value::Null } else { Value::text(word) }
}

fn base(word: &str) -> Link {
    let mut link = link();
    if word != "." {
        let agreed = BaseField { exact: value(word), crm: value(word) };
        link.base.insert("Phone".to_owned(), agreed);
    }
    link
}

fn held(field: &str, word: &str) -> Fields {
    if word == "?" { Fields::new() } else { Fields::new().with(field, value(word)) }
}

fn merged(mapping: &Mapping, link: &Link, exact: &str, crm: &str) -> Merge {
    merge(mapping, &References::default(), link, &held("Phone", exact), &held("custom:Phone", crm))
}

/// What a merge comes to, in the words of the table.
fn outcome(merge: &Merge, exact: &str, crm: &str) -> String {
    let mut words = Vec::new();
    for (side, source) in [(Side::Exact, crm), (Side::Crm, exact)] {
        for write in merge.writes(side) {
            let what = match &write.to {
                Value::Null => "_".to_owned(),
                to if *to == value(source) => "other".to_owned(),
                to => to.to_string(),
            };
            words.push(format!(
                "{} {what} {}",
                side.as_str(),
                serde_json::to_value(write.why).unwrap().as_str().unwrap()
            ));
        }
    }
    for question in &merge.questions {
        words.push(format!("ask {}", serde_json::to_value(question.kind).unwrap().as_str().unwrap()));
    }
    if !merge.agreed.is_empty() {
        words.push("agreed".to_owned());
    }
    if words.is_empty() { "-".to_owned() } else { words.join(", ") }
}

#[test]
fn every_cell_of_the_merge_comes_to_what_the_table_says() {
    let lines = lines();
    for cell in cells() {
        let [was, exact, crm, owner, conflict, empty] = cell;
        let merge = merged(&by_rule(owner, conflict, empty), &base(was), exact, crm);
        assert_eq!(outcome(&merge, exact, crm), told(&lines, cell), "{cell:?}");
    }
}

#[test]
fn every_line_of_the_table_decides_some_cell() {
    let lines = lines();
    let deciding = cells().into_iter().filter_map(|cell| {
        lines.iter().position(|line| fits(&line[..6], cell) || fits(&line[..6], mirrored(cell)))
    });
    let deciding: std::collections::BTreeSet<_> = deciding.collect();
    for (at, line) in lines.iter().enumerate() {
        assert!(deciding.contains(&at), "{line:?}");
    }
}

#[test]
fn values_that_are_the_same_in_another_spelling_agree_as_each_side_spells_them() {
    let mapping = mapping(|_| ());
    let (exact, crm) = (Value::text("1703 7842"), Value::text("17037842"));
    let fields = |name: &str, value: &Value| Fields::new().with(name, value.clone());
    let merge = merge(
        &mapping,
        &References::default(),
        &link(),
        &fields("ChamberOfCommerce", &exact),
        &fields("custom:KvK number", &crm),
    );
    assert_eq!(merge.agreed, [("ChamberOfCommerce".to_owned(), BaseField { exact, crm })]);
    assert!(merge.settled());
}

#[test]
fn an_answer_counts_for_the_values_it_was_given_for() {
    let (b, c) = (value("b"), value("c"));
    let take = |side| Answer::Take { side, exact: b.clone(), crm: c.clone() };
    let own = Answer::Value { value: value("x"), exact: b.clone(), crm: c.clone() };
    let skip = Answer::Skip { exact: b.clone(), crm: c.clone() };
    for (answer, exact, crm, told) in [
        (take(Side::Exact), "b", "c", "crm other answer"),
        (take(Side::Crm), "b", "c", "exact other answer"),
        (take(Side::Exact), "z", "c", "ask conflict"),
        (take(Side::Exact), "b", "z", "ask conflict"),
        (own.clone(), "b", "c", "exact x answer, crm x answer"),
        (own.clone(), "x", "c", "crm other answer"),
        (own.clone(), "b", "x", "exact other answer"),
        (own.clone(), "x", "x", "agreed"),
        (own.clone(), "z", "c", "ask conflict"),
        (own, "b", "z", "ask conflict"),
        (skip.clone(), "b", "c", "-"),
        (skip, "z", "c", "ask conflict"),
    ] {
        let mut link = base("a");
        link.answers.insert("Phone".to_owned(), answer.clone());
        let merge = merged(&by_rule("both", "review", "keep"), &link, exact, crm);
        assert_eq!(outcome(&merge, exact, crm), told, "{answer:?} with {exact} and {crm}");
    }
}

#[test]
fn a_value_that_the_other_side_would_not_take_is_asked_about_and_not_written() {
    let long = "x".repeat(21);
    let merge = merged(&by_rule("both", "review", "keep"), &base("a"), &long, "a");
    assert_eq!(outcome(&merge, &long, "a"), "ask rejected");
    assert!(merge.questions[0].message.contains("21 characters, 20 are allowed"), "{:?}", merge.questions);

    let mut mapping = by_rule("both", "review", "keep");
    let phone = mapping.rules.iter_mut().find(|one| one.rule.exact == "Phone").unwrap();
    phone.crm.options = vec!["Red".to_owned(), "Green".to_owned()];
    assert_eq!(outcome(&merged(&mapping, &base("a"), "blue", "a"), "blue", "a"), "ask rejected");
    assert_eq!(outcome(&merged(&mapping, &base("a"), "red", "a"), "red", "a"), "crm other changed");

    let mut mapping = by_rule("both", "review", "keep");
    let phone = mapping.rules.iter_mut().find(|one| one.rule.exact == "Phone").unwrap();
    phone.crm.ty = FieldType::Decimal;
    assert_eq!(outcome(&merged(&mapping, &base("a"), "020 1", "a"), "020 1", "a"), "ask rejected");
    assert_eq!(outcome(&merged(&mapping, &base("a"), "201", "a"), "201", "a"), "crm other changed");
}

#[test]
fn a_field_that_only_the_vendor_writes_is_never_written_and_always_counts() {
    for owner in ["exact", "crm", "both"] {
        let mut mapping = by_rule(owner, "review", "keep");
        let phone = mapping.rules.iter_mut().find(|one| one.rule.exact == "Phone").unwrap();
        phone.exact.writable = false;
        for (was, exact, crm, told) in [
            (".", "_", "b", "-"),
            (".", "b", "_", "crm other filled"),
            (".", "b", "c", "crm other owner"),
            ("a", "a", "b", "crm other owner"),
            ("a", "b", "a", "crm other changed"),
            ("a", "b", "c", "crm other owner"),
        ] {
            let merge = merged(&mapping, &base(was), exact, crm);
            assert_eq!(outcome(&merge, exact, crm), told, "{owner}: {was} {exact} {crm}");
        }
    }
}

#[test]
fn a_figure_that_exact_does_not_have_is_emptied_in_the_crm_from_the_first_sight_on() {
    let mut mapping = by_rule("exact", "review", "clear");
    mapping.rules.iter_mut().find(|one| one.rule.exact == "Phone").unwrap().exact.writable = false;
    for was in [".", "_", "a"] {
        assert_eq!(outcome(&merged(&mapping, &base(was), "_", "b"), "_", "b"), "crm _ owner", "{was}");
    }
}

#[test]
fn the_sync_key_is_written_where_it_is_ours_to_write() {
    let mapping = mapping(|_| ());
    for (key, written) in [
        (Some(Value::Null), true),
        (Some(Value::text("12:e1")), false),
        (Some(Value::text("12:e9")), true),
        (Some(Value::text("123:e1")), false),
        (Some(Value::text("what somebody typed")), false),
        (None, false),
    ] {
        let mut crm = Fields::new();
        if let Some(key) = &key {
            crm.set("custom:Exact ID", key.clone());
        }
        let merge = merge(&mapping, &References::default(), &link(), &Fields::new(), &crm);
        let told: Vec<_> = merge.crm.iter().map(|write| (write.to.clone(), write.why)).collect();
        let wanted = if written { vec![(Value::text("12:e1"), Why::Key)] } else { Vec::new() };
        assert_eq!(told, wanted, "{key:?}");
    }
}

/// One of a few texts, so that they often meet.
fn text() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", "a", "b", " b ", "C", "a long text of many words"]).prop_map(str::to_owned)
}

fn rule() -> impl Strategy<Value = Mapping> {
    let words = |words: &[&'static str]| prop::sample::select(words.to_vec());
    (
        words(&["exact", "crm", "both"]),
        words(&["exact", "crm", "review"]),
        words(&["keep", "clear", "stop", "default"]),
    )
        .prop_map(|(owner, conflict, empty)| by_rule(owner, conflict, empty))
}

fn linked() -> impl Strategy<Value = Link> {
    (prop::option::of((text(), text())), prop::option::of((0..4_u8, text(), text(), text()))).prop_map(
        |(agreed, answer)| {
            let mut link = link();
            let value = |text: &String| Value::text(text);
            let agreed = agreed.map(|(exact, crm)| BaseField { exact: value(&exact), crm: value(&crm) });
            link.base = agreed.map(|agreed| ("Phone".to_owned(), agreed)).into_iter().collect();
            let answer = answer.map(|(what, one, exact, crm)| {
                let (exact, crm) = (value(&exact), value(&crm));
                match what {
                    0 => Answer::Take { side: Side::Exact, exact, crm },
                    1 => Answer::Take { side: Side::Crm, exact, crm },
                    2 => Answer::Value { value: value(&one), exact, crm },
                    _ => Answer::Skip { exact, crm },
                }
            });
            link.answers = answer.map(|answer| ("Phone".to_owned(), answer)).into_iter().collect();
            link
        },
    )
}

/// Carries out what a merge says as a run does: one side at a time, and what was written becomes the base.
fn carry_out(merge: &Merge, link: &mut Link, sides: &mut BTreeMap<Side, Fields>) -> bool {
    link.base.extend(merge.agreed.iter().cloned());
    let Some(side) = [Side::Exact, Side::Crm].into_iter().find(|side| !merge.writes(*side).is_empty()) else {
        return false;
    };
    for write in merge.writes(side) {
        sides.get_mut(&side).unwrap().set(write.field.clone(), write.to.clone());
        let (to, source) = (write.to.clone(), write.source.clone());
        let (exact, crm) = if side == Side::Exact { (to, source) } else { (source, to) };
        link.base.insert(write.rule.clone(), BaseField { exact, crm });
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn after_what_a_merge_says_is_done_there_is_nothing_left_to_write(
        mapping in rule(), mut link in linked(), exact in text(), crm in text(),
    ) {
        let mut sides = BTreeMap::from([
            (Side::Exact, Fields::new().with("Phone", exact)),
            (Side::Crm, Fields::new().with("custom:Phone", crm)),
        ]);
        let mut rounds = 0;
        loop {
            let once = merge(&mapping, &References::default(), &link, &sides[&Side::Exact], &sides[&Side::Crm]);
            prop_assert_eq!(&once, &merge(&mapping, &References::default(), &link, &sides[&Side::Exact], &sides[&Side::Crm]));
            if !carry_out(&once, &mut link, &mut sides) {
                break;
            }
            rounds += 1;
            prop_assert!(rounds <= 2, "still writing: {once:?}");
        }
        let last = merge(&mapping, &References::default(), &link, &sides[&Side::Exact], &sides[&Side::Crm]);
        prop_assert!(last.exact.is_empty() && last.crm.is_empty() && last.agreed.is_empty(), "{last:?}");
    }

    #[test]
    fn a_write_never_invents_a_value(
        mapping in rule(), link in linked(), exact in text(), crm in text(),
    ) {
        let (exact, crm) = (Value::text(exact), Value::text(crm));
        let merge = merge(
            &mapping,
            &References::default(),
            &link,
            &Fields::new().with("Phone", exact.clone()),
            &Fields::new().with("custom:Phone", crm.clone()),
        );
        let rule = mapping.flow.rule("Phone").unwrap();
        for write in merge.exact.iter().chain(&merge.crm) {
            let stands = write.to == exact || write.to == crm;
            let by_rule = rule.if_empty == IfEmpty::Default(write.to.to_string());
            let answered = matches!(link.answers.get("Phone"), Some(Answer::Value { value, .. }) if *value == write.to);
            prop_assert!(stands || by_rule || answered, "{write:?}");
            let clears = write.to.is_empty() && write.why != Why::Answer;
            prop_assert!(!clears || rule.if_empty == IfEmpty::Clear, "{write:?}");
        }
    }
}

#[test]
fn a_transformed_field_is_the_same_in_two_words_and_is_written_in_the_others() {
    let steps = r#"[{"phone":"NL"}]"#;
    let mapping = mapping(|rule| rule.transform = serde_json::from_str(steps).unwrap());
    let told = |exact: &str, crm: &str| {
        let exact = Fields::new().with("Phone", exact);
        let crm = Fields::new().with("custom:Phone", crm);
        merge(&mapping, &References::default(), &link(), &exact, &crm)
    };
    assert!(told("020-1234567", "+31201234567").settled(), "one number in two notations");
    let filled = told("020-1234567", "");
    assert_eq!(filled.crm[0].to, Value::text("+31201234567"));
    assert_eq!(filled.crm[0].source, Value::text("020-1234567"), "as it stands in Exact");
    assert_eq!(told("", "010 123 45 67").exact[0].to, Value::text("+31101234567"));
}

#[test]
fn what_a_transform_cannot_say_on_the_other_side_is_asked_about() {
    let steps = r#"[{"lookup":{"C":"Klant"}}]"#;
    let mapping = mapping(|rule| rule.transform = serde_json::from_str(steps).unwrap());
    let exact = Fields::new().with("Phone", "S");
    let crm = Fields::new().with("custom:Phone", Value::Null);
    let merge = merge(&mapping, &References::default(), &link(), &exact, &crm);
    assert!(merge.crm.is_empty());
    assert_eq!(merge.questions[0].kind, IssueKind::Rejected);
    assert!(merge.questions[0].message.contains("`S` is not in the table"), "{}", merge.questions[0].message);
}
