//! `coship verify`.

use std::path::Path;

use rayon::ThreadPool;

use crate::analysis::verify::Verified;
use crate::analysis::{self, verify};
use crate::cache::Cache;
use crate::cli::{Global, TreeArgs, Verify};
use crate::commands::check::{default_selection, exit, severity};
use crate::commands::output::Output;
use crate::commands::setup::{Setup, rule_names};
use crate::commands::template::{self, Named};
use crate::commands::{Error, Exit, digest};
use crate::config::Options;
use crate::package::Layer;
use crate::report::{self, Format, Summary, Tally};
use crate::rules::{self, Selection, Severity, package};
use crate::source::{Bundle, Context, Files, Located, Pair, SourceError, Texts, Tree};

/// What stands for no candidate in `--tree`.
const NONE: &str = "none";

/// Verifies a package and reports.
pub(super) fn run(arguments: &Verify, global: &Global) -> Result<Exit, Error> {
    let template = arguments.template.as_deref().map(Named::read).transpose()?;
    let (package, template) = match (&arguments.package, &template) {
        (Some(package), template) => (package, template.as_ref()),
        (None, Some(template)) => return template::run(arguments, template, global),
        // The command line asks for one of them.
        (None, None) => return Ok(Exit::Clean),
    };
    let context = Context::of_process()?;
    let located = Located::package(package, &context)?;
    let bundle = located.bundle()?;
    let layers = layers(&arguments.layer, &context)?;
    let mut candidate = candidate(arguments, package, template, global)?;
    if let Some((_, files)) = &candidate.found {
        verify::narrow(&mut candidate.setup.settings, &bundle, files);
    }
    let setup = &candidate.setup;
    let selection = selection(arguments, setup)?;
    let format = setup.format(arguments.output_format)?;
    let pool = analysis::pool()?;
    let (held, verified) = hold(&candidate, &bundle, &layers, template, &pool)?;
    let choice = setup.candidate.against(
        arguments.against.as_deref(),
        setup.settings.against.as_ref(),
        &setup.context,
    )?;
    let pair = Pair::of(
        verified.tree.clone(),
        &choice,
        &setup.settings.selection,
        verify::BESIDE,
    )?;
    let cache = (!arguments.no_cache).then(Cache::of_user).flatten();
    let (candidate_facts, mut judged) =
        pool.install(|| analysis::check(&pair, &verified.settings, &selection, cache.as_ref()));
    let findings = &mut judged.findings;
    findings.retain(|finding| verified.is_own(&finding.path));
    package::leave_out_explained(findings, &verified.facts);
    findings.extend(package::findings(
        &verified.facts,
        &pair.candidate,
        &selection,
    ));
    findings.extend(template.iter().flat_map(|it| it.findings(&selection)));
    let digests = digest::of(&bundle);
    findings.extend(digest::findings(
        arguments,
        &digests,
        &bundle.name,
        &selection,
    )?);
    rules::sort(findings);
    let tally = Tally {
        ignored: judged.ignored,
        ..Tally::default()
    };
    let package = report::Package {
        held_against: held,
        layers: verified.layers().to_vec(),
        digests,
    };
    let report = report::Check {
        candidate: &pair.candidate,
        against: pair.against.as_ref().map_err(String::as_str),
        python: &verified.settings.python,
        environment: &verified.settings.environment,
        package: Some(&package),
        only: None,
        folder: "",
        findings: &judged.findings,
        summary: Summary::new(
            pair.candidate.files.len(),
            &candidate_facts.facts,
            &judged.findings,
            &tally,
        ),
        tally: &tally,
        cuts: &candidate_facts.facts.cuts,
        quiet: global.quiet,
        statistics: arguments.statistics,
        explain_certainty: false,
    };
    let fail_on = arguments
        .fail_on
        .map_or_else(|| severity(setup.settings.fail_on), Severity::from);
    write(
        &report,
        format,
        arguments.output.output_file.as_deref(),
        global,
    )?;
    Ok(exit(&judged.findings, fail_on, arguments.exit_zero))
}

