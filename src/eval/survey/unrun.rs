//! Files that Python does not run as they stand: another program reads them, and makes of them what it likes.
//!
//! What fails in a file from which another one beside it says that it was generated, or in one that is data, which nobody imports and which only binds names,
//! fails nowhere. A third kind is given names by a function of the same package that reads files and runs them: what is not defined there may be one of these.

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::program::{ModuleId, Program};
use crate::syntax::ir::{Constant, Expr, ExprKind, Module, Stmt, StmtKind};
use crate::syntax::visit;

use super::Survey;

/// How many files of data a tree has that has something which reads them: one or two may be scripts that are not finished.
const READER: usize = 3;

impl Survey {
    /// The modules that a function of their package may read and run with other names: no `import` of the tree names them, nor are they tests.
    pub(super) fn find_given(&self, program: &Program) -> FxHashSet<ModuleId> {
        if self.readers.is_empty() {
            return FxHashSet::default();
        }
        let top = |id: ModuleId| Name::new(program.module(id).name.split('.').next().unwrap_or(""));
        let readers: FxHashSet<Name> = self.readers.iter().map(|&id| top(id)).collect();
        let is_given = |id: &ModuleId| {
            readers.contains(&top(*id))
                && !self.readers.contains(id)
                && !self.tests.contains(id)
                && !program.is_imported(*id)
        };
        program.module_ids().filter(is_given).collect()
    }

    /// The modules that are a generator's sources or data, and that no `import` of the tree names.
    pub(super) fn find_unrun(program: &Program) -> FxHashSet<ModuleId> {
        let mut sources: FxHashSet<String> = FxHashSet::default();
        for id in program.module_ids() {
            for file in &program.module(id).ir.made_from {
                let path = program.path_of(id);
                let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
                sources.insert(format!("{directory}/{file}"));
            }
        }
        let is_source = |id: ModuleId| {
            let path = program.path_of(id);
            let path = if path.contains('/') {
                path
            } else {
                format!("/{path}")
            };
            !sources.is_empty() && sources.contains(&path)
        };
        let is_unnamed = |id: &ModuleId| !program.is_imported(*id);
        let is_of_data = |id: &ModuleId| {
            let module = program.module(*id);
            !module.is_package && is_data(&module.ir)
        };
        let ids = || program.module_ids();
        let sources = ids().filter(|&id| is_source(id)).filter(is_unnamed);
        let mut unrun: FxHashSet<ModuleId> = sources.collect();
        let data: Vec<ModuleId> = ids().filter(is_of_data).filter(is_unnamed).collect();
        if data.len() >= READER {
            unrun.extend(data);
        }
        unrun.extend(Self::hidden(program));
        unrun
    }

    /// The modules that only name things, and that no `import` of the tree names: a tool reads them, and if Python should run one after all it names what is not there.
    pub(super) fn find_lists(program: &Program) -> FxHashSet<ModuleId> {
        let is_list =
            |&id: &ModuleId| is_list_of_names(&program.module(id).ir) && !program.is_imported(id);
        program.module_ids().filter(is_list).collect()
    }

    /// The modules that no import finds, since a package of the same name lies beside them: the package comes first (`importlib.machinery.FileFinder`).
    fn hidden(program: &Program) -> impl Iterator<Item = ModuleId> {
        let packages = program.module_ids().filter_map(|id| {
            let path = program.path_of(id);
            let directory = path.strip_suffix("/__init__.py")?;
            program
                .module(id)
                .is_package
                .then(|| format!("{directory}.py"))
        });
        let hidden: FxHashSet<String> = packages.collect();
        let is_hidden = move |id: &ModuleId| {
            !hidden.is_empty() && hidden.contains(program.path_of(*id).as_ref() as &str)
        };
        program.module_ids().filter(is_hidden)
    }

    /// Whether another module writes a file's name out as a text.
    #[must_use]
    pub fn is_named_as_file(&self, module: ModuleId, file: &str) -> bool {
        let others = self.named_files.iter().filter(|(id, _)| **id != module);
        let name = Name::new(file);
        others.into_iter().any(|(_, files)| files.contains(&name))
    }

