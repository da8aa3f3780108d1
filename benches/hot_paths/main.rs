//! The work that is done for every chunk, cell or case: what decides how many models one machine can ask at once.
//!
//! ```text
//! cargo bench --bench hot_paths                      # everything, about two minutes
//! cargo bench --bench hot_paths -- stream grade      # what has one of these in its name
//! cargo bench --bench hot_paths -- --quick           # rough figures within half a minute
//! ```
//!
//! No network, no clock and no runtime: each figure is one function of the library on data made here. `programs` alone
//! starts processes.

mod grade;
mod journal;
mod plan;
mod programs;
mod stream;
mod suite;

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

/// Short rounds: there are many of them, and figures within a few percent are enough to see a regression.
fn config() -> Criterion {
    Criterion::default()
        .sample_size(30)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
}

criterion_group! {
    name = benches;
    config = config();
    targets = stream::decoding, suite::templates, suite::loading, plan::planning, grade::grading, programs::asking,
        journal::recording, journal::reporting
}
criterion_main!(benches);
