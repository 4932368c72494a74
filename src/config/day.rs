//! A day of the calendar: until when a waiver holds, and what the next tag is called.

use std::fmt;

/// A day of the Gregorian calendar; shown as `2025-11-02`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day {
    /// The year.
    pub year: i64,
    /// The month, from 1.
    pub month: u32,
    /// The day of the month, from 1.
    pub day: u32,
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl Day {
    /// The day, in UTC, of a second since 1970-01-01. The arithmetic is that of Howard Hinnant's `civil_from_days`
    /// (<https://howardhinnant.github.io/date_algorithms.html>).
    #[must_use]
    pub fn of_unix(seconds: i64) -> Self {
        let days = seconds.div_euclid(86_400) + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * of_year + 2) / 153;
        let day = of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 {
            shifted + 3
        } else {
            shifted - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: u32::try_from(month).unwrap_or(1),
            day: u32::try_from(day).unwrap_or(1),
        }
    }

    /// The day that `2025-11-02` is; none for anything else, days that no month has included.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [year, month, day] = parts.as_slice() else {
            return None;
        };
        let is_form = [(year, 4), (month, 2), (day, 2)]
            .iter()
            .all(|(part, length)| {
                part.len() == *length && part.bytes().all(|byte| byte.is_ascii_digit())
            });
        if !is_form {
            return None;
        }
        let day = Self {
            year: year.parse().ok()?,
            month: month.parse().ok()?,
            day: day.parse().ok()?,
        };
        let is_there =
            (1..=12).contains(&day.month) && (1..=day.days_of_month()).contains(&day.day);
        is_there.then_some(day)
    }

    fn days_of_month(self) -> u32 {
        let is_leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.month {
            2 if is_leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    fn day(year: i64, month: u32, day: u32) -> Day {
        Day { year, month, day }
    }

    #[test]
    fn seconds_are_days() {
        assert_eq!(Day::of_unix(0), day(1970, 1, 1));
        assert_eq!(Day::of_unix(951_782_400), day(2000, 2, 29));
        assert_eq!(Day::of_unix(1_758_499_200), day(2025, 9, 22));
        assert_eq!(Day::of_unix(-1), day(1969, 12, 31));
    }

    #[test]
    fn only_days_of_the_calendar_are_read() {
        assert_eq!(Day::parse("2025-11-02"), Some(day(2025, 11, 2)));
        assert_eq!(Day::parse("2024-02-29"), Some(day(2024, 2, 29)));
        for text in [
            "2025-02-29",
            "2025-13-01",
            "2025-00-01",
            "2025-04-31",
            "2025-4-1",
            "25-04-01",
            "2025-11-02T00",
            "+025-11-02",
            "",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
        assert!(day(2025, 9, 30) < day(2025, 10, 1));
    }
}
