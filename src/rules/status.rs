//! New or existing: findings of the candidate held against those of the deployed tree.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::rules::finding::{Finding, Identity, Status};

/// Sets the status of the candidate's findings. `deployed` are those of the deployed tree, checked by itself.
///
/// A finding exists already if a deployed one has its fingerprint. It also does if a deployed one has all that it consists of and more:
/// then routes were mended, nothing broke, and it takes over that one's fingerprint. A finding that breaks one route
/// more than any deployed one is new, however old its cause.
pub fn compare(candidate: &mut [Finding], deployed: &[Identity]) {
    let by_fingerprint: FxHashSet<&str> = deployed
        .iter()
        .map(|finding| finding.fingerprint.as_str())
        .collect();
    let mut taken = FxHashSet::default();
    for finding in candidate.iter_mut() {
        if by_fingerprint.contains(finding.fingerprint.as_str()) {
            finding.status = Status::Existing;
            taken.insert(finding.fingerprint.clone());
        } else {
            finding.status = Status::New;
        }
    }
    let mut by_atom: FxHashMap<u64, Vec<&Identity>> = FxHashMap::default();
    for finding in deployed {
        for &atom in &finding.atoms {
            by_atom.entry(atom).or_default().push(finding);
        }
    }
    for finding in candidate
        .iter_mut()
        .filter(|finding| finding.status == Status::New)
    {
        let Some(older) = finding.atoms.first().and_then(|first| by_atom.get(first)) else {
            continue;
        };
        let wider = older.iter().find(|older| {
            !taken.contains(&older.fingerprint)
                && finding
                    .atoms
                    .iter()
                    .all(|atom| older.atoms.binary_search(atom).is_ok())
        });
        if let Some(wider) = wider {
            finding.status = Status::Existing;
            finding.fingerprint.clone_from(&wider.fingerprint);
            taken.insert(wider.fingerprint.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::testing::{facts, findings, outage_failure, outage_tree, place};

    fn of(operations: &[&str]) -> Vec<Finding> {
        let tree = outage_tree();
        let failures = operations
            .iter()
            .map(|operation| outage_failure(&tree, operation));
        findings(&tree, &facts(failures.collect()), &[])
    }

    fn identities(operations: &[&str]) -> Vec<Identity> {
        of(operations).iter().map(Finding::identity).collect()
    }

    #[test]
    fn the_same_finding_exists() {
        let mut candidate = of(&["get", "set"]);
        compare(&mut candidate, &identities(&["set", "get"]));
        assert_eq!(candidate[0].status, Status::Existing);
    }

    #[test]
    fn a_mended_route_makes_nothing_new() {
        let mut candidate = of(&["get"]);
        let deployed = identities(&["get", "set"]);
        compare(&mut candidate, &deployed);
        assert_eq!(candidate[0].status, Status::Existing);
        assert_eq!(candidate[0].fingerprint, deployed[0].fingerprint);
    }

    #[test]
    fn a_route_more_is_new_under_an_old_cause() {
        let mut candidate = of(&["get", "set"]);
        compare(&mut candidate, &identities(&["get"]));
        assert_eq!(candidate[0].status, Status::New);
    }

    #[test]
    fn one_old_defect_does_not_excuse_two() {
        let tree = outage_tree();
        let first = outage_failure(&tree, "get");
        let mut second = first.clone();
        second.cause = place(&tree, "gateway_core.py", "timeout=30");
        let mut candidate = findings(&tree, &facts(vec![first, second]), &[]);
        compare(&mut candidate, &identities(&["get"]));
        let new = candidate
            .iter()
            .filter(|finding| finding.status == Status::New);
        assert_eq!(new.count(), 1);
    }

    #[test]
    fn without_deployed_findings_all_is_new() {
        let mut candidate = of(&["get"]);
        compare(&mut candidate, &[]);
        assert_eq!(candidate[0].status, Status::New);
    }
}
