//! What every import has at hand while it works: the files, and the list of what was left out.

use super::emit::{Block, Yaml, fragment};
use super::outcome::{Files, LeftOut, Tally};
use super::source::{self, Node, Value};

/// Lines of the original that a comment shows.
const MAX_QUOTED: usize = 24;

/// The work on one config.
pub(super) struct Work<'a> {
    pub(super) files: &'a dyn Files,
    /// The way from the suite's folder to the config's.
    pub(super) prefix: &'a str,
    pub(super) left_out: Vec<LeftOut>,
    pub(super) tally: Tally,
}

/// A file that a config names cannot be used, and why.
pub(super) type Failed = String;

impl<'a> Work<'a> {
    pub(super) fn new(files: &'a dyn Files, prefix: &'a str) -> Self {
        Self { files, prefix, left_out: Vec::new(), tally: Tally::default() }
    }

    /// Lists something as left out.
    pub(super) fn list(&mut self, at: &Node, what: impl Into<String>, why: impl Into<String>) {
        let left = LeftOut { file: at.file.to_string(), line: at.line, what: what.into(), why: why.into() };
        // One place may be looked at for several cases.
        if !self.left_out.contains(&left) {
            self.left_out.push(left);
        }
    }

    /// Lists something as left out, and says it at its place with what stood there.
    pub(super) fn leave_out(&mut self, place: &mut Block, what: &str, original: &Node, key: Option<&str>, why: &str) {
        self.list(original, what, why);
        place.note(left_out_note(original, key, why));
    }

    /// The path of a file that the config names, as the suite has to name it.
    pub(super) fn path(&self, path: &str) -> String {
        if path.starts_with('/') {
            return path.to_owned();
        }
        let mut parts: Vec<&str> = Vec::new();
        for part in self.prefix.split('/').chain(path.split('/')) {
            match (part, parts.last()) {
                ("" | ".", _) => {}
                ("..", Some(last)) if *last != ".." => _ = parts.pop(),
                _ => parts.push(part),
            }
        }
        parts.join("/")
    }

    /// Reads a YAML or JSON file that the config names.
    pub(super) fn data(&self, path: &str) -> Result<Node, Failed> {
        let text = self.files.read(path)?;
        source::parse(&text, path).map_err(|error| format!("{path}:{}: {}", error.line, error.message))
    }
}

/// The comment at the place of something that was left out.
pub(super) fn left_out_note(original: &Node, key: Option<&str>, why: &str) -> String {
    let shown = match (key, &original.value) {
        (Some(key), Value::Map(_) | Value::List(_)) => {
            let mut block = Block::default();
            block.put(key, original);
            fragment(&Yaml::Map(block))
        }
        (Some(key), _) => format!("{key}: {}", fragment(&original.into())),
        (None, _) => fragment(&original.into()),
    };
    let mut lines: Vec<&str> = shown.lines().collect();
    let more = lines.len().saturating_sub(MAX_QUOTED);
    lines.truncate(MAX_QUOTED);
    let mut note = format!("not imported: {why}");
    for line in lines {
        note.push_str("\n  ");
        // A text of many lines may stand on one.
        if line.chars().count() > 400 {
            note.extend(line.chars().take(400));
            note.push('…');
        } else {
            note.push_str(line);
        }
    }
    if more > 0 {
        note.push_str("\n  … and ");
        note.push_str(&more.to_string());
        note.push_str(" more lines");
    }
    note
}

/// A text as a name that is short and has no odd characters: `Billing: refunds!` → `billing-refunds`.
pub(super) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('-') && !out.is_empty() {
            out.push('-');
        }
        if out.chars().count() >= 60 {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}

/// A name that is not taken yet: `a`, `a-2`, `a-3` …
pub(super) fn unique(name: &str, taken: &mut std::collections::HashSet<String>) -> String {
    let mut candidate = name.to_owned();
    let mut n = 2;
    while !taken.insert(candidate.clone()) {
        candidate = format!("{name}-{n}");
        n += 1;
    }
    candidate
}

#[cfg(test)]
mod tests {
    use super::*;

    struct NoFiles;

    impl Files for NoFiles {
        fn read(&self, path: &str) -> Result<String, String> {
            Err(format!("there is no file `{path}`"))
        }

        fn exists(&self, _: &str) -> bool {
            false
        }

        fn matching(&self, _: &str) -> Vec<String> {
            Vec::new()
        }
    }

    #[test]
    fn paths_lead_from_the_suite() {
        for (prefix, path, wanted) in [
            ("", "./data/x.csv", "data/x.csv"),
            ("sub/", "x.csv", "sub/x.csv"),
            ("../a/", "../b/x.csv", "../b/x.csv"),
            ("", "../x.csv", "../x.csv"),
            ("sub/", "/tmp/x.csv", "/tmp/x.csv"),
        ] {
            assert_eq!(Work::new(&NoFiles, prefix).path(path), wanted);
        }
    }

    #[test]
    fn names_are_short_plain_and_unique() {
        assert_eq!(slug("  Billing: refunds & more!  "), "billing-refunds-more");
        assert_eq!(slug("Größe 1.5"), "größe-1-5");
        let mut taken = std::collections::HashSet::new();
        let names: Vec<_> = ["a", "a", "b", "a"].iter().map(|name| unique(name, &mut taken)).collect();
        assert_eq!(names, ["a", "a-2", "b", "a-3"]);
    }
}
