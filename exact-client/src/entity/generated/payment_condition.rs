// Written by the entity-generator; change its input and run it again.

use rust_decimal::Decimal;

use crate::entity::PaymentMethod;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// When and how a customer pays.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CashflowPaymentConditions)
    PaymentCondition at "cashflow/PaymentConditions" key "ID";
    verbs [Read, Create];
    new NewPaymentCondition;
    write {
        /// Code of the payment condition.
        CODE code "Code": String [filterable, required];
        /// Default credit management scenario to be used for new payment terms.
        CREDIT_MANAGEMENT_SCENARIO credit_management_scenario "CreditManagementScenario": Guid [filterable];
        /// Description of the payment condition.
        DESCRIPTION description "Description": String [filterable, required];
        /// Indicates how the discount amount is calculated. Values: E = Excluding VAT, I = Including VAT.
        DISCOUNT_CALCULATION discount_calculation "DiscountCalculation": String [filterable];
        /// Number of days to pay within, to have the right to take the discount.
        DISCOUNT_PAYMENT_DAYS discount_payment_days "DiscountPaymentDays": i32 [filterable];
        /// Discount percentage.
        DISCOUNT_PERCENTAGE discount_percentage "DiscountPercentage": Decimal [filterable];
        /// Number of days to be included in the due date calculation.
        PAYMENT_DAYS payment_days "PaymentDays": i32 [filterable];
        /// Type of payment discount. Values: B = Settlement discount, K = Credit surcharge.
        PAYMENT_DISCOUNT_TYPE payment_discount_type "PaymentDiscountType": String [filterable];
        /// Number of month endings to be included in the due date calculation.
        PAYMENT_END_OF_MONTHS payment_end_of_months "PaymentEndOfMonths": i32 [filterable];
        /// How it is paid.
        PAYMENT_METHOD payment_method "PaymentMethod": PaymentMethod [filterable];
        /// Percentage (stored as fraction) of total invoice amount.
        PERCENTAGE percentage "Percentage": Decimal [filterable];
        /// Indicates how the VAT amount is calculated Values: E = Excluding discount, I = Including discount.
        VAT_CALCULATION vat_calculation "VATCalculation": String [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// Code of CreditManagementScenario.
        CREDIT_MANAGEMENT_SCENARIO_CODE credit_management_scenario_code "CreditManagementScenarioCode": String [filterable];
        /// Description of CreditManagementScenario.
        CREDIT_MANAGEMENT_SCENARIO_DESCRIPTION credit_management_scenario_description "CreditManagementScenarioDescription": String [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
    }
}

impl crate::entity::Read for PaymentCondition {
    type Key = Guid;
}

impl crate::entity::Create for PaymentCondition {
    type New = NewPaymentCondition;
}

impl NewPaymentCondition {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(code: impl Into<String>, description: impl Into<String>) -> Self {
        Self { code: Some(code.into()), description: Some(description.into()), ..Self::default() }
    }
}
