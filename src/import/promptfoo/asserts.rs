//! One assertion → one grader.

use serde_json::{Map, Value as Json};

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::work::Work;

use super::judged;
use super::params::{milliseconds, resolved};
use super::providers::Judges;
use super::script;
use super::values::{non_empty, references, rendered, text, texts};

/// How deep sets of assertions may nest.
const MAX_DEPTH: usize = 12;

/// What assertions are read with.
pub(super) struct Scope<'a> {
    /// The variables of the case; `None`: of no case in particular.
    pub(super) vars: Option<&'a Map<String, Json>>,
    /// Variables that every case has, which templates may name even so.
    pub(super) known: &'a dyn Fn(&str) -> bool,
    /// The functions of the models' tools.
    pub(super) tools: &'a [(String, Yaml)],
    /// The provider of graders that name none.
    pub(super) provider: Option<&'a Node>,
}

/// Why an assertion is no grader here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refused {
    /// It depends on a case's variables: each case has a grader of its own.
    NeedsCase,
    /// It has no equivalent.
    Unknown(String),
}

pub(super) type Grader = Result<Block, Refused>;

pub(super) fn unknown<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Unknown(why.into()))
}

/// The grader with a type.
pub(super) fn of(kind: &str) -> Block {
    let mut block = Block::default();
    block.put("type", kind);
    block
}

/// The type of an assertion without `not-`, and whether it was there.
pub(super) fn kind(assertion: &Node) -> (String, bool) {
    let written = assertion.get("type").and_then(Node::text).unwrap_or_default().trim();
    match written.strip_prefix("not-") {
        Some(kind) if kind != "empty" => (kind.to_owned(), true),
        _ => (written.to_owned(), false),
    }
}

/// Makes a grader of an assertion.
pub(super) fn grader(assertion: &Node, scope: &Scope<'_>, judges: &mut Judges, work: &mut Work<'_>) -> Grader {
    nested(assertion, scope, judges, work, 0)
}

fn nested(assertion: &Node, scope: &Scope<'_>, judges: &mut Judges, work: &mut Work<'_>, depth: usize) -> Grader {
    if depth > MAX_DEPTH {
        return unknown("sets of assertions nest too deeply");
    }
    if assertion.get("contextTransform").is_some() {
        return unknown("`contextTransform` is a program");
    }
    let (kind, not) = kind(assertion);
    let mut block = if kind == "assert-set" {
        set(assertion, scope, judges, work, depth)?
    } else {
        let mut block = match judged::grader(&kind, assertion, scope, judges, work) {
            Some(made) => made?,
            None => plain(&kind, assertion, scope, work)?,
        };
        if let Some(transform) = assertion.get("transform") {
            match script::extract(transform.text().unwrap_or_default()) {
                Some(extract) => block.maybe("extract", extract),
                None => return unknown("`transform` is a program: graders have `extract`"),
            }
        }
        block
    };
    if not {
        // A script that is itself a negation: `not: true` would stand there twice.
        if block.get("not").is_some() {
            let mut outer = of("not");
            outer.put("of", Yaml::Map(block));
            block = outer;
        } else {
            block.put("not", true);
        }
    }
    if let Some(metric) = assertion.get("metric").and_then(Node::text) {
        let metric = text(&assertion.with(Value::Text(metric.to_owned())), scope, work)?;
        block.maybe("name", Some(crate::text::one_line(metric.trim()).into_owned()).filter(|name| !name.is_empty()));
    }
    if let Some(weight) = assertion.get("weight").filter(|weight| weight.number().is_some_and(|number| number >= 0.0))
        && weight.number() != Some(1.0)
    {
        block.put("weight", weight);
    }
    Ok(block)
}

/// `assert-set`.
fn set(assertion: &Node, scope: &Scope<'_>, judges: &mut Judges, work: &mut Work<'_>, depth: usize) -> Grader {
    let mut parts = Block::default();
    for part in assertion.get("assert").map(Node::items).unwrap_or_default() {
        parts.push(Yaml::Map(nested(part, scope, judges, work, depth + 1)?));
    }
    if parts.len() == 0 {
        return unknown("a set without assertions");
    }
    let mut block = of("all");
    threshold(assertion.get("threshold"), &mut block);
    block.put("of", Yaml::List(parts));
    Ok(block)
}

/// A threshold of a set or a case; 0 is met by every answer.
pub(super) fn threshold(node: Option<&Node>, block: &mut Block) {
    if let Some(node) = node.filter(|node| node.number().is_some()) {
        block.put("threshold", node);
    }
}

