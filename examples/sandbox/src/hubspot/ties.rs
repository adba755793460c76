//! The endpoints of associations.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::associations::{Kind, Spec, id_of, specs};
use super::batch::{answer, inputs};
use super::refusal::Refusal;
use super::state::{State, body};
use super::write::{Call, as_id};
use crate::http::{Reply, Request};

const MOST_WRITES: usize = 2_000;
const MOST_READS: usize = 1_000;
/// How many ties a read of one record shows at a time.
const PAGE: usize = 500;

impl State {
    /// `/crm/objects/{version}/{type}/{id}/associations…`.
    pub(super) fn associations_of(
        &mut self,
        id: &str,
        rest: &[&str],
        request: &Request,
        call: Call,
    ) -> Result<Reply, Refusal> {
        let from =
            as_id(id).filter(|id| self.type_of(*id).is_some()).ok_or_else(|| Refusal::not_found(&[id]))?;
        match (&request.method, rest) {
            (&Method::GET, [to_type]) => {
                let to_type = self.type_called(to_type)?;
                let after = request.parameter("after").and_then(as_id).unwrap_or_default();
                let (rows, next) = self.ties(from, &to_type, after);
                let mut shown = json!({ "results": rows });
                if let Some(next) = next {
                    shown["paging"] = json!({ "next": { "after": next.to_string() } });
                }
                Ok(Reply::json(StatusCode::OK, &shown))
            }
            (&Method::PUT, ["default", _, to]) => {
                let to = self.other_end(to)?;
                self.tie_checked(from, to, &[], call)?;
                let kinds = self.associations.between(from, to);
                let results = kinds.iter().take(1).map(|kind| default_tie(from, to, kind)).collect();
                Ok(answer(StatusCode::OK, results, Vec::new(), call))
            }
            (&Method::PUT, [_, to]) => {
                let to = self.other_end(to)?;
                self.tie_checked(from, to, &specs(&body(request)?)?, call)?;
                Ok(Reply::json(StatusCode::CREATED, &self.labelled(from, to)))
            }
            (&Method::DELETE, [_, to]) => {
                if let Some(to) = as_id(to) {
                    self.dissociate(from, to, None, call);
                }
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
            (_, [_] | [_, _]) => Err(Refusal::not_allowed()),
            _ => Err(Refusal::no_such_path()),
        }
    }

    /// `/crm/associations/{version}/{from}/{to}…`.
    pub(super) fn association_batches(
        &mut self,
        (from, to): (&str, &str),
        rest: &[&str],
        request: &Request,
        call: Call,
    ) -> Result<Reply, Refusal> {
        match (&request.method, rest) {
            (&Method::GET, ["labels"]) => {
                let omit_nulls = self.settings.omit_nulls;
                let kinds = self.associations.kinds(from, to).iter().map(|kind| kind.to_json(omit_nulls));
                Ok(Reply::json(StatusCode::OK, &json!({ "results": kinds.collect::<Vec<_>>() })))
            }
            (&Method::POST, ["labels"]) => self.create_label((from, to), &body(request)?),
            (&Method::POST, ["batch", "read"]) => {
                let body = body(request)?;
                Ok(self.read_ties(inputs(&body, MOST_READS)?, to, call))
            }
            (&Method::POST, ["batch", action @ ..]) => {
                let body = body(request)?;
                self.batch_of_ties(action, inputs(&body, MOST_WRITES)?, call)
            }
            (_, ["labels"]) => Err(Refusal::not_allowed()),
            _ => Err(Refusal::no_such_path()),
        }
    }

    fn create_label(&mut self, (from, to): (&str, &str), body: &Value) -> Result<Reply, Refusal> {
        let text = |name: &str| body[name].as_str().filter(|text| !text.is_empty());
        let (Some(label), Some(_)) = (text("label"), text("name")) else {
            return Err(Refusal::validation("A label needs a label and a name"));
        };
        let inverse = text("inverseLabel").unwrap_or(label);
        let kinds = self.associations.create_label(from, to, label, inverse);
        let shown: Vec<Value> = kinds.iter().map(|kind| kind.to_json(true)).collect();
        Ok(Reply::json(StatusCode::OK, &json!({ "results": shown })))
    }

    fn batch_of_ties(&mut self, action: &[&str], inputs: &[Value], call: Call) -> Result<Reply, Refusal> {
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        for input in inputs {
            match self.one_of_ties(action, input, call) {
                Ok(shown) => results.extend(shown),
                Err(refusal) if refusal.is_unknown_path() => return Err(refusal),
                Err(refusal) => errors.push(refusal.in_batch(None)),
            }
        }
        // All four answer 200 by the published specification, with nothing in the results of an archive.
        Ok(answer(StatusCode::OK, results, errors, call))
    }

    fn one_of_ties(&mut self, action: &[&str], input: &Value, call: Call) -> Result<Option<Value>, Refusal> {
        let ends = || Refusal::validation("Every input needs from and to");
        let from = id_of(&input["from"]["id"]).ok_or_else(ends)?;
        let to = id_of(&input["to"]["id"]);
        match action {
            ["create"] => {
                let to = to.ok_or_else(ends)?;
                self.tie_checked(from, to, &specs(&input["types"])?, call)?;
                Ok(Some(self.labelled(from, to)))
            }
            ["associate", "default"] => {
                let to = to.ok_or_else(ends)?;
                self.tie_checked(from, to, &[], call)?;
                Ok(self.associations.between(from, to).first().map(|kind| default_tie(from, to, kind)))
            }
            ["archive"] => {
                for to in input["to"].as_array().into_iter().flatten().filter_map(|to| id_of(&to["id"])) {
                    self.dissociate(from, to, None, call);
                }
                Ok(None)
            }
            ["labels", "archive"] => {
                let to = to.ok_or_else(ends)?;
                for spec in specs(&input["types"])? {
                    self.untie_label(from, to, spec, call);
                }
                Ok(None)
            }
            _ => Err(Refusal::no_such_path()),
        }
    }

    /// Without its unlabelled tie a pair has none.
    fn untie_label(&mut self, from: u64, to: u64, spec: Spec, call: Call) {
        let kinds = self.associations.between(from, to);
        let found = kinds.iter().find(|kind| kind.id == spec.association_type_id);
        let kind = found.filter(|kind| kind.label.is_some()).map(|kind| kind.id);
        if found.is_some() {
            self.dissociate(from, to, kind, call);
        }
    }

    fn tie_checked(&mut self, from: u64, to: u64, specs: &[Spec], call: Call) -> Result<(), Refusal> {
        let from_type = self.type_of(from).ok_or_else(|| Refusal::not_found(&[&from.to_string()]))?;
        self.check_association(from_type, to, specs)?;
        self.check_parent(from, to)?;
        self.associate(from, to, specs, call);
        Ok(())
    }

    fn other_end(&self, to: &str) -> Result<u64, Refusal> {
        as_id(to).filter(|id| self.type_of(*id).is_some()).ok_or_else(|| Refusal::not_found(&[to]))
    }

    fn read_ties(&self, inputs: &[Value], to_type: &str, call: Call) -> Reply {
        let (mut results, mut errors) = (Vec::new(), Vec::new());
        for input in inputs {
            let from = id_of(&input["id"]).unwrap_or_default();
            let after = id_of(&input["after"]).unwrap_or_default();
            let (to, next) = self.ties(from, to_type, after);
            if to.is_empty() {
                let message = format!("No {to_type} is associated with {from}.");
                let refusal = Refusal::new(StatusCode::NOT_FOUND, "OBJECT_NOT_FOUND", message);
                errors.push(refusal.in_batch(None));
                continue;
            }
            let mut shown = json!({ "from": { "id": from.to_string() }, "to": to });
            if let Some(next) = next {
                shown["paging"] = json!({ "next": { "after": next.to_string() } });
            }
            results.push(shown);
        }
        answer(StatusCode::OK, results, errors, call)
    }

    /// What a record is tied to, and where the next page begins.
    fn ties(&self, from: u64, to_type: &str, after: u64) -> (Vec<Value>, Option<u64>) {
        let omit_nulls = self.settings.omit_nulls;
        let mut all: Vec<u64> = self
            .associations
            .of(from)
            .map(|(to, _)| to)
            .filter(|to| *to >= after && self.type_of(*to) == Some(to_type))
            .take(PAGE + 1)
            .collect();
        let next = (all.len() > PAGE).then(|| all.pop()).flatten();
        let shown = all.into_iter().map(|to| {
            let kinds = self.associations.between(from, to);
            let kinds: Vec<Value> = kinds.iter().map(|kind| kind.to_json(omit_nulls)).collect();
            json!({ "toObjectId": to.to_string(), "associationTypes": kinds })
        });
        (shown.collect(), next)
    }

    fn labelled(&self, from: u64, to: u64) -> Value {
        let kinds = self.associations.between(from, to);
        let labels: Vec<&str> = kinds.iter().filter_map(|kind| kind.label.as_deref()).collect();
        json!({
            "fromObjectTypeId": self.type_of(from),
            "fromObjectId": from.to_string(),
            "toObjectTypeId": self.type_of(to),
            "toObjectId": to.to_string(),
            "labels": labels,
        })
    }
}

fn default_tie(from: u64, to: u64, kind: &Kind) -> Value {
    json!({
        "from": { "id": from.to_string() },
        "to": { "id": to.to_string() },
        "associationSpec": { "associationCategory": kind.category, "associationTypeId": kind.id },
    })
}
