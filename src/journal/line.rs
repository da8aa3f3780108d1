//! One line of the journal: `{"crc":"xxxxxxxx","v":1,…}`.
//!
//! The CRC-32 (IEEE) covers every byte after its own member up to, but not including, the line break. It is there to
//! tell a whole line from one that a crash, a full disk or an editor left behind, not to keep anybody out.

use serde::{Deserialize, Serialize};

use super::CellRecord;

/// The version of the lines that are written.
pub const LINE_VERSION: u32 = 1;

/// The longest line that is read, in bytes. Far above what the wire lets through, far below what would hurt.
pub(super) const MAX_LINE: usize = 64 << 20;

const OPENING: &[u8] = b"{\"crc\":\"";
/// Bytes up to and including the comma after the CRC: what the CRC does not cover.
const UNCOVERED: usize = OPENING.len() + 8 + 2;

/// Why a line is not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LineError {
    /// Not a line of ours, or not a whole one.
    Damaged,
    /// Written by a newer bench.
    Newer(u32),
}

impl CellRecord {
    /// Appends the record to `line` as one line of the journal, line break included.
    ///
    /// # Errors
    /// Where the record cannot be JSON; `line` is then as it was.
    pub fn to_line(&self, line: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        encode(self, line)
    }
}

/// Appends what becomes a JSON object with members to `line` as one line, line break included.
///
/// # Errors
/// Where it cannot be JSON; `line` is then as it was.
pub(crate) fn encode<T: Serialize>(record: &T, line: &mut Vec<u8>) -> Result<(), serde_json::Error> {
    let start = line.len();
    line.extend_from_slice(OPENING);
    line.extend_from_slice(b"00000000\",\"v\":1");
    let body = line.len();
    if let Err(error) = serde_json::to_writer(&mut *line, record) {
        line.truncate(start);
        return Err(error);
    }
    // The record's own opening brace becomes the comma after our members.
    line[body] = b',';
    let crc = crc32fast::hash(&line[start + UNCOVERED..]);
    line[start + OPENING.len()..start + OPENING.len() + 8].copy_from_slice(format!("{crc:08x}").as_bytes());
    line.push(b'\n');
    Ok(())
}

/// Reads a line, without its line break, as `T`: a [`CellRecord`] or the part of it that is needed.
pub(crate) fn decode<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, LineError> {
    if !is_whole(line) {
        return Err(LineError::Damaged);
    }
    if !line[UNCOVERED..].starts_with(b"\"v\":1,") {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let Version { v } = serde_json::from_slice(line).map_err(|_| LineError::Damaged)?;
        if v > LINE_VERSION {
            return Err(LineError::Newer(v));
        }
    }
    serde_json::from_slice(line).map_err(|_| LineError::Damaged)
}

/// Whether the line says the CRC that it has.
fn is_whole(line: &[u8]) -> bool {
    let Some(rest) = line.strip_prefix(OPENING) else { return false };
    let Some((crc, rest)) = rest.split_at_checked(8) else { return false };
    let Some(covered) = rest.strip_prefix(b"\",") else { return false };
    let said = std::str::from_utf8(crc).ok().filter(|crc| crc.bytes().all(|b| b.is_ascii_hexdigit()));
    said.and_then(|crc| u32::from_str_radix(crc, 16).ok()) == Some(crc32fast::hash(covered))
}

#[cfg(test)]
mod tests {
    use super::super::testing::record;
    use super::*;

    #[test]
    fn a_record_survives_its_line() {
        let mut record = record("m", "p", "c", 1);
        record.output = Some("line\nbreak \u{1b}[2J \u{2028} \"quoted\"".into());
        let mut line = Vec::new();
        record.to_line(&mut line).unwrap();
        assert_eq!(line.pop(), Some(b'\n'));
        assert!(!line.contains(&b'\n'));
        assert!(line.starts_with(b"{\"crc\":\""));
        assert_eq!(decode::<CellRecord>(&line), Ok(record));
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let mut line = Vec::new();
        record("m", "p", "c", 1).to_line(&mut line).unwrap();
        line.pop();
        for i in 0..line.len() {
            for bit in 0..8 {
                line[i] ^= 1 << bit;
                // Upper-case hex digits say the same CRC.
                let same_crc = (OPENING.len()..OPENING.len() + 8).contains(&i) && line[i].is_ascii_uppercase();
                assert!(same_crc || decode::<CellRecord>(&line).is_err(), "byte {i} bit {bit}");
                line[i] ^= 1 << bit;
            }
        }
    }

    fn sealed(body: &str) -> Vec<u8> {
        format!("{{\"crc\":\"{:08x}\",{body}", crc32fast::hash(body.as_bytes())).into_bytes()
    }

    #[test]
    fn fields_of_the_future_are_ignored_and_versions_of_the_future_refused() {
        let body = r#""v":1,"cell":"x","model":"m","prompt":"p","case":"c","repeat":1,"verdict":"pass","ended_at":"t","novel":[1,{"a":2}]}"#;
        assert_eq!(decode::<CellRecord>(&sealed(body)).unwrap().model, "m");
        assert_eq!(decode::<CellRecord>(&sealed(r#""v":2,"verdict":{"new":"shape"}}"#)), Err(LineError::Newer(2)));
        assert_eq!(decode::<CellRecord>(&sealed(r#""v":1,"cell":"x"}"#)), Err(LineError::Damaged));
        assert_eq!(decode::<CellRecord>(b"{}"), Err(LineError::Damaged));
    }
}
