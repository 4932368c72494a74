//! What is loaded before the first request: text and JSON, and beside it a picture.

mod picture;

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use crate::analysis::{ColdStart, Loaded};
use crate::package::Step;
use crate::report::escape::plain;
use crate::report::json::{JsonTree, TOOL, Tool, write_value};
use crate::source::Tree;

pub use picture::svg;

/// How many modules are listed for people.
const LISTED: usize = 20;

/// What `coship cold-start` tells.
pub struct Cold<'r> {
    /// The tree.
    pub tree: &'r Tree,
    /// What each of its handlers loads.
    pub starts: &'r [ColdStart],
    /// What it is compared with, and what each handler loads there.
    pub against: Option<(&'r Tree, &'r [ColdStart])>,
    /// Milliseconds by module, as `python -X importtime` measured them: of each by itself.
    pub measured: &'r BTreeMap<String, f64>,
    /// What a handler may load.
    pub limits: &'r [Limit],
}

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// Lines of the tree.
    Lines,
    /// Modules of the tree.
    Modules,
    /// Bytes of the distributions of which something is loaded.
    ThirdParty,
}

impl Load {
    /// The name of its limit, as a flag and in the configuration.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Lines => "max-lines",
            Self::Modules => "max-modules",
            Self::ThirdParty => "max-third-party",
        }
    }
}

/// A limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is limited.
    pub load: Load,
    /// How much there may be.
    pub may: u64,
    /// Where that is written.
    pub from: String,
}

impl Limit {
    /// How much of it a handler loads.
    #[must_use]
    pub fn has(&self, start: &ColdStart) -> u64 {
        match self.load {
            Load::Lines => u64::from(start.lines()),
            Load::Modules => start.modules.len() as u64,
            Load::ThirdParty => start.third_party(),
        }
    }
}

/// The document.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'r> {
    version: u32,
    tool: Tool,
    candidate: JsonTree<'r>,
    against: Option<JsonTree<'r>>,
    handlers: Vec<JsonStart<'r>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonStart<'r> {
    handler: &'r str,
    named_by: Option<&'r str>,
    /// How many lines are loaded, and how many were in the version that it is compared with.
    lines: u32,
    lines_before: Option<u32>,
    modules: Vec<JsonModule<'r>>,
    /// Modules that the other version did not load, and those that only it did.
    added: Vec<&'r str>,
    removed: Vec<&'r str>,
    outside: Vec<JsonOutside<'r>>,
    /// The distributions of which something is loaded, the heaviest first.
    distributions: Vec<JsonWeight<'r>>,
    /// The limits that are exceeded.
    over: Vec<JsonOver<'r>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonWeight<'r> {
    name: &'r str,
    /// How many bytes it has, as its RECORD says.
    bytes: Option<u64>,
    modules: &'r [String],
    chain: Vec<JsonStep<'r>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonOver<'r> {
    limit: &'static str,
    has: u64,
    may: u64,
    from: &'r str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonModule<'r> {
    module: &'r str,
    path: &'r str,
    lines: u32,
    /// What was measured of it by itself, without what it imports.
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<f64>,
    chain: Vec<JsonStep<'r>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonOutside<'r> {
    module: &'r str,
    from: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<f64>,
    chain: Vec<JsonStep<'r>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonStep<'r> {
    path: &'r str,
    line: u32,
}

fn steps(way: &[Step]) -> Vec<JsonStep<'_>> {
    let steps = way.iter();
    steps
        .map(|step| JsonStep {
            path: &step.path,
            line: step.line,
        })
        .collect()
}

/// The limits that a handler exceeds.
fn exceeded<'r>(cold: &Cold<'r>, start: &ColdStart) -> Vec<&'r Limit> {
    let limits = cold.limits.iter();
    limits
        .filter(|limit| limit.has(start) > limit.may)
        .collect()
}

/// What the same handler loads in the other version.
fn before<'r>(cold: &Cold<'r>, start: &ColdStart) -> Option<&'r ColdStart> {
    let (_, starts) = cold.against?;
    starts.iter().find(|it| it.handler == start.handler)
}

