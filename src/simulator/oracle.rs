//! What the right answers are, so that a simulated model can be right or wrong as often as its profile says.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::grade::{Example, ExampleCall, Frame};

use super::chance::{Chance, digest};

/// The form of an expected answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    /// A number and nothing else.
    Number,
    /// A single letter, as of a multiple choice.
    Letter,
    /// One word.
    Word,
    /// Several words.
    Phrase,
    /// A JSON object or array.
    Json,
    /// A JSON array of right answers, any of which will do.
    Several,
    /// A JSON Schema that the answer has to keep to.
    Schema,
    /// Calls of tools: a JSON array of `{name, arguments}`.
    Calls,
    /// A text that is right as it stands, with nothing around it.
    Whole,
}

impl Shape {
    /// The form of a text.
    pub fn of(text: &str) -> Self {
        let text = text.trim();
        let plain_number =
            text.parse::<f64>().is_ok_and(f64::is_finite) && text.ends_with(|c: char| c.is_ascii_digit());
        let json = || serde_json::from_str::<Value>(text).is_ok();
        match text.chars().next() {
            _ if plain_number => Self::Number,
            Some('{' | '[') if json() => Self::Json,
            Some(c) if c.is_alphabetic() && c.len_utf8() == text.len() => Self::Letter,
            _ if text.contains(char::is_whitespace) => Self::Phrase,
            _ => Self::Word,
        }
    }
}

/// The right answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OracleEntry {
    /// The answer as text or JSON.
    pub expected: String,
    /// Its form.
    pub shape: Shape,
    /// What has to stand around it.
    pub frame: Frame,
    /// A wrong answer that the graders name, where they do.
    pub wrong: Option<String>,
}

impl OracleEntry {
    /// From a case's expectation: a text as it is, anything else as compact JSON.
    pub fn new(expected: &Value) -> Self {
        let expected = match expected {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let shape = match Shape::of(&expected) {
            Shape::Json if expected.trim_start().starts_with('[') => Shape::Several,
            shape => shape,
        };
        Self { shape, expected, frame: Frame::default(), wrong: None }
    }

    /// From what the graders of a case take for a right answer.
    pub fn of(example: Example, frame: Frame) -> Self {
        let (shape, expected) = match example {
            Example::Text(text) => (Shape::of(&text), text),
            Example::Whole(text) => (Shape::Whole, text),
            Example::Json(value) => {
                let text = value.to_string();
                (Shape::of(&text), text)
            }
            Example::Schema(schema) => (Shape::Schema, schema.to_string()),
            Example::Calls(calls) => {
                let call = |ExampleCall { name, arguments }| json!({ "name": name, "arguments": arguments });
                (Shape::Calls, Value::Array(calls.into_iter().map(call).collect()).to_string())
            }
        };
        Self { expected, shape, frame, wrong: None }
    }

    /// With a wrong answer that some model may give.
    #[must_use]
    pub fn with_wrong(self, wrong: Option<String>) -> Self {
        Self { wrong, ..self }
    }
}

/// Requests and their right answers. Equal answers are kept once: sixteen bytes a request and the distinct texts.
#[derive(Debug, Default)]
pub struct Oracle {
    /// Sorted by request: its answer and what goes with it.
    requests: Vec<(u64, u32, u32)>,
    /// Distinct, grouped by shape.
    answers: Vec<(Shape, Box<str>)>,
    /// Distinct: what has to stand around an answer, and a wrong one.
    besides: Vec<(Frame, Option<String>)>,
}

impl Oracle {
    /// Collects answers by [`request_key`]. Of two answers to one request the first is kept.
    pub fn new(entries: impl Iterator<Item = (u64, OracleEntry)>) -> Self {
        let mut places: HashMap<(Shape, Box<str>), u32> = HashMap::new();
        let mut besides: HashMap<(Frame, Option<String>), u32> = HashMap::new();
        let mut requests: Vec<(u64, u32, u32)> = entries
            .map(|(key, entry)| {
                let next = u32::try_from(places.len()).unwrap_or(u32::MAX);
                let answer = *places.entry((entry.shape, entry.expected.into_boxed_str())).or_insert(next);
                let next = u32::try_from(besides.len()).unwrap_or(u32::MAX);
                (key, answer, *besides.entry((entry.frame, entry.wrong)).or_insert(next))
            })
            .collect();
        requests.sort_by_key(|&(key, ..)| key);
        requests.dedup_by_key(|&mut (key, ..)| key);
        requests.shrink_to_fit();
        // Grouped by shape, so that another answer of the same form is one draw away.
        let mut answers: Vec<((Shape, Box<str>), u32)> = places.into_iter().collect();
        answers.sort_unstable();
        let mut moved = vec![0; answers.len()];
        for (new, &(_, old)) in (0..).zip(&answers) {
            moved[old as usize] = new;
        }
        for (_, place, _) in &mut requests {
            *place = moved[*place as usize];
        }
        let mut besides: Vec<_> = besides.into_iter().collect();
        besides.sort_unstable_by_key(|&(_, place)| place);
        Self {
            requests,
            answers: answers.into_iter().map(|(answer, _)| answer).collect(),
            besides: besides.into_iter().map(|(besides, _)| besides).collect(),
        }
    }

    /// How many requests are known.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether no request is known.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// The right answer to a request.
    pub(super) fn answer(&self, key: u64) -> Option<(Shape, &str)> {
        let (_, answer, _) = self.request(key)?;
        let (shape, text) = self.answers.get(answer as usize)?;
        Some((*shape, text))
    }

    /// What has to stand around the answer to a request, if anything.
    pub(super) fn frame(&self, key: u64) -> Option<&Frame> {
        let (frame, _) = self.besides(key)?;
        (*frame != Frame::default()).then_some(frame)
    }

