//! The options: as the grader lists them, or as a case's variable holds them, perhaps in another order than written.

use schemars::json_schema;
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::grade::options::{OptionError, Text, noun, schema_of};
use crate::grade::shuffle::order_variable;
use crate::grade::words::quote;

use super::read::normal;

/// The letters that are known where no options are given: enough for the ten of MMLU-Pro.
pub(in crate::grade) const LETTERS: &str = "ABCDEFGHIJ";

/// `options` as it was written.
#[derive(Debug)]
pub(super) enum Listed {
    /// A list of texts: A, B, C …
    List(Vec<Text>),
    /// A map from letter to text.
    Map(Vec<(String, Text)>),
}

impl<'de> Deserialize<'de> for Listed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListedVisitor;

        impl<'de> Visitor<'de> for ListedVisitor {
            type Value = Listed;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a list of texts or a map from letter to text")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Listed, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = items.next_element()? {
                    texts.push(text);
                }
                Ok(Listed::List(texts))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Listed, A::Error> {
                let mut options = Vec::new();
                while let Some(letter) = entries.next_key::<String>()? {
                    if letter.chars().count() != 1 || !letter.chars().all(char::is_alphanumeric) {
                        return Err(de::Error::custom(format!("`{letter}` is not one letter or digit")));
                    }
                    options.push((letter, entries.next_value()?));
                }
                Ok(Listed::Map(options))
            }
        }

        deserializer.deserialize_any(ListedVisitor)
    }
}

schema_of!(Listed, || json_schema!({
    "type": ["array", "object"],
    "minItems": 2,
    "maxItems": 36,
    "minProperties": 2,
    "items": {"type": ["string", "number", "boolean"]},
    "propertyNames": {"pattern": r"^[^\s!-/:-@\[-`{-~]$"},
    "additionalProperties": {"type": ["string", "number", "boolean"]},
}));

/// One option.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    /// Upper case.
    pub(super) letter: char,
    /// As it was written; `None` where only letters are known.
    pub(super) text: Option<String>,
    /// The text as answers are compared with it.
    pub(super) normal: String,
}

/// The options of a case, in the order in which they were shown.
#[derive(Debug, Clone)]
pub(super) struct Choices {
    pub(super) list: Vec<Choice>,
    /// For each shown position the one it was written at; `None` where nothing was moved.
    pub(super) order: Option<Vec<usize>>,
}

impl Choices {
    /// Where the option is shown that was written at a position.
    pub(super) fn shown(&self, written: usize) -> Option<usize> {
        match &self.order {
            Some(order) => order.iter().position(|at| *at == written),
            None => (written < self.list.len()).then_some(written),
        }
    }

    /// The letter that an option had as it was written.
    pub(super) fn written_letter(&self, shown: usize) -> Option<char> {
        let written = *self.order.as_ref()?.get(shown)?;
        self.list.get(written).map(|choice| choice.letter)
    }
}

/// The letters of a text such as `ABCD` or `A, B, C`, in upper case.
///
/// # Errors
/// What is wrong, and what to do.
pub(in crate::grade) fn letters(text: &str) -> Result<Vec<char>, (&'static str, &'static str)> {
    let letters: Vec<char> = text.chars().filter(|c| !c.is_whitespace() && *c != ',').map(upper).collect();
    if letters.len() < 2 || !letters.iter().all(|c| c.is_alphanumeric()) {
        return Err(("at least two letters or digits are needed", "write for example `ABCD`"));
    }
    Ok(letters)
}

/// The letters of an option `letters`; without it those that are usual, all of them where there are `many` options.
fn letters_of(option: Option<&Text>, many: bool) -> Result<Vec<char>, OptionError> {
    match option {
        Some(Text(text)) => letters(text).map_err(|(message, hint)| OptionError::at("letters", message, Some(hint))),
        None if many => Ok(('A'..='Z').collect()),
        None => Ok(LETTERS.chars().collect()),
    }
}

fn with_text(letter: char, text: &str) -> Choice {
    Choice { letter, text: Some(text.to_owned()), normal: normal(text) }
}

/// The options that a grader lists, else letters without texts.
pub(super) fn listed(listed: Option<&Listed>, option: Option<&Text>) -> Result<Vec<Choice>, OptionError> {
    let letters = letters_of(option, listed.is_some())?;
    let chosen: Vec<Choice> = match listed {
        None => letters.into_iter().map(|letter| Choice { letter, text: None, normal: String::new() }).collect(),
        Some(Listed::List(texts)) if texts.len() > letters.len() => {
            let message = format!("{} options are more than the {} letters", texts.len(), letters.len());
            return Err(OptionError::at("options", message, None));
        }
        Some(Listed::List(texts)) => {
            texts.iter().zip(letters).map(|(text, letter)| with_text(letter, &text.0)).collect()
        }
        Some(Listed::Map(_)) if option.is_some() => {
            return Err(OptionError::at("letters", "`options` already names the letters", Some("leave `letters` out")));
        }
        Some(Listed::Map(map)) => {
            let letter = |key: &str| key.chars().next().map_or(' ', upper);
            map.iter().map(|(key, text)| with_text(letter(key), &text.0)).collect()
        }
    };
    match problem(&chosen) {
        Some((by_letter, message)) => {
            let path = if by_letter && listed.is_none() { "letters" } else { "options" };
            Err(OptionError::at(path, message, None))
        }
        None => Ok(chosen),
    }
}

