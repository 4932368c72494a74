//! Settings: options resolved into what the stages use.

use std::sync::Arc;

use super::{
    AgainstOption, ColdStartOptions, ConfigError, Day, Globs, Layers, Level, Options, Origin,
    Pattern, WaiverOption, Written,
};
use crate::environment::Environment;
use crate::python::{Declared, Targets};
use crate::template::Handler;

/// Directories that hold no code of the project, whatever project: skipped wherever they are in a directory, a work
/// tree, an index or a revision, unless `exclude` is set. `build` and `dist` are not among them: packages have these names.
const SKIPPED: &[&str] = &[
    ".aws-sam",
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pyre",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".serverless",
    ".svn",
    ".terraform",
    ".tox",
    ".venv",
    "__pycache__",
    "__pypackages__",
    "cdk.out",
    "node_modules",
];

/// Whether the name of a file or directory is one that a generator of projects fills in, such as `{{cookiecutter.name}}`: what is there is a template and no
/// Python yet, and no module's name.
#[must_use]
pub fn is_filled_in(name: &str) -> bool {
    name.find("{{").is_some_and(|at| name[at..].contains("}}"))
}

/// Which files of a tree are looked at.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Whether `exclude` took the place of [`SKIPPED`].
    replaces_default: bool,
    exclude: Globs,
    include: Option<Globs>,
}

impl Selection {
    /// The same, but without the configuration's globs: for paths that are not yet those of TREE.
    #[must_use]
    pub fn without_globs(&self) -> Self {
        Self {
            replaces_default: self.replaces_default,
            ..Self::default()
        }
    }

    /// Whether a directory of the name `name` is skipped for its name. Git's own directory always is, and what a generator of projects fills in.
    #[must_use]
    pub fn skips_name(&self, name: &str) -> bool {
        name == ".git" || is_filled_in(name) || (!self.replaces_default && SKIPPED.contains(&name))
    }

    /// Whether `exclude` or `extend-exclude` takes `path` (a file or directory, relative to TREE) out.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        self.exclude.matches(path)
    }

    /// Whether the file `path`, relative to TREE, is looked at as far as the configuration's globs go.
    #[must_use]
    pub fn takes(&self, path: &str) -> bool {
        !self.excludes(path)
            && self
                .include
                .as_ref()
                .is_none_or(|include| include.matches(path))
    }
}

/// One rule's level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLevel {
    /// The rule's name as written.
    pub rule: Written<String>,
    /// Its level.
    pub level: Level,
}

/// Files that always move together.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// Its files.
    pub files: Globs,
}

/// A finding that somebody takes the responsibility for, until a day.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The rule's name, its code, or the beginning of its code.
    pub rule: String,
    /// The files that it is for.
    pub paths: Globs,
    /// The files as they are written.
    pub path: String,
    /// Whether TREE is only a part of what the configuration is for, and files that it is for may lie elsewhere.
    pub may_be_elsewhere: bool,
    /// The only function that it is for, as seen from its module.
    pub function: Option<String>,
    /// The only finding that it is for.
    pub fingerprint: Option<String>,
    /// The last day that it holds.
    pub until: Day,
    /// Why.
    pub reason: String,
    /// Who.
    pub by: Option<String>,
    /// Where it is written.
    pub at: Origin,
}

impl Waiver {
    fn resolve(written: &WaiverOption) -> Result<Self, ConfigError> {
        Ok(Self {
            rule: written.rule.value.clone(),
            paths: Globs::new(std::slice::from_ref(&written.path))?,
            path: written.path.text.clone(),
            may_be_elsewhere: !written.path.prefix.is_empty()
                && !(written.path.text).starts_with(&format!("{}/", written.path.prefix)),
            function: written.function.clone(),
            fingerprint: written.fingerprint.clone(),
            until: written.until,
            reason: written.reason.clone(),
            by: written.by.clone(),
            at: written.at.clone(),
        })
    }
}

/// Where execution starts.
#[derive(Clone, Debug, Default)]
pub struct EntryPoints {
    /// `module:function`.
    pub functions: Vec<(String, String)>,
    /// Files whose functions may all be called from outside.
    pub files: Globs,
}

