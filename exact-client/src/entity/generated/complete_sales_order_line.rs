// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Completes a line of a sales order. Cannot be taken back.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesOrderCompleteSalesOrderLine)
    CompleteSalesOrderLine at "salesorder/CompleteSalesOrderLine" key "ID";
    verbs [Create];
    new NewCompleteSalesOrderLine;
    write {
        /// The id.
        ID id "ID": Guid [required];
        /// Complete delivery.
        COMPLETE_DELIVERY complete_delivery "CompleteDelivery": bool;
        /// Complete invoice.
        COMPLETE_INVOICE complete_invoice "CompleteInvoice": bool;
    }
    read {
        /// The division.
        DIVISION division "Division": i32;
        /// Error message.
        ERROR_MESSAGE error_message "ErrorMessage": String;
        /// Success message.
        SUCCESS_MESSAGE success_message "SuccessMessage": String;
    }
}

impl crate::entity::Action for CompleteSalesOrderLine {
    type New = NewCompleteSalesOrderLine;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.error_message])
    }

    fn done_in_part(&self) -> bool {
        false
    }
}

impl NewCompleteSalesOrderLine {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(id: Guid) -> Self {
        Self { id: Some(id), ..Self::default() }
    }
}
