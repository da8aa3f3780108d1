//! The checksums that the hub tells of its files.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// What the content of a file must be: in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Digest {
    /// SHA-256 of its bytes: what LFS and Xet files are known by.
    Sha256(String),
    /// The id of its git blob, SHA-1 of `blob SIZE\0` and its bytes: what files in git itself are known by.
    GitBlob(String),
}

impl Digest {
    /// Reads what an `ETag` header or a listing holds, quoted or not, weak or not.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches("W/").trim_matches('"');
        let text = text.strip_prefix("sha256:").unwrap_or(text);
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        match text.len() {
            64 => Some(Self::Sha256(text.to_ascii_lowercase())),
            40 => Some(Self::GitBlob(text.to_ascii_lowercase())),
            _ => None,
        }
    }

    /// The hex digits.
    pub(super) fn hex(&self) -> &str {
        match self {
            Self::Sha256(hex) | Self::GitBlob(hex) => hex,
        }
    }

    /// Whether the file is what it should be.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub(super) fn fits(&self, path: &Path) -> io::Result<bool> {
        let mut file = File::open(path)?;
        let found = match self {
            Self::Sha256(_) => hex(&digest_of(&mut file, Sha256::new())?),
            Self::GitBlob(_) => {
                let size = file.metadata()?.len();
                hex(&digest_of(&mut file, Sha1::new_with_prefix(format!("blob {size}\0")))?)
            }
        };
        Ok(found == self.hex())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(hex) => write!(f, "SHA-256 {hex}"),
            Self::GitBlob(hex) => write!(f, "git blob {hex}"),
        }
    }
}

fn digest_of<D: sha2::Digest>(file: &mut File, mut hasher: D) -> io::Result<Vec<u8>> {
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hasher.finalize().to_vec()),
            Ok(n) => hasher.update(&buffer[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Bytes in lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `git hash-object` and `sha256sum` of `hello\n`.
    const BLOB: &str = "ce013625030ba8dba906f756967f9e9ca394464a";
    const SHA: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    #[test]
    fn checksums_are_read_from_headers_and_listings() {
        for text in [SHA.to_owned(), format!("\"{SHA}\""), format!("W/\"{SHA}\""), format!("sha256:{SHA}")] {
            assert_eq!(Digest::parse(&text), Some(Digest::Sha256(SHA.to_owned())), "{text}");
        }
        assert_eq!(Digest::parse(&BLOB.to_uppercase()), Some(Digest::GitBlob(BLOB.to_owned())));
        // An MD5, as stores of objects have it, and an upload in parts.
        for text in ["", "\"d41d8cd98f00b204e9800998ecf8427e\"", "d41d8cd98f00b204e9800998ecf8427e-3", "../../../../x"]
        {
            assert_eq!(Digest::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_file_is_held_to_its_checksum() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        std::fs::write(&path, "hello\n").unwrap();
        for digest in [SHA, BLOB] {
            assert!(Digest::parse(digest).unwrap().fits(&path).unwrap(), "{digest}");
        }
        std::fs::write(&path, "hellO\n").unwrap();
        for digest in [SHA, BLOB] {
            assert!(!Digest::parse(digest).unwrap().fits(&path).unwrap(), "{digest}");
        }
    }
}
