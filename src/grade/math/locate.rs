//! Where in an answer its result stands.

use std::sync::LazyLock;

use regex::Regex;

use crate::grade::latex::last_boxed;

/// How much of an answer's end is searched for formulas, in bytes.
const TAIL: usize = 16_384;

/// How a result without any mark was found.
pub(super) const LAST_LINE: &str = "the last line";

/// Boxes that make one result: `\boxed{1}` and `\boxed{2}`.
const MOST_BOXES: usize = 10;

/// The piece of an answer that is its result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Located {
    /// What it says, in one or several spellings, of which the first that can be read counts.
    pub(super) texts: Vec<String>,
    /// How it was found, for reasons.
    pub(super) how: &'static str,
}

/// "Answer", and what may stand between it and the result; GSM8K's mark.
static MARKER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)(?:\banswers?\b(?:\s+to\s+[^.:\n]{0,80}?)?[\s*_]{0,3}(?:(?:is|are|must be|should be|would be)\b[\s*_]*:?|[:=])",
        r"|答案[\s*]*(?:是|为|[:\x{ff1a}])|(?m:^####\s))[\s*_]*",
    ))
    .ok()
});

/// Looks for the result: the last box, behind the last marker, the last formula, the last line.
pub(super) fn locate(answer: &str) -> Located {
    let found = |texts: Vec<String>, how| Some(Located { texts, how }).filter(|found| !found.texts.is_empty());
    found(boxed(answer), "in the box")
        .or_else(|| found(behind_marker(answer), "behind the last marker"))
        .or_else(|| found(last_formula(tail(answer)).into_iter().collect(), "the last formula"))
        .unwrap_or_else(|| Located { texts: last_line(answer), how: LAST_LINE })
}

fn tail(text: &str) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(TAIL))..]
}

/// What stands in the last box, or in several that are joined by `and`.
fn boxed(answer: &str) -> Vec<String> {
    let mut parts: Vec<&str> = Vec::new();
    let mut rest = answer;
    while parts.len() < MOST_BOXES {
        let Some(place) = last_boxed(rest) else { break };
        let after = &rest[place.end..];
        if !parts.is_empty() && !joins(after.strip_prefix('}').unwrap_or(after)) {
            break;
        }
        // `\boxed{50}\%`
        let with_sign = parts.is_empty()
            && after.trim_start_matches(['}', ' ', '$']).starts_with(['%', '\\'])
            && after.trim_start_matches(['}', ' ', '$', '\\']).starts_with('%');
        let command = rest[..place.start].rfind('\\').unwrap_or(0);
        if with_sign {
            parts.push("\\%");
        }
        parts.push(&rest[place]);
        rest = &rest[..command];
        if with_sign {
            break;
        }
    }
    let signed = parts.first() == Some(&"\\%");
    parts.reverse();
    let text = if signed { parts.concat() } else { parts.join(", ") };
    if text.trim().is_empty() { Vec::new() } else { vec![text] }
}

/// Whether a text only joins what stands around it.
fn joins(text: &str) -> bool {
    if text.len() > 40 {
        return false;
    }
    let bare = text.replace("\\text", " ").replace("\\quad", " ");
    // `or $x =` in front of the next box.
    let bare = match bare.trim_end().strip_suffix('=') {
        Some(bare) => bare.trim_end().trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_'),
        None => &bare,
    };
    let words = bare
        .split(|c: char| c.is_whitespace() || matches!(c, '$' | ',' | ';' | '{' | '}' | '\\' | '(' | ')' | '[' | ']'));
    words.filter(|word| !word.is_empty()).all(|word| matches!(word, "and" | "or" | "&")) && !text.trim().is_empty()
}

/// What stands behind the last marker that has something behind it.
fn behind_marker(answer: &str) -> Vec<String> {
    let Some(marker) = MARKER.as_ref() else { return Vec::new() };
    let mut found = None;
    for place in marker.find_iter(answer) {
        let rest = &answer[place.end()..];
        // No further: an answer may be made of markers.
        let line = rest[..rest.floor_char_boundary(300)].lines().next().unwrap_or_default();
        let is_hash = answer[place.start()..].starts_with('#');
        // `#### Step 2` and `#### 2. Add` are headings.
        let begins = line.trim_start_matches(['$', '-', '\\', '(', '*']);
        let numbered =
            line.split_once(['.', ')']).is_some_and(|(_, rest)| rest.trim_start().starts_with(char::is_alphabetic));
        let heading = is_hash && (numbered || !begins.starts_with(|c: char| c.is_ascii_digit()));
        if !heading && !line.trim_matches(|c: char| c.is_whitespace() || c == '*').is_empty() {
            found = Some(rest);
        }
    }
    let Some(rest) = found else { return Vec::new() };
    let window = &rest[..rest.floor_char_boundary(TAIL)];
    let line = window.lines().next().unwrap_or_default();
    // A formula counts if it begins on the marker's line.
    if let Some(formula) = first_formula(window, line.len()) {
        return vec![formula];
    }
    sentence(line)
}

