//! What writes will cost, in calls.

use crm_adapters::{Action, Cost, Fields, Work, Write};

use super::addresses::{self, DELIVERY_ADDRESS};
use super::kinds::Shape;

pub(super) fn of(shape: &Shape, work: Work<'_>) -> Cost {
    let calls = match work {
        Work::Write(writes) => writes.iter().map(|write| of_write(shape, write)).sum(),
        Work::Find => 1,
        // It takes no custom fields.
        _ => 0,
    };
    Cost::of_calls(calls)
}

fn of_write(shape: &Shape, write: &Write) -> usize {
    match &write.action {
        Action::Create(fields) => 1 + delivery(shape, fields),
        Action::Update(_, fields) => {
            let (own, others) = addresses::split(fields);
            let apart = addresses::count(&others);
            let own = usize::from(apart == 0 || !own.is_empty());
            // They are looked up before, and read again behind.
            own + if apart > 0 { apart + 2 } else { 0 }
        }
        _ => 1,
    }
}

/// Where a document goes is looked up where it does not say so.
fn delivery(shape: &Shape, fields: &Fields) -> usize {
    let named = |name: &str| fields.get(name).is_some_and(|value| !value.is_empty());
    usize::from(shape.delivered_to.iter().any(|name| named(name)) && !named(DELIVERY_ADDRESS))
}
