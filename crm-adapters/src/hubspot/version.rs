//! Which version of the API is spoken, and the paths that follow from it.

/// The dated version that this adapter is written for. Released versions are frozen and live for 18 months at least.
const DATED: &str = "2026-09";

/// A version of HubSpot's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiVersion {
    /// `2026-09`, which enforces the rules that an account's admins set for their records.
    #[default]
    Dated,
    /// `v3` (associations: `v4`), as it was before dated versions; HubSpot ends it in 2027.
    V3,
}

impl ApiVersion {
    /// The records of an object type.
    pub(super) fn objects(self, object: &str) -> String {
        self.path("crm", "objects", object)
    }

    /// The properties of an object type.
    pub(super) fn properties(self, object: &str) -> String {
        self.path("crm", "properties", object)
    }

    /// The pipelines of an object type.
    pub(super) fn pipelines(self, object: &str) -> String {
        self.path("crm", "pipelines", object)
    }

    /// A custom type of object.
    pub(super) fn schema(self, object: &str) -> String {
        self.path("", "crm-object-schemas", &format!("schemas/{object}"))
    }

    /// The account's users that can own records.
    pub(super) fn owners(self) -> String {
        self.path("crm", "owners", "")
    }

    /// The associations from one object type to another.
    pub(super) fn associations(self, from: &str, to: &str) -> String {
        match self {
            Self::Dated => format!("/crm/associations/{DATED}/{from}/{to}"),
            Self::V3 => format!("/crm/v4/associations/{from}/{to}"),
        }
    }

    /// The account itself.
    pub(super) fn account(self) -> String {
        self.path("", "account-info", "details")
    }

    /// Where tokens are given.
    pub(super) fn token(self) -> String {
        self.path("", "oauth", "token")
    }

    /// The webhook settings and subscriptions of an app.
    pub(super) fn webhooks(self, app: u64) -> String {
        match self {
            Self::Dated => format!("/app-webhooks/{DATED}/{app}"),
            Self::V3 => format!("/webhooks/v3/{app}"),
        }
    }

    /// The version stands behind the API's name in a dated path, and before it in an old one of the CRM.
    fn path(self, family: &str, api: &str, rest: &str) -> String {
        let parts = match (self, family) {
            (Self::Dated, _) => [family, api, DATED, rest],
            (Self::V3, "") => ["", api, "v3", rest],
            (Self::V3, _) => [family, "v3", api, rest],
        };
        parts.into_iter().filter(|part| !part.is_empty()).fold(String::new(), |path, part| path + "/" + part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_stands_where_each_family_of_paths_has_it() {
        let table = [
            (
                ApiVersion::objects as fn(ApiVersion, &str) -> String,
                "/crm/objects/2026-09/deals",
                "/crm/v3/objects/deals",
            ),
            (ApiVersion::properties, "/crm/properties/2026-09/deals", "/crm/v3/properties/deals"),
            (ApiVersion::pipelines, "/crm/pipelines/2026-09/deals", "/crm/v3/pipelines/deals"),
            (
                ApiVersion::schema,
                "/crm-object-schemas/2026-09/schemas/deals",
                "/crm-object-schemas/v3/schemas/deals",
            ),
            (|version, _| version.owners(), "/crm/owners/2026-09", "/crm/v3/owners"),
            (|version, _| version.account(), "/account-info/2026-09/details", "/account-info/v3/details"),
            (|version, _| version.token(), "/oauth/2026-09/token", "/oauth/v3/token"),
            (
                |version, object| version.associations(object, "companies"),
                "/crm/associations/2026-09/deals/companies",
                "/crm/v4/associations/deals/companies",
            ),
            (|version, _| version.webhooks(7), "/app-webhooks/2026-09/7", "/webhooks/v3/7"),
        ];
        for (path, dated, v3) in table {
            assert_eq!(
                (path(ApiVersion::Dated, "deals").as_str(), path(ApiVersion::V3, "deals").as_str()),
                (dated, v3)
            );
        }
    }
}
