//! Parquet files → rows, row group by row group; behind the feature `parquet`.
//!
//! A file comes from anywhere and says itself how much memory it takes. `footer` looks at that before the library
//! does; `pages` and `inflate` hand the library pages of a bounded size, and `delta` those whose counts are true;
//! `reader` walks the rows, and `value` and `scalar` write them as JSON, as they would stand in a JSON file.

#[cfg(feature = "parquet")]
mod delta;
#[cfg(feature = "parquet")]
mod footer;
#[cfg(feature = "parquet")]
mod inflate;
#[cfg(feature = "parquet")]
mod pages;
#[cfg(feature = "parquet")]
mod reader;
#[cfg(feature = "parquet")]
mod scalar;
#[cfg(feature = "parquet")]
mod value;

#[cfg(all(test, feature = "parquet"))]
pub(super) use pages::Limits;
#[cfg(feature = "parquet")]
pub(super) use reader::read;
#[cfg(all(test, feature = "parquet"))]
pub(super) use reader::read_within;

/// Says how to come to a build that reads Parquet.
#[cfg(not(feature = "parquet"))]
pub(super) fn read(_: &std::path::Path, _: &mut super::rows::Sink<'_>) -> Result<(), super::rows::FileError> {
    Err(absent())
}

#[cfg(any(test, not(feature = "parquet")))]
pub(super) fn absent() -> super::rows::FileError {
    super::rows::FileError::new("this build cannot read Parquet")
        .hint("build it with `--features parquet`, or convert the file to .jsonl or .csv")
}
