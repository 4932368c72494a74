//! From arguments to settings and trees.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ValueEnum;

use crate::cache::Cache;
use crate::cli::{
    ConfigFormat, EnvironmentFormat, Global, GraphFormat, PlanFormat, RoutesFormat, TreeArgs,
};
use crate::commands::Error;
use crate::commands::output::say;
use crate::config::{self, Argument, Options, Origin, Pattern, Settings, Written};
use crate::environment::{Environment, Moved, Runtime};
use crate::program::CUSTOMARY;
use crate::python::Version;
use crate::report::Format;
use crate::rules;
use crate::source::{Asked, Context, Located, Tree};

/// The variable that chooses the format where no flag does.
pub(super) const FORMAT_VARIABLE: &str = "COSHIP_OUTPUT_FORMAT";

/// The candidate, located, and the settings for it.
pub(super) struct Setup {
    /// The working directory.
    pub context: Context,
    /// The candidate.
    pub candidate: Located,
    /// TREE as it was named, or as it would be.
    pub tree: String,
    /// The part of the candidate that somebody works in and asks about; empty for all of it.
    pub folder: String,
    /// The settings: defaults, under the file, under `--config KEY=VALUE`, under the flags.
    pub settings: Settings,
    /// What the file, `--config KEY=VALUE` and the flags say, from which the settings are resolved.
    pub options: Options,
    /// The configuration file that was read, as it is shown to people.
    pub file: Option<String>,
    /// The packages that the flags and the process's environment name.
    asked: Asked,
}

impl Setup {
    /// Locates the candidate and resolves the configuration. `flags` are the options that the command's own flags set.
    pub(super) fn new(tree: &TreeArgs, global: &Global, flags: Options) -> Result<Self, Error> {
        Self::compared(tree, None, global, flags)
    }

    /// The same for a command that compares with `against`.
    pub(super) fn compared(
        tree: &TreeArgs,
        against: Option<&str>,
        global: &Global,
        flags: Options,
    ) -> Result<Self, Error> {
        Self::within(Context::of_process()?, tree, against, global, flags)
    }

    /// The same, with everything named from another directory than the process's own.
    pub(super) fn within(
        context: Context,
        tree: &TreeArgs,
        against: Option<&str>,
        global: &Global,
        flags: Options,
    ) -> Result<Self, Error> {
        let located = match &tree.tree {
            Some(named) => {
                let candidate = Located::candidate(named, tree.staged, &context)?;
                (candidate, String::new())
            }
            None => Located::around(tree.staged, against, &context)?,
        };
        Self::of(located, context, tree, global, flags)
    }

    /// The same for a command that reports about a part of a program: TREE may be a folder of a project, which is the program then.
    pub(super) fn of_part(
        context: Context,
        tree: &TreeArgs,
        against: Option<&str>,
        global: &Global,
        flags: Options,
    ) -> Result<Self, Error> {
        let project = match &tree.tree {
            Some(named) if !global.isolated => {
                Located::project_of(named, tree.staged, against, &context)?
            }
            _ => None,
        };
        match project {
            Some(located) => Self::of(located, context, tree, global, flags),
            None => Self::within(context, tree, against, global, flags),
        }
    }

    fn of(
        (candidate, folder): (Located, String),
        context: Context,
        tree: &TreeArgs,
        global: &Global,
        flags: Options,
    ) -> Result<Self, Error> {
        let named = tree.tree.as_deref().filter(|_| folder.is_empty());
        let name = named.unwrap_or_else(|| candidate.name()).to_owned();
        let mut inline = Options::default();
        let mut file = None;
        for argument in &global.config {
            match Argument::parse(argument)? {
                Argument::File(path) => file = Some(path),
                Argument::Inline(options) => inline = inline.overlaid_with(*options),
            }
        }
        let mut read = file.as_ref().map(|path| path.display().to_string());
        let base = match &file {
            Some(path) => {
                let directory = path.parent().unwrap_or(Path::new(""));
                Argument::read_file(path, &candidate.prefix_below(directory, &context))?
            }
            None if global.isolated => Options::default(),
            None => match candidate.configuration(&context)? {
                Some(found) => {
                    say(global.verbose, &format!("configuration: {}", found.file));
                    read = Some(found.file);
                    found.options
                }
                None => Options::default(),
            },
        };
        let options = base
            .overlaid_with(inline)
            .overlaid_with(tree_options(tree)?)
            .overlaid_with(flags);
        let names: Vec<&str> = rules::all()
            .flat_map(|rule| [rule.name, rule.code])
            .collect();
        options.check_rule_names(rules::is_known, &names)?;
        let mut settings = Settings::resolve(&options)?;
        if let Some(template) = candidate.template(&context) {
            settings.handlers = template.handlers().collect();
            if settings.python.targets.is_empty() {
                settings.python = template.python();
            }
        }
        if settings.python.targets.is_empty() {
            settings.python = candidate.declared_python(&context);
        }
        Ok(Self {
            context,
            candidate,
            tree: name,
            folder,
            settings,
            asked: Asked {
                python: tree.python.clone(),
                packages: tree.packages.clone(),
                active: active_environment(),
            },
            options,
            file: read,
        })
    }

