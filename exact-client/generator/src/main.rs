//! Writes `src/entity/generated` and the catalogue of exact-client from the metadata of Exact's reference and the
//! short inputs in `entities/`, which say what the metadata does not know.
//!
//! ```text
//! cargo run -p entity-generator -- METADATA.json            writes
//! cargo run -p entity-generator -- METADATA.json --check    says what would change, and fails if anything would
//! ```

mod catalogue;
mod entity;
mod impls;
mod input;
mod metadata;
mod names;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use input::Inputs;
use metadata::Metadata;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (metadata, check) = match arguments.as_slice() {
        [metadata] => (metadata, false),
        [metadata, flag] if flag == "--check" => (metadata, true),
        _ => bail!("usage: entity-generator METADATA.json [--check]"),
    };
    let files = files(Path::new(metadata))?;
    let different = different(&files)?;
    if check && !different.is_empty() {
        bail!("not what the metadata and the inputs make: {}", different.join(", "));
    }
    for (path, text) in &files {
        fs::create_dir_all(path.parent().context("a file without a folder")?)?;
        fs::write(path, text).with_context(|| path.display().to_string())?;
    }
    Ok(())
}

/// Every file that the tool answers for, with its text.
fn files(metadata: &Path) -> Result<BTreeMap<PathBuf, String>> {
    let metadata = Metadata::read(metadata)?;
    let inputs = Inputs::read(&here().join("entities"))?;
    let source = here().join("../src");
    let generated = source.join("entity/generated");
    let mut files = BTreeMap::new();
    for entity in &inputs.entities {
        let text = entity::write(entity, &inputs, &metadata).with_context(|| entity.name.clone())?;
        files.insert(generated.join(format!("{}.rs", names::field(&entity.name))), text);
    }
    files.insert(generated.join("mod.rs"), entity::write_list(&inputs, &metadata)?);
    files.insert(source.join("odata/catalogue.txt"), catalogue::write(&metadata)?);
    Ok(files)
}

/// The names of those files that are not there, or hold something else, and of those that nothing writes any more.
fn different(files: &BTreeMap<PathBuf, String>) -> Result<Vec<String>> {
    let mut different: Vec<String> = files
        .iter()
        .filter(|(path, text)| fs::read_to_string(path).ok().as_ref() != Some(*text))
        .map(|(path, _)| path.display().to_string())
        .collect();
    if let Ok(folder) = fs::read_dir(here().join("../src/entity/generated")) {
        for entry in folder {
            let path = entry?.path();
            if !files.contains_key(&path) {
                different.push(format!("{} (nothing writes it)", path.display()));
            }
        }
    }
    Ok(different)
}

fn here() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The metadata is no part of the repository; `EXACT_METADATA` names its file.
    #[test]
    fn the_files_that_are_checked_in_are_what_the_tool_writes() {
        let Some(metadata) = env::var_os("EXACT_METADATA") else {
            println!("SKIPPED: EXACT_METADATA is not set, so the generated files were not compared");
            return;
        };
        let files = files(Path::new(&metadata)).expect("the metadata and the inputs fit");
        let different = different(&files).expect("the files can be read");
        assert!(different.is_empty(), "run the generator: {}", different.join(", "));
    }
}
