//! Lists: cursors, windows of time, sorting.

use std::collections::BTreeSet;
use std::ops::Bound;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::entity::Entity;
use super::records::{Record, Table, rfc3339};
use super::refusal::Refusal;
use super::settings::PipedriveSettings;
use crate::http::Request;

const MOST_IDS: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SortBy {
    Id,
    UpdateTime,
    AddTime,
}

/// What stands in an opaque cursor: the place of the last row of the page before.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cursor {
    field: String,
    field_value: Value,
    sort_direction: String,
    id: i64,
}

/// The related records that a list can be narrowed to.
const RELATED: [&str; 6] = ["org_id", "person_id", "deal_id", "organization_id", "pipeline_id", "stage_id"];

/// A checked request for a list of records.
#[derive(Debug)]
pub(super) struct ListQuery {
    limit: usize,
    sort_by: SortBy,
    descends: bool,
    since: Option<DateTime<Utc>>,
    until: Option<DateTime<Utc>>,
    ids: Option<BTreeSet<i64>>,
    owner: Option<i64>,
    related: Vec<(&'static str, i64)>,
    statuses: Option<Vec<String>>,
    archived: bool,
    after: Option<(DateTime<Utc>, i64)>,
}

impl ListQuery {
    pub(super) fn read(
        request: &Request,
        archived: bool,
        settings: &PipedriveSettings,
    ) -> Result<Self, Refusal> {
        let sort_by = match request.parameter("sort_by") {
            None | Some("id") => SortBy::Id,
            Some("update_time") => SortBy::UpdateTime,
            Some("add_time") => SortBy::AddTime,
            Some(_) => return Err(Refusal::schema("sort_by", "must be one of id, update_time, add_time")),
        };
        let descends = match request.parameter("sort_direction") {
            None | Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(Refusal::schema("sort_direction", "must be asc or desc")),
        };
        let ids = request.parameter("ids").map(read_ids).transpose()?;
        let owner = request.parameter("owner_id").map(|id| read_int("owner_id", id)).transpose()?;
        let mut query = Self {
            limit: limit(request, settings.page_length, settings)?,
            sort_by,
            descends,
            since: moment(request, "updated_since")?,
            until: moment(request, "updated_until")?,
            ids,
            owner,
            related: related(request)?,
            statuses: request.parameter("status").map(statuses).transpose()?,
            archived,
            after: None,
        };
        query.after = request.parameter("cursor").map(|cursor| query.place(cursor)).transpose()?;
        Ok(query)
    }

