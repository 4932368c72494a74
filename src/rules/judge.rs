//! From facts to findings.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
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
    change, input, layers, of, package,
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
        findings.extend(syntax_error(*file, errors, input));
    }
    findings.extend(unreadable(tree));
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
        Confidence::May
            if matches!(
                finding.certainty,
                Certainty::May(May::Hint | May::Derived | May::Overridden)
            ) =>
        {
            level.severity.min(Severity::Warning)
        }
        Confidence::May if !selection.show_may => return false,
        Confidence::May => Severity::Info,
        Confidence::Must if level.asked_for => level.severity,
        Confidence::Must => level.severity.min(finding.severity),
    };
    true
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
        && matches!(failure.certainty, Certainty::May(May::Hint | May::Derived))
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
        meant: message::meant(first, tree, &input.facts.routes),
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
        help: Some(message::help(
            &group,
            input.tree,
            &input.facts.routes,
            definitions,
        )),
        routes: group.routes,
        callee: first.callee.clone(),
        witness: first.exception.clone(),
        chain: first.chain.clone(),
        fingerprint: String::new(),
        atoms,
        basis: basis(rule, failures, first, tree),
        matter: Matter::Broken(Box::new(Broken::of(failures, first, group.meant))),
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

/// The first error of a file; the others are mostly its echoes.
fn syntax_error(file: FileId, errors: &[SyntaxError], input: &Input<'_>) -> Option<Finding> {
    let tree = input.tree;
    let first = errors.first()?;
    let place = Place {
        file,
        range: first.range,
    };
    let path = &tree.file(file).path;
    // Python never reads a stub.
    let is_stub = Path::new(path.as_ref()).extension() == Some("pyi".as_ref());
    let is_data = is_data_of_tests(path);
    let is_template = errors
        .iter()
        .any(|error| has_placeholder(tree, file, error.range));
    let is_fragment = !is_stub && is_one_of_fragments(file, errors, input);
    let help = if is_stub {
        "type checkers cannot read the stub until it parses"
    } else if is_template {
        "it is a template: what is filled in for the placeholders has to parse"
    } else if is_fragment {
        "files beside it are made alike: whatever reads them has to put the text into a function"
    } else {
        "the module cannot be imported: all of its names are missing until it parses"
    };
    let mut finding = about_file(
        &input::SYNTAX_ERROR,
        path,
        Some(place),
        first.message.clone(),
        help,
    );
    if is_template || is_fragment {
        finding.severity = Severity::Info;
    } else if is_stub || is_data {
        finding.severity = Severity::Warning;
    }
    if !is_stub {
        // The parser's words are not CPython's; the class is.
        finding.witness = Some("SyntaxError".to_owned());
    }
    Some(finding)
}

/// Whether an error stands in a line with `{{name}}` outside of texts, or with `{% ... %}`: the file is a template (Jinja, cookiecutter and their like), which nobody
/// runs as it stands.
fn has_placeholder(tree: &Tree, file: FileId, range: Range) -> bool {
    let text = tree.file(file).text.content();
    let (Some(before), Some(behind)) = (
        text.get(..range.start as usize),
        text.get(range.start as usize..),
    ) else {
        return false;
    };
    let begin = before.rfind('\n').map_or(0, |at| at + 1);
    let end = behind.find('\n').map_or(text.len(), |at| before.len() + at);
    let line = &text[begin..end];
    let is_name = |rest: &str| {
        rest.split_once("}}").is_some_and(|(name, _)| {
            let name = name.trim();
            name.starts_with(|c: char| c.is_alphabetic() || c == '_')
                && name
                    .chars()
                    .all(|c| c.is_alphanumeric() || " _.|".contains(c))
        })
    };
    // `$` is never Python; a name in capitals behind it is what `string.Template` fills in.
    let is_capital = |rest: &str| {
        let name = rest.trim_start_matches('{');
        name.starts_with(|c: char| c.is_ascii_uppercase())
    };
    line.trim_start().starts_with("{%")
        || behind.strip_prefix('$').is_some_and(is_capital)
        || line.match_indices("{{").any(|(at, _)| {
            let quotes = line[..at].matches(['"', '\'']).count();
            quotes.is_multiple_of(2) && is_name(&line[at + 2..])
        })
}

