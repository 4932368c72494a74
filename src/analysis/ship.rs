//! What `coship check` says of the way to the candidate: which changed files must ship together, and which first.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::analysis::mixed::{Mixed, State};
use crate::analysis::states::{self, Question};
use crate::analysis::{
    Analysed, Linked, Memory, deployed, evaluate_both, names, of_text, read_both, starts, told,
};
use crate::config::Settings;
use crate::facts::Route;
use crate::plan;
use crate::rules::shipping::{Ground, SHIP_FIRST, SHIP_TOGETHER, ship_first, ship_together};
use crate::rules::{self, Finding, Identity, Judged, Selection};
use crate::skew::{Changes, Clause, Oracle, UnitSet};
use crate::source::{File, Tree};
use crate::syntax::alike::Moves;

/// Up to how many changed units the way is looked for without being asked to: it takes a few evaluations for each of them.
const UNASKED: usize = 10;

/// Whether the rules are on and the way is worth its time. `is_gate`: warnings make the run fail.
#[must_use]
pub fn is_wanted(changes: &Changes, selection: &Selection, is_gate: bool) -> bool {
    let rules = [&SHIP_TOGETHER, &SHIP_FIRST];
    let is_on = rules.iter().any(|rule| selection.severity(rule).is_some());
    let is_asked = is_gate || rules.iter().any(|rule| selection.asks_for(rule));
    is_on && changes.count() > 1 && (changes.count() <= UNASKED || is_asked)
}

/// Whether two units at least say something else than they did: what is between the two trees is one of them, but for places, otherwise. Run it within
/// [`crate::analysis::pool`].
#[must_use]
pub fn has_between(changes: &Changes, memory: &Memory) -> bool {
    let module = |file: &File| memory.module(&file.path, &file.text);
    let says_else = |path: &str| {
        let file = |tree: &Tree| tree.find(path).map(|id| module(tree.file(id)));
        match (file(changes.candidate()), file(changes.deployed())) {
            (Some(new), Some(old)) => Moves::between(&old, &new).is_none(),
            _ => true,
        }
    };
    let units = UnitSet::full(changes.count());
    let differing = units.iter().filter(|&unit| {
        let mut files = changes.files_of(unit);
        files.any(|file| says_else(&file.path))
    });
    differing.take(2).count() == 2
}

/// The way to a candidate, found before.
pub(super) struct Way {
    /// The candidate.
    pub(super) candidate: states::State,
    old: Vec<Identity>,
    routes: Vec<Route>,
    /// What is said of the way; about files as such.
    findings: Vec<Finding>,
}

/// What is found in the candidate, the way to it included, with the deployed tree's routes. Run it within [`crate::analysis::pool`].
#[must_use]
pub fn check<'a>(
    changes: &Changes<'a>,
    (settings, selection): (&Settings, &Selection),
    memory: &Memory,
) -> (Analysed<'a>, Judged, Vec<Route>) {
    let trees = (changes.candidate(), changes.deployed());
    let linked = read_both(trees.0, trees.1, settings, memory);
    let elsewhere = names(&linked.1.program);
    let question = Question {
        tree: trees.0,
        linked: &linked.0,
        elsewhere: &elsewhere,
        settings,
    };
    let key = if memory.is_of_one_round() {
        None
    } else {
        around(changes, &linked.1, (settings, selection), &question)
    };
    let known = key.as_ref().and_then(|key| memory.way(&question, key));
    if let Some((facts, way)) = known {
        let Linked { modules, program } = linked.0;
        let facts = told(facts, (&program, &modules), trees.0, settings);
        let candidate = Analysed {
            program: Some(program),
            ..Analysed::new(trees.0, modules, facts)
        };
        let mut judged = candidate.judge_all(selection);
        rules::compare(&mut judged.findings, &way.old);
        judged.findings.extend(way.findings.iter().cloned());
        rules::sort(&mut judged.findings);
        return (candidate, judged, way.routes.clone());
    }
    let ((mut candidate, mut deployed), found) = evaluate_both(trees, linked, settings, memory);
    let mut judged = candidate.judge_all(selection);
    let old = deployed.judge(selection);
    let old: Vec<Identity> = old.iter().map(Finding::identity).collect();
    rules::compare(&mut judged.findings, &old);
    let sides = [&mut candidate, &mut deployed];
    let both = (judged.findings.clone(), old.clone());
    let mixed = Mixed::new(changes, sides, both, settings, selection);
    let ways = findings(&mixed, changes, selection);
    drop(mixed);
    let routes = deployed.into_parts().1.routes;
    if let (Some(key), Some(found)) = (key, found)
        && ways.iter().all(names_no_line)
    {
        memory.keep_way(Way {
            candidate: states::State::new(key, &candidate, found),
            old,
            routes: routes.clone(),
            findings: ways.clone(),
        });
    }
    judged.findings.extend(ways);
    rules::sort(&mut judged.findings);
    (candidate, judged, routes)
}

