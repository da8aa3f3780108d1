//! The JSON Schema of `dataset`, for editors: see `suite::schema`.

use serde_json::{Value, json};

use crate::suite::schema::case;
use crate::suite::schema::parts::{
    VARIABLE_PATTERN, about, any_case, name, one_or_list, or_nothing, section, seed, text, whole as from, with,
};

use super::formats::PUBLISHED;
use super::{source, spec};

/// How files may be read whose names do not tell.
const FILE_FORMATS: [(&str, &str); 8] = [
    ("csv", "Comma-separated values; the delimiter is detected"),
    ("tsv", "Tab-separated values"),
    ("jsonl", "One JSON object a line"),
    ("json", "A list of objects, or a document that holds one under `rows`"),
    ("yaml", "A list of maps"),
    ("parquet", "Parquet, where bench was built with it"),
    ("xlsx", "An Excel workbook, where bench was built with it"),
    ("files", "Every file is a case with the columns `file`, `stem`, `path` and `text`"),
];

/// What stands under `dataset`: an entry, or a list of them.
pub(in crate::suite) fn entries() -> Value {
    let entry = json!({"$ref": "#/$defs/dataset"});
    json!({"anyOf": [entry, {"type": "array", "minItems": 1, "items": entry}]})
}

/// An entry: a path or a map.
pub(in crate::suite) fn entry() -> Value {
    let path = with(name(), json!({"type": "string", "examples": ["cases.csv", "data/*.jsonl"]}));
    let map = section("Cases from a file, or from several that are read alike", &spec::keys(), key);
    json!({"anyOf": [path, with(map, json!({"required": ["path"]}))]})
}

/// Entries that bring a prompt along.
pub(in crate::suite) fn with_prompt() -> [Value; 2] {
    let brings: Vec<&str> =
        PUBLISHED.iter().filter(|format| !format.prompt.is_empty()).map(|format| format.name).collect();
    let format = if brings.is_empty() { json!(false) } else { json!({"type": "string", "pattern": whole(&brings)}) };
    [
        json!({"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": ["string", "number", "object"]}}}),
        json!({"type": "object", "required": ["format"], "properties": {"format": format}}),
    ]
}

/// The names of the published formats, and a line on each.
pub fn published_formats() -> impl Iterator<Item = (&'static str, &'static str)> {
    PUBLISHED.iter().map(|format| (format.name, format.about))
}

/// `format`: how files are read, or the form of a published benchmark, whose name is known in capitals and with hyphens
/// too.
fn format() -> Value {
    let published = PUBLISHED.iter().map(|format| (format.name, format.about));
    let known: Vec<Value> = FILE_FORMATS
        .into_iter()
        .chain(published)
        .map(|(name, about)| json!({"const": name, "description": about}))
        .collect();
    let mut ways = vec![json!({"oneOf": known}), json!({"type": "null"})];
    let names: Vec<&str> = published_formats().map(|(name, _)| name).collect();
    if !names.is_empty() {
        ways.push(json!({"type": "string", "pattern": whole(&names)}));
    }
    json!({
        "description": "How it is read where the name's ending does not tell, or a published benchmark's form",
        "anyOf": ways,
    })
}

/// A pattern for names, whatever their case.
fn whole(names: &[&str]) -> String {
    format!(r"^\s*{}\s*$", any_case(names))
}

fn key(key: &str) -> Option<Value> {
    Some(match key {
        "graders" => about(
            "Graders for these cases besides the suite's; they replace those of a published format",
            json!({"anyOf": [{"$ref": "#/$defs/graders"}, {"type": "null"}]}),
        ),
        "prompt" => about(
            "The prompt, where the suite has none of its own",
            json!({"anyOf": [{"$ref": "#/$defs/prompt"}, {"type": "null"}]}),
        ),
        "matrix" => case::matrix(),
        "files" => case::files(),
        "few_shot" => few_shot(),
        _ => source_key(key).or_else(|| mapping_key(key)).or_else(|| picking_key(key))?,
    })
}

