//! The archive that a workbook is, looked at before the library reads it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, sink};

use quick_xml::Reader;
use quick_xml::events::Event;
use zip::ZipArchive;

use crate::suite::dataset::rows::FileError;
use crate::suite::dataset::untrusted::shortened;

/// All parts of a workbook may inflate to this much: that is a sheet as large as Excel allows.
const MAX_INFLATED: u64 = 512 << 20;
/// Parts a workbook may have.
const MAX_PARTS: usize = 10_000;
/// The least that a text in the table of them takes: `<si><t/></si>` and more.
const TEXT_BYTES: u64 = 8;
/// Some writers count wrongly.
const SPARE: u64 = 1 << 16;

/// Checks that the parts are those of a workbook, that they inflate to a bounded size, and that the table of texts is
/// not announced larger than it is: the library makes room for as many as it says.
pub(super) fn check(file: File) -> Result<(), FileError> {
    check_within(file, MAX_INFLATED)
}

fn check_within(file: impl Read + Seek, limit: u64) -> Result<(), FileError> {
    let mut reader = BufReader::new(file);
    let head = reader.fill_buf()?;
    if head.is_empty() {
        return Err(FileError::new("an empty file"));
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        let message = "an old workbook (.xls), or one with a password";
        return Err(FileError::new(message).hint("save it as .xlsx without a password, or as .csv"));
    }
    if !head.starts_with(b"PK") {
        return Err(FileError::new("not an Excel workbook").hint("if it is another format, say which: `format: csv`"));
    }
    let mut archive = ZipArchive::new(reader).map_err(|error| broken(&error.to_string()))?;
    if archive.len() > MAX_PARTS {
        return Err(FileError::new(format!("a workbook of more than {MAX_PARTS} parts")));
    }
    let has = |ending: &str| archive.file_names().flatten().any(|name| name.ends_with(ending));
    for (part, kind) in [("workbook.bin", ".xlsb"), ("content.xml", ".ods"), ("index.xml", ".numbers")] {
        if has(part) && !has("workbook.xml") {
            let message = format!("a workbook of another kind ({kind})");
            return Err(FileError::new(message).hint("save it as .xlsx or .csv"));
        }
    }
    let mut left = limit;
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|error| broken(&error.to_string()))?;
        let is_texts = part.name().is_ok_and(|name| name.to_ascii_lowercase().ends_with("sharedstrings.xml"));
        let size =
            std::io::copy(&mut (&mut part).take(left + 1), &mut sink()).map_err(|error| broken(&error.to_string()))?;
        left = left.checked_sub(size).ok_or_else(|| {
            FileError::new(format!("it inflates to more than {} MB", limit >> 20))
                .hint("save the sheet as .csv, which is read row by row")
        })?;
        drop(part);
        if is_texts {
            let part = archive.by_index(index).map_err(|error| broken(&error.to_string()))?;
            if texts(part).is_some_and(|count| count > size / TEXT_BYTES + SPARE) {
                return Err(broken("its table of texts is said to be larger than it is"));
            }
        }
    }
    Ok(())
}

/// How many texts a table of them says to hold.
fn texts(part: impl Read) -> Option<u64> {
    let mut reader = Reader::from_reader(BufReader::new(part));
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == b"sst" => {
                let mut attributes = start.attributes();
                let mut all = attributes.with_checks(false).flatten();
                let count = all.find(|attribute| attribute.key.as_ref() == b"uniqueCount")?.value;
                let digits: String =
                    count.iter().filter(|byte| byte.is_ascii_digit()).map(|&byte| char::from(byte)).collect();
                return Some(digits.parse().unwrap_or(u64::MAX));
            }
            Event::Eof => return None,
            _ => buffer.clear(),
        }
    }
}

pub(super) fn broken(why: &str) -> FileError {
    FileError::new(format!("the workbook is damaged: {}", shortened(why))).hint("save it again")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn a_bomb_is_refused_before_it_is_read() {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["xl/workbook.xml", "xl/worksheets/a.xml"] {
            archive.start_file(name, SimpleFileOptions::default()).unwrap();
            archive.write_all(&vec![b' '; 2 << 20]).unwrap();
        }
        let bomb = archive.finish().unwrap().into_inner();
        assert!(bomb.len() < 10_000, "{}", bomb.len());
        let check = |limit| check_within(Cursor::new(&bomb), limit);
        assert_eq!(check(4 << 20), Ok(()));
        assert_eq!(check((4 << 20) - 1).unwrap_err().message, "it inflates to more than 3 MB");
    }
}
