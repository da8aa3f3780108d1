//! The vectors of `tests/reference/similarity.json`, through the graders as a suite uses them.

use serde_json::{Map, Value, json};

use super::score;
use crate::grade::similarity::porter::stem;

fn reference() -> Value {
    serde_json::from_str(include_str!("../../../../tests/reference/similarity.json")).unwrap()
}

/// A text as the script writes it: as it is, or `[unit, times, end]`.
fn text(written: &Value) -> String {
    match written.as_array().map(Vec::as_slice) {
        Some([unit, times, end]) => {
            unit.as_str().unwrap().repeat(usize::try_from(times.as_u64().unwrap()).unwrap()) + end.as_str().unwrap()
        }
        _ => written.as_str().unwrap().to_owned(),
    }
}

struct Pair {
    answer: String,
    references: Vec<String>,
    row: Value,
}

fn pairs(all: &Value) -> Vec<Pair> {
    let pairs = all["pairs"].as_array().unwrap().iter().map(|row| Pair {
        answer: text(&row["answer"]),
        references: row["references"].as_array().unwrap().iter().map(text).collect(),
        row: row.clone(),
    });
    pairs.collect()
}

/// The grader with further options.
fn with(kind: &str, options: &[(&str, Value)]) -> Value {
    let mut map = Map::from_iter([("type".to_owned(), json!(kind))]);
    map.extend(options.iter().map(|(key, value)| ((*key).to_owned(), value.clone())));
    Value::Object(map)
}

/// Collects what disagrees, to tell all of it at once.
#[derive(Default)]
struct Disagreements {
    compared: usize,
    found: Vec<String>,
}

impl Disagreements {
    fn compare(&mut self, what: &Value, pair: &Pair, ours: f64, theirs: f64) {
        self.compared += 1;
        if (ours - theirs).abs() > 1e-9 {
            let answer: String = pair.answer.chars().take(80).collect();
            self.found.push(format!("{what}: {ours} instead of {theirs}: {answer:?} {:.80?}", pair.references));
        }
    }

    #[track_caller]
    fn none_of(self, at_least: usize) {
        assert!(self.compared >= at_least, "only {} were compared", self.compared);
        assert!(self.found.is_empty(), "{} of {}:\n{}", self.found.len(), self.compared, self.found.join("\n"));
    }
}

#[test]
fn edit_distance_is_that_of_rapidfuzz() {
    let all = reference();
    let mut disagreements = Disagreements::default();
    for pair in pairs(&all) {
        for (reference, theirs) in pair.references.iter().zip(pair.row["levenshtein"].as_array().unwrap()) {
            let grader = with("levenshtein", &[("trim", json!(false))]);
            let ours = score(&grader, &pair.answer, &json!(reference));
            disagreements.compare(&grader, &pair, ours, theirs[1].as_f64().unwrap());
            let edits = theirs[0].as_u64().unwrap();
            for (most, pass) in [(Some(edits), true), (edits.checked_sub(1), false)] {
                let Some(most) = most else { continue };
                let grader = with("levenshtein", &[("trim", json!(false)), ("max_distance", json!(most))]);
                let grade = super::grade_with(&grader, &pair.answer, &json!(reference));
                assert_eq!(grade.pass, Some(pass), "{grader} {:?} {reference:?}", pair.answer);
            }
        }
        for (reference, theirs) in pair.references.iter().zip(pair.row["levenshtein_words"].as_array().unwrap()) {
            let grader = with("levenshtein", &[("unit", json!("words"))]);
            let ours = score(&grader, &pair.answer, &json!(reference));
            disagreements.compare(&grader, &pair, ours, theirs.as_f64().unwrap());
        }
    }
    disagreements.none_of(250);
}

#[test]
fn rouge_is_that_of_rouge_score() {
    let all = reference();
    let mut disagreements = Disagreements::default();
    for pair in pairs(&all) {
        for (key, stemmer) in [("plain", false), ("stemmed", true)] {
            for (variant, theirs) in
                all["rouge_variants"].as_array().unwrap().iter().zip(pair.row["rouge"][key].as_array().unwrap())
            {
                let first = json!(pair.references[0]);
                let every = json!(pair.references);
                let cases = [("precision", &first), ("recall", &first), ("f", &first), ("f", &every)];
                for ((measure, expected), theirs) in cases.into_iter().zip(theirs.as_array().unwrap()) {
                    let options =
                        [("variant", variant.clone()), ("measure", json!(measure)), ("stemmer", json!(stemmer))];
                    let grader = with("rouge", &options);
                    let ours = score(&grader, &pair.answer, expected);
                    disagreements.compare(&grader, &pair, ours, theirs.as_f64().unwrap());
                }
            }
        }
    }
    disagreements.none_of(5000);
}

/// The grader with sacrebleu's arguments.
fn translated(kind: &str, config: &Value) -> Value {
    let names = [("lowercase", "ignore_case"), ("smooth_method", "smooth"), ("max_ngram_order", "max_order")];
    let ours = |name: &str| {
        names.iter().find(|(theirs, _)| *theirs == name).map_or(name.to_owned(), |(_, ours)| (*ours).to_owned())
    };
    let mut map = Map::from_iter([("type".to_owned(), json!(kind))]);
    map.extend(config.as_object().unwrap().iter().map(|(name, value)| (ours(name), value.clone())));
    Value::Object(map)
}

fn sacrebleu(kind: &str, configs: &str, at_least: usize) {
    let all = reference();
    let mut disagreements = Disagreements::default();
    for pair in pairs(&all) {
        for (config, theirs) in all[configs].as_object().unwrap().values().zip(pair.row[kind].as_array().unwrap()) {
            let grader = translated(kind, config);
            let ours = score(&grader, &pair.answer, &json!(pair.references));
            disagreements.compare(&grader, &pair, ours, theirs.as_f64().unwrap() / 100.0);
        }
    }
    disagreements.none_of(at_least);
}

#[test]
fn bleu_is_that_of_sacrebleu() {
    sacrebleu("bleu", "bleu_configs", 1500);
}

#[test]
fn chrf_is_that_of_sacrebleu() {
    sacrebleu("chrf", "chrf_configs", 1000);
}

#[test]
fn f1_and_exact_match_are_those_of_the_squad_script() {
    let all = reference();
    let mut disagreements = Disagreements::default();
    for pair in pairs(&all) {
        for (kind, theirs) in ["squad_em", "f1"].into_iter().zip(pair.row["squad"].as_array().unwrap()) {
            let grader = with(kind, &[]);
            let ours = score(&grader, &pair.answer, &json!(pair.references));
            disagreements.compare(&grader, &pair, ours, theirs.as_f64().unwrap());
        }
    }
    disagreements.none_of(250);
}

#[test]
fn stems_are_those_of_nltk() {
    let all = reference();
    let stems = all["stems"].as_array().unwrap();
    assert!(stems.len() > 1500);
    let wrong: Vec<String> = stems
        .iter()
        .map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap()))
        .filter(|(word, theirs)| stem(word) != *theirs)
        .map(|(word, theirs)| format!("{word}: {} instead of {theirs}", stem(word)))
        .collect();
    assert!(wrong.is_empty(), "{} of {}: {wrong:?}", wrong.len(), stems.len());
}
