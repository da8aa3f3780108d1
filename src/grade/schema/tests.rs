use serde_json::{Value, json};

use super::*;

fn compiled(schema: &Value) -> Schema {
    Schema::compile(schema, SchemaOptions::default()).unwrap_or_else(|mistake| panic!("{schema}: {mistake:?}"))
}

fn reason(schema: &Value, instance: &Value) -> String {
    compiled(schema).check(instance).expect_err(&format!("{schema} {instance}")).to_string()
}

#[test]
fn the_first_error_is_told_with_its_place_in_words() {
    for (schema, instance, want) in [
        (
            json!({"properties": {"items": {"items": {"properties": {"price": {"type": "integer"}}}}}}),
            json!({"items": [{"price": 1}, {"price": 3.5}]}),
            "at `items[1].price`: 3.5 is not an integer (schema: `#/properties/items/items/properties/price/type`)",
        ),
        (json!({"type": ["string", "null"]}), json!(1), "1 is not null or a string (schema: `#/type`)"),
        (json!({"required": ["a"]}), json!({}), "the key `a` is missing (schema: `#/required`)"),
        (
            json!({"properties": {"a": {}}, "additionalProperties": false}),
            json!({"x": 1, "a": 1, "y": 2}),
            "unexpected keys `x` and `y` (schema: `#/additionalProperties`)",
        ),
        (
            json!({"additionalProperties": false}),
            json!({"x": 1}),
            "unexpected key with the value 1 (schema: `#/additionalProperties`)",
        ),
        (json!({"enum": [1, "b"]}), json!("c"), "\"c\" is not 1 or \"b\" (schema: `#/enum`)"),
        (json!({"const": 1}), json!(2), "expected 1, got 2 (schema: `#/const`)"),
        (json!({"minimum": 3}), json!(2), "2 is less than 3 (schema: `#/minimum`)"),
        (json!({"exclusiveMaximum": 3}), json!(3), "3 is not less than 3 (schema: `#/exclusiveMaximum`)"),
        (json!({"multipleOf": 2}), json!(3), "3 is not a multiple of 2 (schema: `#/multipleOf`)"),
        (json!({"minLength": 1}), json!(""), "\"\" is shorter than 1 character (schema: `#/minLength`)"),
        (json!({"maxItems": 1}), json!([1, 2]), "[1,2] has more than 1 item (schema: `#/maxItems`)"),
        (json!({"pattern": "^a+$"}), json!("b"), "\"b\" does not match `^a+$` (schema: `#/pattern`)"),
        (json!({"uniqueItems": true}), json!([1, 1]), "[1,1] holds an item twice (schema: `#/uniqueItems`)"),
        (json!({"not": {}}), json!(1), "1 fits the schema under `not` (schema: `#/not`)"),
        (json!(false), json!(1), "nothing may stand here, got 1 (schema: `#`)"),
        (
            json!({"items": {"type": "string"}}),
            json!([1, 2, 3]),
            "at `[0]`: 1 is not a string (schema: `#/items/type`; 2 more errors)",
        ),
        (
            json!({"$defs": {"a b": {"type": "string"}}, "items": {"$ref": "#/$defs/a%20b"}}),
            json!([1]),
            "at `[0]`: 1 is not a string (schema: `#/$defs/a b/type`)",
        ),
    ] {
        assert_eq!(reason(&schema, &instance), want);
    }
}

#[test]
fn a_union_is_followed_into_the_branch_that_was_meant() {
    let shape = json!({"oneOf": [
        {"properties": {"kind": {"const": "circle"}, "radius": {"type": "number"}}, "required": ["kind", "radius"]},
        {"properties": {"kind": {"const": "box"}, "width": {"type": "number"}}, "required": ["kind", "width"]},
    ]});
    let wrapped = json!({"properties": {"shape": shape}});
    assert_eq!(
        reason(&wrapped, &json!({"shape": {"kind": "box", "width": "wide"}})),
        "at `shape.width`: \"wide\" is not a number (schema: `#/properties/shape/oneOf/1/properties/width/type`)"
    );
    assert_eq!(
        reason(&wrapped, &json!({"shape": {"kind": "star"}})),
        "at `shape`: {\"kind\":\"star\"} does not fit any of 2 schemas (schema: `#/properties/shape/oneOf`)"
    );
    let both = json!({"oneOf": [{"type": "integer"}, {"minimum": 0}]});
    assert_eq!(reason(&both, &json!(1)), "1 fits several schemas, of which it should fit one (schema: `#/oneOf`)");
    let scalar = json!({"anyOf": [{"type": "string", "maxLength": 1}, {"type": "null"}]});
    assert_eq!(reason(&scalar, &json!("ab")), "\"ab\" is longer than 1 character (schema: `#/anyOf/0/maxLength`)");
}

