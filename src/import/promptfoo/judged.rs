//! Assertions that ask a model → `judge` and `embedding`.

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::work::Work;

use super::asserts::{Grader, Refused, Scope, of, share, unknown};
use super::providers::{Judges, Use};
use super::values::{native, references};

/// Makes a grader of a model-graded assertion; `None`: it is none.
pub(super) fn grader(
    kind: &str,
    assertion: &Node,
    scope: &Scope<'_>,
    judges: &mut Judges,
    work: &mut Work<'_>,
) -> Option<Grader> {
    let value = assertion.get("value");
    let limit = assertion.get("threshold");
    let what = match kind {
        "similar" | "similar:cosine" => Use::Embeddings,
        "llm-rubric"
        | "agent-rubric"
        | "model-graded-closedqa"
        | "factuality"
        | "model-graded-factuality"
        | "g-eval"
        | "answer-relevance"
        | "context-faithfulness" => Use::Rubric,
        "context-recall" | "context-relevance" => return Some(unknown("it grades the context, not the answer")),
        "conversation-relevance" => return Some(unknown("it grades a conversation, and a case has one answer")),
        "similar:dot" | "similar:euclidean" => return Some(unknown("vectors are compared by their angle only")),
        "search-rubric" => return Some(unknown("its judge searches the web, and bench's do not")),
        "select-best" => return Some(unknown("it compares answers: `pairwise` does, for the whole suite")),
        _ => return None,
    };
    if kind == "agent-rubric" {
        return Some(unknown("its judge is an agent with tools"));
    }
    let provider = assertion.get("provider").or(scope.provider);
    let judge = judges.name(provider, what, work).or_else(|why| {
        // Any model can judge; which one it is, its author should know.
        work.list(
            provider.unwrap_or(assertion),
            "the judge of an assertion",
            format!("{why}; the usual one stands in for it"),
        );
        judges.name(None, what, work)
    });
    Some(judge.map_err(Refused::Unknown).and_then(|judge| {
        if what == Use::Embeddings {
            let mut block = of("embedding");
            block.put("model", judge);
            let value = value.ok_or_else(|| Refused::Unknown("it has no `value`".to_owned()))?;
            block.put("value", references(value, scope, work)?);
            block.put("threshold", share(limit.filter(|limit| limit.number() != Some(0.0)), 0.75));
            return Ok(block);
        }
        let mut block = of("judge");
        block.put("model", judge);
        match kind {
            "factuality" | "model-graded-factuality" => {
                let value = value.ok_or_else(|| Refused::Unknown("it has no `value`".to_owned()))?;
                block.put("reference", native(value, scope, work)?);
            }
            "answer-relevance" => {
                block.put(
                    "rubric",
                    "The answer is relevant to the question: it answers what was asked, and nothing else.",
                );
                scored(limit, 0.7, &mut block);
            }
            "context-faithfulness" => {
                if !(scope.known)("context") && scope.vars.is_none_or(|vars| !vars.contains_key("context")) {
                    return if scope.vars.is_none() {
                        Err(Refused::NeedsCase)
                    } else {
                        unknown("there is no variable `context`")
                    };
                }
                block.put("rubric", "Every claim in the answer is supported by this context:\n{{ context }}");
                scored(limit, 0.7, &mut block);
            }
            "g-eval" => {
                block.put("rubric", rubric(value, scope, work)?);
                scored(limit, 0.7, &mut block);
            }
            _ => {
                block.put("rubric", rubric(value, scope, work)?);
                if let Some(limit) = limit.filter(|limit| limit.number().is_some_and(|number| number > 0.0)) {
                    scored(Some(limit), 0.5, &mut block);
                }
            }
        }
        Ok(block)
    }))
}

/// A score from 0 to 1 with a threshold.
fn scored(limit: Option<&Node>, otherwise: f64, block: &mut Block) {
    let share = limit.and_then(Node::number).filter(|number| *number > 0.0 && *number <= 1.0).unwrap_or(otherwise);
    block.put("scale", "0-10");
    // Tenths of a percent are enough of any threshold.
    let percent = (share * 1000.0).round() / 10.0;
    block.put("threshold", format!("{percent}%"));
}

/// The criterion, or a list of them.
fn rubric(value: Option<&Node>, scope: &Scope<'_>, work: &mut Work<'_>) -> Result<Yaml, Refused> {
    let Some(value) = value else { return unknown("it has no `value`") };
    match &value.value {
        Value::List(items) => {
            let mut list = Block::default();
            for item in items {
                list.push(one(item, scope, work)?);
            }
            if list.len() == 0 { unknown("its value is empty") } else { Ok(Yaml::List(list)) }
        }
        // Criteria as a map are told to the judge as they are written.
        Value::Map(_) => {
            let text = crate::import::emit::fragment(&value.into());
            Ok(one(&value.with(Value::Text(text)), scope, work)?.into())
        }
        _ => Ok(one(value, scope, work)?.into()),
    }
}

fn one(value: &Node, scope: &Scope<'_>, work: &mut Work<'_>) -> Result<String, Refused> {
    let text = native(value, scope, work)?;
    if text.trim().is_empty() { unknown("its value is empty") } else { Ok(text.trim_end().to_owned()) }
}
