//! Tokens → meaning: recursive descent with a bound on depth.
//!
//! Here: `items` (lists) over `item` (relations) over `collection` (unions) over a bracketed list, a set, a matrix or a
//! sum. Sums, products and powers are in `terms`, numbers and names in `atoms`, the words that are known in `vocabulary`.

use super::expr::Expr;
use super::lex::{Misread, Token, tokens};
use super::meaning::{Meaning, Relation};

/// The most tokens, and the deepest nesting.
const MOST_TOKENS: usize = 2_000;
pub(super) const MOST_DEPTH: usize = 48;

/// Reads a result. Where commas between digits may separate or group, both readings are returned, the grouped first.
///
/// # Errors
/// What is not understood, as a fragment.
pub(super) fn readings(text: &str) -> Result<Vec<Meaning>, Misread> {
    let grouped = tokens(text, true)?;
    let apart = tokens(text, false)?;
    let same = grouped == apart;
    let first = Parser::whole(grouped);
    if same {
        return first.map(|meaning| vec![meaning]);
    }
    match (first, Parser::whole(apart)) {
        (Ok(first), Ok(second)) => Ok(vec![first, second]),
        (Ok(one), Err(_)) | (Err(_), Ok(one)) => Ok(vec![one]),
        (Err(error), Err(_)) => Err(error),
    }
}

pub(super) type Read<T> = Result<T, Misread>;

pub(super) struct Parser {
    pub(super) tokens: Vec<Token>,
    pub(super) at: usize,
    depth: usize,
    /// How many `|` are open.
    pub(super) bars: usize,
}

impl Parser {
    pub(super) fn whole(tokens: Vec<Token>) -> Read<Meaning> {
        if tokens.len() > MOST_TOKENS {
            return Err(Misread::new("it is too long"));
        }
        let mut parser = Self { tokens, at: 0, depth: 0, bars: 0 };
        let meaning = parser.items(&[])?;
        match parser.peek() {
            None => Ok(meaning),
            Some(token) => Err(unexpected(token)),
        }
    }

    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn after(&self, by: usize) -> Option<&Token> {
        self.tokens.get(self.at + by)
    }

    pub(super) fn sees(&self, sign: char) -> bool {
        matches!(self.peek(), Some(Token::Sign(c)) if *c == sign)
    }

    pub(super) fn takes(&mut self, sign: char) -> bool {
        let there = self.sees(sign);
        self.at += usize::from(there);
        there
    }

    pub(super) fn takes_token(&mut self, token: &Token) -> bool {
        let there = self.peek() == Some(token);
        self.at += usize::from(there);
        there
    }

    pub(super) fn needs(&mut self, sign: char) -> Read<()> {
        if self.takes(sign) { Ok(()) } else { Err(Misread::new(format!("`{}` is missing", shown(sign)))) }
    }

