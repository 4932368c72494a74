//! `coship verify --template`: what a template says of its functions, and the code of each of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::analysis::{self, Memory};
use crate::cli::{Global, Verify};
use crate::commands::setup::Setup;
use crate::commands::verdict::{report, selection, write};
use crate::commands::verify::setup_for;
use crate::commands::{Error, Exit};
use crate::config::Settings;
use crate::package::{InTree, in_tree};
use crate::python::Declared;
use crate::report::{self, Tally};
use crate::rules::{self, Finding, Selection, package};
use crate::source::{Choice, Context, Located, Pair, SourceError, Template, Texts, Tree, Unlike};
use crate::template::{self, Deployed, Fault, is_set_by_the_runtime};

/// A template that was named.
pub(super) struct Named {
    /// As it was named, for people.
    pub shown: String,
    name: String,
    directory: PathBuf,
    deployed: Deployed,
}

/// The largest file, in bytes, that a template takes parts from.
const LARGEST: u64 = 1024 * 1024;

impl Named {
    /// Reads it.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let shown = Context::of_process()?.shown(&path.to_string_lossy());
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
        let directory = path.parent().filter(|it| !it.as_os_str().is_empty());
        let directory = directory.unwrap_or(Path::new(".")).to_owned();
        let beside = |path: &str| {
            let path = directory.join(path);
            let is_small = path.metadata().is_ok_and(|it| it.len() <= LARGEST);
            is_small.then(|| std::fs::read_to_string(path).ok())?
        };
        let deployed = template::deployed(&name, &text, &beside);
        if deployed.functions.is_empty() {
            return Err(unusable("it deploys no function in Python".to_owned()));
        }
        Ok(Self {
            shown,
            name,
            directory,
            deployed,
        })
    }

    /// The processor that all its functions run on.
    pub(super) fn processor(&self) -> Option<&'static str> {
        let first = self.deployed.functions.first()?.processor?;
        let mut all = self.deployed.functions.iter();
        all.all(|it| it.processor == Some(first)).then_some(first)
    }

    /// Takes its handlers and its Python for the candidate's.
    pub(super) fn apply(&self, setup: &mut Setup) {
        let prefix = setup
            .candidate
            .prefix_below(&self.directory, &setup.context);
        let found = Template::new(&self.shown, prefix, self.deployed.functions.clone());
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
        let mut faults: Vec<(String, Fault)> = Vec::new();
        for function in &self.deployed.functions {
            let found = function.faults(exists).into_iter();
            faults.extend(found.map(|fault| (function.name.clone(), fault)));
        }
        let triggers = self.deployed.triggers.iter().cloned();
        faults.extend(triggers.map(|(name, trigger)| (name, Fault::Trigger(trigger))));
        package::of_template(&faults, &self.shown, selection)
    }

    /// What it names code by as the deployed version does, although the code is another one.
    fn unchanged(
        &self,
        pair: &Pair,
        choice: &Choice,
        setup: &Setup,
    ) -> Result<Vec<(String, Fault)>, SourceError> {
        let (Ok(deployed), Choice::Version(located)) = (&pair.against, choice) else {
            return Ok(Vec::new());
        };
        let texts = |tree: &Tree| {
            let files = tree.files.iter();
            let texts = files.map(|file| (Arc::clone(&file.path), file.text.content().to_owned()));
            texts.collect::<Vec<_>>()
        };
        if texts(&pair.candidate) == texts(deployed) {
            return Ok(Vec::new());
        }
        let selection = &setup.settings.selection;
        let (located, _) = located.unlike(&pair.candidate, selection, &mut Texts::default())?;
        let files = located.files(selection)?;
        let Some(file) = files.find(&self.name) else {
            return Ok(Vec::new());
        };
        let text = String::from_utf8_lossy(&files.read(file)?).into_owned();
        let beside = |path: &str| {
            let file = files.find(&plain(path))?;
            String::from_utf8(files.read(file).ok()?).ok()
        };
        let before = template::deployed(&self.name, &text, &beside).functions;
        let name = report::name(deployed);
        Ok(template::unchanged(
            &self.deployed.functions,
            &before,
            &name,
        ))
    }

    /// The finding for an `AutoPublishCodeSha256` that is not the package's digest.
    pub(super) fn other_digest(
        &self,
        digests: &report::Digests,
        selection: &Selection,
    ) -> Vec<Finding> {
        let (hex, base64) = (&digests.code_sha256_hex, &digests.code_sha256_base64);
        let (Some(hex), Some(base64)) = (hex, base64) else {
            return Vec::new();
        };
        let fault = template::other_digest(&self.deployed.functions, hex, base64);
        package::of_template(
            &fault.into_iter().collect::<Vec<_>>(),
            &self.shown,
            selection,
        )
    }

    /// The environment variables that code reads and its function does not set.
    fn unset(
        &self,
        tree: &Tree,
        settings: &Settings,
        installed: &[InTree],
    ) -> Vec<(String, Fault)> {
        let mut faults = Vec::new();
        let memory = Memory::default();
        for (named_by, reads) in analysis::variables_read(tree, settings, installed, &memory) {
            let mut functions = self.deployed.functions.iter();
            let Some(function) =
                functions.find(|it| named_by == format!("{}: {}", self.shown, it.name))
            else {
                continue;
            };
            let Some(set) = &function.variables else {
                continue;
            };
            let own = function.directory().map(plain).unwrap_or_default();
            for read in reads {
                // Code of another function is not there.
                if !is_below(&read.path, &own) {
                    continue;
                }
                if !set.contains(&read.variable) && !is_set_by_the_runtime(&read.variable) {
                    let at = format!("{}:{}", read.path, read.line);
                    faults.push((function.name.clone(), Fault::Unset(read.variable, at)));
                }
            }
        }
        faults
    }

    /// The directories of code that lie beside it, each once.
    fn directories(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for function in &self.deployed.functions {
            if let Some(path) = function.directory()
                && self.directory.join(path).is_dir()
            {
                let path = plain(path);
                if !found.contains(&path) && !path.split('/').any(|part| part == "..") {
                    found.push(path);
                }
            }
        }
        found
    }
}

