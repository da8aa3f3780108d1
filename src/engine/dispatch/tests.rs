use super::*;
use crate::journal::Tokens;
use crate::openrouter::{ApiError, ErrorKind, Scope};
use crate::plan::CellIndex;

const REASONS: [StopReason; 7] = [
    StopReason::Budget,
    StopReason::Deadline,
    StopReason::GiveUp,
    StopReason::ModelGone,
    StopReason::Account,
    StopReason::Sink,
    StopReason::Interrupted,
];

struct Bench {
    dispatcher: Dispatcher,
    start: Instant,
    sent: Vec<(usize, Job)>,
    events: Vec<Event>,
    recorded: Vec<CellRecord>,
    cancelled: Vec<usize>,
    /// Answers at their graders: lane, record.
    grading: Vec<(usize, CellIndex, Option<CellRecord>)>,
    grading_cancelled: bool,
    abandoned: Vec<(usize, u32)>,
}

fn limits(concurrency: u32) -> Limits {
    Limits { concurrency, retries: 0, ..Limits::default() }
}

fn bench(lanes: &[(Limits, usize)], cells: u32, budget: Option<&str>, concurrency: Option<u32>) -> Bench {
    let start = Instant::now();
    let plan = |(index, (limits, account)): (usize, &(Limits, usize))| {
        let first = u32::try_from(index).unwrap() * cells;
        LanePlan {
            model: format!("m{index}"),
            limits: limits.clone(),
            account: *account,
            cells: first..first + cells,
            tokens_each: 1,
        }
    };
    let plans: Vec<LanePlan> = lanes.iter().enumerate().map(plan).collect();
    let done: Arc<[Option<Verdict>]> = vec![None; lanes.len() * cells as usize].into();
    let budget = budget.map(|amount| amount.parse().unwrap());
    let dispatcher = Dispatcher::new(plans, &done, &Vec::new().into(), budget, Usd::ZERO, concurrency, 1, start);
    let (sent, events, recorded) = (Vec::new(), Vec::new(), Vec::new());
    Bench {
        dispatcher,
        start,
        sent,
        events,
        recorded,
        cancelled: Vec::new(),
        grading: Vec::new(),
        grading_cancelled: false,
        abandoned: Vec::new(),
    }
}

impl Bench {
    fn on(&mut self, now: Instant, input: Input) {
        let mut effects = Vec::new();
        self.dispatcher.on(now, input, &mut effects);
        for effect in effects {
            match effect {
                Effect::Send(lane, job) => self.sent.push((lane, job)),
                Effect::Cancel(lane) => self.cancelled.push(lane),
                Effect::Grade(lane, cell, record) => self.grading.push((lane, cell, record.map(|record| *record))),
                Effect::CancelGrading => self.grading_cancelled = true,
                Effect::Record(_, record, _) => self.recorded.push(*record),
                Effect::Abandon(lane, job, _) => self.abandoned.push((lane, job.cell.0)),
                Effect::Emit(event) => self.events.push(event),
            }
        }
    }

    fn wake(&mut self) {
        self.on(self.start, Input::Wake);
    }

    /// Ends the oldest request of a lane.
    fn end(&mut self, lane: usize, outcome: Outcome, cost: Option<&str>) {
        let index = self.sent.iter().position(|(sent, _)| *sent == lane).expect("a request in flight");
        let (lane, mut job) = self.sent.remove(index);
        let mut record = record(job.cell, &outcome, cost);
        let mut attempts = std::mem::take(&mut job.attempts);
        attempts.append(&mut record.attempts);
        record.attempts = attempts;
        let ended = Ended { lane, job, sent: self.start, outcome, record, line: None };
        self.on(self.start, Input::Ended(Box::new(ended)));
    }

    /// Ends the oldest grading of a lane.
    fn grade(&mut self, lane: usize, verdict: Verdict) {
        let index = self.grading.iter().position(|(other, ..)| *other == lane).expect("an answer at its graders");
        let (lane, cell, given) = self.grading.remove(index);
        let record = CellRecord { verdict, ..given.unwrap_or_else(|| record(cell, &pass(), None)) };
        let graded = Graded { lane, cell, record, line: Some(Vec::new()) };
        self.on(self.start, Input::Graded(Box::new(graded)));
    }

