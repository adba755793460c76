//! Which scope of an app a call needs. Pipedrive itself says only that one is missing.

use http::Method;

use crate::http::Request;

/// Of a resource, by the last part of its path: the scope to read it, and the one to write it.
const SCOPES: [(&str, &str, &str); 13] = [
    ("organizationFields", "contacts:read", "contact-fields:full"),
    ("personFields", "contacts:read", "contact-fields:full"),
    ("dealFields", "deals:read", "deal-fields:full"),
    ("productFields", "products:read", "product-fields:full"),
    ("organizations", "contacts:read", "contacts:full"),
    ("persons", "contacts:read", "contacts:full"),
    ("deals", "deals:read", "deals:full"),
    ("pipelines", "deals:read", "admin"),
    ("stages", "deals:read", "admin"),
    ("products", "products:read", "products:full"),
    ("leads", "leads:read", "leads:full"),
    ("itemSearch", "search:read", "search:read"),
    ("webhooks", "admin", "admin"),
];

/// The scope that a call needs, as far as Pipedrive has written it down.
pub(super) fn scope(request: &Request) -> Option<&'static str> {
    let resource = request.path.trim_start_matches('/').split('/').find(|part| !is_version(part))?;
    let (_, reads, writes) = SCOPES.into_iter().find(|(name, ..)| *name == resource)?;
    Some(if request.method == Method::GET { reads } else { writes })
}

fn is_version(part: &str) -> bool {
    matches!(part, "api" | "v1" | "v2")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_needs_the_scope_of_its_resource_and_of_what_it_does_there() {
        let table = [
            (Method::GET, "/api/v2/organizations/7", Some("contacts:read")),
            (Method::PATCH, "/api/v2/organizations/7", Some("contacts:full")),
            (Method::POST, "/api/v2/organizationFields", Some("contact-fields:full")),
            (Method::GET, "/api/v2/deals/archived", Some("deals:read")),
            (Method::GET, "/api/v2/itemSearch/field", Some("search:read")),
            (Method::POST, "/api/v1/webhooks", Some("admin")),
            (Method::POST, "/api/v1/notes", None),
        ];
        for (method, path, needed) in table {
            assert_eq!(scope(&Request::new(method, path)), needed, "{path}");
        }
    }
}
