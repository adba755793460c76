// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// An item: what is bought, kept and sold.
    ///
    /// The feed does not deliver the standard sales price: prices are [`SalesItemPrice`](crate::SalesItemPrice)s.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=LogisticsItems)
    Item at "logistics/Items" feed "sync/Logistics/Items" bulk "bulk/Logistics/Items" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewItem;
    patch ItemPatch;
    write {
        /// Barcode of the item (numeric string).
        BARCODE barcode "Barcode": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 1.
        CLASS_01 class_01 "Class_01": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 2.
        CLASS_02 class_02 "Class_02": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 3.
        CLASS_03 class_03 "Class_03": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 4.
        CLASS_04 class_04 "Class_04": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 5.
        CLASS_05 class_05 "Class_05": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 6.
        CLASS_06 class_06 "Class_06": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 7.
        CLASS_07 class_07 "Class_07": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 8.
        CLASS_08 class_08 "Class_08": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 9.
        CLASS_09 class_09 "Class_09": String [filterable];
        /// Item class code referring to ItemClasses with ClassID 10.
        CLASS_10 class_10 "Class_10": String [filterable];
        /// The code, which is unique and not padded.
        CODE code "Code": String [filterable, required, max(30)];
        /// Copy sales remarks to sales lines.
        COPY_REMARKS copy_remarks "CopyRemarks": u8;
        /// The currency of the current and proposed cost price.
        COST_PRICE_CURRENCY cost_price_currency "CostPriceCurrency": String;
        /// Proposed cost price.
        COST_PRICE_NEW cost_price_new "CostPriceNew": Decimal [filterable];
        /// The description.
        DESCRIPTION description "Description": String [filterable, required, max(60)];
        /// Together with StartDate this determines if the item is active.
        END_DATE end_date "EndDate": NaiveDate [filterable];
        /// A longer description.
        EXTRA_DESCRIPTION extra_description "ExtraDescription": String [filterable, max(255)];
        /// Free boolean field 1.
        FREE_BOOL_FIELD_01 free_bool_field_01 "FreeBoolField_01": bool [filterable];
        /// Free boolean field 2.
        FREE_BOOL_FIELD_02 free_bool_field_02 "FreeBoolField_02": bool [filterable];
        /// Free boolean field 3.
        FREE_BOOL_FIELD_03 free_bool_field_03 "FreeBoolField_03": bool [filterable];
        /// Free boolean field 4.
        FREE_BOOL_FIELD_04 free_bool_field_04 "FreeBoolField_04": bool [filterable];
        /// Free boolean field 5.
        FREE_BOOL_FIELD_05 free_bool_field_05 "FreeBoolField_05": bool [filterable];
        /// Free date field 1.
        FREE_DATE_FIELD_01 free_date_field_01 "FreeDateField_01": NaiveDate [filterable];
        /// Free date field 2.
        FREE_DATE_FIELD_02 free_date_field_02 "FreeDateField_02": NaiveDate [filterable];
        /// Free date field 3.
        FREE_DATE_FIELD_03 free_date_field_03 "FreeDateField_03": NaiveDate [filterable];
        /// Free date field 4.
        FREE_DATE_FIELD_04 free_date_field_04 "FreeDateField_04": NaiveDate [filterable];
        /// Free date field 5.
        FREE_DATE_FIELD_05 free_date_field_05 "FreeDateField_05": NaiveDate [filterable];
        /// Free numeric field 1.
        FREE_NUMBER_FIELD_01 free_number_field_01 "FreeNumberField_01": Decimal [filterable];
        /// Free numeric field 2.
        FREE_NUMBER_FIELD_02 free_number_field_02 "FreeNumberField_02": Decimal [filterable];
        /// Free numeric field 3.
        FREE_NUMBER_FIELD_03 free_number_field_03 "FreeNumberField_03": Decimal [filterable];
        /// Free numeric field 4.
        FREE_NUMBER_FIELD_04 free_number_field_04 "FreeNumberField_04": Decimal [filterable];
        /// Free numeric field 5.
        FREE_NUMBER_FIELD_05 free_number_field_05 "FreeNumberField_05": Decimal [filterable];
        /// Free numeric field 6.
        FREE_NUMBER_FIELD_06 free_number_field_06 "FreeNumberField_06": Decimal [filterable];
        /// Free numeric field 7.
        FREE_NUMBER_FIELD_07 free_number_field_07 "FreeNumberField_07": Decimal [filterable];
        /// Free numeric field 8.
        FREE_NUMBER_FIELD_08 free_number_field_08 "FreeNumberField_08": Decimal [filterable];
        /// Free text field 1.
        FREE_TEXT_FIELD_01 free_text_field_01 "FreeTextField_01": String [filterable];
        /// Free text field 2.
        FREE_TEXT_FIELD_02 free_text_field_02 "FreeTextField_02": String [filterable];
        /// Free text field 3.
        FREE_TEXT_FIELD_03 free_text_field_03 "FreeTextField_03": String [filterable];
        /// Free text field 4.
        FREE_TEXT_FIELD_04 free_text_field_04 "FreeTextField_04": String [filterable];
        /// Free text field 5.
        FREE_TEXT_FIELD_05 free_text_field_05 "FreeTextField_05": String [filterable];
        /// Free text field 6.
        FREE_TEXT_FIELD_06 free_text_field_06 "FreeTextField_06": String [filterable];
        /// Free text field 7.
        FREE_TEXT_FIELD_07 free_text_field_07 "FreeTextField_07": String [filterable];
        /// Free text field 8.
        FREE_TEXT_FIELD_08 free_text_field_08 "FreeTextField_08": String [filterable];
        /// Free text field 9.
        FREE_TEXT_FIELD_09 free_text_field_09 "FreeTextField_09": String [filterable];
        /// Free text field 10.
        FREE_TEXT_FIELD_10 free_text_field_10 "FreeTextField_10": String [filterable];
        /// GL account the cost entries will be booked on.
        GL_COSTS gl_costs "GLCosts": Guid [filterable];
        /// GL account the revenue will be booked on.
        GL_REVENUE gl_revenue "GLRevenue": Guid [filterable];
        /// GL account the stock entries will be booked on.
        GL_STOCK gl_stock "GLStock": Guid [filterable];
        /// Gross weight for international goods shipments.
        GROSS_WEIGHT gross_weight "GrossWeight": Decimal;
        /// Indicates if batches are used for this item.
        IS_BATCH_ITEM is_batch_item "IsBatchItem": u8 [filterable];
        /// This property is obsolete. Use property 'IsBatchItem' instead.
        IS_BATCH_NUMBER_ITEM is_batch_number_item "IsBatchNumberItem": u8 [not_in_feed];
        /// Indicates if fractions (for example 0.35) are allowed for quantities of this item.
        IS_FRACTION_ALLOWED_ITEM is_fraction_allowed_item "IsFractionAllowedItem": bool [filterable];
        /// Indicates that an Item is produced to Inventory, not purchased.
        IS_MAKE_ITEM is_make_item "IsMakeItem": u8 [filterable];
        /// Only used for packages (IsPackageItem=1). To indicate if this package is a new contract type package.
        IS_NEW_CONTRACT is_new_contract "IsNewContract": u8;
        /// Is On demand Item.
        IS_ON_DEMAND_ITEM is_on_demand_item "IsOnDemandItem": u8;
        /// Indicates if the item is a package item. Can only be created in the hosting administration.
        IS_PACKAGE_ITEM is_package_item "IsPackageItem": bool;
        /// Indicates if the item can be purchased.
        IS_PURCHASE_ITEM is_purchase_item "IsPurchaseItem": bool [filterable];
        /// Indicated if the item is used in voucher functionality.
        IS_REGISTRATION_CODE_ITEM is_registration_code_item "IsRegistrationCodeItem": u8;
        /// Indicates if the item can be sold.
        IS_SALES_ITEM is_sales_item "IsSalesItem": bool [filterable];
        /// Indicates that serial numbers are used for this item.
        IS_SERIAL_ITEM is_serial_item "IsSerialItem": bool [filterable];
        /// This property is obsolete. Use property 'IsSerialItem' instead.
        IS_SERIAL_NUMBER_ITEM is_serial_number_item "IsSerialNumberItem": bool [not_in_feed];
        /// If you have the Trade or Manufacturing license and you check this property the item will be shown in the.
        IS_STOCK_ITEM is_stock_item "IsStockItem": bool [filterable];
        /// Indicates if the item is provided by an outside supplier.
        IS_SUBCONTRACTED_ITEM is_subcontracted_item "IsSubcontractedItem": bool [filterable];
        /// Indicates if tax needs to be calculated for this item.
        IS_TAXABLE_ITEM is_taxable_item "IsTaxableItem": u8;
        /// Indicates if the item is a time unit item (for example a labor hour item).
        IS_TIME is_time "IsTime": u8 [filterable];
        /// Indicates if the item can be exported to a web shop.
        IS_WEBSHOP_ITEM is_webshop_item "IsWebshopItem": u8 [filterable];
        /// GUID of Item group of the item.
        ITEM_GROUP item_group "ItemGroup": Guid [filterable, links("logistics/ItemGroups")];
        /// Net weight for international goods shipments.
        NET_WEIGHT net_weight "NetWeight": Decimal;
        /// Net Weight unit for international goods shipment, only available in manufacturing packages.
        NET_WEIGHT_UNIT net_weight_unit "NetWeightUnit": String [filterable];
        /// Notes.
        NOTES notes "Notes": String;
        /// The VAT code for sales.
        SALES_VAT_CODE sales_vat_code "SalesVatCode": Code [filterable, right(3)];
        /// Search code of the item.
        SEARCH_CODE search_code "SearchCode": String [filterable];
        /// Security level (0 - 100).
        SECURITY_LEVEL security_level "SecurityLevel": i32;
        /// Together with EndDate this determines if the item is active.
        START_DATE start_date "StartDate": NaiveDate [filterable];
        /// The standard unit of this item.
        UNIT unit "Unit": String [filterable];
    }
    create {
        /// The current standard cost price.
        COST_PRICE_STANDARD cost_price_standard "CostPriceStandard": Decimal;
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Assembled lead days.
        ASSEMBLED_LEAD_DAYS assembled_lead_days "AssembledLeadDays": i32;
        /// The current average cost price.
        AVERAGE_COST average_cost "AverageCost": Decimal;
        /// Batch quantity.
        BATCH_QUANTITY batch_quantity "BatchQuantity": Decimal;
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid;
        /// The division.
        DIVISION division "Division": i32;
        /// Code of GL account for costs.
        GL_COSTS_CODE gl_costs_code "GLCostsCode": String;
        /// Description of GLCosts.
        GL_COSTS_DESCRIPTION gl_costs_description "GLCostsDescription": String;
        /// GL costs work in progress.
        GL_COSTS_WORK_IN_PROGRESS gl_costs_work_in_progress "GLCostsWorkInProgress": Guid [filterable];
        /// GL costs work in progress code.
        GL_COSTS_WORK_IN_PROGRESS_CODE gl_costs_work_in_progress_code "GLCostsWorkInProgressCode": String;
        /// GL costs work in progress description.
        GL_COSTS_WORK_IN_PROGRESS_DESCRIPTION gl_costs_work_in_progress_description "GLCostsWorkInProgressDescription": String;
        /// Code of GLRevenue.
        GL_REVENUE_CODE gl_revenue_code "GLRevenueCode": String;
        /// Description of GLRevenue.
        GL_REVENUE_DESCRIPTION gl_revenue_description "GLRevenueDescription": String;
        /// GL revenue work in progress.
        GL_REVENUE_WORK_IN_PROGRESS gl_revenue_work_in_progress "GLRevenueWorkInProgress": Guid [filterable];
        /// GL revenue work in progress code.
        GL_REVENUE_WORK_IN_PROGRESS_CODE gl_revenue_work_in_progress_code "GLRevenueWorkInProgressCode": String;
        /// GL revenue work in progress description.
        GL_REVENUE_WORK_IN_PROGRESS_DESCRIPTION gl_revenue_work_in_progress_description "GLRevenueWorkInProgressDescription": String;
        /// Code of GL account for stock.
        GL_STOCK_CODE gl_stock_code "GLStockCode": String;
        /// Description of GLStock.
        GL_STOCK_DESCRIPTION gl_stock_description "GLStockDescription": String;
        /// Code of ItemGroup.
        ITEM_GROUP_CODE item_group_code "ItemGroupCode": String [filterable];
        /// Description of ItemGroup.
        ITEM_GROUP_DESCRIPTION item_group_description "ItemGroupDescription": String;
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid;
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String;
        /// File name of picture.
        PICTURE_NAME picture_name "PictureName": String;
        /// Url where thumbnail picture can be retrieved.
        PICTURE_THUMBNAIL_URL picture_thumbnail_url "PictureThumbnailUrl": String;
        /// Url where picture can be retrieved.
        PICTURE_URL picture_url "PictureUrl": String;
        /// Description of SalesVatCode.
        SALES_VAT_CODE_DESCRIPTION sales_vat_code_description "SalesVatCodeDescription": String;
        /// The sales price of the default unit. Not in the feed.
        STANDARD_SALES_PRICE standard_sales_price "StandardSalesPrice": Decimal [not_in_feed];
        /// Statistical code.
        STATISTICAL_CODE statistical_code "StatisticalCode": String;
        /// Statistical net weight.
        STATISTICAL_NET_WEIGHT statistical_net_weight "StatisticalNetWeight": Decimal;
        /// Statistical units.
        STATISTICAL_UNITS statistical_units "StatisticalUnits": Decimal;
        /// Statistical value.
        STATISTICAL_VALUE statistical_value "StatisticalValue": Decimal;
        /// What is in stock, in all warehouses together.
        STOCK stock "Stock": Decimal;
        /// Description of Unit.
        UNIT_DESCRIPTION unit_description "UnitDescription": String;
        /// Type of unit: A=Area, L=Length, O=Other, T=Time, V=Volume, W=Weight.
        UNIT_TYPE unit_type "UnitType": String;
        /// Use explosion.
        USE_EXPLOSION use_explosion "UseExplosion": u8;
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable, feed_only];
    }
}

impl crate::entity::Read for Item {
    type Key = Guid;
}

impl crate::entity::Feed for Item {
    const FEED: &'static str = "sync/Logistics/Items";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for Item {
    const BULK: &'static str = "bulk/Logistics/Items";
}

impl crate::entity::Create for Item {
    type New = NewItem;
}

impl crate::entity::Update for Item {
    type Patch = ItemPatch;
}

impl crate::entity::Delete for Item {}

impl NewItem {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(code: impl Into<String>, description: impl Into<String>) -> Self {
        Self { code: Some(code.into()), description: Some(description.into()), ..Self::default() }
    }
}
