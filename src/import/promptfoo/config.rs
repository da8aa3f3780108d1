//! The keys of a promptfoo config, in the order of a suite.

use std::collections::BTreeSet;

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::template;
use crate::import::work::Work;

use super::asserts::{self, Refused, Scope};
use super::case::{self, Cases, Defaults, assertion, grouped, named, options_left_out, with_extract};
use super::keys::{environment, other_keys, put_models, put_prompts, reference, run_options};
use super::prompts::{Affixes, Prompts};
use super::providers::{Judges, Models, Use};
use super::table::{self, Columns};
use super::tests::{self, Item, dereferenced, loaded};

/// Makes the entries of a suite; `Err`: why there is nothing to make one of.
pub(in crate::import) fn import(config: &Node, name: &str, work: &mut Work<'_>) -> Result<Block, String> {
    let config = &dereferenced(config, config, 0);
    if config.get("tests").is_none() && config.get("scenarios").is_none() && config.get("redteam").is_some() {
        return Err("its tests are made by red teaming, which bench does not do".to_owned());
    }
    let models = Models::read(config.get("providers").or_else(|| config.get("targets")), work);
    let mut judges = Judges::default();
    let mut notes = Block::default();
    let (mut defaults, default_test) = read_defaults(config, &mut notes, work);
    defaults.tools.clone_from(&models.tools);
    let affix = |key: &str| {
        let written = defaults.option(None, key).and_then(Node::written).unwrap_or_default();
        template::nunjucks(&written).unwrap_or_default()
    };
    let affixes = Affixes { prefix: affix("prefix"), suffix: affix("suffix") };
    let mut items = Vec::new();
    for item in tests::gather(config, work) {
        match item {
            Item::Table { path, at } => match table::tests(&path, !default_test.is_empty(), work) {
                Some(rows) => items.extend(rows.into_iter().map(Item::Test)),
                None => items.push(Item::Table { path, at }),
            },
            item => items.push(item),
        }
    }
    let tests: Vec<&Node> =
        items.iter().filter_map(|item| if let Item::Test(node) = item { Some(node) } else { None }).collect();
    let tables: Vec<Columns> = items
        .iter()
        .filter_map(|item| {
            if let Item::Table { path, .. } = item {
                Some(table::columns(path, work).unwrap_or_default())
            } else {
                None
            }
        })
        .collect();
    let prompts = Prompts::read(config.get("prompts"), affixes, image_variables(&tests, &defaults), work);
    if prompts.list.len() == 0 && tests.is_empty() && tables.is_empty() {
        return Err("neither its prompts nor its tests could be read".to_owned());
    }
    let first_vars = first_variables(&tests, &tables, &defaults, work);
    defaults.needed.clone_from(&prompts.variables);
    if prompts.list.len() == 0 {
        // The prompt that stands in for them shows these.
        defaults.needed.extend(first_vars.iter().cloned());
    }

    let pairwise = select_best(config, &tests, &models, &mut judges, work);
    let is_compared = pairwise.is_some();
    let graders = suite_graders(&default_test, &mut defaults, &tests, &tables, is_compared, &mut judges, work);
    let mut cases = Cases::default();
    let mut datasets = Block::default();
    for item in &items {
        match item {
            Item::Note(note) => cases.list.note(note.clone()),
            Item::Test(test) => {
                let test = if is_compared { without_select_best(test) } else { test.clone() };
                cases.add(&test, &defaults, &mut judges, work);
            }
            Item::Table { path, at } => {
                let columns = table::columns(path, work);
                table(path, at, columns.as_ref(), &defaults, &mut judges, &mut datasets, work);
            }
        }
    }
    if cases.list.len() == 0 && datasets.len() == 0 {
        // promptfoo asks the prompts once without tests, too.
        cases.add(&config.with(Value::Map(Vec::new())), &defaults, &mut judges, work);
    }

    let mut suite = Block::default();
    suite.put("name", name);
    suite.maybe("description", config.get("description").and_then(Node::written));
    environment(&prompts, config, &mut suite);
    other_keys(config, &mut notes, work);
    suite.0.extend(notes.0);
    suite.gap();
    run_options(config, &mut suite, work);
    put_models(models, &mut suite);
    let judges = judges.into_list();
    if judges.len() > 0 {
        suite.put("judges", Yaml::List(judges));
    }
    suite.gap();
    put_prompts(prompts, &first_vars, &mut suite);
    suite.gap();
    if graders.len() > 0 {
        suite.put("graders", Yaml::List(graders));
    } else {
        suite.0.extend(graders.0);
    }
    if let Some(pairwise) = pairwise {
        suite.put("pairwise", Yaml::Map(pairwise));
    }
    if cases.list.len() > 0 {
        suite.put("cases", Yaml::List(cases.list));
    } else {
        suite.0.extend(cases.list.0);
    }
    if datasets.len() > 0 {
        suite.put("dataset", Yaml::List(datasets));
    }
    Ok(suite)
}

