//! `JSONPath` (RFC 9535): a text → a path that selects values, in bounded time.
//!
//! The crate behind it appears nowhere else, so that it can be exchanged. A path like `$..*..*` selects a value once
//! for each of its ancestors, and a filter may query the whole document for every value; so the work is estimated
//! before it is begun, and refused where it would not end soon.

use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath};

use crate::text::one_line;

/// The bytes a path may have, and how deeply its brackets may nest: its parser recurses.
const MAX_BYTES: usize = 2000;
const MAX_NESTING: usize = 32;

/// The values that may be visited for one answer; some seconds at worst.
const MAX_WORK: usize = 20_000_000;

/// What compiling the pattern of a `match` or `search` costs, in values visited; it is done for every value.
const PATTERN_WORK: usize = 200;

/// A path that was read.
#[derive(Debug, Clone)]
pub(super) struct Path {
    path: JsonPath,
    shape: Shape,
}

/// A text that is no path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PathMistake {
    /// A lower-case fragment.
    pub(super) message: String,
    pub(super) hint: Option<&'static str>,
}

/// What makes a path visit more values than there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shape {
    /// `..` outside of filters.
    descents: u32,
    /// `..` behind `@`.
    inner_descents: u32,
    /// Queries of many values behind `$` inside a filter.
    whole: u32,
    /// `match` and `search`.
    patterns: u32,
    /// The product of the selectors in each pair of brackets.
    copies: usize,
}

/// How many values there are, how deep, and the sum of their depths.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    values: usize,
    deepest: usize,
    depths: usize,
}

/// Why nothing was selected: the path would visit too many values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the path would visit the answer's {0} values too often to be followed in time")]
pub(super) struct TooMuchWork(usize);

impl Path {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong, and at which character.
    pub(super) fn parse(text: &str) -> Result<Self, PathMistake> {
        let mistake = |message: String, hint| PathMistake { message, hint };
        if !text.starts_with('$') {
            let message = "a path begins with `$`, the whole value".to_owned();
            return Err(mistake(message, Some("write for example `$.items[0].price`")));
        }
        if text.len() > MAX_BYTES {
            return Err(mistake(format!("a path of more than {MAX_BYTES} bytes"), None));
        }
        let (shape, nesting) = Shape::of(text);
        if nesting > MAX_NESTING {
            return Err(mistake(format!("brackets nest deeper than {MAX_NESTING}"), None));
        }
        if let Ok(path) = JsonPath::parse(text) {
            return Ok(Self { path, shape });
        }
        // The parser's own position is vague; the longest part that is a path by itself ends where the mistake begins.
        let is_path = |end: &usize| text.is_char_boundary(*end) && JsonPath::parse(&text[..*end]).is_ok();
        let end = (1..text.len()).rev().find(is_path).unwrap_or(1);
        let rest: String = text[end..].chars().take(20).collect();
        let place = text[..end].chars().count() + 1;
        let hint = "the syntax is RFC 9535: `$.a[0]`, `$['a b']`, `$.items[*]`, `$..id`, `$[?@.price < 10]`";
        Err(mistake(format!("not a JSONPath: a mistake at character {place}, in `{}`", one_line(&rest)), Some(hint)))
    }

    /// The values it selects, in the order of the path.
    ///
    /// # Errors
    /// Where that would take too long.
    pub(super) fn select<'v>(&self, value: &'v Value) -> Result<Vec<&'v Value>, TooMuchWork> {
        self.shape.permit(value)?;
        Ok(self.path.query(value).all())
    }

    /// Where the values stand that it selects, as JSON Pointers.
    ///
    /// # Errors
    /// Where that would take too long.
    pub(super) fn locate(&self, value: &Value) -> Result<Vec<String>, TooMuchWork> {
        self.shape.permit(value)?;
        Ok(self.path.query_located(value).locations().map(NormalizedPath::to_json_pointer).collect())
    }
}

impl Shape {
    /// The shape of a text that may be a path, and how deeply its brackets nest.
    fn of(text: &str) -> (Self, usize) {
        let mut shape = Self { copies: 1, ..Self::default() };
        let bytes = text.as_bytes();
        let (mut at, mut deepest) = (0, 0);
        // For each open bracket: whether it is inside a filter; of a square one, how many selectors it has.
        let mut open: Vec<(bool, Option<usize>)> = Vec::new();
        let mut absolute = false;
        while let Some(&byte) = bytes.get(at) {
            let in_filter = open.last().is_some_and(|(filter, _)| *filter);
            match byte {
                b'"' | b'\'' => {
                    at += 1;
                    while bytes.get(at).is_some_and(|&next| next != byte) {
                        at += if bytes[at] == b'\\' { 2 } else { 1 };
                    }
                }
                b'[' => open.push((in_filter, Some(1))),
                b'(' => {
                    if in_filter && (text[..at].ends_with("match") || text[..at].ends_with("search")) {
                        shape.patterns += 1;
                    }
                    open.push((in_filter, None));
                }
                b']' | b')' => {
                    if let Some((_, Some(selectors))) = open.pop() {
                        shape.copies = shape.copies.saturating_mul(selectors);
                    }
                }
                b',' => {
                    if let Some((_, Some(selectors))) = open.last_mut() {
                        *selectors += 1;
                    }
                }
                b'?' => {
                    if absolute && in_filter {
                        shape.whole += 1;
                    }
                    if let Some((filter, _)) = open.last_mut() {
                        *filter = true;
                    }
                }
                b'$' => absolute = true,
                b'@' => absolute = false,
                b'*' | b':' if in_filter && absolute => shape.whole += 1,
                b'.' if bytes.get(at + 1) == Some(&b'.') => {
                    match (in_filter, absolute) {
                        (false, _) => shape.descents += 1,
                        (true, true) => shape.whole += 1,
                        (true, false) => shape.inner_descents += 1,
                    }
                    at += 1;
                }
                _ => {}
            }
            deepest = deepest.max(open.len());
            at += 1;
        }
        (shape, deepest)
    }

