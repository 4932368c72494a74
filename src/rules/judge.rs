//! From facts to findings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::facts::{
    Certainty, Confidence, Facts, Failure, FailureKind, FileId, Impact, LostEntry, May, Place,
};
use crate::name::Name;
use crate::rules::baseline::Basis;
use crate::rules::basis::{basis, is_call};
use crate::rules::behind;
use crate::rules::fingerprint::{Fnv, fingerprint};
use crate::rules::message::{self, Group};
use crate::rules::near::Definitions;
use crate::rules::suppress::Ignores;
use crate::rules::{
    Broken, Finding, Matter, Related, Rule, Selection, Severity, Status, Suppressed, Suppressor,
    change, input, layers, of, package, unparsed,
};
use crate::source::{Refusal, Tree};
use crate::syntax::ir::{Directive, Range, SyntaxError};

/// What one tree is judged by.
pub struct Input<'a> {
    /// What evaluation found.
    pub facts: &'a Facts,
    /// The tree.
    pub tree: &'a Tree,
    /// What the parser refused, per file that it refused something in, in source order.
    pub syntax_errors: Vec<(FileId, &'a [SyntaxError])>,
    /// The comments that speak to coship, per file that has some.
    pub directives: Vec<(FileId, &'a [Directive])>,
    /// Whether somebody reads the findings. What the deployed version has is only known again by its identities, which need no help.
    pub is_told: bool,
}

/// The findings of one tree.
pub struct Judged {
    /// Each [`Status::New`], sorted by path and position, those that a comment silences left out.
    pub findings: Vec<Finding>,
    /// Those that a comment silences.
    pub suppressed: Vec<Suppressed>,
}

/// The findings of one tree.
#[must_use]
pub fn judge(input: &Input, selection: &Selection) -> Judged {
    let tree = input.tree;
    let mut findings = broken_obligations(input);
    for (file, errors) in &input.syntax_errors {
        findings.extend(unparsed::finding(*file, errors, input));
    }
    findings.extend(unreadable(tree, &input.facts.in_declared_encodings));
    findings.extend(input.facts.lost.iter().map(lost_entry));
    findings.extend(input.facts.breaches.iter().map(layers::finding));
    let mut ignores = Ignores::read(input.directives.iter().copied(), tree);
    let places: Vec<_> = findings
        .iter()
        .map(|finding| finding.place.map(|place| (place, finding.rule)))
        .collect();
    let silenced = ignores.silence(&places, tree);
    let mut suppressed = Vec::new();
    let mut left = Vec::with_capacity(findings.len());
    for (mut finding, by) in findings.into_iter().zip(silenced) {
        let Some(justification) = by else {
            left.push(finding);
            continue;
        };
        if allowed(&mut finding, selection) {
            finding.fingerprint = fingerprint(&finding.atoms, 0);
            suppressed.push(Suppressed {
                finding,
                by: Suppressor::Comment,
                justification,
            });
        }
    }
    let mut findings = left;
    for (place, reason) in ignores.mistakes {
        findings.push(bad_ignore(place, reason, tree));
    }
    for ignore in ignores.ignores.iter().filter(|ignore| !ignore.used) {
        // A comment for a rule that is off says nothing about the code: not unused. One about a change is for `coship diff`.
        let is_ours = !change::RULES.contains(&ignore.rule);
        if is_ours && selection.severity(ignore.rule).is_some() {
            let reason = format!("`ignore[{}]` silences nothing here", ignore.rule.name);
            findings.push(Finding {
                matter: Matter::DeadIgnore(ignore.rule),
                ..bad_ignore(ignore.place, reason, tree)
            });
        }
    }
    findings.retain_mut(|finding| allowed(finding, selection));
    sort(&mut findings);
    number(&mut findings);
    Judged {
        findings,
        suppressed,
    }
}

/// Puts the findings in the order in which every format gives them: path, position, code, message.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(|left, right| {
        let place = (&left.path, left.place).cmp(&(&right.path, right.place));
        place
            .then_with(|| left.rule.code.cmp(right.rule.code))
            .then_with(|| left.message.cmp(&right.message))
    });
}

