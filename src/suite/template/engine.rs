//! The template engine, set up for prompts.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Object, ValueKind};
use minijinja::{Environment, Error, ErrorKind, Output, State, Value, escape_formatter};

use super::compiled::meant;
use super::{TemplateError, Vars};
use crate::jinja::{self, Unrendered};
use crate::suite::read::closest;

/// A rendered text may not be longer than this; no model takes as much.
const MAX_OUTPUT: usize = 16 << 20;

/// Where the context keeps how numbers were written. Not a name a template can say.
const NUMBERS: &str = "\u{0}numbers";

/// A compiled template.
#[derive(Clone)]
pub(in crate::suite) struct Engine(Arc<Environment<'static>>);

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Engine").field(&self.source()).finish()
    }
}

impl Engine {
    pub(super) fn new(source: &str) -> Result<Self, TemplateError> {
        let mut env = jinja::engine();
        env.set_formatter(format);
        env.add_filter("tojson", tojson);
        jinja::compile(&mut env, source).map_err(|error| explain(&error, None))?;
        Ok(Self(Arc::new(env)))
    }

    fn source(&self) -> String {
        jinja::source(&self.0)
    }

    pub(super) fn render(&self, vars: &Vars<'_>) -> Result<String, TemplateError> {
        let plain = |message: String| TemplateError { message, range: None, hint: None };
        let mut numbers = HashMap::new();
        let mut context: HashMap<String, Value> = HashMap::new();
        for (name, json) in vars.context() {
            numbers_in(json, &mut numbers);
            let value = serde_json::from_str(json).map_err(|error| plain(error.to_string()))?;
            context.insert(name.to_owned(), value);
        }
        if !numbers.is_empty() {
            context.insert(NUMBERS.to_owned(), Value::from_object(Numbers(numbers)));
        }
        jinja::render(&self.0, Value::from(context), MAX_OUTPUT).map_err(|wrong| match wrong {
            Unrendered::TooLong => plain(format!("renders to more than the {} MB allowed", MAX_OUTPUT >> 20)),
            Unrendered::Wrong(error) => explain(&error, Some(vars)),
        })
    }
}

/// How floats were written, by their bits; `None` where two spellings of one value cannot be told apart.
#[derive(Debug)]
struct Numbers(HashMap<u64, Option<Box<str>>>);

impl Object for Numbers {}

/// Finds the numbers of a JSON text that print otherwise than they are written.
fn numbers_in(json: &str, out: &mut HashMap<u64, Option<Box<str>>>) {
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                let length = bytes[at..]
                    .iter()
                    .take_while(|b| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9'))
                    .count();
                let written = &json[at..at + length];
                let is_float = written.contains(['.', 'e', 'E']) || length > 18;
                if is_float && let Ok(value) = written.parse::<f64>() {
                    let kept = out.entry(value.to_bits()).or_insert_with(|| Some(written.into()));
                    if kept.as_deref() != Some(written) {
                        *kept = None;
                    }
                }
                at += length;
            }
            _ => at += 1,
        }
    }
}

fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Bool | ValueKind::None | ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => {
            out.write_str(&jinja::json(value)?).map_err(Error::from)
        }
        ValueKind::Number if !value.is_integer() => {
            let numbers = state.lookup(NUMBERS);
            let written =
                numbers.as_ref().and_then(|numbers| numbers.downcast_object_ref::<Numbers>()).and_then(|numbers| {
                    let value = f64::try_from(value.clone()).ok()?;
                    numbers.0.get(&value.to_bits())?.as_deref()
                });
            match written {
                Some(written) => out.write_str(written).map_err(Error::from),
                None => escape_formatter(out, state, value),
            }
        }
        _ => escape_formatter(out, state, value),
    }
}

/// The engine's own `tojson` escapes for HTML, which no prompt wants.
fn tojson(value: &Value, indent: Option<bool>) -> Result<String, Error> {
    if indent == Some(true) {
        return serde_json::to_string_pretty(value)
            .map_err(|error| Error::new(ErrorKind::BadSerialization, "cannot be written as JSON").with_source(error));
    }
    jinja::json(value)
}

/// The engine's error without its own place, with advice.
pub(super) fn explain(error: &Error, vars: Option<&Vars<'_>>) -> TemplateError {
    let detail = error.detail().unwrap_or_default();
    let message = match error.kind() {
        ErrorKind::OutOfFuel => "takes too many steps to render".to_owned(),
        ErrorKind::UndefinedError if !detail.is_empty() => detail.to_owned(),
        ErrorKind::SyntaxError => format!("template syntax: {detail}"),
        ErrorKind::UnknownFilter | ErrorKind::UnknownTest => {
            let mut words = detail.split(' ');
            let (what, name) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            format!("{what} `{name}` is unknown")
        }
        _ if detail.is_empty() => error.kind().to_string(),
        _ => detail.to_owned(),
    };
    let hint = match (error.kind(), vars) {
        (ErrorKind::UndefinedError, Some(vars)) => {
            detail.split('`').nth(1).filter(|name| !name.contains('[')).and_then(|name| meant(name, vars))
        }
        (ErrorKind::UnknownFilter, _) => {
            let name = detail.split(' ').nth(1).unwrap_or_default();
            closest(name, FILTERS.iter().copied()).map(|meant| format!("did you mean `{meant}`?"))
        }
        (ErrorKind::SyntaxError, _) if detail.contains("end of input, expected end of block") => {
            Some("a block ends with its own tag: `{% if x %}…{% endif %}`, `{% for x in y %}…{% endfor %}`".to_owned())
        }
        (ErrorKind::SyntaxError, _) if detail.contains('}') => Some("a variable is written `{{ name }}`".to_owned()),
        _ => None,
    };
    TemplateError { message, range: error.range(), hint }
}

/// The filters people use, for a did-you-mean.
const FILTERS: [&str; 30] = [
    "abs",
    "batch",
    "capitalize",
    "default",
    "dictsort",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "replace",
    "reverse",
    "round",
    "sort",
    "split",
    "title",
    "tojson",
    "trim",
    "unique",
    "upper",
];
