//! The command line: argument types only. [`crate::commands`] gives them their meaning.

mod changes;
mod graphs;
mod packages;
mod report;

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::config::Day;
use crate::report::Format;
use crate::report::schemas::PUBLISHED;
use crate::rules::Severity;

pub use changes::{Diff, DiffFormat, History, HistoryFormat, Plan, PlanFormat};
pub use graphs::{
    Collapse, Environment, EnvironmentFormat, Graph, GraphFormat, Routes, RoutesFormat,
};
pub use packages::{ColdStart, ColdStartFormat, Pack, Verify};
pub use report::Report;

/// The colours of the help.
const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Tells Python teams what must ship together.
///
/// coship follows every route of a program, binds every call as CPython would, and says which calls of the version that is about
/// to be deployed will fail. It reads code and runs none of it.
#[derive(Debug, Parser)]
#[command(name = "coship", version, styles = STYLES, max_term_width = 100)]
#[command(
    after_help = "Exit status: 0 clean, 1 findings at or above --fail-on, 2 could not check."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes.
    #[command(flatten)]
    pub global: Global,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Report every call, import and route that will fail at run time
    ///
    /// Follows every route and call of TREE and reports what will fail, each cause once, with all the routes that it breaks. With a
    /// deployed version to compare with, each finding says whether it is new.
    Check(Box<Check>),
    /// Say whether a package is what it should be, and whether it will run
    ///
    /// Holds a zip or a directory, with its layers, against the candidate: what the program needs and is not there, what is not the candidate's, what does not
    /// belong in it, what Python or an unpacker makes of it. Then checks the code as it will run, as `check` does.
    Verify(Box<Verify>),
    /// Make a package of what the program needs, byte for byte the same each time, and verify it
    ///
    /// Packs what the entry points of TREE lead to: modules that are imported, at the top or in a function, or named in tables, data files that are opened beside them, and
    /// the whole of each installed distribution of which something is needed. Never version control, caches, bytecode, secrets or the package itself.
    Pack(Box<Pack>),
    /// Say which changed files must ship together, and in which order the others may ship
    ///
    /// Finds the finest sequence of steps from the deployed version to TREE in which the program has, after every step, no error
    /// that the deployed version does not have. Files of one step ship together; the reverse order is the way back.
    Plan(Box<Plan>),
    /// List what changed in the contract since the deployed version, and whom it touches
    ///
    /// Compares what every function accepts and sends, the operations, the enums. Each change says what may ship in which order, over all
    /// calls and for the calls that exist: `full` (any order), `backward` (callee first), `forward` (caller first), `none` (together).
    Diff(Box<Diff>),
    /// List the routes: interface, operation, and the functions that they lead to
    Routes(Routes),
    /// Show who calls whom
    ///
    /// The calls that evaluation found, as an adjacency list: dotted names from the import root, a module's own code under the module's name,
    /// lambdas numbered in their scope, builtins as `<builtin>.print` and `<**PyStr**>.join`, other things outside the tree by their dotted name.
    Graph(Graph),
    /// Say what surrounds the tree, and which of its imports that explains
    ///
    /// Lists where packages and requirements were taken from, and each module that the tree imports and neither it nor the standard library has: who
    /// provides it, or what is known against it.
    Environment(Environment),
    /// Say what is loaded before the first request, and what pulls it in
    ///
    /// For each handler the modules that importing its module imports at once, with their lines, the modules from outside, and the chain of imports that leads to each. The exit
    /// status is 0, or 1 where a handler loads more than --max-lines or --max-modules.
    ColdStart(ColdStart),
    /// Answer an editor on stdin and stdout (the Language Server Protocol)
    ///
    /// Diagnostics are those of `coship check` in each of the editor's folders, unsaved files included. The lines that start it in an editor are in `editors/`.
    Server(Server),
    /// Say when each finding came and went, by whose commit, and which files break each other
    ///
    /// Checks each commit of a range against its parents, as `coship check rev:COMMIT --against PARENT --ignore ship-together,ship-first` would without a
    /// baseline. The exit status is 0 whatever was found, and 2 if a commit could not be checked.
    History(History),
    /// Write one page of HTML with all of it: findings, layers, plan, contract, routes
    ///
    /// The page is one file, loads nothing from anywhere and needs no script. What is different from the deployed version is on it if there is one. The exit status
    /// is 0 whatever was found, unless --exit-code asks for more.
    Report(Report),
    /// List the rules, or explain one
    ///
    /// Without a rule, lists them all; with one, prints its page: what it finds, why that matters, an example, and how to ship the
    /// cure.
    Rule(Rule),
    /// Write a commented coship.toml from what is found in the tree
    ///
    /// Everything in the file is optional: without a configuration, coship works with what it finds by itself.
    Init(Init),
    /// Show the settings as they are resolved, and where each comes from
    ///
    /// A file and line, a flag, a variable of the environment, what the tree shows, or the default.
    Config(Config),
    /// Print the JSON schema of the configuration or of an output, or list the schemas
    ///
    /// The same as in `schema/` of the project; `coship schema config` is what editors check `coship.toml` with.
    Schema(Schema),
    /// Write git's hooks that run `coship check`, or remove them
    ///
    /// For the repository around the working directory: pre-commit and pre-merge-commit judge the index, pre-push the commits that are pushed. A hook
    /// that somebody else wrote is left alone.
    Hook(Hook),
    /// List what is recorded as deployed, or record it after a deploy
    ///
    /// A recorded version is a reference of the repository, `refs/deployed/NAME`; `--against deployed:NAME` compares with it.
    Deployed(Deployed),
    /// Print the completions of a shell
    #[command(hide = true)]
    Completions(Completions),
    /// Print the manual page, in roff
    #[command(hide = true)]
    Man,
}

