//! Globs over the paths of a tree, with the manners of `.gitignore`.

use std::sync::Arc;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{ConfigError, Origin};

/// A glob as written, and from where it counts.
///
/// A glob without a `/` matches a name at any depth, one with a `/` counts from the directory of its configuration file
/// (or from TREE, for one given on the command line). `*` and `?` do not cross a `/`, `**` does. What matches a
/// directory matches all that is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// The glob.
    pub text: String,
    /// Where it is written.
    pub at: Origin,
    /// TREE as seen from the directory that the glob counts from: `services/api`, or empty if they are the same.
    pub prefix: Arc<str>,
}

impl Pattern {
    /// A glob of the command line, which counts from TREE. `option` is the flag, for messages.
    #[must_use]
    pub fn of_argument(text: &str, option: &str) -> Self {
        Self {
            text: text.to_owned(),
            at: Origin::argument(option),
            prefix: Arc::from(""),
        }
    }
}

/// A set of globs, ready to match paths of a tree.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// One set for each prefix; nearly always there is one.
    groups: Vec<(Arc<str>, GlobSet)>,
}

impl Globs {
    /// Compiles `patterns`.
    ///
    /// # Errors
    /// If a glob is malformed or leads out of the directory that it counts from.
    pub fn new(patterns: &[Pattern]) -> Result<Self, ConfigError> {
        let mut groups: Vec<(Arc<str>, GlobSetBuilder)> = Vec::new();
        for pattern in patterns {
            let index = groups
                .iter()
                .position(|(prefix, _)| *prefix == pattern.prefix)
                .unwrap_or_else(|| {
                    groups.push((Arc::clone(&pattern.prefix), GlobSetBuilder::new()));
                    groups.len() - 1
                });
            add(&mut groups[index].1, pattern)?;
        }
        let build = |(prefix, builder): (Arc<str>, GlobSetBuilder)| match builder.build() {
            Ok(set) => Ok((prefix, set)),
            Err(error) => Err(ConfigError::new(
                None,
                format!("the globs are too many: {error}"),
            )),
        };
        Ok(Self {
            groups: groups.into_iter().map(build).collect::<Result<_, _>>()?,
        })
    }

    /// Whether `path` (relative to TREE, with `/`) or a directory that it is in matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.groups.iter().any(|(prefix, set)| {
            if prefix.is_empty() {
                set.is_match(path)
            } else {
                set.is_match(format!("{prefix}/{path}"))
            }
        })
    }

    /// Whether there is no glob at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }
}

fn add(builder: &mut GlobSetBuilder, pattern: &Pattern) -> Result<(), ConfigError> {
    let malformed = |message: String| ConfigError::new(Some(pattern.at.clone()), message);
    let text = pattern.text.trim_end_matches('/');
    let anchored = text.contains('/');
    let text = text.trim_start_matches("./").trim_start_matches('/');
    if text.split('/').any(|part| part == "..") {
        return Err(malformed(format!(
            "the glob '{}' leads out of its directory",
            pattern.text
        ))
        .with_help("globs count from the directory of their configuration file"));
    }
    if text.is_empty() || text == "." {
        return Err(malformed(format!(
            "the glob '{}' names nothing",
            pattern.text
        )));
    }
    let base = if anchored {
        text.to_owned()
    } else {
        format!("**/{text}")
    };
    for glob in [format!("{base}/**"), base] {
        let glob = GlobBuilder::new(&glob)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .map_err(|error| {
                malformed(format!(
                    "the glob '{}' is malformed: {}",
                    pattern.text,
                    error.kind()
                ))
            })?;
        builder.add(glob);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Globs, Pattern};

    fn globs(prefix: &str, texts: &[&str]) -> Globs {
        let patterns: Vec<_> = texts
            .iter()
            .map(|text| Pattern {
                prefix: prefix.into(),
                ..Pattern::of_argument(text, "--exclude")
            })
            .collect();
        Globs::new(&patterns).unwrap()
    }

    #[test]
    fn names_match_at_any_depth() {
        let globs = globs("", &["tests", "*_gen.py"]);
        for path in [
            "tests/a.py",
            "a/tests/b/c.py",
            "x_gen.py",
            "a/b_gen.py",
            "tests",
        ] {
            assert!(globs.matches(path), "{path}");
        }
        assert!(!globs.matches("a/mytests/b.py"));
    }

    #[test]
    fn paths_count_from_the_configuration() {
        let globs = globs(
            "services/api",
            &["services/api/old", "./services/*/new.py", "/top.py"],
        );
        assert!(globs.matches("old/a.py"));
        assert!(globs.matches("new.py"));
        assert!(!globs.matches("top.py"));
        assert!(!globs.matches("x/old/a.py"));
    }

    #[test]
    fn a_star_stays_in_its_directory() {
        assert!(!globs("", &["a/*.py"]).matches("a/b/c.py"));
        assert!(globs("", &["a/**/*.py"]).matches("a/b/c.py"));
        assert!(globs("", &["a/**/*.py"]).matches("a/c.py"));
        assert!(globs("", &["tests/"]).matches("tests/a.py"));
    }

    #[test]
    fn malformed_globs_are_errors() {
        for text in ["a[", "../x", "", "/", "{a"] {
            assert!(
                Globs::new(&[Pattern::of_argument(text, "--exclude")]).is_err(),
                "{text}"
            );
        }
    }
}
