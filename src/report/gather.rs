//! From records to figures: what a pass over a group of cells collects.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, Visitor};

use super::figures::Figures;
use super::judging::{Asked, Judging};
use super::repeats::Counter;
use super::scores::{GradeHead, Scores};
use super::served::is_fallback;
use super::trouble::Troubles;
use super::wall::{Sessions, Wall};
use crate::journal::{CostSource, ModelHead, Tokens, Verdict, may_have_cost};
use crate::units::Usd;

/// What the figures need of a record, read without copying it.
#[derive(Debug, Deserialize)]
pub(super) struct Measured<'a> {
    verdict: Verdict,
    #[serde(default)]
    score: Option<f64>,
    /// Whether there is any text in the answer.
    #[serde(default, rename = "output", deserialize_with = "has_text")]
    text: bool,
    #[serde(default, rename = "tool_calls", deserialize_with = "has_items")]
    calls: bool,
    #[serde(default, rename = "refusal", deserialize_with = "has_text")]
    refused: bool,
    #[serde(default, borrow)]
    error: Option<Cause<'a>>,
    #[serde(default, borrow)]
    grades: Vec<GradeHead<'a>>,
    #[serde(default, borrow)]
    attempts: Vec<Attempt<'a>>,
    #[serde(default)]
    latency_ms: Option<f64>,
    #[serde(default)]
    ttft_ms: Option<f64>,
    #[serde(default)]
    tokens: Tokens,
    /// Whether the reasoning was to be seen.
    #[serde(default)]
    reasoning: Option<IgnoredAny>,
    #[serde(default)]
    cost: Option<Usd>,
    #[serde(default)]
    cost_source: Option<CostSource>,
    #[serde(default, borrow)]
    served_model: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    finish_reason: Option<Cow<'a, str>>,
    #[serde(default, borrow)]
    started_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    ended_at: Cow<'a, str>,
    #[serde(default, borrow)]
    asks: Vec<Asked<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Cause<'a> {
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    message: Cow<'a, str>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Attempt<'a> {
    #[serde(default)]
    pub(super) ttft_ms: Option<f64>,
    #[serde(default, borrow)]
    pub(super) error: Option<Cause<'a>>,
    #[serde(default)]
    pub(super) cost: Option<Usd>,
}

impl Measured<'_> {
    /// As `CellRecord::answered`.
    fn answered(&self) -> bool {
        matches!(self.verdict, Verdict::Pass | Verdict::Fail) || self.error.as_ref().is_some_and(|e| e.kind == "grader")
    }

    /// As `CellRecord::tokens_per_second`.
    fn tokens_per_second(&self) -> Option<f64> {
        self.tokens.per_second(self.latency_ms?, self.ttft_ms?, self.reasoning.is_some())
    }

    /// Whether some of what the cell cost may be missing in its cost.
    fn cost_is_partial(&self) -> bool {
        self.attempts.iter().any(|attempt| {
            let kind = attempt.error.as_ref().map(|cause| &*cause.kind);
            // An answer's cost may have been estimated for the cell where its attempt has none.
            !(kind.is_none() && self.cost.is_some()) && may_have_cost(attempt.cost, kind, attempt.ttft_ms)
        })
    }
}

/// Collects the figures of one group.
#[derive(Debug)]
pub(super) struct Gather {
    figures: Figures,
    scores: Scores,
    repeats: Option<Counter>,
    latencies: Vec<f64>,
    ttfts: Vec<f64>,
    speeds: Vec<f64>,
    troubles: Troubles,
    pub(super) wall: Wall,
    /// What graders asked.
    pub(super) judging: Judging,
}

impl Gather {
    /// For this many cells, `repeat` of each case.
    pub(super) fn new(cells: usize, repeat: u32) -> Self {
        Self {
            figures: Figures::default(),
            scores: Scores::default(),
            repeats: Counter::new(cells, repeat),
            latencies: Vec::with_capacity(cells),
            ttfts: Vec::new(),
            speeds: Vec::new(),
            troubles: Troubles::default(),
            wall: Wall::default(),
            judging: Judging::default(),
        }
    }

    /// A planned cell without a record.
    pub(super) fn skip(&mut self, kind: &str, message: &str) {
        self.figures.cells += 1;
        self.figures.skipped += 1;
        self.troubles.add(Verdict::Skipped, kind, 1, message);
    }

    /// A cell of a case, with its last record.
    pub(super) fn add(&mut self, case: usize, cell: &Measured<'_>, served: &mut Served<'_>, sessions: &Sessions) {
        self.scores.add(case, &cell.grades);
        if let Some(repeats) = &mut self.repeats {
            repeats.add(case, cell.verdict);
        }
        let figures = &mut self.figures;
        figures.cells += 1;
        *match cell.verdict {
            Verdict::Pass => &mut figures.pass,
            Verdict::Fail => &mut figures.fail,
            Verdict::Timeout => &mut figures.timeout,
            Verdict::Error => &mut figures.error,
            Verdict::Skipped => &mut figures.skipped,
        } += 1;
        if let Some(cause) = &cell.error {
            self.troubles.add(cell.verdict, &cause.kind, 1, &cause.message);
        }
        if let (Verdict::Pass | Verdict::Fail, Some(score)) = (cell.verdict, cell.score.filter(|s| s.is_finite())) {
            figures.score_sum += score;
            figures.graded_finely |= (score - f64::from(u8::from(cell.verdict == Verdict::Pass))).abs() > 1e-9;
        }
        figures.asked += u64::from(!cell.attempts.is_empty());
        figures.attempts += cell.attempts.len() as u64;
        figures.cost_known += cell.cost.unwrap_or(Usd::ZERO);
        figures.cost_unknown += u64::from(cell.cost_is_partial());
        figures.cost_reported += u64::from(cell.cost.is_some());
        figures.cost_estimated += u64::from(cell.cost_source == Some(CostSource::Estimated));
        self.judging.add(&cell.asks);
        self.wall.add(sessions, cell.started_at.as_deref(), &cell.ended_at);
        if cell.answered() {
            self.answer(cell, served);
        }
    }

