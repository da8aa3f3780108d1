//! Text from strangers (models, servers, suites) made fit to print: it cannot move the cursor, ring the bell,
//! hide, reverse or fill the screen.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Whether a character could act on a terminal instead of being shown: C0 and C1 controls, bidirectional overrides
/// and other invisible formatting.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// The text on one line: line breaks and tabs become spaces, everything that could act on a terminal becomes `�`.
pub fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let shown = |c| match c {
        '\n' | '\r' | '\t' => ' ',
        c if acts(c) => '\u{fffd}',
        c => c,
    };
    Cow::Owned(text.chars().map(shown).collect())
}

/// The text with its line breaks and tabs kept, everything else that could act on a terminal replaced by `�`.
pub fn lines(text: &str) -> Cow<'_, str> {
    if !text.chars().any(|c| acts(c) && c != '\n' && c != '\t') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(|c| if acts(c) && c != '\n' && c != '\t' { '\u{fffd}' } else { c }).collect())
}

/// The text on one line, cut to `columns` of a terminal with `…` as the last one where something was cut.
pub fn fit(text: &str, columns: usize) -> String {
    let text = one_line(text);
    if text.width() <= columns {
        return text.into_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        let width = c.width().unwrap_or(0);
        if used + width + 1 > columns {
            break;
        }
        used += width;
        out.push(c);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// At most `limit` bytes of the text, cut at a character, with the number of bytes left out said at the end.
pub fn excerpt(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(limit);
    Cow::Owned(format!("{}… ({} more bytes)", &text[..end], text.len() - end))
}

/// The candidate that was most likely meant by a mistyped word, for a did-you-mean; `None` where none is near. Case and
/// the choice between `-`, `_` and blank do not count.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let word = plain(&excerpt(word, 100));
    let allowed = (word.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_lose_their_teeth() {
        assert_eq!(one_line("a\u{1b}[2Jb\nc\u{9b}31m\u{202e}"), "a\u{fffd}[2Jb c\u{fffd}31m\u{fffd}");
        assert_eq!(lines("a\nb\u{7}"), "a\nb\u{fffd}");
        assert!(matches!(one_line("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn text_is_cut_by_columns_not_characters() {
        assert_eq!(fit("日本語です", 5), "日本…");
        assert_eq!(fit("short", 5), "short");
        assert_eq!(fit("longer", 5), "long…");
        assert_eq!(fit("x", 0), "");
    }

    #[test]
    fn an_excerpt_tells_what_it_left_out() {
        assert_eq!(excerpt("häh", 2), "h… (3 more bytes)");
    }

    #[test]
    fn a_mistyped_word_is_traced_to_the_nearest_one() {
        let words = ["exact", "contains", "regex"];
        assert_eq!(closest("contians", words), Some("contains"));
        assert_eq!(closest("Exact", words), Some("exact"));
        assert_eq!(closest("json", words), None);
    }
}
