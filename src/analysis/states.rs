//! Trees that were evaluated, and whether one that is to be evaluated says what one of them says.
//!
//! While somebody writes, most states of a tree are no news to evaluation: a comment or a docstring changed, a line was wrapped, an edit was taken back, a file that does not parse
//! keeps its last good form, the configuration changed. What was found is then found again, at other places.
//!
//! Evaluation looks into nothing but a linked program and the names of the modules elsewhere. So it gives the same for two trees if these say the same:
//!
//! | what it looks into | how it is compared |
//! |---|---|
//! | files in the intermediate form | [`Moves::between`]: everything but positions, and these have the same order |
//! | their paths, and [`FileId`]s | in order |
//! | other files, directories, installed packages beside the tree | as the tree has them |
//! | import roots, declared Python | the settings |
//! | where execution starts, what the deployed tree has of it | [`Program::entry_points`](crate::program::Program::entry_points) |
//! | what surrounds the tree, and what its history says of modules that are not there | [`Environment::answers`](crate::environment::Environment::answers) |
//! | modules elsewhere | in order |
//!
//! A range is found by what it compares to and by its place in the file: evaluation compares positions, and does not count with them. What it finds is carried over
//! ([`moved`]); what has no place in the other tree makes it be evaluated.

use std::fmt::Write as _;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::analysis::{Analysed, Linked};
use crate::config::Settings;
use crate::facts::{Breach, Cut, Facts, Failure, FileId, Frame, Listed, Place, Route, Symbol};
use crate::name::Name;
use crate::program::EntryPoint;
use crate::source::Tree;
use crate::syntax::alike::Moves;
use crate::syntax::ir::Module;

/// A tree that was evaluated.
pub(super) struct State {
    around: String,
    /// Counting along its files.
    modules: Vec<Arc<Module>>,
    facts: Facts,
}

/// A tree that is to be evaluated.
#[derive(Clone, Copy)]
pub(super) struct Question<'q> {
    /// The tree.
    pub tree: &'q Tree,
    /// Its modules, linked.
    pub linked: &'q Linked,
    /// The names of modules that it is known to have had, or that it is compared with.
    pub elsewhere: &'q FxHashSet<Name>,
    /// The settings.
    pub settings: &'q Settings,
}

impl Question<'_> {
    /// All that evaluation looks into but the files' content.
    pub(super) fn around(&self) -> String {
        let (tree, settings) = (self.tree, self.settings);
        let mut elsewhere: Vec<Name> = self.elsewhere.iter().copied().collect();
        elsewhere.sort_unstable();
        let mut around = format!(
            "{:?}\n{:?}\n{:?}\n{elsewhere:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{}",
            settings.python.targets,
            settings.roots,
            self.linked.program.entry_points(),
            tree.others,
            tree.directories,
            tree.installed,
            tree.unread,
            settings.environment.answers()
        );
        for file in &tree.files {
            let _ = write!(around, "\n{:?}", file.path);
        }
        around
    }

    /// As a tree that was evaluated: what was found in it.
    pub(super) fn answered(&self, around: String, facts: &Facts) -> State {
        State {
            around,
            modules: self.linked.modules.clone(),
            facts: facts.clone(),
        }
    }
}

impl State {
    /// A tree that was evaluated, `around` it all that evaluation looks into but its files' content, and what was found.
    pub(super) fn new(around: String, tree: &Analysed, facts: Facts) -> Self {
        Self {
            around,
            modules: tree.modules.clone(),
            facts,
        }
    }

    /// What is found in a tree that has `around` it what this one has; none if it has to be evaluated.
    pub(super) fn answer(&self, question: &Question, around: &str) -> Option<Facts> {
        if self.around != around {
            return None;
        }
        let moves = moves(&self.modules, &question.linked.modules)?;
        moved(self.facts.clone(), &moves)
    }
}

/// By file, where the positions of one tree are in another one with the same files; files with the very same content are left out.
pub(super) type FileMoves = FxHashMap<FileId, Moves>;

/// None if a file says something else.
fn moves(from: &[Arc<Module>], to: &[Arc<Module>]) -> Option<FileMoves> {
    if from.len() != to.len() {
        return None;
    }
    let files = (0..).map(FileId).zip(from.iter().zip(to));
    files
        .filter(|(_, (from, to))| !Arc::ptr_eq(from, to))
        .map(|(file, (from, to))| Some((file, Moves::between(from, to)?)))
        .collect()
}

/// What was found, at the places that `moves` gives; none if one of them has none.
pub(super) fn moved(facts: Facts, moves: &FileMoves) -> Option<Facts> {
    if moves.is_empty() {
        return Some(facts);
    }
    let mut mover = Mover {
        moves,
        is_lost: false,
    };
    let facts = mover.facts(facts);
    (!mover.is_lost).then_some(facts)
}

