// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// Mails a quotation to be accepted online.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMEmailWithSignOffQuotation)
    EmailWithSignOffQuotation at "crm/EmailWithSignOffQuotation" key "QuotationID";
    verbs [Create];
    new NewEmailWithSignOffQuotation;
    write {
        /// The id.
        QUOTATION_ID quotation_id "QuotationID": Guid [required];
        /// Accept email layout.
        ACCEPT_EMAIL_LAYOUT accept_email_layout "AcceptEmailLayout": Guid;
        /// Accept opportunity stage.
        ACCEPT_OPPORTUNITY_STAGE accept_opportunity_stage "AcceptOpportunityStage": Guid;
        /// Action.
        ACTION action "Action": i32;
        /// Allow provide your ref.
        ALLOW_PROVIDE_YOUR_REF allow_provide_your_ref "AllowProvideYourRef": bool;
        /// Create item price agreement.
        CREATE_ITEM_PRICE_AGREEMENT create_item_price_agreement "CreateItemPriceAgreement": bool;
        /// Create project WBS.
        CREATE_PROJECT_WBS create_project_wbs "CreateProjectWBS": bool;
        /// Document layout.
        DOCUMENT_LAYOUT document_layout "DocumentLayout": Guid;
        /// Email layout.
        EMAIL_LAYOUT email_layout "EmailLayout": Guid [required];
        /// Extra text.
        EXTRA_TEXT extra_text "ExtraText": String;
        /// Invoice journal.
        INVOICE_JOURNAL invoice_journal "InvoiceJournal": String;
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
        /// Project prepaid types.
        PROJECT_PREPAID_TYPES project_prepaid_types "ProjectPrepaidTypes": i32;
        /// Project price agreement.
        PROJECT_PRICE_AGREEMENT project_price_agreement "ProjectPriceAgreement": Decimal;
        /// Project type.
        PROJECT_TYPE project_type "ProjectType": i32;
        /// Project WBS part of.
        PROJECT_WBS_PART_OF project_wbs_part_of "ProjectWBSPartOf": Guid;
        /// Quotation date.
        QUOTATION_DATE quotation_date "QuotationDate": NaiveDate;
        /// Reject email layout.
        REJECT_EMAIL_LAYOUT reject_email_layout "RejectEmailLayout": Guid;
        /// Reject opportunity stage.
        REJECT_OPPORTUNITY_STAGE reject_opportunity_stage "RejectOpportunityStage": Guid;
        /// Sender email address.
        SENDER_EMAIL_ADDRESS sender_email_address "SenderEmailAddress": String;
        /// Subject.
        SUBJECT subject "Subject": String;
        /// Subscription date.
        SUBSCRIPTION_DATE subscription_date "SubscriptionDate": NaiveDate;
        /// Subscription description.
        SUBSCRIPTION_DESCRIPTION subscription_description "SubscriptionDescription": String;
        /// Subscription type.
        SUBSCRIPTION_TYPE subscription_type "SubscriptionType": Guid;
        /// Update project budget and price agreement.
        UPDATE_PROJECT_BUDGET_AND_PRICE_AGREEMENT update_project_budget_and_price_agreement "UpdateProjectBudgetAndPriceAgreement": bool;
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String;
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

impl crate::entity::Action for EmailWithSignOffQuotation {
    type New = NewEmailWithSignOffQuotation;

    fn complaints(&self) -> Vec<&str> {
        crate::entity::said([&self.error_message])
    }

    fn done_in_part(&self) -> bool {
        false
    }
}

impl NewEmailWithSignOffQuotation {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(quotation_id: Guid, email_layout: Guid) -> Self {
        Self { quotation_id: Some(quotation_id), email_layout: Some(email_layout), ..Self::default() }
    }
}
