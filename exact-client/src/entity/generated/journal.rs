// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A journal. Sales invoices name one by its code.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=FinancialJournals)
    Journal at "financial/Journals" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewJournal;
    patch JournalPatch;
    write {
        /// Allow variable currency.
        ALLOW_VARIABLE_CURRENCY allow_variable_currency "AllowVariableCurrency": bool [filterable];
        /// Allow variable exchange rate.
        ALLOW_VARIABLE_EXCHANGE_RATE allow_variable_exchange_rate "AllowVariableExchangeRate": bool [filterable];
        /// Allow VAT.
        ALLOW_VAT allow_vat "AllowVAT": bool [filterable];
        /// Auto save.
        AUTO_SAVE auto_save "AutoSave": bool [filterable];
        /// Bank.
        BANK bank "Bank": Guid [filterable];
        /// Bank account ID.
        BANK_ACCOUNT_ID bank_account_id "BankAccountID": Guid [filterable];
        /// Bank account including mask.
        BANK_ACCOUNT_INCLUDING_MASK bank_account_including_mask "BankAccountIncludingMask": String [filterable];
        /// The code.
        CODE code "Code": Code [filterable, required];
        /// Currency.
        CURRENCY currency "Currency": String [filterable];
        /// Description.
        DESCRIPTION description "Description": String [filterable, required];
        /// GL account.
        GL_ACCOUNT gl_account "GLAccount": Guid [filterable];
        /// Payment in transit account.
        PAYMENT_IN_TRANSIT_ACCOUNT payment_in_transit_account "PaymentInTransitAccount": Guid [filterable];
        /// Payment service account identifier.
        PAYMENT_SERVICE_ACCOUNT_IDENTIFIER payment_service_account_identifier "PaymentServiceAccountIdentifier": String [filterable];
        /// Payment service provider.
        PAYMENT_SERVICE_PROVIDER payment_service_provider "PaymentServiceProvider": i32 [filterable];
        /// Type.
        TYPE kind "Type": i32 [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Bank account BIC code.
        BANK_ACCOUNT_BIC_CODE bank_account_bic_code "BankAccountBICCode": String [filterable];
        /// Bank account country.
        BANK_ACCOUNT_COUNTRY bank_account_country "BankAccountCountry": String [filterable];
        /// Bank account description.
        BANK_ACCOUNT_DESCRIPTION bank_account_description "BankAccountDescription": String [filterable];
        /// Bank account IBAN.
        BANK_ACCOUNT_IBAN bank_account_iban "BankAccountIBAN": String [filterable];
        /// Bank account use SEPA.
        BANK_ACCOUNT_USE_SEPA bank_account_use_sepa "BankAccountUseSEPA": bool [filterable];
        /// Bank account use sepa direct debit.
        BANK_ACCOUNT_USE_SEPA_DIRECT_DEBIT bank_account_use_sepa_direct_debit "BankAccountUseSepaDirectDebit": bool [filterable];
        /// Bank name.
        BANK_NAME bank_name "BankName": String [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// Currency description.
        CURRENCY_DESCRIPTION currency_description "CurrencyDescription": String [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// GL account code.
        GL_ACCOUNT_CODE gl_account_code "GLAccountCode": Code [filterable];
        /// GL account description.
        GL_ACCOUNT_DESCRIPTION gl_account_description "GLAccountDescription": String [filterable];
        /// GL account type.
        GL_ACCOUNT_TYPE gl_account_type "GLAccountType": i32 [filterable];
        /// Is blocked.
        IS_BLOCKED is_blocked "IsBlocked": bool [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
        /// Payment service provider name.
        PAYMENT_SERVICE_PROVIDER_NAME payment_service_provider_name "PaymentServiceProviderName": String [filterable];
    }
}

impl crate::entity::Read for Journal {
    type Key = Guid;
}

impl crate::entity::Create for Journal {
    type New = NewJournal;
}

impl crate::entity::Update for Journal {
    type Patch = JournalPatch;
}

impl crate::entity::Delete for Journal {}

impl NewJournal {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(code: impl Into<Code>, description: impl Into<String>) -> Self {
        Self { code: Some(code.into()), description: Some(description.into()), ..Self::default() }
    }
}
