//! Why a grant or a user is refused, each with what a person can do about it.

use serde::{Deserialize, Serialize};

/// Why Exact refuses a grant, a user or a division.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Cause {
    /// No grant is stored under this name.
    NoGrant,
    /// The app's id or secret is wrong.
    SecretWrong,
    /// A refresh token was used that had been replaced: somebody else refreshes the same grant.
    RefreshTokenReused,
    /// The grant or the code was revoked, has lapsed, or was used before.
    Revoked,
    /// A token was asked for within 570 s of the last one.
    TooEarly,
    /// This machine's clock is more than a minute off Exact's, or contradicts the stored grant while Exact says that
    /// it is too early for a new token.
    ClockWrong,
    /// Another grant is of the same user and the same app.
    GrantShared,
    /// The access token is refused although it is young.
    TokenRefused,
    /// The user is blocked.
    BlockedUser,
    /// The user is inactive.
    InactiveUser,
    /// The customer's account at Exact is blocked.
    BlockedCustomer,
    /// The licence has expired.
    LicenceExpired,
    /// The division is blocked, for example by a backup or a conversion.
    DivisionBlocked,
    /// The user may not open the division.
    NoDivisionAccess,
    /// The division was not among those chosen at consent.
    DivisionOutOfScope,
    /// The app lacks the data scope.
    ScopeMissing,
    /// The user lacks a right, or Exact did not say more.
    RightMissing,
    /// The token endpoint refused for a reason that this version does not know.
    Refused,
}

/// How far a cause reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Nothing works with this grant.
    Grant,
    /// Nothing works in this division.
    Division,
    /// One resource does not work.
    Resource,
}

impl Cause {
    /// What happened, in one sentence.
    #[must_use]
    pub fn describe(self) -> &'static str {
        match self {
            Self::NoGrant => "no grant is stored",
            Self::SecretWrong => "the client id or the client secret is refused",
            Self::RefreshTokenReused => "the refresh token had been replaced already",
            Self::Revoked => "the grant was revoked, has lapsed, or its code was used before",
            Self::TooEarly => "a new access token was asked for within 570 seconds of the last one",
            Self::ClockWrong => "the clock of this machine is wrong",
            Self::GrantShared => {
                "another grant is of the same user and the same app: each new token of the one ends the other"
            }
            Self::TokenRefused => "the access token is refused although it is young",
            Self::BlockedUser => "the Exact user is blocked",
            Self::InactiveUser => "the Exact user is inactive",
            Self::BlockedCustomer => "the customer is blocked by Exact",
            Self::LicenceExpired => "the licence has expired",
            Self::DivisionBlocked => "the division is blocked",
            Self::NoDivisionAccess => "the Exact user may not open the division",
            Self::DivisionOutOfScope => "the division is not within the scope of the grant",
            Self::ScopeMissing => "the app lacks the data scope for this resource",
            Self::RightMissing => "the Exact user lacks the right for this",
            Self::Refused => "the token endpoint refused",
        }
    }

    /// What a person can do, in one sentence.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NoGrant => "give consent, or import a refresh token",
            Self::SecretWrong => "compare client id, client secret and country with the app's registration",
            Self::RefreshTokenReused => {
                "stop the other program that uses this app with the same user, then give consent again"
            }
            Self::Revoked => "give consent again",
            Self::TooEarly => "wait ten minutes; if it returns, another program uses the same grant",
            Self::ClockWrong => "set the clock of this machine, then wait ten minutes",
            Self::GrantShared => {
                "put the divisions of both under one grant, or use another Exact user for one of them"
            }
            Self::TokenRefused => {
                "check that the country is right and the grant not revoked, or give consent again"
            }
            Self::BlockedUser => "have an administrator unblock the user in Exact Online",
            Self::InactiveUser => "have an administrator activate the user in Exact Online",
            Self::BlockedCustomer => "have the customer contact Exact",
            Self::LicenceExpired => "have the customer renew the licence",
            Self::DivisionBlocked => "wait until the division is released, or ask Exact",
            Self::NoDivisionAccess => "give the user access to the division in Exact Online",
            Self::DivisionOutOfScope => "give consent again and choose this division",
            Self::ScopeMissing => "add the data scope in the app's registration, then give consent again",
            Self::RightMissing => "give the user the right in Exact Online, or check the licence",
            Self::Refused => "give consent again if it returns",
        }
    }

    /// Whether the grant is dead and only a new consent helps.
    #[must_use]
    pub fn needs_consent(self) -> bool {
        matches!(self, Self::NoGrant | Self::RefreshTokenReused | Self::Revoked)
    }

    /// What it is about.
    pub(crate) fn level(self) -> Level {
        match self {
            Self::BlockedCustomer
            | Self::LicenceExpired
            | Self::DivisionBlocked
            | Self::NoDivisionAccess
            | Self::DivisionOutOfScope => Level::Division,
            Self::ScopeMissing | Self::RightMissing => Level::Resource,
            _ => Level::Grant,
        }
    }

    /// The cause that a `Reason` header names; it may go on behind a colon.
    pub(crate) fn from_reason(reason: &str) -> Option<Self> {
        let word = reason.split([':', ' ', ',', ';']).next().unwrap_or_default();
        Some(match word {
            "BlockedUser" => Self::BlockedUser,
            "InactiveUser" => Self::InactiveUser,
            "BlockedCustomer" => Self::BlockedCustomer,
            "LicenseExpired" | "LicenceExpired" => Self::LicenceExpired,
            "DivisionBlocked" => Self::DivisionBlocked,
            "NoDivisionAccess" => Self::NoDivisionAccess,
            "TooEarlyToRefreshTokens" => Self::TooEarly,
            _ => return None,
        })
    }

    /// The cause that the text of a 403 names. Exact writes these two in English whatever the user's language.
    pub(crate) fn from_forbidden(text: &str) -> Self {
        if text.contains("not within division scope") {
            Self::DivisionOutOfScope
        } else if text.contains("Application Scope Violated") {
            Self::ScopeMissing
        } else {
            Self::RightMissing
        }
    }

    /// The cause that the token endpoint's `error` and its description (or its whole body) name.
    pub(crate) fn from_token_error(error: &str, description: &str) -> Self {
        if description.contains("Old refresh token used") {
            return Self::RefreshTokenReused;
        }
        if description.contains("access_token not expired") {
            return Self::TooEarly;
        }
        match error {
            "invalid_client" | "invalid_request" | "unauthorized_client" => Self::SecretWrong,
            "invalid_grant" => Self::Revoked,
            "access_denied" if description.contains("Rate limit") => Self::TooEarly,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_errors_have_their_own_cause() {
        let cases = [
            ("unauthorized_client", "Old refresh token used.", Cause::RefreshTokenReused),
            ("access_denied", "Rate limit exceeded: access_token not expired", Cause::TooEarly),
            ("invalid_request", "", Cause::SecretWrong),
            ("invalid_client", "", Cause::SecretWrong),
            ("invalid_grant", "", Cause::Revoked),
            ("", "Bad Request", Cause::Refused),
        ];
        for (error, description, cause) in cases {
            assert_eq!(Cause::from_token_error(error, description), cause, "{error}: {description}");
        }
    }

    #[test]
    fn reasons_are_known_with_and_without_text_behind_them() {
        assert_eq!(Cause::from_reason("BlockedUser"), Some(Cause::BlockedUser));
        assert_eq!(
            Cause::from_reason("TooEarlyToRefreshTokens: Rate limit exceeded: access_token not expired"),
            Some(Cause::TooEarly)
        );
        assert_eq!(Cause::from_reason("Somethingelse"), None);
    }
}
