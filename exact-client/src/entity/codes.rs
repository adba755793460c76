//! The codes behind statuses and types, by name. What Exact adds later is kept as it came.

use super::open::{open_number, open_text};

open_text! {
    /// What an account is to the company.
    AccountStatus {
        /// A customer.
        Customer = "C",
        /// A prospect.
        Prospect = "P",
        /// A suspect: somebody who may become a prospect.
        Suspect = "S",
        /// None of these.
        None = "A",
    }
}

open_number! {
    /// What an address is for.
    AddressType: Int16 {
        /// Visits.
        Visit = 1,
        /// Post.
        Postal = 2,
        /// Invoices.
        Invoice = 3,
        /// Deliveries.
        Delivery = 4,
    }
}

open_number! {
    /// How far an order, its delivery or its invoicing is.
    OrderStatus: Int16 {
        /// Nothing yet.
        Open = 12,
        /// A part.
        Partial = 20,
        /// All of it.
        Complete = 21,
        /// It will not happen.
        Cancelled = 45,
    }
}

open_number! {
    /// Whether a sales order is approved.
    ApprovalStatus: Int16 {
        /// Somebody has to.
        Awaiting = 0,
        /// It needed nobody.
        Automatic = 1,
        /// Somebody did. Writing this approves the order, if the user may do that.
        Approved = 2,
    }
}

open_number! {
    /// How far a sales invoice is.
    SalesInvoiceStatus: Int16 {
        /// A draft.
        Draft = 10,
        /// Entered, and open to changes.
        Open = 20,
        /// Booked; it cannot be changed any more.
        Processed = 50,
    }
}

open_number! {
    /// What a sales invoice is.
    SalesInvoiceType: Int32 {
        /// An invoice.
        Invoice = 8020,
        /// A credit note.
        CreditNote = 8021,
        /// An invoice that delivers from stock. In large packages of Exact alone.
        DirectInvoice = 8023,
        /// A credit note that takes back into stock. In large packages of Exact alone.
        DirectCreditNote = 8024,
    }
}

open_number! {
    /// How many invoices are made of several orders.
    InvoiceCreateMode: Int32 {
        /// One per customer.
        PerCustomer = 0,
        /// One per order.
        PerOrder = 1,
    }
}

open_number! {
    /// What of an order is invoiced.
    InvoiceMode: Int32 {
        /// What was delivered.
        Delivered = 0,
        /// What was ordered.
        Ordered = 1,
    }
}

open_number! {
    /// How far a quotation is.
    QuotationStatus: Int16 {
        /// The customer does not want it.
        Rejected = 5,
        /// There is a newer version.
        ReviewedAndClosed = 6,
        /// Being recovered.
        Recovery = 10,
        /// A draft.
        Draft = 20,
        /// Open.
        Open = 25,
        /// Being worked on by Exact.
        Processing = 35,
        /// Printed.
        Printed = 40,
        /// The customer wants it.
        Accepted = 50,
        /// The customer is asked online.
        AwaitingOnlineAcceptance = 60,
        /// Accepted, and something went wrong afterwards.
        AcceptedWithError = 70,
    }
}

open_number! {
    /// How an opportunity stands.
    OpportunityStatus: Int32 {
        /// Open.
        Open = 1,
        /// Won.
        Won = 2,
        /// Lost.
        Lost = 3,
    }
}

open_number! {
    /// How far the payment of a term is.
    PaymentTermStatus: Int16 {
        /// Nothing is paid.
        Open = 20,
        /// Chosen for collection.
        Selected = 30,
        /// The collection is sent.
        Processed = 40,
        /// Paid, and matched with the payment.
        Matched = 50,
    }
}

open_number! {
    /// Who owes a payment term.
    PaymentTermType: Int16 {
        /// A customer.
        Receivable = 20,
        /// The company.
        Payable = 22,
    }
}

open_number! {
    /// What counts in a row of a price list.
    PriceEntryMethod: Int32 {
        /// The discount, off the base price.
        Discount = 1,
        /// The new price.
        NewPrice = 2,
    }
}

open_number! {
    /// What a period of a price list is for.
    PriceListPeriodType: Int16 {
        /// The prices that hold where there is no special offer.
        Basic = 1,
        /// A special offer.
        SpecialOffer = 2,
    }
}

open_text! {
    /// How something is paid.
    PaymentMethod {
        /// On credit.
        OnCredit = "B",
        /// By collection.
        Collection = "I",
        /// In cash.
        Cash = "K",
        /// By card.
        Card = "V",
    }
}

open_text! {
    /// How the VAT of a code is reckoned.
    VatCalculation {
        /// 0 %, and the amount is reported.
        BaseOnly = "B",
        /// On top of the price.
        Excluding = "E",
        /// Within the price.
        Including = "I",
        /// None.
        None = "N",
    }
}

open_text! {
    /// What a VAT code is for.
    VatTransactionType {
        /// Purchase and sales.
        Both = "B",
        /// Purchase.
        Purchase = "P",
        /// Sales.
        Sales = "S",
    }
}

open_number! {
    /// What sort of document it is. `documents/DocumentTypes` lists all of them, a company's own too.
    DocumentType: Int32 {
        /// A sales invoice.
        SalesInvoice = 10,
        /// Something else.
        Miscellaneous = 55,
    }
}

open_text! {
    /// What a webhook tells. Exact's reference does not list them; these are confirmed by those who use them. Lines
    /// tell the topic of their header.
    WebhookTopic {
        /// Accounts.
        Accounts = "Accounts",
        /// Bank accounts of accounts.
        BankAccounts = "BankAccounts",
        /// Contacts.
        Contacts = "Contacts",
        /// Attachments of documents.
        DocumentAttachments = "DocumentAttachments",
        /// Documents.
        Documents = "Documents",
        /// Bookings.
        FinancialTransactions = "FinancialTransactions",
        /// Deliveries of goods.
        GoodsDeliveries = "GoodsDeliveries",
        /// Items.
        Items = "Items",
        /// Opportunities.
        Opportunities = "Opportunities",
        /// Quotations.
        Quotations = "Quotations",
        /// Sales invoices.
        SalesInvoices = "SalesInvoices",
        /// Sales orders.
        SalesOrders = "SalesOrders",
        /// What is in stock.
        StockPositions = "StockPositions",
    }
}

open_text! {
    /// The feeds for which Exact tells a [starting timestamp](crate::DivisionApi::sync_timestamp). The others are read
    /// from the start.
    SyncEndpoint {
        /// Headers of quotations.
        QuotationHeaders = "QuotationHeaders",
        /// Lines of quotations.
        QuotationLines = "QuotationLines",
        /// Lines of bookings.
        TransactionLines = "TransactionLines",
        /// Sales invoices.
        SalesInvoices = "SalesInvoices",
        /// Deliveries of goods.
        GoodsDeliveries = "GoodsDeliveries",
        /// Lines of deliveries of goods.
        GoodsDeliveryLines = "GoodsDeliveryLines",
        /// Headers of sales orders.
        SalesOrderHeaders = "SalesOrderHeaders",
        /// Lines of sales orders.
        SalesOrderLines = "SalesOrderLines",
        /// Projects.
        Projects = "Projects",
        /// Purchase orders.
        PurchaseOrders = "PurchaseOrders",
        /// Subscriptions.
        Subscriptions = "Subscriptions",
        /// Lines of subscriptions.
        SubscriptionLines = "SubscriptionLines",
    }
}
