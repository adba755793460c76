// Written by the entity-generator; change its input and run it again.

use rust_decimal::Decimal;

use crate::entity::PriceEntryMethod;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// What a price list says of an item, or of a whole group of items, from a quantity on.
    ///
    /// A new price is the price; a discount is taken off the base price: `BasePriceAmount` where `BasePrice` is set, else the
    /// standard sales price of the item. By all appearances the feed of deletions calls it
    /// [`EntityType::DiscountTable`](crate::EntityType::DiscountTable).
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesSalesPriceListVolumeDiscounts)
    SalesPriceListVolumeDiscount at "sales/SalesPriceListVolumeDiscounts" feed "sync/Sales/SalesPriceListVolumeDiscounts" key "ID";
    verbs [Read];
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// The price that a discount is taken off; empty where that is the item's standard sales price.
        BASE_PRICE base_price "BasePrice": Guid [filterable];
        /// How much that is; where `BasePrice` is empty, the latest standard price.
        BASE_PRICE_AMOUNT base_price_amount "BasePriceAmount": Decimal [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// The part that is taken off: 0.1 is 10 percent.
        DISCOUNT discount "Discount": Decimal [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// Whether the discount or the new price counts.
        ENTRY_METHOD entry_method "EntryMethod": PriceEntryMethod [filterable];
        /// The item; empty where it is about a group of items.
        ITEM item "Item": Guid [filterable, links("logistics/Items")];
        /// Item code.
        ITEM_CODE item_code "ItemCode": String [filterable];
        /// Item description.
        ITEM_DESCRIPTION item_description "ItemDescription": String [filterable];
        /// The group of items that it is about.
        ITEM_GROUP item_group "ItemGroup": Guid [filterable, links("logistics/ItemGroups")];
        /// Item group code.
        ITEM_GROUP_CODE item_group_code "ItemGroupCode": String [filterable];
        /// Item group description.
        ITEM_GROUP_DESCRIPTION item_group_description "ItemGroupDescription": String [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
        /// The new price.
        NEW_PRICE new_price "NewPrice": Decimal [filterable];
        /// How many of the item's own unit make one of `Unit`.
        NUMBER_OF_ITEMS_PER_UNIT number_of_items_per_unit "NumberOfItemsPerUnit": Decimal [filterable];
        /// Price list code.
        PRICE_LIST_CODE price_list_code "PriceListCode": String [filterable];
        /// Price list description.
        PRICE_LIST_DESCRIPTION price_list_description "PriceListDescription": String [filterable];
        /// The period of the price list.
        PRICE_LIST_PERIOD price_list_period "PriceListPeriod": Guid [filterable, links("sales/SalesPriceListPeriods")];
        /// From how many on it holds.
        QUANTITY quantity "Quantity": Decimal [filterable];
        /// Sales unit.
        SALES_UNIT sales_unit "SalesUnit": String [filterable, not_in_feed];
        /// Code of the unit.
        UNIT unit "Unit": String [filterable];
        /// Unit description.
        UNIT_DESCRIPTION unit_description "UnitDescription": String [filterable];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable, feed_only];
    }
}

impl crate::entity::Read for SalesPriceListVolumeDiscount {
    type Key = Guid;
}

impl crate::entity::Feed for SalesPriceListVolumeDiscount {
    const FEED: &'static str = "sync/Sales/SalesPriceListVolumeDiscounts";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}
