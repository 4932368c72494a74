//! `coship check`.

use std::sync::Arc;

use crate::analysis::mixed::Mixed;
use crate::analysis::upgrade::Upgrade;
use crate::analysis::verify::BESIDE;
use crate::analysis::{self, Memory, installed, layered, partial, ship};
use crate::cache::Cache;
use crate::cli::{Check, Global, TreeArgs};
use crate::commands::baseline::Baseline;
use crate::commands::output::say;
use crate::commands::setup::Setup;
use crate::commands::timings::{self, Clock};
use crate::commands::verdict::{
    exit as exit_status, fail_on, flags, report, say_adopt, selection, write,
};
use crate::commands::verify::layers;
use crate::commands::{Error, Exit, clock, fix, hook, only, watch};
use crate::config::Settings;
use crate::facts::{Facts, Route};
use crate::program::Program;
use crate::report::{self, Tally, Timings};
use crate::rules::baseline::Present;
use crate::rules::{self, Finding, Judged, Selection, Severity, Status};
use crate::skew::Changes;
use crate::source::{Context, Overlay, Pair, Texts, Tree, Unlike};
use crate::syntax::ir::Module;

/// What is kept from one round of `check` to the next, and what the next one reads in place of files on disk.
#[derive(Default)]
pub(super) struct Kept {
    /// What was parsed and found.
    pub memory: Memory,
    /// The texts of blobs.
    pub texts: Texts,
    /// Unsaved texts.
    pub overlay: Overlay,
    /// Whether the routes of the deployed version are asked for, which the cache on disk has not.
    pub wants_deployed: bool,
}

/// Checks a tree and reports; in a hook, what is committed or each commit that is pushed.
pub(super) fn run(arguments: &Check, global: &Global) -> Result<Exit, Error> {
    if arguments.watch {
        return watch::run(arguments, global);
    }
    let mut kept = Kept::default();
    let Some(stage) = arguments.hook else {
        kept.memory = Memory::of_one_round();
        let exit = check(&arguments.tree, arguments, global, &mut kept);
        // The process ends: its memory goes back as a whole, and not node by node.
        std::mem::forget(kept);
        return exit;
    };
    let trees = hook::moved(stage, &arguments.tree)?;
    if trees.is_empty() {
        say(!global.quiet, "nothing is pushed that could be checked");
    }
    let mut worst = Exit::Clean;
    for tree in &trees {
        let exit = check(tree, arguments, global, &mut kept)?;
        say(
            !global.quiet && exit == Exit::Findings,
            &hook::refused(tree),
        );
        worst = worst.max(exit);
    }
    Ok(worst)
}

/// A tree that was checked, before anything is told of it.
pub(super) struct Round {
    /// The settings.
    pub setup: Setup,
    /// Which rules count.
    pub selection: Selection,
    /// What was checked, and what it was held against.
    pub pair: Pair,
    /// What it was held against, where that has packages of its own.
    pub upgrade: Option<Upgrade>,
    /// What is reported.
    pub findings: Vec<Finding>,
    /// What is not.
    pub tally: Tally,
    /// The candidate's files in the intermediate form.
    pub modules: Vec<Arc<Module>>,
    /// What evaluation found in the candidate.
    pub facts: Facts,
    /// What its imports mean.
    pub program: Option<Program>,
    /// The routes of the deployed version, as far as it was evaluated.
    pub deployed: Vec<Route>,
}

