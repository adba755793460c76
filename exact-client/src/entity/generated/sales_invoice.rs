// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::entity::{NewSalesInvoiceLine, SalesInvoiceLine, SalesInvoiceStatus, SalesInvoiceType};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A sales invoice. It becomes one that counts by [`PrintedSalesInvoice`](crate::PrintedSalesInvoice), which numbers
    /// and books it; from then on it cannot be changed. Whether it is paid stands in its
    /// [`PaymentTerm`](crate::PaymentTerm)s.
    ///
    /// Its feed mixes headers and lines: see [`SalesInvoiceRow`](crate::SalesInvoiceRow).
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesInvoiceSalesInvoices)
    SalesInvoice at "salesinvoice/SalesInvoices" bulk "bulk/SalesInvoice/SalesInvoices" key "InvoiceID";
    verbs [Read, Create, Update, Delete];
    new NewSalesInvoice;
    patch SalesInvoicePatch;
    write {
        /// Discount amount in the default currency of the company.
        AMOUNT_DISCOUNT amount_discount "AmountDiscount": Decimal;
        /// Discount amount exclude VAT in the default currency of the company.
        AMOUNT_DISCOUNT_EXCL_VAT amount_discount_excl_vat "AmountDiscountExclVat": Decimal;
        /// Currency for the invoice. Default this is the currency of the administration.
        CURRENCY currency "Currency": String;
        /// Delivery account for invoice.
        DELIVER_TO deliver_to "DeliverTo": Guid [filterable, links("crm/Accounts")];
        /// Address of delivery as per invoice delivery account.
        DELIVER_TO_ADDRESS deliver_to_address "DeliverToAddress": Guid [filterable, links("crm/Addresses")];
        /// Delivery account person for invoice.
        DELIVER_TO_CONTACT_PERSON deliver_to_contact_person "DeliverToContactPerson": Guid [filterable, links("crm/Contacts")];
        /// The description.
        DESCRIPTION description "Description": String [filterable, max(60)];
        /// The discount as a fraction.
        DISCOUNT discount "Discount": Decimal;
        /// Document that is manually linked to the invoice.
        DOCUMENT document "Document": Guid [filterable, links("documents/Documents")];
        /// The due date for payments. This date is calculated based on the EntryDate and the Paymentcondition.
        DUE_DATE due_date "DueDate": NaiveDate;
        /// Extra duty amount in the currency of the transaction.
        EXTRA_DUTY_AMOUNT_FC extra_duty_amount_fc "ExtraDutyAmountFC": Decimal;
        /// A positive value of the amount indicates that the amount is to be paid by the customer to your G bank.
        G_ACCOUNT_AMOUNT_FC g_account_amount_fc "GAccountAmountFC": Decimal;
        /// The date of the invoice.
        INVOICE_DATE invoice_date "InvoiceDate": NaiveDate [filterable];
        /// Reference to the Customer who will receive the invoice.
        INVOICE_TO invoice_to "InvoiceTo": Guid [filterable, links("crm/Accounts")];
        /// Reference to the Contact person of the customer who will receive the invoice.
        INVOICE_TO_CONTACT_PERSON invoice_to_contact_person "InvoiceToContactPerson": Guid [filterable, links("crm/Contacts")];
        /// Indicates whether the invoice has extra duty.
        IS_EXTRA_DUTY is_extra_duty "IsExtraDuty": bool;
        /// Order date.
        ORDER_DATE order_date "OrderDate": NaiveDate;
        /// Customer who ordered the invoice.
        ORDERED_BY ordered_by "OrderedBy": Guid [filterable, required, links("crm/Accounts")];
        /// Contact person of customer who ordered the invoice.
        ORDERED_BY_CONTACT_PERSON ordered_by_contact_person "OrderedByContactPerson": Guid [filterable, links("crm/Contacts")];
        /// Number to identify the order.
        ORDER_NUMBER order_number "OrderNumber": i32 [filterable];
        /// The payment condition used for due date and discount calculation.
        PAYMENT_CONDITION payment_condition "PaymentCondition": String;
        /// The payment reference.
        PAYMENT_REFERENCE payment_reference "PaymentReference": String [filterable, max(25)];
        /// Extra remarks.
        REMARKS remarks "Remarks": String;
        /// Sales representative.
        SALESPERSON salesperson "Salesperson": Guid [filterable];
        /// Invoice or credit note.
        TYPE kind "Type": SalesInvoiceType [filterable];
        /// The warehouse: needed for a direct invoice, refused for others.
        WAREHOUSE warehouse "Warehouse": Guid [filterable];
        /// Withholding tax amount applied to sales invoice. Not supported in The Netherlands.
        WITHHOLDING_TAX_AMOUNT_FC withholding_tax_amount_fc "WithholdingTaxAmountFC": Decimal;
        /// Withholding tax base amount to calculate withholding amount. Not supported in The Netherlands.
        WITHHOLDING_TAX_BASE_AMOUNT withholding_tax_base_amount "WithholdingTaxBaseAmount": Decimal;
        /// Withholding tax percentage applied to sales invoice. Not supported in The Netherlands.
        WITHHOLDING_TAX_PERCENTAGE withholding_tax_percentage "WithholdingTaxPercentage": Decimal;
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String [filterable, max(40)];
    }
    create {
        /// Code of the sales journal.
        JOURNAL journal "Journal": Code [filterable, required];
    }
    read {
        /// The id.
        INVOICE_ID invoice_id "InvoiceID": Guid [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal;
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal;
        /// For the header this is the sum of all lines, excluding VAT.
        AMOUNT_FC_EXCL_VAT amount_fc_excl_vat "AmountFCExclVat": Decimal;
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid;
        /// Name of delivery account's contact person as per invoice.
        DELIVER_TO_CONTACT_PERSON_FULL_NAME deliver_to_contact_person_full_name "DeliverToContactPersonFullName": String;
        /// Name of the delivery account's customer as per invoice.
        DELIVER_TO_NAME deliver_to_name "DeliverToName": String;
        /// Leading field of total discount. 1=Discount percentage, 2=Discount amount excl.
        DISCOUNT_TYPE discount_type "DiscountType": i16;
        /// The division.
        DIVISION division "Division": i32;
        /// Number of the document.
        DOCUMENT_NUMBER document_number "DocumentNumber": i32;
        /// Subject of the document.
        DOCUMENT_SUBJECT document_subject "DocumentSubject": String;
        /// Address of Incoterm.
        INCOTERM_ADDRESS incoterm_address "IncotermAddress": String;
        /// Code of Incoterm.
        INCOTERM_CODE incoterm_code "IncotermCode": String;
        /// Version of Incoterm Supported version for Incoterms : 2010, 2020.
        INCOTERM_VERSION incoterm_version "IncotermVersion": i16;
        /// The number; empty until it is entered or printed, by the division's settings.
        INVOICE_NUMBER invoice_number "InvoiceNumber": i32 [filterable];
        /// Name of the contact person of the customer who will receive the invoice.
        INVOICE_TO_CONTACT_PERSON_FULL_NAME invoice_to_contact_person_full_name "InvoiceToContactPersonFullName": String;
        /// Name of the customer who will receive the invoice.
        INVOICE_TO_NAME invoice_to_name "InvoiceToName": String;
        /// Description of Journal.
        JOURNAL_DESCRIPTION journal_description "JournalDescription": String;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid;
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String;
        /// Name of contact person of customer who ordered the invoice.
        ORDERED_BY_CONTACT_PERSON_FULL_NAME ordered_by_contact_person_full_name "OrderedByContactPersonFullName": String;
        /// Name of customer who ordered the invoice.
        ORDERED_BY_NAME ordered_by_name "OrderedByName": String;
        /// Description of PaymentCondition.
        PAYMENT_CONDITION_DESCRIPTION payment_condition_description "PaymentConditionDescription": String;
        /// ID of Sales channel.
        SALES_CHANNEL sales_channel "SalesChannel": Guid;
        /// Code of Sales channel.
        SALES_CHANNEL_CODE sales_channel_code "SalesChannelCode": String;
        /// Description of Sales channel.
        SALES_CHANNEL_DESCRIPTION sales_channel_description "SalesChannelDescription": String;
        /// Name of sales representative.
        SALESPERSON_FULL_NAME salesperson_full_name "SalespersonFullName": String;
        /// ID of selection code.
        SELECTION_CODE selection_code "SelectionCode": Guid [filterable];
        /// Code of selection code.
        SELECTION_CODE_CODE selection_code_code "SelectionCodeCode": String;
        /// Description of selection code.
        SELECTION_CODE_DESCRIPTION selection_code_description "SelectionCodeDescription": String;
        /// Shipping method ID.
        SHIPPING_METHOD shipping_method "ShippingMethod": Guid;
        /// Shipping method code.
        SHIPPING_METHOD_CODE shipping_method_code "ShippingMethodCode": String;
        /// Shipping method description.
        SHIPPING_METHOD_DESCRIPTION shipping_method_description "ShippingMethodDescription": String;
        /// Starter Sales invoice status (for starter functionality).
        STARTER_SALES_INVOICE_STATUS starter_sales_invoice_status "StarterSalesInvoiceStatus": i16;
        /// Description of StarterSalesInvoiceStatus.
        STARTER_SALES_INVOICE_STATUS_DESCRIPTION starter_sales_invoice_status_description "StarterSalesInvoiceStatusDescription": String;
        /// Draft, open or processed.
        STATUS status "Status": SalesInvoiceStatus [filterable];
        /// Description of Status.
        STATUS_DESCRIPTION status_description "StatusDescription": String;
        /// Description of the type.
        TYPE_DESCRIPTION type_description "TypeDescription": String;
        /// Total VAT amount in the default currency of the company.
        VAT_AMOUNT_DC vat_amount_dc "VATAmountDC": Decimal;
        /// Total VAT amount in the currency of the transaction.
        VAT_AMOUNT_FC vat_amount_fc "VATAmountFC": Decimal;
    }
    lines {
        /// Its lines.
        sales_invoice_lines "SalesInvoiceLines": SalesInvoiceLine, NewSalesInvoiceLine;
    }
}

impl crate::entity::Read for SalesInvoice {
    type Key = Guid;
}

impl crate::entity::Bulk for SalesInvoice {
    const BULK: &'static str = "bulk/SalesInvoice/SalesInvoices";
}

impl crate::entity::Create for SalesInvoice {
    type New = NewSalesInvoice;
}

impl crate::entity::Update for SalesInvoice {
    type Patch = SalesInvoicePatch;
}

impl crate::entity::Delete for SalesInvoice {}

impl NewSalesInvoice {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(
        ordered_by: Guid,
        journal: impl Into<Code>,
        sales_invoice_lines: Vec<NewSalesInvoiceLine>,
    ) -> Self {
        Self {
            ordered_by: Some(ordered_by),
            journal: Some(journal.into()),
            sales_invoice_lines,
            ..Self::default()
        }
    }
}
