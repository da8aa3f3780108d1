//! `bench report`: write a run's outputs again from its journal.

use crate::ui::Printer;

use super::args::ReportArgs;
use super::exit::{ExitStatus, Facts as ExitFacts};
use super::facts::Facts;
use super::failure::Failure;
use super::folders;
use super::outputs::{Outputs, report_runs};

pub(super) fn report(args: &ReportArgs, facts: Facts, printer: &Printer) -> ExitStatus {
    execute(args, facts, printer).unwrap_or_else(|failure| failure.tell(printer))
}

fn execute(args: &ReportArgs, facts: Facts, printer: &Printer) -> Result<ExitStatus, Failure> {
    let folder = folders::find(&args.run)?;
    let outputs = Outputs::open(&args.outputs)?;
    let mut exit = ExitFacts::default();
    report_runs(&[folder], &outputs, facts, printer, &mut exit)?;
    Ok(exit.status())
}
