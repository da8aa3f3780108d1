//! The grader: where the document is, what it has to hold.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::family::Family;
use crate::grade::fence;
use crate::grade::options::{self, OptionError, OptionErrors, Text, Texts};
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, join, quote};
use crate::text::{excerpt, one_line};

use super::read::{After, Document, Mistake, document};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "xml",
    about: "the answer is, or holds, a well-formed XML document",
    build,
    schema: options::schema::<Options>,
};

/// The options of `xml`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The name of the root element, with or without its prefix.
    #[schemars(extend("pattern" = r#"^[^\s<>/&"'=]+$"#))]
    root: Option<Text>,
    /// Names of elements that have to be there, at any depth.
    #[schemars(extend("pattern" = r#"^[^\s<>/&"'=]+$"#, "items" = {"type": ["string", "number", "boolean"], "pattern": r#"^[^\s<>/&"'=]+$"#}))]
    elements: Option<Texts>,
    /// The answer has to be pure XML: no fence, no prose.
    strict: bool,
}

#[derive(Debug)]
struct Xml {
    root: Option<String>,
    elements: Vec<String>,
    strict: bool,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { root, elements, strict } = options::read(options)?;
    let root = root.map(|root| root.0);
    let elements: Vec<String> = elements.into_iter().flat_map(|names| names.0).map(|name| name.0).collect();
    let named = root.iter().map(|name| ("root", name)).chain(elements.iter().map(|name| ("elements", name)));
    for (option, name) in named {
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "<>/&\"'=".contains(c)) {
            let message = format!("`{}` is no name of an element", one_line(&excerpt(name, 60)));
            return Err(OptionError::at(option, message, Some("write it without brackets: `item`")).into());
        }
    }
    Ok(Box::new(Xml { root, elements, strict }))
}

impl Grader for Xml {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(self.judge(&subject))
    }

    fn example(&self, _: &CaseFacts<'_>) -> Option<Example> {
        let elements: Vec<String> = self.elements.iter().map(|name| format!("<{name}/>")).collect();
        let root = self.root.as_deref().unwrap_or("answer");
        Some(Example::Text(format!("<{root}>{}</{root}>", elements.concat())))
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }
}

impl Xml {
    fn judge(&self, subject: &Subject<'_>) -> Judgement {
        let text = subject.answer.text.as_str();
        let (document, part) = match self.find(text) {
            Ok(found) => found,
            Err(Some(mistake)) => {
                return Judgement::fail(format!("expected well-formed XML, but {mistake}: {}", got(subject.answer)));
            }
            Err(None) => return Judgement::fail(format!("expected XML, got {}", got(subject.answer))),
        };
        let Document { root, missing, .. } = document;
        let judgement = match &self.root {
            Some(wanted) if wanted != root && root.rsplit(':').next() != Some(wanted) => Judgement::fail(format!(
                "expected the root element `<{wanted}>`, got `<{}>`",
                one_line(&excerpt(root, 60))
            )),
            _ if !missing.is_empty() => {
                let names: Vec<String> = missing.iter().take(5).map(|name| format!("`<{name}>`")).collect();
                Judgement::fail(format!(
                    "expected the element {}, but there is none: {}",
                    join(&names, "and"),
                    quote(part)
                ))
            }
            _ => Judgement::pass(format!("{} is well-formed XML", quote(part))),
        };
        if part.len() == text.len() { judgement } else { judgement.with_extracted(part) }
    }

    /// The whole answer, else the first fenced block that is XML, else the first element inside prose.
    fn find<'t>(&self, text: &'t str) -> Result<(Document<'t>, &'t str), Option<String>> {
        let whole = |part: &'t str| {
            let part = part.trim();
            document(part, &self.elements, After::Nothing).map(|document| (document, part))
        };
        let told = |part: &str, Mistake { message, at, .. }| {
            let line = part.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1;
            Some(format!("line {line}: {message}"))
        };
        let first = match whole(text) {
            Ok(found) => return Ok(found),
            Err(mistake) => mistake,
        };
        if self.strict {
            return Err(told(text.trim(), first));
        }
        if let Some(found) = fence::blocks(text).find_map(|block| whole(block.body).ok()) {
            return Ok(found);
        }
        // The element that is asked for goes before any other.
        let wanted = self.root.as_ref().map(|root| format!("<{root}"));
        if let Some(found) = wanted.and_then(|open| self.in_prose(text, &open).ok()) {
            return Ok(found);
        }
        match self.in_prose(text, "<") {
            Ok(found) => Ok(found),
            // The answer as a whole was meant to be XML.
            Err(Some(_)) if text.trim_start().starts_with('<') => Err(told(text.trim(), first)),
            Err(Some((part, mistake))) => Err(told(part, mistake)),
            Err(None) => Err(None),
        }
    }

    /// The first document that begins with `open`; the first mistake where there is none. As for JSON, the reading stops
    /// after four times the answer's length: a hostile answer of many tags would have each of them read to the end.
    fn in_prose<'t>(&self, text: &'t str, open: &str) -> Result<(Document<'t>, &'t str), Option<(&'t str, Mistake)>> {
        let mut budget = 4 * text.len() + 4096;
        let mut first = None;
        let mut at = 0;
        while let Some(found) = text[at..].find(open) {
            let start = at + found;
            at = start + 1;
            let part = &text[start..];
            if !part[1..].starts_with(|c: char| c.is_alphabetic() || "_?!".contains(c)) {
                continue;
            }
            match document(part, &self.elements, After::Anything) {
                Ok(document) => {
                    let part = &part[..document.end];
                    return Ok((document, part));
                }
                Err(mistake) => {
                    let read = mistake.read + 1;
                    first.get_or_insert((part, mistake));
                    match budget.checked_sub(read) {
                        Some(left) => budget = left,
                        None => break,
                    }
                }
            }
        }
        Err(first)
    }
}
