//! The suite under test: each of these adapters breaks the contract in one way, and the case that is there for it
//! must notice.

use std::collections::BTreeMap;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use crm_adapters::testing::Memory;
use crm_adapters::testing::adapter::{self as suite, Place, Sample, Verdict};
use crm_adapters::{
    Action, Adapter, Capabilities, Change, Cursor, Error, ErrorKind, Fields, Key, Kind, NewField, Outcome,
    Pace, Page, Record, RecordId, Result, Schema, Usage, Value, View, Write, async_trait,
};
use futures_util::FutureExt;

use super::memory::{InMemory, place, sample};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    AnswersWithWhatWasSent,
    AsksForEveryFieldOfTheVendor,
    ClaimsEveryKind,
    ClearsWhatIsNotNamed,
    CountsPagesFromTheFirst,
    CreatesInsteadOfUpdating,
    FindsByTheBeginning,
    FindsOneValueOnly,
    ForgetsItsCursor,
    ForgetsToClear,
    HidesDeletes,
    HidesMerges,
    HidesOptions,
    IgnoresTheMoment,
    LosesLaterFields,
    LosesTheLastOfAPage,
    MakesNewFieldsReadOnly,
    MissesNewRecords,
    MissesUpdates,
    MixesUpOutcomes,
    NamesNoField,
    RepeatsAfterALostReply,
    RepeatsOldReadings,
    RestartsRevisions,
    RoundsNumbers,
    SaysNothingOfEmptyFields,
    SendsLongTexts,
    SendsReadOnlyFields,
    SendsWithoutRequiredFields,
    SinksTheBatch,
    ArchivesNothing,
    CreatesTwins,
    FailsForAMissingId,
}

use Flaw::*;

/// The in-memory side, with a flaw.
#[derive(Clone, Debug)]
struct Broken {
    flaw: Flaw,
    inner: Memory,
    seen: Arc<Mutex<BTreeMap<RecordId, Record>>>,
}

impl Broken {
    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    /// A reading as this adapter tells it.
    fn told(&self, mut record: Record) -> Record {
        if self.is(SaysNothingOfEmptyFields) {
            record.fields = record.fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        }
        if self.is(AsksForEveryFieldOfTheVendor) {
            record.fields.set("vendor", "x");
        }
        if self.is(RestartsRevisions) {
            record.revision = record.revision.map(|revision| -revision);
        }
        if self.is(RoundsNumbers) {
            let round = |value| match value {
                Value::Decimal(number) => Value::Decimal(number.round()),
                other => other,
            };
            record.fields = record.fields.into_iter().map(|(name, value)| (name, round(value))).collect();
        }
        record
    }

    fn sent(&self, action: Action) -> Action {
        let named = |fields: Fields| -> Fields {
            let lost = |name: &str, value: &Value| {
                self.is(ForgetsToClear) && value.is_empty() || self.is(LosesLaterFields) && name == "depot"
            };
            fields.into_iter().filter(|(name, value)| !lost(name, value)).collect()
        };
        match action {
            Action::Create(fields) if self.is(CreatesTwins) => {
                Action::Create(fields.into_iter().filter(|(name, _)| name != "exact_id").collect())
            }
            Action::Update(id, fields) if self.is(ClearsWhatIsNotNamed) => {
                let empty = ["city", "limit"].map(|name| (name.to_owned(), Value::Null));
                let mut all: Fields = empty.into_iter().collect();
                all.merge(fields);
                Action::Update(id, all)
            }
            Action::Update(_, fields) if self.is(CreatesInsteadOfUpdating) => Action::Create(fields),
            Action::Update(id, fields) => Action::Update(id, named(fields)),
            other => other,
        }
    }

    async fn write_one(&self, view: &View, write: Write) -> Outcome {
        let asked = write.action.clone();
        let send_before = write.send_before.filter(|_| !self.is(IgnoresTheMoment));
        let blind = [SendsLongTexts, SendsReadOnlyFields, SendsWithoutRequiredFields, HidesOptions];
        if blind.contains(&self.flaw) {
            // A call that the schema would have spared.
            let _ = self.inner.get(view, &[]).await;
        }
        if let Action::Archive(id) = &asked
            && self.is(ArchivesNothing)
        {
            let fields = Fields::new();
            return Outcome::Applied(Record {
                kind: view.kind,
                id: id.clone(),
                fields,
                revision: None,
                changed_at: None,
            });
        }
        let write = |action| self.inner.write(view, vec![Write { action, send_before }]);
        let mut outcome = write(self.sent(asked.clone())).await.remove(0);
        if let (true, Outcome::Unknown(_)) = (self.is(RepeatsAfterALostReply), &outcome) {
            let without_key: Fields = match asked.clone() {
                Action::Create(fields) => fields.into_iter().filter(|(name, _)| name != "exact_id").collect(),
                _ => Fields::new(),
            };
            write(Action::Create(without_key)).await;
        }
        if self.is(AnswersWithWhatWasSent)
            && let (Outcome::Applied(record), Action::Create(fields) | Action::Update(_, fields)) =
                (&mut outcome, asked)
        {
            record.fields = fields;
        }
        match outcome {
            Outcome::Applied(record) => Outcome::Applied(self.told(record)),
            Outcome::Rejected(error) if self.is(NamesNoField) => {
                Outcome::Rejected(Error::new(error.kind(), error.message()))
            }
            other => other,
        }
    }
}

