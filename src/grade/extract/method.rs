//! The ways of extracting, and how they are tried.

use std::borrow::Cow;

use regex::Regex;
use serde_json::Value;
use serde_json_path::JsonPath;

use crate::grade::choice::letter;
use crate::grade::example::Frame;
use crate::grade::fence::{Block, blocks};
use crate::grade::json;
use crate::grade::latex::last_boxed;
use crate::grade::quantity::{Mark, Style, numbers};
use crate::grade::words::{join, quote};

use super::pattern::Pattern;
use super::text::{bare, behind, between_tags};

/// Which of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Which {
    /// The first.
    First,
    /// The last.
    Last,
}

impl Which {
    fn of<T>(self, mut items: impl Iterator<Item = T>) -> Option<T> {
        match self {
            Self::First => items.next(),
            Self::Last => items.last(),
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

/// How far a text behind a marker goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum To {
    /// The end of the first line with something on it.
    #[default]
    Line,
    /// The end of the answer.
    End,
}

/// One way of extracting.
#[derive(Debug)]
pub(super) enum Method {
    /// A number, as it is written.
    Number { which: Which, mark: Mark },
    /// A line with something on it.
    Line { which: Which },
    /// What stands behind the last marker.
    After { marker: String, pattern: Regex, to: To },
    /// A match of a pattern, or a group of it.
    Regex(Pattern),
    /// What stands inside a fenced block.
    Fenced { which: Which, languages: Vec<String> },
    /// The first JSON value, or what a path selects in it.
    Json { path: Option<JsonPath> },
    /// The letter that is picked.
    Letter { letters: Vec<char> },
    /// What stands inside the last `\boxed{…}`.
    Boxed,
    /// What stands inside the last pair of tags.
    Tag { name: String, pattern: Regex },
    /// The whole answer: never finds nothing.
    Whole,
}

impl Method {
    /// What it finds; a text of blanks is nothing.
    pub(super) fn find<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        let borrowed = |found: Option<&'t str>| found.map(Cow::Borrowed);
        let found = match self {
            Self::Whole => return Some(Cow::Borrowed(text)),
            Self::Number { which, mark } => {
                let style = Style { mark: *mark, ..Style::default() };
                borrowed(which.of(numbers(text, style)).map(|number| &text[number.span]))
            }
            Self::Line { which } => borrowed(which.of(text.lines().filter(|line| !line.trim().is_empty())).map(bare)),
            Self::After { pattern, to, .. } => borrowed(behind(text, pattern, *to)),
            Self::Regex(pattern) => borrowed(pattern.find(text)),
            Self::Fenced { which, languages } => {
                let fits =
                    |block: &Block<'_>| languages.is_empty() || block.is_in(languages.iter().map(String::as_str));
                borrowed(which.of(blocks(text).filter(fits).map(|block| block.text())))
            }
            Self::Json { path } => json_in(text, path.as_ref()),
            Self::Letter { letters } => letter(text, letters).map(|letter| Cow::Owned(letter.to_string())),
            Self::Boxed => borrowed(last_boxed(text).map(|place| text[place].trim())),
            Self::Tag { pattern, .. } => borrowed(between_tags(text, pattern).map(str::trim)),
        };
        found.filter(|found| !found.trim().is_empty())
    }

    /// What has to stand around a text for it to be found; `None` where nothing has to.
    pub(super) fn frame(&self) -> Option<Frame> {
        let frame = |before: String, after: &str| Some(Frame { before, after: after.to_owned() });
        match self {
            Self::After { marker, .. } => frame(format!("{marker} "), ""),
            Self::Fenced { languages, .. } => {
                frame(format!("```{}\n", languages.first().map_or("", String::as_str)), "\n```")
            }
            Self::Boxed => frame(r"\boxed{".to_owned(), "}"),
            Self::Tag { name, .. } => frame(format!("<{name}>"), &format!("</{name}>")),
            _ => None,
        }
    }

    /// What it looks for, in words.
    fn describe(&self) -> String {
        match self {
            Self::Number { .. } => "a number".to_owned(),
            Self::Line { which } => format!("a {} line", which.word()),
            Self::After { marker, .. } => format!("a text after {}", quote(marker)),
            Self::Regex(pattern) => pattern.describe(),
            Self::Fenced { languages, .. } if languages.is_empty() => "a fenced block".to_owned(),
            Self::Fenced { languages, .. } => format!("a fenced block of {}", join(languages, "or")),
            Self::Json { path: None } => "JSON".to_owned(),
            Self::Json { path: Some(path) } => format!("JSON with {}", quote(&path.to_string())),
            Self::Letter { letters } => {
                let letters: Vec<String> = letters.iter().map(char::to_string).collect();
                format!("a pick of {}", join(&letters, "or"))
            }
            Self::Boxed => r"a \boxed{…}".to_owned(),
            Self::Tag { name, .. } => format!("<{name}>…</{name}>"),
            Self::Whole => "an answer".to_owned(),
        }
    }
}

/// The first JSON value, or the first that a path selects in it: a text as it is, anything else as JSON.
fn json_in<'t>(text: &'t str, path: Option<&JsonPath>) -> Option<Cow<'t, str>> {
    let (value, source) = json::first(text)?;
    let Some(path) = path else { return Some(Cow::Borrowed(source)) };
    Some(Cow::Owned(match path.query(&value).first()? {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }))
}

/// What a grader is shown of an answer.
#[derive(Debug)]
pub(in crate::grade) struct Extract {
    pub(super) methods: Vec<Method>,
}

impl Extract {
    /// What the first way that finds something finds.
    pub(in crate::grade) fn find<'t>(&self, text: &'t str) -> Option<Cow<'t, str>> {
        self.methods.iter().find_map(|method| method.find(text))
    }

    /// What has to stand around a text for the first way to find it; `None` where nothing has to.
    pub(in crate::grade) fn frame(&self) -> Option<Frame> {
        self.methods.first().and_then(Method::frame)
    }

    /// What was looked for, in words.
    pub(in crate::grade) fn describe(&self) -> String {
        const MOST: usize = 6;
        let mut wanted: Vec<String> = self.methods.iter().take(MOST).map(Method::describe).collect();
        if self.methods.len() > MOST {
            wanted.push("more".to_owned());
        }
        join(&wanted, "or")
    }
}
