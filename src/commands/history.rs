//! `coship history`.

use std::io::Write;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;

use rayon::ThreadPool;

use crate::analysis::{self, Memory, Side};
use crate::cache::Cache;
use crate::cli::{Global, History as Arguments, HistoryFormat, TreeArgs};
use crate::commands::check::check_entry_points;
use crate::commands::output::{Output, say};
use crate::commands::setup::Setup;
use crate::commands::verdict::{default_selection, flags};
use crate::commands::{Error, Exit};
use crate::config::Settings;
use crate::history::{History, Seen, Step, shard};
use crate::report::history as report;
use crate::rules::{self, Finding, Selection, Status};
use crate::source::{Commit, Commits, Context, Overlay, Pair, SourceError, Texts, Tree};

/// How many commits a thread has at least: the first one of each is evaluated with its parent.
const FEWEST: usize = 8;

/// Replays `check` over a range of commits.
pub(super) fn run(arguments: &Arguments, global: &Global) -> Result<Exit, Error> {
    let part = arguments.shard.as_deref().map(part).transpose()?;
    let commits = Commits::around(&Context::of_process()?)?;
    let all = commits.of(&arguments.range, arguments.first_parent)?;
    let ours = part.map_or(all.as_slice(), |part| shard(&all, part));
    let output = Output::new(arguments.output.output_file.as_deref())?;
    let pool = analysis::pool()?;
    // Each thread takes neighbours, which have most in common. What is told does not depend on how many there are.
    let threads = pool
        .current_num_threads()
        .min(ours.len().div_ceil(FEWEST))
        .max(1);
    let replayed: Vec<Result<Vec<Step>, Error>> = thread::scope(|scope| {
        let start = |number| {
            let commits = shard(ours, (number, threads));
            let pool = &pool;
            scope.spawn(move || replay(commits, arguments, global, pool))
        };
        let running: Vec<_> = (1..=threads).map(start).collect();
        let ended = running.into_iter().map(thread::ScopedJoinHandle::join);
        ended
            .map(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    let steps: Vec<Vec<Step>> = replayed.into_iter().collect::<Result<_, _>>()?;
    let steps = steps.concat();
    let failed = steps.iter().any(|step| step.error.is_some());
    output.write(|out: &mut dyn Write| match arguments.output_format {
        Some(HistoryFormat::JsonLines) => report::json_lines(&steps, out),
        Some(HistoryFormat::Full) | None => {
            report::full(&History::of(&steps), (&arguments.range, global.quiet), out)
        }
    })?;
    Ok(if failed { Exit::Failed } else { Exit::Clean })
}

/// The steps of commits that follow each other.
fn replay(
    commits: &[Commit],
    arguments: &Arguments,
    global: &Global,
    pool: &ThreadPool,
) -> Result<Vec<Step>, Error> {
    let mut replay = Replay {
        arguments,
        global,
        pool,
        memory: Memory::default(),
        texts: Texts::default(),
    };
    let mut steps = Vec::new();
    for commit in commits {
        let parents: Vec<Option<&String>> = match commit.parents.as_slice() {
            [] => vec![None],
            [first, ..] if arguments.first_parent => vec![Some(first)],
            all => all.iter().map(Some).collect(),
        };
        for parent in parents {
            steps.push(replay.step(commit, parent)?);
        }
    }
    Ok(steps)
}

/// `K/N`.
fn part(shard: &str) -> Result<(usize, usize), Error> {
    let parsed = shard.split_once('/').and_then(|(number, count)| {
        let part: (usize, usize) = (number.parse().ok()?, count.parse().ok()?);
        (1 <= part.0 && part.0 <= part.1).then_some(part)
    });
    parsed.ok_or_else(|| Error::Shard {
        shard: shard.to_owned(),
    })
}

/// What is kept from commit to commit.
struct Replay<'a> {
    arguments: &'a Arguments,
    global: &'a Global,
    pool: &'a ThreadPool,
    memory: Memory,
    texts: Texts,
}

impl Replay<'_> {
    /// Checks a commit against a parent. A configuration of that time that cannot be used is told, and the next commit is looked at.
    fn step(&mut self, commit: &Commit, parent: Option<&String>) -> Result<Step, Error> {
        let mut step = Step::of(commit, parent);
        match self.check(&mut step, parent) {
            Err(Error::Config(error)) => step.error = Some(error.to_string()),
            Err(error @ Error::NoEntryPoint { .. }) => step.error = Some(error.to_string()),
            result => result?,
        }
        let counts = self.memory.end_round();
        self.texts.forget_unused();
        let of_trees = format!(
            "{} trees evaluated, {} known",
            counts.evaluated, counts.evaluated_before
        );
        say(
            self.global.verbose,
            &format!(
                "{}: {} files parsed, {} known; {of_trees}",
                commit.short(),
                counts.parsed,
                counts.parsed_before
            ),
        );
        Ok(step)
    }

    fn check(&mut self, step: &mut Step, parent: Option<&String>) -> Result<(), Error> {
        let Some((setup, selection, pair)) = self.read(&step.commit, parent)? else {
            // Nothing is there: what the parent had has gone.
            if let Some(parent) = parent
                && let Some((setup, selection, pair)) = self.read(parent, None)?
            {
                let (side, _) = self.replay(&pair, &setup.settings, &selection);
                step.went = side
                    .findings
                    .iter()
                    .map(|it| Seen::new(it, &pair.candidate))
                    .collect();
            }
            return Ok(());
        };
        let (new, old) = self.replay(&pair, &setup.settings, &selection);
        step.findings = new.findings.len();
        let found = old.as_ref().map(|old| &old.found[..]).unwrap_or_default();
        step.came = unmatched(&new, found, &pair.candidate);
        if let (Some(old), Ok(tree)) = (&old, &pair.against) {
            step.went = unmatched(old, &new.found, tree);
            step.became = renamed(old, &new);
        }
        Ok(())
    }

    fn replay(
        &self,
        pair: &Pair,
        settings: &Settings,
        selection: &Selection,
    ) -> (Arc<Side>, Option<Arc<Side>>) {
        let memory = &self.memory;
        self.pool
            .install(|| analysis::replay(pair, settings, selection, memory))
    }

    /// Both versions; none if the commit has no Python files at all.
    fn read(
        &mut self,
        commit: &str,
        parent: Option<&String>,
    ) -> Result<Option<(Setup, Selection, Pair)>, Error> {
        let tree = TreeArgs {
            tree: Some(format!("rev:{commit}")),
            staged: false,
            python_version: self.arguments.python_version.clone(),
            python: None,
            packages: Vec::new(),
            exclude: Vec::new(),
            extend_exclude: Vec::new(),
        };
        let setup = Setup::new(&tree, self.global, flags(&self.arguments.rules));
        let mut setup = match setup {
            Err(Error::Source(SourceError::NoDirectory { .. })) => return Ok(None),
            setup => setup?,
        };
        let selection = default_selection(&setup.settings)?;
        let against = parent.map_or("none", String::as_str);
        let choice = match setup.candidate.against(Some(against), None, &setup.context) {
            Err(SourceError::NoDirectory { .. }) => {
                setup
                    .candidate
                    .against(Some("none"), None, &setup.context)?
            }
            choice => choice?,
        };
        let selection_of_files = &setup.settings.selection;
        let overlay = Overlay::default();
        let pair = Pair::read_over(
            &setup.candidate,
            &choice,
            selection_of_files,
            (&overlay, &mut self.texts),
        );
        let pair = match pair {
            // Which of the two it is shows where the commit is read alone.
            Err(SourceError::Empty { .. }) if parent.is_some() => return self.read(commit, None),
            Err(SourceError::Empty { .. }) => return Ok(None),
            pair => pair?,
        };
        setup.look_around(&pair.candidate, Cache::of_user())?;
        check_entry_points(&setup.settings, &pair)?;
        Ok(Some((setup, selection, pair)))
    }
}

/// The findings of a side that the other one has not.
fn unmatched(side: &Side, other: &[rules::Identity], tree: &Tree) -> Vec<Seen> {
    let mut findings = side.findings.clone();
    rules::compare(&mut findings, other);
    let new = findings
        .iter()
        .filter(|finding| finding.status == Status::New);
    new.map(|finding| Seen::new(finding, tree)).collect()
}

/// Findings that both sides have under different fingerprints.
fn renamed(old: &Side, new: &Side) -> Vec<(String, String)> {
    let is_known = |side: &Side, fingerprint: &str| {
        side.findings
            .iter()
            .any(|finding| finding.fingerprint == fingerprint)
    };
    let mut pairs = Vec::new();
    for finding in &new.findings {
        if is_known(old, &finding.fingerprint) {
            continue;
        }
        let shares = |other: &&Finding| {
            let mut atoms = other.atoms().iter();
            !is_known(new, &other.fingerprint)
                && atoms.any(|atom| finding.atoms().binary_search(atom).is_ok())
        };
        if let Some(older) = old.findings.iter().find(shares) {
            pairs.push((older.fingerprint.clone(), finding.fingerprint.clone()));
        }
    }
    pairs
}
