//! Plausible wrong answers: what a model says that is near the mark but off it.

use serde_json::{Map, Value};

use super::chance::Chance;
use super::oracle::{Oracle, Shape};
use super::wording::filler;

/// An answer that looks like the right one and is not.
pub(super) fn wrong(shape: Shape, right: &str, prompt: &str, oracle: &Oracle, chance: &mut Chance) -> String {
    match shape {
        Shape::Number => number(right, chance),
        Shape::Letter => letter(right, chance),
        Shape::Json | Shape::Several | Shape::Schema | Shape::Calls => json(right, oracle, chance),
        Shape::Whole => whole(right, prompt, chance),
        Shape::Word | Shape::Phrase => opposite(right)
            .map(str::to_owned)
            .or_else(|| oracle.another(shape, right, prompt, chance).map(str::to_owned))
            .or_else(|| other_digits(right, chance))
            .unwrap_or_else(|| "unknown".to_owned()),
    }
}

/// A text that begins like the right one: code that the prompt shows is given back as it was, prose breaks off and ends
/// in small talk. In the place of a short one stands something about the prompt.
fn whole(right: &str, prompt: &str, chance: &mut Chance) -> String {
    let given = prompt.split("```").nth(1).and_then(|block| block.split_once('\n'));
    if let (true, Some((_, code))) = (right.starts_with("```"), given) {
        return format!("```\n{}\n```", code.trim_end());
    }
    let words = right.split_whitespace().count();
    if words < SHORT {
        return filler(prompt, chance);
    }
    let kept = words * 3 / 5;
    let end = right.split_inclusive(char::is_whitespace).filter(|piece| !piece.trim().is_empty()).take(kept);
    let length: usize = end.map(str::len).sum();
    let cut = right.char_indices().map(|(at, _)| at).find(|&at| at >= length).unwrap_or(right.len());
    format!("{} …\n\nI hope this helps, and let me know if you would like more!", right[..cut].trim_end())
}

/// Texts of fewer words are not broken off.
const SHORT: usize = 12;

/// A nearby number with as many decimals.
fn number(right: &str, chance: &mut Chance) -> String {
    let right = right.trim();
    let decimals = right.split_once('.').map_or(0, |(_, digits)| digits.len());
    let value: f64 = right.parse().unwrap_or_default();
    let step = (value.abs() * 0.1).max(1.0);
    let step = if decimals == 0 { step.round() } else { step };
    let guess = chance.pick(value + step, &[value - step, value * 2.0 + step, value * 10.0 + step, value + 2.0 * step]);
    format!("{guess:.decimals$}")
}

/// Another letter of the usual four, in the same case.
fn letter(right: &str, chance: &mut Chance) -> String {
    let right = right.trim();
    let others: Vec<char> = "ABCD".chars().filter(|c| !right.eq_ignore_ascii_case(&c.to_string())).collect();
    let other = chance.pick(others[0], &others[1..]);
    if right.chars().all(char::is_lowercase) { other.to_ascii_lowercase().into() } else { other.into() }
}

/// What stands against the right answer where there are only two.
fn opposite(right: &str) -> Option<&'static str> {
    const PAIRS: [(&str, &str); 8] = [
        ("yes", "no"),
        ("Yes", "No"),
        ("YES", "NO"),
        ("true", "false"),
        ("True", "False"),
        ("positive", "negative"),
        ("Positive", "Negative"),
        ("valid", "invalid"),
    ];
    let right = right.trim();
    PAIRS.iter().find_map(|&(a, b)| (right == a).then_some(b).or_else(|| (right == b).then_some(a)))
}

/// The same text with another digit, where it has one.
fn other_digits(right: &str, chance: &mut Chance) -> Option<String> {
    let places: Vec<usize> = right.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    let &at = places.get(chance.within(0, places.len()))?;
    let digit = right.as_bytes()[at] - b'0';
    let mut text = right.to_owned();
    text.replace_range(at..=at, &((digit + 1) % 10).to_string());
    Some(text)
}

/// The right JSON with one thing in it wrong.
pub(super) fn json(right: &str, oracle: &Oracle, chance: &mut Chance) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(right) else { return "{}".to_owned() };
    let leaves = leaves(&value);
    let mut target = chance.within(0, leaves);
    if leaves == 0 || !spoil(&mut value, &mut target, oracle, chance) {
        return "{\"error\":\"not found\"}".to_owned();
    }
    value.to_string()
}

/// How many values there are that are not containers with something in them.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(leaves).sum(),
        Value::Object(map) if !map.is_empty() => map.values().map(leaves).sum(),
        _ => 1,
    }
}

