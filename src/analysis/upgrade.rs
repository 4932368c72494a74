//! An upgrade of the environment: the candidate beside new packages, held against the deployed version beside the old ones (DESIGN 5a).
//!
//! ```text
//! candidate, new packages ──> findings ──┐
//!                                        ├──> new, or existing
//! deployed, old packages ────> findings ─┘
//! candidate, old packages ───> findings: what is new and not among them came with the upgrade (asked only if something is new)
//! ```
//!
//! Without a deployed version the candidate is held against itself. Mixed states of the tree's own files are judged beside the new packages.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashSet;

use super::{Analysed, Linked, Memory, installed, link, names, parse_others, read, told};
use crate::analysis::states::Question;
use crate::config::Settings;
use crate::environment::{Environment, Installed, Moved, normalised};
use crate::facts::{FailureKind, Place, Route};
use crate::name::Name;
use crate::rules::{self, Finding, Identity, Judged, Matter, Selection, Status};
use crate::source::{INSTALLED, Pair, Tree};
use crate::syntax::ir::{Module, StmtKind};
use crate::syntax::visit;

/// What the installed packages of the deployed version are called in place of a revision, where the tree is its own deployed version.
const CHOSEN_BY: &str = "--against-packages";

/// The deployed version with packages of its own.
pub struct Upgrade {
    /// The deployed version beside the old packages; the candidate itself, where there is none.
    pub before: Tree,
    /// The candidate beside the old packages, where that is another tree.
    between: Option<Tree>,
    /// The settings, with the old packages.
    settings: Settings,
}

impl Upgrade {
    /// Lays the old packages beside the deployed version of a pair beside which no packages were laid yet. Run it within [`super::pool`].
    #[must_use]
    pub fn of(pair: &Pair, settings: &Settings, old: Environment, memory: &Memory) -> Self {
        let new = &settings.environment;
        let settings = Settings {
            environment: Arc::new(Environment {
                runtime: new.runtime,
                targets: new.targets.clone(),
                ..old
            }),
            ..settings.clone()
        };
        let mut candidate = pair.candidate.clone();
        installed::lay_beside(&mut candidate, &settings, memory);
        let (before, between) = match &pair.against {
            Ok(deployed) => {
                let mut before = deployed.clone();
                installed::lay_beside(&mut before, &settings, memory);
                (before, Some(candidate))
            }
            Err(_) => {
                candidate.chosen_by = Some(CHOSEN_BY.to_owned());
                (candidate, None)
            }
        };
        Self {
            before,
            between,
            settings,
        }
    }

    /// The distributions that moved, by their normalised names.
    #[must_use]
    pub fn moved(&self) -> &BTreeMap<String, Moved> {
        static NONE: BTreeMap<String, Moved> = BTreeMap::new();
        self.environment().moved.as_deref().unwrap_or(&NONE)
    }