/// Gives each finding its fingerprint; those that consist of the same are told apart by their order.
fn number(findings: &mut [Finding]) {
    let mut seen: BTreeMap<Vec<u64>, u64> = BTreeMap::new();
    for finding in findings {
        let count = seen.entry(finding.atoms.clone()).or_default();
        finding.fingerprint = fingerprint(&finding.atoms, *count);
        *count += 1;
    }
}

/// Applies the selection: false for a finding that is not shown.
fn allowed(finding: &mut Finding, selection: &Selection) -> bool {
    let Some(level) = selection.level_in(finding.rule, &finding.path) else {
        return false;
    };
    finding.severity = match finding.confidence {
        // What the code itself says of its values is worth a look.
        Confidence::May if is_worth_a_look(finding) => level.severity.min(Severity::Warning),
        Confidence::May if !selection.show_may => return false,
        Confidence::May => Severity::Info,
        Confidence::Must if level.asked_for => level.severity,
        Confidence::Must => level.severity.min(finding.severity),
    };
    true
}

/// Whether what only may fail is a warning: somebody who knows the code can say at a glance whether it does, and mostly it does.
fn is_worth_a_look(finding: &Finding) -> bool {
    match finding.certainty {
        Certainty::May(
            May::Hint
            | May::Derived
            | May::Overridden
            | May::Unasked
            | May::Tried
            | May::HandedOn
            | May::Filled
            | May::Forgotten
            | May::Rebuilt
            | May::Asserted
            | May::Printed
            | May::Listed
            | May::Named
            | May::Elsewhere
            | May::WrittenOut
            | May::Foreign
            | May::Unheeded
            | May::Earlier
            | May::Late,
        ) => true,
        // A dict without the key is mostly one that does not come here: of 14 such warnings that people judged, two were worth it.
        // And a test before it mostly asks for what goes with the key.
        Certainty::May(May::Parted | May::Apart) => finding.rule.name != "missing-key",
        // A test that depends on the call takes no other coroutine, and awaits none.
        Certainty::May(May::Depends) => finding.rule.name == "not-awaited",
        // A default of another type than None works as little as what calls give.
        Certainty::May(May::Callers) => {
            let witness = finding.witness.as_deref().unwrap_or_default();
            finding.rule.name == "missing-attribute" && !witness.contains("NoneType")
        }
        _ => false,
    }
}

/// One finding per kind, cause, subject and confidence.
fn broken_obligations(input: &Input) -> Vec<Finding> {
    let mut groups: BTreeMap<(FailureKind, Place, &str, &str), Vec<&Failure>> = BTreeMap::new();
    let certain = certain_places(&input.facts.failures);
    for failure in &input.facts.failures {
        // What is certain at a place is not told again as what an annotation, or the class of `self`, says.
        if failure.confidence == Confidence::May && certain.contains(&at(failure)) {
            continue;
        }
        let key = key(failure);
        groups.entry(key).or_default().push(failure);
    }
    let failing = behind::failing_modules(&input.facts.failures);
    let definitions = Definitions::of(input.tree);
    let findings = groups.into_values().filter_map(|mut failures| {
        // Where a certain failure is, one that only may be adds nothing.
        if failures
            .iter()
            .any(|failure| failure.confidence == Confidence::Must)
        {
            failures.retain(|failure| failure.confidence == Confidence::Must);
        }
        // And where one breaks something, one that does not adds nothing either.
        let most = failures.iter().map(|failure| failure.impact).max();
        failures.retain(|failure| Some(failure.impact) == most);
        if is_cured_at_once(failures.first()?) || is_of_environment(failures.first()?) {
            failures.sort_by_key(|failure| failure.cause);
        }
        let mut finding = finding(&failures, input, &definitions)?;
        let first = failures.first()?;
        finding.related.extend(further_places(&failures));
        finding
            .related
            .extend(behind::what_fails_first(first, &failing));
        Some(finding)
    });
    findings.collect()
}

