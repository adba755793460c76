use serde::de::DeserializeOwned;

use crate::error::{Error, ErrorKind, Result};
use crate::http::Answer;

/// Reads an answer's JSON; the error names the path of what could not be read.
pub(crate) fn decode<T: DeserializeOwned>(answer: &Answer) -> Result<T> {
    if !is_json(answer) {
        let found = answer.header("content-type").unwrap_or("nothing that says what it is").to_owned();
        return Err(Error::new(ErrorKind::Decode, format!("the answer is not JSON but {found}"))
            .with_remedy("check the address, and that no proxy or login page answers in its place"));
    }
    serde_json::from_slice(&answer.body).map_err(|error| misread::<T>(&answer.body, error))
}

/// Why a body could not be read. It is read once more for that: keeping the path while reading costs half as much again.
fn misread<T: DeserializeOwned>(body: &[u8], error: serde_json::Error) -> Error {
    let mut json = serde_json::Deserializer::from_slice(body);
    match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(located) => {
            let message = format!("the answer is not as expected at `{}`", located.path());
            Error::new(ErrorKind::Decode, message).with_source(located.into_inner())
        }
        Ok(_) => Error::new(ErrorKind::Decode, "the answer goes on after its JSON").with_source(error),
    }
}

/// Whether an answer claims to be JSON, or claims nothing and looks like it.
pub(crate) fn is_json(answer: &Answer) -> bool {
    match answer.header("content-type") {
        Some(kind) => kind.to_ascii_lowercase().contains("json"),
        None => answer.body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'<'),
    }
}
