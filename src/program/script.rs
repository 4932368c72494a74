//! What a module does to others while it is imported: a list of steps in their order, and which names it has after which step.

use rustc_hash::FxHashMap;

use crate::name::Name;
use crate::syntax::ir::{
    Branch, Class, Expr, ExprKind, Function, FunctionId, ImportFrom, Module, Range, Slot, Stmt,
    StmtKind, Var,
};
use crate::syntax::visit;

use super::{ModuleId, Program, Resolution};

/// What one step asks of another module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ask {
    /// That it is imported.
    Import(ModuleId),
    /// `from module import name`, after the import.
    Name(ModuleId, Name),
    /// `module.name`.
    Attribute(ModuleId, Name),
}

/// One step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// What is asked.
    pub ask: Ask,
    /// Where.
    pub range: Range,
    /// Whether it is taken whenever the module is imported.
    pub certain: bool,
    /// Where it goes on if the step fails within a `try` or a `with`: the step after that.
    pub resume: Option<usize>,
}

/// A module's steps.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// The steps in their order.
    pub steps: Vec<Step>,
    /// How many steps are over when a name may first be there.
    bound: FxHashMap<Name, usize>,
    /// How many steps are over at each star import, and of what; none: of something outside the tree.
    stars: Vec<(usize, Option<ModuleId>)>,
}

impl Script {
    /// Reads a module's own code.
    pub fn of(program: &Program, id: ModuleId) -> Self {
        let ir = &program.module(id).ir;
        let mut writer = Writer {
            program,
            id,
            ir,
            script: Self::default(),
            functions: FxHashMap::default(),
            modules: FxHashMap::default(),
            ended: false,
        };
        writer.block(&ir.body, Way::STRAIGHT);
        // What functions assign may be there at any time.
        for variable in ir.scope.slots.iter().filter(|slot| slot.assigned_inside) {
            writer.script.bound.insert(variable.name, 0);
        }
        writer.script
    }

    /// After how many steps a name may first be bound by the module's own statements; none: never.
    pub fn binds(&self, name: Name) -> Option<usize> {
        self.bound.get(&name).copied()
    }

    /// The star imports among the first steps; none stands for something outside the tree.
    pub fn stars(&self, steps: usize) -> impl Iterator<Item = Option<ModuleId>> {
        let stars = self.stars.iter();
        stars
            .filter(move |(at, _)| *at <= steps)
            .map(|(_, module)| *module)
    }
}

/// How a statement is reached.
#[derive(Clone, Copy)]
struct Way {
    certain: bool,
    in_class: bool,
}

impl Way {
    const STRAIGHT: Self = Self {
        certain: true,
        in_class: false,
    };

    /// The same under a test.
    fn perhaps(self) -> Self {
        Self {
            certain: false,
            ..self
        }
    }
}

struct Writer<'p> {
    program: &'p Program,
    id: ModuleId,
    ir: &'p Module,
    script: Script,
    functions: FxHashMap<Slot, FunctionId>,
    /// The variables that are bound once, to a module.
    modules: FxHashMap<Slot, ModuleId>,
    /// Whether it raises for certain before what is read now.
    ended: bool,
}

impl<'p> Writer<'p> {
    fn block(&mut self, body: &'p [Stmt], way: Way) {
        for stmt in body {
            if self.ended {
                return;
            }
            self.statement(stmt, way);
        }
    }

