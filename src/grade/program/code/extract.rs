//! The code in an answer: a fenced block, or all of it.

/// Code, and how it stood in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code<'a> {
    /// As it was written.
    pub(super) text: &'a str,
    /// Between fences: then a chat stood around it, and its first line is whole.
    pub(super) fenced: bool,
}

/// A fenced block of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block<'a> {
    /// The word behind the opening fence; empty where there is none.
    pub(super) label: &'a str,
    /// What stands between the fences; to the end of the answer where the closing one is missing.
    pub(super) text: &'a str,
}

/// Which block is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Take {
    /// The last that defines the entry point, else the first.
    #[default]
    Auto,
    /// The first.
    First,
    /// The last.
    Last,
}

/// The code of an answer: a block labelled as one of `labels`, else one without a label, else any, else all of it.
pub(super) fn code<'a>(answer: &'a str, labels: &[&str], take: Take, defines: impl Fn(&str) -> bool) -> Code<'a> {
    let blocks = blocks(answer);
    let is_named = |block: &&Block<'_>| labels.iter().any(|label| label.eq_ignore_ascii_case(block.label));
    let mut fit: Vec<&Block<'_>> = blocks.iter().filter(is_named).collect();
    if fit.is_empty() {
        fit = blocks.iter().filter(|block| block.label.is_empty()).collect();
    }
    if fit.is_empty() {
        fit = blocks.iter().collect();
    }
    let block = match take {
        Take::First => fit.first(),
        Take::Last => fit.last(),
        Take::Auto => fit.iter().rev().find(|block| defines(block.text)).or(fit.first()),
    };
    match block {
        Some(block) => Code { text: block.text, fenced: true },
        None => Code { text: answer, fenced: false },
    }
}

/// The fenced blocks of a Markdown text, in order, as `CommonMark` has them.
pub(super) fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut open: Option<(&str, &str, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let inner = line.trim_end();
        let bare = inner.trim_start_matches(' ');
        // Deeper is an indented block of code, but in lists models indent fences as well.
        let fence = fence(bare);
        match (open, fence) {
            (None, Some(fence)) => {
                let info = bare[fence.len()..].trim();
                // An inline span: ```x``` on one line.
                if !(fence.starts_with('`') && info.contains('`')) {
                    open = Some((fence, info.split([' ', '\t', ',', '{']).next().unwrap_or_default(), end));
                }
            }
            (Some((opening, label, start)), Some(fence)) => {
                let closes = fence.starts_with(&opening[..1]) && fence.len() >= opening.len() && bare == fence;
                if closes {
                    blocks.push(Block { label, text: &text[start..at] });
                    open = None;
                }
            }
            _ => {}
        }
        at = end;
    }
    if let Some((_, label, start)) = open {
        blocks.push(Block { label, text: &text[start..] });
    }
    blocks
}

/// The fence that a line begins with: three or more of the same.
fn fence(line: &str) -> Option<&str> {
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let length = line.chars().take_while(|c| *c == mark).count();
    (length >= 3).then(|| &line[..length])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PYTHON: &[&str] = &["python", "py"];

    fn taken(answer: &str, take: Take) -> (&str, bool) {
        let code = code(answer, PYTHON, take, |text| text.contains("def f("));
        (code.text, code.fenced)
    }

    #[test]
    fn the_block_of_the_language_is_taken() {
        assert_eq!(taken("Sure:\n```python\na\n```\nbye", Take::Auto), ("a\n", true));
        assert_eq!(taken("```sh\nls\n```\n```Python\na\n```", Take::Auto), ("a\n", true));
        assert_eq!(taken("```\na\n```\n```sh\nls\n```", Take::Auto), ("a\n", true));
        assert_eq!(taken("```text\na\n```", Take::Auto), ("a\n", true));
        assert_eq!(taken("    return 1\n", Take::Auto), ("    return 1\n", false));
        assert_eq!(taken("~~~py\na\n~~~", Take::Auto), ("a\n", true));
        assert_eq!(taken("````python\n```\na\n````", Take::Auto), ("```\na\n", true));
        assert_eq!(taken("```python title=\"x\"\na\n```", Take::Auto), ("a\n", true));
        assert_eq!(taken("1. so:\n   ```python\n   a\n   ```\n", Take::Auto), ("   a\n", true));
    }

    #[test]
    fn the_block_that_defines_what_is_asked_for_is_preferred() {
        let answer = "```python\nimport x\n```\n```python\ndef f(): pass\n```\n```python\nf()\n```";
        assert_eq!(taken(answer, Take::Auto).0, "def f(): pass\n");
        assert_eq!(taken(answer, Take::First).0, "import x\n");
        assert_eq!(taken(answer, Take::Last).0, "f()\n");
    }

    #[test]
    fn a_block_that_is_cut_off_goes_to_the_end() {
        assert_eq!(taken("```python\ndef f():\n    ret", Take::Auto), ("def f():\n    ret", true));
        assert!(!taken("``` x ``` is a span", Take::Auto).1);
    }

    proptest! {
        #[test]
        fn any_text_has_its_blocks(text in "(```|~~~|````|python|\n| |é|x){0,60}") {
            for block in blocks(&text) {
                prop_assert!(text.contains(block.text) && text.contains(block.label));
            }
        }
    }

    #[test]
    fn a_megabyte_of_fences_takes_linear_time() {
        for unit in ["```\n", "```python\n", "`", "~~~ ", "````\n```\n"] {
            let start = std::time::Instant::now();
            let _ = code(&unit.repeat(1_000_000 / unit.len()), PYTHON, Take::Auto, |_| false);
            assert!(start.elapsed() < std::time::Duration::from_secs(10), "{unit:?}");
        }
    }
}
