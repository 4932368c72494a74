//! Comments that tell another checker that a name is defined, though nothing shows it: `# noqa: F821`.
//!
//! Sources: flake8, "Selecting and Ignoring Violations"; ruff, "Error suppression"; pylint, "Messages control"; pyright, "Comments". Nothing is taken of mypy's
//! `type: ignore`, nor of what is about a block or a file (`# ruff: noqa: F821`): both say as often that the checker is right and nobody gets round to it.

use super::ir::Range;

/// What is about one line, lower case: the words before the codes, and the codes that are about names.
const OF_LINES: [(&str, &[&str]); 3] = [
    ("noqa:", &["f821"]),
    (
        "pylint: disable=",
        &[
            "undefined-variable",
            "used-before-assignment",
            "e0602",
            "e0601",
        ],
    ),
    ("pyright: ignore[", &["reportundefinedvariable"]),
];

/// What the comments of a file vouch for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Vouched {
    /// From the beginning of a line to its comment, in source order: names that are read there.
    lines: Vec<Range>,
}

impl Vouched {
    /// Whether a comment vouches for a name that is read at an offset (bytes from 0).
    #[must_use]
    pub fn has(&self, at: u32) -> bool {
        let is_in = |line: &Range| line.start <= at && at < line.end;
        self.lines.iter().any(is_in)
    }

    /// Reads a comment, from its `#` at the offset `start` on.
    pub(super) fn read(&mut self, text: &str, comment: &str, start: u32) {
        // Nearly all comments have nothing of the kind.
        if !comment.contains("821")
            && !comment.contains("ndefined")
            && !comment.contains("sed-before")
            && !comment.contains("060")
        {
            return;
        }
        let comment = comment.to_ascii_lowercase();
        let spaced = comment
            .replace("noqa :", "noqa:")
            .replace("pylint:disable", "pylint: disable");
        let names = OF_LINES.iter().any(|(head, codes)| {
            let behind = spaced.split_once(head).map(|(_, behind)| behind);
            behind.is_some_and(|behind| listed(behind).any(|code| codes.contains(&code)))
        });
        if !names {
            return;
        }
        let before = text.get(..start as usize).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |newline| newline + 1);
        let is_alone = before[line..].trim().is_empty();
        let is_of_file = spaced.contains("ruff:") || spaced.contains("flake8:");
        if !is_alone && !is_of_file {
            let line = u32::try_from(line).unwrap_or(start);
            self.lines.push(Range {
                start: line,
                end: start,
            });
        }
    }
}

/// The codes behind a comment's head: `F821, E501 -- why` has two.
fn listed(behind: &str) -> impl Iterator<Item = &str> {
    let is_of_codes = |c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | ' ' | '-');
    let end = behind.find(|c| !is_of_codes(c)).unwrap_or(behind.len());
    behind[..end]
        .split([',', ' '])
        .filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::Vouched;

    /// Whether the name at the end of the code before the comment is vouched for, and one in a line behind it.
    fn vouched(code: &str, comment: &str) -> (bool, bool) {
        let text = format!("import os\n{code}{comment}\nprint(after)\n");
        let start = u32::try_from("import os\n".len() + code.len()).unwrap();
        let mut found = Vouched::default();
        found.read(&text, comment, start);
        let behind = u32::try_from(text.len() - 2).unwrap();
        (found.has(start.saturating_sub(3)), found.has(behind))
    }

    #[test]
    fn comments_of_other_checkers() {
        for comment in [
            "# noqa: F821",
            "# noqa : E501,F821 -- given by the host",
            "# NOQA:F821",
            "# pylint: disable=undefined-variable",
            "# pylint:disable=invalid-name,used-before-assignment",
            "# pyright: ignore[reportUndefinedVariable]",
        ] {
            assert_eq!(
                vouched("print(given)  ", comment),
                (true, false),
                "{comment}"
            );
        }
        for comment in [
            "# noqa",
            "# noqa: F401",
            "# F821",
            "# type: ignore[name-defined]",
        ] {
            assert_eq!(
                vouched("print(given)  ", comment),
                (false, false),
                "{comment}"
            );
        }
        for comment in [
            "# pylint: disable=undefined-variable",
            "# ruff: noqa: F821",
            "# noqa: F821",
        ] {
            assert_eq!(vouched("", comment), (false, false), "{comment}");
        }
    }
}
