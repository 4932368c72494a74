//! All keys of the configuration: what each is for, what it looks like, how it is read, and how it is shown again. The JSON schema, `coship config` and the
//! page about the configuration follow from this one table.

use std::sync::Arc;

use toml::Value as Toml;

use super::{File, Key, Result, Value};
use crate::config::options::RuleLevels;
use crate::config::{
    AgainstOption, ColdStartOptions, ConfigError, Level, Options, Origin, Pattern, Written,
};

/// How one key is read into the options.
type Reader = fn(&File<'_>, &Value<'_>, &Key<'_>, &mut Options) -> Result<()>;

/// A setting that is written somewhere: what stands behind the key's own name, the value, and where.
pub struct Said {
    /// `.import-cycle` of `rules.import-cycle`; empty for the key itself.
    pub below: String,
    /// The value.
    pub value: Toml,
    /// Where it is written.
    pub at: Origin,
}

/// What the value of a key looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A string, or `{ tag = GLOB }`.
    Against,
    /// A version in quotes, or a list of them.
    Versions,
    /// A list of globs, or of other strings.
    Texts,
    /// A list of selectors of rules.
    Rules,
    /// A table of rules with their levels.
    Levels,
    /// A table of globs, each with a table of rules with their levels.
    LevelsByPath,
    /// `error`, `warning` or `info`.
    Severity,
    /// True or false.
    Flag,
    /// A string.
    Text,
    /// The tables of `[[waivers]]`.
    Waivers,
    /// A table of names, each with a list of globs.
    Groups,
    /// `[layers]`.
    Layers,
    /// `[cold-start]`.
    ColdStart,
    /// A table of globs, each with a number.
    CountsByPath,
}

/// A key of the configuration.
pub struct KeyInfo {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in one sentence without a full stop.
    pub about: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// What its value looks like.
    pub shape: Shape,
    pub(super) read: Reader,
    /// What options say of it.
    pub show: fn(&Options) -> Vec<Said>,
}

