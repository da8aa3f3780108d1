//! Bytes on the disk → the bytes that were packed: gzip and Zstandard, told by their first bytes.
//!
//! Both are unpacked as they are read: a window is held, never the content, whatever its size.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// How a file is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// One or more gzip members.
    Gzip,
    /// One or more Zstandard frames.
    Zstandard,
}

/// Endings of packed files that are read, and those that are not, with how to unpack them.
const FOREIGN: [(&str, &[u8], &str); 4] = [
    ("zip", b"PK\x03\x04", "unzip"),
    ("bzip2", b"BZh", "bunzip2"),
    ("xz", b"\xfd7zXZ\0", "unxz"),
    ("LZ4", b"\x04\x22\x4d\x18", "unlz4"),
];

impl Packing {
    /// By a file's first bytes. No text in UTF-8 begins so.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            [0x1f, 0x8b, ..] => Some(Self::Gzip),
            // The second is a frame to be skipped, with which some tools begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Self::Zstandard),
            _ => None,
        }
    }

    /// By the end of a file's name, with the name before it.
    pub(super) fn of_name(name: &str) -> Option<(Self, &str)> {
        let (stem, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "gz" | "gzip" => Some((Self::Gzip, stem)),
            "zst" | "zstd" => Some((Self::Zstandard, stem)),
            _ => None,
        }
    }

    /// As people call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstandard => "zstd",
        }
    }

    /// Unpacks as it is read.
    pub(super) fn unpack<'a>(self, packed: impl BufRead + 'a) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Gzip => Box::new(Unpacked { packing: self, inner: MultiGzDecoder::new(packed) }),
            Self::Zstandard => {
                Box::new(Unpacked { packing: self, inner: zstd::stream::read::Decoder::with_buffer(packed)? })
            }
        })
    }
}

/// The archive of another kind that a file is, and the program that unpacks it.
pub(super) fn foreign(head: &[u8]) -> Option<(&'static str, &'static str)> {
    FOREIGN.iter().find(|(_, magic, _)| head.starts_with(magic)).map(|(name, _, tool)| (*name, *tool))
}

/// Puts what a decoder says into words.
struct Unpacked<R> {
    packing: Packing,
    inner: R,
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.inner.read(buffer).map_err(|error| {
            let name = self.packing.name();
            if error.raw_os_error().is_some() {
                return error;
            }
            let message = match error.kind() {
                io::ErrorKind::Interrupted => return error,
                io::ErrorKind::UnexpectedEof => format!("the {name} archive is cut off here"),
                _ => format!("the {name} archive is damaged here ({error})"),
            };
            io::Error::new(io::ErrorKind::InvalidData, message)
        })
    }
}

/// What is read at once, from the disk and from a decoder.
pub(super) const CHUNK: usize = 64 << 10;

/// Unpacks where the first bytes say that it is packed.
pub(super) fn opened<'a>(raw: impl Read + 'a) -> io::Result<(Option<Packing>, Box<dyn Read + 'a>)> {
    let mut raw = BufReader::with_capacity(CHUNK, raw);
    // A pipe may give its first bytes one by one.
    let mut start = Vec::new();
    Read::by_ref(&mut raw).take(8).read_to_end(&mut start)?;
    let packing = Packing::of(&start);
    let whole = io::Cursor::new(start).chain(raw);
    match packing {
        Some(packing) => Ok((Some(packing), packing.unpack(whole)?)),
        None => Ok((None, Box::new(whole))),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use super::*;

    pub(in crate::suite::dataset) fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    pub(in crate::suite::dataset) fn zstandard(content: &[u8]) -> Vec<u8> {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
        encoder.include_checksum(true).unwrap();
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn unpacked(bytes: &[u8]) -> (Option<Packing>, io::Result<Vec<u8>>) {
        let mut content = Vec::new();
        match opened(bytes) {
            Ok((packing, mut reader)) => (packing, reader.read_to_end(&mut content).map(|_| content)),
            Err(error) => (None, Err(error)),
        }
    }

    #[test]
    fn several_archives_in_a_row_are_one_content() {
        for (pack, packing) in
            [(gzip as fn(&[u8]) -> Vec<u8>, Packing::Gzip), (zstandard as fn(&[u8]) -> Vec<u8>, Packing::Zstandard)]
        {
            let both = [pack(b"one\n"), pack(b""), pack(b"two\n")].concat();
            let (found, content) = unpacked(&both);
            assert_eq!((found, content.unwrap()), (Some(packing), b"one\ntwo\n".to_vec()));
        }
        let skipped = [&b"\x50\x2a\x4d\x18\x03\0\0\0abc"[..], &zstandard(b"x")].concat();
        assert_eq!(unpacked(&skipped).1.unwrap(), b"x");
        assert_eq!(unpacked(b"plain").1.unwrap(), b"plain");
        assert_eq!(unpacked(b"").1.unwrap(), b"");
    }

    #[test]
    fn cut_and_damaged_archives_are_told_apart() {
        let content: Vec<u8> = (0..20_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        for pack in [gzip, zstandard] {
            let whole = pack(&content);
            let cut = unpacked(&whole[..whole.len() / 2]).1.unwrap_err().to_string();
            assert!(cut.contains("cut off"), "{cut}");
            let mut damaged = whole.clone();
            let last = damaged.len() - 2;
            damaged[last] ^= 0x55;
            let said = unpacked(&damaged).1.unwrap_err().to_string();
            assert!(said.contains("damaged"), "{said}");
        }
    }

    /// A frame of 74 KB whose one block claims 2 GB. The format allows 128 KB a block.
    #[test]
    fn a_block_that_inflates_past_its_limit_is_refused() {
        let sequences: u32 = 33_000;
        let mut bytes = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0, 8, 0, 0, b'A'];
        let mut body = vec![0x08, b'B', 255];
        body.extend(u16::try_from(sequences - 0x7f00).unwrap().to_le_bytes());
        body.extend([0x54, 0, 2, 52]);
        let bits = 18 * sequences as usize;
        body.resize(body.len() + bits / 8, 0);
        body.push(1 << (bits % 8));
        let header = (u32::try_from(body.len()).unwrap() << 3) | (2 << 1) | 1;
        bytes.extend(&header.to_le_bytes()[..3]);
        bytes.extend(body);
        let said = unpacked(&bytes).1.unwrap_err().to_string();
        assert!(said.contains("damaged"), "{said}");
    }
}
