//! `extract` as it is written → the ways of extracting.
//!
//! A name (`last_number`), a map (`{ after: "Answer:" }`), or a list of such that is tried in order.

use regex::RegexBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use serde_json_path::JsonPath;

use crate::grade::choice::{LETTERS, letters};
use crate::grade::options::{self, Literal, OptionError, OptionErrors, Text, Texts, both, noun, read_beside};
use crate::grade::pattern::{Flags, check_option, compile};
use crate::grade::quantity::Mark;
use crate::text::{closest, excerpt, one_line};

use super::method::{Extract, Method, To, Which};
use super::pattern::Pattern;

/// Ways that need no word more.
const NAMES: [(&str, &str); 9] = [
    ("last_number", "The last number, as it is written"),
    ("first_number", "The first number, as it is written"),
    ("last_line", "The last line with something on it"),
    ("first_line", "The first line with something on it"),
    ("fenced", "What stands inside the last fenced block"),
    ("json", "The first JSON value"),
    ("letter", "The letter that the answer picks"),
    ("boxed", "What stands inside the last `\\boxed{…}`"),
    ("whole", "The whole answer: the way out at the end of a list"),
];

/// What a map is told by, and how it could look.
const KEYS: [(&str, &str); 8] = [
    ("after", "{ after: \"Answer:\" }"),
    ("regex", "{ regex: 'Total: (\\d+)' }"),
    ("tag", "{ tag: answer }"),
    ("number", "{ number: last, decimal: \",\" }"),
    ("line", "{ line: last }"),
    ("fenced", "{ fenced: first, language: python }"),
    ("json", "{ json: $.answer }"),
    ("letter", "{ letter: ABCD }"),
];

/// What it may be called by others, and what to write here.
const ELSEWHERE: [(&str, &str); 12] = [
    ("flexible_extract", "last_number"),
    ("last", "last_line"),
    ("first", "first_line"),
    ("code", "fenced"),
    ("code_block", "fenced"),
    ("markdown", "fenced"),
    ("choice", "letter"),
    ("latex", "boxed"),
    ("all", "whole"),
    ("marker", "{ after: \"Answer:\" }"),
    ("pattern", "{ regex: 'Total: (\\d+)' }"),
    ("xml", "{ tag: answer }"),
];

impl Extract {
    /// Reads the option.
    ///
    /// # Errors
    /// Every mistake, with its path inside the option.
    pub(in crate::grade) fn read(value: &Value) -> Result<Self, OptionErrors> {
        let Value::Array(items) = value else { return Ok(Self { methods: vec![method(value)?] }) };
        if items.is_empty() {
            return Err(OptionError::at(
                "",
                "the list is empty",
                Some("name what to extract, for example `last_line`"),
            )
            .into());
        }
        let (mut methods, mut errors) = (Vec::new(), Vec::new());
        for (index, item) in items.iter().enumerate() {
            let place = format!("[{index}]");
            if matches!(methods.last(), Some(Method::Whole)) {
                let message = "this is never tried: `whole` in front of it always finds something";
                errors.push(OptionError::at(&place, message, Some("put `whole` at the end")));
                break;
            }
            match method(item) {
                Ok(method) => methods.push(method),
                Err(found) => errors.extend(found.within(&place).0),
            }
        }
        if errors.is_empty() { Ok(Self { methods }) } else { Err(OptionErrors(errors)) }
    }
}