/// Takes apart whatever has places. Every field is named, so that a new one is not passed over.
struct Mover<'m> {
    moves: &'m FileMoves,
    /// Whether a place was met that has no other.
    is_lost: bool,
}

impl Mover<'_> {
    fn place(&mut self, place: Place) -> Place {
        let Place { file, range } = place;
        let found = self
            .moves
            .get(&file)
            .map_or(Some(range), |moves| moves.range(range));
        self.is_lost |= found.is_none();
        Place {
            file,
            range: found.unwrap_or(range),
        }
    }

    fn symbol(&mut self, Symbol { name, place }: Symbol) -> Symbol {
        let place = self.place(place);
        Symbol { name, place }
    }

    fn frame(&mut self, frame: Frame) -> Frame {
        let Frame {
            place,
            function,
            note,
        } = frame;
        Frame {
            place: self.place(place),
            function,
            note,
        }
    }

    fn frames(&mut self, frames: Vec<Frame>) -> Vec<Frame> {
        frames.into_iter().map(|frame| self.frame(frame)).collect()
    }

    fn failure(&mut self, failure: Failure) -> Failure {
        let Failure {
            kind,
            confidence,
            certainty,
            impact,
            exception,
            evidence,
            subject,
            cause,
            cause_function,
            callee,
            signature,
            chain,
            route,
            hidden_by,
        } = failure;
        Failure {
            kind,
            confidence,
            certainty,
            impact,
            exception,
            evidence,
            subject,
            cause: self.place(cause),
            cause_function,
            callee: callee.map(|callee| self.symbol(callee)),
            signature,
            chain: self.frames(chain),
            route,
            hidden_by: hidden_by.map(|place| self.place(place)),
        }
    }

    fn route(&mut self, route: Route) -> Route {
        let Route {
            key,
            status,
            executor,
            chosen_by,
            wrappers,
            router,
            handler,
            sends,
            accepts,
        } = route;
        let wrappers = wrappers.into_iter();
        Route {
            key,
            status,
            executor: self.symbol(executor),
            chosen_by,
            wrappers: wrappers.map(|wrapper| self.symbol(wrapper)).collect(),
            router: router.map(|router| self.symbol(router)),
            handler: handler.map(|handler| self.symbol(handler)),
            sends,
            accepts,
        }
    }

    fn breach(&mut self, breach: Breach) -> Breach {
        let Breach {
            kind,
            importer,
            imported,
            places,
            chain,
            through,
            allowed,
        } = breach;
        Breach {
            kind,
            importer,
            imported,
            places: places.into_iter().map(|place| self.place(place)).collect(),
            chain: self.frames(chain),
            through,
            allowed,
        }
    }

    fn listed(&mut self, listed: Listed) -> Listed {
        let Listed {
            kind,
            dispatcher,
            key,
            handler,
            accepts,
        } = listed;
        Listed {
            kind,
            dispatcher,
            key,
            handler: self.symbol(handler),
            accepts,
        }
    }

    fn cut(&mut self, cut: Cut) -> Cut {
        let Cut {
            function,
            bound,
            calls,
        } = cut;
        Cut {
            function: self.symbol(function),
            bound,
            calls,
        }
    }

    fn facts(&mut self, facts: Facts) -> Facts {
        let Facts {
            listed,
            cuts,
            failures,
            routes,
            functions,
            lost,
            breaches,
            left_to_python_2,
            unreached,
            in_declared_encodings,
        } = facts;
        let (listed, cuts) = (listed.into_iter(), cuts.into_iter());
        let (failures, routes) = (failures.into_iter(), routes.into_iter());
        let breaches = breaches.into_iter();
        Facts {
            listed: listed.map(|listed| self.listed(listed)).collect(),
            cuts: cuts.map(|cut| self.cut(cut)).collect(),
            failures: failures.map(|failure| self.failure(failure)).collect(),
            routes: routes.map(|route| self.route(route)).collect(),
            functions,
            lost,
            breaches: breaches.map(|breach| self.breach(breach)).collect(),
            left_to_python_2,
            unreached,
            in_declared_encodings,
        }
    }
}

/// Whether execution starts at the same functions, be they deployed or not.
fn are_alike(one: &[EntryPoint], other: &[EntryPoint]) -> bool {
    let is_same = |(one, other): (&EntryPoint, &EntryPoint)| {
        let one = EntryPoint {
            is_deployed: other.is_deployed,
            ..one.clone()
        };
        one == *other
    };
    one.len() == other.len() && one.iter().zip(other).all(is_same)
}

