//! `coship plan`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::analysis::mixed::{self, Mixed, State};
use crate::analysis::undecided::{self, Doubt};
use crate::analysis::{self, Described, layered};
use crate::change::Version;
use crate::cli::{Global, Plan, PlanFormat, TreeArgs};
use crate::commands::baseline::Baseline;
use crate::commands::output::{Output, say};
use crate::commands::progress::during;
use crate::commands::setup::Setup;
use crate::commands::verdict::default_selection;
use crate::commands::verify::layers;
use crate::commands::{Error, Exit, clock, only};
use crate::config::Options;
use crate::plan;
use crate::report::plan::{self as report, Direction, NextTag, Reason, Verdict};
use crate::report::{Tally, diff};
use crate::rules::baseline::Present;
use crate::rules::{self, Said, Selection};
use crate::skew::{self, Changes, Oracle, UnitSet};
use crate::source::{Choice, Pair, Tree};

/// How many earlier versions are tried as something to go back to.
const EARLIER: usize = 50;

/// Plans and reports.
pub(super) fn run(arguments: &Plan, global: &Global) -> Result<Exit, Error> {
    let (tree, files) = only::tree_and_files(&arguments.tree, &arguments.files, &arguments.only);
    let mut setup = Setup::compared(
        &tree,
        arguments.against.as_deref(),
        global,
        Options::default(),
    )?;
    let selection = default_selection(&setup.settings)?;
    let mut forward = None;
    if arguments.rollback.is_none() {
        let choice = setup.candidate.against(
            arguments.against.as_deref(),
            setup.settings.against.as_ref(),
            &setup.context,
        )?;
        let pair = Pair::read(&setup.candidate, &choice, &setup.settings.selection)?;
        setup.look_around(&pair.candidate, None)?;
        let mut pair = pair;
        let layers = layers(
            &arguments.layer,
            &setup.context,
            &setup.settings.python.targets,
        )?;
        analysis::pool()?.install(|| layered::lay(&mut pair, &layers, &mut setup.settings));
        forward = Some(pair);
    }
    let planner = Planner {
        arguments,
        files: &files,
        global,
        setup: &setup,
        selection: &selection,
    };
    if let Some(pair) = forward {
        let against = pair.against.map_err(|why| Error::NothingDeployed {
            what: "coship plan",
            why,
        })?;
        return planner.forward(&against, &pair.candidate);
    }
    match &arguments.rollback {
        Some(Some(tag)) => {
            let choice = setup.candidate.against(Some(tag), None, &setup.context)?;
            let (from, to) = planner.read_back(&choice)?;
            planner.plan(&from, &to, Direction::Back, None)
        }
        Some(None) | None => planner.newest_to_go_back_to(),
    }
}

/// A run's surroundings.
struct Planner<'a> {
    arguments: &'a Plan,
    /// The changed files, or names of units, that are asked about; none for all.
    files: &'a [String],
    global: &'a Global,
    setup: &'a Setup,
    selection: &'a Selection,
}

