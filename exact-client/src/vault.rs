//! Secrets at rest: sealed with a key from the host, bound to their place, with keys that can be replaced.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use chacha20poly1305::aead::{Aead, Generate, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

use crate::error::{Error, ErrorKind, Result, Retry};

/// The format of a sealed secret; the first byte of each.
const VERSION: u8 = 1;
const NONCE: usize = 24;

/// Seals secrets with the newest key, and opens those sealed with any key it knows.
///
/// A sealed secret is the base64 of a version byte, four bytes that name the key, a random nonce of 24 bytes, and
/// the secret under XChaCha20-Poly1305. Its context is authenticated with it: a secret that was copied to another
/// place does not open there.
pub struct Vault {
    current: VaultKey,
    previous: Vec<VaultKey>,
}

/// A key of 32 random bytes.
#[derive(Clone)]
pub struct VaultKey {
    id: [u8; 4],
    cipher: XChaCha20Poly1305,
}

impl VaultKey {
    /// The key that this base64 text holds. Space around it is ignored.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) where it is not base64, or not 32 bytes. The text is not repeated.
    pub fn from_base64(text: &str) -> Result<Self> {
        const REMEDY: &str = "make one with `openssl rand -base64 32`";
        let bytes = BASE64.decode(text.trim()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| Error::config("the key is not base64").with_remedy(REMEDY))?;
        let Ok(key) = <&[u8; 32]>::try_from(bytes.as_slice()) else {
            let message = format!("the key has {} bytes instead of 32", bytes.len());
            return Err(Error::config(message).with_remedy(REMEDY));
        };
        Ok(Self::new(key))
    }

    /// The key of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        let digest = Sha256::new().chain_update("key id").chain_update(bytes).finalize();
        Self {
            id: [digest[0], digest[1], digest[2], digest[3]],
            cipher: XChaCha20Poly1305::new(bytes.into()),
        }
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultKey({})", hex::encode(self.id))
    }
}

impl Vault {
    /// A vault that seals with `current` and opens what was sealed with it or with one of the `previous` keys.
    #[must_use]
    pub fn new(current: VaultKey, previous: Vec<VaultKey>) -> Self {
        Self { current, previous }
    }

    /// Seals a secret for one place: the same context is needed to open it.
    ///
    /// # Errors
    /// [`Store`](crate::ErrorKind::Store) where the system has no randomness to give.
    pub fn seal(&self, context: &str, secret: &[u8]) -> Result<String> {
        let nonce = XNonce::try_generate().map_err(|error| {
            Error::store("a secret cannot be sealed: the system gave no randomness", error)
        })?;
        let payload = Payload { msg: secret, aad: context.as_bytes() };
        let sealed = self.current.cipher.encrypt(&nonce, payload);
        let sealed = sealed.map_err(|_| Error::config("the secret is too long to be sealed"))?;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&self.current.id);
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(BASE64.encode(bytes))
    }

    /// Opens a secret that was sealed for this context.
    ///
    /// # Errors
    /// [`Config`](crate::ErrorKind::Config) where none of the keys sealed it; [`Store`](crate::ErrorKind::Store) where
    /// it was altered, cut short, or sealed for another context.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = BASE64.decode(sealed).map_err(|_| corrupt("is not base64"))?;
        let Some((&version, rest)) = bytes.split_first() else { return Err(corrupt("is empty")) };
        if version != VERSION {
            return Err(corrupt("is in a format of a newer version: update this program"));
        }
        let (id, rest) = rest.split_first_chunk::<4>().ok_or_else(|| corrupt("is cut short"))?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(|| corrupt("is cut short"))?;
        let keys: Vec<_> = self.keys().filter(|key| key.id == *id).collect();
        if keys.is_empty() {
            let message = format!("a secret was sealed with a key ({}) that is not here", hex::encode(id));
            return Err(Error::config(message).with_remedy("add the former key to the previous ones"));
        }
        let payload = || Payload { msg: sealed, aad: context.as_bytes() };
        keys.into_iter()
            .find_map(|key| key.cipher.decrypt(&XNonce::from(*nonce), payload()).ok())
            .map(Zeroizing::new)
            .ok_or_else(|| corrupt("was altered, or belongs to another place"))
    }

    fn keys(&self) -> impl Iterator<Item = &VaultKey> {
        std::iter::once(&self.current).chain(&self.previous)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("current", &self.current).field("previous", &self.previous).finish()
    }
}

fn corrupt(what: &str) -> Error {
    Error::new(ErrorKind::Store, format!("a sealed secret {what}")).with_retry(Retry::Never)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> VaultKey {
        VaultKey::new(&[byte; 32])
    }

    fn vault(byte: u8) -> Vault {
        Vault::new(key(byte), Vec::new())
    }

    #[test]
    fn a_sealed_secret_opens_with_its_context() {
        let sealed = vault(1).seal("default/grant/a", b"token").unwrap();
        assert_eq!(vault(1).open("default/grant/a", &sealed).unwrap().as_slice(), b"token");
    }

    #[test]
    fn two_seals_of_one_secret_differ_and_do_not_hold_it() {
        let (one, two) = (vault(1).seal("c", b"token").unwrap(), vault(1).seal("c", b"token").unwrap());
        assert_ne!(one, two);
        assert!(!BASE64.decode(one).unwrap().windows(5).any(|window| window == b"token"));
    }

    #[test]
    fn a_secret_copied_to_another_place_does_not_open() {
        let sealed = vault(1).seal("default/grant/a", b"token").unwrap();
        let error = vault(1).open("other/grant/a", &sealed).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Store);
    }

    #[test]
    fn a_former_key_opens_and_the_newest_seals() {
        let old = vault(1).seal("c", b"token").unwrap();
        let rotated = Vault::new(key(2), vec![key(1)]);
        assert_eq!(rotated.open("c", &old).unwrap().as_slice(), b"token");
        let new = rotated.seal("c", b"token").unwrap();
        assert!(vault(2).open("c", &new).is_ok());
        assert!(vault(1).open("c", &new).is_err());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_remedy() {
        let sealed = vault(1).seal("c", b"token").unwrap();
        let error = vault(2).open("c", &sealed).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("add the former key"), "{error}");
    }

    #[test]
    fn every_altered_byte_and_every_cut_is_noticed() {
        let sealed = BASE64.decode(vault(1).seal("c", b"token").unwrap()).unwrap();
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(vault(1).open("c", &BASE64.encode(&altered)).is_err(), "byte {at}");
            assert!(vault(1).open("c", &BASE64.encode(&sealed[..at])).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_wrong_key_text_is_refused_without_repeating_it() {
        for (text, says) in [("not base64!", "not base64"), ("c2hvcnQ=", "5 bytes instead of 32")] {
            let error = VaultKey::from_base64(text).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            assert!(!error.to_string().contains(text), "{error}");
        }
        assert!(VaultKey::from_base64(&format!(" {}\n", BASE64.encode([7; 32]))).is_ok());
    }

    #[test]
    fn debug_shows_no_key() {
        let shown = format!("{:?}", Vault::new(key(7), vec![key(8)]));
        assert!(!shown.contains("7, 7") && !shown.contains(&BASE64.encode([7; 32])), "{shown}");
    }
}
