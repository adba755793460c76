//! What a step can say. What is not here is refused.

use std::time::Duration;

use crm_adapters::Kind;
use sync_core::flow::Preset;

use crate::script::Table;
use crate::setting::setting;
use crate::step::{Accident, Action, Answer, Expectation, Listing, Pair, Place, Ref, Row, Stage, Step};

/// A word of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A plain word.
    W(&'a str),
    /// Something in quotes.
    Q(&'a str),
    At(Place),
}

use Token::{At, Q, W};

/// Understands a step.
///
/// # Errors
/// Says what it does not understand.
pub(crate) fn parse(text: &str, table: Table) -> Result<Step, String> {
    let tokens = tokens(text)?;
    let mut table = Some(table);
    let step = setting(&tokens, &mut table)?.map(Step::Set);
    let step = match step {
        None => action(&tokens, &mut table)?.map(Step::Do),
        step => step,
    };
    let step = match step {
        None => expectation(&tokens, &mut table)?.map(Step::Expect),
        step => step,
    };
    let step = step.ok_or_else(|| format!("`{text}` is no step that README.md knows"))?;
    match table {
        Some(rows) if !rows.is_empty() => Err("this step takes no table".to_owned()),
        _ => Ok(step),
    }
}

fn tokens(text: &str) -> Result<Vec<Token<'_>>, String> {
    let mut tokens = Vec::new();
    for (at, piece) in text.split('"').enumerate() {
        if at % 2 == 1 {
            tokens.push(Q(piece));
            continue;
        }
        tokens.extend(piece.split_whitespace().map(|word| word.trim_end_matches([':', ','])).filter_map(
            |word| match word {
                "" => None,
                "Exact" => Some(At(Place::Exact(1))),
                word => Some(W(word)),
            },
        ));
    }
    if text.matches('"').count() % 2 == 1 {
        return Err("a quotation mark is missing".to_owned());
    }
    Ok(placed(tokens))
}