/// A line in the spellings that may be the result, all of which end where it ends, or where the reason behind it begins:
/// whole, behind its last `is` or `:`, from its last word with a digit on. Never behind `=`, as `y = 5` is not `x = 5`.
fn sentence(line: &str) -> Vec<String> {
    let bare = |text: &str| {
        let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '`' | '"' | '#'));
        let text = text.trim_end_matches(['.', '。']);
        // Behind a digit it is a factorial.
        let text = if text.contains(|c: char| c.is_ascii_digit()) { text } else { text.trim_end_matches('!') };
        text.trim().to_owned()
    };
    let whole = bare(line);
    let ends = [" because", " since", ", because", ", since", ", so ", ", as ", ". ", " which ", ", which"];
    let end = ends.iter().filter_map(|end| whole.find(end)).min().filter(|at| *at > 0).unwrap_or(whole.len());
    let whole = bare(&whole[..end]);
    // `Therefore, x = 5`
    let opening = whole.split_once(", ").filter(|(word, _)| word.len() > 1 && word.chars().all(char::is_alphabetic));
    let whole = opening.map_or(whole.clone(), |(_, rest)| rest.to_owned());
    let mut out = vec![whole.clone()];
    for link in [" is ", " are ", " equals ", " be ", ": "] {
        if let Some(at) = whole.rfind(link) {
            out.push(bare(&whole[at + link.len()..]));
        }
    }
    let is_prose =
        whole.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic) && word.len() > 1).count() > 1;
    if is_prose && let Some(digit) = whole.rfind(|c: char| c.is_ascii_digit()) {
        let from = whole[..digit].rfind(char::is_whitespace).map_or(0, |at| whole.ceil_char_boundary(at + 1));
        if !whole[..from].trim_end().ends_with(['=', '<', '>', '≤', '≥', '≈']) {
            out.push(bare(&whole[from..]));
        }
    }
    out.retain(|text| !text.is_empty());
    out.dedup();
    out
}

fn last_line(answer: &str) -> Vec<String> {
    let line = answer.lines().rev().find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or_default();
    let line = tail(line).trim_start();
    // Of several sentences the last.
    let line = line.trim_end().rsplit_once(". ").map_or(line, |(_, last)| last);
    sentence(["- ", "* ", "> ", "• "].iter().find_map(|bullet| line.strip_prefix(bullet)).unwrap_or(line))
}

/// A formula's bytes, its delimiters apart.
struct Formula<'t> {
    inner: &'t str,
    start: usize,
    end: usize,
}

/// The formulas of a text between `$`, `$$`, `\(`, `\[` and in environments.
fn formulas(text: &str) -> Vec<Formula<'_>> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(found) = text[at..].find(['$', '\\']) {
        let start = at + found;
        let rest = &text[start..];
        let delimiters = [("$$", "$$"), ("\\[", "\\]"), ("\\(", "\\)"), ("$", "$")];
        let Some((open, close)) = delimiters.iter().find(|(open, _)| rest.starts_with(open)) else {
            // An escaped character, or a command outside of a formula.
            let skip = rest.chars().nth(1).map_or(1, |c| 1 + c.len_utf8());
            at = start + skip;
            continue;
        };
        let inner = &rest[open.len()..];
        let end = if *open == "$" { closing_dollar(inner) } else { inner.find(close) };
        match end {
            Some(end) if !inner[..end].trim().is_empty() => {
                let stop = start + open.len() + end + close.len();
                out.push(Formula { inner: &inner[..end], start, end: stop });
                at = stop;
            }
            // Nothing closes it: of this kind there is none further on either, but for a dollar, which may be a price.
            _ => at = start + open.len(),
        }
        if out.len() > 2_000 {
            break;
        }
    }
    out
}

/// The end of a formula in single dollars: on one line, and not a price's sign (`$5 and $6`).
fn closing_dollar(inner: &str) -> Option<usize> {
    let line = &inner[..inner.floor_char_boundary(1_000)];
    let line = line.split('\n').next().unwrap_or_default();
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        if c == '$' && !escaped {
            let spaced = line.starts_with(' ');
            let blank_before = line[..at].ends_with(' ');
            let digit_after = line[at + 1..].starts_with(|c: char| c.is_ascii_digit());
            return (spaced == blank_before && !digit_after).then_some(at);
        }
        escaped = c == '\\' && !escaped;
    }
    None
}

/// A formula and those joined to it by a comma or `and`, as one text.
fn chain(text: &str, formulas: &[Formula<'_>], from: usize) -> (String, usize) {
    let mut out = formulas[from].inner.to_owned();
    let mut last = from;
    while let Some(next) = formulas.get(last + 1) {
        if !joins(&text[formulas[last].end..next.start]) {
            break;
        }
        out.push_str(", ");
        out.push_str(next.inner);
        last += 1;
    }
    // `$50$%`
    let after = text[formulas[last].end..].trim_start_matches(' ');
    if after.starts_with('%') || after.starts_with("\\%") || after.starts_with("percent") {
        out.push_str("\\%");
    }
    (out, last)
}

fn first_formula(text: &str, within: usize) -> Option<String> {
    let formulas = formulas(text);
    let first = formulas.first().filter(|formula| formula.start <= within)?;
    debug_assert!(first.start < first.end, "a formula has delimiters");
    Some(chain(text, &formulas, 0).0)
}

fn last_formula(text: &str) -> Option<String> {
    let formulas = formulas(text);
    let mut from = 0;
    let mut found = None;
    while from < formulas.len() {
        let (joined, last) = chain(text, &formulas, from);
        found = Some(joined);
        from = last + 1;
    }
    found
}
