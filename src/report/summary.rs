//! The first and the last line of reports for people, and the counts per rule.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use crate::analysis::upgrade::Upgrade;
use crate::facts::{Bound, Cut};
use crate::report::escape::plain;
use crate::report::{Check, Tally};
use crate::rules::Suppressor;
use crate::source::{Kind, Tree};

/// `coship: work tree ., against revision v1.4 (3f2a9c1), chosen by newest version tag; Python 3.11 (coship.toml:1)`.
pub(super) fn first_line(check: &Check) -> String {
    let mut candidate = name(check.candidate);
    if let Some(only) = check.only {
        // Writing to a String does not fail.
        let _ = match only {
            [] => write!(candidate, ", of which nothing changed ships"),
            [file] => write!(candidate, ", of which only {} ships", plain(file)),
            files => write!(
                candidate,
                ", of which only {} changed files ship",
                files.len()
            ),
        };
    }
    if let Some(package) = check.package {
        for layer in &package.layers {
            let _ = write!(candidate, " + layer {}", plain(layer));
        }
        let _ = match &package.held_against {
            Ok(tree) => write!(candidate, ", held against {}", plain(tree)),
            Err(why) => write!(candidate, ", held against nothing: {}", plain(why)),
        };
    }
    if !check.folder.is_empty() {
        let _ = write!(candidate, ", of which {} is reported", plain(check.folder));
    }
    let mut line = match check.against {
        Ok(against) => {
            let mut line = format!("coship: {candidate}, against {}", name(against));
            if let Some(chosen_by) = &against.chosen_by {
                line.push_str(", chosen by ");
                line.push_str(&plain(chosen_by));
            }
            line
        }
        Err(why) => format!("coship: {candidate}, against nothing: {}", plain(why)),
    };
    line.push_str("; ");
    line.push_str(&plain(&check.python.to_string()));
    line.push_str("; ");
    line.push_str(&plain(&check.environment.to_string()));
    if let Some(upgrade) = check.upgrade {
        line.push_str(&plain(&old_packages(upgrade)));
    }
    line
}

/// `, against packages of old (httpx 0.27.2 -> 0.28.0 and 2 more)`.
fn old_packages(upgrade: &Upgrade) -> String {
    let places = upgrade.environment().installed.iter();
    let places: Vec<&str> = places.map(|installed| &*installed.shown).collect();
    let mut moved = upgrade.moved().values();
    let said = match (moved.next(), moved.count()) {
        (None, _) => String::from("the same versions"),
        (Some(first), 0) => first.to_string(),
        (Some(first), more) => format!("{first} and {more} more"),
    };
    format!(", against packages of {} ({said})", places.join(" and "))
}

/// What identifies a package, a line each; none if it is no package that is reported on.
pub(super) fn digests(check: &Check) -> Vec<String> {
    let Some(package) = check.package else {
        return Vec::new();
    };
    let digests = &package.digests;
    let lines = [
        ("CodeSha256 (base64)", digests.code_sha256_base64.as_ref()),
        ("SHA-256 (hex)", digests.code_sha256_hex.as_ref()),
        ("contents (hex)", Some(&digests.content_sha256_hex)),
    ];
    let lines = lines.into_iter();
    lines
        .filter_map(|(label, digest)| Some(format!("{label:<19}  {}", digest?)))
        .collect()
}

/// The tree for people: its kind, its name, its short id.
pub(super) fn name(tree: &Tree) -> String {
    let kind = match tree.kind {
        Kind::WorkTree => "work tree",
        kind => kind.as_str(),
    };
    match tree.short_commit() {
        Some(commit) => format!("{kind} {} ({})", plain(&tree.name), plain(commit)),
        None => format!("{kind} {}", plain(&tree.name)),
    }
}

/// `12 files, 87 functions, 145 routes (3 unresolved): 1 error, 2 warnings`.
pub(super) fn last_line(check: &Check) -> String {
    let summary = &check.summary;
    let mut line = format!(
        "{}, {}, {} ({} unresolved): {}, {}",
        count(summary.files, "file"),
        count(summary.functions, "function"),
        count(summary.routes, "route"),
        summary.routes_unresolved,
        count(summary.errors, "error"),
        count(summary.warnings, "warning"),
    );
    if summary.infos > 0 {
        line.push_str(", ");
        line.push_str(&count(summary.infos, "info"));
    }
    if summary.existing > 0 {
        // Writing to a String does not fail.
        let _ = write!(
            line,
            " ({} new, {} existing)",
            summary.new, summary.existing
        );
    }
    line.push_str(&not_shown(check.tally));
    line.push_str(&not_followed(check.cuts));
    line.push_str(&not_looked_into(&check.candidate.repositories));
    line
}

