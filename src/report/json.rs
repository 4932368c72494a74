//! The JSON document. Its form is a contract: fields are added, never changed, as long as `version` is 1.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use crate::analysis::upgrade::Upgrade;
use crate::environment::Moved;
use crate::facts::{Bound, Cut, Place, RouteKey};
use crate::python::{Declared, Version};
use crate::report::escape::{is_harmful, is_plain, opens_command, plain};
use crate::report::{Check, Digests, Package, Summary, Timings};
use crate::rules::{Finding, Severity, Span, Status, span};
use crate::source::Tree;
use crate::template::{Code, Function};

/// Who wrote the document.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

/// This tool.
pub(super) const TOOL: Tool = Tool {
    name: "coship",
    version: env!("CARGO_PKG_VERSION"),
};

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document<'a> {
    version: u32,
    tool: Tool,
    candidate: JsonTree<'a>,
    against: Option<JsonTree<'a>>,
    /// The Python that is to run it, where one is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    python: Option<JsonPython<'a>>,
    /// The packages of the deployed version, where they are not the candidate's.
    #[serde(skip_serializing_if = "Option::is_none")]
    against_packages: Option<JsonPackages<'a>>,
    /// The changed files that ship, where the document is about a mixed state.
    #[serde(skip_serializing_if = "Option::is_none")]
    only: Option<Vec<&'a str>>,
    /// What identifies the package, where the document is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    package: Option<JsonPackage<'a>>,
    /// The functions in Python that the template deploys, where the document is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    functions: Option<Vec<JsonFunction<'a>>>,
    findings: Vec<JsonFinding<'a>>,
    /// What was not looked into.
    not_followed: Vec<JsonCut<'a>>,
    summary: &'a Summary,
    /// How long it took, where that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    timings: Option<&'a Timings>,
}

/// Packages that a candidate's are held against.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonPackages<'a> {
    /// The directories, as given.
    names: Vec<&'a str>,
    /// The distributions of which the candidate has another version, or which one side has alone.
    moved: Vec<&'a Moved>,
}

impl<'a> From<&'a Upgrade> for JsonPackages<'a> {
    fn from(upgrade: &'a Upgrade) -> Self {
        let installed = upgrade.environment().installed.iter();
        Self {
            names: installed.map(|installed| &*installed.shown).collect(),
            moved: upgrade.moved().values().collect(),
        }
    }
}

/// A package that was verified.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonPackage<'a> {
    held_against: Option<&'a str>,
    layers: &'a [String],
    #[serde(flatten)]
    digests: &'a Digests,
}

impl<'a> From<&'a Package> for JsonPackage<'a> {
    fn from(package: &'a Package) -> Self {
        Self {
            held_against: package.held_against.as_deref().ok(),
            layers: &package.layers,
            digests: &package.digests,
        }
    }
}

/// A function of a template, with what all of it says: SAM's `Globals`, what `provider` says of all, variables. What only the deployment knows is left out.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonFunction<'a> {
    name: &'a str,
    /// The path of its code, from the template's directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handler: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runtime: Option<&'a str>,
    /// The names of the environment variables that are set.
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Vec<&'a str>>,
}

impl<'a> From<&'a Function> for JsonFunction<'a> {
    fn from(function: &'a Function) -> Self {
        let variables = function.variables.as_ref();
        Self {
            name: &function.name,
            code: match &function.code {
                Code::Local(path) => Some(path),
                _ => None,
            },
            handler: function.handler.as_deref(),
            runtime: function.runtime.as_deref(),
            environment: variables.map(|names| names.iter().map(String::as_str).collect()),
        }
    }
}

/// Calls of a function that were not looked into for what they pass.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonCut<'a> {
    function: &'a str,
    path: &'a str,
    range: JsonRange,
    bound: Bound,
    calls: usize,
}

impl<'a> JsonCut<'a> {
    fn new(cut: &'a Cut, tree: &'a Tree) -> Self {
        let place = cut.function.place;
        Self {
            function: &cut.function.name,
            path: &tree.file(place.file).path,
            range: span(tree, place).into(),
            bound: cut.bound,
            calls: cut.calls,
        }
    }
}

/// The versions that are declared, and where.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonPython<'a> {
    versions: Vec<String>,
    from: Option<&'a str>,
}

impl<'a> JsonPython<'a> {
    fn of(declared: &'a Declared) -> Option<Self> {
        let versions = declared.targets.versions();
        (!versions.is_empty()).then(|| Self {
            versions: versions.iter().map(Version::to_string).collect(),
            from: declared.from.as_deref(),
        })
    }
}

/// A tree as JSON names it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct JsonTree<'a> {
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen_by: Option<&'a str>,
}

impl<'a> From<&'a Tree> for JsonTree<'a> {
    fn from(tree: &'a Tree) -> Self {
        Self {
            kind: tree.kind.as_str(),
            name: &tree.name,
            commit: tree.commit.as_deref(),
            chosen_by: tree.chosen_by.as_deref(),
        }
    }
}

/// A finding as JSON gives it.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct JsonFinding<'a> {
    code: &'static str,
    rule: &'static str,
    severity: Severity,
    status: Status,
    message: String,
    path: &'a str,
    range: JsonRange,
    routes: Vec<JsonRoute<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    callee: Option<&'a str>,
    witness: Option<Witness<'a>>,
    certainty: &'static str,
    chain: Vec<JsonFrame<'a>>,
    related: Vec<JsonRelated<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<String>,
    /// The distributions with whose upgrade it came.
    #[serde(skip_serializing_if = "<[Moved]>::is_empty")]
    upgrades: &'a [Moved],
    fingerprint: &'a str,
}

