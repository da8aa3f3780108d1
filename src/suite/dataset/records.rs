//! The records of a delimited file, with the line on which each begins and bounded in size.
//!
//! `csv_core` splits; what is added here is what its reader does not say: lines where files have Windows line ends or
//! blank lines, a quote that is never closed, and a record that never ends.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

/// A record larger than this is a mistake: most likely a quote that is never closed.
pub(super) const MAX_RECORD: usize = 16 << 20;

/// How fields are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) delimiter: u8,
    /// `None`: nothing is quoted.
    pub(super) quote: Option<u8>,
}

/// Why there is no further record.
#[derive(Debug)]
pub(super) enum Broken {
    /// The file cannot be read.
    Io(io::Error),
    /// A quote of the record that begins on this line is never closed.
    Unclosed(usize),
    /// The record that begins on this line is too large.
    TooLarge(usize),
}

/// Reads records one by one.
pub(super) struct Records<R> {
    reader: R,
    core: Reader,
    /// The line that is read, from 1.
    line: usize,
    fields: Vec<u8>,
    ends: Vec<usize>,
}

/// A record's fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    /// The line it begins on, from 1.
    pub(super) line: usize,
    fields: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// How many fields there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Size of all fields in bytes.
    pub(super) fn size(&self) -> usize {
        self.fields.len()
    }

    /// The fields in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let Self { fields, ends, .. } = *self;
        (0..ends.len()).map(move |i| &fields[if i == 0 { 0 } else { ends[i - 1] }..ends[i]])
    }
}

impl<R: BufRead> Records<R> {
    pub(super) fn new(reader: R, dialect: Dialect) -> Self {
        let mut builder = ReaderBuilder::new();
        builder.delimiter(dialect.delimiter).quoting(dialect.quote.is_some());
        if let Some(quote) = dialect.quote {
            builder.quote(quote);
        }
        Self { reader, core: builder.build(), line: 1, fields: vec![0; 4096], ends: vec![0; 64] }
    }

    /// The next record; blank lines are none.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_>>, Broken> {
        if !self.skip_blank_lines().map_err(Broken::Io)? {
            return Ok(None);
        }
        let begins = self.line;
        let (mut written, mut ended) = (0, 0);
        loop {
            let buffer = self.reader.fill_buf().map_err(Broken::Io)?;
            let is_end = buffer.is_empty();
            // A line end closes the last record, if no quote is open.
            let input = if is_end { b"\n" } else { buffer };
            let (result, used, wrote, fields) =
                self.core.read_record(input, &mut self.fields[written..], &mut self.ends[ended..]);
            if !is_end {
                self.line += memchr::memchr_iter(b'\n', &buffer[..used]).count();
                self.reader.consume(used);
            }
            written += wrote;
            ended += fields;
            match result {
                ReadRecordResult::OutputFull if self.fields.len() >= MAX_RECORD => {
                    return Err(Broken::TooLarge(begins));
                }
                ReadRecordResult::OutputFull => self.fields.resize((2 * self.fields.len()).min(MAX_RECORD), 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() * size_of::<usize>() >= MAX_RECORD => {
                    return Err(Broken::TooLarge(begins));
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::InputEmpty if is_end => return Err(Broken::Unclosed(begins)),
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                ReadRecordResult::End => return Ok(None),
            }
        }
        Ok(Some(Record { line: begins, fields: &self.fields[..written], ends: &self.ends[..ended] }))
    }

    /// Whether there is something after them.
    fn skip_blank_lines(&mut self) -> io::Result<bool> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Ok(false);
            }
            let blank = buffer.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let is_last = blank == buffer.len();
            self.line += memchr::memchr_iter(b'\n', &buffer[..blank]).count();
            self.reader.consume(blank);
            if !is_last {
                return Ok(true);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, Read as _};

    use proptest::prelude::*;

    use super::*;

    const USUAL: Dialect = Dialect { delimiter: b',', quote: Some(b'"') };

    /// Every record with its line, read in pieces of this size, and what ended it.
    fn all(content: &[u8], piece: usize) -> (Vec<(usize, Vec<String>)>, Option<Broken>) {
        let mut records = Records::new(BufReader::with_capacity(piece, content), USUAL);
        let mut found = Vec::new();
        loop {
            match records.next() {
                Ok(Some(record)) => {
                    let fields = record.iter().map(|field| String::from_utf8_lossy(field).into_owned()).collect();
                    found.push((record.line, fields));
                }
                Ok(None) => return (found, None),
                Err(broken) => return (found, Some(broken)),
            }
        }
    }

    #[test]
    fn lines_are_counted_with_every_line_end() {
        for end in ["\n", "\r\n"] {
            let content = ["a,b", "1,\"x", "y\"", "", "", "2,z", "3,"].join(end);
            for piece in [1, 2, 3, 7, 4096] {
                let (records, broken) = all(content.as_bytes(), piece);
                let lines: Vec<usize> = records.iter().map(|(line, _)| *line).collect();
                assert_eq!(lines, [1, 2, 6, 7], "{end:?} {piece}");
                assert_eq!(records[3].1, ["3", ""]);
                assert!(broken.is_none());
            }
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told_with_its_line() {
        let (records, broken) = all(b"a,b\n1,2\n3,\"x\n4,5\n", 5);
        assert_eq!(records.len(), 2);
        assert!(matches!(broken, Some(Broken::Unclosed(3))), "{broken:?}");
        assert!(all(b"a\n\"\"\"\"", 2).1.is_none());
    }

    #[test]
    fn a_record_that_does_not_end_is_refused_before_it_fills_memory() {
        let endless = std::io::repeat(b'x').take(1 << 40);
        let content = std::io::Cursor::new(b"a\nb\n\"".to_vec()).chain(endless);
        let mut records = Records::new(BufReader::with_capacity(1 << 16, content), USUAL);
        assert!(records.next().unwrap().is_some());
        assert!(records.next().unwrap().is_some());
        assert!(matches!(records.next(), Err(Broken::TooLarge(3))));
        let delimiters = BufReader::new(std::io::repeat(b',').take(1 << 40));
        assert!(matches!(Records::new(delimiters, USUAL).next(), Err(Broken::TooLarge(1))));
    }

    proptest! {
        #[test]
        fn records_are_those_of_the_csv_crate(content in "[ab,\"\r\n]{0,60}", piece in 1_usize..9) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(content.as_bytes());
            let theirs: Vec<Vec<String>> =
                reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
            let (ours, broken) = all(content.as_bytes(), piece);
            let ours: Vec<Vec<String>> = ours.into_iter().map(|(_, fields)| fields).collect();
            // What the quote swallowed is no record here.
            let wanted = theirs.len() - usize::from(broken.is_some());
            prop_assert_eq!(&ours[..], &theirs[..wanted]);
        }
    }
}
