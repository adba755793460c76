//! What must be true when a run was undone: both sides are what they were before it, but for what was edited since.

use std::collections::{BTreeMap, BTreeSet};

use crm_adapters::{Kind, RecordId};
use sync_core::engine::LinkRow;
use sync_core::flow::{Flow, Side};
use sync_core::state::{IssueKind, Subject};

use super::super::history::History;
use super::super::ledger::{Place, Written};
use super::super::sort::KEY;
use super::super::trade::{Trade, text};
use super::super::world::{Item, World, lock};
use super::links;
use crate::executor;

/// Both sides when the undo was asked for, and what the run had written.
pub(in super::super) struct Before {
    items: BTreeMap<(Side, String), Item>,
    links: Vec<LinkRow>,
    wrote: Written,
}

/// What stands there afterwards.
struct After<'a> {
    before: &'a Before,
    items: BTreeMap<(Side, String), Item>,
    flows: &'a [Flow],
    asked: Vec<Asked>,
    /// Values that the engine overwrote without having seen them: it cannot know of them.
    unseen: BTreeSet<String>,
    /// Companies in Exact that have an invoice.
    booked: BTreeSet<String>,
}

/// A question about an undo: the records of its link, and the field.
struct Asked {
    exact: Option<RecordId>,
    crm: Option<RecordId>,
    field: Option<String>,
}

impl Before {
    pub(in super::super) fn look(history: &History, run: usize) -> Self {
        let links = links(history);
        let world = lock(&history.world);
        Self { items: items(&world), links, wrote: world.ledger.of(run) }
    }

    pub(in super::super) fn check(&self, history: &History) -> Result<(), String> {
        let asked = asked(history);
        let mut world = lock(&history.world);
        let (items, unseen) = (items(&world), world.unseen_losses.clone());
        let booked = world.trade.iter().flat_map(Trade::billed).map(str::to_owned).collect();
        let after = After { before: self, items, flows: &history.flows, asked, unseen, booked };
        let met = after.check()?;
        for (event, count) in met {
            *world.events.entry(event).or_default() += count;
        }
        Ok(())
    }

    /// The link that holds a record now; ended ones hold none.
    fn link(&self, side: Side, id: &str) -> Option<&LinkRow> {
        self.links.iter().find(|link| id == if side == Side::Exact { &link.exact_id } else { &link.crm_id })
    }

    fn held(&self, (side, id, field): &Place) -> String {
        self.items.get(&(*side, id.clone())).map(|item| text(&item.fields, field)).unwrap_or_default()
    }

    /// Whether both records of its link stand there still.
    fn is_whole(&self, link: &LinkRow) -> bool {
        let stands =
            |side, id: &String| self.items.get(&(side, id.clone())).is_some_and(|item| !item.deleted);
        stands(Side::Exact, &link.exact_id) && stands(Side::Crm, &link.crm_id)
    }
}

fn asked(history: &History) -> Vec<Asked> {
    let engine = history.engine();
    let issues = executor::run(engine.issues()).unwrap().unwrap();
    let asked = issues.into_iter().filter(|issue| issue.kind == IssueKind::Undo).map(|issue| {
        let Subject::Link(link) = issue.subject else { panic!("only links are undone: {issue:?}") };
        let link = executor::run(engine.history(&link.to_string())).unwrap().unwrap().remove(0);
        Asked { exact: link.about.exact, crm: link.about.crm, field: issue.field }
    });
    asked.collect()
}

fn items(world: &World) -> BTreeMap<(Side, String), Item> {
    let of = |side, items: &BTreeMap<String, Item>| {
        items.iter().map(move |(id, item)| ((side, id.clone()), item.clone())).collect::<Vec<_>>()
    };
    of(Side::Exact, &world.exact.items).into_iter().chain(of(Side::Crm, &world.crm.items)).collect()
}