/// Lines and columns from 1, columns in code points, the end exclusive.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct JsonRange {
    start: JsonPosition,
    end: JsonPosition,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonPosition {
    line: u32,
    column: u32,
}

/// The names of a route.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(super) struct JsonRoute<'a> {
    interface: &'a str,
    operation: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Witness<'a> {
    exception: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonFrame<'a> {
    path: &'a str,
    range: JsonRange,
    function: &'a str,
    note: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonRelated<'a> {
    path: &'a str,
    range: JsonRange,
    message: String,
}

impl From<Span> for JsonRange {
    fn from(span: Span) -> Self {
        Self {
            start: JsonPosition {
                line: span.start.line,
                column: span.start.column,
            },
            end: JsonPosition {
                line: span.end.line,
                column: span.end.column,
            },
        }
    }
}

impl<'a> From<&'a RouteKey> for JsonRoute<'a> {
    fn from(route: &'a RouteKey) -> Self {
        Self {
            interface: &route.interface,
            operation: &route.operation,
        }
    }
}

impl<'a> JsonFinding<'a> {
    /// The finding, its places looked up in `tree`.
    pub(super) fn new(finding: &'a Finding, tree: &'a Tree) -> Self {
        let range = |place: Place| JsonRange::from(span(tree, place));
        let chain = finding.chain.iter().map(|frame| JsonFrame {
            path: &tree.file(frame.place.file).path,
            range: range(frame.place),
            function: &frame.function,
            note: plain(&frame.note).into_owned(),
        });
        let related = finding.related.iter().map(|related| JsonRelated {
            path: &tree.file(related.place.file).path,
            range: range(related.place),
            message: plain(&related.message).into_owned(),
        });
        Self {
            code: finding.rule.code,
            rule: finding.rule.name,
            severity: finding.severity,
            status: finding.status,
            message: plain(&finding.message).into_owned(),
            path: &finding.path,
            range: finding.span(tree).into(),
            routes: finding.routes.iter().map(JsonRoute::from).collect(),
            callee: finding.callee.as_ref().map(|callee| callee.name.as_str()),
            witness: finding
                .witness
                .as_deref()
                .map(|exception| Witness { exception }),
            chain: chain.collect(),
            related: related.collect(),
            help: finding.help.as_deref().map(|help| plain(help).into_owned()),
            certainty: finding.certainty.name(),
            upgrades: &finding.upgrades,
            fingerprint: &finding.fingerprint,
        }
    }
}

pub(super) fn write(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        version: 1,
        tool: TOOL,
        candidate: JsonTree::from(check.candidate),
        against: check.against.ok().map(JsonTree::from),
        python: JsonPython::of(check.python),
        against_packages: check.upgrade.map(JsonPackages::from),
        only: check
            .only
            .map(|files| files.iter().map(AsRef::as_ref).collect()),
        package: check.package.map(JsonPackage::from),
        functions: check
            .template
            .map(|functions| functions.iter().map(JsonFunction::from).collect()),
        findings: check
            .findings
            .iter()
            .map(|finding| JsonFinding::new(finding, check.candidate))
            .collect(),
        not_followed: check
            .cuts
            .iter()
            .map(|cut| JsonCut::new(cut, check.candidate))
            .collect(),
        summary: &check.summary,
        timings: check.timings,
    };
    write_value(&document, out)
}

/// A finding on a line of its own.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Line<'a> {
    version: u32,
    #[serde(flatten)]
    finding: JsonFinding<'a>,
}

/// One object per finding and line: a finding as in the document, with the version.
pub(super) fn write_lines(check: &Check, out: &mut dyn Write) -> io::Result<()> {
    for finding in check.findings {
        let finding = JsonFinding::new(finding, check.candidate);
        write_line(
            &Line {
                version: 1,
                finding,
            },
            out,
        )?;
    }
    Ok(())
}

/// Writes any document, indented, with a line end.
pub(super) fn write_value(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer =
        serde_json::Serializer::with_formatter(&mut *out, Harmless(PrettyFormatter::new()));
    document.serialize(&mut serializer)?;
    writeln!(out)
}

/// Writes any document in one line, with a line end.
pub(super) fn write_line(document: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(
        &mut *out,
        Harmless(serde_json::ser::CompactFormatter),
    );
    document.serialize(&mut serializer)?;
    writeln!(out)
}

/// A formatter that writes as `\uXXXX` what a terminal would act upon. JSON itself demands that of C0 controls only; a reader
/// gets the same text either way.
struct Harmless<F>(F);

impl<F: Formatter> Formatter for Harmless<F> {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        if is_plain(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let mut start = 0;
        let mut before = ' ';
        for (index, c) in fragment.char_indices() {
            let command = match c {
                ':' => before == ':',
                '#' => before == '#' && opens_command(fragment[index + 1..].chars()),
                _ => false,
            };
            if is_harmful(c) || command {
                writer.write_all(&fragment.as_bytes()[start..index])?;
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(writer, "\\u{unit:04x}")?;
                }
                start = index + c.len_utf8();
            }
            before = c;
        }
        writer.write_all(&fragment.as_bytes()[start..])
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// The form of the document, for the published schema.
#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}

/// The form of a line, for the published schema.
#[cfg(test)]
pub(super) fn line_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Line>()
}
