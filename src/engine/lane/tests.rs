use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::journal::ErrorInfo;

use super::*;

fn lane(limits: Limits, cells: u32) -> (Lane, Instant) {
    let start = Instant::now();
    (Lane::new(limits, of(vec![None; cells as usize], &[]), 100, start), start)
}

/// Cells with these verdicts, those `answered` yet to be graded.
fn of(done: Vec<Option<Verdict>>, answered: &[u32]) -> Cells {
    Cells { range: 0..u32::try_from(done.len()).unwrap(), done: done.into(), answered: answered.into() }
}

fn rng() -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(1)
}

fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn failure(kind: ErrorKind) -> ApiError {
    ApiError {
        kind,
        scope: Scope::Cell,
        retryable: true,
        status: None,
        message: "no luck".to_owned(),
        provider: None,
        error_type: None,
        raw: None,
        retry_after: None,
    }
}

fn attempts(kinds: &[ErrorKind]) -> Vec<AttemptRecord> {
    let attempt = |kind: &ErrorKind| AttemptRecord {
        started_at: String::new(),
        waited_ms: 0.0,
        duration_ms: 1.0,
        ttft_ms: None,
        status: None,
        error: Some(ErrorInfo { kind: kind.as_str().to_owned(), message: String::new() }),
        provider: None,
        error_type: None,
        raw: None,
        retry_after_ms: None,
        generation_id: None,
        cost: None,
    };
    kinds.iter().map(attempt).collect()
}

#[track_caller]
fn send(lane: &mut Lane, now: Instant) -> Job {
    match lane.next(now) {
        Next::Send(job) => job,
        other => panic!("expected a job, got {other:?}"),
    }
}

fn fail(lane: &mut Lane, now: Instant, job: &Job, error: ApiError, past: &[ErrorKind]) -> After {
    lane.ended(now, now, job.reserved, &attempts(past), &Outcome::Failed(error), &mut rng())
}

fn answer(lane: &mut Lane, now: Instant, job: &Job, verdict: Verdict) -> After {
    lane.ended(now, now, job.reserved, &[], &Outcome::Answered { verdict: Some(verdict), tokens: None }, &mut rng())
}

#[test]
fn no_more_requests_are_in_flight_than_allowed() {
    let (mut lane, now) = lane(Limits { concurrency: 2, ..Limits::default() }, 3);
    let first = send(&mut lane, now);
    send(&mut lane, now);
    assert!(matches!(lane.next(now), Next::Busy));
    assert_eq!(lane.waits_until(now), None, "only an answer can free a slot");
    answer(&mut lane, now, &first, Verdict::Pass);
    assert_eq!(send(&mut lane, now).cell, CellIndex(2));
    assert!(matches!(lane.next(now), Next::Busy));
}

#[test]
fn done_cells_are_not_asked_again() {
    let start = Instant::now();
    let done = [Some(Verdict::Pass), None, Some(Verdict::Error), None, Some(Verdict::Fail)];
    let mut lane = Lane::new(Limits::default(), of(done.to_vec(), &[]), 1, start);
    assert_eq!(lane.remaining(), 2);
    let asked = [send(&mut lane, start), send(&mut lane, start)].map(|job| job.cell.0);
    assert_eq!(asked, [1, 3]);
    assert!(matches!(lane.next(start), Next::Busy));
}

#[test]
fn a_cell_is_asked_as_often_as_retries_allow() {
    let (mut lane, now) = lane(Limits { retries: 2, ..Limits::default() }, 1);
    let mut past = Vec::new();
    let mut at = now;
    for attempt in 1..=3 {
        let job = send(&mut lane, at);
        past.push(ErrorKind::Provider);
        let after = fail(&mut lane, at, &job, failure(ErrorKind::Provider), &past);
        match after.fate {
            Fate::Retry(wait) if attempt < 3 => {
                assert!(wait <= backoff::bound(attempt));
                lane.retry(job, at, at + wait);
                at += wait;
            }
            Fate::Ended(verdict) if attempt == 3 => assert_eq!(verdict, Verdict::Error),
            other => panic!("attempt {attempt}: {other:?}"),
        }
    }
    assert!(lane.finished());
}

