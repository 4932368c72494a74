//! Mixed states of two analysed trees: linked, evaluated and judged from what is parsed already.

use std::cell::RefCell;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use crate::analysis::Memory;
use crate::analysis::known::{Inherited, Numbers, Outlook, Twin, settled};
use crate::analysis::{self, Analysed};
use crate::config::Settings;
use crate::eval::blame::traced::without_echoes;
use crate::eval::domain::value::FunctionRef;
use crate::eval::reuse::changes::Reach;
use crate::eval::reuse::effect::{Foreknowledge, Need};
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::case::RootId;
use crate::eval::{self, Subject};
use crate::facts::{Confidence, Facts, Failure, Place};
use crate::name::Name;
use crate::plan;
use crate::program::{ModuleId, Program};
use crate::rules::baseline::Present;
use crate::rules::{self, Finding, Identity, Selection, Severity, Status};
use crate::skew::{Changes, Judge, Problem, Turn, UnitId, UnitSet};
use crate::source::{Text, Tree};
use crate::syntax::ir::{Module, Range, Slot};

mod learned;
mod problems;
mod verify;

use learned::{Suspects, World};
use verify::Verified;

/// What is needed to judge any mixed state.
pub struct Mixed<'a> {
    changes: &'a Changes<'a>,
    settings: &'a Settings,
    selection: &'a Selection,
    /// By the address of a text, which the two trees keep alive.
    modules: FxHashMap<usize, Arc<Module>>,
    /// The modules of both trees: none of these is an installed package.
    names: FxHashSet<Name>,
    /// The functions that choose by an interface and an operation: the address of the module, and the header in it; by which parameters.
    executors: FxHashMap<(usize, Range), [Slot; 2]>,
    /// The changed units that each changed unit imports, in either tree.
    imports: Vec<UnitSet>,
    numbers: Numbers,
    /// The files of each changed unit.
    files_of_units: Vec<FileSet>,
    /// What differs between the two trees.
    differences: eval::reuse::changes::Changes,
    /// What is known: of the deployed tree, of the candidate, and of states in between that were judged.
    known: RwLock<Vec<World>>,
    deployed: Vec<Identity>,
    /// What the deployed version's findings consist of.
    old_atoms: FxHashSet<u64>,
    /// The candidate's findings.
    candidate: Vec<Finding>,
    /// The candidate's own new errors, which every plan has to accept.
    accepted: Vec<Identity>,
    broken: Mutex<FxHashMap<UnitSet, Arc<State>>>,
    /// By problem: what was seen to lead to it.
    suspects: Mutex<FxHashMap<u64, Arc<Suspects>>>,
    /// The problems of the states that are reported on.
    reported: Mutex<FxHashMap<UnitSet, Vec<Problem>>>,
    /// Whether, and in what, what is said with the help of known states is held against whole evaluations.
    verified: Option<Verified>,
}

/// A mixed state and its findings.
pub struct State {
    /// The files.
    pub tree: Tree,
    /// Its modules.
    program: Program,
    /// What evaluation found.
    pub facts: Facts,
    /// The findings, with their status against the deployed version.
    pub findings: Vec<Finding>,
}

impl State {
    /// The functions, classes and files that it has.
    #[must_use]
    pub fn present(&self) -> Present {
        let modules = self.program.modules().iter();
        let modules = modules.map(|module| (&self.tree.file(module.file).path, &*module.ir));
        analysis::present(modules)
    }
}

/// How much of a state is evaluated.
#[derive(Clone, Copy)]
enum Extent<'s> {
    /// Everything.
    Whole,
    /// What no known state says.
    Unknown(Turn),
    /// Of that, only these functions.
    Of(&'s Suspects, Turn),
}

impl<'a> Mixed<'a> {
    /// Analyses and judges both sides. Run it within [`analysis::pool`].
    #[must_use]
    pub fn of(changes: &'a Changes, settings: &'a Settings, selection: &'a Selection) -> Self {
        let (mut candidate, mut deployed) = analysis::analyse_both(
            changes.candidate(),
            changes.deployed(),
            settings,
            &Memory::default(),
        );
        let mut new = candidate.judge(selection);
        let old = deployed.judge(selection);
        let old: Vec<Identity> = old.iter().map(Finding::identity).collect();
        rules::compare(&mut new, &old);
        let sides = [&mut candidate, &mut deployed];
        Self::new(changes, sides, (new, old), settings, selection)
    }

