//! The resources that are served.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::rules::terms::MATCHED_AMOUNT;
use super::schema::{Edm, Entity, Filters, Kind, Property, Resource, Rows, Verbs};
use super::system_tables;
use super::tables::{
    accounts, addresses, bank_accounts, contacts, currencies, document_attachments, documents, gl_accounts,
    goods_deliveries, goods_delivery_lines, item_groups, items, journals, opportunities, payment_conditions,
    quotation_lines, quotations, receivables, sales_invoice_lines, sales_invoices, sales_item_prices,
    sales_order_lines, sales_orders, sales_price_list_periods, sales_price_list_volume_discounts,
    sales_price_lists, units, vat_codes, warehouses, webhook_subscriptions,
};

pub(super) static ACCOUNT: &Entity = &accounts::ENTITY;

const POST_PUT: Verbs = Verbs { delete: false, ..Verbs::ALL };
const POST_DELETE: Verbs = Verbs { put: false, ..Verbs::ALL };
const POST: Verbs = Verbs { post: true, ..Verbs::NONE };
const PUT: Verbs = Verbs { put: true, ..Verbs::NONE };

static STAMPED: &[Property] = &[Property::new("Timestamp", Edm::Int64)];

static DELETED: Entity = Entity {
    type_name: "Exact.Web.Api.Models.Sync.DeletedEntity",
    key: "Timestamp",
    properties: system_tables::DELETED,
    ..Entity::PLAIN
};

static DIVISION: Entity = Entity {
    type_name: "Exact.Web.Api.Models.System.Division",
    key: "Code",
    properties: system_tables::DIVISION,
    ..Entity::PLAIN
};

static HRM_DIVISION: Entity = Entity {
    type_name: "Exact.Web.Api.Models.HRM.Division",
    key: "Code",
    properties: system_tables::HRM_DIVISION,
    ..Entity::PLAIN
};

static USER: Entity = Entity {
    type_name: "Exact.Web.Api.Models.System.Me",
    key: "UserID",
    properties: system_tables::ME,
    ..Entity::PLAIN
};

/// `current/Me`, the one resource without a division.
pub(super) static ME: Resource = Resource {
    path: "Me",
    entity: &USER,
    rows: Rows::Me,
    page: 60,
    filters: Filters::Any,
    wants_select: false,
    verbs: Verbs::NONE,
};

/// The same entity, as its feed shows it.
const fn feed(
    entity: &Entity,
    type_name: &'static str,
    extra: &'static [Property],
    without: &'static [&'static str],
) -> Entity {
    Entity {
        type_name,
        kind: entity.kind,
        key: "Timestamp",
        properties: entity.properties,
        extra,
        without,
        ..Entity::PLAIN
    }
}

static ACCOUNT_FEED: Entity =
    feed(&accounts::ENTITY, "Exact.Web.Api.Models.Sync.CRM.AccountSync", STAMPED, &[]);
static CONTACT_FEED: Entity =
    feed(&contacts::ENTITY, "Exact.Web.Api.Models.Sync.CRM.ContactSync", STAMPED, &[]);
static ADDRESS_FEED: Entity =
    feed(&addresses::ENTITY, "Exact.Web.Api.Models.Sync.CRM.AddressSync", STAMPED, &[]);
static QUOTATION_FEED: Entity = feed(
    &quotations::ENTITY,
    "Exact.Web.Api.Models.Sync.CRM.QuotationHeaderSync",
    &[
        Property::new("Timestamp", Edm::Int64),
        Property::new("ID", Edm::Guid),
        Property::new("Discount", Edm::Double),
        Property::new("Notes", Edm::String),
    ],
    &[
        "QuotationLines",
        "QuotationOrderChargeLines",
        "VATAmountFC",
        "WarehouseCode",
        "WarehouseDescription",
        "WarehouseID",
    ],
);
static QUOTATION_LINE_FEED: Entity = feed(
    &quotation_lines::ENTITY,
    "Exact.Web.Api.Models.Sync.CRM.QuotationLineSync",
    &[
        Property::new("Timestamp", Edm::Int64),
        Property::new("AmountDiscount", Edm::Double),
        Property::new("AmountDiscountExclVat", Edm::Double),
        Property::new("Created", Edm::DateTime),
        Property::new("Creator", Edm::Guid),
        Property::new("Modified", Edm::DateTime),
        Property::new("Modifier", Edm::Guid),
        Property::new("ModifierFullName", Edm::String),
    ],
    &["VersionNumber"],
);
static ITEM_FEED: Entity = feed(
    &items::ENTITY,
    "Exact.Web.Api.Models.Sync.Logistics.ItemSync",
    STAMPED,
    &["IsBatchNumberItem", "IsSerialNumberItem", "StandardSalesPrice"],
);
static PRICE_FEED: Entity =
    feed(&sales_item_prices::ENTITY, "Exact.Web.Api.Models.Sync.Logistics.SalesItemPriceSync", STAMPED, &[]);
