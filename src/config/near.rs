//! Near misses: what somebody who typed something else probably meant.

/// The candidate that is nearest to `typed`, if one is near enough to be a slip of the fingers: at most a third of its
/// characters inserted, left out, replaced or swapped with a neighbour. Case does not matter; ties go to the first.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = typed.to_lowercase().chars().collect();
    let letters_typed = Letters::of(typed.iter().copied());
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        // Most are of another length altogether, or of other letters. Only of ASCII it is known without a look at each letter, and without a copy.
        if candidate.is_ascii() {
            let allowed = (candidate.len().max(typed.len()) / 3).max(1);
            let letters = candidate.bytes();
            let letters = letters.map(|letter| char::from(letter.to_ascii_lowercase()));
            if typed.len().abs_diff(candidate.len()) > allowed
                || letters_typed.are_too_far(letters, allowed)
            {
                continue;
            }
        }
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        let allowed = (candidate.chars().count().max(typed.len()) / 3).max(1);
        if typed.len().abs_diff(letters.len()) > allowed
            || letters_typed.are_too_far(letters.iter().copied(), allowed)
        {
            continue;
        }
        // What is no nearer than another one before it is not asked for.
        let allowed = match best {
            Some((0, _)) => break,
            Some((known, _)) => allowed.min(known - 1),
            None => allowed,
        };
        if let Some(distance) = distance(&typed, &letters, allowed) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// How often each letter is in a text, some letters counted as one.
struct Letters([i32; 64]);

impl Letters {
    fn of(text: impl Iterator<Item = char>) -> Self {
        let mut counts = [0; 64];
        for letter in text {
            counts[letter as usize % 64] += 1;
        }
        Self(counts)
    }

    /// Whether another text differs by more slips than are allowed, as far as the letters say without their order: each slip leaves at most one letter of either
    /// text without a twin in the other, and a swap none.
    fn are_too_far(&self, other: impl Iterator<Item = char>, allowed: usize) -> bool {
        let mut balance = self.0;
        for letter in other {
            balance[letter as usize % 64] -= 1;
        }
        let (surplus, lack) = balance.iter().fold((0, 0), |(surplus, lack), &left| {
            (surplus + left.max(0), lack + (-left).max(0))
        });
        usize::try_from(surplus.max(lack)).is_ok_and(|least| least > allowed)
    }
}

/// The edit distance with neighbours swapped (optimal string alignment); none if it is more than is allowed.
fn distance(typed: &[char], candidate: &[char], allowed: usize) -> Option<usize> {
    let mut least_of_last = 0;
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=candidate.len()).collect();
    for (i, a) in typed.iter().enumerate() {
        let mut row = Vec::with_capacity(candidate.len() + 1);
        row.push(i + 1);
        for (j, b) in candidate.iter().enumerate() {
            let mut best = (last[j] + usize::from(a != b))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *a == candidate[j - 1] && typed[i - 1] == *b {
                best = best.min(before_last[j - 1] + 1);
            }
            row.push(best);
        }
        // Each row is made of the two before it, and nothing becomes less on the way.
        let least = row.iter().copied().min().unwrap_or_default();
        if least > allowed && least_of_last > allowed {
            return None;
        }
        least_of_last = least;
        before_last = std::mem::replace(&mut last, row);
    }
    Some(last[candidate.len()]).filter(|&distance| distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_are_recognised() {
        let keys = ["against", "exclude", "extend-exclude", "include"];
        assert_eq!(nearest("agianst", keys), Some("against"));
        assert_eq!(nearest("exlude", keys), Some("exclude"));
        assert_eq!(nearest("extend_exclude", keys), Some("extend-exclude"));
        assert_eq!(nearest("Include", keys), Some("include"));
        assert_eq!(nearest("verbose", keys), None);
        assert_eq!(nearest("v1", ["v2", "main"]), Some("v2"));
        assert_eq!(nearest("", ["main"]), None);
    }
}
