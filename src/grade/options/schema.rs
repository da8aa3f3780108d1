//! The JSON Schema of options, for editors: derived from the structs that read them, so that neither knows an option
//! that the other does not. Doc comments of fields become descriptions.

use std::borrow::Cow;
use std::time::Duration;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::units::{DURATION_PATTERN, PERCENT_PATTERN, USD_PATTERN, Usd};

use super::amounts::{Count, Limit, Share, Weight};
use super::values::{Label, Literal, Text, Texts};

/// A text with something in it, on one line.
pub(crate) const NAME_PATTERN: &str =
    r"^\s*[^\s\u0000-\u001f\u007f-\u009f](?:[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f])?\s*$";

/// A text with something in it.
pub(in crate::grade) const FILLED_PATTERN: &str = r"\S";

/// Where the definition of a suite's list of graders stands in its schema.
const GRADERS: &str = "#/$defs/graders";

/// The schema of an options struct: a map without further keys.
pub(in crate::grade) fn schema<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    tidy(&mut schema);
    schema
}

/// [`schema`] of a family that does not look at the answer's text: there is nothing to extract for it.
pub(in crate::grade) fn schema_without_text<T: JsonSchema>() -> Value {
    let mut schema = schema::<T>();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert("extract".to_owned(), Value::Bool(false));
    }
    schema
}

/// Takes out what is true of Rust's types and not of what a suite may hold. An option that is there has a value: null is
/// refused by all.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(map) => {
            map.remove("title");
            if map.get("default").is_some_and(Value::is_null) {
                map.shift_remove("default");
            }
            bound_integers(map);
            without_null(map);
            map.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

/// Rust's names of number formats mean nothing to editors; the bounds that they imply do.
fn bound_integers(map: &mut Map<String, Value>) {
    let Some(format) = map.get("format").and_then(Value::as_str) else { return };
    let most: Option<u64> = match format {
        "uint8" => Some(u8::MAX.into()),
        "uint16" => Some(u16::MAX.into()),
        "uint32" => Some(u32::MAX.into()),
        "uint64" | "uint" | "double" => None,
        _ => return,
    };
    map.shift_remove("format");
    if let Some(most) = most {
        map.entry("maximum").or_insert_with(|| most.into());
    }
}

fn without_null(map: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|name| name != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            map.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    let is_null = |schema: &Value| schema.get("type").is_some_and(|name| name == "null");
    if let Some(Value::Array(several)) = map.get_mut("anyOf")
        && several.iter().any(is_null)
    {
        several.retain(|schema| !is_null(schema));
        if let [Value::Object(one)] = several.as_slice() {
            let one = one.clone();
            map.shift_remove("anyOf");
            // What is said of the option wins over what is said of its type.
            for (key, value) in one {
                map.entry(key).or_insert(value);
            }
        }
    }
}

/// Gives a type that reads itself its schema.
macro_rules! schema_of {
    ($type:ty, $schema:expr) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let schema: fn() -> schemars::Schema = $schema;
                schema()
            }
        }
    };
}
pub(in crate::grade) use schema_of;

schema_of!(Text, || json_schema!({"type": ["string", "number", "boolean"]}));
schema_of!(Texts, || json_schema!({
    "type": ["string", "number", "boolean", "array"],
    "items": {"type": ["string", "number", "boolean"]},
    "minItems": 1,
}));
schema_of!(Label, || json_schema!({"type": ["string", "number", "boolean"], "pattern": NAME_PATTERN}));
schema_of!(Literal, || json_schema!({}));
schema_of!(Weight, || json_schema!({"type": "number", "minimum": 0, "maximum": 1e9}));
schema_of!(Share, || json_schema!({
    "type": ["number", "string"], "minimum": 0, "maximum": 1, "pattern": PERCENT_PATTERN, "examples": [0.8, "80%"],
}));
schema_of!(Count, || json_schema!({"type": "integer", "minimum": 0}));
schema_of!(Limit<Duration>, || duration().into());
schema_of!(Limit<Usd>, || json_schema!({
    "type": ["number", "string"], "minimum": 0, "pattern": USD_PATTERN, "examples": [0.001, "$0.001"],
}));

/// A duration in a text.
fn duration() -> Map<String, Value> {
    let schema = json!({"type": "string", "pattern": DURATION_PATTERN, "examples": ["10s", "1m 30s", "250ms"]});
    schema.as_object().cloned().unwrap_or_default()
}

/// Schemas of options that are read as texts and checked afterwards. As types, for `#[schemars(with = …)]`.
pub(in crate::grade) mod checked {
    use super::{Cow, JsonSchema, Schema, SchemaGenerator, duration, json_schema};

    macro_rules! checked {
        ($($(#[$doc:meta])* $name:ident: $schema:expr;)*) => {$(
            $(#[$doc])*
            #[derive(Debug)]
            pub(in crate::grade) struct $name;

            impl JsonSchema for $name {
                fn inline_schema() -> bool {
                    true
                }

                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    $schema
                }
            }
        )*};
    }

    checked! {
        /// A duration.
        Time: duration().into();
        /// A size with its unit.
        Size: json_schema!({
            "type": "string",
            "pattern": r"^\s*(?=.*[1-9])(?:\d+\.?\d*|\.\d+)\s*(?:[bB]|[kKmMgG](?:[iI]?[bB])?)\s*$",
            "examples": ["512MB", "1GiB"],
        });
        /// How far off a number may be.
        Tolerance: json_schema!({
            "type": ["number", "string"], "minimum": 0, "pattern": r"^(?!\s*-)[^%]*\d[^%]*$", "examples": [0.01],
        });
        /// How far off a number may be, as a share of it.
        RelativeTolerance: json_schema!({
            "type": ["number", "string"], "minimum": 0, "pattern": r"^(?!\s*-)[^%]*\d[^%]*%?\s*$", "examples": [0.01, "1%"],
        });
        /// A number, or a text that holds one.
        Number: json_schema!({"type": ["number", "string"], "pattern": r"\d"});
        /// A text with something in it.
        Filled: json_schema!({"type": ["string", "number", "boolean"], "pattern": super::FILLED_PATTERN});
        /// One such text or a list of them.
        AllFilled: json_schema!({
            "type": ["string", "number", "boolean", "array"],
            "pattern": super::FILLED_PATTERN,
            "items": {"type": ["string", "number", "boolean"], "pattern": super::FILLED_PATTERN},
            "minItems": 1,
        });
        /// Graders, or one.
        Graders: json_schema!({"$ref": super::GRADERS, "minItems": 1});
        /// A number above 0, or a share in percent.
        Above: json_schema!({
            "type": ["number", "string"], "exclusiveMinimum": 0, "maximum": 1e6, "pattern": r"^(?=.*[1-9])\s*\+?(?:\d+\.?\d*|\.\d+)\s*%\s*$",
        });
        /// A share above 0.
        SomeShare: json_schema!({
            "type": ["number", "string"],
            "exclusiveMinimum": 0,
            "maximum": 1,
            "pattern": crate::units::SOME_PERCENT_PATTERN,
            "examples": [0.8, "80%"],
        });
    }
}
