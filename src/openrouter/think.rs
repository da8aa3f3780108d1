//! Reasoning that a model wrote into its answer: a leading `<think>…</think>`.

/// Splits an answer into (reasoning, visible answer). Only a block at the very start is reasoning; one that is never
/// closed was cut off while reasoning, so everything after it is.
pub(super) fn split(text: &str) -> Option<(String, &str)> {
    let mut reasoning = String::new();
    let mut rest = text;
    while let Some((open, close)) = [("<think>", "</think>"), ("<thinking>", "</thinking>")]
        .into_iter()
        .find(|(open, _)| rest.trim_start().starts_with(open))
    {
        let inner = &rest.trim_start()[open.len()..];
        let (thought, after) = inner.split_once(close).unwrap_or((inner, ""));
        if !reasoning.is_empty() && !thought.trim().is_empty() {
            reasoning.push('\n');
        }
        reasoning.push_str(thought.trim());
        rest = after;
    }
    (rest.len() != text.len()).then(|| (reasoning, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_leading_block_is_reasoning() {
        for (text, want) in [
            ("<think>why</think>\n\nParis", Some(("why", "Paris"))),
            ("\n <thinking>\nwhy\n</thinking>Paris</think>", Some(("why", "Paris</think>"))),
            ("<think></think>\n\nParis", Some(("", "Paris"))),
            ("<think>a</think><think>b</think>c", Some(("a\nb", "c"))),
            ("<think>never done", Some(("never done", ""))),
            ("Paris <think>why</think>", None),
            ("why</think>Paris", None),
            ("<thinker>x", None),
            ("", None),
        ] {
            let split = split(text);
            assert_eq!(split.as_ref().map(|(r, t)| (r.as_str(), *t)), want, "{text:?}");
        }
    }
}
