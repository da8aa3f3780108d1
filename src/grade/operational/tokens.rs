//! `tokens`: how many tokens the endpoint counted.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::family::Family;
use crate::grade::options::{self, Count, OptionErrors};
use crate::grade::range::{Bounds, Range};
use crate::grade::types::{Grader, Grading, Judgement, Measured, Subject};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "tokens",
    about: "how many tokens the answer, its reasoning or the prompt took",
    build,
    schema: options::schema_without_text::<Options>,
};

/// The options of `tokens`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("anyOf" = [{"required": ["min"]}, {"required": ["max"]}]))]
struct Options {
    /// Which tokens are counted.
    of: Of,
    /// The least that passes.
    min: Option<Count>,
    /// The most that passes.
    max: Option<Count>,
}

/// Which tokens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// Of the answer, reasoning included.
    #[default]
    Completion,
    /// Of what was asked.
    Prompt,
    /// Of the reasoning alone.
    Reasoning,
    /// Prompt and completion.
    Total,
}

impl Of {
    fn count(self, measured: &Measured) -> Option<u64> {
        match self {
            Self::Completion => measured.completion_tokens,
            Self::Prompt => measured.prompt_tokens,
            Self::Reasoning => measured.reasoning_tokens,
            Self::Total => measured.prompt_tokens.zip(measured.completion_tokens).map(|(a, b)| a.saturating_add(b)),
        }
    }

    /// One and many of them.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Completion => ("completion token", "completion tokens"),
            Self::Prompt => ("prompt token", "prompt tokens"),
            Self::Reasoning => ("reasoning token", "reasoning tokens"),
            Self::Total => ("token in total", "tokens in total"),
        }
    }
}

#[derive(Debug)]
struct Tokens {
    of: Of,
    range: Range,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { of, min, max } = options::read(options)?;
    let range = Bounds { min, max, exactly: None }.checked("how many tokens are allowed", "max: 500")?;
    Ok(Box::new(Tokens { of, range }))
}

impl Grader for Tokens {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let (one, many) = self.of.names();
        let Some(count) = self.of.count(&subject.measured) else {
            return Grading::Ready(Judgement::unable(format!(
                "the number of {many} is not known: the endpoint reported none"
            )));
        };
        let took = format!("{count} {}", if count == 1 { one } else { many });
        Grading::Ready(if self.range.holds(count) {
            Judgement::pass(format!("it took {took}"))
        } else {
            Judgement::fail(format!("expected {}, it took {took}", self.range.describe(one, many)))
        })
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }

    fn reads_text(&self) -> bool {
        false
    }
}
