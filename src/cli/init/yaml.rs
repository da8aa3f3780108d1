//! Texts as YAML writes them.

use std::fmt::Write;

/// A text as a scalar: bare where that cannot be read otherwise, else in double quotes.
pub(super) fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./ ".contains(c));
    let means_else = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if is_plain && !means_else.contains(&text.to_ascii_lowercase().as_str()) { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes. What JSON leaves as it is and YAML does not print is escaped.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A text as lines of a block (`|`), indented; only where [`is_block`] allows.
pub(super) fn block(text: &str, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let line = |line: &str| if line.is_empty() { "\n".to_owned() } else { format!("{pad}{line}\n") };
    format!("|\n{}", text.lines().map(line).collect::<String>())
}

/// Whether a text can stand as lines of a block.
pub(super) fn is_block(text: &str) -> bool {
    text.contains('\n')
        && !text.starts_with(char::is_whitespace)
        && !text.chars().any(|c| {
            c.is_control() && c != '\n' || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
        })
}

/// A comment on one line, whatever the text holds.
pub(super) fn comment(text: &str) -> String {
    crate::text::one_line(text).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_is_read_as_it_was(text in any::<String>()) {
            for written in [scalar(&text), quoted(&text)] {
                let read: serde_yaml::Value = serde_yaml::from_str(&written).unwrap();
                prop_assert_eq!(read.as_str(), Some(text.as_str()), "{}", written);
            }
        }
    }

    #[test]
    fn words_that_mean_something_are_quoted() {
        for (text, want) in [("billing", "billing"), ("no", "\"no\""), ("Null", "\"Null\""), ("a: b", "\"a: b\"")] {
            assert_eq!(scalar(text), want);
        }
    }
}
