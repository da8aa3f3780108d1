//! What of a text does not count when it is compared.

use std::borrow::Cow;

/// Which differences do not count. Applied in this order: case, punctuation, whitespace, both ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "any of the sixteen combinations is meant")]
pub(super) struct Normal {
    /// Upper and lower case are the same, in every script.
    pub(super) case: bool,
    /// Punctuation is left out.
    pub(super) punctuation: bool,
    /// Any run of whitespace is one blank.
    pub(super) whitespace: bool,
    /// Whitespace at both ends is left out.
    pub(super) trim: bool,
}

impl Normal {
    /// The text without what does not count.
    pub(super) fn apply(self, text: &str) -> Cow<'_, str> {
        let mut text = Cow::Borrowed(text);
        if self.case {
            text = Cow::Owned(fold_case(&text));
        }
        if self.punctuation {
            text.to_mut().retain(|c| !is_punctuation(c));
        }
        if self.whitespace {
            text = Cow::Owned(collapse(&text));
        }
        if self.trim {
            text = match text {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            };
        }
        text
    }
}

/// The text with case folded: to upper and then to lower case, so that `ß` equals `SS` and both Greek sigmas are one.
pub(super) fn fold_case(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    // The dotless i is a letter of its own, though its upper case is that of i.
    let fold = |c: char| {
        let folded = (c != 'ı').then(|| c.to_uppercase().flat_map(char::to_lowercase));
        folded.into_iter().flatten().chain((c == 'ı').then_some(c))
    };
    text.chars().flat_map(fold).collect()
}

fn collapse(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = false;
    for c in text.chars() {
        if !c.is_whitespace() {
            out.push(c);
        } else if !blank {
            out.push(' ');
        }
        blank = c.is_whitespace();
    }
    out
}

/// ASCII punctuation and symbols, as in Python's `string.punctuation`, and the punctuation blocks that answers in
/// other languages are written with.
pub(super) fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c,
            '¡' | '§' | '«' | '¶' | '·' | '»' | '¿'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
            | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' | '\u{30fb}'
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}'
            | '،' | '؛' | '؟' | '۔' | '।' | '॥' | '՝' | '։' | '׀' | '־' | '፡'..='፨' | '။' | '၊' | '។' | '៕')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_folds_in_every_script() {
        for (one, other) in [("Straße", "STRASSE"), ("ΟΔΟΣ", "οδος"), ("ОТВЕТ", "ответ"), ("ÉTÉ", "été")]
        {
            assert_eq!(fold_case(one), fold_case(other));
        }
        assert_ne!(fold_case("ılık"), fold_case("ilik"));
    }

    #[test]
    fn each_option_drops_only_what_it_names() {
        let text = " Hello,  World!\n";
        let with = |case, punctuation, whitespace, trim| {
            Normal { case, punctuation, whitespace, trim }.apply(text).into_owned()
        };
        assert_eq!(with(false, false, false, false), text);
        assert_eq!(with(true, false, false, false), " hello,  world!\n");
        assert_eq!(with(false, true, false, false), " Hello  World\n");
        assert_eq!(with(false, false, true, false), " Hello, World! ");
        assert_eq!(with(false, false, false, true), "Hello,  World!");
        assert_eq!(with(true, true, true, true), "hello world");
        assert_eq!(Normal { punctuation: true, ..Normal::default() }.apply("「東京」、です。"), "東京です");
    }
}
