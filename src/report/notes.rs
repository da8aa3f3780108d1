//! What a reader of the figures must know besides: why a model stopped, what went wrong, which sums lack parts.

use std::fmt::Write as _;

use super::figures::{Figures, ModelSummary};
use super::number::grouped;
use super::run::Run;
use crate::journal::{LaneEnding, Verdict};
use crate::text;

/// One remark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The model it is about; `None`: the run.
    pub model: Option<String>,
    /// A word from a fixed list: `unfinished`, `journal`, `replaced`, `stopped`, `errors`, `cost_unknown`,
    /// `cost_estimated`, `cut`, `empty`, `fallbacks`, `judged`, `repeats`, `scores`, `pairwise`.
    pub kind: &'static str,
    /// For people: one line, fit to print.
    pub text: String,
}

/// All remarks on a run: those on the run, then model by model in plan order, then the models that graders asked.
pub fn notes(run: &Run) -> Vec<Note> {
    let mut notes = Notes(Vec::new());
    on_run(run, &mut notes);
    for model in &run.summary().models {
        on_model(run, model, &mut notes);
    }
    for judge in &run.summary().judges {
        notes.add(None, "judged", &judge.note());
    }
    notes.0
}

struct Notes(Vec<Note>);

impl Notes {
    fn add(&mut self, model: Option<&str>, kind: &'static str, text: &str) {
        let text = text::one_line(text).into_owned();
        self.0.push(Note { model: model.map(|model| text::one_line(model).into_owned()), kind, text });
    }
}

fn on_run(run: &Run, notes: &mut Notes) {
    let index = run.index();
    match &run.manifest().ended {
        None if run.is_running() => notes.add(None, "unfinished", "the run is still going"),
        None => notes.add(None, "unfinished", "the run was killed before its end; `--resume` asks what is left"),
        Some(ended) if ended.reason != "finished" => {
            let mut text = format!("the run ended early ({})", ended.reason);
            if let Some(message) = ended.message.as_ref().filter(|message| **message != ended.reason) {
                let _ = write!(text, ": {}", text::excerpt(message, 400));
            }
            notes.add(None, "unfinished", &text);
        }
        Some(_) => {}
    }
    if index.damaged > 0 {
        let text =
            format!("{} of the journal could not be read and {} left out", lines(index.damaged), was(index.damaged));
        notes.add(None, "journal", &text);
    }
    if index.unknown > 0 {
        notes.add(None, "journal", &format!("{} of the journal belong to no planned cell", lines(index.unknown)));
    }
    if let Some(error) = run.unread_comparisons() {
        notes.add(None, "pairwise", &format!("the comparisons cannot be read: {error}"));
    }
    if index.replaced > 0 {
        let results = count(index.replaced, "earlier result was", "earlier results were");
        let text = format!("{results} replaced after a resumption");
        notes.add(None, "replaced", &text);
    }
    if run.manifest().regraded.last().is_some_and(|regrading| regrading.unfinished) {
        notes.add(None, "regrading", "grading again was stopped before its end: some answers have the grades they had");
    }
    let asked = || run.summary().models.iter().map(|model| &model.total).filter(|figures| figures.asked > 0);
    let judges = &run.summary().judges;
    let unknown = asked().any(|figures| figures.cost_unknown > 0) || judges.iter().any(|judge| judge.cost_unknown > 0);
    if run.manifest().budget.is_some() && unknown {
        notes.add(None, "budget", "the budget could not be kept in full: it counts reported costs only");
    }
    if no_cost_at_all(run) {
        notes.add(None, "cost_unknown", "no cost was reported");
    }
    if run.summary().models.iter().any(|model| model.total.scores.more) {
        notes.add(None, "scores", "there are too many names of graders: only the first have scores of their own");
    }
}

/// Whether nobody reported what anything cost, as local endpoints do not: one remark says it for all models.
fn no_cost_at_all(run: &Run) -> bool {
    let models = &run.summary().models;
    let mut asked = models.iter().map(|model| &model.total).filter(|figures| figures.asked > 0).peekable();
    models.len() > 1 && asked.peek().is_some() && asked.all(has_no_cost)
}

fn has_no_cost(figures: &Figures) -> bool {
    figures.asked > 0 && figures.cost_unknown == figures.asked && figures.cost_known == crate::units::Usd::ZERO
}

fn on_model(run: &Run, model: &ModelSummary, notes: &mut Notes) {
    let Figures { answered, skipped, error, .. } = model.total;
    let figures = &model.total;
    let mut add = |kind, text: &str| notes.add(Some(&model.name), kind, text);
    // Where the whole run stopped for this reason, the remark on the run has said so.
    let alone = |ending: &&LaneEnding| run.manifest().ended.as_ref().is_none_or(|ended| ended.reason != ending.reason);
    if let Some(ending) = model.ending.as_ref().filter(alone) {
        let mut text = format!("cut off ({}): {}", ending.reason, text::excerpt(&ending.message, 400));
        if skipped > 0 {
            let _ = write!(text, "; {} skipped", count(skipped, "cell", "cells"));
        }
        add("stopped", &text);
    }
    if error > 0 {
        add("errors", &errors(figures));
    }
    if has_no_cost(figures) {
        if !no_cost_at_all(run) {
            add("cost_unknown", "no cost was reported");
        }
    } else if figures.cost_unknown > 0 {
        // Without the number of cells, so that one line does for many models; JSON has it.
        add("cost_unknown", "a part of the cost is unknown, the rest is shown with ≥");
    }
    if figures.cost_estimated > 0 {
        let cells = count(figures.cost_estimated, "cell", "cells");
        add("cost_estimated", &format!("cost of {cells} estimated from tokens and prices"));
    }
    let of_answers = |n: u64, what: &str| format!("{} of {} answers {what}", grouped(n), grouped(answered));
    if figures.cut > 0 {
        add("cut", &of_answers(figures.cut, "cut off by `max_tokens`"));
    }
    if figures.empty > 0 {
        add("empty", &of_answers(figures.empty, "empty"));
    }
    if let Some(repeats) = figures.repeats.filter(|repeats| repeats.whole < repeats.cases) {
        let left = count(repeats.cases - repeats.whole, "case has", "cases have");
        add("repeats", &format!("{left} fewer than {0} repeats that count: not in pass@{0} and pass^{0}", repeats.k));
    }
    if figures.fallbacks > 0 {
        add("fallbacks", &of_answers(figures.fallbacks, "came from another model (`served_model`)"));
    }
}

/// `5 errors (provider 3, connect 2), such as: …`.
fn errors(figures: &Figures) -> String {
    let troubles = || figures.troubles.iter().filter(|trouble| trouble.verdict == Verdict::Error);
    let kinds: Vec<String> =
        troubles().take(3).map(|trouble| format!("{} {}", trouble.kind, grouped(trouble.count))).collect();
    let named: u64 = troubles().take(3).map(|trouble| trouble.count).sum();
    let mut text = count(figures.error, "error", "errors");
    if !kinds.is_empty() {
        let other = figures.error - named;
        let other = if other > 0 { format!(", other {}", grouped(other)) } else { String::new() };
        let _ = write!(text, " ({}{other})", kinds.join(", "));
    }
    if let Some(first) = troubles().find(|trouble| !trouble.example.is_empty()) {
        let _ = write!(text, ", such as: {}", text::fit(&first.example, 200));
    }
    text
}

fn count(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

fn lines(n: u64) -> String {
    count(n, "line", "lines")
}

fn was(n: u64) -> &'static str {
    if n == 1 { "was" } else { "were" }
}