    fn in_flight(&self, lane: usize) -> usize {
        self.sent.iter().filter(|(sent, _)| *sent == lane).count()
    }

    fn reason(&self, lane: usize) -> Option<StopReason> {
        self.dispatcher.lane_stops().find(|(index, _)| *index == lane).map(|(_, stop)| stop.reason)
    }
}

fn record(cell: CellIndex, outcome: &Outcome, cost: Option<&str>) -> CellRecord {
    let error = match outcome {
        Outcome::Failed(error) => {
            Some(ErrorInfo { kind: error.kind.as_str().to_owned(), message: error.message.clone() })
        }
        _ => None,
    };
    let attempt = AttemptRecord {
        started_at: String::new(),
        waited_ms: 0.0,
        duration_ms: 1.0,
        ttft_ms: None,
        status: None,
        error: error.clone(),
        provider: None,
        error_type: None,
        raw: None,
        retry_after_ms: None,
        generation_id: None,
        cost: cost.map(|amount| amount.parse().unwrap()),
    };
    CellRecord {
        cell: cell.0.to_string(),
        model: String::new(),
        prompt: String::new(),
        case: cell.0.to_string(),
        repeat: 1,
        verdict: Verdict::Error,
        score: None,
        output: None,
        reasoning: None,
        tool_calls: Vec::new(),
        refusal: None,
        error,
        grades: Vec::new(),
        attempts: vec![attempt],
        latency_ms: None,
        ttft_ms: None,
        queue_ms: None,
        tokens: Tokens::default(),
        cost: None,
        cost_source: None,
        served_model: None,
        provider: None,
        finish_reason: None,
        generation_id: None,
        started_at: None,
        ended_at: String::new(),
        simulated: false,
        graded_at: None,
        earlier: Vec::new(),
        asks: Vec::new(),
        grading_cost: None,
    }
}

fn pass() -> Outcome {
    Outcome::Answered { verdict: Some(Verdict::Pass), tokens: None }
}

/// An answer whose graders have to be waited for.
fn ungraded() -> Outcome {
    Outcome::Answered { verdict: None, tokens: None }
}

fn failed(kind: ErrorKind, scope: Scope, retryable: bool) -> Outcome {
    Outcome::Failed(ApiError {
        kind,
        scope,
        retryable,
        status: None,
        message: "no".to_owned(),
        provider: None,
        error_type: None,
        raw: None,
        retry_after: None,
    })
}

#[test]
fn every_lane_starts_at_once_with_its_own_concurrency() {
    let mut bench = bench(&[(limits(2), 0), (limits(5), 0), (limits(1), 0)], 10, None, None);
    bench.wake();
    assert_eq!([0, 1, 2].map(|lane| bench.in_flight(lane)), [2, 5, 1]);
}

#[test]
fn a_lane_that_hangs_keeps_none_of_the_others_waiting() {
    let mut bench = bench(&[(limits(1), 0), (limits(1), 0)], 5, None, None);
    bench.wake();
    for _ in 0..5 {
        bench.end(1, pass(), None);
    }
    assert_eq!(bench.recorded.len(), 5);
    assert_eq!(bench.in_flight(0), 1);
    assert!(bench.events.iter().any(|event| matches!(event, Event::LaneFinished { lane: 1, .. })));
    assert!(!bench.dispatcher.finished());
}

#[test]
fn a_stronger_reason_replaces_a_weaker_one_and_never_the_other_way_round() {
    for first in REASONS {
        for second in REASONS {
            let mut bench = bench(&[(limits(1), 0)], 3, None, None);
            bench.wake();
            bench.on(bench.start, Input::Stop(first, "first".to_owned()));
            bench.on(bench.start, Input::Stop(second, "second".to_owned()));
            let strongest = first.max(second);
            assert_eq!(bench.dispatcher.stop_reason().unwrap().reason, strongest, "{first:?} then {second:?}");
            assert_eq!(bench.reason(0), Some(strongest), "{first:?} then {second:?}");
            let told = bench.events.iter().filter(|event| matches!(event, Event::StopRequested { .. })).count();
            assert_eq!(told, 1 + usize::from(second > first), "{first:?} then {second:?}");
            assert_eq!(bench.cancelled.is_empty(), strongest == StopReason::Budget, "{first:?} then {second:?}");
            assert_eq!(bench.sent.len(), 1, "nothing starts after a stop");
        }
    }
}

