//! A text → whether it begins with a well-formed document (XML 1.0, fifth edition, without a DTD of its own).
//!
//! The tags are cut and paired by `quick-xml`; it leaves out what most readers do not need, so the rest of what
//! *well-formed* asks for is looked at here: one root, names, attributes, references, characters. Entities are never
//! expanded, and nothing is kept but the names of open elements.

use std::collections::HashSet;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::text::{excerpt, one_line};

/// A well-formed document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document<'t> {
    /// The name of the root element.
    pub(super) root: &'t str,
    /// Of the elements looked for, those that are not there.
    pub(super) missing: Vec<String>,
    /// The bytes of the text up to the end of the root element.
    pub(super) end: usize,
}

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    /// A lower-case fragment.
    pub(super) message: String,
    /// Where, in bytes.
    pub(super) at: usize,
    /// How many bytes were read to find it.
    pub(super) read: usize,
}

/// What may follow the root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// Comments and blanks.
    Nothing,
    /// Anything: it is not looked at.
    Anything,
}

struct State<'t, 'e> {
    open: Vec<&'t str>,
    root: Option<&'t str>,
    doctype: bool,
    elements: &'e [String],
    found: HashSet<&'e str>,
}

/// Reads the document that a text begins with.
///
/// # Errors
/// The first mistake.
pub(super) fn document<'t>(text: &'t str, elements: &[String], after: After) -> Result<Document<'t>, Mistake> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut state = State { open: Vec::new(), root: None, doctype: false, elements, found: HashSet::new() };
    let mut end = 0;
    loop {
        let start = position(reader.buffer_position());
        let event = reader.read_event().map_err(|error| {
            let message = one_line(&excerpt(&error.to_string(), 200)).into_owned();
            let message = ["syntax error: ", "ill-formed document: "]
                .iter()
                .find_map(|lead| message.strip_prefix(lead))
                .unwrap_or(&message);
            // What is never closed was looked for to the end.
            let read = if matches!(error, quick_xml::Error::Syntax(_)) { text.len() } else { start };
            Mistake { message: message.to_owned(), at: position(reader.error_position()), read }
        })?;
        let closes = matches!(event, Event::End(_) | Event::Empty(_));
        if event == Event::Eof {
            break;
        }
        let read = position(reader.buffer_position());
        state.take(text, start, &event).map_err(|message| Mistake { message, at: start, read })?;
        if closes && state.open.is_empty() {
            end = position(reader.buffer_position());
            if after == After::Anything {
                break;
            }
        }
    }
    if let Some(name) = state.open.last() {
        return Err(Mistake {
            message: format!("`<{}>` is never closed", shown(name)),
            at: text.len(),
            read: text.len(),
        });
    }
    let Some(root) = state.root else {
        return Err(Mistake { message: "there is no element".to_owned(), at: text.len(), read: text.len() });
    };
    let missing = elements.iter().filter(|name| !state.found.contains(name.as_str())).cloned().collect();
    Ok(Document { root, missing, end })
}

fn position(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

impl<'t> State<'t, '_> {
    fn take(&mut self, text: &'t str, start: usize, event: &Event<'t>) -> Result<(), String> {
        let outside = self.open.is_empty();
        match event {
            Event::Start(tag) => {
                let name = self.element(text, start, tag)?;
                self.open.push(name);
                Ok(())
            }
            Event::Empty(tag) => self.element(text, start, tag).map(drop),
            Event::End(_) => {
                self.open.pop();
                Ok(())
            }
            Event::Text(content) if outside => {
                let blank = content.iter().all(u8::is_ascii_whitespace);
                if blank { Ok(()) } else { Err("text stands outside of the root element".to_owned()) }
            }
            Event::Text(content) if memchr::memmem::find(content, b"]]>").is_some() => {
                Err("`]]>` stands in a text, where it has to be written `]]&gt;`".to_owned())
            }
            Event::CData(_) | Event::GeneralRef(_) if outside => {
                Err("text stands outside of the root element".to_owned())
            }
            Event::GeneralRef(reference) => reference_is_known(&String::from_utf8_lossy(reference)),
            Event::Text(content) | Event::Comment(content) => characters(content),
            Event::CData(content) => characters(content),
            Event::Decl(declaration) => {
                if start > 0 {
                    return Err("`<?xml …?>` stands at the very beginning or not at all".to_owned());
                }
                declaration.version().map(drop).map_err(|_| "`<?xml …?>` begins with a `version`".to_owned())
            }
            Event::PI(instruction) => {
                let target = String::from_utf8_lossy(instruction.target()).into_owned();
                if target.eq_ignore_ascii_case("xml") {
                    return Err("`<?xml …?>` stands at the very beginning or not at all".to_owned());
                }
                name_is_valid(&target)
            }
            Event::DocType(_) if self.doctype || self.root.is_some() => {
                Err("a `<!DOCTYPE>` stands once, in front of the root element".to_owned())
            }
            // What it declares could change what is well-formed; it is not read, so neither is the document.
            Event::DocType(content) if content.contains(&b'[') => {
                Err("a `<!DOCTYPE>` with declarations of its own is not read".to_owned())
            }
            Event::DocType(_) => {
                self.doctype = true;
                Ok(())
            }
            Event::Eof => Ok(()),
        }
    }

    /// Checks a start tag and gives its name.
    fn element(&mut self, text: &'t str, start: usize, tag: &BytesStart<'_>) -> Result<&'t str, String> {
        let length = tag.name().as_ref().len();
        // The tag's own bytes do not live as long as the text they are cut from.
        let name = text.get(start + 1..start + 1 + length).unwrap_or_default();
        name_is_valid(name)?;
        if self.open.is_empty() {
            if let Some(root) = self.root {
                let (root, name) = (shown(root), shown(name));
                return Err(format!("a second root element `<{name}>` follows `<{root}>`"));
            }
            self.root = Some(name);
        }
        let local = name.rsplit(':').next().unwrap_or(name);
        if let Some(wanted) = self.elements.iter().find(|wanted| *wanted == name || *wanted == local) {
            self.found.insert(wanted);
        }
        attributes(name, tag)?;
        Ok(name)
    }
}

