//! The words of an expression → a grader.

use serde_json::{Map, Value as Json};

use crate::import::emit::{Block, Yaml};

use super::super::asserts::{Grader, of, script_regex};
use super::lex::Token;
use super::subject::Subject;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 32;

/// Reads words from the first to the last.
pub(super) struct Reader<'a> {
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    pub(super) vars: Option<&'a Map<String, Json>>,
    /// Whether a variable was named, and no case says what it is.
    pub(super) needs_case: bool,
}

impl Reader<'_> {
    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn mark(&mut self, mark: &'static str) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(found);
        found
    }

    pub(super) fn name(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(found)) if found == name);
        self.at += usize::from(found);
        found
    }

    pub(super) fn any_name(&mut self) -> Option<String> {
        let Some(Token::Name(name)) = self.peek().cloned() else { return None };
        self.at += 1;
        Some(name)
    }

    /// `.name()`
    pub(super) fn method(&mut self, names: &[&str]) -> bool {
        let start = self.at;
        let found = self.mark(".")
            && self.any_name().is_some_and(|name| names.contains(&name.as_str()))
            && self.mark("(")
            && self.mark(")");
        if !found {
            self.at = start;
        }
        found
    }

    /// Parts joined by or.
    pub(super) fn either(&mut self, depth: usize) -> Option<Grader> {
        self.joined(depth, "||", "any", Self::both)
    }

    fn both(&mut self, depth: usize) -> Option<Grader> {
        self.joined(depth, "&&", "all", Self::negated)
    }

    fn joined(
        &mut self,
        depth: usize,
        mark: &'static str,
        kind: &str,
        part: fn(&mut Self, usize) -> Option<Grader>,
    ) -> Option<Grader> {
        let mut parts = vec![part(self, depth)?];
        while self.mark(mark) {
            parts.push(part(self, depth)?);
        }
        if parts.len() == 1 {
            return parts.pop();
        }
        let mut of_parts = Block::default();
        for part in parts {
            match part {
                Ok(part) => of_parts.push(Yaml::Map(part)),
                Err(refused) => return Some(Err(refused)),
            }
        }
        let mut block = of(kind);
        block.put("of", Yaml::List(of_parts));
        Some(Ok(block))
    }

    /// `? 1 : 0` and its kin: a truth value written out.
    pub(super) fn verdict(&mut self) -> Option<()> {
        if self.name("if") {
            // Python's `True if … else False` has its condition behind, and is not read.
            return None;
        }
        if !self.mark("?") {
            return Some(());
        }
        let yes = match self.peek()? {
            Token::Number(number) => (*number - 1.0).abs() < f64::EPSILON,
            Token::Name(name) => name == "true",
            Token::Text(text) => text == "pass",
            _ => false,
        };
        self.at += 1;
        if !yes || !self.mark(":") {
            return None;
        }
        let no = match self.peek()? {
            Token::Number(number) => number.abs() < f64::EPSILON,
            Token::Name(name) => name == "false",
            Token::Text(text) => text.starts_with("fail"),
            _ => false,
        };
        self.at += 1;
        no.then_some(())
    }

    /// `['a', 'b'].some(x => output.includes(x))`
    fn listed(&mut self) -> Option<Grader> {
        if !self.mark("[") {
            return None;
        }
        let mut texts = Block::default();
        loop {
            let Some(Token::Text(text)) = self.peek().cloned() else { return None };
            self.at += 1;
            texts.push(text);
            if !self.mark(",") {
                break;
            }
        }
        let found = self.mark("]") && self.mark(".");
        let key = match found.then(|| self.any_name())??.as_str() {
            "some" => "any",
            "every" => "all",
            _ => return None,
        };
        let bound = self.mark("(").then(|| {
            let wrapped = self.mark("(");
            let name = self.any_name();
            if wrapped && !self.mark(")") { None } else { name }
        })??;
        let subject = self.mark("=>").then(|| self.subject())??;
        let Subject::Answer { lower } = subject else { return None };
        let closes = self.mark(".") && self.name("includes") && self.mark("(") && self.name(&bound);
        // The text that is looked for may be lowered, too.
        let _ = self.method(&["toLowerCase"]);
        if !(closes && self.mark(")") && self.mark(")")) {
            return None;
        }
        let mut block = of("contains");
        block.put(key, Yaml::List(texts));
        if lower {
            block.put("ignore_case", true);
        }
        Some(Ok(block))
    }

    fn negated(&mut self, depth: usize) -> Option<Grader> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.mark("!") {
            return Some(self.negated(depth + 1)?.map(negate));
        }
        let start = self.at;
        if self.mark("(") {
            if let Some(inner) = self.either(depth + 1)
                && self.mark(")")
                && !matches!(self.peek(), Some(Token::Mark("." | "==" | "===" | "<" | ">" | "<=" | ">=")))
            {
                return Some(inner);
            }
            self.at = start;
        }
        self.test()
    }

    /// One comparison.
    fn test(&mut self) -> Option<Grader> {
        let start = self.at;
        if let Some(listed) = self.listed() {
            return Some(listed);
        }
        self.at = start;
        // `output && …`: there is an answer.
        if self.name("output") && self.peek() == Some(&Token::Mark("&&")) {
            let mut block = of("length");
            block.put("min", 1_u64);
            return Some(Ok(block));
        }
        self.at = start;
        if self.name("typeof") {
            return self.kind();
        }
        if let Some(Token::Pattern(pattern, flags)) = self.peek().cloned() {
            self.at += 1;
            let found = self.mark(".") && self.name("test") && self.mark("(");
            let subject = found.then(|| self.subject())??;
            return self.mark(")").then(|| matching(&subject, &pattern, &flags))?;
        }
        // Python's `'x' in output`.
        let start = self.at;
        if let Some(text) = self.argument() {
            let not = self.mark("!");
            if self.name("in") {
                let Subject::Answer { lower } = self.subject()? else { return None };
                let made = contains(text, lower);
                return Some(Ok(if not { negate(made) } else { made }));
            }
            self.at = start;
        }
        let subject = self.subject()?;
        if self.mark(".") {
            let method = self.any_name()?;
            if !self.mark("(") {
                return None;
            }
            if let (Subject::Json { path, lower }, "includes") = (&subject, method.as_str()) {
                let text = self.argument()?;
                let mut block = of("json_path");
                block.put("path", path.as_str());
                block.put("contains", text);
                if *lower {
                    block.put("ignore_case", true);
                }
                return self.mark(")").then_some(Ok(block));
            }
            let Subject::Answer { lower } = subject else { return None };
            if method == "match" {
                let Some(Token::Pattern(pattern, flags)) = self.peek().cloned() else { return None };
                self.at += 1;
                return self.mark(")").then(|| matching(&subject, &pattern, &flags))?;
            }
            let text = self.argument()?;
            if !self.mark(")") {
                return None;
            }
            let kind = match method.as_str() {
                "includes" => return Some(Ok(contains(text, lower))),
                "startsWith" | "startswith" => "starts_with",
                "endsWith" | "endswith" => "ends_with",
                _ => return None,
            };
            return Some(Ok(valued(kind, text, lower)));
        }
        let comparison = ["===", "!==", "==", "!=", ">=", "<=", ">", "<"].into_iter().find(|mark| self.mark(mark))?;
        match subject {
            Subject::Answer { lower } => {
                let text = self.argument()?;
                let made = valued("exact", text, lower);
                match comparison {
                    "===" | "==" => Some(Ok(made)),
                    "!==" | "!=" => Some(Ok(negate(made))),
                    _ => None,
                }
            }
            Subject::Characters => self.length("code_points", comparison),
            Subject::Words => self.length("words", comparison),
            Subject::Json { path, lower } => self.json(&path, lower, comparison),
        }
    }

    /// `typeof output.a === 'string'`
    fn kind(&mut self) -> Option<Grader> {
        let Subject::Json { path, lower: false } = self.subject()? else { return None };
        let not = self.mark("!==") || self.mark("!=");
        if !not && !self.mark("===") && !self.mark("==") {
            return None;
        }
        let Some(Token::Text(kind)) = self.peek().cloned() else { return None };
        self.at += 1;
        if !["string", "number", "boolean", "object"].contains(&kind.as_str()) {
            return None;
        }
        let mut block = of("json_path");
        block.put("path", path);
        block.put("kind", kind);
        Some(Ok(if not { negate(block) } else { block }))
    }

    fn length(&mut self, unit: &str, comparison: &str) -> Option<Grader> {
        let Some(Token::Number(number)) = self.peek().cloned() else { return None };
        self.at += 1;
        if number.fract() != 0.0 {
            return None;
        }
        let mut block = of("length");
        block.put("unit", unit);
        match comparison {
            "<" if number >= 1.0 => block.put("max", number - 1.0),
            "<=" => block.put("max", number),
            ">" => block.put("min", number + 1.0),
            ">=" => block.put("min", number),
            "==" | "===" => block.put("exactly", number),
            _ => return None,
        }
        Some(Ok(block))
    }

    fn json(&mut self, path: &str, lower: bool, comparison: &str) -> Option<Grader> {
        let value: Yaml = match self.peek()?.clone() {
            Token::Number(number) => number.into(),
            Token::Name(name) if name == "true" || name == "True" => true.into(),
            Token::Name(name) if name == "false" || name == "False" => false.into(),
            _ => {
                let text = self.argument()?;
                self.at -= 1;
                text.into()
            }
        };
        self.at += 1;
        let mut block = of("json_path");
        block.put("path", path);
        let is_number = matches!(value, Yaml::Number(_));
        let key = match comparison {
            "==" | "===" | "!=" | "!==" => "equals",
            "<" if is_number => "less_than",
            "<=" if is_number => "at_most",
            ">" if is_number => "greater_than",
            ">=" if is_number => "at_least",
            _ => return None,
        };
        block.put(key, value);
        if lower {
            block.put("ignore_case", true);
        }
        Some(Ok(if comparison.starts_with('!') { negate(block) } else { block }))
    }

    /// A text, or a variable of the case.
    fn argument(&mut self) -> Option<String> {
        match self.peek()?.clone() {
            Token::Text(text) if !text.is_empty() => {
                self.at += 1;
                Some(text)
            }
            Token::Name(name) if name == "context" => {
                let start = self.at;
                self.at += 1;
                let name = if self.mark(".") {
                    (self.name("vars") && self.mark(".")).then(|| self.any_name())?
                } else {
                    let Some(Token::Text(key)) = self.index() else { return self.back(start) };
                    let Some(Token::Text(name)) = (key == "vars").then(|| self.index())? else {
                        return self.back(start);
                    };
                    Some(name)
                }?;
                match self.vars {
                    None => {
                        self.needs_case = true;
                        Some(name)
                    }
                    Some(vars) => match vars.get(&name) {
                        Some(Json::String(text)) if !text.is_empty() => Some(text.clone()),
                        Some(Json::Number(number)) => Some(number.to_string()),
                        _ => self.back(start),
                    },
                }
            }
            _ => None,
        }
    }

    fn back<T>(&mut self, to: usize) -> Option<T> {
        self.at = to;
        None
    }

    /// `['key']`
    pub(super) fn index(&mut self) -> Option<Token> {
        if !self.mark("[") {
            return None;
        }
        let token = self.peek().cloned()?;
        self.at += 1;
        self.mark("]").then_some(token)
    }
}

