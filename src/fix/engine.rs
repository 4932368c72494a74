//! Trying fixes: an edit stays if the edited tree, judged again, has neither its finding nor a new one.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::facts::FileId;
use crate::fix::{Code, Edit, Fix, Safety, proposals};
use crate::name::Name;
use crate::rules::Finding;
use crate::source::{Replacement, Tree};

/// What is to be mended, and how to tell whether it is.
pub struct Job<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// The deployed version, if there is one.
    pub deployed: Option<&'a Tree>,
    /// What the tree's modules are called in imports.
    pub modules: &'a FxHashMap<FileId, Name>,
    /// Whether a finding is to be mended.
    pub is_wanted: &'a dyn Fn(&Finding) -> bool,
    /// Whether unsafe fixes are applied.
    pub with_unsafe: bool,
    /// The findings of a tree with the same files.
    pub judge: &'a dyn Fn(&Tree) -> Vec<Finding>,
}

/// What came of it.
#[derive(Debug)]
pub struct Mended {
    /// The tree with all fixes that stay.
    pub tree: Tree,
    /// What they do, each with the files that it edits, in the order in which they were applied.
    pub done: Vec<(String, String)>,
    /// How many findings have nothing but unsafe fixes, which were not tried.
    pub unsafe_left: usize,
}

/// A fix for one finding.
struct Attempt {
    finding: Finding,
    fix: Fix,
}

/// Mends what can be mended.
#[must_use]
pub fn mend(job: &Job) -> Mended {
    let mut tree = job.tree.clone();
    let mut findings = (job.judge)(&tree);
    let mut failed: FxHashSet<(String, String)> = FxHashSet::default();
    let mut done = Vec::new();
    let mut has_progress = false;
    loop {
        let (attempts, unsafe_left) = attempts(job, &tree, &findings, &failed);
        let mut size = attempts.len();
        // What failed at first may do when others are mended.
        if size == 0 && has_progress && !failed.is_empty() {
            failed.clear();
            has_progress = false;
            continue;
        }
        if size == 0 {
            return Mended {
                tree,
                done,
                unsafe_left,
            };
        }
        // All at once, then half of them, then a quarter: what fails alone has failed.
        loop {
            let tried = &attempts[..size];
            if let Some((edited, judged)) = outcome(job, &tree, &findings, tried) {
                done.extend(
                    tried.iter().map(|attempt| {
                        (edited_files(&tree, &attempt.fix), attempt.fix.what.clone())
                    }),
                );
                has_progress = true;
                tree = edited;
                findings = judged;
                break;
            }
            if size == 1 {
                failed.insert(key(&tried[0]));
                break;
            }
            size /= 2;
        }
    }
}

/// The files that a fix edits, for people: they need not be the finding's.
fn edited_files(tree: &Tree, fix: &Fix) -> String {
    let files: BTreeSet<&str> = fix
        .edits
        .iter()
        .map(|edit| &*tree.file(edit.file).path)
        .collect();
    let files: Vec<&str> = files.into_iter().collect();
    files.join(", ")
}

fn key(attempt: &Attempt) -> (String, String) {
    let Attempt { finding, fix } = attempt;
    (finding.fingerprint.clone(), fix.what.clone())
}

/// The best fix of each finding that has not failed, as far as their edits do not meet; and how many findings have unsafe ones only.
fn attempts(
    job: &Job,
    tree: &Tree,
    findings: &[Finding],
    failed: &FxHashSet<(String, String)>,
) -> (Vec<Attempt>, usize) {
    let code = Code::new(tree, job.deployed, job.modules, findings);
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut unsafe_left = 0;
    let wanted = findings
        .iter()
        .filter(|finding| finding.is_certain() && (job.is_wanted)(finding));
    for finding in wanted {
        let attempt = |fix: Fix| Attempt {
            finding: finding.clone(),
            fix,
        };
        let fixes = proposals(&code, finding).into_iter().map(attempt);
        let untried: Vec<Attempt> = fixes
            .filter(|attempt| !failed.contains(&key(attempt)))
            .collect();
        let is_allowed = |attempt: &Attempt| job.with_unsafe || attempt.fix.safety == Safety::Safe;
        let has_more = !untried.is_empty();
        match untried.into_iter().find(is_allowed) {
            Some(attempt) => {
                let edits = attempts.iter().flat_map(|other| &other.fix.edits);
                if !edits
                    .into_iter()
                    .any(|edit| meets(edit, &attempt.fix.edits))
                {
                    attempts.push(attempt);
                }
            }
            None => unsafe_left += usize::from(has_more),
        }
    }
    (attempts, unsafe_left)
}

/// Whether an edit overlaps with one of these, or touches it.
fn meets(edit: &Edit, others: &[Edit]) -> bool {
    others.iter().any(|other| {
        edit.file == other.file && edit.range.0 <= other.range.1 && other.range.0 <= edit.range.1
    })
}

/// The edited tree and its findings, if that is better: what is mended is gone, and nothing came.
fn outcome(
    job: &Job,
    tree: &Tree,
    before: &[Finding],
    attempts: &[Attempt],
) -> Option<(Tree, Vec<Finding>)> {
    let mut edits: BTreeMap<FileId, Vec<Replacement>> = BTreeMap::new();
    for edit in attempts.iter().flat_map(|attempt| &attempt.fix.edits) {
        edits.entry(edit.file).or_default().push(Replacement {
            range: edit.range,
            text: edit.text.clone(),
        });
    }
    let edited = tree.overlaid(&edits)?;
    let after = (job.judge)(&edited);
    let known: FxHashMap<u64, usize> = counted(before);
    let now = counted(&after);
    let came = now
        .iter()
        .any(|(atom, count)| known.get(atom).is_none_or(|before| before < count));
    let stayed = attempts
        .iter()
        .flat_map(|attempt| attempt.finding.atoms())
        .any(|atom| {
            // Another finding may consist of the same.
            now.get(atom)
                .is_some_and(|count| known.get(atom) <= Some(count))
        });
    (!came && !stayed).then_some((edited, after))
}

/// How often the findings have each atom.
fn counted(findings: &[Finding]) -> FxHashMap<u64, usize> {
    let mut counts: FxHashMap<u64, usize> = FxHashMap::default();
    for atom in findings.iter().flat_map(Finding::atoms) {
        *counts.entry(*atom).or_default() += 1;
    }
    counts
}
