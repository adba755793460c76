//! What goes wrong, and how often: drawn anew for each seed, so that some histories are calm and some are stormy.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

#[derive(Debug)]
pub(super) struct Chance {
    rng: StdRng,
    /// Apart, so that the histories that were kept stay as they were.
    quiet: StdRng,
    /// How many updates of Exact are taken without a word, per thousand; in trouble and in good health.
    quiet_rate: u32,
    /// Exact stores texts in its own way. Nobody can undo a write of such a value: it looks edited since.
    pub(super) own_way: bool,
    drawn: Rates,
    pub(super) rates: Rates,
}

/// Per thousand.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rates {
    pub(super) crash: u32,
    pub(super) lost_reply: u32,
    pub(super) late_commit: u32,
    pub(super) vanished: u32,
    pub(super) not_sent: u32,
    pub(super) failed_read: u32,
    pub(super) unknown_commit: u32,
    pub(super) human_between: u32,
    pub(super) yields: u32,
    /// Seconds by which the CRM's feed lags.
    pub(super) feed_lag: u32,
}

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut rate = |most: u32| if rng.random_bool(0.5) { rng.random_range(0..=most) } else { 0 };
        let rates = Rates {
            crash: rate(40),
            lost_reply: rate(150),
            late_commit: rate(150),
            vanished: rate(80),
            not_sent: rate(100),
            failed_read: rate(60),
            unknown_commit: rate(60),
            human_between: rate(120),
            yields: rate(900),
            feed_lag: rate(60),
        };
        let mut quiet = StdRng::seed_from_u64(!seed);
        let quiet_rate = [0, 500, 1_000][quiet.random_range(0..3)];
        let own_way = quiet.random_bool(0.3);
        Self { rng, quiet, quiet_rate, own_way, drawn: rates, rates }
    }

    pub(super) fn is_quiet(&mut self) -> bool {
        self.quiet.random_range(0..1000) < self.quiet_rate
    }

    pub(super) fn happens(&mut self, per_thousand: u32) -> bool {
        self.rng.random_range(0..1000) < per_thousand
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        self.rng.random_range(0..end)
    }

    /// Ends all trouble.
    pub(super) fn heal(&mut self) {
        self.rates = Rates::default();
    }

    /// Begins it anew, but for people and for the lag by which one would not see what they did.
    pub(super) fn trouble(&mut self) {
        self.rates = Rates { human_between: 0, feed_lag: 0, ..self.drawn };
    }
}
