//! The characters and words that numbers are written with.

/// The value of a decimal digit of the scripts that models write numbers in.
pub(super) fn digit(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let zeros = ['\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{e50}', '\u{ff10}'];
    let value = zeros.iter().find_map(|zero| (c as u32).checked_sub(*zero as u32).filter(|n| *n < 10))?;
    char::from_digit(value, 10)
}

/// The whole-number parts of a fraction in one character.
pub(super) const fn vulgar(c: char) -> Option<(&'static str, &'static str)> {
    Some(match c {
        '½' => ("1", "2"),
        '¼' => ("1", "4"),
        '¾' => ("3", "4"),
        '⅓' => ("1", "3"),
        '⅔' => ("2", "3"),
        '⅕' => ("1", "5"),
        '⅖' => ("2", "5"),
        '⅗' => ("3", "5"),
        '⅘' => ("4", "5"),
        '⅙' => ("1", "6"),
        '⅚' => ("5", "6"),
        '⅛' => ("1", "8"),
        '⅜' => ("3", "8"),
        '⅝' => ("5", "8"),
        '⅞' => ("7", "8"),
        _ => return None,
    })
}

pub(super) fn superscript(c: char) -> Option<char> {
    let n = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c)?;
    char::from_digit(u32::try_from(n).ok()?, 10)
}

pub(super) const fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2212}' | '\u{2013}' | '\u{fe63}' | '\u{ff0d}')
}

pub(super) const fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¤' | '¥' | '\u{20a0}'..='\u{20cf}' | '\u{ff04}' | '\u{ffe1}' | '\u{ffe5}')
}

pub(super) const CURRENCY_CODES: [&str; 14] =
    ["USD", "EUR", "GBP", "JPY", "CNY", "INR", "CHF", "CAD", "AUD", "BRL", "MXN", "KRW", "US", "R"];

/// Words behind a number, and the powers of ten they stand for; the short scale, as in English.
pub(super) const SCALES: [(&str, i64); 5] =
    [("hundred", 2), ("thousand", 3), ("million", 6), ("billion", 9), ("trillion", 12)];

/// The same, short, behind an amount of money.
pub(super) const SHORT_SCALES: [(&str, i64); 10] =
    [("bn", 9), ("mn", 6), ("mm", 6), ("tn", 12), ("k", 3), ("K", 3), ("m", 6), ("M", 6), ("B", 9), ("T", 12)];
