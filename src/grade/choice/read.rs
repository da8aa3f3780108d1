//! Reading the pick out of an answer, from the clearest sign to the weakest. The first sign that is there decides; if it
//! points to several options the answer is ambiguous, which is never taken for a pick.
//!
//! 1. `\boxed{C}`; 2. behind the last `answer:` / `answer is`; 3. the whole answer; 4. its last or first line, or the
//!    lines that begin with a letter; 5. a letter set apart: `**C**`, `(C)`; 6. a letter or option text in prose.

use std::sync::LazyLock;

use regex::Regex;

use crate::grade::latex::{last_boxed, plain};
use crate::grade::normal::{fold_case, is_punctuation};

use super::listed::{Choice, upper};

/// What an answer picks, by indices of the options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Picked {
    One(usize),
    /// In the order of the options; at least two.
    Several(Vec<usize>),
    None,
}

impl Picked {
    fn of(mut found: Vec<usize>) -> Self {
        found.sort_unstable();
        found.dedup();
        match found.as_slice() {
            [] => Self::None,
            [one] => Self::One(*one),
            _ => Self::Several(found),
        }
    }

    fn is_some(&self) -> bool {
        *self != Self::None
    }

    fn or_else(self, next: impl FnOnce() -> Self) -> Self {
        if self.is_some() { self } else { next() }
    }
}

/// An option's text, or an answer that may be one, as they are compared: case folded, quotes and other punctuation at
/// the ends taken off, whitespace collapsed.
pub(super) fn normal(text: &str) -> String {
    let folded = fold_case(text);
    // Inside they count: 1.5 is not 15. A sign in front belongs to a number.
    let bare = folded.trim_matches(|c: char| {
        c.is_whitespace() || is_punctuation(c) && !matches!(c, '-' | '+' | '$' | '%' | '<' | '>')
    });
    if bare.is_empty() {
        // An option may be nothing but punctuation.
        return folded.trim().to_owned();
    }
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Which option the answer picks.
pub(super) fn pick(answer: &str, choices: &[Choice]) -> Picked {
    let reader = Reader { choices };
    let boxed = || match last_boxed(answer) {
        Some(place) => reader.whole(&plain(&answer[place])),
        None => Picked::None,
    };
    boxed()
        .or_else(|| reader.behind_marker(answer))
        .or_else(|| reader.whole(answer))
        .or_else(|| reader.lines(answer))
        .or_else(|| reader.set_apart(answer))
        .or_else(|| reader.in_prose(answer))
}

/// Words that go on about an option behind its letter.
const SPEAKS_OF: [&str; 14] =
    ["is", "isn't", "are", "was", "would", "seems", "looks", "could", "can", "cannot", "can't", "and", "or", "but"];

/// Reads picks among some options.
pub(super) struct Reader<'c> {
    pub(super) choices: &'c [Choice],
}

/// "Answer" in the languages models are asked in, with what may stand between it and the pick.
static MARKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:\banswer|\bantwort|\bréponse|\brespuesta|\bresposta|\brisposta|ответ|答案|答え|正解|정답|उत्तर)",
        r"(?:\s*(?:\([^)\n]{0,20}\)|choice|option|letter))*",
        // A link has to follow: `answer choice B is wrong` names no pick.
        r#"(?:(?:\s*(?:is|would be|should be|must be|ist|lautet|est|es|é|è|是|为|為|は|은|는|है))+[\s*_`"'“‘]*[:\x{ff1a}]?"#,
        r#"|[\s*_`"'“‘]*[:\x{ff1a}=\-–—])"#,
        r#"[\s*_`"'“‘$]*(?:(?:option|choice|letter|选项|選項)\s+)?[\s*_`"'“‘$]*"#,
    ))
    .ok()
});

/// A letter between marks that set it apart: bold, then brackets.
static SET_APART: LazyLock<[Option<Regex>; 2]> = LazyLock::new(|| {
    [
        Regex::new(r"(?:\*\*|__)\s*\(?(?:(?i:option|choice)\s+)?([\p{L}\p{N}])[).:]{0,2}\s*(?:\*\*|__|[.:)]\s)").ok(),
        Regex::new(r"[(\x{ff08}\[]([\p{L}\p{N}])[)\x{ff09}\]]").ok(),
    ]
});

