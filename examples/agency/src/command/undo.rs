//! `undo`: asks for the reverse of what a run wrote. Asks the store alone; `plan` shows it, and `run` carries it out.

use serde_json::json;

use crate::connect::{App, Divisions};
use crate::error::Result;
use crate::output::{Outcome, count};

pub(super) async fn run(app: &App, run: &str) -> Result<Outcome> {
    let engine = app.engine(Divisions::Stored, None).await?;
    let undo = engine.undo(run).await?;
    let text = format!(
        "Asked for: values put back on {}, {} taken out of use, or asked about where only people can; nothing to take back on {}. `plan --full` shows every write, `run` carries it out.",
        count(undo.restored, "link"),
        count(undo.retired, "created record"),
        count(undo.left, "link"),
    );
    let document =
        json!({ "run": run, "restored": undo.restored, "retired": undo.retired, "left": undo.left });
    Ok(Outcome::new(text, document))
}
