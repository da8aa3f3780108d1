//! The grader: options, expectation, verdict.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionError, OptionErrors, Text, Texts};
use crate::grade::shuffle::Shuffle;
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, join, quote};

use super::listed::{Choice, Choices, Listed, listed, of_case, upper};
use super::read::{self, Picked, normal};
use super::several;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "choice",
    about: "the answer picks the right option, by its letter or its text, or all right ones",
    build,
    schema: options::schema::<Options>,
};

const NEED: Need = Need { grader: "choice", what: "an option", option: "value", example: "C" };

/// The options of `choice`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The right option, by its letter or its text, or a list of right ones; without it the case's `expect`.
    value: Option<Texts>,
    /// A list of texts (A, B, C …), or a map from letter to text.
    #[serde(rename = "options")]
    listed: Option<Listed>,
    /// The case's variable that holds the options.
    #[schemars(extend("type" = ["string", "number", "boolean"], "pattern" = r"^(?=[\s\S]*\S)(?![\s\S]*\{\{)"))]
    options_from: Option<Text>,
    /// The letters or digits, if they are others than A to J.
    #[schemars(extend("type" = ["string", "integer", "boolean"], "minimum" = 10, "pattern" = r"^[\s,]*[^\s,][\s,]*[^\s,]", "examples" = ["ABCD"]))]
    letters: Option<Text>,
    /// `0` or `1`: numbers in `expect` count the options from it; MMLU's `answer: 2` is `index: 0`.
    #[schemars(range(max = 1))]
    index: Option<u8>,
    /// Every right option has to be picked, and no other.
    multiple: bool,
    /// With `multiple`: the score is the share of picked or right options that are both.
    partial: bool,
    /// A seed: the options in `options_from` are put in another order for each case.
    shuffle: Option<u64>,
    /// With `shuffle`: `All of the above`, `None of these` and their kin stay where they are; they do unless it is `false`.
    keep_last: Option<bool>,
}

/// Where the options stand.
#[derive(Debug)]
enum Source {
    Listed(Choices),
    /// In a variable of the case.
    Variable {
        name: String,
        letters: Option<Text>,
    },
}

#[derive(Debug)]
struct ChoiceGrader {
    value: Option<Texts>,
    source: Source,
    /// The number of the first option where expectations count them.
    index: Option<u8>,
    multiple: bool,
    partial: bool,
    shuffle: Option<Shuffle>,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let mut errors = Vec::new();
    let mut refuse = |path: &str, message: &str, hint: &str| {
        errors.push(OptionError::at(path, message, Some(hint).filter(|hint| !hint.is_empty())));
    };
    if options.listed.is_some() && options.options_from.is_some() {
        refuse("options_from", "the options are already in `options`", "keep one of the two");
    }
    if options.index.is_some_and(|first| first > 1) {
        refuse("index", "options are counted from 0 or from 1", "");
    }
    if options.partial && !options.multiple {
        refuse("partial", "only several picks can be right in part", "write `multiple: true` beside it");
    }
    let from = options.options_from.as_ref().map(|name| name.0.trim()).unwrap_or_default();
    if options.options_from.is_some() && (from.is_empty() || from.contains("{{")) {
        refuse("options_from", "a variable's name is needed", "write for example `options_from: choices`");
    }
    if options.shuffle.is_some() && options.options_from.is_none() {
        let hint = "put the options into a variable of the case, print it in the prompt, and name it in `options_from`";
        refuse("shuffle", "only the options of a case's variable can be reordered", hint);
    }
    if options.keep_last.is_some() && options.shuffle.is_none() {
        refuse("keep_last", "nothing is reordered without `shuffle`", "");
    }
    let source = match &options.options_from {
        Some(_) => Source::Variable { name: from.to_owned(), letters: options.letters.clone() },
        None => match listed(options.listed.as_ref(), options.letters.as_ref()) {
            Ok(list) => Source::Listed(Choices { list, order: None }),
            Err(error) => {
                errors.push(error);
                return Err(OptionErrors(errors));
            }
        },
    };
    if !errors.is_empty() {
        return Err(OptionErrors(errors));
    }
    let keep_last = options.keep_last.unwrap_or(true);
    let shuffle = options.shuffle.map(|seed| Shuffle { variable: from.to_owned(), seed, keep_last });
    let grader = ChoiceGrader {
        value: options.value,
        source,
        index: options.index,
        multiple: options.multiple,
        partial: options.partial,
        shuffle,
    };
    if let (Some(_), Source::Listed(choices)) = (&grader.value, &grader.source) {
        grader.right(choices, None).map_err(|message| OptionError::at("value", message, None))?;
    }
    Ok(Box::new(grader))
}

