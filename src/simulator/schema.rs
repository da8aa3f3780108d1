//! JSON that a schema describes: what a model with a constrained output says.
//!
//! In: a JSON Schema, what the model believes, and dice. Out: a value that conforms to it: properties in their order,
//! choices, constants, bounds, lengths, formats and simple patterns are kept. Not looked at: `not`, `if`, `dependent…`,
//! `contains`, and references to elsewhere.

use regex_syntax::hir::{Class, Hir, HirKind};
use serde_json::{Map, Number, Value};

use super::chance::Chance;
use super::wording::phrase;

/// Deeper than this only what has to be there is filled in.
const SHALLOW: u8 = 5;

/// Deeper than this everything is null: the schema describes itself.
const DEEPEST: u8 = 40;

/// The most values in one answer.
const MOST_VALUES: u32 = 5_000;

/// What a model knows while it fills in a schema.
#[derive(Debug, Clone, Default)]
pub(super) struct Known<'a> {
    /// What it takes for the answer.
    pub(super) belief: Option<&'a str>,
    /// What it thinks of the answer it judges.
    pub(super) verdict: Option<bool>,
    /// All text of the request.
    pub(super) prompt: &'a str,
}

/// Names of properties that hold a judgement.
const VERDICTS: [&str; 12] = [
    "verdict",
    "score",
    "grade",
    "rating",
    "pass",
    "passed",
    "passes",
    "correct",
    "is_correct",
    "valid",
    "decision",
    "result",
];

/// Names of properties that hold an answer.
const ANSWERS: [&str; 11] = [
    "answer",
    "final_answer",
    "result",
    "value",
    "label",
    "category",
    "class",
    "output",
    "response",
    "solution",
    "choice",
];

/// Names of properties that hold a reason.
const REASONS: [&str; 7] = ["reason", "reasoning", "explanation", "rationale", "justification", "feedback", "analysis"];

/// Whether a schema asks for a judgement: it has a property that is called like one.
pub(super) fn asks_for_verdict(schema: &Value) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.is_some_and(|properties| properties.keys().any(|name| VERDICTS.contains(&name.to_lowercase().as_str())))
}

/// A value that conforms to a schema; an object where it says nothing.
pub(super) fn fill(schema: &Value, known: &Known<'_>, chance: &mut Chance) -> Value {
    if schema.as_object().is_none_or(Map::is_empty) {
        let answer = known.belief.map_or_else(|| phrase(known.prompt, chance), str::to_owned);
        return Value::Object(Map::from_iter([("answer".to_owned(), Value::from(answer))]));
    }
    Filling { root: schema, known, chance, left: MOST_VALUES }.value(schema, "", 0)
}

struct Filling<'a> {
    root: &'a Value,
    known: &'a Known<'a>,
    chance: &'a mut Chance,
    /// The values that may still be made.
    left: u32,
}

