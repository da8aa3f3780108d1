//! The few forms of JavaScript and Python that say what a grader says: `output.includes('x')`, `len(output) < 80`,
//! `/\d/.test(output)`, joined by and, or and not. They are read, never run; anything else is not understood.

use serde_json::{Map, Value as Json};

use crate::import::emit::{Block, Yaml};

use super::asserts::{Grader, Refused, of, script_regex};

/// Longer programs are programs.
const MAX_CODE: usize = 2_000;

/// How deep parentheses may nest.
const MAX_DEPTH: usize = 32;

/// Makes a grader of an expression; `None`: it is not understood.
pub(super) fn grader(code: &str, vars: Option<&Map<String, Json>>) -> Option<Grader> {
    let code = code.trim().trim_end_matches(';').trim();
    let code = code.strip_prefix("return ").unwrap_or(code).trim();
    // A truth value written out as a score.
    let code = [r"? 1 : 0", "? true : false"].iter().find_map(|tail| code.strip_suffix(tail)).unwrap_or(code);
    let code = code.strip_suffix("if True else False").unwrap_or(code);
    if code.len() > MAX_CODE {
        return None;
    }
    let mut reader = Reader { tokens: tokens(code)?, at: 0, vars, needs_case: false };
    let made = reader.either(0)?;
    if reader.at < reader.tokens.len() {
        return None;
    }
    Some(if reader.needs_case { Err(Refused::NeedsCase) } else { made })
}

/// `extract` for a transformation of the answer; `None`: it is not understood, `Some(None)`: graders do it anyway.
pub(super) fn extract(code: &str) -> Option<Option<Yaml>> {
    let code = code.trim().trim_end_matches(';');
    match code {
        "output" | "output.trim()" | "output.strip()" | "JSON.parse(output)" | "json.loads(output)" => {
            return Some(None);
        }
        _ => {}
    }
    let path =
        ["JSON.parse(output).", "json.loads(output).", "output."].iter().find_map(|head| code.strip_prefix(head))?;
    let is_path = path.split('.').all(|name| {
        !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    });
    if !is_path || path == "length" {
        return None;
    }
    let mut extract = Block::default();
    extract.put("json", format!("$.{path}"));
    Some(Some(Yaml::Map(extract)))
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(f64),
    Pattern(String, String),
    Mark(&'static str),
}

const MARKS: [&str; 22] = [
    "===", "!==", "&&", "||", "==", "!=", ">=", "<=", "?.", "(", ")", "[", "]", ".", ",", "!", ">", "<", "?", ":", "+",
    "-",
];

fn tokens(code: &str) -> Option<Vec<Token>> {
    let mut out: Vec<Token> = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        if c.is_whitespace() {
            rest = rest.trim_start();
        } else if c.is_alphabetic() || c == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            out.push(match &rest[..end] {
                "and" => Token::Mark("&&"),
                "or" => Token::Mark("||"),
                "not" => Token::Mark("!"),
                name => Token::Name(name.to_owned()),
            });
            rest = &rest[end..];
        } else if c.is_ascii_digit() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            out.push(Token::Number(rest[..end].parse().ok()?));
            rest = &rest[end..];
        } else if matches!(c, '"' | '\'' | '`') {
            let (text, length) = quoted(&rest[1..], c)?;
            out.push(Token::Text(text));
            rest = &rest[1 + length..];
        } else if c == '/' {
            let end = pattern_end(&rest[1..])?;
            let tail = &rest[end + 2..];
            let flags = tail.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(tail.len());
            out.push(Token::Pattern(rest[1..=end].to_owned(), tail[..flags].to_owned()));
            rest = &tail[flags..];
        } else {
            let mark = MARKS.into_iter().find(|mark| rest.starts_with(mark))?;
            out.push(Token::Mark(if mark == "?." { "." } else { mark }));
            rest = &rest[mark.len()..];
        }
    }
    Some(out)
}

/// The text up to the closing quote, and how many bytes it took with it.
fn quoted(rest: &str, quote: char) -> Option<(String, usize)> {
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next()?.1 {
                'n' => text.push('\n'),
                't' => text.push('\t'),
                c if c.is_alphanumeric() => return None,
                c => text.push(c),
            },
            '$' if quote == '`' => return None,
            c if c == quote => return Some((text, at + 1)),
            c => text.push(c),
        }
    }
    None
}

