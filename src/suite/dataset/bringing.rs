//! `graders` and `prompt` of an entry, and those of its published format: how its cases are graded and asked.
//!
//! | written | graders | prompt |
//! | --- | --- | --- |
//! | in the suite | are the suite's; the format's are not used | is the suite's; beside one of the entry it is a mistake |
//! | on the entry | besides the suite's, instead of the format's | instead of the format's |
//! | nowhere | the row's or the format's | the format's |

use std::sync::Arc;

use crate::grade::GraderSet;
use crate::suite::decode::decode;
use crate::suite::graders::Graders;
use crate::suite::log::{Finding, Log, Place, Target};
use crate::suite::model::Prompt;
use crate::suite::node::Node;
use crate::suite::prompts::Prompts;
use crate::suite::read::{Field, Table};

use super::spec::Spec;

/// The keys read here.
pub(super) const KEYS: [&str; 2] = ["graders", "prompt"];

/// What an entry says, as it is written.
#[derive(Debug, Default)]
pub(super) struct Bringing {
    graders: Option<(Node, Place)>,
    prompt: Option<(Node, Place)>,
    /// The place of `format`.
    format: Place,
}

impl Bringing {
    /// Keeps an entry's keys.
    pub(super) fn read(table: &Table<'_>) -> Self {
        let written = |key| {
            let field = table.get(key).filter(|field| !field.is_null())?;
            Some((field.node.clone(), field.place))
        };
        let format = table.get("format").map_or_else(|| table.place.clone(), |field| field.place);
        Self { graders: written("graders"), prompt: written("prompt"), format }
    }
}

/// How the cases of an entry are asked and graded.
#[derive(Debug)]
pub(super) struct Brings {
    /// What they are asked with; `None`: the suite's prompts.
    pub(super) prompt: Option<Arc<Prompt>>,
    graders: Arc<GraderSet>,
    /// The places of the graders behind the suite's.
    places: Vec<Place>,
    /// Where a row's own graders stand, if they are used.
    of_rows: Option<Place>,
}

impl Brings {
    /// Builds what an entry says, else what its format does.
    pub(super) fn of(spec: &Spec, graders: &mut Graders, prompts: &mut Prompts, log: &Log) -> Self {
        let Bringing { graders: own, prompt, format } = &spec.bringing;
        let published = spec.source.published;
        let mut brings = Self { prompt: None, graders: Arc::clone(&graders.suite), places: Vec::new(), of_rows: None };
        if let Some((node, place)) = own {
            let field = Field { node, place: place.clone() };
            brings.places = field.one_or_list().into_iter().map(|entry| entry.place).collect();
            brings.graders = graders.with_own(Some(field), log);
        } else if let Some(published) = published.filter(|_| !graders.are_written) {
            let node = written(published.graders);
            brings.graders = graders.with_own(Some(Field { node: &node, place: format.clone() }), log);
            brings.of_rows = Some(format.clone());
        }
        match (prompt, prompts.are_brought()) {
            (Some((node, place)), true) => {
                brings.prompt = prompts.bring(&Field { node, place: place.clone() }, &spec.source.path, log);
            }
            (Some((_, place)), false) => log.add(
                Finding::error(place, "a prompt of its own, but the suite has one, which all its cases are asked with")
                    .target(Target::Key)
                    .hint("take `prompt` out of the suite and give every dataset its own, or leave this one out"),
            ),
            (None, true) => {
                if let Some(published) = published.filter(|published| !published.prompt.is_empty()) {
                    let node = written(published.prompt);
                    let field = Field { node: &node, place: format.clone() };
                    brings.prompt = prompts.bring(&field, published.name, log);
                }
            }
            (None, false) => {}
        }
        brings
    }

    /// The graders of a case whose row brings these.
    ///
    /// # Errors
    /// What is wrong with those of the row.
    pub(super) fn graders(&self, of_row: Option<&Node>, graders: &mut Graders) -> Result<Arc<GraderSet>, String> {
        match (of_row, &self.of_rows) {
            (Some(node), Some(place)) => graders.of_row(node, place),
            _ => Ok(Arc::clone(&self.graders)),
        }
    }

    /// The places of a set's graders behind the suite's.
    pub(super) fn places(&self, set: &GraderSet) -> Vec<Place> {
        match &self.of_rows {
            Some(place) => vec![place.clone(); set.graders.len()],
            None => self.places.clone(),
        }
    }
}

/// What a published format says, which is YAML.
pub(super) fn written(yaml: &str) -> Node {
    decode(yaml).map_or(Node::Null, |decoded| decoded.root)
}
