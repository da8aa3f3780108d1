//! What a row says before the entry's own mapping.

use serde_json::Value;

use crate::suite::node::Node;

use super::formats::{Published, Raw};
use super::rows::{BadRow, Row};

/// A case to be: the columns that templates see, and what a published format knows of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Item {
    /// The columns, a compact JSON object.
    pub(super) columns: String,
    /// What is expected, as JSON.
    pub(super) expect: Option<String>,
    /// Its id in the published set.
    pub(super) id: Option<String>,
    /// Its tags.
    pub(super) tags: Vec<String>,
    /// Graders of this case alone, a list as a suite writes it; else the format's.
    pub(super) graders: Option<Node>,
}

impl Item {
    /// A row as it is.
    pub(super) fn of_columns(columns: String) -> Self {
        Self { columns, ..Self::default() }
    }
}

/// Hands on what a row of a file says: the items that its published format makes of it, else the row as it is.
///
/// # Errors
/// Why the row is no case.
pub(super) fn items_of(
    published: Option<&Published>,
    row: Row,
    file: &str,
    take: &mut dyn FnMut(Item) -> Result<(), String>,
) -> Result<(), BadRow> {
    let Row { number, line, json } = row;
    let bad = |message: String, hint: Option<String>| BadRow { number, line, message, hint };
    let Some(published) = published else {
        return take(Item::of_columns(json)).map_err(|message| bad(message, None));
    };
    let columns = serde_json::from_str(&json).map_err(|error| bad(error.to_string(), None))?;
    let mut result = Ok(());
    let items = (published.items)(&Raw { columns: &columns, file }, &mut |item| {
        if result.is_ok() {
            result = take(item);
        }
    });
    items.map_err(|odd| bad(odd.message, odd.hint))?;
    result.map_err(|message| bad(message, None))
}

/// A JSON value as a suite would have it written.
pub(super) fn node_of(value: &Value) -> Node {
    match value {
        Value::Null => Node::Null,
        Value::Bool(truth) => Node::Bool(*truth),
        Value::Number(number) => Node::Number(number.to_string().into()),
        Value::String(text) => Node::Text(text.as_str().into()),
        Value::Array(items) => Node::List(items.iter().map(node_of).collect()),
        Value::Object(map) => Node::Map(map.iter().map(|(key, value)| (key.as_str().into(), node_of(value))).collect()),
    }
}
