//! Sums, products, powers, and what stands behind a factor.

use super::expr::{Constant, Expr, Function, Mark};
use super::lex::{Misread, Token};
use super::parse::{MOST_DEPTH, Parser, Read, one_or, unexpected};
use super::vocabulary::{CONDITIONS, UNITS, ends_in_number, is_constant, is_function, is_words, words_symbol};

impl Parser {
    pub(super) fn sum(&mut self) -> Read<Expr> {
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

    pub(super) fn term(&mut self) -> Read<Expr> {
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
            } else if parts.last().is_some_and(ends_in_number) && self.remark() {
                // `7 (seven)`
            } else if self.begins_factor() {
                parts.push(self.power()?);
            } else {
                break;
            }
        }
        Ok(one_or(parts, Expr::Product))
    }

    /// Passes over words in brackets.
    fn remark(&mut self) -> bool {
        let from = self.at;
        if self.takes('(') {
            let words = self.tokens[self.at..].iter().take_while(|token| {
                matches!(token, Token::Letters(word) if word.len() >= 3 && !is_function(word) && !is_constant(word))
            });
            self.at += words.count();
            if self.at > from + 1 && self.takes(')') {
                return true;
            }
        }
        self.at = from;
        false
    }

    /// `per` in front of a unit.
    pub(super) fn per(&self) -> bool {
        matches!(self.peek(), Some(Token::Letters(word)) if word == "per")
    }

    /// Whether what stands here is a unit of what was read before it.
    pub(super) fn unit_follows(&self, before: Option<&Expr>) -> bool {
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
    pub(super) fn unit(&mut self) -> bool {
        let from = self.at;
        while let Some(token) = self.peek() {
            match token {
                Token::Text(_) => self.at += 1,
                Token::Letters(word)
                    if word.len() >= 3 && !is_function(word) && !matches!(word.as_str(), "and")
                        || UNITS.contains(&word.as_str())
                        || self.at > from && (word.len() == 2 && word != "or" || word == "a") =>
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

    pub(super) fn begins_factor(&self) -> bool {
        match self.peek() {
            Some(Token::Number(_) | Token::Open) => true,
            Some(Token::Letters(word)) => !matches!(word.as_str(), "and" | "or" | "U"),
            Some(Token::Command(name)) => {
                !matches!(name.as_str(), "end" | "rfloor" | "rceil" | "hline" | "land" | "lor" | "wedge" | "vee")
            }
            Some(Token::Sign('|')) => self.bars == 0,
            Some(Token::Sign(c)) => matches!(c, '(' | 'π' | '∞' | '√'),
            _ => false,
        }
    }

    pub(super) fn signed(&mut self) -> Read<Expr> {
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

    pub(super) fn power(&mut self) -> Read<Expr> {
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
    pub(super) fn raised_mark(&mut self, base: &Expr) -> Option<Expr> {
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

    pub(super) fn exponent(&mut self) -> Read<Expr> {
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
    pub(super) fn postfix(&mut self, mut expr: Expr) -> Read<Expr> {
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

    pub(super) fn primary(&mut self) -> Read<Expr> {
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

    pub(super) fn stuck(&self, otherwise: &str) -> Misread {
        self.peek().map_or_else(|| Misread::new(otherwise), unexpected)
    }
}
