use std::time::Duration;

use futures::FutureExt;
use serde_json::{Map, Value, json};

use super::decide::Rule;
use super::grader::{Combination, Part};
use crate::grade::case::CaseFacts;
use crate::grade::services::{ModelKind, ModelNeed, Needs};
use crate::grade::set::BuiltGrader;
use crate::grade::tests::grade;
use crate::grade::types::{Answer, Grade, Grader, Grading, Judgement, Subject};

/// A part that says what it is told to, a minute later.
#[derive(Debug)]
struct Says(Option<bool>, f64);

impl Grader for Says {
    fn grade<'a>(&'a self, _: Subject<'a>) -> Grading<'a> {
        let judgement = match self.0 {
            Some(true) => Judgement { score: Some(self.1), ..Judgement::pass("fine") },
            Some(false) => Judgement { score: Some(self.1), ..Judgement::fail("bad") },
            None => Judgement::unable("down"),
        };
        Grading::Pending(
            async {
                tokio::time::sleep(Duration::from_mins(1)).await;
                judgement
            }
            .boxed(),
        )
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }

    fn needs(&self) -> Needs {
        let model = ModelNeed { model: "m".to_owned(), option: "models[1]".to_owned(), kind: ModelKind::Chat };
        Needs { models: vec![model], programs: vec!["p".to_owned()], ..Needs::default() }
    }
}

const P: (Option<bool>, f64) = (Some(true), 1.0);
const F: (Option<bool>, f64) = (Some(false), 0.0);
const U: (Option<bool>, f64) = (None, 0.0);

fn combination(rule: Rule, parts: &[(Option<bool>, f64)], weights: &[f64]) -> BuiltGrader {
    let part = |(index, &(pass, score)): (usize, &(Option<bool>, f64))| Part {
        place: format!("of[{index}]"),
        grader: BuiltGrader {
            weight: weights.get(index).copied().unwrap_or(1.0),
            ..BuiltGrader::new(format!("p{index}"), Box::new(Says(pass, score)))
        },
    };
    let parts = parts.iter().enumerate().map(part).collect();
    BuiltGrader::new("whole", Box::new(Combination { rule, parts }))
}

async fn run(grader: &BuiltGrader) -> Grade {
    let (answer, vars) = (Answer::default(), Map::new());
    grader.grade(Subject::new(&answer, None, &vars)).await
}