fn attributes(element: &str, tag: &BytesStart<'_>) -> Result<(), String> {
    let in_tag = |message: &str| format!("in `<{}>`: {message}", shown(element));
    if !are_apart(tag.attributes_raw()) {
        return Err(in_tag("there is no blank between two attributes"));
    }
    let mut names = HashSet::new();
    // Its own check for duplicates takes quadratic time.
    let mut attributes = tag.attributes();
    for attribute in attributes.with_checks(false) {
        let attribute = attribute.map_err(|error| in_tag(&format!("a wrong attribute ({error})")))?;
        let key = attribute.key.0;
        name_is_valid(&String::from_utf8_lossy(key))?;
        if !names.insert(key) {
            return Err(in_tag(&format!("the attribute `{}` stands twice", shown(&String::from_utf8_lossy(key)))));
        }
        if attribute.value.contains(&b'<') {
            return Err(in_tag("`<` stands in the value of an attribute, where it has to be written `&lt;`"));
        }
        characters(&attribute.value)?;
        let value = String::from_utf8_lossy(&attribute.value);
        let mut rest = &*value;
        while let Some(open) = rest.find('&') {
            let close = rest[open..].find(';').ok_or_else(|| in_tag("`&` has to be written `&amp;`"))?;
            reference_is_known(&rest[open + 1..open + close])?;
            rest = &rest[open + close..];
        }
    }
    Ok(())
}

/// Whether a blank follows every value of an attribute but the last.
fn are_apart(raw: &[u8]) -> bool {
    let mut quote = None;
    for (index, &byte) in raw.iter().enumerate() {
        match quote {
            None if byte == b'"' || byte == b'\'' => quote = Some(byte),
            Some(open) if open == byte => {
                quote = None;
                if raw.get(index + 1).is_some_and(|next| !next.is_ascii_whitespace() && *next != b'/') {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

fn name_is_valid(name: &str) -> Result<(), String> {
    let mut chars = name.chars();
    let begins = chars.next().is_some_and(|c| c.is_alphabetic() || matches!(c, '_' | ':'));
    let goes_on = chars.all(|c| c.is_alphanumeric() || "-._:·\u{203f}\u{2040}".contains(c) || is_combining(c));
    if begins && goes_on { Ok(()) } else { Err(format!("`{}` is no name", shown(name))) }
}

const fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}')
}

/// Without a DTD, five entities are known, and characters by their number.
fn reference_is_known(name: &str) -> Result<(), String> {
    let known = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            code.ok().and_then(char::from_u32).is_some_and(is_allowed) && !number.contains('+')
        }
        None => matches!(name, "amp" | "lt" | "gt" | "quot" | "apos"),
    };
    if known { Ok(()) } else { Err(format!("`&{};` is not known", shown(name))) }
}

fn characters(content: &[u8]) -> Result<(), String> {
    // Every byte below a blank that is not allowed is a character of its own; the two others are three bytes long.
    let control = content.iter().any(|&byte| byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r'));
    let other = || {
        memchr::memmem::find(content, "\u{fffe}".as_bytes()).is_some()
            || memchr::memmem::find(content, "\u{ffff}".as_bytes()).is_some()
    };
    if control || other() { Err("a control character, which XML does not allow".to_owned()) } else { Ok(()) }
}

const fn is_allowed(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn shown(text: &str) -> String {
    one_line(&excerpt(text, 60)).into_owned()
}
