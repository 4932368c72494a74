//! `coship verify`.

use std::thread;

use rayon::ThreadPool;

use crate::analysis::verify::{Subject, Verified};
use crate::analysis::{self, Memory, Outline, Outlined, verify};
use crate::cache::Cache;
use crate::cli::{Global, TreeArgs, Verify};
use crate::commands::progress::during;
use crate::commands::setup::Setup;
use crate::commands::template::{self, Named};
use crate::commands::verdict::{flags, report, selection, write};
use crate::commands::{Error, Exit, digest, running};
use crate::package::{self, Layer, Needed};
use crate::python::Targets;
use crate::report::{self, Tally};
use crate::rules::{self, package as package_rules};
use crate::source::{Bundle, Context, Files, Located, Opening, Pair, SourceError, Texts, Tree};

/// What stands for no candidate in `--tree`.
const NONE: &str = "none";

/// Verifies a package and reports.
pub(super) fn run(arguments: &Verify, global: &Global) -> Result<Exit, Error> {
    run_after(arguments, global, &Memory::default())
}

/// The same where some of the files were parsed already.
pub(super) fn run_after(
    arguments: &Verify,
    global: &Global,
    memory: &Memory,
) -> Result<Exit, Error> {
    if let Some(name) = &arguments.running {
        return running::run(arguments, name, global);
    }
    let template = arguments.template.as_deref().map(Named::read).transpose()?;
    let (package, template) = match (&arguments.package, &template) {
        (Some(package), template) => (package, template.as_ref()),
        (None, Some(template)) => return template::run(arguments, template, global),
        // The command line asks for one of them.
        (None, None) => return Ok(Exit::Clean),
    };
    let context = Context::of_process()?;
    let opening = Located::package(package, &context)?.open()?;
    let subject = (package.as_str(), &opening, template);
    let done = verify(arguments, subject, (&context, global), memory);
    done.or_else(|error| {
        // What is wrong with the package itself is told first, whenever it was come by.
        opening.whole()?;
        Err(error)
    })
}

/// Verifies a package that is being read, with the template that deploys it.
fn verify(
    arguments: &Verify,
    (package, opening, template): (&str, &Opening, Option<&Named>),
    (context, global): (&Context, &Global),
    memory: &Memory,
) -> Result<Exit, Error> {
    let mut candidate = candidate(arguments, package, template, global)?;
    let code = opening.code()?;
    let targets = &candidate.setup.settings.python.targets;
    let layers = layers(&arguments.layer, context, targets)?;
    if let Some((_, files)) = &candidate.found {
        verify::narrow(&mut candidate.setup.settings, &code, files);
    }
    let setup = &candidate.setup;
    let selection = selection(&arguments.rules, &setup.settings)?;
    setup.format(arguments.report.output_format)?;
    let pool = analysis::pool()?;
    let outlined = candidate.outline((&pool, memory));
    let (held, mut subject, verified) = lay(
        &candidate,
        (&code, &layers),
        template.and_then(Named::processor),
        outlined.as_ref().map(|it| &it.outline),
    );
    let choice = setup.candidate.against(
        arguments.against.as_deref(),
        setup.settings.against.as_ref(),
        &setup.context,
    )?;
    let pair = Pair::of(
        verified.tree.clone(),
        candidate.found.as_ref().map(|(tree, _)| tree),
        &choice,
        &setup.settings.selection,
        verify::BESIDE,
    )?;
    subject.deployed = pair.against.as_ref().ok();
    let cache = (!arguments.no_cache).then(Cache::of_user).flatten();
    // The code is checked while the rest is unpacked, and the files are compared.
    let how = (&verified.settings, &selection);
    let check = || {
        let checked = pool.install(|| analysis::check_again(&pair, how, cache.as_ref(), memory));
        opening.help();
        checked
    };
    let compare = || {
        let needed = candidate.needed(&pool, outlined.as_ref())?;
        let bundle = opening.whole_beside(1)?;
        let subject = Subject {
            bundle: &bundle,
            ..subject
        };
        let facts = verify::facts(&subject, &needed, &setup.settings, &verified)?;
        Ok::<_, SourceError>((facts, bundle))
    };
    let both = || {
        thread::scope(|scope| {
            let check = scope.spawn(check);
            let compared = compare();
            let unused = pool.install(|| verified.unused(memory));
            let checked = check
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (checked, compared, unused)
        })
    };
    let (checked, compared, unused) = during(!global.quiet, "verifying", both);
    let (mut facts, bundle) = compared?;
    let (candidate_facts, mut judged, _) = checked;
    facts.extend(unused);
    let findings = &mut judged.findings;
    findings.retain(|finding| verified.is_own(&finding.path));
    package_rules::leave_out_explained(findings, &mut facts);
    findings.extend(package_rules::findings(&facts, &pair.candidate, &selection));
    package_rules::tell_what_breaks(findings, &pair.candidate, &verified.settings.roots);
    findings.extend(template.iter().flat_map(|it| it.findings(&selection)));
    let digests = digest::of(&bundle);
    findings.extend(
        template
            .iter()
            .flat_map(|it| it.other_digest(&digests, &selection)),
    );
    findings.extend(digest::findings(
        arguments,
        &digests,
        &bundle.name,
        &selection,
    )?);
    rules::sort(findings);
    let tally = Tally {
        suppressed: std::mem::take(&mut judged.suppressed),
        ..Tally::default()
    };
    let package = report::Package {
        held_against: held,
        layers: verified.layers().to_vec(),
        digests,
    };
    let told = (&judged.findings[..], &tally);
    let seen = (&pair.candidate, &candidate_facts.facts);
    let report = report::Check {
        against: pair.against.as_ref().map_err(String::as_str),
        package: Some(&package),
        ..report(seen, told, &verified.settings)
    };
    write(report, &arguments.report, global, setup)
}

