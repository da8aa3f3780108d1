//! `filter_list` and `metric_list` → graders.

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::work::Work;

/// Metrics that follow from others, or say how others are summed up.
const IMPLIED: [&str; 6] = ["acc_norm", "acc_bytes", "acc_mutual_info", "brier_score", "mcc", "acc_norm_bytes"];

/// What a task's answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answers {
    /// Text.
    Free,
    /// One of several options.
    Choice,
}

/// The graders of a task; the first decides, the others are recorded.
pub(super) fn graders(task: &Node, answers: Answers, work: &mut Work<'_>) -> Block {
    let mut list = Block::default();
    let filters = filters(task, &mut list, work);
    let metrics = task.get("metric_list").map(Node::items).unwrap_or_default();
    if metrics.is_empty() {
        let kind = if answers == Answers::Choice { "choice" } else { "exact" };
        let mut block = Block::default();
        block.put("type", kind);
        if answers == Answers::Choice {
            options(&mut block);
        }
        work.tally.count(if answers == Answers::Choice { "acc" } else { "exact_match" }, true);
        list.push(Yaml::Map(block));
    }
    for metric in metrics {
        let name = match metric.get("metric").map(|node| &node.value) {
            Some(Value::Text(name)) => name.clone(),
            Some(Value::Tagged(tag, name)) => format!("!{tag} {name}"),
            _ => String::new(),
        };
        if answers == Answers::Choice && IMPLIED.contains(&name.as_str()) && metrics.len() > 1 {
            work.tally.count(&name, true);
            list.note(format!("`{name}` normalises likelihoods; a letter that is asked for needs none"));
            continue;
        }
        let made = grader(&name, metric, answers);
        work.tally.count(&name, made.is_ok());
        match made {
            Err(why) => work.leave_out(&mut list, &format!("metric `{name}`"), metric, None, &why),
            Ok(block) if filters.is_empty() || answers == Answers::Choice => add(block, None, &mut list),
            Ok(block) => {
                for (label, extract) in &filters {
                    let mut block = block.clone();
                    if let Some(extract) = extract {
                        block.put("extract", extract.clone());
                    }
                    add(block, (filters.len() > 1).then_some(label.as_str()), &mut list);
                }
            }
        }
    }
    list
}

/// Adds a grader; behind the first it is a metric only.
fn add(mut block: Block, name: Option<&str>, list: &mut Block) {
    block.maybe("name", name);
    if list.len() > 0 {
        block.put("weight", 0_u64);
    }
    list.push(Yaml::Map(block));
}

fn options(block: &mut Block) {
    block.put("options_from", "choices");
    block.put("index", 0_u64);
}

fn grader(name: &str, metric: &Node, answers: Answers) -> Result<Block, String> {
    let mut block = Block::default();
    let is_set = |key: &str| metric.get(key).is_some_and(Node::is_true);
    match name {
        "acc" | "acc_norm" | "exact_match" | "f1" | "mcc" | "acc_all" if answers == Answers::Choice => {
            block.put("type", "choice");
            options(&mut block);
        }
        "exact_match" | "acc" | "em" | "exact_match_hf" => {
            let ignored: Vec<&str> = metric
                .get("regexes_to_ignore")
                .map(Node::items)
                .unwrap_or_default()
                .iter()
                .filter_map(Node::text)
                .collect();
            // Separators, currency signs and GSM8K's marker: that is a number.
            if ignored.iter().any(|pattern| {
                pattern.contains("####") || *pattern == "," || pattern.contains('$') && pattern.len() <= 3
            }) {
                block.put("type", "number");
                return Ok(block);
            }
            block.put("type", "exact");
            if is_set("ignore_case") {
                block.put("ignore_case", true);
            }
            if is_set("ignore_punctuation") {
                block.put("ignore_punctuation", true);
            }
            if !ignored.is_empty()
                && !ignored.iter().all(|pattern| pattern.trim_end_matches('$').trim_start_matches('\\') == ".")
            {
                return Err("it leaves out what patterns match: graders have `extract` and normalisation".to_owned());
            }
        }
        "f1" => block.put("type", "f1"),
        "bleu" | "sacrebleu" => block.put("type", "bleu"),
        "chrf" => block.put("type", "chrf"),
        "rouge1" | "rouge2" | "rougeL" | "rougeLsum" => {
            block.put("type", "rouge");
            block.put("variant", name);
        }
        "numerical_match" => block.put("type", "number"),
        "prompt_level_strict_acc" | "inst_level_strict_acc" => block.put("type", "instructions"),
        "prompt_level_loose_acc" | "inst_level_loose_acc" => {
            block.put("type", "instructions");
            block.put("mode", "loose");
        }
        "perplexity" | "word_perplexity" | "byte_perplexity" | "bits_per_byte" | "likelihood_diff" => {
            return Err("probabilities of tokens are not looked at".to_owned());
        }
        _ if name.starts_with('!') => return Err("a program: the grader `command` runs one".to_owned()),
        "" => return Err("it has no name".to_owned()),
        _ => return Err("this measure is not built in".to_owned()),
    }
    if answers == Answers::Free
        && matches!(name, "f1" | "bleu" | "sacrebleu" | "chrf" | "rouge1" | "rouge2" | "rougeL" | "rougeLsum")
    {
        // A measure that is averaged has no line between right and wrong.
        block.put("threshold", 0_u64);
    }
    Ok(block)
}

/// Each filter pipeline: its name, and the part of the answer that it takes.
fn filters(task: &Node, list: &mut Block, work: &mut Work<'_>) -> Vec<(String, Option<Yaml>)> {
    let mut found = Vec::new();
    for pipeline in task.get("filter_list").map(Node::items).unwrap_or_default() {
        let name = pipeline.get("name").and_then(Node::written).unwrap_or_else(|| "filter".to_owned());
        let mut extract = None;
        let mut why = None;
        for step in pipeline.get("filter").map(Node::items).unwrap_or_default() {
            match step.get("function").map(|node| &node.value) {
                Some(Value::Text(function)) => match function.as_str() {
                    "take_first" | "remove_whitespace" | "lowercase" | "uppercase" => {}
                    "take_first_k" if step.get("k").and_then(Node::number) == Some(1.0) => {}
                    "regex" if extract.is_none() => match pattern(step) {
                        Ok(made) => extract = Some(made),
                        Err(reason) => why = Some(reason),
                    },
                    "majority_vote" | "take_first_k" => {
                        why = Some("repeats are graded one by one, and not voted on".to_owned());
                    }
                    other => why = Some(format!("the filter `{other}` has no equivalent")),
                },
                _ => why = Some("a program".to_owned()),
            }
        }
        work.tally.count("filter", why.is_none());
        match why {
            Some(why) => work.leave_out(list, &format!("filter `{name}`"), pipeline, None, &why),
            None => found.push((name, extract)),
        }
    }
    found
}

fn pattern(step: &Node) -> Result<Yaml, String> {
    let written = step.get("regex_pattern").and_then(Node::text).unwrap_or(r"#### (\-?[0-9\.\,]+)");
    if regex::Regex::new(written).is_err() {
        return Err("patterns have no lookaround and no backreferences".to_owned());
    }
    let mut way = Block::default();
    way.put("regex", written);
    if step.get("group_select").and_then(Node::number) != Some(-1.0) {
        way.put("match", "first");
    }
    Ok(Yaml::Map(way))
}
