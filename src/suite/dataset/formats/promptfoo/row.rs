//! A row of a test file: columns are variables, those that begin with two underscores say how it is graded.

use serde_json::{Map, Value, json};

use crate::suite::template::{Template, Vars};

use super::super::super::item::Item;
use super::super::super::rows::Format;
use super::super::raw::{Made, Odd, Raw, text_of};
use super::super::registry::Published;
use super::assertion::Assertion;
use super::grader::Unsupported;

pub(in crate::suite::dataset::formats) const PROMPTFOO: Published = Published {
    name: "promptfoo",
    about: "promptfoo's tests: variables and `__expected` columns, or `{vars, assert}`",
    file: Format::Delimited(b','),
    columns: &[],
    rows: &[],
    prompt: "",
    graders: "[]",
    items,
};

/// The columns promptfoo knows, for those who write one underscore.
const SPECIAL: [&str; 7] =
    ["__expected", "__prefix", "__suffix", "__description", "__providerOutput", "__metric", "__threshold"];

/// What a row says besides its variables.
#[derive(Debug, Default)]
struct Test {
    vars: Map<String, Value>,
    /// With the column each stands in.
    assertions: Vec<(String, Assertion)>,
    description: Option<String>,
    tags: Vec<String>,
    metric: Option<String>,
    threshold: Option<f64>,
}

fn items(raw: &Raw<'_>, give: &mut dyn FnMut(Item)) -> Result<(), Odd> {
    let is_config =
        raw.columns.get("assert").is_some_and(Value::is_array) || raw.columns.get("vars").is_some_and(Value::is_object);
    let test = if is_config { of_config(raw)? } else { of_table(raw)? };
    give(test.item()?);
    Ok(())
}

/// `{vars, assert, description, metadata, threshold}`, as in a configuration.
fn of_config(raw: &Raw<'_>) -> Result<Test, Odd> {
    let mut test = Test { description: raw.maybe("description").map(str::to_owned), ..Test::default() };
    if let Some(vars) = raw.get("vars") {
        test.vars.clone_from(vars.as_object().ok_or_else(|| raw.odd("vars", vars, "a map"))?);
    }
    if let Some(threshold) = raw.get("threshold") {
        test.threshold = Some(threshold.as_f64().ok_or_else(|| raw.odd("threshold", threshold, "a number"))?);
    }
    if let Some(Value::Object(metadata)) = raw.get("metadata") {
        test.tags.extend(metadata.iter().flat_map(|(key, value)| tags(key, value)));
    }
    for (at, entry) in raw.get("assert").and_then(Value::as_array).into_iter().flatten().enumerate() {
        let place = format!("assert[{at}]");
        let assertion = Assertion::of(entry).map_err(|problem| Odd::new(format!("`{place}`: {problem}")))?;
        test.assertions.push((place, assertion));
    }
    Ok(test)
}

fn of_table(raw: &Raw<'_>) -> Result<Test, Odd> {
    let mut test = Test::default();
    let mut config: Vec<(&str, String)> = Vec::new();
    for (key, value) in raw.columns {
        if let Some(meant) = SPECIAL.iter().find(|special| !key.starts_with("__") && key.starts_with(&special[1..])) {
            let hint = format!("promptfoo's columns begin with two underscores: `{}`", key.replacen('_', "__", 1));
            return Err(Odd::new(format!("column `{key}` looks like `{meant}`")).hint(hint));
        }
        if !key.starts_with("__") {
            test.vars.insert(key.clone(), value.clone());
            continue;
        }
        let text = text_of(value).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() {
            continue;
        }
        match key.as_str() {
            "__prefix" | "__suffix" => _ = test.vars.insert(key.clone(), value.clone()),
            "__description" => test.description = Some(text.to_owned()),
            "__metric" => test.metric = Some(text.to_owned()),
            "__threshold" => {
                let number = text.parse().ok().filter(|number: &f64| number.is_finite());
                test.threshold = Some(number.ok_or_else(|| raw.odd(key, value, "a number from 0 to 1"))?);
            }
            "__providerOutput" => {}
            _ if key.starts_with("__expected") => test.assertions.push((key.clone(), Assertion::parse(text))),
            _ => match (key.strip_prefix("__metadata:"), key.strip_prefix("__config:")) {
                (Some(name), _) => test.tags.extend(tags(name, &Value::from(text))),
                (None, Some(name)) => config.push((name, text.to_owned())),
                (None, None) => {
                    let hint =
                        "it begins with two underscores as promptfoo's own do: rename it to use it as a variable";
                    return Err(Odd::new(format!("column `{key}` is not known")).hint(hint));
                }
            },
        }
    }
    // So that a prompt can name them whatever the row.
    for key in ["__prefix", "__suffix"].into_iter().filter(|key| raw.columns.contains_key(*key)) {
        test.vars.entry(key).or_insert_with(|| Value::from(""));
    }
    for (name, text) in config {
        configure(&mut test, name, &text)?;
    }
    Ok(test)
}

