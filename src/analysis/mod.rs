//! The stages in their order: parse, link, evaluate, judge.

mod broken;
mod closure;
mod cold;
mod deployed;
mod entry;
pub mod installed;
mod known;
pub mod layered;
mod layers;
mod memory;
pub mod mixed;
mod outside;
pub mod packing;
pub mod partial;
mod reach;
mod replay;
pub mod ship;
mod states;
mod stubs;
pub mod undecided;
pub mod upgrade;
pub mod verify;

pub use closure::{Closure, Outline, Outlined, Read, imported, is_test, outline, variables_read};
pub use cold::{ColdStart, Loaded, LoadedOutside, cold_starts};
pub use memory::{Counts, Memory, Side};
pub use outside::{OutsideImport, outside_imports};
pub use replay::replay;

use std::sync::Arc;

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuildError};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::analysis::deployed::Kept;
use crate::analysis::known::{Known, Numbers};
use crate::analysis::memory::holds_for;
use crate::analysis::states::{Question, moved, moves_between};
use crate::cache::Cache;
use crate::change;
use crate::config::Settings;
use crate::eval::blame::traced::Traced;
use crate::eval::contract::Contract;
use crate::eval::reuse::changes::Changes;
use crate::eval::{self, Subject};
use crate::facts::{CallGraph, Facts, FileId};
use crate::name::Name;
use crate::program::{self, Program};
use crate::rules::baseline::Present;
use crate::rules::{self, Comments, Finding, Input, Judged, Said, Selection};
use crate::source::{BlobId, File, Pair, Tree, blob_id};
use crate::syntax::ir::{Directive, Module};

/// The stack of a worker: lowering and evaluation recurse as deep as the analysed code is nested.
const STACK: usize = 64 * 1024 * 1024;

/// The files of a tree with the names of their functions and classes.
fn present<'a>(modules: impl Iterator<Item = (&'a Arc<str>, &'a Module)>) -> Present {
    let mut present = Present::default();
    for (path, module) in modules {
        let functions = module.functions.iter().map(|function| function.qualname);
        let classes = module.classes.iter().map(|class| class.qualname);
        present.add(path, functions.chain(classes).map(Name::as_str));
    }
    present
}

/// Threads that can recurse deeply.
///
/// # Errors
///
/// Fails if the operating system gives no threads.
pub fn pool() -> Result<ThreadPool, ThreadPoolBuildError> {
    rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .thread_name(|index| format!("worker-{index}"))
        .build()
}

/// A tree with what the stages made of it.
pub struct Analysed<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// Its files in the intermediate form; a file that both trees share is parsed once.
    modules: Vec<Arc<Module>>,
    /// What its imports mean; none for a tree that was not linked for itself.
    program: Option<Program>,
    /// What evaluation found.
    pub facts: Facts,
    /// What it looked into among the files that the other tree has otherwise.
    known: Known,
    /// Its failures, echoes among them, if it was evaluated to be mixed.
    traced: Vec<Traced>,
    /// What those files are.
    differences: Changes,
}

/// What is told of what evaluation found: nothing of what is laid beside the tree, what its stubs lack, and what the layers' configuration says.
fn told(
    facts: Facts,
    (program, modules): (&Program, &[Arc<Module>]),
    tree: &Tree,
    settings: &Settings,
) -> Facts {
    let facts = stubs::with_names(installed::own(facts, tree), tree, modules);
    let mut facts = broken::with_broken_imports(facts, program, settings);
    facts.in_declared_encodings = program.in_declared_encodings(tree);
    layers::with_breaches(facts, program, tree, settings)
}

/// A parsed tree whose modules are linked.
struct Linked {
    modules: Vec<Arc<Module>>,
    program: Program,
}

/// A tree. Run it within [`pool`], as all of these.
fn read(tree: &Tree, settings: &Settings, memory: &Memory) -> Linked {
    let modules = parse(tree, memory);
    let program = link(tree, &modules, settings);
    Linked { modules, program }
}

/// The candidate and the deployed tree. A file that both have with the same text is parsed once.
fn read_both(
    candidate: &Tree,
    deployed: &Tree,
    settings: &Settings,
    memory: &Memory,
) -> (Linked, Linked) {
    let mut new = read(candidate, settings, memory);
    let modules = parse_others(deployed, candidate, &new.modules, memory);
    let program = link(deployed, &modules, settings);
    new.program.compare_entry_points(&program);
    (new, Linked { modules, program })
}