/// All keys.
pub static KEYS: &[KeyInfo] = &[
    KeyInfo {
        name: "against",
        about: "The deployed version: a git revision, a directory, a zip, `deployed:NAME`, or { tag = GLOB } for the newest tag that matches",
        default: "the newest tag that looks like a version; a tag of the very commit that is checked is passed over",
        shape: Shape::Against,
        read: |file, value, key, options| {
            options.against = Some(file.against(value, key)?);
            Ok(())
        },
        show: |options| {
            one(options.against.as_ref(), |against| match against {
                AgainstOption::Spec(spec) => Toml::from(spec.as_str()),
                AgainstOption::Tag(glob) => {
                    let tag = ("tag".to_owned(), Toml::from(glob.as_str()));
                    Toml::Table(std::iter::once(tag).collect())
                }
            })
        },
    },
    KeyInfo {
        name: "python-version",
        about: "The Python that runs the code, such as \"3.11\", or several",
        default: "what a template, requires-python or .python-version declares",
        shape: Shape::Versions,
        read: |file, value, key, options| {
            options.python_version = Some(file.versions(value, key)?);
            Ok(())
        },
        show: |options| {
            one(options.python_version.as_ref(), |versions| {
                let versions = versions
                    .iter()
                    .map(|version| Toml::from(version.to_string()));
                Toml::Array(versions.collect())
            })
        },
    },
    KeyInfo {
        name: "roots",
        about: "Directories that imports start from",
        default: "the tree itself, src, and where packages begin",
        shape: Shape::Texts,
        read: |file, value, key, options| {
            options.roots = Some(file.patterns(value, key)?);
            Ok(())
        },
        show: |options| globs(options.roots.as_ref()),
    },
    KeyInfo {
        name: "exclude",
        about: "Globs of what is not looked at, instead of the usual directories",
        default: "version control, virtual environments, caches and the like",
        shape: Shape::Texts,
        read: |file, value, key, options| {
            options.exclude = Some(file.patterns(value, key)?);
            Ok(())
        },
        show: |options| globs(options.exclude.as_ref()),
    },
    KeyInfo {
        name: "extend-exclude",
        about: "Globs of what is not looked at besides",
        default: "nothing",
        shape: Shape::Texts,
        read: |file, value, key, options| {
            options.extend_exclude = Some(file.patterns(value, key)?);
            Ok(())
        },
        show: |options| globs(options.extend_exclude.as_ref()),
    },
    KeyInfo {
        name: "include",
        about: "Globs of the only files that are looked at",
        default: "all files that are not excluded",
        shape: Shape::Texts,
        read: |file, value, key, options| {
            options.include = Some(file.patterns(value, key)?);
            Ok(())
        },
        show: |options| globs(options.include.as_ref()),
    },
    KeyInfo {
        name: "rules",
        about: "Levels of rules by name, code, or the beginning of a code: error, warning, info or off",
        default: "each rule's own severity",
        shape: Shape::Levels,
        read: |file, value, key, options| {
            options.rules.extend(file.levels(value, key)?);
            Ok(())
        },
        show: |options| levels("", &options.rules),
    },
    KeyInfo {
        name: "per-path",
        about: "Levels of rules for the files that a glob matches",
        default: "the same levels everywhere",
        shape: Shape::LevelsByPath,
        read: |file, value, key, options| {
            for (glob, levels) in file.table(value, key)? {
                let levels = file.levels(levels, &glob)?;
                options.per_path.push((pattern(file, &glob), levels));
            }
            Ok(())
        },
        show: |options| {
            let all = options.per_path.iter();
            all.flat_map(|(glob, rules)| levels(&format!(".{:?}", glob.text), rules))
                .collect()
        },
    },
    KeyInfo {
        name: "fail-on",
        about: "The lowest severity that makes the exit status 1",
        default: "error",
        shape: Shape::Severity,
        read: |file, value, key, options| {
            // `off` would be a check that cannot fail; `--exit-zero` says that aloud.
            options.fail_on = Some(file.level(value, key, &Level::NAMES[..3])?);
            Ok(())
        },
        show: |options| one(options.fail_on.as_ref(), |level| Toml::from(level.name())),
    },
    KeyInfo {
        name: "new-only",
        about: "Whether nothing is reported that the deployed version has too",
        default: "false",
        shape: Shape::Flag,
        read: |file, value, key, options| {
            options.new_only = Some(file.boolean(value, key)?);
            Ok(())
        },
        show: |options| one(options.new_only.as_ref(), |only| Toml::from(*only)),
    },
    KeyInfo {
        name: "baseline",
        about: "The file with the findings that were there before and are not reported",
        default: "none",
        shape: Shape::Text,
        read: |file, value, key, options| {
            options.baseline = Some(file.string(value, key)?);
            Ok(())
        },
        show: |options| one(options.baseline.as_ref(), |name| Toml::from(name.as_str())),
    },
    KeyInfo {
        name: "waivers",
        about: "Findings that somebody takes the responsibility for, until a day and for a reason",
        default: "none",
        shape: Shape::Waivers,
        read: |file, value, key, options| {
            options.waivers.extend(file.waivers(value, key)?);
            Ok(())
        },
        show: waivers,
    },
    KeyInfo {
        name: "output-format",
        about: "How reports are written",
        default: "full on a terminal, else concise",
        shape: Shape::Text,
        read: |file, value, key, options| {
            options.output_format = Some(file.string(value, key)?);
            Ok(())
        },
        show: |options| {
            let format = options.output_format.as_ref();
            one(format, |name| Toml::from(name.as_str()))
        },
    },
    KeyInfo {
        name: "select",
        about: "The only rules that are on: names, codes, beginnings of codes, or ALL",
        default: "all rules",
        shape: Shape::Rules,
        read: |file, value, key, options| {
            options.select = Some(file.strings(value, key)?);
            Ok(())
        },
        show: |options| texts(options.select.as_ref()),
    },
    KeyInfo {
        name: "ignore",
        about: "Rules that are off",
        default: "none",
        shape: Shape::Rules,
        read: |file, value, key, options| {
            options.ignore = Some(file.strings(value, key)?);
            Ok(())
        },
        show: |options| texts(options.ignore.as_ref()),
    },
    KeyInfo {
        name: "entry-points",
        about: "Where execution starts: globs of files, or module:function",
        default: "what templates name, and lambda_function.lambda_handler",
        shape: Shape::Texts,
        read: |file, value, key, options| {
            options.entry_points = Some(file.patterns(value, key)?);
            Ok(())
        },
        show: |options| globs(options.entry_points.as_ref()),
    },
    KeyInfo {
        name: "units",
        about: "Files that always move together, such as those of a Lambda layer",
        default: "each file is a unit of its own",
        shape: Shape::Groups,
        read: |file, value, key, options| {
            for (name, globs) in file.table(value, key)? {
                let at = file.origin(name.span());
                let globs = file.patterns(globs, &name)?;
                let value = (*name.get_ref()).to_owned();
                options.units.push((Written { value, at }, globs));
            }
            Ok(())
        },
        show: |options| groups("", &options.units),
    },
    KeyInfo {
        name: "layers",
        about: "Which files belong to which layer, the outermost first, and which layers may import which",
        default: "gateway*.py, interface_*.py and *_core.py; no rule about imports",
        shape: Shape::Layers,
        read: |file, value, key, options| file.layers(value, key, &mut options.layers),
        show: layers,
    },
    KeyInfo {
        name: "cold-start",
        about: "What a handler may load before the first request: max-lines and max-modules of the tree, max-third-party in bytes of distributions",
        default: "no limit",
        shape: Shape::ColdStart,
        read: |file, value, key, options| {
            for (key, value) in file.table(value, key)? {
                let Some((_, place)) = COLD_START.iter().find(|(name, _)| name == key.get_ref())
                else {
                    let known = COLD_START.iter().map(|(name, _)| *name);
                    let at = file.origin(key.span());
                    return Err(ConfigError::unknown(at, "key", key.get_ref(), known));
                };
                *place(&mut options.cold_start) = Some(file.count(value, &key)?);
            }
            Ok(())
        },
        show: |options| {
            let mut limits = options.cold_start.clone();
            let all = COLD_START.iter().flat_map(|(name, place)| {
                let written = place(&mut limits).take();
                let found = one(written.as_ref(), |many| Toml::from(*many));
                found.into_iter().map(move |said| Said {
                    below: format!(".{name}"),
                    ..said
                })
            });
            all.collect()
        },
    },
    KeyInfo {
        name: "min-lines",
        about: "How many lines the files of a package that a glob matches have at least; one with fewer is cut off",
        default: "no minimum",
        shape: Shape::CountsByPath,
        read: |file, value, key, options| {
            for (glob, lines) in file.table(value, key)? {
                let lines = file.count(lines, &glob)?;
                options.min_lines.push((pattern(file, &glob), lines));
            }
            Ok(())
        },
        show: |options| {
            let all = options.min_lines.iter().map(|(glob, lines)| {
                let below = format!(".{:?}", glob.text);
                said(below, Toml::from(lines.value), &lines.at)
            });
            all.collect()
        },
    },
];

