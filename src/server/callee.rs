//! The function that a call names outright: what the file defines or imports by that name. No values are followed here; what routes lead to is
//! answered by `navigate`.

use crate::facts::{FileId, Place};
use crate::name::Name;
use crate::program::{ModuleId, Resolution};
use crate::server::navigate::holds;
use crate::server::snapshot::Snapshot;
use crate::source::Tree;
use crate::syntax::ir::{
    Call, ClassId, ExprKind, Function, FunctionId, ImportFrom, Module, Parent, Range, Scope, Stmt,
    StmtKind, Var,
};
use crate::syntax::{self, visit};

/// A function that a call names.
pub(super) struct Callee {
    /// The call.
    pub call: Range,
    /// The function's name, where it is defined.
    pub name: Place,
    /// Its header, in one line.
    pub header: String,
    /// The header in the deployed version; none if there is no such function in that file.
    pub deployed: Option<String>,
}

/// A scope whose own code holds a call.
#[derive(Clone, Copy)]
struct Around<'m> {
    parent: Parent,
    body: &'m [Stmt],
    scope: &'m Scope,
}

/// What a name stands for.
#[derive(PartialEq, Eq)]
enum Bound {
    /// A function or class of this qualified name, in that file.
    Here(FileId, String),
    /// A module.
    Module(ModuleId),
}

impl Snapshot {
    /// The function that the innermost call around a byte names.
    pub(super) fn callee_at(&self, file: FileId, offset: u32) -> Option<Callee> {
        let module = self.module(file)?;
        let (range, call, around) = innermost_call(module, offset)?;
        let (target, name) = self.named_by(file, call, around)?;
        let function = function_named(self.module(target)?, &name)?;
        let text = self.tree.file(target).text.content();
        Some(Callee {
            call: range,
            name: Place {
                file: target,
                range: function.name_range,
            },
            header: header(text, function),
            deployed: self.deployed_header(&self.tree.file(target).path, &name),
        })
    }

    /// The file and the qualified name in it that a call's function stands for.
    fn named_by(&self, file: FileId, call: &Call, around: Around) -> Option<(FileId, String)> {
        match &call.function.kind {
            ExprKind::Name(name, var) => match self.bound(file, *name, *var, around)? {
                Bound::Here(file, name) => Some((file, name)),
                Bound::Module(_) => None,
            },
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let ExprKind::Name(owner, var) = value.kind else {
                    return None;
                };
                match self.bound(file, owner, var, around)? {
                    Bound::Module(module) => {
                        let file = self.program.as_ref()?.module(module).file;
                        Some((file, attribute.to_string()))
                    }
                    Bound::Here(..) => None,
                }
            }
            _ => None,
        }
    }

    /// What a name stands for, if it is a function, a class or an import, and nothing else binds it.
    fn bound(&self, file: FileId, name: Name, var: Var, around: Around) -> Option<Bound> {
        let module = self.module(file)?;
        let top = Around {
            parent: Parent::Module,
            body: &module.body,
            scope: &module.scope,
        };
        let variable = |around: Around<'_>| {
            let mut slots = around.scope.slots.iter();
            let variable = slots.find(|it| it.name == name && !it.hidden)?;
            Some((variable.bindings, variable.assigned_inside))
        };
        let around = match var {
            Var::Local(slot) => {
                let variable = around.scope.slots.get(slot.0 as usize)?;
                let is_unbound = variable.bindings == 0 && !variable.hidden;
                match around.parent {
                    _ if variable.hidden => return None,
                    Parent::Class(_) if is_unbound => top,
                    _ => around,
                }
            }
            Var::Global(_) => top,
            // What functions around it hold is not followed.
            Var::Free { .. } | Var::Hidden { .. } => return None,
        };
        let (bindings, is_assigned_inside) = variable(around)?;
        let imports = imports_of(around, name);
        if is_assigned_inside {
            return None;
        }
        if imports.is_empty() {
            let prefix = match around.parent {
                Parent::Module => String::new(),
                Parent::Class(id) => format!("{}.", module.classes.get(id.0 as usize)?.qualname),
                Parent::Function(id) => {
                    let function = module.functions.get(id.0 as usize)?;
                    format!("{}.<locals>.", function.qualname)
                }
            };
            return (bindings == 1).then(|| Bound::Here(file, format!("{prefix}{name}")));
        }
        // `try` and `except` may import the same name from two places.
        let is_all = imports.len() == bindings as usize;
        let mut bound = imports
            .into_iter()
            .map(|import| self.imported(file, import));
        let first = bound.next()??;
        (is_all && bound.all(|other| other.as_ref() == Some(&first))).then_some(first)
    }

    /// What an import binds.
    fn imported(&self, file: FileId, import: Imported) -> Option<Bound> {
        let program = self.program.as_ref()?;
        let importer = program.module_of(file)?;
        let import = match import {
            Imported::Module(dotted) => {
                let module = module_of(program.resolve(importer, dotted))?;
                return Some(Bound::Module(module));
            }
            Imported::Name(import, name) => (import, name),
        };
        let (from, name) = import;
        let found = match from.level {
            0 => program.resolve(importer, from.module?),
            level => program.resolve_relative(importer, level, from.module),
        };
        if let Resolution::Namespace(package) = found {
            return module_of(program.namespace_member(package, name)).map(Bound::Module);
        }
        let from = module_of(found)?;
        Some(match module_of(program.submodule(from, name)) {
            Some(module) => Bound::Module(module),
            None => Bound::Here(program.module(from).file, name.to_string()),
        })
    }

    fn deployed_header(&self, path: &str, name: &str) -> Option<String> {
        let tree: &Tree = self.deployed_tree.as_ref()?;
        let text = tree.file(tree.find(path)?).text.content();
        Some(header(text, function_named(&syntax::parse(text), name)?))
    }
}

