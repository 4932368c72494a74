//! What is packed, verified and started: `coship pack`, `verify`, `cold-start`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{OutputArgs, ReportArgs, RuleArgs, TreeArgs};

/// `coship pack`.
#[derive(Debug, Args)]
pub struct Pack {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// The zip to write
    #[arg(short, long, value_name = "ZIP")]
    pub out: PathBuf,
    /// Pack all files of the directory that the code is deployed from, needed or not
    #[arg(long, help_heading = "Contents")]
    pub all: bool,
    /// Pack the files that this glob matches besides (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Contents")]
    pub include: Vec<String>,
    /// Replace a zip that is there
    #[arg(long)]
    pub force: bool,
    /// Write the installed distributions to this zip instead, as a layer: below `python/`
    #[arg(long, value_name = "ZIP", help_heading = "Contents")]
    pub layer: Option<PathBuf>,
    /// Add `coship-manifest.json`: the files of the package, each with its SHA-256
    #[arg(long, help_heading = "Contents")]
    pub manifest: bool,
    /// A layer's zip or directory that is there, to verify the result with (repeatable)
    #[arg(long, value_name = "ZIP")]
    pub with_layer: Vec<String>,
    /// What is deployed now, as for `check`, to verify the result against
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// How the findings are told.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// `coship verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// The package: a zip or a directory
    #[arg(value_name = "PACKAGE", required_unless_present_any = ["template", "running"])]
    pub package: Option<String>,
    /// The template that deploys it (AWS SAM, CloudFormation, serverless.yml); without PACKAGE, the code of each of its functions is verified where it lies
    #[arg(long, value_name = "FILE")]
    pub template: Option<PathBuf>,
    /// Instead of verifying: name the revision that this package, downloaded from where it runs, was built from, and what is different
    #[arg(long, value_name = "ZIP", conflicts_with_all = ["package", "template", "layer", "against"])]
    pub running: Option<String>,
    /// A layer's zip or directory, in the order of the function's configuration (repeatable)
    #[arg(long, value_name = "ZIP")]
    pub layer: Vec<String>,
    /// What the package was made from: a directory, `rev:REVISION` or a zip; `none` for nothing [default: the project around the working directory]
    #[arg(long, value_name = "TREE")]
    pub tree: Option<String>,
    /// Take the staged files (the git index) of --tree instead of those on disk
    #[arg(long, requires = "tree")]
    pub staged: bool,
    /// What is deployed now, as for `check`: the zip that runs, for example
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// The Python that runs it, as for `check`
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    pub python_version: Vec<String>,
    /// The SHA-256 that the zip should have, in base64 as `CodeSha256` or in hexadecimal digits
    #[arg(long, value_name = "DIGEST", help_heading = "Digest")]
    pub expect_sha256: Option<String>,
    /// What `aws lambda get-function-configuration` prints: whether what runs there is this package
    #[arg(long, value_name = "FILE", help_heading = "Digest")]
    pub aws_configuration: Option<PathBuf>,
    /// Which rules count.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Neither keep what was found in the deployed revision for the next run, nor use what an earlier one kept
    #[arg(long, env = "COSHIP_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,
    /// How the findings are told.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// `coship cold-start`.
#[derive(Debug, Args)]
pub struct ColdStart {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// What to compare with: a git revision, a directory or a zip
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// What `python -X importtime` wrote to stderr: puts the milliseconds beside the modules
    #[arg(long, value_name = "LOG")]
    pub importtime: Option<PathBuf>,
    /// How many lines a handler may load
    #[arg(long, value_name = "N", help_heading = "Exit status")]
    pub max_lines: Option<u32>,
    /// How many modules of the tree a handler may load
    #[arg(long, value_name = "N", help_heading = "Exit status")]
    pub max_modules: Option<u32>,
    /// How many bytes the distributions may have of which a handler loads something
    #[arg(long, value_name = "BYTES", help_heading = "Exit status")]
    pub max_third_party: Option<u32>,
    /// How to write it [default: full]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<ColdStartFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How `coship cold-start` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColdStartFormat {
    /// For people
    Full,
    /// One JSON document, `"version": 1`
    Json,
    /// A picture: each module over what it asked for first, as wide as the lines
    Svg,
}
