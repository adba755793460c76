//! Scenarios in plain text, one a file, played against the local vendors: see README.md beside this file.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod act;
mod addresses;
mod expect;
mod field;
mod flows;
mod grammar;
mod money;
mod people;
mod play;
mod price_lists;
mod script;
mod setting;
mod step;
mod value;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use libtest_mimic::{Arguments, Failed, Trial};
use sync_core::flow::Vendor;

use play::play;
use script::Script;

const VENDORS: [(Vendor, &str); 2] = [(Vendor::Pipedrive, "Pipedrive"), (Vendor::HubSpot, "HubSpot")];

/// Scenarios that have to fail: they prove that the runner can.
const WRONG: &str = "wrong";

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut trials = Vec::new();
    for file in files(&root) {
        let name = file.strip_prefix(&root).unwrap_or(&file).with_extension("").display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        match name.starts_with(WRONG) {
            true => trials.extend(wrong(&name, &text)),
            false => trials.extend(right(&name, &text)),
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Every file below a folder of scenarios, in order.
fn files(root: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut paths: Vec<PathBuf> = paths.collect();
        paths.sort();
        paths
    };
    let folders = entries(root).into_iter().filter(|path| path.is_dir());
    folders
        .flat_map(|folder| entries(&folder))
        .filter(|path| path.extension().is_some_and(|end| end == "txt"))
        .collect()
}

fn right(name: &str, text: &str) -> Vec<Trial> {
    let script = match Script::read(name, text) {
        Ok(script) => script,
        Err(why) => return vec![Trial::test(name, move || Err(why.into()))],
    };
    let vendors = VENDORS.into_iter().filter(|(vendor, _)| script.only.is_none_or(|only| only == *vendor));
    vendors
        .map(|(vendor, called)| {
            let script = script.clone();
            Trial::test(format!("{name} {called}"), move || play(&script, vendor).map_err(Failed::from))
        })
        .collect()
}

/// A scenario whose comment `# fails: …` tells how it has to fail, when it is read or when it is played.
fn wrong(name: &str, text: &str) -> Vec<Trial> {
    let expected =
        text.lines().find_map(|line| line.strip_prefix("# fails: ")).unwrap_or_default().to_owned();
    let script = Script::read(name, text);
    VENDORS
        .map(|(vendor, called)| {
            let (script, expected) = (script.clone(), expected.clone());
            Trial::test(format!("{name} {called}"), move || {
                match script.and_then(|script| play(&script, vendor)) {
                    Err(why) if !expected.is_empty() && why.contains(&expected) => Ok(()),
                    Err(why) => Err(format!("it fails otherwise: {why}").into()),
                    Ok(()) => Err("it passes, and must not".into()),
                }
            })
        })
        .into()
}
