//! Near misses: what somebody who typed something else probably meant.

/// The candidate that is nearest to `typed`, if one is near enough to be a slip of the fingers: at most a third of its
/// characters inserted, left out, replaced or swapped with a neighbour. Case does not matter; ties go to the first.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = typed.to_lowercase().chars().collect();
    candidates
        .into_iter()
        .map(|candidate| (distance(&typed, candidate), candidate))
        .filter(|&(distance, candidate)| {
            distance <= (candidate.chars().count().max(typed.len()) / 3).max(1)
        })
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// The edit distance with neighbours swapped (optimal string alignment).
fn distance(typed: &[char], candidate: &str) -> usize {
    let candidate: Vec<char> = candidate.to_lowercase().chars().collect();
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
        before_last = std::mem::replace(&mut last, row);
    }
    last[candidate.len()]
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
