//! Both families of paths: with a date, and with a number.

use super::refusal::Refusal;
use super::settings::HubSpotSettings;
use crate::http::{Request, path_segments};

/// The first version that enforces the rules of administrators.
const STRICT: &str = "2026-09";

/// The part of the API that a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Area {
    Objects,
    Associations,
    Properties,
    Pipelines,
    Owners,
    Schemas,
    Limits,
    AccountInfo,
    TaxRates,
    Currencies,
    Webhooks,
}

/// A path without the difference between the families.
#[derive(Debug)]
pub(super) struct Route<'r> {
    pub(super) area: Area,
    version: &'r str,
    pub(super) rest: Vec<&'r str>,
}

impl<'r> Route<'r> {
    pub(super) fn of(request: &'r Request, settings: &HubSpotSettings) -> Result<Self, Refusal> {
        let segments = path_segments(&request.path);
        let (area, version, rest) = match segments.as_slice() {
            ["crm", version @ ("v3" | "v4"), area, rest @ ..] | ["crm", area, version, rest @ ..] => {
                (crm(area)?, *version, rest)
            }
            ["crm-object-schemas", version, "schemas", rest @ ..] => (Area::Schemas, *version, rest),
            ["account-info", version, rest @ ..] => (Area::AccountInfo, *version, rest),
            ["tax-rates", version, "tax-rates", rest @ ..] => (Area::TaxRates, *version, rest),
            ["settings", "currencies", version, rest @ ..]
            | ["settings", version @ "v3", "currencies", rest @ ..] => (Area::Currencies, *version, rest),
            ["app-webhooks", version @ "2026-09", rest @ ..]
            | ["webhooks", version @ ("2026-03" | "v3"), rest @ ..] => (Area::Webhooks, *version, rest),
            _ => return Err(Refusal::no_such_path()),
        };
        let route = Self { area, version, rest: rest.to_vec() };
        if route.is_served(settings) { Ok(route) } else { Err(Refusal::no_such_path()) }
    }

    fn is_served(&self, settings: &HubSpotSettings) -> bool {
        match self.version {
            "2026-09" | "2026-03" => settings.dated_paths,
            "v3" | "v4" => settings.numbered_paths,
            _ => false,
        }
    }

    /// Whether the rules of administrators are enforced.
    pub(super) fn is_strict(&self) -> bool {
        self.version == STRICT
    }

    pub(super) fn is_search(&self) -> bool {
        self.area == Area::Objects && matches!(self.rest.as_slice(), [_, "search"])
    }
}

fn crm(area: &str) -> Result<Area, Refusal> {
    Ok(match area {
        "objects" => Area::Objects,
        "associations" => Area::Associations,
        "properties" => Area::Properties,
        "pipelines" => Area::Pipelines,
        "owners" => Area::Owners,
        "schemas" => Area::Schemas,
        "limits" => Area::Limits,
        _ => return Err(Refusal::no_such_path()),
    })
}
