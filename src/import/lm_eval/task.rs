//! A task's keys, with those of what it includes, in the order of a suite.

use std::collections::BTreeSet;

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::template;
use crate::import::work::Work;

use super::data;
use super::grading::{Answers, graders};

/// How many files may include each other.
const MAX_DEPTH: usize = 8;

/// Letters of options.
const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Keys that are read, or say nothing about what is asked and graded.
const KNOWN: [&str; 34] = [
    "task",
    "task_alias",
    "tag",
    "group",
    "group_alias",
    "metadata",
    "include",
    "dataset_path",
    "dataset_name",
    "dataset_kwargs",
    "training_split",
    "validation_split",
    "test_split",
    "fewshot_split",
    "fewshot_config",
    "num_fewshot",
    "output_type",
    "description",
    "doc_to_text",
    "doc_to_target",
    "doc_to_choice",
    "target_delimiter",
    "fewshot_delimiter",
    "generation_kwargs",
    "metric_list",
    "filter_list",
    "repeats",
    "should_decontaminate",
    "doc_to_decontamination_query",
    "unsafe_code",
    "dataset_config",
    "recipe",
    "aggregate_metric_list",
    "process_docs",
];

/// Makes the entries of a suite.
pub(in crate::import) fn import(root: &Node, name: &str, work: &mut Work<'_>) -> Result<Block, String> {
    let task = &included(root, work, 0)?;
    if task.get("class").is_some() || task.get("custom_dataset").is_some() {
        return Err("the task is a program in Python".to_owned());
    }
    if let Some(Value::List(_)) = task.get("task").map(|node| &node.value) {
        return Err("a group of tasks: import each of them".to_owned());
    }
    let output = task.get("output_type").and_then(Node::text).unwrap_or("generate_until");
    if output == "loglikelihood_rolling" {
        return Err("it measures the likelihood of a text, which is not looked at".to_owned());
    }
    if task.get("doc_to_text").is_none() && task.get("dataset_path").is_none() {
        return Err("it has neither `doc_to_text` nor `dataset_path`".to_owned());
    }
    let answers = if output == "multiple_choice" || task.get("doc_to_choice").is_some() {
        Answers::Choice
    } else {
        Answers::Free
    };

    let mut suite = Block::default();
    suite.put("name", task.get("task").and_then(Node::written).unwrap_or_else(|| name.to_owned()));
    let mut notes = Block::default();
    other_keys(task, &mut notes, work);
    suite.0.extend(notes.0);
    suite.gap();
    let mut defaults = Block::default();
    let params = params(task, answers, &mut suite, work);
    if params.len() > 0 {
        defaults.put("params", Yaml::Map(params));
        suite.put("defaults", Yaml::Map(defaults));
    }
    suite.maybe("repeat", task.get("repeats").filter(|node| node.number().is_some_and(|number| number > 1.0)));
    let mut models = Block::default();
    models.note("a task names no models: name those to ask");
    models.push("openai/gpt-4o-mini");
    suite.put("models", Yaml::List(models));
    suite.gap();

    let asked = Asked::read(task, answers, work)?;
    if output == "loglikelihood" {
        suite.note("the task measures how likely its target is; here it is asked for");
    } else if answers == Answers::Choice {
        suite.note("the task compares how likely each option is; here the letter of one is asked for");
    }
    let shots = task.get("num_fewshot").and_then(Node::number).filter(|count| *count >= 1.0);
    suite.put("prompt", asked.prompt(task, shots.is_some()));
    suite.gap();
    let mut is_graded = false;
    if asked.expect.is_some() || has_instructions(task) {
        let list = graders(task, answers, work);
        is_graded = list.len() > 0;
        if is_graded {
            suite.put("graders", Yaml::List(list));
        } else {
            suite.0.extend(list.0);
        }
    }
    if !is_graded {
        suite.note("every answer passes until graders are written here");
    }
    dataset(task, &asked, shots, is_graded, &mut suite, work);
    Ok(suite)
}

fn has_instructions(task: &Node) -> bool {
    let metrics = task.get("metric_list").map(Node::items).unwrap_or_default();
    metrics.iter().any(|metric| metric.get("metric").and_then(Node::text).is_some_and(|name| name.contains("_level_")))
}

/// A task over what it includes.
fn included(task: &Node, work: &Work<'_>, depth: usize) -> Result<Node, String> {
    let mut entries: Vec<(String, Node)> = Vec::new();
    if let Some(include) = task.get("include") {
        if depth >= MAX_DEPTH {
            return Err("its files include each other too deeply".to_owned());
        }
        for path in include.items().iter().filter_map(Node::text) {
            let base = included(&work.data(path)?, work, depth + 1)?;
            over(&mut entries, base.entries());
        }
    }
    over(&mut entries, task.entries());
    Ok(task.with(Value::Map(entries)))
}

