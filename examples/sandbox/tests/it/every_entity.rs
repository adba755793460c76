//! Every typed entity of the client at every door, with all its properties, as the sandbox serves it.

use exact_client::{
    Account, Address, BankAccount, Contact, Currency, Deleted, Division, Document, DocumentAttachment,
    GoodsDelivery, GoodsDeliveryLine, Item, ItemGroup, Journal, Me, Opportunity, PaymentCondition,
    PaymentTerm, Quotation, QuotationLine, Receivable, ReceivablesList, SalesInvoice, SalesInvoiceLine,
    SalesInvoiceRow, SalesItemPrice, SalesOrder, SalesOrderLine, SalesPriceListPeriod,
    SalesPriceListVolumeDiscount, SyncEndpoint, Unit, VatCode, WebhookSubscription,
};
use exact_client::{Bulk, DivisionApi, Error, Feed, Read, WallTime};

use crate::clients::exact;
use crate::support::World;

/// What does not work, each with its door.
type Wrong = Vec<String>;

fn note<T>(wrong: &mut Wrong, door: &str, what: &str, answer: Result<T, Error>) {
    if let Err(error) = answer {
        wrong.push(format!("{door} of {what}: {error}"));
    }
}

async fn list<E: Read>(division: &DivisionApi, wrong: &mut Wrong) {
    note(wrong, "list", E::RESOURCE.path(), division.list::<E>().top(1).page(None).await);
}

async fn feed<E: Feed>(division: &DivisionApi, wrong: &mut Wrong) {
    note(wrong, "feed", E::FEED, division.feed::<E>(0).page(None).await);
}

async fn bulk<E: Bulk>(division: &DivisionApi, wrong: &mut Wrong) {
    note(wrong, "bulk", E::BULK, division.bulk::<E>().page(None).await);
}

macro_rules! each {
    ($door:ident, $division:ident, $wrong:ident: $($entity:ty),* $(,)?) => {
        $($door::<$entity>(&$division, &mut $wrong).await;)*
    };
}

#[tokio::test]
async fn every_typed_entity_is_served_with_all_its_properties_at_each_of_its_doors() {
    let world = World::logged_out(|builder| builder).await;
    world.sandbox.exact().configure(|settings| settings.mandatory_filter = false);
    world.printed_invoice();
    let division = exact(&world).await;
    let mut wrong = Vec::new();
    each!(list, division, wrong:
        Account, Address, BankAccount, Contact, Currency, Division, Document, DocumentAttachment,
        GoodsDelivery, GoodsDeliveryLine, Item, ItemGroup, Journal, Me, Opportunity,
        PaymentCondition, Quotation, QuotationLine, Receivable, ReceivablesList, SalesInvoice,
        SalesInvoiceLine, SalesItemPrice, SalesOrder, SalesOrderLine, SalesPriceListPeriod,
        SalesPriceListVolumeDiscount, Unit, VatCode,
        WebhookSubscription,
    );
    each!(feed, division, wrong:
        Account, Address, Contact, Deleted, Document, DocumentAttachment, GoodsDelivery,
        GoodsDeliveryLine, Item, PaymentTerm, Quotation, QuotationLine, SalesInvoiceRow,
        SalesItemPrice, SalesOrder, SalesOrderLine, SalesPriceListVolumeDiscount,
    );
    each!(bulk, division, wrong:
        Account, Address, Contact, Document, DocumentAttachment, GoodsDelivery, GoodsDeliveryLine,
        Item, Quotation, QuotationLine, Receivable, SalesInvoice, SalesInvoiceLine, SalesItemPrice,
        SalesOrder, SalesOrderLine,
    );
    let morning = WallTime::from_utc(world.clock.now());
    let timestamp = division.sync_timestamp(SyncEndpoint::SalesInvoices, morning).await;
    note(&mut wrong, "function", "read/sync/Sync/SyncTimestamp", timestamp);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
