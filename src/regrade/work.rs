//! The grading itself: every recorded answer once, on all cores, new lines appended to the journal.

use std::ops::Range;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use tokio_util::sync::CancellationToken;

use crate::engine::Asker;
use crate::grade::{Services, Subject};
use crate::journal::{Appender, CellRecord, EarlierGrades, Index, IndexError, Verdict, WriterError};
use crate::plan::{CellIndex, Plan};
use crate::suite::{Conversation, Suite};

use super::changes::{Change, Changes};
use super::matching::Matching;

/// Cells that one task grades.
const PART: u32 = 1024;

/// Answers of one part that may wait for a judge at the same time.
const WAITING: usize = 64;

/// Lines are handed to the journal in blocks of about this many bytes.
const BLOCK: usize = 64 << 10;

/// A run that is graded again.
#[derive(Debug)]
pub struct Regrade {
    /// The recorded answers.
    pub index: Index,
    /// The run's cells.
    pub plan: Arc<Plan>,
    /// The suite with the new graders.
    pub suite: Arc<Suite>,
    /// Which case is which.
    pub matching: Matching,
    /// Asks what the graders ask.
    pub asker: Asker,
    /// When: RFC 3339 UTC. Answers that were graded at that time already keep their grades.
    pub at: String,
}

/// Why not all could be graded.
#[derive(Debug, thiserror::Error)]
pub enum RegradeError {
    /// A recorded answer cannot be read.
    #[error(transparent)]
    Read(#[from] IndexError),
    /// The journal cannot be written.
    #[error(transparent)]
    Write(#[from] WriterError),
}

/// Grades every recorded answer again. Once `cancel` is cancelled nothing further is graded.
///
/// # Errors
/// Where a record cannot be read or written; what was written by then is whole.
pub async fn regrade(
    work: &Arc<Regrade>,
    journal: &Appender,
    cancel: &CancellationToken,
) -> Result<Changes, RegradeError> {
    let cells = u32::try_from(work.plan.len()).unwrap_or(u32::MAX);
    let parts = (0..cells.div_ceil(PART)).map(|part| part * PART..(part * PART).saturating_add(PART).min(cells));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let start = |cells: Range<u32>| {
        let (work, journal, cancel) = (Arc::clone(work), journal.clone(), cancel.clone());
        tokio::spawn(async move { grade_part(&work, cells, &journal, &cancel).await })
    };
    let mut all = Changes::default();
    let mut running = stream::iter(parts).map(start).buffer_unordered(2 * cores);
    while let Some(part) = running.next().await {
        all.merge(part.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?);
    }
    Ok(all)
}

async fn grade_part(
    work: &Regrade,
    cells: Range<u32>,
    journal: &Appender,
    cancel: &CancellationToken,
) -> Result<Changes, RegradeError> {
    let mut changes = Changes::default();
    let mut lines = Vec::with_capacity(BLOCK + BLOCK / 4);
    let mut graded = stream::iter(cells.map(CellIndex)).map(|cell| grade_cell(work, cell, cancel)).buffered(WAITING);
    while let Some(fate) = graded.next().await {
        match fate? {
            Fate::Unanswered => changes.unanswered += 1,
            Fate::Unmatched => changes.unmatched += 1,
            Fate::Unfinished(record) => {
                changes.unfinished += 1;
                if let Some(record) = record {
                    let _ = record.to_line(&mut lines);
                }
            }
            Fate::Unchanged => {
                changes.graded += 1;
                changes.unchanged += 1;
            }
            Fate::Graded { cell, before, record, write } => {
                changes.graded += 1;
                if write != Write::No {
                    // Strings and numbers always serialise.
                    let _ = record.to_line(&mut lines);
                }
                if record.verdict != before {
                    let model = work.plan.cell(cell).model;
                    changes.add(model, Change { cell: cell.0, before, after: record.verdict, reason: why(&record) });
                }
                if lines.len() >= BLOCK || write == Write::AtOnce {
                    journal.append_line(std::mem::take(&mut lines)).await?;
                }
            }
        }
    }
    if !lines.is_empty() {
        journal.append_line(lines).await?;
    }
    Ok(changes)
}

/// What became of a cell.
enum Fate {
    Unanswered,
    Unmatched,
    /// With what had been asked by then.
    Unfinished(Option<Box<CellRecord>>),
    Unchanged,
    /// The verdict it had, and its new record.
    Graded {
        cell: CellIndex,
        before: Verdict,
        record: Box<CellRecord>,
        write: Write,
    },
}

/// Whether a record is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Write {
    /// It is there.
    No,
    /// With others.
    Soon,
    /// It was paid for.
    AtOnce,
}

async fn grade_cell(work: &Regrade, cell: CellIndex, cancel: &CancellationToken) -> Result<Fate, IndexError> {
    if cancel.is_cancelled() {
        return Ok(Fate::Unfinished(None));
    }
    let gradable = |record: &CellRecord| record.answered() || record.awaits_grading();
    let Some(mut record) = work.index.get(cell)?.filter(gradable) else { return Ok(Fate::Unanswered) };
    let at = work.plan.cell(cell);
    let prompt = work.matching.prompt(at.prompt).and_then(|prompt| work.suite.prompts.get(prompt));
    let (Some(case), Some(prompt)) = (work.matching.case(at.case, &work.suite), prompt) else {
        return Ok(Fate::Unmatched);
    };
    if record.graded_at.as_ref() == Some(&work.at) && !record.judge_failed() {
        let earlier = record.earlier.last().filter(|earlier| earlier.until == work.at);
        let before = earlier.map_or(record.verdict, |earlier| earlier.verdict);
        return Ok(Fate::Graded { cell, before, record: Box::new(record), write: Write::No });
    }
    let answer = record.answer();
    let (vars, expected) = (case.variables(), case.expected());
    let services = case.graders.waits().then(|| work.asker.for_cell());
    let graded = {
        let services: &dyn Services = services.as_ref().map_or(&(), |services| services);
        let asked = &Conversation { prompt, case };
        let subject = Subject {
            case: &case.id,
            asked,
            services,
            measured: record.measured(),
            ..Subject::new(&answer, expected.as_ref(), &vars)
        };
        case.graders.grade(subject).await
    };
    let mut asked_somebody = false;
    if let Some(services) = services {
        let was_cancelled = services.was_cancelled();
        let asks = services.asked().await;
        asked_somebody = !asks.is_empty();
        // What was asked is paid for, whatever became of it.
        record.add_asks(asks);
        if was_cancelled {
            return Ok(Fate::Unfinished(Some(Box::new(record)).filter(|_| asked_somebody)));
        }
    }
    let before = EarlierGrades {
        until: work.at.clone(),
        verdict: record.verdict,
        score: record.score,
        error: record.error.take(),
        grades: std::mem::take(&mut record.grades),
    };
    record.settle(graded);
    let same = (record.verdict, record.score, &record.error, &record.grades)
        == (before.verdict, before.score, &before.error, &before.grades);
    let verdict = before.verdict;
    if !same {
        record.earlier.push(before);
    }
    if same && !asked_somebody {
        return Ok(Fate::Unchanged);
    }
    record.graded_at = Some(work.at.clone());
    let write = if asked_somebody { Write::AtOnce } else { Write::Soon };
    Ok(Fate::Graded { cell, before: verdict, record: Box::new(record), write })
}

/// Why the verdict is what it is, in the words of the first grader that did not pass.
fn why(record: &CellRecord) -> String {
    let failed = record.grades.iter().find(|grade| grade.pass != Some(true));
    failed
        .map_or_else(String::new, |grade| format!("{}: {}", grade.grader, grade.reason.as_deref().unwrap_or_default()))
}
