//! Which rules are on, and how loud they are.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::config::nearest;
use crate::rules::{Rule, Severity, all};

/// A name or code that no rule has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule `{selector}`{}", suggestion(.nearest))]
pub struct UnknownRule {
    /// What was written.
    pub selector: String,
    /// The rule that may have been meant.
    pub nearest: Option<&'static str>,
}

fn suggestion(nearest: &Option<&'static str>) -> String {
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
    /// Whether what only may fail is shown too, as info.
    pub show_may: bool,
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
            show_may: false,
        }
    }
}

impl Selection {
    /// Resolves what the command line and the configuration say.
    ///
    /// A selector is a name, a code, the beginning of a code (`CS1`) or `ALL`. An empty `select` means all rules. Where both lists mean a rule,
    /// the more exact selector wins, and `ignore` where they are equal. `severities` holds a level per selector; none switches off.
    ///
    /// # Errors
    ///
    /// When a selector means no rule.
    pub fn new(
        select: &[String],
        ignore: &[String],
        severities: &BTreeMap<String, Option<Severity>>,
    ) -> Result<Self, UnknownRule> {
        for selector in select.iter().chain(ignore).chain(severities.keys()) {
            if !all().any(|rule| rule.is_meant_by(selector)) {
                return Err(UnknownRule::new(selector));
            }
        }
        let mut chosen = FxHashMap::default();
        for rule in all() {
            let wanted = if select.is_empty() {
                Some(0)
            } else {
                exactness(rule, select)
            };
            let Some(wanted) = wanted else { continue };
            if exactness(rule, ignore).is_some_and(|unwanted| unwanted >= wanted) {
                continue;
            }
            let level = severities
                .iter()
                .filter(|(selector, _)| rule.is_meant_by(selector))
                .max_by_key(|(selector, _)| exactness(rule, std::slice::from_ref(*selector)));
            let level = match level {
                Some((_, None)) => continue,
                Some((_, &Some(severity))) => Level {
                    severity,
                    asked_for: true,
                },
                None => Level::of(rule),
            };
            chosen.insert(rule.code, level);
        }
        Ok(Self {
            levels: chosen,
            show_may: false,
        })
    }

    /// How loud the rule is; none if it is off.
    pub(super) fn level(&self, rule: &Rule) -> Option<Level> {
        self.levels.get(rule.code).copied()
    }

    /// The severity of the rule's findings, where they are proven; none if the rule is off.
    #[must_use]
    pub fn severity(&self, rule: &Rule) -> Option<Severity> {
        self.level(rule).map(|level| level.severity)
    }
}

/// How exactly the best of the selectors means the rule: a name most, `ALL` least.
fn exactness(rule: &Rule, selectors: &[String]) -> Option<usize> {
    selectors
        .iter()
        .filter(|selector| rule.is_meant_by(selector))
        .map(|selector| match selector.as_str() {
            "ALL" => 1,
            name if name == rule.name => 1 + rule.code.len(),
            prefix => prefix.len(),
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{calls, find, names};

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn the_more_exact_selector_wins() {
        let none = BTreeMap::new();
        let selection = Selection::new(&strings(&["CS101"]), &strings(&["CS1"]), &none).unwrap();
        assert_eq!(
            selection.severity(&calls::UNEXPECTED_KEYWORD),
            Some(Severity::Error)
        );
        assert_eq!(selection.severity(&calls::MISSING_KEY), None);
        let selection = Selection::new(&[], &strings(&["CS1", "missing-name"]), &none).unwrap();
        assert_eq!(selection.severity(&calls::UNEXPECTED_KEYWORD), None);
        assert_eq!(selection.severity(&names::MISSING_NAME), None);
        assert_eq!(
            selection.severity(&names::MISSING_TARGET),
            Some(Severity::Error)
        );
    }

    #[test]
    fn levels_are_set_and_switched_off() {
        let levels = BTreeMap::from([
            ("CS2".to_owned(), Some(Severity::Warning)),
            ("missing-name".to_owned(), None),
        ]);
        let selection = Selection::new(&[], &[], &levels).unwrap();
        assert_eq!(
            selection.severity(&names::MISSING_TARGET),
            Some(Severity::Warning)
        );
        assert_eq!(selection.severity(&names::MISSING_NAME), None);
        assert_eq!(
            selection.severity(find("CS101").unwrap()),
            Some(Severity::Error)
        );
    }

    #[test]
    fn an_unknown_selector_is_an_error() {
        let error = Selection::new(&strings(&["CS8"]), &[], &BTreeMap::new()).unwrap_err();
        assert_eq!(error.selector, "CS8");
    }
}
