//! Where the last record of every cell stands in a journal.
//!
//! One pass over the file, in which a line is looked at and dropped; twelve bytes a cell stay. Afterwards any record can
//! be read again from its place.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::line::{self, LINE_VERSION, LineError, MAX_LINE};
use super::record::{CellRecord, Verdict};
use crate::plan::{CellIndex, Plan};
use crate::units::Usd;

/// Why a journal cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Reading failed.
    #[error("cannot read {path}: {source}")]
    Io {
        /// The journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line was written by a newer bench.
    #[error("{path} has lines of version {version}, this bench reads up to {LINE_VERSION}: a newer bench wrote it")]
    Newer {
        /// The journal.
        path: PathBuf,
        /// The line's version.
        version: u32,
    },
    /// A record that was there when the journal was indexed is not there any more.
    #[error("{path} was changed while it was read")]
    Changed {
        /// The journal.
        path: PathBuf,
    },
}

/// The last record of every planned cell, as an offset.
#[derive(Debug)]
pub struct Index {
    path: PathBuf,
    /// `None`: there is no journal, so no cell ever finished.
    file: Option<File>,
    offsets: Vec<u64>,
    /// The length of the line without its break, and the verdict in the highest three bits; 0: no line.
    lengths: Vec<u32>,
    /// Bytes up to the last line break: what is whole. Anything after it is a line that was never finished.
    pub bytes_whole: u64,
    /// Lines that are damaged (never the torn tail): skipped.
    pub damaged: u64,
    /// Whole records of cells that are not in the plan: skipped.
    pub unknown: u64,
    /// Records that a later one of the same cell replaced, other than by grading the same answer again.
    pub replaced: u64,
    /// What all records say they and their gradings cost, the replaced ones too, as far as known.
    pub spent: Usd,
    /// Some answer came from a simulator.
    pub simulated: bool,
}

const LENGTH_BITS: u32 = 29;
const _: () = assert!(MAX_LINE < 1 << LENGTH_BITS && Verdict::ALL.len() <= 1 << (32 - LENGTH_BITS));

/// What the index needs of a record.
#[derive(Deserialize)]
struct Slim<'a> {
    #[serde(borrow)]
    model: Cow<'a, str>,
    #[serde(borrow)]
    prompt: Cow<'a, str>,
    #[serde(borrow)]
    case: Cow<'a, str>,
    repeat: u32,
    verdict: Verdict,
    #[serde(default)]
    cost: Option<Usd>,
    #[serde(default)]
    grading_cost: Option<Usd>,
    #[serde(default)]
    simulated: bool,
    #[serde(borrow, default)]
    graded_at: Option<Cow<'a, str>>,
}

/// What a cell and its grading cost together, as far as known.
fn spent(cost: Option<Usd>, grading: Option<Usd>) -> Usd {
    cost.unwrap_or_default() + grading.unwrap_or_default()
}

