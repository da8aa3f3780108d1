//! Journal → [`Summary`] → bytes: one file per format. Everything is in plan order, so the same journal gives the same
//! bytes whatever the order in which cells ended.
//!
//! In: a run's folder (manifest and journal). Out: a [`Run`] that can be asked for its summary and streamed cell by
//! cell, and writers that turn it into a table, CSV or JSON. The writers are pure: bytes into a `Write`; a [`Target`] is
//! where they go.

mod comparisons;
mod csv;
mod figures;
mod gates;
mod gather;
mod json;
mod judging;
mod notes;
mod number;
mod repeats;
mod row;
mod run;
mod scores;
mod served;
mod table;
mod target;
mod trouble;
mod wall;

#[cfg(test)]
mod testing;

pub use self::comparisons::Comparisons;
pub use self::csv::{CsvStyle, REPEAT_COLUMNS, RESULT_COLUMNS, SUMMARY_COLUMNS, results_csv, summary_csv};
pub use figures::{Figures, ModelSummary, Summary, TokenSum};
pub use gates::{GateResult, judge_gates};
pub use json::{JSON_VERSION, json};
pub use judging::JudgeSummary;
pub use notes::{Note, notes};
pub(crate) use number::grouped;
pub use repeats::Repeats;
pub use row::Row;
pub use run::{ReportError, Run};
pub use scores::{NamedScore, Scores};
pub use table::{TableStyle, table};
pub use target::{Target, TargetError};
pub use trouble::Trouble;
