// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Completes a sales order: what is open is not delivered or not invoiced any more. Cannot be taken back.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesOrderCompleteSalesOrder)
    CompleteSalesOrder at "salesorder/CompleteSalesOrder" key "OrderID";
    verbs [Create];
    new NewCompleteSalesOrder;
    write {
        /// The id.
        ORDER_ID order_id "OrderID": Guid [required];
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

impl crate::entity::Action for CompleteSalesOrder {
    type New = NewCompleteSalesOrder;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.error_message])
    }

    fn done_in_part(&self) -> bool {
        false
    }
}

impl NewCompleteSalesOrder {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(order_id: Guid) -> Self {
        Self { order_id: Some(order_id), ..Self::default() }
    }
}