/// Whether a file has nothing wrong but that statements stand outside of a function, and another one in its directory likewise: two such files are no slip, they are
/// texts that something wraps.
fn is_one_of_fragments(file: FileId, errors: &[SyntaxError], input: &Input<'_>) -> bool {
    let are_outside = |errors: &[SyntaxError]| errors.iter().all(SyntaxError::is_outside_function);
    let directory = |file: FileId| {
        let path = &input.tree.file(file).path;
        path.rsplit_once('/').map_or("", |(directory, _)| directory)
    };
    are_outside(errors) && {
        let own = directory(file);
        let mut others = input
            .syntax_errors
            .iter()
            .filter(|(other, _)| *other != file);
        others.any(|(other, errors)| are_outside(errors) && directory(*other) == own)
    }
}

/// Whether a file lies below a directory of tests, in one that no test runner collects: tests read it, as what they are about.
fn is_data_of_tests(path: &str) -> bool {
    let mut parts = path.split('/').rev();
    let is_test = parts
        .next()
        .is_some_and(|file| file.starts_with("test_") || file.ends_with("_test.py"));
    let is_data = |part: &str| {
        matches!(
            part,
            "data" | "fixtures" | "testdata" | "samples" | "resources"
        )
    };
    let mut parts = parts.skip_while(|part| !is_data(part));
    let has_data = parts.next().is_some();
    !is_test && has_data && parts.any(|part| matches!(part, "test" | "tests" | "testing"))
}

/// Files that cannot be read, and files that can but are no Python text.
fn unreadable(tree: &Tree) -> Vec<Finding> {
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
            Refusal::Python => finding.witness = Some(format!("SyntaxError: {}", problem.message)),
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
    fn what_tests_are_about_is_data() {
        assert!(is_data_of_tests("shop/tests/data/bom.py"));
        assert!(is_data_of_tests("tests/fixtures/old/print.py"));
        assert!(!is_data_of_tests("shop/tests/bom.py"));
        assert!(!is_data_of_tests("shop/data/bom.py"));
        assert!(!is_data_of_tests("tests/data/test_bom.py"));
    }

    /// The severities of what is said of files that do not parse.
    fn severities(files: &[(&str, &str)]) -> Vec<Severity> {
        let tree = tree(files);
        let modules: Vec<_> = files
            .iter()
            .map(|(_, text)| crate::syntax::parse(text))
            .collect();
        let empty = facts(Vec::new());
        let syntax_errors = (0..).map(FileId).zip(&modules);
        let input = Input {
            facts: &empty,
            tree: &tree,
            syntax_errors: syntax_errors
                .map(|(file, module)| (file, module.errors.as_slice()))
                .collect(),
            directives: Vec::new(),
        };
        let all = judge(&input, &Selection::default()).findings;
        all.iter().map(|finding| finding.severity).collect()
    }

    #[test]
    fn templates_and_fragments_are_no_modules() {
        use Severity::{Error, Info};
        for text in [
            "class {{NAME}}(Node):\n    pass\n",
            "from {{ module.name }} import {{thing}}\n",
            "{% if tests %}\nimport unittest\n{% endif %}\n",
            "class $NAME(Node):\n    pass\n",
            "from tools.${NAME} import Node\n",
        ] {
            assert_eq!(severities(&[("node.py", text)]), [Info], "{text}");
        }
        for text in [
            "class {{}}:\n    pass\n",
            "print 'a'\nx = {{'b'}: 1}\n",
            "class {NAME}:\n    pass\n",
            "total = $sum\n",
        ] {
            assert_eq!(severities(&[("node.py", text)]), [Error], "{text}");
        }
        let fragment = "count = 1\nreturn count\n";
        assert_eq!(severities(&[("verbs/look.py", fragment)]), [Error]);
        assert_eq!(
            severities(&[("verbs/look.py", fragment), ("verbs/take.py", fragment)]),
            [Info, Info]
        );
        assert_eq!(
            severities(&[("look.py", fragment), ("verbs/take.py", fragment)]),
            [Error, Error]
        );
        let broken = "return 1\nx = (\n";
        assert_eq!(
            severities(&[("verbs/look.py", fragment), ("verbs/take.py", broken)]),
            [Error, Error]
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
        };
        let all = judge(&input, &Selection::default()).findings;
        assert_eq!(all.len(), 1);
        assert_eq!(&*all[0].path, "interface_cache.py");
        assert_eq!(all[0].span(&tree).start.column, 5);
    }
}