/// `; not shown: 186 existing, 12 in coship-baseline.toml`; nothing if all is.
pub(super) fn not_shown(tally: &Tally) -> String {
    let baseline = plain(tally.baseline.as_deref().unwrap_or_default());
    let parts = [
        (tally.existing, "existing".to_owned()),
        (
            tally.suppressed_by(Suppressor::Baseline),
            format!("in {baseline}"),
        ),
        (tally.suppressed_by(Suppressor::Waiver), "waived".to_owned()),
        (
            tally.suppressed_by(Suppressor::Comment),
            "ignored by comments".to_owned(),
        ),
        (tally.elsewhere, "elsewhere".to_owned()),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let mut line = String::new();
    if !parts.is_empty() {
        let _ = write!(line, "; not shown: {}", parts.join(", "));
    }
    if tally.baseline_unused > 0 {
        let _ = write!(
            line,
            "; {} of {baseline} {} out",
            count(tally.baseline_unused, "finding"),
            if tally.baseline_unused == 1 {
                "is mended: --update-baseline takes it"
            } else {
                "are mended: --update-baseline takes them"
            },
        );
    }
    line
}

/// `; not looked into: 2 repositories inside (vendor/a, vendor/b)`; nothing if there are none.
fn not_looked_into(repositories: &[Arc<str>]) -> String {
    let noun = match repositories {
        [] => return String::new(),
        [_] => "1 repository inside".to_owned(),
        all => format!("{} repositories inside", all.len()),
    };
    let named = repositories.iter().take(NAMED).map(|path| plain(path));
    let mut named: Vec<_> = named.collect();
    if repositories.len() > NAMED {
        named.push("...".into());
    }
    format!("; not looked into: {noun} ({})", named.join(", "))
}

/// How many functions are named whose calls were not looked into.
const NAMED: usize = 3;

/// `; 904 calls were not looked into: 904 of gateway.execute_operation (past the work that one function is granted)`; nothing if all were.
fn not_followed(cuts: &[Cut]) -> String {
    let (keys, calls): (Vec<&Cut>, Vec<&Cut>) =
        cuts.iter().partition(|cut| cut.bound == Bound::Keys);
    let mut line = String::new();
    for (cuts, noun, what) in [
        (calls, "call", "looked into"),
        (keys, "key", "tried one by one"),
    ] {
        let total: usize = cuts.iter().map(|cut| cut.calls).sum();
        if total == 0 {
            continue;
        }
        let were = if total == 1 { "was" } else { "were" };
        // Writing to a String does not fail.
        let _ = write!(
            line,
            "; {} {were} not {what}: {}",
            count(total, noun),
            named(cuts)
        );
    }
    line
}

/// The functions with most of it.
fn named(mut cuts: Vec<&Cut>) -> String {
    cuts.sort_by_key(|cut| Reverse(cut.calls));
    let named = cuts.iter().take(NAMED).map(|cut| {
        let name = plain(&cut.function.name);
        format!("{} of {name}{}", cut.calls, past(cut.bound))
    });
    let mut named: Vec<String> = named.collect();
    if let Some(more) = cuts.len().checked_sub(NAMED).filter(|&more| more > 0) {
        named.push(format!("the others of {}", count(more, "function")));
    }
    named.join(", ")
}

/// What a bound is about.
const fn past(bound: Bound) -> &'static str {
    match bound {
        Bound::Depth => " (too many calls within calls)",
        Bound::Recursion => " (it calls itself, each time with other arguments)",
        Bound::Function => " (past the work that one function is granted)",
        Bound::Caller => " (past the work that one caller is granted)",
        Bound::Tree => " (past the work that the tree is granted)",
        Bound::Keys => "",
    }
}

/// How many findings each rule has, by code and name.
pub(super) fn per_rule(check: &Check) -> BTreeMap<(&'static str, &'static str), usize> {
    let mut counts = BTreeMap::new();
    for finding in check.findings {
        *counts
            .entry((finding.rule.code, finding.rule.name))
            .or_default() += 1;
    }
    counts
}

/// A line per rule that has findings: how many, code, name.
pub(super) fn statistics(check: &Check) -> Vec<String> {
    per_rule(check)
        .into_iter()
        .map(|((code, name), count)| format!("{count:>5}  {code}  {name}"))
        .collect()
}

/// `1 file`, `2 files`.
pub(super) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
