//! What a case asks of a program: tests to run behind it, or outputs for inputs. Read from templates of the suite, or
//! from the variables as the published data sets name them.

use std::fmt;
use std::sync::Arc;

use minijinja::{Environment, ErrorKind, Value as Rendered};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::jinja::{self, Unrendered};

use super::language::Language;

/// What a program has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Task {
    /// To come to the end of these.
    Tests {
        /// What the model was to go on from; empty where it was not code.
        prefix: String,
        /// The function to be written, where it is known.
        entry_point: Option<String>,
        /// Statements behind the solution.
        tests: String,
    },
    /// To print the output for each input.
    Outputs(Vec<Pair>),
}

/// An input and what has to be printed for it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pair {
    /// Standard input.
    pub(super) input: String,
    /// Standard output; blanks at the ends of lines do not count.
    pub(super) output: String,
}

/// Where a task comes from.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) tests: Option<Template>,
    pub(super) prefix: Option<Template>,
    pub(super) entry_point: Option<Template>,
    pub(super) setup: Option<Template>,
    /// A variable that holds pairs.
    pub(super) pairs_in: Option<String>,
    /// Pairs of templates.
    pub(super) pairs: Vec<(Template, Template)>,
    /// Whether MBPP's further tests count.
    pub(super) challenge: bool,
}

/// The bytes of one rendering: no program is larger.
const MAX_SOURCE: usize = 16 << 20;

/// A template over a case's variables.
#[derive(Clone)]
pub(super) struct Template(Arc<Environment<'static>>);

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Template")
    }
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// What is wrong with it: a lower-case fragment.
    pub(super) fn new(source: &str) -> Result<Self, String> {
        let mut engine = jinja::engine();
        jinja::compile(&mut engine, source).map_err(|error| explained(&error))?;
        Ok(Self(Arc::new(engine)))
    }

    fn render(&self, vars: &Rendered) -> Result<String, String> {
        jinja::render(&self.0, vars.clone(), MAX_SOURCE).map_err(|wrong| match wrong {
            Unrendered::TooLong => format!("renders to more than the {} MB allowed", MAX_SOURCE >> 20),
            Unrendered::Wrong(error) => explained(&error),
        })
    }
}

fn explained(error: &minijinja::Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => "takes too many steps to render".to_owned(),
        ErrorKind::SyntaxError => format!("template syntax: {detail}"),
        kind if detail.is_empty() => kind.to_string(),
        _ => detail.to_owned(),
    }
}

impl Source {
    /// The task of a case. `done` is the word that a language without a driver prints at the end.
    ///
    /// # Errors
    /// What is missing or wrong: a lower-case fragment.
    pub(super) fn task(&self, vars: &Map<String, Value>, language: Language, done: &str) -> Result<Task, String> {
        if let Some(name) = &self.pairs_in {
            let value =
                vars.get(name).ok_or_else(|| format!("`cases` names the variable `{name}`, which is undefined"))?;
            return pairs(value).map(Task::Outputs).map_err(|message| format!("`{name}` {message}"));
        }
        let context = || {
            let mut context = vars.clone();
            context.insert("done".to_owned(), done.into());
            // JSON is always a value of templates.
            Rendered::deserialize(Value::Object(context)).unwrap_or_default()
        };
        let render = |option: &str, template: &Template| {
            template.render(&context()).map_err(|message| format!("`{option}`: {message}"))
        };
        if !self.pairs.is_empty() {
            let pair = |(input, output): &(Template, Template)| {
                Ok(Pair { input: render("cases", input)?, output: render("cases", output)? })
            };
            return self.pairs.iter().map(pair).collect::<Result<_, String>>().map(Task::Outputs);
        }
        let text = |name: &str| vars.get(name).and_then(Value::as_str);
        let optional = |option: &str, template: &Option<Template>, form: Option<&str>| match template {
            Some(template) => render(option, template).map(Some),
            None => Ok(form.map(ToOwned::to_owned)),
        };
        let human_eval = text("test").filter(|_| vars.contains_key("entry_point"));
        let entry_point = optional("entry_point", &self.entry_point, text("entry_point"))?;
        let prefix = optional("prefix", &self.prefix, human_eval.and(text("prompt")))?.unwrap_or_default();
        let setup = optional("setup", &self.setup, None)?;
        let tests = match (&self.tests, human_eval) {
            (Some(tests), _) => render("tests", tests)?,
            (None, Some(tests)) => tests.to_owned(),
            (None, None) => match (vars.get("test_list"), vars.get("input_output")) {
                (Some(tests), _) => mbpp(tests, vars, self.challenge)?,
                (None, Some(value)) => {
                    return pairs(value).map(Task::Outputs).map_err(|message| format!("`input_output` {message}"));
                }
                (None, None) => return Err(MISSING.to_owned()),
            },
        };
        let tests = [setup.unwrap_or_default(), called(tests, entry_point.as_deref(), language)?].join("\n");
        Ok(Task::Tests { prefix, entry_point, tests })
    }
}

