//! The difference between two parameter lists as single edits, each of which can be made alone.

use crate::bind::{Parameter, Signature};
use crate::syntax::ir::ParameterKind;

/// What an edit does to the parameters that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Aspect {
    /// There is one more.
    Added,
    /// There is one less.
    Removed,
    /// It has another name.
    Name,
    /// Parameters changed places.
    Order,
    /// It is of another kind.
    Kind,
    /// It may be omitted, or no longer.
    Default,
}

/// One edit: parameters by index in the old and in the new list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What it does.
    pub aspect: Aspect,
    /// To which; an added one has no old index, a removed one no new one.
    pub parameters: Vec<(Option<usize>, Option<usize>)>,
}

/// Two parameter lists, matched.
#[derive(Clone, Debug)]
pub struct Matching {
    /// Which old parameter is which new one, in the old one's order.
    pub pairs: Vec<(usize, usize)>,
    /// The edits that lead from one to the other; with all of them made nothing is left.
    pub edits: Vec<Edit>,
}

impl Matching {
    /// Matches parameters by name, then those between the same neighbours that are alike but for their names.
    #[must_use]
    pub fn new(old: &Signature, new: &Signature) -> Self {
        let (old, new) = (&old.parameters, &new.parameters);
        let mut pairs: Vec<(usize, usize)> = Vec::new();
        for (i, parameter) in old.iter().enumerate() {
            let same = |other: &Parameter| {
                if star(parameter.kind) {
                    other.kind == parameter.kind
                } else {
                    other.name == parameter.name && !star(other.kind)
                }
            };
            if let Some(j) = new.iter().position(same) {
                pairs.push((i, j));
            }
        }
        let renamed = renames(old, new, &pairs);
        pairs.extend(&renamed);
        pairs.sort_unstable();
        let mut edits = Vec::new();
        let single = |aspect, i, j| Edit {
            aspect,
            parameters: vec![(i, j)],
        };
        for i in 0..old.len() {
            if !pairs.iter().any(|&(known, _)| known == i) {
                edits.push(single(Aspect::Removed, Some(i), None));
            }
        }
        for j in 0..new.len() {
            if !pairs.iter().any(|&(_, known)| known == j) {
                edits.push(single(Aspect::Added, None, Some(j)));
            }
        }
        for (i, j) in renamed {
            edits.push(single(Aspect::Name, Some(i), Some(j)));
        }
        edits.extend(moves(old, new, &pairs));
        edits.extend(kinds(old, new, &pairs));
        for &(i, j) in &pairs {
            if old[i].has_default != new[j].has_default {
                edits.push(single(Aspect::Default, Some(i), Some(j)));
            }
        }
        edits.sort_by_key(|edit| edit.parameters.iter().map(|&(i, j)| j.or(i)).min());
        Self { pairs, edits }
    }
}

/// `from` with one edit made to it, as `to` has it. Read backwards (the lists and the indices exchanged), it is undone.
#[must_use]
pub fn apply(from: &Signature, to: &Signature, pairs: &[(usize, usize)], edit: &Edit) -> Signature {
    let target = &to.parameters;
    let mut parameters: Vec<(Option<usize>, Parameter)> = from
        .parameters
        .iter()
        .copied()
        .enumerate()
        .map(|(i, p)| (Some(i), p))
        .collect();
    let twin = |i: usize| {
        pairs
            .iter()
            .find(|&&(known, _)| known == i)
            .map(|&(_, j)| j)
    };
    match edit.aspect {
        Aspect::Order => {
            let mut places: Vec<usize> = Vec::new();
            let mut moved: Vec<(usize, (Option<usize>, Parameter))> = Vec::new();
            for (place, entry) in parameters.iter().enumerate() {
                if entry.1.kind <= ParameterKind::PositionalOrKeyword
                    && let Some(j) = entry.0.and_then(twin)
                {
                    places.push(place);
                    moved.push((j, *entry));
                }
            }
            moved.sort_by_key(|&(j, _)| j);
            for (place, (_, entry)) in places.into_iter().zip(moved) {
                parameters[place] = entry;
            }
        }
        _ => {
            for &(i, j) in &edit.parameters {
                // One that becomes positional takes its place among the others.
                if let (Aspect::Kind, Some(i), Some(j)) = (edit.aspect, i, j)
                    && from.parameters[i].kind == ParameterKind::KeywordOnly
                {
                    parameters.retain(|(known, _)| *known != Some(i));
                    let at = place(&parameters, target, pairs, j);
                    let kind = target[j].kind;
                    let own = from.parameters[i];
                    parameters.insert(at, (Some(i), Parameter { kind, ..own }));
                    continue;
                }
                match (i, j) {
                    (Some(i), Some(j)) => {
                        let Some((_, own)) =
                            parameters.iter_mut().find(|(known, _)| *known == Some(i))
                        else {
                            continue;
                        };
                        match edit.aspect {
                            Aspect::Name => own.name = target[j].name,
                            Aspect::Kind => own.kind = target[j].kind,
                            _ => own.has_default = target[j].has_default,
                        }
                    }
                    (Some(i), None) => parameters.retain(|(known, _)| *known != Some(i)),
                    (None, Some(j)) => {
                        let at = place(&parameters, target, pairs, j);
                        parameters.insert(at, (None, target[j]));
                    }
                    (None, None) => {}
                }
            }
        }
    }
    parameters.sort_by_key(|(_, parameter)| parameter.kind);
    Signature {
        function: from.function,
        parameters: parameters
            .into_iter()
            .map(|(_, parameter)| parameter)
            .collect(),
    }
}

