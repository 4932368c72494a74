//! The runtimes for Python that AWS Lambda has or had.

/// When the table was made.
pub const MADE: &str = "2026-11";

/// The runtimes and the day on which support for each ends or ended (the developer guide, "Lambda runtimes").
const RUNTIMES: [(&str, &str); 10] = [
    ("python2.7", "2021-07-15"),
    ("python3.6", "2022-07-18"),
    ("python3.7", "2023-12-04"),
    ("python3.8", "2024-10-14"),
    ("python3.9", "2025-12-15"),
    ("python3.10", "2026-10-31"),
    ("python3.11", "2027-06-30"),
    ("python3.12", "2028-10-31"),
    ("python3.13", "2029-06-30"),
    ("python3.14", "2029-06-30"),
];

/// The one that is next: it may be there by now.
const NEXT: &str = "python3.15";

/// What the table says of a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Support {
    /// It is supported, or may be by now.
    Supported,
    /// Support had ended when the table was made: the day.
    Ended(&'static str),
    /// There is none of that name.
    NoSuch,
}

/// What is known of a runtime.
pub(super) fn support(runtime: &str) -> Support {
    match RUNTIMES.iter().find(|(name, _)| *name == runtime) {
        Some((_, end)) if *end < MADE => Support::Ended(end),
        Some(_) => Support::Supported,
        None if runtime == NEXT => Support::Supported,
        None => Support::NoSuch,
    }
}

#[cfg(test)]
mod tests {
    use super::{Support, support};

    #[test]
    fn support_ends_on_a_day() {
        assert_eq!(support("python3.9"), Support::Ended("2025-12-15"));
        assert_eq!(support("python3.10"), Support::Ended("2026-10-31"));
        assert_eq!(support("python3.11"), Support::Supported);
        assert_eq!(support("python3.15"), Support::Supported);
        assert_eq!(support("python3.99"), Support::NoSuch);
    }
}