/// Checks one tree.
pub(super) fn check(
    tree: &TreeArgs,
    arguments: &Check,
    global: &Global,
    kept: &mut Kept,
) -> Result<Exit, Error> {
    let mut run = Run::new(arguments, global, kept);
    let mut read = run.read(tree, Context::of_process()?)?;
    if !arguments.only.is_empty() {
        let Read {
            setup,
            selection,
            pair,
            ..
        } = &read;
        return run_only(arguments, global, setup, pair, selection);
    }
    if fix::is_asked_for(arguments)
        && let Some(exit) = run.mend(&mut read)?
    {
        return Ok(exit);
    }
    let round = run.judge(read)?;
    let told = (&round.findings[..], &round.tally);
    let settings = &round.setup.settings;
    let alone = round.upgrade.as_ref().map(|upgrade| &upgrade.before);
    let against = round.pair.against.as_ref().map_err(String::as_str);
    let report = report::Check {
        against: against.or_else(|why| alone.ok_or(why)),
        upgrade: round.upgrade.as_ref(),
        folder: &round.setup.folder,
        ..report((&round.pair.candidate, &round.facts), told, settings)
    };
    let report = |timings| report::Check { timings, ..report };
    let counts = run.kept.memory.end_round();
    run.kept.texts.forget_unused();
    if !arguments.timings {
        let exit = write(report(None), &arguments.report, global, &round.setup)?;
        let is_first = arguments.baseline.is_none() && round.tally.baseline.is_none();
        say_adopt(is_first && !global.quiet, &round.findings);
        return Ok(exit);
    }
    let mut timings = Timings {
        phases: run.clock.laps(),
        counts,
    };
    let exit = write(
        report(Some(&timings)),
        &arguments.report,
        global,
        &round.setup,
    )?;
    run.clock.lap("report");
    timings.phases = run.clock.laps();
    timings::tell(&timings);
    Ok(exit)
}

/// The settings, the rules that count, and what was read.
struct Read {
    setup: Setup,
    selection: Selection,
    pair: Pair,
    upgrade: Option<Upgrade>,
}

/// One round of `check`: what is asked for, what earlier ones left, and the time.
pub(super) struct Run<'a> {
    arguments: &'a Check,
    global: &'a Global,
    kept: &'a mut Kept,
    cache: Option<Cache>,
    clock: Clock,
}

impl<'a> Run<'a> {
    /// A round that begins now.
    pub(super) fn new(arguments: &'a Check, global: &'a Global, kept: &'a mut Kept) -> Self {
        Self {
            arguments,
            global,
            kept,
            cache: (!arguments.no_cache).then(Cache::of_user).flatten(),
            clock: Clock::default(),
        }
    }

    /// Checks one tree and tells nothing. Whatever is kept, the findings are those of a run without it.
    pub(super) fn round(&mut self, tree: &TreeArgs, context: Context) -> Result<Round, Error> {
        let read = self.read(tree, context)?;
        self.judge(read)
    }

    /// Locates, chooses the deployed version and reads both.
    fn read(&mut self, tree: &TreeArgs, context: Context) -> Result<Read, Error> {
        let arguments = self.arguments;
        let against = arguments.against.as_deref();
        let flags = flags(&arguments.rules);
        let mut setup = Setup::of_part(context, tree, against, self.global, flags)?;
        let selection = selection(&arguments.rules, &setup.settings)?;
        setup.format(arguments.report.output_format)?;
        let choice =
            setup
                .candidate
                .against(against, setup.settings.against.as_ref(), &setup.context)?;
        self.clock.lap("locate");
        let pair = Pair::read_over(
            &setup.candidate,
            &choice,
            &setup.settings.selection,
            (&self.kept.overlay, &mut self.kept.texts),
        )?;
        self.clock.lap("read");
        setup.look_around(&pair.candidate, self.cache.clone())?;
        let mut pair = pair;
        let old = setup.old_packages(&pair.candidate, &arguments.against_packages)?;
        let only_new = arguments.new_only || setup.settings.new_only;
        if arguments.only.is_empty() && only_new && old.is_none() {
            refuse_itself(&mut pair)?;
        }
        let layers = layers(
            &arguments.layer,
            &setup.context,
            &setup.settings.python.targets,
        )?;
        let memory = &self.kept.memory;
        let upgrade = analysis::pool()?.install(|| {
            layered::lay(&mut pair, &layers, &mut setup.settings);
            let mut upgrade = old.map(|old| Upgrade::of(&pair, &setup.settings, old, memory));
            installed::lay(&mut pair, &setup.settings, memory);
            if let Some(upgrade) = &mut upgrade {
                upgrade.share(&pair.candidate);
            }
            upgrade
        });
        self.clock.lap("environment");
        say(
            self.global.verbose,
            &format!("{} files read", pair.candidate.own_files().count()),
        );
        check_entry_points(&setup.settings, &pair)?;
        Ok(Read {
            setup,
            selection,
            pair,
            upgrade,
        })
    }