#[test]
fn an_error_that_will_not_pass_is_not_tried_again() {
    let (mut lane, now) = lane(Limits::default(), 2);
    let job = send(&mut lane, now);
    let error = ApiError { retryable: false, ..failure(ErrorKind::BadRequest) };
    let after = fail(&mut lane, now, &job, error, &[ErrorKind::BadRequest]);
    assert_eq!(after.fate, Fate::Ended(Verdict::Error));
    assert!(after.stop.is_none());
}

#[test]
fn only_a_cell_whose_every_attempt_ran_out_of_time_is_a_timeout() {
    use ErrorKind::{FirstTokenTimeout, IdleTimeout, Provider, Timeout, UpstreamTimeout};
    assert_eq!(final_verdict(&attempts(&[Timeout, IdleTimeout, FirstTokenTimeout])), Verdict::Timeout);
    assert_eq!(final_verdict(&attempts(&[Timeout, Provider])), Verdict::Error);
    assert_eq!(final_verdict(&attempts(&[UpstreamTimeout])), Verdict::Error, "their clock, not ours");
    assert_eq!(final_verdict(&[]), Verdict::Error);
}

#[test]
fn retry_after_holds_the_whole_lane() {
    let (mut lane, now) = lane(Limits::default(), 5);
    let job = send(&mut lane, now);
    let error = ApiError { retry_after: Some(secs(20)), ..failure(ErrorKind::RateLimited) };
    let after = fail(&mut lane, now, &job, error, &[ErrorKind::RateLimited]);
    let Fate::Retry(wait) = after.fate else { panic!("{after:?}") };
    assert!(wait >= secs(20) && wait < secs(21), "{wait:?}");
    assert!(matches!(lane.next(now), Next::Wait(until, Wait::RetryAfter) if until == now + secs(20)));
    assert_eq!(lane.waits_until(now), Some(now + secs(20)));
    send(&mut lane, now + secs(20));
}

#[test]
fn a_daily_cap_is_not_waited_for() {
    let (mut lane, now) = lane(Limits::default(), 5);
    let job = send(&mut lane, now);
    let error = ApiError { retry_after: Some(secs(6 * 3600)), ..failure(ErrorKind::RateLimited) };
    let after = fail(&mut lane, now, &job, error, &[ErrorKind::RateLimited]);
    assert_eq!(after.fate, Fate::Ended(Verdict::Error));
    let (reason, message) = after.stop.unwrap();
    assert_eq!(reason, StopReason::ModelGone);
    assert!(message.contains("6h00m"), "{message}");
}

#[test]
fn mute_429s_slow_the_whole_lane_ever_more_and_cut_its_concurrency() {
    let (mut lane, mut now) = lane(Limits { concurrency: 8, retries: 0, ..Limits::default() }, 100);
    let mut rng = rng();
    let (mut waits, mut cuts) = (Vec::new(), Vec::new());
    for _ in 0..40 {
        let job = send(&mut lane, now);
        let outcome = Outcome::Failed(failure(ErrorKind::RateLimited));
        let after = lane.ended(now, now, job.reserved, &attempts(&[ErrorKind::RateLimited]), &outcome, &mut rng);
        cuts.extend(after.change.map(|change| change.now));
        let Next::Wait(until, Wait::Backoff) = lane.next(now) else { panic!("the lane holds still") };
        waits.push(until - now);
        now = until + Duration::from_millis(1);
    }
    assert_eq!(cuts, [4, 2, 1]);
    // Full jitter: a first wait of at most a second, later ones of up to four.
    assert!(waits[0] <= secs(1) && waits.iter().all(|wait| *wait <= secs(4)), "{waits:?}");
    assert!(waits.iter().filter(|wait| **wait > secs(2)).count() >= 8, "{waits:?}");
    let job = send(&mut lane, now);
    answer(&mut lane, now, &job, Verdict::Pass);
    assert_eq!(lane.mute_429s, 0);
}

