//! An entry of the registry of OpenAI's evals → a suite.
//!
//! A registry file holds names (`name: { id, metrics }`) and evals (`name.dev.v0: { class, args }`); each eval becomes an
//! entry of `dataset` with graders and a tag of its own, so that one suite asks them all.

use super::emit::{Block, Yaml};
use super::source::{Node, Value};
use super::work::{Work, left_out_note};

/// The judge of evals that a model grades.
const JUDGE: &str = "judge";

/// Makes the entries of a suite.
pub(super) fn import(root: &Node, name: &str, work: &mut Work<'_>) -> Result<Block, String> {
    let mut datasets = Block::default();
    let mut asks_judge = false;
    let mut description = None;
    for (key, node) in root.entries() {
        let Some(class) = node.get("class").and_then(Node::text) else {
            description = description.or_else(|| node.get("description").and_then(Node::written));
            continue;
        };
        let class = class.rsplit([':', '.']).next().unwrap_or(class).to_owned();
        let made = eval(key, &class, node, &mut asks_judge, work);
        work.tally.count(&class, made.is_ok());
        match made {
            Ok(lines) => datasets.0.extend(lines.0),
            Err(why) => work.leave_out(&mut datasets, &format!("eval `{key}` ({class})"), node, Some(key), &why),
        }
    }
    if datasets.len() == 0 {
        let why = work.left_out.first().map(|left| format!("{}: {}", left.what, left.why));
        return Err(why.unwrap_or_else(|| "it has no eval".to_owned()));
    }
    let mut suite = Block::default();
    suite.put("name", name);
    suite.maybe("description", description);
    suite.gap();
    let mut models = Block::default();
    models.note("a registry names no models: name those to ask");
    models.push("openai/gpt-4o-mini");
    suite.put("models", Yaml::List(models));
    if asks_judge {
        let mut judge = Block::default();
        judge.put("id", "openai/gpt-4.1");
        judge.put("name", JUDGE);
        let mut judges = Block::default();
        judges.note("evals let a model grade itself unless told otherwise; any judge does");
        judges.push(Yaml::Map(judge));
        suite.put("judges", Yaml::List(judges));
    }
    suite.gap();
    suite.put("dataset", Yaml::List(datasets));
    Ok(suite)
}

/// One eval: its entry of `dataset`, with comments.
fn eval(key: &str, class: &str, node: &Node, asks_judge: &mut bool, work: &mut Work<'_>) -> Result<Block, String> {
    let empty = node.with(Value::Map(Vec::new()));
    let args = node.get("args").unwrap_or(&empty);
    let mut lines = Block::default();
    let mut graders = Block::default();
    let of = |kind: &str| {
        let mut block = Block::default();
        block.put("type", kind);
        block
    };
    match class {
        "Match" | "MatchWithSolvers" => graders.push("starts_with"),
        "Includes" => {
            let mut block = of("contains");
            if args.get("ignore_case").is_some_and(Node::is_true) {
                block.put("ignore_case", true);
            }
            graders.push(if block.len() == 1 { Yaml::from("contains") } else { Yaml::Map(block) });
        }
        "FuzzyMatch" => {
            lines.note("FuzzyMatch also passes an answer that is a part of the expected text; `contains` does not");
            let mut block = of("contains");
            for option in ["ignore_case", "ignore_punctuation", "ignore_articles", "ignore_whitespace"] {
                block.put(option, true);
            }
            graders.push(Yaml::Map(block));
        }
        "JsonMatch" => graders.push("json"),
        "Translate" => {
            let mut block = of("bleu");
            block.put("threshold", "30%");
            graders.push(Yaml::Map(block));
        }
        "ModelBasedClassify" => {
            graders.push(Yaml::Map(judged(args, &mut lines, work)?));
            *asks_judge = true;
        }
        "MultipleChoice" => return multiple_choice(key, args),
        _ => return Err("a program of its own: its questions and its grading are in Python".to_owned()),
    }
    let samples = args.get("samples_jsonl").and_then(Node::text).ok_or("it names no `samples_jsonl`")?;
    let mut entry = Block::default();
    entry.put("path", located(samples, &mut lines, work));
    entry.put("format", "openai_evals");
    let mut tags = Block::default();
    tags.push(key);
    entry.put("tags", Yaml::List(tags));
    entry.put("graders", Yaml::List(graders));
    for (name, value) in args.entries() {
        let why = match name.as_str() {
            "samples_jsonl"
            | "ignore_case"
            | "modelgraded_spec"
            | "modelgraded_spec_args"
            | "eval_type"
            | "match_fn" => continue,
            "num_few_shot" if value.number() == Some(0.0) => continue,
            "num_few_shot" | "few_shot_jsonl" => {
                "its examples are messages in front of the question: write them into a prompt"
            }
            "sample_kwargs" | "max_tokens" => "request fields stand on models",
            "metaeval" => "it grades the judge",
            "multicomp_n" => "it compares several answers: `pairwise` does",
            _ => "evals of this class are asked without it",
        };
        work.leave_out(&mut lines, &format!("argument `{name}` of `{key}`"), value, Some(name), why);
    }
    lines.push(Yaml::Map(entry));
    Ok(lines)
}

/// Samples lie in `registry/data` beside `registry/evals`.
fn located(samples: &str, lines: &mut Block, work: &Work<'_>) -> String {
    let candidates = [format!("../data/{samples}"), format!("data/{samples}"), samples.to_owned()];
    if let Some(path) = candidates.iter().find(|path| work.files.exists(path)) {
        return work.path(path);
    }
    lines.note("the samples were not found: they lie under `registry/data` of openai/evals");
    work.path(&candidates[0])
}

