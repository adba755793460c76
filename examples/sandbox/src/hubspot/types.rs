//! The kinds of objects: their names, numbers, properties of their own and habits.

use serde::{Deserialize, Serialize};

use super::properties::{Group, Property};

/// A kind of object, built in or made by the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ObjectType {
    /// The plural name, as paths have it.
    pub(super) name: String,
    pub(super) singular: String,
    /// The number, such as `0-2`.
    pub(super) id: String,
    /// What an answer carries when the request names no properties.
    pub(super) defaults: Vec<String>,
    /// The property that holds the moment of the last change.
    pub(super) modified: String,
    pub(super) mergeable: bool,
    /// What `query` of a search looks into.
    pub(super) searched: Vec<String>,
    /// What a create has to carry.
    pub(super) required: Vec<String>,
    /// The scopes of an app begin with it.
    pub(super) scope: String,
    pub(super) custom: bool,
}

impl ObjectType {
    /// Whether a path or a body means this type: by its name, singular or plural, or by its number.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        name == self.name
            || name == self.singular
            || name == self.id
            || (self.custom && name.strip_prefix("p_").is_some_and(|name| name == self.singular))
    }
}

/// Name, label, type, field type; a `!` before the name marks what only HubSpot sets, a `*` what is unique.
type Row = (&'static str, &'static str, &'static str, &'static str);

struct BuiltIn {
    name: &'static str,
    singular: &'static str,
    id: &'static str,
    group: &'static str,
    mergeable: bool,
    defaults: &'static [&'static str],
    searched: &'static [&'static str],
    required: &'static [&'static str],
    rows: &'static [Row],
}

const EVERYWHERE: &[Row] = &[
    ("!hs_object_id", "Record ID", "number", "number"),
    ("!hs_createdate", "Object create date/time", "datetime", "date"),
    ("!hs_merged_object_ids", "Merged record IDs", "enumeration", "checkbox"),
    ("!hs_object_source", "Record creation source", "string", "text"),
    ("!hs_object_source_id", "Record creation source ID", "string", "text"),
    ("hubspot_owner_id", "Owner", "enumeration", "select"),
];

