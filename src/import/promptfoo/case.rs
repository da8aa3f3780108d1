//! One test → cases.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Value as Json};

use crate::import::emit::{Block, Line, Yaml};
use crate::import::source::{Node, Value};
use crate::import::template;
use crate::import::work::{Work, left_out_note, slug, unique};

use super::asserts::{self, Refused, Scope};
use super::providers::{Judges, provider_note};
use super::script;
use super::tests::loaded;
use super::values::is_program;

/// Combinations that a test may be written out as.
const MAX_COMBINATIONS: usize = 200;

/// Graders that look at a text, and so take `extract`.
const OF_TEXT: [&str; 13] = [
    "exact",
    "contains",
    "starts_with",
    "ends_with",
    "regex",
    "length",
    "levenshtein",
    "rouge",
    "bleu",
    "json",
    "json_schema",
    "judge",
    "embedding",
];

/// Keys of a test that say nothing about what is asked and graded, or are read elsewhere.
const SILENT: [&str; 8] = ["description", "vars", "assert", "threshold", "metadata", "options", "id", "$schema"];

/// What holds for every test.
#[derive(Debug, Default)]
pub(super) struct Defaults {
    pub(super) vars: Vec<(String, Node)>,
    /// Assertions that are no graders of the suite: each case has its own.
    pub(super) asserts: Vec<Node>,
    pub(super) threshold: Option<Node>,
    pub(super) options: Vec<(String, Node)>,
    pub(super) metadata: Vec<(String, Node)>,
    /// The variables that prompts name.
    pub(super) needed: BTreeSet<String>,
    pub(super) tools: Vec<(String, Yaml)>,
}

impl Defaults {
    /// An option of a test, or of all.
    pub(super) fn option<'a>(&'a self, test: Option<&'a Node>, key: &str) -> Option<&'a Node> {
        test.and_then(|test| test.get("options")?.get(key))
            .or_else(|| self.options.iter().rev().find(|(name, _)| name == key).map(|(_, node)| node))
    }
}

/// The cases so far.
#[derive(Debug, Default)]
pub(super) struct Cases {
    pub(super) list: Block,
    ids: HashSet<String>,
}

/// A test's variables by what becomes of them.
#[derive(Debug, Clone, Default)]
struct Vars {
    plain: Vec<(String, Node)>,
    files: Vec<(String, String)>,
    several: Vec<(String, Vec<Node>)>,
}