    /// From both sides, the candidate first, analysed and judged. What is known of them is taken out.
    pub fn new(
        changes: &'a Changes,
        [new, old]: [&mut Analysed; 2],
        (candidate, deployed): (Vec<Finding>, Vec<Identity>),
        settings: &'a Settings,
        selection: &'a Selection,
    ) -> Self {
        let mut modules = FxHashMap::default();
        let mut names = FxHashSet::default();
        let numbers = Numbers::new(new.tree, old.tree);
        let differences = std::mem::take(&mut new.differences);
        let files_of_units = UnitSet::full(changes.count());
        let files_of_units = files_of_units.iter().map(|unit| {
            let paths = changes.files_of(unit).map(|file| &*file.path);
            numbers.set(paths)
        });
        let files_of_units = files_of_units.collect();
        let mut imports = vec![UnitSet::empty(changes.count()); changes.count()];
        let mut executors = FxHashMap::default();
        for side in [&*new, &*old] {
            for (file, module) in side.tree.files.iter().zip(&side.modules) {
                modules.insert(Arc::as_ptr(&file.text).addr(), Arc::clone(module));
            }
            for route in &side.facts.routes {
                let Place { file, range } = route.executor.place;
                let module = Arc::as_ptr(&side.modules[file.0 as usize]).addr();
                executors.entry((module, range)).or_insert(route.chosen_by);
            }
            let program = analysis::link(side.tree, &side.modules, settings);
            add_imports(&mut imports, changes, side.tree, &program);
            names.extend(analysis::names(&program));
        }
        let errors = candidate.iter().filter(|finding| is_new_error(finding));
        let atoms = deployed.iter().flat_map(|finding| &finding.atoms);
        let old_atoms = atoms.copied().collect();
        let [new_known, old_known] = [new, old].map(|side| {
            let traced = std::mem::take(&mut side.traced).into_iter();
            let failures = traced.filter(|traced| is_news(&traced.failure, &old_atoms));
            std::mem::take(&mut side.known).with_failures(side.tree, failures)
        });
        Self {
            changes,
            settings,
            selection,
            modules,
            names,
            executors,
            imports,
            files_of_units,
            numbers,
            differences,
            known: RwLock::new(vec![
                World {
                    new: UnitSet::empty(changes.count()),
                    number: 0,
                    known: Arc::new(old_known),
                },
                World {
                    new: UnitSet::full(changes.count()),
                    number: 0,
                    known: Arc::new(new_known),
                },
            ]),
            old_atoms,
            deployed,
            accepted: errors.map(Finding::identity).collect(),
            candidate,
            broken: Mutex::default(),
            suspects: Mutex::default(),
            reported: Mutex::default(),
            verified: Verified::from_environment(),
        }
    }

    /// The candidate's findings, with their status against the deployed version.
    pub fn into_candidate(self) -> Vec<Finding> {
        self.candidate
    }

    /// The functions, classes and files of the candidate.
    pub fn present(&self) -> Present {
        let files = self.changes.candidate().files.iter();
        let known = files.filter_map(|file| {
            let module = self.modules.get(&Arc::as_ptr(&file.text).addr())?;
            Some((&file.path, &**module))
        });
        analysis::present(known)
    }

