//! `# coship: ignore[rule] reason`: comments that silence a rule.
//!
//! A comment is about its line; one that has a line of its own, about the next one. Where that silences nothing, it is about the whole statement
//! that it is in, behind or above: a call that is written over several lines is reported where it begins, or where the keyword stands. The nearer
//! meaning goes first, so that a comment beside one entry of a table does not silence the others.

use std::ops::RangeInclusive;

use crate::facts::{FileId, Place};
use crate::rules::{Rule, find};
use crate::source::Tree;
use crate::syntax::ir::Directive;

/// One rule that one comment silences on one line.
pub(super) struct Ignore {
    /// The comment.
    pub place: Place,
    /// The line that it is about before all.
    line: u32,
    /// The lines of the statement that it is about otherwise.
    statement: RangeInclusive<u32>,
    /// The rule.
    pub rule: &'static Rule,
    /// What the comment says besides.
    reason: String,
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
                all.add(place, Reach::of(directive, file, tree), &directive.text);
            }
        }
        all
    }

    fn add(&mut self, place: Place, reach: Reach, text: &str) {
        let names = match names(text) {
            Ok(names) => names,
            Err(reason) => return self.mistakes.push((place, reason)),
        };
        for name in names {
            match find(name) {
                Ok(rule) => self.ignores.push(Ignore {
                    place,
                    line: reach.line,
                    statement: reach.statement.clone(),
                    rule,
                    reason: reason(text).to_owned(),
                    used: false,
                }),
                Err(unknown) => self.mistakes.push((place, unknown.to_string())),
            }
        }
    }

    /// Which of the findings, or changes, comments silence: along `places`, each with its rule. For one that is silenced, the reason that is given.
    pub(super) fn silence(
        &mut self,
        places: &[Option<(Place, &'static Rule)>],
        tree: &Tree,
    ) -> Vec<Option<String>> {
        let mut silenced = vec![None; places.len()];
        for is_near in [true, false] {
            // What a comment silences on its own line is all that it does.
            let idle: Vec<bool> = self.ignores.iter().map(|ignore| !ignore.used).collect();
            for (place, silenced) in places.iter().zip(&mut silenced) {
                let Some((place, rule)) = *place else {
                    continue;
                };
                if silenced.is_some() {
                    continue;
                }
                let line = line_of(tree, place);
                let candidates = self.ignores.iter_mut().zip(&idle);
                for (ignore, _) in candidates.filter(|(ignore, idle)| {
                    **idle && ignore.place.file == place.file && ignore.rule == rule
                }) {
                    if ignore.covers(line, is_near) {
                        ignore.used = true;
                        silenced.get_or_insert_with(|| ignore.reason.clone());
                    }
                }
            }
        }
        silenced
    }
}

impl Ignore {
    fn covers(&self, line: u32, is_near: bool) -> bool {
        if is_near {
            self.line == line
        } else {
            self.statement.contains(&line)
        }
    }
}

/// The lines that a comment is about.
struct Reach {
    line: u32,
    statement: RangeInclusive<u32>,
}

impl Reach {
    fn of(directive: &Directive, file: FileId, tree: &Tree) -> Self {
        let text = &tree.file(file).text;
        let mut line = text.position(directive.range.start).line;
        let first = text.position(directive.statement.start).line;
        let last = text.position(directive.statement.end).line;
        if directive.is_alone {
            let is_passed_over = |line: u32| {
                let line = text.line(line).trim();
                line.is_empty() || line.starts_with('#')
            };
            line += 1;
            while line < last && is_passed_over(line) {
                line += 1;
            }
        }
        Self {
            line,
            statement: first..=last,
        }
    }
}

/// The line that a place begins on, from 1.
fn line_of(tree: &Tree, place: Place) -> u32 {
    tree.file(place.file).text.position(place.range.start).line
}

/// What a directive's text says behind its rules: `ignore[a] reason`.
fn reason(text: &str) -> &str {
    text.split_once(']').map_or("", |(_, reason)| reason.trim())
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
