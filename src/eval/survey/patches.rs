//! What code does to modules from outside: names that are put into them, `globals()`, `setattr`, `sys.modules`, `sys.path`.

use rustc_hash::FxHashSet;

use crate::eval::library::table;
use crate::name::{Name, is_identifier};
use crate::program::{ModuleId, Program};
use crate::python::builtins::builtin;
use crate::syntax::ir::{
    ArgumentKind, Call, ClassId, Comparison, Constant, Expr, ExprKind, Function, Module, Parent,
    Slot, Stmt, StmtKind, Var,
};
use crate::syntax::visit::{self, Parts};

use super::code::bound_definitions;
use super::{Survey, targets};

/// What modules have the builtins under.
const BUILTINS: &str = "__builtins__";

impl Survey {
    /// `sys.modules[name].__dict__`, `vars(sys.modules[name])`, `setattr(sys.modules[name], ..)`, `sys._getframe(1).f_globals`: names are put into another module.
    /// `others` are the function's variables that hold such a module.
    pub(super) fn rewriter(&mut self, module: ModuleId, expr: &Expr, others: &FxHashSet<Slot>) {
        let of_other = |base: &Expr| match &base.kind {
            ExprKind::Name(_, Var::Local(slot)) => others.contains(slot),
            _ => is_module_by_name(base),
        };
        let found = match &expr.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                attribute.as_str() == "__dict__" && of_other(value)
                    || attribute.as_str() == "f_globals"
            }
            ExprKind::Call(call) => {
                matches!(&call.function.kind, ExprKind::Name(name, _) if matches!(name.as_str(), "vars" | "setattr"))
                    && call
                        .arguments
                        .first()
                        .is_some_and(|first| of_other(&first.value))
            }
            _ => false,
        };
        if found {
            self.rewriters.insert(module);
        }
        if is_module_of_class(expr) {
            self.class_rewriters.insert(module);
        }
    }

    /// `names = globals()`: what is done to the variable is done to the module.
    pub(super) fn namespace_alias(&mut self, module: ModuleId, stmt: &Stmt) {
        if let StmtKind::Assign { targets, value } = &stmt.kind {
            if is_globals_of_function(value) {
                let names = targets.iter().filter_map(|target| match target.kind {
                    ExprKind::Name(name, _) => Some(name),
                    _ => None,
                });
                self.globals_of_functions.extend(names);
            }
            if is_namespace_of_module(value) {
                self.dynamic_modules.insert(module);
            }
            if is_instance_namespace(value) {
                self.fills_namespace(module, value);
            }
            self.namespace_of_imported(value);
        }
    }

    /// `f.__code__ = ..`, `f.__defaults__ = ..`, `self.__class__ = ..`, `x.__dict__ = ..`: what an object is made of is replaced. False: it is an
    /// attribute like others.
    pub(super) fn special_store(
        &mut self,
        module: ModuleId,
        own_self: Option<(ClassId, Slot)>,
        base: &Expr,
        attribute: Name,
    ) -> bool {
        match attribute.as_str() {
            "__code__" | "__defaults__" | "__kwdefaults__" => {
                let rewritten = match &base.kind {
                    ExprKind::Name(name, _) => Some((None, *name)),
                    ExprKind::Attribute {
                        value, attribute, ..
                    } => match value.kind {
                        ExprKind::Name(_, Var::Local(_)) if self.in_function => {
                            Some((None, *attribute))
                        }
                        ExprKind::Name(owner, _)
                        | ExprKind::Attribute {
                            attribute: owner, ..
                        } => Some((Some(owner), *attribute)),
                        _ => None,
                    },
                    _ => None,
                };
                self.rewritten_functions.extend(rewritten);
            }
            "__class__" | "__dict__" => {
                if let (Some((class, slot)), ExprKind::Name(_, Var::Local(found))) =
                    (own_self, &base.kind)
                    && slot == *found
                {
                    self.reclassed.insert((module, class));
                }
                if attribute.as_str() == "__dict__" {
                    self.dynamic_attributes.insert(module);
                }
            }
            _ => return false,
        }
        true
    }

    /// A change of where imports look; `is_known`: what it adds can be read from the code.
    pub(super) fn import_system_store(&mut self, target: &Expr, is_known: bool) {
        visit::expressions(target, &mut |expr| {
            if let ExprKind::Attribute {
                value, attribute, ..
            } = &expr.kind
            {
                let on_sys =
                    matches!(&value.kind, ExprKind::Name(name, _) if name.as_str() == "sys");
                if on_sys
                    && matches!(
                        attribute.as_str(),
                        "path" | "modules" | "meta_path" | "path_hooks"
                    )
                {
                    self.changes_import_system = true;
                    self.changes_unknown_imports |= !is_known;
                }
            }
        });
    }

    /// `globals()[x] = y`, `module.__dict__[x] = y`, `sys.modules[__name__] = y`. `is_inside`: the code is that of a function or a class, whose `locals()` are its own.
    pub(super) fn namespace_store(&mut self, module: ModuleId, target: &Expr, is_inside: bool) {
        if is_own_place(target) {
            self.replaced_modules.insert(module);
        }
        visit::expressions(target, &mut |expr| {
            if let ExprKind::Subscript { value, index } = &expr.kind {
                if is_namespace_of_module(value)
                    && !(is_inside && is_own_namespace(value))
                    && !self.is_namespace_of_object(value)
                {
                    self.dynamic_modules.insert(module);
                }
                // `function.__globals__["name"] = x`, or by a variable that holds it: whatever function that is, in whatever module.
                let is_held = matches!(&value.kind, ExprKind::Name(name, _) if self.globals_of_functions.contains(name));
                if is_held || is_globals_of_function(value) {
                    match index.kind {
                        ExprKind::Constant(Constant::Str(name)) => {
                            self.stored_on_modules.insert(name);
                        }
                        _ => self.rebuilds_functions = true,
                    }
                }
                if is_instance_namespace(value) {
                    self.fills_namespace(module, value);
                }
                match (&index.kind, &value.kind) {
                    // `builtins.__dict__["_"] = str`: that name alone, wherever it is put.
                    (
                        ExprKind::Constant(Constant::Str(name)),
                        ExprKind::Attribute { attribute, .. },
                    ) if attribute.as_str() == "__dict__" => {
                        self.stored_on_modules.insert(*name);
                    }
                    // In a module that was imported it is the dictionary itself (the language reference, "Builtins and restricted execution").
                    (ExprKind::Constant(Constant::Str(name)), ExprKind::Name(base, _))
                        if base.as_str() == BUILTINS =>
                    {
                        self.stored_on_modules.insert(*name);
                    }
                    (_, ExprKind::Name(base, _)) if base.as_str() == BUILTINS => {
                        self.patched_modules.insert(*base);
                    }
                    _ => self.namespace_of_imported(value),
                }
            }
        });
    }

    /// Whether the dictionary of what a method was given is meant, `self.__dict__` and `instance.__dict__` in `__get__`, and no annotation calls it a module; or of what the
    /// function made itself.
    pub(super) fn is_namespace_of_object(&self, namespace: &Expr) -> bool {
        let ExprKind::Attribute { value, .. } = &namespace.kind else {
            return false;
        };
        let ExprKind::Name(_, Var::Local(slot)) = value.kind else {
            return false;
        };
        let is_given = (slot.0 as usize) < self.method_parameters;
        self.in_function
            && (is_given && !self.module_slots.contains(&slot) || self.made_slots.contains(&slot))
    }

    /// `other.__dict__[x] = y`, `vars(other).update(..)`: names are put into the module that is called so.
    pub(super) fn namespace_of_imported(&mut self, namespace: &Expr) {
        let module = match &namespace.kind {
            ExprKind::Attribute {
                value, attribute, ..
            } if attribute.as_str() == "__dict__" => value,
            ExprKind::Call(call) if matches!(&call.function.kind, ExprKind::Name(name, _) if name.as_str() == "vars") => {
                match call.arguments.first() {
                    Some(first) => &first.value,
                    None => return,
                }
            }
            _ => return,
        };
        match module.kind {
            // A function's own variable is a module only if it was imported there.
            ExprKind::Name(_, Var::Local(slot))
                if self.in_function && !self.module_slots.contains(&slot) => {}
            ExprKind::Name(name, _)
            | ExprKind::Attribute {
                attribute: name, ..
            } => {
                self.patched_modules.insert(name);
            }
            _ => {}
        }
    }

    /// `export(globals())`: what gets a module's namespace may put names into it.
    pub(super) fn namespace_handed_over(
        &mut self,
        module: ModuleId,
        call: &Call,
        in_function: bool,
    ) {
        match &call.function.kind {
            ExprKind::Name(name, _) if only_reads(*name) || self.heedless.contains(name) => return,
            ExprKind::Attribute { value, .. } if is_text(value) => return,
            _ => {}
        }
        for argument in &call.arguments {
            if argument.kind != ArgumentKind::DoubleStar {
                self.namespace_of_imported(&argument.value);
            }
        }
        let hands_over = call.arguments.iter().any(|argument| {
            let ExprKind::Call(inner) = &argument.value.kind else {
                return false;
            };
            let is_global = matches!(&inner.function.kind, ExprKind::Name(name, _) if name.as_str() == "globals");
            argument.kind != ArgumentKind::DoubleStar
                && inner.arguments.is_empty()
                && (is_global || !in_function)
                && is_namespace_of_module(&argument.value)
        });
        if hands_over {
            self.dynamic_modules.insert(module);
        }
    }

    /// The files that are named by a module that runs code, or by one in the same package: it hands them over.
    pub(super) fn settle_runners(&mut self, program: &Program) {
        let package = |id: &ModuleId| program.module(*id).package;
        let packages: FxHashSet<Name> = self.runners.iter().map(package).collect();
        let named = self.named_files.iter();
        let handed_over = named.filter(|(id, _)| packages.contains(&package(id)));
        self.executed
            .extend(handed_over.flat_map(|(_, files)| files));
    }

    /// Whether code of the tree runs other code, with names that it gives it.
    #[must_use]
    pub fn runs_code(&self) -> bool {
        !self.runners.is_empty()
    }

    /// Whether a module may be run by another one that reads its file and gives it names: one that code which runs files writes out, or one that no `import`
    /// can name. With blanks in its name it is no command either: a program shows that name to people, and runs the file.
    #[must_use]
    pub fn is_executed(&self, module: Name) -> bool {
        let stem = module.rsplit('.').next().unwrap_or_default();
        if stem.contains(' ') || !self.runners.is_empty() && !is_identifier(stem) {
            return true;
        }
        self.executed.iter().any(|file| {
            let file = file.rsplit('/').next().unwrap_or_default();
            let Some(named) = file.strip_suffix(".py") else {
                return false;
            };
            match (named.split_once('{'), named.rsplit_once('}')) {
                // `{}.py` names no file.
                (Some((before, _)), Some((_, after))) => {
                    before.len() + after.len() > 0
                        && stem.len() >= before.len() + after.len()
                        && stem.starts_with(before)
                        && stem.ends_with(after)
                }
                _ => named == stem,
            }
        })
    }

    /// Calls by themselves at a module's top level, of something that it imports: one that gets the module's `__name__` or `__spec__` may find the module by it, and one that gets
    /// names as keywords may put them there.
    pub(super) fn announcements(&mut self, module: ModuleId, body: &[Stmt]) {
        visit::statements(body, &mut |stmt| {
            let StmtKind::Expr(value) = &stmt.kind else {
                return;
            };
            let ExprKind::Call(call) = &value.kind else {
                return;
            };
            let is_own = |name: &Name| self.definitions.contains(name) || builtin(name).is_some();
            if matches!(&call.function.kind, ExprKind::Name(name, _) if is_own(name)) {
                return;
            }
            for argument in &call.arguments {
                // `fill("shop._inner")`: whoever gets a module's whole name may look it up, and put names into it.
                if let ExprKind::Constant(Constant::Str(text)) = argument.value.kind
                    && text.contains('.')
                    && text.split('.').all(is_identifier)
                {
                    self.found_by_name.insert(text);
                }
                let is_name = matches!(argument.value.kind, ExprKind::Name(name, _)
                    if matches!(name.as_str(), "__name__" | "__spec__" | "__loader__" | "__package__"));
                match argument.kind {
                    ArgumentKind::Positional if is_name => {
                        self.dynamic_modules.insert(module);
                    }
                    ArgumentKind::Keyword(name) => {
                        self.announced.insert((module, name));
                    }
                    _ => {}
                }
            }
        });
    }

    /// Which of its functions and classes a module hands to something else as arguments.
    pub(super) fn handed_on_by(&mut self, id: ModuleId, call: &Call) {
        let only_looks = matches!(call.function.kind, ExprKind::Name(name, _) if table::builtin(name).is_some_and(table::only_looks));
        if !only_looks {
            let arguments = call.arguments.iter();
            self.given_away
                .extend(arguments.filter_map(|argument| last_name(&argument.value)));
        }
        if matches!(call.function.kind, ExprKind::Name(name, _) if self.definitions.contains(&name) || builtin(&name).is_some())
        {
            return;
        }
        for argument in &call.arguments {
            if let ExprKind::Name(name, _) = argument.value.kind
                && self.definitions.contains(&name)
            {
                self.handed_on.insert((id, name));
            }
        }
    }

    /// `mapper(Order, orders)`, `registry.map_imperatively(Order, orders)`: what code from outside is called with for its effect alone, and something else beside it, may get attributes by that.
    pub(super) fn mapped_by(&mut self, parts: &Parts<'_>) {
        parts.statements.iter().for_each(|stmt| {
            let StmtKind::Expr(Expr {
                kind: ExprKind::Call(call),
                ..
            }) = &stmt.kind
            else {
                return;
            };
            let is_from_outside = match &call.function.kind {
                ExprKind::Name(name, _) => {
                    !self.definitions.contains(name) && builtin(name).is_none()
                }
                ExprKind::Attribute { value, .. } => {
                    !matches!(value.kind, ExprKind::Name(name, _) if matches!(name.as_str(), "self" | "cls"))
                }
                _ => false,
            };
            if let [first, second, ..] = call.arguments.as_slice()
                && first.kind == ArgumentKind::Positional
                && second.kind == ArgumentKind::Positional
                && is_from_outside
                && let ExprKind::Name(..) | ExprKind::Attribute { .. } = first.value.kind
            {
                self.mapped.extend(last_name(&first.value));
            }
        });
    }

    /// `@patch` before `def close(self: Shop)` outside of any class: the decorator, which is not of this module, may put the function on a class.
    pub(super) fn methods_given(&mut self, function: &Function) {
        let is_method = |name: Name| matches!(name.as_str(), "self" | "cls");
        let first = function.params.first();
        if function.parent != Parent::Module || !first.is_some_and(|first| is_method(first.name)) {
            return;
        }
        let is_from_outside = |decorator: &Expr| match &decorator.kind {
            ExprKind::Name(name, _) => !self.definitions.contains(name) && builtin(name).is_none(),
            ExprKind::Call(_) | ExprKind::Attribute { .. } => true,
            _ => false,
        };
        if function.decorators.iter().any(is_from_outside) {
            self.stored_attributes.insert(function.name);
        }
    }

    /// `keep("width, height")`, `keep()`: calls by themselves in a method that name its parameters, or give nothing at all. What is called can only work by
    /// the frame that called it. A method that is given nothing beside its instance has nothing that could be kept.
    pub(super) fn users_of_frames(
        &mut self,
        module: ModuleId,
        class: ClassId,
        (method, parts): (&Function, &Parts<'_>),
    ) {
        parts.statements.iter().for_each(|stmt| {
            let StmtKind::Expr(value) = &stmt.kind else {
                return;
            };
            let ExprKind::Call(call) = &value.kind else {
                return;
            };
            let ExprKind::Name(name, Var::Global(_)) = call.function.kind else {
                return;
            };
            if builtin(&name).is_some() || self.definitions.contains(&name) {
                return;
            }
            if call.arguments.is_empty() {
                if method.params.len() < 2 {
                    return;
                }
                self.frame_users
                    .entry((module, class))
                    .or_default()
                    .push(name);
            } else if call
                .arguments
                .iter()
                .all(|argument| names_parameters(&argument.value, method))
            {
                self.framed.insert((module, class));
            }
        });
    }

    /// Whether an expression may be this module's object: `sys.modules[..]`, or a variable of the module that is no class, function or import.
    ///
    /// A function's own variable is it only if the module looks itself up in `sys.modules`, which is noted for itself.
    pub(super) fn may_be_module(&self, expr: &Expr, in_function: bool) -> bool {
        match &expr.kind {
            ExprKind::Name(_, Var::Local(_)) if in_function => false,
            ExprKind::Name(name, _) => !self.definitions.contains(name),
            _ => is_module_object(expr),
        }
    }

    /// Whether an expression in the function that is looked over may be a module, or an attribute of one.
    pub(super) fn may_lead_to_module(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Attribute { value, .. } => self.may_lead_to_module(value),
            ExprKind::Name(_, Var::Local(slot)) => self.module_slots.contains(slot),
            _ => true,
        }
    }

    /// `setattr(x, 'name', ..)`, `monkeypatch.setattr('pkg.module.name', ..)`, `patch.object(x, 'name')`.
    pub(super) fn patched(&mut self, module: ModuleId, call: &Call, in_function: bool) {
        let mut literal = false;
        for name in written_names(call) {
            literal = true;
            self.stored_attributes.insert(name);
            self.stored_on_modules.insert(name);
        }
        for argument in &call.arguments {
            if let ArgumentKind::Keyword(name) = argument.kind {
                self.stored_attributes.insert(name);
                self.stored_on_modules.insert(name);
            }
        }
        let is_setattr = match &call.function.kind {
            ExprKind::Name(name, _) => name.as_str() != "patch",
            ExprKind::Attribute { attribute, .. } => attribute.as_str() == "setattr",
            _ => false,
        };
        if is_setattr && !literal {
            self.sets_unknown_names(module, call.arguments.first().map(|first| &first.value));
            if let Some(
                ExprKind::Name(name, _)
                | ExprKind::Attribute {
                    attribute: name, ..
                },
            ) = call.arguments.first().map(|first| &first.value.kind)
            {
                self.patched_modules.insert(*name);
            }
            if call
                .arguments
                .first()
                .is_some_and(|first| self.may_be_module(&first.value, in_function))
            {
                self.dynamic_modules.insert(module);
            }
        }
    }
}