    /// Whether the candidate itself has a new error.
    pub fn is_broken(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// The units in the order in which they ship where nothing else decides.
    pub fn order(&self) -> Vec<UnitId> {
        let layers = &self.settings.layers;
        let both = [self.changes.candidate(), self.changes.deployed()];
        let files = both.iter().flat_map(|tree| &tree.files);
        let places = layers.places(files.map(|file| &*file.path));
        // The innermost is 0; past 255 layers they are all alike.
        let layer = |path: &str| {
            let inwards = layers.count() - 1 - places.layer(path)?;
            u8::try_from(inwards).ok()
        };
        let place = |(unit, imports): (u32, &UnitSet)| {
            let of = self.changes.files_of(UnitId(unit));
            let outermost = of
                .map(|file| layer(&file.path))
                .max_by_key(|layer| layer.unwrap_or(u8::MAX));
            plan::Place {
                layer: outermost.flatten(),
                imports: imports.clone(),
            }
        };
        let places: Vec<plan::Place> = (0..).zip(&self.imports).map(place).collect();
        plan::order(&places)
    }

    /// A state with all of its findings, for a report about it.
    pub fn state(&self, new: &UnitSet) -> State {
        let (state, outlook) = self.judged(new, Extent::Whole);
        let mut reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        // From here on, problems are told by this report's findings.
        reported.insert(new.clone(), self.problems_of(&state, &outlook));
        state
    }

    /// Evaluates and judges a state.
    fn judged(&self, new: &UnitSet, extent: Extent) -> (State, Outlook) {
        let tree = self.changes.mixed(new);
        let module = |text: &Arc<Text>| self.modules.get(&Arc::as_ptr(text).addr()).cloned();
        // Every text of a mixed tree is one of a side's.
        let modules: Vec<Arc<Module>> = tree
            .files
            .iter()
            .map(|file| module(&file.text).unwrap_or_default())
            .collect();
        let program = analysis::link(&tree, &modules, self.settings);
        let (facts, outlook) = self.evaluate(&tree, &program, new, extent);
        let facts = analysis::told(facts, (&program, &modules), &tree, self.settings);
        let analysed = Analysed::new(&tree, modules, facts);
        let mut findings = analysed.judge(self.selection);
        rules::compare(&mut findings, &self.deployed);
        let facts = analysed.facts;
        let state = State {
            tree,
            program,
            facts,
            findings,
        };
        (state, outlook)
    }

    /// Evaluates this state as far as it is asked for.
    fn evaluate(
        &self,
        tree: &Tree,
        program: &Program,
        new: &UnitSet,
        extent: Extent,
    ) -> (Facts, Outlook) {
        let path = |module: ModuleId| &*tree.file(program.module(module).file).path;
        let known = match extent {
            Extent::Whole => Vec::new(),
            Extent::Unknown(turn) | Extent::Of(_, turn) => self.nearest(new, turn),
        };
        let modules = program.module_ids();
        let twins = modules.map(|id| Twin::all(&known, path(id), &program.module(id).ir));
        let twins: Vec<Vec<Twin>> = twins.collect();
        let inherited = RefCell::new(Inherited::default());
        let need = |root: RootId| {
            let function = root.function;
            let module = &program.module(function.module).ir;
            let suspect = || {
                let path = Arc::from(path(function.module));
                (path, module[function.id].qualname)
            };
            if matches!(extent, Extent::Of(suspects, _) if !suspects.functions.contains(&suspect()))
            {
                return Need::Nothing;
            }
            let twins = &twins[function.module.0 as usize];
            match settled(twins, tree, function.id, root.case) {
                Some(settled) => {
                    let need = settled.reach().map_or(Need::Nothing, Reach::need);
                    inherited.borrow_mut().add(root, settled);
                    need
                }
                None => Need::Evaluate,
            }
        };
        // Whatever module it is that has nothing to do with a failing import may be left out.
        let is_imported = |module: ModuleId| match extent {
            Extent::Of(suspects, _) if suspects.functions.is_empty() => {
                suspects.imports.contains(path(module))
            }
            _ => true,
        };
        let chosen_by = |function: FunctionRef| {
            let module = &program.module(function.module).ir;
            let header = module[function.id].header;
            let address = Arc::as_ptr(module).addr();
            self.executors.get(&(address, header)).copied()
        };
        let foreknowledge = Foreknowledge {
            need: &need,
            is_imported: &is_imported,
        };
        let subject = Subject::new(program);
        let number = |module: ModuleId| self.numbers.of(path(module));
        let differences = self.differences.of_mixture(program, &number);
        let is_partial = !matches!(extent, Extent::Whole);
        let foreknowledge = is_partial.then_some(&foreknowledge);
        let executors: Option<&dyn Fn(FunctionRef) -> Option<[Slot; 2]>> = Some(&chosen_by);
        let names = &self.names;
        let evaluation =
            eval::evaluate_for(&subject, names, &differences, foreknowledge, executors);
        let mut facts = evaluation.facts;
        let mut outlook = Outlook {
            reaches: evaluation.reaches,
            imports: evaluation.imports,
            traced: evaluation.traced,
            is_unsure: evaluation.is_unsure,
        };
        inherited.into_inner().add_to(&mut outlook);
        facts.failures = without_echoes(outlook.traced.clone());
        (facts, outlook)
    }

    /// The files of these units.
    fn files(&self, units: &UnitSet) -> FileSet {
        let files = units
            .iter()
            .map(|unit| self.files_of_units[unit.0 as usize]);
        files.fold(FileSet::NONE, FileSet::union)
    }

    /// Whether a state is one of the two trees: neither has an error that it would not be compared with.
    fn is_end(&self, new: &UnitSet) -> bool {
        new.is_empty() || new.len() == self.changes.count()
    }

    /// Whether something that fails rests on what a function is given: who calls it is known where everything is evaluated.
    fn leans(&self, outlook: &Outlook) -> bool {
        let mut traced = outlook.traced.iter();
        traced.any(|traced| traced.leans && is_news(&traced.failure, &self.old_atoms))
    }

    /// A state that has problems, as it was judged.
    pub fn broken(&self, new: &UnitSet) -> Option<Arc<State>> {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.get(new).map(Arc::clone)
    }
}

impl Judge for Mixed<'_> {
    fn problems(&self, new: &UnitSet, turn: Turn) -> Vec<Problem> {
        if self.is_end(new) {
            return Vec::new();
        }
        let reported = self.reported.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(problems) = reported.get(new) {
            return problems.clone();
        }
        drop(reported);
        let (mut state, mut outlook) = self.judged(new, Extent::Unknown(turn));
        let mut problems = self.problems_of(&state, &outlook);
        if (problems.is_empty() && outlook.is_unsure) || self.leans(&outlook) {
            (state, outlook) = self.judged(new, Extent::Whole);
            problems = self.problems_of(&state, &outlook);
        }
        self.verify(new, &problems, &state, outlook.is_unsure);
        self.learn(new, turn.number, &state, outlook);
        if !problems.is_empty() {
            let mut broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
            broken.insert(new.clone(), Arc::new(state));
        }
        problems
    }

