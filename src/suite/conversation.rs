//! What a model was asked, for graders that show it to somebody.

use std::fmt;

use serde_json::Value;

use crate::grade::Asked;

use super::model::{Case, Prompt};
use super::prompts::render;

/// A prompt with a case's variables in it, rendered only where somebody looks at it.
#[derive(Clone, Copy)]
pub struct Conversation<'a> {
    /// The prompt.
    pub prompt: &'a Prompt,
    /// The case.
    pub case: &'a Case,
}

impl fmt::Debug for Conversation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation").field("prompt", &self.prompt.id).field("case", &self.case.id).finish()
    }
}

impl Asked for Conversation<'_> {
    fn messages(&self) -> Result<Value, String> {
        render(self.prompt, self.case)
    }
}