fn over(entries: &mut Vec<(String, Node)>, written: &[(String, Node)]) {
    for (key, node) in written {
        entries.retain(|(known, _)| known != key);
        entries.push((key.clone(), node.clone()));
    }
}

/// What a task asks: templates over the columns.
struct Asked {
    text: String,
    choices: Option<Yaml>,
    /// Whether the text lists the options by letter itself.
    is_lettered: bool,
    expect: Option<Yaml>,
    /// Comments on what could not be taken over.
    notes: Block,
}

impl Asked {
    fn read(task: &Node, answers: Answers, work: &mut Work<'_>) -> Result<Self, String> {
        let mut notes = Block::default();
        let text = match task.get("doc_to_text") {
            None => return Err("it has no `doc_to_text`".to_owned()),
            Some(node) => match over_columns(node) {
                Ok(text) => text,
                Err(why) => return Err(format!("its `doc_to_text`: {why}")),
            },
        };
        let mut choices = None;
        let mut is_lettered = false;
        if answers == Answers::Choice {
            match task.get("doc_to_choice") {
                Some(node) => match choice(node) {
                    Ok((yaml, lettered)) => {
                        choices = Some(yaml);
                        is_lettered = lettered;
                    }
                    Err(why) => return Err(format!("its `doc_to_choice`: {why}")),
                },
                None => return Err("it has no `doc_to_choice`".to_owned()),
            }
        }
        let expect = match task.get("doc_to_target") {
            None => None,
            Some(node) => match target(node) {
                Ok(yaml) => Some(yaml),
                Err(why) => {
                    work.leave_out(&mut notes, "`doc_to_target`", node, Some("doc_to_target"), &why);
                    None
                }
            },
        };
        Ok(Self { text, choices, is_lettered, expect, notes })
    }

    /// The prompt over the variables `question`, `choices` and `examples`.
    fn prompt(&self, task: &Node, has_shots: bool) -> String {
        let mut prompt = String::new();
        if let Some(description) = task.get("description").and_then(Node::text) {
            let translated = template::python(description);
            // What depends on columns is not there; the same words for every case are.
            match translated {
                Ok(text) if template::variables(&text).is_empty() => prompt.push_str(&text),
                _ => prompt.push_str("{{ description }}"),
            }
        }
        let text = |key: &str, otherwise: &str| task.get(key).and_then(Node::text).unwrap_or(otherwise).to_owned();
        let (between, before) = (text("fewshot_delimiter", "\n\n"), text("target_delimiter", " "));
        if has_shots {
            prompt.push_str("{% for example in examples %}{{ example.question }}");
            prompt.push_str(&before);
            prompt.push_str(match (self.choices.is_some(), self.is_lettered) {
                (true, false) => "{% if example.expect is integer %}{{ example.choices[example.expect] }}{% else %}{{ example.expect }}{% endif %}",
                (true, true) => "{% if example.expect is integer %}{{ 'ABCDEFGHIJ'[example.expect] }}{% else %}{{ example.expect }}{% endif %}",
                _ => "{{ example.expect }}",
            });
            prompt.push_str(&between);
            prompt.push_str("{% endfor %}");
        }
        prompt.push_str("{{ question }}");
        if self.choices.is_some() {
            if !self.is_lettered {
                prompt.push_str("\n\n{% for choice in choices %}{{ '");
                prompt.push_str(LETTERS);
                prompt.push_str("'[loop.index0] }}. {{ choice }}\n{% endfor %}");
            }
            prompt.push_str("\nAnswer with the letter of the right option only.");
        }
        if let Some(prefix) = task.get("gen_prefix").and_then(Node::text) {
            prompt.push_str(&template::literal(prefix));
        }
        prompt
    }
}

/// A template, or the name of a column.
fn over_columns(node: &Node) -> Result<String, String> {
    match &node.value {
        Value::Text(text) if is_column(text) => Ok(format!("{{{{ {text} }}}}")),
        Value::Text(text) => template::python(text),
        Value::Number(number) => Ok(number.clone()),
        Value::Tagged(..) => Err("a program in Python".to_owned()),
        _ => Err("neither a template nor a column".to_owned()),
    }
}

