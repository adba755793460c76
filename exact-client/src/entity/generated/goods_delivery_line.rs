// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// A line of a delivery of goods; created together with its delivery, never by itself.
    ///
    /// A line that was split over storage locations comes as several rows of one id.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesOrderGoodsDeliveryLines)
    GoodsDeliveryLine at "salesorder/GoodsDeliveryLines" feed "sync/SalesOrder/GoodsDeliveryLines" bulk "bulk/SalesOrder/GoodsDeliveryLines" key "ID";
    verbs [Read, Update];
    new NewGoodsDeliveryLine;
    patch GoodsDeliveryLinePatch;
    write {
        /// Notes.
        NOTES notes "Notes": String [filterable_plain];
        /// Reference to tracking number.
        TRACKING_NUMBER tracking_number "TrackingNumber": String [filterable_plain];
    }
    create {
        /// Description of sales order delivery.
        DESCRIPTION description "Description": String [filterable_plain];
        /// The EntryID identifies the goods delivery. All the lines of a goods delivery have the same EntryID.
        ENTRY_ID entry_id "EntryID": Guid [filterable, links("salesorder/GoodsDeliveries")];
        /// Quantity delivered.
        QUANTITY_DELIVERED quantity_delivered "QuantityDelivered": Decimal [filterable_plain, required];
        /// Reference to sales order.
        SALES_ORDER_LINE_ID sales_order_line_id "SalesOrderLineID": Guid [filterable_plain, required, links("salesorder/SalesOrderLines")];
        /// Reference to storage location.
        STORAGE_LOCATION storage_location "StorageLocation": Guid [filterable_plain];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable_plain];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable_plain];
        /// Code the customer uses for this item.
        CUSTOMER_ITEM_CODE customer_item_code "CustomerItemCode": String [filterable_plain];
        /// Date of goods delivery.
        DELIVERY_DATE delivery_date "DeliveryDate": NaiveDate [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// Reference to item.
        ITEM item "Item": Guid [filterable, links("logistics/Items")];
        /// Item code.
        ITEM_CODE item_code "ItemCode": String [filterable_plain];
        /// Description of item.
        ITEM_DESCRIPTION item_description "ItemDescription": String [filterable_plain];
        /// Line number.
        LINE_NUMBER line_number "LineNumber": i32 [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable_plain];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// Quantity ordered.
        QUANTITY_ORDERED quantity_ordered "QuantityOrdered": Decimal [filterable_plain];
        /// Sales order line number.
        SALES_ORDER_LINE_NUMBER sales_order_line_number "SalesOrderLineNumber": i32 [filterable_plain];
        /// Sales order number.
        SALES_ORDER_NUMBER sales_order_number "SalesOrderNumber": i32 [filterable_plain];
        /// Storage location code.
        STORAGE_LOCATION_CODE storage_location_code "StorageLocationCode": String [filterable_plain];
        /// Storage location description.
        STORAGE_LOCATION_DESCRIPTION storage_location_description "StorageLocationDescription": String [filterable_plain];
        /// Code of item unit.
        UNITCODE unitcode "Unitcode": String [filterable_plain];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
    }
}

impl crate::entity::Read for GoodsDeliveryLine {
    type Key = Guid;
}

impl crate::entity::Feed for GoodsDeliveryLine {
    const FEED: &'static str = "sync/SalesOrder/GoodsDeliveryLines";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        None
    }
}

impl crate::entity::Bulk for GoodsDeliveryLine {
    const BULK: &'static str = "bulk/SalesOrder/GoodsDeliveryLines";
}

impl crate::entity::Update for GoodsDeliveryLine {
    type Patch = GoodsDeliveryLinePatch;
}

impl NewGoodsDeliveryLine {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(sales_order_line_id: Guid, quantity_delivered: Decimal) -> Self {
        Self {
            sales_order_line_id: Some(sales_order_line_id),
            quantity_delivered: Some(quantity_delivered),
            ..Self::default()
        }
    }
}