/// Makes the `target`-th leaf wrong, or leaves its key out.
fn spoil(value: &mut Value, target: &mut usize, oracle: &Oracle, chance: &mut Chance) -> bool {
    match value {
        Value::Array(items) if !items.is_empty() => items.iter_mut().any(|item| spoil(item, target, oracle, chance)),
        Value::Object(map) if !map.is_empty() => spoil_field(map, target, oracle, chance),
        leaf if *target == 0 => {
            *leaf = spoiled(leaf, oracle, chance);
            true
        }
        _ => {
            *target -= 1;
            false
        }
    }
}

fn spoil_field(map: &mut Map<String, Value>, target: &mut usize, oracle: &Oracle, chance: &mut Chance) -> bool {
    let several = map.len() > 1;
    let mut forgotten = None;
    for (key, field) in map.iter_mut() {
        let scalar = !field.is_array() && !field.is_object();
        if *target == 0 && scalar && several && chance.happens(0.2) {
            forgotten = Some(key.clone());
            break;
        }
        if spoil(field, target, oracle, chance) {
            return true;
        }
    }
    forgotten.is_some_and(|key| map.shift_remove(&key).is_some())
}

fn spoiled(leaf: &Value, oracle: &Oracle, chance: &mut Chance) -> Value {
    match leaf {
        Value::Bool(truth) => Value::Bool(!truth),
        Value::Null => Value::from("unknown"),
        Value::Number(right) => serde_json::from_str(&number(&right.to_string(), chance)).unwrap_or(Value::Null),
        Value::String(right) => Value::from(wrong(Shape::of(right), right, "", oracle, chance)),
        Value::Array(_) => Value::Array(vec![Value::from("unknown")]),
        Value::Object(_) => serde_json::json!({"unknown": true}),
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::OracleEntry;
    use super::*;

    #[test]
    fn a_wrong_answer_is_never_the_right_one_and_keeps_its_form() {
        let texts = [
            "42",
            "0",
            "3.50",
            "-7",
            "B",
            "yes",
            "billing",
            "New York",
            "2024-03-05",
            "{\"a\":1,\"b\":[\"x\",true,null]}",
            "[]",
            "{}",
            "[1,2,3]",
            "{\"n\":12345678901234567890}",
        ];
        let oracle = Oracle::new((0..).zip(texts).map(|(key, text)| (key, OracleEntry::new(&Value::from(text)))));
        for (n, text) in (0_u8..200).flat_map(|n| texts.map(|text| (n, text))) {
            let shape = Shape::of(text);
            let wrong = wrong(shape, text, "", &oracle, &mut Chance::new(1, &[&[n], text.as_bytes()]));
            assert_ne!(wrong.to_lowercase(), text.to_lowercase());
            if matches!(shape, Shape::Number | Shape::Letter | Shape::Json) {
                assert_eq!(Shape::of(&wrong), shape, "{text} → {wrong}");
            }
            if shape == Shape::Json {
                assert_ne!(
                    serde_json::from_str::<Value>(&wrong).ok(),
                    serde_json::from_str(text).ok(),
                    "{text} → {wrong}"
                );
            }
        }
    }

    #[test]
    fn code_is_given_back_as_it_was_shown_and_prose_breaks_off() {
        let say = |right: &str, prompt: &str| {
            wrong(Shape::Whole, right, prompt, &Oracle::default(), &mut Chance::new(1, &[]))
        };
        let shown = "Repair this:\n```python\nreturn 1\n```\nIt gives 1.";
        assert_eq!(say("```\nreturn 2\n```", shown), "```\nreturn 1\n```");
        let prose = "One two three four five six seven eight nine ten eleven twelve thirteen é fourteen fifteen.";
        let said = say(prose, "");
        assert!(said.starts_with("One two") && !said.contains("fifteen") && said.ends_with("more!"), "{said}");
        assert!(say("I can't.", "Tell me about rivers").contains("rivers"));
    }

    #[test]
    fn a_wrong_number_is_off_by_more_than_a_tolerance_forgives() {
        for n in 0_u8..100 {
            let wrong: f64 = number("250", &mut Chance::new(1, &[&[n]])).parse().unwrap();
            assert!((wrong - 250.0).abs() >= 25.0, "{wrong}");
        }
        assert!(number("3.50", &mut Chance::new(1, &[])).split_once('.').is_some_and(|(_, d)| d.len() == 2));
    }

    #[test]
    fn without_an_oracle_there_is_still_a_wrong_answer() {
        let oracle = Oracle::default();
        let say = |right| wrong(Shape::of(right), right, "", &oracle, &mut Chance::new(1, &[]));
        assert_eq!(say("no"), "yes");
        assert_eq!(say("billing"), "unknown");
        assert_ne!(say("2024-03-05"), "2024-03-05");
    }
}
