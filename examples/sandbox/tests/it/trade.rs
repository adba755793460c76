//! The typed client from a new customer to the money: order, delivery, invoice, its PDF, what is owed, payment.

use exact_client::{
    Account, AccountPatch, AccountStatus, DivisionApi, DocumentAttachment, Entity as _, ErrorKind,
    GoodsDelivery, Guid, InvoiceCreateMode, InvoiceMode, InvoiceSalesOrder, Item, NewAccount,
    NewGoodsDelivery, NewGoodsDeliveryLine, NewInvoiceSalesOrder, NewItem, NewPrintedSalesInvoice,
    NewSalesOrder, NewSalesOrderId, NewSalesOrderLine, OrderStatus, Patch, PaymentTerm, PaymentTermStatus,
    PrintedSalesInvoice, Receivable, ReceivablesList, SalesInvoice, SalesInvoiceLine, SalesInvoiceStatus,
    SalesOrder, WriteOptions,
};
use rust_decimal::Decimal;

use crate::clients::exact;
use crate::support::World;

const OPTIONS: fn() -> WriteOptions = || WriteOptions::new().representation();

/// A customer, who was a prospect before.
async fn customer(division: &DivisionApi) -> Guid {
    let mut new = NewAccount::new("Bakkerij 't Hoekje");
    new.status = Some(AccountStatus::Prospect);
    let id = division.create::<Account>(&new, OPTIONS()).await.unwrap().id.unwrap();
    let mut patch = AccountPatch::default();
    patch.status = Patch::Set(AccountStatus::Customer);
    division.update::<Account>(id, &patch, OPTIONS()).await.unwrap();
    id
}

async fn item(division: &DivisionApi, code: &str) -> Guid {
    let mut new = NewItem::new(code, format!("Item {code}"));
    new.is_sales_item = Some(true);
    new.sales_vat_code = Some("2".into());
    division.create::<Item>(&new, OPTIONS()).await.unwrap().id.unwrap()
}

/// Ten of one item at 80 euros, and one of another at 200: 1,000 euros and their VAT.
async fn order(division: &DivisionApi) -> SalesOrder {
    let line = |item, quantity: i64, price: i64| {
        let mut line = NewSalesOrderLine::new(item);
        line.quantity = Some(quantity.into());
        line.net_price = Some(price.into());
        line
    };
    let lines = vec![line(item(division, "I-1").await, 10, 80), line(item(division, "I-2").await, 1, 200)];
    let mut new = NewSalesOrder::new(customer(division).await, lines);
    new.your_ref = Some("D-17".to_owned());
    let id = division.create::<SalesOrder>(&new, OPTIONS()).await.unwrap().order_id.unwrap();
    stored(division, id).await
}

/// The order with its lines, in the order of their numbers.
async fn stored(division: &DivisionApi, id: Guid) -> SalesOrder {
    let list = division.list::<SalesOrder>().filter(SalesOrder::ORDER_ID.eq(id)).with_lines();
    let mut order = list.all().await.unwrap().remove(0);
    order.sales_order_lines.as_mut().unwrap().sort_by_key(|line| line.line_number);
    order
}

async fn deliver(division: &DivisionApi, order: &SalesOrder, line: usize, quantity: i64) {
    let line = order.sales_order_lines.as_ref().unwrap()[line].id.unwrap();
    let day = order.order_date.unwrap();
    let delivery = NewGoodsDelivery::new(day, vec![NewGoodsDeliveryLine::new(line, quantity.into())]);
    division.create::<GoodsDelivery>(&delivery, OPTIONS()).await.unwrap();
}

