//! A package as it will run: what is wrong with it as a package, and the tree that its code and its layers make together.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::analysis::{Memory, Outline, imported, is_test, packing};
use crate::config::Settings;
use crate::environment::{Environment, Runtime};
use crate::package::{self, Compared, Distributions, Fact, Layer, Layout, Needed, Runs};
use crate::program::CUSTOMARY;
use crate::source::{Beside, Bundle, Files, Located, MemberKind, SourceError, Tree};
use crate::template::Handler;

/// Where layers are laid, as AWS Lambda does it.
pub const BESIDE: &str = "opt/";

/// What a package is verified with.
pub struct Subject<'a> {
    /// The package.
    pub bundle: &'a Bundle,
    /// Its layers, in order.
    pub layers: &'a [Layer],
    /// The candidate, all its files, and where it starts; none if there is no candidate.
    pub candidate: Option<(&'a Located, &'a Files, &'a Outline)>,
    /// What runs now, its paths as in the package.
    pub deployed: Option<&'a Tree>,
    /// The processor, if it is declared: `x86_64` or `arm64`.
    pub processor: Option<&'static str>,
}

/// A package, ready to be checked.
pub struct Verified {
    /// Its Python and its layers', as they lie side by side.
    pub tree: Tree,
    /// The settings for that tree.
    pub settings: Settings,
    /// Where the candidate's files are in it.
    pub layout: Layout,
    /// Whether nothing of it is the candidate's.
    pub is_unrelated: bool,
    own: Distributions,
    in_layers: Vec<Distributions>,
    layers: Vec<String>,
}

/// Lays a package and its layers side by side. `settings` are those of the candidate.
#[must_use]
pub fn lay(subject: &Subject, settings: &Settings) -> Verified {
    let (bundle, layers) = (subject.bundle, subject.layers);
    let layout = layout(subject, settings);
    let tree = tree(bundle, layers, &layout);
    let of_layer = |layer: &Layer| package::distributions(&layer.bundle, &[]);
    Verified {
        own: package::distributions(bundle, layers),
        in_layers: layers.iter().map(of_layer).collect(),
        layers: layers
            .iter()
            .map(|layer| layer.bundle.name.clone())
            .collect(),
        settings: settings_for(subject, &layout, settings, &tree),
        tree,
        is_unrelated: subject.candidate.is_some() && layout.common == 0,
        layout,
    }
}

/// What is wrong with a package as a package. `settings` are those of the candidate, of which `needed` are the files that its entry points need.
///
/// # Errors
/// If a file of the candidate cannot be read.
pub fn facts(
    subject: &Subject,
    needed: &[Needed],
    settings: &Settings,
    verified: &Verified,
) -> Result<Vec<Fact>, SourceError> {
    let (bundle, layers) = (subject.bundle, subject.layers);
    let Verified {
        own,
        in_layers,
        layout,
        ..
    } = verified;
    let is_library = |path: &str| own.have(path);
    let mut facts = package::check_members(bundle, layers);
    let source = |path: &str| {
        let (_, files, _) = subject.candidate?;
        files.read(files.find(&layout.unpacked(path)?)?).ok()
    };
    facts.extend(package::stale_bytecode(
        bundle,
        &settings.python.targets,
        &source,
    ));
    match subject.candidate {
        Some((located, files, outline)) => {
            let compared = Compared {
                candidate: located,
                files,
                needed,
                entries: &outline.entries,
                layout,
                deployed: subject.deployed,
                past: settings.environment.past.as_deref(),
                is_library: &is_library,
                is_test: &is_test,
            };
            facts.extend(package::compare(bundle, layers, &compared)?);
        }
        None => facts.extend(package::extra_alone(bundle, &is_library)),
    }
    facts.extend(package::short(bundle, layout, &settings.min_lines, &facts));
    let runs = Runs {
        targets: &settings.python.targets,
        processor: subject.processor,
        candidate: subject.candidate.map(|(_, files, _)| (files, layout)),
        is_library: &is_library,
        is_library_of: &|number, path| in_layers.get(number).is_some_and(|it| it.have(path)),
    };
    facts.extend(package::check_modules(bundle, layers, &runs));
    facts.extend(own.check(
        bundle,
        verified.settings.environment.runtime,
        &settings.python.targets,
    ));
    Ok(facts)
}

impl Verified {
    /// Distributions in the package that nothing asks for, as far as the entry points show it. Run it within [`super::pool`].
    #[must_use]
    pub fn unused(&self, memory: &Memory) -> Vec<Fact> {
        if self.own.is_empty() {
            return Vec::new();
        }
        let Some(files) = imported(&self.tree, &self.settings, memory) else {
            return Vec::new();
        };
        // A plug-in is found by the name of its group.
        let asks_for = |group: &str| {
            let quoted = [format!("'{group}'"), format!("\"{group}\"")];
            self.tree.files.iter().any(|file| {
                let text = file.text.content();
                files.contains(&file.path) && quoted.iter().any(|it| text.contains(it))
            })
        };
        self.own.unused(&|path| files.contains(path), &asks_for)
    }