impl Grader for ChoiceGrader {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let judged = self.choices(subject.vars).and_then(|choices| {
            let right = self.right(&choices, subject.expected)?;
            Ok(if self.multiple {
                self.judge_several(&subject, &choices, &right)
            } else {
                judge_one(&subject, &choices, &right)
            })
        });
        Grading::Ready(judged.unwrap_or_else(Judgement::unable))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        let choices = match &self.source {
            Source::Listed(choices) => Cow::Borrowed(choices),
            Source::Variable { .. } => self.choices(case.vars())?,
        };
        self.right(&choices, case.expected()).map(drop)
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        let choices = self.choices(case.vars()).ok()?;
        let right = self.right(&choices, case.expected()).ok()?;
        let letters = right.iter().filter_map(|index| choices.list.get(*index)).map(|choice| choice.letter.to_string());
        let letters: Vec<String> = letters.take(if self.multiple { usize::MAX } else { 1 }).collect();
        Some(Example::Text(if letters.is_empty() { "none".to_owned() } else { letters.join(", ") }))
    }

    fn at_fault(&self, case: &CaseFacts<'_>) -> Option<String> {
        match &self.source {
            Source::Variable { name, .. } if !case.vars().contains_key(name) => Some("options_from".to_owned()),
            _ => None,
        }
    }

    fn shuffles(&self) -> Vec<Shuffle> {
        self.shuffle.iter().cloned().collect()
    }
}

impl ChoiceGrader {
    fn choices(&self, vars: &Map<String, Value>) -> Result<Cow<'_, Choices>, String> {
        match &self.source {
            Source::Listed(choices) => Ok(Cow::Borrowed(choices)),
            Source::Variable { name, letters } => {
                of_case(vars, name, letters.as_ref(), self.shuffle.is_some()).map(Cow::Owned)
            }
        }
    }

    /// Where the right options are shown. Each is named by its text, by the letter it was written with, or by its
    /// number.
    fn right(&self, choices: &Choices, expected: Option<&Value>) -> Result<Vec<usize>, String> {
        // Of several, none may be right.
        if self.multiple && self.value.is_none() && expected.and_then(Value::as_array).is_some_and(Vec::is_empty) {
            return Ok(Vec::new());
        }
        let texts = NEED.texts(self.value.as_ref(), expected)?;
        let mut right = Vec::new();
        for text in &texts {
            match self.named(choices, text) {
                Some(index) => right.push(index),
                None => match self.split(choices, text) {
                    Some(several) => right.extend(several),
                    None => return Err(self.unknown(choices, text)),
                },
            }
        }
        right.sort_unstable();
        right.dedup();
        Ok(right)
    }

    fn named(&self, choices: &Choices, text: &str) -> Option<usize> {
        let (bare, wanted) = (text.trim(), normal(text));
        if let Some(first) = self.index {
            let by_number = bare.parse::<usize>().ok().and_then(|n| n.checked_sub(usize::from(first)));
            if let Some(written) = by_number {
                return choices.shown(written);
            }
        }
        let by_letter = || {
            let mut letters = bare.trim_matches(['(', ')', '.']).chars();
            let letter = upper(letters.next().filter(|_| letters.as_str().is_empty())?);
            choices.shown(choices.list.iter().position(|choice| choice.letter == letter)?)
        };
        let by_text = || choices.list.iter().position(|choice| choice.text.is_some() && choice.normal == wanted);
        // A digit that is both a text and a letter means the text: `options: [1, 2, 3]`.
        let found =
            if choices.list.iter().any(|choice| choice.text.as_deref() == Some(bare)) { by_text() } else { None };
        found.or_else(by_letter).or_else(by_text)
    }

    /// `A, C` and `AC` where several may be right.
    fn split(&self, choices: &Choices, text: &str) -> Option<Vec<usize>> {
        if !self.multiple {
            return None;
        }
        let parts: Vec<&str> = text.split([',', ';', '|', '/', '&', ' ']).filter(|part| !part.is_empty()).collect();
        let parts: Vec<String> = match parts.as_slice() {
            [run] => run.chars().map(String::from).collect(),
            parts => parts.iter().filter(|part| **part != "and").map(ToString::to_string).collect(),
        };
        parts.iter().map(|part| self.named(choices, part)).collect()
    }

    fn unknown(&self, choices: &Choices, text: &str) -> String {
        let named: Vec<String> = (0..choices.list.len()).map(|at| name(choices, at)).collect();
        let number = self.index.is_none() && text.trim().parse::<usize>().is_ok();
        let hint = if number { "; if it is the option's number, write `index: 0` or `index: 1`" } else { "" };
        format!("`choice` has no option {}: expected one of {}{hint}", quote(text.trim()), join(&named, "or"))
    }

    fn judge_several(&self, subject: &Subject<'_>, choices: &Choices, right: &[usize]) -> Judgement {
        let all = |indices: &[usize]| match indices {
            [] => "no option".to_owned(),
            indices => names(choices, indices, "and"),
        };
        let expected = all(right);
        let Some(picked) = several::picks(&subject.answer.text, &choices.list) else {
            let reason = format!("expected {expected}, but the answer picks no option: {}", got(subject.answer));
            return Judgement::fail(reason);
        };
        let both = picked.iter().filter(|index| right.contains(index)).count();
        let either = picked.len() + right.len() - both;
        // Jaccard's index: what both hold of what either holds.
        let share = if either == 0 { 1.0 } else { both as f64 / either as f64 };
        let mut judgement = if picked == right {
            Judgement::pass(format!("the answer picks {}", all(&picked)))
        } else {
            Judgement::fail(format!("expected {expected}, got {} from {}", all(&picked), got(subject.answer)))
        };
        if self.partial {
            judgement.score = Some(share);
        }
        let letters: Vec<String> = picked.iter().map(|index| letter(choices, *index)).collect();
        judgement.with_extracted(&letters.join(", "))
    }
}