/// Invoices what was delivered, prints it, and says which invoice and which document it is.
async fn invoice(division: &DivisionApi, order: Guid) -> (Guid, Guid) {
    let orders = vec![NewSalesOrderId::new(order)];
    let new = NewInvoiceSalesOrder::new("70", InvoiceCreateMode::PerOrder, InvoiceMode::Delivered, orders);
    let made = division.act::<InvoiceSalesOrder>(&new, WriteOptions::new()).await.unwrap();
    assert_eq!((made.number_of_created_invoices, made.number_of_failed_invoices), (Some(1), Some(0)));
    let lines = division.list().filter(SalesInvoiceLine::SALES_ORDER.eq(order)).all().await.unwrap();
    let invoice = lines[0].invoice_id.unwrap();
    let order = NewPrintedSalesInvoice::new(invoice);
    let printed = division.act::<PrintedSalesInvoice>(&order, WriteOptions::new()).await.unwrap();
    (invoice, printed.document.unwrap())
}

#[tokio::test]
async fn an_order_becomes_a_delivery_an_invoice_with_its_pdf_a_receivable_and_money() {
    let world = World::logged_out(|builder| builder).await;
    let division = exact(&world).await;
    let order = order(&division).await;
    let id = order.order_id.unwrap();
    assert_eq!(order.status, Some(OrderStatus::Open));
    assert_eq!(order.sales_order_lines.as_ref().map(Vec::len), Some(2));
    assert_eq!(order.amount_fc_excl_vat, Some(1_000.into()));
    assert_eq!(order.your_ref.as_deref(), Some("D-17"));

    deliver(&division, &order, 0, 10).await;
    assert_eq!(stored(&division, id).await.delivery_status, Some(OrderStatus::Partial));

    let (invoice, document) = invoice(&division, id).await;
    let found = division.get::<SalesInvoice>(invoice).await.unwrap().unwrap();
    assert_eq!(found.status, Some(SalesInvoiceStatus::Processed));
    assert_eq!(found.amount_dc, Some(968.into()), "800 euros and 21 % VAT");

    let files = division.invoice_files(invoice).await.unwrap();
    assert_eq!(files, division.document_files(document).await.unwrap());
    let pdf = division.download(&files[0], 1_000_000).await.unwrap().bytes().await.unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.ends_with(b"%%EOF\n"));
    assert_eq!(files[0].file_size, Some(Decimal::from(pdf.len())));

    let number = found.invoice_number.unwrap();
    let owed = division.list().filter(Receivable::INVOICE_NUMBER.eq(number)).all().await.unwrap();
    assert_eq!((owed.len(), owed[0].amount_dc, owed[0].is_fully_paid), (1, Some((-968).into()), Some(false)));
    let open = division.list::<ReceivablesList>().all().await.unwrap();
    assert_eq!((open.len(), open[0].amount), (1, Some(968.into())));

    world.sandbox.exact().pay(world.division(), invoice.to_string().parse().unwrap(), None).unwrap();
    let paid = division.list().filter(Receivable::INVOICE_NUMBER.eq(number)).all().await.unwrap();
    assert_eq!((paid[0].is_fully_paid, paid[0].status), (Some(true), Some(PaymentTermStatus::Matched)));
    assert!(division.list::<ReceivablesList>().all().await.unwrap().is_empty());
    let terms = division.feed::<PaymentTerm>(0).all().await.unwrap();
    assert!(terms.iter().all(|term| term.is_fully_paid == Some(true)), "{terms:?}");

    deliver(&division, &order, 1, 1).await;
    assert_eq!(stored(&division, id).await.delivery_status, Some(OrderStatus::Complete));
    let stats = world.sandbox.exact().stats();
    assert_eq!((stats.client_errors, stats.too_many_requests), (0, 0), "{stats:?}");
}

#[tokio::test]
async fn a_file_that_is_gone_is_an_error_that_names_it() {
    let world = World::logged_out(|builder| builder).await;
    let division = exact(&world).await;
    let invoice: Guid = world.printed_invoice().to_string().parse().unwrap();
    let file = division.invoice_files(invoice).await.unwrap().remove(0);
    division.delete::<DocumentAttachment>(file.id.unwrap(), WriteOptions::new()).await.unwrap();
    let error = division.download(&file, 1_000_000).await.unwrap_err();
    assert_eq!((error.kind(), error.entity()), (ErrorKind::NotFound, Some("docs/SysAttachment.aspx")));
    assert_ne!(error.entity(), Some(DocumentAttachment::RESOURCE.path()));
}
