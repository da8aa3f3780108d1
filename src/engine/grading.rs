//! What graders say of an answer: at once, or after having asked a model or a program.
//!
//! In: an answer and its cell. Out: the cell's record with grades and verdict. An answer whose graders wait is graded in
//! a task of its own ([`grade_waiting`]), which holds no slot of the model that gave it.

use std::future::poll_fn;
use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use futures::FutureExt;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::task::block_in_place;
use tokio_util::sync::CancellationToken;

use crate::grade::{self, Answer, Services, Subject};
use crate::journal::{CellRecord, ErrorInfo, Verdict};
use crate::plan::CellIndex;
use crate::suite::Conversation;

use super::attempt::{LaneContext, line_of};
use super::dispatch::Graded;

/// Answers from this many bytes on are graded apart.
const LARGE_ANSWER: usize = 64 << 10;

/// Grades an answer of which `record` says what was measured.
pub(super) async fn grade(
    lane: &LaneContext,
    cell: CellIndex,
    answer: &Answer,
    record: &CellRecord,
    services: &dyn Services,
) -> grade::Graded {
    let case = lane.case(cell);
    let (vars, expected) = (case.variables(), case.expected());
    let measured = record.measured();
    let asked = &Conversation { prompt: lane.prompt(cell), case };
    let subject =
        Subject { case: &case.id, asked, services, measured, ..Subject::new(answer, expected.as_ref(), &vars) };
    let grading = case.graders.grade(subject);
    if answer.text.len() < LARGE_ANSWER { grading.await } else { apart(grading, &lane.run.heavy).await }
}

/// Megabytes take a grader long enough for other models' bytes to wait, and their clocks with them. So only as many as
/// leave a core free are graded at once, and not on a worker. A grader that then waits for somebody keeps nobody else
/// from being graded.
async fn apart<T>(grading: impl Future<Output = T>, heavy: &Semaphore) -> T {
    if !matches!(Handle::current().runtime_flavor(), RuntimeFlavor::MultiThread) {
        return grading.await;
    }
    let mut grading = pin!(grading);
    // Never closed, so a permit always comes.
    let permit = heavy.acquire().await;
    let first = poll_fn(|context| Poll::Ready(block_in_place(|| grading.as_mut().poll(context)))).await;
    drop(permit);
    match first {
        Poll::Ready(graded) => graded,
        Poll::Pending => poll_fn(|context| block_in_place(|| grading.as_mut().poll(context))).await,
    }
}

/// Grades an answer whose graders wait for somebody; without a record, the one in the journal. Where `stop` comes first
/// the cell is left as `skipped`, with all that is known of its answer, to be graded when the run is taken up again.
pub(super) async fn grade_waiting(
    lane: Arc<LaneContext>,
    cell: CellIndex,
    record: Option<Box<CellRecord>>,
    stop: CancellationToken,
) -> Graded {
    let index = lane.index;
    let read = || lane.run.answered.read(cell);
    let mut record = match record.map_or_else(read, |record| Ok(*record)) {
        Ok(record) => record,
        Err(message) => {
            let mut record = lane.blank(cell, std::time::Instant::now());
            fail(&mut record, message);
            return Graded { lane: index, cell, line: Some(line_of(&record)), record };
        }
    };
    let answer = record.answer();
    let services = lane.run.asker.as_ref().map(super::ask::Asker::for_cell);
    let graded = {
        let services: &dyn Services = services.as_ref().map_or(&(), |services| services);
        let grading = AssertUnwindSafe(grade(&lane, cell, &answer, &record, services)).catch_unwind();
        tokio::select! {
            biased;
            graded = grading => Some(graded),
            () = stop.cancelled() => None,
        }
    };
    let mut cancelled = graded.is_none();
    if let Some(services) = services {
        cancelled |= services.was_cancelled();
        record.add_asks(services.asked().await);
    }
    match graded {
        Some(Ok(graded)) if !cancelled => record.settle(graded),
        Some(Err(_)) => {
            fail(&mut record, "internal error: a grader panicked; please report this as a bug".to_owned());
        }
        // Told and written without a line: the dispatcher knows why it stopped.
        _ => {
            (record.verdict, record.score) = (Verdict::Skipped, None);
            return Graded { lane: index, cell, record, line: None };
        }
    }
    lane.run.with_prior(cell, &mut record);
    Graded { lane: index, cell, line: Some(line_of(&record)), record }
}

fn fail(record: &mut CellRecord, message: String) {
    (record.verdict, record.score) = (Verdict::Error, None);
    record.error = Some(ErrorInfo { kind: "grader".to_owned(), message });
}