/// Where a parameter of `to` goes: as far behind its nearest matched neighbour as it stands there, and behind required ones if it is
/// optional.
fn place(
    parameters: &[(Option<usize>, Parameter)],
    target: &[Parameter],
    pairs: &[(usize, usize)],
    j: usize,
) -> usize {
    let index = |wanted: usize| {
        parameters
            .iter()
            .position(|(known, _)| *known == Some(wanted))
    };
    let before = pairs
        .iter()
        .filter(|&&(_, other)| other < j)
        .max_by_key(|&&(_, other)| other);
    let after = pairs
        .iter()
        .filter(|&&(_, other)| other > j)
        .min_by_key(|&&(_, other)| other);
    let first = before.map_or(j, |&(i, other)| index(i).map_or(0, |at| at + j - other));
    let limit = after
        .and_then(|&(i, _)| index(i))
        .unwrap_or(parameters.len());
    let mut at = first.min(limit);
    let is_positional =
        |parameter: &Parameter| parameter.kind <= ParameterKind::PositionalOrKeyword;
    if target[j].has_default && is_positional(&target[j]) {
        while let Some((_, next)) = parameters.get(at) {
            if !is_positional(next) || next.has_default {
                break;
            }
            at += 1;
        }
    }
    at
}

/// An edit read backwards.
#[must_use]
pub fn reversed(edit: &Edit) -> Edit {
    Edit {
        aspect: match edit.aspect {
            Aspect::Added => Aspect::Removed,
            Aspect::Removed => Aspect::Added,
            same => same,
        },
        parameters: edit.parameters.iter().map(|&(i, j)| (j, i)).collect(),
    }
}

const fn star(kind: ParameterKind) -> bool {
    matches!(
        kind,
        ParameterKind::VarPositional | ParameterKind::VarKeyword
    )
}

/// Parameters left over on both sides, as many between the same neighbours, alike in kind and default.
fn renames(old: &[Parameter], new: &[Parameter], pairs: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let alike = |i: usize, j: usize| {
        let (old, new) = (&old[i], &new[j]);
        !star(old.kind) && old.kind == new.kind && old.has_default == new.has_default
    };
    // Matched parameters that did not change places are the fence posts.
    let mut posts: Vec<(usize, usize)> = Vec::new();
    for &(i, j) in pairs {
        if posts.last().is_none_or(|&(_, last)| j > last) {
            posts.push((i, j));
        }
    }
    posts.push((old.len(), new.len()));
    let (mut from, mut to) = (0, 0);
    for (i, j) in posts {
        let free_old: Vec<usize> = (from..i)
            .filter(|&i| !pairs.iter().any(|&(known, _)| known == i))
            .collect();
        let free_new: Vec<usize> = (to..j)
            .filter(|&j| !pairs.iter().any(|&(_, known)| known == j))
            .collect();
        if free_old.len() == free_new.len()
            && free_old.iter().zip(&free_new).all(|(&i, &j)| alike(i, j))
        {
            found.extend(free_old.into_iter().zip(free_new));
        }
        (from, to) = (i + 1, j + 1);
    }
    found
}

/// One edit for all parameters that changed places.
fn moves(old: &[Parameter], new: &[Parameter], pairs: &[(usize, usize)]) -> Option<Edit> {
    let positional = |parameter: &Parameter| parameter.kind <= ParameterKind::PositionalOrKeyword;
    let order: Vec<(usize, usize)> = pairs
        .iter()
        .copied()
        .filter(|&(i, j)| positional(&old[i]) && positional(&new[j]))
        .collect();
    let stays = |&(i, j): &(usize, usize)| {
        order
            .iter()
            .all(|&(other_i, other_j)| (other_i < i) == (other_j < j) || other_i == i)
    };
    let moved: Vec<_> = order
        .iter()
        .filter(|pair| !stays(pair))
        .map(|&(i, j)| (Some(i), Some(j)))
        .collect();
    (!moved.is_empty()).then_some(Edit {
        aspect: Aspect::Order,
        parameters: moved,
    })
}

/// One edit for all parameters that went from one kind to the same other.
fn kinds(old: &[Parameter], new: &[Parameter], pairs: &[(usize, usize)]) -> Vec<Edit> {
    let mut found: Vec<((ParameterKind, ParameterKind), Edit)> = Vec::new();
    for &(i, j) in pairs {
        let way = (old[i].kind, new[j].kind);
        if way.0 == way.1 {
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == way) {
            Some((_, edit)) => edit.parameters.push((Some(i), Some(j))),
            None => found.push((
                way,
                Edit {
                    aspect: Aspect::Kind,
                    parameters: vec![(Some(i), Some(j))],
                },
            )),
        }
    }
    found.into_iter().map(|(_, edit)| edit).collect()
}
