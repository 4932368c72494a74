//! "Did you mean": the names that are there where one was written that is not.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::config::nearest;
use crate::facts::{Failure, FileId, Route, RouteStatus};
use crate::source::{Text, Tree};

/// ``did you mean `ttl`? Else ``, if one of the names is near.
pub(super) fn did_you_mean<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> String {
    instead_of(near(written, names))
}

/// The same for a name that was looked for already.
pub(super) fn instead_of(near: Option<&str>) -> String {
    match near {
        Some(name) => format!("did you mean `{name}`? Else "),
        None => String::new(),
    }
}

/// The name among these that is near.
pub(super) fn near<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    nearest(written, names.into_iter().filter(|name| *name != written))
}

/// The names of the parameters in a parameter list as it is written, those with stars left out.
pub(super) fn parameters(signature: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let inner = signature.trim_start_matches('(').trim_end_matches(')');
    let parts = inner.split(|c: char| {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    parts
        .map(|part| {
            part.trim()
                .split(|c| !is_part(c))
                .next()
                .unwrap_or_default()
        })
        .filter(|name| !name.is_empty() && !matches!(*name, "self" | "cls"))
        .collect()
}

/// The operations that the failure's interface has.
pub(super) fn known_operations<'a>(failure: &Failure, routes: &'a [Route]) -> Vec<&'a str> {
    let Some(own) = &failure.route else {
        return Vec::new();
    };
    let of_interface = routes.iter().filter(|route| {
        route.key.interface == own.interface && route.status == RouteStatus::Resolved
    });
    of_interface
        .map(|route| route.key.operation.as_str())
        .collect()
}

/// Which files bind which names at their top level: those of `def`, `class`, and assignments. A look at the text is enough for a hint; each is read once, and
/// only if somebody asks.
pub(super) struct Definitions<'t> {
    tree: &'t Tree,
    /// By file: what it binds, in order.
    bound: RefCell<FxHashMap<FileId, Rc<[&'t str]>>>,
    files: OnceCell<FxHashMap<&'t str, Vec<FileId>>>,
}

impl<'t> Definitions<'t> {
    pub(super) fn of(tree: &'t Tree) -> Self {
        Self {
            tree,
            bound: RefCell::default(),
            files: OnceCell::new(),
        }
    }

    /// The names that the module binds which the failure's exception names.
    pub(super) fn in_module(&self, failure: &Failure) -> Rc<[&'t str]> {
        let exception = failure.exception.as_deref().unwrap_or_default();
        let quoted = exception.split('\'').skip(1).step_by(2);
        let mut modules = quoted.filter(|name| *name != failure.subject.as_str());
        let file = modules.find_map(|name| module_file(name, self.tree));
        file.map_or_else(Rc::default, |file| self.bound_in(file))
    }

    /// The names that a file binds.
    fn bound_in(&self, file: FileId) -> Rc<[&'t str]> {
        let read = || {
            let mut names: Vec<&str> = bound_in(&self.tree.file(file).text).collect();
            names.sort_unstable();
            names.dedup();
            Rc::from(names)
        };
        Rc::clone(self.bound.borrow_mut().entry(file).or_insert_with(read))
    }

    /// ``"`f` is defined in a.py and b.py: import it from there. Else "``, if other files than the importing one and the one that lacks it bind the name.
    pub(super) fn elsewhere(&self, failure: &Failure) -> String {
        let subject = failure.subject.as_str();
        let exception = failure.exception.as_deref().unwrap_or_default();
        let modules: Vec<&str> = exception.split('\'').skip(1).step_by(2).collect();
        let files = self.files.get_or_init(|| self.read());
        let others = files.get(subject).into_iter().flatten();
        let paths: Vec<&str> = others
            .filter(|file| **file != failure.cause.file)
            .map(|file| &*self.tree.file(*file).path)
            .filter(|path| !modules.iter().any(|name| is_file_of(path, name)))
            .collect();
        let (last, before) = match paths.as_slice() {
            [] => return String::new(),
            // Many files have a `main`: which one is meant, nobody can tell.
            paths if paths.len() > 3 => return String::new(),
            [before @ .., last] => (last, before),
        };
        let list = match before {
            [] => (*last).to_owned(),
            _ => format!("{} and {last}", before.join(", ")),
        };
        format!("`{subject}` is defined in {list}: import it from there. Else ")
    }

