//! Flows as most companies want them, as data: one table of fields for each, in the words of both CRMs.

mod fields;
mod orders;
mod quotations;
mod sales;

use std::fmt;

use crm_adapters::Kind;
use serde::{Deserialize, Serialize};

use super::{
    Brakes, Combine, Compare, Condition, Constant, Create, Flow, Kinds, Price, Test, WithoutIdentity,
};
use fields::{Line, field};

/// The CRM whose property names a preset uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Vendor {
    /// Pipedrive.
    Pipedrive,
    /// HubSpot.
    HubSpot,
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pipedrive => "Pipedrive",
            Self::HubSpot => "HubSpot",
        })
    }
}

/// A flow as most companies want it; a config changes it from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Preset {
    /// Accounts in Exact and companies in the CRM, both ways, with their visiting, invoice and delivery address; and what a
    /// customer owes, from Exact, in the currency of the administration: of a customer of several divisions their sum, the
    /// worst delay and the latest payment.
    /// Where the CRM has fields for the latter two addresses, that is a call more a poll, one for 1,000 addresses at first,
    /// and three for a company whose invoice or delivery address was changed in the CRM; a company that is new in Exact gets
    /// them in an update right after it. Where the CRM has a field for what is owed, it costs one call to Exact for 1,000
    /// payment terms at first, one a poll from then on, and two for 20 customers of whom an invoice or a payment was booked.
    Companies,
    /// Contacts in Exact and persons in the CRM, both ways, each under its company. A record whose company has no
    /// counterpart waits for it. Names go both ways: Pipedrive's one name is Exact's first, middle and last name, and
    /// HubSpot's last name Exact's middle and last one. Where both sides changed the name, Exact's counts in Pipedrive.
    Contacts,
    /// Items that are for sale in Exact become products of the CRM, with today's list price in euros; for another
    /// currency see [`Flow::priced_in`], or map `Price.USD` or the like. What is no longer sold stays in the CRM and says
    /// so: in Pipedrive it cannot be put on deals any more. A poll costs three calls to Exact, and two more for 20 items
    /// that changed.
    Products,
    /// A deal that is won becomes a sales order, once; number, deliveries, invoices, credit notes and payment come back, in
    /// the currency of the invoices. What is paid is money alone: what was written off, or credited by a note that names
    /// neither the order nor its reference, stands apart. The order names the person of the deal where contacts are kept in
    /// agreement, too.
    Orders,
    /// A deal that comes to a stage becomes a quotation, once, where the config says which stage by `when`; what the
    /// customer answered comes back. It has the orders' key: an order that Exact makes of the quotation carries it too,
    /// and is then the deal's order.
    Quotations,
    /// What was invoiced for a deal, and how far it is paid, where the invoices carry the deal's key as their reference
    /// (`D-` and its id): for those who invoice without orders. Where both are used, `when` says which deals are billed so,
    /// since an order shows its invoices itself.
    Billing,
    /// Invoices of Exact become invoices of the CRM, how far they are paid in their own currency. HubSpot only: in Pipedrive
    /// the figures stand on company and deal.
    Invoices,
}

