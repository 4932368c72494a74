//! Which function and class of one tree is which of the other.

use rustc_hash::FxHashMap;

use crate::eval::contract::{Class, Contract, Function};
use crate::facts::FileId;
use crate::syntax::ir::Range;

use super::{Side, one_line};

/// A body shorter than this says nothing about who it is.
const TELLING: usize = 40;

/// What belongs together.
pub struct Pairs {
    /// Functions of both trees, by index.
    pub functions: Vec<(usize, usize)>,
    /// Functions that only the deployed tree has.
    pub functions_removed: Vec<usize>,
    /// Functions that only the candidate has.
    pub functions_added: Vec<usize>,
    /// Classes of both trees, by index.
    pub classes: Vec<(usize, usize)>,
    /// Classes that only the deployed tree has.
    pub classes_removed: Vec<usize>,
    /// Classes that only the candidate has.
    pub classes_added: Vec<usize>,
    /// The candidate's function by the deployed one's name, and the other way round.
    forth: FxHashMap<String, usize>,
    back: FxHashMap<String, usize>,
}

impl Pairs {
    /// Pairs by name; then by class or module that moved, by the body, and by the route that ends there.
    pub fn new(old: &Side, new: &Side) -> Self {
        let (mut classes, mut classes_removed, mut classes_added) = by_name(
            old.contract.classes.iter().map(|class| class.name.clone()),
            new.contract.classes.iter().map(|class| class.name.clone()),
        );
        let class_text = |side: &Side, class: &Class| {
            body(side, class.place.file, class.range, class.place.range.end)
        };
        let likely = |&(i, j): &(usize, usize)| {
            let (a, b) = (&old.contract.classes[i], &new.contract.classes[j]);
            let (old_text, new_text) = (class_text(old, a), class_text(new, b));
            (a.qualname == b.qualname && a.module != b.module && similar(&old_text, &new_text))
                || (old_text == new_text && old_text.len() >= TELLING)
        };
        join(
            &mut classes,
            &mut classes_removed,
            &mut classes_added,
            likely,
        );
        let renamed: Vec<(String, String)> = classes
            .iter()
            .map(|&(i, j)| {
                (
                    old.contract.classes[i].name.clone(),
                    new.contract.classes[j].name.clone(),
                )
            })
            .filter(|(old, new)| old != new)
            .collect();
        // Methods follow their class.
        let translated = |function: &Function| {
            let moved = renamed.iter().find_map(|(old, new)| {
                let rest = function.name.strip_prefix(old.as_str())?;
                (rest.is_empty() || rest.starts_with('.')).then(|| format!("{new}{rest}"))
            });
            constructed(moved.as_deref().unwrap_or(&function.name))
        };
        let (mut functions, mut functions_removed, mut functions_added) = by_name(
            old.contract.functions.iter().map(translated),
            new.contract
                .functions
                .iter()
                .map(|function| constructed(&function.name)),
        );
        let text = |side: &Side, function: &Function| {
            body(
                side,
                function.place.file,
                function.range,
                function.place.range.end,
            )
        };
        let handled = |i: usize, j: usize| {
            let (a, b) = (
                &old.contract.functions[i].name,
                &new.contract.functions[j].name,
            );
            let ends = |side: &Side, name: &str| -> Vec<(String, String)> {
                let routes = side.facts.routes.iter();
                routes
                    .filter(|route| {
                        route
                            .handler
                            .as_ref()
                            .is_some_and(|handler| handler.name == name)
                    })
                    .map(|route| (route.key.interface.clone(), route.key.operation.clone()))
                    .collect()
            };
            let (old_routes, new_routes) = (ends(old, a), ends(new, b));
            !old_routes.is_empty() && old_routes == new_routes
        };
        let likely = |&(i, j): &(usize, usize)| {
            let (a, b) = (&old.contract.functions[i], &new.contract.functions[j]);
            let is_method = |function: &Function| function.qualname.contains('.');
            if is_method(a) != is_method(b) || a.access != b.access {
                return false;
            }
            let (old_text, new_text) = (text(old, a), text(new, b));
            let moved = a.qualname == b.qualname && similar(&old_text, &new_text);
            let renamed = old_text == new_text && old_text.len() >= TELLING;
            moved || renamed || (handled(i, j) && similar(&old_text, &new_text))
        };
        join(
            &mut functions,
            &mut functions_removed,
            &mut functions_added,
            likely,
        );
        let names = |contract: &Contract, index: usize| contract.functions[index].name.clone();
        Self {
            forth: functions
                .iter()
                .map(|&(i, j)| (names(old.contract, i), j))
                .collect(),
            back: functions
                .iter()
                .map(|&(i, j)| (names(new.contract, j), i))
                .collect(),
            functions,
            functions_removed,
            functions_added,
            classes,
            classes_removed,
            classes_added,
        }
    }

