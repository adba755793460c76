// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Prints an invoice: it gets its number, is booked, becomes a document, and is sent if that is asked for. Cannot be
    /// taken back.
    ///
    /// A mail that was sent counts as a success even if it never arrives.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesInvoicePrintedSalesInvoices)
    PrintedSalesInvoice at "salesinvoice/PrintedSalesInvoices" key "InvoiceID";
    verbs [Create];
    new NewPrintedSalesInvoice;
    write {
        /// The invoice.
        INVOICE_ID invoice_id "InvoiceID": Guid [required];
        /// Based on this layout a PDF is created and attached to an Exact Online document and an email.
        DOCUMENT_LAYOUT document_layout "DocumentLayout": Guid;
        /// Based on this layout the email text is produced.
        EMAIL_LAYOUT email_layout "EmailLayout": Guid;
        /// Extra text that can be added to the printed document and email.
        EXTRA_TEXT extra_text "ExtraText": String;
        /// Date of the invoice.
        INVOICE_DATE invoice_date "InvoiceDate": NaiveDate;
        /// The postbox from where the message is sent.
        POSTBOX_SENDER postbox_sender "PostboxSender": Guid;
        /// Reporting period.
        REPORTING_PERIOD reporting_period "ReportingPeriod": i32;
        /// Reporting year.
        REPORTING_YEAR reporting_year "ReportingYear": i32;
        /// Set to True if an email containing the invoice should be sent to the invoice customer.
        SEND_EMAIL_TO_CUSTOMER send_email_to_customer "SendEmailToCustomer": bool;
        /// Email address from which the email will be sent. If not specified, the company email address will be used.
        SENDER_EMAIL_ADDRESS sender_email_address "SenderEmailAddress": String;
        /// Set to True if a postbox message containing the invoice should be sent to the invoice customer Take notes:The.
        SEND_INVOICE_TO_CUSTOMER_POSTBOX send_invoice_to_customer_postbox "SendInvoiceToCustomerPostbox": bool;
        /// Set to True if the invoice should be sent via peppol to the invoice customer.
        SEND_INVOICE_VIA_PEPPOL send_invoice_via_peppol "SendInvoiceViaPeppol": bool;
        /// Set to True if the output preference should be taken from the account.
        SEND_OUTPUT_BASED_ON_ACCOUNT send_output_based_on_account "SendOutputBasedOnAccount": bool;
    }
    read {
        /// The division.
        DIVISION division "Division": i32;
        /// Contains the id of the document that was created.
        DOCUMENT document "Document": Guid [links("documents/Documents")];
        /// Contains the error message if an error occurred during the creation of the document.
        DOCUMENT_CREATION_ERROR document_creation_error "DocumentCreationError": String;
        /// Contains information if a document was succesfully created.
        DOCUMENT_CREATION_SUCCESS document_creation_success "DocumentCreationSuccess": String;
        /// Contains the error message if an error occurred during the creation of the email.
        EMAIL_CREATION_ERROR email_creation_error "EmailCreationError": String;
        /// Contains confirmation that an email was sent.
        EMAIL_CREATION_SUCCESS email_creation_success "EmailCreationSuccess": String;
        /// Contains the error message if an error occurred during the sending via peppol.
        PEPPOL_CREATION_ERROR peppol_creation_error "PeppolCreationError": String;
        /// Contains information if sending via peppol was succesfully sent.
        PEPPOL_CREATION_SUCCESS peppol_creation_success "PeppolCreationSuccess": String;
        /// Contains the error message if an error occurred during the sending of a postbox message.
        POSTBOX_MESSAGE_CREATION_ERROR postbox_message_creation_error "PostboxMessageCreationError": String;
        /// Contains information if a postbox message was succesfully sent.
        POSTBOX_MESSAGE_CREATION_SUCCESS postbox_message_creation_success "PostboxMessageCreationSuccess": String;
    }
}

impl crate::entity::Action for PrintedSalesInvoice {
    type New = NewPrintedSalesInvoice;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([
            &self.document_creation_error,
            &self.email_creation_error,
            &self.peppol_creation_error,
            &self.postbox_message_creation_error,
        ])
    }

    fn done_in_part(&self) -> bool {
        true
    }
}

impl NewPrintedSalesInvoice {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(invoice_id: Guid) -> Self {
        Self { invoice_id: Some(invoice_id), ..Self::default() }
    }
}
