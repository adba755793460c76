//! A backstop: where something on a side sets a field back after each write, a person is asked, and the field stays as
//! it is until one of its values is another one.

use chrono::{DateTime, Utc};
use crm_adapters::Fields;

use super::derive::{Ground, Step, StepKind};
use crate::error::Result;
use crate::flow::Side;
use crate::plan::{FieldWrite, Question, UNDONE, WINDOW, may_oscillate, undone_before};
use crate::state::{AuditLine, Issue, IssueKind, Link, Subject, decode};
use crate::store::Scan;

/// A write that was settled, when and on which side.
type Past = (DateTime<Utc>, Side, FieldWrite);

impl Ground<'_> {
    /// Turns writes that would only go to and fro into questions. Reads the audit of links that are about to be written
    /// to, of the last day.
    pub(super) async fn hold_oscillating(&self, step: &mut Step) -> Result<()> {
        if step.kind != StepKind::Merge {
            return Ok(());
        }
        let of = |side: Side| step.merge.writes(side).iter().map(move |write| (side, write.clone()));
        let writes: Vec<_> =
            of(Side::Exact).chain(of(Side::Crm)).filter(|(_, write)| may_oscillate(write)).collect();
        if writes.is_empty() {
            return Ok(());
        }
        let past = self.written_lately(&step.link).await?;
        for (side, write) in writes {
            let told = match self.parked(step, &write.rule).await? {
                Some(told) => Some(told),
                None => self.oscillates(&past, side, &write),
            };
            if let Some(message) = told {
                self.park(step, &write.rule, message);
            }
        }
        Ok(())
    }

    /// What was written to a link in the time that counts, oldest first.
    async fn written_lately(&self, link: &Link) -> Result<Vec<Past>> {
        let engine = self.session.engine;
        let mut scan = Scan::mark(AuditLine::OF_LINK, &AuditLine::life(&link.flow, link.division, link.id));
        let since = (self.session.now() - WINDOW).timestamp_micros().max(0);
        scan.from.push_str(&format!("{since:020}"));
        let mut past = Vec::new();
        loop {
            let rows = engine.store.scan(&engine.tenant, &scan).await?;
            for row in &rows {
                let AuditLine { at, side, action, fields, .. } = decode(row)?;
                if action == AuditLine::UPDATE {
                    past.extend(fields.into_iter().map(|write| (at, side, write)));
                }
            }
            match rows.last() {
                Some(last) if rows.len() == scan.limit => scan = scan.behind(last),
                _ => return Ok(past),
            }
        }
    }

    /// What a person is told of a write that would undo the same once more.
    fn oscillates(&self, past: &[Past], side: Side, write: &FieldWrite) -> Option<String> {
        let rule = self.mapping.flow.rule(&write.rule)?;
        let own = past.iter().filter(|(_, of, before)| *of == side && before.rule == write.rule);
        let (times, own): (Vec<&DateTime<Utc>>, Vec<&FieldWrite>) =
            own.map(|(at, _, before)| (at, before)).unzip();
        let undone = undone_before(rule.compare, &own, write);
        (undone >= UNDONE).then(|| {
            let last = times.last().map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M UTC").to_string());
            let FieldWrite { field, from, to, .. } = write;
            format!(
                "{field} in {side} was set back to `{from}` {undone} times in 24 hours, each time after `{to}` was written to it, last at {last}; something in {side} does that: mend it there, or say whose value counts"
            )
        })
    }

    /// What a person was told already of a field that is as it was then.
    async fn parked(&self, step: &Step, rule: &str) -> Result<Option<String>> {
        if !step.link.issues.contains(rule) {
            return Ok(None);
        }
        let subject = Subject::Link(step.link.id);
        let key = Issue::key_of(&step.link.flow, self.division, &subject, Some(rule));
        let Some(row) = self.rows(&[key]).await?.pop().flatten() else { return Ok(None) };
        let issue: Issue = decode(&row)?;
        let Some(rule) = self.mapping.flow.rule(rule) else { return Ok(None) };
        let as_then = |side: Side, asked: &Option<Fields>| {
            let held = step.seen(side).and_then(|seen| seen.fields().get(rule.field(side)));
            held.is_some() && held == asked.as_ref().and_then(|fields| fields.get(rule.field(side)))
        };
        let same = as_then(Side::Exact, &issue.exact) && as_then(Side::Crm, &issue.crm);
        Ok((issue.kind == IssueKind::Oscillation && same).then_some(issue.message))
    }

    /// Asks about a field instead of writing it.
    fn park(&self, step: &mut Step, rule: &str, message: String) {
        step.merge.exact.retain(|write| write.rule != rule);
        step.merge.crm.retain(|write| write.rule != rule);
        let held = |side: Side| {
            let name = self.mapping.flow.rule(rule)?.field(side);
            step.seen(side)?.fields().get(name).cloned()
        };
        let (exact, crm) = (held(Side::Exact).unwrap_or_default(), held(Side::Crm).unwrap_or_default());
        let (field, kind) = (rule.to_owned(), IssueKind::Oscillation);
        let question = Question { field, kind, message, exact, crm };
        step.issues.push(self.question(step, &question));
        step.merge.questions.push(question);
    }
}
