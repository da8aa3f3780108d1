//! The JSON Schema of an instruction: every id with the arguments that it takes.

use serde_json::{Map, Value, json};

use crate::grade::options::FILLED_PATTERN;

use super::check::Relation;
use super::language::LANGUAGES;

/// What an argument holds.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Keywords,
    Text,
    Letter,
    Language,
    Count,
    /// A count that may be `less than` something: see [`Relation`].
    Bound,
    Relation,
}

use Kind::{Bound, Count, Keywords, Letter, Text};

/// An id, what follows it, and its arguments, all of which are needed.
type Known = (&'static str, &'static str, &'static [(&'static str, Kind)]);

/// Every instruction, in the order of [`super::read::IDS`].
const KNOWN: [Known; 25] = [
    ("keywords:existence", "Each keyword is there", &[("keywords", Keywords)]),
    (
        "keywords:frequency",
        "The keyword is there so often",
        &[("keyword", Text), ("frequency", Bound), ("relation", Kind::Relation)],
    ),
    ("keywords:forbidden_words", "None is there as a word", &[("forbidden_words", Keywords)]),
    (
        "keywords:letter_frequency",
        "The letter is there so often; case does not count",
        &[("letter", Letter), ("let_frequency", Bound), ("let_relation", Kind::Relation)],
    ),
    ("language:response_language", "The answer is in that language", &[("language", Kind::Language)]),
    (
        "length_constraints:number_sentences",
        "There are so many sentences",
        &[("num_sentences", Bound), ("relation", Kind::Relation)],
    ),
    (
        "length_constraints:number_paragraphs",
        "Exactly so many paragraphs, with `***` between them",
        &[("num_paragraphs", Count)],
    ),
    (
        "length_constraints:number_words",
        "There are so many words",
        &[("num_words", Bound), ("relation", Kind::Relation)],
    ),
    (
        "length_constraints:nth_paragraph_first_word",
        "Exactly so many paragraphs, with an empty line between them, and that one begins with the word",
        &[("num_paragraphs", Count), ("nth_paragraph", Count), ("first_word", Text)],
    ),
    (
        "detectable_content:number_placeholders",
        "At least so many texts stand in square brackets",
        &[("num_placeholders", Count)],
    ),
    ("detectable_content:postscript", "The postscript is there", &[("postscript_marker", Text)]),
    ("detectable_format:number_bullet_lists", "Exactly so many lines begin with `*` or `-`", &[("num_bullets", Count)]),
    (
        "detectable_format:constrained_response",
        "It holds `My answer is yes.`, `My answer is no.` or `My answer is maybe.`",
        &[],
    ),
    ("detectable_format:number_highlighted_sections", "At least so many `*texts*`", &[("num_highlights", Count)]),
    (
        "detectable_format:multiple_sections",
        "At least so many marks such as `Section 1`",
        &[("section_spliter", Text), ("num_sections", Count)],
    ),
    ("detectable_format:json_format", "It is JSON and nothing else, but for a fence", &[]),
    ("detectable_format:title", "A line holds `<<a title>>`", &[]),
    ("combination:two_responses", "Two different answers with `******` between them", &[]),
    ("combination:repeat_prompt", "It begins with that text; case does not count", &[("prompt_to_repeat", Text)]),
    ("startend:end_checker", "It ends with that text; case does not count", &[("end_phrase", Text)]),
    ("startend:quotation", "It stands in double quotation marks", &[]),
    (
        "change_case:capital_word_frequency",
        "So many words are all in capitals",
        &[("capital_frequency", Bound), ("capital_relation", Kind::Relation)],
    ),
    ("change_case:english_capital", "English, in capitals only", &[]),
    ("change_case:english_lowercase", "English, in small letters only", &[]),
    ("punctuation:no_comma", "It has no comma", &[]),
];

impl Kind {
    fn schema(self) -> Value {
        let filled = json!({"type": ["string", "number", "boolean"], "pattern": FILLED_PATTERN});
        match self {
            Self::Keywords => json!({
                "type": ["string", "number", "boolean", "array"],
                "pattern": FILLED_PATTERN,
                "minItems": 1,
                "items": filled,
            }),
            Self::Text => filled,
            Self::Letter => json!({
                "type": ["string", "integer"], "pattern": r"^\s*\S\s*$", "minimum": 0, "maximum": 9,
            }),
            Self::Language => {
                let codes: Vec<&str> = LANGUAGES.iter().map(|language| language.code).collect();
                json!({"type": "string", "enum": codes})
            }
            Self::Count | Self::Bound => json!({"type": "integer", "minimum": 0}),
            Self::Relation => json!({"type": "string", "enum": Relation::NAMES.map(|(name, _)| name)}),
        }
    }
}

/// An id, or a map with `id` and the arguments beside it.
pub(in crate::grade) fn schema() -> Value {
    let named = |(id, about, _): &Known| json!({"const": id, "description": about});
    let bare: Vec<Value> = KNOWN.iter().filter(|(_, _, arguments)| arguments.is_empty()).map(named).collect();
    let all: Vec<Value> = KNOWN.iter().map(named).collect();
    let ids = json!({"type": "string", "description": "The instruction", "oneOf": all});
    let branches: Vec<Value> = KNOWN.iter().map(|known| branch(known, &ids)).collect();
    json!({
        "description": "An instruction: its id, or a map with the arguments beside it.",
        "anyOf": [
            {"type": "string", "oneOf": bare},
            {"type": "object", "required": ["id"], "properties": {"id": ids}, "allOf": branches},
        ],
    })
}

fn branch((id, _, arguments): &Known, ids: &Value) -> Value {
    let mut properties = Map::new();
    properties.insert("id".to_owned(), ids.clone());
    properties.extend(arguments.iter().map(|(name, kind)| ((*name).to_owned(), kind.schema())));
    let required: Vec<&str> = arguments.iter().map(|(name, _)| *name).collect();
    json!({
        "if": {"required": ["id"], "properties": {"id": {"const": id}}},
        "then": {"properties": properties, "required": required, "additionalProperties": false},
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grade::instructions::read::{IDS, list};

    /// An argument that is right.
    fn right(kind: Kind) -> Value {
        match kind {
            Keywords => json!(["a", "b"]),
            Text => json!("text"),
            Letter => json!("x"),
            Kind::Language => json!("de"),
            Count | Bound => json!(1),
            Kind::Relation => json!("at least"),
        }
    }

    #[test]
    fn every_instruction_takes_just_the_arguments_that_the_schema_names() {
        assert_eq!(KNOWN.map(|(id, ..)| id), IDS);
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for (id, _, arguments) in KNOWN {
            let mut entry = json!({"id": id});
            for (name, kind) in arguments {
                entry[*name] = right(*kind);
            }
            let agree = |entry: &Value, right: bool| {
                assert_eq!(list("x", entry).is_ok(), right, "{entry}");
                assert_eq!(validator.is_valid(entry), right, "{entry}");
            };
            agree(&entry, true);
            agree(&json!(id), arguments.is_empty());
            let mut more = entry.clone();
            more["further"] = json!(1);
            agree(&more, false);
            for (name, kind) in arguments {
                let mut less = entry.clone();
                less.as_object_mut().unwrap().shift_remove(*name);
                agree(&less, false);
                for odd in
                    [json!(null), json!({}), json!([]), json!([[]]), json!(""), json!(" "), json!(-1), json!(1.5)]
                {
                    let mut wrong = entry.clone();
                    wrong[*name] = odd.clone();
                    let is_text = matches!(kind, Keywords | Text) && odd.is_number();
                    agree(&wrong, is_text);
                }
            }
        }
    }
}