impl Planner<'_> {
    /// Both sides of a way back: what runs, and the earlier version of what goes back.
    fn read_back(&self, choice: &Choice) -> Result<(Tree, Tree), Error> {
        let settings = &self.setup.settings;
        let pair = Pair::read(&self.setup.candidate, choice, &settings.selection)?;
        let earlier = pair.against.map_err(|why| Error::NothingDeployed {
            what: "--rollback",
            why,
        })?;
        let runs = pair.candidate;
        if self.files.is_empty() {
            return Ok((runs, earlier));
        }
        // What stays is part of the version that is gone back to.
        let changes = Changes::new(&runs, &earlier, &settings.units);
        let units = only::units(self.files, &changes, self.setup)?;
        let back = changes.mixed(&units);
        Ok((runs, back))
    }

    /// Plans the way back to the newest earlier version that causes no new error.
    fn newest_to_go_back_to(&self) -> Result<Exit, Error> {
        let mut tried = Vec::new();
        while tried.len() < EARLIER {
            let Some(located) = self.setup.candidate.earlier(&tried)? else {
                break;
            };
            tried.push(located.name().to_owned());
            let (from, to) = self.read_back(&Choice::Version(located))?;
            let changes = Changes::new(&from, &to, &self.setup.settings.units);
            let is_same = changes.files.is_empty();
            let (settings, selection) = (&self.setup.settings, self.selection);
            let is_broken =
                analysis::pool()?.install(|| Mixed::of(&changes, settings, selection).is_broken());
            say(
                self.global.verbose,
                &format!(
                    "{}: {}",
                    to.name,
                    match (is_same, is_broken) {
                        (true, _) => "the same",
                        (_, true) => "new errors",
                        (_, false) => "no new error",
                    }
                ),
            );
            if !is_same && !is_broken {
                return self.plan(&from, &to, Direction::Back, None);
            }
        }
        Err(Error::NothingToGoBackTo { tried })
    }

    /// Plans the way to the candidate, or to as much of it as the files that were named need.
    fn forward(&self, deployed: &Tree, candidate: &Tree) -> Result<Exit, Error> {
        if self.files.is_empty() {
            return self.plan(deployed, candidate, Direction::Forward, None);
        }
        let settings = &self.setup.settings;
        let changes = Changes::new(deployed, candidate, &settings.units);
        let asked = only::units(self.files, &changes, self.setup)?;
        let pool = analysis::pool()?;
        let needs = || {
            pool.install(|| {
                let mixed = Mixed::of(&changes, settings, self.selection);
                skew::needs(&Oracle::new(&mixed, changes.count()), &asked).whole
            })
        };
        let whole = if asked.is_empty() {
            asked.clone()
        } else {
            during(!self.global.quiet, "looking for what is needed", needs)
        };
        let part = report::Part {
            asked: changes.paths(&asked),
            needed: changes.paths(&whole.minus(&asked)),
        };
        let to = changes.mixed(&whole);
        self.plan(deployed, &to, Direction::Forward, Some(part))
    }

    /// Plans the way from one tree to another, and reports it.
    fn plan(
        &self,
        from: &Tree,
        to: &Tree,
        direction: Direction,
        part: Option<report::Part>,
    ) -> Result<Exit, Error> {
        let settings = &self.setup.settings;
        let changes = Changes::new(from, to, &settings.units);
        let is_checklist =
            self.setup.format(self.arguments.output_format)? == Some(PlanFormat::Markdown);
        let described = if changes.count() > 1 || is_checklist {
            let pool = analysis::pool()?;
            let describe = || pool.install(|| analysis::describe(to, from, settings));
            Some(during(!self.global.quiet, "comparing", describe))
        } else {
            None
        };
        let way = Way {
            changes: &changes,
            described: described.as_ref(),
            direction,
        };
        let spoken = Spoken {
            arguments: command_line(
                &self.arguments.tree,
                self.setup,
                self.arguments.against.as_deref(),
            ),
            tag: match direction {
                Direction::Forward => self.next_tag()?,
                Direction::Back => None,
            },
            contract: described
                .as_ref()
                .filter(|_| is_checklist)
                .map(|(new, old)| self.contract(new, old))
                .unwrap_or_default(),
            part,
        };
        work_out(
            &way,
            spoken,
            self.setup,
            self.selection,
            self.global,
            |report| {
                self.write(report)?;
                Ok(match report.verdict {
                    Verdict::Broken => Exit::Findings,
                    _ => Exit::Clean,
                })
            },
        )
    }

    /// What changed in the contract, per file, for the checklist alone: no other format shows it.
    fn contract(&self, new: &Described, old: &Described) -> report::Contract {
        let mut lines: BTreeMap<Arc<str>, Vec<String>> = BTreeMap::new();
        for Said { change, .. } in analysis::changes(new, old, self.selection) {
            let tree = match change.version {
                Version::Deployed => old.tree,
                Version::Candidate => new.tree,
            };
            let path = Arc::from(&*tree.file(change.place.file).path);
            // The names are plain in a list that escapes its text.
            let line = diff::line(&change).replace('`', "");
            lines.entry(path).or_default().push(line);
        }
        lines.into_iter().collect()
    }

    fn write(&self, plan: &report::Plan) -> Result<(), Error> {
        let format = self.setup.format(self.arguments.output_format)?;
        let output = Output::new(self.arguments.output.output_file.as_deref())?;
        let look = output.look(self.global.color);
        output.write(|out| match format.unwrap_or(PlanFormat::Full) {
            PlanFormat::Full => report::full(plan, look, out),
            PlanFormat::Json => report::json(plan, out),
            PlanFormat::Markdown => report::markdown(plan, out),
            PlanFormat::Dot => report::dot(plan, out),
            PlanFormat::Mermaid => report::mermaid(plan, out),
        })
    }

    /// The next tag. The date is the only thing that is taken from the clock, and the only format that shows it is the checklist.
    fn next_tag(&self) -> Result<Option<NextTag>, Error> {
        let next = self.setup.candidate.next_tag(clock::today())?;
        Ok(next.map(|(name, after)| NextTag { name, after }))
    }
}

