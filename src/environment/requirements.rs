//! pip's requirements files (pip's documentation, "Requirements File Format"), as far as names go.

use super::distribution::leading_name;

/// What a requirements file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Requirements {
    /// The distributions that it names.
    pub names: Vec<String>,
    /// What it asks for without naming it: an archive, a folder, a repository.
    pub unnamed: Vec<String>,
    /// The files that it includes (`-r`), as written.
    pub included: Vec<String>,
}

/// Reads a file. What it constrains (`-c`) it does not ask for; options, hashes and markers say nothing about names.
pub(super) fn read(text: &str) -> Requirements {
    let mut found = Requirements::default();
    for line in logical_lines(text) {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        if let Some(file) = option(line, "-r", "--requirement") {
            found.included.push(file.to_owned());
        } else if let Some(what) = option(line, "-e", "--editable") {
            found.add_unnamed(what);
        } else if line.starts_with('-') {
            // Another option: an index, a constraint, a switch.
        } else if let Some(name) = leading_name(line) {
            found.names.push(name.to_owned());
        } else {
            found.add_unnamed(line);
        }
    }
    found
}

impl Requirements {
    /// An archive, a folder or a repository: its name, if `#egg=` tells it. The project itself is no dependency.
    fn add_unnamed(&mut self, what: &str) {
        let what = what.split_whitespace().next().unwrap_or_default();
        let egg = what.split_once("#egg=").or(what.split_once("&egg="));
        let is_itself = matches!(what.split('[').next(), Some("." | "./" | ""));
        match egg.and_then(|(_, name)| leading_name(name.split('&').next().unwrap_or(name))) {
            Some(name) => self.names.push(name.to_owned()),
            None if is_itself => {}
            None => self.unnamed.push(place_of(what)),
        }
    }
}

/// What is asked for as people are told it: an address without a name or password in it, a path; of anything else only that it is there, since such a
/// line may hold anything.
fn place_of(what: &str) -> String {
    let is_short = what.len() <= 200 && what.chars().all(|c| c.is_ascii_graphic());
    let Some((scheme, rest)) = what.split_once("://") else {
        let is_path = what.starts_with(['.', '/']) || what.contains('/') && !what.contains(':');
        return if is_short && is_path {
            what.to_owned()
        } else {
            String::from("a line that names no distribution")
        };
    };
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    if is_short {
        format!("{scheme}://{host}/{path}")
    } else {
        format!("{scheme}://{host}")
    }
}

/// The value of an option that stands at the beginning of a line.
fn option<'l>(line: &'l str, short: &str, long: &str) -> Option<&'l str> {
    if let Some(rest) = line.strip_prefix(long) {
        return rest
            .starts_with([' ', '\t', '='])
            .then(|| rest.trim_start_matches([' ', '\t', '=']).trim_end());
    }
    let rest = line.strip_prefix(short)?;
    (!rest.is_empty()).then(|| rest.trim_start_matches([' ', '\t', '=']).trim_end())
}

/// Lines that end in a backslash go on in the next one; `#` begins a comment at the start of a line and after a space.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = match line.find(" #").or_else(|| line.find("\t#")) {
            _ if line.trim_start().starts_with('#') => "",
            Some(at) => &line[..at],
            None => line,
        };
        match line.trim_end().strip_suffix('\\') {
            Some(begun) => open.push_str(begun),
            None => {
                open.push_str(line);
                lines.push(std::mem::take(&mut open));
            }
        }
    }
    lines.push(open);
    lines
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn names_come_out_of_all_kinds_of_lines() {
        let found = read(
            "
# ours
requests[socks]==2.31.0 \\
    --hash=sha256:aaaa \\
    --hash=sha256:bbbb
boto3>=1.28 ; python_version >= '3.8'  # the SDK
name @ https://e.org/name-1.0.whl;python_version<'3'
-e git+https://e.org/x.git#egg=other_name&subdirectory=x
git+https://e.org/y.git
-e .
.[dev]
./libs/local
-r base.txt
--requirement=more/dev.txt
-c constraints.txt
--index-url https://e.org/simple
",
        );
        assert_eq!(found.names, ["requests", "boto3", "name", "other_name"]);
        assert_eq!(found.unnamed, ["git+https://e.org/y.git", "./libs/local"]);
        assert_eq!(found.included, ["base.txt", "more/dev.txt"]);
    }

    #[test]
    fn a_broken_file_says_nothing() {
        assert_eq!(read("\\"), super::Requirements::default());
        assert_eq!(
            read("\u{feff}# nothing\n\n   \n-r\n"),
            super::Requirements::default()
        );
    }

    #[test]
    fn secrets_are_not_told() {
        let found = read(
            "git+https://ada:s3cret@e.org/y.git@main?token=1#subdirectory=z\nroot:x:0:0:root:/root\n../lib\n",
        );
        assert_eq!(
            found.unnamed,
            [
                "git+https://e.org/y.git@main",
                "a line that names no distribution",
                "../lib"
            ]
        );
    }
}
