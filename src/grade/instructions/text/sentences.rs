//! Sentences as NLTK's Punkt finds them in English: Kiss and Strunk, *Unsupervised Multilingual Sentence Boundary
//! Detection*, Computational Linguistics 32 (2006). The steps and their oddities are those of
//! `PunktSentenceTokenizer`; the words of its model are others, see [`known`].

use super::characters::is_space;
use super::known;

/// The sentences of a text, closing quotes and brackets included.
pub(in crate::grade::instructions) fn sentences(text: &str) -> Vec<&str> {
    let mut spans = Vec::new();
    let mut start = 0;
    for end in candidates(text) {
        let before = text[..end.word].trim_end_matches(' ');
        let in_list = before.ends_with('\n');
        if has_break(&text[end.word..end.context_end(text)], in_list) {
            spans.push((start, end.at + 1));
            start = if end.glued { end.at + 1 } else { end.next };
        }
    }
    spans.push((start, text.trim_end_matches(is_space).len()));
    realign(text, &spans)
}

/// A mark that may end a sentence.
struct Candidate {
    /// Where the word before the mark begins.
    word: usize,
    /// The mark.
    at: usize,
    /// What comes behind it, and behind white space if there is some.
    next: usize,
    /// No white space is between them.
    glued: bool,
}

impl Candidate {
    /// The end of what is looked at to decide: the next word, or the one character that follows at once.
    fn context_end(&self, text: &str) -> usize {
        let rest = &text[self.next..];
        let one = rest.chars().next().map_or(0, char::len_utf8);
        self.next + if self.glued { one } else { rest.find(is_space).unwrap_or(rest.len()) }
    }
}

/// The last mark of each word that has one.
fn candidates(text: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut previous: Option<Candidate> = None;
    for (at, _) in text.match_indices(['.', '?', '!']) {
        let behind = &text[at + 1..];
        let Some(first) = behind.chars().next() else { break };
        let blank = behind.len() - behind.trim_start_matches(is_space).len();
        if blank == behind.len() || (blank == 0 && !splits_words(first)) {
            continue;
        }
        let (start, stop) = previous.as_ref().map_or((0, 0), |previous| (previous.word, previous.at));
        let word = match text[stop..at].rfind([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']) {
            Some(space) if space > 0 => stop + space + 1,
            _ => start,
        };
        // Of several marks behind one word, `Really?!`, only the last one counts.
        found.extend(previous.take().filter(|previous| previous.at <= word));
        previous = Some(Candidate { word, at, next: at + 1 + blank, glued: blank == 0 });
    }
    found.extend(previous);
    found
}

/// Characters that are never inside a word.
fn splits_words(c: char) -> bool {
    matches!(c, ')' | '"' | ';' | '}' | ']' | '*' | ':' | '@' | '\'' | '(' | '{' | '[' | '?' | '!')
}

/// Characters that no word begins with.
fn never_first(c: char) -> bool {
    matches!(c, '(' | '"' | '`' | '{' | '[' | ':' | ';' | '&' | '#' | '*' | '@' | ')' | '}' | ']' | '-' | ',')
}

/// Whether a sentence ends in a word and its surroundings, and another word follows. At the beginning of a line, a
/// letter with a period is the mark of a list.
fn has_break(context: &str, in_list: bool) -> bool {
    let tokens: Vec<Token<'_>> = context.split('\n').flat_map(Tokens).map(Token::new).collect();
    tokens.windows(2).any(|pair| matches!(pair, [token, next] if token.ends_before(next, in_list)))
}

/// The tokens of a line.
struct Tokens<'a>(&'a str);

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0 = self.0.trim_start_matches(is_space);
        let first = self.0.chars().next()?;
        let end = match dots_or_dashes(self.0) {
            Some(end) => end,
            None if never_first(first) => first.len_utf8(),
            None => {
                let inner = self.0.char_indices().skip(1);
                inner.map(|(at, _)| at).find(|at| ends_word(&self.0[*at..])).unwrap_or(self.0.len())
            }
        };
        let (token, rest) = self.0.split_at(end);
        self.0 = rest;
        Some(token)
    }
}

/// Whether a word is over where this begins.
fn ends_word(rest: &str) -> bool {
    let over = |rest: &str| {
        rest.chars().next().is_none_or(|c| is_space(c) || splits_words(c)) || dots_or_dashes(rest).is_some()
    };
    over(rest) || rest.strip_prefix(',').is_some_and(over)
}

