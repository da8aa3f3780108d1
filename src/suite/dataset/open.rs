//! A file or stream → its text's bytes: unpacked, without a byte order mark, hashed as it lies on the disk.

use std::cell::RefCell;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::path::Path;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::plan::hex;

use super::compression::{self, CHUNK, Packing, foreign};
use super::encoding::{wide, wide_mistake};
use super::rows::FileError;

/// A file or stream at its start.
pub(super) struct Opened {
    pub(super) packing: Option<Packing>,
    /// Whether a byte order mark was skipped.
    pub(super) has_mark: bool,
    /// The first bytes of the text, up to [`CHUNK`].
    head: Vec<u8>,
    /// Whether there is nothing after them.
    is_whole: bool,
    /// What comes after them.
    rest: Box<dyn Read>,
    sum: Option<Sum>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("packing", &self.packing).field("head", &self.head.len()).finish_non_exhaustive()
    }
}

impl Opened {
    /// A file, hashed as it is read.
    pub(super) fn file(path: &Path) -> io::Result<Self> {
        let sum = Sum(Rc::new(RefCell::new(Summed { file: file_at(path)?, hasher: Sha256::new() })));
        Self::of(sum.clone(), Some(sum))
    }

    /// A file, for looking into it.
    pub(super) fn unhashed(path: &Path) -> io::Result<Self> {
        Self::of(file_at(path)?, None)
    }

    /// What can be read once.
    pub(super) fn stream(stream: impl Read + 'static) -> io::Result<Self> {
        Self::of(stream, None)
    }

    fn of(raw: impl Read + 'static, sum: Option<Sum>) -> io::Result<Self> {
        let (packing, mut unpacked) = compression::opened(raw)?;
        let mut head = Vec::with_capacity(CHUNK);
        let broken = Read::by_ref(&mut unpacked).take(CHUNK as u64).read_to_end(&mut head).err();
        let is_whole = head.len() < CHUNK && broken.is_none();
        let has_mark = head.starts_with(b"\xef\xbb\xbf");
        if has_mark {
            head.drain(..3);
        }
        // What was read before it broke is read first.
        let rest = match broken {
            Some(error) => Box::new(Broken(Some(error))),
            None => unpacked,
        };
        Ok(Self { packing, has_mark, head, is_whole, rest, sum })
    }

    /// The first bytes, and whether there are no others.
    pub(super) fn head(&self) -> (&[u8], bool) {
        (&self.head, self.is_whole)
    }

    /// That it is no text in UTF-8, where its first bytes say so.
    pub(super) fn mistake(&self, shown: &str) -> Option<FileError> {
        if let Some((name, tool)) = foreign(&self.head) {
            let message = format!("it is packed with {name}, which cannot be read");
            let workbook = if name == "zip" { "; an Excel workbook is named .xlsx" } else { "" };
            let hint = format!("unpack it with `{tool}`{workbook}; gzip and zstd are read as they are");
            return Some(FileError::new(message).hint(hint));
        }
        if self.head.starts_with(b"PAR1") {
            return Some(FileError::new("it is a Parquet file").hint("name it .parquet, or write `format: parquet`"));
        }
        let (message, hint) = wide_mistake(wide(&self.head)?, shown);
        Some(FileError::new(message).hint(hint))
    }

    /// All of it.
    pub(super) fn into_reader(self) -> (BufReader<impl Read>, Option<Sum>) {
        (BufReader::with_capacity(CHUNK, Cursor::new(self.head).chain(self.rest)), self.sum)
    }

    /// How it is packed and marked, in words behind the format's.
    pub(super) fn describe(&self) -> Vec<String> {
        let packing = self.packing.map(|packing| packing.name().to_owned());
        packing.into_iter().chain(self.has_mark.then(|| "UTF-8 with a byte order mark".to_owned())).collect()
    }
}

fn file_at(path: &Path) -> io::Result<File> {
    // Looked at before it is opened: opening a pipe waits for its writer.
    let metadata = std::fs::metadata(path)?;
    if metadata.is_file() { File::open(path) } else { Err(io::Error::other(what_it_is(&metadata))) }
}

/// What something is that is no file.
fn what_it_is(metadata: &std::fs::Metadata) -> &'static str {
    let kind = metadata.file_type();
    if kind.is_dir() {
        return "it is a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if kind.is_fifo() {
            return "it is a named pipe: pipe it into `bench`, and name the dataset `-`";
        }
        if kind.is_socket() {
            return "it is a socket";
        }
        if kind.is_char_device() || kind.is_block_device() {
            return "it is a device";
        }
    }
    "it is not a file"
}

/// An error that comes when reading goes on.
struct Broken(Option<io::Error>);

impl Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// A file that is hashed as it is read.
#[derive(Debug, Clone)]
pub(super) struct Sum(Rc<RefCell<Summed>>);

#[derive(Debug)]
struct Summed {
    file: File,
    hasher: Sha256,
}

impl Read for Sum {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Summed { file, hasher } = &mut *self.0.borrow_mut();
        let length = file.read(buffer)?;
        hasher.update(&buffer[..length]);
        Ok(length)
    }
}

impl Sum {
    /// SHA-256 of the whole file, once its rows were all read.
    pub(super) fn finish(mut self) -> Option<String> {
        io::copy(&mut self, &mut io::sink()).ok()?;
        Some(hex(&self.0.borrow().hasher.clone().finalize()))
    }
}

/// SHA-256 of a file that readers opened by themselves.
pub(super) fn sum_of(path: &Path) -> Option<String> {
    let (mut reader, mut hasher) = (BufReader::with_capacity(CHUNK, File::open(path).ok()?), Sha256::new());
    loop {
        let chunk = reader.fill_buf().ok()?;
        if chunk.is_empty() {
            return Some(hex(&hasher.finalize()));
        }
        hasher.update(chunk);
        let length = chunk.len();
        reader.consume(length);
    }
}
