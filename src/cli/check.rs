//! `bench check`: validate suites and print the plan. Asks no model; files of the hub that a suite names are downloaded,
//! as their rows are part of what is validated.

use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;

use crate::gate::Gate;
use crate::grade::withhold_from_programs;
use crate::hub::Fetch;
use crate::plan::Plan;
use crate::report::grouped;
use crate::suite::{self, DatasetFile, LoadOptions, Loaded, Outside, Overrides, Selection, Suite};
use crate::ui::{Mode, Printer};
use crate::units::limit_duration;

use super::args::{CheckArgs, OverrideArgs, SelectArgs};
use super::exit::ExitStatus;
use super::facts::Facts;
use super::failure::delivered;
use super::hub;
use super::programs;

/// Dataset files that are described one by one.
const DATA_SHOWN: usize = 20;

/// A suite with its cells multiplied out.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) suite: Suite,
    pub(super) plan: Plan,
}

pub(super) fn check(args: &CheckArgs, facts: Facts, printer: &Printer) -> ExitStatus {
    let outside = outside(hub::of(args.data, Mode::Auto, facts, printer));
    let Some(planned) = plan_all(&args.suites, &args.overrides, &args.select, outside, facts, printer) else {
        return ExitStatus::Usage;
    };
    print_plans(&planned, printer)
}

/// Prints what would be asked.
pub(super) fn print_plans(planned: &[Planned], printer: &Printer) -> ExitStatus {
    for note in planned.iter().filter_map(|planned| programs::note(&planned.suite)) {
        printer.note(&note);
    }
    let texts: Vec<String> = planned.iter().map(describe).collect();
    delivered(printer.out(&texts.join("\n")), printer)
}

/// Reads, selects and multiplies out every suite. `None`: something is wrong, and has been said, all of it.
pub(super) fn plan_all(
    paths: &[impl AsRef<Path>],
    overrides: &OverrideArgs,
    select: &SelectArgs,
    outside: Outside,
    facts: Facts,
    printer: &Printer,
) -> Option<Vec<Planned>> {
    let options = LoadOptions { overrides: overrides.to_overrides(), outside };
    let planned: Vec<Option<Planned>> =
        paths.iter().map(|path| plan_one(path.as_ref(), &options, select, facts, printer)).collect();
    planned.into_iter().collect()
}

/// What a suite may ask for besides files.
pub(super) fn outside(hub: Arc<dyn Fetch>) -> Outside {
    Outside { hub: Some(hub), ..on_this_machine() }
}

/// The same without the hub: nothing is downloaded.
pub(super) fn on_this_machine() -> Outside {
    // Nothing is typed into a terminal as a dataset: whoever names it there forgot to pipe something in.
    let is_piped = !std::io::stdin().is_terminal();
    Outside {
        variable: Some(|name| std::env::var(name).ok()),
        stdin: is_piped.then_some(|| Box::new(std::io::stdin())),
        ..Outside::default()
    }
}

fn plan_one(
    path: &Path,
    options: &LoadOptions,
    select: &SelectArgs,
    facts: Facts,
    printer: &Printer,
) -> Option<Planned> {
    let Loaded { suite, warnings } = match suite::load(path, options) {
        Ok(loaded) => loaded,
        Err(mistakes) => {
            printer.error_block(&mistakes.render(facts.color_stderr, facts.width_stderr));
            return None;
        }
    };
    if !warnings.items.is_empty() {
        printer.error_block(&warnings.render(facts.color_stderr, facts.width_stderr));
    }
    for variable in suite.models.iter().chain(&suite.judges).filter_map(|model| model.endpoint.api_key_env.as_deref()) {
        withhold_from_programs(variable);
    }
    let suite = match suite.select(&select.to_selection()) {
        Ok(suite) => suite,
        Err(error) => {
            let hint = error.hint();
            printer.error(&format!("{}: {error}", path.display()), hint.as_deref().as_slice());
            return None;
        }
    };
    let suite = without_foreign_gates(suite, printer);
    match Plan::new(suite.axes()) {
        Ok(plan) => Some(Planned { suite, plan }),
        Err(error) => {
            printer.error(&format!("{}: {error}", path.display()), &[]);
            None
        }
    }
}

