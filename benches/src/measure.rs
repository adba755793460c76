//! What this process has used, as Linux tells it. Elsewhere nothing is known.

use std::time::{Duration, Instant};

/// The kernel's unit in `/proc/self/stat`, the same on every Linux that runs on common machines.
const TICK: Duration = Duration::from_millis(10);

/// A stopwatch for the clock on the wall and for the processor.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    start: Instant,
    processor: Option<Duration>,
}

impl Measure {
    /// Starts it.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now(), processor: processor_time() }
    }

    /// Time passed since.
    #[must_use]
    pub fn wall(&self) -> Duration {
        self.start.elapsed()
    }

    /// Processor time that all threads of this process have used since.
    #[must_use]
    pub fn processor(&self) -> Option<Duration> {
        Some(processor_time()?.saturating_sub(self.processor?))
    }
}

fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The command's name may hold anything, so count from behind it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * (user + system))
}

/// The most memory that this process ever held, in KiB.
#[must_use]
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
