//! The template engine as every part sets it up: strict, bounded in steps and in output, for plain text.

use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// Instructions one rendering may take: a loop over ten thousand items, and no endless one.
const FUEL: u64 = 1_000_000;

/// The one template of an engine.
const NAME: &str = "template";

/// Why there is no rendering.
#[derive(Debug)]
pub(crate) enum Unrendered {
    /// It is longer than was allowed.
    TooLong,
    /// The engine's own error.
    Wrong(Error),
}

/// An engine without a template: what is undefined is an error, and nothing is escaped.
pub(crate) fn engine() -> Environment<'static> {
    let mut engine = Environment::new();
    // Prompts and code end as they were written.
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        engine.set_syntax(syntax);
    }
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_debug(true);
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    engine
}

/// Gives an engine its template.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn compile(engine: &mut Environment<'static>, source: &str) -> Result<(), Error> {
    engine.add_template_owned(NAME, source.to_owned())
}

/// The template of an engine as it was written.
pub(crate) fn source(engine: &Environment<'_>) -> String {
    engine.get_template(NAME).map(|template| template.source().to_owned()).unwrap_or_default()
}

/// The names that the template of an engine does not set itself.
pub(crate) fn names(engine: &Environment<'_>) -> std::collections::HashSet<String> {
    engine.get_template(NAME).map(|template| template.undeclared_variables(false)).unwrap_or_default()
}

/// Renders the template of an engine to at most `limit` bytes.
///
/// # Errors
/// Where it fails or grows too long.
pub(crate) fn render(engine: &Environment<'_>, context: Value, limit: usize) -> Result<String, Unrendered> {
    let template = engine.get_template(NAME).map_err(Unrendered::Wrong)?;
    let mut out = Bounded { bytes: Vec::new(), limit, full: false };
    match template.render_captured_to(context, &mut out) {
        // The engine writes texts.
        Ok(_) => Ok(String::from_utf8_lossy(&out.bytes).into_owned()),
        Err(_) if out.full => Err(Unrendered::TooLong),
        Err(error) => Err(Unrendered::Wrong(error)),
    }
}

/// A value as JSON.
///
/// # Errors
/// A value that JSON cannot hold.
pub(crate) fn json(value: &Value) -> Result<String, Error> {
    serde_json::to_string(value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, "cannot be written as JSON").with_source(error))
}

/// Text that stops where it grows too long.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.limit - self.bytes.len() {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(source: &str, limit: usize) -> Result<String, Unrendered> {
        let mut engine = engine();
        compile(&mut engine, source).unwrap();
        render(&engine, minijinja::context! { x => "é<" }, limit)
    }

    #[test]
    fn text_comes_out_as_it_was_written() {
        assert_eq!(rendered("{{ x }}\n", 100).unwrap(), "é<\n");
    }

    #[test]
    fn what_is_undefined_endless_or_too_long_is_an_error() {
        assert!(matches!(rendered("{{ y }}", 100), Err(Unrendered::Wrong(_))));
        assert!(matches!(
            rendered("{% for i in range(10000) %}{% for j in range(10000) %}{% endfor %}{% endfor %}", 9),
            Err(Unrendered::Wrong(_))
        ));
        assert!(matches!(rendered("{{ x }}{{ x }}", 5), Err(Unrendered::TooLong)));
        assert_eq!(rendered("{{ x }}{{ x }}", 6).unwrap(), "é<é<");
    }
}
