// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::OpportunityStatus;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// An opportunity, which other programs call a deal. It has no feed: ask for what was modified since. Part of the CRM
    /// licence.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMOpportunities)
    Opportunity at "crm/Opportunities" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewOpportunity;
    patch OpportunityPatch;
    write {
        /// Lead to which the opportunity applies.
        ACCOUNT account "Account": Guid [filterable, links("crm/Accounts")];
        /// Accountant linked to the opportunity.
        ACCOUNTANT accountant "Accountant": Guid [filterable, links("crm/Accounts")];
        /// Indicates the date before/on the NextAction is supposed to be done.
        ACTION_DATE action_date "ActionDate": NaiveDate [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal [filterable];
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal [filterable];
        /// Reference to the campaign opportunity is related to.
        CAMPAIGN campaign "Campaign": Guid [filterable];
        /// Reference to the channel opportunity is related to.
        CHANNEL channel "Channel": i16 [filterable];
        /// The date when the opportunity is expected to be closed.
        CLOSE_DATE close_date "CloseDate": NaiveDate [filterable];
        /// Currency code.
        CURRENCY currency "Currency": String [filterable];
        /// The source of the lead/opportunity.
        LEAD_SOURCE lead_source "LeadSource": Guid [filterable];
        /// Name of the opportunity.
        NAME name "Name": String [filterable];
        /// Indicates what follow up action is to be undertaken to move the opportunity towards a deal.
        NEXT_ACTION next_action "NextAction": String [filterable];
        /// Notes of the opportunity.
        NOTES notes "Notes": String [filterable];
        /// Code of Opportunity Department.
        OPPORTUNITY_DEPARTMENT_CODE opportunity_department_code "OpportunityDepartmentCode": i16 [filterable];
        /// The stage of the opportunity. This is a list defined by the user.
        OPPORTUNITY_STAGE opportunity_stage "OpportunityStage": Guid [filterable];
        /// Code of Opportunity Type.
        OPPORTUNITY_TYPE opportunity_type "OpportunityType": i16 [filterable];
        /// The resource who owns the opportunity and is responsible to close the opportunity (either won or lost).
        OWNER owner "Owner": Guid [filterable];
        /// The chance that the opportunity will be closed and won.
        PROBABILITY probability "Probability": Decimal [filterable];
        /// Reference to project.
        PROJECT project "Project": Guid [filterable];
        /// Exchange rate from original to division currency.
        RATE_FC rate_fc "RateFC": Decimal [filterable];
        /// Indicates the reason why the opportunity was lost.
        REASON_CODE reason_code "ReasonCode": Guid [filterable];
        /// Reseller linked to the opportunity.
        RESELLER reseller "Reseller": Guid [filterable, links("crm/Accounts")];
        /// Reference to Sales type.
        SALES_TYPE sales_type "SalesType": Guid [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Code of the Accountant.
        ACCOUNTANT_CODE accountant_code "AccountantCode": Code [filterable, left(18)];
        /// Name of the Accountant.
        ACCOUNTANT_NAME accountant_name "AccountantName": String [filterable];
        /// Code of Account.
        ACCOUNT_CODE account_code "AccountCode": Code [filterable, left(18)];
        /// Name of Account.
        ACCOUNT_NAME account_name "AccountName": String [filterable];
        /// Description of Campaign.
        CAMPAIGN_DESCRIPTION campaign_description "CampaignDescription": String [filterable];
        /// Description of Channel.
        CHANNEL_DESCRIPTION channel_description "ChannelDescription": String [filterable];
        /// Contact ID of main contact person.
        CONTACT contact "Contact": Guid [filterable, links("crm/Contacts")];
        /// Name of the main contact person.
        CONTACT_FULL_NAME contact_full_name "ContactFullName": String [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// Description of LeadSource.
        LEAD_SOURCE_DESCRIPTION lead_source_description "LeadSourceDescription": String [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
        /// Internal number of the opportunity.
        NUMBER number "Number": i32 [filterable];
        /// Description of Opportunity Department.
        OPPORTUNITY_DEPARTMENT_DESCRIPTION opportunity_department_description "OpportunityDepartmentDescription": String [filterable];
        /// Description of OpportunityStage.
        OPPORTUNITY_STAGE_DESCRIPTION opportunity_stage_description "OpportunityStageDescription": String [filterable];
        /// Open, won or lost.
        OPPORTUNITY_STATUS opportunity_status "OpportunityStatus": OpportunityStatus [filterable];
        /// Description of Opportunity Type.
        OPPORTUNITY_TYPE_DESCRIPTION opportunity_type_description "OpportunityTypeDescription": String [filterable];
        /// Name of Owner.
        OWNER_FULL_NAME owner_full_name "OwnerFullName": String [filterable];
        /// Code of Project.
        PROJECT_CODE project_code "ProjectCode": String [filterable];
        /// Description of Project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String [filterable];
        /// Description of ReasonCode.
        REASON_CODE_DESCRIPTION reason_code_description "ReasonCodeDescription": String [filterable];
        /// Code of the Reseller.
        RESELLER_CODE reseller_code "ResellerCode": Code [filterable, left(18)];
        /// Name of the Reseller.
        RESELLER_NAME reseller_name "ResellerName": String [filterable];
        /// Description of SalesType.
        SALES_TYPE_DESCRIPTION sales_type_description "SalesTypeDescription": String [filterable];
    }
}

impl crate::entity::Read for Opportunity {
    type Key = Guid;
}

impl crate::entity::Create for Opportunity {
    type New = NewOpportunity;
}

impl crate::entity::Update for Opportunity {
    type Patch = OpportunityPatch;
}

impl crate::entity::Delete for Opportunity {}
