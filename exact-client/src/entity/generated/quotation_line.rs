// Written by the entity-generator; change its input and run it again.

use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::{Code, WallTime};

entity! {
    /// A line of a quotation.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=CRMQuotationLines)
    QuotationLine at "crm/QuotationLines" feed "sync/CRM/QuotationLines" bulk "bulk/CRM/QuotationLines" key "ID";
    verbs [Read, Create, Update, Delete];
    new NewQuotationLine;
    patch QuotationLinePatch;
    write {
        /// By default this contains the item description.
        DESCRIPTION description "Description": String [filterable_plain];
        /// The discount as a fraction.
        DISCOUNT discount "Discount": Decimal [filterable_plain];
        /// Reference to the item that is sold in this quotation line.
        ITEM item "Item": Guid [filterable, required, links("logistics/Items")];
        /// Net price of the quotation line.
        NET_PRICE net_price "NetPrice": Decimal [filterable_plain];
        /// Extra notes.
        NOTES notes "Notes": String [filterable_plain];
        /// The number of items sold in default units. The quantity shown in the entry screen is Quantity * UnitFactor.
        QUANTITY quantity "Quantity": Decimal [filterable_plain];
        /// Code of the item unit.
        UNIT_CODE unit_code "UnitCode": String [filterable_plain];
        /// Price per item unit.
        UNIT_PRICE unit_price "UnitPrice": Decimal [filterable_plain];
        /// The VAT code that is used when the quotation is invoiced.
        VAT_CODE vat_code "VATCode": Code [filterable, right(3)];
    }
    create {
        /// The quotation; left out where the line is created together with it.
        QUOTATION_ID quotation_id "QuotationID": Guid [filterable, links("crm/Quotations")];
    }
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// The amount in the division's currency.
        AMOUNT_DC amount_dc "AmountDC": Decimal [filterable_plain];
        /// The amount in the record's own currency.
        AMOUNT_FC amount_fc "AmountFC": Decimal [filterable_plain];
        /// Reference to Cost center.
        COST_CENTER cost_center "CostCenter": String [filterable_plain];
        /// Description of CostCenter.
        COST_CENTER_DESCRIPTION cost_center_description "CostCenterDescription": String [filterable_plain];
        /// Reference to Cost unit.
        COST_UNIT cost_unit "CostUnit": String [filterable_plain];
        /// Description of CostUnit.
        COST_UNIT_DESCRIPTION cost_unit_description "CostUnitDescription": String [filterable_plain];
        /// Code the customer uses for this item.
        CUSTOMER_ITEM_CODE customer_item_code "CustomerItemCode": String [filterable_plain];
        /// The division.
        DIVISION division "Division": i32 [filterable_plain];
        /// Description of the item.
        ITEM_DESCRIPTION item_description "ItemDescription": String [filterable_plain];
        /// Indicates the sequence of the lines within one quotation.
        LINE_NUMBER line_number "LineNumber": i32 [filterable];
        /// Indicates the optional line.
        OPTIONAL optional "Optional": bool [filterable_plain];
        /// Unique number to indentify the quotation.
        QUOTATION_NUMBER quotation_number "QuotationNumber": i32 [filterable];
        /// Description of the item unit.
        UNIT_DESCRIPTION unit_description "UnitDescription": String [filterable_plain];
        /// VAT amount of the line in the currency of the transaction.
        VAT_AMOUNT_FC vat_amount_fc "VATAmountFC": Decimal [filterable_plain];
        /// Description of the VAT code.
        VAT_DESCRIPTION vat_description "VATDescription": String [filterable_plain];
        /// The VAT percentage of the VAT code.
        VAT_PERCENTAGE vat_percentage "VATPercentage": Decimal [filterable_plain];
        /// Number indicating the different reviews which are made for the quotation.
        VERSION_NUMBER version_number "VersionNumber": i32 [filterable, not_in_feed];
        /// Where it stands in the division's order of changes. In the sync feed only.
        TIMESTAMP timestamp "Timestamp": i64 [filterable_plain, feed_only];
        /// Discount amount in the currency of the transaction.
        AMOUNT_DISCOUNT amount_discount "AmountDiscount": Decimal [feed_only];
        /// Discount amount excluding VAT in the currency of the transaction.
        AMOUNT_DISCOUNT_EXCL_VAT amount_discount_excl_vat "AmountDiscountExclVat": Decimal [feed_only];
        /// When it was created.
        CREATED created "Created": WallTime [feed_only];
        /// The user who created it.
        CREATOR creator "Creator": Guid [feed_only];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [feed_only];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [feed_only];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [feed_only];
    }
}

impl crate::entity::Read for QuotationLine {
    type Key = Guid;
}

impl crate::entity::Feed for QuotationLine {
    const FEED: &'static str = "sync/CRM/QuotationLines";

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.id
    }
}

impl crate::entity::Bulk for QuotationLine {
    const BULK: &'static str = "bulk/CRM/QuotationLines";
}

impl crate::entity::Create for QuotationLine {
    type New = NewQuotationLine;
}

impl crate::entity::Update for QuotationLine {
    type Patch = QuotationLinePatch;
}

impl crate::entity::Delete for QuotationLine {}

impl NewQuotationLine {
    /// With all that Exact insists on.
    #[must_use]
    pub fn new(item: Guid) -> Self {
        Self { item: Some(item), ..Self::default() }
    }
}
