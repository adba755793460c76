// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::OrderStatus;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A line of a sales order. The bulk twin does not deliver how far it is.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesOrderSalesOrderLines)
    SalesOrderLine at "salesorder/SalesOrderLines" feed "sync/SalesOrder/SalesOrderLines" bulk "bulk/SalesOrder/SalesOrderLines" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewSalesOrderLine;
    patch SalesOrderLinePatch;
    write {
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal;
        /// Reference to Cost center.
        COST_CENTER cost_center "CostCenter": String [filterable];
        /// Reference to Cost unit.
        COST_UNIT cost_unit "CostUnit": String [filterable];
        /// Delivery date of this line.
        DELIVERY_DATE delivery_date "DeliveryDate": NaiveDate [filterable];
        /// Description.
        DESCRIPTION description "Description": String [filterable];
        /// The discount as a fraction.
        DISCOUNT discount "Discount": Decimal;
        /// Reference to the item that is sold in this sales order line.
        ITEM item "Item": Guid [filterable, required, links("logistics/Items")];
        /// Item Version.
        ITEM_VERSION item_version "ItemVersion": Guid [filterable];
        /// Sales margin of the sales order line.
        MARGIN margin "Margin": Decimal [not_in_bulk];
        /// Net price of the sales order line.
        NET_PRICE net_price "NetPrice": Decimal;
        /// Extra notes.
        NOTES notes "Notes": String;
        /// The order; left out where the line is created together with it.
        ORDER_ID order_id "OrderID": Guid [filterable, links("salesorder/SalesOrders")];
        /// Number of sales order.
        ORDER_NUMBER order_number "OrderNumber": i32 [filterable];
        /// Price list.
        PRICELIST pricelist "Pricelist": Guid [filterable];
        /// The project to which the sales order line is linked.
        PROJECT project "Project": Guid [filterable];
        /// The number of items sold in default units.
        QUANTITY quantity "Quantity": Decimal;
        /// Reference to ShopOrder.
        SHOP_ORDER shop_order "ShopOrder": Guid [filterable];
        /// Code of item unit.
        UNIT_CODE unit_code "UnitCode": String;
        /// Price per unit in the currency of the transaction.
        UNIT_PRICE unit_price "UnitPrice": Decimal;
        /// Indicates if drop shipment is used (delivery directly to customer, invoice to wholesaler).
        USE_DROP_SHIPMENT use_drop_shipment "UseDropShipment": u8 [filterable];
        /// VAT amount in the currency of the transaction.
        VAT_AMOUNT vat_amount "VATAmount": Decimal;
        /// VAT code.
        VAT_CODE vat_code "VATCode": Code [filterable, right(3)];
        /// The vat percentage of the VAT code.
        VAT_PERCENTAGE vat_percentage "VATPercentage": Decimal;
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal;
        /// Description of CostCenter.
        COST_CENTER_DESCRIPTION cost_center_description "CostCenterDescription": String;
        /// Item cost price.
        COST_PRICE_FC cost_price_fc "CostPriceFC": Decimal;
        /// Description of CostUnit.
        COST_UNIT_DESCRIPTION cost_unit_description "CostUnitDescription": String;
        /// Code the customer uses for this item.
        CUSTOMER_ITEM_CODE customer_item_code "CustomerItemCode": String;
        /// How much of it is delivered.
        DELIVERY_STATUS delivery_status "DeliveryStatus": OrderStatus [filterable, not_in_bulk];
        /// The division.
        DIVISION division "Division": i32;
        /// How much of it is invoiced.
        INVOICE_STATUS invoice_status "InvoiceStatus": OrderStatus [filterable, not_in_bulk];
        /// Code of Item.
        ITEM_CODE item_code "ItemCode": String;
        /// Description of Item.
        ITEM_DESCRIPTION item_description "ItemDescription": String;
        /// Description of Item Version.
        ITEM_VERSION_DESCRIPTION item_version_description "ItemVersionDescription": String;
        /// Line number.
        LINE_NUMBER line_number "LineNumber": i32 [filterable];
        /// How far it is. Not in the feed, which calls it `Status`.
        ORDER_STATUS order_status "OrderStatus": OrderStatus [filterable, not_in_feed, not_in_bulk];
        /// Description of Pricelist.
        PRICELIST_DESCRIPTION pricelist_description "PricelistDescription": String;
        /// Description of Project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String;
        /// Purchase order that is linked to the sales order.
        PURCHASE_ORDER purchase_order "PurchaseOrder": Guid;
        /// Purchase order line of the purchase order that is linked to the sales order.
        PURCHASE_ORDER_LINE purchase_order_line "PurchaseOrderLine": Guid;
        /// Number of the purchase order line.
        PURCHASE_ORDER_LINE_NUMBER purchase_order_line_number "PurchaseOrderLineNumber": i32;
        /// Number of the purchase order.
        PURCHASE_ORDER_NUMBER purchase_order_number "PurchaseOrderNumber": i32;
        /// The number of items delivered.
        QUANTITY_DELIVERED quantity_delivered "QuantityDelivered": Decimal [not_in_bulk];
        /// The number of items invoiced.
        QUANTITY_INVOICED quantity_invoiced "QuantityInvoiced": Decimal [not_in_bulk];
        /// Description of Unit.
        UNIT_DESCRIPTION unit_description "UnitDescription": String;
        /// Description of VATCode.
        VAT_CODE_DESCRIPTION vat_code_description "VATCodeDescription": String;
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable, feed_only];
        /// When it was created.
        CREATED created "Created": WallTime [feed_only];
        /// The user who created it.
        CREATOR creator "Creator": Guid [feed_only];
        /// Description of DeliveryStatus.
        DELIVERY_STATUS_DESCRIPTION delivery_status_description "DeliveryStatusDescription": String [feed_only];
        /// Description of InvoiceStatus.
        INVOICE_STATUS_DESCRIPTION invoice_status_description "InvoiceStatusDescription": String [feed_only];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [feed_only];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [feed_only];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [feed_only];
        /// Code of Project.
        PROJECT_CODE project_code "ProjectCode": String [feed_only];
        /// Number of shop order.
        SHOP_ORDER_NUMBER shop_order_number "ShopOrderNumber": i32 [feed_only];
        /// How far it is. In the feed only.
        STATUS status "Status": OrderStatus [feed_only];
        /// Description of Status.
        STATUS_DESCRIPTION status_description "StatusDescription": String [feed_only];
    }
}

impl crate::entity::Read for SalesOrderLine {
    type Key = Guid;
}

impl crate::entity::Feed for SalesOrderLine {
    const FEED: &'static str = "sync/SalesOrder/SalesOrderLines";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for SalesOrderLine {
    const BULK: &'static str = "bulk/SalesOrder/SalesOrderLines";
}

impl crate::entity::Create for SalesOrderLine {
    type New = NewSalesOrderLine;
}

impl crate::entity::Update for SalesOrderLine {
    type Patch = SalesOrderLinePatch;
}

impl crate::entity::Delete for SalesOrderLine {}

impl NewSalesOrderLine {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(item: Guid) -> Self {
        Self { item: Some(item), ..Self::default() }
    }
}
