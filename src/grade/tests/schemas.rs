//! What graders refuse, their schema refuses, and the other way round.

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::grade::{BuildContext, FAMILIES, build, schema_definitions};

fn validator() -> Validator {
    let schema = json!({"$ref": "#/$defs/grader", "$defs": schema_definitions()});
    jsonschema::draft202012::new(&schema).unwrap()
}

fn builds(entry: &Value) -> bool {
    build(entry, &BuildContext { folder: std::path::Path::new("/nowhere") }).is_ok()
}

/// An entry of each family that says no more than it needs to.
fn least(family: &str) -> Map<String, Value> {
    let options = match family {
        "length" | "tokens" => json!({"max": 100}),
        "json_path" => json!({"path": "$.a"}),
        "judge" | "embedding" => json!({"model": "m"}),
        "command" => json!({"run": ["true"]}),
        "latency" | "ttft" => json!({"max": "5s"}),
        "cost" => json!({"max": "$1"}),
        "all" | "any" | "not" => json!({"of": ["exact"]}),
        _ => json!({}),
    };
    let mut entry = options.as_object().unwrap().clone();
    entry.insert("type".to_owned(), family.into());
    entry
}

/// What may stand under an option by mistake, and what is right for some.
fn values() -> Vec<Value> {
    let mut values = vec![json!(null), json!(true), json!(false), json!(0), json!(1), json!(2), json!(-1), json!(7)];
    values.extend([json!(0.5), json!(1.5), json!(-0.5), json!(101), json!(100_000_000_000_u64)]);
    let texts = [
        "",
        " ",
        "x",
        "a b",
        "5s",
        "0s",
        "5",
        "0.5",
        "-1",
        "$1",
        "50%",
        "0%",
        "150%",
        "512MB",
        "all",
        "first",
        "last",
        "last_line",
        "equal",
        "words",
        "1-5",
        "$.a",
        "tab",
        ";",
        "{{ answer }}",
        "{{ x",
        "a\nb",
        "python",
        "ABCD",
    ];
    values.extend(texts.map(Value::from));
    values.extend([json!([]), json!(["x"]), json!(["a", "b"]), json!([1, 2]), json!([null]), json!([[]]), json!([{}])]);
    values.extend([json!({}), json!({"a": 1}), json!({"a": "x", "b": "y"}), json!({"min": 1}), json!({"min": "x"})]);
    values.extend([
        json!({"after": "x"}),
        json!({"after": ""}),
        json!({"regex": "(", "group": 1}),
        json!({"tag": "a b"}),
    ]);
    values.extend([json!({"good": 1, "bad": 0}), json!({"good": 2, "bad": 0}), json!({"input": "a", "output": "b"})]);
    values.extend([
        json!({"type": "exact"}),
        json!(["exact", {"type": "nothing"}]),
        json!([{"type": "exact", "x": 1}]),
    ]);
    values
}

