//! Names that nothing binds where they are read: `NameError` and `UnboundLocalError`.
//!
//! Which variables of a scope are bound at a point is asked of [`crate::names`]; what other code does to a module's names, of the survey.

use crate::facts::{Confidence, FailureKind, May};
use crate::name::Name;

use crate::names::{Doubt, Doubts, doubt_at};
use crate::program::stdlib::is_standard;
use crate::program::{ModuleId, Resolution};
use crate::python::builtins::{
    Builtin, builtin, is_given_by_host, is_given_to_classes, is_given_to_file, is_given_to_modules,
    is_reserved,
};
use crate::python::dialect;
use crate::python::{Targets, Version};
use crate::syntax::ir::{
    Comparison, Constant, Expr, ExprKind, Function, Parent, Range, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

use crate::eval::Evaluator;
use crate::eval::domain::truth::Truth;
use crate::eval::domain::value::{ContextId, Data, Value};
use crate::eval::exceptions::class::ExceptionClass;
use crate::eval::interpreter::frame::{Frame, LocalFailure, Owner};
use crate::eval::interpreter::module::Progress;
use crate::eval::objects::attribute::Attribute;
use crate::eval::reuse::file_set::FileSet;
use crate::eval::survey::contents::Contents;

/// A name that was read before its module was ready.
#[derive(Debug)]
pub struct DeferredName<'p> {
    /// The evaluation that reads it.
    pub context: ContextId,
    /// The module that lacks it.
    pub module: ModuleId,
    /// What is told if the module does not get it either.
    pub failure: LocalFailure<'p>,
    /// Whether it was read before the module's own code bound it, if that ever does.
    pub early: bool,
    /// The function that reads it, and where.
    pub reader: Option<(&'p Function, &'p Expr)>,
}

impl<'p> Evaluator<'p> {
    /// The value of a variable in an expression: a failure, if nothing bound it.
    pub fn variable_read(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        name: Name,
        var: Var,
    ) -> Value {
        let doubt = if frame.doubts.is_empty() {
            // Most that is read is a variable of the function that runs, and nobody else's.
            if let (Var::Local(slot), Owner::Function(_)) = (var, frame.owner)
                && frame.scope.slots[slot.0 as usize].is_plain()
            {
                return self.settled(frame.state.slots[slot.0 as usize]);
            }
            None
        } else {
            doubt_at(frame.doubts, expr.range.start)
        };
        match (var, doubt) {
            (Var::Local(_) | Var::Free { .. }, Some(doubt)) => {
                self.read_in_doubt(frame, expr, (name, var), doubt);
            }
            (Var::Global(_), doubt) => {
                let value = self.unsettled(frame, name, var);
                if value == Value::UNBOUND {
                    self.not_defined(frame, expr, name, doubt.is_some());
                }
                return self.settled(value);
            }
            _ => {}
        }
        // What `__prepare__` gave may make something else of what is put there: `NAME = r"[a-z]+"`, and then `NAME["if"] = IF`.
        if frame.is_prepared && matches!((frame.owner, var), (Owner::Class(_), Var::Local(_))) {
            return Value::UNKNOWN;
        }
        self.read(frame, name, var)
    }

    /// A variable of the scope that runs, or of a function around it, is read where it may not be bound.
    fn read_in_doubt(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        (name, var): (Name, Var),
        doubt: Doubt,
    ) {
        if doubt.is_free || matches!(frame.owner, Owner::Function(_)) {
            let (class, text) = unbound_text(name, doubt, self.program.targets());
            let kind = FailureKind::UnboundLocal;
            // The tests on the way are decided in this evaluation, and none of the ways that are left binds it.
            let by_value = !doubt.is_certain && self.is_left_unbound(frame, var, expr.range);
            let is_certain = doubt.is_certain || by_value;
            let is_in = |parting: Range, ended: &Range| {
                parting.start <= ended.start && ended.end <= parting.end
            };
            if let Some(parting) = doubt.parting
                && !is_certain
                && frame.ended.iter().any(|ended| is_in(parting, ended))
            {
                // What does not bind it does not come here either.
                return;
            }
            let failure = self.unbound_failure(frame, expr, name, (kind, class), text, is_certain);
            let doubt = doubt.parting.map(|_| May::Parted);
            frame.failures.extend(failure.map(|failure| LocalFailure {
                by_value,
                doubt,
                ..failure
            }));
        } else if !frame.scope.dynamic
            && (doubt.is_certain || self.is_left_unbound(frame, var, expr.range))
        {
            // A class body goes on to look among the module's names.
            let in_class = matches!(frame.owner, Owner::Class(_));
            if !in_class || self.unsettled(frame, name, Var::Global(name)) == Value::UNBOUND {
                // `tokens = {NUMBER, WORD}` before `NUMBER = r"[0-9]+"`: the metaclass gives the body a namespace that makes names.
                frame.is_prepared |= in_class && frame.is_made_elsewhere;
                self.not_defined(frame, expr, name, !in_class);
            }
        }
    }

