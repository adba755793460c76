// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::entity::{PaymentMethod, PaymentTermStatus};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A term in which a customer owes money. Amounts that are still to come are negative.
    ///
    /// There is no feed of it: [`PaymentTerm`](crate::PaymentTerm) has one.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CashflowReceivables)
    Receivable at "cashflow/Receivables" bulk "bulk/Cashflow/Receivables" key "ID";
    verbs [Read, Update];
    patch ReceivablePatch;
    change {
        /// Description.
        DESCRIPTION description "Description": String [filterable_plain];
        /// How it is paid.
        PAYMENT_METHOD payment_method "PaymentMethod": PaymentMethod [filterable_plain];
        /// Payment reference for the receivable that may be included In the bank export file.
        PAYMENT_REFERENCE payment_reference "PaymentReference": String [filterable_plain];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// The customer from which the receivable will come.
        ACCOUNT account "Account": Guid [filterable, links("crm/Accounts")];
        /// The bank account of the customer, from which the receivable will come.
        ACCOUNT_BANK_ACCOUNT_ID account_bank_account_id "AccountBankAccountID": Guid [filterable_plain];
        /// The bank account number of the customer, from which the receivable will come.
        ACCOUNT_BANK_ACCOUNT_NUMBER account_bank_account_number "AccountBankAccountNumber": String [filterable_plain];
        /// The code of the customer from which the receivable will come.
        ACCOUNT_CODE account_code "AccountCode": Code [filterable_plain, left(18)];
        /// Contact person copied from the purchase invoice linked to the related purchase entry.
        ACCOUNT_CONTACT account_contact "AccountContact": Guid [filterable_plain, links("crm/Contacts")];
        /// Name of the contact person of the customer.
        ACCOUNT_CONTACT_NAME account_contact_name "AccountContactName": String [filterable_plain];
        /// Country code of the customer.
        ACCOUNT_COUNTRY account_country "AccountCountry": String [filterable_plain];
        /// Name of the customer.
        ACCOUNT_NAME account_name "AccountName": String [filterable_plain];
        /// What is left, in the division's currency: negative is to be received.
        AMOUNT_DC amount_dc "AmountDC": Decimal [filterable_plain];
        /// The amount of the discount in the default currency.
        AMOUNT_DISCOUNT_DC amount_discount_dc "AmountDiscountDC": Decimal [filterable_plain];
        /// The amount of the discount. This is in the amount of the selected currency.
        AMOUNT_DISCOUNT_FC amount_discount_fc "AmountDiscountFC": Decimal [filterable_plain];
        /// What is left, in the invoice's currency: negative is to be received.
        AMOUNT_FC amount_fc "AmountFC": Decimal [filterable_plain];
        /// Own bank account to which the receivable will be done.
        BANK_ACCOUNT_ID bank_account_id "BankAccountID": Guid [filterable_plain];
        /// Own bank account number to which the receivable will be done.
        BANK_ACCOUNT_NUMBER bank_account_number "BankAccountNumber": String [filterable_plain];
        /// When processing receivables, all receivable with the same processing data are put in a batch.
        CASHFLOW_TRANSACTION_BATCH_CODE cashflow_transaction_batch_code "CashflowTransactionBatchCode": String [filterable_plain];
        /// When it was created.
        CREATED created "Created": WallTime [filterable_plain];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable_plain];
        /// The currency of the receivable.
        CURRENCY currency "Currency": String [filterable_plain];
        /// Direct Debit Mandate used to collect the receivable.
        DIRECT_DEBIT_MANDATE direct_debit_mandate "DirectDebitMandate": Guid [filterable_plain];
        /// Description of the mandate.
        DIRECT_DEBIT_MANDATE_DESCRIPTION direct_debit_mandate_description "DirectDebitMandateDescription": String [filterable_plain];
        /// Payment type of the mandate. 0 = One off payment 1 = Recurrent payment.
        DIRECT_DEBIT_MANDATE_PAYMENT_TYPE direct_debit_mandate_payment_type "DirectDebitMandatePaymentType": i16 [filterable_plain];
        /// Unique mandate reference.
        DIRECT_DEBIT_MANDATE_REFERENCE direct_debit_mandate_reference "DirectDebitMandateReference": String [filterable_plain];
        /// Type of the mandate. 0 = Core 1 = Business-to-business.
        DIRECT_DEBIT_MANDATE_TYPE direct_debit_mandate_type "DirectDebitMandateType": i16 [filterable_plain];
        /// Date before which the payment by the customer must be done to be eligible for discount.
        DISCOUNT_DUE_DATE discount_due_date "DiscountDueDate": NaiveDate [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// Document that is created when processing collections. The bank export file is attached to the document.
        DOCUMENT document "Document": Guid [filterable, links("documents/Documents")];
        /// Number of the document.
        DOCUMENT_NUMBER document_number "DocumentNumber": i32 [filterable_plain];
        /// Subject of the document.
        DOCUMENT_SUBJECT document_subject "DocumentSubject": String [filterable_plain];
        /// Date before which the payment by the customer must be done.
        DUE_DATE due_date "DueDate": NaiveDate [filterable_plain];
        /// Date since when the receivable is no longer an outstanding item.
        END_DATE end_date "EndDate": NaiveDate [filterable];
        /// Period since when the receivable is no longer an outstanding item.
        END_PERIOD end_period "EndPeriod": i16 [filterable_plain];
        /// The value of the tag 'EndToEndID' when generating a SEPA file.
        END_TO_END_ID end_to_end_id "EndToEndID": String [filterable];
        /// Year (of period) since when the receivable is no longer an outstanding item.
        END_YEAR end_year "EndYear": i16 [filterable_plain];
        /// Processing date of the receivable.
        ENTRY_DATE entry_date "EntryDate": NaiveDate [filterable];
        /// The unique identifier for a set of receivables.
        ENTRY_ID entry_id "EntryID": Guid [filterable];
        /// Entry number of the linked transaction.
        ENTRY_NUMBER entry_number "EntryNumber": i32 [filterable_plain];
        /// G/L account of the payment. Must be of type 20 (Accounts receivable).
        GL_ACCOUNT gl_account "GLAccount": Guid [filterable];
        /// Code of the G/L account.
        GL_ACCOUNT_CODE gl_account_code "GLAccountCode": Code [filterable_plain];
        /// Description of the G/L account.
        GL_ACCOUNT_DESCRIPTION gl_account_description "GLAccountDescription": String [filterable_plain];
        /// Invoice date of the linked transaction.
        INVOICE_DATE invoice_date "InvoiceDate": NaiveDate [filterable];
        /// Invoice number of the linked transaction.
        INVOICE_NUMBER invoice_number "InvoiceNumber": i32 [filterable];
        /// Boolean indicating whether the receivable is part of a batch booking.
        IS_BATCH_BOOKING is_batch_booking "IsBatchBooking": u8 [filterable_plain];
        /// Boolean indicating whether the receivable was fully paid by the customer.
        IS_FULLY_PAID is_fully_paid "IsFullyPaid": bool [filterable_plain];
        /// Journal of the linked transaction.
        JOURNAL journal "Journal": Code [filterable_plain];
        /// Description of the journal.
        JOURNAL_DESCRIPTION journal_description "JournalDescription": String [filterable_plain];
        /// Last payment date.
        LAST_PAYMENT_DATE last_payment_date "LastPaymentDate": NaiveDate [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable_plain];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// Order number of the linked transaction.
        ORDER_NUMBER order_number "OrderNumber": i32 [filterable_plain];
        /// Payment condition of the linked transaction.
        PAYMENT_CONDITION payment_condition "PaymentCondition": String [filterable_plain];
        /// Description of the payment condition.
        PAYMENT_CONDITION_DESCRIPTION payment_condition_description "PaymentConditionDescription": String [filterable_plain];
        /// Number of days between invoice date and due date.
        PAYMENT_DAYS payment_days "PaymentDays": i32 [filterable_plain];
        /// Number of days between invoice date and due date of the discount.
        PAYMENT_DAYS_DISCOUNT payment_days_discount "PaymentDaysDiscount": i32 [filterable_plain];
        /// Payment discount percentage.
        PAYMENT_DISCOUNT_PERCENTAGE payment_discount_percentage "PaymentDiscountPercentage": Decimal [filterable_plain];
        /// PaymentInformationID tag from the SEPA xml file.
        PAYMENT_INFORMATION_ID payment_information_id "PaymentInformationID": String [filterable_plain];
        /// Exchange rate from receivable currency to division currency. AmountFC * RateFC = AmountDC.
        RATE_FC rate_fc "RateFC": Decimal [filterable_plain];
        /// Number assigned during the processing of receivables.
        RECEIVABLE_BATCH_NUMBER receivable_batch_number "ReceivableBatchNumber": i32 [filterable_plain];
        /// Date and time since when the receivable is selected to be collected.
        RECEIVABLE_SELECTED receivable_selected "ReceivableSelected": WallTime [filterable_plain];
        /// User who selected the receivable to be collected.
        RECEIVABLE_SELECTOR receivable_selector "ReceivableSelector": Guid [filterable_plain];
        /// Name of the receivable selector.
        RECEIVABLE_SELECTOR_FULL_NAME receivable_selector_full_name "ReceivableSelectorFullName": String [filterable_plain];
        /// The source of the receivable.
        SOURCE source "Source": i32 [filterable];
        /// How far the payment is.
        STATUS status "Status": PaymentTermStatus [filterable];
        /// Total amount of the linked transaction in default currency (division currency).
        TRANSACTION_AMOUNT_DC transaction_amount_dc "TransactionAmountDC": Decimal [filterable_plain];
        /// Total amount of the linked transaction in the selected currency.
        TRANSACTION_AMOUNT_FC transaction_amount_fc "TransactionAmountFC": Decimal [filterable_plain];
        /// Due date of the linked transaction.
        TRANSACTION_DUE_DATE transaction_due_date "TransactionDueDate": NaiveDate [filterable_plain];
        /// The booking behind it; for a printed invoice the invoice's id, by all appearances.
        TRANSACTION_ENTRY_ID transaction_entry_id "TransactionEntryID": Guid [filterable_plain];
        /// Linked transaction line. Use this as reference to SalesEntryLines.
        TRANSACTION_ID transaction_id "TransactionID": Guid [filterable];
        /// Indicates if the linked transaction is a reversal entry.
        TRANSACTION_IS_REVERSAL transaction_is_reversal "TransactionIsReversal": bool [filterable_plain];
        /// Period of the linked transaction.
        TRANSACTION_REPORTING_PERIOD transaction_reporting_period "TransactionReportingPeriod": i16 [filterable_plain];
        /// Year of the linked transaction.
        TRANSACTION_REPORTING_YEAR transaction_reporting_year "TransactionReportingYear": i16 [filterable_plain];
        /// Status of the linked transaction.
        TRANSACTION_STATUS transaction_status "TransactionStatus": i16 [filterable_plain];
        /// Type of the linked transaction.
        TRANSACTION_TYPE transaction_type "TransactionType": i32 [filterable];
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String [filterable_plain];
    }
}

impl crate::entity::Read for Receivable {
    type Key = Guid;
}

impl crate::entity::Bulk for Receivable {
    const BULK: &'static str = "bulk/Cashflow/Receivables";
}

impl crate::entity::Update for Receivable {
    type Patch = ReceivablePatch;
}
