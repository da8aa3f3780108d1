//! Text as tokens: not a real tokeniser, but one whose counts, chunks and limits agree with each other.

/// Cuts a text into tokens: a word with the space before it in pieces of up to six letters, every character of a
/// script written without spaces, every sign. Joined they are the text again.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (token, tail) = rest.split_at(first(rest));
        rest = tail;
        (!token.is_empty()).then_some(token)
    })
}

/// How many tokens a text is.
pub(super) fn count(text: &str) -> u32 {
    u32::try_from(tokens(text).count()).unwrap_or(u32::MAX)
}

/// The text's first tokens.
pub(super) fn cut(text: &str, limit: u32) -> &str {
    let end: usize = tokens(text).take(limit as usize).map(str::len).sum();
    &text[..end]
}

/// The length in bytes of the first token.
fn first(text: &str) -> usize {
    let mut chars = text.chars();
    // A space belongs to the word after it.
    let space = usize::from(chars.next() == Some(' ') && chars.next().is_some_and(|c| !c.is_whitespace()));
    let word = &text[space..];
    let letters: usize = word.chars().take_while(|&c| in_words(c)).take(6).map(char::len_utf8).sum();
    space + if letters > 0 { letters } else { word.chars().next().map_or(0, char::len_utf8) }
}

/// Whether a script writes words of many letters with this character.
fn in_words(c: char) -> bool {
    c.is_alphanumeric() && u32::from(c) < 0x0e00
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_keep_their_space_and_signs_stand_alone() {
        let split = |text| tokens(text).collect::<Vec<_>>();
        assert_eq!(split("The answer is **42**."), ["The", " answer", " is", " *", "*", "42", "*", "*", "."]);
        assert_eq!(split("extraordinary"), ["extrao", "rdinar", "y"]);
        assert_eq!(split("日本 語"), ["日", "本", " 語"]);
        assert_eq!(split("a  b\n"), ["a", " ", " b", "\n"]);
        assert_eq!(split(""), [""; 0]);
    }

    proptest! {
        #[test]
        fn tokens_joined_are_the_text(text in any::<String>(), limit in 0_u32..20) {
            prop_assert_eq!(tokens(&text).collect::<String>(), text.clone());
            prop_assert!(tokens(&text).all(|token| !token.is_empty()));
            prop_assert_eq!(count(cut(&text, limit)), limit.min(count(&text)));
        }
    }
}
