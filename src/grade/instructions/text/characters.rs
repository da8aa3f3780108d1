//! What Python's `str` methods say of characters, where Rust's say something else.

/// `str.isspace` and `\s`: Unicode's white space and the four separators of ASCII.
pub(in crate::grade::instructions) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// `str.strip`.
pub(in crate::grade::instructions) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// `str.isupper`: there are letters with case, and all of them are capitals.
pub(in crate::grade::instructions) fn is_upper(text: &str) -> bool {
    let small = |c: char| c.is_lowercase() || is_title(c);
    text.chars().any(char::is_uppercase) && !text.chars().any(small)
}

/// `str.islower`: there are letters with case, and none of them is a capital.
pub(in crate::grade::instructions) fn is_lower(text: &str) -> bool {
    let capital = |c: char| c.is_uppercase() || is_title(c);
    text.chars().any(char::is_lowercase) && !text.chars().any(capital)
}

/// Title case, as in `ǅ`: neither a capital nor a small letter.
fn is_title(c: char) -> bool {
    matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | 'ᾈ'..='ᾏ' | 'ᾘ'..='ᾟ' | 'ᾨ'..='ᾯ' | 'ᾼ' | 'ῌ' | 'ῼ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_told_of_texts_with_letters_only() {
        for (text, upper, lower) in [
            ("ABC 1!", true, false),
            ("abc 1!", false, true),
            ("aB", false, false),
            ("123", false, false),
            ("", false, false),
            ("漢字", false, false),
            ("漢A", true, false),
            ("ǅ", false, false),
            ("ΑΒΓ", true, false),
        ] {
            assert_eq!((is_upper(text), is_lower(text)), (upper, lower), "{text}");
        }
    }

    #[test]
    fn separators_of_ascii_are_space() {
        assert_eq!(strip("\u{1f}\u{a0} a \u{1c}\n"), "a");
    }
}
