// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::entity::{PaymentMethod, PaymentTermStatus, PaymentTermType};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A term in which somebody owes money: a customer to the company, or the company to a supplier. It tells whether an
    /// invoice is paid, and can go back on it when a payment is unmatched. Read by its feed alone.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SyncCashflowPaymentTerms)
    PaymentTerm at "sync/Cashflow/PaymentTerms" feed "sync/Cashflow/PaymentTerms" key "Timestamp";
    verbs [];
    read {
        /// Where it stands in the division's order of changes.
        TIMESTAMP timestamp "Timestamp": i64 [filterable];
        /// The supplier to which the payment has to be done.
        ACCOUNT account "Account": Guid [links("crm/Accounts")];
        /// The bank account of the supplier, to which the payment has to be done.
        ACCOUNT_BANK_ACCOUNT_ID account_bank_account_id "AccountBankAccountID": Guid;
        /// The bank account number of the supplier, to which the payment has to be done.
        ACCOUNT_BANK_ACCOUNT_NUMBER account_bank_account_number "AccountBankAccountNumber": String;
        /// The code of the supplier to which the payment has to be done.
        ACCOUNT_CODE account_code "AccountCode": Code [left(18)];
        /// Contact person copied from the purchase invoice linked to the related purchase entry.
        ACCOUNT_CONTACT account_contact "AccountContact": Guid [links("crm/Contacts")];
        /// Name of the contact person of the supplier.
        ACCOUNT_CONTACT_NAME account_contact_name "AccountContactName": String;
        /// Country code of the customer.
        ACCOUNT_COUNTRY account_country "AccountCountry": String;
        /// Name of the supplier.
        ACCOUNT_NAME account_name "AccountName": String;
        /// What is left, in the division's currency: negative is to be received.
        AMOUNT_DC amount_dc "AmountDC": Decimal;
        /// The amount of the discount in the default currency.
        AMOUNT_DISCOUNT_DC amount_discount_dc "AmountDiscountDC": Decimal;
        /// The amount of the discount. This is in the amount of the selected currency.
        AMOUNT_DISCOUNT_FC amount_discount_fc "AmountDiscountFC": Decimal;
        /// What is left, in the invoice's currency: negative is to be received.
        AMOUNT_FC amount_fc "AmountFC": Decimal;
        /// Shows the approval status of the payment.
        APPROVAL_STATUS approval_status "ApprovalStatus": i16;
        /// Own bank account from which the payment must be done.
        BANK_ACCOUNT_ID bank_account_id "BankAccountID": Guid;
        /// Own bank account number from which the payment must be done.
        BANK_ACCOUNT_NUMBER bank_account_number "BankAccountNumber": String;
        /// When processing payments, all payments with the same processing data are put in a batch.
        CASHFLOW_TRANSACTION_BATCH_CODE cashflow_transaction_batch_code "CashflowTransactionBatchCode": String;
        /// When it was created.
        CREATED created "Created": WallTime;
        /// The user who created it.
        CREATOR creator "Creator": Guid;
        /// The currency of the payment.
        CURRENCY currency "Currency": String;
        /// Extra description for the payment that may be included in the bank export file.
        DESCRIPTION description "Description": String;
        /// Direct Debit Mandate used to collect the PaymentTerms.
        DIRECT_DEBIT_MANDATE direct_debit_mandate "DirectDebitMandate": Guid;
        /// Description of the mandate.
        DIRECT_DEBIT_MANDATE_DESCRIPTION direct_debit_mandate_description "DirectDebitMandateDescription": String;
        /// Payment type of the mandate. 0 = One off payment 1 = Recurrent payment.
        DIRECT_DEBIT_MANDATE_PAYMENT_TYPE direct_debit_mandate_payment_type "DirectDebitMandatePaymentType": i16;
        /// Unique mandate reference.
        DIRECT_DEBIT_MANDATE_REFERENCE direct_debit_mandate_reference "DirectDebitMandateReference": String;
        /// Type of the mandate. 0 = Core 1 = Business-to-business.
        DIRECT_DEBIT_MANDATE_TYPE direct_debit_mandate_type "DirectDebitMandateType": i16;
        /// Date before which the payment must be done to be eligible for discount.
        DISCOUNT_DUE_DATE discount_due_date "DiscountDueDate": NaiveDate;
        /// The division.
        DIVISION division "Division": i32;
        /// Document that is created when processing payments. The bank export file is attached to the document.
        DOCUMENT document "Document": Guid [links("documents/Documents")];
        /// Number of the document.
        DOCUMENT_NUMBER document_number "DocumentNumber": i32;
        /// Subject of the document.
        DOCUMENT_SUBJECT document_subject "DocumentSubject": String;
        /// Date before which the payment must be done.
        DUE_DATE due_date "DueDate": NaiveDate;
        /// Date since when the payment is no longer an outstanding item.
        END_DATE end_date "EndDate": NaiveDate;
        /// Period since when the payment is no longer an outstanding item.
        END_PERIOD end_period "EndPeriod": i16;
        /// The value of the tag 'EndToEndID' when generating a SEPA file.
        END_TO_END_ID end_to_end_id "EndToEndID": String;
        /// Year (of period) since when the payment is no longer an outstanding item.
        END_YEAR end_year "EndYear": i16;
        /// Processing date of the payment.
        ENTRY_DATE entry_date "EntryDate": NaiveDate;
        /// The unique identifier for a set of payments.
        ENTRY_ID entry_id "EntryID": Guid;
        /// Entry number of the linked transaction.
        ENTRY_NUMBER entry_number "EntryNumber": i32;
        /// G/L account of the payment. Must be of type 22 (Accounts payable).
        GL_ACCOUNT gl_account "GLAccount": Guid;
        /// Code of the G/L account.
        GL_ACCOUNT_CODE gl_account_code "GLAccountCode": Code;
        /// Description of the G/L account.
        GL_ACCOUNT_DESCRIPTION gl_account_description "GLAccountDescription": String;
        /// The id.
        ID id "ID": Guid;
        /// Invoice date of the linked transaction.
        INVOICE_DATE invoice_date "InvoiceDate": NaiveDate;
        /// Invoice number of the linked transaction.
        INVOICE_NUMBER invoice_number "InvoiceNumber": i32;
        /// Boolean indicating whether the payment is part of a batch booking.
        IS_BATCH_BOOKING is_batch_booking "IsBatchBooking": u8;
        /// Boolean indicating whether the receivable was fully paid by the customer.
        IS_FULLY_PAID is_fully_paid "IsFullyPaid": bool;
        /// Journal of the linked transaction.
        JOURNAL journal "Journal": Code;
        /// Description of the journal.
        JOURNAL_DESCRIPTION journal_description "JournalDescription": String;
        /// Last payment date.
        LAST_PAYMENT_DATE last_payment_date "LastPaymentDate": NaiveDate;
        /// Who owes it.
        LINE_TYPE line_type "LineType": PaymentTermType;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime;
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid;
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String;
        /// Order number of the linked transaction.
        ORDER_NUMBER order_number "OrderNumber": i32;
        /// Number assigned during the of processing payments.
        PAYMENT_BATCH_NUMBER payment_batch_number "PaymentBatchNumber": i32;
        /// Payment condition of the linked transaction.
        PAYMENT_CONDITION payment_condition "PaymentCondition": String;
        /// Description of the payment condition.
        PAYMENT_CONDITION_DESCRIPTION payment_condition_description "PaymentConditionDescription": String;
        /// Number of days between invoice date and due date.
        PAYMENT_DAYS payment_days "PaymentDays": i32;
        /// Number of days between invoice date and due date of the discount.
        PAYMENT_DAYS_DISCOUNT payment_days_discount "PaymentDaysDiscount": i32;
        /// Payment discount percentage.
        PAYMENT_DISCOUNT_PERCENTAGE payment_discount_percentage "PaymentDiscountPercentage": Decimal;
        /// PaymentInformationID tag from the SEPA xml file.
        PAYMENT_INFORMATION_ID payment_information_id "PaymentInformationID": String;
        /// How it is paid.
        PAYMENT_METHOD payment_method "PaymentMethod": PaymentMethod;
        /// Payment reference for the payment that may be included in the bank export file.
        PAYMENT_REFERENCE payment_reference "PaymentReference": String;
        /// Date and time since when the payment is selected to be paid.
        PAYMENT_SELECTED payment_selected "PaymentSelected": WallTime;
        /// User who selected the payment to be paid.
        PAYMENT_SELECTOR payment_selector "PaymentSelector": Guid;
        /// Name of the payment selector.
        PAYMENT_SELECTOR_FULL_NAME payment_selector_full_name "PaymentSelectorFullName": String;
        /// Exchange rate from payment currency to division currency. AmountFC * RateFC = AmountDC.
        RATE_FC rate_fc "RateFC": Decimal;
        /// Number assigned during the processing of receivables.
        RECEIVABLE_BATCH_NUMBER receivable_batch_number "ReceivableBatchNumber": i32;
        /// Date and time since when the receivable is selected to be collected.
        RECEIVABLE_SELECTED receivable_selected "ReceivableSelected": WallTime;
        /// User who selected the receivable to be collected.
        RECEIVABLE_SELECTOR receivable_selector "ReceivableSelector": Guid;
        /// Name of the receivable selector.
        RECEIVABLE_SELECTOR_FULL_NAME receivable_selector_full_name "ReceivableSelectorFullName": String;
        /// The source of the payment.
        SOURCE source "Source": i32;
        /// How far the payment is.
        STATUS status "Status": PaymentTermStatus;
        /// Total amount of the linked transaction in default currency (division currency).
        TRANSACTION_AMOUNT_DC transaction_amount_dc "TransactionAmountDC": Decimal;
        /// Total amount of the linked transaction in the selected currency.
        TRANSACTION_AMOUNT_FC transaction_amount_fc "TransactionAmountFC": Decimal;
        /// Due date of the linked transaction.
        TRANSACTION_DUE_DATE transaction_due_date "TransactionDueDate": NaiveDate;
        /// Linked transaction. Use this as reference to PurchaseEntries.
        TRANSACTION_ENTRY_ID transaction_entry_id "TransactionEntryID": Guid;
        /// Linked transaction line. Use this as reference to PurchaseEntryLines.
        TRANSACTION_ID transaction_id "TransactionID": Guid;
        /// Indicates if the linked transaction is a reversal entry.
        TRANSACTION_IS_REVERSAL transaction_is_reversal "TransactionIsReversal": bool;
        /// Period of the linked transaction.
        TRANSACTION_REPORTING_PERIOD transaction_reporting_period "TransactionReportingPeriod": i16;
        /// Year of the linked transaction.
        TRANSACTION_REPORTING_YEAR transaction_reporting_year "TransactionReportingYear": i16;
        /// Status of the linked transaction.
        TRANSACTION_STATUS transaction_status "TransactionStatus": i16;
        /// Type of the linked transaction.
        TRANSACTION_TYPE transaction_type "TransactionType": i32;
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String;
    }
}

impl crate::entity::Feed for PaymentTerm {
    const FEED: &'static str = "sync/Cashflow/PaymentTerms";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}
