//! Tags that name versions, and their order.

use std::cmp::Ordering;

/// Words that may stand before the number of a version: `v1.2`, `release-2024-05-01`, `deployed_7`.
const WORDS: &[&str] = &[
    "v",
    "ver",
    "version",
    "r",
    "rel",
    "release",
    "deploy",
    "deployed",
    "deployment",
    "prod",
    "production",
    "live",
];

/// A version as read from a tag's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Version<'n> {
    /// The digits between the separators, without leading zeros.
    numbers: Vec<&'n str>,
    /// What comes behind them: `-rc1`, `.post2`, `-Beta`.
    suffix: &'n str,
}

impl<'n> Version<'n> {
    /// Reads a tag's name, None if it does not look like a version.
    ///
    /// It does if it is a number with at least one `.`, `-` or `_` in it (`1.2`, `2025-12-05`), or any number behind one of
    /// [`WORDS`] (`v7`); a path (`api/v1.2`), a package (`api@1.2`) and, before dotted numbers, a project's name
    /// (`coship-1.2.0`) may come first. `build-1234` and `nightly-2025-12-05` are no versions: nothing says that these were deployed.
    pub(super) fn of_tag(name: &'n str) -> Option<Self> {
        let name = name.rsplit(['/', '@']).next().unwrap_or(name);
        let start = number_start(name)?;
        let (before, rest) = name.split_at(start);
        let (numbers, suffix) = numbers(rest);
        let is_boundary = suffix.chars().next().is_none_or(|c| !c.is_ascii_digit());
        let word = before
            .trim_end_matches(['.', '-', '_'])
            .to_ascii_lowercase();
        let is_dotted = rest[numbers[0].len()..].starts_with('.');
        let is_version = is_boundary
            && if WORDS.contains(&word.as_str()) {
                true
            } else if word.is_empty() {
                before.is_empty() && numbers.len() > 1
            } else {
                // A project's name in front: `coship-1.2.0`, `coship-v1.2.0`.
                let named = word
                    .rsplit(['-', '_'])
                    .next()
                    .is_some_and(|last| word.len() > last.len() && WORDS.contains(&last));
                named || (is_dotted && before.ends_with(['-', '_']) && numbers.len() > 1)
            };
        is_version.then(|| Self {
            numbers: numbers.into_iter().map(significant).collect(),
            suffix,
        })
    }

    /// Where a suffix puts a version among those of the same numbers.
    fn rank(&self) -> u8 {
        let word = self
            .suffix
            .trim_start_matches(['.', '-', '_', '+'])
            .to_ascii_lowercase();
        let is = |words: &[&str]| {
            words.iter().any(|wanted| {
                word.strip_prefix(wanted)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
            })
        };
        if self.suffix.is_empty() || self.suffix.starts_with('+') {
            5
        } else if is(&[
            "post", "p", "patch", "hotfix", "fix", "rev", "r", "final", "ga", "release",
        ]) {
            6
        } else if is(&["dev", "snapshot"]) {
            0
        } else if is(&["alpha", "a"]) {
            1
        } else if is(&["beta", "b"]) {
            2
        } else if is(&["rc", "c", "pre", "preview"]) {
            3
        } else {
            // Semantic versioning: whatever follows a hyphen comes before the release.
            4
        }
    }
}

impl Ord for Version<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let count = self.numbers.len().max(other.numbers.len());
        let number = |version: &Self, index: usize| {
            version.numbers.get(index).copied().unwrap_or("").to_owned()
        };
        (0..count)
            .map(|index| by_size(&number(self, index), &number(other, index)))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
            .then_with(|| self.rank().cmp(&other.rank()))
            .then_with(|| natural(self.suffix, other.suffix))
    }
}

