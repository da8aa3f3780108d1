//! Finding numbers in prose, in one pass.
//!
//! What is a number: `42`, `-3.5`, `.5`, `1,234`, `12,34,567` (Indian), `1 234`, `1'234`, `1_234`, `1{,}234`, `$5`,
//! `-$5`, `50%`, `3/4`, `1 3/4`, `½`, `\frac{3}{4}`, `1.5e10`, `6.02 × 10^23`, `10^{-3}`, `2 million`, `$3k`, digits of
//! other scripts.
//! What is not: digits inside a word (`H2O`), versions and addresses (`1.2.3`), dates with slashes (`12/05/2024`).
//!
//! Every look ahead is bounded, so that time is in proportion to the text.

use std::ops::Range;

use super::signs::{CURRENCY_CODES, SCALES, SHORT_SCALES, digit, is_currency, is_minus, superscript, vulgar};
use super::value::Quantity;

/// What stands between whole and fraction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
pub(in crate::grade) enum Mark {
    /// `1,234.5`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1.234,5`
    #[serde(rename = ",")]
    Comma,
}

/// How numbers are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::grade) struct Style {
    /// The decimal mark.
    pub(in crate::grade) mark: Mark,
    /// Whether 50% is 0.5; else the sign is a unit, and it is 50.
    pub(in crate::grade) percent_is_fraction: bool,
}

/// A number and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::grade) struct Number {
    /// Its value.
    pub(in crate::grade) value: Quantity,
    /// Its bytes in the text, sign and percent sign included.
    pub(in crate::grade) span: Range<usize>,
    /// Whether a percent sign follows.
    pub(in crate::grade) percent: bool,
    /// The power of ten that a word behind it stands for: 6 for `2 million`, 0 without one.
    pub(in crate::grade) scale: i64,
}

/// The numbers of a text, from left to right.
pub(in crate::grade) fn numbers(text: &str, style: Style) -> impl Iterator<Item = Number> {
    Scanner { text, at: 0, before: None, sign: None, style }
}

/// Groups of digits a number may have: more are a list.
const MOST_GROUPS: usize = 12;

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The character before `at`.
    before: Option<char>,
    /// Where a minus sign stands that belongs to a number which begins here.
    sign: Option<usize>,
    style: Style,
}

impl Iterator for Scanner<'_> {
    type Item = Number;

    fn next(&mut self) -> Option<Number> {
        while let Some(c) = self.peek(self.at) {
            if c.is_ascii_alphabetic() || c == '_' {
                if let Some(number) = self.word() {
                    return Some(number);
                }
                continue;
            }
            let begins = digit(c).is_some()
                || vulgar(c).is_some()
                || (self.is_mark(c)
                    && self.before.is_none_or(|b| b != c && digit(b).is_none())
                    && self.peek(self.at + c.len_utf8()).is_some_and(|next| digit(next).is_some()));
            if begins {
                if let Some(number) = self.number() {
                    return Some(number);
                }
                continue;
            }
            if is_minus(c) {
                let binary = |b: char| b.is_alphanumeric() || matches!(b, ')' | ']' | '}' | '%') || is_minus(b);
                self.sign = (!self.before.is_some_and(binary)).then_some(self.at);
            } else if !is_currency(c) && c != '\\' {
                self.sign = None;
            }
            self.move_to(self.at + c.len_utf8());
        }
        None
    }
}