/// The schema of the option.
pub(crate) fn schema() -> Value {
    let maps = [
        options::schema::<After>(),
        options::schema::<Regex>(),
        options::schema::<Tag>(),
        options::schema::<Number>(),
        options::schema::<Line>(),
        options::schema::<Fenced>(),
        options::schema::<Json>(),
        options::schema::<Letter>(),
    ];
    let names =
        json!({"type": "string", "oneOf": NAMES.map(|(name, about)| json!({"const": name, "description": about}))});
    let one: Vec<Value> = std::iter::once(names).chain(maps).collect();
    json!({
        "description": "What of the answer the grader is shown; the whole of it if left out. A list is tried in order.",
        "anyOf": [
            {"$ref": "#/$defs/extraction"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/extraction"}},
        ],
        "$defs": {"extraction": {"anyOf": one}},
    })
}

fn method(value: &Value) -> Result<Method, OptionErrors> {
    match value {
        Value::String(name) => named(name).map_err(Into::into),
        Value::Object(map) => {
            let mut ways = KEYS.iter().filter(|(key, _)| map.contains_key(*key));
            match (ways.next(), ways.next()) {
                (Some((key, _)), None) => keyed(key, value),
                (Some(_), Some((other, _))) => Err(OptionError::at(
                    other,
                    "a map names one way of extracting",
                    Some("write a list of maps: they are tried in order"),
                )
                .into()),
                (None, _) => Err(unknown_map(map.keys().map(String::as_str)).into()),
            }
        }
        other => {
            let message = format!("expected a name, a map or a list of them, got {}", noun(other));
            Err(OptionError::at("", message, Some("write for example `last_line` or `{ after: \"Answer:\" }`")).into())
        }
    }
}

fn named(name: &str) -> Result<Method, OptionError> {
    let letters = || LETTERS.chars().collect();
    Ok(match name {
        "last_number" => Method::Number { which: Which::Last, mark: Mark::default() },
        "first_number" => Method::Number { which: Which::First, mark: Mark::default() },
        "last_line" => Method::Line { which: Which::Last },
        "first_line" => Method::Line { which: Which::First },
        "fenced" => Method::Fenced { which: Which::Last, languages: Vec::new() },
        "json" => Method::Json { path: None },
        "letter" => Method::Letter { letters: letters() },
        "boxed" => Method::Boxed,
        "whole" => Method::Whole,
        other => {
            let hint = match KEYS.iter().find(|(key, _)| *key == other) {
                Some((_, example)) => format!("write for example `{example}`"),
                None => meant(other),
            };
            let message = format!("there is no way of extracting called `{}`", one_line(&excerpt(other, 60)));
            return Err(OptionError::at("", message, Some(&hint)));
        }
    })
}

fn is_name(word: &str) -> bool {
    NAMES.iter().any(|(name, _)| *name == word)
}

fn meant(word: &str) -> String {
    let plain = word.to_lowercase().replace(['-', ' '], "_");
    let near = || closest(word, NAMES.map(|(name, _)| name).into_iter().chain(KEYS.map(|(key, _)| key)));
    let example =
        |word| KEYS.iter().find(|(key, _)| *key == word && !is_name(key)).map_or(word, |(_, example)| *example);
    let theirs = ELSEWHERE.iter().find(|(theirs, _)| *theirs == plain).map(|(_, ours)| *ours);
    if let Some(meant) = theirs.or_else(near) {
        return format!("did you mean `{}`?", example(meant));
    }
    let quoted = |words: &[&str]| words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    format!(
        "the ways are {}, and maps with {}",
        quoted(&NAMES.map(|(name, _)| name)),
        quoted(&KEYS.map(|(key, _)| key))
    )
}

fn unknown_map<'a>(mut keys: impl Iterator<Item = &'a str>) -> OptionError {
    let Some(key) = keys.next() else {
        return OptionError::at("", "the map is empty", Some("write for example `{ after: \"Answer:\" }`"));
    };
    let hint = if is_name(key) { format!("write the name alone: `{key}`") } else { meant(key) };
    let message = format!("there is no way of extracting called `{}`", one_line(&excerpt(key, 60)));
    OptionError::at(key, message, Some(&hint))
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Number {
    /// Which number is taken, as it is written.
    number: Which,
    /// What stands between whole and fraction.
    #[serde(default)]
    decimal: Mark,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Line {
    /// Which line with something on it is taken.
    line: Which,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct After {
    /// What stands behind the last such marker that has something behind it.
    #[schemars(with = "options::checked::Filled")]
    after: Text,
    /// How far it goes.
    #[serde(default)]
    to: To,
    /// Case does not count in the marker.
    #[serde(default = "yes")]
    ignore_case: bool,
}

const fn yes() -> bool {
    true
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Regex {
    /// A match of this pattern.
    regex: Text,
    /// The group, by number or name, that is taken; else the first that took part, else the whole match.
    #[serde(default)]
    #[schemars(extend("type" = ["integer", "string"], "minimum" = 0))]
    group: Literal,
    /// Which match is taken.
    #[serde(default = "last", rename = "match")]
    which: Which,
    /// The flag `i`: case does not count.
    #[serde(default)]
    ignore_case: bool,
    /// The flag `m`: `^` and `$` also match at the ends of lines.
    #[serde(default)]
    multi_line: bool,
    /// The flag `s`: `.` also matches line breaks.
    #[serde(default)]
    dot_all: bool,
}

const fn last() -> Which {
    Which::Last
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fenced {
    /// Which fenced block is taken.
    fenced: Which,
    /// Only blocks that say so.
    language: Option<Texts>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Json {
    /// A JSONPath into the first JSON value of the answer.
    #[schemars(extend("type" = "string", "pattern" = r"^\$", "examples" = ["$.answer"]))]
    json: Text,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Letter {
    /// The letters of the options, where they are not A to J.
    #[schemars(extend("type" = ["string", "integer", "boolean"], "minimum" = 10, "pattern" = r"^[\s,]*[^\s,][\s,]*[^\s,]", "examples" = ["ABCD"]))]
    letter: Text,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Tag {
    /// What stands inside the last pair of these tags.
    #[schemars(extend("type" = ["string", "boolean"], "pattern" = r"^\s*<*[^\s\d<>!-/:-@\[-^`{-~][^<>\s]{0,99}>*\s*$", "examples" = ["answer"]))]
    tag: Text,
}

fn keyed(key: &str, value: &Value) -> Result<Method, OptionErrors> {
    Ok(match key {
        "number" => {
            let Number { number, decimal } = read_beside(value, &[])?;
            Method::Number { which: number, mark: decimal }
        }
        "line" => {
            let Line { line } = read_beside(value, &[])?;
            Method::Line { which: line }
        }
        "after" => after(read_beside(value, &[])?)?,
        "regex" => Method::Regex(regex(both(read_beside(value, &[]), check_option(value, "regex"))?.0)?),
        "fenced" => {
            let Fenced { fenced, language } = read_beside(value, &[])?;
            let languages = language.map(|texts| texts.0).unwrap_or_default();
            Method::Fenced { which: fenced, languages: languages.into_iter().map(|text| text.0).collect() }
        }
        "json" => {
            let Json { json: Text(path) } = read_beside(value, &[])?;
            let path = JsonPath::parse(&path).map_err(|error| {
                let message = format!("`{}` is not a JSONPath: {error}", one_line(&excerpt(&path, 60)));
                OptionError::at("json", message, Some("write for example `$.answer`"))
            })?;
            Method::Json { path: Some(path) }
        }
        "letter" => {
            let Letter { letter: Text(text) } = read_beside(value, &[])?;
            let letters = letters(&text).map_err(|(message, hint)| OptionError::at("letter", message, Some(hint)))?;
            Method::Letter { letters }
        }
        _ => tag(read_beside(value, &[])?)?,
    })
}

fn after(After { after: Text(marker), to, ignore_case }: After) -> Result<Method, OptionError> {
    let marker = marker.trim().to_owned();
    if marker.is_empty() {
        return Err(OptionError::at("after", "an empty text marks nothing", Some("write for example `Answer:`")));
    }
    let pattern = RegexBuilder::new(&regex::escape(&marker)).case_insensitive(ignore_case).build();
    let pattern = pattern.map_err(|_| OptionError::at("after", "the text is too long to look for", None))?;
    Ok(Method::After { marker, pattern, to })
}

fn regex(options: Regex) -> Result<Pattern, OptionError> {
    let Regex { regex: Text(pattern), group, which, ignore_case, multi_line, dot_all } = options;
    let flags = Flags { ignore_case, multi_line, dot_all, full: false };
    let regex = compile(&pattern, flags).map_err(|wrong| wrong.at("regex"))?;
    let group = match group.0 {
        None => None,
        Some(Value::Number(number)) => {
            let within = number.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n < regex.captures_len());
            Some(within.ok_or_else(|| {
                let groups = match regex.captures_len() - 1 {
                    0 => "has no groups".to_owned(),
                    1 => "has one group".to_owned(),
                    n => format!("has {n} groups"),
                };
                let message = format!("the pattern {groups}, so there is no group {number}");
                OptionError::at("group", message, Some("0 is the whole match"))
            })?)
        }
        Some(Value::String(name)) => {
            let index = regex.capture_names().position(|known| known == Some(name.as_str()));
            Some(index.ok_or_else(|| {
                let message = format!("the pattern has no group called `{}`", one_line(&excerpt(&name, 60)));
                OptionError::at("group", message, Some("name it in the pattern: `(?<name>…)`"))
            })?)
        }
        Some(other) => {
            let message = format!("expected a group's number or name, got {}", noun(&other));
            return Err(OptionError::at("group", message, None));
        }
    };
    Ok(Pattern { regex, group, which })
}

fn tag(Tag { tag: Text(name) }: Tag) -> Result<Method, OptionError> {
    let name = name.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
    let is_name = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.len() <= 100
        && name.chars().all(|c| c.is_alphanumeric() || "_-.:".contains(c));
    let wrong = || OptionError::at("tag", "a tag's name is letters and digits", Some("write for example `answer`"));
    if !is_name {
        return Err(wrong());
    }
    // Attributes may follow, but not without end.
    let pattern = format!(r"<\s{{0,5}}(/)?\s{{0,5}}{}(?:\s[^<>]{{0,200}})?>", regex::escape(&name));
    let pattern = RegexBuilder::new(&pattern).case_insensitive(true).build().map_err(|_| wrong())?;
    Ok(Method::Tag { name, pattern })
}