static PRICE_LIST_FEED: Entity = feed(
    &sales_price_list_volume_discounts::ENTITY,
    "Exact.Web.Api.Models.Sync.Sales.SalesPriceListVolumeDiscountSync",
    STAMPED,
    &["SalesUnit"],
);
static GL_ACCOUNT_FEED: Entity =
    feed(&gl_accounts::ENTITY, "Exact.Web.Api.Models.Sync.Financial.GLAccountSync", STAMPED, &[]);
/// Its `ID` is a header's key, which has another name there.
static ORDER_FEED: Entity = feed(
    &sales_orders::ENTITY,
    "Exact.Web.Api.Models.Sync.SalesOrder.SalesOrderHeaderSync",
    &[
        Property::new("Timestamp", Edm::Int64),
        Property::new("ID", Edm::Guid),
        Property::new("Notes", Edm::String),
        Property::new("Project", Edm::Guid),
        Property::new("ProjectCode", Edm::String),
        Property::new("ProjectDescription", Edm::String),
        Property::new("ShippingMethodCode", Edm::String),
        Property::new("VATAmount", Edm::Double),
        Property::new("VATCode", Edm::String),
        Property::new("VATCodeDescription", Edm::String),
    ],
    &[
        "SalesOrderLines",
        "SalesOrderOrderChargeLines",
        "TaxSchedule",
        "TaxScheduleCode",
        "TaxScheduleDescription",
    ],
);
static ORDER_LINE_FEED: Entity = feed(
    &sales_order_lines::ENTITY,
    "Exact.Web.Api.Models.Sync.SalesOrder.SalesOrderLineSync",
    &[
        Property::new("Timestamp", Edm::Int64),
        Property::new("Created", Edm::DateTime),
        Property::new("Creator", Edm::Guid),
        Property::new("DeliveryStatusDescription", Edm::String),
        Property::new("InvoiceStatusDescription", Edm::String),
        Property::new("Modified", Edm::DateTime),
        Property::new("Modifier", Edm::Guid),
        Property::new("ModifierFullName", Edm::String),
        Property::new("ProjectCode", Edm::String),
        Property::new("ShopOrderNumber", Edm::Int32),
        Property::new("Status", Edm::Int16),
        Property::new("StatusDescription", Edm::String),
    ],
    &["OrderStatus", "TaxSchedule", "TaxScheduleCode", "TaxScheduleDescription"],
);
static DELIVERY_FEED: Entity = feed(
    &goods_deliveries::ENTITY,
    "Exact.Web.Api.Models.Sync.SalesOrder.GoodsDeliverySync",
    STAMPED,
    &["GoodsDeliveryLines"],
);
static DELIVERY_LINE_FEED: Entity = feed(
    &goods_delivery_lines::ENTITY,
    "Exact.Web.Api.Models.Sync.SalesOrder.GoodsDeliveryLineSync",
    STAMPED,
    &[],
);
/// Header rows and line rows in one stream: the line's properties, and of the header what a line lacks.
static INVOICE_FEED: Entity = feed(
    &sales_invoice_lines::ENTITY,
    "Exact.Web.Api.Models.Sync.SalesInvoice.SalesInvoiceSync",
    system_tables::INVOICE_FEED_HEADER,
    &[],
);
static TERM_FEED: Entity = feed(
    &receivables::ENTITY,
    "Exact.Web.Api.Models.Sync.Cashflow.PaymentTermSync",
    &[
        Property::new("Timestamp", Edm::Int64),
        Property::new("ApprovalStatus", Edm::Int16),
        Property::new("LineType", Edm::Int16).not_null(),
        Property::new("PaymentBatchNumber", Edm::Int32),
        Property::new("PaymentSelected", Edm::DateTime),
        Property::new("PaymentSelector", Edm::Guid),
        Property::new("PaymentSelectorFullName", Edm::String),
    ],
    &[],
);
static DOCUMENT_FEED: Entity = feed(
    &documents::ENTITY,
    "Exact.Web.Api.Models.Sync.Documents.DocumentSync",
    &[
        Property::new("Timestamp", Edm::Int64),
        Property::new("ItemMaterial", Edm::Guid),
        Property::new("ItemRoutingStep", Edm::Guid),
    ],
    &[],
);
static ATTACHMENT_FEED: Entity = feed(
    &document_attachments::ENTITY,
    "Exact.Web.Api.Models.Sync.Documents.DocumentAttachmentSync",
    STAMPED,
    &[],
);
/// The bulk twin of order lines knows nothing of their progress.
static ORDER_LINE_BULK: Entity = Entity {
    type_name: "Exact.Web.Api.Models.SalesOrder.SalesOrderLine",
    kind: sales_order_lines::ENTITY.kind,
    properties: sales_order_lines::ENTITY.properties,
    without: &[
        "DeliveryStatus",
        "InvoiceStatus",
        "Margin",
        "OrderStatus",
        "QuantityDelivered",
        "QuantityInvoiced",
        "TaxSchedule",
        "TaxScheduleCode",
        "TaxScheduleDescription",
    ],
    ..Entity::PLAIN
};

