//! `bench schema`: what editors are told.

use serde_json::Value;

use crate::context::Context;

#[test]
fn the_schema_goes_to_standard_output_and_is_the_one_in_the_documentation() {
    let outcome = Context::new().bench(&["schema"]).run();
    outcome.code(0);
    assert!(outcome.stderr.is_empty(), "{outcome}");
    let committed = include_str!("../../docs/suite.schema.json");
    assert!(outcome.stdout == committed.as_bytes(), "run `bench schema > docs/suite.schema.json`");
    let schema: Value = serde_json::from_str(committed).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let suite = |graders: Value| {
        serde_json::json!({
            "name": "t", "models": ["m"], "prompt": "{{ q }}", "cases": [{"vars": {"q": "x"}, "expect": "y"}], "graders": graders,
        })
    };
    assert!(validator.is_valid(&suite(serde_json::json!(["exact"]))));
    // The error is at the option, not "none of 37 alternatives".
    let wrong = suite(serde_json::json!([{"type": "length", "maxx": 5, "max": 3}]));
    assert!(!validator.is_valid(&wrong));
}
