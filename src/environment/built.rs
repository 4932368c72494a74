//! Modules that a build step writes: they need not be in the tree.

use globset::Glob;

/// The files of a project that say what is built or left out of the repository, by their names.
const FILES: [&str; 9] = [
    ".gitignore",
    "CMakeLists.txt",
    "Dockerfile",
    "Makefile",
    "buildspec.yml",
    "makefile",
    "meson.build",
    "pyproject.toml",
    "setup.py",
];

/// The texts of such files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildFiles {
    texts: Vec<(String, String)>,
}

impl BuildFiles {
    /// The names to look for.
    pub const NAMES: &'static [&'static str] = &FILES;

    /// Adds a file: its name as shown to people, and its bytes. What is no text says nothing.
    pub fn add(&mut self, shown: &str, bytes: Vec<u8>) {
        if let Ok(text) = String::from_utf8(bytes) {
            self.texts.push((shown.to_owned(), text));
        }
    }

    /// The file that says that a module of this name, without package, is written by something or kept out of the repository.
    #[must_use]
    pub fn naming(&self, module: &str) -> Option<&str> {
        let file = format!("{module}.py");
        let mut texts = self.texts.iter();
        let found = texts.find(|(shown, text)| {
            let name = shown.rsplit(['/', ':']).next().unwrap_or(shown);
            text.lines().any(|line| says(name, line.trim(), &file))
        });
        found.map(|(shown, _)| shown.as_str())
    }
}

/// Whether a line of a build file says that a file is made.
fn says(name: &str, line: &str, file: &str) -> bool {
    if line.starts_with('#') {
        return false;
    }
    if name == ".gitignore" {
        let pattern = line
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap_or(line);
        // A pattern for all of Python's files or of any name says nothing about this one.
        let is_telling = pattern.contains(|c: char| c.is_ascii_alphanumeric()) && pattern != "*.py";
        return is_telling
            && pattern.strip_suffix(".py").is_some()
            && Glob::new(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(file));
    }
    let Some(at) = line.find(file) else {
        return false;
    };
    let is_whole = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_')
        && !line[at + file.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let before = &line[..at];
    let writes = [
        "write",
        "version_file",
        "version-file",
        "output",
        " -o",
        ">",
        "configure_file",
    ];
    is_whole
        && (writes.iter().any(|word| before.contains(word))
            || line[at..].trim_start_matches(file).starts_with(':'))
}

#[cfg(test)]
mod tests {
    use super::BuildFiles;

    #[test]
    fn what_writes_a_module_is_told() {
        let mut files = BuildFiles::default();
        files.add(
            ".gitignore",
            b"*.pyc\n*.py\n/src/_version.py\n*_pb2.py\n".to_vec(),
        );
        files.add(
            "Makefile",
            b"run:\n\tpython app.py\nconst.py: const.in\n\tsed x > other.py\n".to_vec(),
        );
        files.add(
            "pyproject.toml",
            b"write_to = 'pkg/scm.py'\ninclude = ['kept.py']".to_vec(),
        );
        assert_eq!(files.naming("_version"), Some(".gitignore"));
        assert_eq!(files.naming("a_pb2"), Some(".gitignore"));
        assert_eq!(files.naming("const"), Some("Makefile"));
        assert_eq!(files.naming("other"), Some("Makefile"));
        assert_eq!(files.naming("scm"), Some("pyproject.toml"));
        assert_eq!(files.naming("app"), None);
        assert_eq!(files.naming("kept"), None);
        assert_eq!(files.naming("version"), None);
    }
}
