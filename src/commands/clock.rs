//! What day it is: the only thing that a run takes from the clock.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::config::Day;

/// Overrides the clock, as <https://reproducible-builds.org/specs/source-date-epoch/> has it.
const CLOCK_VARIABLE: &str = "SOURCE_DATE_EPOCH";

/// Today in UTC, or the day of `SOURCE_DATE_EPOCH`.
pub(super) fn today() -> Day {
    let fixed = std::env::var(CLOCK_VARIABLE)
        .ok()
        .and_then(|value| value.parse().ok());
    let clock = || {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(0)
    };
    Day::of_unix(fixed.unwrap_or_else(clock))
}
