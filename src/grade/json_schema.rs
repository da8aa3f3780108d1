//! `json_schema`: the answer is, or holds, JSON that keeps to a JSON Schema.

use std::borrow::Cow;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::case::{BuildContext, CaseFacts};
use super::example::Example;
use super::family::Family;
use super::json::extract::{self, Found, Kind};
use super::json::place::option_path;
use super::options::{self, Literal, OptionError, OptionErrors, Text};
use super::schema::{DRAFTS, Schema, SchemaMistake, SchemaOptions, draft_named};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::{got, quote};

pub(super) const FAMILY: Family = Family {
    name: "json_schema",
    about: "the answer holds JSON that keeps to a JSON Schema",
    build,
    schema: options::schema::<Options>,
};

/// The size of a schema's file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// The options of `json_schema`.
#[derive(Debug, Default, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The schema; without it or `file`, the case's `expect`.
    #[schemars(extend("type" = ["object", "boolean"]))]
    schema: Literal,
    /// A JSON file with the schema, relative to the suite.
    file: Option<Text>,
    /// The draft it is written in; by `$schema`, else 2020-12.
    #[schemars(extend("examples" = ["2020-12", "7", "2019-09", "6", "4"]))]
    draft: Option<Text>,
    /// `format` can fail.
    formats: bool,
    /// The answer has to be pure JSON: no fence, no prose.
    strict: bool,
}

#[derive(Debug)]
struct JsonSchema {
    /// `schema` or `file`; else every case's `expect` is a schema.
    own: Option<Ready>,
    options: SchemaOptions,
    strict: bool,
}

/// A schema, and what its top-level type lets the answer be.
#[derive(Debug, Clone)]
struct Ready {
    schema: Schema,
    kind: Kind,
}

fn build(options: &Value, context: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { schema: Literal(inline), file, draft, formats, strict } = options::read(options)?;
    let draft = match &draft {
        None => None,
        Some(Text(name)) => Some(draft_named(name).ok_or_else(|| {
            let known = DRAFTS.iter().map(|draft| format!("`{draft}`")).collect::<Vec<_>>().join(", ");
            OptionError::at("draft", format!("`{name}` is none of {known}"), None)
        })?),
    };
    let options = SchemaOptions { draft, formats };
    let own = match (inline, file) {
        (Some(_), Some(_)) => {
            let message = "`schema` and `file` both give a schema";
            return Err(OptionError::at("file", message, Some("leave one of them out")).into());
        }
        (None, None) => None,
        (Some(schema), None) => Some(Ready::new(&schema, options).map_err(|mistake| OptionError {
            path: option_path("schema", &schema, &mistake.pointer),
            message: mistake.message,
            hint: mistake.hint,
        })?),
        (None, Some(Text(name))) => Some(from_file(&context.folder.join(&name), &name, options)?),
    };
    Ok(Box::new(JsonSchema { own, options, strict }))
}

/// The schema in a file.
fn from_file(path: &Path, name: &str, options: SchemaOptions) -> Result<Ready, OptionError> {
    let wrong = |message: String, hint: Option<&str>| OptionError::at("file", message, hint);
    let unreadable = |error: std::io::Error| wrong(format!("cannot read `{name}`: {error}"), Some(RELATIVE));
    let mut text = String::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > MAX_FILE {
        return Err(wrong(format!("`{name}` is larger than the {} MiB a schema may have", MAX_FILE >> 20), None));
    }
    let text = text.trim_start_matches('\u{feff}');
    let schema: Value =
        serde_json::from_str(text).map_err(|error| wrong(format!("`{name}` is not JSON: {error}"), None))?;
    Ready::new(&schema, options).map_err(|SchemaMistake { pointer, message, hint }| OptionError {
        path: "file".to_owned(),
        message: format!("in `{name}`, at `#{pointer}`: {message}"),
        hint,
    })
}

const RELATIVE: &str = "the path is relative to the suite's folder";

impl Ready {
    fn new(schema: &Value, options: SchemaOptions) -> Result<Self, SchemaMistake> {
        let kind = match schema.get("type").and_then(Value::as_str) {
            Some("object") => Kind::Object,
            Some("array") => Kind::Array,
            Some(_) => Kind::Scalar,
            None => Kind::Container,
        };
        Schema::compile(schema, options).map(|schema| Self { schema, kind })
    }
}

impl Grader for JsonSchema {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.ready(subject.expected) {
            Ok(ready) => self.judge(&subject, &ready),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        Some(Example::Schema(self.ready(case.expected()).ok()?.schema.written().clone()))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.ready(case.expected()).map(drop)
    }
}

