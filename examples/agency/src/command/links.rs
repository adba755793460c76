//! `links export` and `links import`: the identity map as a spreadsheet.

use std::io::Write;
use std::path::Path;

use serde_json::json;
use sync_core::engine::LinkRow;

use crate::connect::{App, Divisions};
use crate::error::{Error, Result};
use crate::output::{Outcome, count};
use crate::private_file;

pub(super) async fn export(app: &App, file: &Path) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    // Written beside it and put in its place at the end: a broken export never replaces a good one.
    let mut part = file.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    let private = private_file::create(part).map_err(|error| failed(file, error))?;
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(private);
    writer.write_record(["flow", "division", "exact_id", "crm_id"]).map_err(|error| failed(file, error))?;
    let (mut exported, mut after) = (0_u64, None);
    loop {
        let (rows, next) = engine.links(after.as_ref()).await?;
        for row in &rows {
            writer.serialize(row).map_err(|error| failed(file, error))?;
            exported += 1;
        }
        if next.is_none() {
            break;
        }
        after = next;
    }
    let mut inner = writer.into_inner().map_err(|error| failed(file, error))?;
    inner.flush().and_then(|()| inner.sync_all()).map_err(|error| failed(file, error))?;
    std::fs::rename(part, file).map_err(|error| failed(file, error))?;
    let text = format!("{} written to {}.", count(exported, "link"), file.display());
    Ok(Outcome::new(text, json!({ "exported": exported, "file": file })))
}

pub(super) async fn import(app: &App, file: &Path) -> Result<Outcome> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_path(file)
        .map_err(|error| failed(file, error))?;
    let rows: Vec<LinkRow> =
        reader.deserialize().collect::<Result<_, _>>().map_err(|error| failed(file, error))?;
    let engine = app.engine(Divisions::Stored, None).await?;
    let imported = engine.import_links(&rows).await?;
    let text = format!(
        "{} read, {} new. The next run compares their fields.",
        count(rows.len() as u64, "line"),
        imported
    );
    Ok(Outcome::new(text, json!({ "lines": rows.len(), "imported": imported })))
}

fn failed(file: &Path, error: impl std::fmt::Display) -> Error {
    Error::failed("file", format!("{}: {error}", file.display()))
        .remedy("the file needs the columns flow,division,exact_id,crm_id, and the right to read or write it")
}
