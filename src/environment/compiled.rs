//! Extension modules that a build compiles: a repository has their sources and says how they are built, and no file that Python could import.
//!
//! They are declared by `Extension(name, sources)` in `setup.py` (the packaging guide, "Building Extension Modules"; Cython's, pybind11's and PyTorch's classes
//! are called alike), `ext-modules` or `module-name` in `pyproject.toml` (setuptools, maturin), `py.extension_module()` in `meson.build`, and
//! `pybind11_add_module()`, `nanobind_add_module()` or `python_add_library()` in `CMakeLists.txt`.

use std::collections::BTreeSet;

use crate::name::is_identifier;

/// What stands before the name of a module that is compiled, in small letters.
const MARKERS: [&str; 8] = [
    "extension(",
    "extension_module(",
    "add_module(",
    "python_add_library(",
    "python3_add_library(",
    "module-name",
    "module_name",
    "output_name",
];

/// The endings of sources that are compiled to a module of the same name.
const SOURCES: [&str; 9] = [
    ".c", ".cc", ".cpp", ".cu", ".cxx", ".f90", ".m", ".mm", ".pyx",
];

/// The names of modules that a build file's text declares as compiled ones, dotted as far as it says in what they lie.
#[must_use]
pub fn declared(text: &str) -> BTreeSet<String> {
    let lower = text.to_ascii_lowercase();
    let mut names = BTreeSet::new();
    for marker in MARKERS {
        for (at, _) in lower.match_indices(marker) {
            // ASCII letters alone were changed, so that places are the same.
            names.extend(first_name(&text[at + marker.len()..]));
        }
    }
    for (at, _) in lower.match_indices("ext-modules") {
        names.extend(named_after(&text[at..]));
    }
    // What Rust compiles for Python is a dynamic library, called like the module (the Cargo book, "Cargo Targets").
    if lower.contains("cdylib")
        && let Some((_, library)) = text.split_once("[lib]")
    {
        names.extend(named_after(library));
    }
    if !names.is_empty() || lower.contains("ext_modules") || lower.contains("cythonize(") {
        names.extend(sources_in(text));
    }
    names
}

/// Whether one of the names is that of a module: `dotted` is its whole name as the tree is laid out, and a build file may know less of it, or call the top by another name.
#[must_use]
pub fn names(declared: &BTreeSet<String>, dotted: &str) -> bool {
    let ends_with = |long: &str, short: &str| {
        long.strip_suffix(short)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    declared
        .iter()
        .any(|name| ends_with(dotted, name) || ends_with(name, dotted))
}

/// The name that is the first argument of a call, or is given as `name=` at its start: `("shop._fast"`, `(name="fast"`, `(_fast SOURCE`, `= "shop.fast"`.
fn first_name(after: &str) -> Option<String> {
    let rest = after.trim_start();
    let rest = rest.strip_prefix("name").unwrap_or(rest).trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    let (rest, is_quoted) = match rest.strip_prefix(['"', '\'']) {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))?;
    let (name, behind) = rest.split_at(end);
    // A variable says nothing; what CMake takes as its first argument is followed by more.
    let is_told = is_quoted || behind.starts_with([' ', '\n', '\r', '\t']);
    (is_told && is_dotted(name)).then(|| name.to_owned())
}

/// The first `name = "..."` of a table or list of tables in TOML.
fn named_after(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("name")?;
    first_name(rest)
}

/// What the sources are called that a text names: `"shop/_fast.c"` is compiled to `_fast`.
fn sources_in(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(['"', '\'']).filter_map(|word| {
        let mut endings = SOURCES.iter();
        let path = endings.find_map(|ending| word.strip_suffix(ending))?;
        let stem = path.rsplit(['/', '\\']).next().unwrap_or(path);
        is_identifier(stem).then(|| stem.to_owned())
    })
}

fn is_dotted(name: &str) -> bool {
    !name.is_empty() && name.split('.').all(is_identifier)
}

#[cfg(test)]
mod tests {
    use super::{declared, names};

    #[test]
    fn extension_modules_are_declared_in_many_ways() {
        let texts = [
            "setup(ext_modules=[Extension('shop._fast', ['src/x.c'])])",
            "Extension(\n    name=\"shop._fast\",\n)",
            "CUDAExtension(name='_fast', sources=[])",
            "ext_modules = cythonize([f, 'shop/_fast.pyx'])",
            "[[tool.setuptools.ext-modules]]\nname = \"shop._fast\"\nsources = []",
            "[tool.maturin]\nmodule-name = \"shop._fast\"",
            "py.extension_module('_fast', files, install: true)",
            "pybind11_add_module(_fast fast.cpp)",
            "Python_add_library(_fast MODULE fast.c WITH_SOABI)",
            "set_target_properties(shop_fast PROPERTIES\n    OUTPUT_NAME _fast\n)",
            "[lib]\nname = \"_fast\"\ncrate-type = [\"cdylib\"]\n",
        ];
        for text in texts {
            assert!(names(&declared(text), "shop._fast"), "{text}");
            assert!(!names(&declared(text), "shop.fast"), "{text}");
        }
    }

    #[test]
    fn other_texts_declare_none() {
        let texts = [
            "setup(packages=['shop', 'shop._fast'], py_modules=['_fast'])",
            "Extension(name, sources)",
            "open('data/_fast.c')",
            "add_library(_fast STATIC fast.c)",
        ];
        for text in texts {
            assert!(!names(&declared(text), "shop._fast"), "{text}");
        }
    }
}
