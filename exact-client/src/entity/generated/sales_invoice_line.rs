// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A line of a sales invoice.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesInvoiceSalesInvoiceLines)
    SalesInvoiceLine at "salesinvoice/SalesInvoiceLines" bulk "bulk/SalesInvoice/SalesInvoiceLines" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewSalesInvoiceLine;
    patch SalesInvoiceLinePatch;
    write {
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal;
        /// Reference to Cost center.
        COST_CENTER cost_center "CostCenter": String [filterable];
        /// Reference to Cost unit.
        COST_UNIT cost_unit "CostUnit": String [filterable];
        /// Delivery date of an item in a sales invoice.
        DELIVERY_DATE delivery_date "DeliveryDate": NaiveDate;
        /// Description. Can be different for header and lines.
        DESCRIPTION description "Description": String [filterable];
        /// The discount as a fraction.
        DISCOUNT discount "Discount": Decimal;
        /// Link to Employee originating from time and cost transactions.
        EMPLOYEE employee "Employee": Guid [filterable];
        /// EndTime is used to store the last date of a period. EndTime is used in combination with StartTime.
        END_TIME end_time "EndTime": WallTime;
        /// Extra duty amount in the currency of the transaction.
        EXTRA_DUTY_AMOUNT_FC extra_duty_amount_fc "ExtraDutyAmountFC": Decimal;
        /// Extra duty percentage.
        EXTRA_DUTY_PERCENTAGE extra_duty_percentage "ExtraDutyPercentage": Decimal;
        /// Reference to the item that is sold in this sales invoice line.
        ITEM item "Item": Guid [filterable, required, links("logistics/Items")];
        /// The price that is paid, before VAT; it wins over the unit price.
        NET_PRICE net_price "NetPrice": Decimal;
        /// Extra notes.
        NOTES notes "Notes": String;
        /// Price list.
        PRICELIST pricelist "Pricelist": Guid [filterable];
        /// The project to which the sales transaction line is linked.
        PROJECT project "Project": Guid [filterable];
        /// WBS linked to the sales invoice.
        PROJECT_WBS project_wbs "ProjectWBS": Guid;
        /// The number of items sold in default units. The quantity shown in the entry screen is Quantity * UnitFactor.
        QUANTITY quantity "Quantity": Decimal;
        /// StartTime is used to store the first date of a period. StartTime is used in combination with EndTime.
        START_TIME start_time "StartTime": WallTime;
        /// Code of Unit.
        UNIT_CODE unit_code "UnitCode": String;
        /// Price per unit.
        UNIT_PRICE unit_price "UnitPrice": Decimal;
        /// VAT amount in the default currency of the company.
        VAT_AMOUNT_DC vat_amount_dc "VATAmountDC": Decimal;
        /// VAT amount in the currency of the transaction.
        VAT_AMOUNT_FC vat_amount_fc "VATAmountFC": Decimal;
        /// The VAT code that is used when the invoice is registered.
        VAT_CODE vat_code "VATCode": Code [filterable, right(3)];
        /// The vat percentage of the VAT code.
        VAT_PERCENTAGE vat_percentage "VATPercentage": Decimal;
    }
    create {
        /// The ledger account; that of the item where it is left out.
        GL_ACCOUNT gl_account "GLAccount": Guid [filterable];
        /// The invoice; left out where the line is created together with it.
        INVOICE_ID invoice_id "InvoiceID": Guid [filterable, links("salesinvoice/SalesInvoices")];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal;
        /// Description of CostCenter.
        COST_CENTER_DESCRIPTION cost_center_description "CostCenterDescription": String;
        /// Description of CostUnit.
        COST_UNIT_DESCRIPTION cost_unit_description "CostUnitDescription": String;
        /// Code the customer uses for this item.
        CUSTOMER_ITEM_CODE customer_item_code "CustomerItemCode": String;
        /// The division.
        DIVISION division "Division": i32;
        /// Name of employee.
        EMPLOYEE_FULL_NAME employee_full_name "EmployeeFullName": String;
        /// Description of GLAccount.
        GL_ACCOUNT_DESCRIPTION gl_account_description "GLAccountDescription": String;
        /// Item code.
        ITEM_CODE item_code "ItemCode": String;
        /// Description of Item.
        ITEM_DESCRIPTION item_description "ItemDescription": String;
        /// Indicates the sequence of the lines within one invoice.
        LINE_NUMBER line_number "LineNumber": i32 [filterable];
        /// Description of Pricelist.
        PRICELIST_DESCRIPTION pricelist_description "PricelistDescription": String;
        /// Description of Project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String;
        /// Description of WBS.
        PROJECT_WBS_DESCRIPTION project_wbs_description "ProjectWBSDescription": String;
        /// Identifies the sales order this invoice line is based on.
        SALES_ORDER sales_order "SalesOrder": Guid [filterable, links("salesorder/SalesOrders")];
        /// Identifies the sales order line this sales invoice line is based on.
        SALES_ORDER_LINE sales_order_line "SalesOrderLine": Guid [filterable, links("salesorder/SalesOrderLines")];
        /// Then line number of the sales order line on which this invoice line is based on.
        SALES_ORDER_LINE_NUMBER sales_order_line_number "SalesOrderLineNumber": i32;
        /// The order number of the sales order on which this invoice line is based on.
        SALES_ORDER_NUMBER sales_order_number "SalesOrderNumber": i32;
        /// When generating invoices from subscriptions, this field records the link between invoice lines and.
        SUBSCRIPTION subscription "Subscription": Guid [filterable];
        /// Description of subscription line.
        SUBSCRIPTION_DESCRIPTION subscription_description "SubscriptionDescription": String;
        /// Description of Unit.
        UNIT_DESCRIPTION unit_description "UnitDescription": String;
        /// Description of VATCode.
        VAT_CODE_DESCRIPTION vat_code_description "VATCodeDescription": String;
    }
}

impl crate::entity::Read for SalesInvoiceLine {
    type Key = Guid;
}

impl crate::entity::Bulk for SalesInvoiceLine {
    const BULK: &'static str = "bulk/SalesInvoice/SalesInvoiceLines";
}

impl crate::entity::Create for SalesInvoiceLine {
    type New = NewSalesInvoiceLine;
}

impl crate::entity::Update for SalesInvoiceLine {
    type Patch = SalesInvoiceLinePatch;
}

impl crate::entity::Delete for SalesInvoiceLine {}

impl NewSalesInvoiceLine {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(item: Guid) -> Self {
        Self { item: Some(item), ..Self::default() }
    }
}
