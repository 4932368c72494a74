//! What single statements, targets and calls of a file say, whatever else it does.

use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::ir::{Call, Constant, Expr, ExprKind, Function, Slot, Stmt, StmtKind, Var};
use crate::syntax::visit;

/// Whether a call loads a library that calls Python's own functions, and may put names into the module that loads it: one that is loaded so that it keeps the
/// interpreter's lock (the library reference, `ctypes.PyDLL`).
pub(super) fn loads_caller_of_python(call: &Call) -> bool {
    let name = match &call.function.kind {
        ExprKind::Attribute { attribute, .. } => *attribute,
        ExprKind::Name(name, _) => *name,
        _ => return false,
    };
    name.as_str() == "PyDLL" && !call.arguments.is_empty()
}

/// Whether the text that a call of `exec` runs may set attributes of what the code around it sees: one that is put together (`"self.%s = 0" % name`), or that
/// is written out and names an attribute.
pub(super) fn may_set_attributes(call: &Call) -> bool {
    let text = call.arguments.first().map(|first| &first.value.kind);
    !matches!(text, Some(ExprKind::Constant(Constant::Str(text))) if !text.as_str().contains('.'))
}

/// Whether a module is there to test others: it is called so, or imports what tests are written with.
pub(super) fn is_test(program: &Program, id: ModuleId) -> bool {
    let module = program.module(id);
    let is_tests_name = |part: &str| {
        matches!(part, "test" | "tests" | "testing" | "conftest" | "mock")
            || part.starts_with("test_")
            || part.ends_with("_test")
            || part.ends_with("_tests")
    };
    let tests_with = |name: Name| {
        matches!(
            name.split('.').next(),
            Some("unittest" | "pytest" | "mock" | "pytest_mock" | "nose" | "testtools")
        )
    };
    let mut imports = false;
    visit::statements(&module.ir.body, &mut |stmt| match &stmt.kind {
        StmtKind::Import(import) => imports |= tests_with(import.module),
        StmtKind::ImportFrom(import) if import.level == 0 => {
            imports |= import.module.is_some_and(tests_with);
        }
        _ => {}
    });
    imports || module.name.split('.').any(is_tests_name)
}

/// Whether a method is decorated as a static one.
#[must_use]
pub fn is_static(function: &Function) -> bool {
    function.name.as_str() == "__new__"
        || function
            .decorators
            .iter()
            .any(|decorator| matches!(&decorator.kind, ExprKind::Name(name, _) if name.as_str() == "staticmethod"))
}

/// The expressions that a statement stores into or deletes.
pub(super) fn targets(stmt: &Stmt) -> Vec<&Expr> {
    let mut found = Vec::new();
    each_target(stmt, &mut |target| found.push(target));
    found
}

/// Calls `visit` with each of them.
pub(super) fn each_target<'ir>(stmt: &'ir Stmt, visit: &mut dyn FnMut(&'ir Expr)) {
    match &stmt.kind {
        StmtKind::Assign { targets, .. } | StmtKind::Delete(targets) => {
            targets.iter().for_each(visit);
        }
        StmtKind::AugAssign { target, .. }
        | StmtKind::AnnAssign { target, .. }
        | StmtKind::For { target, .. } => visit(target),
        StmtKind::With { items, .. } => {
            let targets = items.iter().filter_map(|item| item.target.as_ref());
            targets.for_each(visit);
        }
        _ => {}
    }
}

/// The variable that an import, a definition or an exception handler binds.
pub(super) fn bound_definitions(stmt: &Stmt) -> Vec<Var> {
    match &stmt.kind {
        StmtKind::FunctionDef { var, .. } | StmtKind::ClassDef { var, .. } => vec![*var],
        StmtKind::Import(import) => vec![import.var],
        StmtKind::ImportFrom(import) => import.names.iter().map(|name| name.var).collect(),
        _ => Vec::new(),
    }
}

/// The last part of the name by which code reaches a container that others can reach too: a module's variable or an attribute.
pub(super) fn shared_tail(expr: &Expr) -> Option<Name> {
    match &expr.kind {
        ExprKind::Name(name, Var::Global(_) | Var::Free { .. }) => Some(*name),
        ExprKind::Attribute { attribute, .. } => Some(*attribute),
        ExprKind::Subscript { value, .. } => shared_tail(value),
        _ => None,
    }
}

/// Whether a call hands the method's own `self` to code that may put attributes on it.
pub fn hands_over(call: &Call, slot: Slot) -> bool {
    let harmless = match &call.function.kind {
        ExprKind::Name(name, _) => matches!(
            name.as_str(),
            "super"
                | "isinstance"
                | "issubclass"
                | "getattr"
                | "hasattr"
                | "print"
                | "str"
                | "repr"
                | "id"
                | "type"
                | "len"
                | "hash"
                | "iter"
                | "bool"
                | "int"
                | "float"
                | "list"
                | "tuple"
                | "set"
                | "dict"
                | "format"
                | "callable"
                | "sorted"
        ),
        _ => false,
    };
    !harmless
        && call
            .arguments
            .iter()
            .any(|argument| matches!(argument.value.kind, ExprKind::Name(_, Var::Local(found)) if found == slot))
}

/// `setattr(self, name, ..)`: with a name that is no literal.
pub(super) fn sets_computed_name(call: &Call, slot: Slot) -> bool {
    let is_setattr =
        matches!(&call.function.kind, ExprKind::Name(name, _) if name.as_str() == "setattr");
    is_setattr
        && matches!(call.arguments.as_slice(), [first, name, ..]
            if matches!(first.value.kind, ExprKind::Name(_, Var::Local(found)) if found == slot)
                && !matches!(name.value.kind, ExprKind::Constant(_)))
}

/// `self.__setattr__(name, ..)`, `object.__setattr__(self, name, ..)`: the same by the method that does it.
pub(super) fn sets_by_method(call: &Call) -> bool {
    let is_it = matches!(&call.function.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "__setattr__");
    is_it
        && !call
            .arguments
            .iter()
            .take(2)
            .any(|argument| matches!(argument.value.kind, ExprKind::Constant(_)))
}

/// `app.url_value_preprocessor`, and a blueprint's `app_url_value_preprocessor`.
pub(super) fn prepares_parts(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.ends_with("url_value_preprocessor"))
}

/// `X.register`: the method that makes a class one of an abstract class, or another of that name (the library reference, `abc.ABCMeta.register`).
pub(super) fn asks_to_register(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "register")
}

/// The first part of a module's dotted name.
pub fn root_of(program: &Program, id: ModuleId) -> Name {
    let name = program.module(id).name;
    Name::new(name.split('.').next().unwrap_or_default())
}

/// The attributes that an assignment to a target stores, and not those that it only reads on the way.
pub(super) fn each_stored_attribute(target: &Expr, note: &mut impl FnMut(Name)) {
    match &target.kind {
        ExprKind::Attribute { attribute, .. } => note(*attribute),
        ExprKind::Tuple(items) | ExprKind::List(items) => {
            for item in items {
                each_stored_attribute(item, note);
            }
        }
        ExprKind::Starred(inner) => each_stored_attribute(inner, note),
        _ => {}
    }
}
