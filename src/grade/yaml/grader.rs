//! The grader: where the YAML is, what it has to hold.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::family::Family;
use crate::grade::fence;
use crate::grade::json::compare::{Comparison, brief, tolerance};
use crate::grade::json::ignore::IgnoredKeys;
use crate::grade::options::{self, Literal, OptionError, OptionErrors, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, join, quote};
use crate::text::{excerpt, one_line};

use super::read::{Mistake, read};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "yaml",
    about: "the answer is, or holds, YAML, with these keys or equal to a value",
    build,
    schema: options::schema::<Options>,
};

/// The options of `yaml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// Keys that the map at the top has to have.
    keys: Option<Texts>,
    /// What is asked of the value.
    mode: Mode,
    /// What is compared with, any value or a text that is YAML; without it the case's `expect`.
    value: Literal,
    /// Fences are not looked into.
    strict: bool,
    /// Lists are compared as bags.
    ignore_order: bool,
    /// Names of keys that are not looked at, at any depth.
    ignore_keys: Option<Texts>,
    /// Case does not count in texts; it does in keys.
    ignore_case: bool,
    /// How far apart two numbers may be.
    #[schemars(range(min = 0))]
    tolerance: Option<f64>,
}

/// What is asked of the value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Mode {
    /// Any list or map.
    #[default]
    Valid,
    /// The same value.
    Equal,
    /// Everything expected is there; more may be.
    Subset,
}

#[derive(Debug)]
struct Yaml {
    keys: Vec<String>,
    mode: Mode,
    value: Option<Value>,
    strict: bool,
    comparison: Comparison,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let Options { mode, strict, .. } = options;
    if mode == Mode::Valid && options.value.0.is_some() {
        let hint = "add `mode: equal` or `mode: subset`";
        return Err(OptionError::at("value", "`mode: valid` compares with nothing", Some(hint)).into());
    }
    let ignored = IgnoredKeys::read(options.ignore_keys)?;
    if ignored.has_paths() {
        return Err(OptionError::at("ignore_keys", "`yaml` takes names of keys, not paths", None).into());
    }
    if let Some(value) = &options.value.0 {
        parsed(value).map_err(|message| OptionError::at("value", message, None))?;
    }
    let comparison = Comparison {
        subset: mode == Mode::Subset,
        ignore_order: options.ignore_order,
        ignore_keys: ignored.names,
        ignore_case: options.ignore_case,
        tolerance: tolerance(options.tolerance)?,
    };
    let keys = options.keys.into_iter().flat_map(|keys| keys.0).map(|key| key.0).collect();
    Ok(Box::new(Yaml { keys, mode, value: options.value.0, strict, comparison }))
}

/// A value as it stands, or what a text holds as YAML.
fn parsed(value: &Value) -> Result<Cow<'_, Value>, String> {
    let Value::String(text) = value else { return Ok(Cow::Borrowed(value)) };
    read(text).map(Cow::Owned).map_err(|Mistake { message, line }| {
        format!("`yaml` compares with a value, but the text {} is not YAML: line {line}: {message}", quote(text))
    })
}

impl Grader for Yaml {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.expected(subject.expected) {
            Ok(expected) => self.judge(&subject, expected.as_deref()),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.expected(case.expected()).map(drop)
    }
}

impl Yaml {
    /// What is compared with; `None` where any YAML will do.
    fn expected<'a>(&'a self, expected: Option<&'a Value>) -> Result<Option<Cow<'a, Value>>, String> {
        if self.mode == Mode::Valid {
            return Ok(None);
        }
        match self.value.as_ref().or(expected) {
            Some(value) => parsed(value).map(Some),
            None => {
                Err("`yaml` needs a value to compare with: give the case `expect: { team: billing }` or the grader \
                         `value: { team: billing }`; or leave out `mode` to accept any YAML"
                    .to_owned())
            }
        }
    }

    fn judge(&self, subject: &Subject<'_>, expected: Option<&Value>) -> Judgement {
        let text = subject.answer.text.as_str();
        let scalar = expected.is_some_and(|expected| !expected.is_array() && !expected.is_object());
        let (value, part) = match self.find(text, scalar) {
            Ok(found) => found,
            Err(problem) => return Judgement::fail(format!("expected YAML, but {problem}: {}", got(subject.answer))),
        };
        let missing: Vec<String> = self.keys.iter().filter(|key| value.get(key.as_str()).is_none()).cloned().collect();
        let judgement = if missing.is_empty() {
            match expected.map(|expected| self.comparison.difference(expected, &value)) {
                None => Judgement::pass(format!("{} is YAML", quote(part))),
                Some(None) => Judgement::pass(format!("the answer's YAML is as expected: {}", brief(&value))),
                Some(Some(difference)) => Judgement::fail(difference.to_string()),
            }
        } else {
            let names: Vec<String> =
                missing.iter().take(5).map(|key| format!("`{}`", one_line(&excerpt(key, 60)))).collect();
            Judgement::fail(format!("expected the key {}, got {}", join(&names, "and"), brief(&value)))
        };
        if part.len() == text.len() { judgement } else { judgement.with_extracted(part) }
    }

    /// The first fenced block that is YAML, else the whole answer. Prose is YAML too, a text: so only a list or a map
    /// counts, unless a scalar is expected.
    fn find<'t>(&self, text: &'t str, scalar: bool) -> Result<(Value, &'t str), String> {
        let fits = |value: &Value| scalar || value.is_array() || value.is_object();
        let mut problem = None;
        if !self.strict {
            for block in fence::blocks(text) {
                match read(block.body) {
                    Ok(value) if fits(&value) => return Ok((value, block.body.trim_end())),
                    Ok(_) => {}
                    Err(mistake) => {
                        problem.get_or_insert(mistake);
                    }
                }
            }
        }
        match (read(text), problem) {
            (Ok(value), _) if fits(&value) => Ok((value, text)),
            (_, Some(Mistake { message, line })) => Err(format!("line {line} of the block: {}", shown(&message))),
            (Err(Mistake { message, line }), None) => Err(format!("line {line}: {}", shown(&message))),
            (Ok(_), None) => Err("there is neither a list nor a map".to_owned()),
        }
    }
}

fn shown(message: &str) -> String {
    one_line(&excerpt(message, 150)).into_owned()
}