impl JsonSchema {
    /// The grader's own schema, else the one in `expect`.
    fn ready(&self, expected: Option<&Value>) -> Result<Cow<'_, Ready>, String> {
        if let Some(own) = &self.own {
            return Ok(Cow::Borrowed(own));
        }
        let parsed;
        let schema = match expected {
            Some(Value::String(text)) => {
                let not_json = |error| format!("`expect` is not a JSON Schema: {} is not JSON: {error}", quote(text));
                parsed = serde_json::from_str(text).map_err(not_json)?;
                &parsed
            }
            Some(value) => value,
            None => {
                return Err(
                    "`json_schema` needs a schema: give the grader `schema: { … }` or `file: schema.json`, or \
                            the case `expect: { type: object, … }`"
                        .to_owned(),
                );
            }
        };
        Ready::new(schema, self.options).map(Cow::Owned).map_err(|SchemaMistake { pointer, message, hint }| {
            let hint = hint.map(|hint| format!(": {hint}")).unwrap_or_default();
            format!("`expect` is not a schema that can be used: at `#{pointer}`: {message}{hint}")
        })
    }

    fn judge(&self, subject: &Subject<'_>, ready: &Ready) -> Judgement {
        let text = subject.answer.text.as_str();
        let found = if self.strict { extract::whole(text) } else { extract::anywhere(text, ready.kind) };
        let Found { value, text: part } = match found {
            Ok(found) => found,
            Err(problem) => {
                return Judgement::fail(format!("expected JSON, but {problem}: {}", got(subject.answer)));
            }
        };
        let judgement = match ready.schema.check(&value) {
            Ok(()) => Judgement::pass(format!("{} keeps to the schema", quote(part))),
            Err(misfit) => Judgement::fail(misfit.to_string()),
        };
        if part.len() == text.len() { judgement } else { judgement.with_extracted(part) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::grade::tests::{grade, grade_with};
    use crate::grade::{BuildContext, OptionError, build};

    #[test]
    fn the_schema_comes_from_the_grader_or_the_case() {
        let schema = json!({"type": "object", "required": ["team"]});
        let own = json!({"type": "json_schema", "schema": schema});
        for (answer, pass) in [
            (r#"{"team": 1}"#, true),
            ("Sure:\n```json\n{\"team\": 1}\n```", true),
            ("See [1]: {\"team\": 1}", true),
            ("{}", false),
            ("no json", false),
        ] {
            assert_eq!(grade(&own, answer).pass, Some(pass), "{answer}");
            assert_eq!(grade_with(&json!("json_schema"), answer, &schema).pass, Some(pass), "{answer}");
            let text = json!(schema.to_string());
            assert_eq!(grade_with(&json!("json_schema"), answer, &text).pass, Some(pass), "{answer}");
        }
        let strict = json!({"type": "json_schema", "schema": schema, "strict": true});
        assert_eq!(grade(&strict, "```json\n{\"team\": 1}\n```").pass, Some(false));
        assert_eq!(grade(&json!({"type": "json_schema", "schema": {"type": "string"}}), "\"a\"").pass, Some(true));
        let grade = grade(&own, "So: {\"a\": 1}");
        assert_eq!(grade.reason.as_deref(), Some("the key `team` is missing (schema: `#/required`)"));
        assert_eq!(grade.extracted.as_deref(), Some("{\"a\": 1}"));
    }

    #[test]
    fn a_schema_is_read_from_a_file_beside_the_suite() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("s.json"), r#"{"type": "object", "required": ["a"]}"#).unwrap();
        std::fs::write(folder.path().join("bad.json"), r#"{"items": {"type": "strng"}}"#).unwrap();
        std::fs::write(folder.path().join("text.json"), "no").unwrap();
        std::fs::File::create(folder.path().join("big.json")).unwrap().set_len(1 << 30).unwrap();
        let of =
            |file: &str| build(&json!({"type": "json_schema", "file": file}), &BuildContext { folder: folder.path() });
        assert!(of("s.json").is_ok());
        for (file, part) in [
            ("bad.json", "in `bad.json`, at `#/items/type`: \"strng\" is no type of JSON"),
            ("text.json", "`text.json` is not JSON"),
            ("big.json", "larger than the 1 MiB"),
            ("none.json", "cannot read `none.json`"),
        ] {
            let OptionError { path, message, .. } = of(file).unwrap_err().0.remove(0);
            assert_eq!(path, "file");
            assert!(message.contains(part), "{message}");
        }
    }
}
