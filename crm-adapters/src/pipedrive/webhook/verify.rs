use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, ErrorKind, Result};

/// Tells Pipedrive's requests from anybody's, by the Basic credentials that the subscription was made with.
///
/// Pipedrive signs nothing: this is all there is. Use an address that nobody can guess as well, over https.
#[derive(Clone)]
pub struct Verifier {
    user: String,
    password: SecretString,
}

impl Verifier {
    /// Takes requests with these credentials. Neither may be empty, and no colon may be in the user.
    ///
    /// # Errors
    /// [`Config`](ErrorKind::Config) for credentials that prove nothing.
    pub fn new(user: impl Into<String>, password: impl Into<String>) -> Result<Self> {
        let (user, password) = (user.into(), password.into());
        if user.is_empty() || user.contains(':') || password.is_empty() {
            let message = "a webhook needs a user without a colon, and a password";
            return Err(Error::new(ErrorKind::Config, message));
        }
        Ok(Self { user, password: SecretString::from(password) })
    }

    /// Checks the `Authorization` header of a request, in a time that tells nothing of how much of it was right.
    ///
    /// # Errors
    /// [`Auth`](ErrorKind::Auth) for a header that is missing or wrong. Answer such a request with 401.
    pub fn verify(&self, authorization: Option<&str>) -> Result<()> {
        let given = authorization.and_then(|header| header.split_once(' '));
        let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic")).map(|(_, proof)| proof);
        match given {
            Some(proof) if same(proof.trim().as_bytes(), self.proof().as_bytes()) => Ok(()),
            _ => Err(Error::new(ErrorKind::Auth, "this request is not from Pipedrive's subscription")
                .with_remedy("compare the user and the password with those that the webhook was made with")),
        }
    }

    fn proof(&self) -> String {
        STANDARD.encode(format!("{}:{}", self.user, self.password.expose_secret()))
    }

    pub(super) fn user(&self) -> &str {
        &self.user
    }

    pub(super) fn password(&self) -> &str {
        self.password.expose_secret()
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Compares all of both, whatever differs. Their lengths may show.
fn same(left: &[u8], right: &[u8]) -> bool {
    let differs = left.iter().zip(right).fold(0, |differs, (left, right)| differs | (left ^ right));
    left.len() == right.len() && std::hint::black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_subscriptions_own_credentials_are_taken() {
        let verifier = Verifier::new("pipedrive", "Pa:ss").unwrap();
        // printf 'pipedrive:Pa:ss' | base64
        assert!(verifier.verify(Some("Basic cGlwZWRyaXZlOlBhOnNz")).is_ok());
        assert!(verifier.verify(Some("basic  cGlwZWRyaXZlOlBhOnNz ")).is_ok());
        for header in [
            None,
            Some(""),
            Some("Basic"),
            Some("Basic "),
            Some("Bearer cGlwZWRyaXZlOlBhOnNz"),
            Some("Basic cGlwZWRyaXZlOlBhOnN6"),
            Some("Basic cGlwZWRyaXZlOlBhOnNzcw=="),
            Some("Basic cGlwZWRyaXZl"),
        ] {
            assert_eq!(verifier.verify(header).unwrap_err().kind(), ErrorKind::Auth, "{header:?}");
        }
        assert!(!format!("{verifier:?}").contains("Pa:ss"));
    }

    #[test]
    fn credentials_that_prove_nothing_are_refused() {
        for (user, password) in [("", "x"), ("a:b", "x"), ("a", "")] {
            assert_eq!(Verifier::new(user, password).unwrap_err().kind(), ErrorKind::Config);
        }
    }
}
