//! What every limiter is made of: lines in which calls wait for their turn, and windows that count them.

mod gate;
mod line;
mod window;

pub(crate) use gate::{Gate, Pass};
pub(crate) use line::{Line, Turn};
pub(crate) use window::Window;