const TYPES: &[BuiltIn] = &[
    BuiltIn {
        name: "contacts",
        singular: "contact",
        id: "0-1",
        group: "contactinformation",
        mergeable: true,
        defaults: &["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
        searched: &["firstname", "lastname", "email", "phone", "company"],
        required: &[],
        rows: &[
            ("*email", "Email", "string", "text"),
            ("firstname", "First name", "string", "text"),
            ("lastname", "Last name", "string", "text"),
            ("phone", "Phone number", "string", "phonenumber"),
            ("mobilephone", "Mobile phone number", "string", "phonenumber"),
            ("jobtitle", "Job title", "string", "text"),
            ("company", "Company name", "string", "text"),
            ("website", "Website URL", "string", "text"),
            ("address", "Street address", "string", "text"),
            ("city", "City", "string", "text"),
            ("state", "State/region", "string", "text"),
            ("zip", "Postal code", "string", "text"),
            ("country", "Country/region", "string", "text"),
            ("hs_additional_emails", "Additional email addresses", "enumeration", "checkbox"),
            ("!associatedcompanyid", "Primary associated company ID", "number", "number"),
            ("!createdate", "Create date", "datetime", "date"),
            ("!lastmodifieddate", "Last modified date", "datetime", "date"),
            ("!hs_calculated_merged_vids", "Merged vids with timestamps", "string", "text"),
        ],
    },
    BuiltIn {
        name: "companies",
        singular: "company",
        id: "0-2",
        group: "companyinformation",
        mergeable: true,
        defaults: &["createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"],
        searched: &["name", "domain", "website", "phone"],
        required: &[],
        rows: &[
            ("name", "Company name", "string", "text"),
            ("domain", "Company domain name", "string", "text"),
            ("phone", "Phone number", "string", "phonenumber"),
            ("website", "Website URL", "string", "text"),
            ("address", "Street address", "string", "text"),
            ("address2", "Street address 2", "string", "text"),
            ("city", "City", "string", "text"),
            ("state", "State/region", "string", "text"),
            ("zip", "Postal code", "string", "text"),
            ("country", "Country/region", "string", "text"),
            ("description", "Description", "string", "textarea"),
            ("numberofemployees", "Number of employees", "number", "number"),
            ("annualrevenue", "Annual revenue", "number", "number"),
            ("lifecyclestage", "Lifecycle stage", "enumeration", "radio"),
            ("!createdate", "Create date", "datetime", "date"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
    BuiltIn {
        name: "deals",
        singular: "deal",
        id: "0-3",
        group: "dealinformation",
        mergeable: true,
        defaults: &[
            "amount",
            "closedate",
            "createdate",
            "dealname",
            "dealstage",
            "hs_lastmodifieddate",
            "hs_object_id",
            "pipeline",
        ],
        searched: &["dealname", "pipeline", "dealstage", "description"],
        required: &[],
        rows: &[
            ("dealname", "Deal name", "string", "text"),
            ("pipeline", "Pipeline", "enumeration", "select"),
            ("dealstage", "Deal stage", "enumeration", "radio"),
            ("amount", "Amount", "number", "number"),
            ("closedate", "Close date", "datetime", "date"),
            ("deal_currency_code", "Currency", "enumeration", "select"),
            ("dealtype", "Deal type", "enumeration", "radio"),
            ("description", "Deal description", "string", "textarea"),
            ("!hs_is_closed", "Is deal closed?", "bool", "booleancheckbox"),
            ("!hs_is_closed_won", "Is closed won", "bool", "booleancheckbox"),
            ("!hs_closed_amount", "Closed deal amount", "number", "number"),
            ("!hs_deal_stage_probability", "Deal probability", "number", "number"),
            ("!hs_v2_date_entered_current_stage", "Date entered current stage", "datetime", "date"),
            ("!createdate", "Create date", "datetime", "date"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
    BuiltIn {
        name: "products",
        singular: "product",
        id: "0-7",
        group: "productinformation",
        mergeable: false,
        defaults: &["createdate", "description", "hs_lastmodifieddate", "hs_object_id", "name", "price"],
        searched: &["name", "hs_sku", "description", "price"],
        required: &[],
        rows: &[
            ("name", "Name", "string", "text"),
            ("hs_sku", "SKU", "string", "text"),
            ("price", "Unit price", "number", "number"),
            ("hs_price_eur", "EUR price", "number", "number"),
            ("hs_price_usd", "USD price", "number", "number"),
            ("hs_cost_of_goods_sold", "Unit cost", "number", "number"),
            ("description", "Description", "string", "textarea"),
            ("recurringbillingfrequency", "Billing frequency", "enumeration", "select"),
            ("hs_active", "Active", "bool", "booleancheckbox"),
            ("!createdate", "Create date", "datetime", "date"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
    BuiltIn {
        name: "line_items",
        singular: "line_item",
        id: "0-8",
        group: "lineiteminformation",
        mergeable: false,
        defaults: &[
            "amount",
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
            "hs_product_id",
            "quantity",
        ],
        searched: &["name", "hs_sku", "description"],
        required: &[],
        rows: &[
            ("name", "Name", "string", "text"),
            ("hs_product_id", "Product ID", "number", "number"),
            ("hs_sku", "SKU", "string", "text"),
            ("quantity", "Quantity", "number", "number"),
            ("price", "Unit price", "number", "number"),
            ("discount", "Unit discount", "number", "number"),
            ("hs_discount_percentage", "Discount percentage", "number", "number"),
            ("hs_tax_rate_group_id", "Tax rate", "enumeration", "select"),
            ("hs_line_item_currency_code", "Currency", "enumeration", "select"),
            ("hs_position_on_quote", "Position", "number", "number"),
            ("description", "Description", "string", "textarea"),
            ("!amount", "Net price", "number", "number"),
            ("!hs_total_discount", "Calculated total discount", "number", "number"),
            ("!createdate", "Create date", "datetime", "date"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
    BuiltIn {
        name: "quotes",
        singular: "quote",
        id: "0-14",
        group: "quoteinformation",
        mergeable: false,
        defaults: &["hs_createdate", "hs_expiration_date", "hs_lastmodifieddate", "hs_object_id", "hs_title"],
        searched: &["hs_title"],
        required: &["hs_title", "hs_expiration_date"],
        rows: &[
            ("hs_title", "Quote title", "string", "text"),
            ("hs_expiration_date", "Expiration date", "date", "date"),
            ("hs_status", "Quote status", "enumeration", "select"),
            ("hs_currency", "Currency", "enumeration", "select"),
            ("hs_quote_number", "Quote number", "string", "text"),
            ("!hs_quote_amount", "Quote amount", "number", "number"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
    BuiltIn {
        name: "invoices",
        singular: "invoice",
        id: "0-53",
        group: "invoiceinformation",
        mergeable: false,
        defaults: &["hs_createdate", "hs_invoice_status", "hs_lastmodifieddate", "hs_number", "hs_object_id"],
        searched: &["hs_number", "hs_title"],
        required: &["hs_currency"],
        rows: &[
            ("hs_title", "Title", "string", "text"),
            ("hs_number", "Invoice number", "string", "text"),
            ("hs_currency", "Currency", "enumeration", "select"),
            ("hs_invoice_status", "Invoice status", "enumeration", "select"),
            ("hs_invoice_date", "Invoice date", "datetime", "date"),
            ("hs_due_date", "Due date", "datetime", "date"),
            ("hs_invoice_billable", "Billable", "bool", "booleancheckbox"),
            ("!hs_amount_billed", "Amount billed", "number", "number"),
            ("!hs_amount_paid", "Amount paid", "number", "number"),
            ("!hs_balance_due", "Balance due", "number", "number"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
    BuiltIn {
        name: "orders",
        singular: "order",
        id: "0-123",
        group: "orderinformation",
        mergeable: false,
        defaults: &["hs_createdate", "hs_lastmodifieddate", "hs_object_id", "hs_order_name"],
        searched: &["hs_order_name", "hs_external_order_id"],
        required: &[],
        rows: &[
            ("hs_order_name", "Name", "string", "text"),
            ("*hs_external_order_id", "External order ID", "string", "text"),
            ("hs_external_order_status", "External order status", "string", "text"),
            ("hs_external_order_url", "External order URL", "string", "text"),
            ("hs_external_created_date", "External created date", "datetime", "date"),
            ("hs_currency_code", "Currency", "enumeration", "select"),
            ("hs_total_price", "Total price", "number", "number"),
            ("hs_order_note", "Order note", "string", "textarea"),
            ("hs_fulfillment_status", "Fulfillment status", "string", "text"),
            ("hs_pipeline", "Pipeline", "enumeration", "select"),
            ("hs_pipeline_stage", "Status", "enumeration", "radio"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
    BuiltIn {
        name: "notes",
        singular: "note",
        id: "0-46",
        group: "engagement",
        mergeable: false,
        defaults: &["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
        searched: &["hs_note_body"],
        required: &["hs_timestamp"],
        rows: &[
            ("hs_note_body", "Note body", "string", "html"),
            ("hs_timestamp", "Activity date", "datetime", "date"),
            ("hs_attachment_ids", "Attached file IDs", "string", "text"),
            ("!hs_lastmodifieddate", "Last modified date", "datetime", "date"),
        ],
    },
];

/// Every built-in type with its properties and its group.
pub(super) fn built_in() -> impl Iterator<Item = (ObjectType, Vec<Property>, Group)> {
    TYPES.iter().map(|of| {
        let ty = ObjectType {
            name: of.name.to_owned(),
            singular: of.singular.to_owned(),
            id: of.id.to_owned(),
            defaults: owned(of.defaults),
            // The one name that differs.
            modified: if of.name == "contacts" { "lastmodifieddate" } else { "hs_lastmodifieddate" }
                .to_owned(),
            mergeable: of.mergeable,
            searched: owned(of.searched),
            required: owned(of.required),
            scope: if of.name == "products" { "e-commerce".to_owned() } else { scope(of.name) },
            custom: false,
        };
        let rows = EVERYWHERE.iter().chain(of.rows);
        let properties = rows.map(|row| property(*row, of.group)).collect();
        (ty, properties, Group::new(of.group, &format!("{} information", of.singular)))
    })
}

/// What the account adds itself: HubSpot's own properties come with it.
pub(super) fn properties_of_custom(group: &str) -> Vec<Property> {
    let modified = [("!hs_lastmodifieddate", "Object last modified date/time", "datetime", "date")];
    EVERYWHERE.iter().chain(&modified).map(|row| property(*row, group)).collect()
}

fn property((name, label, ty, field_type): Row, group: &str) -> Property {
    let name_only = name.trim_start_matches(['!', '*']);
    let mut property = Property::hubspot_defined(name_only, label, ty, field_type, group);
    property.read_only = name.starts_with('!');
    property.has_unique_value = name.starts_with('*');
    property.options = options(name_only);
    property
}

/// The options of built-in properties; without any, every value passes, as where HubSpot fills them from elsewhere.
fn options(property: &str) -> Vec<(String, String)> {
    let pairs: &[(&str, &str)] = match property {
        "lifecyclestage" => &[
            ("subscriber", "Subscriber"),
            ("lead", "Lead"),
            ("opportunity", "Opportunity"),
            ("customer", "Customer"),
            ("other", "Other"),
        ],
        "dealtype" => &[("newbusiness", "New Business"), ("existingbusiness", "Existing Business")],
        "hs_invoice_status" => {
            &[("draft", "Draft"), ("open", "Open"), ("paid", "Paid"), ("voided", "Voided")]
        }
        "hs_status" => {
            &[("DRAFT", "Draft"), ("APPROVAL_NOT_NEEDED", "Published"), ("PENDING_APPROVAL", "Pending")]
        }
        "recurringbillingfrequency" => {
            &[("monthly", "Monthly"), ("quarterly", "Quarterly"), ("annually", "Annually")]
        }
        "deal_currency_code" | "hs_currency" | "hs_currency_code" | "hs_line_item_currency_code" => {
            &[("EUR", "EUR"), ("USD", "USD"), ("GBP", "GBP")]
        }
        _ => &[],
    };
    pairs.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect()
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub(super) fn scope(name: &str) -> String {
    format!("crm.objects.{name}")
}
