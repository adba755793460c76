//! The kinds of record that this adapter knows, as data: where they live and what they are made of.

use super::entity::{Entity, List, Property, Shape, VARCHAR, Version, property};
use crate::model::Kind;

const TEXT: Shape = Shape::Text(Some(VARCHAR));
const COMPANY: Shape = Shape::Id(Some(Kind::Company));
const CONTACT: Shape = Shape::Id(Some(Kind::Contact));

const OWNER: Property = property("owner_id", "Owner", Shape::Listed(List::Users));
const LABELS: Property = property("label_ids", "Labels", Shape::Choices);
const VISIBLE_TO: Property = property("visible_to", "Visible to", Shape::Whole);
const ADDED: Property = property("add_time", "Created", Shape::Instant).read_only();
const UPDATED: Property = property("update_time", "Updated", Shape::Instant).read_only();
const ID: Property = property("id", "ID", Shape::Whole).read_only();
const ORGANIZATION_OF: Property = property("org_id", "Organization", COMPANY).listed();
const PERSON_OF: Property = property("person_id", "Person", CONTACT).listed();

const ORGANIZATION: Entity = Entity {
    kind: Kind::Company,
    name: "organization",
    path: "/api/v2/organizations",
    archived_path: None,
    fields_path: Some("/api/v2/organizationFields"),
    version: Version::V2,
    writable: true,
    lists: &[],
    properties: &[
        ID,
        property("name", "Name", TEXT).required().searched_as("name"),
        property("address", "Address", Shape::Address),
        // In words, as Pipedrive's map knows it; empty where the address was not found there.
        property("country", "Country of the address", Shape::Part("country")).on_wire("address").read_only(),
        property("website", "Website", TEXT),
        property("linkedin", "LinkedIn profile", TEXT),
        property("industry", "Industry", Shape::Choice),
        property("annual_revenue", "Annual revenue", Shape::Whole),
        property("employee_count", "Number of employees", Shape::Whole),
        OWNER,
        LABELS,
        VISIBLE_TO,
        ADDED,
        UPDATED,
    ],
};

const PERSON: Entity = Entity {
    kind: Kind::Contact,
    name: "person",
    path: "/api/v2/persons",
    archived_path: None,
    fields_path: Some("/api/v2/personFields"),
    version: Version::V2,
    writable: true,
    lists: &[],
    properties: &[
        ID,
        property("name", "Name", TEXT).required().searched_as("name"),
        property("first_name", "First name", TEXT).read_only(),
        property("last_name", "Last name", TEXT).read_only(),
        property("email", "E-mail", Shape::Primary).on_wire("emails").searched_as("email"),
        property("phone", "Phone", Shape::Primary).on_wire("phones").searched_as("phone"),
        ORGANIZATION_OF,
        OWNER,
        LABELS,
        VISIBLE_TO,
        // There only where contacts are kept in step with a mailbox; a write without that is forbidden.
        property("job_title", "Job title", TEXT).read_only(),
        property("birthday", "Birthday", Shape::Date).read_only(),
        property("postal_address", "Postal address", Shape::Address).read_only(),
        ADDED,
        UPDATED,
    ],
};

const DEAL: Entity = Entity {
    kind: Kind::Deal,
    name: "deal",
    path: "/api/v2/deals",
    archived_path: Some("/api/v2/deals/archived"),
    fields_path: Some("/api/v2/dealFields"),
    version: Version::V2,
    writable: true,
    lists: &[List::Pipelines, List::Stages, List::Currencies],
    properties: &[
        ID,
        property("title", "Title", TEXT).required().searched_as("title"),
        property("value", "Value", Shape::Number),
        property("currency", "Currency", Shape::Currency),
        property("status", "Status", Shape::Word(&["open", "won", "lost"])),
        property("pipeline_id", "Pipeline", Shape::Listed(List::Pipelines)),
        property("stage_id", "Stage", Shape::Listed(List::Stages)),
        ORGANIZATION_OF,
        PERSON_OF,
        OWNER,
        property("products", "Products", Shape::Lines).read_only(),
        property("discounts", "Discounts on the deal", Shape::Discounts).read_only(),
        property("probability", "Probability", Shape::Whole),
        property("lost_reason", "Lost reason", TEXT),
        property("expected_close_date", "Expected close date", Shape::Date),
        property("is_archived", "Archived", Shape::Bool),
        LABELS,
        VISIBLE_TO,
        property("stage_change_time", "Last stage change", Shape::Instant).read_only(),
        property("close_time", "Closed", Shape::Instant).read_only(),
        property("won_time", "Won", Shape::Instant).read_only(),
        property("lost_time", "Lost", Shape::Instant).read_only(),
        property("source_lead_id", "Source lead", Shape::Id(Some(Kind::Lead))).read_only(),
        ADDED,
        UPDATED,
    ],
};

