//! `hf://OWNER/NAME[@REVISION]/PATH`.

use std::fmt;
use std::str::FromStr;

/// Longer names of repositories, revisions and files do not exist on the hub.
const LONGEST_REPOSITORY: usize = 96;
const LONGEST_REVISION: usize = 255;
const LONGEST_PATH: usize = 1024;
const LONGEST_SEGMENT: usize = 255;

/// How these names are written, for hints.
const FORM: &str = "write `hf://OWNER/NAME[@REVISION]/PATH`";

/// A file of a dataset repository on the hub. One that was parsed cannot lead out of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uri {
    /// `OWNER/NAME`.
    pub repository: String,
    /// A branch, a tag or a commit; `None`: `main`.
    pub revision: Option<String>,
    /// The file in the repository, or a glob.
    pub path: String,
}

/// That a text is no name of a file on the hub: what is wrong, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UriError(pub String);

impl Uri {
    /// How names of the hub's files begin.
    pub const SCHEME: &str = "hf://";

    /// The revision, `main` where none is written.
    pub fn revision(&self) -> &str {
        self.revision.as_deref().unwrap_or("main")
    }

    /// The revision where it is a whole commit, which stays what it is: 40 hex digits, in lower case.
    pub fn commit(&self) -> Option<String> {
        let revision = self.revision.as_deref()?;
        let is_commit = revision.len() == 40 && revision.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_commit.then(|| revision.to_ascii_lowercase())
    }

    /// Whether the path stands for all files that it matches.
    pub fn is_glob(&self) -> bool {
        self.path.contains(['*', '?', '[', '{'])
    }

    /// A file of the same repository, at a commit.
    #[must_use]
    pub fn pinned(&self, commit: &str, path: &str) -> Self {
        Self { repository: self.repository.clone(), revision: Some(commit.to_owned()), path: path.to_owned() }
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::SCHEME, self.repository)?;
        match &self.revision {
            Some(revision) if special(revision) == Some(revision.len()) => write!(f, "@{revision}")?,
            Some(revision) => write!(f, "@{}", revision.replace('%', "%25").replace('/', "%2F"))?,
            None => {}
        }
        write!(f, "/{}", self.path)
    }
}

impl FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        let wrong = |what: &str| UriError(format!("{what}: {FORM}"));
        let rest = text.strip_prefix(Self::SCHEME).ok_or_else(|| wrong("not a name of a file on the hub"))?;
        // Other tools write what kind of repository it is; no owner has such a name.
        let rest = match rest.split_once('/') {
            Some(("datasets", rest)) => rest,
            Some((kind @ ("models" | "spaces" | "buckets" | "kernels"), _)) => {
                return Err(wrong(&format!("only datasets of the hub can be read, not its {kind}")));
            }
            _ => rest,
        };
        let (owner, rest) = rest.split_once('/').ok_or_else(|| wrong("the repository is missing"))?;
        let end = rest.find(['@', '/']).ok_or_else(|| wrong("the path of a file in the repository is missing"))?;
        let name = &rest[..end];
        let (revision, path) = if rest[end..].starts_with('@') {
            let rest = &rest[end + 1..];
            let end = special(rest).or_else(|| rest.find('/')).unwrap_or(rest.len());
            let path = rest[end..].strip_prefix('/').unwrap_or_default();
            (Some(decoded(&rest[..end]).ok_or_else(|| wrong("the revision has a `%` without two hex digits"))?), path)
        } else {
            (None, &rest[end + 1..])
        };
        if path.is_empty() {
            return Err(wrong("the path of a file in the repository is missing"));
        }
        for part in [owner, name] {
            check_name(part).map_err(|what| wrong(&format!("`{part}` {what}")))?;
        }
        if owner.len() + name.len() + 1 > LONGEST_REPOSITORY {
            return Err(wrong("no repository has so long a name"));
        }
        if let Some(revision) = &revision {
            check_revision(revision).map_err(|what| wrong(&format!("the revision {what}")))?;
        }
        check_path(path).map_err(|what| wrong(&format!("the path {what}")))?;
        Ok(Self { repository: format!("{owner}/{name}"), revision, path: path.to_owned() })
    }
}

