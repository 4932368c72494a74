//! TOML to [`Options`]: every key is known, every value has its type, every mistake has its line.

mod keys;
mod layers;

use std::sync::Arc;

use rustc_hash::FxHashMap;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use keys::{COLD_START, KEYS, KeyInfo, Said, Shape};

use super::options::RuleLevels;
use super::{
    AgainstOption, ConfigError, Day, LayerOptions, Level, Options, Origin, Pattern, WaiverOption,
    Written,
};
use crate::python::Version;

type Result<T> = std::result::Result<T, ConfigError>;
type Value<'i> = Spanned<DeValue<'i>>;
type Key<'k> = Spanned<&'k str>;

/// What a waiver says.
const WAIVER_KEYS: [&str; 7] = [
    "rule",
    "path",
    "function",
    "fingerprint",
    "until",
    "reason",
    "by",
];

/// What a waiver looks like.
const WAIVER: &str = "[[waivers]] has rule, path, until = 2026-03-31 and reason; by, function and fingerprint if it is to say more";

/// Reads a configuration file. `name` is the file as shown to people; a file of the name `pyproject.toml` is read for
/// its `[tool.coship]`, and has no options (None) if it has no such table. `prefix` is TREE as seen from the file's
/// directory.
///
/// # Errors
/// If it is not UTF-8, not TOML, or says something that is not understood.
pub fn parse(bytes: &[u8], name: &str, prefix: &str) -> Result<Option<Options>> {
    let is_pyproject = name.rsplit(['/', '\\']).next() == Some("pyproject.toml");
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}'),
        // Other people's pyproject.toml is none of our business unless it speaks to us.
        Err(_) if is_pyproject && !contains(bytes, b"coship") => return Ok(None),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let at = origin(&Arc::from(name), before);
            return Err(ConfigError::new(Some(at), "the file is not UTF-8"));
        }
    };
    if is_pyproject && !text.contains("coship") {
        return Ok(None);
    }
    let file = File::new(text, name, prefix);
    let document = file.document()?;
    if !is_pyproject {
        return file.options(document.get_ref()).map(Some);
    }
    let Some(DeValue::Table(tool)) = document.get_ref().get("tool").map(Spanned::get_ref) else {
        return Ok(None);
    };
    match tool.get("coship") {
        None => Ok(None),
        Some(value) => match value.get_ref() {
            DeValue::Table(table) => file.options(table).map(Some),
            other => Err(ConfigError::new(
                Some(file.origin(value.span())),
                format!("'tool.coship' is a table, not {}", kind(other)),
            )),
        },
    }
}

/// Reads the KEY=VALUE of `--config`. VALUE is TOML; what is no TOML value is taken as a string, so that
/// `--config against=production` and `--config rules.import-cycle=off` need no quotes.
///
/// # Errors
/// If the key is unknown or the value has the wrong type.
pub fn inline(argument: &str) -> Result<Options> {
    let Some((key, value)) = argument.split_once('=') else {
        let at = Origin::argument("--config");
        return Err(ConfigError::new(
            Some(at),
            format!("'{argument}' is neither a file nor KEY=VALUE"),
        ));
    };
    // The brackets of a table header, or a second line, would smuggle in more than one key.
    let (key, value) = (key.trim(), value.trim());
    let quoted = format!("{key} = {}", toml::Value::String(value.to_owned()));
    let plain = format!("{key} = {value}");
    let text = if !value.contains('\n') && DeTable::parse(&plain).is_ok() {
        plain
    } else {
        quoted
    };
    let file = File::new(&text, "--config", "");
    let document = file.document()?;
    file.options(document.get_ref())
}

/// A version of Python as it is written: `3.11`.
///
/// # Errors
/// If it is none, or one of which nothing is known.
pub fn version(written: &Written<String>) -> Result<Version> {
    let error = |message: String| ConfigError::new(Some(written.at.clone()), message);
    let text = &written.value;
    let version = Version::parse(text)
        .ok_or_else(|| error(format!("'{text}' is no version of Python 3, such as 3.11")))?;
    if version < Version::OLDEST {
        let oldest = Version::OLDEST;
        return Err(error(format!(
            "Python {version} is not known; the oldest version that can be declared is {oldest}"
        )));
    }
    Ok(version)
}