/// An expression: two branches hold another expression under the same key.
fn expression() -> Value {
    json!({
        "$ref": "#/$defs/expr",
        "$defs": {"expr": {"anyOf": [
            {"type": "number"},
            {"type": "object", "properties": {"op": {"const": "+"}, "left": {"$ref": "#/$defs/expr"}}, "required": ["op", "left"]},
            {"type": "object", "properties": {"op": {"const": "-"}, "left": {"$ref": "#/$defs/expr"}}, "required": ["op", "left"]},
        ]}}
    })
}

#[test]
fn a_recursive_schema_is_followed_to_the_leaf() {
    let mut instance = json!("x");
    for op in ["+", "-", "+"] {
        instance = json!({"op": op, "left": instance});
    }
    assert_eq!(
        reason(&expression(), &instance),
        "at `left.left.left`: \"x\" does not fit any of 3 schemas (schema: `#/$defs/expr/anyOf`)"
    );
}

#[test]
fn a_deep_instance_of_a_recursive_schema_takes_no_exponential_time() {
    let schema = compiled(&expression());
    let mut instance = json!("x");
    for _ in 0..60 {
        instance = json!({"op": "+", "left": instance});
    }
    // Two branches at each of 60 levels would never end.
    assert!(schema.check(&instance).is_err());
}

#[test]
fn patterns_are_matched_in_linear_time() {
    let schema = compiled(&json!({"pattern": "^(a|aa)+$"}));
    assert!(schema.check(&json!("a".repeat(100_000) + "b")).is_err());
}

#[test]
fn a_schema_of_itself_and_long_chains_of_references_are_fine() {
    assert!(compiled(&json!({"$ref": "#"})).check(&json!(1)).is_ok());
    assert!(compiled(&json!({"allOf": [{"$ref": "#"}]})).check(&json!(1)).is_ok());
    let mut definitions = serde_json::Map::new();
    for index in 0..2000 {
        definitions.insert(format!("d{index}"), json!({"allOf": [{"$ref": format!("#/$defs/d{}", index + 1)}]}));
    }
    definitions.insert("d2000".into(), json!({"type": "string"}));
    let schema = compiled(&json!({"$ref": "#/$defs/d0", "$defs": definitions}));
    assert!(schema.check(&json!("a")).is_ok());
    assert!(schema.check(&json!(1)).unwrap_err().to_string().contains("1 is not a string"));
}

#[test]
fn a_wrong_schema_is_told_with_its_place() {
    for (schema, pointer, part, hint) in [
        (json!(5), "", "a schema is a map", "type: object"),
        (json!({"properties": {"a": {"type": "strng"}}}), "/properties/a/type", "no type of JSON", "`string`"),
        (json!({"items": {"minimum": "3"}}), "/items/minimum", "\"3\" is not a number", ""),
        (json!({"required": "a"}), "/required", "\"a\" is not an array", ""),
        (json!({"$schema": "http://x/y"}), "/$schema", "no known draft", "2020-12"),
        (json!({"a": {"$ref": "other.json"}}), "/a/$ref", "leads out of the schema", "$defs"),
        (json!({"items": {"$ref": "https://e.com/s#/a"}}), "/items/$ref", "leads out of the schema", ""),
        (json!({"items": {"$ref": "#/$defs/x"}}), "/items/$ref", "refers to nothing", "#/$defs/name"),
        (json!({"items": {"$ref": "#nowhere"}}), "/items/$ref", "refers to nothing", ""),
        (json!({"items": {"pattern": "(?=a)b"}}), "/items/pattern", "cannot be used", "lookaround"),
        (json!({"pattern": "(("}), "/pattern", "", ""),
        (json!({"pattern": r"\w{1000}{1000}"}), "/pattern", "cannot be used", "10 MiB"),
    ] {
        let mistake = Schema::compile(&schema, SchemaOptions::default()).expect_err(&schema.to_string());
        assert_eq!(mistake.pointer, pointer, "{schema}: {mistake:?}");
        assert!(mistake.message.contains(part), "{schema}: {mistake:?}");
        assert!(mistake.hint.unwrap_or_default().contains(hint), "{schema}: {}", mistake.message);
    }
}

