//! JSON text in one form: without spaces, or with sorted keys too.

use super::template::Vars;

/// Nesting that JSON text may have; the parser's own limit.
const MAX_DEPTH: usize = 128;

/// The text without spaces between its tokens. It must be JSON.
pub(super) fn compact(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut in_text = false;
    let mut escaped = false;
    // Runs are copied whole, so that characters of several bytes stay whole.
    let mut start = 0;
    for (at, byte) in json.bytes().enumerate() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte == b'"' {
            in_text = true;
        } else if byte.is_ascii_whitespace() {
            out.push_str(&json[start..at]);
            start = at + 1;
        }
    }
    out.push_str(&json[start..]);
    out
}

/// Appends compact JSON with the keys of every object sorted.
pub(super) fn write_canonical(json: &str, out: &mut String) {
    write(json, out, 0);
}

fn write(json: &str, out: &mut String, depth: usize) {
    if depth < MAX_DEPTH
        && json.starts_with('{')
        && let Ok(vars) = Vars::parse(json)
    {
        let mut entries: Vec<(&str, &str)> = vars.entries().collect();
        entries.sort_by_key(|(name, _)| *name);
        out.push('{');
        for (i, (name, value)) in entries.into_iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            super::node::write_text(name, out);
            out.push(':');
            write(value, out, depth + 1);
        }
        out.push('}');
    } else if depth < MAX_DEPTH
        && json.starts_with('[')
        && let Ok(items) = serde_json::from_str::<Vec<&serde_json::value::RawValue>>(json)
    {
        out.push('[');
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            write(item.get(), out, depth + 1);
        }
        out.push(']');
    } else {
        out.push_str(json);
    }
}

/// A compact object with further members at its end.
pub(super) fn with_pairs<T: AsRef<str>>(object: &str, pairs: &[(Box<str>, T)]) -> String {
    let mut out = object.strip_suffix('}').unwrap_or(object).to_owned();
    for (name, json) in pairs {
        if out.len() > 1 {
            out.push(',');
        }
        super::node::write_text(name, &mut out);
        out.push(':');
        out.push_str(json.as_ref());
    }
    out.push('}');
    out
}

/// A compact object with those of further members that it does not have.
pub(super) fn with_new_pairs<T: AsRef<str> + Clone>(object: &str, pairs: &[(Box<str>, T)]) -> String {
    let Ok(vars) = Vars::parse(object) else { return object.to_owned() };
    let new: Vec<(Box<str>, T)> =
        pairs.iter().filter(|(name, _)| vars.names().all(|known| known != &**name)).cloned().collect();
    with_pairs(object, &new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn compacting_keeps_texts_and_numbers_as_they_are() {
        assert_eq!(compact("{ \"a b\" : [ 1.10 ,\t\"x \\\" y\" ] }\n"), r#"{"a b":[1.10,"x \" y"]}"#);
        assert_eq!(compact("\"é  \\\\\" "), r#""é  \\""#);
    }

    #[test]
    fn members_are_added_at_the_end() {
        let pairs: [(Box<str>, &str); 2] = [("b".into(), "1.10"), ("c\"".into(), "[]")];
        assert_eq!(with_pairs("{}", &pairs), r#"{"b":1.10,"c\"":[]}"#);
        assert_eq!(with_pairs(r#"{"a":{}}"#, &pairs[..1]), r#"{"a":{},"b":1.10}"#);
        assert_eq!(with_pairs(r#"{"a":{}}"#, &pairs[..0]), r#"{"a":{}}"#);
    }

    #[test]
    fn the_order_of_keys_does_not_matter() {
        let canonical = |json: &str| {
            let mut out = String::new();
            write_canonical(json, &mut out);
            out
        };
        assert_eq!(
            canonical(r#"{"b":{"y":1,"x":[{"d":1,"c":2}]},"a":"z"}"#),
            r#"{"a":"z","b":{"x":[{"c":2,"d":1}],"y":1}}"#
        );
        assert_ne!(canonical(r#"{"a":1.10}"#), canonical(r#"{"a":1.1}"#));
    }

    proptest! {
        #[test]
        fn compacting_changes_no_value(text in "\\PC{0,20}", number in any::<i64>()) {
            let value = serde_json::json!({ "a": [text, number, null], "b": { "c": text } });
            let pretty = serde_json::to_string_pretty(&value).unwrap();
            prop_assert_eq!(compact(&pretty), value.to_string());
        }
    }
}