const COMPANIES: [Line; 24] = [
    field("Name", "Name").named("name", "name").compared(Compare::Name).required().won_by_exact(),
    field("ChamberOfCommerce", "KvK number").compared(Compare::CompanyNumber),
    field("VATNumber", "VAT number").compared(Compare::VatNumber),
    field("Website", "Website").named("website", "website"),
    field("Phone", "Phone").on_hubspot("phone"),
    field("Email", "Email").compared(Compare::Email),
    field("AddressLine1", "Street").on_hubspot("address"),
    field("Postcode", "Postcode").on_hubspot("zip"),
    field("City", "City").on_hubspot("city"),
    // An address moves as a whole: with the country left to Exact, a street in Ghent would stand in the Netherlands. It is
    // a code in a field of its own, so HubSpot's `country` and the like, which people fill with names, stay out of it.
    field("Country", "Country code"),
    field("InvoiceAddress.AddressLine1", "Invoice street"),
    field("InvoiceAddress.Postcode", "Invoice postcode"),
    field("InvoiceAddress.City", "Invoice city"),
    field("InvoiceAddress.Country", "Invoice country code"),
    field("DeliveryAddress.AddressLine1", "Delivery street"),
    field("DeliveryAddress.Postcode", "Delivery postcode"),
    field("DeliveryAddress.City", "Delivery city"),
    field("DeliveryAddress.Country", "Delivery country code"),
    field("Code", "Exact code").owned_by_exact(),
    field("Receivables.Outstanding", "Outstanding amount").owned_by_exact().cleared().combined(Combine::Sum),
    field("Receivables.Overdue", "Overdue amount").owned_by_exact().cleared().combined(Combine::Sum),
    field("Receivables.OverdueDays", "Days overdue").owned_by_exact().cleared().combined(Combine::Max),
    field("Receivables.OpenInvoices", "Open invoices").owned_by_exact().cleared().combined(Combine::Sum),
    field("Receivables.LastPayment", "Last payment").owned_by_exact().cleared().combined(Combine::Max),
];

const CONTACT_ACCOUNT: Line = field("Account", "Company")
    .named("org_id", "association:company:Primary")
    .required()
    .via("companies")
    .won_by_exact();
const CONTACT_EMAIL: Line = field("Email", "Email").named("email", "email").compared(Compare::Email);

const MAIN_CONTACT: Line = field("IsMainContact", "Main contact").owned_by_exact();

const PIPEDRIVE_CONTACTS: [Line; 7] = [
    CONTACT_ACCOUNT,
    CONTACT_EMAIL,
    field("name:FirstName + MiddleName + LastName", "Name")
        .named("name", "")
        .compared(Compare::Name)
        .required()
        .won_by_exact(),
    field("Phone", "Phone").named("phone", ""),
    field("Mobile", "Mobile"),
    field("JobTitleDescription", "Job title"),
    MAIN_CONTACT,
];

const HUBSPOT_CONTACTS: [Line; 8] = [
    CONTACT_ACCOUNT,
    CONTACT_EMAIL,
    field("FirstName", "First name").named("", "firstname").compared(Compare::Name).required(),
    field("surname:MiddleName + LastName", "Last name")
        .named("", "lastname")
        .compared(Compare::Name)
        .required(),
    field("Phone", "Phone").named("", "phone"),
    field("Mobile", "Mobile").named("", "mobilephone"),
    field("JobTitleDescription", "Job title").named("", "jobtitle"),
    MAIN_CONTACT,
];

const PRODUCTS: [Line; 8] = [
    field("Code", "Code").named("code", "hs_sku").required().owned_by_exact(),
    field("Description", "Name").named("name", "name").compared(Compare::Name).required().owned_by_exact(),
    field("ExtraDescription", "Description").named("description", "description").owned_by_exact(),
    field("Unit", "Unit").on_pipedrive("unit").owned_by_exact(),
    field("SalesVatCode", "VAT code").owned_by_exact(),
    field("Price.EUR", "List price").named("prices:EUR", "price").owned_by_exact(),
    field("Price.Breaks", "Quantity prices").owned_by_exact().cleared(),
    field("Sale.Status", "Sales status").owned_by_exact(),
];

/// Pipedrive alone knows products that cannot be put on a deal any more.
const SALE_ACTIVE: Line = field("Sale.Active", "For sale").on_pipedrive("is_linkable").owned_by_exact();

impl Preset {
    /// Every preset, parents before what belongs to them.
    pub const ALL: [Self; 7] = [
        Self::Companies,
        Self::Contacts,
        Self::Products,
        Self::Quotations,
        Self::Orders,
        Self::Billing,
        Self::Invoices,
    ];

