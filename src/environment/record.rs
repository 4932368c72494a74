//! RECORD: the files of an installed distribution (the specification of recorded projects).

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// A file that a RECORD lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its path, from the folder in which the distribution is installed; it may begin with `../`.
    pub path: String,
    /// Its SHA-256, if that is noted.
    pub sha256: Option<[u8; 32]>,
    /// Its size in bytes, if that is noted.
    pub size: Option<u64>,
}

/// The files that a RECORD lists: lines of CSV, `path,sha256=DIGEST,size`, the digest in base64 for URLs without padding. A line without a path is passed over.
pub fn recorded(text: &str) -> impl Iterator<Item = Recorded> {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let (path, rest) = match line.strip_prefix('"') {
            Some(rest) => rest.split_once('"')?,
            None => line.split_once(',').unwrap_or((line, "")),
        };
        let mut fields = rest.trim_start_matches(',').split(',');
        let digest = fields.next().and_then(|it| it.strip_prefix("sha256="));
        let digest = digest.and_then(|it| {
            let bytes = BASE64_URL_SAFE_NO_PAD.decode(it.trim_end_matches('='));
            bytes.ok()?.try_into().ok()
        });
        (!path.is_empty()).then(|| Recorded {
            path: path.to_owned(),
            sha256: digest,
            size: fields.next().and_then(|it| it.parse().ok()),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::recorded;

    #[test]
    fn lines_have_a_path_a_digest_and_a_size() {
        let digest = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        let text = format!("a/b.py,sha256={digest},0\n\"c,d.py\",md5=x,7\n../../bin/e,,\n\n");
        let found: Vec<_> = recorded(&text).collect();
        let paths: Vec<&str> = found.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, ["a/b.py", "c,d.py", "../../bin/e"]);
        assert_eq!(found[0].sha256.unwrap()[..2], [0xe3, 0xb0]);
        assert_eq!(
            (found[0].size, found[1].size, found[2].size),
            (Some(0), Some(7), None)
        );
        assert_eq!(found[1].sha256, None);
    }
}
