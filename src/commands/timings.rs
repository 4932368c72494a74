//! `--timings`: how long each phase of a check took, and what had been worked out before.

use std::io::{self, Write};
use std::time::Instant;

use crate::report::{Phase, Timings};

/// Takes the time of phases one after the other.
pub(super) struct Clock {
    last: Instant,
    laps: Vec<Phase>,
}

impl Default for Clock {
    fn default() -> Self {
        Self {
            last: Instant::now(),
            laps: Vec::new(),
        }
    }
}

impl Clock {
    /// Ends a phase.
    pub(super) fn lap(&mut self, name: &'static str) {
        let now = Instant::now();
        let micros = now.duration_since(self.last).as_micros();
        self.laps.push(Phase {
            name,
            microseconds: u64::try_from(micros).unwrap_or(u64::MAX),
        });
        self.last = now;
    }

    /// The phases that have ended.
    pub(super) fn laps(&self) -> Vec<Phase> {
        self.laps.clone()
    }
}

/// Tells the times on stderr.
pub(super) fn tell(timings: &Timings) {
    let mut stderr = io::stderr().lock();
    let total: u64 = timings.phases.iter().map(|phase| phase.microseconds).sum();
    let all = timings
        .phases
        .iter()
        .map(|phase| (phase.name, phase.microseconds));
    for (name, micros) in all.chain([("total", total)]) {
        // That stderr is closed is nobody's business.
        let _ = writeln!(
            stderr,
            "timings: {name:<20} {:>9}.{:03} ms",
            micros / 1000,
            micros % 1000
        );
    }
    let counts = &timings.counts;
    let _ = writeln!(
        stderr,
        "timings: {} files parsed, {} known; {} trees evaluated, {} known",
        counts.parsed, counts.parsed_before, counts.evaluated, counts.evaluated_before
    );
}