/// `coship config`.
#[derive(Debug, Args)]
pub struct Config {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// How to write it; also `COSHIP_OUTPUT_FORMAT`, if it names one of these [default: full]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<ConfigFormat>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
}

/// How `coship config` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ConfigFormat {
    /// For people: key, value, place
    Full,
    /// JSON
    Json,
}

/// `coship schema`.
#[derive(Debug, Args)]
pub struct Schema {
    /// Which one; without it, they are listed
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(PUBLISHED.iter().map(|it| it.name)))]
    pub name: Option<String>,
}

/// `coship completions`.
#[derive(Debug, Args)]
pub struct Completions {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// `coship deployed`.
#[derive(Debug, Args)]
pub struct Deployed {
    /// Record that REVISION runs in this environment: writes `refs/deployed/NAME`
    #[arg(long, value_name = "NAME")]
    pub record: Option<String>,
    /// What was deployed
    #[arg(value_name = "REVISION", default_value = "HEAD", requires = "record")]
    pub revision: String,
}

/// `coship hook`.
#[derive(Debug, Args)]
pub struct Hook {
    /// What to do
    #[arg(value_name = "ACTION")]
    pub action: HookAction,
}

/// What `coship hook` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HookAction {
    /// Write the hooks
    Install,
    /// Remove those that coship wrote
    Remove,
}

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// A configuration file, or one option as KEY=VALUE (repeatable; `--config rules.import-cycle=off`)
    #[arg(long, global = true, value_name = "PATH|KEY=VALUE")]
    pub config: Vec<String>,
    /// Look for no configuration file
    #[arg(long, global = true)]
    pub isolated: bool,
    /// When to colour; also `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE`
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// Print the findings alone, without first and last line
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Say on stderr what is read
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// Which tree is looked at.
#[derive(Clone, Debug, Args)]
pub struct TreeArgs {
    /// What is about to be deployed: a directory, `rev:REVISION`, or a zip [default: the project around the working directory]
    ///
    /// Without it, below a repository's root: the nearest directory around the working directory that has a configuration, else the root. `check` reports
    /// what is in the working directory then, with paths from that root; and so it does for a TREE that is a folder of such a project. `dir:DIRECTORY` is all of
    /// the program.
    #[arg(value_name = "TREE")]
    pub tree: Option<String>,
    /// Take the staged files (the git index) instead of those on disk
    #[arg(long)]
    pub staged: bool,
    /// The Python that runs it, such as 3.11 (repeatable, or several with commas)
    ///
    /// Without it: `python-version` in the configuration; else the `Runtime` of a template; else the lower bound of `requires-python`; else
    /// `.python-version`. Where none is declared, nothing is reported that depends on a version.
    #[arg(long, value_name = "VERSION", value_delimiter = ',')]
    pub python_version: Vec<String>,
    /// The installed packages: a virtual environment, an installation of Python, or the interpreter in one
    ///
    /// Without it: the environment that `VIRTUAL_ENV` names; else `.venv` or `venv` in TREE or around it. What is in it is looked up, never run. `check` also reads the packages
    /// that TREE imports from an environment that is named here, and says which calls they do not take.
    #[arg(long, value_name = "DIR", help_heading = "Environment")]
    pub python: Option<PathBuf>,
    /// A directory with packages besides, as `pip install --target` makes it (repeatable)
    #[arg(long, value_name = "DIR", help_heading = "Environment")]
    pub packages: Vec<PathBuf>,
    /// Skip what matches, instead of the configuration's `exclude` and the usual directories (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    pub exclude: Vec<String>,
    /// Skip what matches besides (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Files")]
    pub extend_exclude: Vec<String>,
}

