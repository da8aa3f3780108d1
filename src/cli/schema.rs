//! `bench schema`: the JSON Schema of a suite, for editors.

use crate::suite;
use crate::ui::Printer;

use super::exit::ExitStatus;
use super::failure::delivered;

pub(super) fn schema(printer: &Printer) -> ExitStatus {
    delivered(printer.out(&suite::schema_text()), printer)
}