    /// Whether nothing that was evaluated on the way here bound a variable of the scope that runs.
    fn is_left_unbound(&self, frame: &Frame<'p>, var: Var, read: Range) -> bool {
        let Var::Local(slot) = var else {
            return false;
        };
        let body = match frame.owner {
            Owner::Function(function) => &function.body,
            Owner::Class(class) => &class.body,
            Owner::Module => &frame.ir.body,
        };
        // Of loops it is not known for certain how often they run; one that begins behind the place does not come before it.
        let mut has_loop = false;
        visit::statements(body, &mut |stmt| {
            has_loop |= matches!(stmt.kind, StmtKind::For { .. } | StmtKind::While { .. })
                && stmt.range.start < read.start;
        });
        !has_loop
            && !self.is_graph()
            && !frame.is_unsure()
            && frame.uncertain == 0
            && frame.state.live
            && !frame.scope.dynamic
            && !frame.scope.slots[slot.0 as usize].assigned_inside
            && frame.state.slots[slot.0 as usize] == Value::UNBOUND
    }

    /// Whether a builtin of Python 2 is read in a method that only Python 2 calls by itself, and that nothing in the tree calls by its name.
    fn is_for_python_2_to_call(&self, frame: &Frame<'p>, name: Name) -> bool {
        let Some(function) = frame.function() else {
            return false;
        };
        let is_meant = matches!(function.parent, Parent::Class(_))
            && dialect::is_in_method_of_python_2(&name, &function.name);
        if !is_meant {
            return false;
        }
        // Any file may call it.
        self.look(FileSet::ALL);
        let calls = |ir| !Contents::of(ir).calls(function.name).is_empty();
        !self
            .program
            .modules()
            .iter()
            .any(|module| calls(&module.ir))
    }

    /// A name is read that the module does not bind; `early`: that nothing binds before this point.
    fn not_defined(&mut self, frame: &mut Frame<'p>, expr: &'p Expr, name: Name, early: bool) {
        let module = frame.module;
        let in_class = matches!(frame.owner, Owner::Class(_));
        if self.is_graph()
            || frame.is_prepared
            || is_given_to_modules(&name, self.program.module(module).is_package)
            // `locals()[name] = ..` in a class body binds what the body reads.
            || in_class && (frame.scope.dynamic || is_given_to_classes(&name))
            || self.is_completed_elsewhere(module)
            || dialect::is_of_python_2(&name, &self.program.path_of(module))
            || self.is_for_python_2_to_call(frame, name)
            // What reads the file that nobody imports fills in such names: `QUIT = __QUIT__`.
            || (is_reserved(&name) || is_given_to_file(&name, &self.program.path_of(module)))
                && !self.program.is_imported(module)
            || name.as_str() == "__class__" && is_in_class(frame)
        {
            return;
        }
        // What runs the file may give it names.
        let is_executed = self.survey.is_executed(self.program.module(module).name)
            && !self.guards_own_run(module);
        let mut doubt = None;
        let is_certain = match builtin(&name) {
            Some(Builtin::Host) => false,
            Some(Builtin::Python3(span)) if span.lacking(self.program.targets()).is_empty() => {
                return;
            }
            // Where a test asks for a version, it may be a builtin of that one; where functions are made anew, what makes them may give it.
            _ if frame.is_unsure() => false,
            _ if is_given_by_host(&name) || self.survey.lists.contains(&module) => false,
            // What takes its own functions' source as a text, and does not parse it itself, has it run among other names.
            _ if frame.function().is_some()
                && self.survey.source_takers.contains(&module)
                && !self.survey.source_parsers.contains(&module) =>
            {
                doubt = Some(May::Rebuilt);
                false
            }
            _ if self.program.module(module).ir.vouched.has(expr.range.start) => {
                doubt = Some(May::Vouched);
                false
            }
            _ => {
                let is_rebuilt = self.may_be_rebuilt(frame);
                doubt = (is_rebuilt && !self.is_text_of_tree(name)).then_some(May::Rebuilt);
                !is_rebuilt
            }
        };
        let text = format!("name '{name}' is not defined");
        let kind = (FailureKind::UndefinedName, "NameError");
        let Some(failure) = self.unbound_failure(frame, expr, name, kind, text, is_certain) else {
            return;
        };
        let failure = LocalFailure { doubt, ..failure };
        let is_done = self.modules[module.0 as usize].progress == Progress::Done;
        if !is_executed && !is_done {
            self.deferred_names.push(DeferredName {
                context: frame.context,
                module,
                failure,
                early,
                reader: frame.function().map(|own| (own, expr)),
            });
        } else if !is_executed && self.has_no_name(module, name, early) {
            frame.failures.push(failure);
        } else if is_done
            && matches!(frame.owner, Owner::Function(_))
            && is_certain
            && builtin(&name).is_none()
        {
            let doubt = if self.is_written_nowhere(module, name) {
                Some(May::Filled)
            } else {
                let own = frame.function();
                let is_forgotten =
                    own.is_some_and(|own| self.is_forgotten(module, (own, expr), name));
                is_forgotten.then_some(May::Forgotten)
            };
            frame.failures.extend(doubt.map(|doubt| LocalFailure {
                confidence: Confidence::May,
                doubt: Some(doubt),
                ..failure
            }));
        }
    }

