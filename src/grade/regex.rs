//! `regex`: the answer matches a pattern. The engine takes linear time, so it has no backreferences and no lookaround.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::ErrorKind;
use serde::Deserialize;
use serde_json::Value;

use super::case::{BuildContext, CaseFacts};
use super::expectation::Need;
use super::family::Family;
use super::options::{self, OptionError, OptionErrors, Text};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::{any_of, got, quote};

pub(super) const FAMILY: Family = Family { name: "regex", about: "the answer matches a regular expression", build };

const NEED: Need = Need { grader: "regex", what: "a pattern", option: "pattern", example: "'^yes\\b'" };

/// The bytes a compiled pattern may take: matching takes time in proportion to it.
const SIZE_LIMIT: usize = 10 << 20;

/// The options of `regex`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags that a user sets one by one")]
struct Options {
    pattern: Option<Text>,
    ignore_case: bool,
    multi_line: bool,
    dot_all: bool,
    full: bool,
}

#[derive(Debug)]
struct RegexGrader {
    options: Options,
    /// The compiled `pattern`; without one, the case's `expect` is compiled when it is needed.
    own: Option<Regex>,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let own = match &options.pattern {
        None => None,
        Some(Text(pattern)) => Some(compile(pattern, &options).map_err(|Wrong { message, hint }| OptionError {
            path: "pattern".to_owned(),
            message,
            hint: hint.map(ToOwned::to_owned),
        })?),
    };
    Ok(Box::new(RegexGrader { options, own }))
}

impl Grader for RegexGrader {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.patterns(subject.expected) {
            Ok(patterns) => judge(&subject, &patterns),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.patterns(case.expected()).map(drop)
    }
}

impl RegexGrader {
    fn patterns<'a>(&'a self, expected: Option<&Value>) -> Result<Vec<Cow<'a, Regex>>, String> {
        if let Some(own) = &self.own {
            return Ok(vec![Cow::Borrowed(own)]);
        }
        let compile = |pattern: Cow<'_, str>| match compile(&pattern, &self.options) {
            Ok(regex) => Ok(Cow::Owned(regex)),
            Err(Wrong { message, hint }) => {
                let hint = hint.map(|hint| format!(": {hint}")).unwrap_or_default();
                Err(format!("`expect` is not a regular expression: {message}{hint}"))
            }
        };
        NEED.texts(None, expected)?.into_iter().map(compile).collect()
    }
}

fn judge(subject: &Subject<'_>, patterns: &[Cow<'_, Regex>]) -> Judgement {
    let text = subject.answer.text.as_str();
    let found = patterns.iter().find_map(|pattern| pattern.find(text).map(|found| (pattern, found)));
    let Some((pattern, found)) = found else {
        let patterns: Vec<Cow<'_, str>> = patterns.iter().map(|pattern| Cow::Borrowed(shown(pattern))).collect();
        return Judgement::fail(format!(
            "expected a match of {}, got {}",
            any_of(&patterns, "or"),
            got(subject.answer)
        ));
    };
    let judgement = Judgement::pass(format!("{} matches {}", quote(found.as_str()), quote(shown(pattern))));
    if found.len() == text.len() { judgement } else { judgement.with_extracted(found.as_str()) }
}

/// The pattern as it was written, without what `full` put around it.
fn shown(regex: &Regex) -> &str {
    let pattern = regex.as_str();
    pattern.strip_prefix(FULL.0).and_then(|pattern| pattern.strip_suffix(FULL.1)).unwrap_or(pattern)
}

/// Around a pattern that has to match the whole answer but for whitespace at its ends.
const FULL: (&str, &str) = (r"\A\s*(?:", r")\s*\z");

/// Why a pattern cannot be used.
struct Wrong {
    message: String,
    hint: Option<&'static str>,
}

fn compile(pattern: &str, options: &Options) -> Result<Regex, Wrong> {
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
    let around = if options.full { format!("{}{pattern}{}", FULL.0, FULL.1) } else { pattern.to_owned() };
    RegexBuilder::new(&around)
        .case_insensitive(options.ignore_case)
        .multi_line(options.multi_line)
        .dot_matches_new_line(options.dot_all)
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