const LINE: Entity = Entity {
    kind: Kind::Line,
    name: "deal_product",
    path: "/api/v2/deals/products",
    archived_path: None,
    fields_path: None,
    version: Version::V2,
    writable: false,
    lists: &[],
    properties: &[
        ID,
        property("product_id", "Product", Shape::Id(Some(Kind::Product))).read_only(),
        property("name", "Name", TEXT).read_only(),
        property("quantity", "Quantity", Shape::Number).read_only(),
        property("item_price", "Price", Shape::Number).read_only(),
        property("currency", "Currency", Shape::Currency).read_only(),
        property("discount", "Discount", Shape::Number).read_only(),
        property("discount_type", "Discount type", Shape::Word(&["percentage", "amount"])).read_only(),
        property("tax", "Tax", Shape::Number).read_only(),
        property("tax_method", "Tax method", Shape::Word(&["inclusive", "exclusive", "none"])).read_only(),
        property("sum", "Sum", Shape::Number).read_only(),
        property("is_enabled", "Enabled", Shape::Bool).read_only(),
        property("comments", "Comments", Shape::Text(None)).read_only(),
        property("billing_frequency", "Billing frequency", TEXT).read_only(),
    ],
};

const PRODUCT: Entity = Entity {
    kind: Kind::Product,
    name: "product",
    path: "/api/v2/products",
    archived_path: None,
    fields_path: Some("/api/v2/productFields"),
    version: Version::V2,
    writable: true,
    lists: &[List::Currencies],
    properties: &[
        ID,
        property("name", "Name", TEXT).required().searched_as("name"),
        property("code", "Product code", TEXT).searched_as("code"),
        property("description", "Description", Shape::Text(None)),
        property("unit", "Unit", TEXT),
        property("tax", "Tax", Shape::Number),
        property("category", "Category", Shape::Choice),
        property("is_linkable", "Active", Shape::Bool),
        property("billing_frequency", "Billing frequency", TEXT).read_only(),
        // Stands for one column in each currency of the company.
        property("prices", "Price", Shape::Price),
        OWNER,
        VISIBLE_TO,
        ADDED,
        UPDATED,
    ],
};

const NOTE: Entity = Entity {
    kind: Kind::Note,
    name: "note",
    path: "/api/v1/notes",
    archived_path: None,
    fields_path: None,
    version: Version::V1,
    writable: true,
    lists: &[],
    properties: &[
        ID,
        property("content", "Content", Shape::Text(None)).required(),
        property("deal_id", "Deal", Shape::Id(Some(Kind::Deal))).listed(),
        PERSON_OF,
        ORGANIZATION_OF,
        property("lead_id", "Lead", Shape::Id(Some(Kind::Lead))).read_only(),
        property("user_id", "Author", Shape::Listed(List::Users)).read_only(),
        ADDED,
        UPDATED,
    ],
};

const LEAD: Entity = Entity {
    kind: Kind::Lead,
    name: "lead",
    path: "/api/v1/leads",
    archived_path: None,
    // Leads share the custom fields of deals.
    fields_path: Some("/api/v2/dealFields"),
    version: Version::V1,
    writable: false,
    lists: &[],
    properties: &[
        property("id", "ID", TEXT).read_only(),
        property("title", "Title", TEXT).read_only(),
        property("value", "Value", Shape::Amount).read_only(),
        property("currency", "Currency", Shape::AmountCurrency).on_wire("value").read_only(),
        property("person_id", "Person", CONTACT).read_only().listed(),
        property("organization_id", "Organization", COMPANY).read_only().listed(),
        property("owner_id", "Owner", Shape::Listed(List::Users)).read_only(),
        property("expected_close_date", "Expected close date", Shape::Date).read_only(),
        property("origin_id", "Origin", TEXT).read_only(),
        property("is_archived", "Archived", Shape::Bool).read_only(),
        ADDED,
        UPDATED,
    ],
};

pub(super) const KINDS: [&Entity; 7] = [&ORGANIZATION, &PERSON, &DEAL, &LINE, &PRODUCT, &NOTE, &LEAD];
