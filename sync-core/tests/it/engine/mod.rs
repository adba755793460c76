//! What a run does, told as small scenarios between two sides in memory.

mod answers;
mod bench;
mod brakes;
mod divisions;
mod ends;
mod first_run;
mod interrupted;
mod limits;
mod links;
mod merges;
mod plan;
mod refusals;
mod side;