const MISSING: &str = "`code` needs tests: give the grader `tests: \"{{ … }}\"` or `cases`, or the case the variables \
                       `test` and `entry_point` (HumanEval), `test_list` (MBPP) or `input_output`";

/// `HumanEval`'s tests define `check` and leave calling it to the harness.
fn called(tests: String, entry_point: Option<&str>, language: Language) -> Result<String, String> {
    let starts = |start: &str| tests.lines().any(|line| line.starts_with(start));
    if language != Language::Python || !starts("def check(") || starts("check(") {
        return Ok(tests);
    }
    match entry_point {
        Some(name) => Ok(format!("{tests}\ncheck({name})")),
        None => Err("the tests define `check`, and `entry_point` does not say what to check".to_owned()),
    }
}

/// A list of texts, or JSON that is one.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(json) => texts(&serde_json::from_str::<Value>(json).ok().filter(Value::is_array)?),
        Value::Array(items) => items.iter().map(|item| item.as_str().map(ToOwned::to_owned)).collect(),
        _ => None,
    }
}

fn mbpp(tests: &Value, vars: &Map<String, Value>, challenge: bool) -> Result<String, String> {
    let list = |name: &str, value: &Value| texts(value).ok_or_else(|| format!("`{name}` is not a list of texts"));
    let further =
        |name: &str| vars.get(name).filter(|value| !value.is_null()).map_or(Ok(Vec::new()), |value| list(name, value));
    let mut lines = further("test_imports")?;
    lines.extend(vars.get("test_setup_code").and_then(Value::as_str).map(ToOwned::to_owned));
    let tests = list("test_list", tests)?;
    if tests.is_empty() {
        return Err("`test_list` is empty: there is nothing to test".to_owned());
    }
    lines.extend(tests);
    if challenge {
        lines.extend(further("challenge_test_list")?);
    }
    Ok(lines.join("\n"))
}

