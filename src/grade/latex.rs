//! The little LaTeX that models wrap final answers in.

use std::ops::Range;

/// The place of what stands in the last `\boxed{…}` (or `\fbox{…}`); an unclosed one, of an answer that was cut off,
/// reaches to the end of its line.
pub(super) fn last_boxed(text: &str) -> Option<Range<usize>> {
    let end = |command: &str| text.rfind(command).map(|at| at + command.len());
    let rest = text[end("\\boxed").max(end("\\fbox"))?..].trim_start_matches(' ');
    let from = text.len() - rest.len();
    let Some(inner) = rest.strip_prefix('{') else {
        // TeX's own short form: `\boxed 5`.
        let len = rest.find([' ', '\n', '$', '.', ',']).unwrap_or(rest.len());
        return (len > 0).then_some(from..from + len);
    };
    let len = closing_brace(inner).unwrap_or_else(|| inner.find('\n').unwrap_or(inner.len()));
    Some(from + 1..from + 1 + len)
}

/// The place of the brace that closes the one in front of the text.
pub(super) fn closing_brace(inner: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let closing = inner.char_indices().find(|(_, c)| match c {
        '{' => {
            depth += 1;
            false
        }
        '}' if depth == 0 => true,
        '}' => {
            depth -= 1;
            false
        }
        _ => false,
    });
    closing.map(|(at, _)| at)
}

/// The text without `\text{…}` and its kin, `$`, `\(`, `\)`, braces and `\` before a blank or a sign.
pub(super) fn plain(text: &str) -> String {
    const COMMANDS: [&str; 9] =
        ["text", "textbf", "textit", "textrm", "mathrm", "mathbf", "mathsf", "operatorname", "mbox"];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '$', '{', '}']) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = if rest[at..].starts_with('\\') {
            let name = &after[..after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len())];
            if COMMANDS.contains(&name) {
                &after[name.len()..]
            } else if name.is_empty() {
                after.strip_prefix(['(', ')', '[', ']']).unwrap_or(after)
            } else {
                out.push('\\');
                after
            }
        } else {
            after
        };
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_box_is_opened_to_its_own_brace() {
        for (text, want) in [
            (r"so \boxed{42}.", Some("42")),
            (r"\boxed{1} then \boxed{\frac{3}{4}}!", Some(r"\frac{3}{4}")),
            (r"\fbox{x}", Some("x")),
            (r"$\boxed 5$", Some("5")),
            (r"\boxed{12 apples", Some("12 apples")),
            (r"\boxed", None),
            ("no box", None),
        ] {
            assert_eq!(last_boxed(text).map(|place| &text[place]), want, "{text}");
        }
    }

    #[test]
    fn text_commands_and_math_marks_are_taken_off() {
        for (text, want) in
            [(r"\text{C}", "C"), (r"$\mathbf{(C)}$", "(C)"), (r"\(C\)", "C"), (r"\alpha C", r"\alpha C"), ("C", "C")]
        {
            assert_eq!(plain(text), want, "{text}");
        }
    }
}
