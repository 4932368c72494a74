//! `coship verify --template`: what a template says of its functions, and the code of each of them.

use std::path::{Path, PathBuf};

use crate::analysis;
use crate::cli::{Global, Verify};
use crate::commands::setup::Setup;
use crate::commands::verdict::{report, selection, write};
use crate::commands::verify::setup_for;
use crate::commands::{Error, Exit};
use crate::python::Declared;
use crate::report::{self, Tally};
use crate::rules::{self, Finding, Selection, package};
use crate::source::{Context, Located, Pair, Template};
use crate::template::{self, Code, Fault, Stated};

/// A template that was named.
pub(super) struct Named {
    /// As it was named, for people.
    pub shown: String,
    directory: PathBuf,
    name: String,
    text: String,
    stated: Vec<Stated>,
}

impl Named {
    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let unusable = |message: String| Error::Template {
            name: shown.clone(),
            message,
        };
        let text = std::fs::read_to_string(path).map_err(|error| unusable(error.to_string()))?;
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let stated = template::stated(&text);
        if stated.is_empty() && template::functions(&name, &text).is_empty() {
            return Err(unusable("it deploys no function in Python".to_owned()));
        }
        let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
        Ok(Self {
            directory: directory.unwrap_or(Path::new(".")).to_owned(),
            shown,
            name,
            text,
            stated,
        })
    }

    /// The processor that all its functions run on.
    pub(super) fn processor(&self) -> Option<&'static str> {
        let first = self.stated.first()?.processor?;
        let mut all = self.stated.iter();
        all.all(|it| it.processor == Some(first)).then_some(first)
    }

    /// Takes its handlers and its Python for the candidate's.
    pub(super) fn apply(&self, setup: &mut Setup) {
        let prefix = setup
            .candidate
            .prefix_below(&self.directory, &setup.context);
        let found = Template::new(&self.shown, prefix, &self.name, &self.text);
        setup.settings.handlers = found.handlers().collect();
        let is_from_template = |from: &Declared| {
            let from = from.from.as_deref().unwrap_or_default();
            from.is_empty() || from.ends_with("Runtime") || from.contains("requires-python")
        };
        let python = found.python();
        if !python.targets.is_empty() && is_from_template(&setup.settings.python) {
            setup.settings.python = python;
        }
    }

    /// What is wrong with what it states.
    pub(super) fn findings(&self, selection: &Selection) -> Vec<Finding> {
        let exists = |code: &str| self.directory.join(code).exists();
        let faults: Vec<(String, Fault)> = self
            .stated
            .iter()
            .flat_map(|it| {
                let faults = it.faults(exists).into_iter();
                faults.map(|fault| (it.function.clone(), fault))
            })
            .collect();
        package::of_template(&faults, &self.shown, selection)
    }

    /// The directories of code that lie beside it, each once.
    fn directories(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for stated in &self.stated {
            if let Code::Local(path) = &stated.code
                && self.directory.join(path).is_dir()
            {
                let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
                let path = parts.collect::<Vec<_>>().join("/");
                if !found.contains(&path) && !path.split('/').any(|part| part == "..") {
                    found.push(path);
                }
            }
        }
        found
    }
}

/// Checks the code of each function where the template says that it lies, and reports.
pub(super) fn run(arguments: &Verify, template: &Named, global: &Global) -> Result<Exit, Error> {
    let directory = template.directory.to_string_lossy().into_owned();
    let mut setup = setup_for(arguments, global, Some(directory.clone()))?;
    // What a build laid there counts, whatever git ignores.
    setup.candidate = Located::package(&directory, &Context::of_process()?)?;
    template.apply(&mut setup);
    let selection = selection(&arguments.rules, &setup.settings)?;
    setup.format(arguments.report.output_format)?;
    let choice = setup.candidate.against(
        arguments.against.as_deref(),
        setup.settings.against.as_ref(),
        &setup.context,
    )?;
    let pair = Pair::read(&setup.candidate, &choice, &setup.settings.selection)?;
    setup.look_around(&pair.candidate, None)?;
    let directories = template.directories();
    if setup.settings.roots.is_empty() {
        setup.settings.roots.clone_from(&directories);
    }
    let settings = &setup.settings;
    let pool = analysis::pool()?;
    let (candidate, mut judged) =
        pool.install(|| analysis::check(&pair, settings, &selection, None));
    let is_deployed = |path: &str| {
        directories.iter().any(|directory| {
            directory.is_empty()
                || path
                    .strip_prefix(directory.as_str())
                    .is_some_and(|it| it.starts_with('/'))
        })
    };
    judged.findings.retain(|finding| is_deployed(&finding.path));
    judged.findings.extend(template.findings(&selection));
    rules::sort(&mut judged.findings);
    let tally = Tally {
        suppressed: std::mem::take(&mut judged.suppressed),
        ..Tally::default()
    };
    let told = (&judged.findings[..], &tally);
    let report = report::Check {
        against: pair.against.as_ref().map_err(String::as_str),
        ..report((&pair.candidate, &candidate.facts), told, settings)
    };
    write(report, &arguments.report, global, &setup)
}
