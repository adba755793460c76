// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::entity::{SalesInvoiceStatus, SalesInvoiceType};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A row of the feed of sales invoices: a header ([line number](Self::line_number) 0) or a line.
    ///
    /// Any change sends the header and all lines again. `invoice_id` joins them; adding up amounts without leaving out the
    /// headers doubles them.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SyncSalesInvoiceSalesInvoices)
    SalesInvoiceRow at "sync/SalesInvoice/SalesInvoices" feed "sync/SalesInvoice/SalesInvoices" key "Timestamp";
    verbs [];
    read {
        /// Where it stands in the division's order of changes.
        TIMESTAMP timestamp "Timestamp": i64 [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal;
        /// Discount amount in the default currency of the company. Only supported for header.
        AMOUNT_DISCOUNT amount_discount "AmountDiscount": Decimal;
        /// Discount amount exclude VAT in the default currency of the company. Only supported for header.
        AMOUNT_DISCOUNT_EXCL_VAT amount_discount_excl_vat "AmountDiscountExclVat": Decimal;
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal;
        /// Sum of all lines, excluding VAT. Only supported for header.
        AMOUNT_FC_EXCL_VAT amount_fc_excl_vat "AmountFCExclVat": Decimal;
        /// Reference to Cost center.
        COST_CENTER cost_center "CostCenter": String;
        /// Description of CostCenter.
        COST_CENTER_DESCRIPTION cost_center_description "CostCenterDescription": String;
        /// Reference to Cost unit.
        COST_UNIT cost_unit "CostUnit": String;
        /// Description of CostUnit.
        COST_UNIT_DESCRIPTION cost_unit_description "CostUnitDescription": String;
        /// When it was created.
        CREATED created "Created": WallTime;
        /// The user who created it.
        CREATOR creator "Creator": Guid;
        /// Currency for the invoice. Default this is the currency of the administration.
        CURRENCY currency "Currency": String;
        /// Code the customer uses for this item.
        CUSTOMER_ITEM_CODE customer_item_code "CustomerItemCode": String;
        /// Delivery account for invoice.
        DELIVER_TO deliver_to "DeliverTo": Guid [links("crm/Accounts")];
        /// Address of delivery as per invoice delivery account.
        DELIVER_TO_ADDRESS deliver_to_address "DeliverToAddress": Guid [links("crm/Addresses")];
        /// Delivery account person for invoice.
        DELIVER_TO_CONTACT_PERSON deliver_to_contact_person "DeliverToContactPerson": Guid [links("crm/Contacts")];
        /// Name of delivery account's contact person as per invoice.
        DELIVER_TO_CONTACT_PERSON_FULL_NAME deliver_to_contact_person_full_name "DeliverToContactPersonFullName": String;
        /// Name of the delivery account's customer as per invoice.
        DELIVER_TO_NAME deliver_to_name "DeliverToName": String;
        /// Delivery date of an item in a sales invoice.
        DELIVERY_DATE delivery_date "DeliveryDate": NaiveDate;
        /// Description. Can be different for header and lines.
        DESCRIPTION description "Description": String;
        /// Discount given on the default price.
        DISCOUNT discount "Discount": Decimal;
        /// Leading field of total discount. 1=Discount percentage, 2=Discount amount excl.
        DISCOUNT_TYPE discount_type "DiscountType": i16;
        /// The division.
        DIVISION division "Division": i32;
        /// Document that is manually linked to the invoice.
        DOCUMENT document "Document": Guid [links("documents/Documents")];
        /// Number of the document.
        DOCUMENT_NUMBER document_number "DocumentNumber": i32;
        /// Subject of the document.
        DOCUMENT_SUBJECT document_subject "DocumentSubject": String;
        /// The due date for payments. This date is calculated based on the EntryDate and the Paymentcondition.
        DUE_DATE due_date "DueDate": NaiveDate;
        /// Link to Employee originating from time and cost transactions.
        EMPLOYEE employee "Employee": Guid;
        /// Name of employee.
        EMPLOYEE_FULL_NAME employee_full_name "EmployeeFullName": String;
        /// EndTime is used to store the last date of a period. EndTime is used in combination with StartTime.
        END_TIME end_time "EndTime": WallTime;
        /// Extra duty amount in the currency of the transaction.
        EXTRA_DUTY_AMOUNT_FC extra_duty_amount_fc "ExtraDutyAmountFC": Decimal;
        /// Extra duty percentage.
        EXTRA_DUTY_PERCENTAGE extra_duty_percentage "ExtraDutyPercentage": Decimal;
        /// A positive value of the amount indicates that the amount is to be paid by the customer to your G bank.
        G_ACCOUNT_AMOUNT_FC g_account_amount_fc "GAccountAmountFC": Decimal;
        /// The GL Account of the sales invoice line.
        GL_ACCOUNT gl_account "GLAccount": Guid;
        /// Description of GLAccount.
        GL_ACCOUNT_DESCRIPTION gl_account_description "GLAccountDescription": String;
        /// The id of the row.
        ID id "ID": Guid;
        /// Address of Incoterm.
        INCOTERM_ADDRESS incoterm_address "IncotermAddress": String;
        /// Code of Incoterm.
        INCOTERM_CODE incoterm_code "IncotermCode": String;
        /// Version of Incoterm Supported version for Incoterms : 2010, 2020.
        INCOTERM_VERSION incoterm_version "IncotermVersion": i16;
        /// Official date for the invoice.
        INVOICE_DATE invoice_date "InvoiceDate": NaiveDate;
        /// The invoice.
        INVOICE_ID invoice_id "InvoiceID": Guid [links("salesinvoice/SalesInvoices")];
        /// Assigned at entry or at printing depending on setting.
        INVOICE_NUMBER invoice_number "InvoiceNumber": i32;
        /// Reference to the Customer who will receive the invoice.
        INVOICE_TO invoice_to "InvoiceTo": Guid [links("crm/Accounts")];
        /// Reference to the Contact person of the customer who will receive the invoice.
        INVOICE_TO_CONTACT_PERSON invoice_to_contact_person "InvoiceToContactPerson": Guid [links("crm/Contacts")];
        /// Name of the contact person of the customer who will receive the invoice.
        INVOICE_TO_CONTACT_PERSON_FULL_NAME invoice_to_contact_person_full_name "InvoiceToContactPersonFullName": String;
        /// Name of the customer who will receive the invoice.
        INVOICE_TO_NAME invoice_to_name "InvoiceToName": String;
        /// Indicates whether the invoice has extra duty.
        IS_EXTRA_DUTY is_extra_duty "IsExtraDuty": bool;
        /// Reference to the item that is sold in this sales invoice line.
        ITEM item "Item": Guid [links("logistics/Items")];
        /// Item code.
        ITEM_CODE item_code "ItemCode": String;
        /// Description of Item.
        ITEM_DESCRIPTION item_description "ItemDescription": String;
        /// The journal code. Every invoice should be linked to a sales journal.
        JOURNAL journal "Journal": Code;
        /// Description of Journal.
        JOURNAL_DESCRIPTION journal_description "JournalDescription": String;
        /// The number of the line; 0 for the header.
        LINE_NUMBER line_number "LineNumber": i32;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime;
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid;
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String;
        /// Net price of the sales invoice line.
        NET_PRICE net_price "NetPrice": Decimal;
        /// Extra notes.
        NOTES notes "Notes": String;
        /// Order date.
        ORDER_DATE order_date "OrderDate": NaiveDate;
        /// Customer who ordered the invoice.
        ORDERED_BY ordered_by "OrderedBy": Guid [links("crm/Accounts")];
        /// Contact person of customer who ordered the invoice.
        ORDERED_BY_CONTACT_PERSON ordered_by_contact_person "OrderedByContactPerson": Guid [links("crm/Contacts")];
        /// Name of contact person of customer who ordered the invoice.
        ORDERED_BY_CONTACT_PERSON_FULL_NAME ordered_by_contact_person_full_name "OrderedByContactPersonFullName": String;
        /// Name of customer who ordered the invoice.
        ORDERED_BY_NAME ordered_by_name "OrderedByName": String;
        /// Number to identify the order.
        ORDER_NUMBER order_number "OrderNumber": i32;
        /// The payment condition used for due date and discount calculation.
        PAYMENT_CONDITION payment_condition "PaymentCondition": String;
        /// Description of PaymentCondition.
        PAYMENT_CONDITION_DESCRIPTION payment_condition_description "PaymentConditionDescription": String;
        /// Payment reference for sales invoice.
        PAYMENT_REFERENCE payment_reference "PaymentReference": String;
        /// Price list.
        PRICELIST pricelist "Pricelist": Guid;
        /// Description of Pricelist.
        PRICELIST_DESCRIPTION pricelist_description "PricelistDescription": String;
        /// The project to which the sales transaction line is linked.
        PROJECT project "Project": Guid;
        /// Description of Project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String;
        /// WBS linked to the sales invoice.
        PROJECT_WBS project_wbs "ProjectWBS": Guid;
        /// Description of WBS.
        PROJECT_WBS_DESCRIPTION project_wbs_description "ProjectWBSDescription": String;
        /// The number of items sold in default units. The quantity shown in the entry screen is Quantity * UnitFactor.
        QUANTITY quantity "Quantity": Decimal;
        /// Extra remarks.
        REMARKS remarks "Remarks": String;
        /// ID of Sales channel.
        SALES_CHANNEL sales_channel "SalesChannel": Guid;
        /// Code of Sales channel.
        SALES_CHANNEL_CODE sales_channel_code "SalesChannelCode": String;
        /// Description of Sales channel.
        SALES_CHANNEL_DESCRIPTION sales_channel_description "SalesChannelDescription": String;
        /// Identifies the sales order this invoice line is based on.
        SALES_ORDER sales_order "SalesOrder": Guid [links("salesorder/SalesOrders")];
        /// Identifies the sales order line this sales invoice line is based on.
        SALES_ORDER_LINE sales_order_line "SalesOrderLine": Guid [links("salesorder/SalesOrderLines")];
        /// Then line number of the sales order line on which this invoice line is based on.
        SALES_ORDER_LINE_NUMBER sales_order_line_number "SalesOrderLineNumber": i32;
        /// The order number of the sales order on which this invoice line is based on.
        SALES_ORDER_NUMBER sales_order_number "SalesOrderNumber": i32;
        /// Sales representative.
        SALESPERSON salesperson "Salesperson": Guid;
        /// Name of sales representative.
        SALESPERSON_FULL_NAME salesperson_full_name "SalespersonFullName": String;
        /// Starter Sales invoice status (for starter functionality).
        STARTER_SALES_INVOICE_STATUS starter_sales_invoice_status "StarterSalesInvoiceStatus": i16;
        /// Description of StarterSalesInvoiceStatus.
        STARTER_SALES_INVOICE_STATUS_DESCRIPTION starter_sales_invoice_status_description "StarterSalesInvoiceStatusDescription": String;
        /// StartTime is used to store the first date of a period. StartTime is used in combination with EndTime.
        START_TIME start_time "StartTime": WallTime;
        /// Draft, open or processed.
        STATUS status "Status": SalesInvoiceStatus;
        /// Description of Status.
        STATUS_DESCRIPTION status_description "StatusDescription": String;
        /// When generating invoices from subscriptions, this field records the link between invoice lines and.
        SUBSCRIPTION subscription "Subscription": Guid;
        /// Description of subscription line.
        SUBSCRIPTION_DESCRIPTION subscription_description "SubscriptionDescription": String;
        /// Tax schedule.
        TAX_SCHEDULE tax_schedule "TaxSchedule": Guid;
        /// Tax schedule code.
        TAX_SCHEDULE_CODE tax_schedule_code "TaxScheduleCode": String;
        /// Tax schedule description.
        TAX_SCHEDULE_DESCRIPTION tax_schedule_description "TaxScheduleDescription": String;
        /// Invoice or credit note.
        TYPE kind "Type": SalesInvoiceType;
        /// Description of the type.
        TYPE_DESCRIPTION type_description "TypeDescription": String;
        /// Code of Unit.
        UNIT_CODE unit_code "UnitCode": String;
        /// Description of Unit.
        UNIT_DESCRIPTION unit_description "UnitDescription": String;
        /// Price per unit.
        UNIT_PRICE unit_price "UnitPrice": Decimal;
        /// VAT amount in the default currency of the company.
        VAT_AMOUNT_DC vat_amount_dc "VATAmountDC": Decimal;
        /// VAT amount in the currency of the transaction.
        VAT_AMOUNT_FC vat_amount_fc "VATAmountFC": Decimal;
        /// The VAT code that is used when the invoice is registered.
        VAT_CODE vat_code "VATCode": Code [right(3)];
        /// Description of VATCode.
        VAT_CODE_DESCRIPTION vat_code_description "VATCodeDescription": String;
        /// The vat percentage of the VAT code.
        VAT_PERCENTAGE vat_percentage "VATPercentage": Decimal;
        /// Mandatory for direct sales invoice/credit note, cannot be set for normal sales invoice/credit note.
        WAREHOUSE warehouse "Warehouse": Guid;
        /// Withholding tax amount applied to sales invoice. Not supported in The Netherlands.
        WITHHOLDING_TAX_AMOUNT_FC withholding_tax_amount_fc "WithholdingTaxAmountFC": Decimal;
        /// Withholding tax base amount to calculate withholding amount. Not supported in The Netherlands.
        WITHHOLDING_TAX_BASE_AMOUNT withholding_tax_base_amount "WithholdingTaxBaseAmount": Decimal;
        /// Withholding tax percentage applied to sales invoice. Not supported in The Netherlands.
        WITHHOLDING_TAX_PERCENTAGE withholding_tax_percentage "WithholdingTaxPercentage": Decimal;
        /// The customer's own reference, where the number of a foreign system belongs.
        YOUR_REF your_ref "YourRef": String;
    }
}

impl crate::entity::Feed for SalesInvoiceRow {
    const FEED: &'static str = "sync/SalesInvoice/SalesInvoices";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}