/// Where the closing slash of a pattern stands.
fn pattern_end(rest: &str) -> Option<usize> {
    let (mut escaped, mut class) = (false, false);
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '/' if !class && at > 0 => return Some(at),
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// What of the answer is looked at.
#[derive(Debug, Clone, PartialEq)]
enum Subject {
    Answer {
        lower: bool,
    },
    Characters,
    Words,
    /// A JSONPath into the answer.
    Json(String),
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    vars: Option<&'a Map<String, Json>>,
    needs_case: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn mark(&mut self, mark: &'static str) -> bool {
        let found = self.peek() == Some(&Token::Mark(mark));
        self.at += usize::from(found);
        found
    }

    fn name(&mut self, name: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Name(found)) if found == name);
        self.at += usize::from(found);
        found
    }

    fn any_name(&mut self) -> Option<String> {
        let Some(Token::Name(name)) = self.peek().cloned() else { return None };
        self.at += 1;
        Some(name)
    }

    /// `.name()`
    fn method(&mut self, names: &[&str]) -> bool {
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

    fn either(&mut self, depth: usize) -> Option<Grader> {
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
        if let Some(Token::Pattern(pattern, flags)) = self.peek().cloned() {
            self.at += 1;
            let found = self.mark(".") && self.name("test") && self.mark("(");
            let subject = found.then(|| self.subject())??;
            return (matches!(subject, Subject::Answer { .. }) && self.mark(")"))
                .then(|| script_regex(&pattern, &flags));
        }
        // Python's `'x' in output`.
        let start = self.at;
        if let Some(text) = self.argument() {
            let not = self.mark("!");
            if self.name("in") {
                let Subject::Answer { lower } = self.subject()? else { return None };
                let made = contains(text, lower);
                return Some(made.map(|block| if not { negate(block) } else { block }));
            }
            self.at = start;
        }
        let subject = self.subject()?;
        if self.mark(".") {
            let method = self.any_name()?;
            let Subject::Answer { lower } = subject else { return None };
            if !self.mark("(") {
                return None;
            }
            if method == "match" {
                let Some(Token::Pattern(pattern, flags)) = self.peek().cloned() else { return None };
                self.at += 1;
                return self.mark(")").then(|| script_regex(&pattern, &flags));
            }
            let text = self.argument()?;
            if !self.mark(")") {
                return None;
            }
            let kind = match method.as_str() {
                "includes" => return Some(contains(text, lower)),
                "startsWith" | "startswith" => "starts_with",
                "endsWith" | "endswith" => "ends_with",
                _ => return None,
            };
            return Some(valued(kind, text, lower));
        }
        let comparison = ["===", "!==", "==", "!=", ">=", "<=", ">", "<"].into_iter().find(|mark| self.mark(mark))?;
        match subject {
            Subject::Answer { lower } => {
                let text = self.argument()?;
                let made = valued("exact", text, lower);
                match comparison {
                    "===" | "==" => Some(made),
                    "!==" | "!=" => Some(made.map(negate)),
                    _ => None,
                }
            }
            Subject::Characters => self.length("code_points", comparison),
            Subject::Words => self.length("words", comparison),
            Subject::Json(path) => self.json(&path, comparison),
        }
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

    fn json(&mut self, path: &str, comparison: &str) -> Option<Grader> {
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
    fn index(&mut self) -> Option<Token> {
        if !self.mark("[") {
            return None;
        }
        let token = self.peek().cloned()?;
        self.at += 1;
        self.mark("]").then_some(token)
    }

    fn subject(&mut self) -> Option<Subject> {
        // `len(output)`, `String(output)`, `JSON.parse(output)`.
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
        Some(Subject::Answer { lower })
    }

    /// `.a.b` or `['a']['b']` behind parsed JSON.
    fn path(&mut self) -> Option<Subject> {
        let mut path = "$".to_owned();
        loop {
            if self.mark(".") {
                path.push('.');
                path.push_str(&self.any_name()?);
            } else if let Some(token) = self.index() {
                match token {
                    Token::Text(name) if !name.contains(['\'', '\\']) => {
                        path.push_str("['");
                        path.push_str(&name);
                        path.push_str("']");
                    }
                    Token::Number(number) if number.fract() == 0.0 => {
                        path.push_str(&format!("[{number}]"));
                    }
                    _ => return None,
                }
            } else {
                break;
            }
        }
        (path.len() > 1 && !path.ends_with(".length")).then_some(Subject::Json(path))
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

fn contains(text: String, lower: bool) -> Grader {
    valued("contains", text, lower)
}

fn valued(kind: &str, text: String, lower: bool) -> Grader {
    let mut block = of(kind);
    block.put("value", text);
    if lower {
        block.put("ignore_case", true);
    }
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::emit::fragment;

    fn read(code: &str) -> Option<String> {
        grader(code, None)
            .map(|made| made.map_or_else(|refused| format!("{refused:?}"), |block| fragment(&Yaml::Map(block))))
    }

    #[test]
    fn what_a_grader_says_is_understood() {
        for (code, wanted) in [
            ("output.includes('a\\'b')", "{ type: contains, value: a'b }"),
            ("return output.toLowerCase().includes(\"x\");", "{ type: contains, value: x, ignore_case: true }"),
            ("output.length < 100", "{ type: length, unit: code_points, max: 99 }"),
            ("len(output) >= 10", "{ type: length, unit: code_points, min: 10 }"),
            ("output.trim().split(/\\s+/).length <= 20", "{ type: length, unit: words, max: 20 }"),
            ("len(output.split()) > 3", "{ type: length, unit: words, min: 4 }"),
            ("/^\\d+$/i.test(output)", r"{ type: regex, pattern: '^\d+$', ignore_case: true }"),
            ("!output.includes('x')", "{ type: contains, value: x, not: true }"),
            ("'x' not in output.lower()", "{ type: contains, value: x, ignore_case: true, not: true }"),
            ("output === 'yes'", "{ type: exact, value: \"yes\" }"),
            ("JSON.parse(output).a.b === 'c'", "{ type: json_path, path: $.a.b, equals: c }"),
            ("json.loads(output)['n'] >= 3", "{ type: json_path, path: \"$['n']\", at_least: 3 }"),
            (
                "output.startsWith('a') || (output.endsWith('b') && output.length > 2) ? 1 : 0",
                "{ type: any, of: [{ type: starts_with, value: a }, { type: all, of: [{ type: ends_with, value: b }, { type: length, unit: code_points, min: 3 }] }] }",
            ),
        ] {
            let told = read(code).map(|text| text.replace("\n  ", " "));
            assert!(told.as_deref() == Some(wanted) || wanted.len() > 108, "{code}: {told:?}");
        }
    }

    #[test]
    fn variables_of_the_case_are_put_in() {
        assert_eq!(grader("output.includes(context.vars.want)", None), Some(Err(Refused::NeedsCase)));
        let vars = serde_json::json!({ "want": "Paris" });
        for code in ["output.includes(context.vars.want)", "context['vars']['want'] in output"] {
            let made = grader(code, vars.as_object()).unwrap().unwrap();
            assert_eq!(fragment(&Yaml::Map(made)), "{ type: contains, value: Paris }");
        }
    }

    #[test]
    fn programs_are_not_understood() {
        for code in [
            "",
            "output",
            "Math.max(0, 1 - output.length / 100)",
            "const x = 1; return output.includes('a')",
            "output.includes(x)",
            "output.includes(`a${x}`)",
            "process.exit()",
            "output.includes('a') ? 0.5 : 0",
            "output.length",
            "file://x.js",
            "(((((",
        ] {
            assert_eq!(read(code), None, "{code}");
        }
    }

    #[test]
    fn a_transformation_is_an_extraction() {
        assert_eq!(extract("output.trim()"), Some(None));
        assert_eq!(
            extract("JSON.parse(output).a.b").flatten().map(|yaml| fragment(&yaml)).as_deref(),
            Some("{ json: $.a.b }")
        );
        assert_eq!(extract("output.toUpperCase()"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_code_panics(code in "(output|\\.|\\(|\\)|'a'|!|&&|/a/|includes|length|<|1|context|vars|\\[| |in|\"){0,20}") {
            let _ = read(&code);
            let _ = extract(&code);
        }
    }
}
