//! What changes between versions: `coship diff`, `plan`, `history`.

use clap::{Args, ValueEnum};

use super::{OutputArgs, RuleArgs, TreeArgs};

/// `coship history`.
#[derive(Debug, Args)]
pub struct History {
    /// The commits: `A..B` for those of B that A has not, or one revision for all that lead to it [default: HEAD]
    #[arg(value_name = "RANGE", default_value = "HEAD")]
    pub range: String,
    /// Only the first parents: what a branch was, merge by merge
    #[arg(long)]
    pub first_parent: bool,
    /// The part K of N of the commits, for machines that share the work; the JSON lines of all parts add up
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
    /// Which rules count.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// The Python that runs it, as for `check`
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    pub python_version: Vec<String>,
    /// How to write the report [default: full]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<HistoryFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How `coship history` reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum HistoryFormat {
    /// Lists and counts: for people
    Full,
    /// One JSON object for each commit that was checked against a parent
    JsonLines,
}

/// `coship plan`.
#[derive(Debug, Args)]
pub struct Plan {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// Only these changed files or units, and what has to ship with them; everything else stays as deployed. Without TREE, the first one may stand in its place
    #[arg(value_name = "FILE")]
    pub files: Vec<String>,
    /// What is deployed now, as for `check`
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// A layer's zip or directory that lies beside the code when it runs, in the order of the function's configuration (repeatable)
    #[arg(long, value_name = "ZIP", help_heading = "Environment")]
    pub layer: Vec<String>,
    /// Plan the way back instead: from TREE to TAG, or to the newest earlier version that causes no new error
    ///
    /// TREE is what runs then; TAG is any version that --against takes.
    #[arg(long, value_name = "TAG", num_args = 0..=1, conflicts_with = "against")]
    pub rollback: Option<Option<String>>,
    /// The same as FILE. With --rollback: only these files or units go back, everything else stays as it is in TREE
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub only: Vec<String>,
    /// How to write the plan; also `COSHIP_OUTPUT_FORMAT`, if it names one of these [default: full]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<PlanFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How `coship plan` writes its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PlanFormat {
    /// The steps, why, and the commands: for people
    Full,
    /// One JSON document, `"version": 1`
    Json,
    /// The deployment checklist, for a ticket. The date in the next tag's name is today's in UTC, or that of `SOURCE_DATE_EPOCH`
    Markdown,
    /// The steps as a Graphviz graph
    Dot,
    /// The steps as a Mermaid flowchart, as Markdown pages show it
    Mermaid,
}

/// `coship diff`.
#[derive(Debug, Args)]
pub struct Diff {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// What is deployed now: a git revision, a directory or a zip
    ///
    /// Without it: `against` in the configuration; else the newest tag that looks like a version and is reachable.
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// How to write the list; also `COSHIP_OUTPUT_FORMAT`, if it names one of these [default: full on a terminal, else concise]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<DiffFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Exit with 1 if a caller of the deployed version may break
    #[arg(long, help_heading = "Exit status")]
    pub exit_code: bool,
}

/// How `coship diff` writes its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DiffFormat {
    /// Old and new signature with the differing part marked, callers and routes: for people
    Full,
    /// One line per change, `path:line:column: severity: message [kind]`
    Concise,
    /// One JSON document, `"version": 1`
    Json,
}
