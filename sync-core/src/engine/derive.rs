//! Plan: from a page of records that are not in agreement, the next step for each. Reads the store, calls nobody,
//! changes nothing: a dry run and a real one derive the same steps.

use std::collections::BTreeMap;

use crm_adapters::{Action, Archive, RecordId, Value};

use super::foreseen::Foreseen;
use super::session::Session;
use super::siblings::Siblings;
use crate::error::Result;
use crate::flow::{Division, Side};
use crate::plan::{FieldWrite, Mapping, Merge, Question, References, Why, merge};
use crate::state::{
    Answer, BaseField, Feed, Intent, Issue, IssueKind, IssueState, Link, LinkId, LinkState, Observation,
    Restored, Seen, Subject, decode,
};
use crate::store::{Key, Row, Scan};

/// One division of one flow, ready to be worked on.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) session: &'a Session<'a>,
    pub(super) mapping: &'a Mapping,
    pub(super) division: Division,
    /// Whether records that are new in the CRM are created here.
    pub(super) creates_here: bool,
    /// Of a plan: what the flows before this one come to. Nothing in a run, where it has been done by then.
    pub(super) foreseen: &'a Foreseen,
}

/// What is to be done next about one record, with everything that is needed to do it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) kind: StepKind,
    /// The side whose record led to it.
    pub(super) side: Side,
    pub(super) link: Link,
    pub(super) exact: Option<Seen>,
    pub(super) crm: Option<Seen>,
    pub(super) merge: Merge,
    pub(super) issues: Vec<Issue>,
    /// Questions that are answered by this step; by a create once it is settled.
    pub(super) stale: Vec<Key>,
    /// The other divisions that hold the CRM's record.
    pub(super) elsewhere: Vec<Division>,
    /// What a plan says about it.
    pub(super) notes: Vec<String>,
    /// How many writes to the link came before this one, in one go.
    pub(super) chain: u8,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum StepKind {
    /// Both records are linked; write what the merge says, or note that they agree.
    Merge,
    /// Two records are found to be the same; tie them, then as above.
    Tie,
    /// A record is to be created on that side.
    Create(Side, Vec<FieldWrite>),
    /// Nothing to do, now or later.
    Leave,
    /// The record waits for something that others settle.
    Wait,
    /// A person must decide about a record that is not linked.
    Ask,
    /// A linked record was deleted on that side.
    End(Side),
    /// A record that a run created there is taken out of use; before that the other one loses its key.
    Retire(Side),
    /// A record that was never linked is gone.
    Forget,
}

impl Step {
    pub(super) fn seen(&self, side: Side) -> Option<&Seen> {
        match side {
            Side::Exact => self.exact.as_ref(),
            Side::Crm => self.crm.as_ref(),
        }
    }

    pub(super) fn set_seen(&mut self, side: Side, seen: Seen) {
        match side {
            Side::Exact => self.exact = Some(seen),
            Side::Crm => self.crm = Some(seen),
        }
    }

    /// The side to write to next, if there is one: a create's, else the first that the merge writes to.
    pub(super) fn target(&self) -> Option<Side> {
        if let StepKind::Create(side, _) = &self.kind {
            return Some(*side);
        }
        if let Some(side) = self.archives() {
            return Some(side);
        }
        let side = [Side::Exact, Side::Crm].into_iter().find(|side| !self.merge.writes(*side).is_empty())?;
        self.link.record(side).and(Some(side))
    }

    /// The side whose record is archived next.
    fn archives(&self) -> Option<Side> {
        let StepKind::Retire(side) = &self.kind else { return None };
        self.merge.crm.is_empty().then_some(*side)
    }

    /// The write to send next, if there is one.
    pub(super) fn write(&self) -> Option<(Side, Action, Vec<FieldWrite>)> {
        let side = self.target()?;
        if let StepKind::Create(_, writes) = &self.kind {
            let now = writes.iter().filter(|write| write.why != Why::Afterwards).cloned().collect();
            return Some((side, Action::Create(fields(writes)), now));
        }
        if self.archives().is_some() {
            return Some((side, Action::Archive(self.link.record(side)?.clone()), Vec::new()));
        }
        Some((side, self.update(side)?, self.merge.writes(side).to_vec()))
    }

