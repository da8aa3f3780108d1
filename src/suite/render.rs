//! Diagnostics as people read them: file, line, column, the line itself, underlined.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{AnnotationKind, Group, Level, Snippet};

use crate::text;

use super::diagnostic::{Diagnostic, Diagnostics, Severity, Source};

/// A line longer than this many bytes is shown only around its mistake.
const LONG_LINE: usize = 4096;

impl Diagnostics {
    /// All of it, one block a mistake with a blank line between them, without a newline at the end. `width` is the
    /// terminal's, in columns.
    pub fn render(&self, color: bool, width: usize) -> String {
        let renderer = if color { Renderer::styled() } else { Renderer::plain() };
        let renderer = renderer.term_width(width.max(40));
        let mut blocks: Vec<String> = self.items.iter().map(|item| block(item, &renderer)).collect();
        if self.omitted > 0 {
            blocks.push(format!("… and {} more errors", self.omitted));
        }
        blocks.join("\n\n")
    }
}

fn block(item: &Diagnostic, renderer: &Renderer) -> String {
    let level = match item.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = if item.path.is_empty() { item.message.clone() } else { format!("{}: {}", item.path, item.message) };
    let mut group = Group::with_title(level.primary_title(text::lines(&title).into_owned()));
    if let Some((source, range)) = &item.place {
        let related = item.related.as_ref();
        let excerpt = Excerpt::of(source, range, related.map(|(range, _)| range));
        let mut snippet = Snippet::source(excerpt.text)
            .path(text::one_line(&source.path.to_string_lossy()).into_owned())
            .line_start(excerpt.line)
            .annotation(AnnotationKind::Primary.span(excerpt.range));
        if let (Some(range), Some((_, label))) = (excerpt.related, related) {
            snippet = snippet.annotation(AnnotationKind::Context.span(range).label(text::one_line(label).into_owned()));
        }
        group = group.element(snippet);
    }
    if let Some(hint) = &item.hint {
        group = group.element(Level::HELP.message(text::lines(hint).into_owned()));
    }
    renderer.render(&[group])
}

/// The lines that are shown: cut out so that one mistake in a large file costs its lines only, and defused so that
/// the file cannot act on the terminal.
struct Excerpt<'a> {
    text: Cow<'a, str>,
    line: usize,
    range: Range<usize>,
    related: Option<Range<usize>>,
}

impl<'a> Excerpt<'a> {
    fn of(source: &'a Source, range: &Range<usize>, related: Option<&Range<usize>>) -> Self {
        let text = source.text.as_str();
        let range = on_one_line(text, range);
        let related = related.map(|range| on_one_line(text, range));
        let first = related.as_ref().map_or(range.start, |other| other.start.min(range.start));
        let last = related.as_ref().map_or(range.end, |other| other.end.max(range.end));
        let mut start = text[..first].rfind('\n').map_or(0, |at| at + 1);
        let mut end = text[last..].find('\n').map_or(text.len(), |at| last + at);
        let line = source.first_line + text[..start].bytes().filter(|&b| b == b'\n').count();
        if related.is_none() && end - start > LONG_LINE {
            start = text.ceil_char_boundary(start.max(first.saturating_sub(LONG_LINE / 2)));
            end = text.floor_char_boundary(end.min(last + LONG_LINE / 2));
        }
        let shift = |range: Range<usize>| range.start - start..range.end - start;
        Self { text: defused(&text[start..end]), line, range: shift(range), related: related.map(shift) }
    }
}

/// The part of a range on its first line, at character boundaries, at least one character where there is one.
fn on_one_line(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start.min(text.len()));
    let end = text.floor_char_boundary(range.end.clamp(start, text.len()));
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let end = text.floor_char_boundary(end.min(line_end).min(start + LONG_LINE / 4));
    let shown = text[start..end].trim_end().len();
    if shown > 0 {
        return start..start + shown;
    }
    let next = text[start..line_end].chars().next().map_or(0, char::len_utf8);
    start..start + next
}

/// Characters that act on a terminal become ones that do not, of the same length in bytes, so that ranges hold.
/// The C0 controls are left: the renderer draws them as pictures.
fn defused(text: &str) -> Cow<'_, str> {
    let harmless = |c: char| {
        c == '\n'
            || c == '\t'
            || (c != '\r' && text::one_line(c.encode_utf8(&mut [0; 4])) == *c.encode_utf8(&mut [0; 4]))
    };
    if text.chars().all(harmless) {
        return Cow::Borrowed(text);
    }
    let swap = |c: char| match c {
        '\r' => ' ',
        c if harmless(c) || c.len_utf8() == 1 => c,
        c if c.len_utf8() == 2 => '¿',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(swap).collect())
}