#[test]
fn a_burst_of_mute_429s_is_one_reason_to_back_off() {
    let (mut lane, now) = lane(Limits { concurrency: 8, ..Limits::default() }, 100);
    let jobs: Vec<Job> = (0..8).map(|_| send(&mut lane, now)).collect();
    for (at, job) in (1..).zip(&jobs) {
        let ended = now + Duration::from_millis(at);
        let outcome = Outcome::Failed(failure(ErrorKind::RateLimited));
        lane.ended(now, ended, job.reserved, &attempts(&[ErrorKind::RateLimited]), &outcome, &mut rng());
    }
    assert_eq!((lane.mute_429s, lane.concurrency.now()), (1, 4));
    let until = lane.waits_until(now + secs(1)).unwrap();
    assert!(until <= now + secs(2), "{:?}", until - now);
}

#[test]
fn a_lane_gives_up_after_enough_bad_cells_in_a_row() {
    let (mut lane, now) = lane(Limits { give_up_after: 3, retries: 0, ..Limits::default() }, 10);
    let bad = |lane: &mut Lane| {
        let job = send(lane, now);
        fail(lane, now, &job, failure(ErrorKind::Timeout), &[ErrorKind::Timeout]).stop
    };
    assert!(bad(&mut lane).is_none());
    assert!(bad(&mut lane).is_none());
    let job = send(&mut lane, now);
    answer(&mut lane, now, &job, Verdict::Fail);
    assert!(bad(&mut lane).is_none(), "an answer starts the count again");
    assert!(bad(&mut lane).is_none());
    assert_eq!(bad(&mut lane).unwrap().0, StopReason::GiveUp);
}

#[test]
fn the_last_bad_cell_leaves_nothing_to_give_up() {
    let (mut lane, now) = lane(Limits { give_up_after: 1, retries: 0, ..Limits::default() }, 1);
    let job = send(&mut lane, now);
    assert!(fail(&mut lane, now, &job, failure(ErrorKind::Connect), &[ErrorKind::Connect]).stop.is_none());
}

#[test]
fn cells_in_backoff_hold_no_slot_but_are_bounded() {
    let (mut lane, now) = lane(Limits { concurrency: 2, ..Limits::default() }, 100);
    let mut started = 0;
    while let Next::Send(job) = lane.next(now) {
        started += 1;
        let after = fail(&mut lane, now, &job, failure(ErrorKind::Server), &[ErrorKind::Server]);
        let Fate::Retry(wait) = after.fate else { panic!("{after:?}") };
        lane.retry(job, now, now + wait + secs(1));
    }
    assert_eq!(started, 8);
    assert!(matches!(lane.next(now), Next::Wait(_, Wait::Backoff)));
}

#[test]
fn requests_per_minute_are_kept() {
    let (mut lane, now) = lane(Limits { requests_per_minute: Some(3), ..Limits::default() }, 10);
    send(&mut lane, now);
    assert!(matches!(lane.next(now), Next::Wait(until, Wait::RequestRate) if until == now + secs(20)));
    send(&mut lane, now + secs(20));
}

#[test]
fn tokens_per_minute_follow_what_requests_really_take() {
    let (mut lane, now) = lane(Limits { tokens_per_minute: Some(1000), ..Limits::default() }, 100);
    let job = send(&mut lane, now);
    assert_eq!(job.reserved, 100);
    assert!(matches!(lane.next(now), Next::Wait(until, Wait::TokenRate) if until == now + secs(6)));
    lane.ended(now, now, 100, &[], &Outcome::Answered { verdict: Some(Verdict::Pass), tokens: Some(900) }, &mut rng());
    assert_eq!(lane.expected_tokens(), 200);
    assert!(matches!(lane.next(now + secs(1)), Next::Wait(until, Wait::TokenRate) if until == now + secs(54)));
}

