//! The tool calls that are expected, from a grader's options or a case's `expect`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::grade::example::ExampleCall;
use crate::grade::json::compare::{Comparison, brief};
use crate::grade::json::place::{option_path, push_key};
use crate::grade::options::noun;
use crate::grade::schema::{Schema, SchemaMistake, SchemaOptions};
use crate::grade::words::join;
use crate::text::{closest, excerpt, one_line};

use super::calls::{Call, parsed};

/// How arguments are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mode {
    /// These arguments and no others.
    #[default]
    Equal,
    /// These arguments; there may be others.
    Subset,
    /// They keep to a JSON Schema.
    Schema,
    /// Every argument is a list of right values, in which `""` means that it may be left out: BFCL's possible answers.
    Alternatives,
}

const MODES: [(&str, Mode); 4] =
    [("equal", Mode::Equal), ("subset", Mode::Subset), ("schema", Mode::Schema), ("alternatives", Mode::Alternatives)];

/// The keys of a call; the last three are `OpenAI`'s and mean nothing here.
const KNOWN: [&str; 7] = ["name", "tool", "arguments", "mode", "id", "type", "index"];

/// One call that is expected.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) name: String,
    /// `None`: any will do.
    arguments: Option<Arguments>,
}

#[derive(Debug, Clone)]
enum Arguments {
    Named { each: Vec<Argument>, others: bool },
    Schema(Schema),
}

/// One argument and its right values.
#[derive(Debug, Clone)]
struct Argument {
    name: String,
    values: Vec<Value>,
    optional: bool,
}

/// What is wrong with an expected call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// Inside what was read: `[1].arguments`, empty for the whole.
    pub(super) path: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Mistake {
    fn new(path: &str, message: impl Into<String>, hint: Option<&str>) -> Self {
        Self { path: path.to_owned(), message: message.into(), hint: hint.map(ToOwned::to_owned) }
    }
}

impl Wanted {
    /// A call by its name; with arguments, as they are in the suite.
    pub(super) fn new(name: &str, arguments: Option<&Value>, mode: Mode) -> Result<Self, Mistake> {
        if name.trim().is_empty() {
            return Err(Mistake::new("", "a tool has a name", Some(FORM)));
        }
        let arguments = arguments.map(|arguments| Arguments::read(arguments, mode)).transpose()?;
        Ok(Self { name: name.to_owned(), arguments })
    }

    /// A name, or a map in one of the forms in which calls are written down.
    pub(super) fn read(value: &Value, mode: Mode) -> Result<Self, Mistake> {
        match value {
            Value::String(name) => Self::new(name, None, mode),
            Value::Object(map) => Self::from_map(map, mode),
            other => Err(Mistake::new("", format!("a call is a name or a map, not {}", noun(other)), Some(FORM))),
        }
    }

    /// Several: a list of calls, or one.
    pub(super) fn read_all(value: &Value, mode: Mode) -> Result<Vec<Self>, Mistake> {
        let Value::Array(items) = value else { return Self::read(value, mode).map(|one| vec![one]) };
        let read = |(index, item)| {
            Self::read(item, mode).map_err(|mistake: Mistake| {
                let dot = if mistake.path.is_empty() || mistake.path.starts_with('[') { "" } else { "." };
                Mistake { path: format!("[{index}]{dot}{}", mistake.path), ..mistake }
            })
        };
        items.iter().enumerate().map(read).collect()
    }

    fn from_map(map: &Map<String, Value>, mode: Mode) -> Result<Self, Mistake> {
        // As endpoints send it: `{id, type: function, function: {name, arguments}}`.
        if let Some(Value::Object(function)) = map.get("function") {
            return Self::from_map(function, mode).map_err(|mistake| {
                let dot = if mistake.path.is_empty() { "" } else { "." };
                Mistake { path: format!("function{dot}{}", mistake.path), ..mistake }
            });
        }
        let Some(name) = map.get("name").or_else(|| map.get("tool")) else {
            // As in BFCL: `{get_weather: {city: [Paris]}}`.
            return match map.iter().next() {
                Some((name, arguments @ Value::Object(_))) if map.len() == 1 => Self::new(name, Some(arguments), mode)
                    .map_err(|mistake| Mistake { path: mistake.path.replacen("arguments", name, 1), ..mistake }),
                _ => Err(Mistake::new("", "a call needs a `name`", Some(FORM))),
            };
        };
        let Value::String(name) = name else {
            let key = if map.contains_key("name") { "name" } else { "tool" };
            return Err(Mistake::new(key, format!("a tool's name is a text, not {}", noun(name)), None));
        };
        if let Some(key) = map.keys().find(|key| !KNOWN.contains(&key.as_str())) {
            let hint = match closest(key, KNOWN[..4].iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "a call has a `name`, `arguments` and a `mode`".to_owned(),
            };
            let message = format!("unknown key `{}` of a call", one_line(&excerpt(key, 60)));
            return Err(Mistake::new(key, message, Some(&hint)));
        }
        let mode = match map.get("mode") {
            None => mode,
            Some(written) => {
                let Some((_, mode)) = MODES.iter().find(|(name, _)| written == name) else {
                    let known = MODES.map(|(name, _)| format!("`{name}`")).join(", ");
                    return Err(Mistake::new("mode", format!("{} is none of {known}", brief(written)), None));
                };
                *mode
            }
        };
        Self::new(name, map.get("arguments"), mode)
    }