/// What a call that replaces something says it by: the last parts of the texts among its first two arguments.
fn written_names(call: &Call) -> impl Iterator<Item = Name> {
    call.arguments.iter().take(2).filter_map(|argument| {
        let ExprKind::Constant(Constant::Str(text)) = argument.value.kind else {
            return None;
        };
        text.as_str().rsplit('.').next().map(Name::new)
    })
}

/// Whether a call is made by a name that things are replaced by: `setattr`, `monkeypatch.setattr`, `patch`, `mock.patch.object`, `patch.dict`.
fn replaces(call: &Call) -> bool {
    match &call.function.kind {
        ExprKind::Name(name, _) => is_replacing(*name),
        ExprKind::Attribute { attribute, .. } => is_replacing(*attribute),
        _ => false,
    }
}

/// Whether this is the last part of such a name.
pub(super) fn is_replacing(name: Name) -> bool {
    matches!(
        name.as_str(),
        "setattr" | "delattr" | "object" | "patch" | "setitem" | "dict" | "multiple"
    )
}

/// The names of variables and attributes that the code of one file replaces for a while, by a call that says the name.
pub fn replaced_in(ir: &Module) -> FxHashSet<Name> {
    let mut names = FxHashSet::default();
    let mut said_by = |expr: &Expr| {
        if let ExprKind::Call(call) = &expr.kind
            && replaces(call)
        {
            names.extend(written_names(call));
            names.extend(
                call.arguments
                    .iter()
                    .filter_map(|argument| match argument.kind {
                        ArgumentKind::Keyword(name) => Some(name),
                        _ => None,
                    }),
            );
        }
    };
    let functions = ir.functions.iter();
    let decorators = functions.flat_map(|function| &function.decorators);
    let of_classes = ir.classes.iter().flat_map(|class| &class.decorators);
    for decorator in decorators.chain(of_classes) {
        visit::expressions(decorator, &mut said_by);
    }
    let functions = ir.functions.iter().map(|function| &function.body);
    let classes = ir.classes.iter().map(|class| &class.body);
    let bodies = std::iter::once(&ir.body).chain(functions).chain(classes);
    for body in bodies {
        visit::all_expressions(body, &mut said_by);
    }
    names
}