/// From which version to which, and what is known of both.
pub(super) struct Way<'a> {
    /// What differs between them.
    pub changes: &'a Changes<'a>,
    /// The contracts of the candidate and of the deployed version. Without them nothing is said to be undecided, which is right only if at most one file changed.
    pub described: Option<&'a (Described<'a>, Described<'a>)>,
    /// Which way it goes.
    pub direction: Direction,
}

/// What a plan says besides.
pub(super) struct Spoken {
    /// TREE and SPEC as they were given.
    pub arguments: String,
    /// The next tag.
    pub tag: Option<NextTag>,
    /// What changed in the contract.
    pub contract: report::Contract,
    /// The part of the candidate that is planned for; None for all of it.
    pub part: Option<report::Part>,
}

/// Plans, and hands what is to be reported to `tell`, whose answer is returned.
pub(super) fn work_out<R>(
    way: &Way,
    spoken: Spoken,
    setup: &Setup,
    selection: &Selection,
    global: &Global,
    tell: impl FnOnce(&report::Plan) -> Result<R, Error>,
) -> Result<R, Error> {
    let (changes, settings) = (way.changes, &setup.settings);
    let baseline = Baseline::configured(setup)?;
    let pool = analysis::pool()?;
    let search = || {
        let sides = way.described.filter(|_| changes.count() > 1);
        let doubts = sides.map(|(new, old)| undecided::doubts(changes, new, old));
        let doubts = doubts.unwrap_or_default();
        let mixed = Mixed::of(changes, settings, selection);
        let oracle = Oracle::new(&mixed, changes.count());
        let plan = plan::search(&oracle, &undecided::careful(&mixed.order(), &doubts));
        say(
            global.verbose,
            &format!("{} mixed states judged", oracle.judged()),
        );
        let clauses = plan.clauses.iter();
        Planned {
            present: mixed.present(),
            tally: Tally::default(),
            states: clauses.map(|clause| mixed.broken(&clause.state)).collect(),
            candidate: mixed.into_candidate(),
            doubts: undecided::left(doubts, &plan),
            plan,
        }
    };
    let search = || pool.install(search);
    let mut planned = during(!global.quiet, "planning", search);
    // What was there before, or is somebody's responsibility, is no reason against this deploy: `check` says the same.
    let waivers = &settings.waivers;
    if !waivers.is_empty() {
        let how = (selection, false);
        let mut waived = rules::waive(&mut planned.candidate, waivers, clock::today(), how);
        waived.retain(|waived| mixed::is_new_error(&waived.finding));
        planned.tally.suppressed.extend(waived);
    }
    planned.candidate.retain(mixed::is_new_error);
    if let Some(baseline) = &baseline {
        let seen = (changes.candidate(), &planned.present);
        let how = (false, global.quiet);
        baseline.apply(&mut planned.candidate, &mut planned.tally, seen, how)?;
    }
    let errors = planned.candidate.iter();
    let steps = planned.plan.steps.iter();
    let report = report::Plan {
        candidate: changes.candidate(),
        against: changes.deployed(),
        verdict: verdict(changes, &planned),
        steps: steps.map(|step| changes.paths(step)).collect(),
        reasons: reasons(changes, &planned),
        exact: planned.plan.exact && planned.doubts.is_empty(),
        is_finest: planned.plan.exact,
        undecided: told(changes, &planned),
        errors: errors.collect(),
        tally: planned.tally.clone(),
        arguments: spoken.arguments,
        tag: spoken.tag,
        contract: spoken.contract,
        part: spoken.part,
        quiet: global.quiet,
        changes,
        direction: way.direction,
    };
    tell(&report)
}