impl After<'_> {
    fn check(&self) -> Result<BTreeMap<&'static str, u64>, String> {
        let mut met = BTreeMap::from([("an undo was asked about", self.asked.len() as u64)]);
        for ((side, id), item) in &self.items {
            let Some(was) = self.before.items.get(&(*side, id.clone())) else {
                return Err(format!("{id} was created in {side} by an undo"));
            };
            if item.deleted != was.deleted {
                return Err(format!("{id} was deleted in {side} by an undo"));
            }
            if item.retired && !self.before.wrote.made.contains(&(*side, id.clone())) {
                return Err(format!("{id} was taken out of use in {side}, and the run had not created it"));
            }
            *met.entry("a created record was taken out of use").or_default() += u64::from(item.retired);
            for (field, _) in &item.fields {
                let place = (*side, id.clone(), field.clone());
                if let Some(what) = self.moved(&place)? {
                    *met.entry(what).or_default() += 1;
                }
            }
        }
        for (side, id) in &self.before.wrote.made {
            self.out_of_use(*side, id)?;
        }
        for place in self.before.wrote.changed.keys() {
            self.put_back(place)?;
        }
        Ok(met)
    }

    fn held(&self, (side, id, field): &Place) -> String {
        text(&self.items[&(*side, id.clone())].fields, field)
    }

    fn is_retired(&self, side: Side, id: &str) -> bool {
        self.items.get(&(side, id.to_owned())).is_some_and(|item| item.retired)
    }

    /// Whatever an undo changed, the run had written, and it is again what it was.
    fn moved(&self, place: &Place) -> Result<Option<&'static str>, String> {
        let (before, now) = (self.before.held(place), self.held(place));
        if before == now {
            return Ok(None);
        }
        let (side, id, field) = place;
        let wrote = self.before.wrote.changed.get(place);
        if field == KEY {
            let named =
                self.before.link(*side, id).is_some_and(|link| self.is_retired(Side::Exact, &link.exact_id));
            let taken = named && now.is_empty();
            return match taken {
                true => Ok(Some("a key was taken back")),
                false => {
                    Err(format!("the key of {id} became `{now}`, and nothing that it names was retired"))
                }
            };
        }
        let back = wrote.is_some_and(|(from, to)| *to == before && *from == now) && !self.is_over(place);
        // What was typed where nobody could see it is not what the run believed to stand there.
        let vanished = self.before.wrote.vanished.get(place);
        let excused = vanished.is_some_and(|sent| sent.contains(&before))
            || wrote.is_some_and(|(from, to)| *to == before && self.unseen.contains(from));
        match back || excused {
            true => Ok(Some("a value was put back")),
            false => Err(format!("{field} of {id} in {side} was `{before}`, became `{now}`, of {wrote:?}")),
        }
    }

    /// Whether a later run wrote over what somebody had typed there since, as it knew.
    fn is_over(&self, place: &Place) -> bool {
        self.before
            .wrote
            .over
            .get(place)
            .is_some_and(|typed| typed.iter().any(|one| !self.unseen.contains(one)))
    }

    fn is_asked(&self, link: &LinkRow, field: &str) -> bool {
        let (exact, crm) = (RecordId::new(&link.exact_id), RecordId::new(&link.crm_id));
        self.asked.iter().any(|asked| {
            (asked.exact.as_ref(), asked.crm.as_ref()) == (Some(&exact), Some(&crm))
                && asked.field.as_deref() == Some(field)
        })
    }

    /// The rule of a field, by Exact's property name.
    fn rule(&self, link: &LinkRow, side: Side, field: &str) -> String {
        let flow = self.flows.iter().find(|flow| flow.name == link.flow);
        let rule = flow.and_then(|flow| flow.rules.iter().find(|rule| rule.field(side) == field));
        rule.map_or_else(|| field.to_owned(), |rule| rule.exact.clone())
    }

    /// What the run created is out of use, or a person is asked.
    fn out_of_use(&self, side: Side, id: &str) -> Result<(), String> {
        let Some(link) = self.before.link(side, id).filter(|link| self.before.is_whole(link)) else {
            return Ok(());
        };
        let item = &self.items[&(side, id.to_owned())];
        let asked = self.is_asked(link, "undo");
        // What was booked on it since is an edit, too.
        let edited = self.booked.contains(id) || !item.typed.is_empty();
        if item.retired && item.typed.iter().any(|field| !text(&item.fields, field).is_empty()) {
            return Err(format!(
                "{id} in {side} is out of use, although somebody edited it: {:?}",
                item.typed
            ));
        }
        if item.retired && side == Side::Exact {
            let key = self.held(&(Side::Crm, link.crm_id.clone(), KEY.to_owned()));
            if !key.is_empty() {
                return Err(format!("{} bears the key `{key}` of a record that is out of use", link.crm_id));
            }
        }
        match (item.retired, asked) {
            (true, false) | (false, true) => {}
            // Nobody can tell it from one that a person entered.
            (false, false) if item.edited => {}
            (false, false) => return Err(format!("{id} in {side} was created and is still in use")),
            (true, true) => return Err(format!("{id} in {side} is out of use, and asked about in vain")),
        }
        if asked && !edited && item.kind != Kind::Order {
            return Err(format!("{id} in {side} is asked about, and nobody edited it"));
        }
        Ok(())
    }

    /// What the run changed is what it was, or a person is asked.
    fn put_back(&self, place: &Place) -> Result<(), String> {
        let (side, id, field) = place;
        let (from, to) = &self.before.wrote.changed[place];
        let link = self.before.link(*side, id).filter(|link| self.before.is_whole(link));
        let (Some(link), false) = (link, self.is_created(*side, id)) else { return Ok(()) };
        // A key stays with its link, and who became a customer stays one.
        if [KEY, "Status"].contains(&field.as_str()) || self.unseen.contains(from) {
            return Ok(());
        }
        // Where somebody set it back and a later run wrote over that, the value is that run's, and nobody can tell it from
        // one that took the place of a write that was lost.
        if self.before.wrote.over.get(place).is_some_and(|typed| typed.contains(from)) {
            return Ok(());
        }
        let (before, now) = (self.before.held(place), self.held(place));
        let (untouched, asked) = (before == *to, self.is_asked(link, &self.rule(link, *side, field)));
        match now == *from || asked {
            true => Ok(()),
            false if untouched => {
                Err(format!("{field} of {id} in {side} is `{now}` still, and was `{from}` before the run"))
            }
            false => Err(format!("{field} of {id} in {side} was edited to `{before}`, and nobody is asked")),
        }
    }

    /// Whether the run created a record of the link: then it is about that record alone.
    fn is_created(&self, side: Side, id: &str) -> bool {
        let made = &self.before.wrote.made;
        self.before.link(side, id).is_some_and(|link| {
            made.contains(&(Side::Exact, link.exact_id.clone()))
                || made.contains(&(Side::Crm, link.crm_id.clone()))
        })
    }
}
