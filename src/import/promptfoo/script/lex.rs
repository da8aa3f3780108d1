//! JavaScript and Python → the words of an expression.

/// A word.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Text(String),
    Number(f64),
    Pattern(String, String),
    Mark(&'static str),
}

const MARKS: [&str; 23] = [
    "===", "!==", "=>", "&&", "||", "==", "!=", ">=", "<=", "?.", "(", ")", "[", "]", ".", ",", "!", ">", "<", "?",
    ":", "+", "-",
];

/// The words of an expression; `None` where there is something that is none.
pub(super) fn tokens(code: &str) -> Option<Vec<Token>> {
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
