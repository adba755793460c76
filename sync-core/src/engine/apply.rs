//! Apply and settle: claim intents durably, send them, and store what became of each.
//!
//! One loop drives everything: requests and one commit run side by side, and the loop starts whatever may start whenever
//! one of them ends. A commit settles what has landed and claims what leaves next. At most [`IN_FLIGHT`] intents are
//! claimed and not yet settled.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use crm_adapters::{Adapter, ErrorKind as SideErrorKind, Kind, Outcome, Pace, Retry, View, Write};
use futures_util::StreamExt;
use futures_util::future::{BoxFuture, Either, select};
use futures_util::stream::FuturesUnordered;

use super::PATIENCE;
use super::claim::{self, Claimed};
use super::derive::{Ground, Step, StepKind};
use super::observe;
use super::recover::Pending;
use super::report::FlowReport;
use super::settle::{self, Fate, Settled};
use crate::error::Result;
use crate::flow::Side;

/// How many intents may be claimed and not yet settled; two batches, where a side takes more than half of that at once.
const IN_FLIGHT: usize = 64;
/// More than this is not sent in one call, whatever the side takes.
const LARGEST_BATCH: usize = 100;
/// How many are claimed, or settled, in one commit, where there are so many: about as many as a side takes at once, so
/// that what is claimed leaves before its deadline, and few enough that both groups and those on the wire fit in flight.
const GROUP: RangeInclusive<usize> = 12..=20;
/// How many are kept ready beside those under way, so that no connection is idle during a commit.
const SPARE: usize = 12;
/// How often one link is written to in one go, its follow-ups counted.
const CHAIN: u8 = 4;

/// Sends the steps that are pushed into it.
pub(super) struct Pipeline<'a> {
    ground: &'a Ground<'a>,
    report: &'a mut FlowReport,
    lines: [Line; 2],
    motions: FuturesUnordered<BoxFuture<'a, Result<Motion>>>,
    landed: Vec<(Claimed, Outcome)>,
    /// A commit is under way.
    storing: bool,
    /// Claimed and not yet settled, in any stage.
    in_flight: usize,
    unanswered: Pending,
    /// No more steps are pushed.
    draining: bool,
}

/// What is under way towards one side.
struct Line {
    adapter: Arc<dyn Adapter>,
    view: Arc<View>,
    queue: VecDeque<Step>,
    ready: VecDeque<Claimed>,
    /// More steps may come: what is less than a call waits for them.
    expects: bool,
    sending: usize,
    resting: bool,
    failures: u32,
    stop: Option<Stop>,
}

/// Why nothing more is sent to a side in this run.
#[derive(Debug)]
pub(super) struct Stop {
    /// What a person should know, where it is not just a budget.
    pub(super) error: Option<crm_adapters::Error>,
    /// When it may go on.
    pub(super) until: Option<DateTime<Utc>>,
}

/// Something under way that has ended.
enum Motion {
    /// What a commit settled, and what it claimed.
    Stored(Vec<Settled>, Vec<(Side, Vec<Claimed>)>),
    Landed(Vec<(Claimed, Outcome)>),
    Rested(Side),
}

impl<'a> Pipeline<'a> {
    pub(super) fn new(ground: &'a Ground<'a>, report: &'a mut FlowReport) -> Option<Self> {
        let line = |side| {
            let adapter = ground.session.engine.adapter(side, ground.division)?;
            Some(Line {
                adapter: Arc::clone(adapter),
                view: Arc::new(observe::view(ground.mapping, side)),
                queue: VecDeque::new(),
                ready: VecDeque::new(),
                expects: true,
                sending: 0,
                resting: false,
                failures: 0,
                stop: None,
            })
        };
        Some(Self {
            ground,
            report,
            lines: [line(Side::Exact)?, line(Side::Crm)?],
            motions: FuturesUnordered::new(),
            landed: Vec::new(),
            storing: false,
            in_flight: 0,
            unanswered: Pending::default(),
            draining: false,
        })
    }

    /// Takes a step that writes; waits while too many are before it.
    pub(super) async fn push(&mut self, step: Step) -> Result<()> {
        self.enqueue(step);
        while self.lines.iter().any(|line| line.queue.len() >= line.room()) {
            if !self.turn().await? {
                break;
            }
        }
        Ok(())
    }

    /// Keeps everything under way while something else is done. A store call must never be awaited beside the pipeline
    /// in any other way: a commit that nobody polls may hold the connection that the call waits for.
    pub(super) async fn alongside<T: Send>(&mut self, work: impl Future<Output = T> + Send) -> Result<T> {
        let mut work = pin!(work);
        loop {
            self.start();
            if self.motions.is_empty() {
                return Ok(work.await);
            }
            match select(work.as_mut(), self.motions.next()).await {
                Either::Left((done, _)) => return Ok(done),
                Either::Right((Some(motion), _)) => self.take(motion?),
                Either::Right((None, _)) => {}
            }
        }
    }

