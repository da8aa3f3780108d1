//! A compiled template and its two ways of rendering.

use std::ops::Range;

use crate::suite::node::write_text;
use crate::suite::read::closest;

use super::engine::Engine;
use super::vars::{Vars, push_text};

/// A compiled template.
#[derive(Debug, Clone)]
pub(in crate::suite) enum Template {
    /// Nothing to insert.
    Plain(Box<str>),
    /// Texts and variables, nothing else: rendered without the engine.
    Simple { source: Box<str>, pieces: Box<[Piece]> },
    /// Everything else.
    Engine(Engine),
}

/// A part of a simple template.
#[derive(Debug, Clone)]
pub(in crate::suite) enum Piece {
    /// A range of the source, as it is.
    Text(Range<usize>),
    /// A variable, or a field of one (`ticket.body`): the range of its path.
    Variable(Range<usize>),
}

/// Why a template cannot be compiled or rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::suite) struct TemplateError {
    /// What is wrong: a lower-case fragment.
    pub(in crate::suite) message: String,
    /// Where in the template.
    pub(in crate::suite) range: Option<Range<usize>>,
    /// What to do.
    pub(in crate::suite) hint: Option<String>,
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// The syntax mistake.
    pub(in crate::suite) fn new(source: &str) -> Result<Self, TemplateError> {
        if !["{{", "{%", "{#"].iter().any(|mark| source.contains(mark)) {
            return Ok(Self::Plain(source.into()));
        }
        match simple_pieces(source) {
            Some(pieces) => Ok(Self::Simple { source: source.into(), pieces }),
            None => Engine::new(source).map(Self::Engine),
        }
    }

    /// Whether it always renders to the same text.
    pub(in crate::suite) fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// Appends the rendered text.
    ///
    /// # Errors
    /// An undefined variable, or what the engine says.
    pub(in crate::suite) fn render(&self, vars: &Vars<'_>, out: &mut String) -> Result<(), TemplateError> {
        match self {
            Self::Plain(text) => out.push_str(text),
            Self::Simple { source, pieces } => {
                for piece in pieces {
                    match piece {
                        Piece::Text(range) => out.push_str(&source[range.clone()]),
                        Piece::Variable(range) => {
                            let path = &source[range.clone()];
                            let json = vars.lookup(path).map_err(|name| undefined(&name, path, range, vars))?;
                            push_text(json, out);
                        }
                    }
                }
            }
            Self::Engine(engine) => out.push_str(&engine.render(vars)?),
        }
        Ok(())
    }

    /// Appends what it renders to as JSON: a template that is exactly one variable keeps the variable's type.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub(in crate::suite) fn render_json(&self, vars: &Vars<'_>, out: &mut String) -> Result<(), TemplateError> {
        if let Self::Simple { source, pieces } = self
            && let [Piece::Variable(range)] = &**pieces
        {
            let path = &source[range.clone()];
            let json = vars.lookup(path).map_err(|name| undefined(&name, path, range, vars))?;
            out.push_str(json);
            return Ok(());
        }
        let mut text = String::new();
        self.render(vars, &mut text)?;
        write_text(&text, out);
        Ok(())
    }
}

/// The pieces of a template that holds nothing but `{{ variable }}`s.
fn simple_pieces(source: &str) -> Option<Box<[Piece]>> {
    if source.contains("{%") || source.contains("{#") {
        return None;
    }
    let mut pieces = Vec::new();
    let mut at = 0;
    while let Some(open) = source[at..].find("{{").map(|i| at + i) {
        let close = open + source[open..].find("}}")?;
        let inner = &source[open + 2..close];
        let path = inner.trim();
        if !is_path(path) {
            return None;
        }
        if open > at {
            pieces.push(Piece::Text(at..open));
        }
        let start = open + 2 + (inner.len() - inner.trim_start().len());
        pieces.push(Piece::Variable(start..start + path.len()));
        at = close + 2;
    }
    if at < source.len() {
        pieces.push(Piece::Text(at..source.len()));
    }
    Some(pieces.into())
}

/// Whether an expression is a variable or a field of one, and nothing the engine would read otherwise.
fn is_path(expression: &str) -> bool {
    const RESERVED: [&str; 22] = [
        "true",
        "false",
        "none",
        "True",
        "False",
        "None",
        "not",
        "and",
        "or",
        "in",
        "is",
        "if",
        "else",
        "for",
        "loop",
        "self",
        "super",
        "range",
        "dict",
        "namespace",
        "debug",
        "joiner",
    ];
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let mut parts = expression.split('.');
    parts.next().is_some_and(|head| is_name(head) && !RESERVED.contains(&head)) && parts.all(is_name)
}

/// The error for a variable that a case does not have. `name` is the part of the path up to what is missing.
fn undefined(name: &str, path: &str, range: &Range<usize>, vars: &Vars<'_>) -> TemplateError {
    let hint = match path.strip_prefix("env.") {
        Some(variable) if name == "env" => Some(format!("declare it: `env: [{variable}]`")),
        _ => meant(name, vars),
    };
    TemplateError { message: format!("`{name}` is undefined"), range: Some(range.clone()), hint }
}

/// What was probably meant by an undefined name, or what there is.
pub(super) fn meant(name: &str, vars: &Vars<'_>) -> Option<String> {
    let Some((parent, last)) = name.rsplit_once('.') else {
        if name == "env" {
            return Some("what a template sees of the environment is declared: `env: [NAME]`".to_owned());
        }
        return Some(match closest(name, vars.names()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => vars.known(),
        });
    };
    let inner = Vars::parse(vars.lookup(parent).ok()?).ok()?;
    match closest(last, inner.names()) {
        Some(name) => Some(format!("did you mean `{parent}.{name}`?")),
        None if parent == "env" && vars.declares_env() => Some(format!("declare it: `env: [{last}]`")),
        None => None,
    }
}
