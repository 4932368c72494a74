//! Files of packaging tools, as far as the names of distributions go: pyproject.toml (PEP 621, PEP 735, Poetry), lock files (Poetry, uv, Pipenv, PEP 751),
//! setup.cfg, and the metadata of a distribution (the core metadata's `Requires-Dist`).

use serde_json::Value as Json;
use toml::{Table, Value};

use super::distribution::{admits, leading_name};
use crate::python::Version;
use crate::python::dialect::is_python_2;

/// What the classifier says behind `Python ::` that leaves a distribution to Python 2.
const ONLY_PYTHON_2: &str = "2 :: Only";

/// Up to which version of Python 3 it is asked whether a distribution takes one.
const LAST_MINOR: u8 = 40;

/// What such a file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Project {
    /// The distributions that it names.
    pub names: Vec<String>,
    /// What the project itself is called.
    pub own: Option<String>,
    /// Whether it says that there are more, which only running code tells.
    pub has_more: bool,
    /// Whether it lists all that is installed, dependencies of dependencies among them.
    pub is_lock: bool,
    /// Of the metadata of a distribution: whether Python 2 alone is to run it, as its classifiers say.
    pub is_for_python_2: Option<bool>,
}

impl Project {
    fn add(&mut self, requirement: &str) {
        self.names
            .extend(leading_name(requirement).map(str::to_owned));
    }

    fn add_all(&mut self, requirements: Option<&Value>) {
        for requirement in requirements.and_then(Value::as_array).into_iter().flatten() {
            self.names.extend(
                requirement
                    .as_str()
                    .and_then(leading_name)
                    .map(str::to_owned),
            );
        }
    }

    /// The keys of a table, such as Poetry's.
    fn add_keys(&mut self, table: Option<&Value>) {
        let names = table.and_then(Value::as_table).into_iter().flatten();
        let names = names.map(|(name, _)| name.clone());
        self.names.extend(names.filter(|name| name != "python"));
    }
}

/// `pyproject.toml`. None if it is no TOML.
pub(super) fn pyproject(text: &str) -> Option<Project> {
    let document: Table = text.parse().ok()?;
    let mut found = Project::default();
    if let Some(project) = document.get("project") {
        found.own = project
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned);
        found.add_all(project.get("dependencies"));
        let optional = project
            .get("optional-dependencies")
            .and_then(Value::as_table);
        for (_, requirements) in optional.into_iter().flatten() {
            found.add_all(Some(requirements));
        }
        let dynamic = project.get("dynamic").and_then(Value::as_array);
        found.has_more = dynamic.is_some_and(|dynamic| {
            dynamic
                .iter()
                .any(|key| key.as_str() == Some("dependencies"))
        });
    }
    // A wheel of a command that is no Python: what builds it is nothing that Python code here imports.
    let maturin = document.get("tool").and_then(|tool| tool.get("maturin"));
    let bindings = maturin.and_then(|maturin| maturin.get("bindings"));
    if bindings.and_then(Value::as_str) != Some("bin") {
        let build = document.get("build-system");
        found.add_all(build.and_then(|build| build.get("requires")));
    }
    for (_, group) in tables(document.get("dependency-groups")) {
        found.add_all(Some(group));
    }
    let poetry = document.get("tool").and_then(|tool| tool.get("poetry"));
    if let Some(poetry) = poetry {
        found.add_keys(poetry.get("dependencies"));
        found.add_keys(poetry.get("dev-dependencies"));
        for (_, group) in tables(poetry.get("group")) {
            found.add_keys(group.get("dependencies"));
        }
    }
    let uv = document.get("tool").and_then(|tool| tool.get("uv"));
    found.add_all(uv.and_then(|uv| uv.get("dev-dependencies")));
    Some(found)
}

fn tables(value: Option<&Value>) -> impl Iterator<Item = (&String, &Value)> {
    value.and_then(Value::as_table).into_iter().flatten()
}

