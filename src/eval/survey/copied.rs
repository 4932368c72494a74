//! Folders of files that a command copies: what lies there is filled in and put into another place, and only runs there.
//!
//! The command is a module that goes through folders and writes files, and that writes the folder's name out: `here / "conf" / "project_template"`. Nothing outside
//! of such a folder imports what is in it.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::name::{Name, is_identifier};
use crate::program::{ModuleId, Program};
use crate::syntax::ir::{Constant, Expr, ExprKind, Module, Range, StmtKind};
use crate::syntax::visit;

use super::Survey;

/// The shortest name of a folder that says anything.
const TELLING: usize = 4;

/// Whether a module that makes calls by these names copies a folder, or goes through folders and writes files (library reference, `shutil`, `os`, `pathlib`). A command has its
/// templates beside itself: what does not ask where it lies, which it `locates`, goes through somebody else's.
pub(super) fn copies(called: &FxHashSet<Name>, locates: bool) -> bool {
    let has = |names: &[&str]| called.iter().any(|name| names.contains(&name.as_str()));
    has(&["copytree"])
        || locates
            && has(&[
                "walk", "listdir", "scandir", "iterdir", "glob", "rglob", "iglob",
            ])
            && has(&[
                "copy",
                "copy2",
                "copyfile",
                "copyfileobj",
                "write",
                "write_text",
                "write_bytes",
            ])
}

/// Whether a module that makes calls by these names copies single files.
pub(super) fn copies_files(called: &FxHashSet<Name>) -> bool {
    let is_it = |name: &Name| matches!(name.as_str(), "copy" | "copy2" | "copyfile");
    called.iter().any(is_it)
}

/// Whether a module builds distributions: what it copies is the program itself, which runs there as it stands here (the packaging user guide, `setup.py`).
pub(super) fn builds_distributions(ir: &Module) -> bool {
    imports_any(ir, &["setuptools", "distutils"])
}

/// Whether a module imports one of these packages, or something in it, by its whole name.
fn imports_any(ir: &Module, packages: &[&str]) -> bool {
    let mut found = false;
    ir.each_import(|stmt| {
        let module = match &stmt.kind {
            StmtKind::Import(import) => Some(import.module),
            StmtKind::ImportFrom(import) if import.level == 0 => import.module,
            _ => None,
        };
        let outermost = |module: Name| packages.contains(&module.split('.').next().unwrap_or(""));
        found |= module.is_some_and(outermost);
    });
    found
}

/// The components of the paths that a module writes out, as far as they may be folders. A text that is one of a list, or that something is compared with, is a
/// word like others: `if name in ["files", "shots"]`.
pub(super) fn folders_named(ir: &Module) -> FxHashSet<Name> {
    let mut found = FxHashSet::default();
    let mut words: FxHashSet<Range> = FxHashSet::default();
    let mut look = |expr: &Expr| match &expr.kind {
        ExprKind::List(items) | ExprKind::Tuple(items) | ExprKind::Set(items) => {
            words.extend(items.iter().map(|item| item.range));
        }
        ExprKind::Compare { left, rest } => {
            words.insert(left.range);
            words.extend(rest.iter().map(|(_, right)| right.range));
        }
        // `https://example.org/names` is no path here.
        ExprKind::Constant(Constant::Str(text))
            if !words.contains(&expr.range) && !text.contains("://") =>
        {
            let parts = text.as_str().split(['/', '\\']);
            let parts = parts.filter(|part| part.len() >= TELLING && is_identifier(part));
            found.extend(parts.map(Name::new));
        }
        _ => {}
    };
    visit::all_expressions(&ir.body, &mut look);
    for function in &ir.functions {
        visit::all_expressions(&function.body, &mut look);
    }
    found
}

impl Survey {
    /// The modules in folders that a command of the tree copies.
    pub(super) fn find_copied(&self, program: &Program) -> FxHashSet<ModuleId> {
        let commands = self.copied_folders.iter();
        let commands: Vec<Command<'_>> = commands
            .map(|(&id, folders)| Command {
                path: program.path_of(id),
                folders,
            })
            .collect();
        // By folder, the modules in it.
        let mut inside: FxHashMap<String, Vec<ModuleId>> = FxHashMap::default();
        for id in program.module_ids().filter(|_| !commands.is_empty()) {
            for folder in copied_around(&program.path_of(id), &commands) {
                inside.entry(folder).or_default().push(id);
            }
        }
        if inside.is_empty() {
            return FxHashSet::default();
        }
        for importer in program.module_ids() {
            let from = program.path_of(importer);
            for imported in program.imports(importer) {
                let of = program.path_of(imported);
                inside.retain(|folder, _| {
                    !of.starts_with(folder.as_str()) || from.starts_with(folder.as_str())
                });
            }
        }
        inside.into_values().flatten().collect()
    }

    /// The modules whose files another one copies: what uses the copy may add the names that they lack.
    pub(super) fn find_copied_by_file(&self, program: &Program) -> FxHashSet<ModuleId> {
        let mut found = FxHashSet::default();
        for (&command, files) in &self.copied_files {
            let is_one = |id: &ModuleId| {
                let name = program.module(*id).name;
                let last = name.rsplit('.').next().unwrap_or_default();
                files.contains(&Name::new(last))
            };
            found.extend(program.imports(command).into_iter().filter(is_one));
        }
        found
    }
}

/// A module that copies files.
struct Command<'a> {
    /// Where it lies.
    path: String,
    /// The last names of the folders that it writes out.
    folders: &'a FxHashSet<Name>,
}

/// The folders around a file that a module outside of them copies, each with a slash at its end. The outermost ones are where the program itself lies.
fn copied_around(path: &str, commands: &[Command<'_>]) -> Vec<String> {
    let is_named = |folder: &str, name: Name| {
        let mut commands = commands.iter();
        commands.any(|command| command.folders.contains(&name) && !command.path.starts_with(folder))
    };
    let mut found = Vec::new();
    let mut start = 0;
    for (end, _) in path.match_indices('/') {
        let (name, folder) = (Name::new(&path[start..end]), &path[..=end]);
        if start > 0 && is_named(folder, name) {
            found.push(folder.to_owned());
        }
        start = end + 1;
    }
    found
}
