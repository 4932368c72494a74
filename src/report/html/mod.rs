//! One page of HTML that holds everything: what was found, who calls whom, what ships when, what changed, where routes lead.
//!
//! The page loads nothing, and its own policy forbids that anything but its style sheet and its script is used, whatever is in the analysed code. Without
//! the script all is there: the script only filters, and opens what is folded before it is printed. The page is well-formed XML as well, so that any
//! parser can check it. How much is shown is bounded, and each bound says what it left out.

mod contract;
mod findings;
mod groups;
mod layers;
mod overview;
mod picture;
mod plan;
mod routes;
pub(super) mod text;

use std::io::{self, Write};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use crate::facts::Facts;
use crate::graph::LayerGraph;
use crate::report::diff::Diff;
use crate::report::plan::Plan;
use crate::report::{Check, summary};

use text::text;

/// The style sheet.
const STYLE: &str = include_str!("page.css");
/// The script. It has neither `<` nor `&`, so that it is the same in HTML and in XML.
const SCRIPT: &str = include_str!("page.js");

/// All that the page shows.
pub struct Page<'a> {
    /// What was found.
    pub check: &'a Check<'a>,
    /// What evaluation found in the candidate: its routes.
    pub facts: &'a Facts,
    /// Which files call which, by layer.
    pub layers: &'a LayerGraph,
    /// The plan and the changes since the deployed version, if there is one.
    pub compared: Option<Compared<'a>>,
}

/// What there is to say where the candidate is compared with a deployed version.
#[derive(Clone, Copy)]
pub struct Compared<'a> {
    /// What ships together, and in which order.
    pub plan: &'a Plan<'a>,
    /// What changed in the contract.
    pub diff: &'a Diff<'a>,
}

/// The parts of the page: where they are, and what they are called.
const PARTS: [(&str, &str); 6] = [
    ("summary", "Summary"),
    ("findings", "Findings"),
    ("layers", "Layers"),
    ("plan", "Plan"),
    ("contract", "Contract"),
    ("routes", "Routes"),
];

/// Writes the page.
///
/// # Errors
///
/// What writing to `out` returns.
pub fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    head(page, out)?;
    writeln!(out, "<main id=\"main\">")?;
    overview::write(page, out)?;
    findings::write(page.check, out)?;
    layers::write(page, out)?;
    plan::write(page, out)?;
    contract::write(page, out)?;
    routes::write(page, out)?;
    writeln!(out, "</main>")?;
    writeln!(
        out,
        "<footer><p>Written by coship {}. Everything on this page, and what its bounds leave out, is in the JSON output of <code>coship check</code>, \
         <code>plan</code>, <code>diff</code>, <code>routes</code> and <code>graph</code>.</p></footer>",
        env!("CARGO_PKG_VERSION")
    )?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn head(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let name = text(&summary::name(page.check.candidate));
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>"
    )?;
    writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; \
         base-uri 'none'; form-action 'none'\"/>",
        digest(SCRIPT),
        digest(STYLE)
    )?;
    writeln!(
        out,
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"color-scheme\" content=\"light dark\"/>\n\
         <meta name=\"generator\" content=\"coship {}\"/>\n\
         <title>coship report: {name}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
        env!("CARGO_PKG_VERSION")
    )?;
    writeln!(
        out,
        "<a class=\"skip\" href=\"#main\">Skip to the report</a>"
    )?;
    writeln!(
        out,
        "<header><h1>coship report</h1>\n<p class=\"compared\">{}</p>",
        text(summary::first_line(page.check).trim_start_matches("coship: "))
    )?;
    writeln!(out, "<nav aria-label=\"Parts of the report\"><ul>")?;
    for (id, title) in PARTS {
        writeln!(out, "<li><a href=\"#{id}\">{title}</a></li>")?;
    }
    writeln!(out, "</ul></nav></header>")
}

/// What the policy names a text by.
fn digest(of: &str) -> String {
    BASE64_STANDARD.encode(Sha256::digest(of.as_bytes()))
}

/// Opens a part of the page.
fn open(id: &str, out: &mut dyn Write) -> io::Result<()> {
    let title = PARTS.iter().find(|(part, _)| *part == id);
    let title = title.map_or(id, |(_, title)| title);
    writeln!(
        out,
        "<section id=\"{id}\" aria-labelledby=\"{id}-title\"><h2 id=\"{id}-title\">{title}</h2>"
    )
}

/// Why a part that needs a deployed version is empty.
fn nothing_deployed(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let why = page.check.against.err().unwrap_or_default();
    writeln!(
        out,
        "<p>Compared with nothing: {}. With <code>--against SPEC</code> this part says what is different from what is deployed.</p>",
        text(why)
    )
}

/// What a bound left out; nothing if it left out nothing.
fn left_out(number: usize, what: &str, where_all_is: &str, out: &mut dyn Write) -> io::Result<()> {
    if number == 0 {
        return Ok(());
    }
    writeln!(
        out,
        "<p class=\"left-out\"><strong>Left out: {}.</strong> <code>{}</code> has all.</p>",
        text(&summary::count(number, what)),
        text(where_all_is)
    )
}

#[cfg(test)]
mod tests {
    use super::{SCRIPT, STYLE};

    #[test]
    fn style_and_script_are_the_same_in_html_and_in_xml() {
        for asset in [SCRIPT, STYLE] {
            assert!(asset.is_ascii() && !asset.contains(['<', '&', '\r']));
            assert!(
                !asset.contains("http:") && !asset.contains("https:") && !asset.contains("url(")
            );
        }
    }
}
