//! The kinds of record that this adapter knows, and which object type of HubSpot stands for each.

use std::collections::BTreeMap;

use crate::error::{Error, ErrorKind, Result};
use crate::model::Kind;

/// The longest text of a property, in characters.
pub(super) const TEXT: usize = 65_536;

/// One kind of record in one account.
#[derive(Clone, Debug)]
pub(super) struct Entity {
    pub(super) kind: Kind,
    /// The object type as paths name it: `companies`, `2-123`, `p_erp_invoice`.
    pub(super) object: String,
    /// The property that tells when a record changed last.
    pub(super) modified: &'static str,
    /// Properties without which no record is made.
    pub(super) required: &'static [&'static str],
    /// Whether two records can be merged into one.
    pub(super) merges: bool,
    /// Whether the account's administrators have made the type.
    pub(super) custom: bool,
}

impl Entity {
    fn new(kind: Kind, object: impl Into<String>) -> Self {
        let object = object.into();
        let (modified, required, merges): (_, &[&str], _) = match object.as_str() {
            "contacts" | "0-1" => ("lastmodifieddate", &[], true),
            "companies" | "0-2" => (MODIFIED, &[], true),
            "deals" | "0-3" => (MODIFIED, &["dealname"], true),
            "products" | "0-7" => (MODIFIED, &["name"], false),
            "invoices" | "0-53" => (MODIFIED, &["hs_currency"], false),
            "notes" | "0-46" => (MODIFIED, &["hs_timestamp"], false),
            "line_items" | "orders" | "quotes" => (MODIFIED, &[], false),
            _ => (MODIFIED, &[], true),
        };
        let custom = is_custom(&object);
        Self { kind, object, modified, required, merges, custom }
    }
}

const MODIFIED: &str = "hs_lastmodifieddate";

const STANDARD: [(Kind, &str); 9] = [
    (Kind::Company, "companies"),
    (Kind::Contact, "contacts"),
    (Kind::Deal, "deals"),
    (Kind::Line, "line_items"),
    (Kind::Product, "products"),
    (Kind::Quotation, "quotes"),
    (Kind::Order, "orders"),
    (Kind::Invoice, "invoices"),
    (Kind::Note, "notes"),
];

/// All kinds of one account.
#[derive(Clone, Debug)]
pub(super) struct Entities(BTreeMap<Kind, Entity>);

impl Entities {
    /// HubSpot's own object types, with those that the config puts in their place.
    pub(super) fn new(chosen: &BTreeMap<Kind, String>) -> Result<Self> {
        let standard = STANDARD.map(|(kind, object)| (kind, Entity::new(kind, object)));
        let mut entities: BTreeMap<_, _> = standard.into_iter().collect();
        for (kind, object) in chosen {
            if !is_object_type(object) {
                let message = format!("\"{object}\" is not the name of an object type in HubSpot");
                return Err(Error::new(ErrorKind::Config, message)
                    .with_remedy("write it as HubSpot does, such as companies, 2-123 or p_erp_invoice"));
            }
            entities.insert(*kind, Entity::new(*kind, object));
        }
        Ok(Self(entities))
    }

    /// The entity of a kind.
    pub(super) fn get(&self, kind: Kind) -> Result<&Entity> {
        self.0.get(&kind).ok_or_else(|| {
            Error::new(
                ErrorKind::Unsupported,
                format!("no object type in HubSpot stands for the kind {kind}"),
            )
            .with_remedy("name a custom object for it when the adapter is built")
        })
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Entity> {
        self.0.values()
    }
}

/// Whether an object type is named as custom ones are: `2-123`, `p_project`, or with the account's number `p123_project`.
fn is_custom(object: &str) -> bool {
    let named =
        object.strip_prefix('p').map(|rest| rest.trim_start_matches(|char: char| char.is_ascii_digit()));
    object.starts_with("2-") || named.is_some_and(|rest| rest.starts_with('_'))
}

/// Whether a text can stand in a path as an object type and nothing else.
fn is_object_type(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    !text.is_empty() && text.len() <= 128 && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_object_takes_a_kinds_place() {
        let chosen = BTreeMap::from([(Kind::Invoice, "p_erp_invoice".to_owned())]);
        let entities = Entities::new(&chosen).unwrap();
        assert_eq!(entities.get(Kind::Invoice).unwrap().object, "p_erp_invoice");
        assert_eq!(entities.get(Kind::Order).unwrap().object, "orders");
        assert_eq!(entities.get(Kind::Lead).unwrap_err().kind(), ErrorKind::Unsupported);
    }

    #[test]
    fn custom_objects_are_known_by_their_names() {
        for (object, custom) in [
            ("2-123", true),
            ("p_project", true),
            ("p123_project", true),
            ("products", false),
            ("partner_clients", false),
            ("0-7", false),
        ] {
            assert_eq!(is_custom(object), custom, "{object}");
        }
    }

    #[test]
    fn what_would_reach_into_the_path_is_no_object_type() {
        for bad in ["", "a/b", "../deals", "a?b", "a b"] {
            let error = Entities::new(&BTreeMap::from([(Kind::Lead, bad.to_owned())])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Config, "{bad}");
        }
    }

    #[test]
    fn contacts_call_their_last_change_by_another_name() {
        let entities = Entities::new(&BTreeMap::new()).unwrap();
        assert_eq!(entities.get(Kind::Contact).unwrap().modified, "lastmodifieddate");
        assert_eq!(entities.get(Kind::Company).unwrap().modified, "hs_lastmodifieddate");
    }
}
