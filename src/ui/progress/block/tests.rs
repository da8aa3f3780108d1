use std::time::Duration;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::engine::{Event, LaneInfo, StopReason, Wait};
use crate::ui::line::columns;
use crate::ui::progress::Facts;
use crate::ui::progress::scripts::{after, cells, state};
use crate::ui::style::own_text;

const PLAIN: Palette = Palette::new(false);

fn draw(state: &State, width: usize, height: usize, now: Instant) -> String {
    lines(state, width, height, now, PLAIN).join("\n")
}

fn wait(state: &mut State, lane: usize, wait: Wait, until: Instant) {
    state.apply(&Event::LaneWaiting { lane, wait, until });
}

fn cut(state: &mut State, lane: usize, skipped: u32, message: &str, at: Instant) {
    let message = message.to_owned();
    state.apply(&Event::LaneStopped { lane, reason: StopReason::GiveUp, message, skipped });
    state.apply(&Event::LaneFinished { lane, at });
}

/// Three models at work: one calm, one slowed, one waiting.
fn three() -> (State, Instant) {
    let models = [("openai/gpt-4o-mini", 40), ("anthropic/claude-sonnet-4.5", 40), ("opus", 40)];
    let (mut state, started) = state("support-triage", true, &models);
    cells(&mut state, 0, [30, 2, 0, 0], started, 12_000);
    cells(&mut state, 1, [12, 3, 1, 2], started, 12_000);
    cells(&mut state, 2, [5, 0, 0, 0], started, 12_000);
    state.apply(&Event::ConcurrencyChanged { lane: 1, now: 2, before: 8 });
    wait(&mut state, 2, Wait::RetryAfter, after(started, 24_000));
    (state, after(started, 12_000))
}