    fn statement(&mut self, stmt: &'p Stmt, way: Way) {
        match &stmt.kind {
            StmtKind::Import(import) => {
                if let Resolution::Module(module) = self.program.resolve(self.id, import.module) {
                    self.push(Ask::Import(module), stmt.range, way);
                }
                let first = import.module.split('.').next().unwrap_or_default();
                let bound = if import.has_alias {
                    import.module
                } else {
                    Name::new(first)
                };
                if let Resolution::Module(module) = self.program.resolve(self.id, bound) {
                    self.note_module(import.var, module);
                }
                self.bind(import.var, way);
            }
            StmtKind::ImportFrom(import) => self.import_from(import, way),
            StmtKind::If { branches, orelse } => self.branches(branches, orelse, way),
            StmtKind::Try {
                body,
                handlers,
                orelse,
                finally,
            } => {
                self.guarded(body, way);
                for handler in handlers {
                    self.block(&handler.body, way.perhaps());
                }
                self.block(orelse, way.perhaps());
                self.block(finally, way);
            }
            StmtKind::With { items, body, .. } => {
                for item in items {
                    self.expression(&item.context, way);
                    self.target(item.target.as_ref(), way);
                }
                // A manager may end it without an error.
                self.guarded(body, way);
            }
            StmtKind::FunctionDef { function, var } => {
                let definition = &self.ir[*function];
                self.header(definition, way);
                if let (Var::Local(slot), false) = (var, way.in_class) {
                    self.functions.insert(*slot, *function);
                }
                self.bind(*var, way);
            }
            StmtKind::ClassDef { class, var } => {
                let definition: &'p Class = &self.ir[*class];
                for decorator in &definition.decorators {
                    self.expression(decorator, way);
                }
                for argument in &definition.arguments {
                    self.expression(&argument.value, way);
                }
                let inside = Way {
                    in_class: true,
                    ..way
                };
                self.block(&definition.body, inside);
                self.bind(*var, way);
            }
            StmtKind::Raise { .. } if way.certain => self.ended = true,
            StmtKind::AnnAssign {
                target,
                value: Some(value),
                ..
            } => {
                self.expression(value, way);
                self.target(Some(target), way);
            }
            StmtKind::AnnAssign { .. } => {}
            StmtKind::Assign { targets, value } => {
                self.expression(value, way);
                for target in targets {
                    self.target(Some(target), way);
                }
            }
            _ => self.other(stmt, way),
        }
    }

    /// Loops, `match` and plain statements: what is in a block may not run.
    fn other(&mut self, stmt: &'p Stmt, way: Way) {
        visit::direct_expressions(stmt, &mut |expr| self.expression(expr, way));
        if let StmtKind::For { target, .. } | StmtKind::AugAssign { target, .. } = &stmt.kind {
            self.target(Some(target), way);
        }
        if let StmtKind::Match { cases, .. } = &stmt.kind {
            for case in cases {
                visit::captures(&case.pattern, &mut |var| self.bind(var, way));
            }
        }
        for block in visit::blocks(stmt) {
            self.block(block, way.perhaps());
        }
    }

    fn import_from(&mut self, import: &ImportFrom, way: Way) {
        let module = self.program.imported_from(self.id, import);
        // What runs as a module of its own binds its names all over again, while the package waits.
        let is_package = |module: &ModuleId| self.program.module(*module).is_package;
        let module = module.filter(|module| !(import.names_package_file() && is_package(module)));
        if import.star {
            if let Some(module) = module {
                self.push(Ask::Import(module), import.module_range, way);
            }
            self.script.stars.push((self.script.steps.len(), module));
        }
        if let (Some(module), false) = (module, import.star) {
            self.push(Ask::Import(module), import.module_range, way);
        }
        for name in &import.names {
            if let Some(module) = module {
                self.push(Ask::Name(module, name.name), name.range, way);
                if let Resolution::Module(submodule) = self.program.submodule(module, name.name) {
                    self.note_module(name.var, submodule);
                }
            }
            self.bind(name.var, way);
        }
    }

    /// An `if`: one that asks for type checkers, or whether the file is run, is decided; any other may come out either way.
    fn branches(&mut self, branches: &'p [Branch], orelse: &'p [Stmt], way: Way) {
        let mut way = way;
        for branch in branches {
            match decided(&branch.test) {
                Some(true) => return self.block(&branch.body, way),
                Some(false) => {}
                None => {
                    self.expression(&branch.test, way);
                    way = way.perhaps();
                    self.block(&branch.body, way);
                }
            }
        }
        self.block(orelse, way);
    }

    /// A block that may be left by an exception without an end of the import.
    fn guarded(&mut self, body: &'p [Stmt], way: Way) {
        let from = self.script.steps.len();
        self.block(body, way);
        self.ended = false;
        let after = self.script.steps.len();
        for step in &mut self.script.steps[from..] {
            step.resume = step.resume.or(Some(after));
        }
    }