    /// Whether a path of the tree is the project's own: no installed distribution's.
    #[must_use]
    pub fn is_own(&self, path: &str) -> bool {
        match path.strip_prefix(BESIDE) {
            Some(path) => !self.in_layers.iter().any(|layer| layer.have(path)),
            None => !self.own.have(path),
        }
    }

    /// The names of the layers.
    #[must_use]
    pub fn layers(&self) -> &[String] {
        &self.layers
    }
}

/// Leaves of the handlers that a template names those of the directory that the package was made from, where it deploys several.
pub fn narrow(settings: &mut Settings, bundle: &Bundle, files: &Files) {
    let mut bases: Vec<String> = Vec::new();
    for handler in &settings.handlers {
        if !bases.contains(&handler.directory) {
            bases.push(handler.directory.clone());
        }
    }
    if bases.len() > 1 {
        let base = found_in(&bases, bundle, files).base;
        settings
            .handlers
            .retain(|handler| handler.directory == base);
    }
}

/// Where the candidate's files are in the package.
fn layout(subject: &Subject, settings: &Settings) -> Layout {
    let Some((_, files, outline)) = subject.candidate else {
        return Layout::default();
    };
    let mut bases = packing::bases(outline, settings);
    if outline.is_guess {
        // Nothing says where the code is deployed from.
        let more = outline.roots.iter().filter(|root| !bases.contains(root));
        let more: Vec<String> = more.cloned().collect();
        bases.extend(more);
    }
    found_in(&bases, subject.bundle, files)
}

/// The layout under which most files of the package are the candidate's.
fn found_in(bases: &[String], bundle: &Bundle, files: &Files) -> Layout {
    let theirs: Vec<&str> = files.all().iter().map(|file| &*file.path).collect();
    let ours: Vec<&str> = bundle
        .members
        .iter()
        .filter(|member| member.kind == MemberKind::File)
        .filter_map(|member| member.path.as_deref())
        .collect();
    package::find_layout(bases, &theirs, &ours)
}

/// The Python of the package and its layers. What the package has as a module or a regular package stands before the layers', which then is never found.
fn tree(bundle: &Bundle, layers: &[Layer], layout: &Layout) -> Tree {
    let taken: BTreeSet<String> = bundle
        .members
        .iter()
        .filter_map(|member| {
            let path = member.path.as_deref()?;
            let path = match layout.inside.as_str() {
                "" => path,
                inside => path.strip_prefix(inside)?.strip_prefix('/')?,
            };
            package::top_of(path).map(str::to_owned)
        })
        .collect();
    let filters = package::laid(layers, &taken);
    let beside: Vec<Beside> = filters
        .iter()
        .map(|(bundle, takes)| (*bundle, BESIDE, &**takes))
        .collect();
    bundle.tree(&beside)
}

/// The candidate's settings, for the package.
fn settings_for(subject: &Subject, layout: &Layout, settings: &Settings, tree: &Tree) -> Settings {
    let mut roots = vec![layout.inside.clone()];
    let beside = package::layer_roots(subject.layers).into_iter();
    roots.extend(beside.map(|root| format!("{BESIDE}{root}")));
    let handlers: Vec<Handler> = settings
        .handlers
        .iter()
        .filter(|handler| handler.directory == layout.base)
        .filter_map(|handler| {
            Some(Handler {
                directory: layout.inside.clone(),
                stem: layout.packed(&handler.stem)?,
                has_layers: handler.has_layers && subject.layers.is_empty(),
                ..handler.clone()
            })
        })
        .collect();
    let is_customary = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name.strip_suffix(".py") == Some(CUSTOMARY.0)
    };
    let declared = !settings.handlers.is_empty();
    let is_lambda = declared || tree.files.iter().any(|file| is_customary(&file.path));
    let mut whole = format!("the package {}", subject.bundle.name);
    if !subject.layers.is_empty() {
        whole.push_str(" and its layers");
    }
    // A function whose template has layers that were not named has more beside it than shows here.
    let has_more = handlers.iter().any(|handler| handler.has_layers);
    Settings {
        roots,
        handlers,
        environment: Arc::new(Environment {
            runtime: is_lambda.then_some(Runtime::Lambda { declared }),
            whole: (is_lambda && !has_more).then_some(whole),
            targets: settings.python.targets.clone(),
            ..Environment::default()
        }),
        ..settings.clone()
    }
}
