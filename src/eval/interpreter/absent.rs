//! Imports of modules that neither the tree nor the standard library has: what is known of them, and how loudly it may be said (DESIGN 5a).

use crate::environment::{Removal, Standing};
use crate::facts::{Evidence, FailureKind, Impact};
use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{ImportedName, Range};

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{Data, Value};
use crate::eval::exceptions::class::MODULE_NOT_FOUND_ERROR;
use crate::eval::interpreter::frame::{Absence, Frame, LocalFailure, Owner};
use crate::eval::objects::attribute::Attribute;
use crate::eval::reuse::file_set::FileSet;

/// The files that a tool reads, which has packages of its own: of setuptools, Sphinx, nox, pytest, Invoke, Fabric, doit, SCons, Locust, Gunicorn.
const OF_TOOLS: [&str; 11] = [
    "setup.py",
    "conf.py",
    "noxfile.py",
    "conftest.py",
    "tasks.py",
    "fabfile.py",
    "dodo.py",
    "SConstruct.py",
    "locustfile.py",
    "gunicorn.conf.py",
    "gunicorn_conf.py",
];

/// Evidence that is about this import.
pub fn of_tree(impact: Impact, text: String) -> Absence {
    let is_of_environment = false;
    Absence {
        impact,
        evidence: Evidence {
            text,
            is_of_environment,
        },
    }
}

/// Evidence that is the same for all imports of a module.
fn of_environment(impact: Impact, text: String) -> Absence {
    let is_of_environment = true;
    Absence {
        impact,
        evidence: Evidence {
            text,
            is_of_environment,
        },
    }
}

/// An import that finds nothing in the tree.
pub struct Outside<'i> {
    /// What the tree lacks: the key of what is known.
    pub missing: Name,
    /// What it is found as.
    pub resolution: Resolution,
    /// The names behind `import`; none of `import module`.
    pub names: Option<&'i [ImportedName]>,
    /// `CPython`'s words.
    pub exception: String,
    /// Where.
    pub range: Range,
}

impl<'p> Evaluator<'p> {
    /// Whether an import of a module outside the tree is looked into: nothing is said of what is there for certain, or where nothing certainly fails.
    pub fn may_be_absent(&self, frame: &Frame<'p>, missing: Name) -> bool {
        let standing = self.program.standing(missing);
        let may = standing.is_some_and(|(standing, _)| !matches!(standing, Standing::Provided(_)));
        may && !frame.is_unsure()
    }

    /// Reports an import of a module outside the tree, as far as something is known against it. Nothing changes for what follows: it may be there all the same.
    ///
    /// Where [`Self::may_be_absent`] says no, this finds nothing.
    pub fn import_from_outside(&mut self, frame: &mut Frame<'p>, outside: &Outside) {
        let program = self.program;
        let Some((standing, removal)) = program.standing(outside.missing) else {
            return;
        };
        if frame.is_unsure() || matches!(standing, Standing::Provided(_)) {
            return;
        }
        let guarded = self.is_caught_here(frame, *MODULE_NOT_FOUND_ERROR) != Truth::False
            || self.is_managed_here(frame, *MODULE_NOT_FOUND_ERROR);
        // What the tree's own evidence says weighs more than what an environment lacks.
        let mut most = Impact::Notable;
        let absence = if let Some(built) = self.written_by_build(outside.missing) {
            built
        } else if let Some((impact, text)) =
            self.evidence_in_tree(frame, outside, (standing, removal.as_ref()))
        {
            most = Impact::Suspicious;
            let limit = match standing {
                Standing::Provided(_) | Standing::Possible(_) => Impact::Suspicious,
                _ if self.looks_nowhere_else(frame, outside) => Impact::Breaks,
                _ => Impact::Suspicious,
            };
            let is_lacking = matches!(standing, Standing::Lacking(_));
            let impact = if is_lacking { Impact::Breaks } else { impact };
            of_tree(impact.min(limit), text)
        } else if self.is_reached_otherwise(frame.module, outside) {
            return;
        } else {
            let is_test = self.survey.tests.contains(&frame.module);
            let is_certain = !is_test && self.looks_nowhere_else(frame, outside);
            self.absence_from_environment(outside, standing, (is_test, is_certain))
        };
        self.push_absence(frame, outside, guarded.then_some(most), absence);
    }

