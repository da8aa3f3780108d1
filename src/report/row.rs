//! One planned cell as every output shows it.

use std::borrow::Cow;

use crate::journal::{CellRecord, ModelHead, Verdict};

/// A planned cell and what became of it.
#[derive(Debug)]
pub struct Row<'a> {
    /// The model.
    pub model: &'a ModelHead,
    /// The prompt's id.
    pub prompt: &'a str,
    /// The case's id.
    pub case: &'a str,
    /// The k-th time the same case is asked, from 1.
    pub repeat: u32,
    /// What was expected, as people read it.
    pub expected: Option<Cow<'a, str>>,
    /// The case's tags.
    pub tags: &'a [String],
    /// The cell's last record; `None` where it never finished.
    pub record: Option<CellRecord>,
    /// Why it never finished: kind and words. Only for cells without a record.
    pub(super) skipped: (&'a str, &'a str),
}

impl Row<'_> {
    /// What became of it.
    pub fn verdict(&self) -> Verdict {
        self.record.as_ref().map_or(Verdict::Skipped, |record| record.verdict)
    }

    /// Why there is no gradable answer: kind and words.
    pub fn error(&self) -> Option<(&str, &str)> {
        match &self.record {
            None => Some(self.skipped),
            Some(record) => record.error.as_ref().map(|error| (error.kind.as_str(), error.message.as_str())),
        }
    }

    /// What was answered, as one text: the answer, else the tool calls as compact JSON, else the refusal.
    pub fn output(&self) -> Option<Cow<'_, str>> {
        let record = self.record.as_ref()?;
        match record.output.as_deref() {
            Some(output) if !output.is_empty() => Some(Cow::Borrowed(output)),
            _ if !record.tool_calls.is_empty() => serde_json::to_string(&record.tool_calls).ok().map(Cow::Owned),
            output => record.refusal.as_deref().or(output).map(Cow::Borrowed),
        }
    }
}
