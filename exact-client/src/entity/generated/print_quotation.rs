// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Prints a quotation, and mails it if that is asked for.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMPrintQuotation)
    PrintQuotation at "crm/PrintQuotation" key "QuotationID";
    verbs [Create];
    new NewPrintQuotation;
    write {
        /// The id.
        QUOTATION_ID quotation_id "QuotationID": Guid [required];
        /// Document layout.
        DOCUMENT_LAYOUT document_layout "DocumentLayout": Guid;
        /// Email layout.
        EMAIL_LAYOUT email_layout "EmailLayout": Guid;
        /// Extra text.
        EXTRA_TEXT extra_text "ExtraText": String;
        /// Quotation date.
        QUOTATION_DATE quotation_date "QuotationDate": NaiveDate;
        /// Send email to customer.
        SEND_EMAIL_TO_CUSTOMER send_email_to_customer "SendEmailToCustomer": bool;
        /// Sender email address.
        SENDER_EMAIL_ADDRESS sender_email_address "SenderEmailAddress": String;
    }
    read {
        /// The division.
        DIVISION division "Division": i32;
        /// Document.
        DOCUMENT document "Document": Guid [links("documents/Documents")];
        /// Document creation error.
        DOCUMENT_CREATION_ERROR document_creation_error "DocumentCreationError": String;
        /// Document creation success.
        DOCUMENT_CREATION_SUCCESS document_creation_success "DocumentCreationSuccess": String;
        /// Email creation error.
        EMAIL_CREATION_ERROR email_creation_error "EmailCreationError": String;
    }
}

impl crate::entity::Action for PrintQuotation {
    type New = NewPrintQuotation;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.document_creation_error, &self.email_creation_error])
    }

    fn done_in_part(&self) -> bool {
        self.document.is_some()
    }
}

impl NewPrintQuotation {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(quotation_id: Guid) -> Self {
        Self { quotation_id: Some(quotation_id), ..Self::default() }
    }
}
