//! `regex`: the answer matches a pattern. The engine takes linear time, so it has no backreferences and no lookaround.

use std::borrow::Cow;

use regex::Regex;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::case::{BuildContext, CaseFacts};
use super::expectation::Need;
use super::family::Family;
use super::options::{self, OptionErrors, Text};
use super::pattern::{Flags, Wrong, check_option, compile, shown};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::{any_of, got, quote};

pub(super) const FAMILY: Family = Family {
    name: "regex",
    about: "the answer matches a regular expression",
    build,
    schema: options::schema::<Options>,
};

const NEED: Need = Need { grader: "regex", what: "a pattern", option: "pattern", example: "'^yes\\b'" };

/// The options of `regex`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags that a user sets one by one")]
struct Options {
    /// A regular expression without lookaround and backreferences; without it the case's `expect`.
    #[schemars(extend("examples" = [r"\b(yes|no)\b"]))]
    pattern: Option<Text>,
    /// The flag `i`: case does not count.
    ignore_case: bool,
    /// The flag `m`: `^` and `$` also match at the ends of lines.
    multi_line: bool,
    /// The flag `s`: `.` also matches line breaks.
    dot_all: bool,
    /// It has to match the whole answer, whitespace at its ends apart.
    full: bool,
}

#[derive(Debug)]
struct RegexGrader {
    flags: Flags,
    /// The compiled `pattern`; without one, the case's `expect` is compiled when it is needed.
    own: Option<Regex>,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let (own, ()) = options::both(options::read::<Options>(options), check_option(options, "pattern"))?;
    let Options { pattern, ignore_case, multi_line, dot_all, full } = own;
    let flags = Flags { ignore_case, multi_line, dot_all, full };
    let own = pattern.map(|Text(pattern)| compile(&pattern, flags).map_err(|wrong| wrong.at("pattern"))).transpose()?;
    Ok(Box::new(RegexGrader { flags, own }))
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
        let compile = |pattern: Cow<'_, str>| match compile(&pattern, self.flags) {
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
