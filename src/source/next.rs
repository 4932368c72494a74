//! The next tag in the scheme of the tags that are there, and the versions that might be gone back to.

use std::collections::BTreeSet;

use crate::config::Day;

use super::error::SourceError;
use super::git::failed;
use super::locate::{Located, Place};
use super::version::{Version, number_start};

impl Located {
    /// The name of the next deploy's tag, and the tag that it follows: the newest that looks like a version and is reachable. None if there is
    /// none. A date in it becomes `today`, a counter behind the date goes on or begins again; any other version's last number goes up.
    ///
    /// # Errors
    /// If the repository cannot be read.
    pub fn next_tag(&self, today: Day) -> Result<Option<(String, String)>, SourceError> {
        let Some((git, _)) = self.repository() else {
            return Ok(None);
        };
        let Some((from, _)) = self.start(git)? else {
            return Ok(None);
        };
        let newest = git.newest_tag(from, None, |name| Version::of_tag(name).is_some())?;
        let Some(newest) = newest else {
            return Ok(None);
        };
        let mut taken = BTreeSet::new();
        let references = git.repo.references().map_err(|error| failed(&error))?;
        for reference in references.tags().map_err(|error| failed(&error))?.flatten() {
            taken.insert(reference.name().shorten().to_string());
        }
        let name = next(&newest.name, today, &|name| taken.contains(name));
        Ok(name.map(|name| (name, newest.name)))
    }

    /// The newest version with a tag that looks like one, in the same directory, reachable, not among `tried` and not this very commit; None if
    /// there is no more.
    ///
    /// # Errors
    /// If the repository cannot be read.
    pub fn earlier(&self, tried: &[String]) -> Result<Option<Self>, SourceError> {
        let Some((git, prefix)) = self.repository() else {
            return Ok(None);
        };
        let Some((from, from_name)) = self.start(git)? else {
            return Ok(None);
        };
        let wanted = |name: &str| {
            Version::of_tag(name).is_some() && !tried.iter().any(|tried| tried == name)
        };
        let mut tried_here = tried.to_vec();
        match git.newest_tag(from, None, wanted)? {
            None => Ok(None),
            Some(tag) if tag.commit == from && matches!(self.place, Place::Revision { .. }) => {
                tried_here.push(tag.name);
                self.earlier(&tried_here)
            }
            Some(tag) => {
                let chosen_by = format!("newest earlier version tag reachable from {from_name}");
                self.tagged(git, prefix, &tag, chosen_by).map(Some)
            }
        }
    }
}

/// A tag's name taken apart: `v`, `2025.09.22.1`, `-Beta`.
struct Parts<'n> {
    before: &'n str,
    /// Digits, each with the separator in front of it.
    numbers: Vec<(&'n str, &'n str)>,
    suffix: &'n str,
}

impl<'n> Parts<'n> {
    fn of(tag: &'n str) -> Option<Self> {
        let path = tag.rfind(['/', '@']).map_or(0, |slash| slash + 1);
        let start = path + number_start(&tag[path..])?;
        let mut numbers = Vec::new();
        let mut rest = &tag[start..];
        let mut separator = "";
        loop {
            let length = rest.bytes().take_while(u8::is_ascii_digit).count();
            numbers.push((separator, &rest[..length]));
            rest = &rest[length..];
            match rest.as_bytes() {
                [b'.' | b'-' | b'_', digit, ..] if digit.is_ascii_digit() => {
                    (separator, rest) = rest.split_at(1);
                }
                _ => break,
            }
        }
        Some(Self {
            before: &tag[..start],
            numbers,
            suffix: rest,
        })
    }

    /// The date that it begins with, how many numbers that takes, and whether the numbers are filled up with zeros.
    fn date(&self) -> Option<(Day, usize, bool)> {
        let number = |text: &str| text.parse::<u32>().ok();
        let day = |year: &str, month: &str, day: &str| {
            let date = Day {
                year: number(year)?.into(),
                month: number(month)?,
                day: number(day)?,
            };
            let is_date = (1990..2200).contains(&date.year)
                && (1..=12).contains(&date.month)
                && (1..=31).contains(&date.day);
            is_date.then_some(date)
        };
        match self.numbers.as_slice() {
            [(_, year), (_, month), (_, date), ..] if year.len() == 4 => {
                let is_filled = month.len() == 2 && date.len() == 2;
                Some((day(year, month, date)?, 3, is_filled))
            }
            [(_, all), ..] if all.len() == 8 => {
                Some((day(&all[..4], &all[4..6], &all[6..])?, 1, true))
            }
            _ => None,
        }
    }
}

/// The name that follows `tag`.
fn next(tag: &str, today: Day, taken: &dyn Fn(&str) -> bool) -> Option<String> {
    let parts = Parts::of(tag)?;
    let names: Box<dyn Iterator<Item = String>> = match parts.date() {
        Some(date) => Box::new(next_dated(&parts, date, today)),
        None => Box::new(next_numbered(&parts)),
    };
    let mut names = names;
    // So many deploys has no day.
    names.by_ref().take(10_000).find(|name| !taken(name))
}