    /// Runs a part of the grammar one level deeper.
    pub(super) fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MOST_DEPTH {
            return Err(Misread::new("it is nested too deep"));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    /// Several results, up to a closing sign.
    pub(super) fn items(&mut self, closing: &[char]) -> Read<Meaning> {
        let mut items = self.list(closing)?;
        match (items.len(), items.pop()) {
            (1, Some(one)) => Ok(one),
            (0, _) | (_, None) => Err(Misread::new("there is nothing")),
            (_, Some(last)) => {
                items.push(last);
                Ok(Meaning::List(items))
            }
        }
    }

    pub(super) fn list(&mut self, closing: &[char]) -> Read<Vec<Meaning>> {
        let mut items = Vec::new();
        loop {
            while self.separator() {}
            match self.peek() {
                None => break,
                Some(Token::Sign(c)) if closing.contains(c) => break,
                Some(Token::Close) if closing.contains(&'}') => break,
                Some(_) => items.push(self.nested(Self::item)?),
            }
            let ends = match self.peek() {
                None => true,
                Some(Token::Sign(c)) => closing.contains(c),
                Some(Token::Close) => closing.contains(&'}'),
                Some(_) => false,
            };
            if ends {
                break;
            }
            if !self.separator() {
                return Err(self.peek().map_or_else(|| Misread::new("it ends early"), unexpected));
            }
        }
        Ok(items)
    }

    /// Takes a comma, semicolon, `and`, `or`.
    pub(super) fn separator(&mut self) -> bool {
        let there = match self.peek() {
            Some(Token::Sign(',' | ';')) => true,
            Some(Token::Letters(word)) => matches!(word.as_str(), "and" | "or"),
            Some(Token::Command(word)) => matches!(word.as_str(), "land" | "lor" | "wedge" | "vee"),
            _ => false,
        };
        self.at += usize::from(there);
        there
    }

    pub(super) fn relation(&self) -> Option<Relation> {
        let Some(Token::Sign(c)) = self.peek() else { return None };
        Some(match c {
            '=' => Relation::Equal,
            '≈' => Relation::Near,
            '≠' => Relation::Unequal,
            '<' => Relation::Less,
            '≤' => Relation::AtMost,
            '>' => Relation::More,
            '≥' => Relation::AtLeast,
            '∈' => Relation::Member,
            _ => return None,
        })
    }

    pub(super) fn item(&mut self) -> Read<Meaning> {
        // `= 5` and `≈ 5` are what is left of a longer line.
        while self.relation().is_some_and(Relation::is_equation) {
            self.at += 1;
        }
        let first = self.collection()?;
        let mut rest = Vec::new();
        while let Some(relation) = self.relation() {
            self.at += 1;
            rest.push((relation, self.collection()?));
        }
        if rest.is_empty() { Ok(first) } else { Ok(Meaning::Relation { first: Box::new(first), rest }) }
    }

    /// Sets joined by `∪`, taken off by `∖`.
    pub(super) fn collection(&mut self) -> Read<Meaning> {
        let mut first = self.simple()?;
        loop {
            if self.takes('∪')
                || matches!(self.peek(), Some(Token::Letters(word)) if word == "U" && is_collection(&first))
                    && self.skip()
            {
                let next = self.simple()?;
                first = match first {
                    Meaning::Union(mut parts) => {
                        parts.push(next);
                        Meaning::Union(parts)
                    }
                    one => Meaning::Union(vec![one, next]),
                };
            } else if self.takes('∖') || is_collection(&first) && self.takes('-') {
                let next = self.simple()?;
                first = Meaning::Difference(Box::new((first, next)));
            } else {
                return Ok(first);
            }
        }
    }

    pub(super) const fn skip(&mut self) -> bool {
        self.at += 1;
        true
    }

    pub(super) fn simple(&mut self) -> Read<Meaning> {
        match self.peek() {
            Some(Token::Sign('⦃')) => {
                self.at += 1;
                let items = self.nested(|parser| parser.list(&['⦄']))?;
                self.needs('⦄')?;
                Ok(Meaning::Set(items))
            }
            Some(Token::Sign('∅')) => {
                self.at += 1;
                Ok(Meaning::Set(Vec::new()))
            }
            Some(Token::Sign(open @ ('(' | '[' | ']'))) => {
                let open = *open;
                match self.bracketed(open) {
                    Some(end) => self.nested(|parser| parser.bracket_list(open, end)),
                    None => self.sum().map(Meaning::Value),
                }
            }
            Some(Token::Command(name)) if name == "begin" => self.nested(Self::matrix),
            Some(Token::Command(name)) if name == "reals" => {
                self.at += 1;
                Ok(Meaning::Reals)
            }
            _ => self.sum().map(Meaning::Value),
        }
    }

    /// Where the bracket closes that opens here, if a list or a relation stands in it and nothing goes on behind it.
    pub(super) fn bracketed(&self, open: char) -> Option<usize> {
        let mut depth = 0_usize;
        let mut is_list = false;
        for (index, token) in self.tokens.iter().enumerate().skip(self.at) {
            let first = index == self.at;
            match token {
                Token::Sign('(' | '⦃') | Token::Open => depth += 1,
                Token::Sign('[') if open != ']' || depth > 1 => depth += 1,
                Token::Sign(']') if first => depth += 1,
                Token::Sign(')' | ']' | '[' | '⦄') | Token::Close => {
                    depth = depth.checked_sub(1)?;
                    if depth == 0 {
                        let ends = match self.tokens.get(index + 1) {
                            None | Some(Token::Close | Token::Text(_) | Token::Row) => true,
                            Some(Token::Sign(c)) => ",;)]⦄∪∩∖=≈≠<>≤≥∈&-".contains(*c),
                            Some(Token::Letters(word)) => matches!(word.as_str(), "and" | "or" | "U"),
                            Some(_) => false,
                        };
                        return (is_list && ends).then_some(index);
                    }
                }
                Token::Sign(',' | ';' | '=' | '<' | '>' | '≤' | '≥') if depth == 1 => is_list = true,
                _ => {}
            }
        }
        None
    }

    pub(super) fn bracket_list(&mut self, open: char, end: usize) -> Read<Meaning> {
        let close = match self.tokens.get(end) {
            Some(Token::Sign(close)) => *close,
            _ => return Err(Misread::new("brackets do not match")),
        };
        self.at += 1;
        let mut items = self.list(&[close])?;
        if self.at != end {
            return Err(Misread::new("brackets do not match"));
        }
        self.at += 1;
        // `]1, 2[` is how some countries write `(1, 2)`.
        let open = if open == ']' { '(' } else { open };
        let close = if close == '[' { ')' } else { close };
        if items.len() == 1 && open == '(' && close == ')' {
            return items.pop().ok_or_else(|| Misread::new("there is nothing"));
        }
        Ok(Meaning::Bracketed { open, close, items })
    }

    pub(super) fn matrix(&mut self) -> Read<Meaning> {
        self.at += 1;
        let name = self.environment()?;
        if !matches!(name.trim_end_matches('*'), "pmatrix" | "bmatrix" | "matrix" | "Bmatrix" | "array" | "smallmatrix")
        {
            return Err(Misread::new(format!("`\\begin{{{name}}}` is not understood")));
        }
        if name == "array" && self.peek() == Some(&Token::Open) {
            while !matches!(self.peek(), None | Some(Token::Close)) {
                self.at += 1;
            }
            self.at += 1;
        }
        let mut rows = vec![Vec::new()];
        loop {
            match self.peek() {
                None => return Err(Misread::new("a matrix is not closed")),
                Some(Token::Command(name)) if name == "end" => break,
                Some(Token::Command(name)) if name == "hline" => self.at += 1,
                Some(Token::Row) => {
                    self.at += 1;
                    rows.push(Vec::new());
                }
                Some(Token::Sign('&')) => self.at += 1,
                Some(_) => {
                    let entry = self.sum()?;
                    if let Some(row) = rows.last_mut() {
                        row.push(entry);
                    }
                }
            }
        }
        self.at += 1;
        self.environment()?;
        if rows.last().is_some_and(Vec::is_empty) {
            rows.pop();
        }
        let width = rows.first().map_or(0, Vec::len);
        if width == 0 || rows.iter().any(|row| row.len() != width) {
            return Err(Misread::new("a matrix has rows of several lengths"));
        }
        Ok(Meaning::Matrix(rows))
    }

    /// The name in braces behind `\begin` and `\end`.
    pub(super) fn environment(&mut self) -> Read<String> {
        let mut name = String::new();
        if !self.takes_token(&Token::Open) {
            return Err(Misread::new("`\\begin` has no name"));
        }
        while let Some(token) = self.peek() {
            match token {
                Token::Letters(letters) => name.push_str(letters),
                Token::Sign('*') => {}
                _ => break,
            }
            self.at += 1;
        }
        if self.takes_token(&Token::Close) { Ok(name) } else { Err(Misread::new("`\\begin` has no name")) }
    }
}

fn is_collection(meaning: &Meaning) -> bool {
    !matches!(meaning, Meaning::Value(_) | Meaning::Relation { .. } | Meaning::Matrix(_))
}

pub(super) fn one_or(mut parts: Vec<Expr>, make: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.len(), parts.pop()) {
        (1, Some(one)) => one,
        (_, Some(last)) => {
            parts.push(last);
            make(parts)
        }
        (_, None) => make(parts),
    }
}

fn shown(sign: char) -> String {
    match sign {
        '⦃' => "\\{".to_owned(),
        '⦄' => "\\}".to_owned(),
        c => c.to_string(),
    }
}

pub(super) fn unexpected(token: &Token) -> Misread {
    let what = match token {
        Token::Number(literal) => literal.digits.to_string(),
        Token::Letters(word) | Token::Text(word) => word.clone(),
        Token::Command(name) => format!("\\{name}"),
        Token::Sign(c) => shown(*c),
        Token::Open => "{".to_owned(),
        Token::Close => "}".to_owned(),
        Token::Gap => " ".to_owned(),
        Token::Row => "\\\\".to_owned(),
    };
    Misread::new(format!("`{}` is not understood where it stands", crate::text::excerpt(&what, 40)))
}
