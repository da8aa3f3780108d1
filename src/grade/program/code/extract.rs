//! The code in an answer: a fenced block, or all of it.

use crate::grade::fence::{Block, blocks};

/// Code, and how it stood in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Code<'a> {
    /// As it was written.
    pub(super) text: &'a str,
    /// Between fences: then a chat stood around it, and its first line is whole.
    pub(super) fenced: bool,
}

/// Which block is taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
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
    let blocks: Vec<Block<'_>> = blocks(answer).collect();
    let is_named = |block: &&Block<'_>| block.is_in(labels.iter().copied());
    let mut fit: Vec<&Block<'_>> = blocks.iter().filter(is_named).collect();
    if fit.is_empty() {
        fit = blocks.iter().filter(|block| block.language.is_empty()).collect();
    }
    if fit.is_empty() {
        fit = blocks.iter().collect();
    }
    let block = match take {
        Take::First => fit.first(),
        Take::Last => fit.last(),
        Take::Auto => fit.iter().rev().find(|block| defines(block.body)).or(fit.first()),
    };
    match block {
        Some(block) => Code { text: block.body, fenced: true },
        None => Code { text: answer, fenced: false },
    }
}

#[cfg(test)]
mod tests {
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
}
