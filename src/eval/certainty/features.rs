//! Tests that ask for a version, a platform, a signature or a feature, and which failures they excuse (DESIGN 3a.5).
//!
//! What stands behind `if click.__version__ < '8'` was written for another click than the one that is there, and what stands behind `if 'ttl' in
//! signature(put).parameters` for another `put`. Neither says anything of a third function. The version of Python and the platform excuse what Python itself
//! has or lacks, and modules that are built for one platform only.

use rustc_hash::FxHashMap;

use crate::eval::Evaluator;
use crate::eval::blame::ways::Ways;
use crate::eval::certainty::control::{Detour, End, detours};
use crate::eval::domain::value::{ContextId, Data, FunctionRef};
use crate::eval::interpreter::frame::{Callee, LocalFailure, Owner};
use crate::eval::summaries::context::Context;
use crate::eval::survey::versions::{names_python, speaks_of_version};
use crate::facts::FailureKind;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{
    Comparison, Constant, Expr, ExprKind, Function, Parent, Range, Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit;

/// How many constants and helpers a test is followed through.
const DEPTH: u32 = 2;

/// What a test asks for.
#[derive(Debug, Default)]
pub struct Features {
    /// Whether a version, a platform, a signature or a feature is asked for at all.
    is_asked: bool,
    /// Whether it is Python's own version, or the platform.
    of_python: bool,
    /// Whether a constant of another module says what is asked.
    is_elsewhere: bool,
    /// The names that the test mentions, as variables, attributes or texts.
    names: Vec<Name>,
}

impl<'p> Evaluator<'p> {
    /// Whether an undecided test asks for a feature of what a failure concerns.
    pub fn excuses(
        &self,
        ways: &Ways<'p>,
        context: ContextId,
        test: &'p Expr,
        failure: &LocalFailure<'p>,
    ) -> bool {
        let mut known = ways.features.borrow_mut();
        let features = self.features_of(&mut known, context, test);
        match concerns_python(features, failure) {
            Some(concerns) => concerns,
            None => {
                let own = self.contexts[context.0 as usize].module;
                let mut concerned = ways.concerned.borrow_mut();
                let concerned = concerned
                    .entry((ways.kind(), own))
                    .or_insert_with(|| self.concerned_by(context, failure));
                features.names.iter().any(|name| concerned.contains(name))
            }
        }
    }

    /// Whether a test asks for a feature of anything.
    pub fn asks_any_feature(&self, ways: &Ways<'p>, context: ContextId, test: &'p Expr) -> bool {
        let mut known = ways.features.borrow_mut();
        self.features_of(&mut known, context, test).is_asked
    }

    fn features_of<'k>(
        &self,
        known: &'k mut FxHashMap<*const Expr, Features>,
        context: ContextId,
        test: &'p Expr,
    ) -> &'k Features {
        known.entry(std::ptr::from_ref(test)).or_insert_with(|| {
            let mut features = Features::default();
            self.collect_features(context, test, DEPTH, &mut features);
            features
        })
    }

    /// Whether a failure concerns what was asked for: Python's own where its version was, else what has one of the names.
    fn concerns(
        &self,
        features: &Features,
        context: ContextId,
        failure: &LocalFailure<'p>,
    ) -> bool {
        concerns_python(features, failure).unwrap_or_else(|| {
            let concerned = self.concerned_by(context, failure);
            features.names.iter().any(|name| concerned.contains(name))
        })
    }

    /// Whether a function exists only under an undecided test of its module that asks for a feature: in another version there is another one.
    pub fn is_defined_for_feature(&self, context: ContextId) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let Owner::Function(function) = inner.owner else {
            return false;
        };
        let Some(module) = self.modules[inner.module.0 as usize].context else {
            return false;
        };
        let around = detours(self.ir_of(module), self.body_of(module), function.range);
        // Where the module refuses to load there is no other function either: `if yaml.version_info < (0, 17): raise RuntimeError(..)`.
        let leads_elsewhere =
            |detour: &&Detour<'p>| !matches!(detour.end, End::Raises(_) | End::Exits);
        around.iter().filter(leads_elsewhere).any(|detour| {
            let parts = self.undecided(module, detour);
            parts.iter().any(|part| {
                let mut features = Features::default();
                self.collect_features(module, part, DEPTH, &mut features);
                features.is_asked || self.is_constant_from_outside(inner.module, part)
            })
        })
    }

    /// Whether an attribute of Python's own lacks in a function that is made where an import fails: what has that import never makes it.
    ///
    /// `try: from html import unescape` with `HTMLParser().unescape` behind `except ImportError`.
    pub fn is_made_for_want(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let (Owner::Function(function), Some(module)) =
            (inner.owner, self.modules[inner.module.0 as usize].context)
        else {
            return false;
        };
        failure.kind == FailureKind::MissingAttribute
            && is_of_python(failure)
            && detours(self.ir_of(module), self.body_of(module), function.range)
                .iter()
                .any(|detour| detour.is_handler && detour.asked.is_empty())
    }

    /// Whether a test is a name alone, or its opposite, that the module imports from a package which is not in the tree: what that is built for, or has, says which
    /// functions there are.
    fn is_constant_from_outside(&self, module: ModuleId, test: &Expr) -> bool {
        let name = match &test.kind {
            ExprKind::Name(name, _) => *name,
            ExprKind::Not(inner) => return self.is_constant_from_outside(module, inner),
            _ => return false,
        };
        let mut imports = self.program.imports_of(module, name);
        imports.any(|(import, _)| self.program.imported_from(module, import).is_none())
    }

    /// Whether a failure concerns what an undecided test asks for under which a function around this one makes it: `if sys.version_info >= (3, 11): def resized(): ..`.
    pub fn is_made_for_feature(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let (Owner::Function(function), Some(module)) =
            (inner.owner, self.modules[inner.module.0 as usize].context)
        else {
            return false;
        };
        let ir = self.ir_of(module);
        let mut parent = function.parent;
        loop {
            let id = match parent {
                Parent::Module => return false,
                Parent::Class(id) => {
                    parent = ir[id].parent;
                    continue;
                }
                Parent::Function(id) => id,
            };
            let around = FunctionRef {
                module: inner.module,
                id,
            };
            let detours = detours(ir, &ir[id].body, function.range);
            let mut asked = detours.iter().flat_map(|detour| &detour.asked);
            let is_for_it = asked.any(|test| {
                let mut features = Features::default();
                self.collect_features(module, test, DEPTH, &mut features);
                features.is_asked
                    && self.concerns(&features, context, failure)
                    && self.is_undecided_in(around, test)
            });
            if is_for_it {
                return true;
            }
            parent = ir[id].parent;
        }
    }

    /// Whether a test came out undecided in some evaluation of a function.
    fn is_undecided_in(&self, function: FunctionRef, test: &'p Expr) -> bool {
        self.contexts
            .iter()
            .any(|context| context.function == Some(function) && context.tests.contains(test))
    }

    /// Whether a failure concerns what is asked for by a decorator of the function, or of the class around it, in a module that tests others: `@skipif(sys.version_info < (3, 13))`.
    pub fn is_skipped_for_feature(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let (Owner::Function(function), Some(module), true) = (
            inner.owner,
            self.modules[inner.module.0 as usize].context,
            self.survey.tests.contains(&inner.module),
        ) else {
            return false;
        };
        let of_class = match function.parent {
            Parent::Class(class) => &self.ir_of(module)[class].decorators[..],
            _ => &[],
        };
        let decorators = function.decorators.iter().chain(of_class);
        decorators.into_iter().any(|decorator| {
            let mut features = Features::default();
            self.collect_features(module, decorator, DEPTH, &mut features);
            self.concerns(&features, context, failure)
        })
    }

    /// Whether a failure of Python's own is in a function of a module that the tree uses only behind tests for Python's version or the platform, whichever way these
    /// come out: it was written for another Python.
    pub fn is_used_for_feature(&self, context: ContextId, failure: &LocalFailure<'p>) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let (Owner::Function(function), Some(reference), true) =
            (inner.owner, inner.function, is_of_python(failure))
        else {
            return false;
        };
        if let Some(&known) = self.used_for_python.borrow().get(&reference) {
            return known;
        }
        let is_used = self.is_used_for_python(inner, function, DEPTH);
        self.used_for_python.borrow_mut().insert(reference, is_used);
        is_used
    }

    /// The same for all that fails in a function. What only such functions use, up to `depth` of them, is there for another Python, too.
    fn is_used_for_python(&self, inner: &Context<'p>, function: &Function, depth: u32) -> bool {
        let (Some(module), Parent::Module) = (
            self.modules[inner.module.0 as usize].context,
            function.parent,
        ) else {
            return false;
        };
        let own = &self.program.module(inner.module).ir;
        let mut uses: Vec<(&'p [Stmt], Range, Option<&'p Function>)> = Vec::new();
        let is_it = |expr: &Expr, is_top: bool| match expr.kind {
            ExprKind::Name(name, Var::Local(_)) => is_top && name == function.name,
            ExprKind::Name(name, _) => name == function.name,
            _ => false,
        };
        let of_functions = own
            .functions
            .iter()
            .filter(|user| !std::ptr::eq(*user, function));
        let of_functions = of_functions.map(|user| (&user.body, false, Some(user)));
        let of_classes = own.classes.iter().map(|class| (&class.body, false, None));
        for (body, is_top, user) in of_functions
            .chain(of_classes)
            .chain([(&own.body, true, None)])
        {
            visit::all_expressions(body, &mut |expr| {
                if is_it(expr, is_top) {
                    uses.push((body, expr.range, user));
                }
            });
        }
        for head in own.heads() {
            visit::expressions(head, &mut |expr| {
                if is_it(expr, true) {
                    uses.push((&own.body, expr.range, None));
                }
            });
        }
        let is_guarded = |&(body, range, user): &(&'p [Stmt], Range, Option<&'p Function>)| {
            self.asks_for_python(module, body, range)
                || depth > 0
                    && user.is_some_and(|user| self.is_used_for_python(inner, user, depth - 1))
        };
        !uses.is_empty()
            && uses.iter().all(is_guarded)
            && !self.is_used_elsewhere(inner.module, function.name)
    }

    /// Whether a test around a place asks for Python's version or the platform.
    fn asks_for_python(&self, module: ContextId, body: &'p [Stmt], range: Range) -> bool {
        detours(self.ir_of(module), body, range)
            .iter()
            .any(|detour| {
                detour.asked.iter().any(|asked| {
                    let mut features = Features::default();
                    self.collect_features(module, asked, DEPTH, &mut features);
                    features.of_python
                })
            })
    }

    /// Whether another module takes a name of this one, or an attribute that is called so of anything.
    fn is_used_elsewhere(&self, module: ModuleId, name: Name) -> bool {
        self.program.module_ids().any(|other| {
            let mut is_used = false;
            self.program.module(other).ir.each_statement(|stmt| {
                if let StmtKind::ImportFrom(import) = &stmt.kind
                    && import.names.iter().any(|imported| imported.name == name)
                {
                    is_used |= self.program.imported_from(other, import) == Some(module);
                }
                visit::direct_expressions(stmt, &mut |expr| {
                    visit::expressions(expr, &mut |expr| {
                        is_used |= matches!(expr.kind, ExprKind::Attribute { attribute, .. } if attribute == name);
                    });
                });
            });
            is_used
        })
    }

    fn collect_features(
        &self,
        context: ContextId,
        test: &'p Expr,
        depth: u32,
        features: &mut Features,
    ) {
        let mut globals = Vec::new();
        visit::expressions(test, &mut |expr| {
            let name = match &expr.kind {
                ExprKind::Name(name, var) => {
                    let owner = self.contexts[context.0 as usize].owner;
                    if matches!(var, Var::Global(_)) || matches!(owner, Owner::Module) {
                        globals.push(*name);
                    }
                    *name
                }
                ExprKind::Attribute {
                    value, attribute, ..
                } => {
                    if let ExprKind::Name(base, _) = value.kind
                        && attribute.as_str() == "version"
                    {
                        features.of_python |= self.is_named(context, base, &["sys"]);
                    }
                    *attribute
                }
                ExprKind::Constant(Constant::Str(text)) => {
                    features.names.extend(text.split('.').map(Name::new));
                    return;
                }
                _ => return,
            };
            let is_constant = self.survey.version_names.contains(&name);
            features.is_asked |= is_constant || speaks_of_version(name) || asks_for_attribute(name);
            features.of_python |= is_python_name(name);
            features.names.push(name);
        });
        if depth == 0 {
            return;
        }
        for name in globals {
            // `from shop import __version__ as shop_version` asks for `shop`, whatever it is called here.
            let module = self.contexts[context.0 as usize].module;
            for (import, imported) in self.program.imports_of(module, name) {
                let dotted = import.module.into_iter();
                features.names.extend(
                    dotted.flat_map(|dotted| dotted.split('.').map(Name::new).collect::<Vec<_>>()),
                );
                features.names.push(imported);
                features.is_asked |= speaks_of_version(imported);
            }
            if self.is_of_python(context, name) {
                features.is_asked = true;
                features.of_python = true;
            }
            let values = self.values_of_global(context, name);
            features.is_elsewhere |= values.is_empty() && self.survey.version_names.contains(&name);
            for value in values {
                let mut inner = Features::default();
                self.collect_features(context, value, depth - 1, &mut inner);
                if inner.is_asked {
                    features.is_asked = true;
                    features.of_python |= inner.of_python;
                    features.names.extend(inner.names);
                }
            }
        }
    }

    /// Whether a variable of the module is one of the library's by which Python's version and the platform are asked, under whatever name.
    fn is_of_python(&self, context: ContextId, name: Name) -> bool {
        let asked = [
            "sys.version",
            "sys.version_info",
            "sys.hexversion",
            "sys.platform",
            "os.name",
        ];
        self.is_named(context, name, &asked)
    }

    /// Whether a variable of the module is one of these things outside the tree, by dotted names.
    fn is_named(&self, context: ContextId, name: Name, dotted: &[&str]) -> bool {
        let module = self.contexts[context.0 as usize].module;
        let value = self.variable_at_end(module, name);
        value.is_some_and(|value| {
            matches!(self.data(value), Data::External(found) if dotted.contains(&found.as_str()))
        })
    }

    /// Whether a test asks which names the module has, itself or by a constant: `"jit" in globals()`. Whoever runs the code with names of its own gives more than
    /// that one.
    pub fn asks_what_is_given(&self, context: ContextId, test: &'p Expr) -> bool {
        // It is a matter of the text, and code behind the test may run for each of many calls.
        let known = self
            .asking_given
            .borrow()
            .get(&std::ptr::from_ref(test))
            .copied();
        known.unwrap_or_else(|| {
            let asks = self.asks_for_namespace(context, test);
            let mut known = self.asking_given.borrow_mut();
            known.insert(std::ptr::from_ref(test), asks);
            asks
        })
    }

    /// The same, from the text of the test and of the module.
    fn asks_for_namespace(&self, context: ContextId, test: &'p Expr) -> bool {
        let mut found = false;
        let mut names = Vec::new();
        visit::expressions(test, &mut |expr| {
            found |= asks_namespace(expr);
            if let ExprKind::Name(name, _) = expr.kind {
                names.push(name);
            }
        });
        let mut constants = names
            .into_iter()
            .flat_map(|name| self.values_of_global(context, name));
        found || constants.any(asks_namespace)
    }

    /// What a module's own code assigns to a variable, with the tests that pick it, or what its function of that name returns.
    fn values_of_global(&self, context: ContextId, name: Name) -> Vec<&'p Expr> {
        let module = self.contexts[context.0 as usize].module;
        let ir = &self.program.module(module).ir;
        let Some(at) = ir.scope.slots.iter().position(|slot| slot.name == name) else {
            return Vec::new();
        };
        let slot = Slot(u32::try_from(at).unwrap_or(u32::MAX));
        let mut values = Vec::new();
        under_tests(
            &ir.body,
            &mut Vec::new(),
            &mut |stmt, tests| match &stmt.kind {
                StmtKind::Assign { targets, value } => {
                    let binds = |target: &Expr| matches!(target.kind, ExprKind::Name(_, Var::Local(found)) if found == slot);
                    if targets.iter().any(binds) {
                        values.push(value);
                        values.extend(tests);
                    }
                }
                StmtKind::FunctionDef {
                    function,
                    var: Var::Local(found),
                } if *found == slot => {
                    visit::statements(&ir[*function].body, &mut |stmt| {
                        if let StmtKind::Return(Some(value)) = &stmt.kind {
                            values.push(value);
                        }
                    });
                }
                _ => {}
            },
        );
        values
    }

    /// The names of what a failure is about: what refuses, the packages that it stands in, and what is missing.
    fn concerned_by(&self, context: ContextId, failure: &LocalFailure<'p>) -> Vec<Name> {
        let mut names = vec![failure.subject];
        let own = self.contexts[context.0 as usize].module;
        let mut add = |module, qualname: Name| {
            names.extend(qualname.split('.').map(Name::new));
            let (module, own) = (
                self.program.module(module).name,
                self.program.module(own).name,
            );
            let root = |name: Name| Name::new(name.split('.').next().unwrap_or_default());
            // A package that asks for its own version asks for no library.
            if root(module) != root(own) {
                names.extend(module.split('.').map(Name::new));
            }
        };
        match failure.callee {
            Some(Callee::Function(function)) => {
                add(function.module, self.definition(function).qualname);
            }
            Some(Callee::Class(class)) => {
                let class = self.class(class);
                add(class.module, class.definition.qualname);
            }
            None => {
                // Names are what the text has in quotes: `name 'x' is not defined` concerns nothing that is called `name`.
                let text = failure.exception.as_deref().unwrap_or_default();
                let quoted = text.split('\'').skip(1).step_by(2);
                let words = quoted
                    .flat_map(|part| part.split(|ch: char| !ch.is_alphanumeric() && ch != '_'));
                names.extend(words.filter(|word| word.len() > 2).map(Name::new));
            }
        }
        names
    }
}

