//! Plays a scenario against one CRM, step by step.

use std::time::Duration;

use sync_core::flow::Vendor;

use crate::act::act;
use crate::expect::{about_the_last_run, expect, nothing_left};
use crate::script::{Line, Script};
use crate::step::{Setting, Step};
use crate::world::World;

/// How long a schedule lets pass before the engine runs.
pub(crate) const PAUSE: Duration = Duration::from_secs(15 * 60);
/// How long after it people do something again: vendors tell edits apart by the second.
pub(crate) const MOMENT: Duration = Duration::from_secs(60);

/// Plays all steps, and a last pass in which nothing may be written.
///
/// # Errors
/// The first step that cannot be done or is not as expected, with file and line.
pub(crate) fn play(script: &Script, vendor: Vendor) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| error.to_string())?.block_on(steps(script, vendor))
}

async fn steps(script: &Script, vendor: Vendor) -> Result<(), String> {
    let settings = script.steps.iter().filter_map(|line| match &line.step {
        Step::Set(setting) => Some(setting.clone()),
        _ => None,
    });
    let settings: Vec<Setting> = settings.collect();
    let mut world = World::new(&settings, vendor).await.map_err(|why| format!("{}: {why}", script.file))?;
    for Line { number, text, step } in &script.steps {
        let done = match step {
            Step::Set(_) => Ok(()),
            Step::Do(action) => act(&mut world, action).await,
            Step::Expect(expectation) => expect(&mut world, expectation).await,
        };
        if let Err(why) = done {
            let about = about_the_last_run(&world).await;
            return Err(format!("{}:{number}: {text}\n  {why}\n{about}", script.file));
        }
    }
    nothing_left(&mut world).await.map_err(|why| format!("{}: at the end: {why}", script.file))
}
