//! The wording of reasons: one line each, whatever a model said.

use std::borrow::Cow;

use crate::text::{excerpt, one_line};

use super::types::Answer;

/// The bytes of a text that a reason shows.
const SHOWN: usize = 200;

/// A text in quotes, cut and on one line.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", one_line(&excerpt(text, SHOWN)))
}

/// Which of a grader's options its message is about: the one it begins with, in ticks.
pub(super) fn option_named(message: &str, options: &[&str]) -> Option<String> {
    let name = message.strip_prefix('`')?.split_once('`')?.0;
    options.contains(&name).then(|| name.to_owned())
}

/// What came, for after "got": the answer in quotes, or why there is none.
pub(super) fn got(answer: &Answer) -> String {
    let cut = answer.finish_reason.as_deref() == Some("length");
    if !answer.text.trim().is_empty() {
        let cut = if cut { " (cut off at the token limit)" } else { "" };
        return quote(answer.text.trim()) + cut;
    }
    match (&answer.refusal, answer.tool_calls.len()) {
        (Some(refusal), _) => format!("a refusal: {}", quote(refusal)),
        (None, 1..) => "a tool call instead of a text".to_owned(),
        (None, 0) if cut => "no text before the token limit was reached".to_owned(),
        (None, 0) => "an empty answer".to_owned(),
    }
}

/// [`got`] for an answer whose end matters: a long one is cut in front.
pub(super) fn got_end(answer: &Answer) -> String {
    let text = answer.text.trim();
    match text.len().checked_sub(SHOWN) {
        Some(cut @ 1..) => format!("\"…{}\"", one_line(&text[text.ceil_char_boundary(cut)..])),
        _ => got(answer),
    }
}

/// Several texts in quotes, the last joined with a word: `"a", "b" or "c"`.
pub(super) fn any_of(texts: &[Cow<'_, str>], joined: &str) -> String {
    const MOST: usize = 5;
    let mut quoted: Vec<String> = texts.iter().take(MOST).map(|text| quote(text)).collect();
    if texts.len() > MOST {
        quoted.push(format!("{} more", texts.len() - MOST));
    }
    join(&quoted, joined)
}

/// `a, b or c`.
pub(super) fn join(parts: &[String], joined: &str) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} {joined} {last}", front.join(", ")),
    }
}
