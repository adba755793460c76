//! What happens in the business, for no-code tools to hang on to.

use std::collections::BTreeSet;
use std::sync::Arc;

use crm_adapters::Kind;
use sync_core::engine::{Event, Observer};
use sync_core::flow::Side;

use crate::alert::Board;
use crate::config::{BusinessEvent, Config};

/// Tells of orders that the engine creates in Exact.
#[derive(Debug)]
pub(super) struct Business {
    board: Arc<Board>,
    orders: BTreeSet<String>,
}

impl Business {
    /// None where nothing was asked for.
    pub(super) fn new(config: &Config, board: Arc<Board>) -> Option<Self> {
        let wanted = config.alerts.events.contains(&BusinessEvent::OrderCreated);
        let flows = config.flows.iter().filter(|flow| wanted && flow.kinds.exact == Kind::Order);
        let orders: BTreeSet<String> = flows.map(|flow| flow.name.clone()).collect();
        (!orders.is_empty()).then_some(Self { board, orders })
    }
}

impl Observer for Business {
    fn on(&self, event: &Event<'_>) {
        if let Event::Written { flow, division, side: Side::Exact, action: "create", record, .. } = event
            && self.orders.contains(*flow)
        {
            let subject = format!("flow {flow} in {division}");
            self.board.event("order_created", subject, format!("the order {record} was created in Exact"));
        }
    }
}
