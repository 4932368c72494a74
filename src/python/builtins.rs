//! Names that need no binding: the builtins, and what every module is given.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::Span;

/// See `generate.py`.
const TABLE: &str = include_str!("builtins.txt");

/// What is known of a name as a builtin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Builtin {
    /// These versions of Python 3 have it.
    Python3(Span),
    /// Only Python 2 had it.
    Python2,
    /// Some host of Python code, or some platform, has it.
    Host,
}

static BUILTINS: LazyLock<FxHashMap<&'static str, Builtin>> = LazyLock::new(|| {
    let lines = TABLE.lines().filter(|line| !line.starts_with('#'));
    let known = lines.filter_map(|line| match line.split_once(' ') {
        None => Some((line, Builtin::Python3(Span::ALL))),
        Some((name, "2")) => Some((name, Builtin::Python2)),
        Some((name, span)) => Some((name, Builtin::Python3(Span::parse(span)?))),
    });
    let hosts = HOSTS.iter().map(|&name| (name, Builtin::Host));
    hosts.chain(known).collect()
});

/// Names that documented hosts of Python code put among the builtins, or into the code that they run: IPython, notebooks of Databricks and Jupyter's
/// configuration files, the debugger's `gdb`, scripts of Snakemake's rules, Ghidra's and Grasshopper's scripts, `gettext.install` (`_` and, on demand, the others),
/// line profilers, type checkers; `WindowsError` is there on Windows alone.
const HOSTS: [&str; 25] = [
    "WindowsError",
    "_",
    "__IPYTHON__",
    "currentAddress",
    "currentHighlight",
    "currentProgram",
    "currentSelection",
    "dbutils",
    "display",
    "gdb",
    "get_config",
    "get_ipython",
    "gettext",
    "ghenv",
    "lgettext",
    "lngettext",
    "ngettext",
    "pgettext",
    "profile",
    "reveal_locals",
    "reveal_type",
    "sc",
    "snakemake",
    "spark",
    "sqlContext",
];

/// Names that documented hosts give to the files that they run, by how those are called: traitlets to the configuration of Jupyter's programs ("Configuration
/// files"), Sphinx to the configuration of a documentation ("Configuration", `tags`).
const GIVEN_BY_FILE: [(&str, &[&str]); 2] = [
    ("_config.py", &["c", "load_subconfig"]),
    ("conf.py", &["tags"]),
];

/// Whether the host of a file called so gives it a variable of this name.
#[must_use]
pub fn is_given_to_file(name: &str, file: &str) -> bool {
    let mut hosts = GIVEN_BY_FILE.iter();
    hosts.any(|(ending, names)| file.ends_with(ending) && names.contains(&name))
}

/// What a name is among the builtins; none: it never was there.
#[must_use]
pub fn builtin(name: &str) -> Option<Builtin> {
    BUILTINS.get(name).copied()
}

/// Whether the import system gives every module a variable of this name (language reference, "Import-related attributes on module objects"),
/// or the compiler does (`__annotations__`); `__path__` is there in packages alone.
#[must_use]
pub fn is_given_to_modules(name: &str, is_package: bool) -> bool {
    match name {
        "__name__" | "__doc__" | "__package__" | "__loader__" | "__spec__" | "__file__"
        | "__cached__" | "__builtins__" | "__annotations__" => true,
        "__path__" => is_package,
        _ => false,
    }
}

/// Whether a name is of the form that is the system's to define (language reference, "Reserved classes of identifiers", `__*__`), and none of those that
/// Python defines: these have small letters alone.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    is_system_name(name) && name.contains(|letter: char| letter.is_uppercase())
}

fn is_system_name(name: &str) -> bool {
    name.len() > 4 && name.starts_with("__") && name.ends_with("__")
}

/// Names of that form that Python, or custom, gives to modules and classes, or to what they hold (language reference, "Modules", "Custom classes"; PEP 8, "Module Level
/// Dunder Names"): where one lacks, nobody else puts it there.
const OF_PYTHON: [&str; 20] = [
    "__all__",
    "__annotations__",
    "__author__",
    "__bases__",
    "__call__",
    "__class__",
    "__dict__",
    "__doc__",
    "__file__",
    "__init__",
    "__main__",
    "__module__",
    "__name__",
    "__new__",
    "__package__",
    "__path__",
    "__qualname__",
    "__slots__",
    "__spec__",
    "__version__",
];

/// Whether a name is of that form and has small letters alone, and is none of Python's: hosts of plug-ins put such among the builtins or into the module, `__salt__`
/// or `__xonsh__`.
#[must_use]
pub fn is_given_by_host(name: &str) -> bool {
    is_system_name(name)
        && !name.contains(|letter: char| letter.is_uppercase())
        && !OF_PYTHON.contains(&name)
}

/// Whether the compiler, or the class statement, gives every class body a variable of this name (language reference, "Creating the class object").
#[must_use]
pub fn is_given_to_classes(name: &str) -> bool {
    matches!(
        name,
        "__module__"
            | "__qualname__"
            | "__annotations__"
            | "__firstlineno__"
            | "__type_params__"
            | "__classdict__"
            | "__conditional_annotations__"
    )
}

#[cfg(test)]
mod tests {
    use super::{Builtin, builtin, is_given_to_file};
    use crate::python::{Targets, Version};

    #[test]
    fn builtins_are_known_by_version() {
        assert!(matches!(builtin("print"), Some(Builtin::Python3(_))));
        assert_eq!(builtin("unicode"), Some(Builtin::Python2));
        assert_eq!(builtin("WindowsError"), Some(Builtin::Host));
        assert!(is_given_to_file(
            "c",
            "ui-tests/jupyter_server_test_config.py"
        ));
        assert!(is_given_to_file("tags", "docs/conf.py"));
        assert!(!is_given_to_file("c", "config.py"));
        assert!(!is_given_to_file("d", "hub_config.py"));
        assert_eq!(builtin("no_such_builtin"), None);
        let Some(Builtin::Python3(span)) = builtin("aiter") else {
            panic!("aiter")
        };
        let targets = Targets::new(vec![Version(9), Version(10)]);
        assert_eq!(span.lacking(&targets), [Version(9)]);
        assert_eq!(span.lacking(&Targets::default()), []);
    }
}
