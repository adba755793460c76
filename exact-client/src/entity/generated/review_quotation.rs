// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Makes a new version of a quotation and closes this one.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMReviewQuotation)
    ReviewQuotation at "crm/ReviewQuotation" key "QuotationID";
    verbs [Create];
    new NewReviewQuotation;
    write {
        /// The id.
        QUOTATION_ID quotation_id "QuotationID": Guid [required];
        /// Copy item prices.
        COPY_ITEM_PRICES copy_item_prices "CopyItemPrices": bool;
        /// Description.
        DESCRIPTION description "Description": String;
        /// Document.
        DOCUMENT document "Document": Guid [links("documents/Documents")];
        /// Order account.
        ORDER_ACCOUNT order_account "OrderAccount": Guid [links("crm/Accounts")];
        /// Order account contact.
        ORDER_ACCOUNT_CONTACT order_account_contact "OrderAccountContact": Guid [links("crm/Contacts")];
        /// Payment condition.
        PAYMENT_CONDITION payment_condition "PaymentCondition": String;
        /// Quotation date.
        QUOTATION_DATE quotation_date "QuotationDate": NaiveDate;
    }
    read {
        /// The division.
        DIVISION division "Division": i32;
        /// Error message.
        ERROR_MESSAGE error_message "ErrorMessage": String;
        /// New quotation ID.
        NEW_QUOTATION_ID new_quotation_id "NewQuotationID": Guid [links("crm/Quotations")];
        /// Success message.
        SUCCESS_MESSAGE success_message "SuccessMessage": String;
    }
}

impl crate::entity::Action for ReviewQuotation {
    type New = NewReviewQuotation;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.error_message])
    }

    fn done_in_part(&self) -> bool {
        false
    }
}

impl NewReviewQuotation {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(quotation_id: Guid) -> Self {
        Self { quotation_id: Some(quotation_id), ..Self::default() }
    }
}