    /// Whether a file is a template, is written for another Python, or asks what runs it for names: what it lacks as it stands says nothing.
    pub fn is_completed_elsewhere(&self, module: ModuleId) -> bool {
        self.survey.templates.contains(&module)
            || self.is_of_dialect(module)
            || self.asks_its_host(module)
    }

    /// Whether a file is written for another Python, which has other names.
    pub fn is_of_dialect(&self, module: ModuleId) -> bool {
        let Some(dialect) = self.survey.of_dialects.get(&module) else {
            return false;
        };
        let is_its_own = |&name: &Name| {
            matches!(
                self.resolve(module, name),
                Resolution::External | Resolution::Misplaced { .. }
            )
        };
        dialect.reads || dialect.imports.iter().any(is_its_own)
    }

    /// Whether the file of an evaluation never runs as it stands: a compiler to another language reads it, or one to an extension module, which lies beside it and
    /// which imports find.
    pub fn is_translated(&self, context: ContextId) -> bool {
        let module = self.contexts[context.0 as usize].module;
        let is_compiled = self.program.module(module).is_behind_extension;
        let dialect = self.survey.of_dialects.get(&module);
        dialect
            .is_some_and(|dialect| dialect.is_translated || dialect.is_for_compiler && is_compiled)
    }

    /// The failure, unless it is expected or told already.
    fn unbound_failure(
        &mut self,
        frame: &mut Frame<'p>,
        expr: &'p Expr,
        name: Name,
        (kind, class): (FailureKind, &str),
        text: String,
        is_certain: bool,
    ) -> Option<LocalFailure<'p>> {
        self.may_raise(frame);
        let raised = ExceptionClass::builtin(class);
        let mut clauses = self.clauses_here(frame, raised);
        let is_provided = clauses.any(|clause| binds_name(&clause.handler.body, name));
        drop(clauses);
        if is_provided || self.is_named_here(frame, raised) {
            frame.state.live &= !is_certain;
            return None;
        }
        // `try: text = unicode`: whoever catches anything there asks which Python it is.
        let is_of_python2 = builtin(&name) == Some(Builtin::Python2);
        if is_of_python2 && self.is_caught_here(frame, raised) != Truth::False {
            return None;
        }
        let context = frame.context;
        let body = self.body_of(context);
        let is_asked = |test: &&'p Expr| {
            asks_for_name(test, name, body) || self.asks_what_is_given(context, test)
        };
        if frame.guards.iter().any(is_asked) {
            return None;
        }
        Some(LocalFailure {
            confidence: if is_certain {
                Confidence::Must
            } else {
                Confidence::May
            },
            exception: Some(format!("{class}: {text}")),
            ..LocalFailure::at(kind, name, expr.range, "reads the name")
        })
    }

    /// Whether a module certainly has no variable of a name, and none is put there, or among the builtins, from elsewhere. `early`: as its own
    /// code reads it before anything bound it.
    pub fn has_no_name(&mut self, module: ModuleId, name: Name, early: bool) -> bool {
        let info = self.program.module(module);
        let slot = self.modules[module.0 as usize].by_name.get(&name).copied();
        let is_bound = slot.is_some_and(|slot| {
            info.ir.scope.dynamic || !early && Doubts::of(&info.ir).is_ever_bound(slot)
        });
        !is_bound
            && self.has_closed_namespace(module)
            && !self.survey.keeping_hooks.contains(&module)
            && !self.is_stored_on_modules(name)
            && !self.changes_builtins()
            && !self.is_handed_to_foreign(module, name)
            && (early || self.variable(module, name) == Value::UNBOUND)
            && !self.modules[module.0 as usize].starred.contains_key(&name)
            && (!info.is_package || self.has_no_submodule(module, name))
            && !self.is_asked_for_by_name(module, name)
    }

    /// Whether the module's own code tells something that nobody has read a name, in a statement that drops what it gives back: what is called can only
    /// be there for what it does, and the module's variables are at hand to it (`lazy_import("plots", ["line"])`, `var("x y")`; `sys._getframe` gives the caller's).
    pub(super) fn is_asked_for_by_name(&mut self, module: ModuleId, name: Name) -> bool {
        let mut callees = Vec::new();
        self.program.module(module).ir.each_statement(|stmt| {
            if let StmtKind::Expr(value) = &stmt.kind
                && let ExprKind::Call(call) = &value.kind
                && call
                    .arguments
                    .iter()
                    .any(|one| tells_name(&one.value, name))
            {
                callees.extend(global_behind(&call.function));
            }
        });
        callees
            .into_iter()
            .any(|callee| match self.attribute_of_module(module, callee) {
                Attribute::Found(value) => match self.data(value) {
                    Data::Unknown => true,
                    Data::External(path) => {
                        let package = path.split('.').next().unwrap_or_default();
                        !is_standard(package)
                    }
                    _ => false,
                },
                Attribute::Unknown => true,
                Attribute::Missing => false,
            })
    }

    pub(super) fn has_no_submodule(&self, module: ModuleId, name: Name) -> bool {
        let found = self.look_at_resolution(name, self.program.submodule(module, name));
        matches!(found, Resolution::Missing { parent, name } if !self.may_have_module(parent, name))
    }

    /// Whether names are put among the builtins that are written out nowhere.
    pub(super) fn changes_builtins(&self) -> bool {
        let modules = ["builtins", "__builtin__", "__builtins__"];
        modules
            .iter()
            .any(|module| self.survey.patched_modules.contains(&Name::new(module)))
    }

    /// What is wrong with a file that no import can find, as a package or an extension module of its name lies beside it, goes wrong only where it is run by itself;
    /// and with one that only Python 2 runs, nothing that is told here.
    pub fn doubt_hidden_files(&mut self) {
        let is_shadowed: Vec<bool> = self
            .program
            .module_ids()
            .map(|id| {
                let is_hidden = self.program.is_shadowed(id) && !self.guards_own_run(id);
                is_hidden || self.program.module(id).is_behind_extension
            })
            .collect();
        let declared = &self.program.environment().declared;
        let is_distribution = declared.is_for_python_2 == Some(true);
        for context in &mut self.contexts {
            let module = self.program.module(context.module);
            let is_asked = module.ir.is_for_python_2 || is_distribution;
            if is_asked && !context.failures.is_empty() {
                // Whether anything imports it, any file may say.
                context.looked = FileSet::ALL;
                if self.program.is_left_to_python_2(context.module) {
                    context.failures.clear();
                }
            }
            if is_shadowed[context.module.0 as usize] && !context.failures.is_empty() {
                for failure in &mut context.failures {
                    failure.confidence = Confidence::May;
                }
                context.looked = FileSet::ALL;
            }
        }
    }
}

