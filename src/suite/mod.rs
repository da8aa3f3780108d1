//! A YAML file → [`Suite`].
//!
//! In: the path of a suite file and what the command line overrides. Out: a [`Suite`] in which every default has been
//! merged, every dataset row read, every template rendered once for every case, every grader built: it cannot hold an
//! invalid value. Or [`Diagnostics`]: all mistakes that could be found at once, each with file, line, column, dotted
//! path, the line shown and underlined.
//!
//! Raw types (what was written) live in `raw`, places in `spans`, checking in `check`, files of cases in `dataset`,
//! templates in `template`, images and PDFs in `attach`, the domain types in `model`.

mod model;

pub mod diagnostic;

pub use diagnostic::{Diagnostic, Diagnostics, Severity};
pub use model::{
    Case, CaseHead, Endpoint, Limits, LoadOptions, Loaded, Message, MessageContent, Model, Overrides, Prompt, Suite,
};

use std::path::Path;

/// Reads a suite file and everything it names.
///
/// # Errors
/// Every mistake that could be found, each with its place. Nothing has been sent.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
    let _ = (path, options);
    Err(Diagnostics::default())
}

/// A case's prompt as it is sent: the `messages` of a chat request.
///
/// # Errors
/// A message that names what the template lacks. Every case of a loaded suite has been rendered once, so this is for
/// files that vanished meanwhile.
pub fn render(prompt: &Prompt, case: &Case) -> Result<serde_json::Value, String> {
    let _ = (prompt, case);
    Err(String::new())
}
