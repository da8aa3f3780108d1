//! A schema, checked and made ready.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Retrieve, Uri, ValidationError, ValidationOptions, Validator};
use serde_json::{Value, json};

use crate::text::{closest, excerpt, one_line};

use super::explain::{Misfit, Union};
use super::locate::{broken_ref, outside_refs};
use super::words;

/// The drafts by the names that the option takes.
pub(in crate::grade) const DRAFTS: &[&str] = &["2020-12", "7", "2019-09", "6", "4"];

/// The compiled size of one pattern, as for the grader `regex`.
const PATTERN_BYTES: usize = 10 << 20;

/// Under this address branches of the schema refer to the schema itself.
const SELF_URI: &str = "bench:///schema";

/// How a schema is read.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::grade) struct SchemaOptions {
    /// Instead of what `$schema` says; without both 2020-12.
    pub(in crate::grade) draft: Option<Draft>,
    /// Whether `format` (and in draft 7 `contentEncoding` and `contentMediaType`) can fail.
    pub(in crate::grade) formats: bool,
}

/// Draft by its name among [`DRAFTS`], also written `draft-07` or `draft7`.
pub(in crate::grade) fn draft_named(name: &str) -> Option<Draft> {
    let name = name.to_lowercase();
    let plain = name.trim_start_matches("draft").trim_start_matches(['-', ' ']);
    match plain.trim_start_matches('0') {
        "2020-12" | "202012" => Some(Draft::Draft202012),
        "2019-09" | "201909" => Some(Draft::Draft201909),
        "7" => Some(Draft::Draft7),
        "6" => Some(Draft::Draft6),
        "4" => Some(Draft::Draft4),
        _ => None,
    }
}

/// What is wrong with a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grade) struct SchemaMistake {
    /// Where, as a JSON Pointer into the schema.
    pub(in crate::grade) pointer: String,
    /// A lower-case fragment.
    pub(in crate::grade) message: String,
    pub(in crate::grade) hint: Option<String>,
}

impl SchemaMistake {
    fn at(pointer: impl Into<String>, message: impl Into<String>, hint: Option<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), hint }
    }
}

/// A schema that is ready for instances.
#[derive(Debug, Clone)]
pub(in crate::grade) struct Schema {
    root: Arc<Root>,
}

/// `None`: the pointer leads nowhere.
type Parts = HashMap<(String, bool), Option<Arc<Validator>>>;

/// The schema, and what was compiled of it.
#[derive(Debug)]
pub(super) struct Root {
    /// Without its `$schema`: the draft is known.
    pub(super) schema: Value,
    draft: Draft,
    formats: bool,
    validator: Validator,
    /// Validators of parts of the schema by pointer, each compiled when first needed; `true`: those that explain.
    parts: Mutex<Parts>,
}

impl Schema {
    /// Checks a schema and makes it ready.
    ///
    /// # Errors
    /// The first mistake in it.
    pub(in crate::grade) fn compile(schema: &Value, options: SchemaOptions) -> Result<Self, SchemaMistake> {
        if !schema.is_object() && !schema.is_boolean() {
            let hint = "write for example `{ type: object, required: [team] }`".to_owned();
            return Err(SchemaMistake::at("", "a schema is a map, or `true` or `false`", Some(hint)));
        }
        let draft = options.draft.map_or_else(|| draft_of(schema), Ok)?;
        check_against_meta_schema(schema, draft)?;
        if let Some((pointer, reference)) = outside_refs(schema).into_iter().next() {
            let message = format!("`{}` leads out of the schema: nothing is fetched", shown(&reference));
            let hint = "copy what it refers to under `$defs`, and refer to `#/$defs/…`".to_owned();
            return Err(SchemaMistake::at(pointer, message, Some(hint)));
        }
        let mut plain = schema.clone();
        if let Value::Object(map) = &mut plain {
            map.shift_remove("$schema");
        }
        let validator =
            options_for(draft, options.formats).build(&plain).map_err(|error| mistake_of(&plain, &error))?;
        let parts = Mutex::default();
        Ok(Self { root: Arc::new(Root { schema: plain, draft, formats: options.formats, validator, parts }) })
    }

    /// The schema itself, without `$schema`.
    pub(in crate::grade) fn written(&self) -> &Value {
        &self.root.schema
    }

    /// Whether an instance keeps to the schema, and where it first does not.
    ///
    /// # Errors
    /// The first place.
    pub(in crate::grade) fn check(&self, instance: &Value) -> Result<(), Misfit> {
        if self.root.validator.is_valid(instance) { Ok(()) } else { Err(Misfit::find(&self.root, instance)) }
    }
}