/// An ordinary list of 60 rows a page.
const fn list(path: &'static str, entity: &'static Entity, filters: Filters, verbs: Verbs) -> Resource {
    Resource { path, entity, rows: Rows::Table, page: 60, filters, wants_select: true, verbs }
}

/// Its twin with pages of 1,000.
const fn bulk(path: &'static str, entity: &'static Entity, filters: Filters) -> Resource {
    Resource { path, entity, rows: Rows::Table, page: 1_000, filters, wants_select: true, verbs: Verbs::NONE }
}

/// A feed, filtered on `Timestamp` alone.
const fn sync(path: &'static str, entity: &'static Entity) -> Resource {
    Resource {
        path,
        entity,
        rows: Rows::Feed,
        page: 1_000,
        filters: Filters::Only(&["Timestamp"]),
        wants_select: false,
        verbs: Verbs::NONE,
    }
}

static RESOURCES: &[Resource] = &[
    list("crm/Accounts", &accounts::ENTITY, Filters::Approved, Verbs::ALL),
    list("crm/Contacts", &contacts::ENTITY, Filters::Any, Verbs::ALL),
    list("crm/Addresses", &addresses::ENTITY, Filters::Any, Verbs::ALL),
    list("crm/BankAccounts", &bank_accounts::ENTITY, Filters::Any, Verbs::ALL),
    list("crm/Quotations", &quotations::ENTITY, Filters::Any, Verbs::ALL),
    list("crm/QuotationLines", &quotation_lines::ENTITY, Filters::Any, Verbs::ALL),
    list("crm/Opportunities", &opportunities::ENTITY, Filters::Any, Verbs::ALL),
    list("logistics/Items", &items::ENTITY, Filters::Approved, Verbs::ALL),
    list("logistics/ItemGroups", &item_groups::ENTITY, Filters::Any, Verbs::NONE),
    list("logistics/SalesItemPrices", &sales_item_prices::ENTITY, Filters::Any, Verbs::ALL),
    list("logistics/Units", &units::ENTITY, Filters::Any, Verbs::NONE),
    list("vat/VATCodes", &vat_codes::ENTITY, Filters::Any, Verbs::ALL),
    list("cashflow/PaymentConditions", &payment_conditions::ENTITY, Filters::Any, POST),
    list("cashflow/Receivables", &receivables::ENTITY, Filters::Any, PUT),
    list("financial/Journals", &journals::ENTITY, Filters::Any, Verbs::ALL),
    list("financial/GLAccounts", &gl_accounts::ENTITY, Filters::Any, Verbs::ALL),
    list("general/Currencies", &currencies::ENTITY, Filters::Any, Verbs::NONE),
    list("inventory/Warehouses", &warehouses::ENTITY, Filters::Any, Verbs::ALL),
    list("salesorder/SalesOrders", &sales_orders::ENTITY, Filters::Approved, Verbs::ALL),
    list("salesorder/SalesOrderLines", &sales_order_lines::ENTITY, Filters::Approved, Verbs::ALL),
    list("salesorder/GoodsDeliveries", &goods_deliveries::ENTITY, Filters::Any, POST_PUT),
    // Lines come into being with their delivery alone.
    list("salesorder/GoodsDeliveryLines", &goods_delivery_lines::ENTITY, Filters::Any, PUT),
    list("sales/SalesPriceLists", &sales_price_lists::ENTITY, Filters::Any, Verbs::NONE),
    list("sales/SalesPriceListPeriods", &sales_price_list_periods::ENTITY, Filters::Any, Verbs::NONE),
    list(
        "sales/SalesPriceListVolumeDiscounts",
        &sales_price_list_volume_discounts::ENTITY,
        Filters::Any,
        Verbs::NONE,
    ),
    list("salesinvoice/SalesInvoices", &sales_invoices::ENTITY, Filters::Approved, Verbs::ALL),
    list("salesinvoice/SalesInvoiceLines", &sales_invoice_lines::ENTITY, Filters::Approved, Verbs::ALL),
    list("documents/Documents", &documents::ENTITY, Filters::Any, Verbs::ALL),
    list("documents/DocumentAttachments", &document_attachments::ENTITY, Filters::Any, POST_DELETE),
    // PUT is documented, and refused in practice.
    list("webhooks/WebhookSubscriptions", &webhook_subscriptions::ENTITY, Filters::Any, POST_DELETE),
    bulk("bulk/CRM/Accounts", &accounts::ENTITY, Filters::Approved),
    bulk(
        "bulk/CRM/Contacts",
        &contacts::ENTITY,
        Filters::Only(&["Account", "ID", "IdentificationDocument", "IdentificationUser", "Person"]),
    ),
    bulk(
        "bulk/CRM/Addresses",
        &addresses::ENTITY,
        Filters::Only(&["Account", "Contact", "ID", "Main", "Type", "Warehouse"]),
    ),
    bulk("bulk/CRM/Quotations", &quotations::ENTITY, Filters::Any),
    bulk(
        "bulk/CRM/QuotationLines",
        &quotation_lines::ENTITY,
        Filters::Only(&["Item", "LineNumber", "QuotationID", "QuotationNumber", "VersionNumber", "VATCode"]),
    ),
    bulk(
        "bulk/Cashflow/Receivables",
        &receivables::ENTITY,
        Filters::Only(&[
            "Account",
            "Document",
            "EndDate",
            "EndToEndID",
            "EntryDate",
            "EntryID",
            "GLAccount",
            "ID",
            "InvoiceDate",
            "InvoiceNumber",
            "Source",
            "Status",
            "TransactionID",
            "TransactionType",
        ]),
    ),
    bulk("bulk/Documents/Documents", &documents::ENTITY, Filters::Only(DOCUMENT_FILTERS)),
    bulk(
        "bulk/Documents/DocumentAttachments",
        &document_attachments::ENTITY,
        Filters::Only(&["Document", "ID"]),
    ),
    bulk("bulk/Financial/GLAccounts", &gl_accounts::ENTITY, Filters::Any),
    bulk("bulk/Logistics/Items", &items::ENTITY, Filters::Approved),
    bulk(
        "bulk/Logistics/SalesItemPrices",
        &sales_item_prices::ENTITY,
        Filters::Only(&["Account", "EndDate", "ID", "Item", "Price", "Quantity", "StartDate", "Unit"]),
    ),
    bulk("bulk/SalesInvoice/SalesInvoices", &sales_invoices::ENTITY, Filters::Approved),
    bulk("bulk/SalesInvoice/SalesInvoiceLines", &sales_invoice_lines::ENTITY, Filters::Approved),
    bulk("bulk/SalesOrder/SalesOrders", &sales_orders::ENTITY, Filters::Approved),
    bulk("bulk/SalesOrder/SalesOrderLines", &ORDER_LINE_BULK, Filters::Approved),
    bulk(
        "bulk/SalesOrder/GoodsDeliveries",
        &goods_deliveries::ENTITY,
        Filters::Only(&["Document", "EntryID", "Warehouse"]),
    ),
    bulk(
        "bulk/SalesOrder/GoodsDeliveryLines",
        &goods_delivery_lines::ENTITY,
        Filters::Only(&["EntryID", "ID", "Item"]),
    ),
    sync("sync/CRM/Accounts", &ACCOUNT_FEED),
    sync("sync/CRM/Contacts", &CONTACT_FEED),
    sync("sync/CRM/Addresses", &ADDRESS_FEED),
    sync("sync/CRM/QuotationHeaders", &QUOTATION_FEED),
    sync("sync/CRM/QuotationLines", &QUOTATION_LINE_FEED),
    sync("sync/Logistics/Items", &ITEM_FEED),
    sync("sync/Logistics/SalesItemPrices", &PRICE_FEED),
    sync("sync/Sales/SalesPriceListVolumeDiscounts", &PRICE_LIST_FEED),
    sync("sync/Financial/GLAccounts", &GL_ACCOUNT_FEED),
    sync("sync/SalesOrder/SalesOrderHeaders", &ORDER_FEED),
    sync("sync/SalesOrder/SalesOrderLines", &ORDER_LINE_FEED),
    sync("sync/SalesOrder/GoodsDeliveries", &DELIVERY_FEED),
    sync("sync/SalesOrder/GoodsDeliveryLines", &DELIVERY_LINE_FEED),
    Resource { rows: Rows::InvoiceFeed, ..sync("sync/SalesInvoice/SalesInvoices", &INVOICE_FEED) },
    sync("sync/Cashflow/PaymentTerms", &TERM_FEED),
    sync("sync/Documents/Documents", &DOCUMENT_FEED),
    sync("sync/Documents/DocumentAttachments", &ATTACHMENT_FEED),
    Resource {
        rows: Rows::Deleted,
        filters: Filters::Only(&["Timestamp", "EntityType"]),
        ..sync("sync/Deleted", &DELETED)
    },
    Resource {
        rows: Rows::Divisions,
        wants_select: false,
        ..list("system/Divisions", &DIVISION, Filters::Any, Verbs::NONE)
    },
    Resource {
        rows: Rows::Divisions,
        wants_select: false,
        ..list("system/AllDivisions", &DIVISION, Filters::Any, Verbs::NONE)
    },
    Resource {
        rows: Rows::Divisions,
        wants_select: false,
        ..list("hrm/Divisions", &HRM_DIVISION, Filters::Any, Verbs::NONE)
    },
];