/// What a profile of layers says, which is written as `[layers]` is; all of it is taken to stand where the profile is named.
pub(super) fn profile(text: &str, at: &Origin) -> Result<LayerOptions> {
    let mut file = File::new(text, &at.source, "");
    file.place = Some(at.clone());
    let document = file.document()?;
    let table = Spanned::new(0..0, DeValue::Table(document.into_inner()));
    let mut options = LayerOptions::default();
    file.layers(&table, &Spanned::new(0..0, "layers"), &mut options)?;
    Ok(options)
}

/// The `requires-python` of a `pyproject.toml`, or what Poetry calls the dependency `python` (`tool.poetry.dependencies`), if it has one.
#[must_use]
pub fn requires_python(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    if !text.contains("requires-python") && !text.contains("tool.poetry.dependencies") {
        return None;
    }
    let document = DeTable::parse(text.trim_start_matches('\u{feff}')).ok()?;
    let of = |path: &[&str]| {
        let mut value = document.get_ref().get(path[0])?.get_ref();
        for key in &path[1..] {
            let DeValue::Table(table) = value else {
                return None;
            };
            value = table.get(*key)?.get_ref();
        }
        match value {
            DeValue::String(text) => Some(text.clone().into_owned()),
            _ => None,
        }
    };
    of(&["project", "requires-python"])
        .or_else(|| of(&["tool", "poetry", "dependencies", "python"]))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

fn origin(source: &Arc<str>, before: &[u8]) -> Origin {
    let newlines = before.split(|&byte| byte == b'\n').count() - 1;
    Origin {
        source: Arc::clone(source),
        line: u32::try_from(newlines + 1).unwrap_or(u32::MAX),
    }
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A configuration file while it is read.
struct File<'t> {
    text: &'t str,
    name: Arc<str>,
    prefix: Arc<str>,
    /// The one place where all of it is taken to stand, if the text is no file.
    place: Option<Origin>,
}

impl<'t> File<'t> {
    fn new(text: &'t str, name: &str, prefix: &str) -> Self {
        Self {
            text,
            name: Arc::from(name),
            prefix: Arc::from(prefix),
            place: None,
        }
    }

    fn document(&self) -> Result<Spanned<DeTable<'t>>> {
        DeTable::parse(self.text).map_err(|error| {
            let at = error.span().map(|span| self.origin(span));
            ConfigError::new(at, format!("not valid TOML: {}", error.message()))
        })
    }

    fn origin(&self, span: std::ops::Range<usize>) -> Origin {
        if let Some(place) = &self.place {
            return place.clone();
        }
        if &*self.name == "--config" {
            return Origin::argument("--config");
        }
        origin(
            &self.name,
            &self.text.as_bytes()[..span.start.min(self.text.len())],
        )
    }

    fn options(&self, table: &DeTable<'_>) -> Result<Options> {
        let mut options = Options::default();
        for (key, value) in in_order(table) {
            let Some(info) = KEYS.iter().find(|entry| entry.name == *key.get_ref()) else {
                let known = KEYS.iter().map(|entry| entry.name);
                let at = self.origin(key.span());
                return Err(ConfigError::unknown(at, "key", key.get_ref(), known));
            };
            (info.read)(self, value, &key, &mut options)?;
        }
        Ok(options)
    }

    fn wrong(&self, value: &Value<'_>, key: &Key<'_>, wanted: &str) -> ConfigError {
        let found = kind(value.get_ref());
        let message = format!("'{}' is {wanted}, not {found}", key.get_ref());
        ConfigError::new(Some(self.origin(value.span())), message)
    }

    fn string(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Written<String>> {
        match value.get_ref() {
            DeValue::String(text) => Ok(Written {
                value: text.clone().into_owned(),
                at: self.origin(value.span()),
            }),
            _ => Err(self.wrong(value, key, "a string")),
        }
    }

    fn boolean(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Written<bool>> {
        match value.get_ref() {
            DeValue::Boolean(value_is) => Ok(Written {
                value: *value_is,
                at: self.origin(value.span()),
            }),
            _ => Err(self.wrong(value, key, "true or false")),
        }
    }

    fn count(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Written<u32>> {
        let number = match value.get_ref() {
            DeValue::Integer(number) => u32::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let value_is = number.ok_or_else(|| {
            let message = format!("'{}' is a number, 0 or more", key.get_ref());
            ConfigError::new(Some(self.origin(value.span())), message)
        })?;
        Ok(Written {
            value: value_is,
            at: self.origin(value.span()),
        })
    }

    /// Rules with their levels.
    fn levels(&self, value: &Value<'_>, key: &Key<'_>) -> Result<RuleLevels> {
        let table = self.table(value, key)?;
        let level = |(name, level): (Key<'_>, &Value<'_>)| {
            let at = self.origin(name.span());
            let level = self.level(level, &name, &Level::NAMES)?;
            let value = (*name.get_ref()).to_owned();
            Ok((Written { value, at }, level.value))
        };
        table.into_iter().map(level).collect()
    }

    /// `[[waivers]]`: tables, each with a reason and the last day that it holds.
    fn waivers(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Vec<WaiverOption>> {
        let DeValue::Array(items) = value.get_ref() else {
            return Err(self.wrong(value, key, "a list of tables: write [[waivers]]"));
        };
        items.iter().map(|item| self.waiver(item, key)).collect()
    }

    fn waiver(&self, value: &Value<'_>, key: &Key<'_>) -> Result<WaiverOption> {
        let at = self.origin(value.span());
        let mut texts: FxHashMap<&str, Written<String>> = FxHashMap::default();
        let mut until = None;
        for (key, value) in self.table(value, key)? {
            let Some(name) = WAIVER_KEYS.iter().find(|name| *name == key.get_ref()) else {
                let at = self.origin(key.span());
                return Err(ConfigError::unknown(at, "key", key.get_ref(), WAIVER_KEYS));
            };
            if *name == "until" {
                until = Some(self.day(value, &key)?);
            } else {
                texts.insert(name, self.string(value, &key)?);
            }
        }
        let mut needed = |name: &str| {
            texts
                .remove(name)
                .filter(|written| !written.value.trim().is_empty())
                .ok_or_else(|| {
                    let message = format!("a waiver needs '{name}', and it must not be empty");
                    ConfigError::new(Some(at.clone()), message).with_help(WAIVER)
                })
        };
        let (rule, path, reason) = (needed("rule")?, needed("path")?, needed("reason")?);
        let until = until.ok_or_else(|| {
            let message = "a waiver needs 'until', the last day that it holds";
            ConfigError::new(Some(at.clone()), message).with_help(WAIVER)
        })?;
        let mut text = |name: &str| texts.remove(name).map(|written| written.value);
        Ok(WaiverOption {
            rule,
            path: Pattern {
                text: path.value,
                at: path.at,
                prefix: Arc::clone(&self.prefix),
            },
            function: text("function"),
            fingerprint: text("fingerprint"),
            until,
            reason: reason.value,
            by: text("by"),
            at,
        })
    }

    /// A day, with or without quotes.
    fn day(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Day> {
        let text = match value.get_ref() {
            DeValue::Datetime(date) => date.to_string(),
            DeValue::String(text) => text.clone().into_owned(),
            _ => return Err(self.wrong(value, key, "a day, such as 2026-03-31")),
        };
        Day::parse(&text).ok_or_else(|| {
            let message = format!("'{text}' is no day, such as 2026-03-31");
            ConfigError::new(Some(self.origin(value.span())), message)
        })
    }

    fn strings(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Vec<Written<String>>> {
        match value.get_ref() {
            DeValue::Array(items) => items
                .iter()
                .map(|item| {
                    self.string(item, key).map_err(|_| {
                        self.wrong(item, key, "a list of strings; one item is no string")
                    })
                })
                .collect(),
            _ => Err(self.wrong(value, key, "a list of strings")),
        }
    }

    fn versions(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Written<Vec<Version>>> {
        let written = match value.get_ref() {
            DeValue::Array(_) => self.strings(value, key)?,
            DeValue::String(_) => vec![self.string(value, key)?],
            _ => return Err(self.wrong(value, key, "a version in quotes or a list of them")),
        };
        let versions: Result<_> = written.iter().map(version).collect();
        Ok(Written {
            value: versions?,
            at: self.origin(value.span()),
        })
    }

    fn patterns(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Vec<Pattern>> {
        let pattern = |written: Written<String>| Pattern {
            text: written.value,
            at: written.at,
            prefix: Arc::clone(&self.prefix),
        };
        Ok(self.strings(value, key)?.into_iter().map(pattern).collect())
    }

    fn table<'v, 'i>(
        &self,
        value: &'v Value<'i>,
        key: &Key<'_>,
    ) -> Result<Vec<(Key<'v>, &'v Value<'i>)>> {
        match value.get_ref() {
            DeValue::Table(table) => Ok(in_order(table)),
            _ => Err(self.wrong(value, key, "a table")),
        }
    }

    fn level(
        &self,
        value: &Value<'_>,
        key: &Key<'_>,
        names: &[(&str, Level)],
    ) -> Result<Written<Level>> {
        let text = self.string(value, key)?;
        if let Some(&(_, level)) = names.iter().find(|entry| entry.0 == text.value) {
            return Ok(Written {
                value: level,
                at: text.at,
            });
        }
        let names: Vec<_> = names.iter().map(|entry| entry.0).collect();
        let error = ConfigError::unknown(text.at, "level", &text.value, names.iter().copied());
        Err(match error.help {
            Some(_) => error,
            None => error.with_help(format!("the levels are {}", names.join(", "))),
        })
    }

    fn against(&self, value: &Value<'_>, key: &Key<'_>) -> Result<Written<AgainstOption>> {
        let table = match value.get_ref() {
            DeValue::String(text) => {
                return Ok(Written {
                    value: AgainstOption::Spec(text.clone().into_owned()),
                    at: self.origin(value.span()),
                });
            }
            DeValue::Table(table) => table,
            _ => return Err(self.wrong(value, key, "a revision or { tag = \"GLOB\" }")),
        };
        let mut tag = None;
        for (key, value) in in_order(table) {
            if *key.get_ref() != "tag" {
                return Err(ConfigError::unknown(
                    self.origin(key.span()),
                    "key",
                    key.get_ref(),
                    ["tag"],
                ));
            }
            tag = Some(self.string(value, &key)?);
        }
        match tag {
            Some(tag) => Ok(Written {
                value: AgainstOption::Tag(tag.value),
                at: tag.at,
            }),
            None => Err(ConfigError::new(
                Some(self.origin(value.span())),
                "'against' names no tag: write { tag = \"v*\" }",
            )),
        }
    }
}

/// The entries of `table` as they are written; the parser sorts them by key.
fn in_order<'v, 'i>(table: &'v DeTable<'i>) -> Vec<(Key<'v>, &'v Value<'i>)> {
    let mut entries: Vec<_> = table
        .iter()
        .map(|(key, value)| (Spanned::new(key.span(), key.get_ref().as_ref()), value))
        .collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

#[cfg(test)]
mod tests {
    use super::{inline, parse};
    use crate::config::{AgainstOption, Level};
    use crate::python::Version;

    fn message(text: &str) -> String {
        let error = parse(text.as_bytes(), "coship.toml", "").unwrap_err();
        format!("{error} | {}", error.help.as_deref().unwrap_or_default())
    }

    #[test]
    fn every_key_is_read() {
        let text = r#"
            against = { tag = "v*" }
            python-version = ["3.11", "3.14"]
            roots = ["src"]
            exclude = ["a"]
            extend-exclude = ["b"]
            include = ["src"]
            fail-on = "warning"
            new-only = true
            baseline = "known.toml"
            output-format = "json"
            select = ["CS1"]
            ignore = ["import-cycle"]
            entry-points = ["lambda_function:handler"]
            [rules]
            import-cycle = "off"
            [per-path."tests/**"]
            CS1 = "off"
            [[waivers]]
            rule = "missing-name"
            path = "old/**"
            until = 2026-03-31
            reason = "goes in spring"
            [units]
            layer = ["layer/**"]
            [layers]
            gateway = ["gateway*.py"]
        "#;
        let options = parse(text.as_bytes(), "coship.toml", "").unwrap().unwrap();
        let against = options.against.unwrap();
        assert_eq!(against.value, AgainstOption::Tag("v*".to_owned()));
        assert_eq!(against.at.to_string(), "coship.toml:2");
        assert_eq!(options.rules[0].1, Level::Off);
        assert_eq!(options.rules[0].0.at.line, 16);
        assert_eq!(options.per_path[0].0.text, "tests/**");
        assert_eq!(options.per_path[0].1[0].1, Level::Off);
        assert!(options.new_only.unwrap().value);
        assert_eq!(options.waivers[0].until.to_string(), "2026-03-31");
        assert_eq!(options.waivers[0].at.line, 19);
        assert_eq!(
            options.python_version.unwrap().value,
            [Version(11), Version(14)]
        );
        assert_eq!(options.fail_on.unwrap().value, Level::Warning);
        assert_eq!(options.units[0].1[0].text, "layer/**");
        assert_eq!(options.layers.list[0].0.value, "gateway");
    }

    #[test]
    fn mistakes_have_a_line_and_a_suggestion() {
        let cases = [
            (
                "\nexlude = []",
                "coship.toml:2: unknown key 'exlude' | did you mean 'exclude'?",
            ),
            (
                "python-version = '3.8'",
                "coship.toml:1: Python 3.8 is not known; the oldest version that can be declared is 3.9 | ",
            ),
            (
                "python-version = ['3.x']",
                "coship.toml:1: '3.x' is no version of Python 3, such as 3.11 | ",
            ),
            (
                "python-version = 3.11",
                "coship.toml:1: 'python-version' is a version in quotes or a list of them, not a float | ",
            ),
            ("wobble = 1", "coship.toml:1: unknown key 'wobble' | "),
            (
                "roots = 'src'",
                "coship.toml:1: 'roots' is a list of strings, not a string | ",
            ),
            (
                "roots = [\n'a',\n1]",
                "coship.toml:3: 'roots' is a list of strings; one item is no string, not an integer | ",
            ),
            (
                "fail-on = 'off'",
                "coship.toml:1: unknown level 'off' | the levels are error, warning, info",
            ),
            (
                "[rules]\nx = 'eror'",
                "coship.toml:2: unknown level 'eror' | did you mean 'error'?",
            ),
            (
                "against = {}",
                "coship.toml:1: 'against' names no tag: write { tag = \"v*\" } | ",
            ),
            (
                "against = { tags = 'v*' }",
                "coship.toml:1: unknown key 'tags' | did you mean 'tag'?",
            ),
            (
                "against = 1",
                "coship.toml:1: 'against' is a revision or { tag = \"GLOB\" }, not an integer | ",
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(message(text), wanted);
        }
        let waiver =
            |text: &str| message(&format!("[[waivers]]\nrule = 'CS1'\npath = 'a.py'\n{text}"));
        for (text, wanted) in [
            (
                "until = 2026-01-01\nreason = ' '",
                "coship.toml:1: a waiver needs 'reason', and it must not be empty",
            ),
            (
                "reason = 'x'",
                "coship.toml:1: a waiver needs 'until', the last day that it holds",
            ),
            (
                "reason = 'x'\nuntil = '2026-02-30'",
                "coship.toml:5: '2026-02-30' is no day, such as 2026-03-31",
            ),
            (
                "reasom = 'x'",
                "coship.toml:4: unknown key 'reasom' | did you mean 'reason'?",
            ),
        ] {
            let found = waiver(text);
            assert!(found.starts_with(wanted), "{found}");
        }
        assert!(message("a = 1\na = 2").starts_with("coship.toml:2: not valid TOML"));
        assert!(message("[rules").starts_with("coship.toml:1: not valid TOML"));
    }

    #[test]
    fn pyproject_needs_its_table() {
        let read = |text: &str| parse(text.as_bytes(), "a/pyproject.toml", "");
        assert_eq!(read("[tool.ruff]\nx = 1"), Ok(None));
        assert_eq!(read("broken ["), Ok(None), "not ours to judge");
        assert!(read("[tool.coship]\nroots = ['src']").unwrap().is_some());
        assert!(read("[tool]\ncoship = 1").is_err());
        assert_eq!(
            read("[tool.coship]\nrots = []").unwrap_err().to_string(),
            "a/pyproject.toml:2: unknown key 'rots'"
        );
    }

    #[test]
    fn inline_values_need_no_quotes() {
        let against = inline("against=origin/production")
            .unwrap()
            .against
            .unwrap();
        assert_eq!(
            against.value,
            AgainstOption::Spec("origin/production".to_owned())
        );
        assert_eq!(against.at.to_string(), "--config");
        assert_eq!(
            inline("rules.import-cycle=off").unwrap().rules[0].1,
            Level::Off
        );
        assert_eq!(inline("roots=['a', 'b']").unwrap().roots.unwrap().len(), 2);
        assert!(inline("agianst=x").is_err());
        assert!(inline("roots").is_err());
    }
}
