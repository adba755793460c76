//! Properties, groups, pipelines and custom types of object: reading and making them.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::batch::{answer, inputs, texts};
use super::pipelines::{OPENED, Pipeline};
use super::properties::{Group, Properties, Property, no_property};
use super::records::Table;
use super::refusal::Refusal;
use super::state::{State, body};
use super::types::{ObjectType, properties_of_custom, scope};
use super::write::Call;
use crate::http::{Reply, Request};

const MOST_PROPERTIES: usize = 100;

fn created(shown: &Value) -> Reply {
    Reply::json(StatusCode::CREATED, shown)
}

fn found(shown: &Value) -> Reply {
    Reply::json(StatusCode::OK, shown)
}

fn all(rows: impl Iterator<Item = Value>) -> Reply {
    found(&json!({ "results": rows.collect::<Vec<_>>() }))
}

impl State {
    /// `/crm/properties/{version}/{type}…`.
    pub(super) fn property_definitions(
        &mut self,
        type_id: &str,
        rest: &[&str],
        request: &Request,
        call: Call,
    ) -> Result<Reply, Refusal> {
        let archived = request.parameter("archived") == Some("true");
        let Some(table) = self.tables.get_mut(type_id) else { return Err(Refusal::no_such_path()) };
        let known = &mut table.properties;
        Ok(match (&request.method, rest) {
            (&Method::GET, []) => all(known.list(archived).map(Property::to_json)),
            (&Method::POST, []) => created(&known.create(Property::from_body(&body(request)?)?)?.to_json()),
            (&Method::POST, ["batch", action]) => {
                let body = body(request)?;
                property_batch(known, action, inputs(&body, MOST_PROPERTIES)?, call)?
            }
            (&Method::GET, ["groups"]) => all(known.groups().iter().map(Group::to_json)),
            (&Method::POST, ["groups"]) => created(&known.create_group(&body(request)?)?.to_json()),
            (&Method::GET, ["groups", name]) => {
                let group = known.groups().iter().find(|group| group.name == *name);
                found(&group.ok_or_else(|| no_property(name))?.to_json())
            }
            (&Method::GET, [name]) => {
                let property = known.list(archived).find(|property| property.name == *name);
                found(&property.ok_or_else(|| no_property(name))?.to_json())
            }
            (&Method::PATCH, [name]) => found(&known.update(name, &body(request)?)?.to_json()),
            (&Method::DELETE, [name]) => {
                known.archive(name)?;
                Reply::empty(StatusCode::NO_CONTENT)
            }
            (_, [] | [_] | ["groups", _]) => return Err(Refusal::not_allowed()),
            _ => return Err(Refusal::no_such_path()),
        })
    }

    /// `/crm/pipelines/{version}/{type}…`.
    pub(super) fn pipeline_definitions(
        &mut self,
        type_id: &str,
        rest: &[&str],
        request: &Request,
    ) -> Result<Reply, Refusal> {
        let Some(table) = self.tables.get_mut(type_id) else { return Err(Refusal::no_such_path()) };
        let place = |id: &str| table.pipelines.iter().position(|pipeline| pipeline.id == id);
        Ok(match (&request.method, rest) {
            (&Method::GET, []) => {
                all(table.pipelines.iter().enumerate().map(|(order, pipeline)| pipeline.to_json(order)))
            }
            (&Method::POST, []) => {
                let pipeline =
                    Pipeline::from_body(&body(request)?, type_id == "0-3", &mut self.last_pipeline_id)?;
                let shown = pipeline.to_json(table.pipelines.len());
                table.pipelines.push(pipeline);
                created(&shown)
            }
            (&Method::GET, [id]) => {
                let order = place(id).ok_or_else(|| Refusal::not_found(&[id]))?;
                found(&table.pipelines[order].to_json(order))
            }
            (&Method::GET, [id, "stages"]) => {
                let order = place(id).ok_or_else(|| Refusal::not_found(&[id]))?;
                let stages = table.pipelines[order].stages.iter().enumerate();
                all(stages.map(|(order, stage)| stage.to_json(order)))
            }
            (_, [] | [_] | [_, "stages"]) => return Err(Refusal::not_allowed()),
            _ => return Err(Refusal::no_such_path()),
        })
    }

