//! Which functions inside others something may call (DESIGN 3a.7): one call of a factory makes all of them, and gives back one.

use rustc_hash::FxHashSet;

use crate::eval::Evaluator;
use crate::eval::domain::value::{ContextId, Data, FunctionRef, Value};
use crate::eval::exceptions::exception::raised_name;
use crate::eval::interpreter::frame::Owner;
use crate::eval::library::compilers::compiles;
use crate::eval::survey::root_of;
use crate::facts::May;
use crate::name::Name;
use crate::program::ModuleId;
use crate::syntax::ir::{Expr, ExprKind, Function, Parent, Range, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// Where a decorator is from.
enum DecoratorSource {
    /// A module of the tree.
    Module(ModuleId),
    /// A package outside it, by the first part of its name.
    Package(Name),
}

impl Evaluator<'_> {
    /// Whether an evaluation for all callers is one of a function inside another that the outer call made, and did nothing with: it ran another
    /// branch, or gave back others.
    pub fn is_left_behind(&self, context: ContextId) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let (Some(function), Some(around), true) = (inner.function, inner.closure, inner.is_root)
        else {
            return false;
        };
        let outer = &self.contexts[around.0 as usize];
        let Owner::Function(definition) = outer.owner else {
            return false;
        };
        let own = self.definition(function);
        if own.is_lambda() && self.is_only_looked_at(function, definition) {
            return true;
        }
        let is_wrapped = |decorator: &Expr| self.is_wraps(function.module, decorator);
        if outer.is_root || own.is_lambda() || !own.decorators.iter().all(is_wrapped) {
            return false;
        }
        let Some((_, slot)) = self.made_at(function, definition) else {
            return false;
        };
        let is_captured = definition.scope.slots[slot.0 as usize].captured;
        // What is returned where others may be is read as well.
        let is_given_back = || {
            is_used_otherwise(definition, slot)
                || outer
                    .returned
                    .is_none_or(|returned| self.gives(returned, function))
        };
        !is_captured && (!outer.used.contains(&slot) || !is_given_back())
    }

    /// Whether an evaluation for all callers is one of a method whose class cannot be instantiated: its `__init__` always raises, and no class of the tree derives from
    /// it. What raises `NotImplementedError` waits for others that do.
    pub fn has_no_instance(&self, context: ContextId) -> bool {
        let inner = &self.contexts[context.0 as usize];
        let Some(Parent::Class(class)) = inner
            .function
            .filter(|_| inner.is_root)
            .map(|function| self.definition(function).parent)
        else {
            return false;
        };
        let ir = &self.program.module(inner.module).ir;
        let makes = |function: &&Function| {
            function.parent == Parent::Class(class) && function.name.as_str() == "__init__"
        };
        let Some(init) = ir.functions.iter().find(makes) else {
            return false;
        };
        let is_known = self.class_index.get(&(inner.module, class, None));
        let is_leaf = is_known.is_some_and(|class| !self.subclasses.contains_key(class));
        is_leaf && always_raises(&init.body)
    }

    /// Whether the function around it asks a lambda for an attribute, such as `__closure__`, and calls it nowhere.
    fn is_only_looked_at(&self, lambda: FunctionRef, around: &crate::syntax::ir::Function) -> bool {
        let ir = &self.program.module(lambda.module).ir;
        let own = self.definition(lambda);
        let mut is_only_looked_at = false;
        visit::all_expressions(&around.body, &mut |expr| {
            if let ExprKind::Attribute { value, .. } = &expr.kind
                && let ExprKind::Lambda(id) = value.kind
            {
                is_only_looked_at |= std::ptr::eq(&raw const ir[id], own);
            }
        });
        is_only_looked_at
    }

    /// Whether a decorator is `functools.wraps(x)`, which hands on the function that it gets and keeps it nowhere.
    pub fn is_wraps(&self, module: ModuleId, decorator: &Expr) -> bool {
        let ExprKind::Call(call) = &decorator.kind else {
            return false;
        };
        let external = |name: Name| {
            let value = self.variable_at_end(module, name)?;
            match *self.data(value) {
                Data::External(path) => Some(path),
                _ => None,
            }
        };
        match &call.function.kind {
            ExprKind::Name(name, Var::Global(_)) => {
                external(*name).is_some_and(|path| path.as_str() == "functools.wraps")
            }
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                attribute.as_str() == "wraps"
                    && matches!(value.kind, ExprKind::Name(name, Var::Global(_))
                        if external(name).is_some_and(|path| path.as_str() == "functools"))
            }
            _ => false,
        }
    }

    /// Where the function around it defines a function, and the variable that holds it.
    pub fn made_at(
        &self,
        function: FunctionRef,
        around: &crate::syntax::ir::Function,
    ) -> Option<(Range, Slot)> {
        let ir = &self.program.module(function.module).ir;
        let own = self.definition(function);
        let mut found = None;
        visit::statements(&around.body, &mut |stmt| {
            let made = match stmt.kind {
                StmtKind::FunctionDef {
                    function: made,
                    var: Var::Local(at),
                } => std::ptr::eq(&raw const ir[made], own).then_some(at),
                // A method is made with its class.
                StmtKind::ClassDef {
                    class,
                    var: Var::Local(at),
                } => (own.parent == Parent::Class(class)).then_some(at),
                _ => None,
            };
            found = found.or(made.map(|at| (stmt.range, at)));
        });
        found
    }

    /// What is there if a function, or one around it, is decorated by something of a package that takes functions' source and parses it: its text need
    /// not be what Python runs (`@kernel`).
    pub fn may_be_read(&self, context: ContextId) -> Option<May> {
        let mut inner = Some(context);
        while let Some(id) = inner {
            let context = &self.contexts[id.0 as usize];
            if let Owner::Function(function) = context.owner {
                let given = function.decorators.iter();
                let mut given =
                    given.filter_map(|decorator| self.decorator_from(context.module, decorator));
                if given.any(|source| self.reads_sources(&source))
                    && !self.is_function_still(context.module, context.closure, function)
                    || self.is_handed_to_reader(id, function)
                    || self.is_kept_as_text(id, function)
                {
                    return Some(May::Value);
                }
            }
            inner = context.closure;
        }
        None
    }

    /// Whether nothing calls a function in a function, and a decorator of a module of the tree that takes functions' source gets it: it is written to be
    /// printed or put into a file.
    fn is_kept_as_text(&self, context: ContextId, function: &Function) -> bool {
        let takers = &self.survey.source_takers;
        if takers.is_empty() || !matches!(function.parent, Parent::Function(_)) {
            return false;
        }
        let own = &self.contexts[context.0 as usize];
        let mut given = function.decorators.iter();
        given.any(|decorator| {
            let from = self.decorator_from(own.module, decorator);
            matches!(from, Some(DecoratorSource::Module(module)) if takers.contains(&module))
        }) && !self.is_ever_called(own.function)
    }

    /// Whether nothing calls a function, and code of the tree hands it to something of a module that takes functions' source and parses it:
    /// `from shop.rules import main`, and `parse(algorithm=main)`.
    fn is_handed_to_reader(&self, context: ContextId, function: &Function) -> bool {
        let own = &self.contexts[context.0 as usize];
        let readers = &self.survey.source_parsers;
        if readers.is_empty() || function.parent != Parent::Module {
            return false;
        }
        let handed = self
            .handed_to_readers
            .get_or_init(|| self.find_handed_to_readers());
        handed.contains(&(own.module, function.name)) && !self.is_ever_called(own.function)
    }

    /// What calls of the tree pass by name to something of a module that takes functions' source and parses it: the module that each is of, and its name.
    fn find_handed_to_readers(&self) -> FxHashSet<(ModuleId, Name)> {
        let readers = &self.survey.source_parsers;
        let name_of = |expr: &Expr| match expr.kind {
            ExprKind::Name(name, _) => Some(name),
            _ => None,
        };
        let found_in = |module: ModuleId, name: Name| {
            let imported = self.program.imported_as(module, name);
            imported.unwrap_or((module, name)).0
        };
        let mut handed = FxHashSet::default();
        for module in self.program.module_ids() {
            let ir = &self.program.module(module).ir;
            let functions = ir.functions.iter().map(|function| &function.body);
            for body in functions.chain([&ir.body]) {
                visit::all_expressions(body, &mut |expr| {
                    if let ExprKind::Call(call) = &expr.kind
                        && name_of(&call.function)
                            .is_some_and(|name| readers.contains(&found_in(module, name)))
                    {
                        let names = call.arguments.iter();
                        let names = names.filter_map(|argument| name_of(&argument.value));
                        handed.extend(names.map(|name| (found_in(module, name), name)));
                    }
                });
            }
        }
        handed
    }

    /// Whether what decorates a function puts a function in its place, as far as that is known: it is there to be called.
    fn is_function_still(
        &self,
        module: ModuleId,
        closure: Option<ContextId>,
        function: &Function,
    ) -> bool {
        let value = match function.parent {
            Parent::Module => self.variable_at_end(module, function.name),
            Parent::Class(class) => {
                let class = self.class_index.get(&(module, class, closure));
                let class = class.map(|class| self.class(*class));
                class.and_then(|class| class.namespace.get(&function.name).copied())
            }
            Parent::Function(_) => None,
        };
        value.is_some_and(|value| self.function_behind(value).is_some())
    }

    /// Whether some evaluation calls a function.
    fn is_ever_called(&self, function: Option<FunctionRef>) -> bool {
        let mut contexts = self.contexts.iter();
        contexts.any(|context| context.function == function && context.is_called)
    }

    /// Whether what decorates a function comes from where functions' source is taken and parsed: from such a module, from one that imports it by at most one other, or
    /// that it imports, whose functions it may have been told of. What a package of the tree parses elsewhere is no matter of this decorator.
    fn reads_sources(&self, source: &DecoratorSource) -> bool {
        let readers = &self.survey.source_readers;
        let found = match source {
            DecoratorSource::Package(name) => return readers.contains(name) || compiles(name),
            DecoratorSource::Module(found) => *found,
        };
        let root = root_of(self.program, found);
        if compiles(&root) {
            return true;
        }
        if !readers.contains(&root) {
            return false;
        }
        let parsers = &self.survey.source_parsers;
        let is_parser = |module: &ModuleId| parsers.contains(module);
        let imports = self.program.imports(found);
        is_parser(&found)
            || imports
                .iter()
                .any(|&near| is_parser(&near) || self.program.imports(near).iter().any(is_parser))
            || parsers
                .iter()
                .any(|&parser| self.program.imports(parser).contains(&found))
    }

    /// Where a decorator is from, as far as the module's variables tell; none of a builtin one.
    fn decorator_from(&self, module: ModuleId, decorator: &Expr) -> Option<DecoratorSource> {
        let mut base = decorator;
        let name = loop {
            match &base.kind {
                ExprKind::Call(call) => base = &call.function,
                ExprKind::Attribute { value, .. } => base = value,
                ExprKind::Name(name, _) => break *name,
                _ => return None,
            }
        };
        let value = self.variable_at_end(module, name)?;
        match self.data(value) {
            Data::Module(found) => Some(DecoratorSource::Module(*found)),
            Data::Function(object) => Some(DecoratorSource::Module(object.function.module)),
            Data::Class { class, .. } | Data::Instance { class, .. } => {
                Some(DecoratorSource::Module(self.class(*class).module))
            }
            Data::External(path) => {
                let package = path.split('.').next().map(Name::new);
                package.map(DecoratorSource::Package)
            }
            _ => None,
        }
    }

    /// Whether a value may be, or hold, a function.
    fn gives(&self, value: Value, function: FunctionRef) -> bool {
        match self.data(value) {
            Data::Function(object) => object.function == function,
            Data::Union(members) => members.iter().any(|&member| self.gives(member, function)),
            Data::None | Data::Bool(_) | Data::Int(_) | Data::Str(_) => false,
            _ => true,
        }
    }
}