/// Where a report goes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Output")]
pub struct OutputArgs {
    /// Write the report to a file instead of stdout
    #[arg(long, value_name = "FILE")]
    pub output_file: Option<PathBuf>,
}

/// Which rules count.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Rules")]
pub struct RuleArgs {
    /// Only these rules: names, codes, beginnings of codes (CS1) or ALL
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub select: Vec<String>,
    /// Not these rules
    #[arg(
        long,
        value_name = "RULE",
        value_delimiter = ',',
        help_heading = "Rules"
    )]
    pub ignore: Vec<String>,
    /// Show, as info, what may fail on some value and is not certain to
    #[arg(long, value_name = "WHAT", help_heading = "Rules")]
    pub show: Vec<Show>,
}

/// How findings are told, and what they mean for the exit status.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// The lowest severity that makes the exit status 1 [default: error]
    #[arg(long, value_name = "SEVERITY", help_heading = "Exit status")]
    pub fail_on: Option<FailOn>,
    /// Exit with 0 even if there are findings
    #[arg(long, help_heading = "Exit status")]
    pub exit_zero: bool,
    /// How to write the report; also `COSHIP_OUTPUT_FORMAT` [default: full on a terminal, else concise]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub output_format: Option<Format>,
    /// Where to write it.
    #[command(flatten)]
    pub output: OutputArgs,
    /// Count the findings of each rule
    #[arg(long, help_heading = "Output")]
    pub statistics: bool,
    /// Say of each finding why it is certain, or what keeps it from being so; with `--show may` of those that are not certain as well
    ///
    /// The full format has a line for it. The JSON formats always say it, as `certainty`.
    #[arg(long, help_heading = "Output")]
    pub explain_certainty: bool,
}

/// `coship check`.
#[derive(Debug, Args)]
pub struct Check {
    /// The tree.
    #[command(flatten)]
    pub tree: TreeArgs,
    /// What is deployed now: a git revision, a directory, a zip, or `none`
    ///
    /// Without it: `against` in the configuration; else the newest tag that looks like a version and is reachable; else nothing. A
    /// tag of the very commit that is checked is passed over for the one before; named here with --new-only, it ends with exit status 2. So does what was asked for
    /// and cannot be read.
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// A layer's zip or directory that lies beside the code when it runs, in the order of the function's configuration (repeatable)
    #[arg(long, value_name = "ZIP", help_heading = "Environment")]
    pub layer: Vec<String>,
    /// The packages that are deployed now, where they are not those of --packages or --python: a virtual environment, or a directory with packages (repeatable)
    ///
    /// The deployed version is checked beside these and the candidate beside its own; without a deployed version the candidate is held against itself. What only the new packages
    /// bring is new, and says which distribution moved.
    #[arg(long, value_name = "DIR", help_heading = "Environment", conflicts_with_all = ["only", "hook", "fix", "fix_ignores", "diff"])]
    pub against_packages: Vec<PathBuf>,
    /// Judge what the git operation moves that this hook was started for: the index, or what is pushed
    ///
    /// Without STAGE: what pre-commit says is pushed, else the index. `pre-push` reads what git hands to a hook on stdin, and judges
    /// each commit that is pushed.
    #[arg(
        long,
        value_name = "STAGE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "auto",
        conflicts_with_all = ["staged", "tree", "only"]
    )]
    pub hook: Option<HookStage>,
    /// Judge the mixed state in which only these files ship, and everything else stays as deployed
    ///
    /// Files relative to TREE or to the working directory, or units of the configuration. A file of a unit brings the whole unit.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    pub only: Vec<String>,
    /// Only report what the deployed version does not have already; also `new-only` in the configuration
    #[arg(long)]
    pub new_only: bool,
    /// Do not report the findings that this file lists; also `baseline` in the configuration
    ///
    /// An entry knows its finding by names, not by lines: it survives moved code, renamed files and functions, and serves one finding only. `none` shows what
    /// the configuration's baseline hides.
    #[arg(long, value_name = "FILE", help_heading = "Baseline")]
    pub baseline: Option<PathBuf>,
    /// Write what is found to the baseline, and take out what is mended
    ///
    /// Where the variable CI is set, entries are taken out and none is added: there, a baseline only shrinks.
    #[arg(long, help_heading = "Baseline")]
    pub update_baseline: bool,
    /// Mend what can be mended: write the files, then report what is left
    ///
    /// An edit is kept only if the edited code, checked again, has neither its finding nor a new one.
    #[arg(long, help_heading = "Fixes", conflicts_with_all = ["only", "hook", "staged", "update_baseline"])]
    pub fix: bool,
    /// Apply fixes too that may not be what was meant, such as to leave an argument out
    #[arg(long, help_heading = "Fixes")]
    pub unsafe_fixes: bool,
    /// Remove the ignore comments that silence nothing
    #[arg(long, help_heading = "Fixes", conflicts_with_all = ["only", "hook", "staged", "update_baseline"])]
    pub fix_ignores: bool,
    /// Print what `--fix` (or `--fix-ignores`) would change as a unified diff, and write nothing; the exit status is 1 if that is something
    #[arg(long, help_heading = "Fixes", conflicts_with_all = ["only", "hook", "update_baseline"])]
    pub diff: bool,
    /// The day by which the waivers of the configuration are judged, such as 2026-03-31 [default: the day of SOURCE_DATE_EPOCH, else today in UTC]
    #[arg(long, value_name = "DATE", value_parser = day, help_heading = "Baseline")]
    pub today: Option<Day>,
    /// Which rules count.
    #[command(flatten)]
    pub rules: RuleArgs,
    /// Neither keep what was found in the deployed revision for the next run, nor use what an earlier one kept
    ///
    /// It is kept in `coship` in the user's cache directory, or in `COSHIP_CACHE_DIR`; never in the repository.
    #[arg(long, env = "COSHIP_NO_CACHE", value_parser = clap::builder::FalseyValueParser::new())]
    pub no_cache: bool,
    /// Check again whenever a file changes, until interrupted; the exit status is that of the last round
    ///
    /// Each round is what a run without it prints, between a line `coship: round begins` and one `coship: round ends`.
    #[arg(long, conflicts_with_all = ["hook", "staged", "update_baseline", "fix", "fix_ignores", "diff"], help_heading = "Output")]
    pub watch: bool,
    /// Say on stderr how long each phase took and what had been worked out before; the JSON document has it as `timings`
    #[arg(long, help_heading = "Output")]
    pub timings: bool,
    /// How the findings are told.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// A day of the command line.
fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "it is no day, such as 2026-03-31".to_owned())
}

/// `coship server`.
#[derive(Debug, Args)]
pub struct Server {
    /// What is deployed now, as for `check`
    #[arg(long, value_name = "SPEC")]
    pub against: Option<String>,
    /// For editors that name the transport; it is always stdin and stdout
    #[arg(long, hide = true)]
    pub stdio: bool,
    /// For editors that name their process; it is taken from `initialize`
    #[arg(long, hide = true, value_name = "PID")]
    pub client_process_id: Option<u32>,
}

/// What `--hook` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum HookStage {
    /// What pre-commit says is pushed, else the index
    Auto,
    /// The index
    PreCommit,
    /// The index, with both sides merged
    PreMergeCommit,
    /// What is pushed
    PrePush,
}

/// What `--show` adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Show {
    /// What fails on some value that cannot be excluded
    May,
}

/// What `--fail-on` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Errors only
    Error,
    /// Errors and warnings
    Warning,
    /// Anything
    Info,
}

impl From<FailOn> for Severity {
    fn from(level: FailOn) -> Self {
        match level {
            FailOn::Error => Self::Error,
            FailOn::Warning => Self::Warning,
            FailOn::Info => Self::Info,
        }
    }
}

/// `coship rule`.
#[derive(Debug, Args)]
pub struct Rule {
    /// A code or name: `CS101`, `unexpected-keyword`
    #[arg(value_name = "CODE|NAME")]
    pub rule: Option<String>,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "full")]
    pub output_format: RuleFormat,
}

/// How `coship rule` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RuleFormat {
    /// For people: the page in Markdown, the list as a table
    Full,
    /// JSON
    Json,
}

/// `coship init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Where: the directory that is checked
    #[arg(default_value = ".", value_name = "DIRECTORY")]
    pub directory: PathBuf,
    /// Replace an existing coship.toml
    #[arg(long)]
    pub force: bool,
    /// Print it instead of writing the file
    #[arg(long, alias = "dry-run")]
    pub stdout: bool,
    /// Adopt a repository with history: write a baseline of what is found now as well
    #[arg(long, conflicts_with = "stdout")]
    pub adopt: bool,
}