/// One tree. Run it within [`pool`].
#[must_use]
pub fn analyse_one<'a>(tree: &'a Tree, settings: &Settings) -> Analysed<'a> {
    analyse(tree, settings, &Memory::default())
}

/// The same with what is kept from round to round.
fn analyse<'a>(tree: &'a Tree, settings: &Settings, memory: &Memory) -> Analysed<'a> {
    let linked = read(tree, settings, memory);
    let facts = memory.evaluate(&Question {
        tree,
        linked: &linked,
        elsewhere: &FxHashSet::default(),
        settings,
    });
    let Linked { modules, program } = linked;
    let facts = told(facts, (&program, &modules), tree, settings);
    Analysed {
        program: Some(program),
        ..Analysed::new(tree, modules, facts)
    }
}

/// The candidate with its findings, and their status against the deployed tree, if there is one. Nothing is known of mixed states then. What was
/// found in the deployed tree is looked for in the cache, and kept there. Run it within [`pool`].
#[must_use]
pub fn check<'a>(
    pair: &'a Pair,
    settings: &Settings,
    selection: &Selection,
    cache: Option<&Cache>,
) -> (Analysed<'a>, Judged) {
    let (candidate, judged, _) =
        check_again(pair, (settings, selection), cache, &Memory::default());
    (candidate, judged)
}

/// The same with what is kept from round to round, which need not be evaluated again. Comes with the deployed side, unless the cache knew what it
/// is needed for.
#[must_use]
pub fn check_again<'a>(
    pair: &'a Pair,
    (settings, selection): (&Settings, &Selection),
    cache: Option<&Cache>,
    memory: &Memory,
) -> (Analysed<'a>, Judged, Option<Arc<Side>>) {
    let Ok(against) = &pair.against else {
        let candidate = analyse(&pair.candidate, settings, memory);
        let judged = candidate.judge_all(selection);
        return (candidate, judged, None);
    };
    let (new, old) = read_both(&pair.candidate, against, settings, memory);
    let (new_names, old_names) = (names(&new.program), names(&old.program));
    let kept = cache.and_then(|cache| Kept::of(cache, against, (settings, selection), &new_names));
    let key = deployed::key(against, (settings, selection), &new_names, &|file| {
        Some(of_text(file))
    });
    let known = key
        .as_deref()
        .and_then(|key| memory.side(key, |side| side.holds_for(&starts(&old.program))));
    let asked = |tree, linked, elsewhere| {
        memory.evaluate(&Question {
            tree,
            linked,
            elsewhere,
            settings,
        })
    };
    let deployed = |facts: Option<Facts>| {
        let facts = facts.unwrap_or_else(|| asked(against, &old, &new_names));
        let facts = told(facts, (&old.program, &old.modules), against, settings);
        let starts = starts(&old.program);
        let deployed = Analysed::new(against, old.modules.clone(), facts);
        let side = Side::of(deployed, selection, starts, !memory.is_of_one_round());
        if let Some(kept) = &kept {
            kept.put(&side.found);
        }
        if let Some(key) = &key {
            memory.keep(key.clone(), &side);
        }
        side
    };
    let known = known.map(Ok);
    let known = known.or_else(|| kept.as_ref().and_then(Kept::get).map(Err));
    // Nothing but comments changed, say: what is found on one side is found on the other.
    let moves = || {
        let is_same = new_names == old_names;
        is_same.then(|| moves_between((&pair.candidate, &new), (against, &old)))?
    };
    let candidate = || asked(&pair.candidate, &new, &old_names);
    let (facts, side) = if let Some(side) = known {
        (candidate(), side)
    } else if let Some(moves) = moves() {
        let facts = candidate();
        let is_it = holds_for(&starts(&new.program), &starts(&old.program), &facts);
        let theirs = is_it.then(|| moved(facts.clone(), &moves)).flatten();
        let side = Ok(deployed(theirs));
        (facts, side)
    } else {
        rayon::join(candidate, || Ok(deployed(None)))
    };
    let facts = told(
        facts,
        (&new.program, &new.modules),
        &pair.candidate,
        settings,
    );
    let candidate = Analysed {
        program: Some(new.program),
        ..Analysed::new(&pair.candidate, new.modules, facts)
    };
    let mut judged = candidate.judge_all(selection);
    let found = match &side {
        Ok(side) => &side.found,
        Err(found) => found,
    };
    rules::compare(&mut judged.findings, found);
    (candidate, judged, side.ok())
}