#[test]
fn a_stopped_lane_starts_nothing_and_hands_back_its_waiting_cells() {
    let (mut lane, now) = lane(Limits::default(), 5);
    let (waiting, flying) = (send(&mut lane, now), send(&mut lane, now));
    fail(&mut lane, now, &waiting, failure(ErrorKind::Server), &[ErrorKind::Server]);
    lane.retry(waiting, now, now + secs(1));
    let back = lane.stop(StopReason::Deadline).unwrap();
    assert_eq!(back.iter().map(|job| job.cell.0).collect::<Vec<_>>(), [0]);
    assert!(matches!(lane.next(now + secs(5)), Next::Drained));
    assert!(!lane.finished(), "one is in flight");
    let after = lane.ended(now, now, flying.reserved, &[], &Outcome::Cancelled, &mut rng());
    assert_eq!(after.fate, Fate::Ended(Verdict::Skipped));
    assert!(lane.finished());
}

#[test]
fn a_failure_after_the_stop_is_skipped_where_it_would_have_been_tried_again() {
    let (mut lane, now) = lane(Limits::default(), 5);
    let job = send(&mut lane, now);
    lane.stop(StopReason::Budget);
    let after = fail(&mut lane, now, &job, failure(ErrorKind::Server), &[ErrorKind::Server]);
    assert_eq!(after.fate, Fate::Ended(Verdict::Skipped));
}

/// Ends a request with an answer whose graders have to be waited for.
fn answer_ungraded(lane: &mut Lane, now: Instant, job: &Job) -> After {
    lane.ended(now, now, job.reserved, &[], &Outcome::Answered { verdict: None, tokens: None }, &mut rng())
}

#[test]
fn an_answer_that_waits_for_its_graders_holds_no_slot() {
    let (mut lane, now) = lane(Limits { concurrency: 1, ..Limits::default() }, 3);
    for _ in 0..3 {
        let job = send(&mut lane, now);
        assert_eq!(answer_ungraded(&mut lane, now, &job).fate, Fate::Grading);
    }
    assert_eq!((lane.grading(), lane.remaining(), lane.asking()), (3, 3, false));
    assert!(matches!(lane.next(now), Next::Drained));
    for left in [2, 1, 0] {
        assert!(!lane.finished());
        lane.graded();
        assert_eq!(lane.remaining(), left);
    }
    assert!(lane.finished());
}

#[test]
fn answers_that_wait_for_their_graders_are_bounded() {
    let (mut lane, now) = lane(Limits { concurrency: 2, ..Limits::default() }, 200);
    let mut asked = 0;
    while let Next::Send(job) = lane.next(now) {
        asked += 1;
        answer_ungraded(&mut lane, now, &job);
    }
    assert_eq!(asked, 128);
    assert!(matches!(lane.next(now), Next::Held));
    assert_eq!(lane.waits_until(now), None, "only a grading can free it");
    lane.graded();
    send(&mut lane, now);
}

#[test]
fn graders_that_fail_do_not_make_a_lane_give_up() {
    let (mut lane, now) = lane(Limits { give_up_after: 2, retries: 0, ..Limits::default() }, 20);
    let job = send(&mut lane, now);
    assert!(fail(&mut lane, now, &job, failure(ErrorKind::Server), &[ErrorKind::Server]).stop.is_none());
    for _ in 0..5 {
        let job = send(&mut lane, now);
        assert!(answer_ungraded(&mut lane, now, &job).stop.is_none());
        lane.graded();
    }
    let job = send(&mut lane, now);
    let after = fail(&mut lane, now, &job, failure(ErrorKind::Server), &[ErrorKind::Server]);
    assert!(after.stop.is_none(), "the answers in between started the count again");
}

#[test]
fn a_lane_that_only_waits_for_graders_is_stopped_by_nothing_but_the_end_of_the_run() {
    for (reason, stops) in [(StopReason::Deadline, false), (StopReason::Account, false), (StopReason::Sink, true)] {
        let (mut lane, now) = lane(Limits::default(), 1);
        let job = send(&mut lane, now);
        answer_ungraded(&mut lane, now, &job);
        assert_eq!(lane.stop(reason).is_some(), stops, "{reason:?}");
        assert!(!lane.finished(), "{reason:?}");
        lane.graded();
        assert!(lane.finished(), "{reason:?}");
    }
}