/// A key that is a glob.
fn pattern(file: &File<'_>, glob: &Key<'_>) -> Pattern {
    Pattern {
        text: (*glob.get_ref()).to_owned(),
        at: file.origin(glob.span()),
        prefix: Arc::clone(&file.prefix),
    }
}

/// Where a limit is kept.
type Limit = fn(&mut ColdStartOptions) -> &mut Option<Written<u32>>;

/// The keys of `[cold-start]`, each with where its value is kept.
pub static COLD_START: [(&str, Limit); 3] = [
    ("max-lines", |limits| &mut limits.max_lines),
    ("max-modules", |limits| &mut limits.max_modules),
    ("max-third-party", |limits| &mut limits.max_third_party),
];

fn said(below: impl Into<String>, value: Toml, at: &Origin) -> Said {
    Said {
        below: below.into(),
        value,
        at: at.clone(),
    }
}

/// A setting that is written once, or not.
fn one<T>(written: Option<&Written<T>>, value: impl Fn(&T) -> Toml) -> Vec<Said> {
    let written = written.into_iter();
    written
        .map(|written| said("", value(&written.value), &written.at))
        .collect()
}

fn listed<'t>(texts: impl Iterator<Item = &'t str>) -> Toml {
    Toml::Array(texts.map(Toml::from).collect())
}