const DOCUMENT_FILTERS: &[&str] = &[
    "Account",
    "Category",
    "Contact",
    "Created",
    "Creator",
    "Division",
    "DocumentDate",
    "DocumentFolder",
    "FinancialTransactionEntryID",
    "HID",
    "ID",
    "Modified",
    "Opportunity",
    "Project",
    "SalesInvoiceNumber",
    "Subject",
    "Type",
];

/// Resource names are case-sensitive.
pub(super) fn resource(path: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.path == path)
}

/// The resources that are the entities' own, not their twins.
fn tables() -> impl Iterator<Item = &'static Resource> {
    RESOURCES.iter().filter(|resource| resource.rows == Rows::Table && resource.page == 60)
}

/// The entities that have a table of their own.
pub(super) fn stored_entities() -> impl Iterator<Item = &'static Entity> {
    tables().map(|resource| resource.entity)
}

pub(super) fn entity_of(kind: Kind) -> Option<&'static Entity> {
    stored_entities().find(|entity| entity.kind == kind)
}

/// Where records of this kind are read one by one.
pub(super) fn path_of(kind: Kind) -> Option<&'static str> {
    tables().find(|resource| resource.entity.kind == kind).map(|resource| resource.path)
}

/// A property's name of any resource, for good.
pub(super) fn property_name(name: &str) -> Option<&'static str> {
    static NAMES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
        let resources = RESOURCES.iter().chain([&ME]);
        let properties = resources.flat_map(|resource| resource.entity.properties());
        properties.map(|property| property.name).chain([MATCHED_AMOUNT]).collect()
    });
    NAMES.get(name).copied()
}
