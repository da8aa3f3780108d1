//! What an expression mentions and what it compares with numbers, found in its text.
//!
//! The engine keeps its syntax tree to itself. What is looked for is plain enough for tokens: where they do not tell,
//! nothing is found, and the engine decides alone.

use std::collections::HashSet;
use std::ops::Range;

/// A name, or a path of names, that must be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mention {
    pub(super) path: Vec<String>,
    pub(super) range: Range<usize>,
}

/// A path that is compared with a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Versus {
    pub(super) path: Vec<String>,
    pub(super) range: Range<usize>,
    /// As if the path stood on the left.
    pub(super) operator: &'static str,
    /// As it is written.
    pub(super) number: String,
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) mentions: Vec<Mention>,
    pub(super) versus: Vec<Versus>,
}

/// Comparisons, and what each is with its sides swapped.
const COMPARISONS: [(&str, &str); 6] = [("==", "=="), ("!=", "!="), ("<=", ">="), (">=", "<="), ("<", ">"), (">", "<")];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Number,
    Text,
    Sign,
}

#[derive(Debug)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    start: usize,
}

impl Token<'_> {
    fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// Looks through an expression; `names` are those that it does not bind itself.
pub(super) fn look(source: &str, names: &HashSet<String>) -> Found {
    let tokens = tokens(source);
    let word = |at: Option<usize>| at.and_then(|at| tokens.get(at)).map_or("", |token| token.text);
    let before = |at: usize| word(at.checked_sub(1));
    // Paths with the tokens they are made of.
    let mut paths: Vec<(Vec<String>, Range<usize>)> = Vec::new();
    let mut guarded: Vec<Vec<String>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let start = at;
        at += 1;
        let head = &tokens[start];
        let is_filter_or_field = matches!(before(start), "|" | ".");
        if head.kind != Kind::Name || is_filter_or_field || !names.contains(head.text) {
            continue;
        }
        let mut path = vec![head.text.to_owned()];
        loop {
            if word(Some(at)) == "." && tokens.get(at + 1).is_some_and(|token| token.kind == Kind::Name) {
                // A method is no field.
                if word(Some(at + 2)) == "(" {
                    break;
                }
                path.push(tokens[at + 1].text.to_owned());
                at += 2;
            } else if word(Some(at)) == "["
                && word(Some(at + 2)) == "]"
                && let Some(key) = tokens.get(at + 1).filter(|token| token.kind == Kind::Text)
                && let Some(key) = key.text.get(1..key.text.len() - 1).filter(|key| !key.contains('\\'))
            {
                path.push(key.to_owned());
                at += 3;
            } else {
                break;
            }
        }
        // The name of an argument is none, and neither is one that is called.
        let is_argument = word(Some(at)) == "=" || (path.len() == 1 && word(Some(at)) == "(");
        if is_argument {
            continue;
        }
        if word(Some(at)) == "is" || (word(Some(at)) == "|" && matches!(word(Some(at + 1)), "default" | "d")) {
            guarded.push(path.clone());
        }
        paths.push((path, start..at));
    }
    let mut found = Found::default();
    for (path, at) in paths {
        // The author looks after it.
        if guarded.iter().any(|guard| path.starts_with(guard)) {
            continue;
        }
        let range = tokens[at.start].start..tokens[at.end - 1].end();
        if let Some((operator, number)) = compared(&tokens, &at) {
            found.versus.push(Versus { path: path.clone(), range: range.clone(), operator, number });
        }
        found.mentions.push(Mention { path, range });
    }
    found
}

/// The comparison with a number that the path of these tokens is one whole side of.
fn compared(tokens: &[Token<'_>], path: &Range<usize>) -> Option<(&'static str, String)> {
    let word = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let is_sum = |word: &str| matches!(word, "+" | "-" | "*" | "/" | "%" | "~" | "**" | "//" | "|" | "[" | ".");
    let operator = |at: usize| COMPARISONS.iter().find(|(operator, _)| *operator == word(at));
    let number = |at: usize| tokens.get(at).filter(|token| token.kind == Kind::Number);
    let ahead = path.start.checked_sub(1).map_or("", word);
    if let Some((operator, _)) = operator(path.end)
        && !is_sum(ahead)
    {
        let sign = if word(path.end + 1) == "-" { "-" } else { "" };
        let at = path.end + 1 + sign.len();
        let number = number(at).filter(|_| !is_sum(word(at + 1)))?;
        return Some((operator, format!("{sign}{}", number.text)));
    }
    let (_, swapped) = operator(path.start.checked_sub(1)?)?;
    let at = path.start.checked_sub(2)?;
    let number = number(at)?;
    let ahead = at.checked_sub(1).map_or("", word);
    let is_plain = !is_sum(ahead) && !is_sum(word(path.end)) && word(path.end) != "(";
    is_plain.then(|| (*swapped, number.text.to_owned()))
}

fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let start = source.len() - rest.len();
        let length_of = |is_part: fn(char) -> bool| rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let (kind, length) = match first {
            c if c.is_whitespace() => {
                rest = rest.trim_start();
                continue;
            }
            '\'' | '"' => (Kind::Text, quoted(rest, first)),
            c if c.is_ascii_digit() => (Kind::Number, number(rest)),
            c if c.is_alphanumeric() || c == '_' => (Kind::Name, length_of(|c| c.is_alphanumeric() || c == '_')),
            _ => {
                let two = ["==", "!=", "<=", ">=", "**", "//"].iter().any(|sign| rest.starts_with(sign));
                (Kind::Sign, if two { 2 } else { first.len_utf8() })
            }
        };
        tokens.push(Token { kind, text: &rest[..length], start });
        rest = &rest[length..];
    }
    tokens
}

/// The length of a quoted text with its quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    text.len()
}

/// The length of a number: a point belongs to it only before a digit.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| from + bytes[from..].iter().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    let whole = digits(0);
    match bytes.get(whole..whole + 2) {
        Some([b'.', digit]) if digit.is_ascii_digit() => digits(whole + 1),
        _ => whole,
    }
}
