//! Up to a hundred records at a time.

use std::collections::{BTreeMap, HashSet};

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::objects::properties;
use super::properties::iso;
use super::records::Wanted;
use super::refusal::Refusal;
use super::state::{State, body};
use super::write::{Call, Claims, Input, Prepared, Target, as_id};
use crate::http::{Reply, Request};

const MOST_INPUTS: usize = 100;
/// Reads with earlier values are more expensive.
const MOST_INPUTS_WITH_HISTORY: usize = 50;

/// What comes out of one input: its trace id, and what to do or why not.
type Outcome = (Option<String>, Result<Prepared, Refusal>);

impl State {
    /// `/crm/objects/{version}/{type}/batch/{action}`.
    pub(super) fn batch(
        &mut self,
        type_id: &str,
        action: &str,
        request: &Request,
        call: Call,
    ) -> Result<Reply, Refusal> {
        if request.method != Method::POST {
            return Err(Refusal::not_allowed());
        }
        let body = body(request)?;
        let inputs = inputs(&body, MOST_INPUTS)?;
        match action {
            "read" => self.batch_read(type_id, &body, inputs, request.parameter("archived"), call),
            "create" => self.batch_write(type_id, inputs, call, StatusCode::CREATED, |_| Ok(Target::New)),
            "update" => self.batch_write(type_id, inputs, call, StatusCode::OK, |input| {
                let (id, property) = reference(input)?;
                Ok(Target::Existing { id, property })
            }),
            "upsert" => self.batch_write(type_id, inputs, call, StatusCode::OK, |input| {
                let (id, property) = reference(input)?;
                Ok(Target::Upsert { id, property })
            }),
            "archive" => {
                // Unknown ids are ignored.
                for id in inputs.iter().filter_map(|input| input["id"].as_str().and_then(as_id)) {
                    self.archive(type_id, id, call)?;
                }
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
            _ => Err(Refusal::no_such_path()),
        }
    }

    fn batch_read(
        &self,
        type_id: &str,
        body: &Value,
        inputs: &[Value],
        archived: Option<&str>,
        call: Call,
    ) -> Result<Reply, Refusal> {
        let table = self.table(type_id)?;
        let wanted = Wanted {
            history: texts(&body["propertiesWithHistory"]),
            ..self.wanting(texts(&body["properties"]))
        };
        if !wanted.history.is_empty() && inputs.len() > MOST_INPUTS_WITH_HISTORY {
            return Err(too_many(inputs.len(), MOST_INPUTS_WITH_HISTORY));
        }
        let archived = archived == Some("true");
        let (mut results, mut missing) = (BTreeMap::new(), Vec::new());
        for input in inputs {
            let id = input["id"].as_str().ok_or_else(|| Refusal::validation("Every input needs an id"))?;
            let found = self.find(table, id, body["idProperty"].as_str())?;
            let found = found.and_then(|id| table.get(id, call.now));
            match found.filter(|row| row.archived.is_some() == archived) {
                // In the order of the ids, whatever the order of the inputs.
                Some(row) => {
                    results.insert(row.id, row.to_json(table, &wanted));
                }
                None => missing.push(id),
            }
        }
        let errors =
            if missing.is_empty() { Vec::new() } else { vec![Refusal::not_found(&missing).in_batch(None)] };
        Ok(answer(StatusCode::OK, results.into_values().collect(), errors, call))
    }

    /// With a trace id of its own on every input, each stands alone; without, one bad input fails all.
    fn batch_write(
        &mut self,
        type_id: &str,
        inputs: &[Value],
        call: Call,
        success: StatusCode,
        target: impl Fn(&Value) -> Result<Target, Refusal>,
    ) -> Result<Reply, Refusal> {
        refuse_duplicates(inputs)?;
        let traced = all_traced(inputs);
        let upsert = matches!(inputs.first().map(&target), Some(Ok(Target::Upsert { .. })));
        let mut claims = Claims::default();
        let mut outcomes: Vec<Outcome> = Vec::new();
        for input in inputs {
            let trace = input["objectWriteTraceId"].as_str().map(str::to_owned);
            let prepared = self.prepare_input(type_id, input, target(input)?, &mut claims, call);
            match prepared {
                Err(refusal) if !traced => return Err(refusal),
                prepared => outcomes.push((trace, prepared)),
            }
        }
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        for (trace, prepared) in outcomes {
            match prepared {
                Ok(prepared) => {
                    let names = prepared.values.keys().cloned().collect();
                    let (id, new) = self.apply(type_id, prepared, call);
                    let mut shown = self.show(type_id, id, &self.wanting(names), call.now)?;
                    if upsert {
                        shown["new"] = json!(new);
                    }
                    if let Some(trace) = trace {
                        shown["objectWriteTraceId"] = json!(trace);
                    }
                    results.push(shown);
                }
                Err(refusal) => errors.push(refusal.in_batch(trace.as_deref())),
            }
        }
        // Nobody may rely on the order of the inputs.
        results.reverse();
        Ok(answer(success, results, errors, call))
    }

    fn prepare_input(
        &self,
        type_id: &str,
        input: &Value,
        target: Target,
        claims: &mut Claims,
        call: Call,
    ) -> Result<Prepared, Refusal> {
        let associations = self.inline_associations(&input["associations"])?;
        let input = Input { target, properties: properties(input)?, associations };
        self.prepare(self.table(type_id)?, input, claims, call)
    }
}

/// The envelope of every batch: 207 when something went wrong.
pub(super) fn answer(success: StatusCode, results: Vec<Value>, errors: Vec<Value>, call: Call) -> Reply {
    let now = iso(call.now);
    let mut body = json!({ "status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now });
    if errors.is_empty() {
        return Reply::json(success, &body);
    }
    body["numErrors"] = json!(errors.len());
    body["errors"] = Value::Array(errors);
    Reply::json(StatusCode::MULTI_STATUS, &body)
}

pub(super) fn inputs(body: &Value, most: usize) -> Result<&[Value], Refusal> {
    let inputs = body["inputs"].as_array().filter(|inputs| !inputs.is_empty());
    let inputs = inputs.ok_or_else(|| Refusal::validation("Invalid input JSON: inputs must not be empty"))?;
    if inputs.len() > most { Err(too_many(inputs.len(), most)) } else { Ok(inputs) }
}

fn too_many(given: usize, most: usize) -> Refusal {
    Refusal::validation(format!("The maximum batch size is {most}, but {given} inputs were given"))
}

fn reference(input: &Value) -> Result<(String, Option<String>), Refusal> {
    let id = input["id"].as_str().ok_or_else(|| Refusal::validation("Every input needs an id"))?;
    Ok((id.to_owned(), input["idProperty"].as_str().map(str::to_owned)))
}

fn refuse_duplicates(inputs: &[Value]) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    let ids = inputs.iter().filter_map(|input| input["id"].as_str());
    match ids.into_iter().find(|id| !seen.insert(id.trim())) {
        Some(id) => Err(Refusal::validation(format!(
            "Duplicate IDs found in batch input: [{id}]. IDs must be unique"
        ))),
        None => Ok(()),
    }
}

fn all_traced(inputs: &[Value]) -> bool {
    let traces: HashSet<&str> =
        inputs.iter().filter_map(|input| input["objectWriteTraceId"].as_str()).collect();
    traces.len() == inputs.len()
}

pub(super) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