impl Filling<'_> {
    fn value(&mut self, schema: &Value, name: &str, depth: u8) -> Value {
        let schema = self.resolved(schema, depth);
        if depth > DEEPEST || self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(choices) = schema.get("enum").and_then(Value::as_array).filter(|choices| !choices.is_empty()) {
            return self.choice(choices, name);
        }
        let kinds: Vec<&str> = match schema.get("type") {
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(kind)) => vec![kind],
            _ => vec![implied(&schema)],
        };
        let first = kinds.first().copied().unwrap_or("string");
        let kind =
            if depth > SHALLOW && kinds.contains(&"null") { "null" } else { self.chance.pick(first, &kinds[1..]) };
        match kind {
            "object" => self.object(&schema, depth),
            "array" => self.array(&schema, name, depth),
            "integer" | "number" => self.number(&schema, name, kind == "integer"),
            "boolean" => Value::Bool(match (self.judged(name), self.believed(name)) {
                (Some(good), _) => good,
                (_, Some("true" | "yes")) => true,
                (_, Some("false" | "no")) => false,
                _ => self.chance.happens(0.5),
            }),
            "null" => Value::Null,
            _ => self.text(&schema, name),
        }
    }

    /// A schema with its references followed, and one of its alternatives and all its parts merged into it.
    fn resolved(&mut self, schema: &Value, depth: u8) -> Map<String, Value> {
        let mut merged = schema.as_object().cloned().unwrap_or_default();
        // Each round takes one keyword away; a reference may bring others.
        for _ in 0..20 {
            if let Some(Value::String(place)) = merged.shift_remove("$ref") {
                let target = place.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
                merge(&mut merged, target.unwrap_or(&Value::Null));
            } else if let Some(Value::Array(parts)) = merged.shift_remove("allOf") {
                for part in &parts {
                    merge(&mut merged, part);
                }
            } else if let Some(Value::Array(ways)) =
                merged.shift_remove("anyOf").or_else(|| merged.shift_remove("oneOf"))
            {
                let shallow = ways.iter().find(|way| depth > SHALLOW && way.get("$ref").is_none());
                let drawn = ways.get(self.chance.within(0, ways.len()));
                merge(&mut merged, shallow.or(drawn).unwrap_or(&Value::Null));
            } else {
                break;
            }
        }
        merged
    }

    fn object(&mut self, schema: &Map<String, Value>, depth: u8) -> Value {
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let mut object = Map::new();
        for (name, inner) in properties {
            if depth <= SHALLOW || required.contains(&name.as_str()) {
                object.insert(name.clone(), self.value(inner, name, depth + 1));
            }
        }
        let other = schema.get("additionalProperties").filter(|other| other.is_object()).cloned().unwrap_or_default();
        for name in required {
            if !object.contains_key(name) {
                let value = self.value(&other, name, depth + 1);
                object.insert(name.to_owned(), value);
            }
        }
        for nth in 1..=count(schema, "minProperties").unwrap_or(0) {
            if object.len() < count(schema, "minProperties").unwrap_or(0) {
                let value = self.value(&other, "", depth + 1);
                object.insert(format!("key{nth}"), value);
            }
        }
        Value::Object(object)
    }

    fn array(&mut self, schema: &Map<String, Value>, name: &str, depth: u8) -> Value {
        let first = schema.get("prefixItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let least = count(schema, "minItems").unwrap_or(usize::from(depth <= SHALLOW)).max(first.len()).min(1000);
        let most = count(schema, "maxItems").unwrap_or(usize::MAX).min(least + if depth <= SHALLOW { 2 } else { 0 });
        let length = self.chance.within(least, most + 1);
        let others = schema.get("items").filter(|items| items.is_object()).cloned().unwrap_or_default();
        let unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        let mut items = Vec::new();
        for nth in 0..length {
            let item = first.get(nth).unwrap_or(&others);
            let mut value = self.value(item, name, depth + 1);
            for _ in 0..20 {
                if !unique || !items.contains(&value) {
                    break;
                }
                value = self.value(item, "", depth + 1);
            }
            if !unique || !items.contains(&value) {
                items.push(value);
            }
        }
        Value::Array(items)
    }

    /// One of several: the one it believes in, one of the better or worse half where it judges, else any.
    fn choice(&mut self, choices: &[Value], name: &str) -> Value {
        let believed = self.known.belief.map(|belief| belief.trim().to_lowercase());
        let is_believed = |choice: &&Value| Some(bare(choice).to_lowercase()) == believed;
        // Without a name it is another item of a list, which has to differ.
        if let Some(choice) = choices.iter().find(is_believed).filter(|_| !name.is_empty()) {
            return choice.clone();
        }
        let mut ranked: Vec<&Value> = choices.iter().collect();
        // Numbers rise, names are written from best to worst.
        if ranked.iter().all(|choice| bare(choice).parse::<f64>().is_ok()) {
            let size = |choice: &Value| bare(choice).parse().unwrap_or(0.0_f64);
            ranked.sort_by(|a, b| size(b).total_cmp(&size(a)));
        }
        let half = ranked.len().div_ceil(2);
        let (start, end) = match self.judged(name) {
            Some(true) => (0, half),
            Some(false) if ranked.len() > 1 => (half, ranked.len()),
            _ => (0, ranked.len()),
        };
        ranked.get(self.chance.within(start, end)).map_or(Value::Null, |choice| (*choice).clone())
    }

    fn number(&mut self, schema: &Map<String, Value>, name: &str, whole: bool) -> Value {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let told = schema.get("description").and_then(Value::as_str).and_then(told_range);
        let step = bound("multipleOf").filter(|step| *step > 0.0).or(whole.then_some(1.0));
        // Just inside an exclusive bound.
        let inside = step.unwrap_or(1e-3);
        let low = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|low| low + inside));
        let high = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|high| high - inside));
        let (low, high) = match (low, high, told) {
            (None, None, Some((low, high))) => (low, high),
            (low, high, _) => {
                let low = low.unwrap_or_else(|| high.map_or(0.0, |high| high.min(0.0)));
                (low, high.unwrap_or(low + 100.0).max(low))
            }
        };
        let believed = self.believed(name).and_then(|belief| belief.parse::<f64>().ok());
        let drawn = match (believed.filter(|value| (low..=high).contains(value)), self.judged(name)) {
            (Some(value), _) => value,
            (None, Some(true)) => self.chance.between(low + 0.6 * (high - low), high),
            (None, Some(false)) => self.chance.between(low, low + 0.4 * (high - low)),
            (None, None) => self.chance.between(low, high),
        };
        let value = match step {
            Some(step) => {
                let (first, last) = ((low / step).ceil() * step, (high / step).floor() * step);
                ((drawn / step).round() * step).clamp(first, last.max(first))
            }
            None => ((drawn * 100.0).round() / 100.0).clamp(low, high),
        };
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and far from the bounds of its type")]
        let number = if value.fract() == 0.0 && value.abs() < 9e15 {
            Some(Number::from(value as i64))
        } else {
            Number::from_f64(value)
        };
        number.map_or(Value::Null, Value::Number)
    }

    fn text(&mut self, schema: &Map<String, Value>, name: &str) -> Value {
        if let Some(text) = schema.get("pattern").and_then(Value::as_str).and_then(|pattern| self.matching(pattern)) {
            return Value::from(text);
        }
        let format = schema.get("format").and_then(Value::as_str);
        if let Some(text) = format.and_then(|format| self.formatted(format)) {
            return Value::from(text);
        }
        let mut text = match (self.believed(name), self.known.verdict) {
            (Some(belief), _) => belief.to_owned(),
            (None, Some(good)) if REASONS.contains(&name.to_lowercase().as_str()) => {
                (if good { "It does what the criterion asks for." } else { "It misses what the criterion asks for." })
                    .to_owned()
            }
            _ => phrase(self.known.prompt, self.chance),
        };
        let least = count(schema, "minLength").unwrap_or(0).min(100_000);
        while text.chars().count() < least {
            text.push_str(" and so on");
        }
        let most = count(schema, "maxLength").unwrap_or(usize::MAX);
        Value::from(text.chars().take(most).collect::<String>())
    }

    fn formatted(&mut self, format: &str) -> Option<String> {
        let (month, day, hour) = (self.chance.within(1, 13), self.chance.within(1, 29), self.chance.within(0, 24));
        Some(match format {
            "date" => format!("2026-{month:02}-{day:02}"),
            "date-time" => format!("2026-{month:02}-{day:02}T{hour:02}:30:00Z"),
            "time" => format!("{hour:02}:30:00Z"),
            "duration" => format!("PT{day}M"),
            "email" => format!("person{day}@example.com"),
            "uri" | "url" => format!("https://example.com/{day}"),
            "hostname" => "example.com".to_owned(),
            "ipv4" => format!("192.0.2.{day}"),
            "ipv6" => format!("2001:db8::{day}"),
            "uuid" => format!("00000000-0000-4000-8000-0000000000{day:02}"),
            _ => return None,
        })
    }

    /// A short text that matches a pattern, where its syntax is understood.
    fn matching(&mut self, pattern: &str) -> Option<String> {
        let mut text = String::new();
        let hir = regex_syntax::Parser::new().parse(pattern).ok()?;
        self.spell(&hir, &mut text)?;
        Some(text)
    }

    fn spell(&mut self, hir: &Hir, out: &mut String) -> Option<()> {
        if out.len() > 10_000 {
            return None;
        }
        match hir.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => out.push_str(std::str::from_utf8(&literal.0).ok()?),
            HirKind::Class(Class::Unicode(class)) => {
                let ranges = class.ranges();
                let usual = ranges.iter().find(|range| range.start().is_ascii_alphanumeric());
                let range = usual.or_else(|| ranges.iter().find(|range| range.end() >= ' ')).or(ranges.first())?;
                let start = range.start().max(' ').min(range.end());
                let width = (u32::from(range.end()) - u32::from(start)).min(9);
                let drawn = u32::try_from(self.chance.within(0, width as usize + 1)).ok()?;
                out.push(char::from_u32(u32::from(start) + drawn).unwrap_or(start));
            }
            HirKind::Class(Class::Bytes(_)) => return None,
            HirKind::Repetition(repetition) => {
                // One of what may be left out, so that `.*` is not empty.
                let times = repetition.min.max(repetition.max.unwrap_or(1).min(1));
                for _ in 0..times {
                    self.spell(&repetition.sub, out)?;
                }
            }
            HirKind::Capture(capture) => self.spell(&capture.sub, out)?,
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.spell(part, out))?,
            HirKind::Alternation(ways) => {
                let way = ways.get(self.chance.within(0, ways.len()))?;
                self.spell(way, out)?;
            }
        }
        Some(())
    }

    /// What it thinks of what it judges, where the property is for that.
    fn judged(&self, name: &str) -> Option<bool> {
        self.known.verdict.filter(|_| VERDICTS.contains(&name.to_lowercase().as_str()))
    }

    /// What it believes, where the property is for that.
    fn believed(&self, name: &str) -> Option<&str> {
        self.known.belief.map(str::trim).filter(|_| ANSWERS.contains(&name.to_lowercase().as_str()))
    }
}

