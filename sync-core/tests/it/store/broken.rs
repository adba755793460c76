//! The suite under test: each of these stores breaks the contract in one way, and the case that is there for it
//! must notice.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sync_core::store::{
    Batch, Commit, Expect, Key, Lease, Mark, MemoryStore, Over, Result, Row, Scan, Store, Tenant,
};
use sync_core::testing::store::StorePlace;
use sync_core::testing::{async_trait, block_on};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    AppliesRowByRow,
    ConfusesAbsentWithAny,
    CutsLongValues,
    ForgetsBatches,
    ForgetsOnReopening,
    ForgetsToFence,
    GivesALeaseTwice,
    IgnoresRevisions,
    KeepsOldMarks,
    LosesTiesBetweenPages,
    MixesTenants,
    ReadsRowByRow,
    RepeatsMarkedRows,
    RestartsRevisions,
    StopsTheFence,
    ChecksThenWrites,
    CountsWithTheLimit,
    StartsPagesByCount,
    CommitsInTwoSteps,
    HoldsALockAcrossSteps,
}

#[derive(Clone, Debug)]
struct Broken {
    flaw: Flaw,
    inner: MemoryStore,
    pages: Arc<Mutex<usize>>,
    deleted: Arc<Mutex<BTreeSet<Key>>>,
    lock: Arc<tokio::sync::Mutex<()>>,
}

impl Broken {
    fn new(flaw: Flaw) -> Self {
        Self {
            flaw,
            inner: MemoryStore::new(),
            pages: Arc::default(),
            deleted: Arc::default(),
            lock: Arc::default(),
        }
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn tenant(&self, tenant: &Tenant) -> Tenant {
        if self.is(Flaw::MixesTenants) { Tenant::default() } else { tenant.clone() }
    }

    async fn expectations_hold(&self, tenant: &Tenant, batch: &Batch) -> Option<Key> {
        for put in &batch.puts {
            let row = self.inner.get(tenant, std::slice::from_ref(&put.key)).await.unwrap().pop().unwrap();
            let holds = match put.expect {
                Expect::Any => true,
                Expect::Absent => row.is_none(),
                Expect::Revision(revision) => row.is_some_and(|row| row.revision == revision),
            };
            if !holds {
                return Some(put.key.clone());
            }
        }
        None
    }

    /// Bends a batch as the flaw wants it.
    async fn bend(&self, tenant: &Tenant, batch: &mut Batch) {
        for put in &mut batch.puts {
            match (self.flaw, put.expect) {
                (Flaw::ConfusesAbsentWithAny, Expect::Absent)
                | (Flaw::IgnoresRevisions | Flaw::ChecksThenWrites, Expect::Revision(_))
                | (Flaw::ChecksThenWrites, Expect::Absent) => put.expect = Expect::Any,
                _ => {}
            }
            if self.is(Flaw::CutsLongValues) {
                put.value.truncate(65_536);
            }
            if self.is(Flaw::KeepsOldMarks) {
                let scan = Scan::mark("m", "").limit(usize::MAX);
                let old = self.inner.scan(tenant, &scan).await.unwrap();
                let own = old.into_iter().filter(|row| row.key == put.key);
                put.marks.extend(own.map(|row| Mark::new("m", row.mark)));
            }
        }
        if self.is(Flaw::ForgetsBatches) {
            batch.id = Uuid::new_v4();
        }
    }
}

#[async_trait]
impl Store for Broken {
    async fn get(&self, tenant: &Tenant, keys: &[Key]) -> Result<Vec<Option<Row>>> {
        let tenant = self.tenant(tenant);
        let mut rows = Vec::new();
        if self.is(Flaw::ReadsRowByRow) {
            for key in keys {
                rows.extend(self.inner.get(&tenant, std::slice::from_ref(key)).await?);
                tokio::task::yield_now().await;
            }
        } else {
            rows = self.inner.get(&tenant, keys).await?;
        }
        if self.is(Flaw::RestartsRevisions) {
            for row in rows.iter_mut().flatten() {
                if self.deleted.lock().unwrap().contains(&row.key) {
                    row.revision = 1;
                }
            }
        }
        Ok(rows)
    }

    async fn scan(&self, tenant: &Tenant, scan: &Scan) -> Result<Vec<Row>> {
        let mut scan = scan.clone();
        let mut skip = 0;
        if let (Flaw::LosesTiesBetweenPages, Over::Mark(_), Some(after)) = (self.flaw, scan.over, &scan.after)
        {
            scan.from = format!("{}\0", after.mark);
            scan.after = None;
        }
        if self.is(Flaw::StartsPagesByCount) {
            let mut pages = self.pages.lock().unwrap();
            *pages = if scan.after.take().is_some() { *pages + scan.limit } else { 0 };
            skip = *pages;
            scan.limit += skip;
        }
        Ok(self.inner.scan(&self.tenant(tenant), &scan).await?.into_iter().skip(skip).collect())
    }

    async fn marked(&self, tenant: &Tenant, marks: &[Mark]) -> Result<Vec<Row>> {
        let tenant = self.tenant(tenant);
        if !self.is(Flaw::RepeatsMarkedRows) {
            return self.inner.marked(&tenant, marks).await;
        }
        let mut rows = Vec::new();
        for mark in marks {
            rows.extend(self.inner.marked(&tenant, std::slice::from_ref(mark)).await?);
        }
        Ok(rows)
    }