    /// A call that is this one.
    pub(super) fn example(&self) -> ExampleCall {
        let arguments = match &self.arguments {
            Some(Arguments::Named { each, .. }) => {
                let needed = each.iter().filter(|argument| !argument.optional);
                let argument = |argument: &Argument| Some((argument.name.clone(), argument.values.first()?.clone()));
                Some(Value::Object(needed.filter_map(argument).collect()))
            }
            Some(Arguments::Schema(_)) | None => None,
        };
        ExampleCall { name: self.name.clone(), arguments }
    }

    /// Whether a call is this one.
    ///
    /// # Errors
    /// How it differs, for after the call.
    pub(super) fn check(&self, call: &Call, comparison: &Comparison) -> Result<(), String> {
        if self.name != call.name {
            return Err(format!("expected a call of `{}`", self.shown()));
        }
        let Some(wanted) = &self.arguments else { return Ok(()) };
        let got = call.arguments.as_ref().map_err(|(error, _)| format!("the arguments are not JSON ({error})"))?;
        match wanted {
            Arguments::Schema(schema) => schema.check(got).map_err(|misfit| misfit.to_string()),
            Arguments::Named { each, others } => {
                let Value::Object(got) = got else {
                    return Err(format!("expected a map of arguments, got {}", brief(got)));
                };
                each.iter().try_for_each(|argument| argument.check(got, comparison))?;
                let known = |key: &String| {
                    comparison.ignore_keys.contains(key) || each.iter().any(|argument| argument.name == *key)
                };
                match got.iter().find(|(key, _)| !known(key)) {
                    Some((key, value)) if !others => {
                        Err(format!("unexpected argument {} with the value {}", place(key), brief(value)))
                    }
                    _ => Ok(()),
                }
            }
        }
    }

    /// The name, fit for a reason.
    pub(super) fn shown(&self) -> String {
        one_line(&excerpt(&self.name, 60)).into_owned()
    }
}

const FORM: &str = "write `get_weather`, or `{ name: get_weather, arguments: { city: Paris } }`";

impl Arguments {
    fn read(written: &Value, mode: Mode) -> Result<Self, Mistake> {
        let text;
        let arguments = match written {
            Value::String(json) => {
                text = parsed(json).map_err(|error| Mistake::new("arguments", format!("not JSON: {error}"), None))?;
                &text
            }
            other => other,
        };
        if mode == Mode::Schema {
            let schema =
                Schema::compile(arguments, SchemaOptions::default()).map_err(|mistake: SchemaMistake| Mistake {
                    path: option_path("arguments", arguments, &mistake.pointer),
                    message: mistake.message,
                    hint: mistake.hint,
                })?;
            return Ok(Self::Schema(schema));
        }
        let Value::Object(map) = arguments else {
            let message = format!("the arguments are a map from name to value, not {}", noun(arguments));
            return Err(Mistake::new("arguments", message, Some("write for example `arguments: { city: Paris }`")));
        };
        let each = map.iter().map(|(name, value)| Argument::read(name, value, mode)).collect::<Result<_, _>>()?;
        Ok(Self::Named { each, others: mode == Mode::Subset })
    }
}

impl Argument {
    fn read(name: &str, value: &Value, mode: Mode) -> Result<Self, Mistake> {
        let path = format!("arguments.{name}");
        let (mut values, listed) = match (mode, value) {
            (Mode::Alternatives, Value::Array(values)) => (values.clone(), true),
            (Mode::Alternatives, other) => {
                let message =
                    format!("with `mode: alternatives` an argument is a list of right values, not {}", noun(other));
                return Err(Mistake::new(&path, message, Some("a value that is a list stands in a list: `[[1, 2]]`")));
            }
            (_, Value::Object(map)) if map.len() == 1 && map.get("any_of").is_some_and(Value::is_array) => {
                (map["any_of"].as_array().cloned().unwrap_or_default(), true)
            }
            (_, other) => (vec![other.clone()], false),
        };
        let empty = Value::String(String::new());
        let optional = mode == Mode::Alternatives && values.contains(&empty);
        if optional && values.len() > 1 {
            values.retain(|value| *value != empty);
        }
        if listed && values.is_empty() {
            return Err(Mistake::new(&path, "the list of right values is empty", None));
        }
        Ok(Self { name: name.to_owned(), values, optional })
    }

    fn check(&self, got: &Map<String, Value>, comparison: &Comparison) -> Result<(), String> {
        if comparison.ignore_keys.contains(&self.name) {
            return Ok(());
        }
        let Some(value) = got.get(&self.name) else {
            let missing = || format!("the argument {} is missing, expected {}", place(&self.name), self.shown());
            return if self.optional { Ok(()) } else { Err(missing()) };
        };
        match self.values.as_slice() {
            [only] => match comparison.difference_at(&self.name, only, value) {
                None => Ok(()),
                Some(difference) => Err(difference.to_string()),
            },
            several if several.iter().any(|wanted| comparison.difference(wanted, value).is_none()) => Ok(()),
            _ => Err(format!("at {}: expected {}, got {}", place(&self.name), self.shown(), brief(value))),
        }
    }

    fn shown(&self) -> String {
        let mut shown: Vec<String> =
            self.values.iter().take(4).map(|value| excerpt(&brief(value), 60).into_owned()).collect();
        if self.values.len() > 4 {
            shown.push(format!("{} more", self.values.len() - 4));
        }
        join(&shown, "or")
    }
}

/// An argument's name in ticks.
fn place(name: &str) -> String {
    let mut path = String::new();
    push_key(&mut path, name);
    format!("`{path}`")
}