/// What is wrong with options, and whether it is a letter.
fn problem(choices: &[Choice]) -> Option<(bool, String)> {
    if choices.len() < 2 {
        return Some((false, "at least two options are needed".to_owned()));
    }
    choices.iter().enumerate().find_map(|(index, choice)| {
        let before = &choices[..index];
        if before.iter().any(|other| other.letter == choice.letter) {
            return Some((true, format!("the letter `{}` stands for two options", choice.letter)));
        }
        let text = choice.text.as_deref()?;
        before
            .iter()
            .any(|other| other.text.is_some() && other.normal == choice.normal)
            .then(|| (false, format!("two options have the same text {}", quote(text))))
    })
}

/// The options in a case's variable: a list of texts, a map from letter to text, or `{ text: […], label: […] }`.
///
/// # Errors
/// What is missing or wrong, as a fragment.
pub(super) fn of_case(
    vars: &Map<String, Value>,
    name: &str,
    option: Option<&Text>,
    moved: bool,
) -> Result<Choices, String> {
    let wrong = |what: &str| Err(format!("`choice` finds {what} in the case's variable `{name}`"));
    let Some(value) = vars.get(name) else {
        let known: Vec<String> = vars.keys().take(8).map(|key| format!("`{key}`")).collect();
        return Err(format!(
            "`choice` takes its options from `{name}`, but the case's variables are {}",
            known.join(", ")
        ));
    };
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    };
    let single = |key: &str| {
        let mut chars = key.trim().trim_matches(['(', ')', '.']).chars();
        chars.next().filter(|c| chars.as_str().is_empty() && c.is_alphanumeric()).map(upper)
    };
    let texts = |items: &[Value]| items.iter().map(text).collect::<Option<Vec<String>>>();
    let pairs: Vec<(char, String)> = match value {
        Value::Array(items) => {
            let letters = letters_of(option, true).map_err(|error| error.message)?;
            if items.len() > letters.len() {
                return wrong(&format!("{} options, more than the {} letters,", items.len(), letters.len()));
            }
            let Some(texts) = texts(items) else { return wrong("an option that is no text") };
            letters.into_iter().zip(texts).collect()
        }
        Value::Object(map) => {
            let both = map.get("text").and_then(Value::as_array).zip(map.get("label").and_then(Value::as_array));
            let (labels, values): (Vec<Option<char>>, Option<Vec<String>>) = match both {
                Some((values, labels)) if values.len() != labels.len() => {
                    return wrong(&format!("{} texts but {} labels", values.len(), labels.len()));
                }
                Some((values, labels)) => {
                    (labels.iter().map(|label| text(label).and_then(|label| single(&label))).collect(), texts(values))
                }
                None => (map.keys().map(|key| single(key)).collect(), map.values().map(text).collect()),
            };
            let Some(labels) = labels.into_iter().collect::<Option<Vec<char>>>() else {
                return wrong("a key that is not one letter or digit");
            };
            let Some(values) = values else { return wrong("an option that is no text") };
            labels.into_iter().zip(values).collect()
        }
        other => return wrong(&format!("{} instead of a list or a map", noun(other))),
    };
    let list: Vec<Choice> = pairs.into_iter().map(|(letter, text)| with_text(letter, &text)).collect();
    if let Some((_, message)) = problem(&list) {
        return wrong(&format!("a mistake ({message})"));
    }
    let order = match (moved, vars.get(&order_variable(name))) {
        (false, _) => None,
        (true, Some(order)) => {
            let order: Option<Vec<usize>> = serde_json::from_value(order.clone()).ok();
            let whole =
                order.filter(|order| order.len() == list.len() && (0..list.len()).all(|at| order.contains(&at)));
            match whole {
                Some(order) => Some(order),
                None => {
                    return Err(format!("`choice` cannot read the order of the options in `{}`", order_variable(name)));
                }
            }
        }
        (true, None) => {
            return Err(format!("`choice` does not find the order of the options in `{}`", order_variable(name)));
        }
    };
    Ok(Choices { list, order })
}

/// The upper case of a letter that has one of a single character.
pub(super) fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}
