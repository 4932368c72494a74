//! Which rules are on, and how loud they are.

use rustc_hash::FxHashMap;

use crate::config::{self, nearest};
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
        for rule in all() {
            let wanted = select.map_or(Some(0), |select| best(rule, select));
            let unwanted = best(rule, ignore);
            if wanted.is_none() || unwanted >= wanted {
                continue;
            }
            let written = levels
                .iter()
                .filter_map(|&(selector, level)| Some((exactness(rule, selector)?, level)));
            let asked = |severity| Level {
                severity,
                asked_for: true,
            };
            let level = match written.max_by_key(|&(exactness, _)| exactness) {
                None => Level::of(rule),
                Some((_, config::Level::Off)) => continue,
                Some((_, config::Level::Info)) => asked(Severity::Info),
                Some((_, config::Level::Warning)) => asked(Severity::Warning),
                Some((_, config::Level::Error)) => asked(Severity::Error),
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
