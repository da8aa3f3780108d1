//! An lm-eval task → a suite.
//!
//! `task` reads the task with what it includes and makes the suite; `data` says where its rows lie on the hub; `grading`
//! turns metrics and filters into graders.

mod data;
mod grading;
mod task;

pub(super) use task::import;
