//! What was used of Exact's limits, as the store knows it: no call, and no client that must have run before.

use exact_client::StoredUsage;
use serde::Serialize;
use sync_core::flow::Division;
use sync_core::store::{Scan, Table};

use crate::connect::App;
use crate::error::Result;

const DAY_SECONDS: i64 = 86_400;

/// One division's calls of today.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Budget {
    pub(crate) division: Division,
    pub(crate) day_limit: u64,
    pub(crate) day_used: u64,
    pub(crate) minute_limit: u64,
}

/// The divisions that were called at least once, in the order of the config.
pub(crate) async fn budgets(app: &App) -> Result<Vec<Budget>> {
    let rows = app.store().scan(app.tenant(), &Scan::table(Table::Usage, "").limit(10_000)).await?;
    let today = app.clock().now().timestamp().div_euclid(DAY_SECONDS);
    let mut budgets = Vec::new();
    for grant in app.grants() {
        for division in &grant.config.divisions {
            let end = format!("/{}/{division}", grant.config.client_id);
            let row = rows.iter().find(|row| row.key.id.ends_with(&end));
            let Some(used) = row.and_then(|row| serde_json::from_str::<StoredUsage>(&row.value).ok()) else {
                continue;
            };
            budgets.push(Budget {
                division: *division,
                day_limit: used.day_limit,
                day_used: if used.day == today { used.day_used } else { 0 },
                minute_limit: used.minute_limit,
            });
        }
    }
    Ok(budgets)
}
