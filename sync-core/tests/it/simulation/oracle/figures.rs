//! What must be true of figures: on every record of the CRM they are the sum of their parts in the books.

use sync_core::engine::LinkRow;

use super::super::trade::text;
use super::super::world::World;

/// A figure of the CRM, what it is called in Exact, and of which flow it is.
const FIGURES: [(&str, &str, &str); 7] = [
    ("companies", "custom:Outstanding amount", "Receivables.Outstanding"),
    ("companies", "custom:Open invoices", "Receivables.OpenInvoices"),
    ("products", "prices:EUR", "Price.EUR"),
    ("orders", "custom:Invoiced amount", "Invoicing.Amount"),
    ("orders", "custom:Outstanding amount", "Payment.Outstanding"),
    ("orders", "custom:Payment status", "Payment.Status"),
    ("orders", "custom:Shipped", "Delivery.Shipped"),
];

pub(super) fn check(world: &World, links: &[LinkRow]) -> Result<(), String> {
    let trade = world.trade.as_ref().ok_or("there is no trade")?;
    for link in links {
        let (Some(exact), Some(crm)) =
            (world.exact.items.get(&link.exact_id), world.crm.items.get(&link.crm_id))
        else {
            return Err(format!("{link:?} holds a record that never was"));
        };
        if exact.deleted || crm.deleted {
            continue;
        }
        let parts = match link.flow.as_str() {
            "companies" => trade.of_account(&link.exact_id),
            "orders" => trade.of_order(&link.exact_id, &exact.fields),
            _ => exact.fields.clone(),
        };
        for (_, shown, of) in FIGURES.iter().filter(|(flow, ..)| *flow == link.flow) {
            let (shown, sum) = (text(&crm.fields, shown), text(&parts, of));
            if shown != sum {
                return Err(format!("{of} of {link:?}: the CRM has `{shown}`, its parts are `{sum}`"));
            }
        }
    }
    Ok(())
}