#[async_trait]
impl Adapter for Broken {
    fn capabilities(&self, kind: Kind) -> Capabilities {
        let kind = if self.is(ClaimsEveryKind) { Kind::Company } else { kind };
        self.inner.capabilities(kind)
    }

    fn pace(&self, kind: Kind) -> Pace {
        self.inner.pace(kind)
    }

    fn usage(&self) -> Usage {
        self.inner.usage()
    }

    async fn schema(&self, kind: Kind) -> Result<Schema> {
        self.inner.schema(kind).await
    }

    async fn create_fields(&self, kind: Kind, fields: &[NewField]) -> Result<()> {
        if self.is(MakesNewFieldsReadOnly) {
            return Ok(());
        }
        self.inner.create_fields(kind, fields).await
    }

    async fn changes(&self, view: &View, after: Option<&Cursor>) -> Result<Page> {
        let start = after.is_none();
        let after = after.filter(|_| !self.is(CountsPagesFromTheFirst));
        let mut page = self.inner.changes(view, after).await.map_err(|error| match self.flaw {
            NamesNoField => Error::new(error.kind(), error.message()),
            _ => error,
        })?;
        if self.is(LosesTheLastOfAPage) && page.more {
            page.changes.pop();
        }
        if self.is(ForgetsItsCursor) && !page.more {
            page.cursor = Cursor::new("0");
            page.changes.retain(|change| matches!(change, Change::Present(record) if start || !self.seen.lock().unwrap().contains_key(&record.id)));
        }
        let mut seen = self.seen.lock().unwrap();
        let changes = page.changes.into_iter().filter_map(|change| match change {
            Change::Present(record) => {
                let known = seen.get(&record.id).cloned();
                seen.insert(record.id.clone(), record.clone());
                match (self.flaw, known) {
                    (MissesNewRecords, None) if !start => None,
                    (MissesUpdates, Some(_)) => None,
                    (RepeatsOldReadings, Some(old)) => Some(Change::Present(old)),
                    _ => Some(Change::Present(self.told(record))),
                }
            }
            Change::Deleted(_) if self.is(HidesDeletes) => None,
            Change::Merged { .. } if self.is(HidesMerges) => None,
            other => Some(other),
        });
        Ok(Page { changes: changes.collect(), ..page })
    }

    async fn get(&self, view: &View, ids: &[RecordId]) -> Result<Vec<Record>> {
        let found = self.inner.get(view, ids).await?;
        if self.is(FailsForAMissingId) && found.len() < ids.len() {
            return Err(Error::new(ErrorKind::NotFound, "one of them is not there"));
        }
        Ok(found.into_iter().map(|record| self.told(record)).collect())
    }

    async fn find(&self, view: &View, key: &Key) -> Result<Vec<Record>> {
        if self.is(FindsByTheBeginning)
            && let Value::Text(wanted) = &key.value
        {
            let all = View { fields: vec![key.field.clone()], ..view.clone() };
            let page = self.inner.changes(&all, None).await?;
            let ids = page.changes.into_iter().filter_map(|change| match change {
                Change::Present(record) => {
                    let held = record.fields.get(&key.field).and_then(Value::as_text)?;
                    held.starts_with(wanted.as_str()).then(|| record.id.clone())
                }
                _ => None,
            });
            return self.inner.get(view, &ids.collect::<Vec<_>>()).await;
        }
        let mut found = self.inner.find(view, key).await?;
        if self.is(FindsOneValueOnly) {
            found.truncate(1);
        }
        Ok(found)
    }

