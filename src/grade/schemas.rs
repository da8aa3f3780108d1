//! The JSON Schema of a suite's entry under `graders`, put together of those of the families.
//!
//! Which options an entry may have depends on its `type`. That is written as `if`/`then`, not as alternatives: where an
//! option is wrong, editors then say what is wrong with it, not that none of 37 alternatives fits.

use serde_json::{Map, Value, json};

use super::family::{FAMILIES, Family};
use super::options::{self, Common};
use super::{extract, instructions};

/// The definitions that a suite's schema refers to: `graders` (a list or one), `grader`, `extract` and their parts.
pub(crate) fn definitions() -> Map<String, Value> {
    let mut extract = extract::schema();
    let mut definitions = Map::new();
    definitions.insert(
        "graders".to_owned(),
        json!({
            "description": "Graders, or one. All must pass.",
            "anyOf": [{"type": "array", "items": {"$ref": "#/$defs/grader"}}, {"$ref": "#/$defs/grader"}],
        }),
    );
    definitions.insert("grader".to_owned(), grader());
    for family in FAMILIES {
        definitions.insert(definition(family), of_family(family));
    }
    if let Some(Value::Object(parts)) = extract.as_object_mut().and_then(|map| map.shift_remove("$defs")) {
        definitions.extend(parts);
    }
    definitions.insert("extract".to_owned(), extract);
    definitions.insert("instruction".to_owned(), instructions::schema());
    definitions
}

fn definition(family: &Family) -> String {
    format!("grader_{}", family.name)
}

fn grader() -> Value {
    let named = |family: &Family| json!({"const": family.name, "description": family.about});
    let bare: Vec<Value> = FAMILIES.iter().filter(|family| !needs_options(family)).map(named).collect();
    let all: Vec<Value> = FAMILIES.iter().map(named).collect();
    let branches: Vec<Value> = FAMILIES
        .iter()
        .map(|family| {
            json!({
                "if": {"required": ["type"], "properties": {"type": {"const": family.name}}},
                "then": {"$ref": format!("#/$defs/{}", definition(family))},
            })
        })
        .collect();
    json!({
        "description": "A grader: its type, or a map with `type` and its options.",
        "anyOf": [
            {"type": "string", "oneOf": bare},
            {
                "type": "object",
                "required": ["type"],
                "properties": {"type": {"type": "string", "description": "Which grader", "oneOf": all}},
                "allOf": branches,
            },
        ],
    })
}

/// Whether a family is of no use by its name alone.
fn needs_options(family: &Family) -> bool {
    let schema = (family.schema)();
    ["required", "anyOf", "oneOf"].iter().any(|keyword| schema.get(keyword).is_some())
}

/// A family's own options and those that every grader takes.
fn of_family(family: &Family) -> Value {
    let mut schema = (family.schema)();
    let mut properties = Map::new();
    properties.insert("type".to_owned(), json!({"const": family.name}));
    if let Some(Value::Object(own)) = schema.as_object_mut().and_then(|map| map.shift_remove("properties")) {
        properties.extend(own);
    }
    let common = options::schema::<Common>();
    for (name, schema) in common.get("properties").and_then(Value::as_object).into_iter().flatten() {
        properties.entry(name).or_insert_with(|| schema.clone());
    }
    properties.entry("extract").or_insert_with(|| json!({"$ref": "#/$defs/extract"}));
    schema["description"] = family.about.into();
    schema["properties"] = Value::Object(properties);
    schema
}
