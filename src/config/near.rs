//! Near misses: what somebody who typed something else probably meant.

/// The candidate that is nearest to `typed`, if one is near enough to be a slip of the fingers: at most a third of its
/// characters inserted, left out, replaced or swapped with a neighbour. Case does not matter; ties go to the first.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = typed.to_lowercase().chars().collect();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            // Most are of another length altogether. Only of ASCII it is known without a look at each letter.
            let most = (candidate.len().max(typed.len()) / 3).max(1);
            if candidate.is_ascii() && typed.len().abs_diff(candidate.len()) > most {
                return None;
            }
            let letters: Vec<char> = candidate.to_lowercase().chars().collect();
            let allowed = (candidate.chars().count().max(typed.len()) / 3).max(1);
            if is_too_far(&typed, &letters, allowed) {
                return None;
            }
            let distance = distance(&typed, &letters, allowed)?;
            Some((distance, candidate))
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Whether two texts differ by more slips than are allowed, as far as the letters say without their order: each slip leaves at most one letter of either text
/// without a twin in the other, and a swap none.
fn is_too_far(typed: &[char], candidate: &[char], allowed: usize) -> bool {
    if typed.len().abs_diff(candidate.len()) > allowed {
        return true;
    }
    let mut balance = [0_i32; 64];
    for &letter in typed {
        balance[letter as usize % 64] += 1;
    }
    for &letter in candidate {
        balance[letter as usize % 64] -= 1;
    }
    let (surplus, lack) = balance.iter().fold((0, 0), |(surplus, lack), &left| {
        (surplus + left.max(0), lack + (-left).max(0))
    });
    usize::try_from(surplus.max(lack)).is_ok_and(|least| least > allowed)
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