#[test]
fn a_stop_cancels_what_is_in_flight_and_the_run_ends_when_that_has_ended() {
    let mut bench = bench(&[(limits(2), 0), (limits(2), 0)], 5, None, None);
    bench.wake();
    bench.on(bench.start, Input::Stop(StopReason::Interrupted, "interrupted".to_owned()));
    assert_eq!(bench.cancelled, [0, 1]);
    for lane in [0, 1, 0, 1] {
        assert!(!bench.dispatcher.finished());
        bench.end(lane, Outcome::Cancelled, None);
    }
    assert!(bench.dispatcher.finished());
    assert!(bench.recorded.iter().all(|record| record.verdict == Verdict::Skipped));
    assert!(bench.recorded.iter().all(|record| record.error.as_ref().unwrap().kind == "interrupted"));
    let skipped: Vec<u32> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::LaneStopped { skipped, .. } => Some(*skipped),
            _ => None,
        })
        .collect();
    assert_eq!(skipped, [3, 3], "those in flight are told one by one");
}

#[test]
fn a_refused_key_stops_all_lanes_that_share_it_and_no_other() {
    let mut bench = bench(&[(limits(1), 0), (limits(1), 0), (limits(1), 7)], 3, None, None);
    bench.wake();
    bench.end(0, failed(ErrorKind::Auth, Scope::Account, false), None);
    assert_eq!(bench.cancelled, [0, 1]);
    assert_eq!(bench.recorded[0].verdict, Verdict::Error);
    assert_eq!([0, 1, 2].map(|lane| bench.reason(lane)), [Some(StopReason::Account), Some(StopReason::Account), None]);
    assert!(bench.dispatcher.stop_reason().is_none(), "another endpoint goes on");
    bench.end(2, pass(), None);
    assert_eq!(bench.in_flight(2), 1);
}

#[test]
fn a_refused_key_of_all_lanes_stops_the_run() {
    let mut bench = bench(&[(limits(1), 0), (limits(1), 0)], 3, None, None);
    bench.wake();
    bench.end(0, failed(ErrorKind::NoCredit, Scope::Account, false), None);
    assert_eq!(bench.dispatcher.stop_reason().unwrap().reason, StopReason::Account);
}

#[test]
fn a_model_that_is_gone_stops_alone() {
    let mut bench = bench(&[(limits(1), 0), (limits(1), 0)], 3, None, None);
    bench.wake();
    bench.end(0, failed(ErrorKind::NotFound, Scope::Model, false), None);
    assert_eq!(bench.reason(0), Some(StopReason::ModelGone));
    assert_eq!(bench.cancelled, [0]);
    for _ in 0..3 {
        bench.end(1, pass(), None);
    }
    assert!(bench.dispatcher.finished());
    assert!(bench.dispatcher.stop_reason().is_none());
}

#[test]
fn a_spent_budget_starts_nothing_more_but_lets_finish_what_is_paid_for() {
    let mut bench = bench(&[(limits(2), 0)], 9, Some("$1"), None);
    bench.wake();
    bench.end(0, pass(), Some("0.6"));
    assert_eq!(bench.in_flight(0), 2);
    bench.end(0, pass(), Some("0.4"));
    assert_eq!(bench.dispatcher.stop_reason().unwrap().reason, StopReason::Budget);
    assert_eq!((bench.in_flight(0), bench.cancelled.len()), (1, 0));
    bench.end(0, pass(), Some("0.3"));
    assert!(bench.dispatcher.finished());
    assert_eq!(bench.recorded.iter().filter(|record| record.verdict == Verdict::Pass).count(), 3);
}

