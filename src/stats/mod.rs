//! Intervals, quantiles, repeats and rankings: pure functions, each with its source.
//!
//! In: counts and sorted samples. Out: `Some` figure, or `None` where the data say nothing (no trials, no samples) or
//! an argument lies outside its range; never NaN.

mod bradley_terry;
mod normal;
mod repeats;
mod sample;
mod wilson;

pub use bradley_terry::{Estimate, Ranking, WinRate, Wins, bradley_terry};
pub use normal::inverse_normal;
pub use repeats::{AtK, Repeat, RepeatSummary, Vote, Votes, disagreement, pass_at_k, pass_hat_k, values_of_k, vote};
pub use sample::{mean, quantile};
pub use wilson::{wilson, wilson_at_rate};