/// `sys.modules[__name__]`.
fn is_own_place(expr: &Expr) -> bool {
    is_module_object(expr)
        && matches!(&expr.kind, ExprKind::Subscript { index, .. }
            if matches!(&index.kind, ExprKind::Name(name, _) if name.as_str() == "__name__"))
}

/// `sys.modules[name]`, but for the module's own name.
fn is_module_by_name(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Subscript { value, index } => {
            matches!(&value.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "modules")
                && !matches!(&index.kind, ExprKind::Name(name, _) if name.as_str() == "__name__")
        }
        _ => false,
    }
}

/// `sys.modules[cls.__module__]`: the module in which a class or function is defined.
fn is_module_of_class(expr: &Expr) -> bool {
    is_module_by_name(expr)
        && matches!(&expr.kind, ExprKind::Subscript { index, .. }
            if matches!(&index.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "__module__"))
}

/// The variables of a function to which it assigns a module that it looks up by name.
pub(super) fn modules_by_name(parts: &Parts<'_>) -> FxHashSet<Slot> {
    let mut slots = FxHashSet::default();
    parts.statements.iter().for_each(|stmt| {
        let StmtKind::Assign { targets, value } = &stmt.kind else {
            return;
        };
        if is_module_by_name(value) {
            slots.extend(targets.iter().filter_map(|target| match target.kind {
                ExprKind::Name(_, Var::Local(slot)) => Some(slot),
                _ => None,
            }));
        }
    });
    slots
}

