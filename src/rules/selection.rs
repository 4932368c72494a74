//! Which rules are on, and how loud they are.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::config::{self, Globs, nearest};
use crate::rules::{Rule, Severity, all};

/// A name or code that no rule has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule `{selector}`{}", suggestion(*.nearest))]
pub struct UnknownRule {
    /// What was written.
    pub selector: String,
    /// The rule that may have been meant.
    pub nearest: Option<&'static str>,
}

fn suggestion(nearest: Option<&'static str>) -> String {
    match nearest {
        Some(name) => format!(": did you mean `{name}`?"),
        None => "; `coship rule` lists them all".to_owned(),
    }
}

impl UnknownRule {
    /// The error for `selector`, with the nearest name or code if one is near.
    #[must_use]
    pub fn new(selector: &str) -> Self {
        Self {
            selector: selector.to_owned(),
            nearest: nearest(selector, all().flat_map(|rule| [rule.name, rule.code])),
        }
    }
}

/// How loud a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// The severity of its findings.
    pub severity: Severity,
    /// Whether the configuration asks for this severity. The default is lowered where nothing proves a failure; this is not.
    pub asked_for: bool,
}

/// The rules that are on, with their severities.
#[derive(Clone, Debug)]
pub struct Selection {
    levels: FxHashMap<&'static str, Level>,
    /// Those whose level is `off`: a path may have them on.
    off: FxHashSet<&'static str>,
    /// For files that globs match, levels that come before those; the last glob first.
    per_path: Vec<(Globs, FxHashMap<&'static str, Option<Level>>)>,
    /// Whether what only may fail is shown too, as info.
    pub show_may: bool,
}

/// What the levels say of a rule, the most exact one first and the last of those: none if nothing, `Some(None)` if it is off.
fn written(rule: &Rule, levels: &[(&str, config::Level)]) -> Option<Option<Level>> {
    let said = levels
        .iter()
        .filter_map(|&(selector, level)| Some((exactness(rule, selector)?, level)));
    let (_, level) = said.max_by_key(|&(exactness, _)| exactness)?;
    let severity = match level {
        config::Level::Off => return Some(None),
        config::Level::Info => Severity::Info,
        config::Level::Warning => Severity::Warning,
        config::Level::Error => Severity::Error,
    };
    Some(Some(Level {
        severity,
        asked_for: true,
    }))
}

impl Level {
    const fn of(rule: &Rule) -> Self {
        Self {
            severity: rule.severity,
            asked_for: false,
        }
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self {
            levels: all().map(|rule| (rule.code, Level::of(rule))).collect(),
            off: FxHashSet::default(),
            per_path: Vec::new(),
            show_may: false,
        }
    }
}

impl Selection {
    /// Resolves what the command line and the configuration say.
    ///
    /// A selector is a name, a code, the beginning of a code (`CS1`) or `ALL`. Without `select` all rules are on. Where `select` and
    /// `ignore` both mean a rule, the more exact selector wins, and `ignore` where they are equal. Of the levels, the most exact one counts,
    /// and the last of those.
    ///
    /// # Errors
    ///
    /// When a selector means no rule.
    pub fn new(
        select: Option<&[String]>,
        ignore: &[String],
        levels: &[(&str, config::Level)],
    ) -> Result<Self, UnknownRule> {
        let selectors = select
            .into_iter()
            .flatten()
            .chain(ignore)
            .map(String::as_str);
        for selector in selectors.chain(levels.iter().map(|&(selector, _)| selector)) {
            if !is_known(selector) {
                return Err(UnknownRule::new(selector));
            }
        }
        let best = |rule: &Rule, selectors: &[String]| {
            selectors
                .iter()
                .filter_map(|selector| exactness(rule, selector))
                .max()
        };
        let mut chosen = FxHashMap::default();
        let mut off = FxHashSet::default();
        for rule in all() {
            let wanted = select.map_or(Some(0), |select| best(rule, select));
            let unwanted = best(rule, ignore);
            if wanted.is_none() || unwanted >= wanted {
                continue;
            }
            match written(rule, levels).unwrap_or(Some(Level::of(rule))) {
                Some(level) => _ = chosen.insert(rule.code, level),
                None => _ = off.insert(rule.code),
            }
        }
        Ok(Self {
            levels: chosen,
            off,
            per_path: Vec::new(),
            show_may: false,
        })
    }

    /// The same, with levels of their own for the files that globs match; of several, the last glob that matches and says something counts. A rule
    /// that is not selected stays off.
    ///
    /// # Errors
    ///
    /// When a selector means no rule.
    pub fn with_paths(
        mut self,
        per_path: &[(Globs, Vec<(String, config::Level)>)],
    ) -> Result<Self, UnknownRule> {
        for (globs, levels) in per_path.iter().rev() {
            let levels: Vec<_> = levels
                .iter()
                .map(|(rule, level)| (rule.as_str(), *level))
                .collect();
            if let Some((selector, _)) = levels.iter().find(|(selector, _)| !is_known(selector)) {
                return Err(UnknownRule::new(selector));
            }
            let said = all().filter_map(|rule| Some((rule.code, written(rule, &levels)?)));
            self.per_path.push((globs.clone(), said.collect()));
        }
        Ok(self)
    }

