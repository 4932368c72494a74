//! The function that a call names outright: what the file defines or imports by that name. No values are followed here; what routes lead to is
//! answered by `navigate`.

use std::collections::BTreeMap;

use crate::facts::{FileId, Place};
use crate::server::navigate::bodies;
use crate::server::snapshot::Snapshot;
use crate::source::Tree;
use crate::syntax::ir::{
    Call, ExprKind, Function, Import, ImportFrom, Module, Range, Scope, Stmt, StmtKind, Var,
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

/// What an import binds a name to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Bound {
    Module(String, u32),
    Name(String, u32, &'static str),
}

impl Snapshot {
    /// The function that the innermost call around a byte names.
    pub(super) fn callee_at(&self, file: FileId, offset: u32) -> Option<Callee> {
        let module = self.module(file)?;
        let (range, call) = innermost_call(module, offset)?;
        let (target, name) = self.named_by(module, file, call)?;
        let function = function_named(self.module(target)?, name)?;
        let text = self.tree.file(target).text.content();
        Some(Callee {
            call: range,
            name: Place {
                file: target,
                range: function.name_range,
            },
            header: header(text, function),
            deployed: self.deployed_header(&self.tree.file(target).path, name),
        })
    }

    /// The file and the name in it that a call's function stands for.
    fn named_by(
        &self,
        module: &Module,
        file: FileId,
        call: &Call,
    ) -> Option<(FileId, &'static str)> {
        let imports = imports(module);
        match &call.function.kind {
            ExprKind::Name(name, _) => match imports.get(name.as_str()) {
                Some(Some(Bound::Name(from, level, name))) => {
                    Some((self.module_file(from, *level, file)?, name))
                }
                Some(_) => None,
                None => Some((file, name.as_str())),
            },
            ExprKind::Attribute {
                value, attribute, ..
            } => {
                let ExprKind::Name(owner, _) = &value.kind else {
                    return None;
                };
                let from = match imports.get(owner.as_str())?.as_ref()? {
                    Bound::Module(from, level) => self.module_file(from, *level, file)?,
                    Bound::Name(from, level, name) => {
                        let dotted = format!("{from}.{name}");
                        self.module_file(dotted.trim_start_matches('.'), *level, file)?
                    }
                };
                Some((from, attribute.as_str()))
            }
            _ => None,
        }
    }

    /// The file of a module; none if several may be meant.
    fn module_file(&self, dotted: &str, level: u32, from: FileId) -> Option<FileId> {
        let path = dotted.replace('.', "/");
        let endings = [format!("{path}.py"), format!("{path}/__init__.py")];
        let own = &self.tree.file(from).path;
        if level > 0 {
            let package = (0..level).try_fold(&**own, |path, _| match path.rsplit_once('/') {
                Some((above, _)) => Some(above),
                None => (!path.is_empty()).then_some(""),
            })?;
            let within = |ending: &String| match package {
                "" => self.tree.find(ending),
                package => self.tree.find(&format!("{package}/{ending}")),
            };
            return endings.iter().find_map(within);
        }
        let is_it = |path: &str| {
            endings.iter().any(|ending| {
                path.strip_suffix(ending.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
            })
        };
        let mut found = self.tree.iter().filter(|(_, file)| is_it(&file.path));
        let (file, _) = found.next()?;
        found.next().is_none().then_some(file)
    }

    fn deployed_header(&self, path: &str, name: &str) -> Option<String> {
        let tree: &Tree = self.deployed_tree.as_ref()?;
        let text = tree.file(tree.find(path)?).text.content();
        Some(header(text, function_named(&syntax::parse(text), name)?))
    }
}

fn innermost_call(module: &Module, offset: u32) -> Option<(Range, &Call)> {
    let mut found: Option<(Range, &Call)> = None;
    for body in bodies(module) {
        visit::all_expressions(body, &mut |expr| {
            if let ExprKind::Call(call) = &expr.kind
                && expr.range.start <= offset
                && offset <= expr.range.end
                && found.is_none_or(|(best, _)| {
                    expr.range.end - expr.range.start < best.end - best.start
                })
            {
                found = Some((expr.range, call));
            }
        });
    }
    found
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

/// What the imports of a file bind, wherever in it they stand; none for a name that is bound to different things.
fn imports(module: &Module) -> BTreeMap<&'static str, Option<Bound>> {
    let mut found = BTreeMap::new();
    let functions = module
        .functions
        .iter()
        .map(|function| (&function.body, &function.scope));
    let classes = module
        .classes
        .iter()
        .map(|class| (&class.body, &class.scope));
    let own = std::iter::once((&module.body, &module.scope));
    for (body, scope) in own.chain(functions).chain(classes) {
        visit::statements(body, &mut |stmt| of_statement(stmt, scope, &mut found));
    }
    found
}

fn of_statement(stmt: &Stmt, scope: &Scope, found: &mut BTreeMap<&'static str, Option<Bound>>) {
    match &stmt.kind {
        StmtKind::Import(Import {
            module,
            var,
            has_alias,
            ..
        }) => {
            let whole = module.as_str();
            let bound = if *has_alias {
                whole
            } else {
                whole.split('.').next().unwrap_or(whole)
            };
            note(
                name_of(*var, scope),
                Bound::Module(bound.to_owned(), 0),
                found,
            );
        }
        StmtKind::ImportFrom(ImportFrom {
            module,
            level,
            names,
            ..
        }) => {
            let from = module.map_or("", crate::name::Name::as_str);
            for imported in names {
                let bound = Bound::Name(from.to_owned(), *level, imported.name.as_str());
                note(name_of(imported.var, scope), bound, found);
            }
        }
        _ => {}
    }
}

fn note(
    name: Option<&'static str>,
    bound: Bound,
    found: &mut BTreeMap<&'static str, Option<Bound>>,
) {
    let Some(name) = name else { return };
    let known = found.entry(name).or_insert_with(|| Some(bound.clone()));
    if known.as_ref() != Some(&bound) {
        *known = None;
    }
}

/// The name of the variable that an import binds.
fn name_of(var: Var, scope: &Scope) -> Option<&'static str> {
    match var {
        Var::Local(slot) => Some(scope.slots.get(slot.0 as usize)?.name.as_str()),
        Var::Global(name) => Some(name.as_str()),
        Var::Free { .. } | Var::Hidden { .. } => None,
    }
}
