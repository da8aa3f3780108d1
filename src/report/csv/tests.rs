use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::json;

use super::super::testing::{ending, failed, graded, mixed, mixed_manifest, open, usd};
use super::*;
use crate::grade::Grade;
use crate::journal::testing::{manifest, record, suite};
use crate::journal::{CellRecord, Ending, Manifest, Verdict};

fn results(run: &Run) -> String {
    let mut out = Vec::new();
    results_csv(std::slice::from_ref(run), CsvStyle::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn summary(run: &Run) -> String {
    let mut out = Vec::new();
    summary_csv(std::slice::from_ref(run), CsvStyle::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The rows below the header, by column.
fn read(text: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(ToOwned::to_owned).collect();
    reader
        .records()
        .map(|row| names.iter().cloned().zip(row.unwrap().iter().map(ToOwned::to_owned)).collect())
        .collect()
}

fn field<'a>(row: &'a [(String, String)], name: &str) -> &'a str {
    row.iter().find(|(column, _)| column == name).map(|(_, value)| value.as_str()).unwrap()
}

#[test]
fn the_columns_are_those_of_the_contract() {
    assert_eq!(
        RESULT_COLUMNS.join(","),
        "suite,model,model_id,prompt,case,repeat,verdict,score,expected,output,reasoning,error_kind,error,grades,\
         attempts,latency_ms,ttft_ms,queue_ms,prompt_tokens,completion_tokens,reasoning_tokens,cached_tokens,\
         tokens_per_s,cost_usd,cost_source,served_model,provider,finish_reason,generation_id,tags,started_at"
    );
    assert_eq!(
        SUMMARY_COLUMNS.join(","),
        "suite,model,model_id,prompt,cells,pass,fail,timeout,error,skipped,accuracy,accuracy_low,accuracy_high,\
         score_mean,latency_p50_ms,latency_p95_ms,latency_mean_ms,ttft_p50_ms,ttft_p95_ms,tokens_per_s_p50,\
         prompt_tokens,completion_tokens,cost_usd,cost_per_pass_usd,attempts,retries,fallbacks,wall_s"
    );
}

#[test]
fn a_row_carries_all_that_is_known_and_nothing_that_is_not() {
    let suite = suite(&["m"], &["a", "b"]);
    let mut known = graded("m", "a", false, 812.345_678, "0.00000015");
    known.grades = vec![Grade {
        grader: "exact".into(),
        pass: Some(false),
        score: Some(0.0),
        reason: Some("expected \"a\"".into()),
        extracted: None,
        weight: 1.0,
        nothing: false,
        parts: Vec::new(),
    }];
    known.output = Some("two\r\nlines, \"quoted\"\u{1b}[2J".into());
    let (_dir, run) =
        open(&Manifest { ended: Some(ending(&[("m", "budget", "spent")])), ..manifest(&suite) }, &[known]);
    let text = results(&run);
    let (header, rest) = text.split_once("\r\n").unwrap();
    assert_eq!(header, RESULT_COLUMNS.join(","));
    insta::assert_snapshot!(rest.replace("\r\n", "␍␊\n"), @r#"
    triage,m,author/m,default,a,1,fail,0,a,"two
    lines, ""quoted""[2J",,,,"[{""grader"":""exact"",""pass"":false,""score"":0.0,""reason"":""expected \""a\""""}]",1,812.346,203.086,1.5,20,11,,,16.413,0.00000015,reported,,Provider,stop,gen-1,refund;en,2026-11-21T12:00:00.000Z␍␊
    triage,m,author/m,default,b,1,skipped,,b,,,budget,spent,,0,,,,,,,,,,,,,,,refund;en,␍␊
    "#);
}

#[test]
fn every_planned_cell_is_there_once_whatever_the_order_of_the_journal() {
    let (suite, mut records) = mixed();
    let manifest = mixed_manifest(&suite);
    records.insert(0, failed("sonnet", "a", Verdict::Error, "provider", "to be replaced"));
    let (_dir, run) = open(&manifest, &records);
    let rows = read(&results(&run));
    assert_eq!(rows.len(), 12);
    let cells: HashSet<_> = rows.iter().map(|row| (field(row, "model"), field(row, "case"))).collect();
    assert_eq!(cells.len(), 12);

    // The replaced record stays before the one that replaces it.
    let mut shuffled = records.split_off(1);
    shuffled.reverse();
    records.extend(shuffled);
    let (_dir, again) = open(&manifest, &records);
    let look = super::super::TableStyle { width: 100, color: false, scores: false };
    let json = |run: Run| {
        let mut out = Vec::new();
        super::super::json(&[run], &[], &mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert_eq!(results(&run), results(&again));
    assert_eq!(summary(&run), summary(&again));
    let (one, two) = ([run], [again]);
    assert_eq!(super::super::table(&one, &look), super::super::table(&two, &look));
    let ([one], [two]) = (one, two);
    assert_eq!(json(one), json(two));
}

#[test]
fn why_a_cell_was_skipped_is_told_by_how_the_run_ended() {
    let suite = suite(&["m", "n"], &["a"]);
    let rows = |ended: Option<Ending>| {
        let (_dir, run) = open(&Manifest { ended, ..manifest(&suite) }, &[]);
        let row = |row: &Vec<(String, String)>| {
            [field(row, "verdict"), field(row, "error_kind"), field(row, "error")].join(" / ")
        };
        read(&results(&run)).iter().map(row).collect::<Vec<_>>()
    };
    let killed = "skipped / interrupted / the run was killed";
    assert_eq!(rows(None), [killed, killed]);
    let mut ended = ending(&[("m", "model_gone", "no such model")]);
    assert_eq!(
        rows(Some(ended.clone())),
        ["skipped / model_gone / no such model", "skipped / lost / the journal has no whole record of it"]
    );
    ended.reason = "account".into();
    ended.message = Some("the key was refused".into());
    assert_eq!(rows(Some(ended))[1], "skipped / account / the key was refused");
}

#[test]
fn the_summary_counts_what_happened_and_leaves_out_what_is_unknown() {
    let (suite, records) = mixed();
    let (_dir, run) = open(&mixed_manifest(&suite), &records);
    let text = summary(&run);
    insta::assert_snapshot!(text.replace("\r\n", "\n"), @"
    suite,model,model_id,prompt,cells,pass,fail,timeout,error,skipped,accuracy,accuracy_low,accuracy_high,score_mean,latency_p50_ms,latency_p95_ms,latency_mean_ms,ttft_p50_ms,ttft_p95_ms,tokens_per_s_p50,prompt_tokens,completion_tokens,cost_usd,cost_per_pass_usd,attempts,retries,fallbacks,wall_s
    triage,gpt-4o-mini,author/gpt-4o-mini,default,4,3,1,0,0,0,0.75,0.300642,0.954413,0.75,875,942.5,875,218.75,235.625,15.251,80,44,0.002,0.000666666667,4,0,0,0.8
    triage,sonnet,author/sonnet,default,4,1,0,1,1,1,0.5,0.094531,0.905469,0.5,2500,2500,2500,625,625,5.333,20,11,,,3,0,0,0.8
    triage,local/smollm2-135m-instruct-q8,author/local/smollm2-135m-instruct-q8,default,4,1,3,0,0,0,0.25,0.045587,0.699358,0.25,90,90,90,22.5,22.5,148.148,80,44,,,8,4,0,0.8
    ");
    let rows = read(&text);
    // A timeout may have cost something, so the sum of the second model is not known.
    assert_eq!(field(&rows[1], "cost_usd"), "");
    assert_eq!(run.summary().models[1].total.cost_known, usd("0.0123").unwrap());
    // Nobody reported anything for the third.
    assert_eq!(field(&rows[2], "cost_usd"), "");
    assert_eq!(field(&rows[2], "retries"), "4");
}

#[test]
fn a_sum_of_tokens_that_lacks_a_part_is_empty() {
    let suite = suite(&["m"], &["a", "b"]);
    let mut records = vec![graded("m", "a", true, 1.0, "0"), graded("m", "b", true, 1.0, "0")];
    records[1].tokens.prompt = None;
    let (_dir, run) = open(&manifest(&suite), &records);
    let rows = read(&summary(&run));
    assert_eq!((field(&rows[0], "prompt_tokens"), field(&rows[0], "completion_tokens")), ("", "22"));
    assert_eq!(field(&rows[0], "cost_usd"), "0", "a cost of nothing is known");
}

#[test]
fn retries_and_fallbacks_are_counted() {
    let suite = suite(&["m"], &["a", "b"]);
    let mut records = vec![graded("m", "a", true, 1.0, "0"), graded("m", "b", true, 1.0, "0")];
    records[0].served_model = Some("author/m-20260217".into());
    records[1].served_model = Some("author/other".into());
    let mut limited = records[1].attempts[0].clone();
    limited.error = Some(crate::journal::ErrorInfo { kind: "rate_limited".into(), message: "slow down".into() });
    (limited.cost, limited.ttft_ms) = (None, None);
    records[1].attempts.insert(0, limited);
    let (_dir, run) = open(&manifest(&suite), &records);
    let rows = read(&summary(&run));
    let row = &rows[0];
    assert_eq!([field(row, "attempts"), field(row, "retries"), field(row, "fallbacks")], ["3", "1", "1"]);
    assert_eq!(field(row, "cost_usd"), "0", "a refused request costs nothing");
}

#[test]
fn a_simulated_run_says_so_in_every_row() {
    let suite = suite(&["m"], &["a"]);
    let manifest = Manifest { simulated: true, ..manifest(&suite) };
    let (_dir, run) = open(&manifest, &[record("m", "default", "a", 1)]);
    assert_eq!(field(&read(&results(&run))[0], "suite"), "triage [SIMULATED]");
    assert_eq!(field(&read(&summary(&run))[0], "suite"), "triage [SIMULATED]");
}

#[test]
fn formulas_are_defused_and_numbers_stay_numbers() {
    for formula in [
        "=1+1",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "-2-3",
        "@SUM(A1)",
        "\t=1",
        "\n=1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "-",
        "+A1",
        "-1:2",
        "-inf",
        "-e",
        "- item",
        "+1-1",
        "-0x10",
    ] {
        assert_eq!(defused(formula.into()), format!("'{formula}"), "{formula:?}");
    }
    for harmless in ["", "-1", "+1", "-0.5", "-.5", "-1e-7", "+1E+9", "1", "a=1", "'=1", "1-2", "(=1)", "é"] {
        assert_eq!(defused(harmless.into()), harmless);
    }
}

#[test]
fn raw_text_is_left_alone_but_for_control_characters() {
    let suite = suite(&["m"], &["a"]);
    let record = CellRecord { output: Some("=1+1\u{1b}[0m\u{9b}".into()), ..record("m", "default", "a", 1) };
    let (_dir, run) = open(&manifest(&suite), &[record]);
    let mut out = Vec::new();
    results_csv(&[run], CsvStyle { raw: true, scores: false }, &mut out).unwrap();
    assert_eq!(field(&read(&String::from_utf8(out).unwrap())[0], "output"), "=1+1[0m");
}

#[test]
fn an_answer_of_tool_calls_or_a_refusal_is_shown_as_output() {
    let suite = suite(&["m"], &["a", "b"]);
    let mut records = vec![record("m", "default", "a", 1), record("m", "default", "b", 1)];
    records[0].output = Some(String::new());
    records[0].tool_calls = vec![json!({"function": {"name": "f"}})];
    records[1].output = None;
    records[1].refusal = Some("I cannot".into());
    let (_dir, run) = open(&manifest(&suite), &records);
    let rows = read(&results(&run));
    assert_eq!(field(&rows[0], "output"), r#"[{"function":{"name":"f"}}]"#);
    assert_eq!(field(&rows[1], "output"), "I cannot");
    assert_eq!(run.summary().models[0].total.empty, 0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_a_model_says_comes_back_and_runs_nowhere(output in "(\\PC|[\\x00-\\x1f=+@-]|\"|,|\r\n){0,40}") {
        let suite = suite(&["m"], &["a", "b"]);
        let records = [
            CellRecord { output: Some(output.clone()), ..record("m", "default", "a", 1) },
            record("m", "default", "b", 1),
        ];
        let (_dir, run) = open(&manifest(&suite), &records);
        let rows = read(&results(&run));
        prop_assert_eq!(rows.len(), 2);
        let got = field(&rows[0], "output");
        let clean = without_controls(&output);
        let defused = format!("'{clean}");
        prop_assert!(got == clean || got == defused, "{:?}", got);
        let runs = got.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) && got.parse::<f64>().is_err();
        prop_assert!(!runs, "{:?}", got);
    }
}
