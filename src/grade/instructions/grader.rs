//! The grader: which instructions a case has, the variants of an answer that `loose` looks at, and the verdict.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::family::Family;
use crate::grade::options::{self, Literal, OptionError, OptionErrors};
use crate::grade::types::{Grade, Grader, Grading, Judgement, Subject};
use crate::grade::words::got;

use super::check::Check;
use super::example;
use super::read::{self, Instruction};
use super::text::strip;

pub(in crate::grade) const FAMILY: Family =
    Family { name: "instructions", about: "the answer follows instructions: IFEval's 25 checks", build, schema };

/// The options of `instructions`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// Ids, and maps with `id` and the arguments beside it; without it the case's.
    #[schemars(schema_with = "entries")]
    instructions: Literal,
    /// What is looked at.
    mode: Mode,
}

/// What is looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// The answer as it is.
    #[default]
    Strict,
    /// The answer, or it without its first line, its last line or both, each with and without asterisks: an instruction
    /// is followed if one of the eight follows it.
    Loose,
}

#[derive(Debug)]
struct Instructions {
    /// Those of the grader; without them, the case's.
    own: Option<Vec<Instruction>>,
    mode: Mode,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let own = options.instructions.0.map(|value| read::list("instructions", &value));
    Ok(Box::new(Instructions { own: own.transpose().map_err(OptionErrors)?, mode: options.mode }))
}

impl Grader for Instructions {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.instructions(subject.expected, subject.vars) {
            Ok(instructions) => self.judge(&subject, &instructions),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        let instructions = self.instructions(case.expected(), case.vars()).ok()?;
        let checks: Vec<&Check> = instructions.iter().map(|instruction| &instruction.check).collect();
        example::complying(&checks).map(Example::Whole)
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.instructions(case.expected(), case.vars()).map(drop)
    }
}

fn schema() -> Value {
    options::schema::<Options>()
}

fn entries(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            {"$ref": "#/$defs/instruction"},
            {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/instruction"}},
        ],
    })
}

const MISSING: &str = "`instructions` needs instructions to check: give the grader `instructions: [punctuation:no_comma]`, \
     the case the same list under `expect`, or the variables `instruction_id_list` and `kwargs`";

impl Instructions {
    /// The grader's own, else those under the case's `expect`, else those in the published columns.
    fn instructions<'a>(
        &'a self,
        expected: Option<&Value>,
        vars: &Map<String, Value>,
    ) -> Result<Cow<'a, [Instruction]>, String> {
        if let Some(own) = &self.own {
            return Ok(Cow::Borrowed(own));
        }
        let case = match (expected, vars.get("instruction_id_list")) {
            (Some(expected), _) => read::list("expect", expected),
            (None, Some(ids)) => read::columns(ids, vars.get("kwargs")),
            (None, None) => return Err(MISSING.to_owned()),
        };
        let fragment = |OptionError { path, message, hint }: OptionError| {
            let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
            format!("`{path}`: {message}{hint}")
        };
        case.map(Cow::Owned).map_err(|errors| errors.into_iter().map(fragment).collect::<Vec<_>>().join("; "))
    }

    fn judge(&self, subject: &Subject<'_>, instructions: &[Instruction]) -> Judgement {
        let text = subject.answer.text.as_str();
        let variants = match self.mode {
            Mode::Strict => Vec::new(),
            Mode::Loose => loose(text),
        };
        let mut parts = Vec::with_capacity(instructions.len());
        for Instruction { id, check } in instructions {
            let reason = match follow(check, text) {
                Err(_) if variants.iter().any(|text| follow(check, text).is_ok()) => None,
                Err(None) => Some(format!("got {}", got(subject.answer))),
                Err(reason) => reason,
                Ok(()) => None,
            };
            let pass = reason.is_none();
            parts.push(Grade {
                grader: (*id).to_owned(),
                pass: Some(pass),
                score: Some(f64::from(u8::from(pass))),
                reason,
                extracted: None,
                weight: 1.0,
                nothing: false,
                parts: Vec::new(),
            });
        }
        verdict(parts)
    }
}

/// How many instructions that are not followed are named behind the first; all of them are parts.
const NAMED: usize = 3;

/// All followed, and the share of those that are.
fn verdict(parts: Vec<Grade>) -> Judgement {
    let all = parts.len();
    let missed: Vec<&Grade> = parts.iter().filter(|part| part.pass == Some(false)).collect();
    let followed = all - missed.len();
    let lead = format!("follows {followed} of {all} instructions");
    let judgement = match missed.as_slice() {
        [] => Judgement::pass(lead),
        [first, others @ ..] => {
            let reason = first.reason.as_deref().unwrap_or_default();
            let mut text = format!("{lead}; `{}`: {reason}", first.grader);
            let more = others.len().saturating_sub(NAMED);
            let others = others.iter().take(NAMED).map(|part| format!("; not `{}`", part.grader));
            text.extend(others.chain((more > 0).then(|| format!(" and {more} more"))));
            Judgement::fail(text)
        }
    };
    Judgement { score: Some(followed as f64 / all as f64), parts, ..judgement }
}

/// Whether a text follows an instruction; one without text follows none.
///
/// # Errors
/// Why not; `None` for a text without text.
fn follow(check: &Check, text: &str) -> Result<(), Option<String>> {
    if strip(text).is_empty() { Err(None) } else { check.follow(text).map_err(Some) }
}

/// What else a loose reading looks at, but for the answer itself.
fn loose(text: &str) -> Vec<Cow<'_, str>> {
    let first = text.find('\n').map(|end| end + 1);
    let last = text.rfind('\n');
    let part = |start: Option<usize>, end: Option<usize>| match (start, end) {
        (Some(start), Some(end)) if start <= end => strip(&text[start..end]),
        _ => "",
    };
    let plain = [text, part(first, Some(text.len())), part(Some(0), last), part(first, last)];
    let mut variants: Vec<Cow<'_, str>> = Vec::new();
    let starless = plain.into_iter().map(|text| Cow::Owned(text.replace('*', "")));
    for variant in plain.into_iter().map(Cow::Borrowed).chain(starless) {
        if !variant.is_empty() && variant != text && !variants.contains(&variant) {
            variants.push(variant);
        }
    }
    variants
}
