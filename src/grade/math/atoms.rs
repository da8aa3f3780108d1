//! Numbers, letters, commands and functions.

use super::expr::{Constant, Expr, Function, Literal, Mark};
use super::lex::{Misread, Token};
use super::parse::{Parser, Read, one_or};
use super::vocabulary::{GREEK, constant, is_constant, is_function};

impl Parser {
    pub(super) fn number(&mut self, mut literal: Literal) -> Read<Expr> {
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
            && let Some((top, bottom, after)) = self.fraction_of_numbers()
        {
            self.at = after;
            return Ok(Expr::Sum(vec![Expr::Number(literal), Expr::Number(top).over(Expr::Number(bottom))]));
        }
        Ok(Expr::Number(literal))
    }

    /// `\frac{1}{2}`, `\frac12`, `\frac1{2}` and where it ends.
    pub(super) fn fraction_of_numbers(&self) -> Option<(Literal, Literal, usize)> {
        if !matches!(self.peek(), Some(Token::Command(name)) if name == "frac") {
            return None;
        }
        let argument = |at: usize| match self.tokens.get(at..)? {
            [Token::Open, Token::Number(literal), Token::Close, ..] => Some((literal.clone(), at + 3)),
            [Token::Number(literal), ..] if literal.digits.len() == 1 => Some((literal.clone(), at + 1)),
            _ => None,
        };
        let whole = |literal: &Literal| literal.is_whole().then_some(());
        let from = self.at + 1;
        if let Some(Token::Number(both)) = self.tokens.get(from)
            && both.digits.len() == 2
        {
            let (top, bottom) = both.digits.split_at(1);
            return whole(both).map(|()| (Literal::whole(top), Literal::whole(bottom), from + 1));
        }
        let (top, middle) = argument(from)?;
        let (bottom, after) = argument(middle)?;
        whole(&top)?;
        whole(&bottom)?;
        Some((top, bottom, after))
    }

    /// `101_2`, `4210_{5}`, `11_{\text{two}}`.
    pub(super) fn base(&mut self, literal: &Literal) -> Read<Expr> {
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

    pub(super) fn letters(&mut self, word: &str) -> Read<Expr> {
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
        let mut run: Vec<String> = std::iter::once(word.to_owned())
            .chain(self.tokens[self.at..].iter().map_while(|token| match token {
                Token::Letters(word) if !is_function(word) && !matches!(word.as_str(), "and" | "or") => {
                    Some(word.clone())
                }
                _ => None,
            }))
            .collect();
        // `we find that x = 3`: the last letter is a variable.
        let operator = matches!(self.tokens.get(self.at + run.len() - 1), Some(Token::Sign(_)));
        if operator && run.len() > 1 && run.last().is_some_and(|word| word.chars().count() == 1) {
            run.pop();
        }
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
    pub(super) fn variable(&mut self, name: &str) -> Read<Expr> {
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
    pub(super) fn arguments(&mut self) -> Read<Vec<Expr>> {
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
    pub(super) fn argument(&mut self) -> Read<Expr> {
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
    pub(super) fn index(&mut self) -> Read<Expr> {
        if let Some(Token::Number(literal)) = self.peek().cloned() {
            self.at += 1;
            self.takes_token(&Token::Gap);
            return Ok(Expr::Number(literal));
        }
        self.argument()
    }

    pub(super) fn command(&mut self, name: &str) -> Read<Expr> {
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
                let inner = self.nested(Self::primary)?;
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

    pub(super) fn root(&mut self) -> Read<Expr> {
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
    pub(super) fn function(&mut self, name: &str) -> Read<Expr> {
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
    pub(super) fn bare_argument(&mut self) -> Read<Expr> {
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