    fn read(&self) -> FxHashMap<&'t str, Vec<FileId>> {
        let mut found: FxHashMap<&str, Vec<FileId>> = FxHashMap::default();
        for (file, _) in self.tree.iter() {
            for &name in self.bound_in(file).iter() {
                found.entry(name).or_default().push(file);
            }
        }
        found
    }
}

/// Whether a path is that of a module with this dotted name, from whatever root.
fn is_file_of(path: &str, module: &str) -> bool {
    let stem = path
        .strip_suffix("/__init__.py")
        .or_else(|| path.strip_suffix(".py"));
    let split = stem.and_then(|stem| {
        let at = stem.len().checked_sub(module.len())?;
        stem.split_at_checked(at)
    });
    split.is_some_and(|(before, own)| {
        let mut letters = own.bytes().zip(module.bytes());
        letters.all(|(letter, of_name)| letter == if of_name == b'.' { b'/' } else { of_name })
            && (before.is_empty() || before.ends_with('/'))
    })
}

/// The file of a module by its dotted name, if one file of the tree may be it.
fn module_file(name: &str, tree: &Tree) -> Option<FileId> {
    let mut files = tree.iter().filter(|(_, file)| is_file_of(&file.path, name));
    let (file, _) = files.next()?;
    files.next().is_none().then_some(file)
}

/// The names that a text binds at its top level.
fn bound_in(text: &Text) -> impl Iterator<Item = &str> {
    let content = text.content();
    let starts = (1..=text.line_count()).filter_map(|line| text.line_start(line));
    let lines = starts.filter_map(|start| {
        let at = start as usize;
        let rest = content.get(at..)?;
        // Where most lines begin is known already: only those that may bind something are read.
        let is_line = at == 0 || content.as_bytes()[at - 1] == b'\n';
        (is_line && may_bind(rest))
            .then(|| rest.lines().next())
            .flatten()
    });
    lines.filter_map(bound_at)
}

/// Whether a line may bind a name: most stand in a body, are empty or a comment.
fn may_bind(line: &str) -> bool {
    let first = line.as_bytes().first();
    first.is_some_and(|first| {
        !matches!(
            first,
            b' ' | b'\t' | b'\n' | b'#' | b'@' | b')' | b']' | b'}'
        )
    })
}

/// The name that a line at the top level binds.
fn bound_at(line: &str) -> Option<&str> {
    if !may_bind(line) {
        return None;
    }
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut rest = line;
    let mut is_definition = false;
    for word in ["async ", "def ", "class "] {
        if let Some(after) = rest.strip_prefix(word) {
            rest = after;
            is_definition = word != "async ";
        }
    }
    let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let after = after.trim_start();
    let is_assigned =
        after.starts_with(": ") || (after.starts_with('=') && !after.starts_with("=="));
    (!name.is_empty() && (is_definition || is_assigned)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_as_they_are_written() {
        let written = "(self, key: dict[str, int], /, *args, ttl=(1, 2), **kwargs)";
        assert_eq!(parameters(written), ["key", "ttl"]);
        assert!(parameters("()").is_empty());
    }

    #[test]
    fn names_at_the_top_level() {
        let cases = [
            ("def f(a):", Some("f")),
            ("async def g():", Some("g")),
            ("class C(B):", Some("C")),
            ("LIMIT: int = 3", Some("LIMIT")),
            ("limit = 3", Some("limit")),
            ("    inner = 3", None),
            ("limit == 3", None),
            ("import x", None),
            ("else: x", None),
            ("", None),
        ];
        for (line, name) in cases {
            assert_eq!(
                bound_at(line).filter(|name| *name != "else"),
                name,
                "{line}"
            );
        }
    }
}
