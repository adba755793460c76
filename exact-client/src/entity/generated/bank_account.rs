// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// A bank account of an account. It has neither a feed nor a bulk twin; its deletions are in the deleted feed.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMBankAccounts)
    BankAccount at "crm/BankAccounts" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewBankAccount;
    patch BankAccountPatch;
    write {
        /// Account (customer, supplier) to which the bank account belongs.
        ACCOUNT account "Account": Guid [filterable, required, links("crm/Accounts")];
        /// The bank account number.
        BANK_ACCOUNT bank_account "BankAccount": String [filterable, required];
        /// Name of the holder of the bank account, as known by the bank.
        BANK_ACCOUNT_HOLDER_NAME bank_account_holder_name "BankAccountHolderName": String [filterable];
        /// BIC code of the bank where the bank account is held.
        BIC_CODE bic_code "BICCode": String [filterable];
        /// Description of the bank account.
        DESCRIPTION description "Description": String [filterable];
        /// Indicates if the bank account is the main bank account.
        MAIN main "Main": bool [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// The name of the account.
        ACCOUNT_NAME account_name "AccountName": String [filterable];
        /// Indicates if the bank account is blocked.
        BLOCKED blocked "Blocked": bool [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// Format that belongs to the bank account number.
        FORMAT format "Format": String [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
        /// ID of the Payment service account. Used when Type is 'P' (Payment service).
        PAYMENT_SERVICE_ACCOUNT payment_service_account "PaymentServiceAccount": Guid [filterable];
        /// The type indicates what entity the bank account is used for.
        TYPE kind "Type": String [filterable];
        /// Description of the Type.
        TYPE_DESCRIPTION type_description "TypeDescription": String [filterable];
    }
}

impl crate::entity::Read for BankAccount {
    type Key = Guid;
}

impl crate::entity::Create for BankAccount {
    type New = NewBankAccount;
}

impl crate::entity::Update for BankAccount {
    type Patch = BankAccountPatch;
}

impl crate::entity::Delete for BankAccount {}

impl NewBankAccount {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(account: Guid, bank_account: impl Into<String>) -> Self {
        Self { account: Some(account), bank_account: Some(bank_account.into()), ..Self::default() }
    }
}