    /// `/crm-object-schemas/{version}/schemas…`.
    pub(super) fn schemas(&mut self, rest: &[&str], request: &Request) -> Result<Reply, Refusal> {
        match (&request.method, rest) {
            (&Method::GET, []) => {
                let custom = self.tables.values().filter(|table| table.ty.custom);
                Ok(all(custom.map(schema)))
            }
            (&Method::GET, [name]) => Ok(found(&schema(self.table_called(name)?))),
            (&Method::POST, []) => {
                let id = self.create_type(&body(request)?)?;
                Ok(created(&schema(self.table(&id)?)))
            }
            (&Method::DELETE, [name]) => {
                let table = self.table_called(name)?;
                if !table.ty.custom || table.rows().any(|row| row.archived.is_none()) {
                    return Err(Refusal::validation("Only a custom type without records can be deleted"));
                }
                let id = table.ty.id.clone();
                self.tables.remove(&id);
                Ok(Reply::empty(StatusCode::NO_CONTENT))
            }
            (_, [] | [_]) => Err(Refusal::not_allowed()),
            _ => Err(Refusal::no_such_path()),
        }
    }

    /// A custom type of object; its properties come with it.
    pub(super) fn create_type(&mut self, body: &Value) -> Result<String, Refusal> {
        let name = body["name"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refusal::validation("An object type needs a name"))?;
        if self.tables.values().any(|table| table.ty.is_called(name)) {
            let message = format!("The object type {name} already exists");
            return Err(Refusal::new(StatusCode::CONFLICT, "OBJECT_ALREADY_EXISTS", message));
        }
        let group = format!("{name}_information");
        let mut properties =
            Properties::new(properties_of_custom(&group), Group::new(&group, "Object information"));
        for definition in body["properties"].as_array().into_iter().flatten() {
            let mut definition = definition.clone();
            if definition["groupName"].is_null() {
                definition["groupName"] = json!(group);
            }
            properties.create(Property::from_body(&definition)?)?;
        }
        self.last_pipeline_id += 1;
        let id = format!("2-{}", self.last_pipeline_id);
        let own = body["primaryDisplayProperty"].as_str().map(str::to_owned);
        let always = ["hs_createdate", "hs_lastmodifieddate", "hs_object_id"].map(str::to_owned);
        let ty = ObjectType {
            name: format!("p{}_{}", super::PORTAL, name.to_lowercase()),
            singular: name.to_lowercase(),
            id: id.clone(),
            defaults: always.into_iter().chain(own).collect(),
            modified: "hs_lastmodifieddate".to_owned(),
            mergeable: true,
            searched: texts(&body["searchableProperties"]),
            required: texts(&body["requiredProperties"]),
            scope: scope("custom"),
            custom: true,
        };
        self.tables.insert(id.clone(), Table::new(ty, properties, Vec::new()));
        Ok(id)
    }
}

fn property_batch(
    known: &mut Properties,
    action: &str,
    inputs: &[Value],
    call: Call,
) -> Result<Reply, Refusal> {
    match action {
        "create" => {
            let (mut results, mut errors) = (Vec::new(), Vec::new());
            for input in inputs {
                match Property::from_body(input).and_then(|property| known.create(property)) {
                    Ok(property) => results.push(property.to_json()),
                    Err(refusal) => errors.push(refusal.in_batch(None)),
                }
            }
            // The published specification says 200 where the single create answers 201.
            Ok(answer(StatusCode::OK, results, errors, call))
        }
        "read" => {
            let names = inputs.iter().filter_map(|input| input["name"].as_str());
            let (mut results, mut errors) = (Vec::new(), Vec::new());
            for name in names {
                match known.get(name) {
                    Some(property) => results.push(property.to_json()),
                    None => errors.push(no_property(name).in_batch(None)),
                }
            }
            Ok(answer(StatusCode::OK, results, errors, call))
        }
        "archive" => {
            for name in inputs.iter().filter_map(|input| input["name"].as_str()) {
                known.archive(name)?;
            }
            Ok(Reply::empty(StatusCode::NO_CONTENT))
        }
        _ => Err(Refusal::no_such_path()),
    }
}

fn schema(table: &Table) -> Value {
    let ty = &table.ty;
    json!({
        "id": ty.id.trim_start_matches("2-"),
        "objectTypeId": ty.id,
        "name": ty.singular,
        "fullyQualifiedName": ty.name,
        "labels": { "singular": ty.singular, "plural": ty.singular },
        "properties": table.properties.list(false).map(Property::to_json).collect::<Vec<_>>(),
        "associations": [],
        "requiredProperties": ty.required,
        "searchableProperties": ty.searched,
        "secondaryDisplayProperties": [],
        "allowsSensitiveProperties": false,
        "createdAt": OPENED,
        "updatedAt": OPENED,
        "archived": false,
    })
}
