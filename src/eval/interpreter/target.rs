//! What the declared Python does not have: modules, names and parameters of its standard library, and syntax.

use rustc_hash::FxHashSet;

use crate::facts::FailureKind;
use crate::name::Name;
use crate::program::ModuleId;
use crate::python::classes::absent_attribute;
use crate::python::library::{Absent, absent, absent_module, never_has};
use crate::python::{Targets, Version};
use crate::syntax::ir::{ArgumentKind, Expr, ExprKind, Handler, NewSyntax, Range, Stmt, StmtKind};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::calls::call::Site;
use crate::eval::domain::truth::Truth;
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::interpreter::frame::{Frame, LocalFailure};
use crate::eval::objects::library_class::{class_of, missing_text};
use crate::eval::survey::versions::speaks_of_version;

impl<'p> Evaluator<'p> {
    /// An import of a module outside the tree: a failure, if it is one of the standard library that the declared Python does not have.
    pub fn import_from_target(&mut self, frame: &mut Frame<'p>, dotted: Name, range: Range) {
        if self.targets().is_empty() {
            return;
        }
        if let Some(absent) = absent_module(&dotted, self.targets()) {
            let exception = format!("ModuleNotFoundError: No module named '{}'", absent.name);
            let what = format!("module '{}'", absent.name);
            self.absent_from_target(frame, &absent, &what, exception, range);
        }
    }

    /// `from module import name`, of a module outside the tree.
    pub fn import_name_from_target(
        &mut self,
        frame: &mut Frame<'p>,
        module: Name,
        name: Name,
        range: Range,
    ) {
        if self.is_never_in_library(module, name) {
            let own = own_name(&module);
            let exception = format!("ImportError: cannot import name '{name}' from '{own}'");
            let kind = FailureKind::MissingName;
            self.never_in_library(frame, kind, (module, name), exception, range);
        }
        if self.targets().is_empty() {
            return;
        }
        if let Some(absent) = absent(&format!("{module}.{name}"), self.targets()) {
            let exception = format!("ImportError: cannot import name '{name}' from '{module}'");
            let what = format!("'{}'", absent.name);
            self.absent_from_target(frame, &absent, &what, exception, range);
        }
    }

    /// Whether no version of a module of the library has a name. Few are asked for, and those again and again.
    fn is_never_in_library(&mut self, module: Name, name: Name) -> bool {
        let known = self.lacking_in_library.entry((module, name));
        *known.or_insert_with(|| never_has(&module, &name))
    }

    /// `module.name`, of a module outside the tree.
    pub fn attribute_of_target(
        &mut self,
        frame: &mut Frame<'p>,
        base: Name,
        name: Name,
        range: Range,
    ) {
        if self.is_of_dialect(frame.module) {
            return;
        }
        if self.is_never_in_library(base, name) {
            let own = own_name(&base);
            let exception = format!("AttributeError: module '{own}' has no attribute '{name}'");
            let kind = FailureKind::MissingAttribute;
            self.never_in_library(frame, kind, (base, name), exception, range);
        }
        if self.targets().is_empty() {
            return;
        }
        if let Some(absent) = absent(&format!("{base}.{name}"), self.targets()) {
            let exception = format!("AttributeError: module '{base}' has no attribute '{name}'");
            let what = format!("'{}'", absent.name);
            self.absent_from_target(frame, &absent, &what, exception, range);
        } else if let Some(class) = class_of(&base)
            && let Some(absent) = absent_attribute(class, &name, self.targets())
            && let Some(text) = missing_text(&base, name)
        {
            let exception = format!("AttributeError: {text}");
            let what = format!("'{}'", absent.name);
            self.absent_from_target(frame, &absent, &what, exception, range);
        }
    }

    /// A call of a function outside the tree with these keywords.
    pub fn keyword_of_target(
        &mut self,
        frame: &mut Frame<'p>,
        site: Site<'p>,
        function: Name,
        keyword: Name,
    ) {
        // What `**options` brings was chosen where that was made, by the version perhaps.
        let is_written = site.call.is_some_and(|call| {
            let mut arguments = call.arguments.iter();
            arguments.any(|argument| argument.kind == ArgumentKind::Keyword(keyword))
        });
        if self.targets().is_empty() || !is_written {
            return;
        }
        if let Some(absent) = absent(&format!("{function}({keyword})"), self.targets()) {
            let what = format!("parameter '{keyword}' of {function}");
            // What is written in C refuses it in words of its own.
            let exception = match absent.refusing {
                Some(name) => {
                    format!("TypeError: {name}() got an unexpected keyword argument '{keyword}'")
                }
                None => String::from("TypeError"),
            };
            self.absent_from_target(frame, &absent, &what, exception, site.range);
        }
    }