    /// What surrounds the deployed version.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.settings.environment
    }

    /// Gives files that both environments have one text, so that each is parsed once.
    pub fn share(&mut self, candidate: &Tree) {
        for tree in std::iter::once(&mut self.before).chain(&mut self.between) {
            tree.share(candidate);
        }
    }

    /// The candidate with its findings, and their status; with the deployed version's routes. Run it within [`super::pool`].
    #[must_use]
    pub fn check<'a>(
        &self,
        candidate: &'a Tree,
        (settings, selection): (&Settings, &Selection),
        memory: &Memory,
    ) -> (Analysed<'a>, Judged, Vec<Route>) {
        let mut new = read(candidate, settings, memory);
        let old = self.link(&self.before, (candidate, &new.modules), memory);
        new.program.compare_entry_points(&old.program);
        let (new_names, old_names) = (names(&new.program), names(&old.program));
        let (facts, (found, routes)) = rayon::join(
            || {
                memory.evaluate(&Question {
                    tree: candidate,
                    linked: &new,
                    elsewhere: &old_names,
                    settings,
                })
            },
            || self.found(&self.before, &old, &new_names, selection, memory),
        );
        let facts = told(facts, (&new.program, &new.modules), candidate, settings);
        let candidate = Analysed {
            program: Some(new.program),
            ..Analysed::new(candidate, new.modules, facts)
        };
        let mut judged = candidate.judge_all(selection);
        rules::compare(&mut judged.findings, &found);
        self.explain(
            &mut judged.findings,
            &candidate,
            settings,
            selection,
            memory,
        );
        (candidate, judged, routes)
    }

    /// Sets the status of findings that were held against the deployed version beside the new packages. Run it within [`super::pool`].
    pub fn compare(
        &self,
        findings: &mut [Finding],
        candidate: &Analysed,
        (settings, selection): (&Settings, &Selection),
        memory: &Memory,
    ) {
        let old = self.link(&self.before, (candidate.tree, &candidate.modules), memory);
        let elsewhere = candidate.program.as_ref().map(names).unwrap_or_default();
        let (found, _) = self.found(&self.before, &old, &elsewhere, selection, memory);
        rules::compare(findings, &found);
        self.explain(findings, candidate, settings, selection, memory);
    }

    fn link(
        &self,
        tree: &Tree,
        (candidate, modules): (&Tree, &[Arc<Module>]),
        memory: &Memory,
    ) -> Linked {
        let modules = parse_others(tree, candidate, modules, memory);
        let program = link(tree, &modules, &self.settings);
        Linked { modules, program }
    }

    /// What is found in a tree beside the old packages.
    fn found(
        &self,
        tree: &Tree,
        linked: &Linked,
        elsewhere: &FxHashSet<Name>,
        selection: &Selection,
        memory: &Memory,
    ) -> (Vec<Identity>, Vec<Route>) {
        let facts = memory.evaluate(&Question {
            tree,
            linked,
            elsewhere,
            settings: &self.settings,
        });
        let facts = told(
            facts,
            (&linked.program, &linked.modules),
            tree,
            &self.settings,
        );
        let analysed = Analysed::new(tree, linked.modules.clone(), facts);
        let found = analysed.judge(selection);
        let found = found.iter().map(Finding::identity).collect();
        (found, analysed.into_parts().1.routes)
    }

    /// Says of each new finding with which distribution it came, if it came with one.
    fn explain(
        &self,
        findings: &mut [Finding],
        candidate: &Analysed,
        settings: &Settings,
        selection: &Selection,
        memory: &Memory,
    ) {
        let is_new = |finding: &Finding| finding.status == Status::New && finding.place.is_some();
        if self.moved().is_empty() || !findings.iter().any(is_new) {
            return;
        }
        let mut came: Vec<bool> = findings.iter().map(is_new).collect();
        if let Some(between) = &self.between {
            let linked = self.link(between, (candidate.tree, &candidate.modules), memory);
            let elsewhere = candidate.program.as_ref().map(names).unwrap_or_default();
            let (found, _) = self.found(between, &linked, &elsewhere, selection, memory);
            let mut again = findings.to_vec();
            rules::compare(&mut again, &found);
            for (came, finding) in came.iter_mut().zip(&again) {
                *came &= finding.status == Status::New;
            }
        }
        let new = &settings.environment.installed;
        for (finding, _) in findings.iter_mut().zip(came).filter(|(_, came)| *came) {
            let moved = self.moved_behind(finding, candidate, new);
            finding.came_with(moved);
        }
    }

    /// The distributions that moved and that a finding is about: those on its way; else those that what stands there imports, or the file.
    fn moved_behind(
        &self,
        finding: &Finding,
        candidate: &Analysed,
        new: &[Installed],
    ) -> Vec<Moved> {
        let tree = candidate.tree;
        let place = finding.place;
        let mut modules = on_the_way(finding, tree);
        let mut found = self.owners(&modules, new);
        if let (true, Some(place)) = (found.is_empty(), place)
            && let Some(module) = candidate.modules.get(place.file.0 as usize)
        {
            modules = imported(module, Some(place));
            if modules.is_empty() {
                modules = imported(module, None);
            }
            found = self.owners(&modules, new);
        }
        found
            .into_iter()
            .filter_map(|key| self.moved().get(&key))
            .cloned()
            .collect()
    }

    /// The distributions that have these modules, in either environment, as far as they moved.
    fn owners(&self, modules: &BTreeSet<String>, new: &[Installed]) -> BTreeSet<String> {
        let both = || new.iter().chain(&self.settings.environment.installed);
        let owners = modules
            .iter()
            .flat_map(|module| both().filter_map(move |installed| installed.owner(module)));
        let keys = owners.map(|owner| {
            let (name, _) = owner.split_once(' ').unwrap_or((&owner, ""));
            normalised(name)
        });
        keys.filter(|key| self.moved().contains_key(key)).collect()
    }
}

/// The modules of installed packages that a finding leads through, and the one that is not there.
fn on_the_way(finding: &Finding, tree: &Tree) -> BTreeSet<String> {
    let places = finding.callee.iter().map(|callee| callee.place);
    let places = places.chain(finding.chain.iter().map(|frame| frame.place));
    let places = places.chain(finding.related.iter().map(|related| related.place));
    let paths = places.map(|place| &*tree.file(place.file).path);
    let installed = paths.filter_map(|path| path.strip_prefix(INSTALLED));
    let mut modules: BTreeSet<String> = installed.map(dotted).collect();
    if let Matter::Broken(broken) = &finding.matter {
        match broken.kind {
            FailureKind::MissingModule => {
                modules.insert(broken.subject.as_str().to_owned());
            }
            FailureKind::BrokenPackage => {
                modules.extend(broken.callees.iter().map(|callee| callee.name.clone()));
            }
            _ => {}
        }
    }
    modules
}

/// `a.b` of `a/b.py` and of `a/b/__init__.py`.
fn dotted(path: &str) -> String {
    let stem = path.rsplit_once('.').map_or(path, |(stem, _)| stem);
    let stem = stem.strip_suffix("/__init__").unwrap_or(stem);
    stem.replace('/', ".")
}

/// The modules that a file imports, by absolute imports; with a place, those of the statement there.
fn imported(module: &Module, at: Option<Place>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut look = |stmt: &crate::syntax::ir::Stmt| {
        if at.is_some_and(|place| !stmt.range.contains(place.range)) {
            return;
        }
        match &stmt.kind {
            StmtKind::Import(import) => {
                found.insert(import.module.as_str().to_owned());
            }
            StmtKind::ImportFrom(import) if import.level == 0 => {
                found.extend(import.module.map(|name| name.as_str().to_owned()));
            }
            _ => {}
        }
    };
    visit::statements(&module.body, &mut look);
    for function in &module.functions {
        visit::statements(&function.body, &mut look);
    }
    found
}