impl Cases {
    /// Adds what a test asks.
    pub(super) fn add(&mut self, test: &Node, defaults: &Defaults, judges: &mut Judges, work: &mut Work<'_>) {
        let mut notes = Block::default();
        let mut vars = read_vars(test, defaults, &mut notes, work);
        let asserts = own_asserts(test, defaults, &mut notes, work);
        left_out_keys(test, &mut notes, work);
        let description = test.get("description").and_then(Node::written);
        let combinations = if depends_on_several(&vars, &asserts) { combine(&vars.several) } else { None };
        let Some(combinations) = combinations else {
            return self.case(test, description.as_deref(), vars, &asserts, notes, defaults, judges, work, true);
        };
        vars.several.clear();
        for (i, combination) in combinations.into_iter().enumerate() {
            let mut one = vars.clone();
            one.plain.extend(combination);
            let notes = if i == 0 { std::mem::take(&mut notes) } else { Block::default() };
            self.case(test, description.as_deref(), one, &asserts, notes, defaults, judges, work, i == 0);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one case, put together here only")]
    fn case(
        &mut self,
        test: &Node,
        description: Option<&str>,
        mut vars: Vars,
        asserts: &[(Node, bool)],
        mut notes: Block,
        defaults: &Defaults,
        judges: &mut Judges,
        work: &mut Work<'_>,
        counts: bool,
    ) {
        render_vars(&mut vars, &mut notes, work);
        for name in &defaults.needed {
            if !vars.has(name) {
                // Nunjucks inserts nothing for what is not there.
                let empty = test.with(Value::Text(String::new()));
                vars.plain.push((name.clone(), empty));
            }
        }
        let json: Map<String, Json> = vars.plain.iter().map(|(name, node)| (name.clone(), node.to_json())).collect();
        let known = |name: &str| vars.has(name);
        let scope = Scope {
            vars: Some(&json),
            known: &known,
            tools: &defaults.tools,
            provider: defaults.option(Some(test), "provider"),
        };
        let graders = graders(asserts, test, defaults, &scope, judges, counts, work);

        let mut case = Block::default();
        let id = description.map(slug).filter(|id| !id.is_empty());
        case.maybe("id", id.map(|id| unique(&id, &mut self.ids)));
        let mut plain = Block::default();
        for (name, node) in &vars.plain {
            plain.put(name, node);
        }
        case.put("vars", Yaml::Map(plain));
        if !vars.files.is_empty() {
            let mut files = Block::default();
            for (name, path) in &vars.files {
                files.put(name, template::literal(&work.path(path)));
            }
            case.put("files", Yaml::Map(files));
        }
        if !vars.several.is_empty() {
            let mut matrix = Block::default();
            for (name, values) in &vars.several {
                let mut list = Block::default();
                for value in values {
                    list.push(value);
                }
                matrix.put(name, Yaml::List(list));
            }
            case.put("matrix", Yaml::Map(matrix));
        }
        let tags = tags(test, defaults);
        if tags.len() > 0 {
            case.put("tags", Yaml::List(tags));
        }
        if graders.len() > 0 {
            case.put("graders", Yaml::List(graders));
        } else {
            notes.0.extend(graders.0);
        }
        self.list.0.extend(notes.0);
        self.list.push(Yaml::Map(case));
    }
}

impl Vars {
    fn has(&self, name: &str) -> bool {
        self.plain.iter().any(|(known, _)| known == name)
            || self.files.iter().any(|(known, _)| known == name)
            || self.several.iter().any(|(known, _)| known == name)
    }
}

/// A test's variables over those of all tests.
pub(super) fn merged_vars(
    test: &Node,
    defaults: &[(String, Node)],
    work: &Work<'_>,
) -> Result<Vec<(String, Node)>, String> {
    let own = match test.get("vars") {
        Some(node) => loaded(node, work)?.entries().to_vec(),
        None => Vec::new(),
    };
    let mut merged: Vec<(String, Node)> =
        defaults.iter().filter(|(name, _)| !own.iter().any(|(known, _)| known == name)).cloned().collect();
    merged.extend(own);
    Ok(merged)
}

fn read_vars(test: &Node, defaults: &Defaults, notes: &mut Block, work: &mut Work<'_>) -> Vars {
    let merged = match merged_vars(test, &defaults.vars, work) {
        Ok(merged) => merged,
        Err(why) => {
            let node = test.get("vars").unwrap_or(test);
            work.leave_out(notes, "variables", node, Some("vars"), &why);
            defaults.vars.clone()
        }
    };
    let expands = defaults.option(Some(test), "disableVarExpansion").is_none_or(|node| !node.is_true());
    let mut vars = Vars::default();
    for (name, node) in merged {
        match &node.value {
            Value::List(items) if expands && items.len() == 1 && !is_file(&items[0]) => {
                vars.plain.push((name, items[0].clone()));
            }
            Value::List(items) if expands && !items.is_empty() && !items.iter().any(is_file) => {
                vars.several.push((name, items.clone()));
            }
            Value::Text(text) if text.starts_with("file://") => {
                let path = text.trim_start_matches("file://").to_owned();
                file_var(name, &path, &node, &mut vars, notes, work);
            }
            Value::Text(text) if text.starts_with("package:") => {
                work.leave_out(notes, &format!("variable `{name}`"), &node, Some(&name), "a program makes it");
            }
            Value::Tagged(..) => {
                work.leave_out(notes, &format!("variable `{name}`"), &node, Some(&name), "a tag of YAML");
            }
            _ => vars.plain.push((name, node)),
        }
    }
    vars
}

fn is_file(node: &Node) -> bool {
    node.text().is_some_and(|text| text.starts_with("file://"))
}

/// A variable from a file.
fn file_var(name: String, path: &str, node: &Node, vars: &mut Vars, notes: &mut Block, work: &mut Work<'_>) {
    let lower = path.to_ascii_lowercase();
    let why = if is_program(path) {
        "a program makes it".to_owned()
    } else if path.contains("{{") {
        "the name of its file is a template".to_owned()
    } else if path.contains('*') {
        let values: Result<Vec<Node>, String> = work
            .files
            .matching(path)
            .iter()
            .map(|path| work.files.read(path).map(|text| node.with(Value::Text(text))))
            .collect();
        match values {
            Ok(values) if !values.is_empty() => {
                vars.several.push((name, values));
                return;
            }
            Ok(_) => "no file matches".to_owned(),
            Err(why) => why,
        }
    } else if [".yaml", ".yml", ".json"].iter().any(|ending| lower.ends_with(ending)) {
        match work.data(path) {
            Ok(value) => {
                vars.plain.push((name, value));
                return;
            }
            Err(why) => why,
        }
    } else if [".mp3", ".wav", ".mp4", ".mov", ".svg", ".ogg", ".webm"].iter().any(|ending| lower.ends_with(ending)) {
        "sound and video cannot be attached".to_owned()
    } else if work.files.exists(path) {
        vars.files.push((name, path.to_owned()));
        return;
    } else {
        "there is no such file".to_owned()
    };
    work.leave_out(notes, &format!("variable `{name}`"), node, Some(&name), &why);
}

/// Variables whose texts name others.
fn render_vars(vars: &mut Vars, notes: &mut Block, work: &mut Work<'_>) {
    let json: Map<String, Json> = vars.plain.iter().map(|(name, node)| (name.clone(), node.to_json())).collect();
    for (name, node) in &mut vars.plain {
        let Value::Text(text) = &node.value else { continue };
        if !template::is_template(text) {
            continue;
        }
        let rendered = template::nunjucks(text).and_then(|translated| {
            if template::variables(&translated).contains("env") {
                return Err("it depends on the environment".to_owned());
            }
            // A text that only looks like a template stays what it is.
            template::render(&translated, &json)
        });
        match rendered {
            Ok(text) => *node = node.with(Value::Text(text)),
            Err(why) => {
                work.list(node, format!("template in the variable `{name}`"), why.clone());
                notes.note(format!("the variable `{name}` is not rendered: {why}"));
            }
        }
    }
}

/// The assertions of a test, and whether they are its own.
fn own_asserts(test: &Node, defaults: &Defaults, notes: &mut Block, work: &mut Work<'_>) -> Vec<(Node, bool)> {
    let disabled =
        test.get("options").and_then(|options| options.get("disableDefaultAsserts")).is_some_and(Node::is_true);
    let mut asserts: Vec<(Node, bool)> = Vec::new();
    if !disabled {
        asserts.extend(defaults.asserts.iter().map(|node| (node.clone(), false)));
    }
    if let Some(node) = test.get("assert") {
        match loaded(node, work) {
            Ok(node) => {
                asserts.extend(node.items().iter().flat_map(|item| assertion(item, work)).map(|node| (node, true)));
            }
            Err(why) => work.leave_out(notes, "assertions", node, Some("assert"), &why),
        }
    }
    asserts
}

/// An assertion, or those of the file it names.
pub(super) fn assertion(item: &Node, work: &Work<'_>) -> Vec<Node> {
    match item.text() {
        Some(_) => loaded(item, work).map_or_else(|_| vec![item.clone()], |node| node.items().to_vec()),
        None => vec![item.clone()],
    }
}

fn left_out_keys(test: &Node, notes: &mut Block, work: &mut Work<'_>) {
    for (key, node) in test.entries() {
        if SILENT.contains(&key.as_str()) || node.value == Value::Null {
            continue;
        }
        if matches!(key.as_str(), "provider" | "providers") {
            work.list(node, format!("`{key}` of a test"), "every model is asked every case");
            notes.note(provider_note(node, key));
        } else {
            let why = match key.as_str() {
                "prompts" => "every prompt is asked with every case",
                "assertScoringFunction" => "a program: `all` has `threshold` and weights",
                _ => "cases have no such key",
            };
            work.leave_out(notes, &format!("`{key}` of a test"), node, Some(key), why);
        }
    }
    if let Some(options) = test.get("options") {
        options_left_out(options, notes, work);
    }
}

/// Options without an equivalent.
pub(super) fn options_left_out(options: &Node, notes: &mut Block, work: &mut Work<'_>) {
    for (key, node) in options.entries() {
        let why = match key.as_str() {
            "provider" | "disableVarExpansion" | "disableDefaultAsserts" | "runSerially" | "disableConversationVar" => {
                continue;
            }
            "transform" | "postprocess" if script::extract(node.text().unwrap_or_default()).is_some() => continue,
            "transform" | "postprocess" => "a program: graders see the answer as it is, and have `extract`",
            "transformVars" => "a program: variables are written, or come from files",
            "rubricPrompt" => "the judge has its own words; its option `prompt` replaces them",
            "storeOutputAs" => "answers do not become variables of other cases",
            "prefix" | "suffix" => "write it into the prompt",
            _ => "cases have no such option",
        };
        work.leave_out(notes, &format!("option `{key}`"), node, Some(key), why);
    }
}

/// Whether some assertion or variable needs the value of a variable that has several.
fn depends_on_several(vars: &Vars, asserts: &[(Node, bool)]) -> bool {
    let mentions = |text: &str| {
        vars.several
            .iter()
            .any(|(name, _)| (template::is_template(text) || text.contains("vars")) && text.contains(name.as_str()))
    };
    !vars.several.is_empty()
        && (asserts.iter().any(|(node, _)| mentions(&node.to_json().to_string()))
            || vars.plain.iter().any(|(_, node)| node.text().is_some_and(&mentions)))
}

fn combine(several: &[(String, Vec<Node>)]) -> Option<Vec<Vec<(String, Node)>>> {
    let count = several.iter().try_fold(1_usize, |count, (_, values)| count.checked_mul(values.len()))?;
    if count > MAX_COMBINATIONS {
        return None;
    }
    let mut combinations: Vec<Vec<(String, Node)>> = vec![Vec::new()];
    for (name, values) in several {
        combinations = combinations
            .iter()
            .flat_map(|combination| {
                values.iter().map(move |value| {
                    let mut longer = combination.clone();
                    longer.push((name.clone(), value.clone()));
                    longer
                })
            })
            .collect();
    }
    Some(combinations)
}

fn graders(
    asserts: &[(Node, bool)],
    test: &Node,
    defaults: &Defaults,
    scope: &Scope<'_>,
    judges: &mut Judges,
    counts: bool,
    work: &mut Work<'_>,
) -> Block {
    let mut list = Block::default();
    let mut missing = 0;
    for (assertion, is_own) in asserts {
        let (kind, _) = asserts::kind(assertion);
        let made = asserts::grader(assertion, scope, judges, work);
        if *is_own && counts {
            work.tally.count(&kind, made.is_ok());
        }
        match made {
            Ok(block) => list.push(Yaml::Map(block)),
            Err(refused) => {
                missing += 1;
                let why = match refused {
                    Refused::Unknown(why) => why,
                    Refused::NeedsCase => "it depends on a variable that cannot be told".to_owned(),
                };
                if *is_own || counts {
                    work.list(assertion, named(&kind), why.clone());
                }
                list.note(left_out_note(assertion, None, &why));
            }
        }
    }
    with_extract(defaults.option(Some(test), "transform"), &mut list);
    let threshold = test.get("threshold").or(defaults.threshold.as_ref());
    grouped(list, threshold, missing)
}

/// What an assertion is called in the list of what was left out.
pub(super) fn named(kind: &str) -> String {
    if kind.is_empty() { "assertion".to_owned() } else { format!("assertion `{kind}`") }
}

/// Graders as one, where a threshold decides over all of them.
pub(super) fn grouped(mut list: Block, threshold: Option<&Node>, missing: usize) -> Block {
    let Some(threshold) = threshold.filter(|node| node.number().is_some_and(|number| (0.0..=1.0).contains(&number)))
    else {
        return list;
    };
    if list.len() == 0 {
        return list;
    }
    if missing > 0 {
        let words = if missing == 1 { "one assertion".to_owned() } else { format!("{missing} assertions") };
        list.note(format!("the threshold was over {words} more"));
    }
    let mut group = asserts::of("all");
    asserts::threshold(Some(threshold), &mut group);
    group.put("of", Yaml::List(list));
    let mut outer = Block::default();
    outer.push(Yaml::Map(group));
    outer
}

/// The part of the answer that a transformation took, for every grader that looks at a text.
pub(super) fn with_extract(transform: Option<&Node>, list: &mut Block) {
    let Some(Some(extract)) = transform.and_then(|node| script::extract(node.text().unwrap_or_default())) else {
        return;
    };
    for line in &mut list.0 {
        if let Line::Entry(_, Yaml::Map(block)) = line
            && matches!(block.get("type"), Some(Yaml::Text(kind)) if OF_TEXT.contains(&kind.as_str()))
            && block.get("extract").is_none()
        {
            block.put("extract", extract.clone());
        }
    }
}

fn tags(test: &Node, defaults: &Defaults) -> Block {
    let mut tags = Block::default();
    let own = test.get("metadata").map(Node::entries).unwrap_or_default();
    let inherited = defaults.metadata.iter().filter(|(key, _)| !own.iter().any(|(known, _)| known == key));
    for (key, node) in inherited.chain(own) {
        for item in node.items() {
            if let Some(text) = item.written().filter(|text| text.chars().count() <= 80 && !text.trim().is_empty()) {
                tags.push(crate::text::one_line(&format!("{key}={}", text.trim())).into_owned());
            }
        }
    }
    tags
}