/// What CPython says of a variable that nothing bound: the exception's class and its text. It has other words from 3.11 on.
pub(super) fn unbound_text(name: Name, doubt: Doubt, targets: &Targets) -> (&'static str, String) {
    let version = targets.wording();
    let is_free = doubt.is_free || doubt.in_comprehension && version < Version(12);
    match (is_free, version < Version(11)) {
        (false, false) => (
            "UnboundLocalError",
            format!(
                "cannot access local variable '{name}' where it is not associated with a value"
            ),
        ),
        (false, true) => (
            "UnboundLocalError",
            format!("local variable '{name}' referenced before assignment"),
        ),
        (true, false) => (
            "NameError",
            format!(
                "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
            ),
        ),
        (true, true) => (
            "NameError",
            format!("free variable '{name}' referenced before assignment in enclosing scope"),
        ),
    }
}

/// Whether statements bind a name: a handler that does so for a name that is missing provides it.
fn binds_name(body: &[Stmt], name: Name) -> bool {
    let mut found = false;
    visit::statements(body, &mut |stmt| match &stmt.kind {
        StmtKind::Assign { targets, .. } => {
            found |= targets
                .iter()
                .any(|target| matches!(target.kind, ExprKind::Name(bound, _) if bound == name));
        }
        StmtKind::ImportFrom(import) => {
            found |= import.names.iter().any(|imported| imported.name == name);
        }
        StmtKind::Import(import) => found |= import.module == name,
        _ => {}
    });
    found
}

