//! Reading of gates, and every metric against every outcome.

use super::{Gate, GateError, Judged, Measures, Outcome};
use crate::units::Usd;

use Outcome::{Failed, Inconclusive, Passed};

const MODELS: [&str; 4] = ["sonnet", "openai/gpt-4o-mini", "meta/llama-3.1:free", "odd]name"];

fn gate(text: &str) -> Gate {
    Gate::parse(text, &MODELS).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A model's measures: right, wrong, too slow, in error, skipped.
fn measures(pass: u64, fail: u64, timeout: u64, error: u64, skipped: u64) -> Measures {
    Measures {
        model: "sonnet".to_owned(),
        cells: pass + fail + timeout + error + skipped,
        pass,
        fail,
        timeout,
        error,
        skipped,
        answered: pass + fail,
        ..Measures::default()
    }
}

fn judge(text: &str, measures: &Measures) -> Judged {
    gate(text).judge(measures, None)
}

fn outcome(text: &str, measures: &Measures) -> Outcome {
    judge(text, measures).outcome
}

fn usd(text: &str) -> Usd {
    text.parse().unwrap()
}

#[track_caller]
fn refused(text: &str) -> (GateError, String) {
    let error = Gate::parse(text, &MODELS).expect_err(text);
    let part = text.get(error.span.clone()).unwrap_or_else(|| panic!("{text}: span {:?}", error.span)).to_owned();
    (error, part)
}

#[test]
fn every_example_of_the_contract_is_read() {
    for text in [
        "accuracy >= 90%",
        "accuracy[sonnet] >= 0.9",
        "  accuracy [ sonnet ]>=90 %  ",
        "score.mean >= 0.7",
        "score.mean>70%",
        "latency.p95 <= 5s",
        "latency.p99.9<1m 30s",
        "latency.mean < 2s",
        "ttft.p50 <= 800ms",
        "tokens_per_s.p50 >= 40",
        "cost.total <= $2",
        "cost.total <= 2",
        "cost.per_pass <= $0.01",
        "errors <= 1%",
        "errors <= 3",
        "timeouts == 0",
        "skipped == 0",
    ] {
        gate(text);
    }
}

#[test]
fn brackets_name_models_by_name_quoted_name_or_glob() {
    let named = |text: &str| gate(text).models().unwrap().to_vec();
    assert_eq!(named("accuracy[sonnet] > 1%"), ["sonnet"]);
    assert_eq!(named("accuracy[openai/gpt-4o-mini] > 1%"), ["openai/gpt-4o-mini"]);
    assert_eq!(named("accuracy[\"meta/llama-3.1:free\"] > 1%"), ["meta/llama-3.1:free"]);
    assert_eq!(named("accuracy['odd]name'] > 1%"), ["odd]name"]);
    assert_eq!(named("accuracy[*/*] > 1%"), ["openai/gpt-4o-mini", "meta/llama-3.1:free"]);
    let all = gate("accuracy > 1%");
    assert!(all.models().is_none() && all.holds_for("anything"));
    let one = gate("accuracy[sonnet] > 1%");
    assert!(one.holds_for("sonnet") && !one.holds_for("openai/gpt-4o-mini"));
}

#[test]
fn a_mistake_is_underlined_and_has_a_way_out() {
    for (text, part, message, hint) in [
        ("", "", "starts with a metric", "accuracy >= 90%"),
        (">= 90%", ">= 90%", "starts with a metric", "accuracy >= 90%"),
        ("acuracy >= 90%", "acuracy", "unknown metric `acuracy`", "`accuracy`"),
        ("error <= 1%", "error", "unknown metric", "`errors`"),
        ("p95 <= 1s", "p95", "unknown metric", "`latency.p95`"),
        ("score >= 1%", "score", "unknown metric", "`score.mean`"),
        ("cost <= $1", "cost", "unknown metric", "`cost.total`"),
        ("zzz > 1", "zzz", "unknown metric", "`score.mean`, `latency.p50`"),
        ("latency <= 5s", "latency", "needs to be summed up", "`latency.p95`"),
        ("latency.p101 <= 5s", "latency.p101", "no way to sum up", "p0 to p100"),
        ("latency.max <= 5s", "latency.max", "no way to sum up", "p0 to p100"),
        ("accuracy[sonet] >= 90%", "sonet", "no model is named `sonet`", "`sonnet`"),
        ("accuracy[x/*] >= 90%", "x/*", "no model is named `x/*`", "the models are"),
        ("accuracy[a[] >= 90%", "a[", "not a glob", "a model's name"),
        ("accuracy[] >= 90%", "[]", "no model in the brackets", "leave `[]` out"),
        ("accuracy[sonnet >= 90%", "[sonnet >= 90%", "never closed", "`]`"),
        ("accuracy{tag=refund} >= 80%", "tag=refund", "tags are not supported yet", "braces"),
        ("accuracy = 90%", "=", "not an operator", "`==`"),
        ("accuracy => 90%", "=>", "not an operator", "`>=`"),
        ("accuracy ≥ 90%", "≥", "not an operator", "`>=`"),
        ("accuracy != 90%", "!=", "not an operator", "the operators are"),
        ("accuracy 90%", "90%", "operator is missing", "the operators are"),
        ("accuracy", "", "operator is missing", "the operators are"),
        ("accuracy >=", "", "a value is missing", "accuracy >= 90%"),
        ("accuracy >= ninety", "ninety", "not a value", ">= 90%"),
        ("accuracy >= 90", "90", "between 0 and 1", "`90%`"),
        ("accuracy >= 101%", "101%", "between 0% and 100%", "90%"),
        ("accuracy >= -1%", "-1%", "between 0% and 100%", "90%"),
        ("accuracy > 100%", "100%", "can never be", "`>=`"),
        ("accuracy >= 5s", "5s", "cannot be compared with a duration", "90%"),
        ("accuracy >= x%", "x%", "not a percentage", "90%"),
        ("latency.p95 <= 5", "5", "needs a unit", "`5s`"),
        ("latency.p95 <= 5%", "5%", "cannot be compared with a percentage", "<= 5s"),
        ("latency.p95 <= 5 parsecs", "5 parsecs", "not a duration", "<= 5s"),
        ("latency.p95 <= -5s", "-5s", "negative", "<= 5s"),
        ("cost.total <= 5s", "5s", "cannot be compared with a duration", "<= $2"),
        ("cost.total <= $x", "$x", "not an amount", "<= $2"),
        ("cost.total <= -2", "-2", "cannot be compared", "<= $2"),
        ("errors <= 0.5", "0.5", "whole number", "1%"),
        ("errors <= $1", "$1", "cannot be compared with an amount of money", "1%"),
        ("tokens_per_s.p50 >= 40%", "40%", "cannot be compared with a percentage", ">= 40"),
        ("accuracy >= baseline - 2%", "baseline - 2%", "`baseline` are not supported yet", "fixed value"),
        ("accuracy >= best", "best", "`best` are not supported yet", "fixed value"),
        ("accuracy >= 90% and more", "90% and more", "not a duration", ">= 90%"),
    ] {
        let (error, underlined) = refused(text);
        assert!(error.message.contains(message), "{text}: {}", error.message);
        assert_eq!(underlined, part, "{text}");
        assert!(error.hint.as_deref().is_some_and(|h| h.contains(hint)), "{text}: {:?}", error.hint);
    }
}

#[test]
fn equality_with_the_limit_counts_as_the_operator_says() {
    let nine_of_ten = measures(9, 1, 0, 0, 0);
    for (operator, want) in [(">=", Passed), ("<=", Passed), ("==", Passed), (">", Failed), ("<", Failed)] {
        for limit in ["90%", "0.9", "90.0%"] {
            assert_eq!(outcome(&format!("accuracy {operator} {limit}"), &nine_of_ten), want, "{operator} {limit}");
        }
    }
    // No fraction is off by one bit: 7/25 is 28 % and 57/100 is 57 %.
    for (pass, n, limit) in [(7, 25, "28%"), (57, 100, "57%"), (29, 50, "58%"), (999, 1000, "99.9%")] {
        assert_eq!(outcome(&format!("accuracy == {limit}"), &measures(pass, n - pass, 0, 0, 0)), Passed, "{limit}");
    }
}

#[test]
fn a_timeout_counts_against_accuracy_and_score() {
    let mut slow = measures(9, 0, 1, 0, 0);
    slow.score_sum = 9.0;
    assert_eq!(outcome("accuracy >= 95%", &slow), Failed);
    assert_eq!(outcome("score.mean >= 0.95", &slow), Failed);
    assert_eq!(outcome("score.mean >= 0.9", &slow), Passed);
}

#[test]
fn unknown_cells_make_accuracy_inconclusive_only_where_they_could_change_it() {
    for broken in [measures(85, 10, 0, 5, 0), measures(85, 10, 0, 0, 5), measures(85, 10, 0, 3, 2)] {
        assert_eq!(outcome("accuracy >= 85%", &broken), Passed, "at worst 85/100");
        assert_eq!(outcome("accuracy > 85%", &broken), Inconclusive);
        assert_eq!(outcome("accuracy >= 90%", &broken), Inconclusive, "at best 90/100");
        assert_eq!(outcome("accuracy > 90%", &broken), Failed);
        assert_eq!(outcome("accuracy == 87%", &broken), Inconclusive);
        assert_eq!(outcome("accuracy == 95%", &broken), Failed);
    }
}

#[test]
fn nothing_but_errors_decides_nothing() {
    let broken = measures(0, 0, 0, 10, 0);
    for text in ["accuracy >= 90%", "score.mean >= 0.5", "latency.p95 <= 5s", "cost.total <= $2", "cost.per_pass <= $1"]
    {
        assert_eq!(outcome(text, &broken), Inconclusive, "{text}");
    }
    assert_eq!(outcome("errors <= 1%", &broken), Failed);
    assert!(judge("accuracy >= 90%", &broken).line.contains("no cell could be graded"));
}

#[test]
fn no_cells_at_all_are_inconclusive_for_every_metric() {
    for text in
        ["accuracy >= 0%", "score.mean >= 0", "latency.p95 <= 5s", "cost.total <= $2", "errors == 0", "timeouts == 0"]
    {
        let judged = judge(text, &measures(0, 0, 0, 0, 0));
        assert_eq!(judged.outcome, Inconclusive, "{text}");
        assert!(judged.line.contains("no cell was asked"), "{}", judged.line);
    }
}

#[test]
fn a_mean_score_is_not_failed_by_rounding() {
    let mut scored = measures(10, 0, 0, 0, 0);
    scored.score_sum = (0..10).map(|_| 0.1).sum();
    assert!(scored.score_sum < 1.0);
    assert_eq!(outcome("score.mean >= 0.1", &scored), Passed);
    assert_eq!(outcome("score.mean > 0.1", &scored), Failed);
    scored.error = 1;
    scored.cells = 11;
    assert_eq!(outcome("score.mean >= 0.1", &scored), Inconclusive);
    assert_eq!(outcome("score.mean >= 0.5", &scored), Failed, "at best 2/11");
}

#[test]
fn latency_is_bounded_by_what_unanswered_cells_could_have_taken() {
    let mut timed = measures(20, 0, 0, 0, 0);
    timed.latencies_ms = (1..=20).map(|s| f64::from(s) * 1000.0).collect();
    assert_eq!(outcome("latency.p50 <= 10500ms", &timed), Passed);
    assert_eq!(outcome("latency.p50 < 10500ms", &timed), Failed);
    assert_eq!(outcome("latency.mean == 10500ms", &timed), Passed);
    timed.skipped = 1;
    timed.cells += 1;
    assert_eq!(outcome("latency.p50 <= 11s", &timed), Passed, "at worst the 11th of 21");
    assert_eq!(outcome("latency.p50 <= 10500ms", &timed), Inconclusive);
    assert_eq!(outcome("latency.p50 <= 9s", &timed), Failed, "at best the 10th of 20");
    assert_eq!(outcome("latency.p100 <= 1h", &timed), Inconclusive);
    assert_eq!(outcome("latency.mean <= 1h", &timed), Inconclusive);
    assert_eq!(outcome("latency.mean <= 9s", &timed), Failed);
    let line = judge("latency.p100 <= 1h", &timed).line;
    assert!(line.ends_with("20s over 20 cells, besides 1 skipped, which could make it anything from 20s up"), "{line}");
}

#[test]
fn an_answer_whose_grader_failed_still_has_its_latency() {
    let mut timed = measures(1, 0, 0, 1, 0);
    timed.answered = 2;
    timed.latencies_ms = vec![1000.0, 2000.0];
    assert_eq!(outcome("latency.p100 <= 2s", &timed), Passed);
    assert_eq!(outcome("accuracy >= 90%", &timed), Inconclusive);
}

#[test]
fn latency_that_nobody_measured_is_inconclusive() {
    let cached = measures(5, 0, 0, 0, 0);
    assert!(judge("latency.p95 <= 5s", &cached).line.contains("no latency was measured"));
    assert!(judge("ttft.p95 <= 5s", &cached).line.contains("no time to first token was measured"));
    assert!(judge("tokens_per_s.p50 >= 5", &cached).line.contains("no token rate was measured"));
    let slow = measures(0, 0, 5, 0, 0);
    assert!(judge("latency.p95 <= 5s", &slow).line.contains("no cell was answered, besides 5 timed out"));
}

#[test]
fn first_tokens_and_token_rates_are_judged_like_latency() {
    let mut timed = measures(3, 0, 0, 0, 0);
    timed.ttfts_ms = vec![100.0, 200.0, 300.0];
    timed.tokens_per_s = vec![10.0, 40.0, 50.0];
    assert_eq!(outcome("ttft.p50 <= 200ms", &timed), Passed);
    assert_eq!(outcome("ttft.mean > 200ms", &timed), Failed);
    assert_eq!(outcome("tokens_per_s.p50 >= 40", &timed), Passed);
    assert_eq!(outcome("tokens_per_s.p50 > 40", &timed), Failed);
    timed.error = 3;
    timed.cells = 6;
    assert_eq!(outcome("ttft.p50 <= 200ms", &timed), Inconclusive);
    assert_eq!(outcome("tokens_per_s.p50 >= 40", &timed), Inconclusive);
}

#[test]
fn cost_is_exact_and_only_a_lower_bound_where_some_is_unknown() {
    let mut paid = measures(3, 1, 0, 0, 0);
    paid.cost = Some(usd("$0.30"));
    assert_eq!(outcome("cost.total <= $0.3", &paid), Passed);
    assert_eq!(outcome("cost.total < $0.3", &paid), Failed);
    assert_eq!(outcome("cost.per_pass == $0.1", &paid), Passed);
    for (error, skipped, cost_unknown) in [(1, 0, 0), (0, 1, 0), (0, 0, 1)] {
        let mut partly = Measures { error, skipped, cost_unknown, ..paid.clone() };
        partly.cells += error + skipped;
        assert_eq!(outcome("cost.total <= $0.3", &partly), Inconclusive);
        assert_eq!(outcome("cost.total <= $0.2", &partly), Failed);
        assert_eq!(outcome("cost.per_pass <= $0.2", &partly), Inconclusive);
        assert_eq!(outcome("cost.per_pass <= $0.05", &partly), Failed, "at best four passes for $0.30");
    }
    paid.cost = None;
    paid.cost_unknown = 4;
    assert!(judge("cost.total <= $2", &paid).line.contains("inconclusive: no cost was reported"));
}

#[test]
fn money_spent_without_a_pass_fails_a_limit_on_the_cost_per_pass() {
    let mut paid = measures(0, 4, 0, 0, 0);
    paid.cost = Some(usd("0.5"));
    let judged = judge("cost.per_pass <= $100", &paid);
    assert_eq!(judged.outcome, Failed);
    assert!(judged.line.contains("$0.5 and no cell passed"), "{}", judged.line);
    paid.cost = Some(usd("0"));
    assert_eq!(outcome("cost.per_pass <= $100", &paid), Inconclusive);
}

#[test]
fn counted_cells_are_facts_that_only_skipped_ones_can_add_to() {
    let run = measures(90, 0, 4, 1, 5);
    for (text, want) in [
        ("errors == 1", Inconclusive),
        ("errors <= 6", Passed),
        ("errors <= 6%", Passed),
        ("errors <= 1%", Inconclusive),
        ("errors == 0", Failed),
        ("timeouts <= 9%", Passed),
        ("timeouts <= 8%", Inconclusive),
        ("timeouts < 4", Failed),
        ("skipped == 5", Passed),
        ("skipped <= 5%", Passed),
        ("skipped == 0", Failed),
    ] {
        assert_eq!(outcome(text, &run), want, "{text}");
    }
    assert_eq!(outcome("errors <= 1%", &measures(99, 0, 0, 1, 0)), Passed);
}

#[test]
fn under_confidence_the_whole_interval_has_to_be_on_one_side() {
    let judge = |text: &str, measures: &Measures| gate(text).judge(measures, Some(0.95));
    let few = measures(64, 11, 0, 0, 0);
    // 85.3 %, interval 75.6–91.6 %.
    assert_eq!(judge("accuracy >= 75%", &few).outcome, Passed);
    assert_eq!(judge("accuracy >= 92%", &few).outcome, Failed);
    for text in ["accuracy >= 80%", "accuracy >= 90%", "accuracy <= 90%"] {
        assert_eq!(judge(text, &few).outcome, Inconclusive, "{text}");
    }
    // Every error is both, right and wrong.
    let broken = measures(64, 11, 0, 25, 0);
    assert_eq!(judge("accuracy >= 75%", &broken).outcome, Inconclusive);
    assert_eq!(judge("accuracy >= 50%", &broken).outcome, Passed);
    // Ten of ten is not yet 90 %.
    assert_eq!(judge("accuracy >= 90%", &measures(10, 0, 0, 0, 0)).outcome, Inconclusive);
    assert_eq!(judge("accuracy >= 90%", &measures(35, 0, 0, 0, 0)).outcome, Passed);
}

#[test]
fn the_number_of_cases_that_would_decide_is_enough_and_not_far_too_many() {
    let few = measures(64, 11, 0, 0, 0);
    let line = gate("accuracy >= 90%").judge(&few, Some(0.95)).line;
    let more: u64 = line.split("about ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let with = |more: u64| {
        let n = 75 + more;
        let pass = n * 64 / 75;
        gate("accuracy >= 90%").judge(&measures(pass, n - pass, 0, 0, 0), Some(0.95)).outcome
    };
    assert_eq!(with(more * 6 / 5), Failed, "{line}");
    assert_eq!(with(more * 4 / 5), Inconclusive, "{line}");
    let never = gate("accuracy >= 80%").judge(&measures(80, 20, 0, 0, 0), Some(0.95)).line;
    assert!(never.contains("no number of cases"), "{never}");
}

#[test]
fn the_line_tells_value_interval_and_doubt() {
    let few = measures(64, 11, 0, 0, 0);
    for (text, measures, confidence, line) in [
        (
            "accuracy >= 90%",
            few.clone(),
            None,
            "accuracy >= 90%  sonnet  failed: 85.3% (64/75), 95% interval 75.6–91.6%",
        ),
        (
            "accuracy >= 90%",
            few,
            Some(0.9),
            "accuracy >= 90%  sonnet  inconclusive: 85.3% (64/75), 90% interval 77.4–90.8%, about 37 more cases like these would decide it",
        ),
        (
            "accuracy >= 90%",
            measures(8996, 1004, 0, 0, 0),
            None,
            "accuracy >= 90%  sonnet  failed: 89.96% (8996/10000), 95% interval 89.4–90.5%",
        ),
        (
            "accuracy >= 90%",
            measures(85, 10, 0, 3, 2),
            None,
            "accuracy >= 90%  sonnet  inconclusive: 89.5% (85/95), 95% interval 81.7–94.2%, besides 3 in error, 2 skipped, which could make it 85.0% to 90.0%",
        ),
        ("errors <= 1%", measures(99, 0, 0, 1, 0), None, "errors <= 1%  sonnet  passed: 1 of 100 cells (1.0%)"),
    ] {
        assert_eq!(gate(text).judge(&measures, confidence).line, line);
    }
}

#[test]
fn a_value_never_looks_like_the_limit_it_misses() {
    let mut timed = measures(1, 0, 0, 0, 0);
    timed.latencies_ms = vec![5004.0];
    timed.cost = Some(usd("2.0000001"));
    assert!(judge("latency.p95 <= 5s", &timed).line.contains("failed: 5004.000ms"));
    assert!(judge("cost.total <= $2", &timed).line.contains("failed: $2.0000001"));
    timed.latencies_ms = vec![5040.0];
    assert!(judge("latency.p95 <= 5s", &timed).line.contains("failed: 5.04s"));
}

#[test]
fn other_metrics_go_by_their_value_under_confidence_and_say_so() {
    let mut timed = measures(2, 0, 0, 0, 0);
    timed.latencies_ms = vec![1000.0, 2000.0];
    let judged = gate("latency.p95 <= 5s").judge(&timed, Some(0.95));
    assert_eq!(judged.outcome, Passed);
    assert!(judged.line.ends_with("by its value: this metric has no interval"), "{}", judged.line);
}

#[test]
fn a_hostile_model_name_cannot_move_the_cursor() {
    let mut named = measures(1, 0, 0, 0, 0);
    named.model = "a\u{1b}[2J\nb".to_owned();
    assert!(!judge("accuracy >= 90%", &named).line.contains(['\u{1b}', '\n']));
}