/// `sys.modules[name].__dict__.setdefault("__all__", [])`: the dictionary, and the one name that is looked up, or put there.
pub(super) fn one_name_of(call: &Call) -> Option<(&Expr, Name)> {
    let ExprKind::Attribute {
        value, attribute, ..
    } = &call.function.kind
    else {
        return None;
    };
    let is_namespace = matches!(&value.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "__dict__");
    let is_by_name = matches!(attribute.as_str(), "get" | "setdefault" | "pop");
    match call.arguments.first().map(|first| &first.value.kind) {
        Some(ExprKind::Constant(Constant::Str(name))) if is_namespace && is_by_name => {
            Some((value, *name))
        }
        _ => None,
    }
}

/// Whether an annotation has `types.ModuleType` in it.
fn is_module_type(annotation: &Expr) -> bool {
    let mut found = false;
    visit::expressions(annotation, &mut |expr| {
        found |= match &expr.kind {
            ExprKind::Name(name, _)
            | ExprKind::Attribute {
                attribute: name, ..
            } => name.as_str() == "ModuleType",
            ExprKind::Constant(Constant::Str(text)) => text.contains("ModuleType"),
            _ => false,
        };
    });
    found
}

/// The variables of a function that may be modules: imported there, made by something that speaks of modules or imports, or
/// parameters called so, or annotated as modules.
pub(super) fn module_slots(function: &Function, parts: &Parts<'_>) -> FxHashSet<Slot> {
    let speaks_of_modules = |name: Name| {
        let mut parts = name.as_bytes().windows(3);
        let is_import = |at: usize| {
            let word = name.as_bytes().get(at..at + 6);
            word.is_some_and(|word| word.eq_ignore_ascii_case(b"import"))
        };
        let is_one =
            |part: &[u8]| part.eq_ignore_ascii_case(b"mod") || part.eq_ignore_ascii_case(b"lib");
        parts.any(is_one) || (0..name.len()).any(is_import)
    };
    let parameters = function.params.iter().enumerate();
    let mut slots: FxHashSet<Slot> = parameters
        .filter(|(_, parameter)| {
            let annotation = parameter.annotation.as_ref();
            speaks_of_modules(parameter.name) || annotation.is_some_and(is_module_type)
        })
        .map(|(index, _)| Slot(u32::try_from(index).unwrap_or(u32::MAX)))
        .collect();
    let mut add = |var: Var| {
        if let Var::Local(slot) = var {
            slots.insert(slot);
        }
    };
    parts.statements.iter().for_each(|&stmt| {
        let made = |value: &Expr| {
            let mut found = false;
            visit::expressions(value, &mut |expr| {
                found = found
                    || match &expr.kind {
                        ExprKind::Name(name, _) => speaks_of_modules(*name),
                        ExprKind::Attribute { attribute, .. } => speaks_of_modules(*attribute),
                        _ => false,
                    };
            });
            found
        };
        match &stmt.kind {
            StmtKind::Import(import) => add(import.var),
            StmtKind::ImportFrom(import) => import.names.iter().for_each(|name| add(name.var)),
            StmtKind::Assign { value, .. } | StmtKind::For { iter: value, .. } if made(value) => {
                for target in targets(stmt) {
                    visit::expressions(target, &mut |expr| {
                        if let ExprKind::Name(_, var) = expr.kind {
                            add(var);
                        }
                    });
                }
            }
            _ => {}
        }
    });
    slots
}