/// A word without braces names a column.
fn is_column(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// The options, and whether they are the letters that the text lists.
fn choice(node: &Node) -> Result<(Yaml, bool), String> {
    if node.items().len() > LETTERS.len() || node.entries().len() > LETTERS.len() {
        return Err("more options than letters".to_owned());
    }
    match &node.value {
        Value::List(items) => {
            let texts: Vec<String> = items.iter().filter_map(Node::written).collect();
            if texts.len() != items.len() {
                return Err("options that are no texts".to_owned());
            }
            let lettered = texts.iter().zip(LETTERS.chars()).all(|(text, letter)| text.trim() == letter.to_string());
            let mut list = Block::default();
            for text in &texts {
                list.push(template::python(text)?.trim().to_owned());
            }
            Ok((Yaml::List(list), lettered))
        }
        Value::Map(entries) => {
            let mut list = Block::default();
            for (_, item) in entries {
                list.push(over_columns(item)?);
            }
            Ok((Yaml::List(list), false))
        }
        Value::Text(text) => {
            // A list written as a template or as Python writes it: each item a template of its own.
            if let Some(items) = listed(text).filter(|items| items.len() <= LETTERS.len()) {
                let lettered = items
                    .iter()
                    .zip(LETTERS.chars())
                    .all(|(item, letter)| item.trim_matches(['\'', '"']) == letter.to_string());
                let mut list = Block::default();
                for item in items {
                    let quoted = item.len() >= 2 && item.starts_with(['\'', '"']) && item.ends_with(['\'', '"']);
                    let plain = item.trim_matches(['\'', '"']);
                    list.push(if quoted && !plain.contains(['\'', '"']) {
                        template::literal(plain)
                    } else {
                        template::python(&format!("{{{{ {item} }}}}"))?
                    });
                }
                return Ok((Yaml::List(list), lettered));
            }
            let translated = over_columns(node)?;
            let inner = translated.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
            match inner {
                Some(path) if path.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) => {
                    Ok((format!("{{{{ {path} }}}}").into(), false))
                }
                _ => Err("its options are made by a template, which gives a text and no list".to_owned()),
            }
        }
        Value::Tagged(..) => Err("a program in Python".to_owned()),
        _ => Err("neither a list nor a template".to_owned()),
    }
}

/// The items of `{{ [a, b] }}` or `['a', 'b']`.
fn listed(text: &str) -> Option<Vec<String>> {
    let text = text.trim();
    let text = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map_or(text, str::trim);
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let (mut items, mut item) = (Vec::new(), String::new());
    let (mut depth, mut quote) = (0_usize, None);
    for c in inner.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '[' | '(' | '{') => depth += 1,
            (None, ']' | ')' | '}') => depth = depth.checked_sub(1)?,
            (None, ',') if depth == 0 => {
                items.push(item.trim().to_owned());
                item.clear();
                continue;
            }
            _ => {}
        }
        item.push(c);
    }
    items.push(item.trim().to_owned());
    items.retain(|item| !item.is_empty());
    (quote.is_none() && depth == 0 && !items.is_empty()).then_some(items)
}

/// What is expected. `options.index(x)` is `x`: graders find the option by its text or letter.
fn target(node: &Node) -> Result<Yaml, String> {
    match &node.value {
        Value::Text(text) => {
            let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).map(str::trim);
            let found = inner.and_then(|inner| {
                let at = inner.find(".index(")?;
                Some(inner[at + 7..].strip_suffix(')')?.trim())
            });
            if let Some(searched) = found {
                return Ok(template::python(&format!("{{{{ {searched} }}}}"))?.into());
            }
            if text.parse::<i64>().is_ok() {
                return Ok(Yaml::Number(text.trim().to_owned()));
            }
            Ok(over_columns(node)?.trim().to_owned().into())
        }
        Value::Number(_) => Ok(node.into()),
        Value::List(items) => {
            let mut list = Block::default();
            for item in items {
                list.push(over_columns(item)?);
            }
            Ok(Yaml::List(list))
        }
        Value::Tagged(..) => Err("a program in Python".to_owned()),
        _ => Err("neither a template nor a column".to_owned()),
    }
}

/// `generation_kwargs` as request fields.
fn params(task: &Node, answers: Answers, suite: &mut Block, work: &mut Work<'_>) -> Block {
    let mut params = Block::default();
    for (key, node) in task.get("generation_kwargs").map(Node::entries).unwrap_or_default() {
        match key.as_str() {
            "until" => {
                let mut stop = Block::default();
                // Ends of sequences are the model's own, and endpoints take four at most.
                let texts: Vec<&str> = node.items().iter().filter_map(Node::text).collect();
                for text in texts.iter().filter(|text| !text.trim().is_empty() && !is_end(text)).take(4) {
                    stop.push(*text);
                }
                if texts.iter().any(|text| text.trim().is_empty()) {
                    suite.note("not imported: a line's end as a stop word, at which chat models only pause");
                }
                if stop.len() > 0 {
                    params.put("stop", Yaml::List(stop));
                }
            }
            "max_gen_toks" | "max_new_tokens" | "max_tokens" | "max_length" => params.put("max_tokens", node),
            "temperature" | "top_p" | "top_k" => params.put(key, node),
            "do_sample" => {
                if node.value == Value::Bool(false)
                    && task.get("generation_kwargs").and_then(|kwargs| kwargs.get("temperature")).is_none()
                {
                    params.put("temperature", 0_u64);
                }
            }
            _ => work.leave_out(
                suite,
                &format!("generation_kwargs.{key}"),
                node,
                Some(key),
                "no request field that suites know",
            ),
        }
    }
    if answers == Answers::Choice && params.get("temperature").is_none() {
        params.put("temperature", 0_u64);
    }
    params
}

