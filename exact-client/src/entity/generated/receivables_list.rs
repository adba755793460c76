// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::Code;

entity! {
    /// What customers still owe, a row per open term. It takes no filter. An invoice that is not in it is paid only if it
    /// was processed at all.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=ReadFinancialReceivablesList)
    ReceivablesList at "read/financial/ReceivablesList" key "HID";
    verbs [Read];
    read {
        /// Primary key, human readable ID.
        HID hid "HID": i64;
        /// Code of Account.
        ACCOUNT_CODE account_code "AccountCode": Code [left(18)];
        /// Reference to the account.
        ACCOUNT_ID account_id "AccountId": Guid [links("crm/Accounts")];
        /// Name of Account.
        ACCOUNT_NAME account_name "AccountName": String;
        /// Amount.
        AMOUNT amount "Amount": Decimal;
        /// Amount in transit - The amount that you have requested your bank to pay.
        AMOUNT_IN_TRANSIT amount_in_transit "AmountInTransit": Decimal;
        /// Code of Currency.
        CURRENCY_CODE currency_code "CurrencyCode": String;
        /// Description.
        DESCRIPTION description "Description": String;
        /// Date the invoice is due (This due date is not the discount due date).
        DUE_DATE due_date "DueDate": NaiveDate;
        /// The entry number of this payment term corresponding sales/cashflow entry.
        ENTRY_NUMBER entry_number "EntryNumber": i32;
        /// The date of the invoice or the date when money is collected from the customer.
        INVOICE_DATE invoice_date "InvoiceDate": NaiveDate;
        /// For sales entry, it would be the entrynumber.
        INVOICE_NUMBER invoice_number "InvoiceNumber": i32;
        /// Code of Journal.
        JOURNAL_CODE journal_code "JournalCode": Code;
        /// Description of Journal.
        JOURNAL_DESCRIPTION journal_description "JournalDescription": String;
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String;
    }
}

impl crate::entity::Read for ReceivablesList {
    type Key = i64;
}
