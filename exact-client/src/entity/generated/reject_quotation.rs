// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Rejects a quotation.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMRejectQuotation)
    RejectQuotation at "crm/RejectQuotation" key "QuotationID";
    verbs [Create];
    new NewRejectQuotation;
    write {
        /// The id.
        QUOTATION_ID quotation_id "QuotationID": Guid [required];
        /// Notification layout.
        NOTIFICATION_LAYOUT notification_layout "NotificationLayout": Guid;
        /// Reason code.
        REASON_CODE reason_code "ReasonCode": Guid;
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

impl crate::entity::Action for RejectQuotation {
    type New = NewRejectQuotation;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.error_message])
    }

    fn done_in_part(&self) -> bool {
        false
    }
}

impl NewRejectQuotation {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(quotation_id: Guid) -> Self {
        Self { quotation_id: Some(quotation_id), ..Self::default() }
    }
}