/// The variables of the first test, or the columns of the first table.
fn first_variables(tests: &[&Node], tables: &[Columns], defaults: &Defaults, work: &Work<'_>) -> Vec<String> {
    let of_test = tests.first().and_then(|test| case::merged_vars(test, &defaults.vars, work).ok());
    match (of_test, tables.first()) {
        (Some(vars), _) => vars.into_iter().map(|(name, _)| name).collect(),
        (None, Some(columns)) => columns.variables.clone(),
        (None, None) => Vec::new(),
    }
}

/// Variables that are images in files, whose content promptfoo inserts.
fn image_variables(tests: &[&Node], defaults: &Defaults) -> BTreeSet<String> {
    let of_tests = tests.iter().filter_map(|test| test.get("vars")).flat_map(Node::entries);
    of_tests
        .chain(&defaults.vars)
        .filter(|(_, node)| {
            node.text().is_some_and(|text| {
                let path = text.to_ascii_lowercase();
                path.starts_with("file://")
                    && [".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf"].iter().any(|end| path.ends_with(end))
            })
        })
        .map(|(name, _)| name.clone())
        .collect()
}

/// `defaultTest`, and its assertions apart.
fn read_defaults(config: &Node, notes: &mut Block, work: &mut Work<'_>) -> (Defaults, Vec<Node>) {
    let mut defaults = Defaults::default();
    let Some(written) = config.get("defaultTest") else { return (defaults, Vec::new()) };
    let node = match loaded(written, work) {
        Ok(node) => node,
        Err(why) => {
            work.leave_out(notes, "defaultTest", written, Some("defaultTest"), &why);
            return (defaults, Vec::new());
        }
    };
    defaults.threshold = node.get("threshold").cloned();
    defaults.options = node.get("options").map(|node| node.entries().to_vec()).unwrap_or_default();
    defaults.metadata = node.get("metadata").map(|node| node.entries().to_vec()).unwrap_or_default();
    if let Some(vars) = node.get("vars") {
        match loaded(vars, work) {
            Ok(vars) => defaults.vars = vars.entries().to_vec(),
            Err(why) => work.leave_out(notes, "variables", vars, Some("vars"), &why),
        }
    }
    for (key, value) in node.entries() {
        if !matches!(key.as_str(), "vars" | "assert" | "options" | "threshold" | "metadata" | "description")
            && value.value != Value::Null
        {
            let why = match key.as_str() {
                "assertScoringFunction" => "a program: `all` has `threshold` and weights",
                _ => "what holds for all tests stands on the suite",
            };
            work.leave_out(notes, &format!("`{key}` of defaultTest"), value, Some(key), why);
        }
    }
    if let Some(options) = node.get("options") {
        let entries = options.entries().iter().filter(|(key, _)| !matches!(key.as_str(), "prefix" | "suffix")).cloned();
        options_left_out(&options.with(Value::Map(entries.collect())), notes, work);
    }
    let asserts = match node.get("assert").map(|node| loaded(node, work)) {
        Some(Ok(node)) => node.items().iter().flat_map(|item| assertion(item, work)).collect(),
        Some(Err(why)) => {
            work.leave_out(notes, "assertions", &node, Some("assert"), &why);
            Vec::new()
        }
        None => Vec::new(),
    };
    (defaults, asserts)
}