#[test]
fn references_inside_the_schema_and_to_meta_schemas_are_followed() {
    for schema in [
        json!({"$ref": "https://json-schema.org/draft/2020-12/schema"}),
        json!({"$id": "https://e.com/a", "$ref": "b", "$defs": {"b": {"$id": "b", "type": "object"}}}),
        json!({"$ref": "#here", "$defs": {"b": {"$anchor": "here", "type": "object"}}}),
        json!({"properties": {"$ref": {"type": "string"}, "x": {"const": {"$ref": "other.json"}}}}),
    ] {
        assert!(compiled(&schema).check(&json!({})).is_ok(), "{schema}");
    }
}

#[test]
fn drafts_differ_where_they_do() {
    let sibling = json!({"$ref": "#/definitions/any", "type": "string", "definitions": {"any": {}}});
    let of = |draft| Schema::compile(&sibling, SchemaOptions { draft: draft_named(draft), formats: false }).unwrap();
    assert!(of("7").check(&json!(1)).is_ok(), "draft 7 ignores what stands beside a `$ref`");
    assert!(of("2020-12").check(&json!(1)).is_err());
    let named = json!({"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#/definitions/any", "type": "string", "definitions": {"any": {}}});
    assert!(compiled(&named).check(&json!(1)).is_ok());
    for name in DRAFTS {
        assert!(draft_named(name).is_some(), "{name}");
    }
    assert_eq!(draft_named("draft-07"), draft_named("7"));
    assert_eq!(draft_named("3"), None);
}

#[test]
fn formats_fail_only_when_asked() {
    let schema = json!({"format": "date"});
    let of = |formats| Schema::compile(&schema, SchemaOptions { draft: None, formats }).unwrap();
    assert!(of(false).check(&json!("soon")).is_ok());
    let error = of(true).check(&json!("soon")).unwrap_err();
    assert_eq!(error.what, "\"soon\" is not of the format `date`");
    assert!(of(true).check(&json!("2024-02-29")).is_ok());
}

#[test]
fn errors_of_a_large_instance_are_not_all_kept() {
    let many = Value::from(vec![1; 200_000]);
    let error = compiled(&json!({"items": {"type": "string"}})).check(&many).unwrap_err();
    assert_eq!((error.place.as_str(), error.errors), ("[0]", None));
}

/// Instances and schemas, as the Python package `jsonschema` takes them: `tests/reference/json_schema.py`.
#[test]
fn instances_are_valid_where_the_reference_says_so() {
    #[derive(serde::Deserialize)]
    struct Reference {
        groups: Vec<Group>,
        wrong: Vec<Value>,
    }
    #[derive(serde::Deserialize)]
    struct Group {
        draft: String,
        schema: Value,
        instances: Vec<(Value, bool)>,
    }
    let reference: Reference = serde_json::from_str(include_str!("../../../tests/reference/json_schema.json")).unwrap();
    let options = |draft: &str| SchemaOptions { draft: draft_named(draft), formats: false };
    let (mut pairs, mut kept) = (0, 0);
    let mut differ = Vec::new();
    for Group { draft, schema, instances } in &reference.groups {
        let compiled =
            Schema::compile(schema, options(draft)).unwrap_or_else(|mistake| panic!("{schema}: {mistake:?}"));
        for (instance, valid) in instances {
            pairs += 1;
            match compiled.check(instance) {
                Ok(()) if *valid => {}
                // A reason has been found, not only the verdict.
                Err(misfit) if !valid => assert_ne!(misfit.what, "does not keep to the schema", "{schema} {instance}"),
                // Since 2019-09 it is written `dependentRequired`; schemas that still write it mean it, and the official
                // suite allows both.
                Err(_) if draft == "2020-12" && schema.get("dependencies").is_some() => kept += 1,
                _ => differ.push(format!("{draft} {schema} {instance}")),
            }
        }
    }
    assert!(pairs >= 1000, "{pairs}");
    assert_eq!(kept, 3, "disagreements kept on purpose");
    assert_eq!(differ, Vec::<String>::new());
    for schema in &reference.wrong {
        for draft in ["7", "2020-12"] {
            assert!(Schema::compile(schema, options(draft)).is_err(), "{draft} {schema}");
        }
    }
}
