//! Compiling regular expressions from suites: linear in time, bounded in size, with mistakes told at their character.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::ErrorKind;
use serde_json::Value;

use super::options::{OptionError, OptionErrors};

/// The bytes a compiled pattern may take: matching takes time in proportion to it.
const SIZE_LIMIT: usize = 10 << 20;

/// How a pattern is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags that a user sets one by one")]
pub(super) struct Flags {
    /// `i`
    pub(super) ignore_case: bool,
    /// `m`
    pub(super) multi_line: bool,
    /// `s`
    pub(super) dot_all: bool,
    /// It has to match the whole text, whitespace at its ends apart.
    pub(super) full: bool,
}

/// Around a pattern that has to match the whole text but for whitespace at its ends.
const FULL: (&str, &str) = (r"\A\s*(?:", r")\s*\z");

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// A lower-case fragment.
    pub(super) message: String,
    /// What to do.
    pub(super) hint: Option<&'static str>,
}

impl Wrong {
    /// As the mistake of an option.
    pub(super) fn at(self, path: &str) -> OptionError {
        OptionError::at(path, self.message, self.hint)
    }
}

/// Compiles a pattern.
///
/// # Errors
/// What is wrong with it, and where.
pub(super) fn compile(pattern: &str, flags: Flags) -> Result<Regex, Wrong> {
    // Parsed alone first: for the position of a mistake, and so that `full` cannot be escaped with a bracket.
    if let Err(regex_syntax::Error::Parse(error)) = regex_syntax::Parser::new().parse(pattern) {
        let hint = match error.kind() {
            ErrorKind::UnsupportedLookAround => {
                Some("lookahead and lookbehind are not supported: use several graders, or `not: true`")
            }
            ErrorKind::UnsupportedBackreference => Some("backreferences are not supported"),
            ErrorKind::EscapeUnrecognized => Some("write a backslash twice to match one"),
            _ => None,
        };
        let column = pattern[..error.span().start.offset].chars().count() + 1;
        return Err(Wrong { message: format!("{} at character {column}", error.kind()), hint });
    }
    let around = if flags.full { format!("{}{pattern}{}", FULL.0, FULL.1) } else { pattern.to_owned() };
    RegexBuilder::new(&around)
        .case_insensitive(flags.ignore_case)
        .multi_line(flags.multi_line)
        .dot_matches_new_line(flags.dot_all)
        .size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => Wrong {
                message: "the pattern is too big".to_owned(),
                hint: Some("a large repetition such as `\\w{1000}` is the usual cause"),
            },
            other => {
                let message = other.to_string();
                let last = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
                Wrong { message: last.to_owned(), hint: None }
            }
        })
}

/// Whether the pattern in an option compiles, whatever else is wrong with the options: so that both are told.
///
/// # Errors
/// The mistake at the option.
pub(super) fn check_option(options: &Value, key: &str) -> Result<(), OptionErrors> {
    let Some(Value::String(pattern)) = options.get(key) else { return Ok(()) };
    compile(pattern, Flags::default()).map(drop).map_err(|wrong| wrong.at(key).into())
}

/// The pattern as it was written, without what `full` put around it.
pub(super) fn shown(regex: &Regex) -> &str {
    let pattern = regex.as_str();
    pattern.strip_prefix(FULL.0).and_then(|pattern| pattern.strip_suffix(FULL.1)).unwrap_or(pattern)
}
