//! The suite as a whole.

use serde_json::{Map, Value, json};

use crate::grade::schema_definitions;
use crate::suite::dataset::schema as dataset;
use crate::suite::{load, pairwise};

use super::parts::{about, any_case, money, name, one_or_list, or_nothing, section, text, whole, with};
use super::print::pretty;
use super::{case, endpoint, gate, model, prompt};

/// The JSON Schema (2020-12) of a suite.
pub fn schema() -> Value {
    let head = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A suite of bench",
    });
    let mut definitions = Map::new();
    for (name, schema) in [
        ("model", model::model()),
        ("judge", model::judge()),
        ("prompt", prompt::prompt()),
        ("message", prompt::message()),
        ("parts", prompt::parts()),
        ("case", case::case()),
        ("dataset", dataset::entry()),
    ] {
        definitions.insert(name.to_owned(), schema);
    }
    definitions.extend(schema_definitions());
    let suite = section(
        "The models to ask, the prompts, the cases, and how answers are graded: docs/suite.md",
        &load::KEYS,
        key,
    );
    let mut schema = with(head, suite);
    schema["required"] = json!(["name", "models"]);
    schema["allOf"] = json!([one_kind_of_prompt(), some_prompt(), some_case()]);
    schema["$defs"] = definitions.into();
    schema
}

/// [`schema`] as it is printed.
pub fn schema_text() -> String {
    pretty(&schema())
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn list(of: &str) -> Value {
    json!({"type": "array", "items": reference(of)})
}

fn key(key: &str) -> Option<Value> {
    Some(match key {
        "name" => about("What the suite is called; required", name()),
        "description" => about("What it measures", or_nothing(text())),
        "base_url" | "api_key_env" | "headers" => endpoint::key(key)?,
        "defaults" => or_nothing(model::defaults()),
        "models" => about("The models to ask, each by its id or with settings of its own", filled(list("model"))),
        "judges" => {
            about("Models that graders ask, where more than an id is to be said of them", or_nothing(list("judge")))
        }
        "prompt" => {
            about("The prompt: a template, or a map with `system` and `user` or `messages`", reference("prompt"))
        }
        "prompts" => about("Several prompts, compared with each other", filled(list("prompt"))),
        "cases" => about("The cases: variables and what is expected of the answer", or_nothing(list("case"))),
        "dataset" => about("Cases from files: a path, a map, or a list of both", or_nothing_of(dataset::entries())),
        "repeat" => about("How often each case is asked", with(whole(1), json!({"default": 1}))),
        "graders" => about("How answers are graded; all must pass", or_nothing_of(reference("graders"))),
        "pairwise" => or_nothing(pairwise()),
        "budget" => about("US dollars; launching stops once they are spent", or_nothing(money())),
        "gates" => about("Conditions that decide the exit code", or_nothing(one_or_list(gate::gate()))),
        "confidence" => about("A gate then needs its whole interval on the right side", or_nothing(confidence())),
        "include" => about(
            "Files with `cases`, `dataset` or `include`, or lists of cases; paths in them are relative to them",
            or_nothing(with(one_or_list(with(name(), json!({"examples": ["shared.yaml"]}))), json!({"minItems": 1}))),
        ),
        "env" => about("Variables of the environment, as `{{ env.NAME }}` in templates", or_nothing(environment())),
        _ => return None,
    })
}

fn filled(list: Value) -> Value {
    with(list, json!({"minItems": 1}))
}

/// [`or_nothing`] of what has no type of its own.
fn or_nothing_of(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

fn confidence() -> Value {
    json!({
        "type": ["string", "number"],
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 1,
        "pattern": r"^\s*\+?(?=.*[1-9])(?:0*(?:\d{1,2}(?:\.\d*)?|\.\d+)\s*%|0*\.\d+)\s*$",
        "examples": ["95%", 0.95],
    })
}

/// A name, or a map that may say what stands where the variable is not set. Names that look like those of secrets are
/// refused.
fn environment() -> Value {
    let within = any_case(&["secret", "password", "passwd", "passphrase", "credential", "token", "cookie"]);
    let words = any_case(&["pass", "pwd", "auth", "bearer", "jwt"]);
    let words = format!("(?:{words}|[A-Za-z0-9]*{})", any_case(&["key", "keys"]));
    let variable = format!("^(?!.*{within})(?!(?:.*_)?{words}(?:_|$))[A-Za-z_][A-Za-z0-9_]*$");
    one_or_list(json!({
        "type": ["string", "object"],
        "pattern": variable,
        "required": ["name"],
        "additionalProperties": false,
        "properties": {
            "name": {"description": "The variable's name", "type": "string", "pattern": variable},
            "default": {"description": "What it holds where it is not set", "type": ["string", "number", "null"]},
        },
    }))
}

/// What compares answers two at a time: the keys of a judge of two answers, and ours.
fn pairwise() -> Value {
    let mut schema = crate::grade::PairJudge::schema();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for key in pairwise::OURS {
            let described = match key {
                "against" => about("The model that every other is compared with; every two if left out", name()),
                "cases" => about("Only so many cases, drawn by the run's seed", whole(1)),
                _ => json!({}),
            };
            properties.insert(key.to_owned(), described);
        }
    }
    about("A judge that compares answers two at a time", schema)
}

/// `prompt` and `prompts` contradict each other.
fn one_kind_of_prompt() -> Value {
    json!({"not": {"required": ["prompt", "prompts"]}})
}

/// A prompt of the suite's, of a dataset's or of its format's, or from an included file.
fn some_prompt() -> Value {
    let mut ways = vec![json!({"required": ["prompt"]}), json!({"required": ["prompts"]})];
    ways.extend(dataset::with_prompt().map(|entry| {
        let of_several = json!({"type": "array", "contains": entry});
        json!({"required": ["dataset"], "properties": {"dataset": {"anyOf": [entry, of_several]}}})
    }));
    ways.extend(included());
    json!({"anyOf": ways})
}

fn some_case() -> Value {
    let mut ways = vec![
        json!({"required": ["cases"], "properties": {"cases": {"type": "array", "minItems": 1}}}),
        json!({"required": ["dataset"], "properties": {"dataset": {"type": ["string", "object", "array"]}}}),
    ];
    ways.extend(included());
    json!({"anyOf": ways})
}

/// What an included file holds is not the schema's to know.
fn included() -> Option<Value> {
    let known = load::KEYS.contains(&"include");
    known.then(|| json!({"required": ["include"], "properties": {"include": {"type": ["string", "array"]}}}))
}
