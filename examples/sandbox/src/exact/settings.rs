//! What may be turned on Exact: its limits, and what nobody outside knows for certain.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::limits::{self, NamedLimits};

/// The settings of the local Exact Online. Each default is the best guess that public sources allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExactSettings {
    /// The limits in force, as the headers announce them.
    #[serde(deserialize_with = "limits::read")]
    pub limits: ExactLimits,
    /// The origin that links show, where clients come through a proxy; `null` for the sandbox's own.
    pub public_url: Option<String>,
    /// How long every answer takes.
    pub latency_ms: u64,
    /// The language of business messages: `nl` or `en`.
    pub language: String,
    /// How many characters a text may have, by property.
    pub lengths: BTreeMap<String, usize>,
    /// The status of a call to an endpoint that is blocked after too many errors.
    pub error_block_status: u16,
    /// The status of a successful POST.
    pub post_status: u16,
    /// Whether few rows asked for with `$top` come as a bare array.
    pub bare_arrays: bool,
    /// Whether PUT answers 200 with the entity where `Prefer: return=representation` asks for it, instead of 204.
    pub put_answers_body: bool,
    /// Whether a list without `$select` and without `$top=1` is refused.
    pub strict_select: bool,
    /// Whether a list of a resource with a sync twin is refused without a filter on an approved property.
    pub mandatory_filter: bool,
    /// Properties that a write accepts and silently drops.
    pub dropped_properties: BTreeSet<String>,
    /// Every so many rows of the sync feed one comes twice; 0 for never.
    pub duplicate_every: usize,
    /// Whether a term that is paid goes on showing its amount instead of 0.
    pub matched_terms_keep_amount: bool,
    /// Whether an invoice is booked as an entry with another id than its own.
    pub entries_of_their_own: bool,
    /// Whether `ReceivablesList` shows what is to be received as a positive amount.
    pub receivables_list_positive: bool,
    /// Whether an address that is the same for another type counts as the same.
    pub same_address_of_any_type: bool,
    /// Whether an order or quotation that names no delivery address takes the main one of whom it goes to, and not the
    /// visiting address.
    pub default_delivery_address: bool,
    /// Whether the feeds of orders and of their lines tell again of what was delivered or invoiced.
    pub progress_moves_feeds: bool,
    /// What one piece of a foreign currency is in that of the administration; one where nothing is said.
    pub exchange_rates: BTreeMap<String, Decimal>,
    /// How changes are told to subscribers.
    pub webhooks: WebhookSettings,
}

impl Default for ExactSettings {
    fn default() -> Self {
        let lengths = [
            ("Name", 50),
            ("AddressLine1", 60),
            ("AddressLine2", 60),
            ("AddressLine3", 60),
            ("City", 40),
            ("Postcode", 20),
            ("Email", 100),
            ("VATNumber", 20),
            ("ChamberOfCommerce", 40),
            ("SearchCode", 30),
            ("Description", 60),
            ("YourRef", 40),
            ("PaymentReference", 25),
        ];
        Self {
            limits: ExactLimits::vendor(),
            public_url: None,
            latency_ms: 0,
            language: "nl".to_owned(),
            lengths: lengths.map(|(name, length)| (name.to_owned(), length)).into(),
            error_block_status: 429,
            post_status: 201,
            bare_arrays: true,
            put_answers_body: false,
            strict_select: true,
            mandatory_filter: true,
            dropped_properties: BTreeSet::new(),
            duplicate_every: 0,
            matched_terms_keep_amount: false,
            entries_of_their_own: false,
            receivables_list_positive: true,
            same_address_of_any_type: false,
            default_delivery_address: true,
            progress_moves_feeds: true,
            exchange_rates: [("USD".to_owned(), Decimal::new(9, 1))].into(),
            webhooks: WebhookSettings::default(),
        }
    }
}

/// How changes are told to subscribers. Exact documents none of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct WebhookSettings {
    /// How long after the change, in milliseconds: at least, at most.
    pub delay_ms: (u64, u64),
    /// Every so many notifications one is sent twice; 0 for never.
    pub duplicate_every: u64,
    /// Every so many notifications one is lost; 0 for never.
    pub drop_every: u64,
    /// How often a notification is tried that is not answered with 2xx.
    pub attempts: u32,
    /// How long until the next try, in milliseconds.
    pub retry_ms: u64,
}

impl Default for WebhookSettings {
    fn default() -> Self {
        Self { delay_ms: (1_000, 30_000), duplicate_every: 0, drop_every: 0, attempts: 3, retry_ms: 60_000 }
    }
}

/// Exact's limits, per app and division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ExactLimits {
    /// Calls in one clock minute.
    pub minute: u32,
    /// Calls in one UTC day.
    pub day: u32,
    /// Errors in one hour after which an endpoint is blocked.
    pub errors_per_hour: u32,
}

impl ExactLimits {
    /// The vendor's numbers: 60 a minute, 5,000 a day, 10 errors an hour.
    #[must_use]
    pub fn vendor() -> Self {
        Self { minute: 60, day: 5_000, errors_per_hour: 10 }
    }

    /// Numbers that nobody reaches. The rule on errors stays.
    #[must_use]
    pub fn off() -> Self {
        Self { minute: 1_000_000, day: 1_000_000, ..Self::vendor() }
    }
}

impl NamedLimits for ExactLimits {
    fn vendor() -> Self {
        Self::vendor()
    }

    fn off() -> Self {
        Self::off()
    }
}