/// A model-graded eval as a judge.
fn judged(args: &Node, lines: &mut Block, work: &mut Work<'_>) -> Result<Block, String> {
    let spec = args.get("modelgraded_spec").and_then(Node::text).ok_or("it names no `modelgraded_spec`")?;
    let argument =
        |name: &str| args.get("modelgraded_spec_args").and_then(|node| node.get(name)).and_then(Node::written);
    let mut block = Block::default();
    block.put("type", "judge");
    block.put("model", JUDGE);
    match spec {
        "fact" => {
            lines.note("`fact` sorts answers into five kinds and passes none; here the judge says whether it agrees with `ideal`");
            return Ok(block);
        }
        "closedqa" if argument("criteria").is_some() => {
            block.put("rubric", super::template::literal(&argument("criteria").unwrap_or_default()));
            return Ok(block);
        }
        _ => {}
    }
    let stem = spec.split(['/', '.']).next().unwrap_or(spec);
    // Several specs stand in one file, and a file is often named by the first word of them.
    let files = [stem.to_owned(), stem.split(['_', '-']).next().unwrap_or(stem).to_owned()];
    let found =
        files.iter().find_map(|file| work.data(&format!("../modelgraded/{file}.yaml")).ok()?.get(spec).cloned());
    let found =
        found.ok_or_else(|| format!("its `modelgraded_spec` `{spec}` was not found in `registry/modelgraded`"))?;
    let prompt = found.get("prompt").and_then(Node::text).ok_or("its `prompt` is a list of messages")?;
    let inputs = found.get("input_outputs").map(Node::entries).unwrap_or_default();
    if !matches!(inputs, [(_, output)] if output.text() == Some("completion")) {
        return Err("it grades several answers at once".to_owned());
    }
    let mut scale = Block::default();
    let scores = found.get("choice_scores");
    match scores.map(|scores| &scores.value) {
        Some(Value::Map(entries)) => {
            let scores: Vec<f64> = entries.iter().filter_map(|(_, score)| score.number()).collect();
            let (low, high) =
                scores.iter().fold((0.0_f64, 1.0_f64), |(low, high), score| (low.min(*score), high.max(*score)));
            for ((name, _), score) in entries.iter().zip(scores) {
                scale.put(name, (score - low) / (high - low));
            }
        }
        Some(Value::Text(text)) if text == "from_strings" => {
            let strings = choices(&found);
            let numbers: Vec<f64> = strings.iter().filter_map(|text| text.parse().ok()).collect();
            let (Some(low), Some(high)) = (numbers.first(), numbers.last()) else {
                return Err("its choices are no numbers".to_owned());
            };
            block.put("scale", format!("{}-{}", low.min(*high), low.max(*high)));
        }
        _ => return Err("its choices have no scores, so no answer passes".to_owned()),
    }
    if scale.len() > 0 {
        block.put("scale", Yaml::Map(scale));
    }
    block.put("rubric", rubric(prompt, &argument)?);
    Ok(block)
}

fn choices(spec: &Node) -> Vec<String> {
    match spec.get("choice_strings").map(|node| &node.value) {
        Some(Value::Text(text)) => text.chars().map(String::from).collect(),
        Some(Value::List(items)) => items.iter().filter_map(Node::written).collect(),
        _ => Vec::new(),
    }
}

/// The words of a spec, in which the question, the answer and the reference are named and not repeated.
fn rubric(prompt: &str, argument: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let pattern = regex::Regex::new(r"\{(\w+)\}").map_err(|error| error.to_string())?;
    let mut missing = None;
    let text = pattern.replace_all(prompt, |found: &regex::Captures<'_>| match &found[1] {
        "input" => "(the question)".to_owned(),
        "completion" => "(the answer)".to_owned(),
        "ideal" => "(the reference)\n{{ expected }}".to_owned(),
        name => {
            let given = argument(name);
            if given.is_none() {
                missing.get_or_insert_with(|| name.to_owned());
            }
            super::template::literal(&given.unwrap_or_default())
        }
    });
    match missing {
        Some(name) => Err(format!("its judge is shown `{name}`, a field of the samples")),
        None => Ok(text.into_owned()),
    }
}

/// `MultipleChoice` over a dataset of the hub.
fn multiple_choice(key: &str, args: &Node) -> Result<Block, String> {
    let url = args.get("dataset").and_then(Node::text).ok_or("it names no `dataset`")?;
    let (path, query) =
        url.strip_prefix("hf://").and_then(|rest| rest.split_once('?')).ok_or("its dataset is not on the hub")?;
    let part = |name: &str| query.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
    let split = part("split").unwrap_or("test");
    if path != "hendrycks_test" {
        return Err(format!("bench has no format for `{path}`"));
    }
    let subject = part("name").ok_or("its dataset has no `name`")?;
    let mut lines = Block::default();
    let mut entry = Block::default();
    entry.put("path", format!("hf://cais/mmlu/{subject}/{split}-00000-of-00001.parquet"));
    entry.put("format", "mmlu");
    let mut tags = Block::default();
    tags.push(key);
    entry.put("tags", Yaml::List(tags));
    lines.note(
        left_out_note(args, None, "the file of the hub that this is; the order of options is not random").replacen(
            "not imported: ",
            "",
            1,
        ),
    );
    lines.push(Yaml::Map(entry));
    Ok(lines)
}
