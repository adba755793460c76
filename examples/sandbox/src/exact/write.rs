//! Writing by data alone: what is converted, what is refused, what is looked up. What a kind does beyond that is in
//! `rules`.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::books::{Books, dutch};
use super::cell::{Cell, Row};
use super::refusal::Refusal;
use super::rules;
use super::schema::{Edm, Entity, Property, Width};

/// What a payload holds, converted.
struct Payload {
    cells: Vec<(&'static Property, Cell)>,
    lines: Vec<Map<String, Value>>,
}

/// Stores a new record, with its lines, and returns its key.
pub(super) fn create(
    books: &mut Books<'_>,
    entity: &'static Entity,
    payload: &Map<String, Value>,
) -> Result<Uuid, Refusal> {
    let Payload { cells, lines } =
        Payload::read(books, entity, payload, |property: &Property| property.on_create)?;
    let (id, mut row) = books.blank(entity);
    let mut complaints = fill(books, entity, &mut row, cells);
    if entity.lines.as_ref().is_some_and(|_| lines.is_empty()) {
        complaints.extend(entity.lines.as_ref().map(|lines| books.mandatory(lines.property)));
    }
    if let Some(existing) = rules::existing(books, entity.kind, &row) {
        return Ok(existing);
    }
    store(books, entity, id, row, None, complaints)?;
    if let Some(of_header) = &entity.lines {
        for mut line in lines {
            line.insert(of_header.parent.to_owned(), Value::String(id.to_string()));
            create(books, of_header.entity, &line)?;
        }
    }
    Ok(id)
}

/// Changes the members that the payload names, and nothing else. Nested lines are ignored.
pub(super) fn update(
    books: &mut Books<'_>,
    entity: &'static Entity,
    id: Uuid,
    payload: &Map<String, Value>,
) -> Result<(), Refusal> {
    let changes = Payload::read(books, entity, payload, |property: &Property| property.on_update)?;
    let before = books.get(entity.kind, id).cloned().ok_or_else(Refusal::not_found)?;
    let mut row = before.clone();
    let complaints = fill(books, entity, &mut row, changes.cells);
    row.set("Modified", Cell::moment(books.now));
    store(books, entity, id, row, Some(&before), complaints)
}

pub(super) fn delete(books: &mut Books<'_>, entity: &'static Entity, id: Uuid) -> Result<(), Refusal> {
    let row = books.get(entity.kind, id).cloned().ok_or_else(Refusal::not_found)?;
    let complaints = rules::before_delete(books, entity.kind, id, &row);
    if !complaints.is_empty() {
        return Err(Refusal::business(&complaints));
    }
    if let Some(lines) = &entity.lines {
        for line in books.ids(lines.entity.kind, lines.parent, id) {
            books.remove(lines.entity.kind, line);
        }
    }
    books.remove(entity.kind, id);
    rules::after_delete(books, entity.kind, &row);
    Ok(())
}

fn store(
    books: &mut Books<'_>,
    entity: &'static Entity,
    id: Uuid,
    mut row: Row,
    before: Option<&Row>,
    mut complaints: Vec<String>,
) -> Result<(), Refusal> {
    complaints.extend(rules::prepare(books, entity.kind, id, &mut row, before));
    for property in entity.properties().filter(|property| property.required) {
        let empty = match row.stored(property.name) {
            None | Some(Cell::Null) => true,
            Some(Cell::Text(text)) => text.trim().is_empty(),
            Some(_) => false,
        };
        if empty {
            complaints.push(books.mandatory(property.name));
        }
    }
    if !complaints.is_empty() {
        return Err(Refusal::business(&complaints));
    }
    look_up(books, entity, &mut row);
    books.put(entity.kind, id, row);
    rules::settle(books, entity.kind, id, before);
    Ok(())
}

/// Sets the values and tells what is wrong with each.
fn fill(
    books: &Books<'_>,
    entity: &'static Entity,
    row: &mut Row,
    cells: Vec<(&'static Property, Cell)>,
) -> Vec<String> {
    let mut complaints = Vec::new();
    for (property, cell) in cells {
        let cell = match cell {
            Cell::Text(text) if property.width != Width::Free => Cell::text(text.trim()),
            cell => cell,
        };
        complaints.extend(complaint(books, property, &cell));
        let cell = rules::silently(books, entity.kind, property.name, cell);
        row.set(property.name, cell);
    }
    complaints
}

/// What is wrong with one value, in the user's language.
fn complaint(books: &Books<'_>, property: &Property, cell: &Cell) -> Option<String> {
    let name = property.name;
    match cell {
        Cell::Text(text) => {
            let longest = books.settings.lengths.get(name).copied().unwrap_or(usize::MAX);
            if text.chars().count() > longest {
                let label = dutch(name);
                return Some(books.say(
                    &format!("Ongeldig: {label} (maximaal {longest} tekens)"),
                    &format!("Invalid: {name} (at most {longest} characters)"),
                ));
            }
            let kind = property.code_of?;
            let unknown = !text.is_empty() && books.by_code(kind, text).is_none();
            (unknown && !rules::empties_unknown(name)).then(|| books.invalid_reference(name))
        }
        Cell::Guid(id) => {
            let kind = property.of?;
            books.get(kind, *id).is_none().then(|| books.invalid_reference(name))
        }
        _ => None,
    }
}

/// Shows what the named records hold.
pub(super) fn look_up(books: &Books<'_>, entity: &'static Entity, row: &mut Row) {
    for property in entity.properties() {
        let Some((reference, shown)) = property.look_up else { continue };
        let named = entity.property(reference).and_then(|reference| {
            if let Some(kind) = reference.of {
                return books.of(row, reference.name, kind);
            }
            let code = row.cell(reference).into_owned();
            match code {
                Cell::Text(code) => books.by_code(reference.code_of?, code.trim()),
                _ => None,
            }
        });
        let cell = named.and_then(|named| named.stored(shown)).cloned().unwrap_or(Cell::Null);
        row.set(property.name, cell);
    }
}

impl Payload {
    fn read(
        books: &Books<'_>,
        entity: &'static Entity,
        payload: &Map<String, Value>,
        takes: impl Fn(&Property) -> bool,
    ) -> Result<Self, Refusal> {
        let mut read = Self { cells: Vec::with_capacity(payload.len()), lines: Vec::new() };
        for (name, value) in payload {
            let property = entity.property(name).ok_or_else(|| {
                Refusal::bad_request(format!(
                    "Error processing request stream. The property name '{name}' specified for type '{}' is not \
                     valid.",
                    entity.type_name
                ))
            })?;
            if property.edm == Edm::Navigation {
                if entity.lines.as_ref().is_some_and(|lines| lines.property == name) {
                    read.lines = nested(value)?;
                }
            } else if takes(property) && !books.settings.dropped_properties.contains(name) {
                let cell = Cell::from_json(property, value).map_err(Refusal::bad_request)?;
                read.cells.push((property, cell));
            }
        }
        Ok(read)
    }
}

/// Lines come as an array of objects; a single object is not one.
fn nested(value: &Value) -> Result<Vec<Map<String, Value>>, Refusal> {
    let malformed = || {
        Refusal::bad_request(
            "Error processing request stream. The request should be a valid top-level resource object.",
        )
    };
    let lines = value.as_array().ok_or_else(malformed)?;
    lines.iter().map(|line| line.as_object().cloned().ok_or_else(malformed)).collect()
}
