//! Methods of the builtin containers that change them (the library reference, "Mutable Sequence Types", "Set Types", "Mapping Types").

/// Methods that change a list, set or dict.
const MUTATORS: [&str; 17] = [
    "append",
    "extend",
    "insert",
    "remove",
    "pop",
    "clear",
    "sort",
    "reverse",
    "update",
    "setdefault",
    "popitem",
    "add",
    "discard",
    "difference_update",
    "intersection_update",
    "symmetric_difference_update",
    "move_to_end",
];

/// Whether calling the method `name` changes its object.
#[must_use]
pub fn is_mutator(name: &str) -> bool {
    MUTATORS.contains(&name)
}
