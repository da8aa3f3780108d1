//! What a command writes when its runs have ended: files, CSV on standard output, the table, the gates.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::gate::Outcome;
use crate::journal::RunFolder;
use crate::report::{
    CsvStyle, GateResult, ReportError, Run, TableStyle, Target, json, judge_gates, results_csv, summary_csv, table,
};
use crate::ui::{Delivery, Printer, Role};

use super::args::OutputArgs;
use super::exit::Facts as ExitFacts;
use super::facts::Facts;
use super::failure::Failure;

/// The outputs that were asked for, each found writable.
#[derive(Debug)]
pub(super) struct Outputs {
    csv: Option<Target>,
    summary_csv: Option<Target>,
    json: Option<Target>,
    style: CsvStyle,
}

impl Outputs {
    /// Opens every output, before anything is sent.
    pub(super) fn open(args: &OutputArgs) -> Result<Self, Failure> {
        let open = |path: &Option<PathBuf>| path.as_deref().map(Target::open).transpose().map_err(Failure::cannot);
        let outputs = Self {
            csv: open(&args.csv)?,
            summary_csv: open(&args.summary_csv)?,
            json: open(&args.json)?,
            style: CsvStyle { raw: args.csv_raw, scores: args.scores },
        };
        let targets: Vec<&Target> = outputs.targets().collect();
        let clash =
            targets.iter().enumerate().find(|(at, target)| targets[..*at].iter().any(|seen| seen.is_same(target)));
        match clash {
            Some((_, target)) => Err(Failure::usage(format!("two outputs go to {}", target.path().display()))),
            None => Ok(outputs),
        }
    }

    /// Refuses an output that would replace what the run reads or lives from.
    pub(super) fn spare(&self, precious: &[PathBuf]) -> Result<(), Failure> {
        let precious: Vec<PathBuf> = precious.iter().map(|path| canonical(path)).collect();
        match self.targets().find(|target| !target.is_stdout() && precious.contains(&canonical(target.path()))) {
            Some(target) => {
                Err(Failure::usage(format!("{} is no place for an output: the run needs it", target.path().display())))
            }
            None => Ok(()),
        }
    }

    fn targets(&self) -> impl Iterator<Item = &Target> {
        [&self.csv, &self.summary_csv, &self.json].into_iter().flatten()
    }

    /// Whether standard output carries data that a table would spoil.
    fn to_stdout(&self) -> bool {
        self.targets().any(Target::is_stdout)
    }
}

/// The path without links and dots, also where its last part does not exist yet.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
    })
}

/// Writes every output of these runs, prints the table, and enters what decides the exit code.
pub(super) fn report_runs(
    folders: &[RunFolder],
    outputs: &Outputs,
    facts: Facts,
    printer: &Printer,
    exit: &mut ExitFacts,
) -> Result<(), Failure> {
    let runs = folders.iter().map(Run::open).collect::<Result<Vec<_>, _>>().map_err(Failure::cannot)?;
    let gates: Vec<Vec<GateResult>> = runs.iter().map(judge_gates).collect();
    let mut results = Results { runs: &runs, style: outputs.style, printer, exit };
    for (run, folder) in runs.iter().zip(folders) {
        let own = Results { runs: std::slice::from_ref(run), ..results.reborrow() };
        own.write_folder(folder);
    }
    results.write_all(outputs, &gates);
    show(&runs, &gates, outputs, facts, printer, exit);
    for gate in gates.iter().flatten() {
        exit.gates.push(gate.outcome);
    }
    let graded = |run: &Run| run.summary().models.iter().all(|model| model.total.counted() > 0);
    exit.ungraded |= !runs.iter().all(graded);
    Ok(())
}

/// Runs to be written, and where failures are noted: one output that fails does not keep the others from being written.
struct Results<'a> {
    runs: &'a [Run],
    style: CsvStyle,
    printer: &'a Printer,
    exit: &'a mut ExitFacts,
}

impl Results<'_> {
    fn reborrow(&mut self) -> Results<'_> {
        Results { runs: self.runs, style: self.style, printer: self.printer, exit: self.exit }
    }

    /// `results.csv` and `summary.csv` in the run's own folder.
    fn write_folder(mut self, folder: &RunFolder) {
        let (runs, style) = (self.runs, self.style);
        self.write_file(&folder.path().join("results.csv"), |out| results_csv(runs, style, out));
        self.write_file(&folder.path().join("summary.csv"), |out| summary_csv(runs, style, out));
    }

    fn write_file(&mut self, path: &std::path::Path, render: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>) {
        match Target::open(path) {
            Ok(target) => self.write(&target, render),
            Err(error) => self.failed(&error),
        }
    }

    fn write_all(&mut self, outputs: &Outputs, gates: &[Vec<GateResult>]) {
        let (runs, style) = (self.runs, self.style);
        if let Some(target) = &outputs.csv {
            self.write(target, |out| results_csv(runs, style, out));
        }
        if let Some(target) = &outputs.summary_csv {
            self.write(target, |out| summary_csv(runs, style, out));
        }
        if let Some(target) = &outputs.json {
            let gates: Vec<Vec<serde_json::Value>> =
                gates.iter().map(|gates| gates.iter().map(GateResult::to_json).collect()).collect();
            self.write(target, |out| json(runs, &gates, out));
        }
    }

    fn write(&mut self, target: &Target, render: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>) {
        match target.write(&mut Stdout(self.printer), render) {
            Err(error) if !error.is_broken_pipe() => self.failed(&error),
            _ => {}
        }
    }

    fn failed(&mut self, error: &dyn std::fmt::Display) {
        self.exit.unwritten = true;
        self.printer.error(error, &["`bench report RUN` writes every output again from the run's journal"]);
    }
}

/// Prints table and gates: on standard output, or with the talk where standard output carries data.
fn show(
    runs: &[Run],
    gates: &[Vec<GateResult>],
    outputs: &Outputs,
    facts: Facts,
    printer: &Printer,
    exit: &mut ExitFacts,
) {
    let stdout_is_taken = outputs.to_stdout();
    let (width, palette) = if stdout_is_taken {
        (facts.width_stderr, printer.stderr_palette())
    } else {
        (facts.width_stdout, printer.stdout_palette())
    };
    let color = if stdout_is_taken { facts.color_stderr } else { facts.color_stdout };
    let mut text = table(runs, &TableStyle { width, color, scores: outputs.style.scores });
    for gate in gates.iter().flatten() {
        let role = match gate.outcome {
            Outcome::Passed => Role::Pass,
            Outcome::Failed => Role::Fail,
            Outcome::Inconclusive => Role::Warning,
        };
        text.extend([palette.paint(role, &gate.line).to_string(), "\n".to_owned()]);
    }
    if stdout_is_taken {
        printer.talk_block(&text);
        return;
    }
    if let Err(error) = printer.out(&text) {
        exit.unwritten = true;
        printer.error(&format!("cannot write to standard output: {error}"), &[]);
    }
}

/// Standard output by way of the printer, so that nothing is torn.
pub(super) struct Stdout<'a>(pub(super) &'a Printer);

impl Write for Stdout<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.out_bytes(bytes)? {
            Delivery::Written => Ok(bytes.len()),
            Delivery::ReaderGone => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
