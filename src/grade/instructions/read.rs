//! Instructions as they are written → checks, every mistake with its path.
//!
//! Two forms: a list of ids and of maps with `id` and the arguments beside it, in a suite; and the published columns
//! `instruction_id_list` and `kwargs`, where null stands for an argument that is not used.

use serde_json::Value;

use crate::grade::options::{OptionError, noun};
use crate::text::{closest, one_line};

use super::arguments::Arguments;
use super::check::Check;
use super::conflict;

/// An instruction of a list.
#[derive(Debug, Clone)]
pub(super) struct Instruction {
    /// As the published checks call it.
    pub(super) id: &'static str,
    /// What it asks for.
    pub(super) check: Check,
}

/// The published ids.
pub(super) const IDS: [&str; 25] = [
    "keywords:existence",
    "keywords:frequency",
    "keywords:forbidden_words",
    "keywords:letter_frequency",
    "language:response_language",
    "length_constraints:number_sentences",
    "length_constraints:number_paragraphs",
    "length_constraints:number_words",
    "length_constraints:nth_paragraph_first_word",
    "detectable_content:number_placeholders",
    "detectable_content:postscript",
    "detectable_format:number_bullet_lists",
    "detectable_format:constrained_response",
    "detectable_format:number_highlighted_sections",
    "detectable_format:multiple_sections",
    "detectable_format:json_format",
    "detectable_format:title",
    "combination:two_responses",
    "combination:repeat_prompt",
    "startend:end_checker",
    "startend:quotation",
    "change_case:capital_word_frequency",
    "change_case:english_capital",
    "change_case:english_lowercase",
    "punctuation:no_comma",
];

const EXAMPLE: &str =
    "write `punctuation:no_comma`, or `{ id: length_constraints:number_words, relation: at least, num_words: 300 }`";

/// A suite's list of ids, and maps with `id` and arguments; or one of them.
///
/// # Errors
/// Every mistake, with its path below `path`.
pub(super) fn list(path: &str, value: &Value) -> Result<Vec<Instruction>, Vec<OptionError>> {
    let Value::Array(items) = value else {
        return whole(path, vec![item(path, value)]);
    };
    let read = |(index, value)| item(&format!("{path}[{index}]"), value);
    whole(path, items.iter().enumerate().map(read).collect())
}

fn item(path: &str, value: &Value) -> Result<Instruction, Vec<OptionError>> {
    let wrong = |path: &str, message: String| vec![OptionError::at(path, message, Some(EXAMPLE))];
    match value {
        Value::String(name) => Arguments::new(path, Vec::new()).read(id(path, name)?),
        Value::Object(map) => match map.get("id") {
            Some(Value::String(name)) => {
                let given = map.iter().filter(|(key, _)| *key != "id").collect();
                Arguments::new(path, given).read(id(&format!("{path}.id"), name)?)
            }
            Some(other) => {
                Err(wrong(&format!("{path}.id"), format!("an instruction's id is a text, not {}", noun(other))))
            }
            None => Err(wrong(path, "an instruction needs an `id`".to_owned())),
        },
        other => Err(wrong(path, format!("an instruction is an id or a map with `id`, not {}", noun(other)))),
    }
}

/// The published columns: a list of ids, and a list of as many maps of arguments.
///
/// # Errors
/// Every mistake, with its path.
pub(super) fn columns(ids: &Value, kwargs: Option<&Value>) -> Result<Vec<Instruction>, Vec<OptionError>> {
    let Value::Array(ids) = ids else {
        return Err(wrong("instruction_id_list", format!("expected a list of ids, got {}", noun(ids))));
    };
    let kwargs = match kwargs {
        None => &Vec::new(),
        Some(Value::Array(kwargs)) if kwargs.len() == ids.len() => kwargs,
        Some(Value::Array(kwargs)) => {
            return Err(wrong("kwargs", format!("expected a map for each of {} ids, got {}", ids.len(), kwargs.len())));
        }
        Some(other) => return Err(wrong("kwargs", format!("expected a list of maps, got {}", noun(other)))),
    };
    let read = |(index, name)| column(index, name, kwargs.get(index).unwrap_or(&Value::Null));
    whole("instruction_id_list", ids.iter().enumerate().map(read).collect())
}

fn column(index: usize, name: &Value, kwargs: &Value) -> Result<Instruction, Vec<OptionError>> {
    let path = format!("kwargs[{index}]");
    let given = match kwargs {
        Value::Null => Vec::new(),
        Value::Object(map) => map.iter().filter(|(_, value)| !value.is_null()).collect(),
        other => return Err(wrong(&path, format!("expected a map, got {}", noun(other)))),
    };
    let place = format!("instruction_id_list[{index}]");
    match name {
        Value::String(name) => Arguments::new(&path, given).read(id(&place, name)?),
        other => Err(wrong(&place, format!("an instruction's id is a text, not {}", noun(other)))),
    }
}

fn wrong(path: &str, message: String) -> Vec<OptionError> {
    vec![OptionError::at(path, message, None)]
}

fn id(path: &str, name: &str) -> Result<&'static str, Vec<OptionError>> {
    if let Some(id) = IDS.into_iter().find(|id| *id == name) {
        return Ok(id);
    }
    // The name without its group, else something near.
    let bare = |id: &&str| id.split_once(':').is_some_and(|(_, bare)| bare == name);
    let hint = match IDS.into_iter().find(bare).or_else(|| closest(name, IDS)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the instructions are {}", IDS.map(|id| format!("`{id}`")).join(", ")),
    };
    let message = format!("unknown instruction `{}`", one_line(name));
    Err(vec![OptionError::at(path, message, Some(&hint))])
}

/// All instructions, or all mistakes in them. Without mistakes, none may contradict another.
fn whole(path: &str, read: Vec<Result<Instruction, Vec<OptionError>>>) -> Result<Vec<Instruction>, Vec<OptionError>> {
    let mut instructions = Vec::with_capacity(read.len());
    let mut errors = Vec::new();
    for one in read {
        match one {
            Ok(instruction) => instructions.push(instruction),
            Err(more) => errors.extend(more),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if instructions.is_empty() {
        return Err(wrong(path, "the list is empty".to_owned()));
    }
    match conflict::first(&instructions) {
        None => Ok(instructions),
        Some((index, message)) => Err(wrong(&format!("{path}[{index}]"), message)),
    }
}
