//! Why a command ends early, with the way on.

use std::io;

use crate::ui::{Delivery, Printer};

use super::exit::ExitStatus;

/// What is said when a command cannot go on, and the exit code that goes with it.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) status: ExitStatus,
    pub(super) message: String,
    pub(super) hints: Vec<String>,
}

impl Failure {
    /// The command line or the suite is wrong.
    pub(super) fn usage(message: impl std::fmt::Display) -> Self {
        Self { status: ExitStatus::Usage, message: message.to_string(), hints: Vec::new() }
    }

    /// It could not run or write.
    pub(super) fn cannot(message: impl std::fmt::Display) -> Self {
        Self { status: ExitStatus::CannotRun, message: message.to_string(), hints: Vec::new() }
    }

    /// What to do next.
    pub(super) fn hint(mut self, hint: impl std::fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    /// Says it, and gives the exit code.
    pub(super) fn tell(self, printer: &Printer) -> ExitStatus {
        let hints: Vec<&str> = self.hints.iter().map(String::as_str).collect();
        printer.error(&self.message, &hints);
        self.status
    }
}

/// The exit code after data went to standard output. A reader that has seen enough (`| head`) is no error.
pub(super) fn delivered(result: io::Result<Delivery>, printer: &Printer) -> ExitStatus {
    match result {
        Ok(Delivery::Written | Delivery::ReaderGone) => ExitStatus::Success,
        Err(error) => Failure::cannot(format!("cannot write to standard output: {error}")).tell(printer),
    }
}