fn is_end(text: &str) -> bool {
    (text.starts_with('<') && text.ends_with('>')) || text.starts_with("[/")
}

/// The entry of `dataset`, with examples of another split.
fn dataset(task: &Node, asked: &Asked, shots: Option<f64>, is_graded: bool, suite: &mut Block, work: &mut Work<'_>) {
    let split = |keys: &[&str]| {
        keys.iter()
            .find_map(|key| task.get(key).and_then(Node::text))
            .map(|split| split.split(['[', ':']).next().unwrap_or(split))
    };
    let split_of_cases = split(&["test_split", "validation_split", "training_split"]).unwrap_or("test");
    let mut list = Block::default();
    list.0.extend(asked.notes.0.iter().cloned());
    if let Some(node) = task.get("process_docs") {
        let why = "a program that changes the rows: the columns that templates name may be missing";
        work.leave_out(&mut list, "`process_docs`", node, Some("process_docs"), why);
    }
    let mut entry = Block::default();
    let located = |split: &str, work: &Work<'_>| {
        data::file(task, split).map(|path| if path.starts_with("hf://") { path } else { work.path(&path) })
    };
    let path = located(split_of_cases, work);
    if path.as_deref().is_some_and(|path| path.starts_with("hf://")) {
        list.note("where this dataset usually keeps its rows on the hub; look whether it does");
    } else if path.is_none() {
        list.note("set the path: the dataset's name does not tell where its rows lie");
    }
    entry.put("path", path.clone().unwrap_or_else(|| "SET-THE-PATH.jsonl".to_owned()));
    let mut vars = Block::default();
    vars.put("question", asked.text.as_str());
    vars.maybe("choices", asked.choices.clone());
    let described = task.get("description").and_then(Node::text).map(template::python);
    if let Some(Ok(text)) =
        described.filter(|text| text.as_ref().map_or(true, |text| !template::variables(text).is_empty()))
    {
        vars.put("description", text);
    } else if let Some(node) =
        task.get("description").filter(|node| node.text().is_some_and(|text| template::python(text).is_err()))
    {
        work.leave_out(&mut list, "`description`", node, Some("description"), "its template cannot be read");
        vars.put("description", "");
    }
    if has_instructions(task) {
        vars.put("instruction_id_list", "{{ instruction_id_list }}");
        vars.put("kwargs", "{{ kwargs }}");
    }
    entry.put("vars", Yaml::Map(vars.clone()));
    // An expectation that nothing compares with is a mistake.
    entry.maybe("expect", asked.expect.clone().filter(|_| is_graded));
    if let Some(count) = shots {
        let split = split(&["fewshot_split", "training_split", "validation_split"]).unwrap_or(split_of_cases);
        let mut few = Block::default();
        few.put("path", located(split, work).or(path).unwrap_or_else(|| "SET-THE-PATH.jsonl".to_owned()));
        few.put("count", count);
        few.put("as", "examples");
        let sampler = task.get("fewshot_config").and_then(|config| config.get("sampler")).and_then(Node::text);
        if sampler == Some("first_n") {
            few.put("fixed", true);
        }
        few.put("vars", Yaml::Map(vars));
        few.maybe("expect", asked.expect.clone());
        entry.put("few_shot", Yaml::Map(few));
    }
    list.push(Yaml::Map(entry));
    suite.put("dataset", Yaml::List(list));
}

/// Keys without an equivalent.
fn other_keys(task: &Node, notes: &mut Block, work: &mut Work<'_>) {
    let mut seen = BTreeSet::new();
    for (key, node) in task.entries() {
        if KNOWN.contains(&key.as_str()) || key == "gen_prefix" || node.value == Value::Null || !seen.insert(key) {
            continue;
        }
        let why = match key.as_str() {
            "process_results" => "a program that grades: the grader `command` runs one",
            "doc_to_image" | "doc_to_audio" => "rows with pictures or sound",
            "use_prompt" => "a prompt kept elsewhere",
            _ => "suites have no such key",
        };
        work.leave_out(notes, &format!("`{key}`"), node, Some(key), why);
    }
}