/// The length of a revision with slashes that need no escape: `refs/convert/parquet`, `refs/pr/3`.
fn special(text: &str) -> Option<usize> {
    let length = |rest: &str, fits: fn(char) -> bool| rest.find(|c| !fits(c)).unwrap_or(rest.len());
    let (prefix, length) = if let Some(rest) = text.strip_prefix("refs/convert/") {
        ("refs/convert/", length(rest, |c| c.is_ascii_alphanumeric() || "_.-".contains(c)))
    } else {
        ("refs/pr/", length(text.strip_prefix("refs/pr/")?, |c| c.is_ascii_digit()))
    };
    let end = prefix.len() + length;
    // All of the segment, or it is another revision.
    (length > 0 && matches!(text[end..].chars().next(), None | Some('/'))).then_some(end)
}

/// Percent escapes undone; `None` where one is broken.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = tail.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// An owner or a repository, by the hub's own rules.
fn check_name(name: &str) -> Result<(), &'static str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() {
        Err("is empty where an owner or a repository should stand")
    } else if !name.chars().all(fits) {
        Err("is no name on the hub, which has letters, digits, `-`, `_` and `.`")
    } else if name.starts_with(['-', '.']) || name.ends_with(['-', '.']) || name.contains("--") || name.contains("..") {
        Err("is no name on the hub, which neither begins nor ends with `-` or `.` nor has two of them together")
    } else {
        Ok(())
    }
}

/// A revision, by git's rules for names.
fn check_revision(revision: &str) -> Result<(), &'static str> {
    if revision.is_empty() {
        Err("after `@` is missing")
    } else if revision.len() > LONGEST_REVISION {
        Err("is longer than any")
    } else if revision.chars().any(|c| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c))
        || revision.contains("..")
        || revision.contains("@{")
        || revision.split('/').any(|part| part.is_empty() || part.starts_with('.'))
    {
        Err("is no name of a branch, a tag or a commit")
    } else {
        Ok(())
    }
}

