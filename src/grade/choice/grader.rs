//! The grader: options, expectation, verdict.

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionError, OptionErrors, Text, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, join, quote};

use super::read::{self, Picked, normal};

pub(in crate::grade) const FAMILY: Family =
    Family { name: "choice", about: "the answer picks the right option, by its letter or its text", build };

const NEED: Need = Need { grader: "choice", what: "an option", option: "value", example: "C" };

/// The letters that are known where no options are given: enough for the ten of MMLU-Pro.
pub(in crate::grade) const LETTERS: &str = "ABCDEFGHIJ";

/// The options of `choice`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Options {
    value: Option<Texts>,
    #[serde(rename = "options")]
    listed: Option<Listed>,
    letters: Option<Text>,
}

/// `options` as it was written.
#[derive(Debug)]
enum Listed {
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

#[derive(Debug)]
struct ChoiceGrader {
    value: Option<Texts>,
    choices: Vec<Choice>,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let choices = choices(&options)?;
    for (index, choice) in choices.iter().enumerate() {
        let before = &choices[..index];
        if before.iter().any(|other| other.letter == choice.letter) {
            let path = if options.listed.is_some() { "options" } else { "letters" };
            return Err(
                OptionError::at(path, format!("the letter `{}` stands for two options", choice.letter), None).into()
            );
        }
        if choice.text.is_some() && before.iter().any(|other| other.text.is_some() && other.normal == choice.normal) {
            let message =
                format!("two options have the same text {}", quote(choice.text.as_deref().unwrap_or_default()));
            return Err(OptionError::at("options", message, None).into());
        }
    }
    let grader = ChoiceGrader { value: options.value, choices };
    if grader.value.is_some() {
        grader.right(None).map_err(|message| OptionError::at("value", message, None))?;
    }
    Ok(Box::new(grader))
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

fn choices(options: &Options) -> Result<Vec<Choice>, OptionError> {
    let letters: Vec<char> = match &options.letters {
        Some(Text(text)) => letters(text).map_err(|(message, hint)| OptionError::at("letters", message, Some(hint)))?,
        None if options.listed.is_some() => ('A'..='Z').collect(),
        None => LETTERS.chars().collect(),
    };
    let with_text = |letter: char, text: &str| Choice { letter, text: Some(text.to_owned()), normal: normal(text) };
    let chosen: Vec<Choice> = match &options.listed {
        None => {
            return Ok(letters
                .into_iter()
                .map(|letter| Choice { letter, text: None, normal: String::new() })
                .collect());
        }
        Some(Listed::List(texts)) if texts.len() > letters.len() => {
            let message = format!("{} options are more than the {} letters", texts.len(), letters.len());
            return Err(OptionError::at("options", message, None));
        }
        Some(Listed::List(texts)) => {
            texts.iter().zip(letters).map(|(text, letter)| with_text(letter, &text.0)).collect()
        }
        Some(Listed::Map(_)) if options.letters.is_some() => {
            return Err(OptionError::at("letters", "`options` already names the letters", Some("leave `letters` out")));
        }
        Some(Listed::Map(map)) => {
            let letter = |key: &str| key.chars().next().map_or(' ', upper);
            map.iter().map(|(key, text)| with_text(letter(key), &text.0)).collect()
        }
    };
    if chosen.len() < 2 {
        return Err(OptionError::at("options", "at least two options are needed", None));
    }
    Ok(chosen)
}

/// The upper case of a letter that has one of a single character.
pub(super) fn upper(c: char) -> char {
    let mut upper = c.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

impl Grader for ChoiceGrader {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.right(subject.expected) {
            Ok(right) => self.judge(&subject, &right),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.right(case.expected()).map(drop)
    }
}

impl ChoiceGrader {
    /// The indices of the right options; each is named by its text or its letter.
    fn right(&self, expected: Option<&Value>) -> Result<Vec<usize>, String> {
        let texts = NEED.texts(self.value.as_ref(), expected)?;
        let index = |text: &str| {
            let (bare, wanted) = (text.trim(), normal(text));
            let by_letter = || {
                let mut letters = bare.trim_matches(['(', ')', '.']).chars();
                let letter = letters.next().filter(|_| letters.as_str().is_empty())?;
                self.choices.iter().position(|choice| choice.letter == upper(letter))
            };
            let by_text = || self.choices.iter().position(|choice| choice.text.is_some() && choice.normal == wanted);
            // A digit that is both a text and a letter means the text: `options: [1, 2, 3]`.
            let found =
                if self.choices.iter().any(|choice| choice.text.as_deref() == Some(bare)) { by_text() } else { None };
            found
                .or_else(by_letter)
                .or_else(by_text)
                .ok_or_else(|| format!("`choice` has no option {}: expected one of {}", quote(bare), self.list()))
        };
        texts.iter().map(|text| index(text)).collect()
    }

    /// The options for people.
    fn list(&self) -> String {
        let named: Vec<String> = self.choices.iter().map(name).collect();
        join(&named, "or")
    }

    fn judge(&self, subject: &Subject<'_>, right: &[usize]) -> Judgement {
        let names = |indices: &[usize], word| {
            let names: Vec<String> = indices.iter().map(|&index| name(&self.choices[index])).collect();
            join(&names, word)
        };
        let expected = names(right, "or");
        let letter = |index: usize| self.choices[index].letter.to_string();
        match read::pick(&subject.answer.text, &self.choices) {
            Picked::One(index) if right.contains(&index) => {
                Judgement::pass(format!("the answer picks {}", name(&self.choices[index])))
                    .with_extracted(&letter(index))
            }
            Picked::One(index) => {
                let picked = name(&self.choices[index]);
                let reason = format!("expected {expected}, got {picked} from {}", got(subject.answer));
                Judgement::fail(reason).with_extracted(&letter(index))
            }
            Picked::Several(indices) => {
                let several = names(&indices, "and");
                Judgement::fail(format!(
                    "expected {expected}, but the answer is ambiguous: it names {several}: {}",
                    got(subject.answer)
                ))
            }
            Picked::None => {
                let among = if self.choices.iter().all(|choice| choice.text.is_none()) { "letter" } else { "option" };
                Judgement::fail(format!(
                    "expected {expected}, but the answer picks no {among}: {}",
                    got(subject.answer)
                ))
            }
        }
    }
}

/// `C (Paris)`.
fn name(choice: &Choice) -> String {
    match &choice.text {
        Some(text) => format!("{} ({})", choice.letter, crate::text::one_line(&crate::text::excerpt(text, 60))),
        None => choice.letter.to_string(),
    }
}