    /// Works until everything that was pushed is settled, or cannot be for now.
    pub(super) async fn drain(&mut self) -> Result<()> {
        self.draining = true;
        while self.turn().await? {}
        self.draining = false;
        Ok(())
    }

    /// Ends the pipeline; says which sides were stopped, and what was not answered.
    pub(super) async fn finish(mut self) -> Result<(Vec<(Side, Stop)>, Pending)> {
        self.drain().await?;
        let stops = [Side::Exact, Side::Crm].into_iter().zip(self.lines);
        Ok((stops.filter_map(|(side, line)| Some((side, line.stop?))).collect(), self.unanswered))
    }

    fn enqueue(&mut self, step: Step) {
        let Some(side) = step.target() else { return };
        let line = self.line(side);
        if line.stop.is_some() {
            self.report.waiting += 1;
        } else {
            line.queue.push_back(step);
        }
    }

    fn line(&mut self, side: Side) -> &mut Line {
        let [exact, crm] = &mut self.lines;
        if side == Side::Exact { exact } else { crm }
    }

    /// Starts what may start, then takes in one thing that ended. `false` where nothing is under way.
    async fn turn(&mut self) -> Result<bool> {
        self.start();
        if self.motions.is_empty() {
            // A side that was stopped just now holds up the other one no more.
            self.start();
        }
        match self.motions.next().await {
            None => return Ok(false),
            Some(motion) => self.take(motion?),
        }
        Ok(true)
    }

    fn start(&mut self) {
        self.start_storing();
        for side in [Side::Exact, Side::Crm] {
            self.start_sending(side);
        }
    }

    /// Starts a commit when enough has landed, or a side is about to run out of claimed writes, or nothing else is
    /// under way.
    fn start_storing(&mut self) {
        let idle = self.lines.iter().all(|line| line.sending == 0 && line.ready.is_empty());
        let group = self.lines.iter().map(Line::group).max().unwrap_or_default();
        self.look_ahead();
        let due = idle || self.landed.len() >= group || self.lines.iter().any(Line::runs_dry);
        if self.storing || !due {
            return;
        }
        let landed = std::mem::take(&mut self.landed);
        // The commit that settles them is the one that claims others in their place.
        self.in_flight -= landed.len();
        let claims = [Side::Exact, Side::Crm].map(|side| (side, self.next_claims(side)));
        if landed.is_empty() && claims.iter().all(|(_, steps)| steps.is_empty()) {
            return;
        }
        self.storing = true;
        self.motions.push(Box::pin(store(self.ground, landed, claims)));
    }

    /// Notes for each side whether steps are still to come: from the caller, or as what follows from a write to the other
    /// side, such as the key of a record that was created there.
    fn look_ahead(&mut self) {
        let busy = |(side, line): (Side, &Line)| {
            line.sending + line.ready.len() > 0
                || line.queue.len() >= line.batch()
                || self.landed.iter().any(|(claimed, _)| claimed.intent.side == side)
        };
        let [exact, crm] = &self.lines;
        let expects = [(Side::Crm, crm), (Side::Exact, exact)].map(|other| !self.draining || busy(other));
        for (line, expects) in self.lines.iter_mut().zip(expects) {
            line.expects = expects;
        }
    }

    /// The steps to claim now, as far as the side's limits and those in flight allow it.
    fn next_claims(&mut self, side: Side) -> Vec<Step> {
        let in_flight = self.in_flight;
        let line = self.line(side);
        let room = line.room().saturating_sub(in_flight);
        let group = line.group();
        let wanted = line.queue.len().min(group);
        if line.resting || line.stop.is_some() || !line.fills_a_call() || room < wanted {
            return Vec::new();
        }
        match line.adapter.pace(line.view.kind) {
            Pace::Ready(most) if most > line.ready.len() => {
                let take = line.queue.len().min(room).min(most - line.ready.len()).min(group);
                let steps: Vec<_> = line.queue.drain(..take).collect();
                self.in_flight += steps.len();
                return steps;
            }
            // What was claimed already uses up what may leave now; the next answer tells.
            Pace::Ready(_) if line.sending + line.ready.len() > 0 => {}
            Pace::Ready(_) => self.rest(side, Duration::from_secs(1)),
            Pace::Wait(wait) => self.rest(side, wait),
            Pace::Spent(until) => self.stop(side, Stop { error: None, until: Some(until) }),
        }
        Vec::new()
    }

