//! From facts about a package to findings.

use std::sync::Arc;

use super::stated::of_fault;
use super::words::{Said, said};
use crate::facts::{Certainty, Confidence, Place};
use crate::package::{Fact, Need, Needed};
use crate::rules::baseline::Basis;
use crate::rules::fingerprint::{Fnv, fingerprint};
use crate::rules::{Finding, Matter, Selection, Severity, Status, names, package, sort};
use crate::source::Tree;
use crate::syntax::ir::Range;
use crate::template::Fault;

/// The findings for facts about the package that `tree` is the Python of, each [`Status::New`].
#[must_use]
pub fn findings(facts: &[Fact], tree: &Tree, selection: &Selection) -> Vec<Finding> {
    let mut found: Vec<Finding> = facts
        .iter()
        .filter_map(|fact| finding(said(fact), tree, selection))
        .collect();
    sort(&mut found);
    found
}

/// The finding for a digest that is not the expected one; none if the rule is off.
#[must_use]
pub fn wrong_digest(
    name: &str,
    has: &str,
    wanted: &str,
    by: &str,
    selection: &Selection,
) -> Option<Finding> {
    let said = Said {
        rule: &package::WRONG_DIGEST,
        severity: Severity::Error,
        path: name.to_owned(),
        subject: by.to_owned(),
        message: format!("the package's CodeSha256 is {has}, and {by} has {wanted}"),
        help: "upload this package, or hold the other one against the revisions with --tree"
            .to_owned(),
        witness: None,
    };
    finding(said, &Tree::nothing(), selection)
}

/// The findings for what a template states of its functions, each with the function's name; `path` is the template's.
#[must_use]
pub fn of_template(faults: &[(String, Fault)], path: &str, selection: &Selection) -> Vec<Finding> {
    let found = faults.iter().filter_map(|(function, fault)| {
        let said = of_fault(path, function, fault);
        finding(said, &Tree::nothing(), selection)
    });
    found.collect()
}

fn finding(said: Said, tree: &Tree, selection: &Selection) -> Option<Finding> {
    let level = selection.level_in(said.rule, &said.path)?;
    let severity = if level.asked_for {
        level.severity
    } else {
        level.severity.min(said.severity)
    };
    let atom = Fnv::new()
        .field(said.rule.name)
        .field(&said.path)
        .field(&said.subject)
        .finish();
    let place = tree.find(&said.path).map(|file| Place {
        file,
        range: Range::new(0, 0),
    });
    Some(Finding {
        rule: said.rule,
        severity,
        confidence: Confidence::Must,
        certainty: Certainty::Site,
        status: Status::New,
        message: said.message,
        path: Arc::from(said.path),
        place,
        routes: Vec::new(),
        callee: None,
        witness: said.witness,
        chain: Vec::new(),
        related: Vec::new(),
        help: Some(said.help),
        fingerprint: fingerprint(&[atom], 0),
        atoms: vec![atom],
        basis: Basis {
            subject: said.subject,
            ..Basis::default()
        },
        matter: Matter::Other,
        upgrades: Vec::new(),
    })
}

/// Takes out what one of the facts explains: that a module cannot be imported which is missing from the package, that a handler is not there whose code lies in a folder, that
/// half a file does not parse. A file that was only named somewhere is needed where such a finding is an error.
pub fn leave_out_explained(findings: &mut Vec<Finding>, facts: &mut [Fact]) {
    let mut paths: Vec<Arc<str>> = Vec::new();
    let mut missing: Vec<&mut Needed> = Vec::new();
    let mut is_misplaced = false;
    for fact in facts {
        match fact {
            Fact::Missing { files, .. } => missing.extend(files),
            Fact::Truncated { path, .. } => paths.push(Arc::clone(path)),
            Fact::Misplaced { .. } => is_misplaced = true,
            _ => {}
        }
    }
    let about_imports = [
        &names::MISSING_MODULE,
        &names::MISSING_NAME,
        &names::GUARDED_IMPORT,
        &names::MISSING_TARGET,
        &package::MISSING_HANDLER,
    ];
    findings.retain(|finding| {
        let is_import = about_imports.contains(&finding.rule);
        let mut is_missing = false;
        for needed in missing.iter_mut().filter(|_| is_import) {
            let module = needed.module.as_deref();
            if module.is_some_and(|module| is_for_want_of(finding, module)) {
                is_missing = true;
                if finding.severity == Severity::Error {
                    needed.need = needed.need.max(Need::Later);
                }
            }
        }
        let is_lost = is_misplaced && finding.rule == &package::MISSING_HANDLER;
        let is_cut =
            paths.contains(&finding.path) && finding.rule == &crate::rules::input::SYNTAX_ERROR;
        !(is_missing || is_lost || is_cut)
    });
}

/// Whether a finding about an import is what the lack of a module leads to.
fn is_for_want_of(finding: &Finding, module: &str) -> bool {
    let subject = finding.basis.subject.as_str();
    let text = finding.witness.as_deref().unwrap_or(&finding.message);
    let last = module.rsplit('.').next().unwrap_or(module);
    subject == module
        || (!subject.is_empty() && module.starts_with(&format!("{subject}.")))
        || text.contains(&format!("'{module}'"))
        || (finding.rule == &names::MISSING_NAME && subject == last)
}

/// The findings of one rule lowered to a severity, where more than that would say too much.
#[must_use]
pub(super) fn at_most(severity: Severity, is_certain: bool) -> Severity {
    if is_certain {
        Severity::Error
    } else {
        severity
    }
}
