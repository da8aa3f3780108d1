//! Every key is described, and every description stands for a key.

use serde_json::Value;

use crate::suite::schema::schema;

/// Every map of keys in a schema, with where it stands.
fn sections(schema: &Value, place: &str, found: &mut Vec<(String, Value)>) {
    match schema {
        Value::Object(map) => {
            if map.get("additionalProperties") == Some(&Value::Bool(false)) {
                found.push((place.to_owned(), map["properties"].clone()));
            }
            map.iter().for_each(|(key, inner)| sections(inner, &format!("{place}/{key}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, inner)| sections(inner, &format!("{place}/{i}"), found));
        }
        _ => {}
    }
}

#[test]
fn every_key_is_described() {
    let mut found = Vec::new();
    sections(&schema(), "", &mut found);
    assert!(found.len() > 50, "{}", found.len());
    for (place, properties) in found {
        let of_grader = place.contains("grader_") || place.contains("instruction") || place.contains("extraction");
        for (key, schema) in properties.as_object().unwrap() {
            if schema == &Value::Bool(false) || of_grader && (key == "type" || key == "extract") {
                continue;
            }
            let known =
                place.contains("instruction") || schema["description"].as_str().is_some_and(|text| text.len() > 3);
            assert!(known, "{place}.{key}: describe it in src/suite/schema or src/suite/dataset/schema.rs: {schema}");
        }
    }
}

/// Whether every reference leads to a part of the schema.
fn check_references(schema: &Value, root: &Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::String(reference)) = map.get("$ref") {
                let inside = reference.strip_prefix('#').unwrap_or_else(|| panic!("{reference}"));
                assert!(root.pointer(inside).is_some(), "{reference}");
            }
            map.values().for_each(|inner| check_references(inner, root));
        }
        Value::Array(items) => items.iter().for_each(|inner| check_references(inner, root)),
        _ => {}
    }
}

#[test]
fn the_schema_is_one_that_its_draft_allows_and_refers_to_nothing_outside() {
    let schema = schema();
    assert!(jsonschema::draft202012::meta::is_valid(&schema));
    check_references(&schema, &schema);
}

#[test]
fn every_key_of_the_documentation_is_in_the_schema() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/suite.md")).unwrap();
    let text = crate::suite::schema_text();
    let mut keys = 0;
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cell = line.split('|').nth(1).unwrap();
        for key in cell.split('`').skip(1).step_by(2) {
            keys += 1;
            assert!(text.contains(&format!("\"{key}\":")), "{key}");
        }
    }
    assert!(keys > 40, "{keys}");
}