/// What a file is known by, wherever it was read from.
fn of_text(file: &File) -> BlobId {
    let content = || file.text.content().as_bytes();
    file.blob.unwrap_or_else(|| blob_id(content()))
}

/// Which of the functions at which execution starts the other tree has.
fn starts(program: &Program) -> Vec<bool> {
    let all = program.entry_points().iter();
    all.map(|entry| entry.is_deployed).collect()
}

/// The candidate and the deployed tree. Run it within [`pool`].
#[must_use]
pub fn analyse_both<'a>(
    candidate: &'a Tree,
    deployed: &'a Tree,
    settings: &Settings,
    memory: &Memory,
) -> (Analysed<'a>, Analysed<'a>) {
    let linked = read_both(candidate, deployed, settings, memory);
    evaluate_both((candidate, deployed), linked, settings, memory).0
}

/// The same for trees that are linked; with what was found in the candidate, whatever is told of it.
fn evaluate_both<'a>(
    (candidate, deployed): (&'a Tree, &'a Tree),
    (new, old): (Linked, Linked),
    settings: &Settings,
    memory: &Memory,
) -> ((Analysed<'a>, Analysed<'a>), Option<Facts>) {
    memory.count_evaluation();
    memory.count_evaluation();
    let numbers = Numbers::new(candidate, deployed);
    let (subject, other_subject) =
        rayon::join(|| Subject::new(&new.program), || Subject::new(&old.program));
    let (mut changes, mut other_changes) =
        Changes::between(&subject, &other_subject, &|is_other, module| {
            let (tree, linked) = if is_other {
                (deployed, &old)
            } else {
                (candidate, &new)
            };
            // Only changed files are asked for.
            let path = &tree.file(linked.program.module(module).file).path;
            numbers.of(path).unwrap_or_default()
        });
    let (new_names, old_names) = (names(&new.program), names(&old.program));
    let registrations = rayon::join(
        || eval::registrations(&subject, &old_names, &changes),
        || eval::registrations(&other_subject, &new_names, &other_changes),
    );
    let registrations = [registrations.0, registrations.1];
    changes.add_registrations(&registrations);
    other_changes.add_registrations(&registrations);
    let (facts, other_facts) = rayon::join(
        || eval::evaluate_for(&subject, &old_names, &changes, None, None),
        || eval::evaluate_for(&other_subject, &new_names, &other_changes, None, None),
    );
    let found = (!memory.is_of_one_round()).then(|| facts.facts.clone());
    let new_facts = told(
        facts.facts,
        (&new.program, &new.modules),
        candidate,
        settings,
    );
    let old_facts = told(
        other_facts.facts,
        (&old.program, &old.modules),
        deployed,
        settings,
    );
    let candidate = Analysed {
        tree: candidate,
        known: Known::new(candidate, &new.program, facts.reaches),
        differences: changes,
        traced: facts.traced,
        facts: new_facts,
        modules: new.modules,
        program: Some(new.program),
    };
    let deployed = Analysed {
        tree: deployed,
        known: Known::new(deployed, &old.program, other_facts.reaches),
        differences: other_changes,
        traced: other_facts.traced,
        facts: old_facts,
        modules: old.modules,
        program: Some(old.program),
    };
    ((candidate, deployed), found)
}

/// Who calls whom in a tree. Run it within [`pool`].
#[must_use]
pub fn call_graph(tree: &Tree, settings: &Settings) -> CallGraph {
    eval::call_graph(&link(tree, &parse(tree, &Memory::default()), settings))
}

/// A tree with its contract.
pub struct Described<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// What evaluation found.
    pub facts: Facts,
    /// What its functions accept and send.
    pub contract: Contract,
    modules: Vec<Arc<Module>>,
}

