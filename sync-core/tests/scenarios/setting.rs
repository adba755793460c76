//! What a step can say of how the engine is set up.

use chrono::TimeDelta;
use sync_core::flow::{Create, IfEmpty, OnConflict, Owner, RuleChange, Transform};

use crate::grammar::Token::{self, At, Q, W};
use crate::grammar::{kind, number, pairs, preset, words};
use crate::script::Table;
use crate::step::{Brake, Place, Setting};

/// Understands a step that sets the engine up; `None` where it is another step.
///
/// # Errors
/// Says what it does not understand.
pub(crate) fn setting(tokens: &[Token<'_>], table: &mut Option<Table>) -> Result<Option<Setting>, String> {
    if let Some((field, change)) = rule(tokens, table)? {
        return Ok(Some(Setting::Rule { field: words(field)?, change }));
    }
    if let Some(setting) = of_records(tokens)? {
        return Ok(Some(setting));
    }
    of_the_world(tokens)
}

/// A field, and what its rule becomes.
fn rule<'t>(
    tokens: &'t [Token<'t>],
    table: &mut Option<Table>,
) -> Result<Option<(&'t [Token<'t>], RuleChange)>, String> {
    let owned = |owner| RuleChange { owner: Some(owner), ..RuleChange::default() };
    let won = |wins| RuleChange { on_conflict: Some(wins), ..RuleChange::default() };
    let empty = |rule| RuleChange { if_empty: Some(rule), ..RuleChange::default() };
    let to = |label: &str| RuleChange { crm: Some(format!("custom:{label}")), ..RuleChange::default() };
    Ok(Some(match tokens {
        [At(Place::Exact(_)), W("owns"), field @ ..] => (field, owned(Owner::Exact)),
        [At(Place::Crm), W("owns"), field @ ..] => (field, owned(Owner::Crm)),
        [W("both"), W("own"), field @ ..] => (field, owned(Owner::Both)),
        [W("a"), W("conflict"), W("in"), field @ .., W("is"), W("won"), W("by"), At(Place::Exact(_))] => {
            (field, won(OnConflict::Exact))
        }
        [W("a"), W("conflict"), W("in"), field @ .., W("is"), W("won"), W("by"), At(Place::Crm)] => {
            (field, won(OnConflict::Crm))
        }
        [W("a"), W("conflict"), W("in"), field @ .., W("is"), W("asked"), W("about")] => {
            (field, won(OnConflict::Review))
        }
        [W("an"), W("empty"), field @ .., W("says"), W("nothing")] => (field, empty(IfEmpty::Keep)),
        [W("an"), W("empty"), field @ .., W("clears"), W("the"), W("other"), W("side")] => {
            (field, empty(IfEmpty::Clear))
        }
        [W("an"), W("empty"), field @ .., W("is"), W("asked"), W("about")] => (field, empty(IfEmpty::Stop)),
        [W("an"), W("empty"), field @ .., W("becomes"), Q(value)] => {
            (field, empty(IfEmpty::Default((*value).to_owned())))
        }
        [field @ .., W("is"), W("mapped"), W("to"), Q(label)] => (field, to(label)),
        [field @ .., W("moves"), Q(label)] => {
            let values = Some(pairs(table)?.into_iter().collect());
            (field, RuleChange { values, ..to(label) })
        }
        tokens => return transform(tokens, table),
    }))
}

/// A field, and what its values are in the CRM.
fn transform<'t>(
    tokens: &'t [Token<'t>],
    table: &mut Option<Table>,
) -> Result<Option<(&'t [Token<'t>], RuleChange)>, String> {
    let (field, step) = match tokens {
        [field @ .., W("is"), W("translated")] => {
            (field, Transform::Lookup(pairs(table)?.into_iter().collect()))
        }
        [field @ .., W("is"), W("written"), W("in"), W("upper"), W("case")] => (field, Transform::Upper),
        [
            field @ ..,
            W("is"),
            W("written"),
            W("as"),
            W("a"),
            W("phone"),
            W("number"),
            W("of"),
            Q(country),
        ] => (field, Transform::Phone((*country).to_owned())),
        [field @ .., W("is"), W("written"), W("as"), W("the"), W("country's"), W("name")] => {
            (field, Transform::CountryName)
        }
        [field @ .., W("is"), W("written"), W("as"), W("a"), W("day"), W("like"), Q(notation)] => {
            (field, Transform::DayAs((*notation).to_owned()))
        }
        [field @ .., W("is"), W("rounded"), W("to"), W(decimals), W("decimals")] => {
            (field, Transform::Round(number(decimals)?))
        }
        _ => return Ok(None),
    };
    Ok(Some((field, RuleChange { transform: Some(vec![step]), ..RuleChange::default() })))
}

