//! Dicts that lead to functions, as they are written.

use crate::eval::Evaluator;
use crate::eval::domain::value::{Data, Value};
use crate::facts::Place;
use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::syntax::ir::{Constant, DictItem, Expr, ExprKind, Function, Range, Stmt, StmtKind, Var};
use crate::syntax::visit;

use super::{Table, TableEntry};

/// How deep dicts in dicts are looked into.
const NESTING: usize = 3;

impl Evaluator<'_> {
    pub(super) fn contract_tables(&mut self) -> Vec<Table> {
        let mut found = Vec::new();
        let program = self.program;
        for module in program.module_ids() {
            let ir = &program.module(module).ir;
            let name = program.module(module).name;
            self.tables_in(module, &ir.body, None, name.as_str(), &mut found);
            for class in &ir.classes {
                let owner = format!("{name}.{}", class.qualname);
                self.tables_in(module, &class.body, None, &owner, &mut found);
            }
            for function in &ir.functions {
                let owner = format!("{name}.{}", function.qualname);
                self.tables_in(module, &function.body, Some(function), &owner, &mut found);
            }
        }
        found.sort_by_key(|table| table.place);
        found
    }

    fn tables_in(
        &mut self,
        module: ModuleId,
        body: &[Stmt],
        function: Option<&Function>,
        owner: &str,
        found: &mut Vec<Table>,
    ) {
        let mut written: Vec<(String, Range, &[DictItem])> = Vec::new();
        visit::statements(body, &mut |stmt| {
            let (target, value) = match &stmt.kind {
                StmtKind::Assign { targets, value } => (targets.first(), value),
                StmtKind::AnnAssign {
                    target,
                    value: Some(value),
                    ..
                } => (Some(target), value),
                StmtKind::Return(Some(value)) => (None, value),
                _ => return,
            };
            // `_build() if _AVAILABLE else {}` and `{..} if x else {}` hold one as well.
            let items = match &value.kind {
                ExprKind::Dict(items) => items,
                ExprKind::If { body, .. } => match &body.kind {
                    ExprKind::Dict(items) => items,
                    _ => return,
                },
                _ => return,
            };
            match target {
                Some(target) => {
                    if let Some(name) = path_text(target) {
                        written.push((format!("{owner}.{name}"), target.range, items));
                    }
                }
                None if function.is_some() => {
                    written.push((format!("{owner}()"), value.range, items));
                }
                None => {}
            }
        });
        for (name, range, items) in written {
            let mut entries = Vec::new();
            let mut prefix = Vec::new();
            self.entries(module, function, items, &mut prefix, &mut entries);
            let leads = entries
                .iter()
                .any(|entry| entry.target.is_some() || entry.is_lambda);
            if leads {
                let file = self.program.module(module).file;
                let module = self.program.module(module).name;
                found.push(Table {
                    name,
                    module,
                    place: Place { file, range },
                    entries,
                });
            }
        }
    }

    fn entries(
        &mut self,
        module: ModuleId,
        function: Option<&Function>,
        items: &[DictItem],
        prefix: &mut Vec<String>,
        out: &mut Vec<TableEntry>,
    ) {
        let file = self.program.module(module).file;
        for item in items {
            let Some(key) = item.key.as_ref() else {
                continue;
            };
            let Some(text) = key_text(key) else { continue };
            prefix.push(text);
            let inner = match &item.value.kind {
                ExprKind::Dict(items) => Some(items),
                // `('module', {'op': 'function name'})`
                ExprKind::Tuple(parts) => parts.iter().find_map(|part| match &part.kind {
                    ExprKind::Dict(items) => Some(items),
                    _ => None,
                }),
                _ => None,
            };
            match inner {
                Some(items) if prefix.len() < NESTING => {
                    let from = out.len();
                    self.entries(module, function, items, prefix, out);
                    if let ExprKind::Tuple(parts) = &item.value.kind
                        && let Some(target) = parts
                            .first()
                            .and_then(|part| self.named_module(module, part))
                    {
                        for entry in &mut out[from..] {
                            entry.target.get_or_insert_with(|| target.clone());
                        }
                    }
                }
                _ => out.push(TableEntry {
                    key: prefix.clone(),
                    place: Place {
                        file,
                        range: Range::new(key.range.start, item.value.range.end),
                    },
                    value: item.value.range,
                    target: self.target(module, function, &item.value),
                    is_lambda: matches!(item.value.kind, ExprKind::Lambda(_)),
                }),
            }
            prefix.pop();
        }
    }

    /// The function that a table's value leads to.
    fn target(
        &mut self,
        module: ModuleId,
        function: Option<&Function>,
        expr: &Expr,
    ) -> Option<String> {
        match &expr.kind {
            ExprKind::Tuple(parts) => {
                let found = self.named_module(module, parts.first()?)?;
                match parts.get(1).map(|part| &part.kind) {
                    Some(ExprKind::Constant(Constant::Str(name))) => {
                        Some(format!("{found}.{name}"))
                    }
                    _ => Some(found),
                }
            }
            ExprKind::Constant(_) => self.named_module(module, expr),
            ExprKind::Name(..) | ExprKind::Attribute { .. } => {
                let value = self.static_value(module, function, expr)?;
                self.target_name(value)
            }
            _ => None,
        }
    }

    /// The module of the tree that a string names.
    fn named_module(&self, importer: ModuleId, expr: &Expr) -> Option<String> {
        let ExprKind::Constant(Constant::Str(text)) = expr.kind else {
            return None;
        };
        match self.program.resolve(importer, text) {
            Resolution::Module(found) => Some(self.program.module(found).name.to_string()),
            _ => None,
        }
    }

    /// What a name or a path of attributes is after all modules have run.
    pub(super) fn static_value(
        &mut self,
        module: ModuleId,
        function: Option<&Function>,
        expr: &Expr,
    ) -> Option<Value> {
        match &expr.kind {
            ExprKind::Name(name, var) => match var {
                Var::Local(_) if function.is_some() => self.local_import(module, function?, *name),
                Var::Local(_) | Var::Global(_) => Some(self.variable(module, *name)),
                _ => None,
            },
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let base = self.static_value(module, function, value)?;
                match *self.data(base) {
                    Data::Module(found) => Some(self.variable(found, *attribute)),
                    Data::Class { class, .. } => self.classes[class.0 as usize]
                        .namespace
                        .get(attribute)
                        .copied(),
                    Data::Instance { class, .. } => self.classes[class.0 as usize]
                        .namespace
                        .get(attribute)
                        .copied(),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// What an import in a function body binds.
    fn local_import(
        &mut self,
        module: ModuleId,
        function: &Function,
        wanted: Name,
    ) -> Option<Value> {
        let mut found = None;
        visit::statements(&function.body, &mut |stmt| match &stmt.kind {
            StmtKind::Import(import) if import.has_alias || !import.module.contains('.') => {
                let bound = if import.has_alias {
                    variable_name(import.var, function)
                } else {
                    Some(import.module)
                };
                if bound == Some(wanted)
                    && let Resolution::Module(target) = self.program.resolve(module, import.module)
                {
                    found = Some((target, None));
                }
            }
            StmtKind::ImportFrom(import) => {
                for name in &import.names {
                    if variable_name(name.var, function) == Some(wanted)
                        && let Some(target) = self.program.imported_from(module, import)
                    {
                        found = Some((target, Some(name.name)));
                    }
                }
            }
            _ => {}
        });
        match found? {
            (target, None) => Some(self.values.intern(Data::Module(target))),
            (target, Some(name)) => Some(self.variable(target, name)),
        }
    }

    /// The one function of the tree that a value is, decorated or bound or not.
    fn target_name(&self, value: Value) -> Option<String> {
        match self.data(value) {
            Data::Function(object) => Some(self.function_name(object.function)),
            Data::Bound {
                function: inner, ..
            }
            | Data::Wrapped(inner)
            | Data::Static(inner)
            | Data::ClassMethod(inner) => self.target_name(*inner),
            Data::Class { class, .. } => {
                let class = &self.classes[class.0 as usize];
                Some(format!(
                    "{}.{}",
                    self.program.module(class.module).name,
                    class.definition.qualname
                ))
            }
            // A fallback for when an import fails.
            Data::Union(members) => {
                let mut known = members
                    .iter()
                    .filter_map(|&member| self.target_name(member));
                let first = known.next()?;
                known.next().is_none().then_some(first)
            }
            _ => None,
        }
    }
}

/// The name of a variable that a function binds.
fn variable_name(var: Var, function: &Function) -> Option<Name> {
    match var {
        Var::Local(slot) => function
            .scope
            .slots
            .get(slot.0 as usize)
            .map(|variable| variable.name),
        Var::Global(name) => Some(name),
        _ => None,
    }
}

/// A key as text: what a string holds, a path of attributes, the parts of a tuple.
fn key_text(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Constant(Constant::Str(text)) => Some(text.to_string()),
        ExprKind::Constant(Constant::Int(number)) => Some(number.to_string()),
        ExprKind::Tuple(parts) => {
            let parts: Option<Vec<String>> = parts.iter().map(key_text).collect();
            Some(parts?.join("/"))
        }
        _ => path_text(expr),
    }
}

/// `a.b.c` as text.
pub(super) fn path_text(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name, _) => Some(name.to_string()),
        ExprKind::Attribute {
            value, attribute, ..
        } => Some(format!("{}.{attribute}", path_text(value)?)),
        _ => None,
    }
}