/// Whether a variable is used anywhere but as what is returned, and what gets or is asked for attributes.
fn is_used_otherwise(function: &crate::syntax::ir::Function, slot: Slot) -> bool {
    let mut uses = 0_usize;
    let mut returned = 0_usize;
    visit::all_expressions(&function.body, &mut |expr| {
        uses += usize::from(is_variable(expr, slot));
        returned += usize::from(is_about_attributes(expr, slot));
    });
    visit::statements(&function.body, &mut |stmt| {
        if let StmtKind::Return(Some(value)) = &stmt.kind {
            count_given(value, slot, &mut returned);
        }
    });
    uses > returned
}

/// `f.__name__`, `setattr(f, name, value)`: an attribute of a variable is set or read.
fn is_about_attributes(expr: &Expr, slot: Slot) -> bool {
    match &expr.kind {
        ExprKind::Attribute { value, .. } => is_variable(value, slot),
        ExprKind::Call(call) => {
            let sets = matches!(&call.function.kind, ExprKind::Name(name, _)
                if matches!(name.as_str(), "setattr" | "getattr" | "hasattr" | "delattr"));
            let first = call.arguments.first();
            sets && first.is_some_and(|first| is_variable(&first.value, slot))
        }
        _ => false,
    }
}

/// Counts how often an expression gives a variable itself.
fn count_given(expr: &Expr, slot: Slot, count: &mut usize) {
    match &expr.kind {
        ExprKind::If { body, orelse, .. } => {
            count_given(body, slot, count);
            count_given(orelse, slot, count);
        }
        _ => *count += usize::from(is_variable(expr, slot)),
    }
}

/// Whether an expression is a variable of its own body.
pub fn is_variable(expr: &Expr, slot: Slot) -> bool {
    matches!(expr.kind, ExprKind::Name(_, Var::Local(found)) if found == slot)
}

/// Whether a body raises whatever happens: a `raise` stands among its own statements, and no `return` in it. What is not supported here may be in a class that derives
/// from this one.
fn always_raises(body: &[Stmt]) -> bool {
    let mut returns = false;
    visit::statements(body, &mut |stmt| {
        returns |= matches!(stmt.kind, StmtKind::Return(_));
    });
    let raises = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Raise { exception, .. } => {
            let name = exception.as_ref().and_then(raised_name);
            name.is_none_or(|name| name.as_str() != "NotImplementedError")
        }
        _ => false,
    };
    !returns && body.iter().any(raises)
}