    /// A wrong answer to a request, where the graders name one.
    pub(super) fn named_wrong(&self, key: u64) -> Option<&str> {
        self.besides(key)?.1.as_deref()
    }

    fn besides(&self, key: u64) -> Option<&(Frame, Option<String>)> {
        let (_, _, besides) = self.request(key)?;
        self.besides.get(besides as usize)
    }

    fn request(&self, key: u64) -> Option<(u64, u32, u32)> {
        self.requests.binary_search_by_key(&key, |&(key, ..)| key).ok().map(|found| self.requests[found])
    }

    /// The right answer to some other request, of the same form: of a few drawn ones the one that looks most like it
    /// belongs, best of all one that the prompt itself names as an option.
    pub(super) fn another(&self, shape: Shape, not: &str, prompt: &str, chance: &mut Chance) -> Option<&str> {
        let start = self.answers.partition_point(|&(s, _)| s < shape);
        let end = self.answers.partition_point(|&(s, _)| s <= shape);
        let drawn = chance.within(start, end);
        let not = not.trim();
        let lower = not.to_lowercase();
        let mut best: Option<(u8, &str)> = None;
        let mut ties = 0;
        for (_, text) in self.answers[drawn..end].iter().chain(&self.answers[start..drawn]).take(CANDIDATES) {
            if text.trim().to_lowercase() == lower {
                continue;
            }
            let score = likeness(text, not, prompt);
            match best {
                Some((most, _)) if score == most => ties += 1,
                Some((most, _)) if score < most => continue,
                _ => ties = 1,
            }
            // Every one of the equally likely has the same chance.
            let taken = ties == 1 || chance.within(0, ties) == 0;
            if taken {
                best = Some((score, text));
            }
        }
        best.map(|(_, text)| text)
    }
}

/// Among how many other answers a plausible wrong one is looked for.
const CANDIDATES: usize = 48;

/// How much an answer looks as if it might be the right one.
fn likeness(text: &str, right: &str, prompt: &str) -> u8 {
    let capital = |text: &str| text.starts_with(char::is_uppercase);
    let named = text.len() > 2 && prompt.contains(text);
    4 * u8::from(named) + 2 * u8::from(text.is_ascii() == right.is_ascii()) + u8::from(capital(text) == capital(right))
}

/// What a request is recognised by: its messages, whatever the order of keys in them.
pub fn request_key(messages: &Value) -> u64 {
    let mut canonical = Vec::new();
    write_canonical(messages, &mut canonical);
    digest(&[&canonical])
}

/// Compact JSON with the keys of every object sorted.
fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                write_canonical(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            out.push(b'{');
            for key in keys {
                // Writing JSON into memory cannot fail.
                let _ = serde_json::to_writer(&mut *out, key);
                out.push(b':');
                write_canonical(&map[key], out);
                out.push(b',');
            }
            out.push(b'}');
        }
        scalar => {
            let _ = serde_json::to_writer(out, scalar);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn oracle(answers: &[&str]) -> Oracle {
        Oracle::new((0..).zip(answers).map(|(key, answer)| (key, OracleEntry::new(&json!(answer)))))
    }

    #[test]
    fn a_request_is_known_by_its_messages_whatever_the_order_of_keys() {
        let one = request_key(&json!([{"role": "user", "content": "hi"}]));
        assert_eq!(one, request_key(&json!([{"content": "hi", "role": "user"}])));
        assert_ne!(one, request_key(&json!([{"role": "user", "content": "hi!"}])));
        assert_ne!(request_key(&json!([["a"], ["b"]])), request_key(&json!([["a", "b"]])));
    }

    #[test]
    fn every_answer_is_found_again() {
        let texts = ["b", "42", "billing", "a", "42", "{\"x\":1}", "two words", "shipping"];
        let oracle = oracle(&texts);
        assert_eq!((oracle.len(), oracle.answers.len()), (8, 7));
        for (key, text) in (0..).zip(texts) {
            assert_eq!(oracle.answer(key).unwrap().1, text);
        }
        assert_eq!(oracle.answer(99), None);
    }

    #[test]
    fn another_answer_has_the_same_form_and_is_not_the_right_one() {
        let oracle = oracle(&["billing", "shipping", "42", "A", "Billing"]);
        for n in 0_u8..50 {
            let other = oracle.another(Shape::Word, "billing", "", &mut Chance::new(7, &[&[n]]));
            assert_eq!(other, Some("shipping"));
        }
        assert_eq!(oracle.another(Shape::Number, "42", "", &mut Chance::new(7, &[])), None);
    }

    #[test]
    fn an_option_that_the_prompt_names_is_the_likeliest_wrong_answer() {
        let oracle = oracle(&["Paris", "billing", "Berlin", "shipping", "Rome", "lantern", "москва"]);
        let others = |not, prompt: &str| -> Vec<&str> {
            (0_u8..40).filter_map(|n| oracle.another(Shape::Word, not, prompt, &mut Chance::new(7, &[&[n]]))).collect()
        };
        assert!(others("billing", "One of: billing, shipping").iter().all(|&other| other == "shipping"));
        assert!(others("Rome", "Capital?").iter().all(|other| ["Paris", "Berlin"].contains(other)));
    }

    #[test]
    fn forms_are_told_apart() {
        for (text, shape) in [
            ("42", Shape::Number),
            ("-3.5", Shape::Number),
            ("inf", Shape::Word),
            ("B", Shape::Letter),
            ("billing", Shape::Word),
            ("New York", Shape::Phrase),
            ("[1, 2]", Shape::Json),
            ("{not json", Shape::Phrase),
        ] {
            assert_eq!(Shape::of(text), shape, "{text}");
        }
    }
}
