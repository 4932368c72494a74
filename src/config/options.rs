//! Options as they are written, with the place of each.

use super::{ConfigError, Day, LayerProfile, Origin, Pattern};
use crate::python::Version;

/// A value, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The value.
    pub value: T,
    /// The place.
    pub at: Origin,
}

/// `against` in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AgainstOption {
    /// `against = "production"`: what `--against` takes.
    Spec(String),
    /// `against = { tag = "v*" }`: the newest tag that matches the glob and is reachable.
    Tag(String),
}

/// A rule's level in `[rules]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// The rule reports nothing.
    Off,
    /// Reported as information.
    Info,
    /// Reported as a warning.
    Warning,
    /// Reported as an error.
    Error,
}

impl Level {
    /// The levels by their names, as `[rules]` and `fail-on` write them.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("error", Self::Error),
        ("warning", Self::Warning),
        ("info", Self::Info),
        ("off", Self::Off),
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level with that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|entry| entry.0 == name)
            .map(|entry| entry.1)
    }
}

/// `[layers]`: which files belong to which layer, and which layers may import which.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerOptions {
    /// Names of layers with their files, in the order written: the outermost first.
    pub list: Vec<(Written<String>, Vec<Pattern>)>,
    /// `profile`: layers and directions that need not be written out.
    pub profile: Option<Written<LayerProfile>>,
    /// `may-import`: for each layer, or `others`, those that it may import besides itself.
    pub may_import: Vec<(Written<String>, Vec<Written<String>>)>,
    /// `private`: layers whose files are for their own part alone.
    pub private: Option<Vec<Written<String>>>,
    /// `parts = "interface"`: the layer whose globs name the parts.
    pub parts_of: Option<Written<String>>,
    /// `[layers.parts]`: parts with globs of their own.
    pub parts: Vec<(Written<String>, Vec<Pattern>)>,
    /// `type-checking-imports`: whether imports count that only type checkers see.
    pub type_checking: Option<Written<bool>>,
}

impl LayerOptions {
    /// These with those of `over` on top: a layer or part of `over` replaces that of the same name here.
    #[must_use]
    pub fn overlaid_with(self, over: Self) -> Self {
        Self {
            list: merged(self.list, over.list),
            profile: over.profile.or(self.profile),
            may_import: merged(self.may_import, over.may_import),
            private: over.private.or(self.private),
            parts_of: over.parts_of.or(self.parts_of),
            parts: merged(self.parts, over.parts),
            type_checking: over.type_checking.or(self.type_checking),
        }
    }
}

/// `[cold-start]`: what a handler may load before the first request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColdStartOptions {
    /// `max-lines`: how many lines of the tree.
    pub max_lines: Option<Written<u32>>,
    /// `max-modules`: how many modules of the tree.
    pub max_modules: Option<Written<u32>>,
    /// `max-third-party`: how many bytes the distributions have of which something is loaded.
    pub max_third_party: Option<Written<u32>>,
}

impl ColdStartOptions {
    /// These with those of `over` on top.
    #[must_use]
    pub fn overlaid_with(self, over: Self) -> Self {
        Self {
            max_lines: over.max_lines.or(self.max_lines),
            max_modules: over.max_modules.or(self.max_modules),
            max_third_party: over.max_third_party.or(self.max_third_party),
        }
    }
}

/// One of `[[waivers]]`: a finding that somebody takes the responsibility for, until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaiverOption {
    /// `rule`: a name, a code, or the beginning of a code.
    pub rule: Written<String>,
    /// `path`: a glob of the files that it is for.
    pub path: Pattern,
    /// `function`: the only function that it is for, as seen from its module.
    pub function: Option<String>,
    /// `fingerprint`: the only finding that it is for.
    pub fingerprint: Option<String>,
    /// `until`: the last day that it holds.
    pub until: Day,
    /// `reason`: why.
    pub reason: String,
    /// `by`: who.
    pub by: Option<String>,
    /// Where it is written.
    pub at: Origin,
}

/// Names of rules with their levels, in the order written.
pub type RuleLevels = Vec<(Written<String>, Level)>;

