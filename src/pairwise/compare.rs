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
use crate::plan::{CellIndex, Plan, digest, fingerprint};
use crate::suite::{Conversation, Pairwise, Suite};
use crate::units::Usd;

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
    /// What each cell's answer says, as a digest; `None` where it has none.
    said: Vec<Option<u64>>,
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
        match work.answers(pair) {
            None => compared.unanswered += 1,
            Some(answers) => {
                compared.all += 1;
                if whole.contains(answers.as_str()) {
                    compared.whole += 1;
                } else {
                    open.push((pair, answers));
                }
            }
        }
    }
    let ask = |(pair, answers)| work.ask(pair, answers, pairwise, &by, cancel);
    // No more than the judge can be asked at once: what is started is paid for, and the budget is looked at before.
    let mut asked = stream::iter(open).map(ask).buffer_unordered(work.at_once(pairwise));
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

impl Compare {
    /// Gathers what comparing needs; looks at every recorded answer once.
    ///
    /// # Errors
    /// Where an answer cannot be read.
    pub fn new(
        suite: Arc<Suite>,
        plan: Arc<Plan>,
        index: Index,
        asker: Asker,
        seed: u64,
        left: Option<Usd>,
    ) -> Result<Self, IndexError> {
        let known: HashMap<&str, u32> = suite.cases.iter().map(|case| &*case.id).zip(0..).collect();
        let cases = plan.axes().cases.iter().map(|id| known.get(&**id).copied()).collect();
        let cells = 0..u32::try_from(plan.len()).unwrap_or(u32::MAX);
        let said = |cell| Ok(index.get(CellIndex(cell))?.filter(CellRecord::answered).as_ref().map(said));
        let said = cells.map(said).collect::<Result<_, IndexError>>()?;
        Ok(Self { suite, plan, index, asker, seed, left, cases, said })
    }

    /// Fingerprint of a pair's answers and of where they belong; `None` where one is missing.
    fn answers(&self, Pair { a, b }: Pair) -> Option<String> {
        let part = |cell: CellIndex| Some(format!("{} {:016x}", self.plan.id(cell), self.said[cell.0 as usize]?));
        Some(fingerprint(&[&part(a)?, &part(b)?]))
    }

    /// How many comparisons may be on their way: each asks the judge twice.
    fn at_once(&self, pairwise: &Pairwise) -> usize {
        let name = pairwise.judge.need().model;
        let judge = self.suite.judges.iter().find(|judge| judge.name == name);
        judge.map_or(1, |judge| judge.limits.concurrency.div_ceil(2) as usize)
    }

    fn is_spent(&self) -> bool {
        self.left.is_some_and(|left| self.asker.cost() >= left)
    }

    async fn ask(
        &self,
        pair: Pair,
        answers: String,
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
        let (Some(a), Some(b)) = (self.index.get(pair.a)?, self.index.get(pair.b)?) else {
            return Ok(Fate::Interrupted(None));
        };
        let same = self.said[pair.a.0 as usize] == self.said[pair.b.0 as usize];
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

/// A digest of what an answer says; blanks around it say nothing.
fn said(record: &CellRecord) -> u64 {
    let calls = serde_json::to_string(&record.tool_calls).unwrap_or_default();
    let (text, refusal) = (record.output.as_deref().unwrap_or_default(), record.refusal.as_deref().unwrap_or_default());
    digest(&[text.trim(), &calls, refusal])
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