#[test]
fn costs_of_failed_attempts_count_towards_the_budget() {
    let mut bench = bench(&[(Limits { retries: 1, ..limits(1) }, 0)], 5, Some("$1"), None);
    bench.wake();
    bench.end(0, failed(ErrorKind::Provider, Scope::Cell, true), Some("1"));
    assert_eq!(bench.dispatcher.stop_reason().unwrap().reason, StopReason::Budget);
    assert_eq!(bench.abandoned, [(0, 0)], "the cell in backoff is written down with what it cost");
    assert!(bench.dispatcher.finished());
}

#[test]
fn a_deadline_stops_its_lane_alone() {
    let deadline = Duration::from_secs(5);
    let mut bench = bench(&[(Limits { deadline: Some(deadline), ..limits(1) }, 0), (limits(1), 0)], 3, None, None);
    bench.wake();
    assert_eq!(bench.dispatcher.wake_at(bench.start), Some(bench.start + deadline));
    bench.on(bench.start + deadline, Input::Wake);
    assert_eq!(bench.cancelled, [0]);
    assert_eq!((bench.reason(0), bench.reason(1)), (Some(StopReason::Deadline), None));
    bench.end(0, Outcome::Cancelled, None);
    assert_eq!(bench.dispatcher.wake_at(bench.start), None, "a deadline that has passed wakes nobody");
}

#[test]
fn a_global_limit_is_shared_fairly_and_given_on_when_lanes_end() {
    let mut bench = bench(&[(limits(8), 0), (limits(8), 0), (limits(8), 0)], 4, None, Some(6));
    bench.wake();
    assert_eq!([0, 1, 2].map(|lane| bench.in_flight(lane)), [2, 2, 2]);
    for _ in 0..4 {
        bench.end(2, pass(), None);
    }
    assert_eq!([0, 1, 2].map(|lane| bench.in_flight(lane)), [3, 3, 0]);
}

#[test]
fn one_global_slot_goes_round() {
    let mut bench = bench(&[(limits(8), 0), (limits(8), 0), (limits(8), 0)], 4, None, Some(1));
    bench.wake();
    let mut order = Vec::new();
    while let Some(&(lane, _)) = bench.sent.first() {
        order.push(lane);
        bench.end(lane, pass(), None);
    }
    assert_eq!(order, [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
    assert!(bench.dispatcher.finished());
}

#[test]
fn a_retry_wakes_the_run_when_it_is_due() {
    let mut bench = bench(&[(Limits { retries: 3, ..limits(1) }, 0)], 1, None, None);
    bench.wake();
    bench.end(0, failed(ErrorKind::Server, Scope::Cell, true), None);
    let due = bench.dispatcher.wake_at(bench.start).unwrap();
    assert!(due > bench.start && due <= bench.start + Duration::from_secs(1));
    let Some(Event::AttemptFailed { attempt: 1, retry_in, .. }) =
        bench.events.iter().find(|event| matches!(event, Event::AttemptFailed { .. }))
    else {
        panic!("{:?}", bench.events)
    };
    assert_eq!(bench.start + *retry_in, due);
    bench.on(due, Input::Wake);
    assert_eq!(bench.sent[0].1.attempts.len(), 1, "earlier attempts are carried along");
    bench.end(0, pass(), None);
    assert_eq!(bench.recorded[0].attempts.len(), 2);
}

#[test]
fn a_run_with_nothing_to_ask_is_finished_at_once() {
    let mut bench = bench(&[(limits(1), 0)], 0, None, None);
    bench.wake();
    assert!(bench.dispatcher.finished());
}

#[test]
fn an_answer_at_its_graders_frees_the_slot_and_the_cell_ends_when_they_have() {
    let mut bench = bench(&[(limits(1), 0)], 2, None, None);
    bench.wake();
    bench.end(0, ungraded(), None);
    assert_eq!(bench.in_flight(0), 1, "the next cell is asked at once");
    bench.end(0, ungraded(), None);
    assert!(bench.recorded.is_empty() && !bench.dispatcher.finished());
    let waiting: Vec<u32> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::CellAnswered { waiting, .. } => Some(*waiting),
            _ => None,
        })
        .collect();
    assert_eq!(waiting, [1, 2]);
    bench.grade(0, Verdict::Fail);
    bench.grade(0, Verdict::Error);
    assert_eq!(bench.recorded.iter().map(|record| record.verdict).collect::<Vec<_>>(), [Verdict::Fail, Verdict::Error]);
    assert!(bench.dispatcher.finished());
}

