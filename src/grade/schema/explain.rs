//! Where an instance first leaves its schema.
//!
//! The validator's own errors hold, for an `anyOf` or `oneOf`, the errors of every branch; in a recursive schema those
//! of every branch of every branch, which is exponential in the depth of the instance. So these two keywords are
//! replaced, where the reason is looked for, by ones that only tell whether they hold; and only the branch that was
//! clearly meant is followed. The verdict never depends on what is found here.

use std::fmt;
use std::sync::{Arc, Weak};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Keyword, ValidationError, Validator};
use serde_json::Value;

use crate::grade::json::place;
use crate::text::{excerpt, one_line};

use super::compile::Root;
use super::words;

/// An instance with more values than this is told its first error only; all of them might not fit into memory.
const MOST_VALUES: usize = 5000;

/// How many unions inside each other are followed.
const MOST_UNIONS: usize = 16;

/// Where an instance first leaves its schema, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grade) struct Misfit {
    /// In the instance: `items[1].price`; empty for the whole of it.
    pub(in crate::grade) place: String,
    /// What is wrong there: `3.5 is not an integer`.
    pub(in crate::grade) what: String,
    /// The keyword that was not met, as a JSON Pointer into the schema.
    pub(in crate::grade) keyword: String,
    /// How many errors there are, where they were counted; those inside one `anyOf` or `oneOf` count as one.
    pub(in crate::grade) errors: Option<usize>,
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            write!(f, "at `{}`: ", one_line(&excerpt(&self.place, 200)))?;
        }
        write!(f, "{} (schema: `#{}`", self.what, one_line(&excerpt(&self.keyword, 150)))?;
        match self.errors {
            Some(2) => f.write_str("; 1 more error)"),
            Some(errors) if errors > 2 => write!(f, "; {} more errors)", errors - 1),
            _ => f.write_str(")"),
        }
    }
}

impl Misfit {
    /// Finds the place in an instance that is not valid.
    pub(super) fn find(root: &Arc<Root>, instance: &Value) -> Self {
        let first = root.part("", true).and_then(|validator| {
            if is_small(instance, MOST_VALUES) {
                let errors: Vec<_> = validator.iter_errors(instance).map(ValidationError::to_owned).collect();
                let count = errors.len();
                Some((errors.into_iter().next()?, Some(count)))
            } else {
                Some((validator.validate(instance).err()?.to_owned(), None))
            }
        });
        let Some((error, errors)) = first else {
            let what = "does not keep to the schema".to_owned();
            return Self { place: String::new(), what, keyword: String::new(), errors: None };
        };
        let (error, pointer) = innermost(root, instance, error);
        Self {
            place: place::follow(instance, &pointer).0,
            what: words::describe(&error),
            keyword: error.schema_path().as_str().to_owned(),
            errors,
        }
    }
}

/// The error inside a union, where it is clear which branch was meant; with the pointer to its instance.
fn innermost(
    root: &Arc<Root>,
    instance: &Value,
    mut error: ValidationError<'static>,
) -> (ValidationError<'static>, String) {
    let mut pointer = error.instance_path().as_str().to_owned();
    for _ in 0..MOST_UNIONS {
        let ValidationErrorKind::Custom { .. } = error.kind() else { break };
        let Some(part) = place_of(instance, &pointer).filter(|part| is_small(part, MOST_VALUES)) else { break };
        let Some(inner) = meant(root, part, error.schema_path().as_str()) else { break };
        pointer.push_str(inner.instance_path().as_str());
        error = inner;
    }
    (error, pointer)
}

fn place_of<'v>(instance: &'v Value, pointer: &str) -> Option<&'v Value> {
    instance.pointer(pointer)
}

/// The first error of the one branch that an instance of a union was meant for: the only one whose type, constants
/// and enumerations at its top it fits.
fn meant(root: &Arc<Root>, instance: &Value, union: &str) -> Option<ValidationError<'static>> {
    let branches = root.schema.pointer(union)?.as_array()?.len();
    let mut candidates = Vec::new();
    for index in 0..branches {
        let validator = root.part(&format!("{union}/{index}"), true)?;
        let errors: Vec<ValidationError<'static>> =
            validator.iter_errors(instance).map(ValidationError::to_owned).collect();
        if errors.is_empty() || !errors.iter().any(tells_apart) {
            candidates.push(errors);
        }
    }
    // With two that fit, as in a `oneOf` that holds twice, no single error is the reason.
    match candidates.as_mut_slice() {
        [one] if !one.is_empty() => Some(one.swap_remove(0)),
        _ => None,
    }
}

/// Whether an error says that another branch was meant.
fn tells_apart(error: &ValidationError<'_>) -> bool {
    let depth = error.instance_path().as_str().matches('/').count();
    match error.kind() {
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. } => depth <= 1,
        ValidationErrorKind::Type { .. } | ValidationErrorKind::FalseSchema => depth == 0,
        _ => false,
    }
}

/// Whether a value holds at most so many values.
fn is_small(value: &Value, most: usize) -> bool {
    fn left(value: &Value, most: usize) -> Option<usize> {
        let rest = most.checked_sub(1)?;
        match value {
            Value::Array(items) => items.iter().try_fold(rest, |rest, item| left(item, rest)),
            Value::Object(map) => map.values().try_fold(rest, |rest, item| left(item, rest)),
            _ => Some(rest),
        }
    }
    left(value, most).is_some()
}

/// An `anyOf` or `oneOf` that does not tell what is wrong in its branches.
pub(super) struct Union {
    root: Weak<Root>,
    /// To the keyword.
    pointer: String,
    one: bool,
}

impl Union {
    /// What it stands in for.
    pub(super) const KEYWORDS: [&'static str; 2] = ["anyOf", "oneOf"];

    pub(super) fn new(root: Weak<Root>, pointer: &str, keyword: &str) -> Self {
        Self { root, pointer: pointer.to_owned(), one: keyword == "oneOf" }
    }

    /// How many branches there are, and how many hold; `None` where they cannot be found.
    fn count(&self, instance: &Value) -> Option<(usize, usize)> {
        let root = self.root.upgrade()?;
        let branches = root.schema.pointer(&self.pointer)?.as_array()?.len();
        let mut held = 0;
        for index in 0..branches {
            let validator: Arc<Validator> = root.part(&format!("{}/{index}", self.pointer), false)?;
            held += usize::from(validator.is_valid(instance));
            if held > usize::from(self.one) {
                break;
            }
        }
        Some((branches, held))
    }
}

impl<'i> Keyword<'i> for Union {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.count(instance) {
            Some((branches, 0)) => {
                let of =
                    if branches == 1 { "the only schema".to_owned() } else { format!("any of {branches} schemas") };
                let what = format!("{} does not fit {of}", words::brief(instance));
                Err(ValidationError::custom(what))
            }
            Some((_, 2..)) if self.one => {
                let what = format!("{} fits several schemas, of which it should fit one", words::brief(instance));
                Err(ValidationError::custom(what))
            }
            _ => Ok(()),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        match self.count(instance) {
            Some((_, held)) => held == 1 || (held > 1 && !self.one),
            None => true,
        }
    }
}
