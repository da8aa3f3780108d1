//! The only code that writes to the terminal: the printer, the progress display, colours.
//!
//! Standard output is for data (tables, CSV); all talk goes to standard error.