/// A list of `{input, output}`, or APPS' `{inputs: […], outputs: […]}`, or JSON that is one of these.
fn pairs(value: &Value) -> Result<Vec<Pair>, String> {
    let parsed;
    let value = match value {
        Value::String(json) => {
            parsed = serde_json::from_str::<Value>(json).map_err(|error| format!("is not JSON: {error}"))?;
            &parsed
        }
        value => value,
    };
    let found = match value {
        Value::Object(map) if map.contains_key("fn_name") => {
            return Err("calls a function (`fn_name`), which only `tests` can".to_owned());
        }
        Value::Object(map) => {
            let list = |name: &str| map.get(name).or_else(|| map.get(name.trim_end_matches('s'))).and_then(texts);
            let (Some(inputs), Some(outputs)) = (list("inputs"), list("outputs")) else {
                return Err("is a map without lists of texts `inputs` and `outputs`".to_owned());
            };
            if inputs.len() != outputs.len() {
                return Err(format!("has {} inputs and {} outputs", inputs.len(), outputs.len()));
            }
            inputs.into_iter().zip(outputs).map(|(input, output)| Pair { input, output }).collect()
        }
        list => Vec::<Pair>::deserialize(list)
            .map_err(|error| format!("is not a list of `{{ input, output }}`: {error}"))?,
    };
    if found.is_empty() { Err("is empty: there is nothing to test".to_owned()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn task(source: &Source, vars: Value) -> Result<Task, String> {
        source.task(vars.as_object().unwrap(), Language::Python, "word")
    }

    fn tests_of(task: Result<Task, String>) -> String {
        match task.unwrap() {
            Task::Tests { tests, .. } => tests,
            Task::Outputs(_) => panic!("pairs"),
        }
    }

    #[test]
    fn human_evals_form_is_known() {
        let vars = json!({"prompt": "def f(x):\n", "test": "def check(candidate):\n    pass", "entry_point": "f"});
        let Ok(Task::Tests { prefix, entry_point, tests }) = task(&Source::default(), vars) else { panic!() };
        assert_eq!((prefix.as_str(), entry_point.as_deref()), ("def f(x):\n", Some("f")));
        assert!(tests.ends_with("pass\ncheck(f)"), "{tests}");
    }

    #[test]
    fn mbpps_form_is_known() {
        let vars = json!({"prompt": "Write f.", "test_list": ["assert f(1) == 2", "assert f(2) == 3"],
                          "test_setup_code": "X = 1", "test_imports": ["import math"], "challenge_test_list": ["assert f(9)"]});
        assert_eq!(
            tests_of(task(&Source::default(), vars.clone())).trim(),
            "import math\nX = 1\nassert f(1) == 2\nassert f(2) == 3"
        );
        let Ok(Task::Tests { prefix, .. }) = task(&Source::default(), vars.clone()) else { panic!() };
        assert_eq!(prefix, "", "the prompt of MBPP is prose");
        let source = Source { challenge: true, ..Source::default() };
        assert!(tests_of(task(&source, vars)).ends_with("assert f(9)"));
        let as_json = json!({"test_list": "[\"assert f(1)\"]"});
        assert!(tests_of(task(&Source::default(), as_json)).ends_with("assert f(1)"));
    }

    #[test]
    fn pairs_come_as_lists_or_as_apps_has_them() {
        let want = Task::Outputs(vec![Pair { input: "1".to_owned(), output: "2".to_owned() }]);
        for vars in [
            json!({"input_output": {"inputs": ["1"], "outputs": ["2"]}}),
            json!({"input_output": "{\"inputs\": [\"1\"], \"outputs\": [\"2\"]}"}),
            json!({"input_output": [{"input": "1", "output": "2"}]}),
            json!({"input_output": {"input": ["1"], "output": ["2"]}}),
        ] {
            assert_eq!(task(&Source::default(), vars.clone()).unwrap(), want, "{vars}");
        }
        let source = Source { pairs_in: Some("io".to_owned()), ..Source::default() };
        assert_eq!(task(&source, json!({"io": [{"input": "1", "output": "2"}]})).unwrap(), want);
        for (vars, part) in [
            (json!({}), "undefined"),
            (json!({"io": []}), "empty"),
            (json!({"io": "x"}), "not JSON"),
            (json!({"io": {"inputs": ["1"], "outputs": []}}), "1 inputs and 0 outputs"),
            (json!({"io": {"inputs": [1], "outputs": [2]}}), "without lists of texts"),
            (json!({"io": {"fn_name": "f"}}), "fn_name"),
            (json!({"io": [{"in": "1"}]}), "not a list of"),
        ] {
            assert!(task(&source, vars.clone()).unwrap_err().contains(part), "{vars}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let source = Source { tests: Some(Template::new("{{ tests }}").unwrap()), ..Source::default() };
        let error = task(&source, json!({"test": "x"})).unwrap_err();
        assert!(error.contains("`tests`") && error.contains("undefined"), "{error}");
        assert!(task(&Source::default(), json!({"q": 1})).unwrap_err().contains("needs tests"));
        assert!(task(&Source::default(), json!({"test_list": []})).unwrap_err().contains("empty"));
        assert!(task(&Source::default(), json!({"test_list": 5})).unwrap_err().contains("not a list"));
        let source = Source { tests: Some(Template::new("def check(c): pass").unwrap()), ..Source::default() };
        assert!(task(&source, json!({})).unwrap_err().contains("`entry_point`"));
        assert!(Template::new("{{ a").unwrap_err().contains("syntax"));
    }

    #[test]
    fn templates_render_code_as_it_is() {
        let source = Source {
            tests: Some(Template::new("assert f({{ x }}) == {{ y }} # {{ done }}\n").unwrap()),
            ..Source::default()
        };
        let tests = tests_of(task(&source, json!({"x": "'<&>'", "y": 1.5})));
        assert_eq!(tests, "\nassert f('<&>') == 1.5 # word\n");
    }
}