/// Where a failure is, and what it is about.
const fn at(failure: &Failure) -> (FailureKind, Place, Name) {
    (failure.kind, failure.cause, failure.subject)
}

/// Where something certainly fails.
fn certain_places(failures: &[Failure]) -> FxHashSet<(FailureKind, Place, Name)> {
    let is_certain = |failure: &&Failure| failure.confidence == Confidence::Must;
    failures.iter().filter(is_certain).map(at).collect()
}

/// What failures have in common that are one finding: the cause, and what it is about. What binds a name for one place in a function binds it for all,
/// so where it is read does not tell them apart.
fn key(failure: &Failure) -> (FailureKind, Place, &str, &str) {
    let (kind, subject) = (failure.kind, failure.subject.as_str());
    if is_of_environment(failure) {
        let tree = Place {
            file: FileId(0),
            range: Range::default(),
        };
        return (kind, tree, subject, "");
    }
    if is_cured_at_once(failure) {
        let file = Place {
            file: failure.cause.file,
            range: Range::default(),
        };
        (kind, file, subject, &failure.cause_function)
    } else {
        (kind, failure.cause, subject, "")
    }
}

/// Whether a failure is about what surrounds the tree, and no more than worth knowing: that is said once for the tree.
fn is_of_environment(failure: &Failure) -> bool {
    let evidence = failure.evidence.as_ref();
    evidence.is_some_and(|evidence| evidence.is_of_environment) && failure.impact != Impact::Breaks
}

/// Whether one cure serves all failures of a kind in one function: where a name is bound, how a file is written, what an annotation says of a parameter or a class
/// of itself.
const fn is_cured_at_once(failure: &Failure) -> bool {
    matches!(
        failure.kind,
        FailureKind::UndefinedName | FailureKind::UnboundLocal | FailureKind::UnsupportedSyntax
    ) || matches!(failure.kind, FailureKind::MissingAttribute)
        && matches!(
            failure.certainty,
            Certainty::May(May::Hint | May::Derived | May::HandedOn)
        )
}

/// Where else the same is wrong.
fn further_places(failures: &[&Failure]) -> Vec<Related> {
    let mut places: Vec<Place> = failures
        .iter()
        .filter(|failure| is_cured_at_once(failure) || is_of_environment(failure))
        .map(|failure| failure.cause)
        .collect();
    places.dedup();
    let others = places.into_iter().skip(1);
    others
        .map(|place| Related {
            place,
            message: String::from("and here"),
            aside: true,
        })
        .collect()
}

/// The finding for failures of one cause and one confidence; none if there are none.
fn finding<'a>(
    failures: &[&'a Failure],
    input: &Input,
    definitions: &Definitions,
) -> Option<Finding> {
    let tree = input.tree;
    // The first of equals, in evaluation's order; one with a route before one without.
    let first = failures
        .iter()
        .min_by_key(|failure| (failure.route.is_none(), &failure.route))?;
    let callees: BTreeSet<_> = failures
        .iter()
        .filter_map(|failure| failure.callee.as_ref())
        .collect();
    let last = |failure: &&'a Failure| failure.chain.last().map(|frame| frame.function.as_str());
    let hops: BTreeSet<_> = failures
        .iter()
        .filter_map(last)
        .filter(|hop| *hop != first.cause_function)
        .collect();
    let routes: BTreeSet<_> = failures
        .iter()
        .filter_map(|failure| failure.route.as_ref())
        .collect();
    let group = Group {
        first,
        callees: callees.into_iter().collect(),
        hops: hops.into_iter().collect(),
        routes: routes.into_iter().cloned().collect(),
        meant: if input.is_told {
            message::meant(first, &input.facts.routes, definitions)
        } else {
            None
        },
    };
    let rule = of(first.kind);
    let mut atoms: Vec<u64> = failures.iter().map(|failure| atom(rule, failure)).collect();
    atoms.sort_unstable();
    atoms.dedup();
    Some(Finding {
        rule,
        severity: rule.severity.min(loudness(first)),
        confidence: first.confidence,
        certainty: first.certainty,
        status: Status::New,
        message: message::message(&group),
        path: Arc::clone(&tree.file(first.cause.file).path),
        place: Some(first.cause),
        related: message::related(&group),
        help: input
            .is_told
            .then(|| message::help(&group, input.tree, &input.facts.routes, definitions)),
        routes: group.routes,
        callee: first.callee.clone(),
        witness: first.exception.clone(),
        chain: first.chain.clone(),
        fingerprint: String::new(),
        atoms,
        basis: basis(rule, failures, first, tree),
        matter: Matter::Broken(Box::new(Broken::of(failures, first, group.meant))),
        upgrades: Vec::new(),
    })
}