/// A text as it is, anything else as JSON.
fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The type that a schema without one has.
fn implied(schema: &Map<String, Value>) -> &'static str {
    let has = |keys: &[&str]| keys.iter().any(|key| schema.contains_key(*key));
    if has(&["properties", "required", "additionalProperties", "minProperties"]) {
        "object"
    } else if has(&["items", "prefixItems", "minItems", "maxItems"]) {
        "array"
    } else if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
        "number"
    } else {
        "string"
    }
}

/// Adds a schema to another: properties and required ones of both, else the latter's word.
fn merge(into: &mut Map<String, Value>, other: &Value) {
    for (key, value) in other.as_object().into_iter().flatten() {
        match (into.get_mut(key), value) {
            (Some(Value::Object(ours)), Value::Object(theirs)) if key == "properties" => {
                ours.extend(theirs.clone());
            }
            (Some(Value::Array(ours)), Value::Array(theirs)) if key == "required" => ours.extend(theirs.clone()),
            _ => _ = into.insert(key.clone(), value.clone()),
        }
    }
}

fn count(schema: &Map<String, Value>, key: &str) -> Option<usize> {
    schema.get(key).and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok())
}

/// The range that a description speaks of: `from 0 (worst) to 1 (best)`, `between 1 and 10`.
fn told_range(description: &str) -> Option<(f64, f64)> {
    let numbers: Vec<f64> = description
        .split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-')))
        .filter_map(|word| word.trim_matches('.').parse().ok())
        .collect();
    match numbers.as_slice() {
        &[low, high] if low < high => Some((low, high)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
