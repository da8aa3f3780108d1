//! Fenced blocks, as `CommonMark` has them, but for their indentation: models fence inside lists.

/// A fenced block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block<'t> {
    /// The first word behind the fence; may be empty.
    pub(super) language: &'t str,
    /// What stands between the fences, without the last line break.
    pub(super) text: &'t str,
}

impl Block<'_> {
    /// Whether its language is one of these, whatever its case.
    pub(super) fn is_in(&self, languages: &[String]) -> bool {
        languages.iter().any(|language| self.language.eq_ignore_ascii_case(language))
    }
}

/// The blocks of a text, from first to last; the last may never be closed.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (mark, info) = loop {
            let line = next_line(text, &mut at)?;
            if let Some(fence) = opening(line) {
                break fence;
            }
        };
        let start = at;
        let mut end = at;
        while let Some(line) = next_line(text, &mut at) {
            if closes(line, mark) {
                return Some(block(info, &text[start..end]));
            }
            end = at;
        }
        Some(block(info, &text[start..end]))
    })
}

fn block<'t>(info: &'t str, text: &'t str) -> Block<'t> {
    // `{.python .numberLines}` and `python {1,3}` are seen too.
    let word = info.split([' ', '\t', '{', '}', ',']).find(|word| !word.is_empty()).unwrap_or_default();
    let text = text.strip_suffix('\n').unwrap_or(text);
    Block { language: word.trim_start_matches('.'), text: text.strip_suffix('\r').unwrap_or(text) }
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
    let mark = line.chars().next().filter(|c| matches!(c, '`' | '~'))?;
    let info = line.trim_start_matches(mark);
    let marks = &line[..line.len() - info.len()];
    // Code on one line, ```like this```, opens nothing.
    (marks.len() >= 3 && !(mark == '`' && info.contains('`'))).then(|| (marks, info.trim()))
}

/// Whether a line closes a fence: at least as many of its marks, and nothing else.
fn closes(line: &str, marks: &str) -> bool {
    line.trim().strip_prefix(marks).is_some_and(|rest| rest.trim_start_matches(&marks[..1]).is_empty())
}