    /// Mends what can be mended of what would be reported. With `--diff` nothing more is to be done: how the run ends.
    fn mend(&mut self, read: &mut Read) -> Result<Option<Exit>, Error> {
        let (arguments, global) = (self.arguments, self.global);
        let Read {
            setup,
            selection,
            pair,
            ..
        } = read;
        let baseline = Baseline::open(arguments, setup)?;
        fix::refuse_unwritable(arguments, setup)?;
        let (cache, memory) = (self.cache.as_ref(), &self.kept.memory);
        let (candidate, judged, _) = analysis::pool()?
            .install(|| analysis::check_again(pair, (&setup.settings, selection), cache, memory));
        let sieve = Sieve::of_all(arguments, setup, selection, baseline.as_ref());
        let present = || candidate.present();
        let seen: Seen = (&pair.candidate, &present);
        let (reported, _) = sieve.sift(judged, seen, arguments, global, setup)?;
        drop(candidate);
        let exit = fix::run(arguments, global, (setup, selection), pair, &reported)?;
        self.clock.lap("mend");
        if !arguments.diff {
            return Ok(None);
        }
        let lowest = fail_on(&arguments.report, &setup.settings);
        let otherwise = || exit_status(&reported, lowest, arguments.report.exit_zero);
        Ok(Some(exit.unwrap_or_else(otherwise)))
    }

    /// Judges what was read.
    fn judge(&mut self, read: Read) -> Result<Round, Error> {
        let Read {
            setup,
            selection,
            pair,
            upgrade,
        } = read;
        let arguments = self.arguments;
        let settings = &setup.settings;
        let baseline = Baseline::open(arguments, &setup)?;
        let pool = analysis::pool()?;
        let against = pair.against.as_ref().ok();
        let changes =
            against.map(|against| Changes::new(against, &pair.candidate, &settings.units));
        let changes = changes.filter(|changes| {
            ship::is_wanted(
                changes,
                &selection,
                fail_on(&arguments.report, settings) < Severity::Error,
            )
        });
        let memory = &self.kept.memory;
        let cache = self.cache.as_ref().filter(|_| !self.kept.wants_deployed);
        let (candidate, judged, deployed) = pool.install(|| {
            let rules = (settings, &selection);
            match (&changes, &upgrade) {
                (Some(changes), _) if ship::has_between(changes, memory) => {
                    let (candidate, mut judged, routes) = ship::check(changes, rules, memory);
                    if let Some(upgrade) = &upgrade {
                        upgrade.compare(&mut judged.findings, &candidate, rules, memory);
                    }
                    (candidate, judged, routes)
                }
                (_, Some(upgrade)) => upgrade.check(&pair.candidate, rules, memory),
                _ => {
                    let (candidate, judged, side) =
                        analysis::check_again(&pair, rules, cache, memory);
                    let routes = side.map(|side| side.facts.routes.clone());
                    (candidate, judged, routes.unwrap_or_default())
                }
            }
        });
        self.clock.lap("evaluate");
        let sieve = Sieve::of_all(arguments, &setup, &selection, baseline.as_ref());
        let present = || candidate.present();
        let seen: Seen = (&pair.candidate, &present);
        let (findings, tally) = sieve.sift(judged, seen, arguments, self.global, &setup)?;
        let (modules, facts, program) = candidate.into_parts();
        self.clock.lap("judge");
        drop(changes);
        Ok(Round {
            setup,
            selection,
            pair,
            upgrade,
            findings,
            tally,
            modules,
            facts,
            program,
            deployed,
        })
    }
}

/// What is new since the very commit that is checked is nothing, and a run that says so would be green for lack of looking.
fn refuse_itself(pair: &mut Pair) -> Result<(), Error> {
    let Ok(against) = &pair.against else {
        return Ok(());
    };
    match pair.unlike {
        Unlike::Another => {}
        Unlike::Named => {
            return Err(Error::ComparedWithItself {
                name: against.name.clone(),
            });
        }
        // A first version: all that is in it is new.
        Unlike::First => {
            pair.against = Err(format!(
                "{} is the very commit that is checked, and no tag is before it",
                against.name
            ));
        }
    }
    Ok(())
}

/// What is left out of a report, and why.
struct Sieve<'a> {
    selection: &'a Selection,
    baseline: Option<&'a Baseline>,
    /// The directory that is asked about; empty for all.
    folder: &'a str,
    new_only: bool,
    /// Whether the run saw all that a baseline can list.
    is_whole: bool,
}

/// A tree, and what is in it, which a baseline alone asks for.
type Seen<'a> = (&'a Tree, &'a dyn Fn() -> Present);