/// Lays a package beside its layers: what it is held against, or why against nothing, and what it is verified with.
fn lay<'a>(
    candidate: &'a Candidate,
    (bundle, layers): (&'a Bundle, &'a [Layer]),
    processor: Option<&'static str>,
    outline: Option<&'a Outline>,
) -> (Result<String, String>, Subject<'a>, Verified) {
    let setup = &candidate.setup;
    let with = candidate.found.as_ref().zip(outline);
    let mut subject = Subject {
        bundle,
        layers,
        candidate: with.map(|((_, files), outline)| (&setup.candidate, files, outline)),
        deployed: None,
        processor,
    };
    let tree = candidate.found.as_ref();
    let tree = tree.map(|(tree, _)| report::name(tree));
    let mut held = tree.ok_or_else(|| candidate.why.clone());
    let mut verified = verify::lay(&subject, &setup.settings);
    // A directory that merely happens to be the working one is no candidate.
    if verified.is_unrelated && candidate.is_guess {
        held = Err("none of its files is in the working directory".to_owned());
        subject.candidate = None;
        verified = verify::lay(&subject, &setup.settings);
    }
    (held, subject, verified)
}

/// Reads the layers, for the Python that runs them.
pub(super) fn layers(
    paths: &[String],
    context: &Context,
    targets: &Targets,
) -> Result<Vec<Layer>, SourceError> {
    let read = paths.iter().map(|path| {
        let bundle: Bundle = Located::package(path, context)?.bundle()?;
        Ok(Layer::new(bundle, targets))
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

impl Candidate {
    /// Where it starts; nothing if there is no candidate.
    fn outline(&self, (pool, memory): (&ThreadPool, &Memory)) -> Option<Outlined> {
        let (tree, _) = self.found.as_ref()?;
        let settings = &self.setup.settings;
        let outline = || analysis::outline(tree, settings, memory);
        Some(pool.install(outline))
    }

    /// The files that its entry points need.
    fn needed(
        &self,
        pool: &ThreadPool,
        outlined: Option<&Outlined>,
    ) -> Result<Vec<Needed>, SourceError> {
        let Some(((tree, files), outlined)) = self.found.as_ref().zip(outlined) else {
            return Ok(Vec::new());
        };
        let (paths, installed) = (files.paths(), package::in_tree(files)?);
        let settings = &self.setup.settings;
        let closure = || outlined.closure(tree, (&paths, installed), settings);
        Ok(pool.install(closure).needed)
    }
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
    let flags = flags(&arguments.rules);
    Setup::compared(&tree, arguments.against.as_deref(), global, flags)
}
