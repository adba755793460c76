// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::macros::entity;
use crate::entity::{GoodsDeliveryLine, NewGoodsDeliveryLine};
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A delivery of goods. Delivering less than was ordered leaves the rest of the order open. Needs the right to manage
    /// stock.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesOrderGoodsDeliveries)
    GoodsDelivery at "salesorder/GoodsDeliveries" feed "sync/SalesOrder/GoodsDeliveries" bulk "bulk/SalesOrder/GoodsDeliveries" key "EntryID";
    verbs [Read, Create, Update];
    new NewGoodsDelivery;
    patch GoodsDeliveryPatch;
    write {
        /// Document that is manually linked to the sales order delivery.
        DOCUMENT document "Document": Guid [filterable, links("documents/Documents")];
        /// Remarks.
        REMARKS remarks "Remarks": String [filterable_plain];
        /// Reference to header tracking number.
        TRACKING_NUMBER tracking_number "TrackingNumber": String [filterable_plain];
    }
    create {
        /// Date of goods delivery.
        DELIVERY_DATE delivery_date "DeliveryDate": NaiveDate [filterable_plain, required];
        /// Header description.
        DESCRIPTION description "Description": String [filterable_plain];
        /// Reference to shipping method. Define shipping method during POST, else it will be empty by default.
        SHIPPING_METHOD shipping_method "ShippingMethod": Guid [filterable_plain];
    }
    read {
        /// The id.
        ENTRY_ID entry_id "EntryID": Guid [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable_plain];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable_plain];
        /// Reference to account for delivery.
        DELIVERY_ACCOUNT delivery_account "DeliveryAccount": Guid [filterable_plain, links("crm/Accounts")];
        /// Delivery account code.
        DELIVERY_ACCOUNT_CODE delivery_account_code "DeliveryAccountCode": Code [filterable_plain, left(18)];
        /// Account name.
        DELIVERY_ACCOUNT_NAME delivery_account_name "DeliveryAccountName": String [filterable_plain];
        /// Reference to shipping address.
        DELIVERY_ADDRESS delivery_address "DeliveryAddress": Guid [filterable_plain, links("crm/Addresses")];
        /// Reference to contact for delivery.
        DELIVERY_CONTACT delivery_contact "DeliveryContact": Guid [filterable_plain, links("crm/Contacts")];
        /// Name of the contact person of the customer who will receive delivered goods.
        DELIVERY_CONTACT_PERSON_FULL_NAME delivery_contact_person_full_name "DeliveryContactPersonFullName": String [filterable_plain];
        /// Delivery number.
        DELIVERY_NUMBER delivery_number "DeliveryNumber": i32 [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// Document Subject.
        DOCUMENT_SUBJECT document_subject "DocumentSubject": String [filterable_plain];
        /// Entry number.
        ENTRY_NUMBER entry_number "EntryNumber": i32 [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable_plain];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// Code of shipping method.
        SHIPPING_METHOD_CODE shipping_method_code "ShippingMethodCode": String [filterable_plain];
        /// Description of shipping method.
        SHIPPING_METHOD_DESCRIPTION shipping_method_description "ShippingMethodDescription": String [filterable_plain];
        /// Warehouse.
        WAREHOUSE warehouse "Warehouse": Guid [filterable];
        /// Code of Warehouse.
        WAREHOUSE_CODE warehouse_code "WarehouseCode": String [filterable_plain];
        /// Description of Warehouse.
        WAREHOUSE_DESCRIPTION warehouse_description "WarehouseDescription": String [filterable_plain];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
    }
    lines {
        /// Its lines.
        goods_delivery_lines "GoodsDeliveryLines": GoodsDeliveryLine, NewGoodsDeliveryLine;
    }
}

impl crate::entity::Read for GoodsDelivery {
    type Key = Guid;
}

impl crate::entity::Feed for GoodsDelivery {
    const FEED: &'static str = "sync/SalesOrder/GoodsDeliveries";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.entry_id
    }
}

impl crate::entity::Bulk for GoodsDelivery {
    const BULK: &'static str = "bulk/SalesOrder/GoodsDeliveries";
}

impl crate::entity::Create for GoodsDelivery {
    type New = NewGoodsDelivery;
}

impl crate::entity::Update for GoodsDelivery {
    type Patch = GoodsDeliveryPatch;
}

impl NewGoodsDelivery {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(delivery_date: NaiveDate, goods_delivery_lines: Vec<NewGoodsDeliveryLine>) -> Self {
        Self { delivery_date: Some(delivery_date), goods_delivery_lines, ..Self::default() }
    }
}
