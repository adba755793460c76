// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Opens a quotation that was accepted or rejected again.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMReopenQuotation)
    ReopenQuotation at "crm/ReopenQuotation" key "QuotationID";
    verbs [Create];
    new NewReopenQuotation;
    write {
        /// The id.
        QUOTATION_ID quotation_id "QuotationID": Guid [required];
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

impl crate::entity::Action for ReopenQuotation {
    type New = NewReopenQuotation;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.error_message])
    }

    fn done_in_part(&self) -> bool {
        false
    }
}

impl NewReopenQuotation {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(quotation_id: Guid) -> Self {
        Self { quotation_id: Some(quotation_id) }
    }
}