/// Joins `the CRM`, and `Exact 2`.
fn placed(tokens: Vec<Token<'_>>) -> Vec<Token<'_>> {
    let mut placed = Vec::new();
    for token in tokens {
        match (placed.last(), &token) {
            (Some(W("the")), W("CRM")) => {
                placed.pop();
                placed.push(At(Place::Crm));
            }
            (Some(At(Place::Exact(1))), W(number)) if number.parse::<usize>().is_ok() => {
                placed.pop();
                placed.push(At(Place::Exact(number.parse().unwrap_or(1))));
            }
            _ => placed.push(token),
        }
    }
    placed
}

fn action(tokens: &[Token<'_>], table: &mut Option<Table>) -> Result<Option<Action>, String> {
    let text = |name: &&str| (*name).to_owned();
    let (places, rest) = match tokens {
        [W("in"), At(place), rest @ ..] => (vec![*place], rest),
        [W("on"), W("both"), W("sides"), rest @ ..] => (vec![Place::Exact(1), Place::Crm], rest),
        rest => return happening(rest),
    };
    let place = places[0];
    Ok(Some(match rest {
        [W("the"), W("price"), W("list"), Q(list), W(verb @ ("gives" | "offers")), days @ ..] => {
            let (from, until) = match days {
                [] => (None, None),
                [W("from"), W(from)] => (Some(text(from)), None),
                [W("until"), W(until)] => (None, Some(text(until))),
                [W("from"), W(from), W("until"), W(until)] => (Some(text(from)), Some(text(until))),
                _ => return Ok(None),
            };
            let listing = Listing { list: text(list), offer: *verb == "offers", from, until };
            Action::ListPrices { place, listing, rows: rows(table)? }
        }
        [W("the"), W(word), Q(name), of @ ..] => {
            let of = match of {
                [] => None,
                [W("of" | "to"), Q(of)] => Some(text(of)),
                _ => return Ok(None),
            };
            Action::Enter { places, kind: kind(word)?, name: text(name), of, fields: pairs(table)? }
        }
        [Q(name), W("is"), W("changed")] => {
            Action::Change { places, name: text(name), fields: pairs(table)? }
        }
        [Q(name), W("is"), W("deleted")] => Action::Delete { place, name: text(name) },
        [Q(name), W("is"), W("merged"), W("into"), Q(into)] => {
            Action::Merge { place, name: text(name), into: text(into) }
        }
        [Q(name), W("moves"), W("to"), Q(company)] => {
            Action::Join { place, name: text(name), company: text(company), too: false }
        }
        [Q(name), W("joins"), Q(company), W("too")] => {
            Action::Join { place, name: text(name), company: text(company), too: true }
        }
        [Q(name), W("is"), W("anonymised")] => Action::Anonymise { place, name: text(name) },
        [Q(name), W("gets"), W("the"), W("price"), W("list"), Q(list)] => {
            Action::BuyByList { place, name: text(name), list: text(list) }
        }
        [Q(name), W("gets"), W("the"), W("lines")] => {
            Action::Lines { place, name: text(name), rows: rows(table)? }
        }
        [Q(name), W("gets"), W(amount), W(unit), W("off")] => {
            let amount = text(amount);
            Action::Discount { place, name: text(name), amount, percent: *unit == "percent" }
        }
        [Q(name), W("costs"), W(price), rest @ ..] => {
            let (of, from) = match rest {
                [] => (None, None),
                [W("for"), Q(of)] => (Some(text(of)), None),
                [W("from"), W(day)] => (None, Some(text(day))),
                _ => return Ok(None),
            };
            Action::Price { place, name: text(name), price: text(price), of, from }
        }
        [Q(name), W("is"), W("sent"), W("the"), W("invoice"), Q(invoice), reference @ ..] => Action::Bill {
            place,
            name: text(name),
            invoice: text(invoice),
            credit: false,
            reference: refers(reference)?,
            rows: rows(table)?,
        },
        [Q(name), W("is"), W("sent"), W("the"), W("credit"), W("note"), Q(note), reference @ ..] => {
            Action::Bill {
                place,
                name: text(name),
                invoice: text(note),
                credit: true,
                reference: refers(reference)?,
                rows: rows(table)?,
            }
        }
        [W("the"), W("field"), field @ .., W("of"), W(kinds), W("becomes"), W("a"), W("number")] => {
            Action::Retype { kind: kind(kinds)?, field: words(field)? }
        }
        [Q(name), W("is"), W("won")] => Action::Stage { name: text(name), stage: Stage::Won },
        [Q(name), W("is"), W("lost")] => Action::Stage { name: text(name), stage: Stage::Lost },
        [Q(name), W("is"), W("opened"), W("again")] => Action::Stage { name: text(name), stage: Stage::Open },
        [Q(name), W("is"), W("delivered")] => Action::Deliver { place, name: text(name), rows: Vec::new() },
        [Q(name), W("is"), W("delivered"), W("in"), W("part")] => {
            Action::Deliver { place, name: text(name), rows: rows(table)? }
        }
        [Q(name), W("is"), W("invoiced"), W("as"), Q(invoice)] => {
            Action::Invoice { place, name: text(name), invoice: text(invoice), ordered: false }
        }
        [Q(name), W("is"), W("invoiced"), W("before"), W("delivery"), W("as"), Q(invoice)] => {
            Action::Invoice { place, name: text(name), invoice: text(invoice), ordered: true }
        }
        [Q(name), W("is"), W("paid")] => Action::Pay { place, name: text(name), amount: None },
        [Q(name), W("is"), W("paid"), W(amount)] => {
            Action::Pay { place, name: text(name), amount: Some(text(amount)) }
        }
        [Q(name), W("is"), W("no"), W("longer"), W("paid")] => Action::Unpay { place, name: text(name) },
        [Q(name), W("is"), W("written"), W("off")] => Action::WriteOff { place, name: text(name) },
        [Q(name), W("is"), W("credited"), W("as"), Q(note)] => {
            Action::Credit { place, name: text(name), note: text(note), rows: Vec::new() }
        }
        [Q(name), W("is"), W("credited"), W("in"), W("part"), W("as"), Q(note)] => {
            Action::Credit { place, name: text(name), note: text(note), rows: rows(table)? }
        }
        [W(amount), W("of"), Q(name), W("is"), W("put"), W("off"), W("by"), W(days), W("days")] => {
            Action::PutOff { place, name: text(name), amount: text(amount), days: number(days)? }
        }
        [Q(name), W("is"), W("accepted")] => Action::Reply { place, name: text(name), accepted: true },
        [Q(name), W("is"), W("rejected")] => Action::Reply { place, name: text(name), accepted: false },
        [Q(name), W("is"), W("proposed")] => Action::Stage { name: text(name), stage: Stage::Proposed },
        [Q(name), W("is"), W("closed")] => Action::Close { place, name: text(name) },
        [W("matched"), W("terms"), W("go"), W("on"), W("showing"), W("their"), W("amount")] => {
            Action::Accident { place, accident: Accident::KeptAmounts }
        }
        _ => return Ok(None),
    }))
}

/// What happens at no record: time, the engine, accidents, answers.
fn happening(tokens: &[Token<'_>]) -> Result<Option<Action>, String> {
    Ok(Some(match tokens {
        [W("the"), W("engine"), W("runs")] | [W("the"), W("engine"), W("has"), W("run")] => {
            Action::Run { yes: false }
        }
        [W("the"), W("engine"), W("runs"), W("past"), W("its"), W("brakes")] => Action::Run { yes: true },
        [W("the"), W("engine"), W("is"), W("started"), W("anew")] => Action::Restart,
        [W("the"), W("next"), W("day"), W("comes")] => Action::Wait(days(1)),
        [W(count), W("days"), W("pass")] => Action::Wait(days(number(count)?)),
        [W(count), W("minutes"), W("pass")] => {
            Action::Wait(Duration::from_secs(60 * u64::from(number(count)?)))
        }
        [
            W("the"),
            W("answer"),
            W("to"),
            W("the"),
            W("next"),
            W("create"),
            W("in"),
            At(place),
            W("is"),
            W("lost"),
        ] => Action::Accident { place: *place, accident: Accident::AnswerLost },
        [At(place), W("refuses"), W("the"), W("next"), W("write"), W("with"), Q(words)] => {
            Action::Accident { place: *place, accident: Accident::Refused((*words).to_owned()) }
        }
        [At(place), W("drops"), field @ .., W("without"), W("a"), W("word")] => {
            Action::Accident { place: *place, accident: Accident::Dropped(words(field)?) }
        }
        [W("the"), W("issue"), W("about"), about @ .., W("is"), W("answered"), W("take"), At(place)] => {
            Action::Answer { field: words(about)?, answer: Answer::Take(place.side()) }
        }
        [W("the"), W("issue"), W("about"), about @ .., W("is"), W("answered"), W("value"), Q(value)] => {
            Action::Answer { field: words(about)?, answer: Answer::Value((*value).to_owned()) }
        }
        [W("the"), W("issue"), W("about"), about @ .., W("is"), W("answered"), W("skip")] => {
            Action::Answer { field: words(about)?, answer: Answer::Skip }
        }
        [W("the"), W("issue"), W("about"), about @ .., W("is"), W("answered"), W("create")] => {
            Action::Answer { field: words(about)?, answer: Answer::Create }
        }
        [
            W("the"),
            W("issue"),
            W("about"),
            about @ ..,
            W("is"),
            W("answered"),
            W("link"),
            Q(exact),
            W("with"),
            Q(crm),
        ] => {
            let (exact, crm) = ((*exact).to_owned(), (*crm).to_owned());
            Action::Answer { field: words(about)?, answer: Answer::Link { exact, crm } }
        }
        _ => return Ok(None),
    }))
}

fn expectation(tokens: &[Token<'_>], table: &mut Option<Table>) -> Result<Option<Expectation>, String> {
    let text = |name: &&str| (*name).to_owned();
    Ok(Some(match tokens {
        [W("in"), At(place), Q(name), W("has")] => {
            Expectation::Has { place: *place, name: text(name), fields: some(pairs(table)?)? }
        }
        [W("in"), At(place), Q(name), W("has"), W("the"), W("lines")] => {
            Expectation::HasLines { place: *place, name: text(name), rows: rows(table)? }
        }
        [W("in"), At(place), Q(name), W("is"), W("gone")] => {
            Expectation::Gone { place: *place, name: text(name) }
        }
        [W("in"), At(place), W("there"), W("is" | "are"), W(count), W(kinds)] => {
            let count = if *count == "no" { 0 } else { number(count)? as usize };
            Expectation::Count { place: *place, kind: kind(kinds)?, count }
        }
        [W("in"), At(Place::Crm), Q(name), W("is"), W("at"), W("the"), W("stage"), W("for"), W(stage)] => {
            let stage = match *stage {
                "proposed" => Stage::Proposed,
                "accepted" => Stage::Accepted,
                "rejected" => Stage::Rejected,
                other => return Err(format!("there is no stage for `{other}`")),
            };
            Expectation::At { name: text(name), stage }
        }
        [W("there"), W("is"), W("an"), W("issue"), W("about"), about @ .., Q(says)] => {
            let about = match about {
                [Q(name)] => text(name),
                about => words(about)?,
            };
            Expectation::Issue { about, says: text(says) }
        }
        [W("there"), W("is"), W("no"), W("issue")] => Expectation::NoIssue,
        [W("the"), W("last"), W("run"), W("wrote"), W("nothing")] => {
            Expectation::Wrote { side: None, records: 0 }
        }
        [W("the"), W("last"), W("run"), W("wrote"), W("nothing"), W("to"), At(place)] => {
            Expectation::Wrote { side: Some(place.side()), records: 0 }
        }
        [
            W("the"),
            W("last"),
            W("run"),
            W("wrote"),
            W(count),
            W("record" | "records"),
            W("to"),
            At(place),
        ] => Expectation::Wrote { side: Some(place.side()), records: number(count)?.into() },
        [W("the"), W("brake"), W("stops"), flow] => Expectation::Brake { flow: preset(flow)? },
        [W("the"), W("run"), W("reports"), Q(says)] => Expectation::Reports(text(says)),
        _ => return Ok(None),
    }))
}

/// What an invoice refers to.
fn refers(tokens: &[Token<'_>]) -> Result<Option<Ref>, String> {
    match tokens {
        [] => Ok(None),
        [W("for"), Q(deal)] => Ok(Some(Ref::Deal((*deal).to_owned()))),
        [W("with"), W("the"), W("reference"), Q(text)] => Ok(Some(Ref::Text((*text).to_owned()))),
        _ => Err("an invoice is `for \"a deal\"`, or `with the reference \"D-7\"`".to_owned()),
    }
}

pub(crate) fn preset(token: &Token<'_>) -> Result<Preset, String> {
    let named = |word: &str| Preset::ALL.into_iter().find(|preset| preset.as_str() == word);
    match token {
        W(word) => named(word).ok_or_else(|| format!("`{word}` is no flow")),
        _ => Err("a flow is a plain word".to_owned()),
    }
}

pub(crate) fn kind(word: &str) -> Result<Kind, String> {
    Ok(match word {
        "company" | "companies" => Kind::Company,
        "contact" | "contacts" => Kind::Contact,
        "product" | "products" => Kind::Product,
        "deal" | "deals" => Kind::Deal,
        "order" | "orders" => Kind::Order,
        "quotation" | "quotations" => Kind::Quotation,
        "invoice" | "invoices" => Kind::Invoice,
        other => return Err(format!("`{other}` is no kind of record")),
    })
}

/// The words of a field's name.
pub(crate) fn words(tokens: &[Token<'_>]) -> Result<String, String> {
    let words: Option<Vec<&str>> = tokens
        .iter()
        .map(|token| match token {
            W(word) => Some(*word),
            Q(name) => Some(*name),
            At(Place::Exact(1)) => Some("Exact"),
            At(_) => None,
        })
        .collect();
    let words = words.map(|words| words.join(" ")).filter(|words| !words.is_empty());
    words.ok_or_else(|| "the name of a field is missing".to_owned())
}

pub(crate) fn number(word: &str) -> Result<u32, String> {
    word.parse().map_err(|_| format!("`{word}` is no number"))
}

fn days(count: u32) -> Duration {
    Duration::from_secs(24 * 60 * 60 * u64::from(count))
}

/// A table of words and values.
pub(crate) fn pairs(table: &mut Option<Table>) -> Result<Vec<Pair>, String> {
    let rows = table.take().unwrap_or_default().into_iter();
    rows.map(|row| match <[String; 2]>::try_from(row) {
        Ok([word, value]) => Ok((word, value)),
        Err(row) => Err(format!("a row has two cells, a field and its value, and this has {}", row.len())),
    })
    .collect()
}

fn some(pairs: Vec<Pair>) -> Result<Vec<Pair>, String> {
    if pairs.is_empty() { Err("a table with what it has is missing".to_owned()) } else { Ok(pairs) }
}

/// A table with a head.
fn rows(table: &mut Option<Table>) -> Result<Vec<Row>, String> {
    let mut rows = table.take().unwrap_or_default().into_iter();
    let head = rows.next().ok_or("a table with a head is missing")?;
    rows.map(|row| {
        if row.len() == head.len() {
            Ok(head.iter().cloned().zip(row).collect())
        } else {
            Err(format!("the head has {} cells, and a row has {}", head.len(), row.len()))
        }
    })
    .collect()
}