/// Which records are created, tied, taken along or handed over, and where.
fn of_records(tokens: &[Token<'_>]) -> Result<Option<Setting>, String> {
    Ok(Some(match tokens {
        [W("nothing"), W("is"), W("created")] => Setting::Create(Create::None),
        [W("records"), W("are"), W("created"), W("in"), At(place), W("only")] => {
            Setting::Create(match place {
                Place::Exact(_) => Create::Exact,
                Place::Crm => Create::Crm,
            })
        }
        [W("records"), W("without"), W("a"), W("number"), W("are"), W("asked"), W("about")] => {
            Setting::AskWithoutIdentity
        }
        [W(kinds), W("are"), W("matched"), W("by"), fields @ ..] => {
            let fields = fields.split(|token| *token == W("and")).map(words);
            Setting::Match { kind: kind(kinds)?, fields: fields.collect::<Result<_, _>>()? }
        }
        [W("only"), W(kinds), W("with"), field @ .., Q(value), W("in"), At(place), W("take"), W("part")] => {
            let (kind, field, value) = (kind(kinds)?, words(field)?, (*value).to_owned());
            Setting::Take { kind, side: place.side(), field, value }
        }
        [W(kinds), W("with"), field @ .., Q(value), W("go"), W("to"), At(place)] => {
            let (kind, field, value) = (kind(kinds)?, words(field)?, (*value).to_owned());
            Setting::Route { kind, field, value, place: *place }
        }
        [W("deals"), W("are"), W("quoted"), W("when"), W("they"), W("are"), W("proposed")] => Setting::Quote,
        [W("prices"), W("that"), W("differ"), W("are"), W("asked"), W("about")] => Setting::AskAboutPrices,
        _ => return Ok(None),
    }))
}

/// Time, the vendors, and how much at once is too much.
fn of_the_world(tokens: &[Token<'_>]) -> Result<Option<Setting>, String> {
    Ok(Some(match tokens {
        [W("the"), W("flow" | "flows"), names @ ..] => {
            let names = names.iter().filter(|name| **name != W("and"));
            Setting::Flows(names.map(preset).collect::<Result<_, _>>()?)
        }
        [W("the"), W("engine"), W("has"), W("never"), W("run")] => Setting::NeverRun,
        [W("the"), W("brake"), W("on"), W(of), W("is"), W("at"), W(at)] => {
            Setting::Brake { of: brake(of)?, at: number(at)?.into() }
        }
        [W("it"), W("is"), W(day)] => Setting::Today((*day).to_owned()),
        [W("the"), W("clock"), W("of"), At(place), W("is"), W(count), W("minutes"), W(way)] => {
            let minutes = TimeDelta::minutes(number(count)?.into());
            let off = match *way {
                "fast" => minutes,
                "slow" => -minutes,
                other => return Err(format!("a clock is fast or slow, not `{other}`")),
            };
            Setting::Clock { place: *place, off }
        }
        [At(Place::Exact(_)), W("has"), W(count), W("administrations")] => Setting::Divisions(number(count)?),
        [
            W(kinds),
            W("in"),
            At(Place::Crm),
            W("have"),
            W("the"),
            W("choices"),
            choices @ ..,
            W("of"),
            Q(label),
        ] => {
            let choices = choices.iter().filter_map(|token| match token {
                Q(choice) => Some((*choice).to_owned()),
                _ => None,
            });
            Setting::Choices { kind: kind(kinds)?, label: (*label).to_owned(), choices: choices.collect() }
        }
        _ => return Ok(None),
    }))
}

fn brake(word: &str) -> Result<Brake, String> {
    Ok(match word {
        "creates" => Brake::Creates,
        "deletes" => Brake::Deletes,
        "clears" => Brake::Clears,
        other => return Err(format!("there is no brake on {other}")),
    })
}