    async fn write(&self, view: &View, writes: Vec<Write>) -> Vec<Outcome> {
        let several = writes.len() > 1;
        let mut outcomes = Vec::new();
        for write in writes {
            outcomes.push(self.write_one(view, write).await);
        }
        if self.is(MixesUpOutcomes) {
            outcomes.reverse();
        }
        let bad = outcomes.iter().any(|outcome| !matches!(outcome, Outcome::Applied(_)));
        if self.is(SinksTheBatch) && several && bad {
            let sunk = || Outcome::Rejected(Error::new(ErrorKind::Invalid, "one of them is wrong"));
            outcomes = outcomes.iter().map(|_| sunk()).collect();
        }
        outcomes
    }
}

#[derive(Debug)]
struct BrokenPlace(Broken, InMemory);

#[async_trait]
impl Place for BrokenPlace {
    async fn open(&self) -> Arc<dyn Adapter> {
        Arc::new(self.0.clone())
    }

    fn sample(&self) -> Sample {
        sample()
    }

    async fn lose_next_reply(&self) -> bool {
        self.1.lose_next_reply().await
    }

    async fn delete(&self, id: &RecordId) -> bool {
        self.1.delete(id).await
    }

    async fn merge(&self, from: &RecordId, into: &RecordId) -> Option<RecordId> {
        self.1.merge(from, into).await
    }
}

type Case = for<'a> fn(&'a dyn Place) -> Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

macro_rules! notices {
    ($($flaw:ident => $case:ident,)*) => {
        const TABLE: &[(Flaw, &str, Case)] =
            &[$(($flaw, stringify!($case), |place| Box::pin(suite::$case(place)))),*];
    };
}

notices! {
    AnswersWithWhatWasSent => a_write_answers_with_what_is_stored,
    ArchivesNothing => an_archived_record_is_told_no_more,
    AsksForEveryFieldOfTheVendor => a_view_delivers_its_fields_and_no_others,
    ClaimsEveryKind => a_kind_that_it_does_not_have_is_unsupported,
    ClearsWhatIsNotNamed => an_update_leaves_all_other_fields_alone,
    CountsPagesFromTheFirst => a_walk_goes_on_from_a_stored_cursor,
    CreatesInsteadOfUpdating => an_update_of_a_missing_record_is_gone,
    CreatesTwins => a_repeated_create_with_a_unique_key_changes_the_record,
    FailsForAMissingId => a_get_leaves_out_what_does_not_exist,
    FindsByTheBeginning => a_find_compares_the_whole_value,
    FindsOneValueOnly => a_find_takes_several_values,
    ForgetsItsCursor => a_change_behind_the_cursor_is_told,
    ForgetsToClear => null_clears_a_field,
    HidesDeletes => a_deleted_record_is_told,
    HidesMerges => a_merged_record_is_told,
    HidesOptions => an_unknown_option_is_rejected_before_the_call_and_named,
    IgnoresTheMoment => a_write_is_not_sent_after_its_moment,
    LosesLaterFields => every_value_comes_back_unchanged,
    LosesTheLastOfAPage => a_page_walk_covers_every_record_once,
    MakesNewFieldsReadOnly => created_fields_can_be_used_at_once,
    MissesNewRecords => a_new_record_behind_the_cursor_is_told,
    MissesUpdates => a_change_during_the_walk_is_told,
    MixesUpOutcomes => outcomes_stand_in_the_order_of_the_writes,
    NamesNoField => an_unknown_field_is_named_before_the_call,
    RepeatsAfterALostReply => a_lost_reply_is_adoptable_by_its_key,
    RepeatsOldReadings => a_change_behind_the_cursor_is_told,
    RestartsRevisions => a_revision_never_falls,
    RoundsNumbers => every_value_comes_back_unchanged,
    SaysNothingOfEmptyFields => absent_is_not_null,
    SendsLongTexts => a_text_that_is_too_long_is_rejected_before_the_call_and_named,
    SendsReadOnlyFields => a_read_only_field_is_rejected_before_the_call_and_named,
    SendsWithoutRequiredFields => a_missing_required_field_is_named_before_the_call,
    SinksTheBatch => one_bad_record_does_not_sink_the_batch,
}

#[tokio::test]
async fn each_broken_adapter_fails_the_case_that_is_there_for_it() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut unnoticed = Vec::new();
    for (flaw, name, case) in TABLE {
        let place = place().await;
        let broken = Broken { flaw: *flaw, inner: place.0.clone(), seen: Arc::default() };
        let place = BrokenPlace(broken, place);
        if AssertUnwindSafe(case(&place)).catch_unwind().await.is_ok() {
            unnoticed.push(format!("{flaw:?} by {name}"));
        }
    }
    drop(std::panic::take_hook());
    assert_eq!(unnoticed, [] as [&str; 0], "these go unnoticed");
}