/// The suite without gates on models that were not selected: nothing of this run could decide them.
fn without_foreign_gates(mut suite: Suite, printer: &Printer) -> Suite {
    let held = |gate: &Gate| suite.models.iter().any(|model| gate.holds_for(&model.name));
    let (gates, foreign): (Vec<Gate>, Vec<Gate>) = std::mem::take(&mut suite.gates).into_iter().partition(held);
    for gate in foreign {
        printer.warn(&format!("the gate `{gate}` is left out: its model is not part of this run"));
    }
    suite.gates = gates;
    suite
}

fn describe(planned: &Planned) -> String {
    let Planned { suite, plan } = planned;
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let mut lines = vec![format!("{}  {}", crate::text::one_line(&suite.name), suite.path.display())];
    lines.push(format!(
        "{} × {} × {} × {} = {}",
        count(suite.models.len(), "model"),
        count(suite.prompts.len(), "prompt"),
        count(suite.cases.len(), "case"),
        count(suite.repeat as usize, "repeat"),
        count(plan.len(), "cell"),
    ));
    lines.extend(describe_data(&suite.datasets));
    let name_width = suite.models.iter().map(|model| model.name.chars().count()).max().unwrap_or(0).min(48);
    for model in &suite.models {
        let limits = &model.limits;
        let mut facts = vec![
            format!("timeout {}", limit_duration(limits.timeout)),
            format!("{} in flight", limits.concurrency),
            count(limits.retries as usize, "retry").replace("retrys", "retries"),
        ];
        facts.extend(limits.deadline.map(|deadline| format!("deadline {}", limit_duration(deadline))));
        facts.extend(limits.requests_per_minute.map(|rate| format!("{rate} requests/min")));
        facts.extend(limits.tokens_per_minute.map(|rate| format!("{rate} tokens/min")));
        let name = crate::text::fit(&model.name, name_width);
        lines.push(format!("  {name:<name_width$}  {}  {}", facts.join(", "), model.endpoint.base_url));
    }
    for judge in &suite.judges {
        let (name, address) = (crate::text::fit(&judge.name, 48), &judge.endpoint.base_url);
        lines.push(format!("asked by graders: {name}, {} in flight, {address}", judge.limits.concurrency));
    }
    if let Some(budget) = suite.budget {
        lines.push(format!("budget {}", crate::units::human_usd(budget)));
    }
    if !suite.gates.is_empty() {
        let gates: Vec<&str> = suite.gates.iter().map(|gate| gate.text.as_str()).collect();
        lines.push(format!("gates: {}", gates.join(" · ")));
    }
    lines.push("cost: not known before the run (no price list is read); `budget` bounds it".to_owned());
    lines.join("\n") + "\n"
}

/// A line for each dataset file: how it was read, and what came of it.
fn describe_data(files: &[DatasetFile]) -> Vec<String> {
    let counts = |rows: u64, cases: u64, unit: &str| {
        let plural = |n: u64| if n == 1 { "" } else { "s" };
        format!("{} {unit}{} → {} case{}", grouped(rows), plural(rows), grouped(cases), plural(cases))
    };
    let line = |file: &DatasetFile| {
        let unit = if file.format.starts_with("files") { "file" } else { "row" };
        let path = crate::text::one_line(&file.path);
        format!("  {path}  {}, {}", file.format, counts(file.rows, file.cases, unit))
    };
    let mut lines: Vec<String> = files.iter().take(DATA_SHOWN).map(line).collect();
    if let Some(more @ [_, ..]) = files.get(DATA_SHOWN..) {
        let (rows, cases) = more.iter().fold((0, 0), |(rows, cases), file| (rows + file.rows, cases + file.cases));
        lines.push(format!("  … and {} more files, {}", more.len(), counts(rows, cases, "row")));
    }
    lines
}

impl OverrideArgs {
    /// What goes over the suite file.
    pub(super) fn to_overrides(&self) -> Overrides {
        Overrides {
            base_url: self.base_url.clone(),
            api_key_env: None,
            timeout: self.timeout,
            deadline: self.deadline,
            params: self.params.clone(),
            repeat: self.repeat,
            budget: self.budget,
            gates: self.gates.clone(),
            confidence: self.confidence,
        }
    }
}

impl SelectArgs {
    /// Which part of a suite is meant.
    pub(super) fn to_selection(&self) -> Selection {
        Selection { models: self.models.clone(), cases: self.cases.clone(), tags: self.tags.clone(), limit: self.limit }
    }
}