impl Scanner<'_> {
    fn peek(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    fn move_to(&mut self, at: usize) {
        self.before = self.text[..at].chars().next_back();
        self.at = at;
    }

    fn is_mark(&self, c: char) -> bool {
        match self.style.mark {
            Mark::Point => matches!(c, '.' | '\u{ff0e}' | '\u{66b}'),
            Mark::Comma => matches!(c, ',' | '\u{ff0c}' | '\u{66b}'),
        }
    }

    /// Passes over a word, digits in it included; a LaTeX fraction is a number, and a currency code ends before digits.
    fn word(&mut self) -> Option<Number> {
        let rest = &self.text[self.at..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let name = &rest[..letters];
        let command = self.before == Some('\\');
        let sign = self.sign.take();
        if command && let Some((numerator, denominator, end)) = latex_fraction(self.text, self.at) {
            let value = Quantity::fraction(sign.is_some(), &numerator, &denominator);
            let start = sign.unwrap_or(self.at - 1);
            if let Some(value) = value {
                return Some(self.finish(value, start, end));
            }
        }
        if command && letters > 0 || CURRENCY_CODES.contains(&name) {
            self.sign = sign;
            self.move_to(self.at + letters);
            return None;
        }
        let mut previous = ' ';
        let len = rest.find(|c: char| {
            // `v1.2.3` is one word, `is 5.` ends before the full stop.
            let inside = c.is_ascii_alphanumeric() || c == '_' || c == '.' && previous.is_ascii_digit();
            previous = c;
            !inside
        });
        self.move_to(self.at + len.unwrap_or(rest.len()));
        None
    }

    /// Reads the number that begins here, or passes over what only looks like one.
    fn number(&mut self) -> Option<Number> {
        let sign = self.sign.take();
        let (negative, start) = (sign.is_some(), sign.unwrap_or(self.at));
        if let Some((numerator, denominator)) = self.peek(self.at).and_then(vulgar) {
            let end = self.at + self.peek(self.at).map_or(0, char::len_utf8);
            let value = Quantity::fraction(negative, numerator, denominator)?;
            return Some(self.finish(value, start, end));
        }
        let (mut digits, mut end) = self.digits(self.at, usize::MAX);
        let grouped = self.groups(&mut digits, &mut end);
        let whole = digits.len();
        let dotted = self.fraction_digits(&mut digits, &mut end);
        let mut scale = i64::try_from(digits.len() - whole).unwrap_or(i64::MAX);
        if dotted && !grouped && self.fraction_ahead(end).is_some() {
            // A second mark: thousands if every group has three digits, else a version or an address.
            let mut thousands = scale == 3 && (1..=3).contains(&whole);
            while let Some(from) = self.fraction_ahead(end) {
                let (group, after) = self.digits(from, usize::MAX);
                thousands &= group.len() == 3;
                digits.push_str(&group);
                end = after;
            }
            if !thousands {
                self.move_to(end);
                return None;
            }
            scale = 0;
        }
        if !dotted && !grouped {
            match self.fraction_with(&digits, end, negative) {
                Slashed::Fraction(value, end) => return Some(self.finish(value, start, end)),
                Slashed::Date(end) => {
                    self.move_to(end);
                    return None;
                }
                Slashed::No => {}
            }
        }
        let (exponent, end) = self.exponent(&digits, end).unwrap_or((Exponent::Times(0), end));
        let (digits, exponent) = match exponent {
            Exponent::TenTo(n) => ("1".to_owned(), n),
            Exponent::Times(n) => (digits, n.saturating_sub(scale)),
        };
        Some(self.finish(Quantity::decimal(negative, &digits, exponent), start, end))
    }

    /// Takes a percent sign along and moves behind the number.
    fn finish(&mut self, value: Quantity, start: usize, end: usize) -> Number {
        let (scale, end) = self.scale(start, end).unwrap_or((0, end));
        let value = value.tens(scale);
        let rest = &self.text[end..];
        let bare = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}']);
        let sign = bare.strip_prefix('\\').unwrap_or(bare).strip_prefix(['%', '\u{ff05}', '\u{66a}']);
        let word = ["percent", "per cent", "Percent"].iter().find_map(|word| bare.strip_prefix(word));
        let percent = (rest.len() - bare.len() <= 3).then_some(sign.or(word)).flatten();
        let end = percent.map_or(end, |after| self.text.len() - after.len());
        self.move_to(end);
        let fraction = percent.is_some() && self.style.percent_is_fraction;
        let value = if fraction { value.hundredth() } else { value };
        Number { value, span: start..end, percent: percent.is_some(), scale }
    }

    /// The power of ten that `million` and its kin stand for, and where they end. The short ones (`k`, `M`, `bn`) count
    /// only where money is meant, as `5 M` may be metres and `5 k` a variable.
    fn scale(&self, start: usize, end: usize) -> Option<(i64, usize)> {
        let bounded = |at: usize| !self.peek(at).is_some_and(|c| c.is_alphanumeric() || c == '_');
        let mut scale = 0;
        let mut at = end;
        // `2 hundred thousand`
        for _ in 0..2 {
            let rest = &self.text[at..];
            let bare = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-']);
            let len = bare.bytes().take(10).take_while(u8::is_ascii_alphabetic).count();
            let word = bare[..len].to_ascii_lowercase();
            let from = self.text.len() - bare.len();
            let known = SCALES.iter().find(|(name, _)| *name == word.strip_suffix('s').unwrap_or(&word));
            match known.filter(|_| rest.len() - bare.len() <= 2 && bounded(from + len)) {
                Some((_, power)) => {
                    scale += power;
                    at = from + len;
                }
                None => break,
            }
        }
        if scale > 0 {
            return Some((scale, at));
        }
        let lead = self.text[..end].get(start..).unwrap_or_default().trim_start_matches(is_minus);
        let money = lead.starts_with(is_currency)
            || self.text[..start].trim_end_matches([' ', '\\']).ends_with(is_currency)
            || CURRENCY_CODES
                .iter()
                .any(|code| code.len() == 3 && self.text[..start].trim_end_matches(' ').ends_with(code));
        let short =
            SHORT_SCALES.iter().find(|(name, _)| self.text[end..].starts_with(name) && bounded(end + name.len()));
        short.filter(|_| money).map(|(name, power)| (*power, end + name.len()))
    }

    /// A run of at most `most` digits as ASCII, and where it ends.
    fn digits(&self, from: usize, most: usize) -> (String, usize) {
        let mut out = String::new();
        let mut end = from;
        for (c, ascii) in self.text[from..].chars().map_while(|c| digit(c).map(|ascii| (c, ascii))).take(most) {
            out.push(ascii);
            end += c.len_utf8();
        }
        (out, end)
    }

    /// Appends groups of thousands that follow; whether there were any.
    fn groups(&self, digits: &mut String, end: &mut usize) -> bool {
        if digits.is_empty() {
            return false;
        }
        let rest = &self.text[*end..];
        let own = if self.style.mark == Mark::Point { [",", "\u{ff0c}", "{,}"] } else { [".", "\u{ff0e}", "{.}"] };
        let blank = [" ", "\u{a0}", "\u{202f}", "\u{2009}", "\\,", "\\ "];
        let other = ["'", "\u{2019}", "_", "\u{66c}"];
        let Some(separator) = own.iter().chain(&blank).chain(&other).find(|s| rest.starts_with(**s)) else {
            return false;
        };
        let code = *separator == "_";
        if !code && (digits.len() > 3 || digits.starts_with('0')) {
            return false;
        }
        let comma = own.contains(separator);
        // Lengths and ends of the groups; the first that fits nowhere ends a list of other numbers early.
        let mut groups: Vec<(usize, usize)> = Vec::new();
        let mut at = *end;
        while self.text[at..].starts_with(separator) && groups.len() <= MOST_GROUPS {
            let from = at + separator.len();
            let run = || self.text[from..].chars().take(if code { 40 } else { 4 }).take_while(|c| digit(*c).is_some());
            let len = run().count();
            if len == 0 {
                break;
            }
            at = from + run().map(char::len_utf8).sum::<usize>();
            groups.push((len, at));
            if !code && len != 3 && !(comma && len == 2) {
                break;
            }
        }
        let three = groups.iter().take_while(|(len, _)| *len == 3).count();
        let twos = groups.iter().take_while(|(len, _)| *len == 2).count();
        let indian = twos > 0 && digits.len() <= 2 && comma && groups.get(twos).is_some_and(|(len, _)| *len == 3);
        let taken = if groups.len() > MOST_GROUPS {
            0
        } else if code {
            groups.len()
        } else if indian {
            twos + 1
        } else if comma || three == groups.len() {
            three
        } else {
            // Blanks also stand between numbers: all groups fit, or none is one.
            0
        };
        let Some((_, last)) = taken.checked_sub(1).and_then(|index| groups.get(index)) else { return false };
        digits.extend(self.text[*end..*last].chars().filter_map(digit));
        *end = *last;
        true
    }

    /// Where the digits after a decimal mark begin, if one follows.
    fn fraction_ahead(&self, end: usize) -> Option<usize> {
        let mark = self.peek(end).filter(|c| self.is_mark(*c))?;
        let from = end + mark.len_utf8();
        self.peek(from).and_then(digit).map(|_| from)
    }

    fn fraction_digits(&self, digits: &mut String, end: &mut usize) -> bool {
        let Some(from) = self.fraction_ahead(*end) else { return false };
        let (fraction, after) = self.digits(from, usize::MAX);
        digits.push_str(&fraction);
        *end = after;
        true
    }

    /// `3/4`, `1 3/4`, `1½`, `1\frac{1}{2}`, or a date.
    fn fraction_with(&self, digits: &str, end: usize, negative: bool) -> Slashed {
        let slash = |at: usize| {
            let slash = self.peek(at).filter(|c| matches!(c, '/' | '\u{2044}'))?;
            let (denominator, after) = self.digits(at + slash.len_utf8(), usize::MAX);
            (!denominator.is_empty()).then_some((denominator, after))
        };
        if let Some((denominator, after)) = slash(end) {
            if let Some((_, mut after)) = slash(after) {
                while let Some((_, further)) = slash(after) {
                    after = further;
                }
                return Slashed::Date(after);
            }
            if self.fraction_ahead(after).is_some() {
                return Slashed::No;
            }
            return match Quantity::fraction(negative, digits, &denominator) {
                Some(value) => Slashed::Fraction(value, after),
                None => Slashed::No,
            };
        }
        // A proper fraction behind a whole number belongs to it.
        let bare = end + usize::from(self.text[end..].starts_with(' '));
        let part = if let Some((c, (n, d))) = self.peek(bare).and_then(|c| Some((c, vulgar(c)?))) {
            Some((n.to_owned(), d.to_owned(), bare + c.len_utf8()))
        } else if self.text[bare..].starts_with('\\') {
            latex_fraction(self.text, bare + 1)
        } else if bare > end {
            let (numerator, middle) = self.digits(bare, 10);
            slash(middle)
                .filter(|(_, after)| slash(*after).is_none() && self.fraction_ahead(*after).is_none())
                .map(|(denominator, after)| (numerator, denominator, after))
        } else {
            None
        };
        let mixed = part.and_then(|(numerator, denominator, after)| {
            let small = |digits: &str| digits.parse::<u64>().ok().filter(|n| *n < 1_000_000_000);
            let (whole, numerator, denominator) = (small(digits)?, small(&numerator)?, small(&denominator)?);
            if numerator == 0 || numerator >= denominator {
                return None;
            }
            let top = (whole * denominator + numerator).to_string();
            Some((Quantity::fraction(negative, &top, &denominator.to_string())?, after))
        });
        mixed.map_or(Slashed::No, |(value, after)| Slashed::Fraction(value, after))
    }

    /// `e-5`, `× 10^{23}`, and `^3` behind a ten.
    fn exponent(&self, digits: &str, end: usize) -> Option<(Exponent, usize)> {
        if digits == "10"
            && let Some((n, after)) = self.power(end)
        {
            return Some((Exponent::TenTo(n), after));
        }
        if let Some(rest) = self.text[end..].strip_prefix(['e', 'E']) {
            let (n, after) = self.signed(self.text.len() - rest.len())?;
            let glued = self.peek(after).is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
            return (!glued).then_some((Exponent::Times(n), after));
        }
        let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
        let mut at = end + blanks(&self.text[end..]).min(3);
        let sign = ["×", "\\times", "\\cdot", "·", "*", "x", "X"].iter().find(|s| self.text[at..].starts_with(**s))?;
        at += sign.len();
        at += blanks(&self.text[at..]).min(3);
        let ten = self.text[at..].starts_with("10").then_some(at + 2)?;
        self.power(ten).map(|(n, after)| (Exponent::Times(n), after))
    }

    /// `^5`, `^{-5}`, `**5`, `⁻⁵`.
    fn power(&self, at: usize) -> Option<(i64, usize)> {
        let rest = &self.text[at..];
        if let Some(rest) = rest.strip_prefix('^').or_else(|| rest.strip_prefix("**")) {
            let inner = rest.strip_prefix('{').or_else(|| rest.strip_prefix('('));
            let (n, after) = self.signed(self.text.len() - inner.unwrap_or(rest).len())?;
            return match inner {
                None => Some((n, after)),
                Some(_) => self.text[after..].starts_with(['}', ')']).then_some((n, after + 1)),
            };
        }
        let negative = rest.starts_with('⁻');
        let raised = rest.strip_prefix('⁻').unwrap_or(rest);
        let digits: String = raised.chars().map_while(superscript).take(7).collect();
        let n = exponent_value(negative, &digits)?;
        let len = raised.chars().take(digits.len()).map(char::len_utf8).sum::<usize>();
        Some((n, self.text.len() - raised.len() + len))
    }

    /// A whole number of at most six digits, with an optional sign.
    fn signed(&self, at: usize) -> Option<(i64, usize)> {
        let sign = self.peek(at).filter(|c| is_minus(*c) || *c == '+');
        let (digits, after) = self.digits(at + sign.map_or(0, char::len_utf8), 7);
        Some((exponent_value(sign.is_some_and(is_minus), &digits)?, after))
    }
}

