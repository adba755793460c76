//! What can be deleted.

use super::open::open_number;

open_number! {
    /// What was deleted, as the Deleted feed numbers it.
    EntityType: Int32 {
        /// A line of a booking.
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
        /// A ledger account.
        GlAccount = 7,
        /// A sales price of an item.
        SalesItemPrice = 8,
        /// An item.
        Item = 9,
        /// A payment term.
        PaymentTerm = 10,
        /// A quotation, from before its header and lines were told apart.
        Quotation = 11,
        /// A sales order, from before its header and lines were told apart.
        SalesOrder = 12,
        /// A sales invoice.
        SalesInvoice = 13,
        /// A time or cost entry.
        TimeCostTransaction = 14,
        /// A stock position.
        StockPosition = 15,
        /// A delivery of goods.
        GoodsDelivery = 16,
        /// A line of a delivery of goods.
        GoodsDeliveryLine = 17,
        /// A classification of ledger accounts.
        GlClassification = 18,
        /// An item in a warehouse.
        ItemWarehouse = 19,
        /// A stock position of a storage location.
        StorageLocationStockPosition = 20,
        /// A project.
        Project = 21,
        /// A purchase order.
        PurchaseOrder = 22,
        /// A subscription.
        Subscription = 23,
        /// A line of a subscription.
        SubscriptionLine = 24,
        /// A part of a project.
        ProjectWbs = 25,
        /// A planning of a project.
        ProjectPlanning = 26,
        /// A day's hours of leave or absence.
        LeaveAbsenceHoursByDay = 27,
        /// A serial or batch number.
        SerialBatchNumber = 28,
        /// A serial or batch number in stock.
        StockSerialBatchNumber = 29,
        /// An item of an account.
        ItemAccount = 30,
        /// A discount table; by all appearances what a price list says of an item.
        DiscountTable = 31,
        /// A sales order.
        SalesOrderHeader = 32,
        /// A line of a sales order.
        SalesOrderLine = 33,
        /// A quotation.
        QuotationHeader = 34,
        /// A line of a quotation.
        QuotationLine = 35,
        /// A shop order.
        ShopOrder = 36,
        /// A material of a shop order.
        ShopOrderMaterialPlan = 37,
        /// A step of a shop order.
        ShopOrderRoutingStepPlan = 38,
        /// A schedule.
        Schedule = 39,
        /// An entry of a schedule.
        ScheduleEntry = 40,
        /// An item at a storage location.
        ItemStorageLocation = 41,
        /// An employee.
        Employee = 42,
        /// An employment.
        Employment = 43,
        /// A contract of employment.
        EmploymentContract = 44,
        /// An organisation of an employment.
        EmploymentOrganization = 45,
        /// A collective agreement of an employment.
        EmploymentCla = 46,
        /// A salary.
        EmploymentSalary = 47,
        /// A bank account.
        BankAccount = 48,
        /// The tax data of an employment.
        EmploymentTaxAuthoritiesGeneral = 49,
        /// A planned purchase of a shop order.
        ShopOrderPurchasePlanning = 50,
        /// A sub-order of a shop order.
        ShopOrderSubOrder = 51,
        /// An issue of a requirement.
        RequirementIssue = 53,
        /// A material of a bill of materials.
        BillOfMaterialMaterial = 54,
        /// A version of a bill of materials.
        BillOfMaterialVersion = 55,
    }
}
