use url::{Host, Url};

use crate::error::{Error, ErrorKind, Result};

/// Checks that a URL is an origin and nothing more, and safe to send credentials to.
pub(crate) fn pinned(url: Url) -> Result<Url> {
    let wrong = |message: String| {
        Error::new(ErrorKind::Config, message).with_remedy("give an origin such as https://api.example.com")
    };
    let plain_http = url.scheme() == "http" && is_loopback(&url);
    if url.scheme() != "https" && !plain_http {
        let message = format!(
            "{} is not https, and http is allowed on loopback only",
            url.origin().ascii_serialization()
        );
        return Err(wrong(message));
    }
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if !bare || url.host().is_none() {
        return Err(wrong("the address has more than scheme, host and port".to_owned()));
    }
    Ok(url)
}

/// Whether a URL names this machine itself.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_origins_are_taken() {
        let table = [
            ("https://api.pipedrive.com", true),
            ("https://acme.pipedrive.com:8443/", true),
            ("http://127.0.0.1:9002", true),
            ("http://localhost:9002", true),
            ("http://[::1]:9002", true),
            ("http://api.pipedrive.com", false),
            ("http://127.0.0.1.example.com", false),
            ("https://user:secret@api.pipedrive.com", false),
            ("https://api.pipedrive.com/api/v2", false),
            ("https://api.pipedrive.com/?a=b", false),
            ("file:///etc/passwd", false),
        ];
        for (text, good) in table {
            let result = pinned(Url::parse(text).unwrap());
            assert_eq!(result.is_ok(), good, "{text}");
            if let Err(error) = result {
                assert!(!error.to_string().contains("secret"), "{error}");
            }
        }
    }
}
