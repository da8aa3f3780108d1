//! Where things stand in a YAML text: built only when there is something to report or a number to be read as written.
//!
//! The tree of places has the shape of the document as it is written: aliases are not expanded but pointed at, so its
//! size is bounded by the text's.

use std::collections::HashMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::log::Segment;
use super::node::Node;

/// Every place of a document.
#[derive(Debug, Default)]
pub(super) struct Spans {
    nodes: Vec<Spot>,
}

/// Where one value stands.
#[derive(Debug)]
pub(super) struct Spot {
    /// The value; of a list or map from its first to its last byte.
    pub(super) value: Range<usize>,
    /// Its key, where it has one.
    pub(super) key: Option<Range<usize>>,
    /// How it is written, for a scalar.
    pub(super) style: Option<ScalarStyle>,
    children: Children,
}

#[derive(Debug)]
enum Children {
    None,
    List(Vec<usize>),
    Map(Vec<(Box<str>, usize)>),
    Alias(usize),
}

/// Turns the parser's character positions into bytes.
struct Bytes<'a> {
    text: &'a str,
    /// Empty for ASCII, where both are the same.
    starts: Vec<u32>,
}

impl<'a> Bytes<'a> {
    fn new(text: &'a str) -> Self {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect()
        };
        Self { text, starts }
    }

    fn at(&self, character: usize) -> usize {
        if self.starts.is_empty() {
            character.min(self.text.len())
        } else {
            self.starts.get(character).map_or(self.text.len(), |&at| at as usize)
        }
    }

    fn range(&self, span: Span) -> Range<usize> {
        let start = self.at(span.start.index());
        let end = self.at(span.end.index()).max(start);
        start..start + self.text[start..end].trim_end().len()
    }
}

/// A list or map that is not closed yet.
struct Open {
    spot: usize,
    /// The key that waits for its value.
    key: Option<(Box<str>, Range<usize>)>,
}

impl Spans {
    /// Reads the first document; what stands before a syntax error is kept.
    pub(super) fn new(text: &str) -> Self {
        let bytes = Bytes::new(text);
        let mut nodes: Vec<Spot> = Vec::new();
        let mut open: Vec<Open> = Vec::new();
        let mut anchors: HashMap<usize, usize> = HashMap::new();
        let mut parser = Parser::new_from_str(text);
        while let Some(Ok((event, span))) = parser.next_event() {
            let (children, style, anchor) = match &event {
                Event::Alias(anchor) => match anchors.get(anchor) {
                    Some(&target) => (Children::Alias(target), None, 0),
                    None => (Children::None, None, 0),
                },
                Event::Scalar(_, style, anchor, _) => (Children::None, Some(*style), *anchor),
                Event::SequenceStart(anchor, _) => (Children::List(Vec::new()), None, *anchor),
                Event::MappingStart(anchor, _) => (Children::Map(Vec::new()), None, *anchor),
                Event::SequenceEnd | Event::MappingEnd => {
                    if let Some(closed) = open.pop() {
                        let end = bytes.range(Span::new(span.start, span.end)).end;
                        let value = &mut nodes[closed.spot].value;
                        value.end = value.start + text[value.start..end.max(value.start)].trim_end().len();
                    }
                    continue;
                }
                Event::DocumentEnd | Event::StreamEnd => break,
                _ => continue,
            };
            let range = bytes.range(span);
            let waits_for_key = open
                .last()
                .is_some_and(|parent| parent.key.is_none() && matches!(nodes[parent.spot].children, Children::Map(_)));
            if waits_for_key {
                let name = match &event {
                    Event::Scalar(name, ..) => name.as_ref().into(),
                    _ => "".into(),
                };
                if let Some(parent) = open.last_mut() {
                    parent.key = Some((name, range.clone()));
                }
                if matches!(children, Children::None | Children::Alias(_)) {
                    continue;
                }
                // A list or map as key: its own content is hung under nothing.
            }
            let index = nodes.len();
            if anchor > 0 {
                anchors.insert(anchor, index);
            }
            let key = if waits_for_key { None } else { open.last_mut().and_then(|parent| parent.key.take()) };
            if let Some(parent) = open.last() {
                match &mut nodes[parent.spot].children {
                    Children::List(items) => items.push(index),
                    Children::Map(entries) => {
                        if let Some((name, _)) = &key {
                            entries.push((name.clone(), index));
                        }
                    }
                    Children::None | Children::Alias(_) => {}
                }
            }
            let is_open = matches!(children, Children::List(_) | Children::Map(_));
            nodes.push(Spot { value: range, key: key.map(|(_, range)| range), style, children });
            if is_open {
                open.push(Open { spot: index, key: None });
            }
        }
        Self { nodes }
    }

    fn target(&self, mut index: usize) -> usize {
        // An anchor stands before its alias, so this ends.
        while let Children::Alias(next) = self.nodes[index].children {
            index = next;
        }
        index
    }

    fn child(&self, index: usize, segment: &Segment) -> Option<usize> {
        match (&self.nodes[self.target(index)].children, segment) {
            (Children::List(items), Segment::Index(i)) => items.get(*i).copied(),
            (Children::Map(entries), Segment::Key(name)) => self.entry(entries, name, 0),
            (Children::Map(entries), Segment::Entry(i)) => entries.get(*i).map(|(_, index)| *index),
            _ => None,
        }
    }

