// Written by the entity-generator; change its input and run it again.

use crate::entity::macros::entity;
use crate::odata::WallTime;

entity! {
    /// Where in a feed the changes of a day begin. Read it with
    /// [`DivisionApi::sync_timestamp`](crate::DivisionApi::sync_timestamp).
    SyncTimestamp at "read/sync/Sync/SyncTimestamp" key "Modified";
    verbs [Read];
    read {
        /// When the record behind the timestamp was changed.
        MODIFIED modified "Modified": WallTime;
        /// The feed.
        API api "API": String;
        /// The timestamp.
        TIME_STAMP_AS_BIG_INT time_stamp_as_big_int "TimeStampAsBigInt": i64;
    }
}

impl crate::entity::Read for SyncTimestamp {
    type Key = WallTime;
}
