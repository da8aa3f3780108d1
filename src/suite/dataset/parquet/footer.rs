//! The end of a Parquet file, looked at before the library reads it: that it is Parquet at all, and that its schema is
//! neither so wide nor so deep that reading it takes all memory or the whole stack.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

use crate::suite::dataset::rows::FileError;

/// A footer may be this long. Those of files with ten thousand columns and a hundred row groups are.
const MAX_FOOTER: u64 = 256 << 20;
/// Groups within groups of a schema.
const MAX_DEPTH: usize = 64;
/// Structs within structs of the footer's own encoding.
const MAX_NESTING: usize = 32;

/// Checks the end of a file.
pub(super) fn check(file: &mut File, length: u64) -> Result<(), FileError> {
    if length == 0 {
        return Err(FileError::new("an empty file"));
    }
    let mut head = [0; 24];
    let read = length.min(24) as usize;
    file.read_exact(&mut head[..read])?;
    if head.starts_with(b"version https://git-lfs") {
        return Err(FileError::new("not the file itself but where Git LFS keeps it").hint("run `git lfs pull`"));
    }
    let mut tail = [0; 8];
    if length >= 12 {
        file.seek(SeekFrom::Start(length - 8))?;
        file.read_exact(&mut tail)?;
    }
    if head.starts_with(b"PARE") || tail.ends_with(b"PARE") {
        return Err(FileError::new("the file is encrypted").hint("write it without encryption"));
    }
    if !tail.ends_with(b"PAR1") {
        let is_other = !head.starts_with(b"PAR1");
        let message = if is_other { "not a Parquet file" } else { "the file is cut off: its end is missing" };
        let hint =
            if is_other { "if it is another format, say which: `format: csv`" } else { "download or write it again" };
        return Err(FileError::new(message).hint(hint));
    }
    let size = u64::from(u32::from_le_bytes([tail[0], tail[1], tail[2], tail[3]]));
    if size > length - 8 {
        return Err(broken());
    }
    if size > MAX_FOOTER {
        return Err(FileError::new(format!("its description is larger than {} MB", MAX_FOOTER >> 20)));
    }
    file.seek(SeekFrom::Start(length - 8 - size))?;
    let mut bytes = Vec::new();
    file.take(size).read_to_end(&mut bytes)?;
    Walk(&bytes).file().ok_or_else(broken)
}

pub(super) fn broken() -> FileError {
    FileError::new("the file is damaged: its description cannot be read").hint("download or write it again")
}

/// Thrift's compact protocol, as far as walking over it needs. Everything is `None` where it does not fit.
struct Walk<'a>(&'a [u8]);

impl Walk<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn skip_bytes(&mut self, count: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// A list's length and the kind of its elements.
    fn list(&mut self) -> Option<(u64, u8)> {
        let byte = self.byte()?;
        let size = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
        // Every element takes at least a byte.
        (size <= self.0.len() as u64).then_some((size, byte & 15))
    }

    /// Walks over a struct; `field` walks over the value of each field, given its number and kind.
    fn fields(&mut self, mut field: impl FnMut(&mut Self, u64, u8) -> Option<()>) -> Option<()> {
        let mut number = 0_u64;
        loop {
            let byte = self.byte()?;
            let (delta, kind) = (byte >> 4, byte & 15);
            if kind == 0 {
                return Some(());
            }
            number = match delta {
                0 => unzigzag(self.varint()?).try_into().ok()?,
                delta => number.checked_add(u64::from(delta))?,
            };
            field(self, number, kind)?;
        }
    }

    fn skip(&mut self, kind: u8, nesting: usize) -> Option<()> {
        let nesting = nesting.checked_sub(1)?;
        match kind {
            1 | 2 => Some(()),
            3 => self.skip_bytes(1),
            4..=6 => self.varint().map(drop),
            7 => self.skip_bytes(8),
            8 => {
                let length = self.varint()?;
                self.skip_bytes(length)
            }
            9 | 10 => {
                let (size, element) = self.list()?;
                // Readers differ in how they take a list of booleans; Parquet has none.
                (size == 0 || !matches!(element, 1 | 2)).then_some(())?;
                (0..size).try_for_each(|_| self.skip(element, nesting))
            }
            12 => self.fields(|walk, _, kind| walk.skip(kind, nesting)),
            // Neither maps nor UUIDs stand in a footer.
            _ => None,
        }
    }

    /// `FileMetaData`, of which field 2 is the schema.
    fn file(&mut self) -> Option<()> {
        self.fields(|walk, number, kind| match (number, kind) {
            (2, 9) => walk.schema(),
            _ => walk.skip(kind, MAX_NESTING),
        })
    }

    /// The schema's elements, a tree written depth first, each with the number of its children.
    fn schema(&mut self) -> Option<()> {
        let (size, kind) = self.list()?;
        (kind == 12 || size == 0).then_some(())?;
        let mut open: Vec<u64> = Vec::new();
        for index in 0..size {
            let mut children = 0;
            self.fields(|walk, number, kind| match (number, kind) {
                (5, 5) => {
                    children = u64::try_from(unzigzag(walk.varint()?)).ok()?;
                    Some(())
                }
                _ => walk.skip(kind, MAX_NESTING),
            })?;
            (children < size - index).then_some(())?;
            if let Some(left) = open.last_mut() {
                *left = left.checked_sub(1)?;
            }
            open.push(children);
            while open.last() == Some(&0) {
                open.pop();
            }
            (open.len() <= MAX_DEPTH).then_some(())?;
        }
        open.is_empty().then_some(())
    }
}

fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}
