//! The sorts of records that are kept in agreement: companies, and the people who work there.

use std::ops::Range;

use crm_adapters::Kind;
use sync_core::flow::Side;

/// A sort of record. Its first field is what it is called, the second what identifies it.
#[derive(Debug)]
pub(super) struct Sort {
    pub(super) kind: Kind,
    /// The name of its flow.
    pub(super) flow: &'static str,
    /// Exact's name of each field, the CRM's name.
    pub(super) fields: &'static [(&'static str, &'static str)],
    /// The fields that people edit after a record was made.
    pub(super) edited: Range<usize>,
}

pub(super) const KEY: &str = "custom:Exact ID";

pub(super) static COMPANIES: Sort = Sort {
    kind: Kind::Company,
    flow: "companies",
    fields: &[
        ("Name", "name"),
        ("ChamberOfCommerce", "custom:KvK number"),
        ("Phone", "custom:Phone"),
        ("Email", "custom:Email"),
        ("City", "custom:City"),
        ("Website", "website"),
        ("Remarks", "custom:Remarks"),
    ],
    edited: 2..7,
};

pub(super) static PEOPLE: Sort = Sort {
    kind: Kind::Contact,
    flow: "contacts",
    fields: &[
        ("LastName", "name"),
        ("Email", "email"),
        ("Phone", "phone"),
        ("Mobile", "custom:Mobile"),
        ("JobTitleDescription", "custom:Job title"),
    ],
    edited: 2..5,
};

impl Sort {
    /// The sort of a kind, where it is one of these.
    pub(super) fn of(kind: Kind) -> Option<&'static Self> {
        [&COMPANIES, &PEOPLE].into_iter().find(|sort| sort.kind == kind)
    }

    pub(super) fn field(&self, at: usize, side: Side) -> &'static str {
        let (exact, crm) = self.fields[at];
        if side == Side::Exact { exact } else { crm }
    }
}

/// The field that says where a person works.
pub(super) fn employer(side: Side) -> &'static str {
    if side == Side::Exact { "Account" } else { "org_id" }
}
