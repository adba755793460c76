// Written by the entity-generator; change its input and run it again.

use rust_decimal::Decimal;

use crate::entity::macros::entity;
use crate::odata::WallTime;

entity! {
    /// A currency, by its code.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=GeneralCurrencies)
    Currency at "general/Currencies" key "Code";
    verbs [Read];
    read {
        /// The code, such as `EUR`.
        CODE code "Code": String [filterable];
        /// Amount precision.
        AMOUNT_PRECISION amount_precision "AmountPrecision": Decimal [filterable];
        /// When it was created.
        CREATED created "Created": WallTime [filterable];
        /// Description.
        DESCRIPTION description "Description": String [filterable];
        /// When it was changed last.
        MODIFIED modified "Modified": WallTime [filterable];
        /// Price precision.
        PRICE_PRECISION price_precision "PricePrecision": Decimal [filterable];
    }
}

impl crate::entity::Read for Currency {
    type Key = String;
}
