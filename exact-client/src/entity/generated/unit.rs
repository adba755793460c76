// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::id::Guid;

entity! {
    /// A unit in which items are counted.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=LogisticsUnits)
    Unit at "logistics/Units" key "ID";
    verbs [Read];
    read {
        /// The id.
        ID id "ID": Guid [filterable];
        /// Active.
        ACTIVE active "Active": bool [filterable];
        /// Code.
        CODE code "Code": String [filterable];
        /// Description.
        DESCRIPTION description "Description": String [filterable];
        /// The division.
        DIVISION division "Division": i32 [filterable];
        /// Main.
        MAIN main "Main": u8 [filterable];
        /// Time unit.
        TIME_UNIT time_unit "TimeUnit": String [filterable];
        /// Type.
        TYPE kind "Type": String [filterable];
    }
}

impl crate::entity::Read for Unit {
    type Key = Guid;
}
