//! The grader: options, what is selected, verdict.

use regex::RegexBuilder;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::family::Family;
use crate::grade::json::compare::{Comparison, brief, tolerance};
use crate::grade::json::extract::{self, Found, Kind};
use crate::grade::options::{self, Literal, Match, OptionError, OptionErrors, Text};
use crate::grade::path::Path;
use crate::grade::range::Range;
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::got;

use super::test::{JsonKind, Test, short};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "json_path",
    about: "what a JSONPath selects in the answer's JSON compares as asked",
    build,
    schema: options::schema::<Options>,
};

/// The size of a compiled pattern, as for the grader `regex`.
const PATTERN_BYTES: usize = 10 << 20;

/// The options of `json_path`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["path"]))]
struct Options {
    /// A JSONPath.
    #[schemars(extend("type" = "string", "pattern" = r"^\s*\$", "examples" = ["$.items[0].price", "$..id"]))]
    path: Option<Text>,
    /// Any value; the case's `expect`, if there is no other comparison.
    equals: Literal,
    /// Values, one of which it equals.
    #[schemars(length(min = 1))]
    r#in: Option<Vec<Value>>,
    /// A text holds it, a list has such an item, a map such a key.
    contains: Literal,
    /// A regular expression, found in a text, number or boolean.
    matches: Option<Text>,
    /// It is a number below this.
    less_than: Option<f64>,
    /// It is a number of at most this.
    at_most: Option<f64>,
    /// It is a number of at least this.
    at_least: Option<f64>,
    /// It is a number above this.
    greater_than: Option<f64>,
    /// The type it has.
    kind: Option<JsonKind>,
    /// `true`: something is selected. `false`: nothing is.
    exists: Option<bool>,
    /// How many values are selected: a number, or `{ min: 1, max: 3 }`.
    count: Option<Range>,
    /// Whether any or all of the values selected have to hold.
    r#match: Match,
    /// The answer has to be pure JSON: no fence, no prose.
    strict: bool,
    /// Case does not count in texts; it does in keys.
    ignore_case: bool,
    /// Lists are compared as bags.
    ignore_order: bool,
    /// How far apart two numbers may be.
    #[schemars(range(min = 0))]
    tolerance: Option<f64>,
}

#[derive(Debug)]
struct JsonPathGrader {
    /// As it was written.
    text: String,
    path: Path,
    tests: Vec<Test>,
    exists: Option<bool>,
    count: Option<Range>,
    list: Match,
    strict: bool,
    comparison: Comparison,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let Some(Text(text)) = &options.path else {
        let hint = "write for example `path: $.items[0].price`";
        return Err(OptionError::at("", "`json_path` needs a `path`", Some(hint)).into());
    };
    let path = Path::parse(text).map_err(|mistake| OptionError::at("path", mistake.message, mistake.hint))?;
    let tests = tests(&options)?;
    if options.exists == Some(false) && (!tests.is_empty() || options.count.is_some()) {
        let message = "with `exists: false` there is nothing to compare";
        return Err(OptionError::at("exists", message, Some("leave out the comparisons, or use `not: true`")).into());
    }
    let comparison = Comparison {
        ignore_order: options.ignore_order,
        ignore_case: options.ignore_case,
        tolerance: tolerance(options.tolerance)?,
        ..Comparison::default()
    };
    let Options { exists, count, r#match: list, strict, .. } = options;
    Ok(Box::new(JsonPathGrader { text: text.clone(), path, tests, exists, count, list, strict, comparison }))
}

fn tests(options: &Options) -> Result<Vec<Test>, OptionError> {
    let mut tests = Vec::new();
    tests.extend(options.equals.0.clone().map(Test::Equals));
    if let Some(values) = &options.r#in {
        if values.is_empty() {
            return Err(OptionError::at("in", "the list is empty", None));
        }
        tests.push(Test::In(values.clone()));
    }
    tests.extend(options.contains.0.clone().map(Test::Contains));
    if let Some(Text(pattern)) = &options.matches {
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(options.ignore_case)
            .size_limit(PATTERN_BYTES)
            .build()
            .map_err(|error| {
                let message = error.to_string();
                let last = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
                let hint = "the syntax is that of Rust's `regex`: no lookaround, no backreferences";
                OptionError::at("matches", format!("not a regular expression: {last}"), Some(hint))
            })?;
        tests.push(Test::Matches(regex));
    }
    let bounds = [
        (options.less_than, Test::LessThan as fn(f64) -> Test),
        (options.at_most, Test::AtMost),
        (options.at_least, Test::AtLeast),
        (options.greater_than, Test::GreaterThan),
    ];
    tests.extend(bounds.into_iter().filter_map(|(bound, test)| bound.map(test)));
    tests.extend(options.kind.map(Test::Kind));
    Ok(tests)
}