    /// The candidate's function that a deployed one became.
    pub fn new_of(&self, old: &str) -> Option<usize> {
        self.forth.get(old).copied()
    }

    /// The deployed function that became this one of the candidate.
    pub fn old_of(&self, new: &str) -> Option<usize> {
        self.back.get(new).copied()
    }
}

/// A constructor goes by the name of its class, whether it is written out or made from annotations.
fn constructed(name: &str) -> String {
    name.strip_suffix(".__init__").unwrap_or(name).to_owned()
}

type Split = (Vec<(usize, usize)>, Vec<usize>, Vec<usize>);

/// Pairs by name; where a name is defined more than once, in order.
fn by_name(old: impl Iterator<Item = String>, new: impl Iterator<Item = String>) -> Split {
    let mut index: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    let new: Vec<String> = new.collect();
    for (at, name) in new.iter().enumerate().rev() {
        index.entry(name.clone()).or_default().push(at);
    }
    let (mut both, mut removed) = (Vec::new(), Vec::new());
    let mut taken = vec![false; new.len()];
    for (i, name) in old.enumerate() {
        match index.get_mut(&name).and_then(Vec::pop) {
            Some(j) => {
                taken[j] = true;
                both.push((i, j));
            }
            None => removed.push(i),
        }
    }
    let added = (0..new.len()).filter(|&j| !taken[j]).collect();
    (both, removed, added)
}

/// Pairs what is left where each has just one likely partner.
fn join(
    both: &mut Vec<(usize, usize)>,
    removed: &mut Vec<usize>,
    added: &mut Vec<usize>,
    likely: impl Fn(&(usize, usize)) -> bool,
) {
    let all = removed
        .iter()
        .flat_map(|&i| added.iter().map(move |&j| (i, j)));
    let found: Vec<(usize, usize)> = all.filter(likely).collect();
    let only = |pair: &(usize, usize)| {
        found
            .iter()
            .all(|other| other == pair || (other.0 != pair.0 && other.1 != pair.1))
    };
    let chosen: Vec<(usize, usize)> = found.iter().copied().filter(only).collect();
    removed.retain(|i| !chosen.iter().any(|pair| pair.0 == *i));
    added.retain(|j| !chosen.iter().any(|pair| pair.1 == *j));
    both.extend(chosen);
    both.sort_unstable();
}

/// What follows a definition's header, in one line.
fn body(side: &Side, file: FileId, range: Range, header_end: u32) -> String {
    let text = side.tree.file(file).text.content();
    one_line(
        text.get(header_end as usize..range.end as usize)
            .unwrap_or_default(),
    )
}

/// Whether two bodies are more alike than not.
fn similar(old: &str, new: &str) -> bool {
    if old == new {
        return true;
    }
    let old: Vec<&str> = old.split(' ').collect();
    let new: Vec<&str> = new.split(' ').collect();
    similar::TextDiff::configure()
        .algorithm(similar::Algorithm::Patience)
        .diff_slices(&old, &new)
        .ratio()
        >= 0.6
}
