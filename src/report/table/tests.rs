use super::super::testing::{ending, failed, graded, mixed, mixed_manifest, open};
use super::*;
use crate::grade::Grade;
use crate::journal::testing::{manifest, record, suite};
use crate::journal::{CellRecord, Manifest, Verdict};
use crate::suite::{Prompt, Suite};

fn drawn(width: usize) -> String {
    let (suite, records) = mixed();
    let (_dir, run) = open(&mixed_manifest(&suite), &records);
    table(&[run], &TableStyle { width, color: false, scores: false })
}

#[test]
fn a_wide_terminal_shows_everything() {
    insta::assert_snapshot!(drawn(200), @r#"
    triage · 12 cells · 3 models · 800ms
    model                           accuracy  95% interval  p50 s  p95 s  ttft ms  tok/s      cost      $/pass  timeout  error  skipped
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    gpt-4o-mini                       75.0%*     30.1–95.4  0.88   0.94      219     15     $0.002    $0.00067        0      0        0
    sonnet                            50.0%       9.5–90.5  2.50   2.50      625      5   ≥ $0.012  ≥ $0.012          1      1        1
    local/smollm2-135m-instruct-q8    25.0%       4.6–69.9  0.09*  0.09*      22*   148*         –           –        0      0        0
    Sorted by accuracy, then p50 latency; * best of its column
    May be as good as gpt-4o-mini (95% intervals overlap): local/smollm2-135m-instruct-q8. Fastest: local/smollm2-135m-instruct-q8 (p50 90ms)
    - sonnet: cut off (deadline): its deadline of 15m passed; 1 cell skipped
    - sonnet: 1 error (provider 1), such as: upstream said�[2J "no"
    - sonnet: a part of the cost is unknown, the rest is shown with ≥
    - sonnet: cost of 1 cell estimated from tokens and prices
    - sonnet: 1 of 1 answers cut off by `max_tokens`
    - local/smollm2-135m-instruct-q8: no cost was reported
    "#);
}

#[test]
fn a_usual_terminal() {
    insta::assert_snapshot!(drawn(120), @r#"
    triage · 12 cells · 3 models · 800ms
    model                           accuracy     95% CI  p50 s  p95 s  ttft ms  tok/s      cost      $/pass  t/o  err  skip
    ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    gpt-4o-mini                       75.0%*  30.1–95.4  0.88   0.94      219     15     $0.002    $0.00067    0    0     0
    sonnet                            50.0%    9.5–90.5  2.50   2.50      625      5   ≥ $0.012  ≥ $0.012      1    1     1
    local/smollm2-135m-instruct-q8    25.0%    4.6–69.9  0.09*  0.09*      22*   148*         –           –    0    0     0
    Sorted by accuracy, then p50 latency; * best of its column
    May be as good as gpt-4o-mini (95% intervals overlap): local/smollm2-135m-instruct-q8. Fastest:
    local/smollm2-135m-instruct-q8 (p50 90ms)
    - sonnet: cut off (deadline): its deadline of 15m passed; 1 cell skipped
    - sonnet: 1 error (provider 1), such as: upstream said�[2J "no"
    - sonnet: a part of the cost is unknown, the rest is shown with ≥
    - sonnet: cost of 1 cell estimated from tokens and prices
    - sonnet: 1 of 1 answers cut off by `max_tokens`
    - local/smollm2-135m-instruct-q8: no cost was reported
    "#);
}

#[test]
fn a_classic_terminal() {
    insta::assert_snapshot!(drawn(80), @r#"
    triage · 12 cells · 3 models · 800ms
    model                accuracy     95% CI  p50 s  p95 s      cost  t/o  err  skip
    ────────────────────────────────────────────────────────────────────────────────
    gpt-4o-mini            75.0%*  30.1–95.4  0.88   0.94     $0.002    0    0     0
    sonnet                 50.0%    9.5–90.5  2.50   2.50   ≥ $0.012    1    1     1
    local/…-instruct-q8    25.0%    4.6–69.9  0.09*  0.09*         –    0    0     0
    Sorted by accuracy, then p50 latency; * best of its column; left out for width:
    $/pass, ttft ms, tok/s
    May be as good as gpt-4o-mini (95% intervals overlap):
    local/smollm2-135m-instruct-q8. Fastest: local/smollm2-135m-instruct-q8 (p50
    90ms)
    - sonnet: cut off (deadline): its deadline of 15m passed; 1 cell skipped
    - sonnet: 1 error (provider 1), such as: upstream said�[2J "no"
    - sonnet: a part of the cost is unknown, the rest is shown with ≥
    - sonnet: cost of 1 cell estimated from tokens and prices
    - sonnet: 1 of 1 answers cut off by `max_tokens`
    - local/smollm2-135m-instruct-q8: no cost was reported
    "#);
}

#[test]
fn a_narrow_terminal_keeps_what_matters() {
    insta::assert_snapshot!(drawn(60), @r#"
    triage · 12 cells · 3 models · 800ms
    model             accuracy     95% CI  p50 s  t/o  err  skip
    ────────────────────────────────────────────────────────────
    gpt-4o-mini         75.0%*  30.1–95.4  0.88     0    0     0
    sonnet              50.0%    9.5–90.5  2.50     1    1     1
    local…nstruct-q8    25.0%    4.6–69.9  0.09*    0    0     0
    Sorted by accuracy, then p50 latency; * best of its column;
    left out for width: cost, p95 s, $/pass, ttft ms, tok/s
    May be as good as gpt-4o-mini (95% intervals overlap):
    local/smollm2-135m-instruct-q8. Fastest:
    local/smollm2-135m-instruct-q8 (p50 90ms)
    - sonnet: cut off (deadline): its deadline of 15m passed; 1
      cell skipped
    - sonnet: 1 error (provider 1), such as: upstream said�[2J
      "no"
    - sonnet: a part of the cost is unknown, the rest is shown
      with ≥
    - sonnet: cost of 1 cell estimated from tokens and prices
    - sonnet: 1 of 1 answers cut off by `max_tokens`
    - local/smollm2-135m-instruct-q8: no cost was reported
    "#);
}

/// Two models asked three times each, graded by two graders, with scores shown.
fn repeated(width: usize) -> String {
    let suite = Suite { repeat: 3, ..suite(&["gpt-4o-mini", "local/smollm2-135m-instruct-q8"], &["a", "b", "c"]) };
    let mut records = Vec::new();
    for (case, passes) in [("a", [3, 1]), ("b", [2, 2]), ("c", [3, 0])] {
        for (model, passes) in suite.models.iter().zip(passes) {
            for repeat in 1..=3 {
                let pass = repeat <= passes;
                let grade = |grader: &str, score: f64| Grade {
                    grader: grader.into(),
                    pass: Some(score > 0.5),
                    score: Some(score),
                    reason: None,
                    extracted: None,
                    weight: 1.0,
                    nothing: false,
                    parts: Vec::new(),
                };
                let grades =
                    vec![grade("right", f64::from(u8::from(pass))), grade("a rather long\nname of a grader", 0.75)];
                records.push(CellRecord { repeat, grades, ..graded(&model.name, case, pass, 500.0, "0.001") });
            }
        }
    }
    // One repeat says nothing of the model.
    records[17] = CellRecord {
        repeat: 3,
        ..failed("local/smollm2-135m-instruct-q8", "c", Verdict::Error, "provider", "overloaded")
    };
    let (_dir, run) = open(&Manifest { ended: Some(ending(&[])), ..manifest(&suite) }, &records);
    table(&[run], &TableStyle { width, color: false, scores: true })
}

#[test]
fn repeats_have_a_table_of_their_own_and_scores_stand_at_the_end() {
    insta::assert_snapshot!(repeated(160), @"
    triage · 18 cells · 2 models · 800ms
    model                           accuracy     95% CI  p50 ms  p95 ms  ttft ms  tok/s     cost    $/pass  t/o  err  skip   right  a r…a grader
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    gpt-4o-mini                       88.9%*  56.5–98.0     500     500      125     27  $0.009   $0.0011*    0    0     0  0.889*         0.750
    local/smollm2-135m-instruct-q8    37.5%   13.7–69.4     500     500      125     27  $0.008*  $0.0027     0    1     0  0.375          0.750
    Sorted by accuracy, then p50 latency; * best of its column
    May be as good as gpt-4o-mini (95% intervals overlap): local/smollm2-135m-instruct-q8. Cheapest of these: gpt-4o-mini ($0.0011/pass). Fastest: gpt-4o-mini (p50
    500ms)

    model                           pass@1  pass@3  pass^3  majority   flips
    ────────────────────────────────────────────────────────────────────────
    gpt-4o-mini                     88.9%*  100.0%  66.7%*   100.0%*  33.3%*
    local/smollm2-135m-instruct-q8  33.3%   100.0%   0.0%     33.3%   66.7%
    3 repeats a case: pass@1 one passes, pass@3 at least one of them does, pass^3 all do, majority most do; flips: cases that passed and failed
    - local/smollm2-135m-instruct-q8: 1 error (provider 1), such as: overloaded
    - local/smollm2-135m-instruct-q8: 1 case has fewer than 3 repeats that count: not in pass@3 and pass^3
    ");
}

#[test]
fn a_narrow_terminal_keeps_the_repeats_and_leaves_out_the_last_scores_first() {
    insta::assert_snapshot!(repeated(80), @"
    triage · 18 cells · 2 models · 800ms
    model                     accuracy     95% CI  p50 ms  err   right  a r…a grader
    ────────────────────────────────────────────────────────────────────────────────
    gpt-4o-mini                 88.9%*  56.5–98.0     500    0  0.889*         0.750
    local/s…135m-instruct-q8    37.5%   13.7–69.4     500    1  0.375          0.750
    Sorted by accuracy, then p50 latency; * best of its column; left out for width:
    cost, p95 ms, $/pass, ttft ms, tok/s
    May be as good as gpt-4o-mini (95% intervals overlap):
    local/smollm2-135m-instruct-q8. Cheapest of these: gpt-4o-mini ($0.0011/pass).
    Fastest: gpt-4o-mini (p50 500ms)

    model                           pass@1  pass@3  pass^3  majority   flips
    ────────────────────────────────────────────────────────────────────────
    gpt-4o-mini                     88.9%*  100.0%  66.7%*   100.0%*  33.3%*
    local/smollm2-135m-instruct-q8  33.3%   100.0%   0.0%     33.3%   66.7%
    3 repeats a case: pass@1 one passes, pass@3 at least one of them does, pass^3
    all do, majority most do; flips: cases that passed and failed
    - local/smollm2-135m-instruct-q8: 1 error (provider 1), such as: overloaded
    - local/smollm2-135m-instruct-q8: 1 case has fewer than 3 repeats that count:
      not in pass@3 and pass^3
    ");
}

#[test]
fn no_line_is_wider_than_the_terminal() {
    for width in 44..220 {
        for line in drawn(width).lines().chain(repeated(width).lines()) {
            assert!(line.width() <= width, "{} > {width}: {line}", line.width());
        }
    }
    // Narrower than that it is as wide as its least.
    assert_eq!(drawn(1), drawn(44));
}

#[test]
fn colour_changes_nothing_but_colour() {
    let (suite, records) = mixed();
    let (_dir, run) = open(&mixed_manifest(&suite), &records);
    let runs = [run];
    let colored = table(&runs, &TableStyle { width: 120, color: true, scores: false });
    let plain = table(&runs, &TableStyle { width: 120, color: false, scores: false });
    assert!(colored.contains("\u{1b}["));
    let strip = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    let strip = |text: &str| text.lines().map(|l| strip.replace_all(l, "").trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(strip(&colored), strip(&plain));
    assert!(!plain.contains('\u{1b}'));
}

#[test]
fn several_prompts_are_compared_row_by_row_and_a_simulated_run_says_so() {
    let mut suite = suite(&["m"], &["a", "b"]);
    let second = Prompt::of_text("few-shot", "Which team? {{ ticket }}").unwrap();
    suite.prompts.push(second);
    let mut records: Vec<CellRecord> = Vec::new();
    for case in ["a", "b"] {
        records.push(graded("m", case, case == "a", 500.0, "0.001"));
        records.push(CellRecord { prompt: "few-shot".into(), ..graded("m", case, true, 700.0, "0.002") });
    }
    records[3].score = Some(0.75);
    let manifest = Manifest { simulated: true, ended: Some(ending(&[])), ..manifest(&suite) };
    let (_dir, run) = open(&manifest, &records);
    insta::assert_snapshot!(table(&[run], &TableStyle { width: 100, color: false, scores: false }), @"
    triage SIMULATED · 4 cells · 1 model · 800ms
    model  prompt    accuracy      95% CI   score  p50 ms  p95 ms  ttft ms  tok/s     cost  $/pass  err
    ───────────────────────────────────────────────────────────────────────────────────────────────────
    m      few-shot   100.0%*  34.2–100.0  0.875*    700     700      175     19   $0.004   $0.002    0
    m      default     50.0%     9.5–90.5  0.500     500*    500*     125*    27*  $0.002*  $0.002    0
    Sorted by accuracy, then p50 latency; * best of its column
    May be as good as m with few-shot (95% intervals overlap): m with default. Fastest: m with default
    (p50 500ms)
    ");
}

#[test]
fn one_simulated_answer_makes_the_run_simulated() {
    let suite = suite(&["m"], &["a"]);
    let (_dir, run) = open(&manifest(&suite), &[CellRecord { simulated: true, ..record("m", "default", "a", 1) }]);
    assert!(
        table(&[run], &TableStyle { width: 40, color: false, scores: false }).starts_with("triage SIMULATED · 1 cell")
    );
}

#[test]
fn a_killed_run_without_any_record_is_a_table_of_unknowns() {
    let suite = suite(&["m", "n"], &["a", "b"]);
    let (_dir, run) = open(&manifest(&suite), &[]);
    insta::assert_snapshot!(table(&[run], &TableStyle { width: 100, color: false, scores: false }), @"
    triage · 4 cells · 2 models
    model  accuracy  95% interval  p50 ms  p95 ms  ttft ms  tok/s  cost  $/pass  timeout  error  skipped
    ────────────────────────────────────────────────────────────────────────────────────────────────────
    m             –             –       –       –        –      –     –       –        0      0        2
    n             –             –       –       –        –      –     –       –        0      0        2
    Sorted by accuracy, then p50 latency
    - the run was killed before its end; `--resume` asks what is left
    ");
}

#[test]
fn names_and_messages_of_strangers_cannot_draw() {
    let hostile = "evil\u{1b}[2J\r\n\u{202e}model\u{7}";
    let mut suite = suite(&[hostile], &["a"]);
    suite.name = hostile.into();
    let message = "a\u{1b}]0;title\u{7}\n\nb".repeat(100);
    let (_dir, run) = open(&manifest(&suite), &[failed(hostile, "a", Verdict::Error, "provider\u{9b}", &message)]);
    let drawn = table(&[run], &TableStyle { width: 70, color: false, scores: false });
    assert!(!drawn.contains(|c: char| c != '\n' && text::acts(c)), "{drawn:?}");
    assert!(drawn.lines().all(|line| line.width() <= 70), "{drawn}");
}

#[test]
fn a_note_that_holds_for_many_models_is_said_once() {
    let names: Vec<String> = (0..6).map(|i| format!("m{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let suite = suite(&names, &["a"]);
    let records: Vec<CellRecord> = names
        .iter()
        .map(|model| CellRecord { finish_reason: Some("length".into()), ..graded(model, "a", true, 1.0, "0") })
        .collect();
    let manifest = Manifest { ended: Some(ending(&[])), ..manifest(&suite) };
    let note = "1 of 1 answers cut off";
    let (_dir, all) = open(&manifest, &records);
    assert!(grouped_notes(&all)[0].starts_with(&format!("all models: {note}")), "{:?}", grouped_notes(&all));
    let (_dir, five) = open(&manifest, &records[..5]);
    assert!(grouped_notes(&five)[0].starts_with(&format!("m0, m1, m2 and 2 more: {note}")));
}
