//! What evaluated trees say of another one with the same files in another mixture: which of its functions need not be evaluated again.

use std::collections::hash_map::Entry;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::eval::blame::traced::Traced;
use crate::eval::domain::value::FunctionRef;
use crate::eval::reuse::changes::{Reach, Reaches};
use crate::eval::reuse::file_set::FileSet;
use crate::eval::summaries::case::{Case, Cases, RootId};
use crate::facts::FileId;
use crate::program::{ModuleId, Program};
use crate::source::Tree;
use crate::syntax::ir::{FunctionId, Module};

/// A map in the order of insertion.
type FxIndexMap<K, V> = indexmap::IndexMap<K, V, rustc_hash::FxBuildHasher>;

/// The numbers of the files that differ between two trees, by path.
#[derive(Debug, Default)]
pub struct Numbers {
    by_path: FxHashMap<Arc<str>, u32>,
}

impl Numbers {
    /// Numbers the paths at which the trees differ, in order.
    pub fn new(one: &Tree, other: &Tree) -> Self {
        let differs = |tree: &Tree, path: &str, from: &Tree| {
            let text = |tree: &Tree| tree.find(path).map(|id| Arc::clone(&tree.file(id).text));
            match (text(tree), text(from)) {
                (Some(left), Some(right)) => !Arc::ptr_eq(&left, &right),
                _ => true,
            }
        };
        let mut paths: Vec<Arc<str>> = Vec::new();
        for (tree, from) in [(one, other), (other, one)] {
            let changed = tree
                .iter()
                .filter(|(_, file)| differs(tree, &file.path, from));
            paths.extend(changed.map(|(_, file)| Arc::from(&*file.path)));
        }
        paths.sort_unstable();
        paths.dedup();
        Self {
            by_path: paths.into_iter().zip(0..).collect(),
        }
    }

    /// The number of a file; none if it does not differ.
    pub fn of(&self, path: &str) -> Option<u32> {
        self.by_path.get(path).copied()
    }

    /// The set of these files; those that are the same in both trees count for nothing.
    pub fn set<'a>(&self, paths: impl Iterator<Item = &'a str>) -> FileSet {
        paths
            .filter_map(|path| self.by_path.get(path))
            .fold(FileSet::NONE, |set, &number| set.union(FileSet::of(number)))
    }
}

/// An evaluated tree.
#[derive(Debug, Default)]
pub struct Known {
    modules: FxHashMap<Arc<str>, (ModuleId, Arc<Module>)>,
    reaches: Reaches,
    /// What fails in it and not in the deployed tree, echoes among it.
    failures: Vec<Traced>,
    /// Which of them each function leads to, in which of its cases.
    leads_to: FxHashMap<FunctionRef, Vec<(Case, usize)>>,
    /// The paths of its files, by number; none if nothing fails.
    paths: Vec<Arc<str>>,
}

impl Known {
    /// How far the functions of `program`, the modules of `tree`, reach.
    pub fn new(tree: &Tree, program: &Program, reaches: Reaches) -> Self {
        let modules = program.module_ids().map(|id| {
            let module = program.module(id);
            let path: Arc<str> = Arc::from(&*tree.file(module.file).path);
            (path, (id, Arc::clone(&module.ir)))
        });
        Self {
            modules: modules.collect(),
            reaches,
            ..Self::default()
        }
    }

    /// The same with what fails in `tree`.
    pub fn with_failures(mut self, tree: &Tree, failures: impl Iterator<Item = Traced>) -> Self {
        for (index, mut traced) in failures.flat_map(Traced::by_way).enumerate() {
            for root in std::mem::take(&mut traced.roots) {
                let known = self.leads_to.entry(root.function).or_default();
                known.push((root.case, index));
            }
            self.failures.push(traced);
        }
        if !self.failures.is_empty() {
            let paths = tree.files.iter().map(|file| Arc::from(&*file.path));
            self.paths = paths.collect();
        }
        self
    }

