//! Reading several picks out of an answer, from the clearest sign to the weakest: all boxes of the last line that has
//! one; behind the last `Answer:`; the whole answer; its last or first line; the lines that begin with a letter; letters
//! in bold, else in brackets; letters and texts in prose that denies nothing.

use std::sync::LazyLock;

use regex::Regex;

use crate::grade::latex::plain;
use crate::grade::normal::fold_case;

use super::listed::{Choice, upper};
use super::read::{Picked, Reader, after_markers, normal};

/// The longest list of picks for which pieces are tried, in bytes beyond the options' own.
const MORE: usize = 200;

/// Words that make of a mention in prose something else than a pick.
static DENIES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:not|isn't|aren't|wrong|incorrect|false|except|unlike|neither|nor|eliminate\w*|excluded?|rule[ds]? out)\b").ok()
});

/// The options that an answer picks, in their order; `None` where it cannot be told.
pub(super) fn picks(answer: &str, choices: &[Choice]) -> Option<Vec<usize>> {
    let reader = Reader { choices };
    let longest: usize = choices.iter().filter_map(|choice| choice.text.as_ref()).map(String::len).sum();
    let list = List { reader: &reader, most: longest + MORE };
    let found = boxes(answer)
        .and_then(|boxed| list.read(&boxed))
        .or_else(|| behind_marker(answer, &list))
        .or_else(|| list.read(answer))
        .or_else(|| {
            let mut lines = answer.lines().filter(|line| !line.trim().is_empty());
            let (first, last) = (lines.next(), lines.next_back());
            // One line of several begins with a letter: the others do too, or it is no list.
            let alone = |line: Option<&str>| line.and_then(|line| list.several(line));
            alone(last).or_else(|| alone(first))
        })
        .or_else(|| lettered_lines(answer, &reader))
        .or_else(|| of(reader.set_apart(answer)))
        .or_else(|| {
            let denied = DENIES.as_ref().is_some_and(|pattern| pattern.is_match(answer));
            if denied { None } else { of(reader.in_prose(answer)) }
        })?;
    let mut found = found;
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn of(picked: Picked) -> Option<Vec<usize>> {
    match picked {
        Picked::One(index) => Some(vec![index]),
        Picked::Several(indices) => Some(indices),
        Picked::None => None,
    }
}

/// What stands in the boxes of the last line that has one.
fn boxes(answer: &str) -> Option<String> {
    let line = answer.lines().rev().find(|line| line.contains("\\boxed") || line.contains("\\fbox"))?;
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some(place) = crate::grade::latex::last_boxed(rest).filter(|_| parts.len() < 30) {
        parts.push(plain(&rest[place.clone()]));
        rest = &rest[..rest[..place.start].rfind('\\')?];
    }
    parts.reverse();
    Some(parts.join(", "))
}

/// The list behind the last marker that has one: on its line, else on the lines behind it.
fn behind_marker(answer: &str, list: &List<'_, '_>) -> Option<Vec<usize>> {
    let mut found = None;
    for rest in after_markers(answer) {
        let line = rest.lines().next().unwrap_or_default();
        let below = || {
            let lines: Vec<&str> =
                rest.lines().skip_while(|line| line.trim().is_empty()).take(list.reader.choices.len()).collect();
            let picks: Vec<usize> = lines.iter().map_while(|line| single(list.reader.whole(bullet(line)))).collect();
            Some(picks).filter(|picks| !picks.is_empty())
        };
        let read = if line.trim_matches(['*', ' ']).is_empty() {
            below()
        } else {
            list.read(line).or_else(|| of(list.reader.at_start(rest)))
        };
        found = read.or(found);
    }
    found
}

/// Lines that begin with a letter, where the answer is made of them: at least as many as there are others.
fn lettered_lines(answer: &str, reader: &Reader<'_>) -> Option<Vec<usize>> {
    let mut found = vec![false; reader.choices.len()];
    let (mut picks, mut others) = (0_usize, 0_usize);
    for line in answer.lines().filter(|line| !line.trim().is_empty()) {
        match reader.whole(bullet(line)) {
            Picked::One(index) => {
                found[index] = true;
                picks += 1;
            }
            _ => others += 1,
        }
    }
    let indices: Vec<usize> = (0..found.len()).filter(|index| found[*index]).collect();
    // Every option retold is no pick.
    let retold = others > 0 && indices.len() == reader.choices.len();
    (picks > 0 && picks >= others && !retold).then_some(indices)
}

fn bullet(line: &str) -> &str {
    let line = line.trim();
    ["- ", "* ", "• "].iter().find_map(|bullet| line.strip_prefix(bullet)).unwrap_or(line)
}

fn single(picked: Picked) -> Option<usize> {
    match picked {
        Picked::One(index) => Some(index),
        _ => None,
    }
}

/// Reads texts that are nothing but picks.
struct List<'r, 'c> {
    reader: &'r Reader<'c>,
    /// The longest such text.
    most: usize,
}

impl List<'_, '_> {
    /// `A, C`, `A and C`, `AC`, `[A; C]`, `Paris, Rome`, `none`.
    fn read(&self, text: &str) -> Option<Vec<usize>> {
        if text.trim().len() > self.most {
            return None;
        }
        let text = text.trim().trim_end_matches(['.', '。']).trim_matches(['[', ']', '{', '}', '*', '`', '"']);
        if let Some(index) = single(self.reader.whole(text)) {
            return Some(vec![index]);
        }
        let folded = fold_case(text);
        let bare = folded.trim_matches(|c: char| !c.is_alphanumeric());
        if matches!(bare, "none" | "none of them" | "none of the above" | "none of these" | "no option" | "nothing") {
            return Some(Vec::new());
        }
        self.several(text)
    }

    /// The same for at least two.
    fn several(&self, text: &str) -> Option<Vec<usize>> {
        if text.trim().len() > self.most {
            return None;
        }
        let text = text.trim().trim_end_matches(['.', '。']).trim_matches(['[', ']', '{', '}', '*', '`', '"']);
        self.pieces(text, &[",", ";", "\n", "、", "/", "&", "|"], true)
            .or_else(|| self.pieces(text, &[";", "\n"], false))
            .or_else(|| self.run(text))
            .filter(|picks| picks.len() > 1)
    }

    fn pieces(&self, text: &str, separators: &[&str], words: bool) -> Option<Vec<usize>> {
        let mut joined = text.to_owned();
        for separator in separators {
            joined = joined.replace(separator, "\u{1}");
        }
        if words {
            for word in [" and ", " And ", " or ", " und ", " et ", " y ", " e "] {
                joined = joined.replace(word, "\u{1}");
            }
        }
        let pieces: Vec<&str> = joined.split('\u{1}').map(str::trim).filter(|piece| !piece.is_empty()).collect();
        if pieces.len() > self.reader.choices.len() * 2 {
            return None;
        }
        pieces
            .into_iter()
            .map(|piece| {
                let piece = piece.strip_prefix("and ").unwrap_or(piece);
                single(self.reader.whole(piece))
            })
            .collect()
    }

    /// `ACD`, `A C D`: letters only, each once.
    fn run(&self, text: &str) -> Option<Vec<usize>> {
        let normal = normal(text);
        if normal.len() > 60 {
            return None;
        }
        let letters: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        let only = text.chars().all(|c| c.is_uppercase() || c.is_numeric() || matches!(c, ' ' | '(' | ')' | '.'));
        let found: Vec<usize> = letters
            .iter()
            .map(|c| self.reader.choices.iter().position(|choice| choice.letter == upper(*c)))
            .collect::<Option<_>>()?;
        let mut once = found.clone();
        once.sort_unstable();
        once.dedup();
        (only && once.len() == found.len()).then_some(found)
    }
}
