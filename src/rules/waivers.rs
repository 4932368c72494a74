//! `[[waivers]]`: findings that somebody takes the responsibility for, until a day and for a reason.
//!
//! A waiver that has expired takes nothing out: its finding stands again, and says so. One that no finding matches is reported, so that it does not wait
//! for the next defect and hide it.

use std::sync::Arc;

use crate::config::{Day, Waiver};
use crate::rules::fingerprint::fingerprint;
use crate::rules::judge::about_file;
use crate::rules::{Finding, Selection, Suppressed, Suppressor, all, input};

/// Takes out the findings that a waiver stands for on that day, and gives them. `is_whole`: the run saw all that there is, so that a waiver without a
/// finding is an unused one.
pub fn waive(
    findings: &mut Vec<Finding>,
    waivers: &[Waiver],
    today: Day,
    (selection, is_whole): (&Selection, bool),
) -> Vec<Suppressed> {
    let mut used = vec![false; waivers.len()];
    let mut waived = Vec::new();
    let mut left = Vec::with_capacity(findings.len());
    for mut finding in std::mem::take(findings) {
        let matching: Vec<usize> = (0..waivers.len())
            .filter(|&index| is_for(&waivers[index], &finding))
            .collect();
        for &index in &matching {
            used[index] = true;
        }
        let holds = matching
            .iter()
            .find(|&&index| today <= waivers[index].until);
        match (holds, matching.last()) {
            (Some(&index), _) => waived.push(Suppressed {
                finding,
                by: Suppressor::Waiver,
                justification: justification(&waivers[index]),
            }),
            (None, Some(&index)) => {
                let Waiver { until, at, .. } = &waivers[index];
                finding.message = format!(
                    "{}; its waiver ({at}) has expired on {until}",
                    finding.message
                );
                left.push(finding);
            }
            (None, None) => left.push(finding),
        }
    }
    *findings = left;
    if is_whole {
        let unused = waivers.iter().zip(used).filter(|(_, used)| !used);
        let unused = unused.filter(|(waiver, _)| !waiver.may_be_elsewhere);
        findings.extend(unused.filter_map(|(waiver, _)| is_unused(waiver, today, selection)));
    }
    waived
}

fn is_for(waiver: &Waiver, finding: &Finding) -> bool {
    let is = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|it| it == found);
    finding.rule.is_meant_by(&waiver.rule)
        && waiver.paths.matches(&finding.path)
        && is(&waiver.function, &finding.basis.function)
        && is(&waiver.fingerprint, &finding.fingerprint)
}

/// Why, who, and until when: one line for an audit.
fn justification(waiver: &Waiver) -> String {
    let by = waiver.by.as_ref();
    let by = by.map(|by| format!(" ({by})")).unwrap_or_default();
    format!(
        "{}{by}; waived until {} in {}",
        waiver.reason, waiver.until, waiver.at
    )
}

/// The finding about a waiver without one. A waiver for rules that are off says nothing about the code.
fn is_unused(waiver: &Waiver, today: Day, selection: &Selection) -> Option<Finding> {
    let is_on =
        all().any(|rule| rule.is_meant_by(&waiver.rule) && selection.severity(rule).is_some());
    if !is_on {
        return None;
    }
    let Waiver {
        rule,
        path,
        until,
        at,
        ..
    } = waiver;
    let what = format!("the waiver of {rule} for {path} waives nothing");
    let mut finding = about_file(
        &input::UNUSED_WAIVER,
        &at.source,
        None,
        what,
        "take it out of the configuration, or name the rule and the files that it is for",
    );
    let expired = if *until < today {
        format!(", and has expired on {until}")
    } else {
        String::new()
    };
    // Neither line nor day is a part of what it is.
    finding.message = format!("{}{expired} ({at})", finding.message);
    finding.path = Arc::clone(&at.source);
    finding.severity = selection.severity(finding.rule)?;
    finding.fingerprint = fingerprint(&finding.atoms, 0);
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{self, Settings};
    use crate::rules::testing::{facts, findings, outage_failure, outage_tree};

    fn waivers(text: &str) -> Vec<Waiver> {
        let options = config::parse(text.as_bytes(), "coship.toml", "").unwrap();
        Settings::resolve(&options.unwrap()).unwrap().waivers
    }

    /// What is left, and what is waived, of the outage's one finding.
    fn judged(more: &str, today: &str) -> (Vec<String>, Vec<String>) {
        let tree = outage_tree();
        let mut found = findings(&tree, &facts(vec![outage_failure(&tree, "get")]), &[]);
        let text = format!(
            "[[waivers]]\nrule = 'unexpected-keyword'\npath = 'gateway_core.py'\nuntil = 2026-03-31\nreason = 'CORE-7'\n{more}"
        );
        let today = Day::parse(today).unwrap();
        let how = (&Selection::default(), true);
        let waived = waive(&mut found, &waivers(&text), today, how);
        let left = found.into_iter().map(|finding| finding.message);
        let waived = waived.into_iter().map(|waived| waived.justification);
        (left.collect(), waived.collect())
    }

    #[test]
    fn a_waiver_holds_until_its_last_day() {
        let (left, waived) = judged("by = 'Ada'", "2026-03-31");
        assert!(left.is_empty(), "{left:?}");
        assert_eq!(
            waived,
            ["CORE-7 (Ada); waived until 2026-03-31 in coship.toml:1"]
        );
        let (left, waived) = judged("", "2026-04-01");
        assert!(waived.is_empty());
        assert_eq!(left.len(), 1);
        assert!(
            left[0].ends_with("; its waiver (coship.toml:1) has expired on 2026-03-31"),
            "{left:?}"
        );
    }

    #[test]
    fn a_waiver_for_something_else_is_reported() {
        for more in ["function = 'other'", "fingerprint = '0'"] {
            let (left, waived) = judged(more, "2026-01-01");
            assert!(waived.is_empty());
            assert_eq!(
                left[1],
                "the waiver of unexpected-keyword for gateway_core.py waives nothing (coship.toml:1)"
            );
        }
        let (left, _) = judged("function = 'other'", "2027-01-01");
        assert!(left[1].contains(", and has expired on 2026-03-31 ("));
        let (left, waived) = judged("function = 'execute_operation'", "2026-01-01");
        assert!(left.is_empty());
        assert_eq!(waived.len(), 1);
    }
}