/// The variables of a function that hold new objects and nothing else: what `__new__` gives, and in a method what a call of its first parameter does (`cls()`).
pub(super) fn made_slots(function: &Function, parts: &Parts<'_>) -> FxHashSet<Slot> {
    let is_method = matches!(function.parent, Parent::Class(_));
    let is_new = |value: &Expr| match &value.kind {
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Attribute { attribute, .. } => attribute.as_str() == "__new__",
            ExprKind::Name(_, Var::Local(Slot(0))) => is_method,
            _ => false,
        },
        _ => false,
    };
    let (mut made, mut others) = (FxHashSet::default(), FxHashSet::default());
    parts.statements.iter().for_each(|&stmt| {
        let holds_new = match &stmt.kind {
            StmtKind::Assign { value, .. } => is_new(value),
            _ => false,
        };
        let bound = if holds_new { &mut made } else { &mut others };
        for target in targets(stmt) {
            visit::expressions(target, &mut |part| match part.kind {
                ExprKind::Name(_, Var::Local(slot)) if part.range == target.range => {
                    bound.insert(slot);
                }
                _ => {}
            });
        }
        let definitions = bound_definitions(stmt).into_iter();
        others.extend(definitions.filter_map(|var| match var {
            Var::Local(slot) => Some(slot),
            _ => None,
        }));
    });
    made.retain(|slot| !others.contains(slot));
    made
}

