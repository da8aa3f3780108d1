//! Finding the JSON in an answer: the whole of it, a fenced block, or the first value inside prose.

use serde_json::Value;

/// A value and the text it was read from.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::grade) struct Found<'t> {
    pub(in crate::grade) value: Value,
    pub(in crate::grade) text: &'t str,
}

/// What to look for inside prose, where `[1]` is a citation and 3 is a number like any other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::grade) enum Kind {
    Object,
    Array,
    /// An object or an array.
    Container,
    /// Never looked for inside prose.
    Scalar,
}

impl Kind {
    pub(in crate::grade) const fn of(value: &Value) -> Self {
        match value {
            Value::Object(_) => Self::Object,
            Value::Array(_) => Self::Array,
            _ => Self::Scalar,
        }
    }

    const fn opens(self) -> &'static [char] {
        match self {
            Self::Object => &['{'],
            Self::Array => &['['],
            Self::Container => &['{', '['],
            Self::Scalar => &[],
        }
    }

    fn matches(self, value: &Value) -> bool {
        match self {
            Self::Object => value.is_object(),
            Self::Array => value.is_array(),
            Self::Container => value.is_object() || value.is_array(),
            Self::Scalar => true,
        }
    }
}

/// The whole answer as JSON, whitespace around it apart.
///
/// # Errors
/// What is wrong, for after "but".
pub(in crate::grade) fn whole(text: &str) -> Result<Found<'_>, String> {
    let text = text.trim();
    match serde_json::from_str(text) {
        Ok(value) => Ok(Found { value, text }),
        Err(error) => Err(format!("the answer is not JSON ({error})")),
    }
}

/// The whole answer, else the first fenced block that is JSON, else the first value inside prose; a value of the kind
/// that is looked for goes before any other.
///
/// # Errors
/// What is wrong, for after "but".
pub(in crate::grade) fn anywhere(text: &str, kind: Kind) -> Result<Found<'_>, String> {
    let mut other = match whole(text) {
        Ok(found) if kind.matches(&found.value) => return Ok(found),
        Ok(found) => Some(found),
        Err(_) => None,
    };
    for block in fenced(text) {
        match whole(block) {
            Ok(found) if kind.matches(&found.value) => return Ok(found),
            Ok(found) => other = other.or(Some(found)),
            Err(_) => {}
        }
    }
    let problem = match in_prose(text, kind) {
        Ok(Some(found)) => return Ok(found),
        Ok(None) => None,
        Err(error) => Some(error),
    };
    if let Some(found) = other {
        return Ok(found);
    }
    let problem = match in_prose(text, Kind::Container) {
        Ok(Some(found)) => return Ok(found),
        Ok(None) => problem,
        Err(error) => problem.or(Some(error)),
    };
    Err(match problem {
        Some(error) => format!("there is no whole JSON value in the answer ({error})"),
        None => "there is no JSON in the answer".to_owned(),
    })
}

/// The first value of an answer, an object or a list if there is one, with the text it was read from.
pub(in crate::grade) fn first(text: &str) -> Option<(Value, &str)> {
    anywhere(text, Kind::Container).ok().map(|found| (found.value, found.text))
}

/// The contents of the fenced blocks, from first to last; the last may never be closed.
pub(in crate::grade) fn fenced(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let open = rest.find("```")?;
        let body = &rest[open + 3..];
        let end = body.find("```");
        rest = end.map_or("", |end| &body[end + 3..]);
        let body = &body[..end.unwrap_or(body.len())];
        // The language stands on the line of the fence.
        Some(&body[body.find(['\n', '{', '[']).unwrap_or(0)..])
    })
}