/// The configuration, resolved.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The deployed version, if the configuration names one.
    pub against: Option<Written<AgainstOption>>,
    /// What the code is meant for, as far as the options say.
    pub python: Declared,
    /// Import roots: directories relative to TREE, with `/`, `""` for TREE itself. Empty: to be found.
    pub roots: Vec<String>,
    /// Which files are looked at.
    pub selection: Selection,
    /// Levels by rule, in the order written.
    pub rules: Vec<RuleLevel>,
    /// Levels by rule for the files that globs match, in the order written.
    pub per_path: Vec<(Globs, Vec<RuleLevel>)>,
    /// Whether nothing is reported that the deployed version has too.
    pub new_only: bool,
    /// The baseline, as it is written.
    pub baseline: Option<Written<String>>,
    /// What somebody takes the responsibility for, in the order written.
    pub waivers: Vec<Waiver>,
    /// The lowest level that makes the exit status 1.
    pub fail_on: Level,
    /// The output format, if the configuration names one.
    pub output_format: Option<String>,
    /// Only these rules, if not None.
    pub select: Option<Vec<String>>,
    /// Not these rules.
    pub ignore: Vec<String>,
    /// Where templates beside the code say that execution starts.
    pub handlers: Vec<Handler>,
    /// What surrounds the tree.
    pub environment: Arc<Environment>,
    /// Where execution starts, as far as configured.
    pub entry_points: EntryPoints,
    /// Files that move together, in the order written.
    pub units: Vec<Unit>,
    /// The layers.
    pub layers: Layers,
    /// What a handler may load before the first request.
    pub cold_start: ColdStartOptions,
    /// How many lines the files of a package that globs match have at least.
    pub min_lines: Vec<(Globs, u32)>,
}

impl Settings {
    /// Resolves `options`; without any, the defaults.
    ///
    /// # Errors
    /// If a glob is malformed, or no import root lies in TREE.
    pub fn resolve(options: &Options) -> Result<Self, ConfigError> {
        let values = |list: &Option<Vec<Written<String>>>| -> Option<Vec<String>> {
            list.as_ref()
                .map(|list| list.iter().map(|item| item.value.clone()).collect())
        };
        let rule = |(rule, level): &(Written<String>, Level)| RuleLevel {
            rule: rule.clone(),
            level: *level,
        };
        let unit = |(name, patterns): &(Written<String>, Vec<Pattern>)| {
            Ok(Unit {
                name: name.value.clone(),
                files: Globs::new(patterns)?,
            })
        };
        Ok(Self {
            against: options.against.clone(),
            python: options
                .python_version
                .as_ref()
                .map(|written| Declared {
                    targets: Targets::new(written.value.clone()),
                    from: Some(written.at.to_string()),
                })
                .unwrap_or_default(),
            roots: roots(options.roots.as_deref().unwrap_or_default())?,
            selection: selection(options)?,
            rules: options.rules.iter().map(rule).collect(),
            per_path: options
                .per_path
                .iter()
                .map(|(pattern, levels)| {
                    let globs = Globs::new(std::slice::from_ref(pattern))?;
                    Ok((globs, levels.iter().map(rule).collect()))
                })
                .collect::<Result<_, _>>()?,
            new_only: options
                .new_only
                .as_ref()
                .is_some_and(|written| written.value),
            baseline: options.baseline.clone(),
            waivers: options
                .waivers
                .iter()
                .map(Waiver::resolve)
                .collect::<Result<_, _>>()?,
            fail_on: options
                .fail_on
                .as_ref()
                .map_or(Level::Error, |level| level.value),
            output_format: options
                .output_format
                .as_ref()
                .map(|format| format.value.clone()),
            select: values(&options.select),
            ignore: values(&options.ignore).unwrap_or_default(),
            handlers: Vec::new(),
            environment: Arc::default(),
            entry_points: entry_points(options.entry_points.as_deref().unwrap_or_default())?,
            units: options.units.iter().map(unit).collect::<Result<_, _>>()?,
            layers: Layers::resolve(&options.layers)?,
            cold_start: options.cold_start.clone(),
            min_lines: options
                .min_lines
                .iter()
                .map(|(glob, lines)| Ok((Globs::new(std::slice::from_ref(glob))?, lines.value)))
                .collect::<Result<_, _>>()?,
        })
    }
}

fn selection(options: &Options) -> Result<Selection, ConfigError> {
    let mut exclude = options.exclude.clone().unwrap_or_default();
    exclude.extend(options.extend_exclude.clone().unwrap_or_default());
    Ok(Selection {
        replaces_default: options.exclude.is_some(),
        exclude: Globs::new(&exclude)?,
        include: options.include.as_deref().map(Globs::new).transpose()?,
    })
}

