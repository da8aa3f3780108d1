use serde_json::json;

use super::*;

fn filled(schema: &Value, known: &Known<'_>, seed: u64) -> Value {
    fill(schema, known, &mut Chance::new(seed, &[b"schema"]))
}

#[test]
fn what_is_filled_in_conforms_to_its_schema() {
    for schema in [
        json!({"type": "object", "properties": {"reason": {"type": "string"}, "verdict": {"type": "string", "enum": ["pass", "fail"]}},
            "required": ["reason", "verdict"], "additionalProperties": false}),
        json!({"type": "object", "properties": {"score": {"type": "integer", "minimum": 1, "maximum": 5},
            "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}, "even": {"type": "integer", "multipleOf": 2, "minimum": 7}}}),
        json!({"type": "array", "items": {"type": "string", "maxLength": 5, "minLength": 3}, "minItems": 4, "maxItems": 4}),
        json!({"type": "array", "items": {"enum": ["a", "b", "c"]}, "uniqueItems": true, "minItems": 3}),
        json!({"prefixItems": [{"type": "integer"}, {"type": "boolean"}], "type": "array", "items": {"type": "null"}}),
        json!({"$defs": {"node": {"type": "object", "properties": {"name": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}}, "required": ["name", "children"]}},
            "$ref": "#/$defs/node"}),
        json!({"$defs": {"list": {"type": "object", "properties": {"next": {"anyOf": [{"$ref": "#/$defs/list"}, {"type": "null"}]}},
            "required": ["next"]}}, "$ref": "#/$defs/list"}),
        json!({"allOf": [{"type": "object", "properties": {"a": {"const": 1}}, "required": ["a"]},
            {"properties": {"b": {"type": ["string", "null"]}}, "required": ["b"]}]}),
        json!({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "object", "properties": {"x": {"type": "boolean"}}}]}),
        json!({"type": "object", "required": ["free"], "additionalProperties": {"type": "integer"}, "minProperties": 3}),
        json!({"type": "string", "pattern": "^[A-Z]{2}-\\d{4}(-(x|y)+)?$"}),
        json!({"type": "string", "format": "date-time"}),
        json!({"type": "number", "maximum": -3}),
        json!({"enum": [1, "two", null, [3]]}),
        json!({"properties": {"a": {"minimum": 3}, "b": {"items": {}}}, "required": ["a", "b"]}),
    ] {
        let validator = jsonschema::validator_for(&schema).unwrap();
        for seed in 0..50 {
            for verdict in [None, Some(true), Some(false)] {
                let known = Known { belief: Some("b"), verdict, prompt: "Judge the ticket about refunds" };
                let value = filled(&schema, &known, seed);
                assert!(validator.is_valid(&value), "{value} of {schema}");
            }
        }
    }
}

#[test]
fn properties_come_in_their_order_and_the_same_dice_give_the_same() {
    let schema = json!({"type": "object", "properties": {"z": {"type": "string"}, "a": {"type": "integer"}, "m": {"enum": [1, 2]}}});
    let value = filled(&schema, &Known::default(), 1);
    assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["z", "a", "m"]);
    assert_eq!(value, filled(&schema, &Known::default(), 1));
    assert!((2..30).any(|seed| filled(&schema, &Known::default(), seed) != value));
}

#[test]
fn a_judgement_is_good_or_bad_in_whatever_form_it_is_wanted() {
    for (schema, good, bad) in [
        (json!({"enum": ["pass", "fail"]}), json!(["pass"]), json!(["fail"])),
        (json!({"enum": ["1", "2", "3", "4"]}), json!(["3", "4"]), json!(["1", "2"])),
        (json!({"enum": ["good", "fair", "poor"]}), json!(["good", "fair"]), json!(["poor"])),
        (json!({"type": "boolean"}), json!([true]), json!([false])),
        (json!({"type": "integer", "minimum": 1, "maximum": 5}), json!([3, 4, 5]), json!([1, 2, 3])),
    ] {
        let schema = json!({"properties": {"reason": {"type": "string"}, "verdict": schema}});
        assert!(asks_for_verdict(&schema));
        for seed in 0..40 {
            for (verdict, among) in [(true, &good), (false, &bad)] {
                let value = filled(&schema, &Known { verdict: Some(verdict), ..Known::default() }, seed);
                assert!(among.as_array().unwrap().contains(&value["verdict"]), "{value}");
            }
        }
    }
    let told =
        json!({"properties": {"score": {"type": "number", "description": "a number from 0 (worst) to 1 (best)"}}});
    let score =
        |verdict| filled(&told, &Known { verdict: Some(verdict), ..Known::default() }, 3)["score"].as_f64().unwrap();
    assert!((0.6..=1.0).contains(&score(true)) && (0.0..=0.4).contains(&score(false)));
}

#[test]
fn what_it_believes_stands_where_it_fits() {
    let known = Known { belief: Some("Billing"), ..Known::default() };
    let schema = json!({"properties": {"why": {"type": "string"}, "team": {"enum": ["sales", "billing"]}, "answer": {"type": "string"}}});
    for seed in 0..10 {
        let value = filled(&schema, &known, seed);
        assert_eq!((value["team"].as_str(), value["answer"].as_str()), (Some("billing"), Some("Billing")));
        assert_ne!(value["why"], "Billing");
    }
    let number = json!({"properties": {"answer": {"type": "integer"}}});
    assert_eq!(filled(&number, &Known { belief: Some("42"), ..Known::default() }, 1)["answer"], 42);
    assert_eq!(filled(&Value::Null, &known, 1), json!({"answer": "Billing"}));
}

#[test]
fn a_schema_that_describes_itself_for_ever_or_nonsense_comes_to_an_end() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"properties": {"a": {"$ref": "#"}}, "required": ["a"]}),
        json!({"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#"}}, "required": ["a", "b"]}),
        json!({"type": 5, "enum": [], "anyOf": [], "required": 7, "properties": []}),
        json!({"type": "string", "pattern": "(?=x)", "minLength": 1e300}),
        json!({"type": "array", "minItems": 1_000_000_000}),
        json!({"type": "string", "pattern": "a{1000}{1000}"}),
        json!({"type": "integer", "minimum": 5, "maximum": 1}),
    ] {
        let _ = filled(&schema, &Known::default(), 1);
    }
}