    /// How loud the rule is in a file; none if it is off.
    pub(super) fn level_in(&self, rule: &Rule, path: &str) -> Option<Level> {
        let general = self.level(rule);
        if general.is_none() && !self.off.contains(rule.code) {
            return None;
        }
        let own = self
            .per_path
            .iter()
            .filter(|(globs, _)| globs.matches(path))
            .find_map(|(_, levels)| levels.get(rule.code).copied());
        own.unwrap_or(general)
    }

    /// How loud the rule is; none if it is off.
    pub(super) fn level(&self, rule: &Rule) -> Option<Level> {
        self.levels.get(rule.code).copied()
    }

    /// Whether the configuration gives the rule its severity.
    #[must_use]
    pub fn asks_for(&self, rule: &Rule) -> bool {
        self.level(rule).is_some_and(|level| level.asked_for)
    }

    /// The severity of the rule's findings, where they are proven; none if the rule is off.
    #[must_use]
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.level(rule).map(|level| level.severity)
    }
}

/// Whether a selector means any rule.
#[must_use]
pub fn is_known(selector: &str) -> bool {
    all().any(|rule| rule.is_meant_by(selector))
}

/// How exactly the selector means the rule: a name most, `ALL` least; none if it does not.
fn exactness(rule: &Rule, selector: &str) -> Option<usize> {
    rule.is_meant_by(selector).then(|| match selector {
        "ALL" => 1,
        name if name == rule.name => 1 + rule.code.len(),
        prefix => prefix.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{calls, names};

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn a_path_may_have_levels_of_its_own() {
        let globs = |text: &str| Globs::new(&[config::Pattern::of_argument(text, "")]).unwrap();
        let selection = Selection::new(None, &[], &[("CS209", config::Level::Off)])
            .unwrap()
            .with_paths(&[
                (
                    globs("tests/**"),
                    vec![("CS1".to_owned(), config::Level::Off)],
                ),
                (
                    globs("tests/real/**"),
                    vec![
                        ("unexpected-keyword".to_owned(), config::Level::Warning),
                        ("CS209".to_owned(), config::Level::Info),
                    ],
                ),
            ])
            .unwrap();
        let severity = |rule, path| {
            let level = selection.level_in(rule, path);
            level.map(|level| level.severity)
        };
        let keyword = &calls::UNEXPECTED_KEYWORD;
        assert_eq!(severity(keyword, "src/a.py"), Some(Severity::Error));
        assert_eq!(severity(keyword, "tests/a.py"), None);
        assert_eq!(
            severity(keyword, "tests/real/a.py"),
            Some(Severity::Warning)
        );
        assert_eq!(severity(&calls::MISSING_ARGUMENT, "tests/real/a.py"), None);
        let orphan = &names::ORPHAN_OPERATION;
        assert_eq!(severity(orphan, "tests/real/a.py"), Some(Severity::Info));
        assert_eq!(severity(orphan, "src/a.py"), None);
    }

    #[test]
    fn the_more_exact_selector_wins() {
        let selection =
            Selection::new(Some(&strings(&["CS101"])), &strings(&["CS1"]), &[]).unwrap();
        assert_eq!(
            selection.severity(&calls::UNEXPECTED_KEYWORD),
            Some(Severity::Error)
        );
        assert_eq!(selection.severity(&calls::MISSING_KEY), None);
        let selection = Selection::new(None, &strings(&["CS1", "missing-name"]), &[]).unwrap();
        assert_eq!(selection.severity(&calls::UNEXPECTED_KEYWORD), None);
        assert_eq!(selection.severity(&names::MISSING_NAME), None);
        assert_eq!(
            selection.severity(&names::MISSING_TARGET),
            Some(Severity::Error)
        );
        let selection = Selection::new(Some(&strings(&["CS1"])), &strings(&["CS1"]), &[]).unwrap();
        assert_eq!(selection.severity(&calls::UNEXPECTED_KEYWORD), None);
    }

    #[test]
    fn levels_are_set_and_switched_off() {
        let levels = [
            ("missing-name", config::Level::Off),
            ("CS2", config::Level::Warning),
        ];
        let selection = Selection::new(None, &[], &levels).unwrap();
        assert_eq!(
            selection.severity(&names::MISSING_TARGET),
            Some(Severity::Warning)
        );
        assert_eq!(selection.severity(&names::MISSING_NAME), None);
        assert_eq!(
            selection.severity(&calls::UNEXPECTED_KEYWORD),
            Some(Severity::Error)
        );
    }

    #[test]
    fn an_unknown_selector_is_an_error() {
        let error = Selection::new(Some(&strings(&["CS8"])), &[], &[]).unwrap_err();
        assert_eq!(error.selector, "CS8");
    }
}
