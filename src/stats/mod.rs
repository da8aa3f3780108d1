//! Intervals and quantiles: pure functions, each with its source.
