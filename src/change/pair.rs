//! Which function and class of one tree is which of the other.

use rustc_hash::FxHashMap;

use crate::eval::contract::{Class, Contract, Function};
use crate::facts::{FileId, RouteKey};
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
    /// The deployed function that is this one of the candidate's, by its dotted name.
    pub fn deployed(&self, candidate: &str) -> Option<usize> {
        self.back.get(candidate).copied()
    }

    /// Pairs by name; then by class or module that moved, by the body, and by the route that ends there.
    pub fn new(old: &Side, new: &Side) -> Self {
        let (mut classes, mut classes_removed, mut classes_added) = by_name(
            old.contract.classes.iter().map(|class| class.name.clone()),
            new.contract.classes.iter().map(|class| class.name.clone()),
        );
        let class = |side: &Side, class: &Class| Shown {
            name: class.qualname.to_string(),
            body: body(side, class.place.file, class.range, class.place.range.end),
            routes: Vec::new(),
        };
        join(
            &mut classes,
            &mut classes_removed,
            &mut classes_added,
            |i| class(old, &old.contract.classes[i]),
            |j| class(new, &new.contract.classes[j]),
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
        let (old_ends, new_ends) = (ends(old), ends(new));
        let function = |side: &Side, ends: &Ends, function: &Function| Shown {
            // Methods, functions and properties are not taken for each other.
            name: format!("{:?} {}", function.access, function.qualname),
            body: body(
                side,
                function.place.file,
                function.range,
                function.place.range.end,
            ),
            routes: ends.get(&function.name).cloned().unwrap_or_default(),
        };
        join(
            &mut functions,
            &mut functions_removed,
            &mut functions_added,
            |i| function(old, &old_ends, &old.contract.functions[i]),
            |j| function(new, &new_ends, &new.contract.functions[j]),
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

/// The routes that end in a function, by its dotted name.
type Ends = FxHashMap<String, Vec<RouteKey>>;

fn ends(side: &Side) -> Ends {
    let mut found = Ends::default();
    for route in &side.facts.routes {
        if let Some(handler) = &route.handler {
            let known: &mut Vec<RouteKey> = found.entry(handler.name.clone()).or_default();
            known.push(route.key.clone());
        }
    }
    found
}

/// By what a definition is recognised under another name.
struct Shown {
    /// Its name within the module; what is of another kind has another name.
    name: String,
    /// Its body, in one line.
    body: String,
    /// The routes that end in it.
    routes: Vec<RouteKey>,
}

/// Pairs what is left where each has just one likely partner: with the same name in another module, with the same body, or at the end of
/// the same routes.
fn join(
    both: &mut Vec<(usize, usize)>,
    removed: &mut Vec<usize>,
    added: &mut Vec<usize>,
    old: impl Fn(usize) -> Shown,
    new: impl Fn(usize) -> Shown,
) {
    let old: Vec<Shown> = removed.iter().map(|&i| old(i)).collect();
    let new: Vec<Shown> = added.iter().map(|&j| new(j)).collect();
    // Only what shares one of these is looked at closely.
    let mut index: FxHashMap<(u8, &str), Vec<usize>> = FxHashMap::default();
    for (j, shown) in new.iter().enumerate() {
        index.entry((0, &shown.name)).or_default().push(j);
        index.entry((1, &shown.body)).or_default().push(j);
        if let Some(first) = shown.routes.first() {
            index.entry((2, &first.operation)).or_default().push(j);
        }
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (i, shown) in old.iter().enumerate() {
        let operation = shown
            .routes
            .first()
            .map(|route| (2, route.operation.as_str()));
        let keys = [
            Some((0, shown.name.as_str())),
            Some((1, shown.body.as_str())),
            operation,
        ];
        let near = keys.into_iter().flatten().filter_map(|key| index.get(&key));
        let likely = near.flatten().filter(|&&j| is_likely(shown, &new[j]));
        found.extend(likely.map(|&j| (i, j)));
    }
    found.sort_unstable();
    found.dedup();
    let (mut partners_old, mut partners_new) = (vec![0; old.len()], vec![0; new.len()]);
    for &(i, j) in &found {
        partners_old[i] += 1;
        partners_new[j] += 1;
    }
    found.retain(|&(i, j)| partners_old[i] == 1 && partners_new[j] == 1);
    let (was_removed, was_added) = (removed.clone(), added.clone());
    removed.retain(|known| !found.iter().any(|&(i, _)| was_removed[i] == *known));
    added.retain(|known| !found.iter().any(|&(_, j)| was_added[j] == *known));
    both.extend(found.iter().map(|&(i, j)| (was_removed[i], was_added[j])));
    both.sort_unstable();
}

fn is_likely(old: &Shown, new: &Shown) -> bool {
    let kind = |shown: &Shown| {
        let (access, name) = shown.name.split_once(' ').unwrap_or(("", &shown.name));
        (access.to_owned(), name.contains('.'))
    };
    if kind(old) != kind(new) {
        return false;
    }
    let is_same_body = old.body == new.body && old.body.len() >= TELLING;
    let is_same_route = !old.routes.is_empty() && old.routes == new.routes;
    is_same_body || ((old.name == new.name || is_same_route) && similar(&old.body, &new.body))
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