    /// What it writes to each side, now and afterwards.
    pub(super) fn all_writes(&self) -> impl Iterator<Item = (Side, &[FieldWrite])> {
        let create = match &self.kind {
            StepKind::Create(side, writes) => Some((*side, writes.as_slice())),
            _ => None,
        };
        let merged = [Side::Exact, Side::Crm].map(|side| (side, self.merge.writes(side)));
        create.into_iter().chain(merged)
    }

    /// What the merge writes to a side's record, where it does.
    pub(super) fn update(&self, side: Side) -> Option<Action> {
        let writes = self.merge.writes(side);
        let record = self.link.record(side).filter(|_| !writes.is_empty())?;
        Some(Action::Update(record.clone(), fields(writes)))
    }
}

/// The fields of the record itself, as they are written now.
pub(super) fn fields(writes: &[FieldWrite]) -> crm_adapters::Fields {
    let own = writes.iter().filter(|write| !matches!(write.why, Why::Promoted | Why::Afterwards));
    own.map(|write| (write.field.clone(), write.to.clone())).collect()
}

impl Ground<'_> {
    pub(super) fn feed(&self, side: Side) -> Feed {
        Feed::of(&self.mapping.flow.name, side, self.division)
    }

    /// The records of a side that are not in agreement in this division.
    pub(super) fn dirty(&self, side: Side) -> Scan {
        let prefix = Observation::dirty_prefix(&self.mapping.flow.name, side, self.division);
        Scan::mark(Observation::DIRTY, &prefix)
    }

    pub(super) async fn rows(&self, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.session.engine.store.get(&self.session.engine.tenant, keys).await?)
    }

    /// The next step for each record of a page.
    pub(super) async fn derive(&self, side: Side, rows: &[Row]) -> Result<Vec<Step>> {
        let seen = rows.iter().map(Seen::read).collect::<Result<Vec<_>, _>>()?;
        let links = self.links_of(side, seen.iter().map(|seen| &seen.id)).await?;
        let (tied, loose): (Vec<_>, Vec<_>) =
            seen.into_iter().zip(links).partition(|(_, link)| link.is_some());
        let tied = tied.into_iter().filter_map(|(seen, link)| Some((seen, link?))).collect();
        let loose = loose.into_iter().map(|(seen, _)| seen).collect();
        let mut steps = self.tied(side, tied).await?;
        steps.extend(self.loose(side, loose).await?);
        self.ask_overdue(&mut steps).await?;
        Ok(steps)
    }

    pub(super) async fn link(&self, intent: &Intent) -> Result<Option<Link>> {
        let key = Link::key_of(&intent.flow, intent.division, intent.link);
        let row = self.rows(&[key]).await?.pop().flatten();
        Ok(row.as_ref().map(decode).transpose()?)
    }

    /// The step of an open create as it was when it was claimed; `None` where the source is gone.
    pub(super) async fn resume(&self, intent: &Intent) -> Result<Option<Step>> {
        let link = intent.link_to_make();
        let side = intent.side.other();
        let Some(id) = link.record(side) else { return Ok(None) };
        let source = self.rows(&[Observation::key(&self.feed(side), id)]).await?.pop().flatten();
        let Some(source) = source.as_ref().map(Seen::read).transpose()? else { return Ok(None) };
        let question = Issue::key_of(&link.flow, link.division, &Subject::Record(side, id.clone()), None);
        let mut step = self.step(StepKind::Create(intent.side, intent.fields.clone()), side, link, source);
        step.stale.push(question);
        Ok(Some(step))
    }

    /// The link of each record, in order.
    pub(super) async fn links_of<'i>(
        &self,
        side: Side,
        ids: impl Iterator<Item = &'i RecordId>,
    ) -> Result<Vec<Option<Link>>> {
        let ids: Vec<_> = ids.collect();
        let links = self.links_in(self.division, side, ids.iter().copied()).await?;
        Ok(ids.into_iter().map(|id| links.get(id).cloned()).collect())
    }

    /// The links of a division that hold one of these records, by it.
    pub(super) async fn links_in<'i>(
        &self,
        division: Division,
        side: Side,
        ids: impl Iterator<Item = &'i RecordId>,
    ) -> Result<BTreeMap<RecordId, Link>> {
        let flow = &self.mapping.flow.name;
        let marks: Vec<_> = ids.flat_map(|id| Link::record_marks(flow, division, side, id)).collect();
        let mut found = BTreeMap::new();
        for link in self.session.links(&marks).await? {
            found.extend(link.ids(side).map(|id| (id.clone(), link.clone())));
        }
        Ok(found)
    }

    /// Steps for records that belong to a link.
    async fn tied(&self, side: Side, tied: Vec<(Seen, Link)>) -> Result<Vec<Step>> {
        let flow = &self.mapping.flow.name;
        let intents: Vec<_> =
            tied.iter().map(|(_, link)| Intent::key_of(flow, self.division, link.id)).collect();
        let intents = self.rows(&intents).await?;
        let counterpart = self.feed(side.other());
        // A link without its other record has an intent; any key does for it, the row is not looked at.
        let keys: Vec<_> = tied
            .iter()
            .map(|(seen, link)| Observation::key(&counterpart, link.record(side.other()).unwrap_or(&seen.id)))
            .collect();
        let others = self.rows(&keys).await?;
        let others = others
            .iter()
            .map(|row| row.as_ref().map(Seen::read).transpose())
            .collect::<Result<Vec<_>, _>>()?;
        let here = tied.iter().map(|(seen, _)| (side, seen.fields()));
        let there = others.iter().flatten().map(|seen| (side.other(), seen.fields()));
        let references = self.references(here.chain(there)).await?;
        let siblings = self.siblings(tied.iter().filter_map(|(_, link)| link.crm.clone())).await?;
        let mut steps = Vec::new();
        for ((tied, intent), other) in tied.into_iter().zip(intents).zip(others) {
            let busy = intent.is_some();
            if let Some(mut step) = self.tied_one(side, &references, &siblings, tied, other, busy) {
                self.hold_oscillating(&mut step).await?;
                self.hold_refused(&mut step).await?;
                steps.push(step);
            }
        }
        Ok(steps)
    }

    /// `None` where the other side's turn covers it.
    fn tied_one(
        &self,
        side: Side,
        references: &References,
        siblings: &Siblings,
        (seen, link): (Seen, Link),
        other: Option<Seen>,
        busy: bool,
    ) -> Option<Step> {
        if link.record(side) != Some(&seen.id) {
            // An id of former times: what it was merged into speaks for the link.
            return Some(self.step(StepKind::Leave, side, link, seen));
        }
        let covered = side == Side::Crm
            && other.as_ref().is_some_and(|exact| exact.observation.is_dirty(self.division));
        if covered && !seen.observation.deleted {
            return None;
        }
        let kind = match (&other, link.state) {
            (_, LinkState::Ended(_)) => StepKind::Leave,
            _ if busy => StepKind::Wait,
            _ if seen.observation.deleted => StepKind::End(side),
            (Some(other), _) if other.observation.deleted => StepKind::End(side.other()),
            (Some(_), _) => StepKind::Merge,
            (None, _) => StepKind::Wait,
        };
        let mut step = self.step(kind, side, link, seen);
        if let Some(other) = other {
            step.set_seen(side.other(), other);
        }
        step.elsewhere = step.link.crm.as_ref().map(|crm| siblings.of(crm)).unwrap_or_default();
        if let (StepKind::Merge, Some(exact), Some(crm)) = (&step.kind, &step.exact, &step.crm) {
            // What was handed over stays in view, whatever becomes of the deal.
            let bound = self.mapping.flow.hands_over() || self.takes_part(Side::Crm, crm);
            if bound && self.takes_part(Side::Exact, exact) {
                self.merge(&mut step, references, siblings);
            } else {
                step.kind = StepKind::Leave;
            }
        }
        Some(step)
    }

    /// What both sides of a step's link come to, with what the other divisions hold of the CRM's record.
    pub(super) fn merge(&self, step: &mut Step, references: &References, siblings: &Siblings) {
        let (Some(exact), Some(crm)) = (&step.exact, &step.crm) else { return };
        step.elsewhere = siblings.of(&crm.id);
        let exact = self.across(siblings, &crm.id, exact.fields());
        let mut agreed = self.own_ways(step);
        step.link.base.extend(agreed.iter().cloned());
        step.merge = merge(self.mapping, references, &step.link, &exact, crm.fields());
        agreed.append(&mut step.merge.agreed);
        step.merge.agreed = agreed;
        self.retire(step);
        step.issues = self.questions(step);
    }

    /// What the sides of a link agree on where one of them made something else of what was written to it.
    fn own_ways(&self, step: &Step) -> Vec<(String, BaseField)> {
        let mut bases = Vec::new();
        for side in [Side::Exact, Side::Crm] {
            let Some(seen) = step.seen(side) else { continue };
            for field in seen.observation.echo.own_way() {
                let rule = self.mapping.flow.rules.iter().find(|rule| rule.field(side) == field);
                let Some((rule, held)) = rule.zip(seen.fields().get(field)) else { continue };
                let Some(base) = step.link.base.get(&rule.exact).cloned() else { continue };
                let base = match side {
                    Side::Exact => BaseField { exact: held.clone(), ..base },
                    Side::Crm => BaseField { crm: held.clone(), ..base },
                };
                bases.push((rule.exact.clone(), base));
            }
        }
        bases
    }

    /// Takes the record out of use that a run created, where that was asked for and nobody has edited it since.
    fn retire(&self, step: &mut Step) {
        let Some(Answer::Retire { side, wrote, key }) = step.link.answers.get(Link::UNDO) else { return };
        let side = *side;
        let (kind, flow) = (self.mapping.flow.kinds.on(side), &self.mapping.flow);
        let adapter = self.session.engine.adapter(side, self.division);
        let archives = adapter.is_some_and(|adapter| adapter.capabilities(kind).archive != Archive::Never)
            && !flow.hands_over();
        let Some(seen) = step.seen(side) else { return };
        // What took the created record's place, by a merge or entered anew, is no run's.
        let replaced = step.link.ids(side).nth(1).is_some();
        let untouched = !replaced
            && flow.rules.iter().all(|rule| {
                let empty = Value::Null;
                let wrote = wrote.get(&rule.exact).unwrap_or(&empty);
                let held = seen.fields().get(rule.field(side));
                held.is_none_or(|held| rule.compare.same(wrote, held))
            });
        if archives && untouched {
            let key = key.as_ref().zip(step.crm.as_ref()).and_then(|(key, crm)| self.key_back(key, crm));
            step.merge = Merge { crm: key.into_iter().collect(), ..Merge::default() };
            step.kind = StepKind::Retire(side);
            return;
        }
        let why = match (archives, replaced) {
            (false, _) => "can only be taken back by hand",
            (true, true) => "is another record now",
            (true, false) => "was edited or booked on since",
        };
        let message = format!(
            "the {kind} {} in {side} was created by a run that is to be undone, and {why}: decide there what becomes of it, then skip to take note",
            seen.id
        );
        let (exact, crm) = (Value::Null, Value::Null);
        step.merge.questions.push(Question {
            field: Link::UNDO.to_owned(),
            kind: IssueKind::Undo,
            message,
            exact,
            crm,
        });
    }

    /// Takes back the key that a run wrote, where it stands there still.
    fn key_back(&self, key: &Restored, crm: &Seen) -> Option<FieldWrite> {
        let field = self.mapping.flow.sync_key.clone()?;
        (crm.fields().get(&field) == Some(&key.wrote)).then(|| FieldWrite {
            rule: String::new(),
            field,
            from: key.wrote.clone(),
            to: key.back.clone(),
            source: Value::Null,
            why: Why::Undone,
        })
    }

    /// A write that was refused is not sent again before something about it changed.
    async fn hold_refused(&self, step: &mut Step) -> Result<()> {
        if !step.link.issues.contains(Link::WHOLE) {
            return Ok(());
        }
        let Some((side, action, writes)) = step.write() else { return Ok(()) };
        let subject = Subject::Link(step.link.id);
        let key = Issue::key_of(&step.link.flow, self.division, &subject, None);
        if let Some(row) = self.rows(&[key]).await?.pop().flatten() {
            let issue: Issue = decode(&row)?;
            if issue.payload.as_deref() == Some(&payload(side, &action)) {
                let kept = Merge { questions: std::mem::take(&mut step.merge.questions), ..Merge::default() };
                step.merge = kept;
                if matches!(step.kind, StepKind::Retire(_)) {
                    step.kind = StepKind::Merge;
                }
                let held = |side: Side| step.seen(side).map(|seen| seen.fields().clone());
                let (exact, crm) = (held(Side::Exact), held(Side::Crm));
                step.issues.push(Issue { exact, crm, ..issue });
                tracing::debug!(fields = writes.len(), "held back what was refused before");
            }
        }
        Ok(())
    }

    pub(super) fn takes_part(&self, side: Side, seen: &Seen) -> bool {
        self.mapping.flow.when.as_ref().is_none_or(|when| when.holds(side, seen.fields()))
    }

    pub(super) fn record_issue(
        &self,
        side: Side,
        seen: &Seen,
        kind: IssueKind,
        message: String,
        known: Option<&Issue>,
    ) -> Issue {
        let fields = Some(seen.fields().clone());
        let (exact, crm) = if side == Side::Exact { (fields, None) } else { (None, fields) };
        Issue {
            flow: self.mapping.flow.name.clone(),
            division: self.division,
            subject: Subject::Record(side, seen.id.clone()),
            field: None,
            kind,
            message,
            exact,
            crm,
            base: None,
            payload: None,
            raised_at: known.map_or_else(|| self.session.now(), |issue| issue.raised_at),
            state: IssueState::Open,
        }
    }

    /// The issues that a merge's questions become.
    fn questions(&self, step: &Step) -> Vec<Issue> {
        step.merge.questions.iter().map(|question| self.question(step, question)).collect()
    }

    pub(super) fn question(&self, step: &Step, question: &Question) -> Issue {
        let one = |name: &str, value: &Value| Some(crm_adapters::Fields::new().with(name, value.clone()));
        let rule = self.mapping.flow.rule(&question.field);
        Issue {
            flow: step.link.flow.clone(),
            division: self.division,
            subject: Subject::Link(step.link.id),
            field: Some(question.field.clone()),
            kind: question.kind,
            message: question.message.clone(),
            exact: one(&question.field, &question.exact),
            crm: one(rule.map_or(&question.field, |rule| &rule.crm), &question.crm),
            base: step.link.base.get(&question.field).map(|base| base.exact.clone()),
            payload: None,
            raised_at: self.session.now(),
            state: IssueState::Open,
        }
    }

    pub(super) fn new_link(&self) -> Link {
        Link::new(LinkId::new(self.session.new_id()), &self.mapping.flow.name, self.division)
    }

    pub(super) fn step(&self, kind: StepKind, side: Side, link: Link, seen: Seen) -> Step {
        let mut step = Step {
            kind,
            side,
            link,
            exact: None,
            crm: None,
            merge: Merge::default(),
            issues: Vec::new(),
            stale: Vec::new(),
            elsewhere: Vec::new(),
            notes: Vec::new(),
            chain: 0,
        };
        step.set_seen(side, seen);
        step
    }

    /// Merges a link anew, after something about it was stored.
    pub(super) async fn remerge(&self, link: Link, exact: Seen, crm: Seen) -> Result<Step> {
        let records = [(Side::Exact, exact.fields()), (Side::Crm, crm.fields())];
        let references = self.references(records.into_iter()).await?;
        let siblings = self.siblings([crm.id.clone()].into_iter()).await?;
        let mut step = self.step(StepKind::Merge, Side::Exact, link, exact);
        step.set_seen(Side::Crm, crm);
        self.merge(&mut step, &references, &siblings);
        self.hold_oscillating(&mut step).await?;
        Ok(step)
    }
}

/// A digest of what is sent, to tell whether it was refused before.
pub(super) fn payload(side: Side, action: &Action) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(&Sha256::digest(format!("{side:?}{action:?}").as_bytes())[..8])
}
