//! Imports of what the tree does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use super::directory::Unit;
use super::stdlib::is_standard;
use super::{ModuleId, NamespaceId, Program, Resolution};
use crate::environment::{Environment, Namesakes, Removal, Standing};
use crate::name::Name;
use crate::source::Unread;
use crate::syntax::ir::{Range, Stmt, StmtKind};

/// A place that imports a module.
pub type ImportPlace = (ModuleId, Range);

impl Program {
    /// The same, in these surroundings. The first program that is put there says what is asked of them: which modules are not in the tree.
    #[must_use]
    pub fn surrounded_by(mut self, environment: &Arc<Environment>) -> Self {
        self.environment = Arc::clone(environment);
        self.added = Mutex::default();
        self.built = Mutex::default();
        environment.settled.get_or_init(|| self.settle());
        self
    }

    /// The same, beside files of installed packages that were not parsed.
    #[must_use]
    pub fn beside(mut self, unread: &Arc<Unread>) -> Self {
        self.unread = Arc::clone(unread);
        self
    }

    /// What files of installed packages may do that were not parsed.
    #[must_use]
    pub fn unread(&self) -> &Unread {
        &self.unread
    }

    /// What surrounds the tree.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Whether the tree imports nothing but itself and the standard library: no code that is not seen runs beside it.
    #[must_use]
    pub fn is_self_contained(&self) -> bool {
        let outside = self.environment.settled.get();
        outside.is_some_and(BTreeMap::is_empty)
    }

    /// What is known of a module outside the tree, and when it went; none if nothing was asked.
    #[must_use]
    pub fn standing(&self, dotted: Name) -> Option<&(Standing, Option<Removal>)> {
        self.environment.settled.get()?.get(&dotted)
    }

    /// The modules that absolute imports ask for and that neither the tree nor the standard library has, and where. Of a package that lies in the tree
    /// without `__init__`, the part that is missing.
    #[must_use]
    pub fn imports_outside(&self) -> BTreeMap<Name, Vec<ImportPlace>> {
        let mut found: BTreeMap<Name, Vec<ImportPlace>> = BTreeMap::new();
        for importer in self.module_ids() {
            self.module(importer).ir.each_import(|stmt| {
                if let Some((dotted, range)) = absolute(stmt)
                    && let Some(name) = self.outside(importer, dotted)
                {
                    found.entry(name).or_default().push((importer, range));
                }
            });
        }
        found
    }

    /// Whether a module imports something that neither the tree nor the standard library has.
    pub(super) fn imports_from_outside(&self, importer: ModuleId) -> bool {
        let mut found = false;
        self.module(importer).ir.each_import(|stmt| {
            found |=
                absolute(stmt).is_some_and(|(dotted, _)| self.outside(importer, dotted).is_some());
        });
        found
    }

    /// What of a dotted name lies outside; none if the tree or the standard library has it.
    fn outside(&self, importer: ModuleId, dotted: Name) -> Option<Name> {
        let first = dotted.split('.').next().unwrap_or_default();
        match self.resolve(importer, dotted) {
            Resolution::External | Resolution::Misplaced { .. } => {
                (!is_standard(first)).then_some(dotted)
            }
            Resolution::MissingInNamespace { name, .. } => Some(name),
            _ => None,
        }
    }

    fn settle(&self) -> BTreeMap<Name, (Standing, Option<Removal>)> {
        let imports = self.imports_outside();
        let imported: BTreeSet<Name> = imports.keys().copied().collect();
        let namesakes = Namesakes::of(imported.iter().map(|name| name.as_str()));
        let mut settled: BTreeMap<Name, (Standing, Option<Removal>)> = imported
            .iter()
            .map(|&name| (name, (self.environment.standing(&name, &namesakes), None)))
            .collect();
        // Requirements of a folder of examples say what is needed there, and not what the rest lacks.
        let mut directories = self.environment.declared.directories.iter();
        let are_ours = directories
            .any(|path| path.is_empty() || self.roots.iter().any(|root| root.path == *path));
        if !are_ours {
            let undeclared = settled.values_mut().map(|(standing, _)| standing);
            undeclared
                .filter(|standing| matches!(standing, Standing::Undeclared(_)))
                .for_each(|standing| *standing = Standing::Unknown);
        }
        let Some(past) = &self.environment.past else {
            return settled;
        };
        let open = settled
            .iter_mut()
            .filter(|(_, (standing, _))| !matches!(standing, Standing::Provided(_)));
        let mut asked = Vec::new();
        let mut paths = Vec::new();
        for (name, (_, removal)) in open {
            let own = self.paths_of(name);
            asked.push((removal, own.len()));
            paths.extend(own);
        }
        if paths.is_empty() {
            return settled;
        }
        let mut answers = past.removals(&paths).into_iter();
        for (removal, count) in asked {
            // The whole name before what is around it.
            *removal = answers.by_ref().take(count).fold(None, Option::or);
        }
        settled
    }

