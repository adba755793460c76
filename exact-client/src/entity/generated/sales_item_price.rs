// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// A sales price of an item. One that names an account is an agreement with that customer, never a list price.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=LogisticsSalesItemPrices)
    SalesItemPrice at "logistics/SalesItemPrices" feed "sync/Logistics/SalesItemPrices" bulk "bulk/Logistics/SalesItemPrices" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewSalesItemPrice;
    patch SalesItemPricePatch;
    write {
        /// The customer with whom the price was agreed; empty for the price that everybody pays.
        ACCOUNT account "Account": Guid [filterable, links("crm/Accounts")];
        /// The currency of the price.
        CURRENCY currency "Currency": String [filterable_plain];
        /// Together with StartDate this determines whether the price is active.
        END_DATE end_date "EndDate": NaiveDate [filterable];
        /// Item ID.
        ITEM item "Item": Guid [filterable, required, links("logistics/Items")];
        /// This is the multiplication factor when going from default item unit to the unit of this price.For example if.
        NUMBER_OF_ITEMS_PER_UNIT number_of_items_per_unit "NumberOfItemsPerUnit": Decimal [filterable_plain];
        /// The actual price of this sales item.
        PRICE price "Price": Decimal [filterable, required];
        /// From how many on the price holds.
        QUANTITY quantity "Quantity": Decimal [filterable];
        /// Together with EndDate this determines whether the price is active.
        START_DATE start_date "StartDate": NaiveDate [filterable];
        /// The unit code of the price.
        UNIT unit "Unit": String [filterable];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Name of the customer account.
        ACCOUNT_NAME account_name "AccountName": String [filterable_plain];
        /// This is the barcode for the unit other than standard unit of the item.
        BARCODE barcode "Barcode": String [filterable_plain];
        /// When it was created.
        CREATED created "Created": WallTime [filterable_plain];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable_plain];
        /// The default unit of the item.
        DEFAULT_ITEM_UNIT default_item_unit "DefaultItemUnit": String [filterable_plain];
        /// The description of the default item unit.
        DEFAULT_ITEM_UNIT_DESCRIPTION default_item_unit_description "DefaultItemUnitDescription": String [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// ID of the employee that is linked to sales item price.
        EMPLOYEE employee "Employee": Guid [filterable_plain];
        /// Code of Item.
        ITEM_CODE item_code "ItemCode": String [filterable_plain];
        /// Description of Item.
        ITEM_DESCRIPTION item_description "ItemDescription": String [filterable_plain];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable_plain];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable_plain];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable_plain];
        /// ID of project that is linked to sales item price.
        PROJECT project "Project": Guid [filterable_plain];
        /// Description of the project.
        PROJECT_DESCRIPTION project_description "ProjectDescription": String [filterable_plain];
        /// Description of the price unit.
        UNIT_DESCRIPTION unit_description "UnitDescription": String [filterable_plain];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
    }
}

impl crate::entity::Read for SalesItemPrice {
    type Key = Guid;
}

impl crate::entity::Feed for SalesItemPrice {
    const FEED: &'static str = "sync/Logistics/SalesItemPrices";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for SalesItemPrice {
    const BULK: &'static str = "bulk/Logistics/SalesItemPrices";
}

impl crate::entity::Create for SalesItemPrice {
    type New = NewSalesItemPrice;
}

impl crate::entity::Update for SalesItemPrice {
    type Patch = SalesItemPricePatch;
}

impl crate::entity::Delete for SalesItemPrice {}

impl NewSalesItemPrice {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(item: Guid, price: Decimal) -> Self {
        Self { item: Some(item), price: Some(price), ..Self::default() }
    }
}