    /// What a `def` evaluates: its decorators and defaults.
    fn header(&mut self, function: &'p Function, way: Way) {
        for decorator in &function.decorators {
            self.expression(decorator, way);
        }
        for parameter in &function.params {
            if let Some(default) = &parameter.default {
                self.expression(default, way);
            }
        }
    }

    /// Notes what an expression asks of modules, as far as it is certainly evaluated, and what functions of this file import that it calls.
    fn expression(&mut self, expr: &'p Expr, way: Way) {
        match &expr.kind {
            ExprKind::Lambda(_) => return,
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                if let ExprKind::Name(_, Var::Local(slot)) = value.kind
                    && !way.in_class
                    && let Some(&module) = self.modules.get(&slot)
                {
                    self.push(Ask::Attribute(module, *attribute), expr.range, way);
                }
            }
            ExprKind::Call(call) => {
                if let ExprKind::Name(_, Var::Local(slot)) = call.function.kind
                    && let Some(&function) = self.functions.get(&slot)
                {
                    self.imports_of(&self.ir[function], way.perhaps());
                }
            }
            ExprKind::Walrus { var, .. } => self.bind(*var, way),
            _ => {}
        }
        let inner = match expr.kind {
            ExprKind::Bool { .. } | ExprKind::If { .. } | ExprKind::Comprehension(_) => {
                way.perhaps()
            }
            _ => way,
        };
        visit::children(expr, &mut |child| self.expression(child, inner));
    }

    fn imports_of(&mut self, function: &'p Function, way: Way) {
        let mut found = Vec::new();
        visit::statements(&function.body, &mut |stmt| {
            found.extend(self.program.imported(self.id, stmt));
        });
        for module in found {
            self.push(Ask::Import(module), function.name_range, way);
        }
    }

    fn note_module(&mut self, var: Var, module: ModuleId) {
        if let Var::Local(slot) = var
            && self
                .ir
                .scope
                .slots
                .get(slot.0 as usize)
                .is_some_and(|variable| variable.bindings == 1)
        {
            self.modules.insert(slot, module);
        }
    }

    fn push(&mut self, ask: Ask, range: Range, way: Way) {
        self.script.steps.push(Step {
            ask,
            range,
            certain: way.certain,
            resume: None,
        });
    }

    fn target(&mut self, target: Option<&'p Expr>, way: Way) {
        let Some(target) = target else { return };
        match &target.kind {
            ExprKind::Name(_, var) => self.bind(*var, way),
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                for item in items {
                    self.target(Some(item), way);
                }
            }
            ExprKind::Starred(inner) => self.target(Some(inner), way),
            _ => {}
        }
    }

    fn bind(&mut self, var: Var, way: Way) {
        let name = match var {
            Var::Local(slot) if !way.in_class => self
                .ir
                .scope
                .slots
                .get(slot.0 as usize)
                .map(|slot| slot.name),
            Var::Global(name) => Some(name),
            _ => None,
        };
        if let Some(name) = name {
            let steps = self.script.steps.len();
            self.script.bound.entry(name).or_insert(steps);
        }
    }
}

/// How a test comes out while a module is imported, if that is clear: nobody checks types, and the file is not run.
fn decided(test: &Expr) -> Option<bool> {
    let name = |expr: &Expr| match &expr.kind {
        ExprKind::Name(name, _)
        | ExprKind::Attribute {
            attribute: name, ..
        } => Some(*name),
        _ => None,
    };
    match &test.kind {
        ExprKind::Not(inner) => decided(inner).map(|value| !value),
        ExprKind::Name(..) | ExprKind::Attribute { .. } => name(test)
            .filter(|name| name.as_str() == "TYPE_CHECKING")
            .map(|_| false),
        ExprKind::Compare { left, rest } => {
            let is_own_name =
                |expr: &Expr| name(expr).is_some_and(|name| name.as_str() == "__name__");
            let asks = is_own_name(left) || rest.iter().any(|(_, right)| is_own_name(right));
            let [(crate::syntax::ir::Comparison::Eq, _)] = rest.as_slice() else {
                return None;
            };
            asks.then_some(false)
        }
        _ => None,
    }
}