    /// A name of a library module that no version has: a failure, unless the code puts it there, catches what comes of it or asks first.
    fn never_in_library(
        &mut self,
        frame: &mut Frame<'p>,
        kind: FailureKind,
        (module, name): (Name, Name),
        exception: String,
        range: Range,
    ) {
        let class = ExceptionClass::told(&exception);
        if frame.is_unsure()
            || !frame.ir.errors.is_empty()
            || self.may_stand_before_library(frame.module, module, name)
            || self.is_stored_on_modules(name)
            || self.is_fallback(frame, range)
            || self.is_caught_here(frame, class) != Truth::False
            || frame.guards.iter().any(|test| mentions(test, name))
        {
            return;
        }
        let note = match kind {
            FailureKind::MissingName => "imports the name",
            _ => "reads the attribute",
        };
        let absence = match kind {
            FailureKind::MissingName => self.in_optional_part(frame),
            _ => None,
        };
        frame.failures.push(LocalFailure {
            exception: Some(exception),
            absence,
            ..LocalFailure::at(kind, name, range, note)
        });
    }

    /// Whether code that may run beside a module puts directories before the library's, and a module of the tree is called like one of that and has the name: `sys.path.insert(0,
    /// str(SHARED))` with `shared/profile.py` (library reference, `sys.path`).
    fn may_stand_before_library(&self, importer: ModuleId, module: Name, name: Name) -> bool {
        let first = module.first_component();
        let is_alike = |id: ModuleId| {
            let called = self.program.module(id).name;
            called.rsplit('.').next() == Some(first.as_str())
                && self.modules[id.0 as usize].by_name.contains_key(&name)
        };
        self.is_in_added_directory(importer, Some(module))
            || self.changes_imports_of(importer) && self.program.module_ids().any(is_alike)
    }

    fn targets(&self) -> &'p Targets {
        self.program.targets()
    }

    fn absent_from_target(
        &mut self,
        frame: &mut Frame<'p>,
        absent: &Absent,
        what: &str,
        exception: String,
        range: Range,
    ) {
        let class = ExceptionClass::told(&exception);
        let last = absent.name.rsplit('.').next().unwrap_or_default();
        let last = Name::new(last.split('(').next().unwrap_or_default());
        // Whoever catches it, or asks first, has another way for such a version.
        if frame.is_unsure()
            || self.is_of_another_environment(frame.module)
            || self.is_caught_here(frame, class) != Truth::False
            || frame.guards.iter().any(|test| mentions(test, last))
        {
            return;
        }
        let (versions, story) = (absent.versions(), absent.story());
        frame.failures.push(LocalFailure {
            exception: Some(exception),
            ..LocalFailure::at(
                FailureKind::RemovedFromPython,
                Name::new(&format!("Python {versions} has no {what}: {story}")),
                range,
                "asks for it",
            )
        });
    }

    /// Whether a file lies where packages are installed for a Python of its own, within the tree: `root/lib/python3.14/site-packages/shop.py`. What the project declares
    /// says nothing of that one.
    fn is_of_another_environment(&self, module: ModuleId) -> bool {
        let path = self.program.path_of(module);
        let mut parts = path.split('/');
        !self.program.module(module).is_installed
            && parts.any(|part| matches!(part, "site-packages" | "dist-packages"))
    }

    /// Notes the syntax that the declared Python refuses.
    pub fn check_syntax(&mut self) {
        if self.targets().is_empty() {
            return;
        }
        let mut refused = Vec::new();
        for id in self.program.module_ids() {
            let newer = &self.program.module(id).ir.newer;
            if !newer.is_empty() && self.is_of_another_environment(id) {
                continue;
            }
            let Some(context) = self.modules[id.0 as usize].context else {
                continue;
            };
            let before = self.contexts[context.0 as usize].failures.len();
            let failures = newer
                .iter()
                .filter_map(|syntax| refused_syntax(syntax, self.program.targets()));
            let failures: Vec<_> = failures.collect();
            self.contexts[context.0 as usize].failures.extend(failures);
            if self.contexts[context.0 as usize].failures.len() > before {
                refused.push(id);
            }
        }
        if !refused.is_empty() {
            self.unloaded = self.unloaded_modules(refused);
        }
    }

    /// Those among some modules that nothing runs for certain where the tree runs. What does: an import of another module that no test on versions guards and
    /// no handler catches; or, where nothing imports a module, whoever starts it: it stands at an import root and in no package.
    fn unloaded_modules(&self, modules: Vec<ModuleId>) -> FxHashSet<ModuleId> {
        let (mut imported, mut open) = (FxHashSet::default(), FxHashSet::default());
        for importer in self.program.module_ids() {
            let others = self.program.imports(importer);
            if !modules.iter().any(|module| others.contains(module)) {
                continue;
            }
            imported.extend(others);
            let ir = &self.program.module(importer).ir;
            let bodies = ir.functions.iter().map(|function| &function.body);
            for body in bodies.chain([&ir.body]) {
                unguarded_imports(body, &mut |stmt| {
                    open.extend(self.program.imported(importer, stmt));
                });
            }
        }
        let is_started = |module: &ModuleId| {
            self.program.module(*module).package.is_empty() && !imported.contains(module)
        };
        let is_loaded = |module: &ModuleId| {
            self.program.module(*module).is_package || open.contains(module) || is_started(module)
        };
        modules
            .into_iter()
            .filter(|module| !is_loaded(module))
            .collect()
    }
}

