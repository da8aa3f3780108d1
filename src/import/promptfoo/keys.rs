//! The keys of a config besides its tests: how it is run, what it is called, and those without an equivalent.

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::work::{Work, left_out_note};

use super::params::milliseconds;
use super::prompts::Prompts;
use super::providers::Models;

/// Keys that are read, or say nothing about what is asked and graded.
const KNOWN: [&str; 21] = [
    "$schema",
    "description",
    "prompts",
    "providers",
    "targets",
    "tests",
    "scenarios",
    "defaultTest",
    "assertionTemplates",
    "evaluateOptions",
    "commandLineOptions",
    "sharing",
    "writeLatestResults",
    "outputPath",
    "tags",
    "metadata",
    "verbose",
    "version",
    "name",
    "author",
    "modelConfigs",
];

/// How a template names a column, whatever it is called.
pub(super) fn reference(column: &str) -> String {
    let is_name = column.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && column.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_name { format!("{{{{ {column} }}}}") } else { format!("{{{{ row['{}'] }}}}", column.replace('\'', "\\'")) }
}

/// `env`: what prompts take from the environment.
pub(super) fn environment(prompts: &Prompts, config: &Node, suite: &mut Block) {
    if prompts.environment.is_empty() {
        return;
    }
    let mut list = Block::default();
    for name in &prompts.environment {
        match config.get("env").and_then(|env| env.get(name)).and_then(Node::written) {
            Some(default) => {
                let mut entry = Block::default();
                entry.put("name", name.as_str());
                entry.put("default", default);
                list.push(Yaml::Map(entry));
            }
            None => list.push(name.as_str()),
        }
    }
    suite.put("env", Yaml::List(list));
}

/// What a run is like.
pub(super) fn run_options(config: &Node, suite: &mut Block, work: &mut Work<'_>) {
    let mut defaults = Block::default();
    let mut notes = Block::default();
    let mut repeat = None;
    for section in ["evaluateOptions", "commandLineOptions"] {
        for (key, node) in config.get(section).map(Node::entries).unwrap_or_default() {
            let whole = node.number().filter(|number| *number >= 1.0 && number.fract() == 0.0 && *number <= 1e6);
            match (key.as_str(), whole) {
                ("maxConcurrency", Some(number)) if defaults.get("concurrency").is_none() => {
                    defaults.put("concurrency", number);
                }
                ("repeat", Some(number)) => repeat = Some(number),
                ("timeoutMs", Some(_)) => defaults.maybe("timeout", milliseconds(node)),
                ("maxEvalTimeMs", Some(_)) => defaults.maybe("deadline", milliseconds(node)),
                ("delay", Some(number)) if number <= 60_000.0 => {
                    defaults.put("requests_per_minute", (60_000.0 / number).floor().max(1.0));
                }
                ("generateSuggestions" | "transform" | "suggestPrompts", _) if node.value != Value::Bool(false) => {
                    let why = "runs have no such option";
                    work.leave_out(&mut notes, &format!("{section}.{key}"), node, Some(key), why);
                }
                // How it shows, caches and shares says nothing about what is asked.
                _ => {}
            }
        }
    }
    suite.0.extend(notes.0);
    if defaults.len() > 0 {
        suite.put("defaults", Yaml::Map(defaults));
    }
    suite.maybe("repeat", repeat);
}

/// `models`, or one that stands in for them.
pub(super) fn put_models(models: Models, suite: &mut Block) {
    let mut list = models.list;
    if list.len() == 0 {
        list.note("name the models to ask; this one stands in for them");
        list.push("openai/gpt-4o-mini");
    }
    suite.put("models", Yaml::List(list));
}

/// `prompts`, or one that stands in for them.
pub(super) fn put_prompts(prompts: Prompts, vars: &[String], suite: &mut Block) {
    let mut list = prompts.list;
    if list.len() == 0 {
        list.note("write the prompt here; this one only shows the variables");
        let shown: Vec<String> = vars
            .iter()
            .map(|name| reference(name).replace("row[", "vars["))
            .filter(|text| !text.contains('['))
            .collect();
        list.push(if shown.is_empty() { "…".to_owned() } else { shown.join("\n\n") });
    }
    suite.put("prompts", Yaml::List(list));
}

/// Keys without an equivalent.
pub(super) fn other_keys(config: &Node, notes: &mut Block, work: &mut Work<'_>) {
    for (key, node) in config.entries() {
        if node.value == Value::Null || node.value == Value::Bool(false) || node.items().is_empty() {
            continue;
        }
        let why = match key.as_str() {
            "redteam" => "bench does no red teaming",
            "nunjucksFilters" => "programs; templates have the filters of Jinja",
            "extensions" => "programs that change tests while they run",
            "derivedMetrics" => "figures made of scores; `--scores` shows the scores themselves",
            "tracing" => "bench sees answers, and no traces",
            "env" => "variables of the environment are the environment's",
            known if KNOWN.contains(&known) => continue,
            _ => "suites have no such key",
        };
        work.list(node, format!("`{key}`"), why);
        // A key that may hold secrets is named only.
        notes.note(if key == "env" {
            format!("not imported: `env`: {why}")
        } else {
            left_out_note(node, Some(key), why)
        });
    }
}
