//! The JSON Schema of `dataset`, for editors: see `suite::schema`.

use serde_json::{Value, json};

use crate::suite::schema::case;
use crate::suite::schema::parts::{about, name, one_or_list, or_nothing, section, seed, text, whole, with};

use super::formats::PUBLISHED;
use super::{mapping, picking, source, spec};

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
    let formats: Vec<Value> = PUBLISHED.iter().flat_map(|format| spellings(format.name)).map(Value::from).collect();
    [
        json!({"type": "object", "required": ["prompt"], "properties": {"prompt": {"type": ["string", "number", "object"]}}}),
        json!({"type": "object", "required": ["format"], "properties": {"format": {"enum": formats}}}),
    ]
}

/// The names of the published formats, and a line on each.
pub fn published_formats() -> impl Iterator<Item = (&'static str, &'static str)> {
    PUBLISHED.iter().map(|format| (format.name, format.about))
}

/// With underscores and with hyphens.
fn spellings(name: &str) -> Vec<String> {
    let mut spellings = vec![name.to_owned()];
    if name.contains('_') {
        spellings.push(name.replace('_', "-"));
    }
    spellings
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
        "format" => {
            let files = FILE_FORMATS.map(|(name, about)| json!({"const": name, "description": about}));
            let published = PUBLISHED.iter().flat_map(|format| {
                spellings(format.name).into_iter().map(|name| json!({"const": name, "description": format.about}))
            });
            let known: Vec<Value> = files.into_iter().chain(published).collect();
            json!({
                "description": "How it is read where the name's ending does not tell, or a published benchmark's form",
                "oneOf": known.into_iter().chain([json!({"type": "null"})]).collect::<Vec<_>>(),
            })
        }
        "delimiter" => about(
            "What stands between the fields of a delimited file; detected if left out",
            json!({"type": ["string", "null"], "pattern": r"^(?:tab|\\t|[^\r\n])$", "examples": [";", "tab", "|"]}),
        ),
        "quote" => about(
            "What stands around fields, or `none`; detected if left out",
            json!({"type": ["string", "null"], "pattern": r"^(?:none|[^\r\n])$", "examples": ["'", "none"]}),
        ),
        "columns" => about(
            "The names of the columns, where a delimited file has no header row",
            or_nothing(json!({"type": "array", "minItems": 1, "items": name()})),
        ),
        "rows" => about(
            "The keys that lead to the list of rows in a JSON or YAML document",
            or_nothing(with(name(), json!({"examples": ["data.items"]}))),
        ),
        "sheet" => about("The sheet of an Excel workbook, by name or by number from 1", or_nothing(name())),
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
                "size": about("How many", whole(1)),
                "seed": about("Another seed gives other rows", with(or_nothing(seed()), json!({"default": 0}))),
                "by": about("A column, of whose values evenly many rows are taken", or_nothing(name())),
            },
            "examples": [200, {"size": 200, "seed": 7, "by": "subject"}],
        }),
        "shuffle" => about("A seed: the rows come in another order, before `limit`", or_nothing(seed())),
        "limit" => about("At most so many rows", or_nothing(whole(1))),
        _ => return None,
    })
}

/// `few_shot`: where examples come from, and how they are drawn.
fn few_shot() -> Value {
    let own = ["count", "seed", "as", "fixed"];
    let mut keys: Vec<&'static str> = [&own[..], &source::KEYS, &mapping::KEYS].concat();
    keys.extend(picking::KEYS.contains(&"where").then_some("where"));
    let map = section("Examples for each case, drawn from another file and never the case itself", &keys, |key| {
        Some(match key {
            "count" => about("How many", whole(1)),
            "seed" => about("Another seed draws others", with(or_nothing(seed()), json!({"default": 0}))),
            "as" => about("The variable that holds them", with(or_nothing(name()), json!({"default": "examples"}))),
            "fixed" => about("The same for every case", json!({"type": ["boolean", "null"], "default": false})),
            _ => source_key(key).or_else(|| mapping_key(key)).or_else(|| picking_key(key))?,
        })
    });
    or_nothing(with(map, json!({"required": ["path", "count"]})))
}