/// How loudly a failure may be said, whatever its rule says.
fn loudness(failure: &Failure) -> Severity {
    match failure.impact {
        Impact::Notable => Severity::Info,
        Impact::Suspicious => Severity::Warning,
        // Nothing raises, nothing proves it: no error.
        Impact::Breaks if failure.exception.is_none() => Severity::Warning,
        Impact::Breaks => Severity::Error,
    }
}

/// What stays of one failure when lines move; findings consist of such numbers.
#[must_use]
pub fn atom_of(failure: &Failure) -> u64 {
    atom(of(failure.kind), failure)
}

/// Rule, subject, function, callee and route.
fn atom(rule: &Rule, failure: &Failure) -> u64 {
    let hash = Fnv::new()
        .field(rule.name)
        .field(&failure.subject)
        .field(&failure.cause_function);
    // Of a name or a route, the callee is where it leads, which may change for other reasons.
    let hash = match &failure.callee {
        Some(callee) if is_call(rule) => hash.field(&callee.name),
        // Without callee, the exception says what else the failure is about: the module that lacks the name.
        _ if failure.route.is_none() => {
            hash.field(failure.exception.as_deref().unwrap_or_default())
        }
        _ => hash.field(""),
    };
    match &failure.route {
        Some(route) => hash.field(&route.interface).field(&route.operation),
        None => hash,
    }
    .finish()
}

/// A finding about a file as such.
pub(super) fn about_file(
    rule: &'static Rule,
    path: &str,
    place: Option<Place>,
    message: String,
    help: &str,
) -> Finding {
    let atom = Fnv::new()
        .field(rule.name)
        .field(path)
        .field(&message)
        .finish();
    let subject = message.clone();
    Finding {
        rule,
        severity: rule.severity,
        confidence: Confidence::Must,
        certainty: Certainty::Site,
        status: Status::New,
        message,
        path: Arc::from(path),
        place,
        routes: Vec::new(),
        callee: None,
        witness: None,
        chain: Vec::new(),
        related: Vec::new(),
        help: Some(help.to_owned()),
        fingerprint: String::new(),
        atoms: vec![atom],
        basis: Basis {
            subject,
            ..Basis::default()
        },
        matter: Matter::Other,
        upgrades: Vec::new(),
    }
}

/// A module at which execution starts that is not there.
fn lost_entry(lost: &LostEntry) -> Finding {
    let LostEntry {
        module, function, ..
    } = lost;
    let why = match &lost.named_by {
        Some(named_by) => format!(", which {named_by} names"),
        None => String::from(", at which the deployed version starts"),
    };
    let message = format!("there is no module '{module}' for '{module}.{function}'{why}");
    let help = "ship the module, or let the deployment name another function";
    let mut finding = about_file(&package::MISSING_HANDLER, &lost.path, None, message, help);
    finding.witness = Some(format!("ModuleNotFoundError: No module named '{module}'"));
    // What was never there may come from somewhere else.
    if !lost.is_deployed {
        finding.severity = Severity::Warning;
    }
    finding
}

