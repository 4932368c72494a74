//! What must stay secret, and what never belongs in a package: by name, and by how the content begins.

/// Files that hold secrets, by name.
const NAMES: [(&str, &str); 16] = [
    (".env", "the environment's secrets"),
    (".netrc", "passwords"),
    (".pypirc", "a package index's password"),
    (".pgpass", "passwords"),
    (".htpasswd", "passwords"),
    (".git-credentials", "passwords"),
    (".dockercfg", "a registry's password"),
    ("credentials", "credentials"),
    ("id_rsa", "a private key"),
    ("id_dsa", "a private key"),
    ("id_ecdsa", "a private key"),
    ("id_ed25519", "a private key"),
    ("terraform.tfstate", "the secrets of a deployment"),
    ("secrets.yaml", "secrets"),
    ("secrets.yml", "secrets"),
    ("secrets.json", "secrets"),
];

/// Endings of files that hold private keys.
const ENDINGS: [&str; 5] = ["p12", "pfx", "jks", "keystore", "kdbx"];

/// Endings of archives.
const ARCHIVES: [&str; 9] = [
    "zip", "whl", "egg", "tar", "tgz", "tar.gz", "tar.bz2", "tar.xz", "7z",
];

/// Folders of version control systems.
const VERSION_CONTROL: [&str; 6] = [".git", ".hg", ".svn", ".bzr", "_darcs", "CVS"];

/// Caches, environments, and what editors and operating systems leave behind.
const LITTER: [&str; 21] = [
    ".DS_Store",
    ".aws-sam",
    ".coverage",
    ".eggs",
    ".idea",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".serverless",
    ".terraform",
    ".tox",
    ".venv",
    ".vscode",
    "Thumbs.db",
    "__MACOSX",
    "cdk.out",
    "htmlcov",
    "node_modules",
    "venv",
];

/// How tokens begin, how many characters of a token follow at least, and what they are (the issuers' documentation).
const TOKENS: [(&str, usize, &str); 10] = [
    ("AKIA", 16, "an AWS access key"),
    ("ASIA", 16, "an AWS access key"),
    ("ghp_", 36, "a GitHub token"),
    ("gho_", 36, "a GitHub token"),
    ("github_pat_", 40, "a GitHub token"),
    ("glpat-", 20, "a GitLab token"),
    ("xoxb-", 20, "a Slack token"),
    ("sk_live_", 20, "a Stripe key"),
    ("AIza", 35, "a Google API key"),
    ("_authToken=", 20, "a package registry's token"),
];

/// What a file holds that must stay secret, by its name.
#[must_use]
pub(super) fn by_name(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if let Some((_, what)) = NAMES.iter().find(|(known, _)| *known == name) {
        return Some(what);
    }
    if name
        .strip_prefix(".env.")
        .is_some_and(|rest| !is_sample(rest))
    {
        return Some("the environment's secrets");
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending
        .is_some_and(|ending| ENDINGS.contains(&ending))
        .then_some("a private key")
}

/// Whether a file is an archive, by its name.
#[must_use]
pub(super) fn is_archive(path: &str) -> bool {
    ARCHIVES
        .iter()
        .any(|ending| super::has_ending(path, ending))
}

fn is_sample(ending: &str) -> bool {
    ["example", "sample", "template", "dist"]
        .iter()
        .any(|word| ending.contains(word))
}

/// What some content holds that must stay secret.
#[must_use]
pub(super) fn by_content(bytes: &[u8]) -> Option<&'static str> {
    let text = std::str::from_utf8(bytes).ok()?;
    for (at, begin) in text.match_indices("-----BEGIN ") {
        let rest = &text[at + begin.len()..];
        let Some((line, after)) = rest.split_once("PRIVATE KEY-----") else {
            continue;
        };
        // In JSON the lines of a key are one text.
        let after = after.trim_start_matches("\\n").trim_start();
        // Code that looks for keys has the line, and no key behind it.
        let is_key = after
            .bytes()
            .take(40)
            .filter(u8::is_ascii_alphanumeric)
            .count()
            >= 30
            || after.starts_with("Proc-Type:");
        if !line.contains(['\n', '-']) && is_key {
            return Some("a private key");
        }
    }
    TOKENS.iter().find_map(|(begin, length, what)| {
        let mut found = text.match_indices(begin);
        found
            .any(|(at, _)| is_token(text, at, begin.len(), *length))
            .then_some(*what)
    })
}