/// The modules that one loads and the other does not.
fn only<'r>(one: &'r ColdStart, other: Option<&ColdStart>) -> Vec<&'r Loaded> {
    let Some(other) = other else {
        return Vec::new();
    };
    let has = |module: &&Loaded| !other.modules.iter().any(|it| it.module == module.module);
    one.modules.iter().filter(has).collect()
}

/// Writes the JSON document.
///
/// # Errors
/// If it cannot be written.
pub fn json(cold: &Cold, out: &mut dyn Write) -> io::Result<()> {
    let names = |modules: Vec<&'_ Loaded>| -> Vec<String> {
        modules.iter().map(|it| it.module.clone()).collect()
    };
    let changes: Vec<(Vec<String>, Vec<String>)> = cold
        .starts
        .iter()
        .map(|start| {
            let old = before(cold, start);
            let gone = old.map(|old| only(old, Some(start))).unwrap_or_default();
            (names(only(start, old)), names(gone))
        })
        .collect();
    let handlers = cold.starts.iter().zip(&changes);
    let document = Document {
        version: 1,
        tool: TOOL,
        candidate: JsonTree::from(cold.tree),
        against: cold.against.map(|(tree, _)| JsonTree::from(tree)),
        handlers: handlers
            .map(|(start, (added, removed))| JsonStart {
                handler: &start.handler,
                named_by: start.named_by.as_deref(),
                lines: start.lines(),
                lines_before: before(cold, start).map(ColdStart::lines),
                modules: start
                    .modules
                    .iter()
                    .map(|it| JsonModule {
                        module: &it.module,
                        path: &it.path,
                        lines: it.lines,
                        milliseconds: cold.measured.get(&it.module).copied(),
                        chain: steps(&it.way),
                    })
                    .collect(),
                added: added.iter().map(String::as_str).collect(),
                removed: removed.iter().map(String::as_str).collect(),
                outside: start
                    .outside
                    .iter()
                    .map(|it| JsonOutside {
                        module: &it.module,
                        from: it.from.as_deref(),
                        milliseconds: cold.measured.get(&it.module).copied(),
                        chain: steps(&it.way),
                    })
                    .collect(),
                distributions: start
                    .weights
                    .iter()
                    .map(|it| JsonWeight {
                        name: &it.name,
                        bytes: it.bytes,
                        modules: &it.modules,
                        chain: steps(&it.way),
                    })
                    .collect(),
                over: exceeded(cold, start)
                    .into_iter()
                    .map(|limit| JsonOver {
                        limit: limit.load.key(),
                        has: limit.has(start),
                        may: limit.may,
                        from: &limit.from,
                    })
                    .collect(),
            })
            .collect(),
    };
    write_value(&document, out)
}

