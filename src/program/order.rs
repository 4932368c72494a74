//! Which imports fail because modules import each other: the tree's modules are imported in thought, one after the other as entry.
//!
//! A module is in `sys.modules` from before its first statement on (reference, 5.3.1), so an import that comes back to one that is under way gets what is
//! bound so far. What may or may not run (under a test, in a loop, in a handler) makes names that may be there, and never a failure.

use std::cell::RefCell;

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::python::builtins::is_given_to_modules;
use crate::syntax::ir::Range;

use super::script::{Ask, Script, Step};
use super::{ModuleId, Program, Resolution};

/// How many steps are taken in all, before further entries are left out.
const STEPS: usize = 2_000_000;

/// How many star imports a name is followed through.
const STARS: u32 = 8;

/// An import that fails, as a module that is under way does not have a name yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The module that is imported first.
    pub entry: ModuleId,
    /// From the entry to the module that asks: each with the place of its import, the last one with that of the name.
    pub way: Vec<(ModuleId, Range)>,
    /// The module that is under way.
    pub module: ModuleId,
    /// The name that it does not have yet.
    pub name: Name,
    /// Whether it is asked for by `from module import name`, and not as an attribute.
    pub by_import: bool,
}

impl Fault {
    /// The modules of the circle: from the one that is under way to the one that asks.
    #[must_use]
    pub fn circle(&self) -> Vec<ModuleId> {
        let all = self.way.iter().map(|(module, _)| *module);
        all.skip_while(|module| *module != self.module).collect()
    }
}

/// How far a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Waiting,
    /// Under way, with that many steps over; for certain, or perhaps.
    Running(usize, bool),
    Done,
}

/// Imports of a program's modules.
pub struct Order<'p> {
    program: &'p Program,
    /// Whether names may be put into a module in ways that are not seen.
    is_open: &'p dyn Fn(ModuleId) -> bool,
    /// What that said of each: the same modules are asked about for every one that is imported first.
    open: RefCell<FxHashMap<ModuleId, bool>>,
    /// The submodules of each module that were asked for.
    submodules: RefCell<FxHashMap<(ModuleId, Name), Resolution>>,
    scripts: FxHashMap<ModuleId, Script>,
    steps: usize,
}

/// One run of imports.
#[derive(Clone)]
struct Run {
    progress: Vec<Progress>,
    /// The modules under way, each with the place where it is.
    stack: Vec<(ModuleId, Range)>,
}

/// What ended a module's import.
struct Stop {
    way: Vec<(ModuleId, Range)>,
    module: ModuleId,
    name: Name,
    by_import: bool,
}

impl<'p> Order<'p> {
    /// Of a program; `is_open` says whether names may be put into a module in ways that are not seen.
    #[must_use]
    pub fn new(program: &'p Program, is_open: &'p dyn Fn(ModuleId) -> bool) -> Self {
        Self {
            program,
            is_open,
            open: RefCell::default(),
            submodules: RefCell::default(),
            scripts: FxHashMap::default(),
            steps: 0,
        }
    }

    /// Imports each of the modules first of all, by itself: what fails, and whether all of them could be tried.
    pub fn try_all(&mut self, entries: &[ModuleId]) -> (Vec<Fault>, bool) {
        let mut faults = Vec::new();
        // What is imported before a module by its name alone, its packages, is the same for many.
        let mut after: FxHashMap<Vec<ModuleId>, Result<Run, Fault>> = FxHashMap::default();
        for &entry in entries {
            if self.steps > STEPS {
                return (faults, false);
            }
            let packages = self.program.packages_around(entry);
            let known = after
                .entry(packages.clone())
                .or_insert_with(|| self.run_all(Run::new(self.program), &packages, entry));
            let result = match known {
                Ok(run) if run.is_done(entry) => continue,
                Ok(run) => {
                    let run = run.clone();
                    self.run_all(run, &[entry], entry).map(|_| ())
                }
                Err(fault) => Err(Fault {
                    entry,
                    ..fault.clone()
                }),
            };
            faults.extend(result.err());
        }
        (faults, true)
    }

    fn run_all(
        &mut self,
        mut run: Run,
        modules: &[ModuleId],
        entry: ModuleId,
    ) -> Result<Run, Fault> {
        for &module in modules {
            if let Err(stop) = self.load(&mut run, module, true) {
                return Err(Fault {
                    entry,
                    way: stop.way,
                    module: stop.module,
                    name: stop.name,
                    by_import: stop.by_import,
                });
            }
        }
        Ok(run)
    }

    fn import(&mut self, run: &mut Run, module: ModuleId, sure: bool) -> Result<(), Stop> {
        if run.progress[module.0 as usize] != Progress::Waiting {
            return Ok(());
        }
        for package in self.program.packages_around(module) {
            self.load(run, package, sure)?;
        }
        self.load(run, module, sure)
    }

    /// Runs a module's steps, unless it was imported already.
    fn load(&mut self, run: &mut Run, module: ModuleId, sure: bool) -> Result<(), Stop> {
        if run.progress[module.0 as usize] != Progress::Waiting {
            return Ok(());
        }
        let program = self.program;
        let script = self.scripts.entry(module);
        let count = script
            .or_insert_with(|| Script::of(program, module))
            .steps
            .len();
        run.stack.push((module, Range::default()));
        let mut at = 0;
        while at < count && self.steps <= STEPS {
            self.steps += 1;
            let step = self.scripts[&module].steps[at];
            run.progress[module.0 as usize] = Progress::Running(at, sure);
            if let Some(top) = run.stack.last_mut() {
                top.1 = step.range;
            }
            match self.step(run, step, sure && step.certain) {
                Ok(()) => at += 1,
                Err(stop) => match step.resume {
                    // What is in the handlers is taken to run perhaps; the module goes on behind them.
                    Some(next) => at = next,
                    None => {
                        run.stack.pop();
                        run.progress[module.0 as usize] = Progress::Waiting;
                        return Err(stop);
                    }
                },
            }
        }
        run.stack.pop();
        run.progress[module.0 as usize] = Progress::Done;
        Ok(())
    }

