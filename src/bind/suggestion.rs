//! The name that CPython suggests for one that nothing has: `suggestions.c`, which the exceptions of binding ask from 3.13 on.

/// What it costs to put in, leave out or replace a character.
const MOVE_COST: usize = 2;

/// What it costs to write a letter large instead of small.
const CASE_COST: usize = 1;

/// The longest text that is compared.
const MAX_STRING_SIZE: usize = 40;

/// Where there are as many names as this, none is suggested.
const MAX_CANDIDATES: usize = 750;

/// The first of the names that are nearest to the one that was written, if a third of the characters at most would have to change.
pub(super) fn suggestion<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    if names.len() >= MAX_CANDIDATES {
        return None;
    }
    let mut nearest = None;
    let mut best = usize::MAX;
    for &name in names.iter().filter(|name| **name != written) {
        let most = ((written.len() + name.len() + 3) * MOVE_COST / 6).min(best.saturating_sub(1));
        let cost = distance(written.as_bytes(), name.as_bytes(), most);
        if cost <= most && cost < best {
            nearest = Some(name);
            best = cost;
        }
    }
    nearest
}

/// The Levenshtein distance of two texts; past `most` it is only more than that.
fn distance(mut a: &[u8], mut b: &[u8], most: usize) -> usize {
    let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    (a, b) = (&a[before..], &b[before..]);
    let ends = a.iter().rev().zip(b.iter().rev());
    let behind = ends.take_while(|(a, b)| a == b).count();
    (a, b) = (&a[..a.len() - behind], &b[..b.len() - behind]);
    if a.is_empty() || b.is_empty() {
        return (a.len() + b.len()) * MOVE_COST;
    }
    if a.len() > MAX_STRING_SIZE || b.len() > MAX_STRING_SIZE {
        return most + 1;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|count| count * MOVE_COST).collect();
    for (index, &wanted) in b.iter().enumerate() {
        let mut left = (index + 1) * MOVE_COST;
        let mut corner = index * MOVE_COST;
        for (cell, &given) in row.iter_mut().zip(a) {
            let replaced = corner + substitution(given, wanted);
            corner = *cell;
            left = replaced.min(left.min(corner) + MOVE_COST);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or(0)
}

const fn substitution(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    /// What CPython 3.13 says of each.
    #[test]
    fn suggests_what_cpython_suggests() {
        let names = ["key", "timeout", "mode", "Limit", "kind"];
        for (written, expected) in [
            ("timeuot", Some("timeout")),
            ("mod", Some("mode")),
            ("limit", Some("Limit")),
            ("kee", Some("key")),
            ("kin", Some("kind")),
            ("wrong_name", None),
            ("x", None),
        ] {
            assert_eq!(suggestion(written, &names), expected, "{written}");
        }
    }
}