#[test]
fn every_reason_but_the_end_of_the_run_leaves_answers_to_their_graders() {
    for reason in REASONS {
        let mut bench = bench(&[(limits(2), 0)], 4, None, None);
        bench.wake();
        bench.end(0, ungraded(), None);
        bench.on(bench.start, Input::Stop(reason, "stop".to_owned()));
        let hard = reason >= StopReason::Sink;
        assert_eq!(bench.grading_cancelled, hard, "{reason:?}");
        for _ in 0..2 {
            bench.end(0, if reason == StopReason::Budget { pass() } else { Outcome::Cancelled }, None);
        }
        assert!(!bench.dispatcher.finished(), "{reason:?}: an answer is at its graders");
        bench.grade(0, if hard { Verdict::Skipped } else { Verdict::Pass });
        assert!(bench.dispatcher.finished(), "{reason:?}");
        let last = bench.recorded.last().unwrap();
        let kind = last.error.as_ref().map(|error| error.kind.as_str());
        assert_eq!(kind, hard.then(|| reason.as_str()), "{reason:?}");
        let skipped = bench.events.iter().find_map(|event| match event {
            Event::LaneStopped { skipped, .. } => Some(*skipped),
            _ => None,
        });
        assert_eq!(skipped, Some(1), "{reason:?}: those in flight and at their graders are told one by one");
    }
}

#[test]
fn a_deadline_that_passes_while_only_graders_are_waited_for_cuts_nothing_off() {
    let deadline = Duration::from_secs(5);
    let mut bench = bench(&[(Limits { deadline: Some(deadline), ..limits(1) }, 0)], 1, None, None);
    bench.wake();
    bench.end(0, ungraded(), None);
    assert_eq!(bench.dispatcher.wake_at(bench.start), None);
    bench.on(bench.start + deadline * 2, Input::Wake);
    assert_eq!(bench.reason(0), None);
    bench.grade(0, Verdict::Pass);
    assert!(bench.dispatcher.finished());
}

#[test]
fn a_lane_that_only_waits_for_graders_leaves_its_share_of_the_slots_to_the_others() {
    let mut bench = bench(&[(limits(8), 0), (limits(8), 0)], 4, None, Some(4));
    bench.wake();
    assert_eq!([0, 1].map(|lane| bench.in_flight(lane)), [2, 2]);
    for _ in 0..4 {
        bench.end(0, ungraded(), None);
    }
    assert_eq!([0, 1].map(|lane| bench.in_flight(lane)), [0, 4]);
}

#[test]
fn a_lane_held_by_its_graders_says_so_and_goes_on_when_they_have_ended() {
    let mut bench = bench(&[(limits(1), 0)], 70, None, None);
    bench.wake();
    for _ in 0..64 {
        bench.end(0, ungraded(), None);
    }
    assert_eq!(bench.in_flight(0), 0);
    assert!(bench.events.iter().any(|event| matches!(event, Event::LaneHeld { lane: 0, waiting: 64 })));
    bench.grade(0, Verdict::Pass);
    assert_eq!(bench.in_flight(0), 1);
    assert!(bench.events.iter().any(|event| matches!(event, Event::LaneResumed { lane: 0 })));
}

#[test]
fn what_graders_ask_counts_towards_the_budget() {
    let mut bench = bench(&[(limits(1), 0)], 5, Some("$1"), None);
    bench.wake();
    bench.on(bench.start, Input::Spent("0.4".parse().unwrap()));
    assert!(bench.dispatcher.stop_reason().is_none());
    bench.on(bench.start, Input::Spent("0.6".parse().unwrap()));
    assert_eq!(bench.dispatcher.stop_reason().unwrap().reason, StopReason::Budget);
}
