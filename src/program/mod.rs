//! The modules of one tree, linked: their names, and what an import leads to.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::facts::FileId;
use crate::name::Name;
use crate::syntax::ir;

/// Which module of its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId(pub u32);

impl ModuleId {
    /// As an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A module.
#[derive(Debug)]
pub struct Module {
    /// Dotted name.
    pub name: Name,
    /// File.
    pub file: FileId,
    /// Form.
    pub ir: Arc<ir::Module>,
    /// Package?
    pub is_package: bool,
    /// Opaque?
    pub is_opaque: bool,
}

/// What an import leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// A module.
    Module(ModuleId),
    /// A namespace.
    Namespace(Name),
    /// Not of the tree.
    External,
    /// Missing.
    Missing {
        /// First missing.
        missing: Name,
        /// Parent.
        parent_is_module: Option<Name>,
    },
    /// Elsewhere.
    Misplaced {
        /// Where.
        file: FileId,
    },
    /// Unknown.
    Opaque,
}

/// The program.
#[derive(Debug)]
pub struct Program {
    modules: Vec<Module>,
    by_name: FxHashMap<Name, ModuleId>,
}

impl Program {
    /// Stub.
    #[must_use]
    pub fn build(inputs: Vec<(String, Arc<ir::Module>)>) -> Self {
        let mut modules = Vec::new();
        let mut by_name = FxHashMap::default();
        for (i, (path, ir)) in inputs.into_iter().enumerate() {
            let stem = path.trim_end_matches(".py");
            let (stem, is_package) = match stem.strip_suffix("/__init__") {
                Some(s) => (s, true),
                None => (stem, false),
            };
            let name = Name::new(&stem.replace('/', "."));
            let id = ModuleId(u32::try_from(modules.len()).unwrap_or(0));
            by_name.insert(name, id);
            modules.push(Module { name, file: FileId(u32::try_from(i).unwrap_or(0)), ir, is_package, is_opaque: false });
        }
        Self { modules, by_name }
    }
    /// All.
    pub fn modules(&self) -> impl Iterator<Item = (ModuleId, &Module)> {
        self.modules.iter().enumerate().map(|(i, m)| (ModuleId(u32::try_from(i).unwrap_or(0)), m))
    }
    /// One.
    #[must_use]
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.index()]
    }
    /// Lookup.
    #[must_use]
    pub fn lookup(&self, dotted: Name) -> Resolution {
        self.by_name.get(&dotted).map_or(Resolution::External, |m| Resolution::Module(*m))
    }
    /// Resolve.
    #[must_use]
    pub fn resolve(&self, _importer: ModuleId, dotted: Name) -> Resolution {
        self.lookup(dotted)
    }
    /// Relative.
    #[must_use]
    pub fn resolve_relative(&self, importer: ModuleId, level: u32, module: Option<Name>) -> Resolution {
        let m = self.module(importer);
        let mut parts: Vec<&str> = m.name.split('.').collect();
        for _ in 0..(level - u32::from(m.is_package)) {
            parts.pop();
        }
        let mut s = parts.join(".");
        if let Some(module) = module {
            if !s.is_empty() {
                s.push('.');
            }
            s.push_str(&module);
        }
        self.lookup(Name::new(&s))
    }
    /// Sub.
    #[must_use]
    pub fn submodule(&self, parent: ModuleId, name: Name) -> Option<ModuleId> {
        self.by_name.get(&Name::new(&format!("{}.{name}", self.module(parent).name))).copied()
    }
    /// Pkg.
    #[must_use]
    pub fn is_in_package(&self, _m: ModuleId) -> bool {
        true
    }
}
