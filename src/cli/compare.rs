//! The phase behind a run that compares answers two at a time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::engine::Asker;
use crate::journal::{Index, Locked};
use crate::pairwise::{Compare, Compared, Store, compare, read_comparisons};
use crate::plan::Plan;
use crate::report::grouped;
use crate::suite::Suite;
use crate::ui::Printer;
use crate::units::{Usd, human_usd};

use super::failure::Failure;

/// How often it is told how far it is.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Compares the answers of a run whose suite wants that. `true`: all that could be compared was, or the budget ended it.
pub(super) async fn compare_answers(
    locked: &Locked,
    suite: &Arc<Suite>,
    plan: &Arc<Plan>,
    asker: Asker,
    seed: u64,
    cancel: &CancellationToken,
    printer: &Printer,
) -> Result<bool, Failure> {
    let Some(pairwise) = &suite.pairwise else { return Ok(true) };
    let folder = locked.folder();
    let index = Index::read(&folder.journal(), plan).map_err(Failure::cannot)?;
    let done = read_comparisons(folder, &pairwise.fingerprint()).map_err(Failure::cannot)?;
    let asked = done.iter().flat_map(|record| &record.asks).filter_map(|ask| ask.cost);
    let spent = asked.fold(index.spent, |sum, cost| sum + cost);
    let left = suite.budget.map(
        |budget| {
            if spent >= budget { Usd::ZERO } else { Usd::new(budget.decimal() - spent.decimal()) }
        },
    );
    let mut store = Store::open(locked).map_err(Failure::cannot)?;
    let work = Compare::new(Arc::clone(suite), Arc::clone(plan), index, asker, seed, left).map_err(Failure::cannot)?;
    let mut told = Instant::now();
    let total = work.asker.clone();
    let compared = compare(&work, &done, &mut store, cancel, &mut |compared| {
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            printer.note(&format!(
                "pairwise: {} of {} compared, {}",
                grouped(compared.whole + compared.failed),
                grouped(compared.all),
                human_usd(total.cost())
            ));
        }
    })
    .await
    .map_err(Failure::cannot)?;
    tell(&compared, printer);
    Ok(compared.interrupted == 0)
}

fn tell(compared: &Compared, printer: &Printer) {
    let Compared { all, failed, unanswered, over_budget, interrupted, .. } = *compared;
    if unanswered > 0 {
        printer.note(&format!("pairwise: {} pairs lack an answer and were not compared", grouped(unanswered)));
    }
    if failed > 0 {
        printer.warn(&format!(
            "pairwise: of {} comparisons {} failed; `--resume` asks them again",
            grouped(all),
            grouped(failed)
        ));
    }
    if over_budget > 0 {
        printer.warn(&format!("pairwise: the budget is spent: {} comparisons were not made", grouped(over_budget)));
    }
    if interrupted > 0 {
        let more = "`--resume` asks only what is missing";
        printer.note(&format!("pairwise: interrupted with {} comparisons left: {more}", grouped(interrupted)));
    }
}
