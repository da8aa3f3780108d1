//! `finish_reason`: why the answer ended.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::family::Family;
use crate::grade::options::{self, OptionErrors, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{any_of, quote};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "finish_reason",
    about: "why the answer ended: `stop` unless it is said",
    build,
    schema: options::schema_without_text::<Options>,
};

/// The option of `finish_reason`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The reasons that pass; `stop` if left out.
    #[schemars(extend("examples" = ["stop", "length", "tool_calls", "content_filter"]))]
    is: Option<Texts>,
}

#[derive(Debug)]
struct FinishReason {
    is: Vec<String>,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { is } = options::read(options)?;
    let is = is.map_or_else(|| vec!["stop".to_owned()], |Texts(is)| is.into_iter().map(|text| text.0).collect());
    Ok(Box::new(FinishReason { is }))
}

impl Grader for FinishReason {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let Some(reason) = subject.answer.finish_reason.as_deref() else {
            return Grading::Ready(Judgement::unable("why the answer ended is not known: the endpoint did not say"));
        };
        Grading::Ready(if self.is.iter().any(|is| is.eq_ignore_ascii_case(reason)) {
            Judgement::pass(format!("the answer ended with {}", quote(reason)))
        } else {
            let is: Vec<Cow<'_, str>> = self.is.iter().map(|is| Cow::Borrowed(is.as_str())).collect();
            let cut = if reason == "length" { " (cut off at the token limit: raise `max_tokens`)" } else { "" };
            Judgement::fail(format!(
                "expected the answer to end with {}, got {}{cut}",
                any_of(&is, "or"),
                quote(reason)
            ))
        })
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }

    fn reads_text(&self) -> bool {
        false
    }
}