/// Holds a package against the candidate: what it was held against, or why against nothing, and what was found.
fn hold(
    candidate: &Candidate,
    bundle: &Bundle,
    layers: &[Layer],
    template: Option<&Named>,
    pool: &ThreadPool,
) -> Result<(Result<String, String>, Verified), Error> {
    let setup = &candidate.setup;
    let found = candidate.found.as_ref();
    let closure = found.map(|(tree, files)| {
        let (paths, settings) = (files.paths(), &setup.settings);
        pool.install(|| analysis::closure(tree, &paths, settings))
    });
    let with = found.zip(closure.as_ref());
    let with = with.map(|((_, files), closure)| (&setup.candidate, files, closure));
    let subject = |candidate| verify::Subject {
        bundle,
        layers,
        candidate,
        processor: template.and_then(Named::processor),
    };
    let tree = found.map(|(tree, _)| report::name(tree));
    let mut held = tree.ok_or_else(|| candidate.why.clone());
    let mut verified = verify::verify(&subject(with), &setup.settings)?;
    // A directory that merely happens to be the working one is no candidate.
    if verified.is_unrelated && candidate.is_guess {
        held = Err("none of its files is in the working directory".to_owned());
        verified = verify::verify(&subject(None), &setup.settings)?;
    }
    Ok((held, verified))
}

pub(super) fn write(
    report: &report::Check,
    format: Option<Format>,
    file: Option<&Path>,
    global: &Global,
) -> Result<(), Error> {
    let output = Output::new(file)?;
    let format = format.unwrap_or(if output.is_terminal {
        Format::Full
    } else {
        Format::Concise
    });
    let look = output.look(global.color);
    output.write(|out| report::write(report, format, look, out))
}

/// Reads the layers.
fn layers(paths: &[String], context: &Context) -> Result<Vec<Layer>, SourceError> {
    let read = paths.iter().map(|path| {
        let bundle: Bundle = Located::package(path, context)?.bundle()?;
        Ok(Layer::new(bundle))
    });
    read.collect()
}

/// The candidate that a package is held against.
struct Candidate {
    setup: Setup,
    found: Option<(Tree, Files)>,
    /// Why there is none.
    why: String,
    /// Whether nobody named it.
    is_guess: bool,
}

/// The candidate: what `--tree` names, else the project around the working directory, if there is one.
fn candidate(
    arguments: &Verify,
    package: &str,
    template: Option<&Named>,
    global: &Global,
) -> Result<Candidate, Error> {
    let alone = |why: &str| {
        Ok(Candidate {
            setup: setup_for(arguments, global, Some(package.to_owned()))?,
            found: None,
            why: why.to_owned(),
            is_guess: false,
        })
    };
    if arguments.tree.as_deref() == Some(NONE) {
        return alone("--tree none");
    }
    let mut setup = setup_for(arguments, global, arguments.tree.clone())?;
    let is_guess = arguments.tree.is_none() && setup.candidate.is_outside();
    let tree = setup
        .candidate
        .read(&setup.settings.selection, &mut Texts::default());
    let mut tree = match tree {
        Err(SourceError::Empty { .. }) if is_guess => {
            return alone("there is no Python in the working directory");
        }
        tree => tree?,
    };
    if let Some(template) = template {
        template.apply(&mut setup);
    }
    setup.look_around(&tree, None)?;
    let files = setup.candidate.files(&setup.settings.selection)?;
    files.add_linked(&mut tree)?;
    Ok(Candidate {
        setup,
        found: Some((tree, files)),
        why: String::new(),
        is_guess,
    })
}

/// The settings of a tree, under the flags.
pub(super) fn setup_for(
    arguments: &Verify,
    global: &Global,
    tree: Option<String>,
) -> Result<Setup, Error> {
    let tree = TreeArgs {
        tree,
        staged: arguments.staged,
        python_version: arguments.python_version.clone(),
        python: None,
        packages: Vec::new(),
        exclude: Vec::new(),
        extend_exclude: Vec::new(),
    };
    let flags = Options {
        select: rule_names(&arguments.select, "--select"),
        ignore: rule_names(&arguments.ignore, "--ignore"),
        ..Options::default()
    };
    Setup::compared(&tree, arguments.against.as_deref(), global, flags)
}

pub(super) fn selection(arguments: &Verify, setup: &Setup) -> Result<Selection, Error> {
    let mut selection = default_selection(&setup.settings)?;
    selection.show_may = !arguments.show.is_empty();
    Ok(selection)
}
