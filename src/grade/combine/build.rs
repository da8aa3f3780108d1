//! `of`, `threshold` and `at_least` → a [`Combination`].

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::BuildContext;
use crate::grade::family::{self, Family};
use crate::grade::options::{self, Count, Literal, OptionError, OptionErrors, Share};
use crate::grade::set::distinct_label;
use crate::grade::types::Grader;

use super::decide::Rule;
use super::grader::{Combination, Part};

pub(in crate::grade) const ALL: Family = Family {
    name: "all",
    about: "every one of several graders passes, or their weighted mean is high enough",
    build: all,
    schema: options::schema::<AllOptions>,
};

pub(in crate::grade) const ANY: Family = Family {
    name: "any",
    about: "one of several graders passes, or so many of them",
    build: any,
    schema: options::schema::<AnyOptions>,
};

pub(in crate::grade) const NOT: Family =
    Family { name: "not", about: "a grader does not pass", build: not, schema: options::schema::<NotOptions> };

/// Combinations inside combinations inside …: more than anybody means, and few enough for the stack.
const MOST_LEVELS: usize = 16;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["of"]))]
struct AllOptions {
    /// The graders that are put together.
    #[schemars(with = "options::checked::Graders")]
    of: Literal,
    /// It passes when the mean of the parts' scores by their `weight` is at least so high: `0.7` or `70%`.
    #[schemars(with = "options::checked::SomeShare")]
    threshold: Option<Share>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["of"]))]
struct AnyOptions {
    /// The graders that are put together.
    #[schemars(with = "options::checked::Graders")]
    of: Literal,
    /// It passes when the mean of the parts' scores by their `weight` is at least so high: `0.7` or `70%`.
    #[schemars(with = "options::checked::SomeShare")]
    threshold: Option<Share>,
    /// How many have to pass; 1 if left out.
    #[schemars(range(min = 1))]
    at_least: Option<Count>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["of"]))]
struct NotOptions {
    /// The grader that must not pass.
    #[schemars(with = "options::checked::Graders", extend("maxItems" = 1))]
    of: Literal,
}

fn all(options: &Value, context: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let (own, parts) = options::both(options::read::<AllOptions>(options), parts(options, context))?;
    let rule = match own.threshold {
        Some(threshold) => reachable(threshold)?,
        None => Rule::All,
    };
    Ok(Box::new(Combination { rule, parts }))
}

fn any(options: &Value, context: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let (own, parts) = options::both(options::read::<AnyOptions>(options), parts(options, context))?;
    let counted = parts.iter().filter(|part| part.grader.weight > 0.0).count();
    let wrong = |message: &str, hint: &str| Err(OptionError::at("at_least", message, Some(hint)).into());
    let rule = match (own.threshold, own.at_least) {
        (Some(_), Some(_)) => {
            return wrong("`threshold` and `at_least` are two ways to decide", "leave one of them out");
        }
        (Some(threshold), None) => reachable(threshold)?,
        (None, None) => Rule::AtLeast(1),
        (None, Some(Count(0))) => return wrong("`at_least: 0` holds for every answer", "write at least 1"),
        (None, Some(Count(enough))) => match usize::try_from(enough) {
            Ok(enough) if enough <= counted => Rule::AtLeast(enough),
            _ => {
                let message = format!("`at_least: {enough}` of {counted} graders that count cannot be");
                return wrong(&message, "no answer could pass");
            }
        },
    };
    Ok(Box::new(Combination { rule, parts }))
}

fn not(options: &Value, context: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let (_, parts) = options::both(options::read::<NotOptions>(options), parts(options, context))?;
    if parts.len() > 1 {
        let hint = "for none of several write `{ type: any, of: […], not: true }`";
        return Err(OptionError::at("of", "`not` takes one grader", Some(hint)).into());
    }
    Ok(Box::new(Combination { rule: Rule::Not, parts }))
}

fn reachable(Share(threshold): Share) -> Result<Rule, OptionError> {
    if threshold > 0.0 {
        return Ok(Rule::Threshold(threshold));
    }
    Err(OptionError::at("threshold", "every score is at least 0", Some("write a share above 0, such as `0.8`")))
}

/// The graders under `of`, each mistake with its path.
fn parts(options: &Value, context: &BuildContext<'_>) -> Result<Vec<Part>, OptionErrors> {
    const EXAMPLE: &str = "write for example `of: [exact, { type: contains, value: yes }]`";
    let Some(of) = options.get("of") else {
        return Err(OptionError::at("", "`of` is missing: the graders to put together", Some(EXAMPLE)).into());
    };
    if deeper_than(of, MOST_LEVELS) {
        let message = format!("graders are put together at most {MOST_LEVELS} levels deep");
        return Err(OptionError::at("of", message, None).into());
    }
    let entries: Vec<(String, &Value)> = match of {
        Value::Array(items) if items.is_empty() => {
            return Err(OptionError::at("of", "the list is empty", Some(EXAMPLE)).into());
        }
        Value::Array(items) => items.iter().enumerate().map(|(i, item)| (format!("of[{i}]"), item)).collect(),
        one => vec![("of".to_owned(), one)],
    };
    let (mut parts, mut errors) = (Vec::<Part>::new(), Vec::new());
    for (place, entry) in entries {
        match family::build(entry, context) {
            Ok(mut grader) => {
                grader.label = distinct_label(&grader.label, parts.iter().map(|part| part.grader.label.as_str()));
                parts.push(Part { place, grader });
            }
            Err(found) => errors.extend(found.within(&place).0),
        }
    }
    if !errors.is_empty() {
        return Err(OptionErrors(errors));
    }
    if parts.iter().all(|part| part.grader.weight <= 0.0) {
        let hint = "give one of them a weight above 0";
        return Err(OptionError::at("of", "none of these counts: each has `weight: 0`", Some(hint)).into());
    }
    Ok(parts)
}

/// Whether `of` stands inside `of` more than so many times.
fn deeper_than(of: &Value, levels: usize) -> bool {
    let inner = |entry: &Value| entry.get("of").is_some_and(|of| levels == 0 || deeper_than(of, levels - 1));
    match of {
        Value::Array(items) => items.iter().any(inner),
        one => inner(one),
    }
}
