//! What a run does, told as small scenarios between two sides in memory.

mod afterwards;
mod answers;
mod approved;
mod bench;
mod brakes;
mod divisions;
mod echo;
mod ends;
mod first_run;
mod handoff;
mod heard;
mod interrupted;
mod kinds;
mod limits;
mod links;
mod merges;
mod office;
mod oscillation;
mod plan;
mod references;
mod refusals;
mod retention;
pub(crate) mod side;
mod told;
mod undo;
