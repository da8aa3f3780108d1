//! Intervals and quantiles: pure functions, each with its source.
//!
//! In: counts and sorted samples. Out: `Some` figure, or `None` where the data say nothing (no trials, no samples) or
//! an argument lies outside its range; never NaN.

mod normal;
mod sample;
mod wilson;

pub use normal::inverse_normal;
pub use sample::{mean, quantile};
pub use wilson::{wilson, wilson_at_rate};