/// Files that cannot be read, and files that can but are no Python text.
///
/// `declared`: the files whose encoding a declared distribution may tell Python of.
fn unreadable(tree: &Tree, declared: &[FileId]) -> Vec<Finding> {
    let help = "repair the file, or exclude it if it is not part of the program";
    let problems = tree.problems.iter();
    let mut findings: Vec<Finding> = problems
        .map(|problem| {
            about_file(
                &input::UNREADABLE_FILE,
                &problem.path,
                None,
                problem.message.clone(),
                help,
            )
        })
        .collect();
    for (file, content) in tree.iter() {
        let Some(problem) = content.text.problem() else {
            continue;
        };
        let place = Place {
            file,
            range: Range::new(problem.offset, problem.offset),
        };
        let mut finding = about_file(
            &input::UNREADABLE_FILE,
            &content.path,
            Some(place),
            problem.message.clone(),
            help,
        );
        match problem.refusal {
            // `# coding: future_fstrings`: what is installed may tell Python of an encoding (`codecs.register`) as it starts.
            Refusal::Python if declared.contains(&file) => {
                finding.severity = Severity::Info;
            }
            Refusal::Python => finding.witness = Some(format!("SyntaxError: {}", problem.message)),
            // Nothing imports it, and that Python would not is nobody's error.
            Refusal::Import => finding.severity = Severity::Info,
            // Python takes the file: what coship cannot read is nobody's error.
            Refusal::Coship => finding.severity = Severity::Warning,
        }
        findings.push(finding);
    }
    findings
}