    /// One page, and the cursor of the next.
    pub(super) fn page<'o>(
        &self,
        entity: &Entity,
        all: &'o Table,
        now: DateTime<Utc>,
    ) -> (Vec<&'o Record>, Option<String>) {
        if self.statuses.as_ref().is_some_and(|statuses| statuses.iter().any(|one| one == "deleted")) {
            return self.page_with_deleted(entity, all, now);
        }
        let mut rows: Vec<&Record> = if self.descends {
            self.passing(entity, all, self.places(all).rev())
        } else {
            self.passing(entity, all, self.places(all))
        };
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| more).map(|last| self.cursor(last));
        (rows, next)
    }

    /// As `page`, over what was deleted too. Rare, so it may look at everything.
    fn page_with_deleted<'o>(
        &self,
        entity: &Entity,
        all: &'o Table,
        now: DateTime<Utc>,
    ) -> (Vec<&'o Record>, Option<String>) {
        let mut rows: Vec<&Record> =
            all.all().chain(all.deleted(now)).filter(|found| self.wants(entity, found)).collect();
        rows.sort_by_key(|found| self.place_of(found));
        if self.descends {
            rows.reverse();
        }
        if let Some(after) = self.after {
            let behind = |found: &&Record| {
                let place = self.place_of(found);
                if self.descends { place < after } else { place > after }
            };
            rows.retain(behind);
        }
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = rows.last().filter(|_| more).map(|last| self.cursor(last));
        (rows, next)
    }

    fn place_of(&self, found: &Record) -> (DateTime<Utc>, i64) {
        match self.sort_by {
            SortBy::Id => (DateTime::UNIX_EPOCH, found.id),
            SortBy::UpdateTime => (found.update_time, found.id),
            SortBy::AddTime => (found.add_time, found.id),
        }
    }

    fn wants(&self, entity: &Entity, found: &Record) -> bool {
        self.since.is_none_or(|since| found.update_time >= since)
            && self.until.is_none_or(|until| found.update_time < until)
            && self.ids.as_ref().is_none_or(|ids| ids.contains(&found.id))
            && found.is_archived() == self.archived
            && self.owner.is_none_or(|owner| found.property(entity, "owner_id") == owner)
            && self.related.iter().all(|(code, id)| found.property(entity, code) == *id)
            && self.statuses.as_ref().is_none_or(|statuses| {
                let status = found.property(entity, "status");
                let status = if found.is_deleted() { "deleted" } else { status.as_str().unwrap_or_default() };
                statuses.iter().any(|wanted| wanted == status)
            })
    }

    fn passing<'o>(
        &self,
        entity: &Entity,
        all: &'o Table,
        places: impl Iterator<Item = (DateTime<Utc>, i64)>,
    ) -> Vec<&'o Record> {
        places
            .filter_map(|(_, id)| all.alive(id))
            .filter(|found| self.wants(entity, found))
            .take(self.limit.saturating_add(1))
            .collect()
    }

    /// Every place of the order that can hold a wanted row, behind the cursor, ascending.
    fn places<'o>(&self, all: &'o Table) -> Box<dyn DoubleEndedIterator<Item = (DateTime<Utc>, i64)> + 'o> {
        let (from, to) = match (self.after, self.descends) {
            (None, _) => (Bound::Unbounded, Bound::Unbounded),
            (Some(after), false) => (Bound::Excluded(after), Bound::Unbounded),
            (Some(after), true) => (Bound::Unbounded, Bound::Excluded(after)),
        };
        let since = self.since.map(|since| (since, i64::MIN));
        match self.sort_by {
            SortBy::UpdateTime => {
                let from = match (from, since) {
                    (Bound::Excluded(after), Some(since)) if after >= since => Bound::Excluded(after),
                    (_, Some(since)) => Bound::Included(since),
                    (from, None) => from,
                };
                if is_empty(from, to) {
                    return Box::new(std::iter::empty());
                }
                Box::new(all.by_update().range((from, to)).copied())
            }
            SortBy::AddTime => Box::new(all.by_add().range((from, to)).copied()),
            SortBy::Id => {
                let id = |bound: Bound<(DateTime<Utc>, i64)>| match bound {
                    Bound::Excluded((_, id)) => Bound::Excluded(id),
                    _ => Bound::Unbounded,
                };
                let none = DateTime::UNIX_EPOCH;
                match since {
                    // Few have changed: they are found by the time of their change and put in order.
                    Some(since) => {
                        let changed: BTreeSet<i64> =
                            all.by_update().range(since..).map(|(_, id)| *id).collect();
                        let changed: Vec<i64> = changed.range((id(from), id(to))).copied().collect();
                        Box::new(changed.into_iter().map(move |id| (none, id)))
                    }
                    None => Box::new(all.by_id().range((id(from), id(to))).map(move |(id, _)| (none, *id))),
                }
            }
        }
    }

    fn cursor(&self, last: &Record) -> String {
        let (field, field_value) = match self.sort_by {
            SortBy::Id => ("id", json!(last.id)),
            SortBy::UpdateTime => ("update_time", json!(rfc3339(last.update_time))),
            SortBy::AddTime => ("add_time", json!(rfc3339(last.add_time))),
        };
        encode(&Cursor {
            field: field.to_owned(),
            field_value,
            sort_direction: if self.descends { "desc" } else { "asc" }.to_owned(),
            id: last.id,
        })
    }

    fn place(&self, cursor: &str) -> Result<(DateTime<Utc>, i64), Refusal> {
        let cursor = decode(cursor)?;
        let field = match self.sort_by {
            SortBy::Id => "id",
            SortBy::UpdateTime => "update_time",
            SortBy::AddTime => "add_time",
        };
        if cursor.field != field || (cursor.sort_direction == "desc") != self.descends {
            return Err(Refusal::schema("cursor", "does not belong to this order"));
        }
        let time = cursor.field_value.as_str().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
        Ok((time.map_or(DateTime::UNIX_EPOCH, |time| time.to_utc()), cursor.id))
    }
}

fn related(request: &Request) -> Result<Vec<(&'static str, i64)>, Refusal> {
    let named = RELATED.iter().filter_map(|code| Some((*code, request.parameter(code)?)));
    named.map(|(code, id)| Ok((code, read_int(code, id)?))).collect()
}

fn statuses(text: &str) -> Result<Vec<String>, Refusal> {
    let statuses: Vec<String> = text.split(',').map(str::to_owned).collect();
    if statuses.iter().any(|status| !["open", "won", "lost", "deleted"].contains(&status.as_str())) {
        return Err(Refusal::schema("status", "must be open, won, lost or deleted"));
    }
    Ok(statuses)
}

