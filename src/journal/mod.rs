//! The one source of truth on disk: a run's folder with its manifest (`run.json`) and its journal (`journal.jsonl`).
//!
//! In: one [`CellRecord`] when a cell ends. Out: a line on disk, durable in groups; after the run, or after a crash, an
//! index of the last record of every cell, read one at a time so that memory does not grow with answers.
//!
//! A journal line is one JSON object whose first member is a CRC-32 of the rest, so a torn tail is told from a whole
//! line; it is cut off when the run is taken up again. A cell may have several lines: the last one counts. A planned
//! cell without a line was never finished: it is `skipped`.

mod cases;
mod folder;
mod index;
mod line;
mod manifest;
mod record;
mod resume;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod tidy;
mod writer;

pub use cases::{CasePrints, CaseTable, SuiteCases};
pub use folder::{FolderError, Locked, RunFolder};
pub use index::{Index, IndexError};
pub use line::LINE_VERSION;
pub(crate) use line::{decode as decode_line, encode as encode_line};
pub use manifest::{Ending, LaneEnding, MANIFEST_VERSION, Manifest, ManifestError, ModelHead, Regrading};
pub(crate) use record::may_have_cost;
pub use record::{
    AskKind, AskRecord, AttemptRecord, CellRecord, CostSource, EarlierGrades, ErrorInfo, Tokens, Verdict,
};
pub use resume::{cells_done, cells_left, what_changed};
pub use writer::{Appender, Writer, WriterError};