/// Whether a token stands at a place: as many characters as it takes, not in the middle of a word, and no sample of a documentation.
fn is_token(text: &str, at: usize, begin: usize, length: usize) -> bool {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let before = text[..at].chars().next_back();
    let rest = &text[at + begin..];
    let end = rest.find(|c| !is_of_token(c)).unwrap_or(rest.len());
    let token = &rest[..end];
    let distinct: std::collections::BTreeSet<char> = token.chars().collect();
    token.len() >= length
        && token.len() <= length + 60
        && !before.is_some_and(is_of_token)
        && !token.ends_with("EXAMPLE")
        && distinct.len() > 6
}

/// The outermost part of a path that belongs to a version control system, as a path.
#[must_use]
pub(super) fn version_control(path: &str) -> Option<&str> {
    outermost(path, &VERSION_CONTROL)
}

/// The outermost part of a path that is a cache or litter, as a path.
#[must_use]
pub(super) fn litter(path: &str) -> Option<&str> {
    outermost(path, &LITTER)
}

fn outermost<'p>(path: &'p str, names: &[&str]) -> Option<&'p str> {
    let mut end = 0;
    for part in path.split('/') {
        end += part.len();
        if names.contains(&part) {
            return path.get(..end);
        }
        end += 1;
    }
    None
}

/// Whether a file is bytecode, which whoever runs the package makes anew.
#[must_use]
pub fn is_bytecode(path: &str) -> bool {
    let ending = path.rsplit_once('.').map(|(_, ending)| ending);
    matches!(ending, Some("pyc" | "pyo")) || path.split('/').any(|part| part == "__pycache__")
}

/// Whether a file is never packed, whatever is asked for: version control, caches, bytecode, what is secret by its name.
#[must_use]
pub fn is_never_packed(path: &str) -> bool {
    is_bytecode(path)
        || version_control(path).is_some()
        || litter(path).is_some()
        || by_name(path).is_some()
}

#[cfg(test)]
mod tests {
    use super::{by_content, by_name, is_never_packed};

    #[test]
    fn names() {
        assert_eq!(by_name("a/.env"), Some("the environment's secrets"));
        assert_eq!(
            by_name(".env.production"),
            Some("the environment's secrets")
        );
        assert_eq!(by_name(".env.example"), None);
        assert_eq!(by_name("keys/site.p12"), Some("a private key"));
        assert_eq!(by_name("cacert.pem"), None);
        assert!(is_never_packed("x/.git/config") && is_never_packed("a/__pycache__/b.pyc"));
        assert!(!is_never_packed("env/settings.py"));
    }

    #[test]
    fn contents() {
        let key = format!(
            "-----BEGIN {} KEY-----\n{}\n",
            "PRIVATE", "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj"
        );
        assert_eq!(by_content(key.as_bytes()), Some("a private key"));
        let in_json = format!("{{\"k\": \"{}\"}}", key.replace('\n', "\\n"));
        assert_eq!(by_content(in_json.as_bytes()), Some("a private key"));
        let names_it = format!("MARK = '-----BEGIN {} KEY-----'\n", "PRIVATE");
        assert_eq!(by_content(names_it.as_bytes()), None);
        let token = format!("TOKEN = '{}{}'", "AKI", "AQ3EGRIVZ5TJWNB4X");
        assert_eq!(by_content(token.as_bytes()), Some("an AWS access key"));
        assert_eq!(by_content(b"AKIAIOSFODNN7EXAMPLE"), None);
    }
}