/// Graders that look at the answer alone.
fn plain(kind: &str, assertion: &Node, scope: &Scope<'_>, work: &mut Work<'_>) -> Grader {
    let value = assertion.get("value");
    let needed = || value.ok_or_else(|| Refused::Unknown("it has no `value`".to_owned()));
    let limit = assertion.get("threshold");
    Ok(match kind {
        "equals" => equals(needed()?, scope, work)?,
        "contains" | "icontains" => {
            let mut block = of("contains");
            block.put("value", non_empty(text(needed()?, scope, work)?)?);
            ignore_case(kind, &mut block);
            block
        }
        "contains-any" | "icontains-any" | "contains-all" | "icontains-all" => {
            let mut block = of("contains");
            block.put(if kind.ends_with("any") { "any" } else { "all" }, texts(needed()?, scope, work)?);
            ignore_case(kind, &mut block);
            block
        }
        "starts-with" => {
            let mut block = of("starts_with");
            block.put("value", non_empty(text(needed()?, scope, work)?)?);
            block
        }
        "regex" => regex(&text(needed()?, scope, work)?, "")?,
        "is-json" | "contains-json" => json(kind, value, scope, work)?,
        "is-xml" | "contains-xml" => xml(kind, value),
        "levenshtein" => {
            let mut block = of("levenshtein");
            block.put("value", text(needed()?, scope, work)?);
            block.put("max_distance", whole(limit, 5));
            block
        }
        "rouge-n" => {
            let mut block = of("rouge");
            block.put("value", non_empty(text(needed()?, scope, work)?)?);
            block.put("variant", "rouge1");
            block.put("threshold", share(limit, 0.75));
            block
        }
        "bleu" => {
            let mut block = of("bleu");
            block.put("value", references(needed()?, scope, work)?);
            block.put("threshold", share(limit, 0.5));
            block
        }
        "latency" => {
            let Some(max) = limit.and_then(milliseconds) else {
                return unknown("it has no `threshold` in milliseconds");
            };
            let mut block = of("latency");
            block.put("max", max);
            block
        }
        "cost" => {
            let Some(max) = limit.and_then(Node::number).filter(|max| *max >= 0.0) else {
                return unknown("it has no `threshold` in dollars");
            };
            let mut block = of("cost");
            block.put("max", format!("${max}"));
            block
        }
        "is-refusal" => of("refusal"),
        "finish-reason" => {
            let mut block = of("finish_reason");
            block.put("is", non_empty(text(needed()?, scope, work)?)?);
            block
        }
        "word-count" => words(needed()?)?,
        "is-valid-openai-tools-call" | "is-valid-openai-function-call" | "is-valid-function-call" => {
            tools(scope.tools)?
        }
        "javascript" | "python" => {
            if limit.is_some() {
                return unknown("a program that scores: graders are built in, or programs of the grader `command`");
            }
            let code = text(needed()?, scope, work)?;
            match script::grader(&code, scope.vars) {
                Some(made) => made?,
                None => return unknown("a program: the grader `command` runs one"),
            }
        }
        "is-html" | "contains-html" | "is-sql" | "contains-sql" => return unknown("no grader reads that language"),
        "moderation" | "guardrails" | "classifier" | "pi" => return unknown("it asks a service that bench does not"),
        "webhook" => return unknown("it asks a server of its own: the grader `command` runs a program that can"),
        "perplexity" | "perplexity-score" => return unknown("probabilities of tokens are not looked at"),
        "ruby" => return unknown("a program: the grader `command` runs one"),
        "max-score" | "human" => return unknown("it compares or asks people, and grades no answer"),
        "gleu" | "meteor" => return unknown("this measure is not built in; `bleu`, `chrf` and `rouge` are"),
        kind if kind.starts_with("trace-") || kind.starts_with("trajectory") || kind.starts_with("skill") => {
            return unknown("bench sees answers, and no traces of agents");
        }
        kind if kind.contains(":redteam:") => return unknown("bench does no red teaming"),
        "" => return unknown("it has no `type`"),
        _ => return unknown("promptfoo's documentation has no such type, or it came later"),
    })
}

fn ignore_case(kind: &str, block: &mut Block) {
    if kind.starts_with('i') {
        block.put("ignore_case", true);
    }
}

fn equals(value: &Node, scope: &Scope<'_>, work: &mut Work<'_>) -> Grader {
    if matches!(value.value, Value::Map(_) | Value::List(_)) {
        let mut block = of("json");
        block.put("value", &rendered(value, scope)?);
        return Ok(block);
    }
    let mut block = of("exact");
    block.put("value", text(value, scope, work)?);
    Ok(block)
}

