//! Text cut and broken by columns of a terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text cut to `columns`, with `…` for what was left out of its middle: names of models differ at their ends.
pub(super) fn middle(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let space = columns.saturating_sub(1);
    let head = take(text.chars(), space / 3);
    let tail: Vec<char> = take(text.chars().rev(), space - width(&head));
    head.into_iter().chain((columns > 0).then_some('…')).chain(tail.into_iter().rev()).collect()
}

fn take(chars: impl Iterator<Item = char>, columns: usize) -> Vec<char> {
    let mut used = 0;
    chars
        .take_while(|c| {
            used += c.width().unwrap_or(0);
            used <= columns
        })
        .collect()
}

fn width(chars: &[char]) -> usize {
    chars.iter().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text in lines of at most `columns`, broken between words where it can be; the first line starts with `bullet`,
/// the others under its text. No text: no line.
pub(super) fn wrapped(bullet: &str, text: &str, columns: usize) -> Vec<String> {
    let space = columns.saturating_sub(bullet.width()).max(1);
    let mut lines: Vec<String> = Vec::new();
    for mut word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some(line) = lines.last_mut()
            && line.width() + 1 + word.width() <= space
        {
            line.push(' ');
            line.push_str(word);
            continue;
        }
        // A word longer than a line is broken anywhere.
        while word.width() > space {
            let head: String = take(word.chars(), space).into_iter().collect();
            let cut = if head.is_empty() { word.chars().next().map_or(0, char::len_utf8) } else { head.len() };
            lines.push(word[..cut].to_owned());
            word = &word[cut..];
        }
        lines.push(word.to_owned());
    }
    let indent = " ".repeat(bullet.width());
    lines.iter().enumerate().map(|(i, line)| format!("{}{line}", if i == 0 { bullet } else { &indent })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_loses_its_middle() {
        assert_eq!(middle("anthropic/claude-sonnet-4.5", 16), "anthr…sonnet-4.5");
        assert_eq!(middle("日本語の名前です", 8), "日…です");
        assert_eq!(middle("short", 5), "short");
        assert_eq!(middle("shorter", 1), "…");
    }

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("- ", "one two three four", 11), ["- one two", "  three", "  four"]);
        assert_eq!(wrapped("- ", "abcdefgh ij", 6), ["- abcd", "  efgh", "  ij"]);
        assert_eq!(wrapped("", "", 10), [""; 0]);
    }
}