enum Slashed {
    Fraction(Quantity, usize),
    Date(usize),
    No,
}

enum Exponent {
    /// The number is multiplied by so many tens.
    Times(i64),
    /// The number was a ten, and this is its power.
    TenTo(i64),
}

fn exponent_value(negative: bool, digits: &str) -> Option<i64> {
    let n = digits.parse::<i64>().ok().filter(|_| digits.len() <= 6)?;
    Some(if negative { -n } else { n })
}

/// Numerator, denominator and end of `frac{3}{4}` or `frac34` at a place behind a backslash.
fn latex_fraction(text: &str, at: usize) -> Option<(String, String, usize)> {
    const MOST: usize = 40;
    let argument = |at: usize| {
        let rest = text[at..].trim_start_matches(' ');
        let (inner, closing) = match rest.strip_prefix('{') {
            Some(inner) => (inner, 1),
            None => (rest.get(..1)?, 0),
        };
        let bare = inner.trim_start_matches(' ');
        let len = bare.bytes().take(MOST).take_while(u8::is_ascii_digit).count();
        let after = bare[len..].trim_start_matches(' ');
        let closed = closing == 0 || after.starts_with('}');
        let rest_len = if closing == 0 { rest.len() - len } else { after.len().checked_sub(1)? };
        (len > 0 && closed).then(|| (bare[..len].to_owned(), text.len() - rest_len))
    };
    let name = ["frac", "dfrac", "tfrac", "cfrac"].iter().find(|name| {
        text[at..].strip_prefix(**name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
    })?;
    let (numerator, middle) = argument(at + name.len())?;
    let (denominator, end) = argument(middle)?;
    Some((numerator, denominator, end))
}
