//! Asks the judge about every two answers, in both orders.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures::{StreamExt, stream};
use tokio_util::sync::CancellationToken;

use super::pairs::{Pair, pairs};
use super::record::{Opinion, PairRecord, Pick};
use super::store::{Store, StoreError};
use crate::engine::Asker;
use crate::grade::{Contest, Place};
use crate::journal::{CellRecord, Index, IndexError};
use crate::plan::{CellIndex, Plan, fingerprint};
use crate::suite::{Conversation, Pairwise, Suite};
use crate::units::Usd;

/// Comparisons that may wait for the judge at the same time.
const WAITING: usize = 128;

/// Answers to be compared.
#[derive(Debug)]
pub struct Compare {
    /// What was asked, and by whom to compare.
    pub suite: Arc<Suite>,
    /// The run's cells; models, prompts and cases may be a part of the suite's.
    pub plan: Arc<Plan>,
    /// The recorded answers.
    pub index: Index,
    /// Asks the judge.
    pub asker: Asker,
    /// Draws the cases, where not all are compared.
    pub seed: u64,
    /// What the run may still cost; `None`: anything.
    pub left: Option<Usd>,
    /// Where each of the plan's cases is in the suite.
    cases: Vec<Option<u32>>,
}

/// What came of comparing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Compared {
    /// Comparisons there are to make: both models have an answer.
    pub all: u64,
    /// Of those: made now or before, with an opinion in both orders.
    pub whole: u64,
    /// Of those: without an opinion in some order.
    pub failed: u64,
    /// Pairs of which one has no answer.
    pub unanswered: u64,
    /// Not made, as the budget is spent.
    pub over_budget: u64,
    /// Not made, as the run was interrupted.
    pub interrupted: u64,
}