/// Names with today's date, or with further counters if there was one today.
fn next_dated<'p>(
    parts: &'p Parts,
    (date, count, is_filled): (Day, usize, bool),
    today: Day,
) -> impl Iterator<Item = String> + 'p {
    // A clock that is behind the newest tag cannot make an older one.
    let day = today.max(date);
    let counter = parts.numbers.get(count);
    let separator = counter.map_or_else(
        || {
            parts
                .numbers
                .get(1)
                .filter(|_| count == 3)
                .map_or(".", |(separator, _)| separator)
        },
        |(separator, _)| separator,
    );
    let first = match counter {
        Some((_, digits)) if day == date => digits.parse::<u64>().unwrap_or(0) + 1,
        Some(_) => 1,
        // A day's first deploy needs no counter where there was none before.
        None => u64::from(day == date) + 1,
    };
    let width = counter.map_or(0, |(_, digits)| {
        if digits.starts_with('0') {
            digits.len()
        } else {
            0
        }
    });
    let shown = match (count, is_filled) {
        (1, _) => format!("{:04}{:02}{:02}", day.year, day.month, day.day),
        (_, filled) => {
            let width = if filled { 2 } else { 0 };
            let (first, second) = (parts.numbers[1].0, parts.numbers[2].0);
            format!(
                "{}{first}{:0width$}{second}{:0width$}",
                day.year, day.month, day.day
            )
        }
    };
    let has_counter = counter.is_some();
    (first..).map(move |number| {
        let counter = if number == 1 && !has_counter {
            String::new()
        } else {
            format!("{separator}{number:0width$}")
        };
        format!("{}{shown}{counter}{}", parts.before, parts.suffix)
    })
}

/// Names with a higher last number; of a numbered suffix (`rc1`), with a higher one there.
fn next_numbered<'p>(parts: &'p Parts) -> impl Iterator<Item = String> + 'p {
    let in_suffix = parts.suffix.trim_end_matches(|c: char| c.is_ascii_digit());
    let of_suffix = &parts.suffix[in_suffix.len()..];
    let numbers = |count: usize| -> String {
        let numbers = parts.numbers.iter().take(count);
        numbers
            .flat_map(|(separator, digits)| [*separator, *digits])
            .collect()
    };
    let (before, last, behind) = if of_suffix.is_empty() {
        let last = parts.numbers.len().saturating_sub(1);
        let (separator, digits) = parts.numbers.get(last).copied().unwrap_or_default();
        (
            format!("{}{}{separator}", parts.before, numbers(last)),
            digits,
            parts.suffix,
        )
    } else {
        (
            format!(
                "{}{}{in_suffix}",
                parts.before,
                numbers(parts.numbers.len())
            ),
            of_suffix,
            "",
        )
    };
    let width = if last.starts_with('0') { last.len() } else { 0 };
    let from = last.parse::<u64>().unwrap_or(0).saturating_add(1);
    (from..).map(move |number| format!("{before}{number:0width$}{behind}"))
}

#[cfg(test)]
mod tests {
    use super::next;
    use crate::config::Day;

    const TODAY: Day = Day {
        year: 2025,
        month: 9,
        day: 22,
    };

    fn after(tag: &str, taken: &[&str]) -> String {
        next(tag, TODAY, &|name| taken.contains(&name)).unwrap()
    }

    #[test]
    fn dates_become_today_and_counters_go_on() {
        for (tag, wanted) in [
            ("v2025.09.22.1", "v2025.09.22.2"),
            ("v2025.09.22.9", "v2025.09.22.10"),
            ("v2025.09.20.3", "v2025.09.22.1"),
            ("v2025.9.20", "v2025.9.22"),
            ("v2025.09.22", "v2025.09.22.2"),
            ("v2025-09-21-Beta", "v2025-09-22-Beta"),
            ("v2025-09-22-Beta", "v2025-09-22-2-Beta"),
            ("release/20250921", "release/20250922"),
            ("deploy_20250922_01", "deploy_20250922_02"),
            ("v2026.01.01", "v2026.01.01.2"),
        ] {
            assert_eq!(after(tag, &[]), wanted, "{tag}");
        }
    }

    #[test]
    fn other_versions_count_up() {
        for (tag, wanted) in [
            ("v1.4.2", "v1.4.3"),
            ("1.9", "1.10"),
            ("v7", "v8"),
            ("v1.0-rc1", "v1.0-rc2"),
            ("v1.0-Beta", "v1.1-Beta"),
            ("coship-1.2.0", "coship-1.2.1"),
            ("api/v1.09", "api/v1.10"),
        ] {
            assert_eq!(after(tag, &[]), wanted, "{tag}");
        }
    }

    #[test]
    fn names_that_are_taken_are_passed_over() {
        assert_eq!(after("v1.4.2", &["v1.4.3", "v1.4.4"]), "v1.4.5");
        assert_eq!(after("v2025.09.21", &["v2025.09.22"]), "v2025.09.22.2");
    }
}