/// Writes the text for people: of each handler the modules with most lines first.
///
/// # Errors
/// If it cannot be written.
pub fn full(cold: &Cold, out: &mut dyn Write) -> io::Result<()> {
    if cold.starts.is_empty() {
        return writeln!(
            out,
            "no handler is known: a template, `entry-points` in the configuration, or lambda_function.lambda_handler names one"
        );
    }
    for start in cold.starts {
        let by = start
            .named_by
            .as_deref()
            .map(|by| format!(" ({})", plain(by)));
        writeln!(
            out,
            "{}{}: {} modules, {} lines before the first request; {} modules from outside",
            plain(&start.handler),
            by.unwrap_or_default(),
            start.modules.len(),
            start.lines(),
            start.outside.len()
        )?;
        let old = before(cold, start);
        if let Some(old) = old {
            writeln!(
                out,
                "  before: {} modules, {} lines",
                old.modules.len(),
                old.lines()
            )?;
            for it in only(start, Some(old)) {
                writeln!(
                    out,
                    "  + {} ({} lines): {}",
                    plain(&it.module),
                    it.lines,
                    chain(&it.way)
                )?;
            }
            for it in only(old, Some(start)) {
                writeln!(out, "  - {} ({} lines)", plain(&it.module), it.lines)?;
            }
        }
        let mut modules: Vec<&Loaded> = start.modules.iter().collect();
        modules.sort_by(|a, b| (b.lines, &a.module).cmp(&(a.lines, &b.module)));
        for it in modules.iter().take(LISTED) {
            let measured = cold.measured.get(&it.module);
            let measured = measured
                .map(|ms| format!(" {ms:>8.1} ms"))
                .unwrap_or_default();
            writeln!(
                out,
                "  {:>6} lines{measured}  {}: {}",
                it.lines,
                plain(&it.module),
                chain(&it.way)
            )?;
        }
        if let Some(more) = modules.len().checked_sub(LISTED).filter(|more| *more > 0) {
            writeln!(out, "  {more} more modules")?;
        }
        for it in &start.outside {
            let from = it
                .from
                .as_deref()
                .map(|from| format!(" from {}", plain(from)));
            let measured = cold.measured.get(&it.module);
            let measured = measured
                .map(|ms| format!(", {ms:.1} ms"))
                .unwrap_or_default();
            let from = from.unwrap_or_default();
            writeln!(
                out,
                "  outside: {}{from}{measured}: {}",
                plain(&it.module),
                chain(&it.way)
            )?;
        }
        for it in &start.weights {
            let bytes = it.bytes.map(|bytes| format!(", {}", size(bytes)));
            writeln!(
                out,
                "  distribution: {}{}: {}",
                plain(&it.name),
                bytes.unwrap_or_default(),
                chain(&it.way)
            )?;
        }
        for limit in exceeded(cold, start) {
            writeln!(
                out,
                "  over the limit: {} is {}, and this is {} ({})",
                limit.load.key(),
                limit.may,
                limit.has(start),
                plain(&limit.from)
            )?;
        }
    }
    Ok(())
}

/// A number of bytes: `1.4 MB`.
fn size(bytes: u64) -> String {
    let tenths = |unit: u64| format!("{}.{}", bytes / unit, bytes % unit * 10 / unit);
    match bytes {
        1_000_000.. => format!("{} MB", tenths(1_000_000)),
        1000.. => format!("{} kB", tenths(1000)),
        _ => format!("{bytes} bytes"),
    }
}

/// `a.py:3 imports b, b.py:7 imports c`.
fn chain(way: &[Step]) -> String {
    if way.is_empty() {
        return "execution starts there".to_owned();
    }
    let steps = way.iter();
    let steps: Vec<String> = steps
        .map(|step| format!("{}:{} {}", plain(&step.path), step.line, plain(&step.note)))
        .collect();
    steps.join(", ")
}

/// What `python -X importtime` wrote: milliseconds of each module by itself. Lines that are something else are passed over.
#[must_use]
pub fn import_times(log: &str) -> BTreeMap<String, f64> {
    let lines = log.lines().filter_map(|line| {
        let mut parts = line.strip_prefix("import time:")?.split('|');
        let own: f64 = parts.next()?.trim().parse().ok()?;
        let module = parts.nth(1)?.trim();
        Some((module.to_owned(), own / 1000.0))
    });
    lines.collect()
}

#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}

#[cfg(test)]
mod tests {
    use super::{import_times, size};

    #[test]
    fn sizes_have_a_unit() {
        assert_eq!(size(5_381_211), "5.3 MB");
        assert_eq!(size(999), "999 bytes");
    }

    #[test]
    fn a_log_of_import_times_is_read() {
        let log = "import time: self [us] | cumulative | imported package\nimport time:       250 |        250 |   _io\nhello\nimport time:      1500 |       2000 | a.b\n";
        let found = import_times(log);
        assert_eq!(found.len(), 2);
        assert!((found["a.b"] - 1.5).abs() < 1e-9);
    }
}
