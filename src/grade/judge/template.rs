//! Templates of rubrics and prompts: Jinja over the case's variables, strict and bounded.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, ErrorKind, Output, State, Value, escape_formatter};

use crate::jinja::{self, Unrendered};
use crate::text::closest;

/// The bytes a rendering may have; the data in it is bounded before.
const MAX_OUTPUT: usize = 4 << 20;

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
        let mut engine = jinja::engine();
        engine.set_formatter(format);
        jinja::compile(&mut engine, source).map_err(|error| explain(&error, None))?;
        let names = jinja::names(&engine);
        Ok(Self { engine: Arc::new(engine), names })
    }

    /// As it was written.
    pub(super) fn source(&self) -> String {
        jinja::source(&self.engine)
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
        jinja::render(&self.engine, Value::from(context.clone()), MAX_OUTPUT).map_err(|wrong| match wrong {
            Unrendered::TooLong => format!("renders to more than the {} MB allowed", MAX_OUTPUT >> 20),
            Unrendered::Wrong(error) => explain(&error, Some(context)),
        })
    }
}

/// Values print as in a suite's prompts: texts as they are, anything else as JSON.
fn format(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    match value.kind() {
        ValueKind::Bool | ValueKind::None | ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => {
            out.write_str(&jinja::json(value)?).map_err(Error::from)
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