#[test]
fn three_models_at_80x24() {
    let (state, now) = three();
    assert_snapshot!(draw(&state, 80, 24, now), @"
support-triage  SIMULATED  12s · ‖ 1 waiting · ↓ 1 slowed · 4.6/s · 3 models
  model                              cells pass fail t/o err   p50    cost   ETA
  openai/gpt-4o-mini       ━━━━━━──  32/40   30    2   ·   ·  1.2s  $0.032    3s
↓ anthropic…ude-sonnet-4.5 ━━━─────  18/40   12    3   1   2  1.2s slow 2/8
‖ opus                     ━───────   5/40    5    ·   ·   ·  1.2s wait 12s
  total                    ━━━───── 55/120   47    5   1   2       ≥$0.052 1m36s
");
}

#[test]
fn three_models_with_room_for_notes() {
    let (state, now) = three();
    assert_snapshot!(draw(&state, 160, 24, now), @"
support-triage  SIMULATED  12s · ‖ 1 waiting · ↓ 1 slowed · 3 models
  model                                                           cells  pass  fail  t/o  err   rate    p50     cost    ETA
  openai/gpt-4o-mini           ━━━━━━━━━━━━━━━━━━━━━━━━━───────   32/40    30     2    ·    ·  2.7/s   1.2s   $0.032     3s
↓ anthropic/claude-sonnet-4.5  ━━━━━━━━━━━━━━──────────────────   18/40    12     3    1    2  1.5/s   1.2s  ≥$0.015    15s  slowed: 2 of 8 requests in flight
‖ opus                         ━━━━────────────────────────────    5/40     5     ·    ·    ·  0.4/s   1.2s   $0.005  1m36s  waiting 12s (Retry-After)
  total                        ━━━━━━━━━━━━━━──────────────────  55/120    47     5    1    2  4.6/s         ≥$0.052  1m36s
");
}

#[test]
fn forty_models_at_60x24() {
    let names: Vec<String> = (1..=40).map(|i| format!("vendor-{}/model-{i}-instruct", i % 5)).collect();
    let models: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 100)).collect();
    let (mut state, started) = state("support-triage", true, &models);
    for lane in 0..40 {
        let done = if lane % 9 == 4 { 100 } else { 10 + u32::try_from(lane).unwrap() * 2 };
        cells(&mut state, lane, [done * 8 / 10, done - done * 8 / 10, 0, 0], started, 20_000);
        if done == 100 {
            state.apply(&Event::LaneFinished { lane, at: after(started, 15_000) });
        }
    }
    cut(&mut state, 7, 76, "10 cells in a row failed", after(started, 18_000));
    wait(&mut state, 30, Wait::RequestRate, after(started, 25_000));
    wait(&mut state, 34, Wait::Backoff, after(started, 29_000));
    state.apply(&Event::ConcurrencyChanged { lane: 38, now: 1, before: 2 });
    assert_snapshot!(draw(&state, 60, 24, after(started, 20_000)), @"
support-triage  SIMULATED  20s · $2.18 · ‖ 2 waiting · 111/s
  model                     done pass fail t/o err   ETA
  vendor…-1-instruct ──────  10%    8    2   ·   · 2m49s
  vendor…-2-instruct ──────  12%    9    3   ·   · 2m12s
  vendor…-3-instruct ──────  14%   11    3   ·   · 1m58s
  vendor…-4-instruct ──────  16%   12    4   ·   · 1m37s
  vendor…-6-instruct ━─────  20%   16    4   ·   · 1m15s
  vendor…-7-instruct ━─────  22%   17    5   ·   · 1m09s
  vendor…-9-instruct ━─────  26%   20    6   ·   ·   56s
  vendor…10-instruct ━─────  28%   22    6   ·   ·   50s
  vendor…11-instruct ━─────  30%   24    6   ·   ·   46s
  vendor…12-instruct ━─────  32%   25    7   ·   ·   41s
  vendor…13-instruct ━━────  34%   27    7   ·   ·   39s
  vendor…15-instruct ━━────  38%   30    8   ·   ·   33s
  vendor…16-instruct ━━────  40%   32    8   ·   ·   30s
  vendor…17-instruct ━━────  42%   33    9   ·   ·   28s
  vendor…18-instruct ━━────  44%   35    9   ·   ·   25s
  vendor…19-instruct ━━────  46%   36   10   ·   ·   24s
‖ vendor…31-instruct ━━━━──  70%   56   14   ·   · wait 5s
‖ vendor…35-instruct ━━━━──  78%   62   16   ·   · wait 9s
↓ vendor…39-instruct ━━━━━─  86%   68   18   ·   · slow 1/8
… and 16 more models (16 running)
✗ 1 cut off: vendor-3/model-8-instruct 79%  ✓ 4 finished: v…
  total              ━━━───  54% 1730  450   ·   · 2m49s
");
}

#[test]
fn twelve_models_at_200x50() {
    let names: Vec<String> = (1..=12).map(|i| format!("vendor/model-{i}")).collect();
    let models: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 1000)).collect();
    let (mut state, started) = state("reasoning", false, &models);
    for lane in 0..12 {
        let n = u32::try_from(lane).unwrap() * 50;
        cells(&mut state, lane, [n, n / 4, n / 50, n / 100], started, 60_000);
    }
    cut(&mut state, 3, 800, "10 cells in a row ended in error or timeout: connection refused", after(started, 50_000));
    wait(&mut state, 5, Wait::RetryAfter, after(started, 185_000));
    state.apply(&Event::ConcurrencyChanged { lane: 6, now: 3, before: 8 });
    assert_snapshot!(draw(&state, 200, 50, after(started, 60_000)), @"
reasoning  1m00s · ‖ 1 waiting · ↓ 1 slowed · 12 models
  model                                                   cells  pass  fail  t/o  err   rate    p50     cost     ETA
  vendor/model-1   ────────────────────────────────      0/1000     ·     ·    ·    ·      –      –        –       –
  vendor/model-2   ━━──────────────────────────────     63/1000    50    12    1    ·  1.1/s   1.2s  ≥$0.062  14m39s
  vendor/model-3   ━━━━────────────────────────────    128/1000   100    25    2    1  2.2/s   1.2s   ≥$0.12   6m37s
✗ vendor/model-4   ━━━━━━──────────────────────────    191/1000   150    37    3    1      –   1.2s   ≥$0.19     cut  cut off: 10 cells in a row ended in error or timeout: connection refused
  vendor/model-5   ━━━━━━━━────────────────────────    256/1000   200    50    4    2  4.3/s   1.2s   ≥$0.25   2m52s
‖ vendor/model-6   ━━━━━━━━━━──────────────────────    319/1000   250    62    5    2  5.3/s   1.2s   ≥$0.31   4m13s  waiting 2m05s (server asked: Retry-After)
↓ vendor/model-7   ━━━━━━━━━━━━────────────────────    384/1000   300    75    6    3  6.5/s   1.2s   ≥$0.38   1m36s  slowed: 3 of 8 requests in flight
  vendor/model-8   ━━━━━━━━━━━━━━──────────────────    447/1000   350    87    7    3  7.5/s   1.2s   ≥$0.44   1m15s
  vendor/model-9   ━━━━━━━━━━━━━━━━────────────────    512/1000   400   100    8    4  8.6/s   1.2s    ≥$0.5     57s
  vendor/model-10  ━━━━━━━━━━━━━━━━━━──────────────    575/1000   450   112    9    4  9.6/s   1.2s   ≥$0.56     45s
  vendor/model-11  ━━━━━━━━━━━━━━━━━━━━────────────    640/1000   500   125   10    5   11/s   1.2s   ≥$0.62     34s
  vendor/model-12  ━━━━━━━━━━━━━━━━━━━━━━──────────    703/1000   550   137   11    5   12/s   1.2s   ≥$0.69     26s
  total            ━━━━━━━━━━━─────────────────────  4218/12000  3300   822   66   30   71/s          ≥$4.12       –
");
}

