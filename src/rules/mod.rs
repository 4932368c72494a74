//! Rules: one declaration each, and what turns facts into findings.
//!
//! A rule is declared in the file of its family ([`calls`], [`names`], [`change`], [`shipping`], [`layers`], [`input`]); the list, the pages, SARIF's
//! rules and the near-miss suggestions come from that declaration. [`judge`] groups the facts into findings, `suppress` applies the ignore comments,
//! [`compare`] tells new findings from those that the deployed tree has as well, and [`said`] how loudly changes of the contract are said.

pub mod baseline;
pub mod baseline_file;
mod basis;
mod behind;
pub mod calls;
pub mod change;
mod finding;
mod fingerprint;
pub mod input;
pub mod installed;
mod judge;
pub mod layers;
mod matter;
mod message;
pub mod names;
mod near;
pub mod operations;
pub mod package;
pub mod python;
mod rule;
mod said;
mod selection;
pub mod shipping;
mod status;
mod suppress;
mod suppressed;
#[cfg(test)]
pub(crate) mod testing;
pub mod unbound;
mod unparsed;
mod waivers;

pub use finding::{Finding, Identity, Related, Span, Status, span};
pub use judge::{Input, Judged, atom_of, judge, sort};
pub use matter::{Broken, Matter};
pub use message::route_name;
pub use rule::{Rule, Severity};
pub use said::{Comments, Said, said};
pub use selection::{Selection, UnknownRule, is_known};
pub use status::compare;
pub use suppressed::{Suppressed, Suppressor};
pub use waivers::waive;

use crate::facts::FailureKind;

/// Every rule, by code.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let families = [
        calls::RULES,
        operations::RULES,
        names::RULES,
        unbound::RULES,
        python::RULES,
        installed::RULES,
        change::RULES,
        shipping::RULES,
        package::RULES,
        layers::RULES,
        input::RULES,
    ];
    families.into_iter().flatten().copied()
}

/// The rule with this code or name.
///
/// # Errors
///
/// When there is none: the error suggests the nearest name or code.
pub fn find(code_or_name: &str) -> Result<&'static Rule, UnknownRule> {
    all()
        .find(|rule| rule.name == code_or_name || rule.code.eq_ignore_ascii_case(code_or_name))
        .ok_or_else(|| UnknownRule::new(code_or_name))
}

/// The rule that reports failures of this kind.
#[must_use]
pub fn of(kind: FailureKind) -> &'static Rule {
    match kind {
        FailureKind::UnexpectedKeyword => &calls::UNEXPECTED_KEYWORD,
        FailureKind::MissingArgument => &calls::MISSING_ARGUMENT,
        FailureKind::TooManyPositionals => &calls::TOO_MANY_POSITIONALS,
        FailureKind::MultipleValues => &calls::MULTIPLE_VALUES,
        FailureKind::PositionalOnlyKeyword => &calls::POSITIONAL_ONLY_KEYWORD,
        FailureKind::NotCallable => &calls::NOT_CALLABLE,
        FailureKind::MissingKey | FailureKind::AbsentKey => &calls::MISSING_KEY,
        FailureKind::NotAwaited => &calls::NOT_AWAITED,
        FailureKind::SwallowedKeyword => &calls::SWALLOWED_KEYWORD,
        FailureKind::AbstractClass => &calls::ABSTRACT_CLASS,
        FailureKind::UnpackMismatch => &calls::UNPACK_MISMATCH,
        FailureKind::InvalidOperation => &operations::INVALID_OPERATION,
        FailureKind::FormatMismatch => &operations::FORMAT_MISMATCH,
        FailureKind::UnknownMember => &operations::UNKNOWN_MEMBER,
        FailureKind::UnknownOperation => &names::UNKNOWN_OPERATION,
        FailureKind::UnknownInterface => &names::UNKNOWN_INTERFACE,
        FailureKind::MissingTarget => &names::MISSING_TARGET,
        FailureKind::MissingModule => &names::MISSING_MODULE,
        FailureKind::MissingName => &names::MISSING_NAME,
        FailureKind::MissingAttribute => &names::MISSING_ATTRIBUTE,
        FailureKind::GuardedImport => &names::GUARDED_IMPORT,
        FailureKind::UndefinedExport => &names::UNDEFINED_EXPORT,
        FailureKind::OrphanOperation => &names::ORPHAN_OPERATION,
        FailureKind::ImportCycle => &names::IMPORT_CYCLE,
        FailureKind::UndefinedName => &unbound::UNDEFINED_NAME,
        FailureKind::UnboundLocal => &unbound::UNBOUND_LOCAL,
        FailureKind::UnsupportedSyntax => &python::UNSUPPORTED_SYNTAX,
        FailureKind::RemovedFromPython => &python::REMOVED_FROM_PYTHON,
        FailureKind::MissingHandler => &package::MISSING_HANDLER,
        FailureKind::BrokenPackage => &installed::BROKEN_PACKAGE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_are_unique_and_well_formed() {
        let rules: Vec<_> = all().collect();
        assert!(rules.is_sorted_by(|left, right| left.code < right.code));
        for rule in &rules {
            assert_eq!(rule.code.len(), 5, "{}", rule.code);
            assert!(
                rule.name
                    .bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
                "{}",
                rule.name
            );
            assert!(
                !rule.summary.ends_with('.') && !rule.summary.contains('\n'),
                "{}",
                rule.summary
            );
            assert_eq!(
                rules.iter().filter(|other| other.name == rule.name).count(),
                1,
                "{}",
                rule.name
            );
        }
    }

    #[test]
    fn every_page_says_what_why_how_and_shows_it() {
        for rule in all() {
            let page = rule.page();
            let sections: Vec<_> = page
                .lines()
                .filter_map(|line| line.strip_prefix("## "))
                .collect();
            assert_eq!(
                sections,
                [
                    "What it finds",
                    "Why it matters",
                    "Example",
                    "How to ship it"
                ],
                "{}",
                rule.code
            );
            assert_eq!(page.matches("```").count() % 2, 0, "{}", rule.code);
            assert!(!page.starts_with(' '), "{}", rule.code);
        }
    }

    #[test]
    fn rules_are_found_by_code_and_name() {
        assert_eq!(find("CS101").unwrap().name, "unexpected-keyword");
        assert_eq!(find("cs101").unwrap().name, "unexpected-keyword");
        assert_eq!(find("unused-ignore").unwrap().code, "CS903");
        let error = find("unexpected-keywrod").unwrap_err().to_string();
        assert!(
            error.contains("did you mean `unexpected-keyword`"),
            "{error}"
        );
        let far = find("zzzzzzzzzzzz").unwrap_err().to_string();
        assert!(!far.contains("did you mean"), "{far}");
    }

    #[test]
    fn selectors_mean_names_codes_and_families() {
        let rule = find("CS203").unwrap();
        for selector in ["ALL", "CS2", "CS20", "CS203", "missing-target"] {
            assert!(rule.is_meant_by(selector), "{selector}");
        }
        for selector in ["C", "CS", "CS1", "missing", ""] {
            assert!(!rule.is_meant_by(selector), "{selector}");
        }
    }
}