/// Both sides with their contracts: the candidate, then the deployed tree. Run it within [`pool`].
#[must_use]
pub fn describe<'a>(
    candidate: &'a Tree,
    deployed: &'a Tree,
    settings: &Settings,
) -> (Described<'a>, Described<'a>) {
    let (new, old) = read_both(candidate, deployed, settings, &Memory::default());
    let (names, other_names) = (names(&new.program), names(&old.program));
    rayon::join(
        || Described::new(candidate, new, &other_names),
        || Described::new(deployed, old, &names),
    )
}

impl<'a> Described<'a> {
    /// It as one side of a comparison.
    #[must_use]
    pub fn side(&self) -> change::Side<'_> {
        change::Side {
            tree: self.tree,
            facts: &self.facts,
            contract: &self.contract,
        }
    }

    /// The paths of its files that do not parse.
    pub fn half_written(&self) -> impl Iterator<Item = &str> {
        let files = self.tree.files.iter().zip(&self.modules);
        let broken = files.filter(|(_, module)| !module.errors.is_empty());
        broken.map(|(file, _)| &*file.path)
    }

    /// Its comments that speak to coship.
    fn comments(&self) -> Comments<'_> {
        Comments {
            tree: self.tree,
            directives: directives(&self.modules),
        }
    }

    fn new(tree: &'a Tree, linked: Linked, elsewhere: &FxHashSet<Name>) -> Self {
        let (facts, contract) = eval::evaluate_with_contract(&linked.program, elsewhere);
        Self {
            tree,
            facts,
            contract,
            modules: linked.modules,
        }
    }
}

/// What changed in the contract between the candidate (the first) and the deployed tree, as far as the selection and the trees' own comments
/// have it said.
#[must_use]
pub fn changes(new: &Described, old: &Described, selection: &Selection) -> Vec<Said> {
    let changes = change::compare(&old.side(), &new.side());
    rules::said(changes, selection, &old.comments(), &new.comments())
}

/// The comments that speak to coship, per file that has some.
fn directives(modules: &[Arc<Module>]) -> Vec<(FileId, &[Directive])> {
    let files = (0..).map(FileId).zip(modules);
    files
        .filter(|(_, module)| !module.directives.is_empty())
        .map(|(file, module)| (file, module.directives.as_slice()))
        .collect()
}

/// The dotted names of a program's modules. A package that other distributions may add to (`__path__ = extend_path(...)`) is left out: it may be
/// there without being in the tree.
#[must_use]
fn names(program: &Program) -> FxHashSet<Name> {
    let modules = program.modules().iter();
    let own = modules.filter(|module| !(module.is_package && module.ir.rewires_imports));
    own.map(|module| module.name).collect()
}

/// Parses a tree's files.
fn parse(tree: &Tree, memory: &Memory) -> Vec<Arc<Module>> {
    tree.files
        .par_iter()
        .map(|file| memory.module(&file.path, &file.text))
        .collect()
}

/// Parses a tree's files, except those that the other tree has with the very same text.
fn parse_others(
    tree: &Tree,
    other: &Tree,
    modules: &[Arc<Module>],
    memory: &Memory,
) -> Vec<Arc<Module>> {
    let parse = tree.files.par_iter().map(|file| {
        let twin = other
            .find(&file.path)
            .filter(|&id| Arc::ptr_eq(&other.file(id).text, &file.text));
        match twin.and_then(|id| modules.get(id.0 as usize)) {
            Some(module) => Arc::clone(module),
            None => memory.module(&file.path, &file.text),
        }
    });
    parse.collect()
}

/// How a file takes part in a program.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    /// With all that is in it.
    Whole,
    /// As a module that an import finds, and of which nothing else is known.
    Name,
    /// Not at all.
    Nothing,
}

/// Links a tree's modules.
fn link(tree: &Tree, modules: &[Arc<Module>], settings: &Settings) -> Program {
    link_parts(tree, modules, settings, &|_| Part::Whole)
}