fn bad_ignore(place: Place, message: String, tree: &Tree) -> Finding {
    let help = "remove the comment, or name the rule that it is for";
    about_file(
        &input::UNUSED_IGNORE,
        &tree.file(place.file).path,
        Some(place),
        message,
        help,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::rules::testing::{facts, findings, outage_failure, outage_tree, place, tree};

    fn directive(tree: &Tree, path: &str, text: &str) -> Directive {
        let range = place(tree, path, text).range;
        let text = text.trim_start_matches("# coship:").trim().to_owned();
        Directive {
            text,
            range,
            is_alone: false,
            statement: range,
        }
    }

    #[test]
    fn one_cause_is_one_finding() {
        let tree = outage_tree();
        let failures = vec![
            outage_failure(&tree, "set"),
            outage_failure(&tree, "get"),
            outage_failure(&tree, "get"),
        ];
        let all = findings(&tree, &facts(failures), &[]);
        let [finding] = all.as_slice() else {
            panic!("{all:?}")
        };
        assert_eq!(finding.rule.name, "unexpected-keyword");
        assert_eq!(finding.severity, Severity::Error);
        assert_eq!(
            finding.message,
            "keyword 'timeout' is not taken by cache_core._get(key) and 1 more function, which 2 routes reach"
        );
        let operations: Vec<_> = finding
            .routes
            .iter()
            .map(|route| route.operation.as_str())
            .collect();
        assert_eq!(operations, ["get", "set"]);
        assert_eq!(
            finding.witness.as_deref(),
            Some("TypeError: _get() got an unexpected keyword argument 'timeout'")
        );
        assert_eq!(finding.chain.len(), 3);
        assert_eq!(finding.related.len(), 3);
    }

    #[test]
    fn what_may_fail_is_shown_on_demand_as_info() {
        let tree = outage_tree();
        let mut may = outage_failure(&tree, "get");
        may.confidence = Confidence::May;
        let only_may = facts(vec![may.clone()]);
        assert!(findings(&tree, &only_may, &[]).is_empty());
        let levels = [("unexpected-keyword", config::Level::Error)];
        let mut selection = Selection::new(None, &[], &levels).unwrap();
        selection.show_may = true;
        let input = Input {
            facts: &only_may,
            tree: &tree,
            syntax_errors: Vec::new(),
            directives: Vec::new(),
            is_told: true,
        };
        let shown = judge(&input, &selection).findings;
        assert_eq!(shown[0].severity, Severity::Info);
        assert!(!shown[0].is_certain());
        let both = facts(vec![may, outage_failure(&tree, "set")]);
        let certain = findings(&tree, &both, &[]);
        assert_eq!(certain.len(), 1);
        assert_eq!(certain[0].routes.len(), 1);
    }

    #[test]
    fn nothing_is_an_error_without_an_exception() {
        let tree = outage_tree();
        let mut failure = outage_failure(&tree, "get");
        failure.exception = None;
        let silent = facts(vec![failure]);
        assert_eq!(findings(&tree, &silent, &[])[0].severity, Severity::Warning);
    }

    #[test]
    fn fingerprints_do_not_know_lines() {
        let tree = outage_tree();
        let before = findings(&tree, &facts(vec![outage_failure(&tree, "get")]), &[]);
        let mut moved = outage_tree();
        let file = &mut moved.files[1];
        let text = format!("# one more line\n\n{}", file.text.content());
        file.text = Arc::new(crate::source::Text::decode(text.into_bytes()));
        let after = findings(&moved, &facts(vec![outage_failure(&moved, "get")]), &[]);
        assert_ne!(before[0].place, after[0].place);
        assert_eq!(before[0].fingerprint, after[0].fingerprint);
        let other = findings(&tree, &facts(vec![outage_failure(&tree, "set")]), &[]);
        assert_ne!(before[0].fingerprint, other[0].fingerprint);
    }

    #[test]
    fn fingerprints_are_unique_in_a_report() {
        let tree = outage_tree();
        let first = outage_failure(&tree, "get");
        let mut second = first.clone();
        second.cause = place(&tree, "gateway_core.py", "timeout=30");
        let all = findings(&tree, &facts(vec![first, second]), &[]);
        assert_eq!(all.len(), 2);
        assert_ne!(all[0].fingerprint, all[1].fingerprint);
    }

    #[test]
    fn comments_silence_rules_on_their_line() {
        let line = "return router(timeout=timeout)  # coship: ignore[unexpected-keyword] old core";
        let text = format!(
            "def f():\n    {line}\n    # coship: ignore[missing-name]\n    # coship: ignore[nothing]\n"
        );
        let tree = tree(&[("a.py", ""), ("gateway_core.py", &text)]);
        let outage = outage_tree();
        let mut failure = outage_failure(&outage, "get");
        failure.cause = place(&tree, "gateway_core.py", "timeout=timeout");
        failure.callee = None;
        failure.chain.clear();
        let comments = [
            "# coship: ignore[unexpected-keyword] old core",
            "# coship: ignore[missing-name]",
            "# coship: ignore[nothing]",
        ];
        let directives: Vec<_> = comments
            .iter()
            .map(|comment| directive(&tree, "gateway_core.py", comment))
            .collect();
        let all = findings(&tree, &facts(vec![failure]), &directives);
        let said: Vec<_> = all
            .iter()
            .map(|finding| (finding.rule.name, finding.message.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                (
                    "unused-ignore",
                    "`ignore[missing-name]` silences nothing here"
                ),
                (
                    "unused-ignore",
                    "unknown rule `nothing`; `coship rule` lists them all"
                ),
            ]
        );
    }

    #[test]
    fn a_file_that_does_not_parse_is_one_finding() {
        let tree = outage_tree();
        let error = |message: &str, start| SyntaxError {
            message: message.to_owned(),
            range: Range::new(start, start + 1),
        };
        let errors = [
            error("Expected an expression", 4),
            error("Expected a name", 9),
        ];
        let empty = facts(Vec::new());
        let input = Input {
            facts: &empty,
            tree: &tree,
            syntax_errors: vec![(FileId(2), &errors)],
            directives: Vec::new(),
            is_told: true,
        };
        let all = judge(&input, &Selection::default()).findings;
        assert_eq!(all.len(), 1);
        assert_eq!(&*all[0].path, "interface_cache.py");
        assert_eq!(all[0].span(&tree).start.column, 5);
    }
}