    /// What a case of a function leads to here, in terms of another tree's files; none if that lacks one of them.
    fn failures_of(&self, root: RootId, tree: &Tree) -> Option<Vec<(Case, Traced)>> {
        let file = |file: FileId| tree.find(&self.paths[file.0 as usize]);
        let failures = self.leads_to.get(&root.function).into_iter().flatten();
        failures
            .filter(|(case, _)| root.case.holds(*case))
            .map(|&(case, index)| Some((case, in_files(&self.failures[index], &file)?)))
            .collect()
    }
}

/// A failure with its places in other files.
fn in_files(traced: &Traced, file: &dyn Fn(FileId) -> Option<FileId>) -> Option<Traced> {
    let mut traced = traced.clone();
    let failure = &mut traced.failure;
    let places = [&mut failure.cause].into_iter();
    let places = places.chain(failure.chain.iter_mut().map(|frame| &mut frame.place));
    let places = places.chain(failure.callee.iter_mut().map(|callee| &mut callee.place));
    for place in places.chain(failure.hidden_by.iter_mut()) {
        place.file = file(place.file)?;
    }
    Some(traced)
}

/// What is known of a case of a function without evaluating it.
pub struct Settled {
    /// Which case it is.
    case: Case,
    /// How far the cases of that function reach where they are known from.
    cases: Arc<Cases>,
    /// What it leads to in which cases, as far as the deployed tree does not fail like that. Without roots.
    failures: Vec<(Case, Traced)>,
}

impl Settled {
    /// How far it reaches.
    pub fn reach(&self) -> Option<&Reach> {
        self.cases.get(self.case)
    }
}

/// What an evaluation says of other states.
#[derive(Default)]
pub struct Outlook {
    /// How far its functions reach.
    pub reaches: Reaches,
    /// The changed files that each module's own code looked into.
    pub imports: Vec<FileSet>,
    /// Its failures, echoes among them.
    pub traced: Vec<Traced>,
    /// Whether a function that was not evaluated may have more fail for certain.
    pub is_unsure: bool,
}

impl Outlook {
    /// The changed files that were looked into on the ways to a failure.
    pub fn reach_of(&self, traced: &Traced, program: &Program) -> FileSet {
        let of_module = |module: ModuleId| self.imports.get(module.0 as usize).copied();
        let of_root = |root: &RootId| {
            let reach = self.reaches.get(&root.function)?.get(root.case)?;
            Some(reach.files)
        };
        let of_import = || {
            let outermost = traced.failure.chain.first();
            let module = outermost.and_then(|frame| program.module_of(frame.place.file));
            module.and_then(of_module).unwrap_or(FileSet::ALL)
        };
        let imported = traced.roots.is_empty().then(of_import);
        let files = traced
            .all_roots()
            .map(|root| of_root(root).unwrap_or(FileSet::ALL));
        files.fold(imported.unwrap_or_default(), FileSet::union)
    }
}

/// What functions that are not evaluated do, as known from other states.
#[derive(Default)]
pub struct Inherited {
    reaches: Vec<(RootId, Arc<Cases>)>,
    /// By the failure without its roots: these.
    failures: FxIndexMap<Traced, Vec<RootId>>,
}

impl Inherited {
    /// Adds what a case of a function does.
    pub fn add(&mut self, root: RootId, settled: Settled) {
        let function = root.function;
        self.reaches.push((root, settled.cases));
        for (case, traced) in settled.failures {
            let roots = self.failures.entry(traced).or_default();
            roots.push(RootId { function, case });
        }
    }

    /// Adds it to what an evaluation says.
    pub fn add_to(self, outlook: &mut Outlook) {
        for (root, cases) in self.reaches {
            match outlook.reaches.entry(root.function) {
                Entry::Occupied(mut known) => {
                    Arc::make_mut(known.get_mut()).add(root.case, &cases);
                }
                Entry::Vacant(free) if root.case == Case::ALL => {
                    free.insert(cases);
                }
                Entry::Vacant(free) => {
                    Arc::make_mut(free.insert(Arc::default())).add(root.case, &cases);
                }
            }
        }
        for (traced, roots) in self.failures {
            outlook.traced.push(Traced { roots, ..traced });
        }
    }
}