/// Whether an expression is a text that is made of names of a function's parameters.
fn names_parameters(expr: &Expr, function: &Function) -> bool {
    let ExprKind::Constant(Constant::Str(text)) = expr.kind else {
        return false;
    };
    let is_parameter = |name: &str| {
        let mut params = function.params.iter();
        params.any(|parameter| parameter.name.as_str() == name)
    };
    let mut names = text
        .split([',', ' '])
        .filter(|name| !name.is_empty())
        .peekable();
    names.peek().is_some() && names.all(is_parameter)
}

/// Whether a function is of its module and mentions none of its parameters.
pub(super) fn is_heedless(function: &Function, parts: &Parts<'_>) -> bool {
    let heedless = matches!(function.parent, Parent::Module)
        && !function.is_lambda()
        && !function.scope.dynamic
        && function.scope.slots.iter().all(|slot| !slot.captured);
    if !heedless || function.params.is_empty() {
        return heedless;
    }
    let is_parameter = |expr: &&Expr| matches!(expr.kind, ExprKind::Name(_, Var::Local(slot)) if (slot.0 as usize) < function.params.len());
    !parts.expressions.iter().any(is_parameter)
}

/// Calls `found` with each namespace, `module.__dict__`, that an expression looks at and does not keep: where a name is looked for, what is joined to a text, what a builtin function
/// reads, whose keys or items are listed.
pub(super) fn each_namespace_read<'e>(expr: &'e Expr, found: &mut dyn FnMut(&'e Expr)) {
    let mut look = |part: &'e Expr| {
        if is_dict_attribute(part) {
            found(part);
        }
    };
    match &expr.kind {
        ExprKind::Compare { rest, .. } => {
            for (op, right) in rest {
                if matches!(op, Comparison::In | Comparison::NotIn) {
                    look(right);
                }
            }
        }
        ExprKind::Call(call) => match &call.function.kind {
            ExprKind::Name(name, _) if only_reads(*name) => {
                call.arguments.iter().for_each(|one| look(&one.value));
            }
            ExprKind::Attribute { value, .. } if is_text(value) => {
                call.arguments.iter().for_each(|one| look(&one.value));
            }
            ExprKind::Attribute {
                value, attribute, ..
            } if matches!(attribute.as_str(), "keys" | "values" | "items" | "copy") => look(value),
            _ => {}
        },
        _ => {}
    }
}