/// The moves from one tree to another that says the same, both linked with the same settings and held against the same modules; none if it says something else. Which
/// functions at which execution starts the other tree has is left to [`holds_for`](super::memory::holds_for).
pub(super) fn moves_between(
    (from_tree, from): (&Tree, &Linked),
    (to_tree, to): (&Tree, &Linked),
) -> Option<FileMoves> {
    let same_paths = || {
        let files = from_tree.files.iter().zip(&to_tree.files);
        from_tree.files.len() == to_tree.files.len()
            && files.into_iter().all(|(one, other)| one.path == other.path)
    };
    let is_same = from_tree.others == to_tree.others
        && from_tree.directories == to_tree.directories
        && from_tree.installed == to_tree.installed
        && from_tree.unread == to_tree.unread
        && are_alike(from.program.entry_points(), to.program.entry_points());
    (is_same && same_paths())
        .then(|| moves(&from.modules, &to.modules))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{self, Memory};
    use crate::config::{Options, Settings};
    use crate::rules::testing::tree;

    const CALLER: &str = "\
# The caller.
import os
from registry import execute

def run(key):
    \"\"\"Runs it.\"\"\"
    return execute(key, limit=3)

def first():
    return execute('a', limti=3)

try:
    os.gone()
except:
    pass
";

    const REGISTRY: &str = "\
\"\"\"The registry.\"\"\"
def handle_a(key, limit=1): return os_gone
def handle_b(key, *, limit): return limit

TABLE = {'a': handle_a, 'b': handle_b}

def execute(key, **options):
    return TABLE[key](key, **options)
";

    fn settings() -> Settings {
        Settings::resolve(&Options::default()).expect("defaults")
    }

    /// What is found in a tree, in full, and whether it had to be evaluated.
    fn found(tree: &Tree, settings: &Settings, memory: &Memory) -> (String, bool) {
        let pool = analysis::pool().expect("threads");
        let facts = pool.install(|| analysis::analyse(tree, settings, memory).facts);
        (format!("{facts:#?}"), memory.end_round().evaluated > 0)
    }

    /// Evaluates a tree after the one of the constants; whether it was, and asserts that what is found is what a first evaluation finds.
    fn is_evaluated(files: &[(&str, &str)]) -> bool {
        let (memory, settings) = (Memory::default(), settings());
        let before = tree(&[("caller.py", CALLER), ("registry.py", REGISTRY)]);
        assert!(found(&before, &settings, &memory).1);
        let after = tree(files);
        let (again, was_evaluated) = found(&after, &settings, &memory);
        assert_eq!(again, found(&after, &settings, &Memory::default()).0);
        // What is undone is not evaluated either.
        assert!(!found(&before, &settings, &memory).1);
        was_evaluated
    }

    fn edited(from: &str, to: &str) -> bool {
        let caller = CALLER.replace(from, to);
        let registry = REGISTRY.replace(from, to);
        assert!(caller != CALLER || registry != REGISTRY, "{from}");
        is_evaluated(&[("caller.py", &caller), ("registry.py", &registry)])
    }

    #[test]
    fn what_says_the_same_at_other_places_is_not_evaluated() {
        for (from, to) in [
            ("# The caller.", "# Who calls,\n# and why."),
            ("# The caller.\n", "\n\n"),
            ("The registry.", "The registry,\non two lines: é🙂."),
            ("    \"\"\"Runs it.\"\"\"\n", ""),
            (
                "(key, limit=3)",
                "(\n        key,\n        limit=3,  # more\n    )",
            ),
            ("def first", "\n\ndef first"),
            ("except:", "# whatever\nexcept:"),
            ("'b': handle_b", "\n    'b': handle_b,\n"),
            ("import os\n", "import os;"),
        ] {
            assert!(!edited(from, to), "{from} -> {to}");
        }
    }

    #[test]
    fn what_says_something_else_is() {
        for (from, to) in [
            ("limti", "limit"),
            ("# The caller.\n", ""),
            ("'a', limti", "'b', limti"),
            ("def handle_b", "def handle_c"),
            ("*, limit", "limit"),
            ("import os\n", "import os\nimport gone\n"),
            ("limit=1", "limit=2"),
            ("(key, limit=3)", "(key, limit=3)  # noqa: F821"),
            ("(key, limit=3)", "(key, limit=3"),
        ] {
            assert!(edited(from, to), "{from} -> {to}");
        }
    }

    #[test]
    fn files_around_it_count() {
        let (caller, registry) = (("caller.py", CALLER), ("registry.py", REGISTRY));
        assert!(!is_evaluated(&[caller, registry]));
        assert!(is_evaluated(&[caller]));
        assert!(is_evaluated(&[caller, ("other.py", ""), registry]));
        assert!(is_evaluated(&[caller, ("regis.py", REGISTRY)]));
    }

    #[test]
    fn modules_elsewhere_and_where_execution_starts_count() {
        let (memory, settings) = (Memory::default(), settings());
        let tree = tree(&[("caller.py", "\nimport gone\n\n\ndef run(): pass\n")]);
        let pool = analysis::pool().expect("threads");
        let evaluated = |elsewhere: &[&str], starts: &[&str]| {
            let mut linked = analysis::read(&tree, &settings, &memory);
            let starts = starts.iter().map(|&function| EntryPoint {
                module: linked.program.by_name(Name::new("caller")),
                module_name: Name::new("caller"),
                function: Name::new(function),
                path: String::from("caller.py"),
                named_by: Some(String::from("the template")),
                is_deployed: false,
            });
            let starts = starts.collect();
            linked.program = linked.program.starting_at(starts);
            let elsewhere = elsewhere.iter().map(|name| Name::new(name)).collect();
            let question = Question {
                tree: &tree,
                linked: &linked,
                elsewhere: &elsewhere,
                settings: &settings,
            };
            let facts = pool.install(|| memory.evaluate(&question));
            let fresh = pool.install(|| Memory::default().evaluate(&question));
            assert_eq!(format!("{facts:#?}"), format!("{fresh:#?}"));
            memory.end_round().evaluated > 0
        };
        assert!(evaluated(&[], &["run"]));
        assert!(!evaluated(&[], &["run"]));
        assert!(evaluated(&["gone"], &["run"]));
        assert!(evaluated(&["gone"], &["walk"]));
        assert!(!evaluated(&["gone"], &["run"]));
    }

    #[test]
    fn every_place_moves() {
        use crate::facts::{Bound, BreachKind, DispatcherKind, LayerModule, RouteKey, RouteStatus};
        use crate::rules::testing::{outage_failure, outage_tree};
        use crate::syntax::ir::{Range, Slot};

        let (from, to) = ("\ntwelve\n", "\n\ntwelve\n");
        let modules = |text: &str| vec![Arc::new(crate::syntax::parse(text))];
        let moves = moves(&modules(from), &modules(to)).expect("alike");
        let place = Place {
            file: FileId(0),
            range: Range::new(1, 7),
        };
        let symbol = || Symbol {
            name: String::from("twelve"),
            place,
        };
        let frame = || Frame {
            place,
            function: String::new(),
            note: String::new(),
        };
        let layer = || LayerModule {
            name: Name::new("twelve"),
            path: String::new(),
            layer: None,
            part: None,
        };
        let key = RouteKey {
            interface: String::new(),
            operation: String::new(),
        };
        let facts = Facts {
            listed: vec![Listed {
                kind: DispatcherKind::Table,
                dispatcher: String::new(),
                key: None,
                handler: symbol(),
                accepts: String::new(),
            }],
            cuts: vec![Cut {
                function: symbol(),
                bound: Bound::Depth,
                calls: 1,
            }],
            failures: vec![Failure {
                cause: place,
                callee: Some(symbol()),
                chain: vec![frame(), frame()],
                hidden_by: Some(place),
                ..outage_failure(&outage_tree(), "get")
            }],
            routes: vec![Route {
                key,
                status: RouteStatus::Resolved,
                executor: symbol(),
                chosen_by: [Slot(0), Slot(1)],
                wrappers: vec![symbol()],
                router: Some(symbol()),
                handler: Some(symbol()),
                sends: Vec::new(),
                accepts: String::new(),
            }],
            breaches: vec![Breach {
                kind: BreachKind::Skipped,
                importer: layer(),
                imported: layer(),
                places: vec![place],
                chain: vec![frame()],
                through: Vec::new(),
                allowed: Vec::new(),
            }],
            ..Facts::default()
        };
        let expected = format!("{facts:?}").replace("start: 1, end: 7", "start: 2, end: 8");
        let found = moved(facts, &moves).expect("places for all");
        assert_eq!(format!("{found:?}"), expected);
    }

    #[test]
    fn what_is_no_file_counts() {
        let memory = Memory::default();
        let files = [("caller.py", CALLER), ("registry.py", REGISTRY)];
        let mut python_3_8 = settings();
        let mut one = tree(&files);
        assert!(found(&one, &settings(), &memory).1);
        one.others.push(Arc::from("os_gone.so"));
        assert!(found(&one, &settings(), &memory).1);
        one.directories.push(Arc::from("gone/"));
        assert!(found(&one, &settings(), &memory).1);
        python_3_8.roots.push(String::from("src"));
        assert!(found(&one, &python_3_8, &memory).1);
        python_3_8.roots.clear();
        assert!(!found(&one, &python_3_8, &memory).1);
        python_3_8.environment = Arc::new(crate::environment::Environment {
            whole: Some(String::from("the package")),
            ..Default::default()
        });
        assert!(found(&one, &python_3_8, &memory).1);
    }
}