    /// What is known of a module that a file of the project says a build writes or compiles: it is not in the repository, and need not be.
    pub fn written_by_build(&self, missing: Name) -> Option<Absence> {
        let file = self.program.environment().built.naming(&missing)?;
        let text = format!("{file} says that a build may write it");
        Some(of_environment(Impact::Notable, text))
    }

    /// The same of a module that a package of the tree lacks, which code of the tree may have compiled.
    pub fn made_by_build(&self, missing: Name) -> Option<Absence> {
        self.written_by_build(missing).or_else(|| {
            let text = String::from("code of the tree has cffi compile it");
            self.is_compiled_by_tree(missing)
                .then(|| of_environment(Impact::Notable, text))
        })
    }

    /// What is known of the relative imports of a file that nothing imports: it was written for another package if it finds none of many modules, or if code of
    /// the tree writes the file's name out, which copies it or has it run elsewhere.
    pub fn written_for_another_package(&self, module: ModuleId) -> Option<Absence> {
        // Which modules there are, who imports this one and who names it, any file may say.
        self.look(FileSet::ALL);
        let missed = self.program.misses_its_package(module);
        let path = self.program.path_of(module);
        let file = path.rsplit('/').next().unwrap_or_default();
        // Much code writes out how a package's own file is called.
        let is_named =
            !self.program.module(module).is_package && self.survey.is_named_as_file(module, file);
        if missed.is_none() && !is_named {
            return None;
        }
        let (impact, text) = match missed {
            Some(missed) => (
                Impact::Notable,
                format!(
                    "nothing imports this file, and it finds none of the {missed} modules that it imports by dots: it looks as if it was written for another package"
                ),
            ),
            None => (
                Impact::Suspicious,
                format!(
                    "nothing imports this file, and code of the tree names '{file}': it may be copied into another package"
                ),
            ),
        };
        (!self.program.is_imported(module)).then(|| of_tree(impact, text))
    }

    /// What is known of an import by which a part of the program is loaded that it also runs without: whoever imports the part may have asked before whether this
    /// is there.
    pub fn in_optional_part(&self, frame: &Frame<'p>) -> Option<Absence> {
        if !matches!(frame.owner, Owner::Module) {
            return None;
        }
        // Any file may import it.
        self.look(FileSet::ALL);
        let text =
            "only tests, 'try' statements and files behind extension modules import this file";
        self.program
            .is_optional(frame.module)
            .then(|| of_tree(Impact::Suspicious, text.to_owned()))
    }

    /// Whether an import here is certainly made, and in the environment that is known: no undecided test stands around it, no code of the tree changes where
    /// modules are looked for, and the file is not read by a tool that has packages of its own.
    fn looks_nowhere_else(&self, frame: &Frame<'p>, outside: &Outside) -> bool {
        let path = self.program.path_of(frame.module);
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_of_tool = OF_TOOLS.contains(&name) && !self.program.is_imported(frame.module);
        frame.guards.is_empty()
            && !is_of_tool
            && !self.changes_imports_of(frame.module)
            && !self.is_in_added_directory(frame.module, Some(outside.missing))
    }

    /// What the environment alone has against a module.
    fn absence_from_environment(
        &self,
        outside: &Outside,
        standing: &Standing,
        (is_test, is_certain): (bool, bool),
    ) -> Absence {
        let place = match outside.resolution {
            Resolution::Misplaced { module, .. } => {
                format!(
                    "; there is {}, which no import finds by that name",
                    self.program.path_of(module)
                )
            }
            _ => String::new(),
        };
        match standing {
            Standing::Lacking(places) => of_tree(
                if is_certain && place.is_empty() {
                    Impact::Breaks
                } else {
                    Impact::Suspicious
                },
                format!("nothing in {places} provides it{place}"),
            ),
            Standing::Undeclared(files) => {
                // What tests need is often declared nowhere; and what is declared brings along what only a lock file lists.
                let is_locked = self.program.environment().declared.is_locked;
                let impact = if is_test || !is_locked {
                    Impact::Notable
                } else {
                    Impact::Suspicious
                };
                of_environment(
                    impact,
                    format!("nothing that {files} declares provides it{place}"),
                )
            }
            Standing::Possible(what) => of_environment(
                Impact::Notable,
                format!("it is not in the tree, and '{what}' may provide it{place}"),
            ),
            Standing::Unknown | Standing::Provided(_) => of_environment(
                Impact::Notable,
                format!("it is not in the tree, and nothing is declared that provides it{place}"),
            ),
        }
    }