/// `poetry.lock`, `uv.lock` (`[[package]]`) and `pylock.toml` (`[[packages]]`): all that is installed. None if it is no TOML.
pub(super) fn toml_lock(text: &str) -> Option<Project> {
    let document: Table = text.parse().ok()?;
    let packages = ["package", "packages"]
        .iter()
        .filter_map(|key| document.get(*key)?.as_array());
    let mut found = Project {
        is_lock: true,
        ..Project::default()
    };
    for package in packages.flatten() {
        // The project itself.
        let source = package.get("source");
        let is_own = source.is_some_and(|source| {
            source.get("virtual").is_some() || source.get("editable").is_some()
        });
        let name = package.get("name").and_then(Value::as_str);
        found
            .names
            .extend(name.filter(|_| !is_own).map(str::to_owned));
    }
    Some(found)
}

/// `Pipfile.lock`. None if it is no JSON.
pub(super) fn pipfile_lock(text: &str) -> Option<Project> {
    let document: Json = serde_json::from_str(text).ok()?;
    let sections = document.as_object()?.iter();
    let names = sections
        .filter(|(key, _)| *key != "_meta")
        .filter_map(|(_, section)| section.as_object())
        .flat_map(|section| section.keys().cloned());
    Some(Project {
        names: names.collect(),
        is_lock: true,
        ..Project::default()
    })
}

/// `Pipfile`. None if it is no TOML.
pub(super) fn pipfile(text: &str) -> Option<Project> {
    let document: Table = text.parse().ok()?;
    let mut found = Project::default();
    for (key, section) in &document {
        if !matches!(key.as_str(), "source" | "requires" | "pipenv" | "scripts") {
            found.add_keys(Some(section));
        }
    }
    Some(found)
}

/// `setup.cfg`: the lines of `install_requires` and of the extras.
pub(super) fn setup_cfg(text: &str) -> Project {
    let mut found = Project::default();
    let (mut section, mut is_listing) = (String::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            name.0.trim().clone_into(&mut section);
            is_listing = false;
        } else if line.starts_with([' ', '\t']) {
            if is_listing {
                found.add(line);
            }
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.trim();
            is_listing = matches!(
                (section.as_str(), key),
                (
                    "options",
                    "install_requires" | "setup_requires" | "tests_require"
                )
            ) || section == "options.extras_require";
            if is_listing {
                let value = value.trim();
                found.has_more |= value.starts_with("file:");
                value.split(';').for_each(|part| found.add(part));
            }
        }
    }
    found
}

/// `setup.py` says what it says when it is run.
pub(super) fn setup_py(text: &str) -> Project {
    Project {
        has_more: text.contains("requires"),
        ..Project::default()
    }
}

/// A distribution's `METADATA` or `PKG-INFO`: the header's `Requires-Dist` lines. The header ends with an empty line; one of spaces alone goes on with a
/// licence's text (RFC 5322, 2.2.3).
///
/// That only Python 2 is to run it is said by a classifier (PEP 301) of its own, by those that name versions, if all of them are of Python 2, or by the name.
pub(super) fn metadata(text: &str) -> Project {
    let mut found = Project::default();
    let (mut is_only, mut names_2, mut names_others) = (false, false, false);
    let header = text.lines().take_while(|line| !line.is_empty());
    for line in header {
        if let Some(requirement) = line.strip_prefix("Requires-Dist:") {
            found.add(requirement);
        } else if let Some(name) = line.strip_prefix("Name:") {
            is_only |= is_called_after_python_2(name);
            found.own = Some(name.trim().to_owned());
        } else if let Some(rest) = line.strip_prefix("Requires-Python:") {
            names_others |= (0..=LAST_MINOR)
                .map(Version)
                .any(|version| admits(rest.trim(), version));
        } else if let Some(version) = classified_version(line) {
            is_only |= version == ONLY_PYTHON_2;
            let is_2 = version == "2" || version.starts_with("2.") || version == ONLY_PYTHON_2;
            names_2 |= is_2;
            names_others |= !is_2;
        }
    }
    found.is_for_python_2 = Some(is_only || names_2 && !names_others);
    found
}

/// Whether a distribution's name says that it is the one for Python 2, beside another one: `shop-py2`. With a date or version before it the name says of an interface
/// of that day that it has been made for both (`shop20200407-py2`).
fn is_called_after_python_2(name: &str) -> bool {
    let words = name.trim().rsplit_once(['-', '_']);
    words.is_some_and(|(before, last)| {
        is_python_2(last) && !before.ends_with(|last: char| last.is_ascii_digit())
    })
}