#[test]
fn what_was_answered_earlier_is_graded_and_not_asked_also_past_the_budget() {
    let start = Instant::now();
    let cells = || of(vec![Some(Verdict::Pass), None, None, None], &[1, 3]);
    let mut lane = Lane::new(Limits::default(), cells(), 1, start);
    assert_eq!(lane.remaining(), 3);
    assert_eq!(send(&mut lane, start).cell, CellIndex(2));
    assert!(matches!(lane.next(start), Next::Busy));
    lane.stop(StopReason::Budget);
    assert_eq!([lane.next_to_grade(), lane.next_to_grade()], [Some(CellIndex(1)), Some(CellIndex(3))]);
    assert_eq!(lane.next_to_grade(), None);

    let mut lane = Lane::new(Limits::default(), cells(), 1, start);
    lane.stop(StopReason::Interrupted);
    assert_eq!(lane.next_to_grade(), None);
    assert!(lane.finished());
}

#[test]
fn pushed_work_is_done_in_order_with_the_same_limits() {
    let start = Instant::now();
    let limits = Limits { concurrency: 2, requests_per_minute: Some(60), ..Limits::default() };
    let mut lane = Lane::open(limits, 10, start);
    assert!(matches!(lane.next(start), Next::Drained));
    for work in [7, 5, 9] {
        lane.push(CellIndex(work), start);
    }
    let job = send(&mut lane, start);
    assert_eq!((job.cell, job.ready), (CellIndex(7), start));
    assert!(matches!(lane.next(start), Next::Wait(_, Wait::RequestRate)));
    assert_eq!(send(&mut lane, start + secs(1)).cell, CellIndex(5));
    assert!(matches!(lane.next(start + secs(2)), Next::Busy));
    answer(&mut lane, start + secs(2), &job, Verdict::Pass);
    assert_eq!(send(&mut lane, start + secs(2)).cell, CellIndex(9));
}

#[test]
fn pushed_work_can_be_taken_back_unless_it_is_in_flight() {
    let start = Instant::now();
    let mut lane = Lane::open(Limits::default(), 10, start);
    for work in 1..=3 {
        lane.push(CellIndex(work), start);
    }
    let (flying, failed) = (send(&mut lane, start), send(&mut lane, start));
    fail(&mut lane, start, &failed, failure(ErrorKind::Server), &[ErrorKind::Server]);
    let attempted = Job { attempts: attempts(&[ErrorKind::Server]), ..failed };
    lane.retry(attempted, start, start + secs(1));
    assert!(lane.withdraw(flying.cell).is_none());
    assert_eq!(lane.withdraw(CellIndex(2)).unwrap().len(), 1, "with the attempts it has made");
    assert_eq!(lane.withdraw(CellIndex(3)).unwrap().len(), 0);
    assert!(lane.withdraw(CellIndex(3)).is_none());
    assert_eq!(lane.remaining(), 1);
    assert!(matches!(lane.next(start + secs(9)), Next::Busy));
}

#[test]
fn a_lane_of_pushed_work_gives_up_and_stops_even_while_nothing_is_left_to_do() {
    let start = Instant::now();
    let mut lane = Lane::open(Limits { give_up_after: 1, retries: 0, ..Limits::default() }, 10, start);
    lane.push(CellIndex(1), start);
    let job = send(&mut lane, start);
    let (reason, message) =
        fail(&mut lane, start, &job, failure(ErrorKind::Connect), &[ErrorKind::Connect]).stop.unwrap();
    assert_eq!((reason, message.as_str()), (StopReason::GiveUp, "1 questions in a row ended in error or timeout"));
    assert!(lane.stop(reason).is_some());
    lane.push(CellIndex(2), start);
    assert!(matches!(lane.next(start), Next::Drained));
}