    /// Its name in a config.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Companies => "companies",
            Self::Contacts => "contacts",
            Self::Products => "products",
            Self::Orders => "orders",
            Self::Quotations => "quotations",
            Self::Billing => "billing",
            Self::Invoices => "invoices",
        }
    }

    /// What it keeps in agreement.
    #[must_use]
    pub fn kinds(self) -> Kinds {
        match self {
            Self::Companies => Kinds::both(Kind::Company),
            Self::Contacts => Kinds::both(Kind::Contact),
            Self::Products => Kinds::both(Kind::Product),
            Self::Orders => Kinds { exact: Kind::Order, crm: Kind::Deal },
            Self::Quotations => Kinds { exact: Kind::Quotation, crm: Kind::Deal },
            Self::Billing => Kinds { exact: Kind::Billing, crm: Kind::Deal },
            Self::Invoices => Kinds::both(Kind::Invoice),
        }
    }

    /// The flow it stands for, in the words of a CRM.
    #[must_use]
    pub fn flow(self, vendor: Vendor) -> Flow {
        match self {
            Self::Companies => companies(vendor),
            Self::Contacts => contacts(vendor),
            Self::Products => products(vendor),
            Self::Orders => orders::flow(vendor),
            Self::Quotations => quotations::flow(vendor),
            Self::Billing => orders::billing(vendor),
            Self::Invoices => sales::invoices(vendor),
        }
    }

    /// A flow of that name, with nothing in it but these fields.
    fn with<'l>(self, vendor: Vendor, lines: impl IntoIterator<Item = &'l Line>) -> Flow {
        Flow {
            name: self.as_str().to_owned(),
            kinds: self.kinds(),
            create: Create::Both,
            identity: Vec::new(),
            without_identity: WithoutIdentity::Create,
            divisions: Vec::new(),
            create_in: None,
            routes: Vec::new(),
            when: None,
            ask_when_left: false,
            fits: Vec::new(),
            creatable: None,
            anonymised: None,
            created_with: Vec::new(),
            sync_key: Some("custom:Exact ID".to_owned()),
            exact_key: None,
            start: None,
            promotion: None,
            price: Price::default(),
            title: None,
            rules: lines.into_iter().map(|line| line.rule(vendor)).collect(),
            brakes: Brakes::default(),
            parents: Vec::new(),
            watched: Vec::new(),
            held: Vec::new(),
        }
    }
}

fn companies(vendor: Vendor) -> Flow {
    Flow {
        identity: vec!["ChamberOfCommerce".to_owned(), "VATNumber".to_owned()],
        creatable: Some(relations()),
        created_with: vec![Constant::exact("Status", "P")],
        ..Preset::Companies.with(vendor, &COMPANIES)
    }
}

fn contacts(vendor: Vendor) -> Flow {
    let lines: &[Line] = match vendor {
        Vendor::Pipedrive => &PIPEDRIVE_CONTACTS,
        Vendor::HubSpot => &HUBSPOT_CONTACTS,
    };
    Flow {
        identity: vec!["Email".to_owned()],
        creatable: Some(Condition::exact("EndDate", Test::Present(false))),
        anonymised: Some(Condition::exact("IsAnonymised", Test::Is("1".into()))),
        ..Preset::Contacts.with(vendor, lines)
    }
}

fn products(vendor: Vendor) -> Flow {
    let mut flow = Preset::Products.with(vendor, &PRODUCTS);
    if vendor == Vendor::Pipedrive {
        flow.rules.push(SALE_ACTIVE.rule(vendor));
    }
    Flow {
        create: Create::Crm,
        identity: vec!["Code".to_owned()],
        creatable: Some(Condition::All(vec![
            Condition::exact("IsSalesItem", Test::Is("true".into())),
            Condition::exact("EndDate", Test::Present(false)),
        ])),
        ..flow
    }
}

/// Customers, prospects and suspects that are neither blocked nor ended; suppliers alone have status `A` or none.
fn relations() -> Condition {
    Condition::All(vec![
        Condition::exact("Status", Test::In(vec!["C".into(), "P".into(), "S".into()])),
        Condition::exact("Blocked", Test::IsNot("true".into())),
        Condition::exact("EndDate", Test::Present(false)),
    ])
}
