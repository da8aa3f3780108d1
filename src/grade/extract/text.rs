//! Lines, markers and tags.

use regex::Regex;

use super::method::To;

/// A text without blanks around it, and without emphasis that is around all of it: `**42**` is 42.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    for marks in ["***", "**", "*"] {
        if let Some(inner) = text.strip_prefix(marks).and_then(|text| text.strip_suffix(marks))
            && !inner.contains('*')
            && !inner.trim().is_empty()
        {
            return inner.trim();
        }
    }
    text
}

/// What stands behind the last marker that has something behind it, up to the next marker.
pub(super) fn behind<'t>(text: &'t str, marker: &Regex, to: To) -> Option<&'t str> {
    let mut found = None;
    let mut keep = |part: &'t str| {
        // A marker in bold, `**Answer:** 42`, is closed behind it.
        let part = part.trim_start_matches(['*', '_']);
        let part = match to {
            To::Line => part.lines().map(bare).find(|line| !line.is_empty()),
            To::End => Some(bare(part)),
        };
        found = part.filter(|part| !part.is_empty()).or(found);
    };
    let mut from = None;
    for place in marker.find_iter(text) {
        if let Some(from) = from.replace(place.end()) {
            keep(&text[from..place.start()]);
        }
    }
    keep(&text[from?..]);
    found
}

/// What stands inside the last pair of tags; where none is closed, behind the last that was opened.
///
/// The pattern matches one tag; its first group takes part where it is a closing one.
pub(super) fn between_tags<'t>(text: &'t str, tag: &Regex) -> Option<&'t str> {
    let mut opened: Option<usize> = None;
    let mut found = None;
    for captures in tag.captures_iter(text) {
        let Some(place) = captures.get(0) else { continue };
        if captures.get(1).is_none() {
            opened = Some(place.end());
        } else if let Some(start) = opened.take() {
            found = Some(&text[start..place.start()]);
        }
    }
    found.or_else(|| opened.map(|start| &text[start..]))
}
