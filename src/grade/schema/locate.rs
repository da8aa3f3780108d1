//! The references of a schema: which lead out of it, and which to nothing.

use serde_json::Value;

use crate::grade::json::place::pointer_parts;

/// Keywords whose values are data, not schemas.
const DATA: [&str; 4] = ["const", "enum", "default", "examples"];

/// Keywords whose maps have names of the user's as keys.
const NAMED: [&str; 6] =
    ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];

/// A reference and the pointer to it.
type Reference = (String, String);

/// References to another document, unless it is a meta-schema or embedded in this one by its `$id`.
pub(super) fn outside_refs(schema: &Value) -> Vec<Reference> {
    let mut found = Found::default();
    found.collect(schema, "", false);
    let Found { references, ids } = found;
    let inside = |reference: &str| {
        let document = reference.split('#').next().unwrap_or_default();
        document.is_empty()
            || document.contains("json-schema.org/")
            // An embedded schema may be referred to in full or relative to its base.
            || ids.iter().any(|id| id.trim_end_matches('#').ends_with(document.trim_start_matches("./")))
    };
    references.into_iter().filter(|(_, reference)| !inside(reference)).collect()
}

/// The first reference by JSON Pointer or anchor that leads to nothing.
pub(super) fn broken_ref(schema: &Value) -> Option<Reference> {
    let mut found = Found::default();
    found.collect(schema, "", false);
    let leads = |reference: &str| match reference.strip_prefix('#') {
        Some(pointer) if pointer.starts_with('/') => resolve(schema, pointer),
        Some(anchor) if !anchor.is_empty() => has_anchor(schema, anchor),
        _ => true,
    };
    found.references.into_iter().find(|(_, reference)| !leads(reference))
}

/// Whether a pointer, percent-encoded or not, leads somewhere.
fn resolve(schema: &Value, pointer: &str) -> bool {
    let mut at = schema;
    for part in pointer_parts(pointer) {
        let decoded = percent_decoded(&part);
        let next = match at {
            Value::Object(map) => map.get(&part).or_else(|| map.get(&decoded)),
            Value::Array(items) => part.parse().ok().and_then(|index: usize| items.get(index)),
            _ => None,
        };
        let Some(next) = next else { return false };
        at = next;
    }
    true
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%').then(|| after.get(..2)).flatten().and_then(|code| std::str::from_utf8(code).ok());
        if let Some(decoded) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            bytes.push(decoded);
            rest = &after[2..];
        } else {
            bytes.push(byte);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn has_anchor(schema: &Value, anchor: &str) -> bool {
    match schema {
        Value::Object(map) => {
            let named =
                ["$anchor", "$dynamicAnchor"].iter().any(|key| map.get(*key).is_some_and(|name| name == anchor));
            let by_id = map.get("$id").and_then(Value::as_str).is_some_and(|id| id.strip_prefix('#') == Some(anchor));
            named || by_id || map.values().any(|value| has_anchor(value, anchor))
        }
        Value::Array(items) => items.iter().any(|value| has_anchor(value, anchor)),
        _ => false,
    }
}

#[derive(Debug, Default)]
struct Found {
    references: Vec<Reference>,
    ids: Vec<String>,
}

impl Found {
    /// Recursive: schemas come from texts, which are read to a depth of 128.
    fn collect(&mut self, value: &Value, pointer: &str, names: bool) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    let here = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                    match value {
                        Value::String(reference) if !names && (key == "$ref" || key == "$dynamicRef") => {
                            self.references.push((here, reference.clone()));
                        }
                        Value::String(id) if !names && (key == "$id" || key == "id") => self.ids.push(id.clone()),
                        _ if !names && DATA.contains(&key.as_str()) => {}
                        _ => self.collect(value, &here, !names && NAMED.contains(&key.as_str())),
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.collect(item, &format!("{pointer}/{index}"), false);
                }
            }
            _ => {}
        }
    }
}