/// `x.__dict__`.
fn is_dict_attribute(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "__dict__")
}

/// Whether an expression is a text as it stands: its methods read what they are given.
const fn is_text(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Constant(Constant::Str(_)))
}

/// Builtin functions that look at a dict and leave it as it is.
pub(super) fn only_reads(function: Name) -> bool {
    matches!(
        function.as_str(),
        "len"
            | "sorted"
            | "list"
            | "set"
            | "frozenset"
            | "tuple"
            | "dict"
            | "iter"
            | "str"
            | "repr"
            | "print"
            | "isinstance"
            | "id"
            | "type"
            | "eval"
            | "any"
            | "all"
            | "enumerate"
            | "min"
            | "max"
            | "__import__"
    )
}

pub(super) fn is_namespace_of_module(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            matches!(&call.function.kind, ExprKind::Name(name, _) if matches!(name.as_str(), "globals" | "vars" | "locals"))
        }
        ExprKind::Attribute {
            value, attribute, ..
        } => attribute.as_str() == "__dict__" && is_module_object(value),
        _ => false,
    }
}

/// Whether an expression is the namespace of the code that it stands in: `locals()`, and `vars()` without an argument (the library, "Built-in Functions").
fn is_own_namespace(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Call(call) => {
            matches!(&call.function.kind, ExprKind::Name(name, _) if matches!(name.as_str(), "vars" | "locals"))
                && call.arguments.is_empty()
        }
        _ => false,
    }
}

