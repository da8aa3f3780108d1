//! What happens during a run, as complete facts in the past tense. A new output is a new consumer of these, never a
//! change in the engine.

use std::time::{Duration, Instant};

use crate::journal::Verdict;
use crate::units::Usd;

/// Why the run, or one model's run, stops early. Ordered: a stronger reason replaces a weaker one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopReason {
    /// The budget is spent.
    Budget,
    /// The model's deadline passed.
    Deadline,
    /// Too many consecutive cells ended in error or timeout.
    GiveUp,
    /// The model cannot be asked: unknown, forbidden, daily cap.
    ModelGone,
    /// The key was refused or has no credit.
    Account,
    /// The journal cannot be written.
    Sink,
    /// Ctrl-C or SIGTERM.
    Interrupted,
}

impl StopReason {
    /// The word in `run.json` and in the `error_kind` of skipped cells.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Budget => "budget",
            Self::Deadline => "deadline",
            Self::GiveUp => "give_up",
            Self::ModelGone => "model_gone",
            Self::Account => "account",
            Self::Sink => "sink",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What a lane is waiting for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// The server asked for it (`Retry-After`).
    RetryAfter,
    /// Backoff after a failure.
    Backoff,
    /// `requests_per_minute`.
    RequestRate,
    /// `tokens_per_minute`.
    TokenRate,
}

/// A lane as it starts.
#[derive(Debug, Clone)]
pub struct LaneInfo {
    /// The model's name.
    pub model: String,
    /// Cells it has to ask in this run.
    pub cells: u32,
    /// Cells already done before this run was resumed, by verdict in the order of [`Verdict::ALL`].
    pub done: [u32; 5],
    /// Requests in flight at most.
    pub concurrency: u32,
}

/// A fact. `lane` is the model's index in the plan; times are `Instant`s of the engine's clock.
#[derive(Debug, Clone)]
pub enum Event {
    /// Everything is set up; the first requests are about to be sent.
    RunStarted {
        /// The lanes in plan order.
        lanes: Vec<LaneInfo>,
        /// The models that graders ask, by name.
        judges: Vec<String>,
        /// When.
        at: Instant,
    },
    /// A request was sent.
    AttemptStarted {
        /// The model.
        lane: usize,
        /// 1 for the first.
        attempt: u32,
    },
    /// A request ended without a gradable answer and will be tried again.
    AttemptFailed {
        /// The model.
        lane: usize,
        /// The attempt that failed.
        attempt: u32,
        /// `error_kind`.
        kind: String,
        /// For people.
        message: String,
        /// How long until it is tried again.
        retry_in: Duration,
    },
    /// A cell was answered, and its graders have to be waited for. The model goes on meanwhile.
    CellAnswered {
        /// The model.
        lane: usize,
        /// How many of its answers wait for their graders now.
        waiting: u32,
    },
    /// A cell ended; its record is on its way to the journal.
    CellFinished {
        /// The model.
        lane: usize,
        /// The case's id.
        case: String,
        /// What became of it.
        verdict: Verdict,
        /// `error_kind`, of cells without a gradable answer.
        kind: Option<String>,
        /// Why, for errors, timeouts and fails.
        reason: Option<String>,
        /// Of answered cells.
        latency: Option<Duration>,
        /// Of answered, streamed cells.
        ttft: Option<Duration>,
        /// What it cost, where known.
        cost: Option<Usd>,
        /// Whether an attempt was sent whose cost nobody reported.
        cost_unknown: bool,
        /// How many attempts it took.
        attempts: u32,
        /// When.
        at: Instant,
    },
    /// A lane's concurrency was cut (after 429) or won back.
    ConcurrencyChanged {
        /// The model.
        lane: usize,
        /// Requests in flight from now on.
        now: u32,
        /// Requests in flight before.
        before: u32,
    },
    /// A lane can send nothing before a point in time.
    LaneWaiting {
        /// The model.
        lane: usize,
        /// What for.
        wait: Wait,
        /// Until when.
        until: Instant,
    },
    /// A lane sends nothing before some of its answers have been graded: too many wait.
    LaneHeld {
        /// The model.
        lane: usize,
        /// How many wait.
        waiting: u32,
    },
    /// A lane sends again after having waited.
    LaneResumed {
        /// The model.
        lane: usize,
    },
    /// A lane was cut off: nothing new starts, what is in flight is cancelled, the rest is skipped.
    LaneStopped {
        /// The model.
        lane: usize,
        /// Why.
        reason: StopReason,
        /// For people.
        message: String,
        /// How many of its cells will not be asked (again). Those in flight follow with a `CellFinished` each.
        skipped: u32,
    },
    /// All cells of a lane have ended.
    LaneFinished {
        /// The model.
        lane: usize,
        /// When.
        at: Instant,
    },
    /// Something happened to a model that graders ask.
    Judge {
        /// Its place in the list of judges.
        judge: usize,
        /// What.
        event: JudgeEvent,
    },
    /// The whole run is asked to stop; lanes follow with their own events.
    StopRequested {
        /// Why.
        reason: StopReason,
        /// For people.
        message: String,
    },
    /// Nothing is in flight any more and the journal is closed.
    RunFinished {
        /// Why it stopped early, where it did.
        reason: Option<StopReason>,
        /// When.
        at: Instant,
    },
}

/// What happens to a model that graders ask. A question is one request for a chat, or for the embeddings of some texts,
/// with all its attempts.
#[derive(Debug, Clone)]
pub enum JudgeEvent {
    /// A question has come in.
    Asked,
    /// A request ended without an answer and will be tried again.
    AttemptFailed {
        /// The attempt that failed, from 1.
        attempt: u32,
        /// `error_kind`.
        kind: String,
        /// For people.
        message: String,
        /// How long until it is tried again.
        retry_in: Duration,
    },
    /// A question was answered.
    Answered {
        /// Of the request that gave the answer.
        latency: Option<Duration>,
        /// What all its requests cost, as far as known.
        cost: Option<Usd>,
        /// Whether a request was sent whose cost nobody reported.
        cost_unknown: bool,
    },
    /// A question got no answer.
    Failed {
        /// `error_kind`, or the reason for which the judge stopped.
        kind: String,
        /// For people.
        message: String,
        /// What all its requests cost, as far as known.
        cost: Option<Usd>,
        /// Whether a request was sent whose cost nobody reported.
        cost_unknown: bool,
    },
    /// Its concurrency was cut (after 429) or won back.
    ConcurrencyChanged {
        /// Requests in flight from now on.
        now: u32,
        /// Requests in flight before.
        before: u32,
    },
    /// It can be sent nothing before a point in time.
    Waiting {
        /// What for.
        wait: Wait,
        /// Until when.
        until: Instant,
    },
    /// It is asked again after having waited.
    Resumed,
    /// It was cut off: every question to it fails from now on.
    Stopped {
        /// Why.
        reason: StopReason,
        /// For people.
        message: String,
    },
}