#[test]
fn before_the_first_event() {
    let started = Instant::now();
    let facts = Facts { suite: "support-triage".into(), models: 12, cells: 480, simulated: true, started };
    let state = State::new(&facts);
    assert_snapshot!(draw(&state, 80, 24, after(started, 300)), @"support-triage  SIMULATED  0s · 12 models · 480 cells · starting");
}

#[test]
fn everything_waiting() {
    let (mut state, started) = state("s", false, &[("a", 10), ("b", 10)]);
    wait(&mut state, 0, Wait::RetryAfter, after(started, 90_000));
    wait(&mut state, 1, Wait::TokenRate, after(started, 31_500));
    assert_snapshot!(draw(&state, 80, 24, after(started, 1000)), @"
s  1s · ‖ 2 waiting · 2 models
  model                cells  pass  fail  t/o  err   rate    p50     cost    ETA
‖ a      ────────────   0/10     ·     ·    ·    ·  waiting 1m29s (Retry-After)
‖ b      ────────────   0/10     ·     ·    ·    ·  waiting 31s (token rate)
  total  ────────────   0/20     ·     ·    ·    ·      –               –      –
");
}

#[test]
fn all_finished() {
    let (mut state, started) = state("s", false, &[("a", 10), ("b", 10)]);
    cells(&mut state, 0, [10, 0, 0, 0], started, 10_000);
    cells(&mut state, 1, [6, 2, 1, 1], started, 20_000);
    state.apply(&Event::LaneFinished { lane: 0, at: after(started, 10_000) });
    state.apply(&Event::LaneFinished { lane: 1, at: after(started, 20_000) });
    state.apply(&Event::RunFinished { reason: None, at: after(started, 20_000) });
    assert_snapshot!(draw(&state, 80, 24, after(started, 99_000)), @"
s  20s · 2 models
  model                cells  pass  fail  t/o  err   rate    p50     cost    ETA
✓ a      ━━━━━━━━━━━━  10/10    10     ·    ·    ·      –   1.2s    $0.01   done
✓ b      ━━━━━━━━━━━━  10/10     6     2    1    1      –   1.2s  ≥$0.008   done
  total  ━━━━━━━━━━━━  20/20    16     2    1    1  0.9/s         ≥$0.018   done
");
}

#[test]
fn hostile_names_and_messages_stay_in_their_place() {
    let models = [("\u{1b}[2Jevil\nname\u{202e}", 10), ("👍🏽❤\u{fe0f}日本語\u{301}\u{301}\u{301}\u{301}لالا", 10)];
    let (mut state, started) = state("s\u{7}\u{1b}]0;t\u{7}", false, &models);
    cut(&mut state, 0, 10, "\u{1b}[31mred\r\nnext\u{9b}2J", started);
    assert_snapshot!(draw(&state, 120, 24, after(started, 1000)), @"
s��]0;t�  1s · 2 models
  model                                 cells  pass  fail  t/o  err   rate    p50     cost    ETA
✗ �[2Jevil name�  ────────────────────   0/10     ·     ·    ·    ·      –      –        –    cut  cut off: failures
  👍❤日本語́́لالا   ────────────────────   0/10     ·     ·    ·    ·      –      –        –      –
  total           ────────────────────   0/20     ·     ·    ·    ·      –               –      –
");
}

#[test]
fn no_cells_at_all() {
    let (state, started) = state("s", false, &[("a", 0), ("b", 0)]);
    assert_snapshot!(draw(&state, 80, 24, after(started, 1000)), @"
s  1s · 2 models
  model                cells  pass  fail  t/o  err   rate    p50     cost    ETA
  a      ────────────    0/0     ·     ·    ·    ·      –      –        –     0s
  b      ────────────    0/0     ·     ·    ·    ·      –      –        –     0s
  total  ────────────    0/0     ·     ·    ·    ·      –               –   done
");
}

#[test]
fn the_last_rows_of_a_tiny_terminal_are_the_total() {
    let (state, now) = three();
    assert_snapshot!(draw(&state, 24, 4, now), @"
support…  SIMULATED  12s
‖ opus   12%    5    ·
… and 2 more models (2 …
  total  45%   47    5
");
    assert!(draw(&state, 80, 1, now).trim_start().starts_with("total"));
    assert_eq!(lines(&state, 0, 5, now, PLAIN).len(), 0);
}

#[test]
fn a_run_that_is_stopping_says_why() {
    let (mut state, now) = three();
    state.apply(&Event::StopRequested { reason: StopReason::Interrupted, message: "Ctrl-C".into() });
    let first = lines(&state, 80, 24, now, PLAIN).swap_remove(0);
    assert_eq!(first, "support-triage  SIMULATED  12s · stopping: interrupted · ‖ 1 waiting · 4.6/s");
}

#[test]
fn colours_change_nothing_but_colours() {
    let (state, now) = three();
    let colored = lines(&state, 80, 24, now, Palette::new(true)).join("\n");
    assert!(colored.contains("\u{1b}[32m"));
    assert_eq!(own_text(&colored, false), draw(&state, 80, 24, now));
}

/// Any event, sensible or not.
fn event(started: Instant, lanes: usize) -> impl Strategy<Value = Event> {
    let lane = 0..lanes;
    let at = (0_u64..100_000).prop_map(move |ms| after(started, ms));
    let cell = (lane.clone(), 0_usize..5, at.clone(), 1_u64..100_000, any::<bool>());
    let waits = [Wait::RetryAfter, Wait::Backoff, Wait::RequestRate, Wait::TokenRate];
    prop_oneof![
        8 => cell.prop_map(move |(lane, verdict, at, ms, cost_unknown)| Event::CellFinished {
            lane,
            case: "c".into(),
            verdict: Verdict::ALL[verdict],
            kind: None,
            reason: None,
            latency: Some(Duration::from_millis(ms)),
            ttft: None,
            cost: (!cost_unknown).then(|| format!("{ms}.{ms}").parse().unwrap()),
            cost_unknown,
            attempts: 1,
            at,
        }),
        1 => (lane.clone(), 0_u32..9).prop_map(|(lane, now)| Event::ConcurrencyChanged { lane, now, before: 8 }),
        1 => (lane.clone(), 0_usize..4, at.clone())
            .prop_map(move |(lane, wait, until)| Event::LaneWaiting { lane, wait: waits[wait], until }),
        1 => (lane.clone(), any::<String>(), 0_u32..9).prop_map(|(lane, message, skipped)| Event::LaneStopped {
            lane,
            reason: StopReason::Deadline,
            message,
            skipped,
        }),
        1 => (lane, at).prop_map(|(lane, at)| Event::LaneFinished { lane, at }),
    ]
}

fn random_state() -> impl Strategy<Value = (State, Instant)> {
    let started = Instant::now();
    let lane = ("\\PC{0,40}|.{0,20}", 0_u32..5000, [0_u32..300, 0..300, 0..300, 0..300, 0..300]);
    let lanes = proptest::collection::vec(lane, 0..50);
    (lanes, ".{0,60}", any::<bool>(), 0_u64..400_000)
        .prop_flat_map(move |(lanes, suite, simulated, now)| {
            let events = proptest::collection::vec(event(started, lanes.len() + 1), 0..80);
            (Just((lanes, suite, simulated, now)), events)
        })
        .prop_map(move |((lanes, suite, simulated, now), events)| {
            let facts = Facts { suite, models: lanes.len(), cells: 7, simulated, started };
            let mut state = State::new(&facts);
            let lanes = lanes.into_iter();
            let lanes = lanes.map(|(model, cells, done)| LaneInfo { model, cells, done, concurrency: 8 }).collect();
            state.apply(&Event::RunStarted { lanes, judges: Vec::new(), at: started });
            for event in &events {
                state.apply(event);
            }
            (state, after(started, now))
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_too_wide_and_none_too_many((state, now) in random_state(), width in 0_usize..220, height in 0_usize..60) {
        let block = lines(&state, width, height, now, PLAIN);
        prop_assert!(block.len() <= height);
        for line in &block {
            prop_assert!(columns(line) <= width, "{} > {width}: {line:?}", columns(line));
            prop_assert!(!line.chars().any(char::is_control), "{line:?}");
        }
        if height > 0 && width >= 12 && !state.lanes.is_empty() {
            prop_assert!(block.last().is_some_and(|line| line.starts_with("  total")), "{block:?}");
        }
        let colored = lines(&state, width, height, now, Palette::new(true)).join("\n");
        prop_assert_eq!(own_text(&colored, false), block.join("\n"));
    }
}

#[test]
fn every_judge_has_a_line_above_the_total_and_models_that_wait_for_graders_say_so() {
    use crate::engine::JudgeEvent;
    let (mut state, started) = state("judged", false, &[("a", 10), ("b", 10)]);
    let lane = |name: &str| LaneInfo { model: name.to_owned(), cells: 10, done: [0; 5], concurrency: 8 };
    let judges = vec!["openai/gpt-5".to_owned(), "strict".to_owned()];
    state.apply(&Event::RunStarted { lanes: vec![lane("a"), lane("b")], judges, at: started });
    state.apply(&Event::LaneHeld { lane: 1, waiting: 512 });
    for _ in 0..3 {
        state.apply(&Event::Judge { judge: 0, event: JudgeEvent::Asked });
    }
    let draw = |state: &State, height| lines(state, 100, height, after(started, 1000), PLAIN);
    let block = draw(&state, 20);
    let [.., held, first, second, total] = block.as_slice() else { panic!("{block:#?}") };
    assert!(held.contains("wait graders"), "{block:#?}");
    assert_eq!(
        (first.trim(), second.trim()),
        ("judge openai/gpt-5 · 3 open · 0 done", "judge strict · 0 open · 0 done")
    );
    assert!(total.contains("total"));
    state.apply(&Event::LaneResumed { lane: 1 });
    assert!(!draw(&state, 20).join("\n").contains("graders"));
    assert!((1..8).all(|height| draw(&state, height).len() <= height));
}