/// A module of a mixed tree, as it is in a known one.
pub struct Twin<'k> {
    known: &'k Known,
    module: ModuleId,
    /// The files that the mixed tree has otherwise.
    differing: FileSet,
}

impl<'k> Twin<'k> {
    /// The module at `path` in those of the known trees that have the very same file; beside each tree the files that the mixed one has otherwise.
    pub fn all(known: &'k [(Arc<Known>, FileSet)], path: &str, module: &Arc<Module>) -> Vec<Self> {
        let twin = |(known, differing): &'k (Arc<Known>, FileSet)| {
            let (id, ir) = known.modules.get(path)?;
            Arc::ptr_eq(ir, module).then_some(Self {
                known,
                module: *id,
                differing: *differing,
            })
        };
        known.iter().filter_map(twin).collect()
    }
}

/// What a case of a function of the mixed tree `tree` does, if it does what it does in one of the known trees, where its module is one of `twins`.
///
/// What looks into none of the files that differ is what it is there. None: it has to be evaluated.
pub fn settled(twins: &[Twin], tree: &Tree, id: FunctionId, case: Case) -> Option<Settled> {
    twins.iter().find_map(|twin| {
        let module = twin.module;
        let function = FunctionRef { module, id };
        let cases = twin.known.reaches.get(&function)?;
        if cases.get(case)?.files.meets(twin.differing) {
            return None;
        }
        let failures = twin.known.failures_of(RootId { function, case }, tree)?;
        Some(Settled {
            case,
            cases: Arc::clone(cases),
            failures,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{self, Memory};
    use crate::config::{Options, Settings};
    use crate::rules::testing::tree;

    const REGISTRY: &str = "
def handle_a(**options): return 1
def handle_b(**options): return 2
TABLE = {'a': handle_a, 'b': handle_b}
CACHE = {}
PLUGINS = {}
def execute(key, **options):
    if key in CACHE:
        return CACHE[key](**options)
    found = TABLE[key]
    CACHE[key] = found
    return found(**options)
def executed():
    return list(CACHE)
def plugin(name):
    def register(function):
        PLUGINS[name] = function
        return function
    return register
";

    const CALLERS: &str = "
import registry
def run_a(): return registry.execute('a')
def run_b(): return registry.execute('b')
def count(): return registry.executed()
def plug(): return registry.PLUGINS['y']()
def paint(thing): thing.colour = 1
class Thing:
    colour = 2
    size = 3
THING = Thing()
def colour(): return THING.colour
def size(): return THING.size
";

    /// Whether a function of `callers.py` rests on `changed`, of which the deployed version is none.
    fn rests(function: &str, changed: (&str, &str)) -> bool {
        let deployed = [("callers.py", CALLERS), ("registry.py", REGISTRY)];
        let mut candidate = [deployed[0], deployed[1], changed];
        candidate.sort_unstable();
        let (cases, files) = cases(function, &candidate, &deployed);
        let whole = cases.get(Case::ALL).expect("the whole function");
        whole.files.meets(files)
    }

    /// How far a function of the candidate's `callers.py` reaches, and which files are not as deployed.
    fn cases(
        function: &str,
        candidate: &[(&str, &str)],
        deployed: &[(&str, &str)],
    ) -> (Arc<Cases>, FileSet) {
        let (mut candidate, deployed) = (tree(candidate), tree(deployed));
        for file in &mut candidate.files {
            let twin = deployed.find(&file.path).map(|twin| deployed.file(twin));
            if let Some(twin) = twin.filter(|twin| twin.text.content() == file.text.content()) {
                file.text = Arc::clone(&twin.text);
            }
        }
        let settings = Settings::resolve(&Options::default()).expect("defaults");
        let pool = analysis::pool().expect("threads");
        let (new, _) = pool.install(|| {
            analysis::analyse_both(&candidate, &deployed, &settings, &Memory::default())
        });
        let (module, ir) = &new.known.modules["callers.py"];
        let mut functions = (0..).zip(&ir.functions);
        let found = functions.find(|(_, known)| known.name.as_str() == function);
        let (id, _) = found.expect("a function of callers.py");
        let function = FunctionRef {
            module: *module,
            id: FunctionId(id),
        };
        let paths = candidate.iter().map(|(_, file)| &*file.path);
        let files = Numbers::new(&candidate, &deployed).set(paths);
        (Arc::clone(&new.known.reaches[&function]), files)
    }

    #[test]
    fn who_reads_an_item_does_not_rest_on_who_put_it_or_others_there() {
        let changed = ("early.py", "import registry\nregistry.execute('a')\n");
        assert!(!rests("run_a", changed));
        assert!(!rests("run_b", changed));
        assert!(rests("count", changed));
    }

    #[test]
    fn who_looks_up_what_is_registered_rests_on_all_who_register() {
        let changed = (
            "plugins.py",
            "import registry\n@registry.plugin('x')\ndef f(): pass\n",
        );
        assert!(rests("plug", changed));
        assert!(!rests("run_a", changed));
    }

    #[test]
    fn a_route_rests_on_its_own_handler_and_not_on_those_of_others() {
        let gateway = "
import importlib
TABLE = {'a': 'core_a', 'b': 'core_b'}
def execute(key, **options):
    return importlib.import_module(TABLE[key]).run(**options)
";
        let core = "def run(**options): return 1\n";
        let changed = "def run(**options): return 2\n";
        let deployed = [
            ("callers.py", gateway),
            ("core_a.py", core),
            ("core_b.py", core),
        ];
        let candidate = [deployed[0], ("core_a.py", changed), deployed[2]];
        let (cases, files) = cases("execute", &candidate, &deployed);
        let rests = |(_, reach): (Case, &Reach)| reach.files.meets(files);
        let rests: Vec<bool> = cases.within(Case::ALL).map(rests).collect();
        assert_eq!(rests.len(), 3, "the whole function, and two cases of it");
        assert!(rests[0]);
        assert_ne!(rests[1], rests[2]);
    }

    #[test]
    fn a_module_is_not_changed_by_a_directory_of_its_name() {
        assert!(!rests("run_a", ("registry/more.py", "")));
        assert!(rests("run_a", ("registry/__init__.py", "")));
    }

    #[test]
    fn what_is_said_of_a_name_elsewhere_too_is_no_change() {
        let paints = "def paint(thing): thing.colour = 4\n";
        let grows = "def grow(thing): thing.size = 4\n";
        assert!(!rests("colour", ("paints.py", paints)));
        assert!(rests("size", ("grows.py", grows)));
    }

    #[test]
    fn a_failure_is_told_along_a_way_from_the_very_function_that_leads_to_it() {
        let callers = "
import gateway
def run(): return gateway.execute('a')
def again(): return gateway.execute('a')
def run_again(): return again()
";
        let gateway = "
import core
TABLE = {'a': core.run}
def execute(key):
    return TABLE[key](caller='c')
";
        let tree_with = |core| {
            tree(&[
                ("callers.py", callers),
                ("core.py", core),
                ("gateway.py", gateway),
            ])
        };
        let (candidate, deployed) = (
            tree_with("def run(): return 1\n"),
            tree_with("def run(caller): return 1\n"),
        );
        let settings = Settings::resolve(&Options::default()).expect("defaults");
        let pool = analysis::pool().expect("threads");
        let (mut new, _) = pool.install(|| {
            analysis::analyse_both(&candidate, &deployed, &settings, &Memory::default())
        });
        let traced = std::mem::take(&mut new.traced);
        let known = std::mem::take(&mut new.known).with_failures(&candidate, traced.into_iter());
        let (module, ir) = &known.modules["callers.py"];
        for (id, function) in (0..).map(FunctionId).zip(&ir.functions) {
            let function_ref = FunctionRef {
                module: *module,
                id,
            };
            let root = RootId {
                function: function_ref,
                case: Case::ALL,
            };
            let failures = known.failures_of(root, &candidate).expect("the same files");
            assert!(!failures.is_empty(), "{}", function.name);
            for (_, traced) in failures {
                let outermost = &traced.failure.chain[0].function;
                assert_eq!(*outermost, format!("callers.{}", function.name));
            }
        }
    }
}
