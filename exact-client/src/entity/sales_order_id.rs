//! A sales order by its id, as an action names it.

use super::macros::entity;
use crate::id::Guid;

entity! {
    /// A sales order by its id alone, as [`InvoiceSalesOrder`](crate::InvoiceSalesOrder) names it.
    SalesOrderId at "salesinvoice/InvoiceSalesOrders" key "ID";
    verbs [];
    new NewSalesOrderId;
    write {
        /// The id of the order.
        ID id "ID": Guid [required, links("salesorder/SalesOrders")];
    }
    read {}
}

impl NewSalesOrderId {
    /// That order.
    #[must_use]
    pub fn new(id: Guid) -> Self {
        Self { id: Some(id) }
    }
}