impl Root {
    /// The part of the schema at a pointer as a validator; explaining ones stop at the first `anyOf` or `oneOf`.
    /// `None` where the pointer leads nowhere.
    pub(super) fn part(self: &Arc<Self>, pointer: &str, explaining: bool) -> Option<Arc<Validator>> {
        let key = (pointer.to_owned(), explaining);
        if let Some(known) = self.parts.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return known.clone();
        }
        // Compiled without the lock: compiling may ask for other parts.
        let mut options = options_for(self.draft, self.formats).with_retriever(Itself(self.schema.clone()));
        if explaining {
            for keyword in Union::KEYWORDS {
                let root: Weak<Self> = Arc::downgrade(self);
                options = options.with_keyword(keyword, move |_, _, location| {
                    Ok(Box::new(Union::new(root.clone(), location.as_str(), keyword)))
                });
            }
        }
        let part = if pointer.is_empty() {
            options.build(&self.schema)
        } else {
            options.build(&json!({ "$ref": format!("{SELF_URI}#{}", fragment(pointer)) }))
        };
        let part = part.ok().map(Arc::new);
        self.parts.lock().unwrap_or_else(PoisonError::into_inner).insert(key, part.clone());
        part
    }
}

/// Serves the schema to its own parts.
struct Itself(Value);

impl Retrieve for Itself {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        if uri.as_str() == SELF_URI { Ok(self.0.clone()) } else { Err("nothing is fetched".into()) }
    }
}

/// A JSON Pointer as the fragment of a URI.
fn fragment(pointer: &str) -> String {
    let mut out = String::with_capacity(pointer.len());
    for byte in pointer.bytes() {
        if byte.is_ascii_alphanumeric() || b"/~_.-$".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex(byte >> 4), hex(byte & 15)]);
        }
    }
    out
}

fn hex(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0').to_ascii_uppercase()
}

/// Patterns are matched in linear time, nothing is fetched, and what only describes does not fail.
fn options_for<'i>(draft: Draft, formats: bool) -> ValidationOptions<'i> {
    let options = jsonschema::options()
        .with_draft(draft)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES))
        .should_validate_formats(formats)
        .offline();
    if formats {
        return options;
    }
    options.without_content_encoding_support("base64").without_content_media_type_support("application/json")
}

/// The draft that `$schema` names.
fn draft_of(schema: &Value) -> Result<Draft, SchemaMistake> {
    match Draft::Draft202012.detect(schema) {
        Draft::Unknown => {
            let named = schema.get("$schema").and_then(Value::as_str).unwrap_or_default();
            let message = format!("`$schema` names no known draft: `{}`", shown(named));
            let hint = "write `https://json-schema.org/draft/2020-12/schema`, or leave it out".to_owned();
            Err(SchemaMistake::at("/$schema", message, Some(hint)))
        }
        draft => Ok(draft),
    }
}

fn check_against_meta_schema(schema: &Value, draft: Draft) -> Result<(), SchemaMistake> {
    let checked = match draft {
        Draft::Draft4 => jsonschema::draft4::meta::validate(schema),
        Draft::Draft6 => jsonschema::draft6::meta::validate(schema),
        Draft::Draft7 => jsonschema::draft7::meta::validate(schema),
        Draft::Draft201909 => jsonschema::draft201909::meta::validate(schema),
        _ => jsonschema::draft202012::meta::validate(schema),
    };
    checked.map_err(|error| {
        let pointer = error.instance_path().as_str().to_owned();
        let keyword = super::super::json::place::pointer_parts(&pointer).last().unwrap_or_default();
        if keyword == "type" {
            let written = error.instance().as_str().unwrap_or_default().to_owned();
            let meant = closest(&written, TYPES.iter().copied()).map(|meant| format!("did you mean `{meant}`?"));
            let types = TYPES.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let message = format!("{} is no type of JSON", words::brief(error.instance()));
            return SchemaMistake::at(pointer, message, meant.or(Some(format!("the types are {types}"))));
        }
        let what = words::describe(&error);
        let what = if keyword.is_empty() { what } else { format!("`{}`: {what}", shown(&keyword)) };
        SchemaMistake::at(pointer, format!("not a JSON Schema: {what}"), None)
    })
}

const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/// Why a schema could not be compiled, and where.
fn mistake_of(schema: &Value, error: &ValidationError<'_>) -> SchemaMistake {
    match error.kind() {
        ValidationErrorKind::Referencing(problem) => match broken_ref(schema) {
            Some((pointer, reference)) => {
                let message = format!("`{}` refers to nothing in the schema", shown(&reference));
                let hint = "a `$ref` is written `#/$defs/name`".to_owned();
                SchemaMistake::at(pointer, message, Some(hint))
            }
            None => SchemaMistake::at("", format!("a reference leads nowhere: {problem}"), None),
        },
        ValidationErrorKind::Format { format } if format == "regex" => {
            let pattern = words::brief(error.instance());
            let message = format!("the pattern {pattern} cannot be used");
            let hint = "lookaround and backreferences are not supported, as matching takes linear time; a compiled \
                        pattern takes at most 10 MiB"
                .to_owned();
            SchemaMistake::at(error.schema_path().as_str(), message, Some(hint))
        }
        _ => {
            let message = format!("not a JSON Schema: {}", words::describe(error));
            SchemaMistake::at(error.schema_path().as_str(), message, None)
        }
    }
}

fn shown(text: &str) -> String {
    one_line(&excerpt(text, 100)).into_owned()
}