/// A letter behind the word `option`, where even an `A` is no article.
static NAMED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(?:option|choice)\s+[(*`]*([\p{L}\p{N}])(?:[^\p{L}\p{N}]|$)").ok());

/// What may stand around a letter or an option's text that is a whole answer.
const WRAPPING: [char; 22] = [
    '*', '_', '`', '"', '\'', '“', '”', '‘', '’', '(', ')', '[', ']', '\u{ff08}', '\u{ff09}', '【', '】', '#', '>',
    '$', '。', ' ',
];

/// What follows each marker.
pub(super) fn after_markers(answer: &str) -> impl Iterator<Item = &str> {
    MARKER.iter().flat_map(move |marker| marker.find_iter(answer)).map(move |marker| &answer[marker.end()..])
}

impl Reader<'_> {
    fn letter(&self, c: char) -> Option<usize> {
        self.choices.iter().position(|choice| choice.letter == upper(c))
    }

    fn text(&self, text: &str) -> Option<usize> {
        let text = normal(text);
        self.choices.iter().position(|choice| choice.text.is_some() && choice.normal == text)
    }

    fn longest_text(&self) -> usize {
        self.choices.iter().filter_map(|choice| choice.text.as_ref()).map(String::len).max().unwrap_or(0)
    }

    /// A text that is nothing but a pick: a letter, an option's text, or a letter with its text.
    pub(super) fn whole(&self, text: &str) -> Picked {
        // Longer than any option with some words around it: no pick, and not worth normalising.
        if text.trim().len() > 2 * self.longest_text() + 100 {
            return Picked::None;
        }
        let bare = text.trim().trim_matches(WRAPPING);
        if let Some(index) = self.text(text).or_else(|| self.text(bare)) {
            return Picked::One(index);
        }
        let bare =
            ["option ", "choice ", "Option ", "Choice "].iter().find_map(|p| bare.strip_prefix(p)).unwrap_or(bare);
        let mut chars = bare.chars();
        let Some(index) = chars.next().and_then(|c| self.letter(c)) else { return Picked::None };
        let rest = chars.as_str();
        // Several lines are not one pick, and `A) or B)` is two.
        if rest.contains('\n') {
            return Picked::None;
        }
        if let Some((other, _)) = self.further_letter(rest) {
            return Picked::of(vec![index, other]);
        }
        let closed = rest
            .trim_start_matches(WRAPPING)
            .trim_start_matches(['.', ':', ')', ',', '-', '–', '—', '\u{ff1a}', '、', '\u{ff0e}']);
        // `B) is tempting` speaks of an option and does not pick it.
        let word = closed.split_whitespace().next().unwrap_or_default();
        if SPEAKS_OF.contains(&word) && self.text(closed).is_none() {
            return Picked::None;
        }
        let said = closed.trim_matches(|c: char| c.is_whitespace() || is_punctuation(c));
        if said.is_empty() {
            return if rest.starts_with(char::is_alphanumeric) { Picked::None } else { Picked::One(index) };
        }
        let delimited =
            closed.len() < rest.len() && rest.starts_with(|c: char| !c.is_whitespace() || self.text(said).is_some());
        match self.text(said) {
            Some(other) if delimited => Picked::of(vec![index, other]),
            _ if delimited && rest.starts_with(['.', ':', ')', '*', '\u{ff1a}', '、', '\u{ff09}', '\u{ff0e}']) => {
                Picked::One(index)
            }
            _ => Picked::None,
        }
    }

    /// The pick behind the last marker that has one.
    fn behind_marker(&self, answer: &str) -> Picked {
        let mut picked = Picked::None;
        for rest in after_markers(answer) {
            let found = self.at_start(rest);
            if found.is_some() {
                picked = found;
            }
        }
        picked
    }

    /// A pick at the beginning of a text that goes on. Looks no further than the longest option.
    pub(super) fn at_start(&self, rest: &str) -> Picked {
        let limit = rest.floor_char_boundary(2 * self.longest_text() + 100);
        let line = rest[..limit].lines().next().unwrap_or_default();
        let line = &plain(line);
        let bare = line.trim_start_matches(WRAPPING);
        // The longest text that the line begins with, so that `New York` is not `New`.
        let folded = normal(bare);
        let by_text = (0..self.choices.len())
            .filter(|&index| {
                let choice = &self.choices[index];
                choice.text.is_some()
                    && folded.strip_prefix(choice.normal.as_str()).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
                    // A text of one letter is read as a letter is.
                    && choice.normal.chars().nth(1).is_some()
            })
            .max_by_key(|&index| self.choices[index].normal.len());
        if let Some(index) = by_text {
            return Picked::One(index);
        }
        let mut chars = bare.chars();
        let Some(first) = chars.next() else { return Picked::None };
        let after = chars.as_str();
        let Some(index) = self.letter(first).filter(|_| is_letter_alone(first, after)) else { return Picked::None };
        let mut found = vec![index];
        // `B or C`, `A, B and D` name several.
        let mut rest = after;
        while let Some((other, further)) = self.further_letter(rest) {
            found.push(other);
            rest = further;
        }
        Picked::of(found)
    }

    /// A further letter behind a comma, slash, `or`, `and`.
    fn further_letter<'t>(&self, rest: &'t str) -> Option<(usize, &'t str)> {
        let rest = rest.trim_start_matches(WRAPPING);
        let joined = rest.strip_prefix([',', '/', '&', '、']).unwrap_or(rest).trim_start();
        let word =
            ["or ", "and ", "oder ", "und ", "ou ", "et ", "o ", "y "].iter().find_map(|w| joined.strip_prefix(w));
        if joined.len() == rest.len() && word.is_none() {
            return None;
        }
        let mut chars = word.unwrap_or(joined).trim_start_matches(WRAPPING).chars();
        let letter = chars.next().filter(|c| !c.is_lowercase())?;
        let after = chars.as_str();
        if after.starts_with(char::is_alphanumeric) {
            return None;
        }
        // An article or a pronoun goes on with a word: `C, I think`.
        if matches!(letter, 'A' | 'I') && goes_on(after) {
            return None;
        }
        Some((self.letter(letter)?, after))
    }

    /// Lines that are picks: the last or the first line, else the lines that begin with a letter.
    fn lines(&self, answer: &str) -> Picked {
        let mut filled = answer.lines().filter(|line| !line.trim().is_empty());
        let (first, last) = (filled.next(), filled.next_back());
        let bare = |line: Option<&str>| {
            // A letter alone is a pick; a letter with a text may be one of the options retold.
            line.filter(|line| {
                line.trim().trim_matches(WRAPPING).chars().filter(|c| c.is_alphanumeric()).count() == 1
                    || self.text(line).is_some()
            })
            .map_or(Picked::None, |line| self.whole(line))
        };
        bare(last).or_else(|| bare(first)).or_else(|| {
            let picks: Vec<Picked> =
                answer.lines().filter(|line| !line.trim().is_empty()).map(|line| self.whole(line)).collect();
            let mut found = vec![false; self.choices.len()];
            for picked in &picks {
                match picked {
                    Picked::One(index) => found[*index] = true,
                    Picked::Several(indices) => indices.iter().for_each(|index| found[*index] = true),
                    Picked::None => {}
                }
            }
            let picked = Picked::of((0..found.len()).filter(|&index| found[index]).collect());
            match &picked {
                // One among other lines may be spoken of only; at an end it is the pick.
                Picked::One(_) if picks.first() != Some(&picked) && picks.last() != Some(&picked) => Picked::None,
                // Every option retold: a weaker sign behind them decides.
                Picked::Several(indices) if indices.len() == self.choices.len() => Picked::None,
                _ => picked,
            }
        })
    }

    /// Letters in bold, else in brackets.
    pub(super) fn set_apart(&self, answer: &str) -> Picked {
        SET_APART.iter().fold(Picked::None, |picked, marks| {
            picked.or_else(|| {
                let found = self.captured(marks.as_ref(), answer);
                Picked::of((0..found.len()).filter(|&index| found[index]).collect())
            })
        })
    }

    /// Which options' letters a pattern finds, in upper case.
    fn captured(&self, pattern: Option<&Regex>, answer: &str) -> Vec<bool> {
        let mut found = vec![false; self.choices.len()];
        for captures in pattern.iter().flat_map(|pattern| pattern.captures_iter(answer)) {
            let letter = captures.get(1).and_then(|letter| single(letter.as_str())).filter(|c| !c.is_lowercase());
            if let Some(index) = letter.and_then(|c| self.letter(c)) {
                found[index] = true;
            }
        }
        found
    }

    /// Letters that stand alone and option texts, anywhere: a pick only where they all agree.
    pub(super) fn in_prose(&self, answer: &str) -> Picked {
        let folded = fold_case(&answer.split_whitespace().collect::<Vec<_>>().join(" "));
        let texts = self.texts_within(&folded);
        // The `C` of an option `vitamin C` that is named in full is no letter.
        let named = |c: char| {
            let words = texts.iter().filter_map(|&index| self.choices[index].text.as_deref());
            words.flat_map(str::split_whitespace).filter_map(single).any(|word| word == c)
        };
        let mut letters = self.captured(NAMED.as_ref(), answer);
        let mut before: Option<char> = None;
        let mut chars = answer.chars();
        while let Some(c) = chars.next() {
            let after = chars.as_str();
            let alone = !before.is_some_and(|b| joins(b, c)) && !c.is_lowercase() && is_letter_alone(c, after);
            if alone && let Some(index) = self.letter(c).filter(|_| !named(c)) {
                letters[index] = true;
            }
            before = Some(c);
        }
        let letters: Vec<usize> = (0..letters.len()).filter(|&index| letters[index]).collect();
        match (letters.as_slice(), texts.as_slice()) {
            ([letter], texts) if texts.len() != 1 || texts.contains(letter) => Picked::One(*letter),
            ([], _) => Picked::of(texts),
            _ => Picked::of(letters.into_iter().chain(texts).collect()),
        }
    }

    /// The options whose texts stand in a text as whole words, but not as a part of a longer option there.
    fn texts_within(&self, folded: &str) -> Vec<usize> {
        let mut by_length: Vec<usize> =
            (0..self.choices.len()).filter(|&index| self.choices[index].normal.chars().nth(1).is_some()).collect();
        by_length.sort_by_key(|&index| std::cmp::Reverse(self.choices[index].normal.len()));
        let mut taken = vec![false; folded.len()];
        let mut found = Vec::new();
        for index in by_length {
            let text = self.choices[index].normal.as_str();
            let mut here = false;
            for (start, text) in folded.match_indices(text) {
                let end = start + text.len();
                let before = folded[..start].chars().next_back().zip(text.chars().next());
                let after = text.chars().next_back().zip(folded[end..].chars().next());
                let inside = [before, after].into_iter().flatten().any(|(a, b)| joins(a, b));
                if !inside && !taken[start] && !taken[end - 1] {
                    taken[start..end].fill(true);
                    here = true;
                }
            }
            if here {
                found.push(index);
            }
        }
        found.sort_unstable();
        found
    }
}

