// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Accepts a quotation, and makes an order, an invoice, a project or a subscription of it if that is asked for.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMAcceptQuotation)
    AcceptQuotation at "crm/AcceptQuotation" key "QuotationID";
    verbs [Create];
    new NewAcceptQuotation;
    write {
        /// The id.
        QUOTATION_ID quotation_id "QuotationID": Guid [required];
        /// Action.
        ACTION action "Action": i32;
        /// Create item price agreement.
        CREATE_ITEM_PRICE_AGREEMENT create_item_price_agreement "CreateItemPriceAgreement": bool;
        /// Create project WBS.
        CREATE_PROJECT_WBS create_project_wbs "CreateProjectWBS": bool;
        /// Invoice journal.
        INVOICE_JOURNAL invoice_journal "InvoiceJournal": String;
        /// Notification layout.
        NOTIFICATION_LAYOUT notification_layout "NotificationLayout": Guid;
        /// Project budget type.
        PROJECT_BUDGET_TYPE project_budget_type "ProjectBudgetType": i32;
        /// Project classification.
        PROJECT_CLASSIFICATION project_classification "ProjectClassification": Guid;
        /// Project code.
        PROJECT_CODE project_code "ProjectCode": String;
        /// Project description.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String;
        /// Project ID.
        PROJECT_ID project_id "ProjectID": Guid;
        /// Project invoice date.
        PROJECT_INVOICE_DATE project_invoice_date "ProjectInvoiceDate": NaiveDate;
        /// Project invoicing action.
        PROJECT_INVOICING_ACTION project_invoicing_action "ProjectInvoicingAction": i32;
        /// Project prepaind types.
        PROJECT_PREPAIND_TYPES project_prepaind_types "ProjectPrepaindTypes": i32;
        /// Project price agreement.
        PROJECT_PRICE_AGREEMENT project_price_agreement "ProjectPriceAgreement": Decimal;
        /// Project type.
        PROJECT_TYPE project_type "ProjectType": i32;
        /// Project WBS part of.
        PROJECT_WBS_PART_OF project_wbs_part_of "ProjectWBSPartOf": Guid;
        /// Reason code.
        REASON_CODE reason_code "ReasonCode": Guid;
        /// Subscription description.
        SUBSCRIPTION_DESCRIPTION subscription_description "SubscriptionDescription": String;
        /// Subscription start date.
        SUBSCRIPTION_START_DATE subscription_start_date "SubscriptionStartDate": NaiveDate;
        /// Subscription type.
        SUBSCRIPTION_TYPE subscription_type "SubscriptionType": Guid;
        /// Update project budget and price agreement.
        UPDATE_PROJECT_BUDGET_AND_PRICE_AGREEMENT update_project_budget_and_price_agreement "UpdateProjectBudgetAndPriceAgreement": bool;
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String;
    }
    read {
        /// Add to existing project success.
        ADD_TO_EXISTING_PROJECT_SUCCESS add_to_existing_project_success "AddToExistingProjectSuccess": String;
        /// The division.
        DIVISION division "Division": i32;
        /// Error message.
        ERROR_MESSAGE error_message "ErrorMessage": String;
        /// Project success.
        PROJECT_SUCCESS project_success "ProjectSuccess": String;
        /// Sales invoice success.
        SALES_INVOICE_SUCCESS sales_invoice_success "SalesInvoiceSuccess": String;
        /// Sales order success.
        SALES_ORDER_SUCCESS sales_order_success "SalesOrderSuccess": String;
        /// Subscription success.
        SUBSCRIPTION_SUCCESS subscription_success "SubscriptionSuccess": String;
        /// Success message.
        SUCCESS_MESSAGE success_message "SuccessMessage": String;
    }
}

impl crate::entity::Action for AcceptQuotation {
    type New = NewAcceptQuotation;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.error_message])
    }

    fn done_in_part(&self) -> bool {
        false
    }
}

impl NewAcceptQuotation {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(quotation_id: Guid) -> Self {
        Self { quotation_id: Some(quotation_id), ..Self::default() }
    }
}
