//! Fenced code blocks of an answer: `CommonMark`'s, but at any indentation, as models fence inside lists, and behind
//! text on the same line (`Sure: ```json`).

/// A fenced block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block<'t> {
    /// The first word behind the fence; empty where there is none.
    pub(super) language: &'t str,
    /// The lines between the fences, the last line break included.
    pub(super) body: &'t str,
}

impl<'t> Block<'t> {
    /// Whether its language is one of these, whatever its case.
    pub(super) fn is_in<'l>(&self, languages: impl IntoIterator<Item = &'l str>) -> bool {
        languages.into_iter().any(|language| self.language.eq_ignore_ascii_case(language))
    }

    /// The body without its last line break.
    pub(super) fn text(&self) -> &'t str {
        let text = self.body.strip_suffix('\n').unwrap_or(self.body);
        text.strip_suffix('\r').unwrap_or(text)
    }
}

/// The blocks of a text, from first to last; one that is never closed reaches to the end.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (marks, info) = loop {
            if let Some(fence) = opening(next_line(text, &mut at)?) {
                break fence;
            }
        };
        // `{.python .numberLines}` and `python {1,3}` are seen too.
        let word = info.split([' ', '\t', '{', '}', ',']).find(|word| !word.is_empty()).unwrap_or_default();
        let start = at;
        let mut end = at;
        while let Some(line) = next_line(text, &mut at) {
            if closes(line, marks) {
                break;
            }
            end = at;
        }
        Some(Block { language: word.trim_start_matches('.'), body: &text[start..end] })
    })
}

fn next_line<'t>(text: &'t str, at: &mut usize) -> Option<&'t str> {
    let rest = text.get(*at..).filter(|rest| !rest.is_empty())?;
    let len = rest.find('\n').map_or(rest.len(), |end| end + 1);
    *at += len;
    Some(&rest[..len])
}

/// The fence that a line opens: the marks, and what is said behind them.
fn opening(line: &str) -> Option<(&str, &str)> {
    let line = line.trim();
    if line.starts_with("~~~") {
        let info = line.trim_start_matches('~');
        return Some((&line[..line.len() - info.len()], info.trim()));
    }
    let at = line.find("```")?;
    let info = line[at..].trim_start_matches('`');
    let marks = &line[at..line.len() - info.len()];
    // Code on one line, ```like this```, opens nothing; nor do marks inside a sentence.
    let opens = !info.contains('`') && (at == 0 || !info.trim().contains(char::is_whitespace));
    opens.then(|| (marks, info.trim()))
}

/// Whether a line closes a fence: at least as many of its marks, and nothing else.
fn closes(line: &str, marks: &str) -> bool {
    line.trim().strip_prefix(marks).is_some_and(|rest| rest.trim_start_matches(&marks[..1]).is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn blocks_are_found_with_their_language() {
        let of = |text| blocks(text).map(|block| (block.language, block.body)).collect::<Vec<_>>();
        assert_eq!(of("a\n```xml\n<a/>\n```\nb\n```\nc\n```"), [("xml", "<a/>\n"), ("", "c\n")]);
        assert_eq!(of("```yaml\na: 1"), [("yaml", "a: 1")]);
        assert_eq!(of("````md\n```\nx\n```\n````"), [("md", "```\nx\n```\n")]);
        assert_eq!(of("~~~ {.py .x}\na\n~~~~\n"), [("py", "a\n")]);
        assert_eq!(of("Sure: ```json\n1\n```\nDone"), [("json", "1\n")]);
        assert_eq!(of("three marks ``` in a line"), []);
        assert_eq!(of("none `here`, and ```none``` there"), []);
    }

    proptest! {
        #[test]
        fn any_text_has_its_blocks(text in "(```|~~~|````|python|\n| |é|x){0,60}") {
            for block in blocks(&text) {
                prop_assert!(text.contains(block.body) && text.contains(block.language));
            }
        }
    }

    #[test]
    fn a_megabyte_of_fences_takes_linear_time() {
        for unit in ["```\n", "```python\n", "`", "x```", "~~~ ", "````\n```\n"] {
            let start = std::time::Instant::now();
            let _ = blocks(&unit.repeat(1_000_000 / unit.len())).count();
            assert!(start.elapsed() < std::time::Duration::from_secs(10), "{unit:?}");
        }
    }
}
