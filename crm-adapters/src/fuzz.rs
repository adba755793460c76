//! What must hold of any bytes from outside. Here for `cargo fuzz` (which sets `cfg(fuzzing)`) and for the tests, which
//! replay `fuzz/corpus`; no part of the crate that others build.

pub use crate::hubspot::fuzz::{webhook as hubspot_webhook, wire as hubspot_wire};
pub use crate::pipedrive::fuzz::{webhook as pipedrive_webhook, wire as pipedrive_wire};

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Target = (&'static str, fn(&[u8]));

    const TARGETS: [Target; 4] = [
        ("pipedrive_wire", pipedrive_wire),
        ("pipedrive_webhook", pipedrive_webhook),
        ("hubspot_wire", hubspot_wire),
        ("hubspot_webhook", hubspot_webhook),
    ];

    /// In a clone of the repository; the published crate comes without the corpus.
    const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/corpus");

    #[test]
    fn the_whole_corpus_passes_every_target() {
        for (name, check) in TARGETS {
            let files: Vec<_> = std::fs::read_dir(format!("{CORPUS}/{name}")).unwrap().collect();
            assert!(files.len() >= 4, "{name} has a corpus");
            for file in files {
                check(&std::fs::read(file.unwrap().path()).unwrap());
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_pass_every_target(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            for (_, check) in TARGETS {
                check(&bytes);
            }
        }
    }
}
