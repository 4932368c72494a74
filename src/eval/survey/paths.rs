//! Directories that code adds to those where imports look: `sys.path.insert(0, os.path.dirname(__file__))`.
//!
//! Where it can be read from the code which directory of the tree that is, what it adds is known: an import that finds nothing there either finds nothing.

use crate::program::{ModuleId, Program};
use crate::syntax::beside::Paths;
use crate::syntax::ir::{Call, Module};
use crate::syntax::search_path::added_to_path;

use super::Survey;

impl Survey {
    /// Notes the directories that a file adds, and where it does so: by these calls.
    pub(super) fn added_paths(&mut self, ir: &Module, calls: &[&Call]) {
        let mut paths = None;
        for call in calls {
            let Some(added) = added_to_path(call) else {
                continue;
            };
            let paths = paths.get_or_insert_with(|| Paths::of(ir));
            let path = paths.path(added);
            if let Some(path) = path.filter(|path| path.module.is_none()) {
                self.known_additions.insert(call.function.range.start);
                self.added.push(path);
            }
        }
    }

    /// Adds what one file does to where imports look, which is this module of the program.
    pub(super) fn add_paths(&mut self, program: &Program, id: ModuleId, part: &Self) {
        let mut is_known = !part.changes_unknown_imports;
        let own = program.path_of(id);
        for beside in &part.added {
            match beside.of(&own) {
                Some(directory) => {
                    self.adders.entry(id).or_default().push(directory.clone());
                    self.added_directories.insert(directory);
                }
                None => is_known = false,
            }
        }
        if part.changes_import_system && !is_known {
            self.import_changers.insert(id);
        }
    }
}