fn source_key(key: &str) -> Option<Value> {
    Some(match key {
        "path" => about(
            "A file, a glob, a folder, `-` for standard input, or `hf://OWNER/NAME[@REVISION]/PATH`; relative to the suite",
            name(),
        ),
        "format" => format(),
        "delimiter" => about(
            "What stands between the fields of a delimited file: one character, or `tab`; detected if left out",
            json!({
                "type": ["string", "integer", "null"],
                "minimum": 0,
                "maximum": 9,
                "pattern": format!(r"^(?:{}|\\[tT]|[\u0001-\u0009\u000b\u000c\u000e-\u007f])$", any_case(&["tab"])),
                "examples": [";", "tab", "|"],
            }),
        ),
        "quote" => about(
            "What stands around fields: one character, or `none`; detected if left out",
            json!({
                "type": ["string", "integer", "null"],
                "minimum": 0,
                "maximum": 9,
                "pattern": format!(r"^(?:{}|[\u0001-\u0009\u000b\u000c\u000e-\u007f]?)$", any_case(&["none"])),
                "examples": ["'", "none"],
            }),
        ),
        "columns" => about(
            "The names of the columns, where a delimited file has no header row",
            or_nothing(json!({"type": "array", "minItems": 1, "uniqueItems": true, "items": name()})),
        ),
        "rows" => about(
            "The keys that lead to the list of rows in a JSON or YAML document, with dots between them or as a list",
            or_nothing(json!({
                "type": ["string", "number", "array"],
                "pattern": r"^\s*[^.\s\x00-\x1F\x7F-\x9F][^.\x00-\x1F\x7F-\x9F]*(?:\.[^.\x00-\x1F\x7F-\x9F]+)*$",
                "items": {"type": ["string", "number"], "minLength": 1},
                "examples": ["data.items"],
            })),
        ),
        "sheet" => about(
            "The sheet of an Excel workbook, by name or by number from 1",
            json!({"type": ["string", "integer", "null"], "minimum": 1, "maximum": u32::MAX}),
        ),
        _ => return None,
    })
}

fn mapping_key(key: &str) -> Option<Value> {
    Some(match key {
        "vars" => about(
            "Variables by templates over the columns; every column if left out",
            json!({"type": ["object", "null"], "examples": [{"question": "{{ Question }}"}]}),
        ),
        "expect" => json!({
            "description": "What graders compare with: a template over the columns, or any value with templates",
            "examples": ["{{ answer }}"],
        }),
        "id" => about("The case's id, a template; a hash if left out", or_nothing(text())),
        "tags" => about("A tag, or a list of them: templates", or_nothing(one_or_list(text()))),
        _ => return None,
    })
}

fn picking_key(key: &str) -> Option<Value> {
    Some(match key {
        "where" => about(
            "Only rows for which this expression over the columns holds",
            or_nothing(json!({"type": "string", "pattern": r"\S", "examples": ["lang == 'de' and score | int > 3"]})),
        ),
        "sample" => json!({
            "description": "So many random rows, in file order",
            "type": ["integer", "object", "null"],
            "minimum": 1,
            "maximum": u32::MAX,
            "required": ["size"],
            "additionalProperties": false,
            "properties": {
                "size": about("How many", from(1)),
                "seed": about("Another seed gives other rows", with(or_nothing(seed()), json!({"default": 0}))),
                "by": about("A column, of whose values evenly many rows are taken", or_nothing(name())),
            },
            "examples": [200, {"size": 200, "seed": 7, "by": "subject"}],
        }),
        "shuffle" => about("A seed: the rows come in another order, before `limit`", or_nothing(seed())),
        "limit" => about("At most so many rows", or_nothing(from(1))),
        _ => return None,
    })
}

/// `few_shot`: where examples come from, and how they are drawn.
fn few_shot() -> Value {
    let own = ["count", "seed", "as", "fixed"];
    let mut keys: Vec<&'static str> = [&own[..], &source::KEYS, &["vars", "expect", "where", "limit"]].concat();
    keys.extend(spec::keys().contains(&"files").then_some("files"));
    let map = section("Examples for each case, drawn from another file and never the case itself", &keys, |key| {
        Some(match key {
            "count" => about("How many", from(1)),
            "seed" => about("Another seed draws others", with(or_nothing(seed()), json!({"default": 0}))),
            "as" => about(
                "The variable that holds them",
                json!({"type": ["string", "null"], "pattern": VARIABLE_PATTERN, "default": "examples"}),
            ),
            "fixed" => about("The same for every case", json!({"type": ["boolean", "null"], "default": false})),
            "files" => case::files(),
            _ => source_key(key).or_else(|| mapping_key(key)).or_else(|| picking_key(key))?,
        })
    });
    or_nothing(with(map, json!({"required": ["path", "count"]})))
}