/// What no schema can say, or not without saying it as badly as "none of 37 alternatives fits".
#[expect(clippy::match_same_arms, reason = "a reason for each family")]
fn cannot_be_said(family: &str, option: &str, value: &Value) -> Option<&'static str> {
    let text = value.as_str().unwrap_or_default();
    Some(match (family, option) {
        // Several keys.
        ("length", "exactly") | ("length" | "tokens", "min") => "bounds that contradict each other",
        ("json" | "yaml", "mode" | "value" | "partial") => "`mode: valid` compares with nothing",
        ("choice", "partial" | "keep_last" | "shuffle" | "value") => "options that need others beside them",
        ("bleu", "smooth_value") => "a value that only some kinds of smoothing take",
        ("tool_call", "arguments" | "none" | "extra") => "options that need others beside them",
        ("code", "tests" | "cases" | "language") => "options that need others beside them",
        ("number", "tolerance" | "relative_tolerance") => "how numbers are written in texts",
        ("judge", "threshold" | "samples" | "temperature" | "models") => "a threshold in the unit of its scale",
        ("judge", "reference") => "without a rubric there is something to compare with",
        ("any", "at_least") => "no more than there are graders",
        ("all" | "any", "weight") => "no grader that counts",
        // A language inside a text.
        ("json" | "yaml" | "tool_call", "ignore_keys") => "JSONPath",
        ("json_path", "path") | (_, "extract") => "JSONPath and patterns",
        ("regex", "pattern") | ("json_path", "matches") => "regular expressions",
        ("math", "value" | "tolerance" | "relative_tolerance") => "mathematics",
        ("number", "value" | "min" | "max" | "unit") => "how numbers are written in texts",
        ("judge", "rubric" | "prompt") => "templates",
        ("code", "prefix" | "entry_point" | "setup") => "templates",
        ("json_schema", "schema" | "draft") => "the schema inside",
        // Files.
        ("json_schema", "file") | ("command" | "code", "run") => "files, and what only a shell understands",
        // Letters and names that are compared with each other.
        ("choice", "options" | "letters") | ("judge", "scale") => "names that have to differ",
        ("contains" | "starts_with" | "ends_with", _) if text.trim().is_empty() => {
            "texts that are empty once normalised"
        }
        ("refusal", "phrases") | ("rouge" | "bleu" | "chrf", "value") => "texts that are empty once normalised",
        ("tool_call", "calls") => "the forms of a call",
        (_, "max_distance" | "max_order" | "char_order" | "word_order") if text.ends_with('%') => SHARES,
        _ => return None,
    })
}

/// A share in percent that happens to be a whole number; nobody means it.
const SHARES: &str = "shares as counts";

#[test]
fn what_one_refuses_the_other_refuses() {
    let validator = validator();
    let mut compared = 0;
    let mut agreed_of_exempt = 0;
    let mut apart = Vec::new();
    let definitions = schema_definitions();
    for family in FAMILIES {
        let least = least(family.name);
        let entry = Value::Object(least.clone());
        assert!(builds(&entry) && validator.is_valid(&entry), "{entry}");
        let schema = &definitions[&format!("grader_{}", family.name)];
        let options: Vec<&String> = schema["properties"].as_object().unwrap().keys().collect();
        for option in options {
            for value in values() {
                let mut entry = least.clone();
                entry.insert(option.clone(), value.clone());
                let entry = Value::Object(entry);
                let (theirs, ours) = (builds(&entry), validator.is_valid(&entry));
                compared += 1;
                if theirs != ours {
                    match cannot_be_said(family.name, option, &value) {
                        // A schema may be laxer than the reader, never stricter.
                        Some(_) if ours => {}
                        Some(SHARES) => {}
                        _ => apart.push(format!("{entry}: the grader says {theirs}, the schema {ours}")),
                    }
                } else if cannot_be_said(family.name, option, &value).is_some() {
                    agreed_of_exempt += 1;
                }
            }
            let mut less = least.clone();
            if option != "type" && less.shift_remove(option).is_some() {
                let entry = Value::Object(less);
                assert_eq!(builds(&entry), validator.is_valid(&entry), "{entry}");
            }
            let mut misspelt = least.clone();
            misspelt.insert(format!("{option}x"), json!("x"));
            let entry = Value::Object(misspelt);
            assert!(!builds(&entry) && !validator.is_valid(&entry), "{entry}");
        }
        let name = Value::from(family.name);
        assert_eq!(builds(&name), validator.is_valid(&name), "{name}");
    }
    assert!(apart.is_empty(), "{} of {compared}:\n{}", apart.len(), apart.join("\n"));
    assert!(compared > 10_000 && agreed_of_exempt > 1_000, "{compared} {agreed_of_exempt}");
}

#[test]
fn every_option_is_described() {
    for (name, schema) in schema_definitions().iter().filter(|(name, _)| name.starts_with("grader_")) {
        assert!(schema["additionalProperties"] == false && schema["description"].is_string(), "{name}");
        for (option, schema) in schema["properties"].as_object().unwrap() {
            let known = option == "type" || option == "extract";
            assert!(known || schema["description"].as_str().is_some_and(|text| text.len() > 8), "{name}.{option}");
        }
    }
}