/// `/a/.test(…)`
fn matching(subject: &Subject, pattern: &str, flags: &str) -> Option<Grader> {
    match subject {
        Subject::Answer { lower: false } => Some(script_regex(pattern, flags)),
        // A text in small letters is matched by what matches without case.
        Subject::Answer { lower: true } => Some(script_regex(pattern, &format!("{flags}i"))),
        Subject::Json { path, lower } => {
            let flags: String = flags.chars().filter(|flag| matches!(flag, 'i' | 'm' | 's')).collect();
            let flags = if *lower && !flags.contains('i') { flags + "i" } else { flags };
            let pattern = if flags.is_empty() { pattern.to_owned() } else { format!("(?{flags}){pattern}") };
            Some(script_regex(&pattern, "").map(|_| {
                let mut block = of("json_path");
                block.put("path", path.as_str());
                block.put("matches", pattern.as_str());
                block
            }))
        }
        _ => None,
    }
}

fn negate(mut block: Block) -> Block {
    if block.get("not").is_some() {
        let mut outer = of("not");
        outer.put("of", Yaml::Map(block));
        return outer;
    }
    block.put("not", true);
    block
}

fn contains(text: String, lower: bool) -> Block {
    valued("contains", text, lower)
}

fn valued(kind: &str, text: String, lower: bool) -> Block {
    let mut block = of(kind);
    block.put("value", text);
    if lower {
        block.put("ignore_case", true);
    }
    block
}