impl<'a> Sieve<'a> {
    /// That of a run that saw the whole tree.
    fn of_all(
        arguments: &Check,
        setup: &'a Setup,
        selection: &'a Selection,
        baseline: Option<&'a Baseline>,
    ) -> Self {
        Self {
            selection,
            baseline,
            folder: &setup.folder,
            new_only: arguments.new_only || setup.settings.new_only,
            is_whole: true,
        }
    }

    /// The findings that are reported, and how many are not.
    fn sift(
        &self,
        judged: Judged,
        (tree, present): Seen,
        arguments: &Check,
        global: &Global,
        setup: &Setup,
    ) -> Result<(Vec<Finding>, Tally), Error> {
        let mut findings = judged.findings;
        if !arguments.layer.is_empty() {
            // What is laid beside the code is not what is asked about.
            findings.retain(|finding| !finding.path.starts_with(BESIDE));
        }
        let mut tally = Tally {
            suppressed: judged.suppressed,
            ..Tally::default()
        };
        let waivers = &setup.settings.waivers;
        if !waivers.is_empty() {
            let today = arguments.today.unwrap_or_else(clock::today);
            let how = (self.selection, self.is_whole);
            let waived = rules::waive(&mut findings, waivers, today, how);
            tally.suppressed.extend(waived);
            rules::sort(&mut findings);
        }
        if let Some(baseline) = self.baseline {
            let how = (self.is_whole, global.quiet);
            baseline.apply(&mut findings, &mut tally, (tree, &present()), how)?;
        }
        let before = findings.len();
        if !self.folder.is_empty() {
            findings.retain(|finding| is_below(&finding.path, self.folder));
        }
        tally.elsewhere = before - findings.len();
        let before = findings.len();
        if self.new_only {
            findings.retain(|finding| finding.status == Status::New);
        }
        tally.existing = before - findings.len();
        Ok((findings, tally))
    }
}

/// Whether a path is in a directory.
fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// A module that the configuration starts execution in and that no tree has is a mistake in the configuration.
pub(super) fn check_entry_points(settings: &Settings, pair: &Pair) -> Result<(), Error> {
    let trees = || [Some(&pair.candidate), pair.against.as_ref().ok()];
    for (module, _) in &settings.entry_points.functions {
        let stem = module.replace('.', "/");
        let endings = [format!("{stem}.py"), format!("{stem}/__init__.py")];
        let is_it = |path: &str| {
            endings.iter().any(|ending| {
                path.strip_suffix(ending.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            })
        };
        let mut files = trees().into_iter().flatten().flat_map(|tree| &tree.files);
        if !files.any(|file| is_it(&file.path)) {
            return Err(Error::NoEntryPoint {
                module: module.clone(),
            });
        }
    }
    Ok(())
}

/// Judges the mixed state in which only some of the changes ship.
fn run_only(
    arguments: &Check,
    global: &Global,
    setup: &Setup,
    pair: &Pair,
    selection: &Selection,
) -> Result<Exit, Error> {
    let against = pair
        .against
        .as_ref()
        .map_err(|why| Error::NothingDeployed {
            what: "--only",
            why: why.clone(),
        })?;
    let settings = &setup.settings;
    let changes = Changes::new(against, &pair.candidate, &settings.units);
    let units = only::units(&arguments.only, &changes, setup)?;
    let pool = analysis::pool()?;
    let baseline = Baseline::open(arguments, setup)?;
    let mut state = pool.install(|| {
        let mixed = Mixed::of(&changes, settings, selection);
        partial::judge(&mixed, &changes, &units, selection)
    });
    let judged = Judged {
        findings: std::mem::take(&mut state.findings),
        suppressed: Vec::new(),
    };
    // What the deployed version has is no reason to hold these files back: `plan` says the same.
    let sieve = Sieve {
        selection,
        baseline: baseline.as_ref(),
        folder: "",
        new_only: true,
        is_whole: false,
    };
    let present = || state.present();
    let seen: Seen = (&state.tree, &present);
    let (findings, tally) = sieve.sift(judged, seen, arguments, global, setup)?;
    let told = (&findings[..], &tally);
    let paths = changes.paths(&units);
    let report = report::Check {
        against: Ok(against),
        only: Some(&paths),
        ..report((&state.tree, &state.facts), told, settings)
    };
    write(report, &arguments.report, global, setup)
}
