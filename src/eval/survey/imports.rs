//! What a file imports, told from other versions of it.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::syntax::ir::{Module, Stmt, StmtKind};

/// A number for what a file imports, and for whether that stands among its own statements.
pub(super) fn digest_of_imports(ir: &Module) -> u64 {
    let mut hasher = FxHasher::default();
    let mut add = |stmt: &Stmt| match &stmt.kind {
        StmtKind::Import(import) => import.module.as_str().hash(&mut hasher),
        StmtKind::ImportFrom(import) => {
            let names = import.names.iter().map(|name| name.name.as_str());
            let module = import.module.map(|module| module.to_string());
            (import.level, module, import.star, names.collect::<Vec<_>>()).hash(&mut hasher);
        }
        _ => {}
    };
    ir.body.iter().for_each(&mut add);
    ir.each_import(&mut add);
    hasher.finish()
}
