//! The flows of a config: presets with what the file changes of them.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use sync_core::flow::{Brakes, Division, Flow, Preset, RuleChange, Side, Vendor};

use super::references::{Told, references};
use super::{ExactConfig, file};
use crate::error::{Error, Result};

pub(super) fn flows(
    written: Vec<file::Flow>,
    brakes: Brakes,
    exact: &ExactConfig,
    vendor: Vendor,
) -> Result<Vec<Flow>> {
    if written.is_empty() {
        return Err(Error::config("flow", "there is none", "add [[flow]] with preset = \"companies\""));
    }
    let mut flows: Vec<Flow> = Vec::new();
    let given = |(property, change): (&String, &RuleChange)| change.via.as_ref().map(|_| property.clone());
    let told: Vec<Told> = written.iter().map(|flow| flow.fields.iter().filter_map(given).collect()).collect();
    for (at, flow) in written.into_iter().enumerate() {
        let path = format!("flow[{at}]");
        let flow = self::flow(flow, brakes, exact, vendor, &path)?;
        if flows.iter().any(|other| other.name == flow.name) {
            return Err(Error::config(
                format!("{path}.name"),
                format!("two flows are called {}", flow.name),
                "give one of them another `name`",
            ));
        }
        flows.push(flow);
    }
    let all: Vec<Division> = exact.grants.iter().flat_map(|grant| grant.divisions.clone()).collect();
    references(&mut flows, &told, &all)?;
    Ok(flows)
}

fn flow(
    written: file::Flow,
    brakes: Brakes,
    exact: &ExactConfig,
    vendor: Vendor,
    path: &str,
) -> Result<Flow> {
    let preset = preset(&written.preset, vendor, &format!("{path}.preset"))?;
    let mut flow = preset.flow(vendor);
    flow.priced_in(exact.country.currency());
    flow.brakes = brakes;
    hand_off(&mut flow, &written, path)?;
    if let Some(when) = written.when {
        flow.narrow(when);
    }
    for (at, route) in written.route.iter().enumerate() {
        divisions(&[route.division.get()], exact, &format!("{path}.route[{at}].division"))?;
    }
    flow.routes = written.route;
    if let Some(name) = written.name {
        flow.name = name;
    }
    if let Some(create) = written.create {
        flow.create = create;
    }
    if let Some(without) = written.without_identity {
        flow.without_identity = without;
    }
    for (property, change) in written.fields {
        let field = format!("{path}.fields.{property}");
        flow.change(&property, change).map_err(|message| split(&field, &message))?;
    }
    for (side, key, constants) in
        [(Side::Exact, "new_in_exact", written.new_in_exact), (Side::Crm, "new_in_crm", written.new_in_crm)]
    {
        for (field, value) in constants {
            let text = constant(&value, &format!("{path}.{key}.{field}"))?;
            flow.create_with(side, field, text);
        }
    }
    if let Some(identity) = written.identity {
        if identity.is_empty() {
            return Err(Error::config(
                format!("{path}.match"),
                "no identity field is named",
                "name one, as in match = [\"ChamberOfCommerce\"], or leave it out",
            ));
        }
        flow.identity = identity;
    }
    flow.divisions = divisions(&written.divisions, exact, &format!("{path}.divisions"))?;
    flow.create_in = create_in(written.create_in, &flow, exact, &format!("{path}.create_in"))?;
    flow.validate().map_err(|message| split(path, &message))?;
    Ok(flow)
}

/// What only a hand-off has: its start, the mark in Exact, and what is done about prices.
fn hand_off(flow: &mut Flow, written: &file::Flow, path: &str) -> Result<()> {
    let alien = |key: &str, message: &str| {
        let message = format!("a flow of {} {message}", written.preset);
        Error::config(format!("{path}.{key}"), message, "remove it; it belongs to orders and quotations")
    };
    if let Some(since) = &written.since {
        let since = since.as_str().map_or_else(|| since.to_string(), str::to_owned);
        let since = self::since(&since, &format!("{path}.since"))?;
        flow.start.as_mut().ok_or_else(|| alien("since", "has no start"))?.since = Some(since);
    }
    if let Some(prefix) = &written.prefix {
        let key = flow.exact_key.as_mut().ok_or_else(|| alien("prefix", "marks nothing in Exact"))?;
        key.prefix.clone_from(prefix);
    }
    if let Some(price) = written.price {
        if !flow.hands_over() {
            return Err(alien("price", "carries no lines to Exact"));
        }
        flow.price = price;
    }
    Ok(())
}

/// A single value of TOML, as text: what it stands for, the schema of its field tells.
fn constant(value: &toml::Value, path: &str) -> Result<String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Array(_) | toml::Value::Table(_) => {
            let remedy = "write a text, a number, true or false, or a day";
            Err(Error::config(path, "it is no single value", remedy))
        }
        other => Ok(other.to_string()),
    }
}

/// Where records that are new in the CRM are created: in one of the flow's own divisions.
fn create_in(code: Option<u32>, flow: &Flow, exact: &ExactConfig, path: &str) -> Result<Option<Division>> {
    let create_in = divisions(code.as_slice(), exact, path)?.first().copied();
    match create_in {
        Some(division) if !flow.divisions.is_empty() && !flow.divisions.contains(&division) => {
            Err(Error::config(
                path,
                format!("division {division} is not among the divisions of the flow"),
                "add it there, or name another one",
            ))
        }
        create_in => Ok(create_in),
    }
}

/// The preset of that name.
fn preset(name: &str, vendor: Vendor, path: &str) -> Result<Preset> {
    let known = || Preset::ALL.map(Preset::as_str).join(", ");
    match Preset::ALL.into_iter().find(|preset| preset.as_str() == name) {
        Some(Preset::Invoices) if vendor == Vendor::Pipedrive => Err(Error::config(
            path,
            "Pipedrive has no invoices",
            "leave it out: what is owed and overdue stands on the companies",
        )),
        Some(preset) => Ok(preset),
        None => Err(Error::config(
            path,
            format!("there is no preset `{name}`"),
            format!("use one of {}", known()),
        )),
    }
}

/// The moment that a hand-off begins at: a day from its midnight in UTC, or a moment.
fn since(text: &str, path: &str) -> Result<DateTime<Utc>> {
    let day = text.parse::<NaiveDate>().map(|day| day.and_time(NaiveTime::MIN).and_utc());
    day.or_else(|_| text.parse())
        .map_err(|_| Error::config(path, format!("`{text}` is no day"), "write it like \"2026-12-01\""))
}

fn divisions(codes: &[u32], exact: &ExactConfig, path: &str) -> Result<Vec<Division>> {
    let known = |division: &Division| exact.grants.iter().any(|grant| grant.divisions.contains(division));
    let divisions: Vec<Division> = codes.iter().copied().map(Division::new).collect();
    match divisions.iter().find(|division| !known(division)) {
        Some(unknown) => Err(Error::config(
            path,
            format!("division {unknown} is not among exact.divisions"),
            "add it there, or name another one",
        )),
        None => Ok(divisions),
    }
}

/// A message of the engine, which ends in what to do behind a semicolon.
fn split(path: &str, message: &str) -> Error {
    match message.split_once("; ") {
        Some((what, remedy)) => Error::config(path, what, remedy),
        None => Error::config(path, message, "correct it"),
    }
}