/// A page of version 1: by position, in the order that `sort` names.
pub(super) fn by_offset(
    entity: &Entity,
    all: &Table,
    request: &Request,
) -> Result<(Vec<Record>, Option<i64>), Refusal> {
    let number = |name: &str, otherwise: i64| {
        request.parameter(name).map_or(Ok(otherwise), |text| read_int(name, text))
    };
    let (start, limit) = (number("start", 0)?.max(0), number("limit", 100)?.clamp(1, 500));
    let since = moment(request, "updated_since")?;
    let related = related(request)?;
    let mut rows: Vec<&Record> = all
        .all()
        .filter(|found| since.is_none_or(|since| found.update_time >= since))
        .filter(|found| related.iter().all(|(code, id)| found.property(entity, code) == *id))
        .collect();
    match request.parameter("sort").unwrap_or("id ASC") {
        "update_time ASC" | "update_time" => rows.sort_by_key(|found| (found.update_time, found.id)),
        "update_time DESC" => rows.sort_by_key(|found| std::cmp::Reverse((found.update_time, found.id))),
        _ => {}
    }
    let end = start.saturating_add(limit);
    let next = (usize::try_from(end).is_ok_and(|end| end < rows.len())).then_some(end);
    let skip = usize::try_from(start).unwrap_or(usize::MAX);
    let take = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok((rows.into_iter().skip(skip).take(take).cloned().collect(), next))
}

fn is_empty(from: Bound<(DateTime<Utc>, i64)>, to: Bound<(DateTime<Utc>, i64)>) -> bool {
    match (from, to) {
        (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to)) => from >= to,
        _ => false,
    }
}

/// A page of a list that is small enough to be made completely, by position.
pub(super) fn by_position(
    mut items: Vec<Value>,
    request: &Request,
    most: usize,
    settings: &PipedriveSettings,
) -> Result<(Vec<Value>, Option<String>), Refusal> {
    let limit = limit(request, most, settings)?;
    let start = match request.parameter("cursor") {
        Some(cursor) => usize::try_from(decode(cursor)?.id).unwrap_or(usize::MAX).min(items.len()),
        None => 0,
    };
    let mut page = items.split_off(start);
    let more = page.len() > limit;
    page.truncate(limit);
    let end = i64::try_from(start + page.len()).unwrap_or(i64::MAX);
    let next = more.then(|| {
        encode(&Cursor {
            field: "id".to_owned(),
            field_value: json!(end),
            sort_direction: "asc".to_owned(),
            id: end,
        })
    });
    Ok((page, next))
}

fn encode(cursor: &Cursor) -> String {
    URL_SAFE_NO_PAD.encode(json!(cursor).to_string())
}

fn decode(cursor: &str) -> Result<Cursor, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .ok_or_else(|| Refusal::schema("cursor", "is not a cursor of this service"))
}

fn limit(request: &Request, most: usize, settings: &PipedriveSettings) -> Result<usize, Refusal> {
    let Some(limit) = request.parameter("limit") else { return Ok(100) };
    let limit: usize = limit.parse().map_err(|_| Refusal::schema("limit", "must be a positive number"))?;
    if limit == 0 || (limit > most && !settings.clamp_limit) {
        return Err(Refusal::schema("limit", &format!("must be from 1 to {most}")));
    }
    Ok(limit.min(most))
}

fn read_ids(value: &str) -> Result<BTreeSet<i64>, Refusal> {
    let ids = value.split(',').map(|id| read_int("ids", id.trim())).collect::<Result<BTreeSet<_>, _>>()?;
    if ids.len() > MOST_IDS {
        return Err(Refusal::schema("ids", "may name up to 100"));
    }
    Ok(ids)
}

pub(super) fn read_int(name: &str, value: &str) -> Result<i64, Refusal> {
    value.parse().map_err(|_| Refusal::schema(name, "must be a whole number"))
}

/// RFC 3339 in whole seconds; a fraction is refused.
fn moment(request: &Request, name: &str) -> Result<Option<DateTime<Utc>>, Refusal> {
    let Some(text) = request.parameter(name) else { return Ok(None) };
    let moment = DateTime::parse_from_rfc3339(text).ok().filter(|_| !text.contains('.'));
    let moment = moment.ok_or_else(|| Refusal::schema(name, "must be RFC 3339 in whole seconds"))?;
    Ok(Some(moment.to_utc()))
}
