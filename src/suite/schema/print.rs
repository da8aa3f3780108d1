//! JSON as people and version control like it: what fits on a line stands on one.

use serde_json::Value;

/// Columns of a line.
const WIDTH: usize = 120;

/// A value on as few lines as fit, with a line break at the end.
pub(super) fn pretty(value: &Value) -> String {
    let mut out = String::new();
    write(value, 0, &mut out);
    out.push('\n');
    out
}

fn write(value: &Value, indent: usize, out: &mut String) {
    let line = value.to_string();
    // What stands before the value on its line is not counted: keys are short.
    if line.len() + 2 * indent <= WIDTH {
        out.push_str(&line);
        return;
    }
    let next = |out: &mut String, first: bool| {
        out.push_str(if first { "\n" } else { ",\n" });
        out.push_str(&"  ".repeat(indent + 1));
    };
    let end = |out: &mut String, bracket: char| {
        out.push('\n');
        out.push_str(&"  ".repeat(indent));
        out.push(bracket);
    };
    match value {
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                next(out, i == 0);
                write(item, indent + 1, out);
            }
            end(out, ']');
        }
        Value::Object(map) => {
            out.push('{');
            for (i, (key, inner)) in map.iter().enumerate() {
                next(out, i == 0);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                write(inner, indent + 1, out);
            }
            end(out, '}');
        }
        _ => out.push_str(&line),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_is_what_was_meant(texts in proptest::collection::vec(any::<String>(), 0..20)) {
            let value = json!({"a": texts, "b": [{"c": texts}], "": null});
            prop_assert_eq!(serde_json::from_str::<Value>(&pretty(&value)).unwrap(), value);
        }
    }
}