    fn answer(&mut self, cell: &Measured<'_>, served: &mut Served<'_>) {
        let figures = &mut self.figures;
        figures.answered += 1;
        figures.prompt_tokens.add(cell.tokens.prompt);
        figures.completion_tokens.add(cell.tokens.completion);
        figures.cut += u64::from(cell.finish_reason.as_deref() == Some("length"));
        figures.empty += u64::from(!(cell.text || cell.calls || cell.refused));
        figures.fallbacks += u64::from(cell.served_model.as_deref().is_some_and(|model| served.by_another(model)));
        self.latencies.extend(cell.latency_ms.filter(|ms| ms.is_finite()));
        self.ttfts.extend(cell.ttft_ms.filter(|ms| ms.is_finite()));
        self.speeds.extend(cell.tokens_per_second().filter(|speed| speed.is_finite()));
    }

    pub(super) fn finish(self) -> Figures {
        Figures {
            scores: self.scores.sorted(),
            repeats: self.repeats.map(Counter::finish),
            latencies_ms: sorted(self.latencies),
            ttfts_ms: sorted(self.ttfts),
            tokens_per_s: sorted(self.speeds),
            wall: self.wall.total(),
            troubles: self.troubles.sorted(),
            ..self.figures
        }
    }
}

pub(super) fn sorted(mut values: Vec<f64>) -> Arc<[f64]> {
    values.sort_unstable_by(f64::total_cmp);
    values.into()
}

/// The figures of several groups as one. `wall` is theirs together.
pub(super) fn total(parts: &[Figures], wall: &Wall) -> Figures {
    // A suite has one prompt as a rule: then the lists of a million values are shared, not copied.
    if let [only] = parts {
        return only.clone();
    }
    let mut total = Figures { wall: wall.total(), ..Figures::default() };
    let mut troubles = Troubles::default();
    let mut scores = Scores::default();
    for part in parts {
        total.cells += part.cells;
        total.pass += part.pass;
        total.fail += part.fail;
        total.timeout += part.timeout;
        total.error += part.error;
        total.skipped += part.skipped;
        total.answered += part.answered;
        total.score_sum += part.score_sum;
        total.graded_finely |= part.graded_finely;
        total.prompt_tokens.merge(part.prompt_tokens);
        total.completion_tokens.merge(part.completion_tokens);
        total.cost_known += part.cost_known;
        total.cost_unknown += part.cost_unknown;
        total.cost_reported += part.cost_reported;
        total.cost_estimated += part.cost_estimated;
        total.asked += part.asked;
        total.attempts += part.attempts;
        total.fallbacks += part.fallbacks;
        total.cut += part.cut;
        total.empty += part.empty;
        troubles.merge(&part.troubles);
        scores.merge(&part.scores);
        if let Some(repeats) = &part.repeats {
            total.repeats.get_or_insert_default().merge(repeats);
        }
    }
    let all = |list: fn(&Figures) -> &[f64]| sorted(parts.iter().flat_map(list).copied().collect());
    total.latencies_ms = all(|part| &part.latencies_ms);
    total.ttfts_ms = all(|part| &part.ttfts_ms);
    total.tokens_per_s = all(|part| &part.tokens_per_s);
    total.troubles = troubles.sorted();
    total.scores = scores.sorted();
    total
}

/// Remembers which names that served a model are another model.
#[derive(Debug)]
pub(super) struct Served<'a> {
    model: &'a ModelHead,
    known: HashMap<String, bool>,
}

impl<'a> Served<'a> {
    pub(super) fn new(model: &'a ModelHead) -> Self {
        Self { model, known: HashMap::new() }
    }

    fn by_another(&mut self, served: &str) -> bool {
        if let Some(&known) = self.known.get(served) {
            return known;
        }
        let another = is_fallback(&self.model.id, self.model.fallbacks(), served);
        // A server may call itself something else every time.
        if self.known.len() < 1000 {
            self.known.insert(served.to_owned(), another);
        }
        another
    }
}

/// Whether a text has anything but white space in it, without keeping it.
fn has_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    struct HasText;

    impl<'de> Visitor<'de> for HasText {
        type Value = bool;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }

        fn visit_str<E>(self, text: &str) -> Result<bool, E> {
            Ok(!text.trim().is_empty())
        }

        fn visit_none<E>(self) -> Result<bool, E> {
            Ok(false)
        }

        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(false)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
            deserializer.deserialize_str(self)
        }
    }

    deserializer.deserialize_option(HasText)
}

fn has_items<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(!Vec::<serde::de::IgnoredAny>::deserialize(deserializer)?.is_empty())
}
