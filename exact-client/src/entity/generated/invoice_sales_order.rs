// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::macros::entity;
use crate::entity::{InvoiceCreateMode, InvoiceMode, NewSalesOrderId, SalesOrderId};
use crate::id::Guid;
use crate::odata::Code;

entity! {
    /// Makes invoices from sales orders, up to 500 lines in one call where they are several.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesInvoiceInvoiceSalesOrders)
    InvoiceSalesOrder at "salesinvoice/InvoiceSalesOrders" key "ID";
    verbs [Create];
    new NewInvoiceSalesOrder;
    write {
        /// One invoice per customer, or one per order.
        CREATE_MODE create_mode "CreateMode": InvoiceCreateMode [required];
        /// Stock entries entry number.
        DELIVERY_NUMBER delivery_number "DeliveryNumber": i32;
        /// Stock entries entry end date.
        END_DATE end_date "EndDate": NaiveDate;
        /// What was delivered, or what was ordered.
        INVOICE_MODE invoice_mode "InvoiceMode": InvoiceMode [required];
        /// Code of the sales journal.
        JOURNAL_CODE journal_code "JournalCode": Code [required];
        /// Stock entries entry start date.
        START_DATE start_date "StartDate": NaiveDate;
        /// Possibility to override the InvoiceDate during creation of sales invoice from sales orders.
        USER_INVOICE_DATE user_invoice_date "UserInvoiceDate": NaiveDate;
    }
    read {
        /// The id.
        ID id "ID": Guid;
        /// Errors in the process.
        ERRORS errors "Errors": String;
        /// Number of invoices successfully created.
        NUMBER_OF_CREATED_INVOICES number_of_created_invoices "NumberOfCreatedInvoices": i32;
        /// Number of invoices failed to create.
        NUMBER_OF_FAILED_INVOICES number_of_failed_invoices "NumberOfFailedInvoices": i32;
    }
    lines {
        /// The orders.
        sales_order_ids "SalesOrderIDs": SalesOrderId, NewSalesOrderId;
    }
}

impl crate::entity::Action for InvoiceSalesOrder {
    type New = NewInvoiceSalesOrder;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.errors])
    }

    fn done_in_part(&self) -> bool {
        self.number_of_created_invoices.is_some_and(|created| created > 0)
    }
}

impl NewInvoiceSalesOrder {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(
        journal_code: impl Into<Code>,
        create_mode: InvoiceCreateMode,
        invoice_mode: InvoiceMode,
        sales_order_ids: Vec<NewSalesOrderId>,
    ) -> Self {
        Self {
            journal_code: Some(journal_code.into()),
            create_mode: Some(create_mode),
            invoice_mode: Some(invoice_mode),
            sales_order_ids,
            ..Self::default()
        }
    }
}
