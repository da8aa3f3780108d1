//! `contains`: the answer holds a text, any of a list, or all of a list.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::case::{BuildContext, CaseFacts};
use super::example::Example;
use super::expectation::Need;
use super::family::Family;
use super::normal::{Normal, read_with_normal, schema_with_normal};
use super::options::{Match, OptionError, OptionErrors, Text, Texts};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::{any_of, got, quote};

pub(super) const FAMILY: Family = Family {
    name: "contains",
    about: "the answer holds a text, any of a list, or all of a list",
    build,
    schema: schema_with_normal::<Options>,
};

const NEED: Need = Need { grader: "contains", what: "a text", option: "value", example: "refund" };

/// The options of `contains`, those of [`Normal`] apart.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A text or a list; without it the case's `expect`.
    value: Option<Texts>,
    /// A list of the grader's own, of which one has to be there.
    any: Option<Texts>,
    /// A list of the grader's own, of which all have to be there.
    all: Option<Texts>,
    /// Whether `any` or `all` texts of a list in `value` or `expect` have to be there.
    #[serde(rename = "match")]
    list: Match,
    /// A text inside a longer word does not count: no `paris` in `comparison`.
    words: bool,
}

#[derive(Debug)]
struct Contains {
    options: Options,
    normal: Normal,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let (options, normal): (Options, _) = read_with_normal(options)?;
    // A text may be looked for with its blanks; only a run of blanks that was collapsed has no meaning at an end.
    let normal = Normal { trim: normal.whitespace, ..normal };
    let grader = Contains { options, normal };
    let lists = [("value", &grader.options.value), ("any", &grader.options.any), ("all", &grader.options.all)];
    let errors: Vec<OptionError> =
        lists.into_iter().flat_map(|(key, texts)| empty_texts(key, texts.as_ref(), normal)).collect();
    if errors.is_empty() { Ok(Box::new(grader)) } else { Err(OptionErrors(errors)) }
}

/// The texts of an option that are empty without what does not count: every answer would hold them.
pub(super) fn empty_texts(key: &str, texts: Option<&Texts>, normal: Normal) -> Vec<OptionError> {
    let texts = texts.map_or(&[][..], |texts| &texts.0);
    let at = |index| if texts.len() == 1 { key.to_owned() } else { format!("{key}[{index}]") };
    let empty = |(index, Text(text)): (usize, &Text)| {
        let hint = Some("leave it out, or use `exact` with an empty text");
        normal.apply(text).is_empty().then(|| OptionError::at(&at(index), EMPTY, hint))
    };
    texts.iter().enumerate().filter_map(empty).collect()
}

const EMPTY: &str = "every answer contains an empty text";

/// Texts of which any, or all, have to be there.
struct Demand<'a> {
    texts: Vec<Cow<'a, str>>,
    list: Match,
}

impl Grader for Contains {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.demands(subject.expected) {
            Ok(demands) => self.judge(&subject, &demands),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        let Options { any, all, value, .. } = &self.options;
        if any.is_none() && all.is_none() && value.is_none() {
            return None;
        }
        let demands = self.demands(case.expected()).ok()?;
        let texts = demands.iter().flat_map(|demand| match demand.list {
            Match::Any => &demand.texts[..demand.texts.len().min(1)],
            Match::All => &demand.texts[..],
        });
        Some(Example::Text(texts.map(AsRef::as_ref).collect::<Vec<_>>().join(", ")))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        let demands = self.demands(case.expected())?;
        let empty = demands.iter().flat_map(|demand| &demand.texts).any(|text| self.normal.apply(text).is_empty());
        if empty { Err(format!("`contains` cannot fail: {EMPTY}")) } else { Ok(()) }
    }
}

impl Contains {
    /// `value` (else, with neither `any` nor `all`, the case's `expect`), `any` and `all`: each has to be met.
    fn demands<'a>(&'a self, expected: Option<&'a Value>) -> Result<Vec<Demand<'a>>, String> {
        let Options { value, any, all, list, .. } = &self.options;
        let mut demands = Vec::new();
        if value.is_some() || (any.is_none() && all.is_none()) {
            demands.push(Demand { texts: NEED.texts(value.as_ref(), expected)?, list: *list });
        }
        for (texts, list) in [(any, Match::Any), (all, Match::All)] {
            if texts.is_some() {
                demands.push(Demand { texts: NEED.texts(texts.as_ref(), None)?, list });
            }
        }
        Ok(demands)
    }

    fn judge(&self, subject: &Subject<'_>, demands: &[Demand<'_>]) -> Judgement {
        let answer = self.normal.apply(&subject.answer.text);
        let mut found: Vec<Cow<'_, str>> = Vec::new();
        for Demand { texts, list } in demands {
            let holds = |text: &&Cow<'_, str>| self.holds(&answer, &self.normal.apply(text));
            match list {
                Match::Any => {
                    let Some(text) = texts.iter().find(holds) else {
                        let wanted = any_of(texts, "or");
                        return Judgement::fail(format!(
                            "expected {wanted} in the answer, got {}",
                            got(subject.answer)
                        ));
                    };
                    found.push(text.clone());
                }
                Match::All => {
                    let missing: Vec<_> = texts.iter().filter(|text| !holds(text)).cloned().collect();
                    if !missing.is_empty() {
                        let wanted = any_of(&missing, "and");
                        return Judgement::fail(format!(
                            "expected {wanted} in the answer, got {}",
                            got(subject.answer)
                        ));
                    }
                    found.extend(texts.iter().cloned());
                }
            }
        }
        Judgement::pass(format!("the answer {} contains {}", quote(&subject.answer.text), any_of(&found, "and")))
    }

    /// Whether a text stands in the answer; with `words`, not inside a longer word.
    fn holds(&self, answer: &str, text: &str) -> bool {
        if !self.options.words {
            return answer.contains(text);
        }
        let glued = |outside: Option<char>, inside: Option<char>| {
            outside.is_some_and(char::is_alphanumeric) && inside.is_some_and(char::is_alphanumeric)
        };
        answer.match_indices(text).any(|(start, text)| {
            let (before, after) = (&answer[..start], &answer[start + text.len()..]);
            !glued(before.chars().next_back(), text.chars().next())
                && !glued(after.chars().next(), text.chars().next_back())
        })
    }
}
