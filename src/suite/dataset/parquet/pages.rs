//! A row group whose pages are bounded: what lies between the library's reader of pages and its reader of rows.

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bytes::Bytes;
use parquet::basic::Compression;
use parquet::bloom_filter::Sbbf;
use parquet::column::page::{Page, PageMetadata, PageReader};
use parquet::errors::{ParquetError, Result};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{Length as _, RowGroupReader};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::record::reader::RowIter;
use parquet::schema::types::Type;

use super::delta::counts_are_true;
use super::inflate::inflate;

/// How much may be taken up between one row and the next, by all columns together.
#[derive(Debug, Clone, Copy)]
pub(in crate::suite::dataset) struct Limits {
    /// Bytes of pages.
    pub(in crate::suite::dataset) bytes: u64,
    /// Values of lists.
    pub(in crate::suite::dataset) listed: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 1 << 30, listed: 32 << 20 }
    }
}

/// What was taken up since the last row.
#[derive(Debug, Default)]
pub(super) struct Taken {
    bytes: AtomicU64,
    listed: AtomicU64,
    limits: Limits,
}

impl Taken {
    /// Nothing yet.
    pub(super) fn within(limits: Limits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// A row was read.
    pub(super) fn reset(&self) {
        self.bytes.store(0, Relaxed);
        self.listed.store(0, Relaxed);
    }
}

/// A row group.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) file: Arc<File>,
    pub(super) metadata: &'a RowGroupMetaData,
    pub(super) taken: Arc<Taken>,
}

impl RowGroupReader for Group<'_> {
    fn metadata(&self) -> &RowGroupMetaData {
        self.metadata
    }

    fn num_columns(&self) -> usize {
        self.metadata.num_columns()
    }

    fn get_column_page_reader(&self, i: usize) -> Result<Box<dyn PageReader>> {
        let column = self.metadata.column(i);
        let (start, length) = column.byte_range();
        if start.checked_add(length).is_none_or(|end| end > self.file.len()) {
            return Err(general("the file is cut off"));
        }
        let rows = usize::try_from(self.metadata.num_rows())?;
        // Read as if they were not compressed: they are decompressed here.
        let plain = column.clone().into_builder().set_compression(Compression::UNCOMPRESSED).build()?;
        Ok(Box::new(Pages {
            inner: SerializedPageReader::new(Arc::clone(&self.file), &plain, rows, None)?,
            codec: column.compression(),
            levels: (column.column_descr().max_def_level(), column.column_descr().max_rep_level()),
            taken: Arc::clone(&self.taken),
        }))
    }

    fn get_column_bloom_filter(&self, _: usize) -> Option<&Sbbf> {
        None
    }

    fn get_row_iter(&self, projection: Option<Type>) -> Result<RowIter<'_>> {
        RowIter::from_row_group(projection, self)
    }
}

/// The pages of one column.
struct Pages {
    inner: SerializedPageReader<File>,
    codec: Compression,
    /// The largest definition and repetition level.
    levels: (i16, i16),
    taken: Arc<Taken>,
}

impl Pages {
    fn bounded(&self, page: Page) -> Result<Page> {
        let taken = self.taken.bytes.load(Relaxed);
        let limit = usize::try_from(self.taken.limits.bytes.saturating_sub(taken)).unwrap_or(usize::MAX);
        let page = self.inflated(page, limit)?;
        self.taken.bytes.fetch_add(page.buffer().len() as u64, Relaxed);
        let values = u64::from(page.num_values());
        if page.is_dictionary_page() {
            // The library makes room for as many as it says, and every value takes a byte.
            if values > page.buffer().len() as u64 {
                return Err(general("a dictionary with more values than it has room for"));
            }
        } else if self.levels.1 > 0 && self.taken.listed.fetch_add(values, Relaxed) + values > self.taken.limits.listed
        {
            return Err(general("a row with too many values in its lists"));
        }
        if page.is_data_page() && !counts_are_true(&page, self.levels) {
            return Err(general("a page with a wrong number of values"));
        }
        Ok(page)
    }

    fn inflated(&self, page: Page, limit: usize) -> Result<Page> {
        let whole = |bytes: &Bytes| -> Result<Bytes> {
            if self.codec == Compression::UNCOMPRESSED && bytes.len() <= limit {
                return Ok(bytes.clone());
            }
            Ok(inflate(self.codec, bytes, limit)?.into())
        };
        Ok(match page {
            Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, statistics } => {
                Page::DataPage {
                    buf: whole(&buf)?,
                    num_values,
                    encoding,
                    def_level_encoding,
                    rep_level_encoding,
                    statistics,
                }
            }
            Page::DictionaryPage { buf, num_values, encoding, is_sorted } => {
                Page::DictionaryPage { buf: whole(&buf)?, num_values, encoding, is_sorted }
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                num_nulls,
                num_rows,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                statistics,
            } => {
                // The levels are never compressed.
                let levels = def_levels_byte_len as usize + rep_levels_byte_len as usize;
                let buf = if is_compressed && self.codec != Compression::UNCOMPRESSED {
                    if levels > buf.len() {
                        return Err(general("a page shorter than its levels"));
                    }
                    let mut bytes = buf[..levels].to_vec();
                    bytes.extend(inflate(self.codec, &buf[levels..], limit)?);
                    bytes.into()
                } else {
                    buf
                };
                Page::DataPageV2 {
                    buf,
                    num_values,
                    encoding,
                    num_nulls,
                    num_rows,
                    def_levels_byte_len,
                    rep_levels_byte_len,
                    is_compressed,
                    statistics,
                }
            }
        })
    }
}

fn general(message: &str) -> ParquetError {
    ParquetError::General(message.to_owned())
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.inner.get_next_page()?;
        page.map(|page| self.bounded(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.inner.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.inner.skip_next_page()
    }

    fn at_record_boundary(&mut self) -> Result<bool> {
        self.inner.at_record_boundary()
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Self::Item> {
        self.get_next_page().transpose()
    }
}