/// All that what is found depends on but the content of the candidate's files; none if it cannot be told.
fn around(
    changes: &Changes,
    old: &Linked,
    rules: (&Settings, &Selection),
    question: &Question,
) -> Option<String> {
    let known = |file: &File| Some(of_text(file));
    let new_names = names(&question.linked.program);
    let mut around = deployed::key(changes.deployed(), rules, &new_names, &known)?;
    let candidate = changes.candidate();
    let unread = (&candidate.problems, &candidate.alignment);
    let starts = starts(&old.program);
    let _ = write!(around, "\n{starts:?}\n{unread:?}\n{}", question.around());
    for file in &changes.files {
        let unit = changes.unit(file.unit);
        let (change, name) = (file.change, (&unit.name, unit.is_named));
        let _ = write!(around, "\n{:?} {change:?} {name:?}", file.path);
    }
    Some(around)
}

/// Whether no text of a finding tells a line, which an edit may move.
fn names_no_line(finding: &Finding) -> bool {
    let texts = [
        Some(&finding.message),
        finding.help.as_ref(),
        finding.witness.as_ref(),
    ];
    let tells = |text: &&String| {
        let mut parts = text.split(':').skip(1);
        parts.any(|part| part.starts_with(|ch: char| ch.is_ascii_digit()))
    };
    !texts.iter().flatten().any(tells)
}

/// The findings about the way, in the candidate's files. Run it within [`crate::analysis::pool`].
pub fn findings(mixed: &Mixed, changes: &Changes, selection: &Selection) -> Vec<Finding> {
    let oracle = Oracle::new(mixed, changes.count());
    let plan = plan::search(&oracle, &mixed.order());
    let states: Vec<Option<Arc<State>>> = plan
        .clauses
        .iter()
        .map(|clause| mixed.broken(&clause.state))
        .collect();
    let shown: Vec<(&Clause, &Finding)> = plan
        .clauses
        .iter()
        .zip(&states)
        .filter_map(|(clause, state)| {
            let mut findings = state.as_ref()?.findings.iter();
            let finding = findings.find(|finding| finding.atoms().contains(&clause.problem))?;
            Some((clause, finding))
        })
        .collect();
    let grounds = |wanted: &dyn Fn(&Clause) -> bool| -> Vec<Ground<'_>> {
        let wanted = shown.iter().filter(|(clause, _)| wanted(clause));
        let ground = wanted.map(|(clause, finding)| Ground {
            new: changes.paths(&clause.new),
            old: changes.paths(&clause.old),
            finding,
        });
        ground.collect()
    };
    let mut found = Vec::new();
    for step in plan.steps.iter().filter(|step| step.len() > 1) {
        let within = |clause: &Clause| clause.new.union(&clause.old).is_subset(step);
        let because = grounds(&within);
        found.extend(ship_together(
            &changes.paths(step),
            &because,
            changes.candidate(),
            selection,
        ));
    }
    let apart = |clause: &Clause| {
        let meets =
            |step: &UnitSet| !step.is_disjoint(&clause.new) && !step.is_disjoint(&clause.old);
        !plan.steps.iter().any(meets)
    };
    let waiting: BTreeSet<&UnitSet> = shown
        .iter()
        .filter(|(clause, _)| apart(clause))
        .map(|(clause, _)| &clause.new)
        .collect();
    for new in waiting {
        let because = grounds(&|clause: &Clause| clause.new == *new && apart(clause));
        found.extend(ship_first(&because, changes.candidate(), selection));
    }
    found
}