impl PartialOrd for Version<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where the version's own number starts: the first digit that follows a separator, a word of [`WORDS`] or nothing.
/// The digits of a project's name (`s3fs-1.2`, `py2-v1.0`) are passed over.
pub(super) fn number_start(name: &str) -> Option<usize> {
    name.char_indices()
        .filter(|&(_, c)| c.is_ascii_digit())
        .map(|(index, _)| index)
        .find(|&index| {
            let before = &name[..index];
            let word = before.rsplit(['.', '-', '_']).next().unwrap_or(before);
            word.is_empty() || WORDS.contains(&word.to_ascii_lowercase().as_str())
        })
}

/// The digit groups at the start of `text`, which starts with a digit, and what follows them.
fn numbers(text: &str) -> (Vec<&str>, &str) {
    let mut numbers = Vec::new();
    let mut rest = text;
    loop {
        let length = rest.bytes().take_while(u8::is_ascii_digit).count();
        numbers.push(&rest[..length]);
        rest = &rest[length..];
        match rest.as_bytes() {
            [b'.' | b'-' | b'_', digit, ..] if digit.is_ascii_digit() => rest = &rest[1..],
            _ => return (numbers, rest),
        }
    }
}

fn significant(digits: &str) -> &str {
    digits.trim_start_matches('0')
}

/// Compares digits without leading zeros as numbers of any length.
fn by_size(a: &str, b: &str) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// Compares texts with the digits in them as numbers: `rc2` before `rc10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        match (a.chars().next(), b.chars().next()) {
            (None, None) => return Ordering::Equal,
            (None, _) => return Ordering::Less,
            (_, None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let split = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
                let (left, right) = (split(a), split(b));
                let order = by_size(significant(&a[..left]), significant(&b[..right]));
                if order.is_ne() {
                    return order;
                }
                (a, b) = (&a[left..], &b[right..]);
            }
            (Some(x), Some(y)) => {
                if x != y {
                    return x.cmp(&y);
                }
                (a, b) = (&a[x.len_utf8()..], &b[y.len_utf8()..]);
            }
        }
    }
}

/// The order of tags by their names: versions by number, above everything else; the rest by name.
pub(super) fn compare_tags(a: &str, b: &str) -> Ordering {
    Version::of_tag(a)
        .cmp(&Version::of_tag(b))
        .then_with(|| natural(a, b))
        .then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::{Version, compare_tags};

    #[test]
    fn what_looks_like_a_version() {
        for name in [
            "v1.0",
            "1.0",
            "v7",
            "V2",
            "2025-12-05",
            "v2025.10.21-Beta",
            "v2025-12-05-Beta",
            "release-3",
            "release/1.2",
            "api/v1.2.3",
            "@scope/pkg@1.2.3",
            "coship-1.2.0",
            "my-app-v2",
            "s3fs-1.2",
            "deploy-2025-01-02",
            "prod_2025_01_02",
            "1.0rc1",
            "v1.0.post1",
        ] {
            assert!(Version::of_tag(name).is_some(), "{name}");
        }
        for name in [
            "latest",
            "build-1234",
            "nightly-2025-12-05",
            "2025",
            "v",
            "",
            "version",
            "stable",
            "python3",
            "x86-64",
            "backup-2025-01-01",
            "vNext",
        ] {
            assert!(Version::of_tag(name).is_none(), "{name}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number_and_stage() {
        let ascending = [
            "v0.9",
            "v1.0.dev1",
            "v1.0-alpha",
            "v1.0-beta.2",
            "v1.0-beta.10",
            "v1.0rc1",
            "v1.0-lambda",
            "v1.0",
            "v1.0.post1",
            "v1.0.1",
            "v1.9.0",
            "v1.10.0",
            "v2025.10.21-Beta",
            "v2025.10.22-Beta",
            "v2025-12-05-Beta",
        ];
        for pair in ascending.windows(2) {
            assert!(compare_tags(pair[0], pair[1]).is_lt(), "{pair:?}");
        }
        assert!(
            compare_tags("v1.0", "v1.0.0").is_lt(),
            "the same version: the longer name, but always the same one"
        );
        assert!(compare_tags("zzz", "v0.1").is_lt());
    }
}
