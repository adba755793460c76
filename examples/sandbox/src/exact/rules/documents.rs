//! Documents and their files; a printed invoice has one of each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::super::books::Books;
use super::super::cell::{Cell, Row};
use super::super::schema::Kind;
use super::super::tables::{document_attachments, documents};
use super::super::write::look_up;

const SALES_INVOICE: i64 = 10;

pub(super) fn prepare(books: &mut Books<'_>, id: Uuid, row: &mut Row, before: Option<&Row>) -> Vec<String> {
    if before.is_none() {
        row.set("HID", Cell::Int(books.division.next_number("Documents", 1)));
        let url = format!("{}/docs/DocView.aspx?DocumentID={id}", books.base_url);
        row.set("DocumentViewUrl", Cell::text(&url));
        super::lines::default_days(books, row, &["DocumentDate"]);
    }
    let empty = row.str("Body").is_none_or(str::is_empty);
    row.set("HasEmptyBody", Cell::Bool(empty));
    let described = match row.int("Type") {
        Some(SALES_INVOICE) => "Sales invoice",
        Some(_) => "Miscellaneous",
        None => "",
    };
    row.set("TypeDescription", Cell::text(described));
    Vec::new()
}

/// `Attachment` comes as base64 and is never shown again.
pub(super) fn prepare_attachment(books: &mut Books<'_>, id: Uuid, row: &mut Row) -> Vec<String> {
    let size = row.str("Attachment").map(|text| STANDARD.decode(text).map(|bytes| bytes.len()));
    match size {
        Some(Ok(size)) => {
            row.set("FileSize", Cell::Int(size.try_into().unwrap_or(i64::MAX)));
            let division = books.division.code();
            let url = format!("{}/docs/SysAttachment.aspx?ID={id}&_Division_={division}", books.base_url);
            row.set("Url", Cell::text(&url));
            Vec::new()
        }
        Some(Err(_)) => vec![books.invalid("Attachment")],
        None => Vec::new(),
    }
}

/// The bytes of a file.
pub(in super::super) fn file(row: &Row) -> Option<Vec<u8>> {
    STANDARD.decode(row.str("Attachment")?).ok()
}

/// The document of a printed invoice, with its PDF.
pub(super) fn of_invoice(books: &mut Books<'_>, invoice: Uuid, row: &Row) -> Uuid {
    let number = row.int("InvoiceNumber").unwrap_or_default();
    let subject = format!("{}: {number}", books.say("Factuur", "Invoice"));
    let copy = |name: &str| row.stored(name).cloned().unwrap_or(Cell::Null);
    let (id, blank) = books.blank(&documents::ENTITY);
    let mut document = blank
        .with("Subject", Cell::text(&subject))
        .with("Type", Cell::Int(SALES_INVOICE))
        .with("Account", copy("InvoiceTo"))
        .with("DocumentDate", copy("InvoiceDate"))
        .with("SalesInvoiceNumber", Cell::Int(number))
        .with("FinancialTransactionEntryID", Cell::Guid(invoice))
        .with("AmountFC", copy("AmountFC"))
        .with("Currency", copy("Currency"));
    prepare(books, id, &mut document, None);
    look_up(books, &documents::ENTITY, &mut document);
    books.put(Kind::Document, id, document);
    let total = row.number("AmountFC").unwrap_or_default();
    let pdf = pdf(&format!("{subject}   EUR {total}"));
    let (file, blank) = books.blank(&document_attachments::ENTITY);
    let mut attachment = blank
        .with("Document", Cell::Guid(id))
        .with("FileName", Cell::text(&format!("{number}.pdf")))
        .with("Attachment", Cell::text(&STANDARD.encode(pdf)));
    prepare_attachment(books, file, &mut attachment);
    books.put(Kind::DocumentAttachment, file, attachment);
    id
}

/// A page with one line of text.
fn pdf(text: &str) -> Vec<u8> {
    let page = format!("BT /F1 14 Tf 72 770 Td ({text}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{page}\nendstream", page.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", number + 1));
    }
    let table = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    for place in places {
        file.push_str(&format!("{place:010} 00000 n \n"));
    }
    let count = objects.len() + 1;
    file.push_str(&format!("trailer << /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
    file.into_bytes()
}
