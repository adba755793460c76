// Written by the entity-generator; change its input and run it again.

use chrono::NaiveDate;

use crate::entity::PriceListPeriodType;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// A period of a price list: from when to when its volume discounts hold, and in which currency.
    ///
    /// There is no feed of it.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SalesSalesPriceListPeriods)
    SalesPriceListPeriod at "sales/SalesPriceListPeriods" key "ID";
    verbs [Read];
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// The user who created it.
        CREATOR creator "Creator": Guid [filterable];
        /// The currency of the prices.
        CURRENCY currency "Currency": String [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// The last day on which the prices hold; empty where there is none.
        END_DATE end_date "EndDate": NaiveDate [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// The user who changed it last.
        MODIFIER modifier "Modifier": Guid [filterable];
        /// The name of the user who changed it last.
        MODIFIER_FULL_NAME modifier_full_name "ModifierFullName": String [filterable];
        /// The price list, as [`Account::price_list`](crate::Account::price_list) names it.
        PRICE_LIST price_list "PriceList": Guid [filterable];
        /// The first day on which the prices hold.
        START_DATE start_date "StartDate": NaiveDate [filterable];
        /// Whether it is the basic one or a special offer.
        TYPE kind "Type": PriceListPeriodType [filterable];
    }
}

impl crate::entity::Read for SalesPriceListPeriod {
    type Key = Guid;
}
