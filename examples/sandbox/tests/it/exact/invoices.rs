//! Invoices, what is owed on them, and their documents.

use reqwest::Method;
use serde_json::{Value, json};

use super::shop::{highest, id_of, stamp};
use crate::support::{World, send, texts};

#[tokio::test]
async fn an_invoice_is_open_without_a_number_and_owed_by_nobody_until_it_is_printed() {
    let world = World::new().await;
    let (customer, item) = (world.customer("Bakker"), world.item("I-1"));
    let lines = json!([{ "Item": item, "Quantity": 1, "NetPrice": 1 }]);
    let fields = json!({ "Journal": "70", "OrderedBy": customer, "SalesInvoiceLines": lines });
    let answer = world.post("salesinvoice/SalesInvoices", fields).await;
    let (id, open) = (id_of(&answer, "InvoiceID"), answer.json()["d"].clone());
    assert_eq!((&open["Status"], &open["InvoiceNumber"]), (&json!(20), &json!(null)));
    assert_eq!((&open["InvoiceTo"], &open["Type"]), (&json!(customer), &json!(8020)));
    assert_eq!(world.feed_after("sync/Cashflow/PaymentTerms", 1).await.len(), 0);
    let printed = world.post("salesinvoice/PrintedSalesInvoices", json!({ "InvoiceID": id })).await;
    assert_eq!(printed.status, 201);
    let row = world.record("salesinvoice/SalesInvoices", id);
    assert_eq!((&row["Status"], &row["InvoiceNumber"]), (&json!(50), &json!(26_700_001)));
    assert_eq!(row["DueDate"], "/Date(1785456000000)/", "30 days after the first of July");
    let terms = world.feed_after("sync/Cashflow/PaymentTerms", 1).await;
    assert_eq!((&terms[0]["TransactionEntryID"], &terms[0]["LineType"]), (&json!(id), &json!(20)));
}

#[tokio::test]
async fn a_processed_invoice_is_fixed_and_a_second_print_changes_nothing() {
    let world = World::new().await;
    let invoice = world.printed_invoice();
    let answer = world.put("salesinvoice/SalesInvoices", invoice, json!({ "YourRef": "late" })).await;
    assert_eq!(
        (answer.status, answer.message().as_str()),
        (500, "Wijzigen niet mogelijk: Factuur is verwerkt")
    );
    assert_eq!(world.remove("salesinvoice/SalesInvoices", invoice).await.status, 500);
    let again = world.post("salesinvoice/PrintedSalesInvoices", json!({ "InvoiceID": invoice })).await;
    assert_eq!(again.status, 201);
    assert_eq!(world.feed_after("sync/Cashflow/PaymentTerms", 1).await.len(), 1);
}

