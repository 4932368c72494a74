//! Files that were written for another package: something copies them there, or runs their code in its place.

use rustc_hash::FxHashSet;

use crate::name::Name;
use crate::syntax::ir::StmtKind;

use super::{ModuleId, Program, Resolution};

/// How many modules a file has to miss at least. Fewer are as likely to have been renamed.
const MISSES: usize = 3;

impl Program {
    /// How many modules a file, which is no package, imports by dots (language reference, "Package Relative Imports"), if it finds none of them and they are many, and most
    /// of them are modules that the tree has nowhere, under whatever package, so that they were not moved.
    #[must_use]
    pub fn misses_its_package(&self, module: ModuleId) -> Option<usize> {
        if self.module(module).is_package {
            return None;
        }
        let mut missed: FxHashSet<(u32, Name)> = FxHashSet::default();
        let mut finds = false;
        self.module(module).ir.each_import(|stmt| {
            let StmtKind::ImportFrom(import) = &stmt.kind else {
                return;
            };
            if import.level == 0 {
                return;
            }
            match (
                self.resolve_relative(module, import.level, import.module),
                import.module,
            ) {
                (Resolution::Module(found), _) => {
                    finds |= found != module && import.module.is_some()
                }
                (_, Some(dotted)) => {
                    missed.insert((import.level, dotted));
                }
                (_, None) => {}
            }
        });
        if finds || missed.len() < MISSES {
            return None;
        }
        let last = |dotted: Name| Name::new(dotted.rsplit('.').next().unwrap_or_default());
        let wanted: FxHashSet<Name> = missed.iter().map(|&(_, dotted)| last(dotted)).collect();
        let others = self.module_ids().filter(|id| *id != module);
        let names = others.map(|id| last(self.module(id).name));
        let elsewhere: FxHashSet<Name> = names.filter(|name| wanted.contains(name)).collect();
        (3 * elsewhere.len() < missed.len()).then_some(missed.len())
    }
}
