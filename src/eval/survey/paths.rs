//! Directories that code adds to those where imports look: `sys.path.insert(0, os.path.dirname(__file__))`.
//!
//! Where it can be read from the code which directory of the tree that is, what it adds is known: an import that finds nothing there either finds nothing.

use crate::program::{ModuleId, Program};
use crate::syntax::beside::Paths;
use crate::syntax::ir::{Call, Expr, ExprKind, Module};

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

/// What a call adds to `sys.path`, if it does that.
pub fn added_to_path(call: &Call) -> Option<&Expr> {
    let ExprKind::Attribute {
        value, attribute, ..
    } = &call.function.kind
    else {
        return None;
    };
    if !is_search_path(value) {
        return None;
    }
    match (attribute.as_str(), call.arguments.as_slice()) {
        ("insert", [_, added]) | ("append", [added]) => Some(&added.value),
        _ => None,
    }
}

/// Whether an expression is `sys.path`.
fn is_search_path(expr: &Expr) -> bool {
    let ExprKind::Attribute {
        value, attribute, ..
    } = &expr.kind
    else {
        return false;
    };
    attribute.as_str() == "path"
        && matches!(&value.kind, ExprKind::Name(name, _) if name.as_str() == "sys")
}