/// The character of a word that has only one.
fn single(word: &str) -> Option<char> {
    let mut chars = word.chars();
    chars.next().filter(|_| chars.as_str().is_empty())
}

/// Whether two neighbouring characters belong to one word. Scripts without blanks between words are not joined.
fn joins(a: char, b: char) -> bool {
    let spaced = |c: char| c.is_alphanumeric() && (c as u32) < 0x2e80;
    spaced(a) && spaced(b)
}

/// Whether a character followed by a text is a letter for itself, not an article, a pronoun or the start of a word.
fn is_letter_alone(letter: char, after: &str) -> bool {
    let next = after.chars().next();
    if next.is_some_and(|next| {
        joins(letter, next) || matches!(next, '\'' | '’') && after[next.len_utf8()..].starts_with(char::is_alphabetic)
    }) {
        return false;
    }
    if letter.is_lowercase() {
        // `answer: c` is a pick, `the answer is a matter of taste` is none.
        return !goes_on(after) && !after.starts_with('-');
    }
    // `A` and `I` are words; `B-12` is a name.
    let word = matches!(letter, 'A' | 'I') && goes_on(after);
    let name = after.strip_prefix('-').is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
    !word && !name
}

/// Whether a text goes on with a word that makes the letter before it an article or a pronoun.
fn goes_on(after: &str) -> bool {
    const REASONS: [&str; 14] =
        ["because", "since", "as", "is", "and", "or", "with", "for", "due", "which", "by", "based", "given", "per"];
    let Some(rest) = after.strip_prefix(' ') else { return false };
    let word = rest.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    !word.is_empty() && !REASONS.contains(&word)
}
