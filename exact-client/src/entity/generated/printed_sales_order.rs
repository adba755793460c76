// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Prints a sales order, and mails it if that is asked for.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesOrderPrintedSalesOrders)
    PrintedSalesOrder at "salesorder/PrintedSalesOrders" key "OrderId";
    verbs [Create];
    new NewPrintedSalesOrder;
    write {
        /// The id.
        ORDER_ID order_id "OrderId": Guid [required];
        /// Based on this layout a PDF is created and attached to an Exact Online document and an email.
        DOCUMENT_LAYOUT document_layout "DocumentLayout": Guid;
        /// Based on this layout the email text is produced.
        EMAIL_LAYOUT email_layout "EmailLayout": Guid;
        /// Extra text that can be added to the printed document and email.
        EXTRA_TEXT extra_text "ExtraText": String;
        /// Set to True if an email containing the sales order should be sent to the customer.
        SEND_EMAIL_TO_CUSTOMER send_email_to_customer "SendEmailToCustomer": bool;
        /// Email address from which the email will be sent. If not specified, the company email address will be used.
        SENDER_EMAIL_ADDRESS sender_email_address "SenderEmailAddress": String;
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
    }
}

impl crate::entity::Action for PrintedSalesOrder {
    type New = NewPrintedSalesOrder;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.document_creation_error, &self.email_creation_error])
    }

    fn done_in_part(&self) -> bool {
        self.document.is_some()
    }
}

impl NewPrintedSalesOrder {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(order_id: Guid) -> Self {
        Self { order_id: Some(order_id), ..Self::default() }
    }
}
