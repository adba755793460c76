use super::macros::entity;
use super::open::open_number;
use crate::id::Guid;
use crate::odata::WallTime;

open_number! {
    /// What was deleted, as the Deleted feed numbers it.
    EntityType {
        /// A line of a transaction.
        TransactionLine = 1,
        /// An account.
        Account = 2,
        /// An address.
        Address = 3,
        /// An attachment.
        Attachment = 4,
        /// A contact.
        Contact = 5,
        /// A document.
        Document = 6,
        /// A general ledger account.
        GlAccount = 7,
        /// A sales price of an item.
        SalesItemPrice = 8,
        /// An item.
        Item = 9,
        /// A payment term.
        PaymentTerm = 10,
        /// A sales invoice.
        SalesInvoice = 13,
        /// A goods delivery.
        GoodsDelivery = 16,
        /// A line of a goods delivery.
        GoodsDeliveryLine = 17,
        /// A project.
        Project = 21,
        /// A sales order.
        SalesOrderHeader = 32,
        /// A line of a sales order.
        SalesOrderLine = 33,
        /// A quotation.
        QuotationHeader = 34,
        /// A line of a quotation.
        QuotationLine = 35,
        /// A bank account.
        BankAccount = 48,
    }
}

entity! {
    /// A deletion. Exact remembers it for two months.
    ///
    /// Read it with [`DivisionApi::deleted`](crate::DivisionApi::deleted). Costs one call per 1,000 rows.
    Deleted at "sync/Deleted" feed "sync/Deleted" key "Timestamp";
    read {
        /// Where the deletion stands in the division's order of changes.
        TIMESTAMP timestamp "Timestamp": i64 [filterable];
        /// The id of the record that was deleted.
        ENTITY_KEY entity_key "EntityKey": Guid;
        /// What was deleted.
        ENTITY_TYPE entity_type "EntityType": EntityType [filterable];
        /// When.
        DELETED_DATE deleted_date "DeletedDate": WallTime;
        /// The user who did it.
        DELETED_BY deleted_by "DeletedBy": Guid;
        /// The division.
        DIVISION division "Division": i32;
        /// The id of this deletion, not of the record.
        ID id "ID": Guid;
    }
}

impl super::Feed for Deleted {
    fn timestamp(&self) -> Option<i64> {
        self.timestamp
    }
}
