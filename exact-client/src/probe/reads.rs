//! The questions that need no write.

use http::HeaderMap;

use super::{Answer, Probe, is_answer};
use crate::error::Result;
use crate::http::{Request, Target};
use crate::limit::Scope;

/// A filter that no record meets: what counts is whether it is taken.
pub(super) const QUESTIONS: [(&str, &str, Option<&str>); 19] = [
    ("crm/Accounts", "ID", None),
    ("crm/Accounts", "ID", Some("ChamberOfCommerce eq 'probe'")),
    ("crm/Accounts", "ID", Some("VATNumber eq 'probe'")),
    ("crm/Accounts", "ID", Some("SearchCode eq 'probe'")),
    ("crm/Accounts", "ID", Some("Email eq 'probe'")),
    ("crm/Contacts", "ID", None),
    ("crm/Contacts", "ID", Some("Email eq 'probe'")),
    ("crm/Addresses", "ID", None),
    ("logistics/Items", "ID", None),
    ("logistics/Items", "ID", Some("Code eq 'probe'")),
    ("salesorder/SalesOrders", "OrderID", None),
    ("salesorder/SalesOrders", "OrderID", Some("YourRef eq 'probe'")),
    ("crm/Quotations", "QuotationID", None),
    ("crm/Quotations", "QuotationID", Some("YourRef eq 'probe'")),
    ("salesinvoice/SalesInvoices", "InvoiceID", None),
    ("cashflow/Receivables", "ID", None),
    ("documents/Documents", "ID", None),
    ("webhooks/WebhookSubscriptions", "ID", None),
    ("sync/CRM/Accounts", "ID", None),
];

impl Probe {
    pub(super) async fn ask(
        &self,
        resource: &'static str,
        select: &str,
        filter: Option<&'static str>,
    ) -> Result<Answer> {
        let condition = filter.map(|filter| format!("&$filter={}", filter.replace(' ', "%20")));
        let query = format!("$select={select}&$top=1{}", condition.unwrap_or_default());
        let target = Target::Path { path: resource.to_owned(), query };
        let request = Request::read(Scope::Division(self.division), resource, target);
        let (status, refusal, limits) = match self.client.pipeline().send(&request).await {
            Ok(reply) => (Some(reply.status.as_u16()), None, limits(&reply.headers)),
            Err(error) if is_answer(&error) => (error.status(), Some(error.message().to_owned()), Vec::new()),
            Err(error) => return Err(error),
        };
        Ok(Answer { resource, filter, status, refusal, limits })
    }
}

/// The limits themselves, without what is used of them.
fn limits(headers: &HeaderMap) -> Vec<String> {
    let limit = |name: &str| Some(format!("{name}: {}", headers.get(name)?.to_str().ok()?));
    ["X-RateLimit-Limit", "X-RateLimit-Minutely-Limit"].into_iter().filter_map(limit).collect()
}