    /// Where a file is that the configuration in `source` names.
    pub(super) fn beside(&self, source: &str, file: &str) -> PathBuf {
        self.candidate.file_beside(source, file, &self.context)
    }

    /// Looks at what surrounds the candidate, which was read.
    pub(super) fn look_around(&mut self, tree: &Tree, cache: Option<Cache>) -> Result<(), Error> {
        let found = self
            .candidate
            .environment(tree, &self.asked, &self.context, cache)?;
        let is_customary = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or(path);
            name.strip_suffix(".py") == Some(CUSTOMARY.0)
        };
        let declared = !self.settings.handlers.is_empty();
        let is_lambda = declared || tree.files.iter().any(|file| is_customary(&file.path));
        self.settings.environment = Arc::new(Environment {
            runtime: is_lambda.then_some(Runtime::Lambda { declared }),
            targets: self.settings.python.targets.clone(),
            ..found
        });
        Ok(())
    }

    /// The packages that the deployed version has, where the flag names some: imports within packages are followed then. Run it after [`Self::look_around`].
    pub(super) fn old_packages(
        &mut self,
        tree: &Tree,
        directories: &[PathBuf],
    ) -> Result<Option<Environment>, Error> {
        if directories.is_empty() {
            return Ok(None);
        }
        if self.asked.python.is_none() && self.asked.packages.is_empty() {
            return Err(Error::NothingInstalled);
        }
        let (candidate, context) = (&self.candidate, &self.context);
        let old = candidate.environment_with(tree, directories, context)?;
        let environment = &mut self.settings.environment;
        let moved = Moved::between(&old.installed, &environment.installed);
        let moved = Some(Arc::new(moved));
        if let Some(environment) = Arc::get_mut(environment) {
            environment.moved.clone_from(&moved);
        }
        Ok(Some(Environment { moved, ..old }))
    }

    /// The format: the flag, else the environment, else the configuration, else none. What the environment or the configuration name
    /// may be a format of another command; that is an error if no command has it, and passed over otherwise.
    pub(super) fn format<F: ValueEnum>(&self, flag: Option<F>) -> Result<Option<F>, Error> {
        if flag.is_some() {
            return Ok(flag);
        }
        let variable = std::env::var(FORMAT_VARIABLE)
            .ok()
            .filter(|value| !value.is_empty());
        let written = variable.map(|value| Written {
            value,
            at: Origin::argument(FORMAT_VARIABLE),
        });
        let Some(written) = written.or_else(|| self.options.output_format.clone()) else {
            return Ok(None);
        };
        if let Ok(format) = F::from_str(&written.value, false) {
            return Ok(Some(format));
        }
        let options = Options {
            output_format: Some(written),
            ..Options::default()
        };
        let names = format_names();
        options.check_output_format(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(None)
    }
}

/// The virtual environment that is active. pre-commit runs a hook that it installed in an environment of the hook's own: nothing of the project is in there.
fn active_environment() -> Option<PathBuf> {
    let active = std::env::var_os("VIRTUAL_ENV").filter(|value| !value.is_empty());
    let active = PathBuf::from(active?);
    let is_in = |path: PathBuf| {
        let whole = std::fs::canonicalize(&active);
        std::fs::canonicalize(path).is_ok_and(|path| whole.is_ok_and(|it| path.starts_with(it)))
    };
    let is_of_hook =
        std::env::var_os("PRE_COMMIT").is_some() && std::env::current_exe().is_ok_and(is_in);
    (!is_of_hook).then_some(active)
}

/// The formats of all commands.
fn format_names() -> Vec<String> {
    fn names<F: ValueEnum + 'static>() -> impl Iterator<Item = String> {
        let values = F::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value);
        values.map(|value| value.get_name().to_owned())
    }
    names::<Format>()
        .chain(names::<RoutesFormat>())
        .chain(names::<PlanFormat>())
        .chain(names::<GraphFormat>())
        .chain(names::<EnvironmentFormat>())
        .chain(names::<ConfigFormat>())
        .collect()
}

/// The options that every command with a tree has.
fn tree_options(tree: &TreeArgs) -> Result<Options, Error> {
    let at = Origin::argument("--python-version");
    let versions = tree.python_version.iter().map(|text| {
        config::version(&Written {
            value: text.clone(),
            at: at.clone(),
        })
    });
    let versions: Vec<Version> = versions.collect::<Result<_, _>>()?;
    let patterns = |globs: &[String], option: &str| -> Option<Vec<Pattern>> {
        let patterns = globs.iter().map(|glob| Pattern::of_argument(glob, option));
        (!globs.is_empty()).then(|| patterns.collect())
    };
    Ok(Options {
        python_version: (!versions.is_empty()).then_some(Written {
            value: versions,
            at,
        }),
        exclude: patterns(&tree.exclude, "--exclude"),
        extend_exclude: patterns(&tree.extend_exclude, "--extend-exclude"),
        ..Options::default()
    })
}

/// The names of rules that a flag holds.
pub(super) fn rule_names(names: &[String], option: &str) -> Option<Vec<Written<String>>> {
    let written = |name: &String| Written {
        value: name.trim().to_owned(),
        at: Origin::argument(option),
    };
    (!names.is_empty()).then(|| names.iter().map(written).collect())
}