/// `__config:__expected2:threshold`.
fn configure(test: &mut Test, name: &str, text: &str) -> Result<(), Odd> {
    let odd = |problem: &str| Odd::new(format!("column `__config:{name}` {problem}"));
    let (column, option) = name.rsplit_once(':').ok_or_else(|| odd("names no option"))?;
    let number: f64 = text.parse().map_err(|_| odd("holds no number"))?;
    let mut found = false;
    for (_, assertion) in test.assertions.iter_mut().filter(|(key, _)| column == "__expected" || key == column) {
        match option {
            "threshold" => assertion.threshold = Some(number),
            "weight" => assertion.weight = Some(number),
            _ => return Err(odd("sets an option that is not known").hint("`threshold` and `weight` are")),
        }
        found = true;
    }
    if found { Ok(()) } else { Err(odd("names a column without an assertion")) }
}

/// `category=math`; of `tags[]` a tag for each.
fn tags(name: &str, value: &Value) -> Vec<String> {
    let (name, is_list) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
    let texts: Vec<String> = match value {
        Value::Array(items) => items.iter().filter_map(text_of).collect(),
        Value::String(text) if is_list => {
            text.replace("\\,", "\u{0}").split(',').map(|part| part.replace('\u{0}', ",")).collect()
        }
        other => text_of(other).into_iter().collect(),
    };
    texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).map(|text| format!("{name}={text}")).collect()
}

impl Test {
    fn item(self) -> Result<Item, Odd> {
        let Self { vars, assertions, description, tags, metric, threshold } = self;
        let json = Value::Object(vars.clone()).to_string();
        let mut graders = Vec::new();
        let mut expect = None;
        for (column, mut assertion) in assertions {
            // A rubric is a template of its own: the judge fills it in.
            if !matches!(assertion.kind.as_str(), "llm-rubric" | "g-eval" | "model-graded-closedqa") {
                fill(&mut assertion.value, &json).map_err(|problem| Odd::new(format!("`{column}`: {problem}")))?;
            }
            assertion.metric = assertion.metric.or_else(|| metric.clone());
            expect = expect.or_else(|| assertion.expects().cloned());
            let grader = assertion.grader();
            graders.push(
                grader.map_err(|Unsupported { message, hint }| Odd {
                    hint,
                    ..Odd::new(format!("`{column}`: {message}"))
                })?,
            );
        }
        if let Some(threshold) = threshold.filter(|_| !graders.is_empty()) {
            if !(0.0..=1.0).contains(&threshold) {
                return Err(Odd::new(format!("a threshold of {threshold}, expected a share from 0 to 1")));
            }
            graders = vec![json!({ "type": "all", "threshold": threshold, "of": graders })];
        }
        let mut made = Made::of(vars).graders(&Value::Array(graders)).tags(tags.iter().map(String::as_str));
        if let Some(expect) = expect {
            made = made.expect(expect);
        }
        if let Some(description) = description {
            made = made.id(description);
        }
        Ok(made.done())
    }
}

/// Fills the row's variables into an assertion's texts.
fn fill(value: &mut Value, vars: &str) -> Result<(), String> {
    match value {
        Value::String(text) if text.contains("{{") || text.contains("{%") => {
            let vars = Vars::parse(vars).map_err(|error| error.to_string())?;
            let mut filled = String::new();
            let template = Template::new(text).map_err(|error| error.message)?;
            template.render(&vars, &mut filled).map_err(|error| error.message)?;
            *text = filled;
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill(item, vars)),
        _ => Ok(()),
    }
}