/// `x.__dict__`, `vars(x)`.
pub fn is_instance_namespace(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Attribute { attribute, .. } => attribute.as_str() == "__dict__",
        ExprKind::Call(call) => {
            matches!(&call.function.kind, ExprKind::Name(name, _) if name.as_str() == "vars")
                && !call.arguments.is_empty()
        }
        _ => false,
    }
}

/// `sys.modules[...]`, `import_module(..)`, or a variable: some module object.
pub(super) fn is_module_object(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Subscript { value, .. } => {
            matches!(&value.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "modules")
        }
        ExprKind::Name(..) => true,
        ExprKind::Call(call) => {
            matches!(&call.function.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "import_module")
                || matches!(&call.function.kind, ExprKind::Name(name, _) if matches!(name.as_str(), "import_module" | "__import__"))
        }
        _ => false,
    }
}

/// `TABLE` in `TABLE` and in `config.TABLE`.
fn last_name(expr: &Expr) -> Option<Name> {
    match expr.kind {
        ExprKind::Name(name, _) => Some(name),
        ExprKind::Attribute { attribute, .. } => Some(attribute),
        _ => None,
    }
}

/// Whether an expression is the variables of the module that a function is of: `function.__globals__`.
fn is_globals_of_function(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Attribute { attribute, .. } if attribute.as_str() == "__globals__")
}
