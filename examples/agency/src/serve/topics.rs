//! What Exact tells under which topic, and which flows that concerns.

use crm_adapters::Kind;
use sync_core::flow::Flow;

/// Of a kind: what its flow must ask for, by how the names of fields begin, to be concerned by a topic. Of payments and of
/// prices there is no topic.
const TOPICS: [(Kind, &str, &str); 13] = [
    (Kind::Company, "", "Accounts"),
    (Kind::Company, "Receivables.", "SalesInvoices"),
    (Kind::Contact, "", "Contacts"),
    (Kind::Product, "", "Items"),
    (Kind::Quotation, "", "Quotations"),
    (Kind::Invoice, "", "SalesInvoices"),
    (Kind::Billing, "", "SalesInvoices"),
    (Kind::Order, "", "SalesOrders"),
    (Kind::Order, "Delivery.", "GoodsDeliveries"),
    (Kind::Order, "Progress.", "GoodsDeliveries"),
    (Kind::Order, "Invoicing.", "SalesInvoices"),
    (Kind::Order, "Payment.", "SalesInvoices"),
    (Kind::Order, "Progress.", "SalesInvoices"),
];

/// The topics that a flow is concerned by.
pub(super) fn of(flow: &Flow) -> impl Iterator<Item = &'static str> {
    let asks = |start: &str| flow.rules.iter().any(|rule| rule.exact.starts_with(start));
    let of_flow = TOPICS.into_iter().filter(move |(kind, start, _)| flow.kinds.exact == *kind && asks(start));
    of_flow.map(|(.., topic)| topic)
}

/// Whether a flow shows what is paid, of which no topic tells.
pub(super) fn awaits_payments(flow: &Flow) -> bool {
    let starts = ["Receivables.", "Payment.", "Progress."];
    flow.rules.iter().any(|rule| starts.iter().any(|start| rule.exact.starts_with(start)))
}

/// Whether a flow may have something to read, also where nobody knows what a topic is about.
pub(super) fn concerns(topic: &str, flow: &Flow) -> bool {
    let known = TOPICS.iter().any(|(.., known)| *known == topic);
    !known || of(flow).any(|of_flow| of_flow == topic)
}

#[cfg(test)]
mod tests {
    use sync_core::flow::{Preset, Vendor};

    use super::*;

    fn flow(preset: Preset) -> Flow {
        preset.flow(Vendor::Pipedrive)
    }

    #[test]
    fn a_flow_hears_of_its_records_and_of_what_its_figures_are_made_of() {
        let table = [
            (Preset::Companies, vec!["Accounts", "SalesInvoices"]),
            (Preset::Contacts, vec!["Contacts"]),
            (Preset::Products, vec!["Items"]),
            (Preset::Quotations, vec!["Quotations"]),
            (Preset::Billing, vec!["SalesInvoices"]),
            (Preset::Orders, vec!["GoodsDeliveries", "SalesInvoices", "SalesOrders"]),
        ];
        for (preset, topics) in table {
            let told: std::collections::BTreeSet<_> = of(&flow(preset)).collect();
            assert_eq!(told.into_iter().collect::<Vec<_>>(), topics, "{preset:?}");
        }
    }

    #[test]
    fn a_flow_without_figures_does_not_hear_what_they_are_made_of() {
        let mut companies = flow(Preset::Companies);
        assert!(awaits_payments(&companies));
        companies.rules.retain(|rule| !rule.exact.starts_with("Receivables."));
        assert_eq!(of(&companies).collect::<Vec<_>>(), ["Accounts"]);
        assert!(!awaits_payments(&companies));
    }

    #[test]
    fn what_nobody_knows_concerns_every_flow() {
        assert!(concerns("BankEntries", &flow(Preset::Contacts)));
        assert!(!concerns("Items", &flow(Preset::Contacts)));
    }
}