/// Import roots as seen from TREE. One that lies outside is of no use for this TREE and is left out (a configuration for a
/// whole repository may list several); that none is left is a mistake.
fn roots(patterns: &[Pattern]) -> Result<Vec<String>, ConfigError> {
    let mut roots = Vec::new();
    for pattern in patterns {
        let parts: Vec<&str> = pattern
            .text
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".")
            .collect();
        if parts.contains(&"..") || pattern.text.starts_with('/') {
            let message = format!(
                "the import root '{}' is not below its configuration file",
                pattern.text
            );
            return Err(ConfigError::new(Some(pattern.at.clone()), message));
        }
        let root = parts.join("/");
        let relative = if pattern.prefix.is_empty() {
            Some(root.as_str())
        } else if *root == *pattern.prefix {
            Some("")
        } else {
            root.strip_prefix(&*pattern.prefix)
                .and_then(|rest| rest.strip_prefix('/'))
        };
        if let Some(relative) = relative
            && !roots.iter().any(|known| known == relative)
        {
            roots.push(relative.to_owned());
        }
    }
    match patterns.first() {
        Some(first) if roots.is_empty() => Err(ConfigError::new(
            Some(first.at.clone()),
            "none of the import roots is in the tree that is checked",
        )
        .with_help("check the directory that contains the import roots, or leave 'roots' out to have them found")),
        _ => Ok(roots),
    }
}

fn entry_points(patterns: &[Pattern]) -> Result<EntryPoints, ConfigError> {
    let mut functions = Vec::new();
    let mut files = Vec::new();
    for pattern in patterns {
        match pattern.text.split_once(':') {
            Some((module, function)) if !module.is_empty() && !function.is_empty() => {
                functions.push((module.to_owned(), function.to_owned()));
            }
            Some(_) => {
                let message = format!("the entry point '{}' is no 'module:function'", pattern.text);
                return Err(ConfigError::new(Some(pattern.at.clone()), message));
            }
            None => files.push(pattern.clone()),
        }
    }
    Ok(EntryPoints {
        functions,
        files: Globs::new(&files)?,
    })
}

#[cfg(test)]
mod tests {
    use super::Settings;
    use crate::config::{Options, parse};

    fn settings(text: &str, prefix: &str) -> Settings {
        let options = parse(text.as_bytes(), "coship.toml", prefix)
            .unwrap()
            .unwrap();
        Settings::resolve(&options).unwrap()
    }

    #[test]
    fn defaults_skip_what_is_never_the_project() {
        let selection = Settings::resolve(&Options::default()).unwrap().selection;
        assert!(selection.skips_name("node_modules"));
        assert!(!selection.skips_name("build"));
        assert!(selection.skips_name("{{ cookiecutter.name }}"));
        assert!(!selection.skips_name("{name}"));
        assert!(selection.takes("a/b.py"));
    }

    #[test]
    fn exclude_replaces_and_extend_exclude_adds() {
        let replaced = settings("exclude = ['tests']", "").selection;
        assert!(!replaced.skips_name("node_modules") && replaced.skips_name(".git"));
        assert!(!replaced.takes("tests/a.py"));
        let extended = settings("extend-exclude = ['tests']", "").selection;
        assert!(extended.skips_name("node_modules") && !extended.takes("tests/a.py"));
        let included = settings("include = ['src', 'x.py']", "").selection;
        assert!(included.takes("src/a.py") && included.takes("x.py") && !included.takes("y.py"));
    }

    #[test]
    fn roots_are_seen_from_the_tree() {
        assert_eq!(
            settings("roots = ['src', './src/', 'lib']", "").roots,
            ["src", "lib"]
        );
        assert_eq!(
            settings("roots = ['src', 'src/vendor', 'lib']", "src").roots,
            ["", "vendor"]
        );
        let options = parse(b"roots = ['lib']", "coship.toml", "src")
            .unwrap()
            .unwrap();
        assert!(Settings::resolve(&options).is_err());
    }

    #[test]
    fn entry_points_are_functions_or_files() {
        let points =
            settings("entry-points = ['lambda_function:handler', 'bin/*.py']", "").entry_points;
        assert_eq!(
            points.functions,
            [("lambda_function".to_owned(), "handler".to_owned())]
        );
        assert!(points.files.matches("bin/a.py"));
    }
}
