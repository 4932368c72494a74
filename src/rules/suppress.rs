//! `# coship: ignore[rule] reason`: comments that silence a rule on their line.

use crate::facts::{FileId, Place};
use crate::rules::{Finding, Rule, find};
use crate::source::Tree;
use crate::syntax::ir::Directive;

/// One rule that one comment silences on one line.
pub(super) struct Ignore {
    /// The comment.
    pub place: Place,
    line: u32,
    /// The rule.
    pub rule: &'static Rule,
    /// Whether it silenced a finding.
    pub used: bool,
}

/// The ignore comments of a tree, and what is wrong with them.
pub(super) struct Ignores {
    /// What is to be silenced.
    pub ignores: Vec<Ignore>,
    /// Comments that cannot be followed, with the reason: unknown rules, unknown words, no rule named.
    pub mistakes: Vec<(Place, String)>,
}

impl Ignores {
    /// Reads the directives of all files.
    pub(super) fn read<'a>(
        directives: impl Iterator<Item = (FileId, &'a [Directive])>,
        tree: &Tree,
    ) -> Self {
        let mut all = Self {
            ignores: Vec::new(),
            mistakes: Vec::new(),
        };
        for (file, directives) in directives {
            for directive in directives {
                let place = Place {
                    file,
                    range: directive.range,
                };
                all.add(place, line_of(tree, place), &directive.text);
            }
        }
        all
    }

    fn add(&mut self, place: Place, line: u32, text: &str) {
        let names = match names(text) {
            Ok(names) => names,
            Err(reason) => return self.mistakes.push((place, reason)),
        };
        for name in names {
            match find(name) {
                Ok(rule) => self.ignores.push(Ignore {
                    place,
                    line,
                    rule,
                    used: false,
                }),
                Err(unknown) => self.mistakes.push((place, unknown.to_string())),
            }
        }
    }

    /// Whether a comment silences the finding.
    pub(super) fn silence(&mut self, finding: &Finding, tree: &Tree) -> bool {
        let place = finding.place;
        place.is_some_and(|place| self.silence_at(place, finding.rule, tree))
    }

    /// Whether a comment silences the rule on the line that a place begins on.
    pub(super) fn silence_at(&mut self, place: Place, rule: &Rule, tree: &Tree) -> bool {
        let mut silenced = false;
        let mut line = None;
        for ignore in self
            .ignores
            .iter_mut()
            .filter(|ignore| ignore.place.file == place.file && ignore.rule == rule)
        {
            let line = *line.get_or_insert_with(|| line_of(tree, place));
            if ignore.line == line {
                ignore.used = true;
                silenced = true;
            }
        }
        silenced
    }
}

/// The line that a place begins on, from 1.
fn line_of(tree: &Tree, place: Place) -> u32 {
    tree.file(place.file).text.position(place.range.start).line
}

/// The rules that a directive's text names: `ignore[a, b] reason`.
fn names(text: &str) -> Result<Vec<&str>, String> {
    let word_end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    if word != "ignore" {
        return Err(format!(
            "`{word}` is no coship comment; there is `ignore[rule]`"
        ));
    }
    let listed = rest
        .trim_start()
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    let names: Vec<_> = listed
        .into_iter()
        .flat_map(|(listed, _)| listed.split(','))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    if names.is_empty() {
        return Err("`ignore` names no rule: write `ignore[rule] reason`".to_owned());
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn directives_name_rules() {
        assert_eq!(
            names("ignore[unexpected-keyword] the old core takes it"),
            Ok(vec!["unexpected-keyword"])
        );
        assert_eq!(
            names("ignore [CS101 , missing-name,]"),
            Ok(vec!["CS101", "missing-name"])
        );
    }

    #[test]
    fn malformed_directives_are_mistakes() {
        for text in [
            "ignore",
            "ignore[]",
            "ignore[missing-name",
            "ignored[x]",
            "off",
            "",
        ] {
            assert!(names(text).is_err(), "{text}");
        }
    }
}