    /// Reports it. Whoever catches the error can do without; but what was the tree's own is hardly optional:
    /// `guarded` is the most that is said of an import whose error is caught.
    fn push_absence(
        &mut self,
        frame: &mut Frame<'p>,
        outside: &Outside,
        guarded: Option<Impact>,
        mut absence: Absence,
    ) {
        let is_of_environment = absence.evidence.is_of_environment;
        let mut kind = FailureKind::MissingModule;
        if let Some(most) = guarded {
            if is_of_environment {
                return;
            }
            absence.impact = absence.impact.min(most);
            kind = FailureKind::GuardedImport;
        }
        let top = || Name::new(outside.missing.split('.').next().unwrap_or_default());
        frame.failures.push(LocalFailure {
            exception: Some(outside.exception.clone()),
            absence: Some(absence),
            // What is about the environment is said once for all imports.
            ..LocalFailure::at(
                kind,
                if is_of_environment {
                    top()
                } else {
                    outside.missing
                },
                outside.range,
                "imports the module",
            )
        });
    }

    /// What the tree itself has against a module, and how much that weighs: its history had it, or another place has it.
    fn evidence_in_tree(
        &mut self,
        frame: &Frame<'p>,
        outside: &Outside,
        (standing, removal): (&Standing, Option<&Removal>),
    ) -> Option<(Impact, String)> {
        let moved = match outside.resolution {
            Resolution::Misplaced { module, .. }
                if !self.program.may_reach(frame.module, module)
                    // Code that says where to look further may mean where the module lies.
                    && !self.survey.import_changers.contains(&frame.module)
                    && !self.is_in_added_directory(frame.module, Some(outside.missing))
                    && !self.program.imports_namesake(module, outside.missing) =>
            {
                Some(module)
            }
            _ => None,
        };
        let place = moved.map(|module| format!("it exists as {}", self.program.path_of(module)));
        if let Some(removal) = removal {
            let place = place.map(|place| format!("; {place}")).unwrap_or_default();
            return Some((Impact::Breaks, format!("it was {removal}{place}")));
        }
        if let (Some(module), Some(place)) = (moved, place) {
            // An installed module of the same name is as likely, unless all names are there, or nothing is known to be installed.
            let has_all = outside
                .names
                .is_some_and(|names| self.has_all(module, names));
            let is_below = self.program.is_below(frame.module, module);
            // In a package, a module that is called like an installed one is most often about that.
            let is_plain = self.program.module(frame.module).package.is_empty();
            if has_all && is_below && is_plain {
                return Some((Impact::Breaks, place));
            }
            let is_likely = has_all
                || outside.names.is_none()
                    && is_below
                    && *standing == Standing::Unknown
                    && is_plain;
            return is_likely.then_some((Impact::Suspicious, place));
        }
        match outside.resolution {
            // What is declared may be another portion of the namespace (PEP 420).
            Resolution::MissingInNamespace { parent, .. }
                if self.program.is_own_namespace(parent)
                    && !matches!(standing, Standing::Possible { .. }) =>
            {
                let package = self.program.namespace_name(parent);
                let dotted = format!("{package}.{}", outside.missing);
                // Installers put the files of both into one folder.
                self.look_for_made_modules();
                (!self.program.is_added(&dotted)).then(|| {
                    let text = format!("the tree's own folder '{package}' has no such module");
                    (Impact::Suspicious, text)
                })
            }
            _ => None,
        }
    }

    /// Whether a module of the tree would be found if its directory were on the path, as it is for a script beside it.
    fn is_reached_otherwise(&self, importer: ModuleId, outside: &Outside) -> bool {
        matches!(outside.resolution, Resolution::Misplaced { module, .. } if self.program.may_reach(importer, module))
    }

    /// Whether a module has all names that an import takes from it, as its own.
    fn has_all(&mut self, module: ModuleId, names: &[ImportedName]) -> bool {
        if names.is_empty() {
            return false;
        }
        self.evaluate_module(module);
        names
            .iter()
            .all(|name| match self.attribute_of_module(module, name.name) {
                Attribute::Found(value) => self.is_made_by_tree(value),
                Attribute::Missing | Attribute::Unknown => false,
            })
    }

    /// Whether a value is made by the tree, whichever way was taken: nothing from outside, nothing unknown.
    pub fn is_made_by_tree(&self, value: Value) -> bool {
        let mut alternatives = self.values.alternatives(value).into_iter();
        alternatives.all(|value| !matches!(self.data(value), Data::External(_) | Data::Unknown))
    }
}