    fn step(&mut self, run: &mut Run, step: Step, sure: bool) -> Result<(), Stop> {
        let (module, name, by_import) = match step.ask {
            Ask::Import(module) => return self.import(run, module, sure),
            Ask::Name(module, name) => (module, name, true),
            Ask::Attribute(module, name) => (module, name, false),
        };
        let submodule = self.submodule(module, name);
        if let (Resolution::Module(submodule), true) = (submodule, by_import)
            && !self.binds_by_now(run, module, name)
        {
            // The import system looks for it where the package has no such attribute (reference, 7.11).
            let sure = sure && !self.may_bind_otherwise(module, name);
            return self.import(run, submodule, sure);
        }
        // Every module has `__doc__`, `__name__` and their like before its first statement, whatever it makes of them later.
        let is_given = is_given_to_modules(&name, self.program.module(module).is_package);
        if is_given || self.has(run, module, name, STARS) {
            return Ok(());
        }
        match self.submodule(module, name) {
            Resolution::Missing { name, .. }
                if !self.program.may_have_more(module) && !self.program.is_added(&name) => {}
            // A submodule that is not read, such as a compiled one, or may be there.
            _ => return Ok(()),
        }
        let is_under_way = matches!(run.progress[module.0 as usize], Progress::Running(_, true));
        // What it never gets is missing for another reason.
        let comes_later = self.scripts[&module].binds(name).is_some();
        if sure && is_under_way && comes_later {
            return Err(Stop {
                way: run.stack.clone(),
                module,
                name,
                by_import,
            });
        }
        Ok(())
    }

    /// Whether a module's own statements, as far as they ran, may have bound a name.
    fn binds_by_now(&self, run: &Run, module: ModuleId, name: Name) -> bool {
        let over = match run.progress[module.0 as usize] {
            Progress::Running(over, _) => over,
            Progress::Done => usize::MAX,
            // It failed, or may not be imported at all.
            Progress::Waiting => return true,
        };
        let script = self.scripts.get(&module);
        script.is_none_or(|script| script.binds(name).is_some_and(|at| at <= over))
    }

    /// Whether names may be put into a module in ways that are not seen.
    fn is_open(&self, module: ModuleId) -> bool {
        let mut open = self.open.borrow_mut();
        *open.entry(module).or_insert_with(|| (self.is_open)(module))
    }

    /// What a name of a module is as a submodule.
    fn submodule(&self, module: ModuleId, name: Name) -> Resolution {
        let mut submodules = self.submodules.borrow_mut();
        *submodules
            .entry((module, name))
            .or_insert_with(|| self.program.submodule(module, name))
    }

    /// Whether a module may get a name in another way than by its own statements.
    fn may_bind_otherwise(&self, module: ModuleId, name: Name) -> bool {
        self.is_open(module)
            || self.program.module(module).ir.scope.dynamic
            || self.scripts.get(&module).is_none_or(|script| {
                script.binds(Name::new("__getattr__")).is_some()
                    || script.stars(usize::MAX).any(|star| {
                        star.is_none_or(|star| star != module && self.may_export(star, name, STARS))
                    })
            })
    }

    /// Whether a module may have a name by now.
    fn has(&self, run: &Run, module: ModuleId, name: Name, depth: u32) -> bool {
        let Progress::Running(over, _) = run.progress[module.0 as usize] else {
            // Complete, or not to be imported: what it lacks, it lacks for another reason.
            return true;
        };
        let Some(script) = self.scripts.get(&module) else {
            return true;
        };
        let by_now = |name: Name| script.binds(name).is_some_and(|at| at <= over);
        by_now(name)
            || by_now(Name::new("__getattr__"))
            || depth == 0
            || self.is_open(module)
            || self.program.module(module).ir.scope.dynamic
            || script.stars(over).any(|star| match star {
                None => true,
                Some(star) => {
                    star != module
                        && self.has(run, star, name, depth - 1)
                        && self.may_export(star, name, depth - 1)
                }
            })
    }

    /// Whether a star import of a module may bring a name.
    fn may_export(&self, module: ModuleId, name: Name, depth: u32) -> bool {
        let Some(script) = self.scripts.get(&module) else {
            return true;
        };
        depth == 0
            || self.is_open(module)
            || script.binds(name).is_some()
            || script.binds(Name::new("__getattr__")).is_some()
            || matches!(self.submodule(module, name), Resolution::Module(_))
            || script.stars(usize::MAX).any(|star| {
                star.is_none_or(|star| star != module && self.may_export(star, name, depth - 1))
            })
    }
}

impl Run {
    fn new(program: &Program) -> Self {
        Self {
            progress: vec![Progress::Waiting; program.modules().len()],
            stack: Vec::new(),
        }
    }

    fn is_done(&self, module: ModuleId) -> bool {
        self.progress[module.0 as usize] == Progress::Done
    }
}
