//! Figures as lines.

use crate::load::Load;
use crate::measure::{Took, median};

/// The medians of several rounds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) wall_s: f64,
    pub(crate) requests_per_s: f64,
    pub(crate) cpu_us: f64,
    pub(crate) peak_mib: f64,
}

impl Figures {
    pub(crate) fn of(rounds: &[Took], requests: usize) -> Self {
        let requests = requests as f64;
        let middle = |figure: fn(&Took) -> f64| median(rounds.iter().map(figure).collect());
        let wall_s = middle(|took| took.wall.as_secs_f64());
        Self {
            wall_s,
            requests_per_s: requests / wall_s,
            cpu_us: middle(|took| took.cpu.as_secs_f64()) * 1e6 / requests,
            peak_mib: middle(|took| took.peak_kib as f64) / 1024.0,
        }
    }
}

pub(crate) fn title(name: &str, load: &Load, rounds: usize) {
    let Load { models, cases, in_flight, delay, shape } = load;
    println!(
        "{name}: {models} models × {cases} cases, {in_flight} in flight a model, {delay:?}, {shape}; median of {rounds}"
    );
}

pub(crate) fn row(who: &str, figures: &Figures) {
    let Figures { wall_s, requests_per_s, cpu_us, peak_mib } = figures;
    println!(
        "  {who:<8} wall {wall_s:>8.3} s   {requests_per_s:>8.0} requests/s   {cpu_us:>7.1} µs CPU a request   \
         peak {peak_mib:>6.1} MiB"
    );
}

/// One figure beside its target; `at_most` says on which side it has to be.
pub(crate) fn target(what: &str, value: f64, unit: &str, at_most: bool, bound: f64) {
    let (sign, met) = if at_most { ("≤", value <= bound) } else { ("≥", value >= bound) };
    let verdict = if met { "met" } else { "MISSED" };
    println!("  {what}: {value:.3}{unit}   target {sign} {bound}{unit}   {verdict}");
}