    /// Where the files of a module would be: those of the whole name, then those of its first component.
    fn paths_of(&self, dotted: &str) -> Vec<String> {
        let first = dotted.split('.').next().unwrap_or(dotted);
        let stems = [dotted.replace('.', "/"), first.to_owned()];
        let roots = || self.roots().iter().map(|root| root.path.as_str());
        let stems = stems.iter().take(if first == dotted { 1 } else { 2 });
        stems
            .flat_map(|stem| {
                roots().flat_map(move |root| {
                    let slash = if root.is_empty() { "" } else { "/" };
                    ["py", "/__init__.py"].map(|ending| {
                        let dot = if ending == "py" { "." } else { "" };
                        format!("{root}{slash}{stem}{dot}{ending}")
                    })
                })
            })
            .collect()
    }

    /// Whether a module imports something of its own name from outside, as `shop/redis.py` may take from the installed `redis`.
    #[must_use]
    pub fn imports_namesake(&self, module: ModuleId, dotted: Name) -> bool {
        let first = |name: &str| name.split('.').next().map(str::to_owned);
        let mut found = false;
        self.module(module).ir.each_import(|stmt| {
            found |= absolute(stmt).is_some_and(|(name, _)| first(&name) == first(&dotted));
        });
        found
    }

    /// The path of a module's file, from the tree's top.
    #[must_use]
    pub fn path_of(&self, module: ModuleId) -> String {
        let module = self.module(module);
        let directory = &self.directories.get(module.dir).path;
        let stem = match module.name.rsplit('.').next() {
            _ if module.is_package => "__init__",
            Some(last) => last,
            None => "",
        };
        if directory.is_empty() {
            [stem, ".py"].concat()
        } else {
            [directory, "/", stem, ".py"].concat()
        }
    }

    /// Whether a module that no root reaches under this name may be reached by whoever puts its directory on the path: it lies in the importer's directory or in
    /// one around it, or in one that is laid beside the code by custom (a layer's `python`).
    #[must_use]
    pub fn may_reach(&self, importer: ModuleId, module: ModuleId) -> bool {
        let (from, to) = (self.module(importer).dir, self.module(module));
        let holder = if to.is_package {
            self.directories.get(to.dir).parent
        } else {
            to.dir
        };
        let is_laid_beside = self.directories.outwards(holder).any(|dir| {
            matches!(
                self.directories.get(dir).name.as_str(),
                "python" | "site-packages"
            )
        });
        is_laid_beside || self.directories.within(from, holder)
    }

    /// Whether a module belongs to the importer's own program, under a longer name: it lies below the importer's root, in a package.
    #[must_use]
    pub fn is_below(&self, importer: ModuleId, module: ModuleId) -> bool {
        let (importer, module) = (self.module(importer), self.module(module));
        let is_shown = !self.roots[importer.root.0 as usize].assumed;
        is_shown && importer.root == module.root && self.is_own_package(module.dir)
    }

    /// Whether a directory without `__init__` is the tree's own: imports go through it, and modules with source lie in it.
    #[must_use]
    pub fn is_own_namespace(&self, namespace: NamespaceId) -> bool {
        let directory = self.directories.get(namespace.0);
        directory
            .modules
            .values()
            .any(|unit| matches!(unit, Unit::Source(_)))
    }
}

/// The module that an absolute import names, and where.
fn absolute(stmt: &Stmt) -> Option<(Name, Range)> {
    match &stmt.kind {
        StmtKind::Import(import) => Some((import.module, import.range)),
        StmtKind::ImportFrom(import) if import.level == 0 => {
            Some((import.module?, import.module_range))
        }
        _ => None,
    }
}
