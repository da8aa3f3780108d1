//! Keywords. The published checks hand them to Python's `re`: they are patterns, in which case does not count.

use regex::{Regex, RegexBuilder};

/// The bytes a compiled keyword may take: matching takes time in proportion to it.
const SIZE_LIMIT: usize = 1 << 20;

/// A keyword.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// As it was written.
    pub(super) text: String,
    regex: Regex,
}

impl Pattern {
    /// A keyword anywhere in a text.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        Self::around(text, "", "")
    }

    /// A keyword that is a word of its own.
    pub(super) fn word(text: &str) -> Result<Self, String> {
        Self::around(text, r"\b", r"\b")
    }

    /// The mark of a section: the keyword and a number.
    pub(super) fn section(text: &str) -> Result<Self, String> {
        let regex = compile(&format!(r"{text}\s?\d+"), false)?;
        Ok(Self { text: text.to_owned(), regex })
    }

    fn around(text: &str, before: &str, behind: &str) -> Result<Self, String> {
        let alone = compile(text, true)?;
        if alone.is_match("") {
            return Err("every answer has it, as it matches the empty text".to_owned());
        }
        let regex = if before.is_empty() { alone } else { compile(&format!("{before}{text}{behind}"), true)? };
        Ok(Self { text: text.to_owned(), regex })
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// How often it occurs, without overlaps.
    pub(super) fn count(&self, text: &str) -> u64 {
        self.regex.find_iter(text).count() as u64
    }
}

fn compile(pattern: &str, ignore_case: bool) -> Result<Regex, String> {
    RegexBuilder::new(pattern).case_insensitive(ignore_case).size_limit(SIZE_LIMIT).build().map_err(|error| match error
    {
        regex::Error::CompiledTooBig(_) => "the pattern is too big".to_owned(),
        other => {
            let message = other.to_string();
            message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    })
}