    fn has(&self, new: &UnitSet, id: u64, turn: Turn) -> bool {
        if self.is_end(new) {
            return false;
        }
        let suspects = || self.suspects.lock().unwrap_or_else(PoisonError::into_inner);
        let suspects = suspects().get(&id).map(Arc::clone);
        let has = |problems: Vec<Problem>| problems.iter().any(|problem| problem.id == id);
        let Some(suspects) = suspects else {
            return has(self.problems(new, turn));
        };
        let (state, outlook) = self.judged(new, Extent::Of(&suspects, turn));
        let mut is_there = has(self.problems_among(&state));
        if self.leans(&outlook) {
            is_there = has(self.problems_among(&self.judged(new, Extent::Whole).0));
        } else if is_there && may_be_echo(id, &outlook) {
            // A real call that was not among what led to it elsewhere may show it better.
            is_there = has(self.problems_among(&self.judged(new, Extent::Unknown(turn)).0));
        }
        self.verify_presence(new, id, is_there);
        is_there
    }
}

/// Adds what the changed units import of each other in one tree.
fn add_imports(imports: &mut [UnitSet], changes: &Changes, tree: &Tree, program: &Program) {
    let unit = |module: ModuleId| changes.unit_of(&tree.file(program.module(module).file).path);
    for module in program.module_ids() {
        let Some(importer) = unit(module) else {
            continue;
        };
        for imported in program.imports(module).into_iter().filter_map(unit) {
            if imported != importer {
                imports[importer.0 as usize].insert(imported);
            }
        }
    }
}

/// Whether something certainly fails, and not in the deployed version.
fn is_news(failure: &Failure, old_atoms: &FxHashSet<u64>) -> bool {
    is_certain(failure) && !old_atoms.contains(&rules::atom_of(failure))
}

fn is_certain(failure: &Failure) -> bool {
    failure.confidence == Confidence::Must
}

/// Whether a problem was met only in evaluations for all callers of a table's key: real calls may show it better.
fn may_be_echo(id: u64, outlook: &Outlook) -> bool {
    let traced = outlook.traced.iter();
    let mut of_it = traced.filter(|traced| rules::atom_of(&traced.failure) == id);
    of_it.all(|traced| traced.split)
}

/// Whether a finding keeps a state from being safe.
#[must_use]
pub fn is_new_error(finding: &Finding) -> bool {
    // An import that a layer does not allow makes nothing fail.
    let may_fail = !rules::layers::is_of(finding.rule);
    finding.severity == Severity::Error
        && finding.status == Status::New
        && finding.is_certain()
        && may_fail
}