fn regex(pattern: &str, flags: &str) -> Grader {
    let pattern = pattern.strip_prefix('/').and_then(|inner| inner.strip_suffix('/')).unwrap_or(pattern);
    if let Err(error) = regex::Regex::new(pattern) {
        let why = error.to_string();
        let look = why.contains("look-around") || why.contains("backreference");
        return unknown(if look {
            "patterns have no lookaround and no backreferences"
        } else {
            "the pattern cannot be read"
        });
    }
    let mut block = of("regex");
    block.put("pattern", pattern);
    for (flag, option) in [('i', "ignore_case"), ('m', "multi_line"), ('s', "dot_all")] {
        if flags.contains(flag) {
            block.put(option, true);
        }
    }
    Ok(block)
}

/// A pattern of a script, with its flags.
pub(super) fn script_regex(pattern: &str, flags: &str) -> Grader {
    regex(pattern, flags)
}

fn json(kind: &str, value: Option<&Node>, scope: &Scope<'_>, work: &mut Work<'_>) -> Grader {
    let schema = match value {
        None => None,
        Some(value) => {
            let value = resolved(value, work).map_err(Refused::Unknown)?;
            let value = rendered(&value, scope)?;
            match value.text() {
                Some(text) if text.trim().is_empty() => None,
                Some(text) => match crate::import::source::parse(text, &value.file) {
                    Ok(node) if !node.entries().is_empty() => Some(node),
                    _ => return unknown("its schema cannot be read"),
                },
                None => Some(value),
            }
        }
    };
    let strict = kind == "is-json";
    let mut block = match schema {
        None => {
            let mut block = of("json");
            block.put("mode", "valid");
            block
        }
        Some(schema) => {
            if jsonschema::validator_for(&schema.to_json()).is_err() {
                return unknown("its schema is no JSON Schema");
            }
            let mut block = of("json_schema");
            block.put("schema", &schema);
            block
        }
    };
    if strict {
        block.put("strict", true);
    }
    Ok(block)
}

fn xml(kind: &str, value: Option<&Node>) -> Block {
    let mut block = of("xml");
    if kind == "is-xml" {
        block.put("strict", true);
    }
    let required = value.and_then(|value| value.get("requiredElements")).map(Node::items).unwrap_or_default();
    let paths: Vec<Vec<String>> =
        required.iter().filter_map(Node::text).map(|path| path.split('.').map(str::to_owned).collect()).collect();
    let mut names: Vec<&String> = Vec::new();
    for path in &paths {
        names.extend(path.iter().skip(1));
    }
    names.dedup();
    if let Some(root) = paths.first().map(|path| &path[0])
        && paths.iter().all(|path| path[0] == *root)
    {
        block.put("root", root.as_str());
    }
    if !names.is_empty() {
        let mut elements = Block::default();
        for name in names {
            elements.push(name.as_str());
        }
        block.put("elements", Yaml::List(elements));
    }
    block
}

fn words(value: &Node) -> Grader {
    let mut block = of("length");
    block.put("unit", "words");
    if value.number().is_some() {
        block.put("exactly", whole(Some(value), 0));
    } else {
        block.maybe("min", value.get("min"));
        block.maybe("max", value.get("max"));
    }
    if block.len() == 2 { unknown("it has neither a number nor bounds") } else { Ok(block) }
}

/// Calls keep to the schemas of the models' tools.
fn tools(tools: &[(String, Yaml)]) -> Grader {
    let mut unique: Vec<&(String, Yaml)> = Vec::new();
    for tool in tools {
        if !unique.iter().any(|known| known.0 == tool.0) {
            unique.push(tool);
        }
    }
    let call = |(name, schema): &(String, Yaml)| {
        let mut block = of("tool_call");
        block.put("tool", name.as_str());
        block.put("arguments", schema.clone());
        block.put("mode", "schema");
        block
    };
    match unique.as_slice() {
        [] => unknown("the providers have no tools with schemas that could be read"),
        [tool] => Ok(call(tool)),
        several => {
            let mut parts = Block::default();
            for tool in several {
                let mut part = call(tool);
                part.put("extra", "allow");
                parts.push(Yaml::Map(part));
            }
            let mut block = of("any");
            block.put("of", Yaml::List(parts));
            Ok(block)
        }
    }
}

fn whole(node: Option<&Node>, otherwise: u64) -> Yaml {
    match node.and_then(Node::number).filter(|number| *number >= 0.0) {
        Some(number) => number.floor().into(),
        None => otherwise.into(),
    }
}

/// A threshold from 0 to 1.
pub(super) fn share(node: Option<&Node>, otherwise: f64) -> Yaml {
    node.and_then(Node::number).filter(|number| (0.0..=1.0).contains(number)).unwrap_or(otherwise).into()
}