/// The length of `--`, `...` or `. . .` at the beginning.
fn dots_or_dashes(text: &str) -> Option<usize> {
    let run = |mark: char| text.len() - text.trim_start_matches(mark).len();
    for mark in ['-', '.'] {
        if run(mark) > 1 {
            return Some(run(mark));
        }
    }
    let mut rest = text;
    while let Some(behind) = rest.strip_prefix('.') {
        let end = text.len() - behind.len();
        let spaced = behind.chars().next().filter(|c| is_space(*c));
        match spaced {
            Some(space) if behind[space.len_utf8()..].starts_with('.') => rest = &behind[space.len_utf8()..],
            _ => return (text[..end].matches('.').count() > 2).then_some(end),
        }
    }
    None
}

/// A token, its type as Punkt calls it, and the first guess at its period.
struct Token<'a> {
    text: &'a str,
    /// In small letters, and all numbers the same.
    kind: String,
    is_break: bool,
    is_abbreviation: bool,
    is_ellipsis: bool,
}

const NUMBER: &str = "##number##";

impl<'a> Token<'a> {
    fn new(text: &'a str) -> Self {
        let lower = text.to_lowercase();
        let is_mark = matches!(text, "." | "?" | "!");
        let is_ellipsis = !is_mark && text.chars().all(|c| c == '.');
        let word = lower.strip_suffix('.').filter(|word| !is_mark && !is_ellipsis && !word.ends_with('.'));
        let is_abbreviation = word.is_some_and(known::is_abbreviation);
        let is_break = is_mark || (word.is_some() && !is_abbreviation);
        let kind = if is_number(&lower) { NUMBER.to_owned() } else { lower };
        Self { text, kind, is_break, is_abbreviation, is_ellipsis }
    }

    /// The type without the period.
    fn word(&self) -> &str {
        self.kind.strip_suffix('.').filter(|word| !word.is_empty()).unwrap_or(&self.kind)
    }

    fn starts_upper(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_uppercase)
    }

    /// One letter and a period.
    fn is_initial(&self) -> bool {
        let mut letters = self.text.chars();
        letters.next().is_some_and(char::is_alphabetic) && letters.as_str() == "."
    }

    /// Whether this token ends a sentence, given the one behind it.
    fn ends_before(&self, next: &Self, in_list: bool) -> bool {
        if !self.text.ends_with('.') {
            return self.is_break;
        }
        let next_word = if next.is_break { next.word() } else { &next.kind };
        let is_number = self.word() == NUMBER;
        let (is_initial, upper) = (self.is_initial(), next.starts_upper());
        if (self.is_abbreviation || self.is_ellipsis) && !is_initial {
            // A name may follow an abbreviation; three dots are mostly followed by words.
            let begins = self.is_ellipsis && !known::is_common(next_word);
            return upper && (begins || known::is_starter(next_word));
        }
        if is_initial || is_number {
            let goes_on = next.text.chars().next().is_some_and(char::is_lowercase)
                || matches!(next.text, ";" | ":" | "," | "." | "!" | "?");
            let is_name = is_initial && upper && !known::is_common(next_word) && (!in_list || next.is_initial());
            return self.is_break && !goes_on && !is_name;
        }
        self.is_break
    }
}

/// `-1,234.5`, `3.` and the like.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let digits = digits.strip_prefix(['.', ',']).unwrap_or(digits);
    digits.starts_with(char::is_numeric) && digits.chars().all(|c| c.is_numeric() || matches!(c, ',' | '.' | '-'))
}

/// The sentences of their spans; quotes and brackets that close one are moved to it from the next.
fn realign<'a>(text: &'a str, spans: &[(usize, usize)]) -> Vec<&'a str> {
    let mut found = Vec::with_capacity(spans.len());
    let mut moved = 0;
    for (index, (start, end)) in spans.iter().enumerate() {
        let start = start + moved;
        let closing = spans.get(index + 1).map(|next| (next.0, closing(text.get(next.0..next.1).unwrap_or_default())));
        moved = 0;
        match closing {
            Some((next, Some((marks, all)))) => {
                found.push(text.get(start..next + marks).unwrap_or_default());
                moved = all;
            }
            _ => found.extend(text.get(start..*end).filter(|sentence| !sentence.is_empty())),
        }
    }
    found
}

/// The length of the quotes and brackets that a text begins with, if they are a word of their own; alone, and with the
/// white space behind them.
fn closing(text: &str) -> Option<(usize, usize)> {
    let rest = text.trim_start_matches(['"', '\'', ')', ']', '}']);
    let behind = rest.trim_start_matches(is_space);
    let marks = text.len() - rest.len();
    let stands_alone = rest.is_empty() || rest.starts_with("--") || behind.len() < rest.len();
    (marks > 0 && stands_alone).then(|| (marks, text.len() - behind.len()))
}
