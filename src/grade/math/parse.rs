//! Tokens → meaning: recursive descent with a bound on depth.
//!
//! `items` (lists) over `item` (relations) over `collection` (unions) over a bracketed list, a set, a matrix or a sum.

use super::expr::{Constant, Expr, Function, Literal, Mark};
use super::lex::{Misread, Token, tokens};
use super::meaning::{Meaning, Relation};

/// The most tokens, and the deepest nesting.
const MOST_TOKENS: usize = 2_000;
const MOST_DEPTH: usize = 48;

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

type Read<T> = Result<T, Misread>;

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// How many `|` are open.
    bars: usize,
}

/// Words that make of what stands behind them a condition.
const CONDITIONS: [&str; 8] = ["if", "for", "when", "where", "mod", "otherwise", "unless", "such that"];

/// Units that are no words: behind a number they are not factors.
const UNITS: [&str; 30] = [
    "cm", "mm", "km", "kg", "mg", "ml", "mL", "ft", "lb", "lbs", "mph", "kph", "kmh", "hr", "hrs", "min", "mins",
    "sec", "secs", "yd", "mi", "oz", "sq", "deg", "rad", "Hz", "kHz", "kW", "mol", "usd",
];

impl Parser {
    fn whole(tokens: Vec<Token>) -> Read<Meaning> {
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

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn after(&self, by: usize) -> Option<&Token> {
        self.tokens.get(self.at + by)
    }

    fn sees(&self, sign: char) -> bool {
        matches!(self.peek(), Some(Token::Sign(c)) if *c == sign)
    }

    fn takes(&mut self, sign: char) -> bool {
        let there = self.sees(sign);
        self.at += usize::from(there);
        there
    }

    fn takes_token(&mut self, token: &Token) -> bool {
        let there = self.peek() == Some(token);
        self.at += usize::from(there);
        there
    }

    fn needs(&mut self, sign: char) -> Read<()> {
        if self.takes(sign) { Ok(()) } else { Err(Misread::new(format!("`{}` is missing", shown(sign)))) }
    }

    /// Runs a part of the grammar one level deeper.
    fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= MOST_DEPTH {
            return Err(Misread::new("it is nested too deep"));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    /// Several results, up to a closing sign.
    fn items(&mut self, closing: &[char]) -> Read<Meaning> {
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

    fn list(&mut self, closing: &[char]) -> Read<Vec<Meaning>> {
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
    fn separator(&mut self) -> bool {
        let there = match self.peek() {
            Some(Token::Sign(',' | ';')) => true,
            Some(Token::Letters(word)) => matches!(word.as_str(), "and" | "or"),
            Some(Token::Command(word)) => matches!(word.as_str(), "land" | "lor" | "wedge" | "vee"),
            _ => false,
        };
        self.at += usize::from(there);
        there
    }

    fn relation(&self) -> Option<Relation> {
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

    fn item(&mut self) -> Read<Meaning> {
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
    fn collection(&mut self) -> Read<Meaning> {
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

    const fn skip(&mut self) -> bool {
        self.at += 1;
        true
    }

    fn simple(&mut self) -> Read<Meaning> {
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
    fn bracketed(&self, open: char) -> Option<usize> {
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

    fn bracket_list(&mut self, open: char, end: usize) -> Read<Meaning> {
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

    fn matrix(&mut self) -> Read<Meaning> {
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
    fn environment(&mut self) -> Read<String> {
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

    fn sum(&mut self) -> Read<Expr> {
        let mut parts = Vec::new();
        loop {
            let mut sign = None;
            if parts.is_empty() {
                // The first part's sign is read by `factor`.
            } else if self.takes('+') {
                sign = Some('+');
            } else if self.takes('-') {
                sign = Some('-');
            } else if self.takes('±') {
                sign = Some('±');
            } else if self.takes('∓') {
                sign = Some('∓');
            } else {
                break;
            }
            let term = self.nested(Self::term)?;
            parts.push(match sign {
                Some('-') => term.negative(),
                Some('±') => Expr::Either(true, Box::new(term)),
                Some('∓') => Expr::Either(false, Box::new(term)),
                _ => term,
            });
        }
        Ok(one_or(parts, Expr::Sum))
    }

    fn term(&mut self) -> Read<Expr> {
        let mut parts = vec![self.signed()?];
        loop {
            // `Total: 5`, `about 5`: words in front are a label.
            if parts.len() == 1 && parts.first().is_some_and(is_words) {
                let colon = self.sees(':');
                if colon || self.begins_factor() && !self.sees('|') {
                    self.at += usize::from(colon);
                    parts = vec![self.signed()?];
                    continue;
                }
            }
            if self.takes('*') {
                if !self.unit() {
                    parts.push(self.signed()?);
                }
            } else if self.sees('/') || self.sees(':') || self.per() {
                self.at += 1;
                if !self.unit() {
                    parts.push(self.signed()?.inverse());
                }
            } else if self.unit_follows(parts.last()) {
                self.unit();
            } else if self.begins_factor() {
                parts.push(self.power()?);
            } else {
                break;
            }
        }
        Ok(one_or(parts, Expr::Product))
    }

    /// `per` in front of a unit.
    fn per(&self) -> bool {
        matches!(self.peek(), Some(Token::Letters(word)) if word == "per")
    }

    /// Whether what stands here is a unit of what was read before it.
    fn unit_follows(&self, before: Option<&Expr>) -> bool {
        match self.peek() {
            Some(Token::Text(words)) => {
                let words = words.to_lowercase();
                let first = words.split(' ').next().unwrap_or_default();
                !CONDITIONS.contains(&first) && !words.starts_with("such that")
            }
            Some(Token::Letters(word)) => {
                let number = before.is_some_and(ends_in_number);
                let known = UNITS.contains(&word.as_str());
                let english = word.len() >= 4 && !is_function(word) && !is_constant(word);
                number && (known || english) && !matches!(self.after(1), Some(Token::Sign('(')))
            }
            _ => false,
        }
    }

    /// Passes over a unit: words with their powers.
    fn unit(&mut self) -> bool {
        let from = self.at;
        while let Some(token) = self.peek() {
            match token {
                Token::Text(_) => self.at += 1,
                Token::Letters(word)
                    if word.len() >= 3 && !is_function(word) && !matches!(word.as_str(), "and")
                        || UNITS.contains(&word.as_str())
                        || self.at > from && matches!(word.as_str(), "of" | "in" | "an" | "a" | "to" | "by") =>
                {
                    self.at += 1;
                }
                Token::Sign('^') if self.at > from => {
                    self.at += 1;
                    if self.takes_token(&Token::Open) {
                        while !matches!(self.peek(), None | Some(Token::Close)) {
                            self.at += 1;
                        }
                    }
                    self.at += usize::from(self.peek().is_some());
                }
                _ => break,
            }
        }
        self.at > from
    }

    fn begins_factor(&self) -> bool {
        match self.peek() {
            Some(Token::Number(_) | Token::Open) => true,
            Some(Token::Letters(word)) => !matches!(word.as_str(), "and" | "or" | "U"),
            Some(Token::Command(name)) => {
                !matches!(name.as_str(), "end" | "rfloor" | "rceil" | "hline" | "land" | "lor" | "wedge" | "vee")
            }
            Some(Token::Sign('|')) => self.bars == 0,
            Some(Token::Sign(c)) => matches!(c, '(' | '[' | 'π' | '∞' | '√'),
            _ => false,
        }
    }

    fn signed(&mut self) -> Read<Expr> {
        for (sign, make) in [
            ('-', Expr::negative as fn(Expr) -> Expr),
            ('+', |part| part),
            ('±', |part| Expr::Either(true, Box::new(part))),
            ('∓', |part| Expr::Either(false, Box::new(part))),
        ] {
            if self.takes(sign) {
                return self.nested(Self::signed).map(make);
            }
        }
        self.power()
    }

    fn power(&mut self) -> Read<Expr> {
        let base = self.nested(Self::primary)?;
        let mut base = self.postfix(base)?;
        while self.sees('^') {
            if let Some(expr) = self.raised_mark(&base) {
                base = expr;
                continue;
            }
            self.at += 1;
            let exponent = self.nested(Self::exponent)?;
            base = self.postfix(base.power(exponent))?;
        }
        Ok(base)
    }

    /// `^\circ`, `^{\circ}`, `^{\prime}`.
    fn raised_mark(&mut self, base: &Expr) -> Option<Expr> {
        let braced = self.after(1) == Some(&Token::Open);
        let mark = self.after(1 + usize::from(braced))?;
        if *mark != Token::Sign('°') {
            return None;
        }
        self.at += if braced { 4 } else { 2 };
        // `30^\circ C` is a temperature.
        if matches!(self.peek(), Some(Token::Letters(word)) if matches!(word.as_str(), "C" | "F")) {
            self.at += 1;
            return Some(base.clone());
        }
        Some(Expr::Marked(Mark::Degrees, Box::new(base.clone())))
    }

    fn exponent(&mut self) -> Read<Expr> {
        if self.takes('-') {
            return self.nested(Self::exponent).map(Expr::negative);
        }
        if self.takes('+') {
            return self.nested(Self::exponent);
        }
        let base = self.primary()?;
        // Behind braces a further `^` is a mistake; in plain text 2^3^2 is 2^9.
        if self.takes('^') {
            let exponent = self.nested(Self::exponent)?;
            return Ok(base.power(exponent));
        }
        Ok(base)
    }

    /// What stands behind a factor: `!`, `%`, `°`.
    fn postfix(&mut self, mut expr: Expr) -> Read<Expr> {
        for _ in 0..MOST_DEPTH {
            if self.takes('!') {
                expr = Expr::Call(Function::Factorial, vec![expr]);
            } else if self.takes('%')
                || matches!(self.peek(), Some(Token::Letters(word)) if matches!(word.as_str(), "percent" | "percentage" | "pct"))
                    && self.skip()
            {
                expr = Expr::Marked(Mark::Percent, Box::new(expr));
            } else if self.takes('°')
                || matches!(self.peek(), Some(Token::Letters(word)) if matches!(word.as_str(), "degrees" | "degree" | "deg"))
                    && self.skip()
            {
                if matches!(self.peek(), Some(Token::Letters(word)) if matches!(word.as_str(), "C" | "F" | "Celsius" | "Fahrenheit"))
                {
                    self.at += 1;
                } else {
                    expr = Expr::Marked(Mark::Degrees, Box::new(expr));
                }
            } else {
                return Ok(expr);
            }
        }
        Err(Misread::new("it is nested too deep"))
    }

    fn primary(&mut self) -> Read<Expr> {
        let Some(token) = self.peek().cloned() else { return Err(Misread::new("it ends early")) };
        self.at += 1;
        match token {
            Token::Number(literal) => self.number(literal),
            Token::Letters(word) => self.letters(&word),
            Token::Text(words) => Ok(words_symbol(&words)),
            Token::Command(name) => self.command(&name),
            Token::Open => {
                let expr = self.nested(Self::sum)?;
                if self.takes_token(&Token::Close) { Ok(expr) } else { Err(self.stuck("a brace is not closed")) }
            }
            Token::Sign(open @ ('(' | '[')) => {
                let bars = std::mem::take(&mut self.bars);
                let expr = self.nested(Self::sum)?;
                self.bars = bars;
                self.needs(if open == '(' { ')' } else { ']' }).map(|()| expr)
            }
            Token::Sign('|') => {
                let doubled = self.takes('|');
                self.bars += 1;
                let expr = self.nested(Self::sum)?;
                self.bars -= 1;
                self.needs('|')?;
                if doubled {
                    self.needs('|')?;
                }
                Ok(Expr::Call(Function::Abs, vec![expr]))
            }
            Token::Sign('π') => Ok(Expr::Constant(Constant::Pi)),
            Token::Sign('∞') => Ok(Expr::Constant(Constant::Infinity)),
            Token::Sign('√') => {
                let radicand = self.nested(Self::primary)?;
                Ok(Expr::Root(Box::new((Expr::whole(2), radicand))))
            }
            other => Err(unexpected(&other)),
        }
    }

    fn stuck(&self, otherwise: &str) -> Misread {
        self.peek().map_or_else(|| Misread::new(otherwise), unexpected)
    }

    fn number(&mut self, mut literal: Literal) -> Read<Expr> {
        // `1 234 567`, then `1 1/2`.
        while self.peek() == Some(&Token::Gap) {
            let Some(Token::Number(next)) = self.after(1).cloned() else { break };
            let slash = self.after(2) == Some(&Token::Sign('/'));
            if slash && let Some(Token::Number(denominator)) = self.after(3).cloned() {
                let small = |literal: &Literal| literal.digits.parse::<u64>().ok().filter(|_| literal.is_whole());
                if let (Some(_), Some(top), Some(bottom)) = (small(&literal), small(&next), small(&denominator))
                    && top < bottom
                {
                    self.at += 4;
                    return Ok(Expr::Sum(vec![
                        Expr::Number(literal),
                        Expr::Number(next).over(Expr::Number(denominator)),
                    ]));
                }
            }
            if next.digits.len() - next.decimals != 3 || !literal.is_whole() {
                return Err(Misread::new("two numbers stand side by side"));
            }
            self.at += 2;
            literal = Literal { digits: format!("{}{}", literal.digits, next.digits).into(), ..next };
        }
        if self.sees('_') && literal.is_whole() {
            self.at += 1;
            return self.base(&literal);
        }
        // `1\frac{1}{2}` is one and a half.
        if literal.is_whole()
            && matches!(self.peek(), Some(Token::Command(name)) if name == "frac")
            && let Some(Token::Number(top)) = self.after(2).cloned()
            && let Some(Token::Number(bottom)) = self.after(5).cloned()
            && [(1, Token::Open), (3, Token::Close), (4, Token::Open), (6, Token::Close)]
                .iter()
                .all(|(by, token)| self.after(*by) == Some(token))
            && top.is_whole()
            && bottom.is_whole()
        {
            self.at += 7;
            return Ok(Expr::Sum(vec![Expr::Number(literal), Expr::Number(top).over(Expr::Number(bottom))]));
        }
        Ok(Expr::Number(literal))
    }

    /// `101_2`, `4210_{5}`, `11_{\text{two}}`.
    fn base(&mut self, literal: &Literal) -> Read<Expr> {
        let braced = self.takes_token(&Token::Open);
        let base = match self.peek() {
            Some(Token::Number(base)) => base.digits.parse().ok(),
            Some(Token::Text(word)) => {
                let words = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
                words.iter().position(|known| *known == word.to_lowercase()).and_then(|at| u32::try_from(at + 2).ok())
            }
            _ => None,
        };
        self.at += 1;
        if braced && !self.takes_token(&Token::Close) {
            return Err(self.stuck("a brace is not closed"));
        }
        let fits = |base: &u32| (2..=10).contains(base) && literal.digits.chars().all(|c| c.is_digit(*base));
        match base.filter(fits) {
            Some(base) => Ok(Expr::Marked(Mark::Base(base), Box::new(Expr::Number(literal.clone())))),
            None => Err(Misread::new("a number's base is not understood")),
        }
    }

    fn letters(&mut self, word: &str) -> Read<Expr> {
        if let Some(constant) = constant(word) {
            return Ok(Expr::Constant(constant));
        }
        if is_function(word) {
            return self.function(word);
        }
        let mut chars = word.chars();
        if let (Some(c), None) = (chars.next(), chars.next()) {
            return self.variable(&c.to_string());
        }
        // Words: a run with a long one in it.
        let run: Vec<String> = std::iter::once(word.to_owned())
            .chain(self.tokens[self.at..].iter().map_while(|token| match token {
                Token::Letters(word) if !is_function(word) && !matches!(word.as_str(), "and" | "or") => {
                    Some(word.clone())
                }
                _ => None,
            }))
            .collect();
        if run.iter().any(|word| word.chars().count() >= 4) {
            self.at += run.len() - 1;
            return Ok(Expr::symbol(run.join(" ").to_lowercase()));
        }
        for (name, most) in [
            ("arcsin", 2),
            ("arccos", 2),
            ("arctan", 2),
            ("sqrt", 2),
            ("sin", 2),
            ("cos", 2),
            ("tan", 2),
            ("log", 1),
            ("ln", 1),
        ] {
            if let Some(rest) = word.strip_prefix(name).filter(|rest| rest.len() <= most) {
                self.at -= 1;
                self.tokens[self.at] = Token::Letters(rest.to_owned());
                return self.function(name);
            }
        }
        // `xy`: a product, of which the last may have an index or an argument.
        let mut letters: Vec<char> = word.chars().collect();
        let last = letters.pop().map(|c| c.to_string()).unwrap_or_default();
        let mut parts: Vec<Expr> = letters
            .iter()
            .map(|c| {
                let name = c.to_string();
                constant(&name).map_or_else(|| Expr::symbol(name), Expr::Constant)
            })
            .collect();
        parts.push(match constant(&last) {
            Some(constant) => Expr::Constant(constant),
            None => self.variable(&last)?,
        });
        if self.sees('^') {
            // The exponent is the last letter's.
            let last = parts.pop().unwrap_or_else(|| Expr::whole(1));
            self.at += 1;
            let exponent = self.nested(Self::exponent)?;
            parts.push(last.power(exponent));
        }
        Ok(Expr::Product(parts))
    }

    /// A variable with its index, primes, or argument.
    fn variable(&mut self, name: &str) -> Read<Expr> {
        let mut name = name.to_owned();
        if self.takes('_') {
            name.push('_');
            let mut depth = 0_usize;
            loop {
                match self.peek() {
                    Some(Token::Open) => depth += 1,
                    Some(Token::Close) if depth > 0 => depth -= 1,
                    Some(Token::Number(literal)) => name.push_str(&literal.digits),
                    Some(Token::Letters(word) | Token::Text(word) | Token::Command(word)) => name.push_str(word),
                    Some(Token::Sign(c @ ('+' | '-' | ',' | '\'' | '*'))) if depth > 0 => name.push(*c),
                    _ => return Err(Misread::new("an index is not understood")),
                }
                self.at += 1;
                if depth == 0 {
                    break;
                }
            }
        }
        while self.takes('\'') {
            name.push('\'');
        }
        let called = name.starts_with(['f', 'g', 'h', 'F', 'G', 'H', 'P', 'Q']) && self.sees('(');
        if called {
            self.at += 1;
            let arguments = self.arguments()?;
            return Ok(Expr::Call(Function::Named(name.into()), arguments));
        }
        Ok(Expr::symbol(name))
    }

    /// Sums with commas between them, up to the closing bracket.
    fn arguments(&mut self) -> Read<Vec<Expr>> {
        let bars = std::mem::take(&mut self.bars);
        let mut arguments = vec![self.nested(Self::sum)?];
        while self.takes(',') {
            arguments.push(self.nested(Self::sum)?);
        }
        self.bars = bars;
        self.needs(')')?;
        Ok(arguments)
    }

    /// What a command such as `\frac` takes: a group, a digit, a letter.
    fn argument(&mut self) -> Read<Expr> {
        match self.peek().cloned() {
            Some(Token::Number(literal)) if literal.is_whole() => {
                let (first, rest) = literal.digits.split_at(1);
                if rest.is_empty() {
                    self.at += 1;
                    self.takes_token(&Token::Gap);
                } else {
                    self.tokens[self.at] = Token::Number(Literal::whole(rest));
                }
                Ok(Expr::Number(Literal::whole(first)))
            }
            Some(Token::Letters(word))
                if word.len() > 1 && word.len() <= 3 && !is_function(&word) && !is_constant(&word) =>
            {
                let (first, rest) = word.split_at(word.chars().next().map_or(1, char::len_utf8));
                self.tokens[self.at] = Token::Letters(rest.to_owned());
                Ok(constant(first).map_or_else(|| Expr::symbol(first), Expr::Constant))
            }
            _ => self.nested(Self::primary),
        }
    }

    /// What stands behind `_`: as an argument, but a number counts as a whole, as people write `log_10`.
    fn index(&mut self) -> Read<Expr> {
        if let Some(Token::Number(literal)) = self.peek().cloned() {
            self.at += 1;
            self.takes_token(&Token::Gap);
            return Ok(Expr::Number(literal));
        }
        self.argument()
    }

    fn command(&mut self, name: &str) -> Read<Expr> {
        match name {
            "frac" => {
                let top = self.argument()?;
                let bottom = self.argument()?;
                Ok(top.over(bottom))
            }
            "binom" => {
                let top = self.argument()?;
                let bottom = self.argument()?;
                Ok(Expr::Call(Function::Binomial, vec![top, bottom]))
            }
            "sqrt" => self.root(),
            "lfloor" | "lceil" => {
                let expr = self.nested(Self::sum)?;
                let close = if name == "lfloor" { "rfloor" } else { "rceil" };
                if !self.takes_token(&Token::Command(close.to_owned())) {
                    return Err(self.stuck("a bracket is not closed"));
                }
                let function = if name == "lfloor" { Function::Floor } else { Function::Ceil };
                Ok(Expr::Call(function, vec![expr]))
            }
            "overline" | "overrightarrow" | "widehat" | "angle" | "triangle" | "measuredangle" | "underline" => {
                let inner = self.argument()?;
                Ok(match inner {
                    Expr::Symbol(name) => Expr::Symbol(name),
                    Expr::Product(parts) if parts.iter().all(|part| matches!(part, Expr::Symbol(_))) => {
                        Expr::Product(parts)
                    }
                    _ => return Err(Misread::new(format!("`\\{name}` is not understood"))),
                })
            }
            "arcsin" | "arccos" | "arctan" | "log" | "ln" | "lg" | "exp" | "gcd" | "lcm" | "min" | "max" => {
                self.function(name)
            }
            name if is_function(name) => self.function(name),
            name if GREEK.contains(&name.trim_start_matches("var")) => self.variable(name),
            "imath" => Ok(Expr::Constant(Constant::Imaginary)),
            "ell" => self.variable("l"),
            name => Err(Misread::new(format!("`\\{name}` is not understood"))),
        }
    }

    fn root(&mut self) -> Read<Expr> {
        let degree = if self.takes('[') {
            let degree = self.nested(Self::sum)?;
            self.needs(']')?;
            degree
        } else {
            Expr::whole(2)
        };
        let radicand = self.argument()?;
        Ok(Expr::Root(Box::new((degree, radicand))))
    }

    /// A function by its name, its power or base, and its argument.
    fn function(&mut self, name: &str) -> Read<Expr> {
        if name == "sqrt" {
            return self.root();
        }
        let mut base = None;
        let mut power = None;
        for _ in 0..2 {
            if base.is_none() && self.takes('_') {
                base = Some(self.index()?);
            } else if power.is_none() && self.takes('^') {
                power = Some(self.nested(Self::exponent)?);
            }
        }
        let arguments = if self.takes('(') {
            self.arguments()?
        } else if matches!(self.peek(), Some(Token::Open | Token::Sign('|' | '√' | '['))) {
            vec![self.nested(Self::power)?]
        } else {
            vec![self.bare_argument()?]
        };
        let inverse = power.as_ref().is_some_and(|power| power.small() == Some(num_rational::Ratio::from_integer(-1)));
        let function = match name {
            "sin" if inverse => Function::Arcsin,
            "cos" if inverse => Function::Arccos,
            "tan" if inverse => Function::Arctan,
            "sin" => Function::Sin,
            "cos" => Function::Cos,
            "tan" | "tg" => Function::Tan,
            "cot" | "ctg" => Function::Cot,
            "sec" => Function::Sec,
            "csc" => Function::Csc,
            "arcsin" | "asin" => Function::Arcsin,
            "arccos" | "acos" => Function::Arccos,
            "arctan" | "atan" => Function::Arctan,
            "sinh" => Function::Sinh,
            "cosh" => Function::Cosh,
            "tanh" => Function::Tanh,
            "ln" => Function::Ln,
            "log" | "lg" => Function::Log,
            "abs" => Function::Abs,
            "floor" => Function::Floor,
            "ceil" => Function::Ceil,
            "binom" => Function::Binomial,
            "factorial" => Function::Factorial,
            "gcd" => Function::Gcd,
            "lcm" => Function::Lcm,
            "min" => Function::Min,
            "max" => Function::Max,
            "exp" => {
                let argument = one_or(arguments, Expr::Sum);
                return Ok(Expr::Constant(Constant::Euler).power(argument));
            }
            name => return Err(Misread::new(format!("`{name}` is not understood"))),
        };
        let variadic = matches!(function, Function::Gcd | Function::Lcm | Function::Min | Function::Max);
        let wanted = if function == Function::Binomial { 2 } else { 1 };
        if !variadic && arguments.len() != wanted {
            return Err(Misread::new(format!("`{name}` has {} arguments", arguments.len())));
        }
        let inverted = inverse && matches!(function, Function::Arcsin | Function::Arccos | Function::Arctan);
        let call = match (function, base) {
            (Function::Log, None) if name == "lg" => {
                Expr::Call(Function::Log, std::iter::once(Expr::whole(10)).chain(arguments).collect())
            }
            // Without a base it is the natural one, as in the reference and in most of mathematics.
            (Function::Log, None) => Expr::Call(Function::Ln, arguments),
            (Function::Log, Some(base)) => Expr::Call(Function::Log, std::iter::once(base).chain(arguments).collect()),
            (function, _) => Expr::Call(function, arguments),
        };
        Ok(match power.filter(|_| !inverted) {
            Some(power) => call.power(power),
            None => call,
        })
    }

    /// The argument of `\sin 2x`: factors up to a sign or a further function.
    fn bare_argument(&mut self) -> Read<Expr> {
        if self.takes('-') {
            return self.nested(Self::bare_argument).map(Expr::negative);
        }
        let mut parts = vec![self.nested(Self::power)?];
        while let Some(token) = self.peek() {
            let goes_on = match token {
                Token::Letters(word) => word.chars().count() == 1 && !matches!(word.as_str(), "U"),
                Token::Sign(c) => *c == 'π',
                Token::Command(name) => GREEK.contains(&name.as_str()) || name == "frac",
                _ => false,
            };
            if !goes_on {
                break;
            }
            parts.push(self.nested(Self::power)?);
        }
        Ok(one_or(parts, Expr::Product))
    }
}

const GREEK: [&str; 26] = [
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Omega", "Phi",
];

const FUNCTIONS: [&str; 30] = [
    "sin",
    "cos",
    "tan",
    "cot",
    "sec",
    "csc",
    "tg",
    "ctg",
    "arcsin",
    "arccos",
    "arctan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "ln",
    "log",
    "lg",
    "exp",
    "sqrt",
    "abs",
    "floor",
    "ceil",
    "binom",
    "gcd",
    "lcm",
    "max",
    "factorial",
];

fn is_function(word: &str) -> bool {
    FUNCTIONS.contains(&word)
}

fn constant(word: &str) -> Option<Constant> {
    Some(match word {
        "pi" | "Pi" => Constant::Pi,
        "e" => Constant::Euler,
        "i" => Constant::Imaginary,
        "infinity" | "inf" | "oo" | "Infinity" => Constant::Infinity,
        _ => return None,
    })
}

fn is_constant(word: &str) -> bool {
    constant(word).is_some()
}

fn is_collection(meaning: &Meaning) -> bool {
    !matches!(meaning, Meaning::Value(_) | Meaning::Relation { .. } | Meaning::Matrix(_))
}

/// Words as a symbol; a single letter keeps its case, as it may be a variable.
fn words_symbol(words: &str) -> Expr {
    let letter = words.trim_matches(['(', ')']);
    let words = if letter.chars().count() == 1 { letter } else { words };
    if words.chars().count() == 1 { Expr::symbol(words) } else { Expr::symbol(words.to_lowercase()) }
}

/// Whether an expression is nothing but words.
fn is_words(expr: &Expr) -> bool {
    matches!(expr, Expr::Symbol(name) if name.chars().filter(|c| c.is_alphabetic()).count() > 1 && !name.contains('_') && !GREEK.contains(&&**name))
}

/// Whether a unit may follow.
fn ends_in_number(expr: &Expr) -> bool {
    match expr {
        Expr::Number(_) | Expr::Constant(Constant::Pi) | Expr::Root(_) | Expr::Marked(..) => true,
        Expr::Negative(part) | Expr::Inverse(part) | Expr::Either(_, part) => ends_in_number(part),
        Expr::Sum(parts) | Expr::Product(parts) => parts.last().is_some_and(ends_in_number),
        Expr::Power(pair) => ends_in_number(&pair.0),
        _ => false,
    }
}

fn one_or(mut parts: Vec<Expr>, make: fn(Vec<Expr>) -> Expr) -> Expr {
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

fn unexpected(token: &Token) -> Misread {
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