    async fn count(&self, tenant: &Tenant, scan: &Scan) -> Result<u64> {
        let count = self.inner.count(&self.tenant(tenant), scan).await?;
        Ok(if self.is(Flaw::CountsWithTheLimit) { count.min(scan.limit as u64) } else { count })
    }

    async fn commit(&self, tenant: &Tenant, lease: Option<&Lease>, mut batch: Batch) -> Result<Commit> {
        let tenant = self.tenant(tenant);
        if self.is(Flaw::RestartsRevisions) {
            self.deleted.lock().unwrap().extend(batch.deletes.iter().cloned());
        }
        if self.is(Flaw::ChecksThenWrites) {
            let conflict = self.expectations_hold(&tenant, &batch).await;
            // Long enough for every other writer to have checked, too.
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            if let Some(key) = conflict {
                return Ok(Commit::Conflict(key));
            }
        }
        self.bend(&tenant, &mut batch).await;
        let lease = if self.is(Flaw::ForgetsToFence) { None } else { lease };
        match self.flaw {
            Flaw::HoldsALockAcrossSteps => {
                let _held = self.lock.lock().await;
                tokio::task::yield_now().await;
                self.inner.commit(&tenant, lease, batch).await
            }
            Flaw::AppliesRowByRow => {
                for put in batch.puts {
                    let one = Batch { puts: vec![put], ..Batch::new(Uuid::new_v4()) };
                    let answer = self.inner.commit(&tenant, lease, one).await?;
                    if answer != Commit::Applied {
                        return Ok(answer);
                    }
                    tokio::task::yield_now().await;
                }
                let rest = Batch { deletes: batch.deletes, ..Batch::new(batch.id) };
                self.inner.commit(&tenant, lease, rest).await
            }
            Flaw::CommitsInTwoSteps if batch.puts.len() == 10 => {
                let half = Batch { puts: batch.puts.split_off(5), ..Batch::new(Uuid::new_v4()) };
                self.inner.commit(&tenant, lease, half).await?;
                tokio::task::yield_now().await;
                self.inner.commit(&tenant, lease, batch).await
            }
            _ => self.inner.commit(&tenant, lease, batch).await,
        }
    }

    async fn committed(&self, tenant: &Tenant, id: Uuid) -> Result<bool> {
        self.inner.committed(&self.tenant(tenant), id).await
    }

    async fn acquire(
        &self,
        tenant: &Tenant,
        scope: &str,
        owner: &str,
        ttl: Duration,
    ) -> Result<Option<Lease>> {
        let ttl = if self.is(Flaw::GivesALeaseTwice) { Duration::ZERO } else { ttl };
        let lease = self.inner.acquire(tenant, scope, owner, ttl).await?;
        Ok(lease.map(|lease| if self.is(Flaw::StopsTheFence) { Lease { fence: 1, ..lease } } else { lease }))
    }

    async fn renew(&self, lease: &Lease, ttl: Duration) -> Result<bool> {
        self.inner.renew(lease, ttl).await
    }

    async fn release(&self, lease: &Lease) -> Result<()> {
        self.inner.release(lease).await
    }
}

#[async_trait]
impl StorePlace for Broken {
    async fn open(&self) -> Arc<dyn Store> {
        match self.flaw {
            Flaw::ForgetsOnReopening => Arc::new(MemoryStore::new()),
            _ => Arc::new(self.clone()),
        }
    }
}

macro_rules! notices {
    ($($case:ident: $($flaw:ident)+;)+) => {
        $(
            #[test]
            fn $case() {
                for flaw in [$(Flaw::$flaw),+] {
                    let place = Broken::new(flaw);
                    let run = || block_on(sync_core::testing::store::$case(&place));
                    let noticed = catch_unwind(AssertUnwindSafe(run)).is_err();
                    assert!(noticed, "{flaw:?} went unnoticed");
                }
            }
        )+
    };
}

notices! {
    a_batch_is_applied_wholly_or_not_at_all: AppliesRowByRow;
    a_call_that_nobody_polls_holds_up_nobody: HoldsALockAcrossSteps;
    a_cursor_moves_for_one_of_many: IgnoresRevisions ChecksThenWrites;
    a_dropped_commit_is_applied_wholly_or_not_at_all: CommitsInTwoSteps;
    a_fence_rises_with_every_owner: StopsTheFence;
    a_known_batch_changes_nothing_again: ForgetsBatches;
    a_lease_has_one_holder: GivesALeaseTwice;
    a_mark_finds_its_rows_each_once: RepeatsMarkedRows;
    a_new_key_has_one_winner_among_sixteen_writers: ConfusesAbsentWithAny ChecksThenWrites;
    a_read_never_sees_half_a_commit: ReadsRowByRow AppliesRowByRow;
    a_revision_rises_also_across_a_delete: RestartsRevisions;
    a_scan_covers_every_row_once_in_order: LosesTiesBetweenPages CountsWithTheLimit;
    a_scan_goes_on_where_it_stood_while_rows_come_and_go: StartsPagesByCount LosesTiesBetweenPages;
    a_stale_lease_never_commits: ForgetsToFence;
    every_expectation_is_held_against_what_is_there: ConfusesAbsentWithAny IgnoresRevisions;
    everything_survives_reopening: ForgetsOnReopening;
    marks_are_replaced_wholly: KeepsOldMarks;
    tenants_never_meet: MixesTenants;
    values_come_back_unchanged: CutsLongValues;
}