    fn permit(self, value: &Value) -> Result<(), TooMuchWork> {
        let mut extent = Extent::default();
        extent.add(value, 1);
        // A second descent begins at every value, and so visits each once for every ancestor.
        let mut work = if self.descents > 1 { extent.depths } else { extent.values };
        let mut times = |factor: usize, count: u32| work = work.saturating_mul(factor.saturating_pow(count));
        times(extent.deepest, self.descents.saturating_sub(2) + self.inner_descents);
        times(extent.values, self.whole);
        times(self.copies, 1);
        times(PATTERN_WORK, self.patterns.min(1));
        if work > MAX_WORK.max(extent.values) { Err(TooMuchWork(extent.values)) } else { Ok(()) }
    }
}

impl Extent {
    /// Recursive: what was read from a text nests at most 128 deep.
    fn add(&mut self, value: &Value, depth: usize) {
        self.values += 1;
        self.depths += depth;
        self.deepest = self.deepest.max(depth);
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.add(item, depth + 1)),
            Value::Object(map) => map.values().for_each(|item| self.add(item, depth + 1)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_selects_values_and_tells_where_they_stand() {
        let value = json!({"items": [{"price": 3, "a/b": 1}, {"price": 5}]});
        let path = Path::parse("$.items[?@.price > 4].price").unwrap();
        assert_eq!(path.select(&value).unwrap(), [&json!(5)]);
        assert_eq!(path.locate(&value).unwrap(), ["/items/1/price"]);
        assert_eq!(Path::parse("$..['a/b']").unwrap().locate(&value).unwrap(), ["/items/0/a~1b"]);
    }

    #[test]
    fn a_wrong_path_is_told_with_its_place() {
        for (text, part) in [
            ("items[0]", "begins with `$`"),
            ("$.items[", "at character 8, in `[`"),
            ("$.items[a]", "at character 8, in `[a]`"),
            ("$.ä[?@.b ==]", "at character 4, in `[?@.b ==]`"),
            ("$.", "at character 2, in `.`"),
            ("$ .a b", "at character 5, in ` b`"),
            (&format!("$[?{}", "(".repeat(40)), "deeper than 32"),
            (&format!("$.{}", "a".repeat(3000)), "more than 2000 bytes"),
        ] {
            let mistake = Path::parse(text).unwrap_err();
            assert!(mistake.message.contains(part), "{text}: {}", mistake.message);
        }
    }

    #[test]
    fn what_multiplies_the_work_is_found_outside_of_quotes_only() {
        let of = |text| Shape::of(text).0;
        let plain = Shape { copies: 1, ..Shape::default() };
        assert_eq!(of("$.a[0]['x..y[?$..z]']"), plain);
        assert_eq!(of("$..a..b"), Shape { descents: 2, ..plain });
        assert_eq!(of("$[?@..a]"), Shape { inner_descents: 1, ..plain });
        assert_eq!(of("$[?count($..a) > 1]"), Shape { whole: 1, ..plain });
        assert_eq!(of("$[?$[?@.a]]"), Shape { whole: 1, ..plain });
        assert_eq!(of("$[*,*][0,1,2]"), Shape { copies: 6, ..plain });
        assert_eq!(of("$[?match(@.a, 'x')]"), Shape { patterns: 1, ..plain });
    }

    #[test]
    fn a_path_that_would_not_end_is_refused() {
        let mut deep = json!(1);
        for _ in 0..100 {
            deep = json!([deep, 1, 2, 3]);
        }
        for text in ["$..*..*..*..*..*", "$..[?@..[?@..[?@..*]]]"] {
            assert!(Path::parse(text).unwrap().select(&deep).is_err(), "{text}");
        }
        let wide = Value::from((0..10_000).collect::<Vec<_>>());
        assert!(Path::parse("$[?count($..*) > 1]").unwrap().select(&wide).is_err());
        let twice = format!("${}", "[*,*]".repeat(30));
        assert!(Path::parse(&twice).unwrap().select(&wide).is_err());
        assert_eq!(Path::parse("$..*").unwrap().select(&wide).unwrap().len(), 10_000);
    }
}