/// Whether a method's code runs, or that of a function in one: the compiler gives it `__class__`.
fn is_in_class(frame: &Frame<'_>) -> bool {
    let Owner::Function(function) = frame.owner else {
        return false;
    };
    let mut function: &Function = function;
    loop {
        match function.parent {
            Parent::Class(_) => return true,
            Parent::Function(outer) => function = &frame.ir[outer],
            Parent::Module => return false,
        }
    }
}

/// The variable of a module that something is read from: `tools` of `tools.lazy.load`.
fn global_behind(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Name(name, _) => Some(*name),
        ExprKind::Attribute { value, .. } => global_behind(value),
        _ => None,
    }
}

/// Whether an expression has a name among the words of a text: `load("plots", ["line"])`, `var("x y z")`.
fn tells_name(expr: &Expr, name: Name) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = false;
    visit::expressions(expr, &mut |part| {
        if let ExprKind::Constant(Constant::Str(text)) = &part.kind {
            found |= text
                .split(|c| !is_part(c))
                .any(|word| word == name.as_str());
        }
    });
    found
}

/// Whether a test names a name as text, to ask whether it is there: `'unicode' in dir(builtins)`, `hasattr(builtins, 'unicode')`. `'hashes' in data` asks for a key of
/// something else, unless a variable may hold the names: the code, `body`, asks for them somewhere.
fn asks_for_name(test: &Expr, name: Name, body: &[Stmt]) -> bool {
    let is_text =
        |expr: &Expr| matches!(expr.kind, ExprKind::Constant(Constant::Str(text)) if text == name);
    match &test.kind {
        ExprKind::Compare { left, rest } if is_text(left) => rest.iter().any(|(op, right)| {
            !matches!(op, Comparison::In | Comparison::NotIn)
                || mentions_names(right)
                || !is_data(right)
                || asks_for_names(body)
        }),
        _ => {
            let mut found = is_text(test);
            visit::children(test, &mut |child| found |= asks_for_name(child, name, body));
            found
        }
    }
}

/// Whether an expression is a variable of the function, or an attribute of one.
fn is_data(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_, var) => matches!(var, Var::Local(_) | Var::Free { .. }),
        ExprKind::Attribute { value, .. } => is_data(value),
        _ => false,
    }
}

/// Whether code asks somewhere for the names of a namespace.
fn asks_for_names(body: &[Stmt]) -> bool {
    let mut found = false;
    visit::all_expressions(body, &mut |expr| found |= mentions_names(expr));
    found
}

/// Whether an expression takes the names of a namespace: `globals()`, `dir(x)`, `x.__dict__`.
fn mentions_names(expr: &Expr) -> bool {
    let mut found = false;
    visit::expressions(expr, &mut |expr| {
        found |= match &expr.kind {
            ExprKind::Name(name, _) => matches!(
                name.as_str(),
                "globals" | "locals" | "vars" | "dir" | "builtins" | "__builtins__" | "exec"
            ),
            ExprKind::Attribute { attribute, .. } => {
                matches!(
                    attribute.as_str(),
                    "__dict__" | "modules" | "f_locals" | "f_globals"
                )
            }
            _ => false,
        };
    });
    found
}