#[tokio::test(start_paused = true)]
async fn a_part_that_failed_itself_matters_only_where_the_outcome_depends_on_it() {
    use Rule::{All, AtLeast, Not, Threshold};
    let (half, most) = ((Some(true), 0.5), (Some(true), 0.9));
    for (rule, parts, weights, pass, score) in [
        (All, vec![P, P], vec![], Some(true), Some(1.0)),
        (All, vec![P, F], vec![], Some(false), Some(0.5)),
        (All, vec![P, F], vec![3.0, 1.0], Some(false), Some(0.75)),
        (All, vec![P, F], vec![1.0, 0.0], Some(true), Some(1.0)),
        (All, vec![P, U], vec![], None, None),
        (All, vec![F, U], vec![], Some(false), Some(0.0)),
        (All, vec![P, U], vec![1.0, 0.0], Some(true), Some(1.0)),
        (AtLeast(1), vec![F, P], vec![], Some(true), Some(1.0)),
        (AtLeast(1), vec![F, half, most], vec![], Some(true), Some(0.9)),
        (AtLeast(1), vec![F, F], vec![], Some(false), Some(0.0)),
        (AtLeast(1), vec![P, U], vec![], Some(true), Some(1.0)),
        (AtLeast(1), vec![F, U], vec![], None, None),
        (AtLeast(1), vec![F, P], vec![1.0, 0.0], Some(false), Some(0.0)),
        (AtLeast(2), vec![F, half, most], vec![], Some(true), Some(0.7)),
        (AtLeast(2), vec![F, F, U], vec![], Some(false), Some(0.0)),
        (AtLeast(2), vec![P, F, U], vec![], None, None),
        (AtLeast(2), vec![P, P, U], vec![], Some(true), Some(1.0)),
        (Threshold(0.5), vec![P, F], vec![], Some(true), Some(0.5)),
        (Threshold(0.6), vec![P, F], vec![], Some(false), Some(0.5)),
        (Threshold(0.6), vec![P, F], vec![3.0, 1.0], Some(true), Some(0.75)),
        (Threshold(0.5), vec![P, F, U], vec![], None, None),
        (Threshold(0.3), vec![P, F, U], vec![], Some(true), Some(0.5)),
        (Threshold(0.9), vec![P, F, U], vec![], Some(false), Some(0.5)),
        (Threshold(0.3), vec![(Some(false), 0.1), (Some(false), 0.2)], vec![2.0, 0.5], Some(false), Some(0.12)),
        (Threshold(0.15), vec![(Some(false), 0.1), (Some(false), 0.2)], vec![], Some(true), Some(0.15)),
        (Not, vec![P], vec![], Some(false), Some(0.0)),
        (Not, vec![F], vec![], Some(true), Some(1.0)),
        (Not, vec![half], vec![], Some(false), Some(0.5)),
        (Not, vec![U], vec![], None, None),
    ] {
        let grade = run(&combination(rule, &parts, &weights)).await;
        let context = format!("{rule:?} {parts:?} {weights:?}: {grade:?}");
        assert_eq!(grade.pass, pass, "{context}");
        assert_eq!(grade.parts.len(), parts.len(), "{context}");
        match (grade.score, score) {
            (Some(ours), Some(want)) => assert!((ours - want).abs() < 1e-12, "{context}"),
            (ours, want) => assert_eq!(ours, want, "{context}"),
        }
        if pass.is_none() {
            let unable = parts.iter().position(|part| part.0.is_none()).unwrap();
            assert_eq!(grade.reason, Some(format!("`p{unable}`: down")), "it is named");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn parts_that_wait_do_so_at_the_same_time() {
    let start = tokio::time::Instant::now();
    run(&combination(Rule::All, &[P, P, F, U], &[])).await;
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[test]
fn what_parts_need_the_whole_needs() {
    let needs = combination(Rule::All, &[P, F], &[]).grader.needs();
    let options: Vec<&str> = needs.models.iter().map(|model| model.option.as_str()).collect();
    assert_eq!(options, ["of[0].models[1]", "of[1].models[1]"]);
    assert_eq!(needs.programs, ["p", "p"]);
}

#[test]
fn combinations_nest_and_keep_the_grades_of_their_parts() {
    let grader = json!({
        "type": "all",
        "name": "polite and right",
        "of": [
            {"type": "any", "of": [{"type": "contains", "value": "refund"}, {"type": "contains", "value": "money"}]},
            {"type": "not", "of": {"type": "contains", "value": "sorry"}},
            {"type": "length", "max": 3, "weight": 0, "name": "short"},
        ],
    });
    let passed = grade(&grader, "you get your money");
    assert_eq!((passed.pass, passed.score, &passed.reason), (Some(true), Some(1.0), &None));
    let labels = |grade: &Grade| grade.parts.iter().map(|part| part.grader.clone()).collect::<Vec<_>>();
    assert_eq!(labels(&passed), ["any", "not", "short"]);
    assert_eq!(labels(&passed.parts[0]), ["contains", "contains-2"]);
    assert_eq!((passed.parts[2].pass, passed.parts[2].weight), (Some(false), 0.0), "told, but without a say");

    let failed = grade(&grader, "sorry, no money");
    assert_eq!((failed.pass, failed.score), (Some(false), Some(0.5)));
    assert_eq!(failed.reason.as_deref(), Some("`not`: expected `contains` not to pass, but it did"));
    let failed = grade(&grader, "no");
    assert_eq!(
        failed.reason.as_deref(),
        Some(
            "`any`: expected `contains` or `contains-2` to pass, none did: `contains`: expected \"refund\" in the answer, got \"no\""
        )
    );

    let record = serde_json::to_value(&failed).unwrap();
    assert_eq!(record["parts"][0]["parts"][1]["grader"], "contains-2");
    assert_eq!(record["parts"][2]["weight"], 0.0);
    assert_eq!(record["parts"][1].get("weight"), None, "what is at its default is not written");
    assert_eq!(serde_json::from_value::<Grade>(record).unwrap(), failed);
}

#[test]
fn failing_reasons_say_how_many_were_needed() {
    let of = json!([{"type": "contains", "value": "a", "weight": 3}, {"type": "contains", "value": "b"}]);
    for (grader, answer, reason) in [
        (json!({"type": "all", "of": of}), "x", "(and 1 more failed)"),
        (
            json!({"type": "any", "of": of, "at_least": 2}),
            "a",
            "expected at least 2 of `contains` and `contains-2` to pass, 1 did: `contains-2`: ",
        ),
        (
            json!({"type": "all", "of": of, "threshold": "80%"}),
            "a",
            "expected a score of at least 0.8, got 0.75: `contains-2`: ",
        ),
    ] {
        let said = grade(&grader, answer).reason.unwrap();
        assert!(said.contains(reason), "{said}");
    }
    assert_eq!(grade(&json!({"type": "all", "of": of, "threshold": 0.75}), "a").pass, Some(true));
}

#[test]
fn nothing_to_grade_is_a_fail_whatever_is_negated_around_it() {
    let number = json!({"type": "contains", "value": "4", "extract": "last_number"});
    let negated = json!({"type": "contains", "value": "4", "extract": "last_number", "not": true});
    let contains = |text: &str| json!({"type": "contains", "value": text});
    for (grader, pass) in [
        (number.clone(), false),
        (negated.clone(), false),
        (json!({"type": "not", "of": number}), false),
        (json!({"type": "not", "of": {"type": "not", "of": number}}), false),
        (json!({"type": "any", "of": [number, contains("zz")], "not": true}), false),
        // Here the other part decides: one is there, so not none of them; one is missing, so not all of them.
        (json!({"type": "any", "of": [number, contains("answer")]}), true),
        (json!({"type": "all", "of": [number, contains("zz")], "not": true}), true),
        (json!({"type": "all", "of": [number, contains("answer")], "not": true}), false),
        (json!({"type": "all", "of": [contains("answer")], "extract": "last_number", "not": true}), false),
    ] {
        let grade = grade(&grader, "no answer");
        assert_eq!(grade.pass, Some(pass), "{grader}: {grade:?}");
        assert_eq!(grade.score.map(|score| score > 0.4), Some(pass), "{grader}: {grade:?}");
    }
    let said = grade(&negated, "no answer").reason.unwrap();
    assert_eq!(
        said,
        "found nothing to grade: a number was looked for in \"no answer\" (with `whole` at the end of `extract`, the whole answer is graded then)"
    );
    let value: Value = serde_json::to_value(grade(&number, "no answer")).unwrap();
    assert_eq!(value["nothing"], true);
}
