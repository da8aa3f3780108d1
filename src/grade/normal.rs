//! What of a text does not count when it is compared, and the options that say so.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, is_nfc, is_nfkc};

use super::options::{self, COMMON, OptionErrors};

/// Which differences do not count. Applied in this order: Unicode form, case, punctuation, articles, whitespace, both
/// ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "any combination is meant")]
pub(super) struct Normal {
    /// The form that texts are brought into.
    pub(super) unicode: Form,
    /// Upper and lower case are the same, in every script.
    pub(super) case: bool,
    /// Punctuation is left out.
    pub(super) punctuation: bool,
    /// The English articles are left out.
    pub(super) articles: bool,
    /// Any run of whitespace is one blank.
    pub(super) whitespace: bool,
    /// Whitespace at both ends is left out.
    pub(super) trim: bool,
}

/// A Unicode normalisation form.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// As it is.
    #[default]
    None,
    /// Composed: one `é`, however it was written.
    Nfc,
    /// Composed, and compatible characters are the same: `ﬁ` and `fi`, `Ａ` and `A`, `²` and `2`.
    Nfkc,
}

/// The options of every grader that compares texts.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags that a user sets one by one")]
struct Options {
    /// The form that both texts are brought into, so that how a character is encoded does not count.
    unicode: Form,
    /// Case does not count, in every script.
    ignore_case: bool,
    /// Punctuation is left out.
    ignore_punctuation: bool,
    /// The English articles are left out as whole words.
    ignore_articles: bool,
    /// Any run of whitespace is one blank.
    ignore_whitespace: bool,
}

/// Their names.
const KEYS: &[&str] = &["unicode", "ignore_case", "ignore_punctuation", "ignore_articles", "ignore_whitespace"];

/// Reads a grader's own options and those of [`Normal`] from one map. `trim` stays unset.
///
/// # Errors
/// Every mistake, with its path.
pub(super) fn read_with_normal<T: DeserializeOwned>(options: &Value) -> Result<(T, Normal), OptionErrors> {
    let mut own = options.clone();
    let shared = own.as_object_mut().map_or_else(|| Ok(Options::default()), |map| options::take(map, KEYS));
    let (own, shared) = options::both(options::read_beside(&own, &[KEYS, COMMON]), shared)?;
    let Options { unicode, ignore_case, ignore_punctuation, ignore_articles, ignore_whitespace } = shared;
    let normal = Normal {
        unicode,
        case: ignore_case,
        punctuation: ignore_punctuation,
        articles: ignore_articles,
        whitespace: ignore_whitespace,
        trim: false,
    };
    Ok((own, normal))
}

/// The schema of a grader's own options and those of [`Normal`].
pub(super) fn schema_with_normal<T: JsonSchema>() -> Value {
    let mut own = options::schema::<T>();
    let shared = options::schema::<Options>();
    let properties = own.get_mut("properties").and_then(Value::as_object_mut);
    if let (Some(own), Some(shared)) = (properties, shared.get("properties").and_then(Value::as_object)) {
        own.extend(shared.clone());
    }
    own
}

impl Normal {
    /// The text without what does not count.
    pub(super) fn apply(self, text: &str) -> Cow<'_, str> {
        let mut text = self.composed(Cow::Borrowed(text));
        if self.case {
            // Folding can take a text out of its form.
            text = self.composed(Cow::Owned(fold_case(&text)));
        }
        if self.punctuation {
            text.to_mut().retain(|c| !is_punctuation(c));
        }
        if self.articles {
            text = Cow::Owned(without_articles(&text));
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

    fn composed(self, text: Cow<'_, str>) -> Cow<'_, str> {
        match self.unicode {
            Form::Nfc if !is_nfc(&text) => Cow::Owned(text.nfc().collect()),
            Form::Nfkc if !is_nfkc(&text) => Cow::Owned(text.nfkc().collect()),
            _ => text,
        }
    }

    /// Each way of being less strict by one option, and how that option is written: for telling a near miss.
    pub(super) fn looser(self) -> [(Self, &'static str); 6] {
        [
            (Self { trim: true, ..self }, "trim: true"),
            (Self { case: true, ..self }, "ignore_case: true"),
            (Self { whitespace: true, ..self }, "ignore_whitespace: true"),
            (Self { punctuation: true, whitespace: true, ..self }, "ignore_punctuation: true"),
            (Self { articles: true, ..self }, "ignore_articles: true"),
            (Self { unicode: Form::Nfkc, ..self }, "unicode: nfkc"),
        ]
    }
}

/// The text without `a`, `an` and `the` as whole words, and without the blanks behind them.
fn without_articles(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let word = &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())];
        rest = &rest[word.len()..];
        let article = ["a", "an", "the"].iter().any(|article| word.eq_ignore_ascii_case(article));
        if !article {
            out.push_str(word);
        }
        let gap = &rest[..rest.find(is_word).unwrap_or(rest.len())];
        rest = &rest[gap.len()..];
        out.push_str(if article { gap.trim_start() } else { gap });
    }
    out
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
        let text = " The Hello,  World\u{ff11}!\n";
        let none = Normal::default();
        for (normal, want) in [
            (none, text),
            (Normal { case: true, ..none }, " the hello,  world\u{ff11}!\n"),
            (Normal { punctuation: true, ..none }, " The Hello  World\u{ff11}\n"),
            (Normal { articles: true, ..none }, " Hello,  World\u{ff11}!\n"),
            (Normal { whitespace: true, ..none }, " The Hello, World\u{ff11}! "),
            (Normal { trim: true, ..none }, "The Hello,  World\u{ff11}!"),
            (Normal { unicode: Form::Nfkc, ..none }, " The Hello,  World1!\n"),
            (Normal { unicode: Form::Nfc, ..none }, text),
            (
                Normal {
                    unicode: Form::Nfkc,
                    case: true,
                    punctuation: true,
                    articles: true,
                    whitespace: true,
                    trim: true,
                },
                "hello world1",
            ),
        ] {
            assert_eq!(normal.apply(text), want, "{normal:?}");
        }
        assert_eq!(Normal { punctuation: true, ..none }.apply("「東京」、です。"), "東京です");
    }

    #[test]
    fn articles_are_whole_words() {
        for (text, want) in [
            ("The cat and an owl", "cat and owl"),
            ("theatre, banana, a_b", "theatre, banana, a_b"),
            ("what is a", "what is "),
            ("(the) end", "() end"),
            ("a", ""),
            ("", ""),
        ] {
            assert_eq!(without_articles(text), want, "{text}");
        }
    }

    #[test]
    fn forms_make_one_of_what_looks_alike() {
        let (nfc, nfkc) =
            (Normal { unicode: Form::Nfc, ..Normal::default() }, Normal { unicode: Form::Nfkc, ..Normal::default() });
        assert_eq!(nfc.apply("e\u{301}"), "é");
        assert_ne!(nfc.apply("ﬁ"), "fi");
        for (one, other) in [("ﬁ²", "fi2"), ("Ａ１", "A1"), ("e\u{301}", "é"), ("ｶﾞ", "ガ"), ("…", "...")]
        {
            assert_eq!(nfkc.apply(one), other);
        }
        // Case and form together are one comparison, in whichever order they change a text.
        let both = Normal { case: true, ..nfkc };
        for (one, other) in [("ΐ", "\u{3b9}\u{308}\u{301}"), ("㎒", "MHZ"), ("ŉ", "ʼN")] {
            assert_eq!(both.apply(one), both.apply(other), "{one}");
        }
    }
}
