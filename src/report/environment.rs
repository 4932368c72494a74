//! What surrounds a tree, and which of its imports that explains: a table and JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::OutsideImport;
use crate::environment::{Environment, Provider, Standing};
use crate::python::Declared;
use crate::report::escape::plain;
use crate::report::json::{JsonTree, TOOL, Tool};
use crate::report::summary;
use crate::source::Tree;

/// What `coship environment` tells.
pub struct Surroundings<'a> {
    /// The tree.
    pub tree: &'a Tree,
    /// The Python that is to run it.
    pub python: &'a Declared,
    /// What surrounds it.
    pub environment: &'a Environment,
    /// The imports of what it does not have, by name.
    pub imports: &'a [OutsideImport],
    /// Whether reports for people leave out the first and the last line.
    pub quiet: bool,
}

/// Status and explanation of an import: the words of the table and of JSON.
fn told(import: &OutsideImport, environment: &Environment) -> (&'static str, String) {
    match (&import.standing, &import.removal) {
        (Standing::Provided(Provider::Runtime(name)), _) => ("runtime", (*name).to_owned()),
        (Standing::Provided(Provider::Installed(place)), _) => {
            let mut installed = environment.installed.iter();
            let owner = installed.find(|installed| installed.shown == *place);
            let owner = owner.and_then(|installed| installed.owner(&import.module));
            let owner = owner.map(|owner| format!(" ({owner})")).unwrap_or_default();
            ("installed", format!("{place}{owner}"))
        }
        (Standing::Provided(Provider::Declared(name, file)), _) => {
            ("declared", format!("{name} ({file})"))
        }
        (_, Some(removal)) => ("missing", removal.to_string()),
        (Standing::Lacking(places), None) => ("missing", format!("not in {places}")),
        (Standing::Undeclared(files), None) => ("undeclared", format!("not in {files}")),
        (Standing::Possible(what), None) => ("unknown", format!("{what} may provide it")),
        (Standing::Unknown, None) => ("unknown", String::from("nothing is declared")),
    }
}

/// How many imports nothing explains.
#[must_use]
pub fn unexplained(imports: &[OutsideImport]) -> usize {
    let open = imports
        .iter()
        .filter(|import| !matches!(import.standing, Standing::Provided(_)));
    open.count()
}

/// A table for people.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn table(surroundings: &Surroundings, out: &mut dyn Write) -> io::Result<()> {
    let Surroundings {
        tree,
        environment,
        imports,
        ..
    } = surroundings;
    if !surroundings.quiet {
        let python = plain(&surroundings.python.to_string()).into_owned();
        let around = environment.to_string();
        writeln!(
            out,
            "coship: {}; {python}; {}",
            summary::name(tree),
            plain(&around)
        )?;
        match environment.is_open() {
            None => writeln!(out, "closed: all that is declared is there to be read")?,
            Some(why) => writeln!(out, "open: {}", plain(why))?,
        }
        for problem in &environment.declared.problems {
            writeln!(
                out,
                "not understood: {}: {}",
                plain(&problem.file),
                plain(&problem.message)
            )?;
        }
    }
    let width = imports
        .iter()
        .map(|import| import.module.chars().count())
        .max()
        .unwrap_or_default();
    for import in *imports {
        let (status, why) = told(import, environment);
        let mut places = import.places.iter();
        let place = places
            .next()
            .map(|(path, line)| format!("{path}:{line}"))
            .unwrap_or_default();
        let more = match places.count() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let module = plain(&import.module);
        writeln!(
            out,
            "{module:width$}  {status:10}  {}; {}{more}",
            plain(&why),
            plain(&place)
        )?;
    }
    if !surroundings.quiet {
        let count = imports.len();
        let modules = if count == 1 { "module" } else { "modules" };
        writeln!(
            out,
            "{count} {modules} from outside, {} not explained",
            unexplained(imports)
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'a> {
    version: u32,
    tool: Tool,
    candidate: JsonTree<'a>,
    environment: JsonEnvironment<'a>,
    imports: Vec<JsonImport<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonEnvironment<'a> {
    closed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_because: Option<&'a str>,
    runtime: Option<&'static str>,
    installed: Vec<JsonInstalled<'a>>,
    declared: Vec<JsonDeclared<'a>>,
    problems: Vec<JsonProblem<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonInstalled<'a> {
    name: &'a str,
    python: Option<String>,
    distributions: Vec<String>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonDeclared<'a> {
    name: &'a str,
    file: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonProblem<'a> {
    file: &'a str,
    message: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonImport<'a> {
    module: &'a str,
    status: &'static str,
    because: String,
    places: Vec<JsonPlace<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonPlace<'a> {
    path: &'a str,
    line: u32,
}

/// One JSON document.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn json(surroundings: &Surroundings, out: &mut dyn Write) -> io::Result<()> {
    let environment = surroundings.environment;
    let installed = environment.installed.iter().map(|installed| JsonInstalled {
        name: &installed.shown,
        python: installed.python.map(|python| python.to_string()),
        distributions: installed
            .distributions()
            .into_values()
            .map(|(name, version)| format!("{name} {version}").trim_end().to_owned())
            .collect(),
    });
    let declared = environment.declared.distributions.values();
    let problems = environment.declared.problems.iter();
    let imports = surroundings.imports.iter().map(|import| {
        let (status, because) = told(import, environment);
        let places = import.places.iter();
        JsonImport {
            module: &import.module,
            status,
            because,
            places: places
                .map(|(path, line)| JsonPlace { path, line: *line })
                .collect(),
        }
    });
    let document = Document {
        version: 1,
        tool: TOOL,
        candidate: surroundings.tree.into(),
        environment: JsonEnvironment {
            closed: environment.is_open().is_none(),
            open_because: environment.is_open(),
            runtime: environment.runtime.map(crate::environment::Runtime::name),
            installed: installed.collect(),
            declared: declared
                .map(|(name, file)| JsonDeclared { name, file })
                .collect(),
            problems: problems
                .map(|problem| JsonProblem {
                    file: &problem.file,
                    message: &problem.message,
                })
                .collect(),
        },
        imports: imports.collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

/// The form of the document, for the published schema.
#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}