/// Assertions of all tests that are graders of the suite. Those that are not go to `defaults`, to be made case by case.
fn suite_graders(
    asserts: &[Node],
    defaults: &mut Defaults,
    tests: &[&Node],
    tables: &[Columns],
    is_compared: bool,
    judges: &mut Judges,
    work: &mut Work<'_>,
) -> Block {
    // A threshold decides over a test's assertions and these together.
    let is_shared = defaults.threshold.is_none()
        && tests.iter().all(|test| {
            let option = |key: &str| test.get("options").and_then(|options| options.get(key));
            test.get("threshold").is_none() && option("disableDefaultAsserts").is_none() && option("provider").is_none()
        });
    let has = |name: &str| {
        defaults.vars.iter().any(|(known, _)| known == name)
            || defaults.needed.contains(name) && tables.is_empty()
            || (!(tests.is_empty() && tables.is_empty())
                && tests.iter().all(|test| test.get("vars").is_some_and(|vars| vars.get(name).is_some()))
                && tables.iter().all(|table| table.variables.iter().any(|column| column == name)))
    };
    let provider = defaults.option(None, "provider");
    let scope = Scope { vars: None, known: &has, tools: &defaults.tools, provider };
    let mut list = Block::default();
    let mut later = Vec::new();
    for node in asserts {
        let (kind, _) = asserts::kind(node);
        if is_compared && kind == "select-best" {
            continue;
        }
        let made = asserts::grader(node, &scope, judges, work);
        work.tally.count(&kind, !matches!(made, Err(Refused::Unknown(_))));
        match made {
            Ok(block) if is_shared => list.push(Yaml::Map(block)),
            Ok(_) | Err(Refused::NeedsCase) => later.push(node.clone()),
            Err(Refused::Unknown(why)) => work.leave_out(&mut list, &named(&kind), node, None, &why),
        }
    }
    with_extract(defaults.option(None, "transform"), &mut list);
    defaults.asserts = later;
    list
}

/// `select-best` of all tests alike → `pairwise`.
fn select_best(
    config: &Node,
    tests: &[&Node],
    models: &Models,
    judges: &mut Judges,
    work: &mut Work<'_>,
) -> Option<Block> {
    let default = config.get("defaultTest");
    let of = |test: &Node| -> Vec<Node> {
        let asserts = test.get("assert").map(Node::items).unwrap_or_default();
        asserts.iter().filter(|node| asserts::kind(node) == ("select-best".to_owned(), false)).cloned().collect()
    };
    let found: Vec<Node> =
        default.iter().flat_map(|test| of(test)).chain(tests.iter().flat_map(|test| of(test))).collect();
    let first = found.first()?;
    let criterion = first.get("value")?.text()?;
    let is_one = found.iter().all(|node| node.get("value").and_then(Node::text) == Some(criterion));
    let translated = template::nunjucks(criterion).ok()?;
    if !is_one || models.list.len() < 2 || !template::variables(&translated).is_empty() {
        return None;
    }
    let provider = first.get("provider").or_else(|| default?.get("options")?.get("provider"));
    let judge = judges.name(provider, Use::Rubric, work).ok()?;
    for _ in &found {
        work.tally.count("select-best", true);
    }
    let mut pairwise = Block::default();
    pairwise.put("model", judge);
    pairwise.put("rubric", criterion);
    Some(pairwise)
}

fn without_select_best(test: &Node) -> Node {
    let entry = |(key, node): &(String, Node)| match (key.as_str(), &node.value) {
        ("assert", Value::List(items)) => {
            let kept = items.iter().filter(|item| asserts::kind(item).0 != "select-best").cloned().collect();
            (key.clone(), node.with(Value::List(kept)))
        }
        _ => (key.clone(), node.clone()),
    };
    test.with(Value::Map(test.entries().iter().map(entry).collect()))
}