    fn entry(&self, entries: &[(Box<str>, usize)], name: &str, depth: usize) -> Option<usize> {
        let named = |name: &str| entries.iter().find(|(key, _)| **key == *name).map(|(_, index)| *index);
        named(name).or_else(|| {
            let merged = self.target(named("<<")?);
            let sources = match &self.nodes[merged].children {
                Children::List(items) => items.as_slice(),
                _ => std::slice::from_ref(&merged),
            };
            sources.iter().filter(|_| depth < 32).find_map(|&source| match &self.nodes[self.target(source)].children {
                Children::Map(inner) => self.entry(inner, name, depth + 1),
                _ => None,
            })
        })
    }

    /// The place at a path, or of the nearest value around it. The flag tells whether it was found exactly.
    pub(super) fn find(&self, path: &[Segment]) -> Option<(&Spot, bool)> {
        let mut index = 0;
        self.nodes.first()?;
        for segment in path {
            match self.child(index, segment) {
                Some(child) => index = child,
                None => return Some((&self.nodes[index], false)),
            }
        }
        Some((&self.nodes[index], true))
    }

    /// The value a place's alias points at, for looking inside a scalar.
    pub(super) fn resolved(&self, path: &[Segment]) -> Option<&Spot> {
        let mut index = 0;
        self.nodes.first()?;
        for segment in path {
            index = self.child(index, segment)?;
        }
        self.nodes.get(self.target(index))
    }

    /// Gives the numbers of a tree back as they were written, where JSON can write them so.
    pub(super) fn restore_numbers(&self, root: &mut Node, text: &str) {
        if !self.nodes.is_empty() {
            self.restore(root, 0, text);
        }
    }

    fn restore(&self, node: &mut Node, index: usize, text: &str) {
        let spot = &self.nodes[self.target(index)];
        match (node, &spot.children) {
            (Node::Number(number), Children::None) => {
                let written = text[spot.value.clone()].trim_start_matches('+');
                let same = |a: &str, b: &str| matches!((a.parse::<f64>(), b.parse::<f64>()), (Ok(a), Ok(b)) if a.to_bits() == b.to_bits());
                if **number != *written
                    && same(number, written)
                    && serde_json::from_str::<serde_json::Number>(written).is_ok()
                {
                    *number = written.into();
                }
            }
            (Node::List(items), Children::List(spots)) if items.len() == spots.len() => {
                for (item, &spot) in items.iter_mut().zip(spots) {
                    self.restore(item, spot, text);
                }
            }
            (Node::Map(entries), Children::Map(spots)) if entries.len() == spots.len() => {
                for ((name, item), (key, spot)) in entries.iter_mut().zip(spots) {
                    if name == key {
                        self.restore(item, *spot, text);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reads a text through only to see whether it is sound: the message and the byte where it is not.
pub(super) fn scan(text: &str) -> Result<(), (String, usize)> {
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        if let Err(error) = event {
            return Err((error.info().to_owned(), Bytes::new(text).at(error.marker().index())));
        }
    }
    Ok(())
}

/// Where the second document of a stream begins.
pub(super) fn second_document(text: &str) -> Option<Range<usize>> {
    let mut parser = Parser::new_from_str(text);
    let mut documents = 0;
    while let Some(Ok((event, span))) = parser.next_event() {
        if let Event::DocumentStart(_) = event {
            documents += 1;
            if documents == 2 {
                return Some(Bytes::new(text).range(span));
            }
        }
    }
    None
}

/// Where a part of a scalar's value stands in the text the scalar was written as, or `None` where that cannot be told.
pub(super) fn part_of(text: &str, spot: &Spot, value: &str, part: &Range<usize>) -> Option<Range<usize>> {
    let style = spot.style?;
    let raw = text.get(spot.value.clone())?;
    let mut at = match style {
        ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => 1,
        _ => 0,
    };
    let (mut start, mut end) = (None, None);
    for (offset, wanted) in value.char_indices() {
        let (begin, length) = next_char(raw, at, wanted, style)?;
        if offset == part.start {
            start = Some(begin);
        }
        at = begin + length;
        if offset < part.end {
            end = Some(at);
        } else {
            break;
        }
    }
    let start = start.unwrap_or(at);
    let end = end.filter(|end| *end > start).unwrap_or(start);
    Some(spot.value.start + start..spot.value.start + end)
}

/// Where a character of the value begins in the raw text, from `at` on, and how many bytes it takes there.
fn next_char(raw: &str, mut at: usize, wanted: char, style: ScalarStyle) -> Option<(usize, usize)> {
    loop {
        let next = raw.get(at..)?.chars().next()?;
        if style == ScalarStyle::DoubleQuoted && next == '\\' {
            let escape = raw.get(at + 1..)?.chars().next()?;
            if escape == '\n' {
                at += 2;
                continue;
            }
            let length = match escape {
                'x' => 4,
                'u' => 6,
                'U' => 10,
                other => 1 + other.len_utf8(),
            };
            return Some((at, length.min(raw.len() - at)));
        }
        if style == ScalarStyle::SingleQuoted && next == '\'' && wanted == '\'' {
            return Some((at, 2.min(raw.len() - at)));
        }
        if next == wanted {
            return Some((at, next.len_utf8()));
        }
        // A folded line break is a space in the value.
        if wanted == ' ' && next == '\n' {
            return Some((at, 1));
        }
        if !next.is_whitespace() {
            return None;
        }
        at += next.len_utf8();
    }
}
