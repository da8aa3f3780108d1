//! Templates of rubrics and prompts: Jinja over the case's variables, strict and bounded.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io;
use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, escape_formatter};

use crate::text::closest;

/// Instructions one rendering may take, as in a suite's prompts.
const FUEL: u64 = 1_000_000;

/// The bytes a rendering may have; the data in it is bounded before.
const MAX_OUTPUT: usize = 4 << 20;

/// The one template of an environment.
const NAME: &str = "template";

/// What a template can name.
pub(super) type Context = BTreeMap<String, Value>;

/// A compiled template.
#[derive(Clone)]
pub(super) struct Template {
    engine: Arc<Environment<'static>>,
    names: HashSet<String>,
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Template").field(&self.source()).finish()
    }
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(FUEL));
        engine.set_debug(true);
        engine.set_formatter(format);
        engine.add_template_owned(NAME, source.to_owned()).map_err(|error| explain(&error, None))?;
        let names = engine.get_template(NAME).map(|template| template.undeclared_variables(false)).unwrap_or_default();
        Ok(Self { engine: Arc::new(engine), names })
    }

    /// As it was written.
    pub(super) fn source(&self) -> String {
        self.engine.get_template(NAME).map(|template| template.source().to_owned()).unwrap_or_default()
    }

    /// Whether it speaks of a variable.
    pub(super) fn names(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Renders it.
    ///
    /// # Errors
    /// What is undefined or otherwise wrong, with advice.
    pub(super) fn render(&self, context: &Context) -> Result<String, String> {
        let template = self.engine.get_template(NAME).map_err(|error| explain(&error, None))?;
        let mut out = Bounded(Vec::new());
        match template.render_captured_to(Value::from(context.clone()), &mut out) {
            Ok(_) => String::from_utf8(out.0).map_err(|error| error.to_string()),
            Err(_) if out.0.len() >= MAX_OUTPUT => {
                Err(format!("renders to more than the {} MB allowed", MAX_OUTPUT >> 20))
            }
            Err(error) => Err(explain(&error, Some(context))),
        }
    }
}

/// A rendering that stops where it grows too long.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = MAX_OUTPUT - self.0.len();
        self.0.extend_from_slice(&bytes[..bytes.len().min(left)]);
        if bytes.len() > left { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(bytes.len()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Values print as in a suite's prompts: texts as they are, anything else as JSON.
fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Bool | ValueKind::None | ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => {
            let json = serde_json::to_string(value).map_err(|error| {
                Error::new(ErrorKind::BadSerialization, "cannot be written as JSON").with_source(error)
            })?;
            out.write_str(&json).map_err(Error::from)
        }
        _ => escape_formatter(out, state, value),
    }
}

fn explain(error: &Error, context: Option<&Context>) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => "takes too many steps to render".to_owned(),
        ErrorKind::SyntaxError => format!("template syntax: {detail}"),
        ErrorKind::UndefinedError if !detail.is_empty() => match context {
            Some(context) => format!("{detail} ({})", meant(detail, context)),
            None => detail.to_owned(),
        },
        kind if detail.is_empty() => kind.to_string(),
        _ => detail.to_owned(),
    }
}

/// What was probably meant by the name in a message, or what there is.
fn meant(message: &str, context: &Context) -> String {
    let name = message.split('`').nth(1).unwrap_or_default();
    let known: Vec<&str> = context.keys().map(String::as_str).collect();
    match closest(name, known.iter().copied()) {
        Some(meant) if meant != name => format!("did you mean `{meant}`?"),
        _ => format!("there are {}", known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")),
    }
}