/// A list of globs. An empty one has no place, and says what no list says.
fn globs(patterns: Option<&Vec<Pattern>>) -> Vec<Said> {
    let first = patterns.and_then(|patterns| Some((patterns, patterns.first()?)));
    let list = |(patterns, first): (&Vec<Pattern>, &Pattern)| {
        let texts = patterns.iter().map(|pattern| pattern.text.as_str());
        said("", listed(texts), &first.at)
    };
    first.map(list).into_iter().collect()
}

fn texts(names: Option<&Vec<Written<String>>>) -> Vec<Said> {
    let first = names.and_then(|names| Some((names, names.first()?)));
    let list = |(names, first): (&Vec<Written<String>>, &Written<String>)| {
        said(
            "",
            listed(names.iter().map(|name| name.value.as_str())),
            &first.at,
        )
    };
    first.map(list).into_iter().collect()
}

fn levels(below: &str, rules: &RuleLevels) -> Vec<Said> {
    let level = |(rule, level): &(Written<String>, Level)| {
        let below = format!("{below}.{}", rule.value);
        said(below, Toml::from(level.name()), &rule.at)
    };
    rules.iter().map(level).collect()
}

fn groups(below: &str, groups: &[(Written<String>, Vec<Pattern>)]) -> Vec<Said> {
    let group = |(name, patterns): &(Written<String>, Vec<Pattern>)| {
        let texts = patterns.iter().map(|pattern| pattern.text.as_str());
        said(format!("{below}.{}", name.value), listed(texts), &name.at)
    };
    groups.iter().map(group).collect()
}

fn waivers(options: &Options) -> Vec<Said> {
    let waivers = options.waivers.iter().enumerate();
    let waiver = |(index, waiver): (usize, &crate::config::WaiverOption)| {
        let mut table = toml::Table::new();
        let mut put = |key: &str, value: Option<&str>| {
            if let Some(value) = value {
                table.insert(key.to_owned(), Toml::from(value));
            }
        };
        put("rule", Some(&waiver.rule.value));
        put("path", Some(&waiver.path.text));
        put("function", waiver.function.as_deref());
        put("fingerprint", waiver.fingerprint.as_deref());
        put("until", Some(&waiver.until.to_string()));
        put("reason", Some(&waiver.reason));
        put("by", waiver.by.as_deref());
        said(format!("[{index}]"), Toml::Table(table), &waiver.at)
    };
    waivers.map(waiver).collect()
}

/// With what a profile says, where it is named.
fn layers(options: &Options) -> Vec<Said> {
    // A profile that could not be read would have ended the run.
    let layers = &options.layers.with_profile().unwrap_or_default();
    let named = |name: &str, found: Vec<Said>| {
        let name = name.to_owned();
        found.into_iter().map(move |said| Said {
            below: format!(".{name}{}", said.below),
            ..said
        })
    };
    let targets = layers.may_import.iter().map(|(layer, targets)| {
        let targets = targets.iter().map(|target| target.value.as_str());
        let below = format!(".may-import.{}", layer.value);
        said(below, listed(targets), &layer.at)
    });
    let profile = one(layers.profile.as_ref(), |it| Toml::from(it.name()));
    let parts_of = one(layers.parts_of.as_ref(), |it| Toml::from(it.as_str()));
    let checking = one(layers.type_checking.as_ref(), |it| Toml::from(*it));
    named("profile", profile)
        .chain(groups("", &layers.list))
        .chain(targets)
        .chain(named("private", texts(layers.private.as_ref())))
        .chain(named("parts", parts_of))
        .chain(groups(".parts", &layers.parts))
        .chain(named("type-checking-imports", checking))
        .collect()
}
