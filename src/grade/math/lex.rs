//! LaTeX, Unicode and plain text → tokens. What only sets type (`\left`, `\,`, `$`, `\displaystyle`) is gone.

use crate::grade::latex::closing_brace;

use super::expr::Literal;

/// The longest result that is looked at, in bytes.
pub(super) const MOST_BYTES: usize = 4_000;

/// A part of a result.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Number(Literal),
    /// A run of ASCII letters outside a command, or a single letter of another script.
    Letters(String),
    /// The words of `\text{…}`, trimmed, on one line; not empty.
    Text(String),
    /// A command that means something, without its backslash.
    Command(String),
    /// An operator, bracket or separator in one spelling: `*` for `\times`, `≤` for `\le` …
    Sign(char),
    /// `{` and `}` that group without being seen.
    Open,
    Close,
    /// A blank in front of a token, where it may tell `1 1/2` from `11/2`. Only between two numbers.
    Gap,
    /// `\\` between rows.
    Row,
}

/// Why a text is no maths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misread(pub(super) String);

impl Misread {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Commands that only set type.
const SILENT: [&str; 36] = [
    "left",
    "right",
    "big",
    "Big",
    "bigg",
    "Bigg",
    "bigl",
    "bigr",
    "Bigl",
    "Bigr",
    "biggl",
    "biggr",
    "middle",
    "displaystyle",
    "textstyle",
    "limits",
    "nolimits",
    "quad",
    "qquad",
    "mathbf",
    "mathit",
    "mathcal",
    "mathsf",
    "boldsymbol",
    "bm",
    "vec",
    "hat",
    "bar",
    "tilde",
    "phantom",
    "hspace",
    "boxed",
    "fbox",
    "thinspace",
    "enspace",
    "ensuremath",
];

/// Commands whose argument is words.
const WORDS: [&str; 10] =
    ["text", "textbf", "textit", "textrm", "textnormal", "mathrm", "mbox", "operatorname", "textsf", "hbox"];

/// Commands and characters that are signs, in one spelling.
const SIGNS: [(&str, char); 44] = [
    ("cdot", '*'),
    ("times", '*'),
    ("ast", '*'),
    ("bullet", '*'),
    ("div", '/'),
    ("pm", '±'),
    ("mp", '∓'),
    ("le", '≤'),
    ("leq", '≤'),
    ("leqslant", '≤'),
    ("ge", '≥'),
    ("geq", '≥'),
    ("geqslant", '≥'),
    ("lt", '<'),
    ("gt", '>'),
    ("ne", '≠'),
    ("neq", '≠'),
    ("approx", '≈'),
    ("simeq", '≈'),
    ("sim", '≈'),
    ("equiv", '='),
    ("in", '∈'),
    ("cup", '∪'),
    ("bigcup", '∪'),
    ("cap", '∩'),
    ("setminus", '∖'),
    ("backslash", '∖'),
    ("circ", '°'),
    ("degree", '°'),
    ("infty", '∞'),
    ("pi", 'π'),
    ("emptyset", '∅'),
    ("varnothing", '∅'),
    ("mid", '|'),
    ("vert", '|'),
    ("lvert", '|'),
    ("rvert", '|'),
    ("lbrack", '['),
    ("rbrack", ']'),
    ("lbrace", '⦃'),
    ("rbrace", '⦄'),
    ("langle", '('),
    ("rangle", ')'),
    ("prime", '\''),
];

/// The sign that a single character is.
const fn sign(c: char) -> Option<char> {
    Some(match c {
        '+' | '/' | '^' | '_' | '(' | ')' | '[' | ']' | '|' | ',' | ';' | ':' | '=' | '<' | '>' | '!' | '%' | '&'
        | '\'' | '±' | '∓' | '≤' | '≥' | '≠' | '≈' | '∈' | '∪' | '∩' | '°' | '∞' | 'π' | '√' | '∅' | '*' => {
            c
        }
        '-' | '\u{2212}' | '\u{2013}' | '\u{2010}' | '\u{2011}' => '-',
        '×' | '·' | '⋅' | '∙' => '*',
        '÷' | '\u{2044}' => '/',
        '⩽' => '≤',
        '⩾' => '≥',
        '\u{2019}' | '′' => '\'',
        'º' => '°',
        '\u{ff0c}' | '、' => ',',
        '\u{ff08}' => '(',
        '\u{ff09}' => ')',
        '∖' => '∖',
        _ => return None,
    })
}

/// What a superscript character raises.
const fn raised(c: char) -> Option<char> {
    Some(match c {
        '⁰' => '0',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        '⁴' => '4',
        '⁵' => '5',
        '⁶' => '6',
        '⁷' => '7',
        '⁸' => '8',
        '⁹' => '9',
        '⁻' => '-',
        'ⁿ' => 'n',
        _ => return None,
    })
}

const fn vulgar(c: char) -> Option<(&'static str, &'static str)> {
    Some(match c {
        '½' => ("1", "2"),
        '⅓' => ("1", "3"),
        '⅔' => ("2", "3"),
        '¼' => ("1", "4"),
        '¾' => ("3", "4"),
        '⅕' => ("1", "5"),
        '⅛' => ("1", "8"),
        _ => return None,
    })
}

/// Reads a text. With `grouping`, `1,234` is one number, else two.
pub(super) fn tokens(text: &str, grouping: bool) -> Result<Vec<Token>, Misread> {
    if text.len() > MOST_BYTES {
        return Err(Misread::new("it is too long"));
    }
    let mut lexer = Lexer { text, at: 0, out: Vec::new(), grouping };
    while lexer.step()? {}
    Ok(lexer.out)
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    out: Vec<Token>,
    grouping: bool,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn sign(&mut self, c: char) {
        self.out.push(Token::Sign(c));
    }

    /// Reads one token; `false` at the end.
    fn step(&mut self) -> Result<bool, Misread> {
        let Some(c) = self.rest().chars().next() else { return Ok(false) };
        let next = self.at + c.len_utf8();
        let digit_after = self.text[next..].starts_with(|c: char| c.is_ascii_digit());
        if c.is_ascii_digit() || c == '.' && digit_after {
            self.number();
            return Ok(true);
        }
        if c == '\\' {
            self.at = next;
            return self.command().map(|()| true);
        }
        if c.is_ascii_alphabetic() {
            let rest = self.rest();
            let len = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            let run = rest[..len].to_owned();
            self.at += len;
            self.out.push(Token::Letters(run));
            return Ok(true);
        }
        self.at = next;
        match c {
            '{' => self.out.push(Token::Open),
            '}' => self.out.push(Token::Close),
            '*' if self.rest().starts_with('*') => {
                self.at += 1;
                self.sign('^');
            }
            '<' | '>' | '!' if self.rest().starts_with('=') => {
                self.at += 1;
                self.sign(match c {
                    '<' => '≤',
                    '>' => '≥',
                    _ => '≠',
                });
            }
            '=' if self.rest().starts_with('=') => {
                self.at += 1;
                self.sign('=');
            }
            // A full stop ends a sentence, and `\left.` opens nothing.
            '.' | '$' | '€' | '£' | '¥' | '₹' | '`' | '"' | '~' | '?' | '“' | '”' | '\u{200b}' | '。' => {}
            '\u{2026}' => return Err(Misread::new("it holds an ellipsis")),
            c if c.is_whitespace() => {
                if matches!(self.out.last(), Some(Token::Number(_)))
                    && self.rest().trim_start().starts_with(|c: char| c.is_ascii_digit())
                {
                    self.out.push(Token::Gap);
                }
            }
            c => {
                if let Some(sign) = sign(c) {
                    self.sign(sign);
                } else if let Some(first) = raised(c) {
                    self.superscript(first);
                } else if let Some((numerator, denominator)) = vulgar(c) {
                    self.out.push(Token::Command("frac".to_owned()));
                    for digits in [numerator, denominator] {
                        self.out.extend([Token::Open, Token::Number(Literal::whole(digits)), Token::Close]);
                    }
                } else if c == 'ℝ' {
                    self.out.push(Token::Command("reals".to_owned()));
                } else if c.is_alphabetic() {
                    self.out.push(Token::Letters(c.to_string()));
                } else {
                    return Err(Misread::new(format!("`{}` is not understood", crate::text::one_line(&c.to_string()))));
                }
            }
        }
        Ok(true)
    }

    fn superscript(&mut self, first: char) {
        let mut inner = first.to_string();
        while let Some(c) = self.rest().chars().next().and_then(|c| Some((c, raised(c)?))) {
            self.at += c.0.len_utf8();
            inner.push(c.1);
        }
        self.out.extend([Token::Sign('^'), Token::Open]);
        if inner.starts_with('-') {
            self.sign('-');
        }
        let bare = inner.trim_start_matches('-');
        if bare == "n" {
            self.out.push(Token::Letters("n".to_owned()));
        } else if !bare.is_empty() {
            let digits: String = bare.chars().filter(char::is_ascii_digit).collect();
            self.out.push(Token::Number(Literal::whole(if digits.is_empty() { "1" } else { &digits })));
        }
        self.out.push(Token::Close);
    }

    /// Digits, groups of thousands, a point and digits, a repeating part.
    fn number(&mut self) {
        let text = self.text;
        let run = |from: usize| text[from..].bytes().take_while(u8::is_ascii_digit).count();
        let len = run(self.at);
        let mut digits = text[self.at..self.at + len].to_owned();
        let mut end = self.at + len;
        if (1..=3).contains(&len) && (self.grouping || text[end..].starts_with(['{', '\\'])) && !digits.starts_with('0')
        {
            let separators: &[&str] = &[",", "{,}", "\\,", "\\!", ",\\!", "{,\\!}"];
            while let Some(separator) = separators
                .iter()
                .filter(|s| text[end..].starts_with(**s))
                .max_by_key(|s| s.len())
                .filter(|s| run(end + s.len()) == 3)
            {
                let from = end + separator.len();
                digits.push_str(&text[from..from + 3]);
                end = from + 3;
            }
        }
        let mut decimals = 0;
        let mut repeating = 0;
        let after_point = end + 1;
        let dots = text[end..].starts_with('.');
        let repeats = |from: usize| {
            let inner = text[from..].strip_prefix("\\overline{").or_else(|| text[from..].strip_prefix("\\bar{"))?;
            let count = inner.bytes().take_while(u8::is_ascii_digit).count();
            let start = text.len() - inner.len();
            (count > 0 && inner[count..].starts_with('}')).then(|| (start..start + count, start + count + 1))
        };
        let mut pointed = false;
        if dots && (run(after_point) > 0 || repeats(after_point).is_some()) {
            pointed = true;
            decimals = run(after_point);
            digits.push_str(&text[after_point..after_point + decimals]);
            end = after_point + decimals;
            if let Some((range, after)) = repeats(end) {
                repeating = range.len();
                decimals += repeating;
                digits.push_str(&text[range]);
                end = after;
            }
        }
        if repeating == 0
            && let Some((exponent, after)) = scientific(&text[end..], pointed)
        {
            end += after;
            match usize::try_from(exponent) {
                // `1.5e3`: the point moves to the right, perhaps over zeros that are not written.
                Ok(right) if right >= decimals => {
                    digits.push_str(&"0".repeat(right - decimals));
                    decimals = 0;
                    pointed = false;
                }
                Ok(right) => decimals -= right,
                Err(_) => decimals += usize::from(exponent.unsigned_abs()),
            }
        }
        self.at = end;
        self.out.push(Token::Number(Literal { digits: digits.into(), decimals, repeating, pointed }));
    }

    /// What stands behind a backslash.
    fn command(&mut self) -> Result<(), Misread> {
        let rest = &self.text[self.at..];
        let len = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if len == 0 {
            let c = rest.chars().next().unwrap_or(' ');
            self.at += c.len_utf8().min(rest.len());
            match c {
                '{' => self.sign('⦃'),
                '}' => self.sign('⦄'),
                '%' => self.sign('%'),
                '|' => self.sign('|'),
                '&' => self.sign('&'),
                '\\' => self.out.push(Token::Row),
                // Blanks, `\$`, `\(`, `\[` and what else sets type only.
                _ => {}
            }
            return Ok(());
        }
        let name = &rest[..len];
        self.at += len;
        if let Some((_, c)) = SIGNS.iter().find(|(known, _)| *known == name) {
            self.sign(*c);
            return Ok(());
        }
        if SILENT.contains(&name) {
            if matches!(name, "left" | "right") && self.rest().starts_with('.') {
                self.at += 1;
            }
            return Ok(());
        }
        if WORDS.contains(&name) {
            return self.words();
        }
        let name = match name {
            "dfrac" | "tfrac" | "cfrac" => "frac",
            "dbinom" | "tbinom" => "binom",
            "mathbb" => {
                let inner = self.rest().trim_start().trim_start_matches('{').trim_start();
                if !inner.starts_with('R') {
                    return Ok(());
                }
                let after = inner[1..].trim_start_matches(' ');
                let after = after.strip_prefix('}').unwrap_or(after);
                self.at = self.text.len() - after.len();
                "reals"
            }
            "R" | "Reals" => "reals",
            name => name,
        };
        self.out.push(Token::Command(name.to_owned()));
        Ok(())
    }

    /// The argument of `\text`.
    fn words(&mut self) -> Result<(), Misread> {
        let text = self.text;
        let Some(inner) = text[self.at..].trim_start().strip_prefix('{') else { return Ok(()) };
        let Some(end) = closing_brace(inner) else { return Err(Misread::new("a brace is not closed")) };
        let words = plain_words(&inner[..end]);
        let holds_maths = inner[..end].contains(|c: char| c.is_ascii_digit() || matches!(c, '=' | '\\'));
        self.at = if holds_maths {
            // `\text{5 cm}` is read as what stands in it.
            self.out.push(Token::Open);
            self.text.len() - inner.len()
        } else {
            self.text.len() - inner.len() + end + 1
        };
        match words.to_lowercase().as_str() {
            _ if holds_maths => {}
            "" => {}
            "and" | "or" | "," => self.sign(','),
            "%" | "percent" | "percentage" | "pct" => self.sign('%'),
            "degrees" | "degree" | "deg" | "°" => self.sign('°'),
            "i" => self.out.push(Token::Letters("i".to_owned())),
            "e" => self.out.push(Token::Letters("e".to_owned())),
            _ => self.out.push(Token::Text(words)),
        }
        Ok(())
    }
}

/// The exponent of `e5`, `E-5`, and how long it is. Behind a whole number, `e-5` is Euler's number less five.
fn scientific(rest: &str, pointed: bool) -> Option<(i16, usize)> {
    let after = rest.strip_prefix(['e', 'E'])?;
    let sign = after.strip_prefix(['+', '-']);
    if after.starts_with('-') && !pointed && rest.starts_with('e') {
        return None;
    }
    let digits = sign.unwrap_or(after);
    let len = digits.bytes().take(4).take_while(u8::is_ascii_digit).count();
    let ends = !digits[len..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '.');
    let exponent: i16 = digits[..len].parse().ok().filter(|n| (0..=400).contains(n) && ends)?;
    let total = rest.len() - digits.len() + len;
    Some((if after.starts_with('-') { -exponent } else { exponent }, total))
}

/// Words on one line without punctuation at their ends.
pub(super) fn plain_words(text: &str) -> String {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '.' | ',' | ':' | ';' | '!' | '~'));
    let bare = if bare.is_empty() && text.trim() == "," { "," } else { bare };
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}