/// A path below the repository's root. What a server lists is held to the same.
pub(super) fn check_path(path: &str) -> Result<(), &'static str> {
    if path.len() > LONGEST_PATH || path.split('/').any(|segment| segment.len() > LONGEST_SEGMENT) {
        Err("is longer than any file's")
    } else if path.starts_with('/') {
        Err("must not begin with `/`")
    } else if path.contains('\\') {
        Err("has a `\\`: folders are divided by `/`")
    } else if path.chars().any(char::is_control) {
        Err("has a control character")
    } else if path.ends_with('/') {
        Err("is a folder's: name its files, such as `FOLDER/*.jsonl`")
    } else if path.split('/').any(str::is_empty) {
        Err("has an empty part")
    } else if path.split('/').any(|segment| segment == "." || segment == "..") {
        Err("has a part `.` or `..`")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn uri(text: &str) -> Uri {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    fn parts(text: &str) -> (String, Option<String>, String) {
        let Uri { repository, revision, path } = uri(text);
        (repository, revision, path)
    }

    #[test]
    fn the_parts_are_told_apart() {
        for (text, repository, revision, path) in [
            ("hf://openai/gsm8k/main/test.parquet", "openai/gsm8k", None, "main/test.parquet"),
            ("hf://datasets/openai/gsm8k/a.jsonl", "openai/gsm8k", None, "a.jsonl"),
            ("hf://o/n@v1.0/a.csv", "o/n", Some("v1.0"), "a.csv"),
            ("hf://o/n@feature%2Fx/a.csv", "o/n", Some("feature/x"), "a.csv"),
            ("hf://o/n@refs/convert/parquet/d/0.parquet", "o/n", Some("refs/convert/parquet"), "d/0.parquet"),
            ("hf://o/n@refs/pr/12/a.csv", "o/n", Some("refs/pr/12"), "a.csv"),
            ("hf://o/n@refs/a.csv", "o/n", Some("refs"), "a.csv"),
            ("hf://o/n/data/x@1.csv", "o/n", None, "data/x@1.csv"),
            ("hf://o/n/data/**/*.{csv,tsv}", "o/n", None, "data/**/*.{csv,tsv}"),
        ] {
            let want = (repository.to_owned(), revision.map(str::to_owned), path.to_owned());
            assert_eq!(parts(text), want, "{text}");
        }
    }

    #[test]
    fn what_would_lead_astray_is_refused() {
        for (text, why) in [
            ("s3://o/n/a.csv", "not a name"),
            ("hf://squad", "repository is missing"),
            ("hf://squad/train.csv", "path of a file"),
            ("hf://models/o/n/a.csv", "only datasets"),
            ("hf://o/n", "path of a file"),
            ("hf://o/n/", "path of a file"),
            ("hf://o/n@main", "path of a file"),
            ("hf://o/n@/a.csv", "missing"),
            ("hf:///n/a.csv", "is empty"),
            ("hf://../n/a.csv", "`..` is no name"),
            ("hf://o/n--m/a.csv", "no name on the hub"),
            ("hf://o b/n/a.csv", "no name on the hub"),
            ("hf://o/n/../secret.csv", "`..`"),
            ("hf://o/n/a/./b.csv", "`.`"),
            ("hf://o/n//etc/passwd", "begin with `/`"),
            ("hf://o/n/a//b.csv", "empty part"),
            ("hf://o/n/a\\b.csv", "divided by `/`"),
            ("hf://o/n/a\u{1b}[2J.csv", "control"),
            ("hf://o/n/data/", "FOLDER/*.jsonl"),
            ("hf://o/n@a..b/a.csv", "no name of a branch"),
            ("hf://o/n@%2e%2e%2fx/a.csv", "no name of a branch"),
            ("hf://o/n@%zz/a.csv", "two hex digits"),
            ("hf://o/n@%+1/a.csv", "two hex digits"),
        ] {
            let error = text.parse::<Uri>().unwrap_err().to_string();
            assert!(error.contains(why) && error.contains(FORM), "{text}: {error}");
        }
        let long = format!("hf://o/n/{}", "a/".repeat(600) + "b.csv");
        assert!(long.parse::<Uri>().unwrap_err().0.contains("longer than"));
    }

    #[test]
    fn a_whole_commit_is_known_as_one() {
        let digits = "0123456789ABCDEF0123456789abcdef01234567";
        assert_eq!(uri(&format!("hf://o/n@{digits}/a.csv")).commit(), Some(digits.to_lowercase()));
        assert_eq!(uri("hf://o/n@0123456/a.csv").commit(), None);
        assert_eq!(uri("hf://o/n/a.csv").commit(), None);
        assert_eq!(uri("hf://o/n/a.csv").revision(), "main");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_the_same(
            owner in "[a-zA-Z0-9_]{1,8}(-[a-z0-9]{1,5})?",
            name in "[a-zA-Z0-9_]{1,8}(\\.[a-z0-9]{1,5})?",
            revision in proptest::option::of("(refs/(pr|convert)/)?[a-z0-9%_-]{1,12}(/[a-z0-9]{1,5})?"),
            path in "[a-z@%*{}0-9 äß_-]{1,10}(/[a-zA-Z0-9@._+-]{1,9}[a-z]){0,3}",
        ) {
            prop_assume!(owner != "datasets");
            let made = Uri { repository: format!("{owner}/{name}"), revision, path };
            let printed = made.to_string();
            let read: Uri = printed.parse().unwrap();
            prop_assert_eq!(&read, &made, "{}", printed);
        }

        #[test]
        fn no_text_makes_it_panic_or_leaves_the_repository(text in "(hf://)?(\\PC|[/@%.*]|refs/pr/){0,40}") {
            if let Ok(uri) = text.parse::<Uri>() {
                let mut segments = uri.path.split('/').chain(uri.repository.split('/'));
                prop_assert!(segments.all(|segment| !matches!(segment, "" | "." | "..")));
                prop_assert_eq!(uri.to_string().parse::<Uri>(), Ok(uri));
            }
        }
    }
}
