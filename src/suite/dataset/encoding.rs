//! Bytes that are no UTF-8: what they look like, and how to convert them.

use std::fmt::Write as _;

/// What is wrong with bytes that should be text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotText {
    /// The offset of the first byte that does not belong there.
    pub(super) at: usize,
    /// `is not UTF-8: byte 0xe9 at offset 3 …`.
    pub(super) message: String,
    /// The encoding it looks like, as `iconv` calls it.
    pub(super) encoding: Option<&'static str>,
}

impl NotText {
    /// How to convert a file of this name.
    pub(super) fn hint(&self, shown: &str) -> String {
        match self.encoding {
            Some(encoding) => convert(encoding, shown),
            None => format!("save it as UTF-8: `file -i {0}` tells what it is, `iconv` converts it", plain(shown)),
        }
    }
}

/// The command that converts a file.
fn convert(encoding: &str, shown: &str) -> String {
    let shown = plain(shown);
    let (folder, name) =
        shown.rsplit_once('/').map_or(("", shown), |(_, name)| (&shown[..shown.len() - name.len()], name));
    format!("convert it: `iconv -f {encoding} -t utf-8 {shown} > {folder}utf8-{name}`")
}

/// A name that can stand in a command.
fn plain(shown: &str) -> &str {
    if shown.chars().any(|c| c.is_whitespace() || "'\"$`\\;&|<>()*?[]{}!".contains(c)) { "FILE" } else { shown }
}

/// The text that these bytes are.
///
/// # Errors
/// They are no UTF-8, or hold a NUL byte, which no text holds.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, NotText> {
    if let Some(at) = memchr::memchr(0, bytes) {
        return Err(NotText { at, message: format!("holds a NUL byte (0x00, byte {})", at + 1), encoding: None });
    }
    std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))
}

/// What bytes look like whose byte at `at` is no UTF-8.
pub(super) fn not_utf8(bytes: &[u8], at: usize) -> NotText {
    let byte = bytes.get(at).copied().unwrap_or_default();
    let mut message = format!("is not UTF-8: byte 0x{byte:02x} (byte {})", at + 1);
    let encoding = looks_like(bytes);
    if let (Some(name), Some(c)) = (encoding, windows_1252(byte)) {
        let name = if name == "windows-1252" { "Windows-1252" } else { name };
        _ = write!(message, " looks like {name}, where it is `{c}`");
    }
    NotText { at, message, encoding }
}

/// An encoding of one byte a character, where single bytes past ASCII stand among ASCII.
fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let high = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    if high * 3 > bytes.len() || bytes.iter().any(|&byte| windows_1252(byte).is_none()) {
        return None;
    }
    Some("windows-1252")
}

/// The character of a byte in Windows-1252; past 0x9f it is that of Latin-1 too.
fn windows_1252(byte: u8) -> Option<char> {
    const LOW: [u16; 32] = [
        0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d,
        0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0,
        0x017e, 0x0178,
    ];
    match byte {
        0x80..=0x9f => char::from_u32(u32::from(LOW[usize::from(byte - 0x80)])).filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

/// The encoding of a file of wide characters, by its first bytes: a byte order mark, or NULs where ASCII has its
/// high bytes.
pub(super) fn wide(head: &[u8]) -> Option<&'static str> {
    match head {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Some("UTF-32"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => return Some("UTF-16"),
        _ => {}
    }
    let head = &head[..head.len().min(4096) & !1];
    let nul = |start: usize| head.iter().skip(start).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, pairs) = (nul(0), nul(1), head.len() / 2);
    // Western text is nearly all ASCII; four pairs are too few to tell.
    match () {
        () if pairs < 4 => None,
        () if odd * 2 > pairs && even * 8 < pairs => Some("UTF-16LE"),
        () if even * 2 > pairs && odd * 8 < pairs => Some("UTF-16BE"),
        () => None,
    }
}

/// That a file is of wide characters, and how to convert it.
pub(super) fn wide_mistake(encoding: &str, shown: &str) -> (String, String) {
    let name = encoding.trim_end_matches("LE").trim_end_matches("BE");
    (format!("it is {name}, not UTF-8"), convert(encoding, shown))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_single_bytes_look_like_is_said() {
        let cafe = text_of(b"a caf\xe9 here").unwrap_err();
        assert_eq!((cafe.at, cafe.encoding), (5, Some("windows-1252")));
        assert_eq!(cafe.message, "is not UTF-8: byte 0xe9 (byte 6) looks like Windows-1252, where it is `é`");
        assert_eq!(
            cafe.hint("data/t.csv"),
            "convert it: `iconv -f windows-1252 -t utf-8 data/t.csv > data/utf8-t.csv`"
        );
        assert!(text_of(b"it\x92s").unwrap_err().message.contains('\u{2019}'));
        // Shift JIS, and a byte that Windows-1252 does not have.
        assert_eq!(text_of(b"\x93\xfa\x96\x7b").unwrap_err().encoding, None);
        assert_eq!(text_of(b"abc def \x81").unwrap_err().encoding, None);
        assert!(text_of(b"a\0b").unwrap_err().message.contains("NUL"));
        assert!(text_of(b"$(rm).csv \xe9").unwrap_err().hint("$(rm).csv").contains(" FILE >"));
    }

    #[test]
    fn wide_characters_are_told_with_and_without_a_mark() {
        let utf16 = |text: &str, little: bool| -> Vec<u8> {
            text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        };
        assert_eq!(wide(&utf16("\u{feff}id,q", true)), Some("UTF-16"));
        assert_eq!(wide(&utf16("\u{feff}id,q", false)), Some("UTF-16"));
        assert_eq!(wide(&utf16("id,question\n1,é\n", true)), Some("UTF-16LE"));
        assert_eq!(wide(&utf16("id,question\n1,é\n", false)), Some("UTF-16BE"));
        assert_eq!(wide(b"\xff\xfe\0\0i\0\0\0"), Some("UTF-32"));
        assert_eq!(wide(b"id,question\n1,\0\0\n"), None);
        assert_eq!(wide(b""), None);
    }
}
