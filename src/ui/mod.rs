//! The only code that writes to the terminal: the printer, the progress display, colours.
//!
//! Standard output is for data (tables, CSV); all talk goes to standard error.
//!
//! In: plain facts about the two streams, found out by [`crate::cli`] ([`PrinterConfig`]), messages, and
//! [`crate::engine::Event`]s. Out: bytes on standard output and standard error. Nothing here reads the environment;
//! the one thing asked of the terminal is its size, as that changes while a run goes on.

mod line;
mod printer;
pub mod progress;
pub mod style;

pub use printer::{Delivery, LogWriter, Printer, PrinterConfig, Talk};
pub use progress::{Facts, Mode, Progress, Transfers};
pub use style::{Palette, Role};