/// Links a tree's modules as far as `part` takes the files at their paths.
fn link_parts(
    tree: &Tree,
    modules: &[Arc<Module>],
    settings: &Settings,
    part: &dyn Fn(&str) -> Part,
) -> Program {
    let mut inputs = Vec::with_capacity(modules.len());
    let others = tree.others.iter().chain(&tree.directories);
    let mut others: Vec<&str> = others
        .map(AsRef::as_ref)
        .filter(|path| part(path) != Part::Nothing)
        .collect();
    for ((file, content), module) in tree.iter().zip(modules) {
        match part(&content.path) {
            // A stub is read, so that it is known to parse, and never imported.
            Part::Whole if !content.path.ends_with(".pyi") => inputs.push(program::Input {
                file,
                path: &content.path,
                module: Arc::clone(module),
            }),
            Part::Whole | Part::Name => others.push(&content.path),
            Part::Nothing => {}
        }
    }
    let roots = (!settings.roots.is_empty()).then_some(settings.roots.as_slice());
    let program = Program::build(&inputs, &others, roots, tree.installed)
        .meant_for(settings.python.targets.clone());
    let program = program.surrounded_by(&settings.environment);
    let program = program.beside(&tree.unread);
    let entry_points = entry::entry_points(&program, tree, settings);
    program.starting_at(entry_points)
}

/// What the files of a tree are called in imports. Run it within [`pool`].
#[must_use]
pub fn module_names(tree: &Tree, settings: &Settings) -> FxHashMap<FileId, Name> {
    let program = read(tree, settings, &Memory::default()).program;
    let modules = program.modules().iter();
    modules.map(|module| (module.file, module.name)).collect()
}

/// What is wrong with the files of a tree by themselves: nothing is linked or evaluated.
#[must_use]
pub fn judge_syntax(tree: &Tree, selection: &Selection) -> Vec<Finding> {
    let modules = parse(tree, &Memory::default());
    Analysed::new(tree, modules, Facts::default()).judge(selection)
}

/// The import roots that show in a tree, relative to it; none where nothing shows. Run it within [`pool`].
#[must_use]
pub fn roots(tree: &Tree, settings: &Settings) -> Vec<String> {
    let program = read(tree, settings, &Memory::default()).program;
    let shown = program.roots().iter().filter(|root| !root.assumed);
    shown.map(|root| root.path.clone()).collect()
}

impl<'a> Analysed<'a> {
    /// A tree of which it is not known what its functions looked into.
    #[must_use]
    pub fn new(tree: &'a Tree, modules: Vec<Arc<Module>>, facts: Facts) -> Self {
        Self {
            tree,
            modules,
            program: None,
            facts,
            known: Known::default(),
            traced: Vec::new(),
            differences: Changes::default(),
        }
    }

    /// Its files in the intermediate form, counting along the tree's, what evaluation found, and what its imports mean.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Arc<Module>>, Facts, Option<Program>) {
        (self.modules, self.facts, self.program)
    }

    /// The functions, classes and files that it has.
    #[must_use]
    pub fn present(&self) -> Present {
        let modules = self.modules.iter().map(|module| &**module);
        let files = self.tree.files.iter().map(|file| &file.path).zip(modules);
        present(files.filter(|(path, _)| !self.tree.has_installed(path)))
    }

    /// The findings.
    #[must_use]
    pub fn judge(&self, selection: &Selection) -> Vec<Finding> {
        self.judge_all(selection).findings
    }

    /// The findings, and how many comments silence.
    #[must_use]
    pub fn judge_all(&self, selection: &Selection) -> Judged {
        self.judged(selection, true)
    }

    /// The same; `is_told`: somebody reads them.
    fn judged(&self, selection: &Selection, is_told: bool) -> Judged {
        let is_own = |(file, _): &(FileId, &Arc<Module>)| !self.tree.is_installed(*file);
        let files = || (0..).map(FileId).zip(&self.modules).filter(is_own);
        // Python says of text that it cannot decode nothing else.
        let decoded = |file: FileId| self.tree.file(file).text.problem().is_none();
        let input = Input {
            facts: &self.facts,
            tree: self.tree,
            syntax_errors: files()
                .filter(|(file, module)| !module.errors.is_empty() && decoded(*file))
                .map(|(file, module)| (file, module.errors.as_slice()))
                .collect(),
            directives: directives(&self.modules)
                .into_iter()
                .filter(|(file, _)| !self.tree.is_installed(*file))
                .collect(),
            is_told,
        };
        rules::judge(&input, selection)
    }
}
