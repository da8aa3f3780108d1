//! A value with templates in its texts: an expectation, a dataset's mapping, the parts of a message.

use super::attach::{Attachments, Slot};
use super::log::{Finding, Log, Place, Target};
use super::node::{Node, write_text};
use super::read::Field;
use super::template::{Template, TemplateError, Vars};

/// A value whose texts are compiled templates.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// No template anywhere: compact JSON.
    Constant(Box<str>),
    /// A text.
    Text(Leaf),
    /// A text that names a file to attach, unless it is a URL.
    File(Leaf, Slot),
    List(Box<[Self]>),
    Map(Box<[(Box<str>, Self)]>),
}

/// A template with its number in the order of reading, which finds its place in the suite again.
#[derive(Debug, Clone)]
pub(super) struct Leaf {
    pub(super) number: usize,
    pub(super) template: Template,
}

/// Where each template of a family of shapes stands.
#[derive(Debug, Default)]
pub(super) struct Leaves(Vec<(Place, Box<str>)>);

/// A template's mistake with the template it is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ShapeError {
    pub(super) leaf: usize,
    pub(super) error: TemplateError,
}

impl Leaves {
    /// Compiles a text; its mistake goes to the log.
    pub(super) fn compile(&mut self, text: &str, place: &Place, log: &Log) -> Option<Leaf> {
        let number = self.note(text, place);
        match Template::new(text) {
            Ok(template) => Some(Leaf { number, template }),
            Err(error) => {
                log.add(self.finding(number, &error, error.message.clone()));
                None
            }
        }
    }

    /// Keeps the place of a text that is compiled elsewhere. Hands back its number.
    pub(super) fn note(&mut self, text: &str, place: &Place) -> usize {
        self.0.push((place.clone(), text.into()));
        self.0.len() - 1
    }

    /// Compiles a value. `None` where some template in it cannot be compiled.
    pub(super) fn shape(&mut self, field: &Field<'_>, log: &Log) -> Option<Shape> {
        let shape = match field.node {
            Node::Text(text) => Shape::Text(self.compile(text, &field.place, log)?),
            Node::List(items) => {
                let item = |(i, node)| self.shape(&Field { node, place: field.place.index(i) }, log);
                let items: Vec<_> = items.iter().enumerate().map(item).collect();
                Shape::List(items.into_iter().collect::<Option<_>>()?)
            }
            Node::Map(entries) => {
                let entry = |(key, node): &(Box<str>, Node)| {
                    let place = field.place.key(key.to_string());
                    Some((key.clone(), self.shape(&Field { node, place }, log)?))
                };
                let entries: Vec<_> = entries.iter().map(entry).collect();
                Shape::Map(entries.into_iter().collect::<Option<_>>()?)
            }
            other => Shape::Constant(other.to_json().into()),
        };
        Some(shape)
    }

    /// The finding for a template's mistake, its part underlined.
    pub(super) fn finding(&self, leaf: usize, error: &TemplateError, message: String) -> Finding {
        let (place, text) = &self.0[leaf];
        let target = match &error.range {
            Some(range) => Target::Part(text.clone(), range.clone()),
            None => Target::Value,
        };
        Finding::error(place, message).target(target).maybe_hint(error.hint.clone())
    }
}

impl Shape {
    /// Whether it renders to the same JSON for every case.
    pub(super) fn is_constant(&self) -> bool {
        match self {
            Self::Constant(_) => true,
            Self::Text(leaf) => leaf.template.is_plain(),
            Self::File(..) => false,
            Self::List(items) => items.iter().all(Self::is_constant),
            Self::Map(entries) => entries.iter().all(|(_, shape)| shape.is_constant()),
        }
    }

    /// Appends the rendered value as JSON.
    ///
    /// # Errors
    /// The template that cannot be rendered, and why.
    pub(super) fn write(&self, vars: &Vars<'_>, files: &Attachments, out: &mut String) -> Result<(), ShapeError> {
        match self {
            Self::Constant(json) => out.push_str(json),
            Self::Text(leaf) => leaf.render_json(vars, out)?,
            Self::File(leaf, slot) => {
                let path = leaf.text(vars)?;
                let url = files.data_url(&path, *slot).map_err(|error| ShapeError { leaf: leaf.number, error })?;
                write_text(&url, out);
            }
            Self::List(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    item.write(vars, files, out)?;
                }
                out.push(']');
            }
            Self::Map(entries) => {
                out.push('{');
                for (i, (key, item)) in entries.iter().enumerate() {
                    if i > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    item.write(vars, files, out)?;
                }
                out.push('}');
            }
        }
        Ok(())
    }

    /// Renders every template without putting anything together: finds all mistakes, not the first.
    pub(super) fn check(&self, vars: &Vars<'_>, files: &Attachments, report: &mut dyn FnMut(ShapeError)) {
        match self {
            Self::Constant(_) => {}
            Self::Text(leaf) => {
                if let Err(error) = leaf.text(vars) {
                    report(error);
                }
            }
            Self::File(leaf, slot) => {
                let checked = leaf.text(vars).and_then(|path| {
                    files.check(&path, *slot).map_err(|error| ShapeError { leaf: leaf.number, error })
                });
                if let Err(error) = checked {
                    report(error);
                }
            }
            Self::List(items) => items.iter().for_each(|item| item.check(vars, files, report)),
            Self::Map(entries) => entries.iter().for_each(|(_, item)| item.check(vars, files, report)),
        }
    }
}

impl Leaf {
    /// The rendered text.
    pub(super) fn text(&self, vars: &Vars<'_>) -> Result<String, ShapeError> {
        let mut out = String::new();
        self.template.render(vars, &mut out).map_err(|error| ShapeError { leaf: self.number, error })?;
        Ok(out)
    }

    /// Appends the rendered JSON.
    pub(super) fn render_json(&self, vars: &Vars<'_>, out: &mut String) -> Result<(), ShapeError> {
        self.template.render_json(vars, out).map_err(|error| ShapeError { leaf: self.number, error })
    }
}