/// The first value that opens with a bracket of this kind and is whole; the first mistake where there is none.
///
/// A hostile answer of many brackets would have each of them read to the end, so the reading stops after four times
/// the answer's length.
fn in_prose(text: &str, kind: Kind) -> Result<Option<Found<'_>>, serde_json::Error> {
    let mut budget = 4 * text.len() + 4096;
    let mut first = None;
    let mut at = 0;
    while let Some(open) = text[at..].find(kind.opens()).filter(|_| !kind.opens().is_empty()) {
        let start = at + open;
        let part = &text[start..];
        let mut values = serde_json::Deserializer::from_str(part).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => return Ok(Some(Found { value, text: &part[..values.byte_offset()] })),
            Some(Err(error)) => {
                let read = consumed(part, &error);
                first.get_or_insert(error);
                match budget.checked_sub(read) {
                    Some(left) => budget = left,
                    None => break,
                }
            }
            None => break,
        }
        at = start + 1;
    }
    first.map_or(Ok(None), Err)
}

/// How many bytes were read before a mistake was found.
fn consumed(text: &str, error: &serde_json::Error) -> usize {
    if error.is_eof() {
        return text.len();
    }
    let lines = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    // Its place and that of its line have been looked up too.
    2 * (lines + error.column()) + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_is_found_where_models_put_it() {
        for (answer, kind, want) in [
            (r#"{"a":1}"#, Kind::Object, json!({"a": 1})),
            ("  [1, 2]\n", Kind::Array, json!([1, 2])),
            ("42", Kind::Scalar, json!(42)),
            ("```json\n{\"a\": 1}\n```", Kind::Object, json!({"a": 1})),
            ("```\n{\"a\": 1}\n```", Kind::Object, json!({"a": 1})),
            ("```JSON {\"a\": 1}```", Kind::Object, json!({"a": 1})),
            ("Here it is:\n```json\n[1]\n```\nDone.", Kind::Array, json!([1])),
            ("```python\nx = {}\n```\nand\n```json\n{\"a\": 2}\n```", Kind::Object, json!({"a": 2})),
            ("```json\n\"billing\"\n```", Kind::Scalar, json!("billing")),
            ("Sure! {\"a\": {\"b\": [1, 2]}} Hope this helps {:-)", Kind::Object, json!({"a": {"b": [1, 2]}})),
            ("As shown in [1], the result is {\"a\": 1}.", Kind::Object, json!({"a": 1})),
            ("The set {x} gives [1, 2, 3].", Kind::Array, json!([1, 2, 3])),
            ("Use {name} as in {\"a\": \"}\"}", Kind::Object, json!({"a": "}"})),
            ("I got [1, 2] here", Kind::Object, json!([1, 2])),
            ("```json\n{\"a\": 1}", Kind::Object, json!({"a": 1})),
            ("The block:\n```json\n{\"a\": 1}\n// done\n```", Kind::Object, json!({"a": 1})),
            ("{\"a\": 1} {\"a\": 2}", Kind::Object, json!({"a": 1})),
        ] {
            assert_eq!(anywhere(answer, kind).map(|found| found.value), Ok(want), "{answer}");
        }
    }

    #[test]
    fn what_is_no_json_is_told_with_its_mistake() {
        for (answer, kind, part) in [
            ("no json at all", Kind::Object, "no JSON in the answer"),
            ("{'a': 1}", Kind::Object, "key must be a string"),
            ("{\"a\": 1,}", Kind::Object, "trailing comma"),
            ("Result: {\"a\": [1, 2", Kind::Object, "EOF"),
            ("the answer is 3", Kind::Scalar, "no JSON"),
            ("", Kind::Object, "no JSON"),
        ] {
            let error = anywhere(answer, kind).unwrap_err();
            assert!(error.contains(part), "{answer}: {error}");
        }
        assert!(whole("```json\n{}\n```").is_err());
    }

    #[test]
    fn hostile_brackets_take_linear_time() {
        // Each would be read to the end from every bracket without a bound.
        for unit in ["[", "{\"a\":", "[1,", "[\"", "{", "[[]", "```", "```{", "[\n", "{\"a\":1,\n"] {
            let text = unit.repeat(200_000 / unit.len());
            assert!(anywhere(&text, Kind::Object).is_err() || unit == "[[]", "{unit}");
        }
    }
}