/// Whether a failure concerns what was asked for, where that is a matter of its kind; none if the names decide.
fn concerns_python(features: &Features, failure: &LocalFailure<'_>) -> Option<bool> {
    if !features.is_asked {
        Some(false)
    } else if features.of_python || (features.is_elsewhere && is_of_python(failure)) {
        Some(is_of_python(failure))
    } else {
        None
    }
}

/// Calls `note` with the statements of a body, each with the tests of the `if` statements around it.
fn under_tests<'p>(
    body: &'p [Stmt],
    tests: &mut Vec<&'p Expr>,
    note: &mut dyn FnMut(&'p Stmt, &[&'p Expr]),
) {
    for stmt in body {
        note(stmt, tests);
        let depth = tests.len();
        if let StmtKind::If { branches, .. } = &stmt.kind {
            tests.extend(branches.iter().map(|branch| &branch.test));
        }
        for block in visit::blocks(stmt) {
            under_tests(block, tests, note);
        }
        tests.truncate(depth);
    }
}

/// Whether what is missing is Python's own to have: a builtin name, a module, an attribute of a builtin type, an operation of one.
fn is_of_python(failure: &LocalFailure<'_>) -> bool {
    failure.callee.is_none()
        && matches!(
            failure.kind,
            FailureKind::UndefinedName
                | FailureKind::MissingModule
                | FailureKind::MissingName
                | FailureKind::GuardedImport
                | FailureKind::MissingAttribute
                | FailureKind::NotCallable
                | FailureKind::InvalidOperation
                | FailureKind::RemovedFromPython
        )
}

/// `'name' in globals()`.
pub fn asks_namespace(expr: &Expr) -> bool {
    let is_namespace = |container: &Expr| {
        matches!(&container.kind, ExprKind::Call(call)
            if matches!(&call.function.kind, ExprKind::Name(name, _)
                if matches!(name.as_str(), "globals" | "locals" | "vars" | "dir")))
    };
    let is_asked = |(comparison, container): &(Comparison, Expr)| {
        matches!(comparison, Comparison::In | Comparison::NotIn) && is_namespace(container)
    };
    matches!(&expr.kind, ExprKind::Compare { rest, .. } if rest.iter().any(is_asked))
}

/// `hasattr(x, 'name')` and its like.
fn asks_for_attribute(name: Name) -> bool {
    matches!(
        name.as_str(),
        "hasattr" | "find_spec" | "iscoroutinefunction"
    )
}

/// What Python's version and platform are asked by.
fn is_python_name(name: Name) -> bool {
    names_python(&name)
        || matches!(
            name.as_str(),
            "version_info"
                | "hexversion"
                | "python_version"
                | "python_version_tuple"
                | "platform"
                | "python_implementation"
                | "implementation"
        )
}
