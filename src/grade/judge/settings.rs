//! The options of `judge`, checked: nothing in here is left to be decided.

use schemars::JsonSchema;
use serde::Deserialize;

use super::scale::{Scale, Threshold};
use super::template::Template;

/// How several votes become a verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Panel {
    /// More than half of the votes pass; a tie does not.
    #[default]
    Majority,
    /// The mean of the scores reaches the threshold.
    Mean,
}

/// The answer that the judge may compare with.
#[derive(Debug, Clone)]
pub(super) enum Reference {
    /// None is shown.
    None,
    /// The case's `expect`.
    Expect,
    /// A text.
    Text(Template),
}

/// A judge's settings.
#[derive(Debug)]
pub(super) struct Settings {
    /// Who is asked; at least one, each once.
    pub(super) models: Vec<String>,
    /// Whether they were written as a list, under `models`.
    pub(super) listed: bool,
    /// The criteria, all of which count; none: the answer is compared with the reference.
    pub(super) rubric: Vec<Template>,
    /// What a judge may say.
    pub(super) scale: Scale,
    /// What passes.
    pub(super) threshold: Threshold,
    /// How votes are counted.
    pub(super) panel: Panel,
    /// What is compared with.
    pub(super) reference: Reference,
    /// In place of the usual message.
    pub(super) prompt: Option<Template>,
    /// How often each model is asked.
    pub(super) samples: u32,
    /// Sent as it is.
    pub(super) temperature: f64,
    /// Sent as it is.
    pub(super) max_tokens: u32,
    /// The characters sent of each text.
    pub(super) max_chars: usize,
}