/// The version that a line of metadata classifies a distribution under: `2.7`, `3`, `2 :: Only`; none: it names something else (`Implementation :: PyPy`).
fn classified_version(line: &str) -> Option<&str> {
    let classifier = line.strip_prefix("Classifier:")?.trim();
    let version = classifier.strip_prefix("Programming Language :: Python :: ")?;
    version
        .starts_with(|first: char| first.is_ascii_digit())
        .then_some(version)
}

#[cfg(test)]
mod tests {
    use super::{metadata, pipfile, pipfile_lock, pyproject, setup_cfg, setup_py, toml_lock};

    #[test]
    fn pyproject_of_all_tools() {
        let found = pyproject(
            "
[build-system]
requires = ['hatchling']
[project]
dependencies = ['requests>=2', 'Pillow ; sys_platform == \"linux\"']
dynamic = ['version']
[project.optional-dependencies]
fast = ['orjson']
[dependency-groups]
dev = ['pytest', {include-group = 'lint'}]
[tool.poetry.dependencies]
python = '^3.11'
boto3 = '^1'
[tool.poetry.group.test.dependencies]
moto = {version = '5', extras = ['s3']}
",
        )
        .unwrap();
        assert_eq!(
            found.names,
            [
                "requests",
                "Pillow",
                "orjson",
                "hatchling",
                "pytest",
                "boto3",
                "moto"
            ]
        );
        assert!(!found.has_more && !found.is_lock && found.own.is_none());
        let named = pyproject("[project]\nname = 'pens-cli'").unwrap();
        assert_eq!(named.own.as_deref(), Some("pens-cli"));
        assert!(
            pyproject("[project]\ndynamic = ['dependencies']")
                .unwrap()
                .has_more
        );
        let command = "[build-system]\nrequires = ['maturin']\n[tool.maturin]\nbindings = 'bin'";
        assert!(pyproject(command).unwrap().names.is_empty());
        assert_eq!(pyproject("no toml ["), None);
    }

    #[test]
    fn locks_list_everything() {
        let uv = "version = 1\n[[package]]\nname = 'me'\nsource = { virtual = '.' }\n[[package]]\nname = 'idna'\n";
        let found = toml_lock(uv).unwrap();
        assert_eq!(found.names, ["idna"]);
        assert!(found.is_lock);
        assert_eq!(
            toml_lock("[[packages]]\nname = 'attrs'").unwrap().names,
            ["attrs"]
        );
        assert_eq!(toml_lock("package = 3").unwrap().names.len(), 0);
        let pipenv = r#"{"_meta": {"hash": {}}, "default": {"six": {}}, "develop": {"nose": {}}}"#;
        assert_eq!(pipfile_lock(pipenv).unwrap().names, ["six", "nose"]);
        assert_eq!(pipfile_lock("[]"), None);
        assert_eq!(pipfile_lock("{"), None);
        let pipfile = pipfile("[packages]\nflask = '*'\n[requires]\npython_version = '3.11'");
        assert_eq!(pipfile.unwrap().names, ["flask"]);
    }

    #[test]
    fn older_files() {
        let found = setup_cfg(
            "[metadata]\nname = x\n[options]\ninstall_requires =\n  six>=1\n  # no\n  attrs\npackages = find:\n[options.extras_require]\ntest = pytest; mock\n",
        );
        assert_eq!(found.names, ["six", "attrs", "pytest", "mock"]);
        assert!(setup_py("setup(install_requires=[...])").has_more);
        assert!(!setup_py("setup(name='x')").has_more);
        let text = "Name: x\nRequires-Dist: urllib3 (>=1.21)\nRequires-Dist: pytest; extra == 'test'\n\nRequires-Dist: text";
        assert_eq!(metadata(text).names, ["urllib3", "pytest"]);
    }

    #[test]
    fn metadata_with_a_licence_of_many_lines() {
        let text = "Metadata-Version: 2.1\nName: lamps\nLicense:      Some License\n        \n        1. Terms\n        \nRequires-Dist: shades==5.4.*\n\nRequires-Dist: none\n";
        let found = metadata(text);
        assert_eq!(found.names, ["shades"]);
        assert_eq!(found.own.as_deref(), Some("lamps"));
    }
}