/// TREE and SPEC as they were given, for commands that are shown.
pub(super) fn command_line(tree: &TreeArgs, setup: &Setup, against: Option<&str>) -> String {
    let mut words = vec![report::shell(&setup.tree)];
    words.extend(tree.staged.then(|| "--staged".to_owned()));
    if let Some(against) = against {
        words.push(format!("--against {}", report::shell(against)));
    }
    words.join(" ")
}

/// What was planned, with what explains it.
struct Planned {
    plan: plan::Plan,
    /// For each clause the state in which it shows.
    states: Vec<Option<Arc<State>>>,
    /// The candidate's new errors, as far as they are reported.
    candidate: Vec<rules::Finding>,
    /// Those that are not.
    tally: Tally,
    /// What the candidate has.
    present: Present,
    /// What could not be followed, and would ask for an order that no clause does.
    doubts: Vec<Doubt>,
}

fn verdict(changes: &Changes, planned: &Planned) -> Verdict {
    if !planned.candidate.is_empty() {
        Verdict::Broken
    } else if changes.files.is_empty() {
        Verdict::NothingToShip
    } else if planned.plan.clauses.is_empty() && !planned.doubts.iter().any(asks_for_order) {
        Verdict::AnyOrder
    } else if planned.plan.steps.len() == 1 {
        Verdict::Together
    } else {
        Verdict::Ordered
    }
}

/// Whether a site that was not followed is a reason against some order.
fn asks_for_order(doubt: &Doubt) -> bool {
    doubt.order.is_some()
}

/// What could not be followed, as it is reported.
fn told(changes: &Changes, planned: &Planned) -> Vec<report::Undecided> {
    let plan = &planned.plan;
    let told = planned.doubts.iter().map(|doubt| report::Undecided {
        what: doubt.undecided.clone(),
        together: undecided::together(changes, plan, doubt),
        is_met: doubt.is_met_by(plan),
    });
    told.collect()
}

fn reasons<'p>(changes: &Changes, planned: &'p Planned) -> Vec<Reason<'p>> {
    let steps = &planned.plan.steps;
    let touches = |units: &UnitSet| {
        let touched = steps
            .iter()
            .enumerate()
            .filter(|(_, step)| !step.is_disjoint(units));
        let touched: Vec<usize> = touched.map(|(index, _)| index).collect();
        (
            touched.first().copied().unwrap_or(0),
            touched.last().copied().unwrap_or(0),
        )
    };
    let clauses = planned.plan.clauses.iter().zip(&planned.states);
    let reasons = clauses.filter_map(|(clause, state)| {
        let state = state.as_ref()?;
        let mut findings = state.findings.iter();
        Some(Reason {
            new: changes.paths(&clause.new),
            old: changes.paths(&clause.old),
            first: touches(&clause.old).0,
            last: touches(&clause.new).1,
            finding: findings.find(|finding| finding.atoms().contains(&clause.problem))?,
            tree: &state.tree,
        })
    });
    reasons.collect()
}
