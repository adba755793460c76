//! Leases, on the server's clock.

use std::time::Duration;

use sqlx::PgPool;

use super::error::{self, Doing};
use crate::store::{Lease, Result, Tenant};

const ACQUIRE: &str = "
    INSERT INTO sync_lease (tenant, scope, owner, fence, held_until)
    VALUES ($1, $2, $3, 1, clock_timestamp() + $4 * interval '1 microsecond')
    ON CONFLICT (tenant, scope) DO UPDATE
    SET owner = excluded.owner,
        fence = sync_lease.fence + CASE WHEN sync_lease.owner = excluded.owner THEN 0 ELSE 1 END,
        held_until = excluded.held_until
    WHERE sync_lease.owner IS NULL
    OR sync_lease.owner = excluded.owner
    OR sync_lease.held_until <= clock_timestamp()
    RETURNING fence";

const RENEW: &str = "
    UPDATE sync_lease
    SET held_until = clock_timestamp() + $5 * interval '1 microsecond'
    WHERE tenant = $1 AND scope = $2 AND owner = $3 AND fence = $4";

const RELEASE: &str = "
    UPDATE sync_lease SET owner = NULL WHERE tenant = $1 AND scope = $2 AND owner = $3 AND fence = $4";

pub(super) async fn acquire(
    pool: PgPool,
    (tenant, scope): (Tenant, String),
    owner: String,
    ttl: Duration,
) -> Result<Option<Lease>> {
    let fence = sqlx::query_scalar(ACQUIRE).bind(tenant.as_str()).bind(&scope).bind(&owner).bind(micros(ttl));
    let fence: Option<i64> =
        fence.fetch_optional(&pool).await.map_err(|error| error::of(Doing::Lease, error))?;
    Ok(fence.map(|fence| Lease { tenant, scope, owner, fence: fence.cast_unsigned() }))
}

pub(super) async fn renew(pool: PgPool, lease: Lease, ttl: Duration) -> Result<bool> {
    let Lease { tenant, scope, owner, fence } = lease;
    let renewed = sqlx::query(RENEW).bind(tenant.as_str()).bind(scope).bind(owner).bind(fence.cast_signed());
    let renewed = renewed.bind(micros(ttl)).execute(&pool).await;
    renewed.map(|done| done.rows_affected() == 1).map_err(|error| error::of(Doing::Lease, error))
}

pub(super) async fn release(pool: PgPool, lease: Lease) -> Result<()> {
    let Lease { tenant, scope, owner, fence } = lease;
    let released =
        sqlx::query(RELEASE).bind(tenant.as_str()).bind(scope).bind(owner).bind(fence.cast_signed());
    released.execute(&pool).await.map(drop).map_err(|error| error::of(Doing::Lease, error))
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