/// The scopes of a file: its own, those of its classes and functions.
fn scopes(module: &Module) -> impl Iterator<Item = Around<'_>> {
    let own = Around {
        parent: Parent::Module,
        body: &module.body,
        scope: &module.scope,
    };
    let classes = (0..).map(ClassId).zip(&module.classes);
    let classes = classes.map(|(id, class)| Around {
        parent: Parent::Class(id),
        body: &class.body,
        scope: &class.scope,
    });
    let functions = (0..).map(FunctionId).zip(&module.functions);
    let functions = functions.map(|(id, function)| Around {
        parent: Parent::Function(id),
        body: &function.body,
        scope: &function.scope,
    });
    std::iter::once(own).chain(classes).chain(functions)
}

fn innermost_call(module: &Module, offset: u32) -> Option<(Range, &Call, Around<'_>)> {
    let width = |range: Range| range.end - range.start;
    let mut found: Option<(Range, &Call, Around)> = None;
    for around in scopes(module) {
        visit::all_expressions(around.body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && holds(expr.range, offset)
                && found.is_none_or(|(best, ..)| width(expr.range) < width(best))
            {
                found = Some((expr.range, call, around));
            }
        });
    }
    found
}

fn module_of(resolution: Resolution) -> Option<ModuleId> {
    match resolution {
        Resolution::Module(module) => Some(module),
        _ => None,
    }
}

/// The function of that name, or what makes an instance of the class of that name.
fn function_named<'m>(module: &'m Module, name: &str) -> Option<&'m Function> {
    let by_name = |wanted: &str| {
        module
            .functions
            .iter()
            .find(|function| function.qualname.as_str() == wanted)
    };
    by_name(name).or_else(|| by_name(&format!("{name}.__init__")))
}

fn header(text: &str, function: &Function) -> String {
    let range = function.header.start as usize..function.header.end as usize;
    let words: Vec<&str> = text
        .get(range)
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    words.join(" ")
}

/// What binds a name in an import.
enum Imported<'m> {
    Module(Name),
    Name(&'m ImportFrom, Name),
}

/// The imports in a scope's own code that bind a name.
fn imports_of(around: Around<'_>, wanted: Name) -> Vec<Imported<'_>> {
    let mut found = Vec::new();
    let binds = |var: Var| name_of(var, around.scope) == Some(wanted);
    visit::statements(around.body, &mut |stmt| match &stmt.kind {
        StmtKind::Import(import) if binds(import.var) => {
            let module = import.module;
            let first = module.split('.').next().unwrap_or_default();
            let bound = if import.has_alias {
                module
            } else {
                Name::new(first)
            };
            found.push(Imported::Module(bound));
        }
        StmtKind::ImportFrom(import) => {
            let names = import.names.iter().filter(|name| binds(name.var));
            found.extend(names.map(|name| Imported::Name(import, name.name)));
        }
        _ => {}
    });
    found
}

/// The name of the variable of this scope that an import binds.
fn name_of(var: Var, scope: &Scope) -> Option<Name> {
    match var {
        Var::Local(slot) => Some(scope.slots.get(slot.0 as usize)?.name),
        Var::Global(_) | Var::Free { .. } | Var::Hidden { .. } => None,
    }
}