impl Index {
    /// Reads a journal. A missing one is one without lines: the run was killed before it was made.
    ///
    /// # Errors
    /// Where it cannot be read, or a newer bench wrote it. Damage is no error: it is skipped and counted.
    pub fn read(path: &Path, plan: &Plan) -> Result<Self, IndexError> {
        let failed = |source| IndexError::Io { path: path.to_owned(), source };
        let file = match File::open(path) {
            Ok(file) => Some(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(failed(error)),
        };
        let mut index = Self {
            path: path.to_owned(),
            file,
            offsets: vec![0; plan.len()],
            lengths: vec![0; plan.len()],
            bytes_whole: 0,
            damaged: 0,
            unknown: 0,
            replaced: 0,
            spent: Usd::ZERO,
            simulated: false,
        };
        if let Some(file) = &index.file {
            let reader = file.try_clone().map_err(failed)?;
            index.scan(BufReader::with_capacity(1 << 18, reader), plan)?;
        }
        Ok(index)
    }

    fn scan(&mut self, mut reader: impl BufRead, plan: &Plan) -> Result<(), IndexError> {
        let path = self.path.clone();
        let failed = |source| IndexError::Io { path: path.clone(), source };
        let mut line = Vec::new();
        loop {
            line.clear();
            let n = reader.by_ref().take(MAX_LINE as u64).read_until(b'\n', &mut line).map_err(failed)?;
            let start = self.bytes_whole;
            if line.pop_if(|b| *b == b'\n').is_some() {
                self.bytes_whole += n as u64;
                self.note(&line, start, plan)?;
            } else if n == MAX_LINE {
                // Longer than anything we write: not ours. Its end decides whether it is damage or a torn tail.
                let Some(rest) = skip_line(&mut reader).map_err(failed)? else { return Ok(()) };
                self.bytes_whole += n as u64 + rest;
                self.damaged += 1;
            } else {
                return Ok(());
            }
        }
    }

    fn note(&mut self, line: &[u8], start: u64, plan: &Plan) -> Result<(), IndexError> {
        let slim: Slim<'_> = match line::decode(line) {
            Ok(slim) => slim,
            Err(LineError::Newer(version)) => return Err(IndexError::Newer { path: self.path.clone(), version }),
            Err(LineError::Damaged) => {
                // An empty line is what an editor leaves behind, and nothing is lost with it.
                self.damaged += u64::from(!line.is_empty());
                return Ok(());
            }
        };
        self.spent += spent(slim.cost, slim.grading_cost);
        self.simulated |= slim.simulated;
        let cell = slim.repeat.checked_sub(1).and_then(|k| plan.find(&slim.model, &slim.prompt, &slim.case, k));
        let Some(CellIndex(cell)) = cell else {
            self.unknown += 1;
            return Ok(());
        };
        let cell = cell as usize;
        if self.lengths[cell] != 0 {
            // A record that replaces another carries its attempts and their cost, which would count twice.
            let old = self.get(CellIndex(u32::try_from(cell).unwrap_or(u32::MAX)))?;
            let graded_before = old.as_ref().and_then(|old| old.graded_at.as_deref());
            self.replaced += u64::from(slim.graded_at.is_none() || slim.graded_at.as_deref() == graded_before);
            let old = old.map_or(Usd::ZERO, |old| spent(old.cost, old.grading_cost));
            self.spent = Usd::new(self.spent.decimal() - old.decimal());
        }
        self.offsets[cell] = start;
        let length = u32::try_from(line.len()).unwrap_or(0);
        self.lengths[cell] = length | u32::from(verdict_code(slim.verdict)) << LENGTH_BITS;
        Ok(())
    }

    /// How many cells the plan has.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether the plan has no cell.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// What became of a cell; `None` where it never finished.
    pub fn verdict(&self, CellIndex(cell): CellIndex) -> Option<Verdict> {
        let packed = *self.lengths.get(cell as usize)?;
        if packed == 0 { None } else { Verdict::ALL.get((packed >> LENGTH_BITS) as usize).copied() }
    }

    /// A cell's last record; `None` where it never finished.
    ///
    /// # Errors
    /// Where it cannot be read any more.
    pub fn get(&self, cell: CellIndex) -> Result<Option<CellRecord>, IndexError> {
        self.read_as(cell, &mut Vec::new(), |record| record)
    }

    /// The same for a part of a record, in a buffer that can be used again.
    pub(crate) fn read_as<'b, T: Deserialize<'b>, R>(
        &self,
        cell: CellIndex,
        buffer: &'b mut Vec<u8>,
        take: impl FnOnce(T) -> R,
    ) -> Result<Option<R>, IndexError> {
        let CellIndex(at) = cell;
        let length = self.lengths.get(at as usize).map_or(0, |packed| packed & ((1 << LENGTH_BITS) - 1));
        let (Some(file), 1..) = (&self.file, length) else { return Ok(None) };
        buffer.resize(length as usize, 0);
        read_exact_at(file, buffer, self.offsets[at as usize])
            .map_err(|source| IndexError::Io { path: self.path.clone(), source })?;
        let record = line::decode(buffer).map_err(|_| IndexError::Changed { path: self.path.clone() })?;
        Ok(Some(take(record)))
    }
}

fn verdict_code(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Fail => 1,
        Verdict::Timeout => 2,
        Verdict::Error => 3,
        Verdict::Skipped => 4,
    }
}

/// Skips to after the next line break and tells how many bytes that were; `None` where the file ends before one.
fn skip_line(reader: &mut impl BufRead) -> io::Result<Option<u64>> {
    let mut skipped = 0;
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            return Ok(None);
        }
        let end = block.iter().position(|&b| b == b'\n');
        let n = end.map_or(block.len(), |at| at + 1);
        reader.consume(n);
        skipped += n as u64;
        if end.is_some() {
            return Ok(Some(skipped));
        }
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(not(unix))]
fn read_exact_at(mut file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(offset))?;
    file.read_exact(buffer)
}

#[cfg(test)]
mod tests;
