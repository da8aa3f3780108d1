//! `pairwise.jsonl` in a run's folder: one comparison a line, each line with a checksum as the journal's.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use super::record::PairRecord;
use crate::journal::{self, Locked, RunFolder};
use crate::plan::fingerprint;

/// Why comparisons cannot be read or kept.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct StoreError {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// The comparisons of a run, open for more.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
}

impl Store {
    /// Opens the comparisons of a run that nobody else writes to.
    ///
    /// # Errors
    /// Where the file cannot be opened.
    pub fn open(run: &Locked) -> Result<Self, StoreError> {
        let path = path_in(run.folder());
        let open = || {
            let mut file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
            // After a line that a crash left unfinished, the next one begins on a line of its own.
            if !ends_a_line(&path)? {
                file.write_all(b"\n")?;
            }
            Ok(file)
        };
        match open() {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => Err(StoreError { path, source }),
        }
    }

    /// Appends a comparison.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn append(&mut self, record: &PairRecord) -> Result<(), StoreError> {
        let mut line = Vec::with_capacity(1 << 10);
        let written = journal::encode_line(record, &mut line).map_err(io::Error::from);
        written.and_then(|()| self.file.write_all(&line)).map_err(|source| self.error(source))
    }

    /// Makes what was appended durable.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn sync(&self) -> Result<(), StoreError> {
        self.file.sync_data().map_err(|source| self.error(source))
    }

    fn error(&self, source: io::Error) -> StoreError {
        StoreError { path: self.path.clone(), source }
    }
}

fn path_in(run: &RunFolder) -> PathBuf {
    run.path().join("pairwise.jsonl")
}

fn ends_a_line(path: &Path) -> io::Result<bool> {
    use std::io::{Read, Seek, SeekFrom};
    let mut file = File::open(path)?;
    if file.seek(SeekFrom::End(0))? == 0 {
        return Ok(true);
    }
    file.seek(SeekFrom::End(-1))?;
    let mut last = [0];
    file.read_exact(&mut last)?;
    Ok(last == [b'\n'])
}

/// The last record of every comparison that a run has by this judge and rubric, in no order. None without a file;
/// damaged lines are left out.
///
/// # Errors
/// Where the file cannot be read.
pub fn read_comparisons(run: &RunFolder, by: &str) -> Result<Vec<PairRecord>, StoreError> {
    let path = path_in(run);
    let failed = |source| StoreError { path: path.clone(), source };
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut all: Vec<PairRecord> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for line in BufReader::with_capacity(1 << 16, file).split(b'\n') {
        let line = line.map_err(failed)?;
        let Ok(record) = journal::decode_line::<PairRecord>(&line) else { continue };
        if record.by != by {
            continue;
        }
        let (prompt, case, repeat, a, b) = record.key();
        match known.entry(fingerprint(&[prompt, case, &repeat.to_string(), a, b])) {
            std::collections::hash_map::Entry::Occupied(at) => {
                let before = &mut all[*at.get()];
                // What earlier attempts asked was paid for.
                let mut asks = std::mem::take(&mut before.asks);
                *before = record;
                asks.append(&mut before.asks);
                before.asks = asks;
            }
            std::collections::hash_map::Entry::Vacant(place) => {
                place.insert(all.len());
                all.push(record);
            }
        }
    }
    Ok(all)
}
