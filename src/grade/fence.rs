//! Fenced code blocks of an answer.

/// A block and the language it says it is in; empty where it says none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block<'t> {
    pub(super) language: &'t str,
    /// Without the line of the fence.
    pub(super) body: &'t str,
}

/// The blocks of a text, from first to last; the last may never be closed.
pub(super) fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let open = rest.find("```")?;
        // A longer fence is closed by one as long, so that the block may hold three backticks.
        let ticks = rest[open..].bytes().take_while(|&byte| byte == b'`').count();
        let fence = &rest[open..open + ticks];
        let inside = &rest[open + ticks..];
        let end = inside.find(fence);
        rest = end.map_or("", |end| inside[end..].trim_start_matches('`'));
        let inside = &inside[..end.unwrap_or(inside.len())];
        let word = inside.find(|c: char| !c.is_alphanumeric() && !"+-_.#".contains(c)).unwrap_or(inside.len());
        let (language, body) = inside.split_at(word);
        let body = body.trim_start_matches([' ', '\t', '\r']);
        Some(Block { language, body: body.strip_prefix('\n').unwrap_or(body) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_with_their_language() {
        let of = |text| blocks(text).map(|block| (block.language, block.body)).collect::<Vec<_>>();
        assert_eq!(of("a\n```xml\n<a/>\n```\nb\n```\nc\n```"), [("xml", "<a/>\n"), ("", "c\n")]);
        assert_eq!(of("```yaml\na: 1"), [("yaml", "a: 1")]);
        assert_eq!(of("````md\n```\nx\n```\n````"), [("md", "```\nx\n```\n")]);
        assert_eq!(of("none `here`"), []);
    }
}