impl Grader for JsonPathGrader {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(if !self.needs_expectation() {
            self.judge(&subject, &self.tests)
        } else if let Some(expected) = subject.expected {
            self.judge(&subject, &[Test::Expected(expected.clone())])
        } else {
            Judgement::unable(MISSING)
        })
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        // The plain paths only: `$.order.total`.
        let names: Vec<&str> = self.text.trim().strip_prefix("$.")?.split('.').collect();
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if self.exists == Some(false) || self.count.is_some() || !names.iter().all(|name| is_name(name)) {
            return None;
        }
        let value = match self.tests.first() {
            None if self.needs_expectation() => case.expected()?.clone(),
            None => Value::Bool(true),
            Some(Test::Equals(value) | Test::Contains(value)) => value.clone(),
            Some(Test::In(values)) => values.first()?.clone(),
            Some(Test::AtMost(bound) | Test::AtLeast(bound)) => Value::from(*bound),
            Some(Test::LessThan(bound)) => Value::from(bound - 1.0),
            Some(Test::GreaterThan(bound)) => Value::from(bound + 1.0),
            Some(_) => return None,
        };
        let around = |value, name: &&str| Value::Object(Map::from_iter([((*name).to_owned(), value)]));
        Some(Example::Json(names.iter().rev().fold(value, around)))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        if self.needs_expectation() && case.expected().is_none() { Err(MISSING.to_owned()) } else { Ok(()) }
    }
}

const MISSING: &str = "`json_path` needs something to compare with: give the case `expect: 3.5`, or the grader \
                       `equals: 3.5`, `less_than: 5`, `exists: true` or another comparison";

impl JsonPathGrader {
    fn needs_expectation(&self) -> bool {
        self.tests.is_empty() && self.exists.is_none() && self.count.is_none()
    }

    /// What to look for inside prose: a path that begins with a key is one into an object.
    fn root_kind(&self) -> Kind {
        let rest = &self.text[1..];
        let keyed = rest.starts_with('.') && !rest.starts_with("..") && !rest.starts_with(".*");
        if keyed || rest.starts_with("['") || rest.starts_with("[\"") { Kind::Object } else { Kind::Container }
    }

    fn judge(&self, subject: &Subject<'_>, tests: &[Test]) -> Judgement {
        let text = subject.answer.text.as_str();
        let found = if self.strict { extract::whole(text) } else { extract::anywhere(text, self.root_kind()) };
        let Found { value, text: part } = match found {
            Ok(found) => found,
            Err(problem) => return Judgement::fail(format!("expected JSON, but {problem}: {}", got(subject.answer))),
        };
        let nodes = match self.path.select(&value) {
            Ok(nodes) => nodes,
            Err(error) => return Judgement::unable(format!("`{}`: {error}", self.shown())),
        };
        let judgement = self.compare(&nodes, tests, part);
        match nodes.as_slice() {
            [] => judgement,
            [node] => judgement.with_extracted(&node.to_string()),
            // Many may be many times the same one: no more than is kept in a record is written out.
            [first, ..] => judgement.with_extracted(&format!("{} values, first {}", nodes.len(), short(first))),
        }
    }

    fn compare(&self, nodes: &[&Value], tests: &[Test], json: &str) -> Judgement {
        let path = self.shown();
        if let Some(count) = self.count
            && !count.holds(nodes.len() as u64)
        {
            return Judgement::fail(format!("expected `{path}` to select {count} values, got {}", nodes.len()));
        }
        if nodes.is_empty() {
            let nothing = format!("`{path}` selects nothing in {}", crate::grade::words::quote(json));
            // A count of 0 that was asked for is what came.
            let wanted =
                self.exists == Some(false) || (self.count.is_some() && tests.is_empty() && self.exists.is_none());
            return if wanted { Judgement::pass(nothing) } else { Judgement::fail(nothing) };
        }
        if self.exists == Some(false) {
            return Judgement::fail(format!("expected nothing at `{path}`, got {}", few(nodes)));
        }
        let holds = |node: &&&Value| tests.iter().all(|test| test.holds(node, &self.comparison));
        let wrong = match self.list {
            Match::Any if nodes.iter().any(|node| holds(&node)) => None,
            Match::Any => nodes.first(),
            Match::All => nodes.iter().find(|node| !holds(node)),
        };
        let Some(wrong) = wrong else {
            let asked: Vec<String> = tests.iter().map(Test::words).collect();
            let asked = if asked.is_empty() { "as asked".to_owned() } else { asked.join(" and ") };
            return Judgement::pass(format!("at `{path}`: {asked}, got {}", few(nodes)));
        };
        let missed = tests.iter().find(|test| !test.holds(wrong, &self.comparison)).map(Test::words);
        let missed = missed.unwrap_or_else(|| "something else".to_owned());
        Judgement::fail(match (nodes.len(), self.list) {
            (1, _) => format!("at `{path}`: expected {missed}, got {}", brief(wrong)),
            (_, Match::Any) => format!("at `{path}`: expected {missed} among {}", few(nodes)),
            (all, Match::All) => format!("at `{path}`: expected {missed} for all {all} values, got {}", brief(wrong)),
        })
    }

    fn shown(&self) -> String {
        crate::text::one_line(&crate::text::excerpt(&self.text, 100)).into_owned()
    }
}

/// The first few of several values.
fn few(nodes: &[&Value]) -> String {
    const MOST: usize = 4;
    let mut shown: Vec<String> = nodes.iter().take(MOST).map(|node| short(node)).collect();
    if nodes.len() > MOST {
        shown.push(format!("{} more", nodes.len() - MOST));
    }
    shown.join(", ")
}
