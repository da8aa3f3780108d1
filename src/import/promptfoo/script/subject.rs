//! What of the answer an expression looks at.

use super::lex::Token;
use super::reader::Reader;

/// What of the answer is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Subject {
    Answer {
        lower: bool,
    },
    Characters,
    Words,
    /// A place in the answer's JSON.
    Json {
        /// JSONPath.
        path: String,
        lower: bool,
    },
}

impl Reader<'_> {
    /// The answer, a count of it, or a place in its JSON.
    pub(super) fn subject(&mut self) -> Option<Subject> {
        // `len(output)`, `parseInt(output.n)`, `JSON.parse(output)`, `String(output)`.
        if self.name("parseInt") || self.name("parseFloat") || self.name("Number") {
            let inner = self.mark("(").then(|| self.subject())??;
            return (matches!(inner, Subject::Json { .. }) && self.mark(")")).then_some(inner);
        }
        if self.name("len") {
            let inner = self.mark("(").then(|| self.subject())??;
            let counted = match inner {
                Subject::Answer { .. } => Subject::Characters,
                Subject::Words => Subject::Words,
                _ => return None,
            };
            return self.mark(")").then_some(counted);
        }
        if self.name("JSON") || self.name("json") {
            let is_json = self.mark(".")
                && (self.name("parse") || self.name("loads"))
                && self.mark("(")
                && self.name("output")
                && self.mark(")");
            return is_json.then(|| self.path())?;
        }
        let wrapped = self.name("String") || self.name("str");
        if wrapped && !self.mark("(") {
            return None;
        }
        if !self.name("output") || wrapped && !self.mark(")") {
            return None;
        }
        let mut lower = false;
        loop {
            if self.method(&["trim", "toString", "strip"]) {
            } else if self.method(&["toLowerCase", "lower", "toLocaleLowerCase"]) {
                lower = true;
            } else {
                break;
            }
        }
        let start = self.at;
        if self.method(&["split"]) {
            return Some(Subject::Words);
        }
        if self.mark(".") && self.name("split") && self.mark("(") {
            let by_blanks = match self.peek() {
                Some(Token::Text(text)) => text == " ",
                Some(Token::Pattern(pattern, _)) => matches!(pattern.as_str(), r"\s+" | r"\s" | " " | " +"),
                _ => false,
            };
            self.at += 1;
            if !by_blanks || !self.mark(")") {
                return None;
            }
            if self.mark(".") && !self.name("length") {
                return None;
            }
            return Some(Subject::Words);
        }
        self.at = start;
        if self.mark(".") && self.name("length") {
            return Some(Subject::Characters);
        }
        self.at = start;
        // An answer that is JSON is parsed before it is graded: `output.sentiment`.
        if !lower && self.mark(".") && self.any_name().is_some() && self.peek() != Some(&Token::Mark("(")) {
            self.at = start;
            return self.path();
        }
        self.at = start;
        Some(Subject::Answer { lower })
    }

    /// `.a.b` or `['a']['b']` behind parsed JSON.
    fn path(&mut self) -> Option<Subject> {
        let mut path = "$".to_owned();
        loop {
            let start = self.at;
            if self.mark(".") {
                let name = self.any_name()?;
                if self.peek() == Some(&Token::Mark("(")) {
                    self.at = start;
                    break;
                }
                path.push('.');
                path.push_str(&name);
            } else if let Some(token) = self.index() {
                match token {
                    Token::Text(name) if !name.contains(['\'', '\\']) => {
                        path.push_str("['");
                        path.push_str(&name);
                        path.push_str("']");
                    }
                    Token::Number(number) if number.fract() == 0.0 => {
                        path.push('[');
                        path.push_str(&number.to_string());
                        path.push(']');
                    }
                    _ => return None,
                }
            } else {
                break;
            }
        }
        let mut lower = false;
        loop {
            if self.method(&["toLowerCase", "lower"]) {
                lower = true;
            } else if !self.method(&["trim", "toString", "strip"]) {
                break;
            }
        }
        (path.len() > 1 && !path.ends_with(".length")).then_some(Subject::Json { path, lower })
    }
}
