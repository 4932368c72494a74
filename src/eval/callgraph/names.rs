//! The names of functions in the call graph: dotted, lambdas numbered.

use rustc_hash::FxHashMap;

use crate::program::Module;
use crate::syntax::ir::{FunctionId, Parent};

/// The dotted names of a module's functions, along [`crate::syntax::ir::Module::functions`].
///
/// Unlike Python's own qualified names they have no `<locals>`, and each lambda is told from the others of its scope by its number there, from 1
/// in source order.
pub(super) fn of(module: &Module) -> Vec<String> {
    let ir = &module.ir;
    let mut order: Vec<usize> = (0..ir.functions.len()).collect();
    order.sort_by_key(|&index| ir.functions[index].range.start);
    let mut counts: FxHashMap<Parent, usize> = FxHashMap::default();
    let mut last: Vec<String> = vec![String::new(); ir.functions.len()];
    for index in order {
        let function = &ir.functions[index];
        last[index] = if function.is_lambda() {
            let count = counts.entry(function.parent).or_insert(0);
            *count += 1;
            format!("<lambda{count}>")
        } else {
            function.name.to_string()
        };
    }
    let dotted = |index: usize| {
        let mut parts: Vec<&str> = vec![&last[index]];
        let mut parent = ir.functions[index].parent;
        loop {
            parent = match parent {
                Parent::Module => break,
                Parent::Function(FunctionId(id)) => {
                    parts.push(&last[id as usize]);
                    ir.functions[id as usize].parent
                }
                Parent::Class(id) => {
                    parts.push(ir[id].name.as_str());
                    ir[id].parent
                }
            };
        }
        parts.push(module.name.as_str());
        parts.reverse();
        parts.join(".")
    };
    (0..ir.functions.len()).map(dotted).collect()
}
