//! The rules themselves: the list, a page, JSON.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::report::full::wrap;
use crate::report::{Look, concise, json};
use crate::rules::{Rule, Severity};

/// A table of rules, a heading for each family.
///
/// # Errors
///
/// What writing to `out` returns; so for all functions here.
pub fn list(
    rules: impl Iterator<Item = &'static Rule>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut family = "";
    for rule in rules {
        if rule.family() != family {
            let between = if family.is_empty() { "" } else { "\n" };
            family = rule.family();
            let bold = if look.color {
                Style::new().bold()
            } else {
                Style::new()
            };
            writeln!(out, "{between}{bold}{} {family}{bold:#}", &rule.code[..3])?;
        }
        let style = if look.color {
            concise::style(rule.severity)
        } else {
            Style::new()
        };
        let severity = rule.severity;
        writeln!(
            out,
            "  {}  {:<24}{style}{severity:<9}{style:#}{}",
            rule.code, rule.name, rule.summary
        )?;
    }
    Ok(())
}

/// The rule's page: Markdown, its headings coloured.
///
/// # Errors
///
/// As [`list`].
pub fn page(rule: &Rule, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let style = |style: Style| if look.color { style } else { Style::new() };
    let title = style(Style::new().bold());
    let heading = style(AnsiColor::Green.on_default().bold());
    let code = style(AnsiColor::Cyan.on_default());
    writeln!(out, "{title}# {} ({}){title:#}\n", rule.name, rule.code)?;
    writeln!(out, "{}. Severity: {}.\n", rule.summary, rule.severity)?;
    let mut in_code = false;
    let mut paragraph = String::new();
    // The empty line at the end closes the last paragraph.
    for line in rule.page().lines().chain([""]) {
        let fence = line.starts_with("```");
        let is_text = !fence && !in_code && !line.is_empty() && !line.starts_with('#');
        if is_text {
            paragraph.push_str(line);
            paragraph.push(' ');
            continue;
        }
        for wrapped in wrap(paragraph.trim_end(), look.width.min(100)) {
            writeln!(out, "{wrapped}")?;
        }
        paragraph.clear();
        let style = if fence || in_code { code } else { heading };
        let style = if line.is_empty() { Style::new() } else { style };
        writeln!(out, "{style}{line}{style:#}")?;
        in_code ^= fence;
    }
    Ok(())
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct JsonRule {
    code: &'static str,
    name: &'static str,
    family: &'static str,
    severity: Severity,
    summary: &'static str,
    page: String,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Document {
    version: u32,
    rules: Vec<JsonRule>,
}

/// The rules as a JSON document, their pages in Markdown.
///
/// # Errors
///
/// As [`list`].
pub fn json(rules: impl Iterator<Item = &'static Rule>, out: &mut dyn Write) -> io::Result<()> {
    let rules = rules.map(|rule| JsonRule {
        code: rule.code,
        name: rule.name,
        family: rule.family(),
        severity: rule.severity,
        summary: rule.summary,
        page: rule.page(),
    });
    json::write_value(
        &Document {
            version: 1,
            rules: rules.collect(),
        },
        out,
    )
}

/// The form of the document, for the published schema.
#[cfg(test)]
pub(super) fn schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    generator.root_schema_for::<Document>()
}
