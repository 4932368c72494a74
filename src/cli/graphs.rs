//! What a tree is made of: `coship routes`, `graph`, `environment`.

use clap::{ArgGroup, Args, ValueEnum};

use super::{OutputArgs, TreeArgs};

/// `coship routes`.
#[derive(Debug, Args)]
pub struct Routes {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// How to write the list; also `COSHIP_OUTPUT_FORMAT`, if it names one of these [default: full]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<RoutesFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Exit with 1 if a route leads nowhere
    #[arg(long, help_heading = "Exit status")]
    pub exit_code: bool,
}

/// How `coship routes` writes its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RoutesFormat {
    /// A table: for people
    Full,
    /// One line per route
    Concise,
    /// One JSON document, `"version": 1`
    Json,
    /// A Graphviz graph
    Dot,
    /// A Mermaid flowchart, as Markdown pages show it
    Mermaid,
}

/// `coship graph`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("ends").args(["from", "to"]).multiple(true))]
pub struct Graph {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// Only what is reachable from this function, by its dotted name (repeatable)
    ///
    /// A module's name stands for its own code; a class's, or any name with `.*` behind it, for all that is in it.
    #[arg(long, value_name = "NAME", help_heading = "Part")]
    pub from: Vec<String>,
    /// Only what reaches this function, likewise (repeatable)
    #[arg(long, value_name = "NAME", help_heading = "Part")]
    pub to: Vec<String>,
    /// Only what is at most so many calls away from --from, or from --to
    #[arg(
        long,
        value_name = "N",
        help_heading = "Part",
        requires = "ends",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub depth: Option<u32>,
    /// Show which module or which layer calls which, instead of functions. Mermaid gets that where it would refuse what is asked for: it draws 500 calls and
    /// reads 50,000 characters
    #[arg(
        long,
        value_name = "WHAT",
        help_heading = "Part",
        conflicts_with = "layers"
    )]
    pub collapse: Option<Collapse>,
    /// Cut down to the layers gateway, interface, core and rest: which call which, and through which files
    #[arg(long, help_heading = "Part")]
    pub layers: bool,
    /// How to write the graph; also `COSHIP_OUTPUT_FORMAT`, if it names one of these [default: full]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<GraphFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Exit with 1 if no call leads from --from to --to
    #[arg(long, help_heading = "Exit status")]
    pub exit_code: bool,
}

/// What `--collapse` makes one node of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Collapse {
    /// All that is in a module
    Module,
    /// All that is in a layer: gateway, interface, core and rest
    Layer,
}

/// How `coship graph` writes its graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum GraphFormat {
    /// Each function with what it calls below it: for people
    Full,
    /// The adjacency list, `{"caller": ["callee", ...]}`
    Json,
    /// A Graphviz graph
    Dot,
    /// A Mermaid flowchart, as Markdown pages show it
    Mermaid,
}

/// `coship environment`.
#[derive(Debug, Args)]
pub struct Environment {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// How to write it; also `COSHIP_OUTPUT_FORMAT`, if it names one of these [default: full]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<EnvironmentFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Exit with 1 if an import is not explained
    #[arg(long, help_heading = "Exit status")]
    pub exit_code: bool,
}

/// How `coship environment` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EnvironmentFormat {
    /// A table: for people
    Full,
    /// One JSON document, `"version": 1`
    Json,
}
