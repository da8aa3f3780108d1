//! What stands at the top of a shipped suite, and in `docs/suites.md`, is what the program says.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::context::Context;
use crate::suites::{play, shipped, suite};
use crate::table::{Row, Table};

/// Dollars for a million tokens in and out: those of the simulator's catalog, which are OpenRouter's.
const CHEAP: (&str, [f64; 2]) = ("openai/gpt-4o-mini", [0.15, 0.6]);
const DEAR: (&str, [f64; 2]) = ("anthropic/claude-opus-4.5", [5.0, 25.0]);

/// The lines `# key: text` above a suite, each with those that go on from it.
fn header(name: &str) -> BTreeMap<String, String> {
    let text = fs::read_to_string(suite(&format!("{name}.yaml"))).unwrap();
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines().map_while(|line| line.strip_prefix('#')) {
        match line.strip_prefix("   ") {
            Some(more) => lines.last_mut().unwrap().extend([" ", more]),
            None => lines.push(line.trim().to_owned()),
        }
    }
    let pair = |line: &String| line.split_once(": ").map(|(key, text)| (key.to_owned(), text.to_owned()));
    lines.iter().filter_map(pair).collect()
}

/// The first number behind a text.
#[track_caller]
fn number_after(text: &str, mark: &str) -> f64 {
    let rest = text.split_once(mark).unwrap_or_else(|| panic!("no {mark:?} in {text:?}")).1;
    let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    digits.trim_end_matches('.').parse().unwrap_or_else(|_| panic!("no number behind {mark:?} in {text:?}"))
}

/// `60%–98%, 19 of 66 pairs apart`: the lowest and the highest accuracy, and pairs whose intervals do not overlap.
fn separation(summary: &Table) -> String {
    let of = |column: &str| -> Vec<f64> { summary.rows.iter().map(|row| row.number(column)).collect() };
    let (accuracies, lows, highs) = (of("accuracy"), of("accuracy_low"), of("accuracy_high"));
    let models = accuracies.len();
    let pairs = || (0..models).flat_map(|one| (0..one).map(move |other| (one, other)));
    let apart = pairs().filter(|&(one, other)| highs[one] < lows[other] || highs[other] < lows[one]).count();
    let lowest = accuracies.iter().copied().fold(f64::INFINITY, f64::min);
    let highest = accuracies.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    format!("{:.0}%–{:.0}%, {apart} of {} pairs apart", lowest * 100.0, highest * 100.0, pairs().count())
}

/// Whether an answer is wrong only in the eyes of a judge, which may err.
fn only_judged_wrong(row: &Row) -> bool {
    let grades: Vec<Value> = serde_json::from_str(row.get("grades")).unwrap_or_default();
    let failed: Vec<&Value> = grades.iter().filter(|grade| grade["pass"] == false).collect();
    !failed.is_empty() && failed.iter().all(|grade| grade["grader"] == "judge")
}

#[track_caller]
fn is_as_its_header_says(name: &str) {
    let header = header(name);
    for key in ["measures", "not", "cases", "tokens", "cost", "graders", "simulated"] {
        assert!(header.contains_key(key), "{name} has no `# {key}:` at its top");
    }
    let cx = Context::new();
    play(&cx, name);
    let results = cx.results();
    let cases: BTreeSet<&str> = results.rows.iter().map(|row| row.get("case")).collect();
    assert_eq!(header["cases"], cases.len().to_string(), "{name}: cases");
    assert!((24..=60).contains(&cases.len()), "{name}: {} cases", cases.len());
    assert_eq!(header["simulated"], separation(&cx.summary()), "{name}: simulated");
    let models: BTreeSet<&str> = results.rows.iter().map(|row| row.get("model")).collect();
    assert_eq!(models.len(), 12, "{name}: {models:?}");

    // Some model gets each case right: the graders accept what they themselves call right.
    for case in &cases {
        let mut rows = results.rows.iter().filter(|row| row.get("case") == *case);
        assert!(rows.any(|row| row.get("verdict") == "pass" || only_judged_wrong(row)), "{name}: nobody gets {case}");
    }

    let read = number_after(&format!(": {}", header["tokens"]), ": ");
    let written = number_after(&header["tokens"], "in, ");
    let counted: Vec<f64> = results
        .rows
        .iter()
        .filter(|row| !row.get("prompt_tokens").is_empty())
        .map(|row| row.number("prompt_tokens"))
        .collect();
    let mean = counted.iter().sum::<f64>() / counted.len() as f64;
    assert!((0.5..2.0).contains(&(read / mean)), "{name}: {read} tokens in, {mean} counted");
    for (model, [price_in, price_out]) in [CHEAP, DEAR] {
        let told = number_after(
            header["cost"].split(&format!(" on {model}")).next().unwrap().rsplit(' ').next().unwrap(),
            "$",
        );
        let cost = cases.len() as f64 * (read * price_in + written * price_out) / 1e6;
        assert!((told / cost - 1.0).abs() < 0.06, "{name}: ${told} on {model}, computed ${cost}");
    }

    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/suites.md")).unwrap();
    let row = page.lines().find(|line| line.starts_with(&format!("| [{name}]"))).unwrap_or_else(|| panic!("no {name}"));
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    assert_eq!(cells[2], header["cases"], "docs/suites.md: {name}");
    for (cell, (model, _)) in cells[3..5].iter().zip([CHEAP, DEAR]) {
        assert!(header["cost"].contains(&format!("{cell} on {model}")), "docs/suites.md: {name}: {cell} on {model}");
    }
    assert_eq!(cells[5], header["simulated"], "docs/suites.md: {name}");
}

macro_rules! headers {
    ($($test:ident: $name:literal,)*) => {
        const TESTED: &[&str] = &[$($name),*];
        $(
            #[test]
            fn $test() {
                is_as_its_header_says($name);
            }
        )*
    };
}

headers! {
    arithmetic_is_as_its_header_says: "arithmetic",
    code_repair_is_as_its_header_says: "code-repair",
    extraction_is_as_its_header_says: "extraction",
    instructions_is_as_its_header_says: "instructions",
    long_context_is_as_its_header_says: "long-context",
    multilingual_is_as_its_header_says: "multilingual",
    reasoning_is_as_its_header_says: "reasoning",
    refusals_is_as_its_header_says: "refusals",
    summaries_is_as_its_header_says: "summaries",
    tool_choice_is_as_its_header_says: "tool-choice",
}

#[test]
fn the_header_of_every_shipped_suite_is_tested() {
    let shipped: BTreeSet<String> =
        shipped().iter().map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    let tested = TESTED.iter().chain(&["quickstart"]).map(|name| (*name).to_owned()).collect();
    assert_eq!(shipped, tested);
}
