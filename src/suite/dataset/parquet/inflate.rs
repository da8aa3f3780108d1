//! Compressed pages → pages, never larger than a limit.
//!
//! The library's own decompression takes whatever a page swells to, and a page of a few bytes swells to gigabytes.

use std::io::{Error, Read};

use brotli_decompressor::Decompressor;
use flate2::read::MultiGzDecoder;
use lz4_flex::block::decompress_into;
use parquet::basic::Compression;
use zstd::stream::read::Decoder as ZstdDecoder;

/// Decompresses a page.
///
/// # Errors
/// That it is damaged, larger than the limit, or compressed in a way nobody uses any more.
pub(super) fn inflate(codec: Compression, bytes: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    match codec {
        Compression::UNCOMPRESSED if bytes.len() > limit => Err(too_large(limit)),
        Compression::UNCOMPRESSED => Ok(bytes.to_vec()),
        Compression::SNAPPY => {
            let length = snap::raw::decompress_len(bytes).map_err(Error::other)?;
            // No three bytes of Snappy give more than 64.
            if length > limit || length / 64 > bytes.len() {
                return Err(too_large(limit));
            }
            snap::raw::Decoder::new().decompress_vec(bytes).map_err(Error::other)
        }
        Compression::GZIP(_) => read_up_to(MultiGzDecoder::new(bytes), limit),
        Compression::BROTLI(_) => read_up_to(Decompressor::new(bytes, 1 << 12), limit),
        Compression::ZSTD(_) => read_up_to(ZstdDecoder::with_buffer(bytes)?, limit),
        Compression::LZ4_RAW => lz4_block(bytes, limit),
        Compression::LZ4 => lz4_hadoop(bytes, limit),
        Compression::LZO => Err(Error::other("its pages are compressed with LZO, which is not read")),
    }
}

fn too_large(limit: usize) -> Error {
    Error::other(format!("one of its pages is larger than {} MB", limit >> 20))
}

fn read_up_to(reader: impl Read, limit: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    reader.take(limit as u64 + 1).read_to_end(&mut out)?;
    if out.len() > limit { Err(too_large(limit)) } else { Ok(out) }
}

/// One block; its size is not written in it.
fn lz4_block(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    // A byte of LZ4 gives no more than 255. Zeroed memory takes no room until it is written to.
    let bound = bytes.len().saturating_mul(255);
    let mut out = vec![0; bound.min(limit)];
    let length = decompress_into(bytes, &mut out)
        .map_err(|error| if bound > limit { too_large(limit) } else { Error::other(error) })?;
    out.truncate(length);
    out.shrink_to_fit();
    Ok(out)
}

/// Blocks with their lengths before them, as Hadoop writes them; else a frame, else one block: all three were written
/// under this name.
fn lz4_hadoop(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    if bytes.starts_with(&[0x04, 0x22, 0x4d, 0x18]) {
        return read_up_to(lz4_flex::frame::FrameDecoder::new(bytes), limit);
    }
    let mut out = Vec::new();
    let mut rest = bytes;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        let size = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (length, compressed) = (size(0), size(4));
        let Some(block) = tail.get(..compressed) else { return lz4_block(bytes, limit) };
        if length / 255 > compressed {
            return lz4_block(bytes, limit);
        }
        let start = out.len();
        if start + length > limit {
            return Err(too_large(limit));
        }
        out.resize(start + length, 0);
        if decompress_into(block, &mut out[start..]).ok() != Some(length) {
            return lz4_block(bytes, limit);
        }
        rest = &tail[compressed..];
    }
    if rest.is_empty() { Ok(out) } else { lz4_block(bytes, limit) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::write::GzEncoder;
    use proptest::prelude::*;

    use super::*;

    /// 2^20 letters `a`, compressed by pyarrow.
    const BROTLI: &[u8] = b"\x5b\xff\xff\x0f\x40\x22\x2c\x1e\x0b\x24\xf7\xfe\x01";

    fn every_codec(text: &[u8]) -> Vec<(Compression, Vec<u8>)> {
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).unwrap();
        let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
        frame.write_all(text).unwrap();
        let block = lz4_flex::block::compress(text);
        let mut hadoop = Vec::new();
        for size in [text.len(), block.len()] {
            hadoop.extend(u32::try_from(size).unwrap().to_be_bytes());
        }
        hadoop.extend(&block);
        let zstd = zstd::stream::encode_all(text, 1).unwrap();
        vec![
            (Compression::SNAPPY, snap::raw::Encoder::new().compress_vec(text).unwrap()),
            (Compression::GZIP(parquet::basic::GzipLevel::default()), gzip.finish().unwrap()),
            (Compression::ZSTD(parquet::basic::ZstdLevel::default()), zstd),
            (Compression::LZ4_RAW, block.clone()),
            (Compression::LZ4, block),
            (Compression::LZ4, frame.finish().unwrap()),
            (Compression::LZ4, hadoop),
        ]
    }

    #[test]
    fn a_page_may_be_as_large_as_the_limit_and_no_larger() {
        let text = vec![b'a'; 1 << 20];
        let mut pages = every_codec(&text);
        pages.push((Compression::BROTLI(parquet::basic::BrotliLevel::default()), BROTLI.to_vec()));
        for (codec, bytes) in pages {
            assert!(bytes.len() < 100_000, "{codec}: {}", bytes.len());
            assert!(inflate(codec, &bytes, 1 << 20).unwrap() == text, "{codec}");
            let error = inflate(codec, &bytes, (1 << 20) - 1).unwrap_err();
            assert_eq!(error.to_string(), "one of its pages is larger than 0 MB", "{codec}");
        }
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(text in prop::collection::vec(any::<u8>(), 1..2000)) {
            for (codec, bytes) in every_codec(&text) {
                prop_assert_eq!(&inflate(codec, &bytes, 4000).unwrap(), &text, "{}", codec);
            }
        }

        #[test]
        fn any_bytes_are_decompressed_or_refused(
            text in prop::collection::vec(any::<u8>(), 0..200),
            at in any::<prop::sample::Index>(),
            byte: u8,
        ) {
            let brotli = (Compression::BROTLI(parquet::basic::BrotliLevel::default()), BROTLI.to_vec());
            for (codec, mut bytes) in every_codec(&text).into_iter().chain([brotli]) {
                let _ = inflate(codec, &text, 1 << 16);
                let at = at.index(bytes.len());
                bytes[at] = byte;
                if let Ok(page) = inflate(codec, &bytes, 1 << 16) {
                    prop_assert!(page.len() <= 1 << 16);
                }
            }
        }
    }
}