/// A table of tests as an entry of `dataset`.
fn table(
    path: &str,
    at: &Node,
    columns: Option<&Columns>,
    defaults: &Defaults,
    judges: &mut Judges,
    datasets: &mut Block,
    work: &mut Work<'_>,
) {
    let mut entry = table::dataset(path, work);
    let known = |name: &str| columns.is_some_and(|columns| columns.variables.iter().any(|column| column == name));
    if let Some(config) = at.get("config") {
        work.leave_out(datasets, "`config` of tests", config, Some("config"), "tables have no settings");
    }
    let missing: Vec<&String> = defaults
        .needed
        .iter()
        .filter(|name| !known(name) && !defaults.vars.iter().any(|(var, _)| var == *name))
        .collect();
    let added: Vec<&(String, Node)> = defaults.vars.iter().filter(|(name, _)| !known(name)).collect();
    if let Some(columns) = columns.filter(|_| !added.is_empty() || !missing.is_empty()) {
        let mut vars = Block::default();
        for column in &columns.variables {
            vars.put(column, reference(column));
        }
        for (name, node) in added {
            match node.text() {
                Some(text) => vars.put(name, template::nunjucks(text).unwrap_or_else(|_| template::literal(text))),
                None => vars.put(name, node),
            }
        }
        for name in missing {
            vars.put(name, "");
        }
        entry.put("vars", Yaml::Map(vars));
    }
    let mut graders = Block::default();
    let mut expect: Option<String> = None;
    let brings = columns.is_none_or(|columns| columns.expects);
    let mut left = 0;
    for node in &defaults.asserts {
        match of_columns(node, defaults, &known, &mut expect, judges, work) {
            Ok(block) if !brings => graders.push(Yaml::Map(block)),
            made => {
                let why = match made {
                    Err(Refused::Unknown(why)) => why,
                    _ => "its rows bring graders of their own, and this one depends on their columns".to_owned(),
                };
                left += 1;
                work.leave_out(datasets, &named(&asserts::kind(node).0), node, None, &why);
            }
        }
    }
    if graders.len() > 0 {
        entry.maybe("expect", expect);
        with_extract(defaults.option(None, "transform"), &mut graders);
        entry.put("graders", Yaml::List(grouped(graders, defaults.threshold.as_ref(), left)));
    }
    datasets.push(Yaml::Map(entry));
}

/// An assertion whose value is a template over the columns: a grader that compares with the row's expectation.
fn of_columns(
    node: &Node,
    defaults: &Defaults,
    known: &dyn Fn(&str) -> bool,
    expect: &mut Option<String>,
    judges: &mut Judges,
    work: &mut Work<'_>,
) -> Result<Block, Refused> {
    const STAND_IN: &str = "stand-in";
    let scope = Scope { vars: None, known, tools: &defaults.tools, provider: defaults.option(None, "provider") };
    match asserts::grader(node, &scope, judges, work) {
        Err(Refused::NeedsCase) => {}
        made => return made,
    }
    let unknown = || Refused::Unknown("it depends on columns in a way that a grader cannot".to_owned());
    let written = node.get("value").and_then(Node::text).ok_or_else(unknown)?;
    let translated = template::nunjucks(written).map_err(Refused::Unknown)?;
    if !template::is_template(written)
        || !template::variables(&translated).iter().all(|name| known(name))
        || expect.as_ref().is_some_and(|expect| *expect != translated)
    {
        return Err(unknown());
    }
    let entry = |(key, value): &(String, Node)| {
        let value = if key == "value" { value.with(Value::Text(STAND_IN.to_owned())) } else { value.clone() };
        (key.clone(), value)
    };
    let stand_in = node.with(Value::Map(node.entries().iter().map(entry).collect()));
    let mut block = asserts::grader(&stand_in, &scope, judges, work)?;
    let before = block.0.len();
    block.0.retain(|line| {
        !matches!(line, crate::import::emit::Line::Entry(Some(key), Yaml::Text(text)) if (key == "value" || key == "pattern") && text == STAND_IN)
    });
    if block.0.len() + 1 != before {
        return Err(unknown());
    }
    *expect = Some(translated);
    Ok(block)
}