    fn start_sending(&mut self, side: Side) {
        loop {
            let line = self.line(side);
            let capabilities = line.adapter.capabilities(line.view.kind);
            if line.ready.is_empty() || line.sending >= capabilities.concurrency.max(1) {
                return;
            }
            let batch = line.ready.len().min(line.batch());
            let batch: Vec<_> = line.ready.drain(..batch).collect();
            line.sending += 1;
            let (adapter, view) = (Arc::clone(&line.adapter), Arc::clone(&line.view));
            self.motions
                .push(Box::pin(async move { Ok(Motion::Landed(send(&*adapter, &view, batch).await)) }));
        }
    }

    fn take(&mut self, motion: Motion) {
        match motion {
            Motion::Stored(settled, claims) => {
                self.storing = false;
                for one in settled {
                    self.settled(one);
                }
                for (side, claimed) in claims {
                    let tied = claimed.iter().filter(|claimed| claimed.step.kind == StepKind::Tie).count();
                    self.report.linked += tied as u64;
                    self.line(side).ready.extend(claimed);
                }
            }
            Motion::Landed(landed) => {
                if let Some((claimed, _)) = landed.first() {
                    self.line(claimed.intent.side).sending -= 1;
                }
                self.landed.extend(landed);
            }
            Motion::Rested(side) => self.line(side).resting = false,
        }
    }

    /// Counts what became of a write, and takes up what follows from it.
    fn settled(&mut self, settled: Settled) {
        let Settled { side, fate, next } = settled;
        if matches!(fate, Fate::Created | Fate::Updated) {
            self.line(side).failures = 0;
        }
        match fate {
            Fate::Created => self.report.created.add(side, 1),
            Fate::Updated => self.report.updated.add(side, 1),
            Fate::Refused | Fate::Ended => self.report.failed += 1,
            Fate::Unknown(due) => {
                self.unanswered.add(due);
                self.line(side).failures += 1;
            }
            Fate::NotSent(error) if next.as_ref().is_none_or(|step| step.chain >= CHAIN) => {
                self.stop(side, Stop { error: Some(error), until: None });
            }
            Fate::NotSent(error) => self.not_sent(side, error),
        }
        if self.line(side).failures >= 5 {
            let error = crm_adapters::Error::new(
                SideErrorKind::Unavailable,
                format!("{side} did not answer five writes in a row"),
            )
            .with_remedy("run again later; what was sent is looked for first");
            self.stop(side, Stop { error: Some(error), until: None });
        }
        match next {
            Some(step) if step.chain < CHAIN => self.enqueue(step),
            // The next pass takes it up.
            Some(_) => self.report.waiting += 1,
            None => {}
        }
    }

    fn not_sent(&mut self, side: Side, error: crm_adapters::Error) {
        let now = self.ground.session.now();
        let wait = match error.retry() {
            Retry::After(wait) => Some(wait),
            Retry::At(moment) => Some((moment - now).to_std().unwrap_or_default()),
            Retry::Backoff => Some(Duration::from_secs(1 << self.line(side).failures.min(5))),
            _ => None,
        };
        let rate_limited = error.kind() == SideErrorKind::RateLimited;
        if !rate_limited {
            self.line(side).failures += 1;
        }
        match wait {
            Some(wait) if wait <= PATIENCE => self.rest(side, wait),
            Some(wait) => {
                let until = now + wait;
                self.stop(side, Stop { error: (!rate_limited).then_some(error), until: Some(until) });
            }
            None => self.stop(side, Stop { error: Some(error), until: None }),
        }
    }

    fn rest(&mut self, side: Side, wait: Duration) {
        if wait > PATIENCE {
            let until = self.ground.session.now() + wait;
            return self.stop(side, Stop { error: None, until: Some(until) });
        }
        let session = self.ground.session;
        let line = self.line(side);
        if line.resting {
            return;
        }
        line.resting = true;
        self.motions.push(Box::pin(async move {
            session.wait(wait, "a limit of the vendor").await?;
            Ok(Motion::Rested(side))
        }));
    }

    fn stop(&mut self, side: Side, stop: Stop) {
        let line = self.line(side);
        let dropped = std::mem::take(&mut line.queue).len() as u64;
        line.stop.get_or_insert(stop);
        self.report.waiting += dropped;
    }
}

impl Line {
    /// Whether there is more to claim, and a commit would last longer than what is claimed.
    fn runs_dry(&self) -> bool {
        let waits = self.resting || self.stop.is_some() || !self.fills_a_call();
        !waits && self.sending + self.ready.len() < self.concurrency() + SPARE
    }

    /// Whether there is something to claim, and as much as goes into one call while more may be coming.
    fn fills_a_call(&self) -> bool {
        let least = if self.expects { self.batch() } else { 1 };
        self.queue.len() >= least
    }

    fn concurrency(&self) -> usize {
        self.adapter.capabilities(self.view.kind).concurrency.max(1)
    }