/// Why comparing ended early.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// A recorded answer cannot be read.
    #[error(transparent)]
    Read(#[from] IndexError),
    /// A comparison cannot be kept.
    #[error(transparent)]
    Write(#[from] StoreError),
}

/// Compares every two answers that have not been compared. `done` holds the comparisons there are; `on_progress` is
/// told after each.
///
/// # Errors
/// Where an answer cannot be read or a comparison not be kept. What was kept is whole.
pub async fn compare(
    work: &Compare,
    done: &[PairRecord],
    store: &mut Store,
    cancel: &CancellationToken,
    on_progress: &mut (dyn FnMut(&Compared) + Send),
) -> Result<Compared, CompareError> {
    let mut compared = Compared::default();
    let Some(pairwise) = &work.suite.pairwise else { return Ok(compared) };
    let against = pairwise.against.as_ref().and_then(|name| work.plan.axes().models.iter().position(|m| m == name));
    let by = pairwise.fingerprint();
    let whole: HashSet<&str> =
        done.iter().filter(|record| record.is_whole()).map(|record| record.answers.as_str()).collect();
    let mut open = Vec::new();
    for pair in pairs(&work.plan, against, pairwise.cases, work.seed) {
        match work.contest(pair)? {
            None => compared.unanswered += 1,
            Some(contest) => {
                compared.all += 1;
                if whole.contains(contest.answers.as_str()) {
                    compared.whole += 1;
                } else {
                    open.push(pair);
                }
            }
        }
    }
    let ask = |pair| work.ask(pair, pairwise, &by, cancel);
    let mut asked = stream::iter(open).map(ask).buffer_unordered(WAITING);
    while let Some(fate) = asked.next().await {
        match fate? {
            Fate::OverBudget => compared.over_budget += 1,
            Fate::Interrupted(record) => {
                compared.interrupted += 1;
                if let Some(record) = record {
                    store.append(&record)?;
                }
            }
            Fate::Asked(record) => {
                *if record.is_whole() { &mut compared.whole } else { &mut compared.failed } += 1;
                store.append(&record)?;
            }
        }
        on_progress(&compared);
    }
    store.sync()?;
    Ok(compared)
}

/// What became of a comparison.
enum Fate {
    OverBudget,
    /// With what had been asked by then.
    Interrupted(Option<Box<PairRecord>>),
    Asked(Box<PairRecord>),
}

/// Two recorded answers to one question.
struct Recorded {
    a: CellRecord,
    b: CellRecord,
    /// Fingerprint of both, and of where they belong.
    answers: String,
    /// Both say the same.
    same: bool,
}

impl Compare {
    /// Gathers what comparing needs.
    pub fn new(suite: Arc<Suite>, plan: Arc<Plan>, index: Index, asker: Asker, seed: u64, left: Option<Usd>) -> Self {
        let known: HashMap<&str, u32> = suite.cases.iter().map(|case| &*case.id).zip(0..).collect();
        let cases = plan.axes().cases.iter().map(|id| known.get(&**id).copied()).collect();
        Self { suite, plan, index, asker, seed, left, cases }
    }

    /// The two answers of a pair; `None` where one is missing.
    fn contest(&self, Pair { a, b }: Pair) -> Result<Option<Recorded>, IndexError> {
        let read = |cell: CellIndex| Ok::<_, IndexError>(self.index.get(cell)?.filter(CellRecord::answered));
        let (Some(a), Some(b)) = (read(a)?, read(b)?) else { return Ok(None) };
        let said = |record: &CellRecord| {
            let calls = serde_json::to_string(&record.tool_calls).unwrap_or_default();
            fingerprint(&[
                record.output.as_deref().unwrap_or_default().trim(),
                &calls,
                record.refusal.as_deref().unwrap_or_default(),
            ])
        };
        let (of_a, of_b) = (said(&a), said(&b));
        let answers = fingerprint(&[&a.cell, &of_a, &b.cell, &of_b]);
        Ok(Some(Recorded { a, b, answers, same: of_a == of_b }))
    }

    fn is_spent(&self) -> bool {
        let Some(left) = self.left else { return false };
        self.asker.totals().iter().map(|totals| totals.cost).fold(Usd::ZERO, |sum, cost| sum + cost) >= left
    }

    async fn ask(
        &self,
        pair: Pair,
        pairwise: &Pairwise,
        by: &str,
        cancel: &CancellationToken,
    ) -> Result<Fate, IndexError> {
        if cancel.is_cancelled() {
            return Ok(Fate::Interrupted(None));
        }
        if self.is_spent() {
            return Ok(Fate::OverBudget);
        }
        let Some(Recorded { a, b, answers, same }) = self.contest(pair)? else { return Ok(Fate::Interrupted(None)) };
        let at = self.plan.cell(pair.a);
        let axes = self.plan.axes();
        let case = self.cases[at.case].and_then(|case| self.suite.cases.get(case as usize));
        let prompt = self.suite.prompts.iter().find(|prompt| prompt.id == axes.prompts[at.prompt]);
        let mut record = PairRecord {
            by: by.to_owned(),
            answers,
            prompt: a.prompt.clone(),
            case: a.case.clone(),
            repeat: a.repeat,
            a: a.model.clone(),
            b: b.model.clone(),
            a_first: None,
            b_first: None,
            same,
            error: None,
            asks: Vec::new(),
        };
        if same {
            return Ok(Fate::Asked(Box::new(record)));
        }
        let (Some(case), Some(prompt)) = (case, prompt) else {
            record.error = Some("its case or its prompt is not in the suite any more".to_owned());
            return Ok(Fate::Asked(Box::new(record)));
        };
        let (vars, expected) = (case.variables(), case.expected());
        let (of_a, of_b) = (a.answer(), b.answer());
        let conversation = Conversation { prompt, case };
        let services = self.asker.for_cell();
        let contest =
            |first, second| Contest { asked: &conversation, vars: &vars, expected: expected.as_ref(), first, second };
        let (a_first, b_first) = futures::join!(
            pairwise.judge.compare(&services, contest(&of_a, &of_b)),
            pairwise.judge.compare(&services, contest(&of_b, &of_a)),
        );
        let (a_first, b_first) = (a_first.map(|said| opinion(said, false)), b_first.map(|said| opinion(said, true)));
        record.error = a_first.as_ref().err().or(b_first.as_ref().err()).cloned();
        (record.a_first, record.b_first) = (a_first.ok(), b_first.ok());
        let was_cancelled = services.was_cancelled();
        record.asks = services.asked().await;
        Ok(match (was_cancelled, record.asks.is_empty()) {
            (true, true) => Fate::Interrupted(None),
            (true, false) => Fate::Interrupted(Some(Box::new(record))),
            (false, _) => Fate::Asked(Box::new(record)),
        })
    }
}

/// What the judge said of places, as what it says of models.
fn opinion((place, reason): (Place, String), turned: bool) -> Opinion {
    let pick = match (place, turned) {
        (Place::Tie, _) => Pick::Tie,
        (Place::First, false) | (Place::Second, true) => Pick::A,
        (Place::Second, false) | (Place::First, true) => Pick::B,
    };
    Opinion { pick, reason: Some(reason).filter(|reason| !reason.is_empty()) }
}
