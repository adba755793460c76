// Written by the entity-generator; change its input and run it again.

use crate::entity::EntityType;
use crate::entity::macros::entity;
use crate::id::Guid;
use crate::odata::WallTime;

entity! {
    /// A deletion. Exact remembers it for two months.
    ///
    /// Follow it with [`DivisionApi::follow`](crate::DivisionApi::follow), for all types at once, or read one type with
    /// [`DivisionApi::deleted`](crate::DivisionApi::deleted). Costs one call per 1,000 rows.
    ///
    /// [Reference](https://start.exactonline.nl/docs/HlpRestAPIResourcesDetails.aspx?name=SyncDeleted)
    Deleted at "sync/Deleted" feed "sync/Deleted" key "Timestamp";
    verbs [];
    read {
        /// Where the deletion stands in the division's order of changes.
        TIMESTAMP timestamp "Timestamp": i64 [filterable];
        /// The user who did it.
        DELETED_BY deleted_by "DeletedBy": Guid;
        /// When.
        DELETED_DATE deleted_date "DeletedDate": WallTime;
        /// The division.
        DIVISION division "Division": i32;
        /// The id of the record that was deleted.
        ENTITY_KEY entity_key "EntityKey": Guid;
        /// What was deleted.
        ENTITY_TYPE entity_type "EntityType": EntityType;
        /// The id of this deletion, not of the record.
        ID id "ID": Guid;
    }
}

impl crate::entity::Feed for Deleted {
    const FEED: &'static str = "sync/Deleted";
    const REMEMBERED_DAYS: Option<u16> = Some(59);

    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }

    fn record_id(&self) -> Option<Guid> {
        self.entity_key
    }
}