/// Everything that a configuration can say; None or empty is what it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `against`: the deployed version.
    pub against: Option<Written<AgainstOption>>,
    /// `python-version`: what the code is meant for.
    pub python_version: Option<Written<Vec<Version>>>,
    /// `roots`: directories that imports start from.
    pub roots: Option<Vec<Pattern>>,
    /// `exclude`: takes the place of the directories that are skipped by default.
    pub exclude: Option<Vec<Pattern>>,
    /// `extend-exclude`: skipped besides.
    pub extend_exclude: Option<Vec<Pattern>>,
    /// `include`: nothing but these.
    pub include: Option<Vec<Pattern>>,
    /// `[rules]`, in the order written.
    pub rules: RuleLevels,
    /// `[per-path]`, in the order written: globs, each with rules and their levels.
    pub per_path: Vec<(Pattern, RuleLevels)>,
    /// `fail-on`: the level that makes the exit status 1.
    pub fail_on: Option<Written<Level>>,
    /// `new-only`: report nothing that the deployed version has too.
    pub new_only: Option<Written<bool>>,
    /// `baseline`: the file with the findings that were there before.
    pub baseline: Option<Written<String>>,
    /// `[[waivers]]`, in the order written.
    pub waivers: Vec<WaiverOption>,
    /// `output-format`.
    pub output_format: Option<Written<String>>,
    /// `select`: only these rules.
    pub select: Option<Vec<Written<String>>>,
    /// `ignore`: not these rules.
    pub ignore: Option<Vec<Written<String>>>,
    /// `entry-points`: globs of files, or `module:function`.
    pub entry_points: Option<Vec<Pattern>>,
    /// `[units]`, in the order written: files that always move together.
    pub units: Vec<(Written<String>, Vec<Pattern>)>,
    /// `[layers]`.
    pub layers: LayerOptions,
    /// `[cold-start]`.
    pub cold_start: ColdStartOptions,
    /// `[min-lines]`, in the order written: globs of a package's files, each with how many lines they have at least.
    pub min_lines: Vec<(Pattern, Written<u32>)>,
}

impl Options {
    /// These options with those of `over` on top: a key of `over` replaces the same key here; in `[rules]`, `[units]` and
    /// `[layers]` that holds for each entry.
    #[must_use]
    pub fn overlaid_with(self, over: Self) -> Self {
        Self {
            against: over.against.or(self.against),
            python_version: over.python_version.or(self.python_version),
            roots: over.roots.or(self.roots),
            exclude: over.exclude.or(self.exclude),
            extend_exclude: over.extend_exclude.or(self.extend_exclude),
            include: over.include.or(self.include),
            rules: merged(self.rules, over.rules),
            per_path: [self.per_path, over.per_path].concat(),
            fail_on: over.fail_on.or(self.fail_on),
            new_only: over.new_only.or(self.new_only),
            baseline: over.baseline.or(self.baseline),
            waivers: [self.waivers, over.waivers].concat(),
            output_format: over.output_format.or(self.output_format),
            select: over.select.or(self.select),
            ignore: over.ignore.or(self.ignore),
            entry_points: over.entry_points.or(self.entry_points),
            units: merged(self.units, over.units),
            layers: self.layers.overlaid_with(over.layers),
            cold_start: self.cold_start.overlaid_with(over.cold_start),
            min_lines: [self.min_lines, over.min_lines].concat(),
        }
    }

    /// Checks the names of rules in `[rules]`, `select`, `ignore` and `[[waivers]]` against what the rules stage knows.
    ///
    /// `is_known` decides (it may accept codes and families besides), `names` are offered as near misses.
    ///
    /// # Errors
    /// On the first unknown name, with its place and the nearest known name.
    pub fn check_rule_names(
        &self,
        is_known: impl Fn(&str) -> bool,
        names: &[&str],
    ) -> Result<(), ConfigError> {
        let per_path = self.per_path.iter().flat_map(|(_, rules)| rules);
        let written = self.rules.iter().chain(per_path).map(|entry| &entry.0);
        let lists = self.select.iter().chain(&self.ignore).flatten();
        let waivers = self.waivers.iter().map(|waiver| &waiver.rule);
        match written
            .chain(lists)
            .chain(waivers)
            .find(|name| !is_known(&name.value))
        {
            Some(name) => Err(ConfigError::unknown(
                name.at.clone(),
                "rule",
                &name.value,
                names.iter().copied(),
            )),
            None => Ok(()),
        }
    }

    /// Checks `output-format` against the formats that there are.
    ///
    /// # Errors
    /// If it is none of `formats`.
    pub fn check_output_format(&self, formats: &[&str]) -> Result<(), ConfigError> {
        match &self.output_format {
            Some(format) if !formats.contains(&format.value.as_str()) => Err(ConfigError::unknown(
                format.at.clone(),
                "output format",
                &format.value,
                formats.iter().copied(),
            )),
            _ => Ok(()),
        }
    }
}

fn merged<T>(
    mut under: Vec<(Written<String>, T)>,
    over: Vec<(Written<String>, T)>,
) -> Vec<(Written<String>, T)> {
    for (name, value) in over {
        match under.iter_mut().find(|entry| entry.0.value == name.value) {
            Some(entry) => *entry = (name, value),
            None => under.push((name, value)),
        }
    }
    under
}