    /// How many are claimed, or settled, in one commit, where there are so many.
    fn group(&self) -> usize {
        self.concurrency().clamp(*GROUP.start(), *GROUP.end()).max(self.batch())
    }

    /// How many go into one call.
    fn batch(&self) -> usize {
        batch_of(&*self.adapter, self.view.kind)
    }

    /// How many may be claimed and not yet settled, in all.
    fn room(&self) -> usize {
        IN_FLIGHT.max(2 * self.batch())
    }
}

/// How many writes of a kind go into one call.
pub(super) fn batch_of(adapter: &dyn Adapter, kind: Kind) -> usize {
    adapter.capabilities(kind).batch.clamp(1, LARGEST_BATCH)
}

/// Settles what has landed and claims what may leave next, in one commit. The two never touch the same row: a link has
/// one step at a time, and a record one link.
async fn store(
    ground: &Ground<'_>,
    landed: Vec<(Claimed, Outcome)>,
    steps: [(Side, Vec<Step>); 2],
) -> Result<Motion> {
    let mut batch = ground.session.batch();
    let settled = settle::settle(ground, &mut batch, landed).await?;
    let mut claims = Vec::new();
    for (side, steps) in steps {
        claims.push((side, claim::claim(ground, &mut batch, side, steps).await?));
    }
    ground.session.commit(batch).await?;
    Ok(Motion::Stored(settled, claims))
}

async fn send(adapter: &dyn Adapter, view: &View, batch: Vec<Claimed>) -> Vec<(Claimed, Outcome)> {
    let mut landed = Vec::with_capacity(batch.len());
    let mut leaving = Vec::with_capacity(batch.len());
    for claimed in batch {
        let (claimed, there) = there_already(adapter, view, claimed).await;
        let ended = match there {
            Some(outcome) => Some(outcome),
            None => promotion(adapter, &claimed).await,
        };
        match ended {
            Some(outcome) => landed.push((claimed, outcome)),
            None => leaving.push(claimed),
        }
    }
    if leaving.is_empty() {
        return landed;
    }
    let writes: Vec<_> = leaving
        .iter()
        .map(|claimed| Write {
            action: claimed.intent.action.clone(),
            send_before: Some(claimed.send_before),
        })
        .collect();
    let mut outcomes = adapter.write(view, writes).await.into_iter();
    let missing = || {
        let error =
            crm_adapters::Error::new(SideErrorKind::Decode, "the adapter gave no outcome for a write");
        Outcome::Unknown(error.with_may_have_applied(true))
    };
    landed.extend(leaving.into_iter().map(|claimed| (claimed, outcomes.next().unwrap_or_else(missing))));
    landed
}

/// Looks for the record that a hand-off is about to create: one that bears its key is taken for it, and nothing is sent.
async fn there_already(
    adapter: &dyn Adapter,
    view: &View,
    mut claimed: Claimed,
) -> (Claimed, Option<Outcome>) {
    let Some(key) = &claimed.look_first else { return (claimed, None) };
    let outcome = match adapter.find(view, key).await {
        Ok(mut found) => match (found.pop(), found.is_empty()) {
            (None, _) => None,
            (Some(record), true) => {
                claimed.found = true;
                Some(Outcome::Applied(record))
            }
            (Some(_), false) => Some(Outcome::Rejected(
                crm_adapters::Error::new(
                    SideErrorKind::Conflict,
                    format!("several records bear {} {} already", key.field, key.value),
                )
                .with_field(&key.field)
                .with_remedy("end those that are too many, or link one by hand"),
            )),
        },
        Err(error) if error.kind() == SideErrorKind::Unsupported => None,
        Err(error) => Some(Outcome::NotSent(error)),
    };
    (claimed, outcome)
}

/// Carries out what a hand-off needs before it; where that fails, the hand-off is not sent.
async fn promotion(adapter: &dyn Adapter, claimed: &Claimed) -> Option<Outcome> {
    let (view, action) = claimed.promote.as_ref()?;
    let write = Write { action: action.clone(), send_before: Some(claimed.send_before) };
    match adapter.write(view, vec![write]).await.pop()? {
        Outcome::Applied(_) | Outcome::Accepted(_) => None,
        Outcome::Rejected(error) | Outcome::Gone(error) => Some(Outcome::Rejected(error)),
        // Whatever became of it, the record itself did not leave.
        Outcome::NotSent(error) | Outcome::Unknown(error) => {
            Some(Outcome::NotSent(error.with_may_have_applied(false)))
        }
    }
}

/// Whether a step writes to a side, rather than only to the store.
pub(super) fn writes(step: &Step) -> bool {
    matches!(step.kind, StepKind::Create(..) | StepKind::Merge | StepKind::Tie | StepKind::Retire(_))
        && step.target().is_some()
}
