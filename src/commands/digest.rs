//! What identifies a package, and whether it is the one that is expected.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::cli::Verify;
use crate::commands::Error;
use crate::report::Digests;
use crate::rules::{Finding, Selection, package};
use crate::source::{Bundle, MemberKind};

/// The digests of a package.
pub(super) fn of(bundle: &Bundle) -> Digests {
    let mut lines: Vec<(&str, String)> = bundle
        .members
        .iter()
        .filter(|member| member.kind == MemberKind::File)
        .filter_map(|member| {
            let content = member.content.as_ref()?;
            Some((member.path.as_deref()?, hex(&content.sha256)))
        })
        .collect();
    // Of several members with one path the last one counts.
    lines.reverse();
    lines.sort_by(|a, b| a.0.cmp(b.0));
    lines.dedup_by(|later, first| later.0 == first.0);
    let mut hasher = Sha256::new();
    for (path, digest) in lines {
        hasher.update(format!("{digest}  {path}\n"));
    }
    Digests {
        code_sha256_base64: bundle.packed.map(|(_, digest)| STANDARD.encode(digest)),
        code_sha256_hex: bundle.packed.map(|(_, digest)| hex(&digest)),
        content_sha256_hex: hex(&hasher.finalize()),
        size: bundle.packed.map(|(size, _)| size),
    }
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What `aws lambda get-function-configuration` prints, or `get-function` around it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    code_sha256: Option<String>,
    configuration: Option<Box<Configuration>>,
}

/// What is wrong where another digest is expected than the package has.
pub(super) fn findings(
    arguments: &Verify,
    digests: &Digests,
    name: &str,
    selection: &Selection,
) -> Result<Vec<Finding>, Error> {
    let mut expected: Vec<(String, String)> = Vec::new();
    if let Some(digest) = &arguments.expect_sha256 {
        expected.push((digest.clone(), "--expect-sha256".to_owned()));
    }
    if let Some(file) = &arguments.aws_configuration {
        let shown = file.display().to_string();
        let unusable = |message: String| Error::AwsConfiguration {
            name: shown.clone(),
            message,
        };
        let text = std::fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
        let read: Configuration =
            serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?;
        let digest = read
            .code_sha256
            .or_else(|| read.configuration?.code_sha256)
            .ok_or_else(|| unusable("it has no CodeSha256".to_owned()))?;
        expected.push((digest, shown));
    }
    let mut findings = Vec::new();
    for (wanted, by) in expected {
        let (Some(base64), Some(hex)) = (&digests.code_sha256_base64, &digests.code_sha256_hex)
        else {
            return Err(Error::NoDigest { by });
        };
        if !is_digest(&wanted) {
            return Err(Error::BadDigest { digest: wanted, by });
        }
        if wanted != *base64 && !wanted.eq_ignore_ascii_case(hex) {
            findings.extend(package::wrong_digest(name, base64, &wanted, &by, selection));
        }
    }
    Ok(findings)
}

/// Whether a text is a SHA-256 in hexadecimal digits or base64.
fn is_digest(text: &str) -> bool {
    let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex || STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}
