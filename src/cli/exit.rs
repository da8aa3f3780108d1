//! The exit codes, and how a run's end becomes one.

use std::process::ExitCode;

use crate::engine::StopReason;
use crate::gate::Outcome;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ExitStatus {
    /// 0: ran, and every gate passed.
    Success = 0,
    /// 1: a gate failed.
    GateFailed = 1,
    /// 2: the command line or the suite is wrong; nothing was sent.
    Usage = 2,
    /// 3: a gate could not be decided, or no cell of some model could be graded.
    Inconclusive = 3,
    /// 4: could not run or write: no key, key refused, no credit, disk.
    CannotRun = 4,
    /// 130: interrupted; partial results are on disk.
    Interrupted = 130,
}

impl From<ExitStatus> for ExitCode {
    fn from(status: ExitStatus) -> Self {
        Self::from(status as u8)
    }
}

/// What of a run decides its exit code.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// Why the run as a whole stopped early.
    pub stop: Option<StopReason>,
    /// Some model's key was refused or has no credit.
    pub account: bool,
    /// What each gate came to.
    pub gates: Vec<Outcome>,
    /// No cell of some model could be graded.
    pub ungraded: bool,
    /// An output could not be written.
    pub unwritten: bool,
}

impl Facts {
    /// The exit code. What keeps the run from being judged comes before any judgement; a failed gate before an
    /// undecided one, as more cells could not mend it.
    pub fn status(&self) -> ExitStatus {
        let cannot =
            self.account || self.unwritten || matches!(self.stop, Some(StopReason::Account | StopReason::Sink));
        if self.stop == Some(StopReason::Interrupted) {
            ExitStatus::Interrupted
        } else if cannot {
            ExitStatus::CannotRun
        } else if self.gates.contains(&Outcome::Failed) {
            ExitStatus::GateFailed
        } else if self.ungraded || self.gates.contains(&Outcome::Inconclusive) {
            ExitStatus::Inconclusive
        } else {
            ExitStatus::Success
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_becomes_one_code() {
        let gates = |gates: &[Outcome]| Facts { gates: gates.to_vec(), ..Facts::default() };
        let stopped = |stop| Facts { stop: Some(stop), ..gates(&[Outcome::Failed]) };
        for (facts, want) in [
            (Facts::default(), ExitStatus::Success),
            (gates(&[Outcome::Passed]), ExitStatus::Success),
            (gates(&[Outcome::Passed, Outcome::Inconclusive]), ExitStatus::Inconclusive),
            (gates(&[Outcome::Inconclusive, Outcome::Failed]), ExitStatus::GateFailed),
            (Facts { ungraded: true, ..Facts::default() }, ExitStatus::Inconclusive),
            (Facts { ungraded: true, ..gates(&[Outcome::Failed]) }, ExitStatus::GateFailed),
            (Facts { unwritten: true, ..Facts::default() }, ExitStatus::CannotRun),
            (Facts { account: true, ..gates(&[Outcome::Failed]) }, ExitStatus::CannotRun),
            (stopped(StopReason::Interrupted), ExitStatus::Interrupted),
            (stopped(StopReason::Account), ExitStatus::CannotRun),
            (stopped(StopReason::Sink), ExitStatus::CannotRun),
            (stopped(StopReason::Budget), ExitStatus::GateFailed),
        ] {
            assert_eq!(facts.status(), want, "{facts:?}");
        }
    }
}
