//! What a rule is, and the macro that declares one.

use std::fmt;

use serde::Serialize;

/// How loudly a finding is said. The order is that of loudness, so that `severity >= Severity::Warning` reads as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; never makes a run fail unless asked to.
    Info,
    /// Probably not what was meant, but nothing raises.
    Warning,
    /// Fails at run time, with a witness.
    Error,
}

impl Severity {
    /// The word that every format uses: `error`, `warning` or `info`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A rule: everything that the list, the page, the configuration and the formats say about it.
#[derive(Debug)]
pub struct Rule {
    /// `CS` and three digits; the first is the family.
    pub code: &'static str,
    /// In kebab-case: what is written in `ignore[...]`, in the configuration and at the end of a concise line.
    pub name: &'static str,
    /// One line without a full stop.
    pub summary: &'static str,
    /// Unless the configuration says otherwise.
    pub severity: Severity,
    /// The doc comment as written, one leading space per line included; read it through [`Rule::page`].
    pub(super) documentation: &'static str,
}

impl Rule {
    /// The page in Markdown: what, why, example, how to ship it.
    #[must_use]
    pub fn page(&self) -> String {
        let mut page = String::with_capacity(self.documentation.len());
        for line in self.documentation.lines() {
            page.push_str(line.strip_prefix(' ').unwrap_or(line));
            page.push('\n');
        }
        page
    }

    /// The text of the page's section with this title, in one line; code included as it stands.
    #[must_use]
    pub fn section(&self, title: &str) -> String {
        let page = self.page();
        let lines = page
            .lines()
            .skip_while(|line| line.strip_prefix("## ") != Some(title));
        let lines: Vec<&str> = lines
            .skip(1)
            .take_while(|line| !line.starts_with("## "))
            .collect();
        lines.join(" ").trim().to_owned()
    }

    /// The family's title.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match self.code.as_bytes().get(2) {
            Some(b'1') => "calls",
            Some(b'2') => "names and routes",
            Some(b'3') => "change",
            Some(b'4') => "shipping",
            Some(b'5') => "package",
            Some(b'6') => "layers",
            _ => "input",
        }
    }

    /// Whether `selector` means this rule: its name, its code, the beginning of its code (`CS1`), or `ALL`.
    #[must_use]
    pub fn is_meant_by(&self, selector: &str) -> bool {
        selector == "ALL"
            || selector == self.name
            || (selector.len() > 2 && self.code.starts_with(selector))
    }
}

/// Rules are statics: two are the same if their codes are.
impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

/// Declares the rules of one family. The doc comment is the page that `coship rule CODE` prints.
macro_rules! declare_rules {
    ($( $(#[doc = $line:literal])+ $ident:ident = $code:literal, $name:literal, $severity:ident, $summary:literal; )+) => {
        $(
            $(#[doc = $line])+
            pub static $ident: $crate::rules::Rule = $crate::rules::Rule {
                code: $code,
                name: $name,
                summary: $summary,
                severity: $crate::rules::Severity::$severity,
                documentation: concat!($($line, "\n"),+),
            };
        )+

        /// The family's rules, by code.
        pub(super) static RULES: &[&$crate::rules::Rule] = &[$(&$ident),+];
    };
}

pub(super) use declare_rules;