fn judge_one(subject: &Subject<'_>, choices: &Choices, right: &[usize]) -> Judgement {
    let expected = names(choices, right, "or");
    match read::pick(&subject.answer.text, &choices.list) {
        Picked::One(index) if right.contains(&index) => {
            Judgement::pass(format!("the answer picks {}", name(choices, index)))
                .with_extracted(&letter(choices, index))
        }
        Picked::One(index) => {
            let picked = name(choices, index);
            let reason = format!("expected {expected}, got {picked} from {}", got(subject.answer));
            Judgement::fail(reason).with_extracted(&letter(choices, index))
        }
        Picked::Several(indices) => {
            let several = names(choices, &indices, "and");
            Judgement::fail(format!(
                "expected {expected}, but the answer is ambiguous: it names {several}: {}",
                got(subject.answer)
            ))
        }
        Picked::None => {
            let among = if choices.list.iter().all(|choice| choice.text.is_none()) { "letter" } else { "option" };
            Judgement::fail(format!("expected {expected}, but the answer picks no {among}: {}", got(subject.answer)))
        }
    }
}

fn names(choices: &Choices, indices: &[usize], word: &str) -> String {
    let names: Vec<String> = indices.iter().map(|index| name(choices, *index)).collect();
    join(&names, word)
}

/// `C (Paris)`.
fn name(choices: &Choices, index: usize) -> String {
    let Some(Choice { letter, text, .. }) = choices.list.get(index) else { return String::new() };
    match text {
        Some(text) => format!("{letter} ({})", crate::text::one_line(&crate::text::excerpt(text, 60))),
        None => letter.to_string(),
    }
}

/// The letter that was shown, and the one it was written with where options were moved: `B = original D`.
fn letter(choices: &Choices, index: usize) -> String {
    let shown = choices.list.get(index).map(|choice| choice.letter.to_string()).unwrap_or_default();
    match choices.written_letter(index) {
        Some(written) => format!("{shown} = original {written}"),
        None => shown,
    }
}