/// The failure of a piece of syntax on the versions that refuse it; none if none does.
fn refused_syntax<'p>(syntax: &NewSyntax, targets: &Targets) -> Option<LocalFailure<'p>> {
    let since = Version(syntax.since);
    let older: Vec<String> = targets
        .versions()
        .iter()
        .filter(|version| **version < since)
        .map(Version::to_string)
        .collect();
    let versions = older.join(" and ");
    (!older.is_empty()).then(|| LocalFailure {
        // The words are each version's own.
        exception: Some(String::from("SyntaxError")),
        ..LocalFailure::at(
            FailureKind::UnsupportedSyntax,
            Name::new(&format!(
                "{}, and {versions} is to run it: it came with {since}",
                syntax.message
            )),
            syntax.range,
            "does not parse",
        )
    })
}

/// Whether a test names something, as a name or as text.
pub fn mentions(test: &Expr, name: Name) -> bool {
    let mut found = false;
    visit::expressions(test, &mut |expr| {
        found |= match &expr.kind {
            ExprKind::Name(said, _) => *said == name,
            ExprKind::Attribute { attribute, .. } => *attribute == name,
            ExprKind::Constant(crate::syntax::ir::Constant::Str(text)) => *text == name,
            _ => false,
        };
    });
    found
}

/// Calls `visit` with the statements that no test on versions and no handler of syntax errors is around.
fn unguarded_imports<'p>(body: &'p [Stmt], visit: &mut dyn FnMut(&'p Stmt)) {
    for stmt in body {
        match &stmt.kind {
            StmtKind::If { branches, orelse } => {
                if branches.iter().any(|branch| is_of_versions(&branch.test)) {
                    continue;
                }
                for branch in branches {
                    unguarded_imports(&branch.body, visit);
                }
                unguarded_imports(orelse, visit);
            }
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                if !handlers.iter().any(catches_syntax_errors) {
                    unguarded_imports(body, visit);
                }
                for handler in handlers {
                    unguarded_imports(&handler.body, visit);
                }
                unguarded_imports(orelse, visit);
                unguarded_imports(finally, visit);
            }
            _ => {
                visit(stmt);
                for block in visit::blocks(stmt) {
                    unguarded_imports(block, visit);
                }
            }
        }
    }
}

/// Whether a test asks for a version, or is never true where code runs.
fn is_of_versions(test: &Expr) -> bool {
    let mut found = false;
    visit::expressions(test, &mut |expr| {
        let name = match &expr.kind {
            ExprKind::Name(name, _) => *name,
            ExprKind::Attribute { attribute, .. } => *attribute,
            _ => return,
        };
        found |= speaks_of_version(name) || name.as_str() == "TYPE_CHECKING";
    });
    found
}

fn catches_syntax_errors(handler: &Handler) -> bool {
    let Some(exception) = &handler.exception else {
        return true;
    };
    let mut found = false;
    visit::expressions(exception, &mut |expr| {
        found |= matches!(&expr.kind, ExprKind::Name(name, _)
            if matches!(name.as_str(), "Exception" | "BaseException" | "SyntaxError"));
    });
    found
}

/// What a module of the library calls itself: `os.path` is another module, and another one on Windows.
fn own_name(dotted: &str) -> &str {
    match dotted {
        "os.path" => "posixpath",
        _ => dotted,
    }
}
