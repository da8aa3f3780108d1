//! What a schema's error says, in our words.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::Value;

use crate::grade::words::join;
use crate::text::{excerpt, one_line};

/// The bytes of a value that are shown.
const SHOWN: usize = 100;

/// A value on one line, cut.
pub(super) fn brief(value: &Value) -> String {
    match value {
        // Written out whole only to be cut, they would cost as much as they are long.
        Value::Array(items) if items.len() > 20 => format!("a list of {} items", items.len()),
        Value::Object(map) if map.len() > 20 => format!("a map of {} keys", map.len()),
        Value::String(text) if text.len() > SHOWN => format!("\"{}\"", one_line(&excerpt(text, SHOWN))),
        _ => one_line(&excerpt(&value.to_string(), SHOWN)).into_owned(),
    }
}

/// What is wrong, without the place.
pub(super) fn describe(error: &ValidationError<'_>) -> String {
    let got = || brief(error.instance());
    match error.kind() {
        Kind::Type { kind: TypeKind::Single(name) } => format!("{} is not {}", got(), article(name.as_str())),
        Kind::Type { kind: TypeKind::Multiple(names) } => {
            let names: Vec<String> = names.iter().map(|name| article(name.as_str())).collect();
            format!("{} is not {}", got(), join(&names, "or"))
        }
        Kind::Required { property } => format!("the key {} is missing", ticked(property.as_str().unwrap_or_default())),
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let s = if unexpected.len() == 1 { "" } else { "s" };
            format!("unexpected key{s} {}", few(unexpected.iter().map(|key| ticked(key)), unexpected.len(), "and"))
        }
        Kind::AdditionalItems { .. } | Kind::UnevaluatedItems { .. } => format!("too many items: {}", got()),
        Kind::Enum { options } => {
            let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
            format!("{} is not {}", got(), few(options.iter().map(brief), options.len(), "or"))
        }
        Kind::Constant { expected_value } => format!("expected {}, got {}", brief(expected_value), got()),
        Kind::Minimum { limit } => format!("{} is less than {limit}", got()),
        Kind::Maximum { limit } => format!("{} is more than {limit}", got()),
        Kind::ExclusiveMinimum { limit } => format!("{} is not more than {limit}", got()),
        Kind::ExclusiveMaximum { limit } => format!("{} is not less than {limit}", got()),
        Kind::MultipleOf { multiple_of } => format!("{} is not a multiple of {multiple_of}", got()),
        Kind::MinLength { limit } => format!("{} is shorter than {}", got(), counted(*limit, "character")),
        Kind::MaxLength { limit } => format!("{} is longer than {}", got(), counted(*limit, "character")),
        Kind::MinItems { limit } => format!("{} has fewer than {}", got(), counted(*limit, "item")),
        Kind::MaxItems { limit } => format!("{} has more than {}", got(), counted(*limit, "item")),
        Kind::MinProperties { limit } => format!("{} has fewer than {}", got(), counted(*limit, "key")),
        Kind::MaxProperties { limit } => format!("{} has more than {}", got(), counted(*limit, "key")),
        Kind::Pattern { pattern } => format!("{} does not match `{}`", got(), cut(pattern)),
        Kind::Format { format } => format!("{} is not of the format `{}`", got(), cut(format)),
        Kind::UniqueItems => format!("{} holds an item twice", got()),
        Kind::Contains => format!("{} holds too few or too many of the items asked for", got()),
        Kind::Not { .. } => format!("{} fits the schema under `not`", got()),
        // Without `properties` beside it, the validator names the value only.
        Kind::FalseSchema if error.schema_path().as_str().ends_with("/additionalProperties") => {
            format!("unexpected key with the value {}", got())
        }
        Kind::FalseSchema => format!("nothing may stand here, got {}", got()),
        Kind::PropertyNames { error } => format!("a key is not allowed: {}", describe(error)),
        Kind::Custom { message, .. } => message.clone(),
        Kind::OneOfMultipleValid { .. } => format!("{} fits several schemas, of which it should fit one", got()),
        Kind::AnyOf { .. } | Kind::OneOfNotValid { .. } => format!("{} fits none of the alternatives", got()),
        Kind::ContentEncoding { content_encoding } => format!("{} is not {}", got(), cut(content_encoding)),
        Kind::ContentMediaType { content_media_type } => format!("{} is not {}", got(), cut(content_media_type)),
        _ => one_line(&excerpt(&error.to_string(), 2 * SHOWN)).into_owned(),
    }
}

fn cut(text: &str) -> String {
    one_line(&excerpt(text, SHOWN)).into_owned()
}

fn ticked(key: &str) -> String {
    format!("`{}`", cut(key))
}

/// `an integer`.
fn article(name: &str) -> String {
    match name {
        "null" => "null".to_owned(),
        "integer" | "object" | "array" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The first few of a list.
fn few(items: impl Iterator<Item = String>, count: usize, joined: &str) -> String {
    const MOST: usize = 4;
    let mut shown: Vec<String> = items.take(MOST).map(|item| excerpt(&item, 40).into_owned()).collect();
    if count > MOST {
        shown.push(format!("{} more", count - MOST));
    }
    join(&shown, joined)
}
