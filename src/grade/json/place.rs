//! Places inside a JSON value, as reasons and options write them: `items[1].price`.

use serde_json::Value;

use crate::text::{excerpt, one_line};

/// Appends a key: `.price`, or `["unit price"]` where it is no plain word.
pub(in crate::grade) fn push_key(path: &mut String, key: &str) {
    let plain =
        !key.is_empty() && key.len() <= 100 && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'));
    if !plain {
        path.extend(["[\"", &one_line(&excerpt(key, 100)), "\"]"]);
    } else if path.is_empty() {
        path.push_str(key);
    } else {
        path.push('.');
        path.push_str(key);
    }
}

/// Appends an index: `[1]`.
pub(in crate::grade) fn push_index(path: &mut String, index: usize) {
    path.extend(["[", &index.to_string(), "]"]);
}

/// The keys and indices of a JSON Pointer (RFC 6901), unescaped.
pub(in crate::grade) fn pointer_parts(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~"))
}

/// One step of a JSON Pointer that leads somewhere.
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

/// Walks a JSON Pointer as far as it leads and `may_go` lets it: every step taken, and the value at the end.
fn walk<'v>(root: &'v Value, pointer: &str, mut may_go: impl FnMut(Step<'_>) -> bool) -> &'v Value {
    let mut at = root;
    for part in pointer_parts(pointer) {
        let (step, value) = match at {
            Value::Object(map) => (Step::Key(&part), map.get(&part)),
            Value::Array(items) => match part.parse() {
                Ok(index) => (Step::Index(index), items.get(index)),
                Err(_) => break,
            },
            _ => break,
        };
        match value {
            Some(value) if may_go(step) => at = value,
            _ => break,
        }
    }
    at
}

/// A JSON Pointer into a value as a place, and the value there. Ends at the last part that leads somewhere.
pub(in crate::grade) fn follow<'v>(root: &'v Value, pointer: &str) -> (String, &'v Value) {
    let mut path = String::new();
    let at = walk(root, pointer, |step| {
        match step {
            Step::Key(key) => push_key(&mut path, key),
            Step::Index(index) => push_index(&mut path, index),
        }
        true
    });
    (path, at)
}

/// The path of an option that holds `root`, continued by a JSON Pointer into it, for underlining; it ends before a key
/// that such a path cannot name.
pub(in crate::grade) fn option_path(option: &str, root: &Value, pointer: &str) -> String {
    let mut path = option.to_owned();
    walk(root, pointer, |step| {
        match step {
            Step::Key(key) if key.is_empty() || key.contains(['.', '[', ']']) => return false,
            Step::Key(key) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(key);
            }
            Step::Index(index) => push_index(&mut path, index),
        }
        true
    });
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pointer_is_followed_as_far_as_it_leads() {
        let value = json!({"items": [{"a/b": 1, "0": {"c d": 2}}]});
        for (pointer, place, got) in [
            ("", "", value.clone()),
            ("/items/0/a~1b", "items[0][\"a/b\"]", json!(1)),
            ("/items/0/0/c d", "items[0].0[\"c d\"]", json!(2)),
            ("/items/9/x", "items", value["items"].clone()),
        ] {
            assert_eq!(follow(&value, pointer), (place.to_owned(), &got), "{pointer}");
        }
    }

    #[test]
    fn an_option_is_underlined_where_a_dotted_path_can_lead() {
        let schema = json!({"properties": {"a.b": {"type": "strng"}, "c": [{"d": 1}]}});
        assert_eq!(option_path("schema", &schema, "/properties/a.b/type"), "schema.properties");
        assert_eq!(option_path("schema", &schema, "/properties/c/0/d"), "schema.properties.c[0].d");
    }
}
