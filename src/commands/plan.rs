//! `coship plan`.

use std::sync::Arc;

use crate::cli::{Global, Plan, PlanFormat};
use crate::commands::check::default_selection;
use crate::commands::mixed::{Mixed, State};
use crate::commands::output::{Output, say};
use crate::commands::setup::Setup;
use crate::commands::{Error, Exit, stages};
use crate::config::{Options, Settings};
use crate::plan;
use crate::report::plan::{self as report, Reason, Verdict};
use crate::skew::{Changes, Oracle, UnitId};
use crate::source::Pair;

/// Plans and reports.
pub(super) fn run(arguments: &Plan, global: &Global) -> Result<Exit, Error> {
    let setup = Setup::new(&arguments.tree, global, Options::default())?;
    let settings = &setup.settings;
    let selection = default_selection(settings)?;
    let format = setup
        .format(arguments.output_format)?
        .unwrap_or(PlanFormat::Json);
    let choice = setup.candidate.against(
        arguments.against.as_deref(),
        settings.against.as_ref(),
        &setup.context,
    )?;
    let pair = Pair::read(&setup.candidate, &choice, &settings.selection)?;
    let against = pair
        .against
        .as_ref()
        .map_err(|why| Error::NothingDeployed {
            what: "coship plan",
            why: why.clone(),
        })?;
    let changes = Changes::new(against, &pair.candidate, &settings.units);
    let pool = stages::pool()?;
    let (plan, states, is_broken) = pool.install(|| {
        let mixed = Mixed::of(&pair, &changes, settings, &selection);
        let oracle = Oracle::new(&mixed, changes.count());
        let plan = plan::search(&oracle, &order(&changes, settings));
        say(
            global.verbose,
            &format!("{} mixed states judged", oracle.judged()),
        );
        let states: Vec<Option<Arc<State>>> = plan
            .clauses
            .iter()
            .map(|clause| mixed.broken(&clause.state))
            .collect();
        (plan, states, mixed.is_broken())
    });
    let reasons = plan
        .clauses
        .iter()
        .zip(&states)
        .filter_map(|(clause, state)| {
            let state = state.as_ref()?;
            let finding = state
                .findings
                .iter()
                .find(|finding| finding.atoms().contains(&clause.problem))?;
            Some(Reason {
                new: changes.paths(&clause.new),
                old: changes.paths(&clause.old),
                finding,
                tree: &state.tree,
            })
        });
    let verdict = if is_broken {
        Verdict::Broken
    } else if changes.files.is_empty() {
        Verdict::NothingToShip
    } else if plan.clauses.is_empty() {
        Verdict::AnyOrder
    } else if plan.steps.len() == 1 {
        Verdict::Together
    } else {
        Verdict::Ordered
    };
    let plan = report::Plan {
        candidate: &pair.candidate,
        against,
        changes: &changes,
        verdict,
        steps: plan.steps.iter().map(|step| changes.paths(step)).collect(),
        reasons: reasons.collect(),
        exact: plan.exact,
    };
    let output = Output::new(arguments.output.output_file.as_deref())?;
    output.write(|out| match format {
        PlanFormat::Json => report::json(&plan, out),
    })?;
    Ok(if is_broken {
        Exit::Findings
    } else {
        Exit::Clean
    })
}

/// The units in the order in which they ship where nothing else decides: callees' layer first, then by path.
pub(super) fn order(changes: &Changes, settings: &Settings) -> Vec<UnitId> {
    let layers = &settings.layers;
    let layer = |path: &str| {
        if layers.gateway.matches(path) {
            2
        } else if layers.interface.matches(path) {
            1
        } else if layers.core.matches(path) {
            0
        } else {
            3
        }
    };
    let mut order: Vec<UnitId> = (0..).take(changes.count()).map(UnitId).collect();
    order.sort_by_key(|&unit| changes.files_of(unit).map(|file| layer(&file.path)).max());
    order
}