    /// Whether a file that no `import` of the tree names is read as a text by another one in its folder, which writes its name out: what that makes of the text may hold
    /// more names than the file binds, `source = helpers + (folder / "program.py").read_text()`.
    #[must_use]
    pub fn is_read_as_text(&self, program: &Program, module: ModuleId) -> bool {
        if self.text_readers.is_empty() || program.is_imported(module) {
            return false;
        }
        let own = program.path_of(module);
        let (folder, file) = own.rsplit_once('/').unwrap_or(("", &own));
        self.text_readers.iter().any(|&id| {
            let names = |named: &Name| named.rsplit('/').next() == Some(file);
            id != module
                && program
                    .path_of(id)
                    .rsplit_once('/')
                    .map_or("", |(other, _)| other)
                    == folder
                && self
                    .named_files
                    .get(&id)
                    .is_some_and(|files| files.iter().any(names))
        })
    }

    /// Whether a function of the file reads other files and runs them with `exec`: `exec(compile(file.read(), path, "exec"), names)`; or has them run elsewhere,
    /// `gateway.remote_exec(path.read_text())`, where they find a name `channel` (the execnet documentation, "Executing python code remotely").
    pub(super) fn is_reader(ir: &Module) -> bool {
        let bodies = ir.functions.iter().map(|function| &function.body);
        std::iter::once(&ir.body)
            .chain(bodies)
            .any(|body| reads_and_runs(body))
    }
}

/// Whether a block gives `exec` names of its own and reads a file.
fn reads_and_runs(body: &[Stmt]) -> bool {
    let (mut runs, mut reads) = (false, false);
    visit::statements(body, &mut |stmt| {
        visit::direct_expressions(stmt, &mut |direct| {
            visit::expressions(direct, &mut |expr| {
                let ExprKind::Call(call) = &expr.kind else {
                    return;
                };
                match &call.function.kind {
                    ExprKind::Name(name, _) => {
                        runs |= matches!(name.as_str(), "exec" | "execfile")
                            && call.arguments.len() > 1;
                        reads |= name.as_str() == "open";
                    }
                    ExprKind::Attribute { attribute, .. } => {
                        runs |= attribute.as_str() == "run_path" && call.arguments.len() > 1
                            || attribute.as_str() == "remote_exec";
                        reads |= matches!(attribute.as_str(), "read_text" | "run_path" | "open");
                    }
                    _ => {}
                }
            });
        });
    });
    runs && reads
}

/// Whether all that a file does is to name things: a list for a tool that reads it, such as one that looks for code which nothing uses.
fn is_list_of_names(ir: &Module) -> bool {
    let is_name = |expr: &Expr| {
        let mut expr = expr;
        while let ExprKind::Attribute { value, .. } = &expr.kind {
            expr = value;
        }
        matches!(expr.kind, ExprKind::Name(..))
    };
    let mut names = 0;
    let mut is_list = true;
    for stmt in &ir.body {
        match &stmt.kind {
            StmtKind::Expr(value) if is_name(value) => names += 1,
            StmtKind::Expr(value) => is_list &= is_text(value),
            StmtKind::Import { .. } | StmtKind::ImportFrom { .. } | StmtKind::Pass => {}
            _ => is_list = false,
        }
    }
    is_list && names > 0
}

/// Whether a file only binds names and changes what it bound, so that running it does nothing that anybody could see.
fn is_data(ir: &Module) -> bool {
    let mut binds = false;
    let mut is_data = ir.functions.is_empty() && ir.classes.is_empty();
    if is_data {
        visit::statements(&ir.body, &mut |stmt| match &stmt.kind {
            StmtKind::Assign { .. } | StmtKind::AugAssign { .. } => binds = true,
            StmtKind::Expr(value) => is_data &= is_text(value) || is_method_call(value),
            StmtKind::If { .. }
            | StmtKind::For { .. }
            | StmtKind::Delete { .. }
            | StmtKind::Pass => {}
            _ => is_data = false,
        });
    }
    is_data && binds
}

/// Whether a statement calls a method of something: in a file without imports, of what it bound itself.
fn is_method_call(value: &Expr) -> bool {
    let ExprKind::Call(call) = &value.kind else {
        return false;
    };
    matches!(call.function.kind, ExprKind::Attribute { .. })
}

/// Whether a statement is a text by itself: a comment.
const fn is_text(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Constant(Constant::Str(_)))
}