#[tokio::test]
async fn only_a_customer_may_be_invoiced() {
    let world = World::new().await;
    let item = world.item("I-1");
    let prospect = world.enter("crm/Accounts", json!({ "Name": "Kansrijk", "Status": "P" }));
    let fields = json!({ "Journal": "70", "OrderedBy": prospect, "SalesInvoiceLines": [{ "Item": item }] });
    let answer = world.post("salesinvoice/SalesInvoices", fields).await;
    assert_eq!((answer.status, answer.message().as_str()), (500, "Ongeldig: Factuur voor (Type)"));
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_hides_in_a_success() {
    let world = World::new().await;
    let invoice = world.printed_invoice();
    let fields = json!({ "InvoiceID": invoice, "SendEmailToCustomer": true });
    let answer = world.post("salesinvoice/PrintedSalesInvoices", fields).await;
    assert_eq!((answer.status, &answer.json()["d"]["EmailCreationError"]), (201, &json!("Geen e-mailadres")));
}

#[tokio::test]
async fn invoices_from_orders_count_their_failures_in_a_success() {
    let world = World::new().await;
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    let fields = |mode: i64| json!({ "CreateMode": 1, "InvoiceMode": mode, "JournalCode": "70", "SalesOrderIDs": [{ "ID": order }] });
    let counts = |answer: Value| {
        let number = |name: &str| answer["d"][name].as_i64().unwrap();
        (number("NumberOfCreatedInvoices"), number("NumberOfFailedInvoices"))
    };
    let undelivered = world.post("salesinvoice/InvoiceSalesOrders", fields(0)).await;
    assert_eq!((undelivered.status, counts(undelivered.json())), (201, (0, 1)));
    let ordered = world.post("salesinvoice/InvoiceSalesOrders", fields(1)).await;
    assert_eq!(counts(ordered.json()), (1, 0));
    let lines = world.sandbox.exact().records(world.division(), "salesinvoice/SalesInvoiceLines").unwrap();
    assert_eq!((&lines[0]["SalesOrder"], &lines[0]["Quantity"]), (&json!(order), &json!(10)));
}

#[tokio::test]
async fn the_feed_mixes_headers_and_lines_and_a_change_brings_all_of_them_again() {
    let world = World::new().await;
    let invoice = world.printed_invoice();
    let rows = world.feed_after("sync/SalesInvoice/SalesInvoices", 1).await;
    let mut numbers: Vec<i64> = rows.iter().map(|row| row["LineNumber"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [0, 1]);
    assert!(rows.iter().all(|row| row["InvoiceID"] == json!(invoice) && row["InvoiceNumber"] == 26_700_001));
    assert!(rows.is_sorted_by_key(stamp));
    let (customer, item) = (world.customer("Ander"), world.item("I-2"));
    let lines = json!([{ "Item": item }, { "Item": item }]);
    let fields = json!({ "Journal": "70", "OrderedBy": customer, "SalesInvoiceLines": lines });
    let open = world.enter("salesinvoice/SalesInvoices", fields);
    let before = highest(&world.feed_after("sync/SalesInvoice/SalesInvoices", 1).await);
    world.put("salesinvoice/SalesInvoices", open, json!({ "YourRef": "new" })).await;
    assert_eq!(world.feed_after("sync/SalesInvoice/SalesInvoices", before).await.len(), 3);
}

#[tokio::test]
async fn a_part_payment_splits_the_term_and_what_is_to_be_received_is_negative() {
    let world = World::new().await;
    let invoice = world.printed_invoice();
    world.sandbox.exact().pay(world.division(), invoice, Some(400.into())).unwrap();
    let filter = "IsFullyPaid eq false";
    let select = "AmountDC,TransactionAmountDC,EntryID,InvoiceNumber,LastPaymentDate,Status";
    let open = world.list("cashflow/Receivables", &[("$select", select), ("$filter", filter)]).await.rows();
    assert_eq!(
        (open.len(), &open[0]["AmountDC"], &open[0]["TransactionAmountDC"]),
        (1, &json!(-810), &json!(1210))
    );
    assert_ne!(open[0]["EntryID"], json!(invoice), "a split gets another entry");
    assert!(open[0]["LastPaymentDate"].is_string());
    let terms = world.feed_after("sync/Cashflow/PaymentTerms", 1).await;
    let mut statuses: Vec<i64> = terms.iter().map(|row| row["Status"].as_i64().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [20, 50]);
    let list = world.list("read/financial/ReceivablesList", &[]).await.rows();
    assert_eq!((list.len(), &list[0]["Amount"]), (1, &json!(810)));
    assert_eq!(list[0]["AccountCode"].as_str().unwrap().len(), 18);
}

#[tokio::test]
async fn a_paid_invoice_leaves_the_list_and_comes_back_when_the_match_is_undone() {
    let world = World::new().await;
    let (exact, division) = (world.sandbox.exact(), world.division());
    let invoice = world.printed_invoice();
    exact.pay(division, invoice, Some(400.into())).unwrap();
    exact.pay(division, invoice, None).unwrap();
    assert_eq!(world.list("read/financial/ReceivablesList", &[]).await.rows().len(), 0);
    let paid = world.feed_after("sync/Cashflow/PaymentTerms", 1).await;
    assert!(paid.iter().all(|term| term["IsFullyPaid"] == true && term["Status"] == 50));
    assert!(exact.pay(division, invoice, None).is_err(), "nothing is left to pay");
    exact.unmatch(division, invoice).unwrap();
    let open = world.feed_after("sync/Cashflow/PaymentTerms", highest(&paid)).await;
    let owed: f64 = open.iter().map(|term| term["AmountDC"].as_f64().unwrap()).sum();
    assert_eq!((open.len(), owed), (2, -1210.0));
    assert!(open.iter().all(|term| term["EndDate"].is_null() && term["Status"] == 20));
    let row = world.record("salesinvoice/SalesInvoices", invoice);
    assert_eq!(row["Status"], 50, "the invoice itself knows nothing of payments");
}

#[tokio::test]
async fn a_write_off_settles_without_a_payment() {
    let world = World::new().await;
    let invoice = world.printed_invoice();
    world.sandbox.exact().write_off(world.division(), invoice).unwrap();
    let terms = world.feed_after("sync/Cashflow/PaymentTerms", 1).await;
    assert_eq!((&terms[0]["IsFullyPaid"], &terms[0]["LastPaymentDate"]), (&json!(true), &json!(null)));
}

#[tokio::test]
async fn a_credit_note_is_negative_and_settles_its_invoice() {
    let world = World::new().await;
    let invoice = world.printed_invoice();
    let note = world.sandbox.exact().credit(world.division(), invoice).unwrap();
    let row = world.record("salesinvoice/SalesInvoices", note);
    assert_eq!((&row["Type"], &row["AmountDC"]), (&json!(8021), &json!(-1210)));
    let terms = world.feed_after("sync/Cashflow/PaymentTerms", 1).await;
    assert_eq!(terms.len(), 2);
    assert!(terms.iter().all(|term| term["IsFullyPaid"] == true));
}

#[tokio::test]
async fn the_list_of_receivables_takes_no_filter() {
    let world = World::new().await;
    let query = [("$filter", "InvoiceNumber eq 1")];
    let answer = world.list("read/financial/ReceivablesList", &query).await;
    assert_eq!((answer.status, answer.message().as_str()), (400, "Bad Request - Error in query syntax."));
    let by_account = world.list("read/financial/ReceivablesListByAccount", &[]).await;
    assert_eq!(by_account.status, 400, "its parameter is missing");
    let refused =
        world.list("bulk/Cashflow/Receivables", &[("$select", "ID"), ("$filter", "IsFullyPaid eq false")]);
    assert!(refused.await.message().ends_with("not supported: IsFullyPaid"));
}

#[tokio::test]
async fn a_printed_invoice_has_a_document_with_a_pdf_to_download() {
    let world = World::new().await;
    let invoice = world.printed_invoice();
    let filter = format!("FinancialTransactionEntryID eq guid'{invoice}'");
    let query = [("$select", "ID,Subject,Type"), ("$filter", filter.as_str())];
    let documents = world.list("documents/Documents", &query).await.rows();
    assert_eq!((&documents[0]["Subject"], &documents[0]["Type"]), (&json!("Factuur: 26700001"), &json!(10)));
    let id = documents[0]["ID"].as_str().unwrap();
    let filter = format!("Document eq guid'{id}'");
    let query = [("$select", "Attachment,FileName,FileSize,Url"), ("$filter", filter.as_str())];
    let files = world.list("documents/DocumentAttachments", &query).await.rows();
    assert_eq!(texts(&files, "FileName"), ["26700001.pdf"]);
    assert_eq!(files[0]["Attachment"], json!(null), "never shown again");
    let url = files[0]["Url"].as_str().unwrap();
    let pdf = send(world.exact_url(Method::GET, &format!("{url}&Download=1"))).await;
    assert_eq!((pdf.status, pdf.header("content-type")), (200, Some("application/pdf")));
    assert!(pdf.body.starts_with("%PDF-1.4") && pdf.body.ends_with("%%EOF\n"));
    assert_eq!(files[0]["FileSize"], pdf.body.len());
    let page = send(world.exact_url(Method::GET, url)).await;
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    assert_eq!(send(world.http.get(format!("{url}&Download=1"))).await.status, 401);
}

#[tokio::test]
async fn an_attachment_comes_as_base64() {
    let world = World::new().await;
    let document =
        id_of(&world.post("documents/Documents", json!({ "Subject": "Note", "Type": 55 })).await, "ID");
    let file = json!({ "Document": document, "FileName": "a.txt", "Attachment": "aGFsbG8=" });
    let stored = world.post("documents/DocumentAttachments", file).await.json();
    assert_eq!((&stored["d"]["FileSize"], &stored["d"]["Attachment"]), (&json!(5), &json!(null)));
    let bad = json!({ "Document": document, "FileName": "a.txt", "Attachment": "no base64" });
    assert_eq!(world.post("documents/DocumentAttachments", bad).await.status, 500);
}

#[tokio::test]
async fn people_and_the_bank_can_be_played_from_outside() {
    let world = World::new().await;
    let (division, base_url) = (world.division(), world.sandbox.exact().base_url());
    let act = async |action: &str, mut body: Value| {
        body["division"] = json!(division);
        let answer = send(world.http.post(format!("{base_url}/_sandbox/exact/{action}")).json(&body)).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.body);
        answer.json()
    };
    let order = world.order(world.customer("Bakker"), world.item("I-1"));
    act("deliver", json!({ "order": order })).await;
    let invoice = act("invoice", json!({ "order": order })).await["id"].clone();
    assert_eq!(act("print", json!({ "invoice": invoice })).await["number"], 26_700_001);
    act("pay", json!({ "invoice": invoice, "amount": 10 })).await;
    act("write-off", json!({ "invoice": invoice })).await;
    act("unmatch", json!({ "invoice": invoice })).await;
    assert!(act("credit", json!({ "invoice": invoice })).await["id"].is_string());
    let contact = json!({ "Account": world.customer("Ander"), "LastName": "Jansen" });
    let contact =
        act("records/create", json!({ "path": "crm/Contacts", "fields": contact })).await["id"].clone();
    act("anonymise", json!({ "id": contact })).await;
    let contacts = act("records", json!({ "path": "crm/Contacts" })).await;
    assert_eq!(contacts["records"][0]["IsAnonymised"], 1);
}