/// A path without `.` and doubled slashes.
fn plain(path: &str) -> String {
    let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
    parts.collect::<Vec<_>>().join("/")
}

/// Whether a path is in a directory; empty for the top.
fn is_below(path: &str, directory: &str) -> bool {
    directory.is_empty()
        || path
            .strip_prefix(directory)
            .is_some_and(|it| it.starts_with('/'))
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
    let pair = match Pair::read(&setup.candidate, &choice, &setup.settings.selection) {
        // What the template states can be judged all the same.
        Err(SourceError::Empty { .. }) => Pair {
            candidate: Tree::without_python(setup.candidate.name()),
            against: Err("there is no Python beside the template".to_owned()),
            unlike: Unlike::Another,
        },
        pair => pair?,
    };
    setup.look_around(&pair.candidate, None)?;
    let directories = template.directories();
    if setup.settings.roots.is_empty() {
        setup.settings.roots.clone_from(&directories);
    }
    let settings = &setup.settings;
    let pool = analysis::pool()?;
    let (candidate, mut judged) =
        pool.install(|| analysis::check(&pair, settings, &selection, None));
    let is_deployed = |path: &str| directories.iter().any(|it| is_below(path, it));
    judged.findings.retain(|finding| is_deployed(&finding.path));
    judged.findings.extend(template.findings(&selection));
    let installed = in_tree(&setup.candidate.files(&settings.selection)?)?;
    let unset = pool.install(|| template.unset(&pair.candidate, settings, &installed));
    judged
        .findings
        .extend(package::of_template(&unset, &template.shown, &selection));
    let unchanged = template.unchanged(&pair, &choice, &setup)?;
    judged.findings.extend(package::of_template(
        &unchanged,
        &template.shown,
        &selection,
    ));
    rules::sort(&mut judged.findings);
    let tally = Tally {
        suppressed: std::mem::take(&mut judged.suppressed),
        ..Tally::default()
    };
    let told = (&judged.findings[..], &tally);
    let report = report::Check {
        against: pair.against.as_ref().map_err(String::as_str),
        template: Some(&template.deployed.functions),
        ..report((&pair.candidate, &candidate.facts), told, settings)
    };
    write(report, &arguments.report, global, &setup)
}
