//! The line that answers the question a run was made for: which models may be as good as the best, and which of those
//! is the cheapest and the fastest.

use std::time::Duration;

use super::columns::{Line, cost_per_pass};
use crate::units::{Usd, human_duration};

/// So many names are told, the others counted.
const NAMED: usize = 6;

/// What the figures say about a choice; `None` where there is nothing to choose from.
///
/// `lines` has the best first; where that was cut off, nothing can be said of it, nor against it. Intervals that overlap are a cautious test: models whose intervals do not are apart, some
/// whose intervals do may be apart all the same.
pub(super) fn pick(lines: &[Line<'_>]) -> Option<String> {
    if lines.first()?.stopped {
        return None;
    }
    let whole: Vec<&Line<'_>> = lines.iter().filter(|line| !line.stopped && line.figures.pass > 0).collect();
    let (best, others) = whole.split_first()?;
    if others.is_empty() {
        return None;
    }
    let (low, _) = best.figures.accuracy_interval()?;
    let reaches = |line: &&&Line<'_>| line.figures.accuracy_interval().is_some_and(|(_, high)| high >= low);
    let peers: Vec<&Line<'_>> = others.iter().filter(reaches).copied().collect();
    if peers.is_empty() {
        return Some(format!("Best: {}, whose 95% interval no other reaches", name(best)));
    }
    let mut text = format!("May be as good as {} (95% intervals overlap): {}", name(best), names(&peers));
    let all: Vec<&Line<'_>> = [*best].into_iter().chain(peers).collect();
    if let Some(cheapest) = cheapest(&all) {
        text = format!("{text}. Cheapest of these: {cheapest}");
    }
    if let Some(fastest) = fastest(&all) {
        text = format!("{text}. Fastest: {fastest}");
    }
    Some(text)
}

/// The one that costs the least for a right answer, by what is known: `–` where one reported nothing at all.
fn cheapest(lines: &[&Line<'_>]) -> Option<String> {
    let of = |line: &&Line<'_>| -> Option<(Usd, String)> {
        let (text, _) = cost_per_pass(line.figures)?;
        Some((line.figures.cost_known.per(line.figures.pass)?, format!("{} ({text}/pass)", name(line))))
    };
    let known = lines.iter().map(of).collect::<Option<Vec<_>>>()?;
    let (least, text) = known.iter().min_by_key(|(amount, _)| *amount)?;
    known.iter().any(|(amount, _)| amount != least).then(|| text.clone())
}

/// The one with the lowest median latency.
fn fastest(lines: &[&Line<'_>]) -> Option<String> {
    let timed = lines.iter().filter_map(|line| Some((line.figures.latency_ms(0.5)?, line)));
    let (ms, line) = timed.min_by(|a, b| a.0.total_cmp(&b.0))?;
    let latency = Duration::try_from_secs_f64(ms / 1000.0).ok()?;
    Some(format!("{} (p50 {})", name(line), human_duration(latency)))
}

fn name(line: &Line<'_>) -> String {
    line.prompt.as_ref().map_or_else(|| line.model.clone(), |prompt| format!("{} with {prompt}", line.model))
}

fn names(lines: &[&Line<'_>]) -> String {
    let named: Vec<String> = lines.iter().take(NAMED).map(|line| name(line)).collect();
    match lines.len().saturating_sub(NAMED) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::figures::Figures;

    fn figures(pass: u64, fail: u64, ms: f64, cost: &str) -> Figures {
        let cells = pass + fail;
        let cost_known = Usd::from_json(cost).unwrap();
        Figures {
            cells,
            pass,
            fail,
            asked: cells,
            cost_reported: cells,
            cost_known,
            latencies_ms: Arc::from([ms]),
            ..Figures::default()
        }
    }

    fn line<'a>(model: &str, figures: &'a Figures) -> Line<'a> {
        Line { model: model.to_owned(), prompt: None, figures, stopped: false, names: Vec::new() }
    }

    #[test]
    fn those_within_reach_of_the_best_are_named_with_the_cheapest_and_the_fastest() {
        let (a, b, c) = (figures(36, 0, 600.0, "0.04"), figures(34, 2, 90.0, "0.001"), figures(20, 16, 10.0, "0.0001"));
        assert_eq!(
            pick(&[line("a", &a), line("b", &b), line("c", &c)]).unwrap(),
            "May be as good as a (95% intervals overlap): b. \
             Cheapest of these: b ($0.000029/pass). Fastest: b (p50 90ms)"
        );
        let unknown = Figures { cost_unknown: 36, cost_known: Usd::ZERO, ..b };
        assert_eq!(
            pick(&[line("a", &a), line("b", &unknown)]).unwrap(),
            "May be as good as a (95% intervals overlap): b. Fastest: b (p50 90ms)"
        );
    }

    #[test]
    fn a_best_model_that_no_other_reaches_is_named_alone() {
        let (a, b) = (figures(99, 1, 600.0, "0.04"), figures(50, 50, 90.0, "0.001"));
        assert_eq!(pick(&[line("a", &a), line("b", &b)]).unwrap(), "Best: a, whose 95% interval no other reaches");
    }

    #[test]
    fn what_was_cut_off_or_never_right_is_no_choice() {
        let (a, none) = (figures(3, 1, 600.0, "0.04"), figures(0, 4, 90.0, "0.001"));
        let cut = Line { stopped: true, ..line("cut", &a) };
        assert_eq!(pick(&[line("a", &a), cut, line("none", &none)]), None);
        let first = Line { stopped: true, ..line("first", &a) };
        assert_eq!(pick(&[first, line("b", &a), line("c", &a)]), None);
        assert_eq!(pick(&[]), None);
    }
}
