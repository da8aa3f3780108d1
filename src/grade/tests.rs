//! Every family through the registry, as a suite uses it, and what holds for all of them.

mod common;
mod examples;
mod families;
mod hostile;
mod mistakes;
mod page;
mod schemas;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use super::{
    Answer, Ask, BuildContext, BuiltGrader, CaseFacts, FAMILIES, Grade, Graded, Grader, GraderSet, Grading, Judgement,
    OptionErrors, Reply, ServiceError, Services, Subject,
};

/// Builds a grader of a suite in the working folder.
pub(in crate::grade) fn build(entry: &Value) -> Result<BuiltGrader, OptionErrors> {
    super::build(entry, &BuildContext { folder: Path::new("") })
}

pub(in crate::grade) fn set(graders: &[Value]) -> GraderSet {
    let build = |entry| build(entry).unwrap_or_else(|error| panic!("{entry}: {error:?}"));
    GraderSet { graders: graders.iter().map(|entry| Arc::new(build(entry))).collect(), own: None }
}

/// Services that answer at once: a judge content with everything, and every text the same vector.
#[derive(Debug)]
struct Obliging;

impl Services for Obliging {
    fn ask(&self, _: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>> {
        let text = r#"{"reason": "fine", "verdict": "pass"}"#.to_owned();
        std::future::ready(Ok(Reply { text, ..Reply::default() })).boxed()
    }

    fn embed<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>> {
        std::future::ready(Ok(Arc::from([1.0, 0.0]))).boxed()
    }

    fn programs_allowed(&self) -> bool {
        false
    }
}

pub(in crate::grade) fn graded(set: &GraderSet, answer: &Answer, expected: Option<&Value>) -> Graded {
    let vars = Map::new();
    let subject = Subject { services: &Obliging, ..Subject::new(answer, expected, &vars) };
    set.grade(subject).now_or_never().expect("graders that wait for nobody are ready at once")
}

pub(in crate::grade) fn text(answer: &str) -> Answer {
    Answer { text: answer.to_owned(), ..Answer::default() }
}

/// One grader's grade of an answer.
pub(in crate::grade) fn grade(grader: &Value, answer: &str) -> Grade {
    graded(&set(std::slice::from_ref(grader)), &text(answer), None).grades.remove(0)
}

/// The same, compared with a case's expectation.
pub(in crate::grade) fn grade_with(grader: &Value, answer: &str, expected: &Value) -> Grade {
    graded(&set(std::slice::from_ref(grader)), &text(answer), Some(expected)).grades.remove(0)
}

/// One grader's grade of an answer that is more than a text.
pub(in crate::grade) fn grade_answer(grader: &Value, answer: &Answer, expected: Option<&Value>) -> Grade {
    graded(&set(std::slice::from_ref(grader)), answer, expected).grades.remove(0)
}

#[track_caller]
fn verdicts(table: &[(Value, &str, Value, bool)]) {
    for (grader, answer, expected, want) in table {
        let grade = grade_with(grader, answer, expected);
        assert_eq!(grade.pass, Some(*want), "{grader} {answer:?} {expected}: {:?}", grade.reason);
    }
}

#[test]
fn exact_compares_the_whole_answer() {
    let with = |option: &str| json!({"type": "exact", option: true});
    verdicts(&[
        (json!("exact"), "billing", json!("billing"), true),
        (json!("exact"), " billing\n", json!("billing"), true),
        (json!("exact"), "Billing", json!("billing"), false),
        (json!("exact"), "billing team", json!("billing"), false),
        (json!("exact"), "sales", json!(["billing", "sales"]), true),
        (json!("exact"), "42", json!(42), true),
        (json!("exact"), "true", json!(true), true),
        (json!("exact"), "", json!(""), true),
        (json!({"type": "exact", "trim": false}), " billing", json!("billing"), false),
        (with("ignore_case"), "STRASSE", json!("Straße"), true),
        (with("ignore_whitespace"), "a \n b", json!("a b"), true),
        (with("ignore_punctuation"), "Billing.", json!("Billing"), true),
        (json!({"type": "exact", "value": "x"}), "x", json!("y"), true),
        (json!({"type": "exact", "value": ["x", 5]}), "5", json!(null), true),
    ]);
}

#[test]
fn contains_looks_for_any_or_all() {
    verdicts(&[
        (json!("contains"), "You get a refund.", json!("refund"), true),
        (json!("contains"), "You get a Refund.", json!("refund"), false),
        (json!({"type": "contains", "ignore_case": true}), "You get a Refund.", json!("refund"), true),
        (json!("contains"), "only refund", json!(["refund", "policy"]), true),
        (json!({"type": "contains", "match": "all"}), "only refund", json!(["refund", "policy"]), false),
        (json!({"type": "contains", "match": "all"}), "refund policy", json!(["refund", "policy"]), true),
        (json!({"type": "contains", "any": ["a1", "b1"]}), "b1", json!(null), true),
        (json!({"type": "contains", "all": ["a1", "b1"]}), "b1", json!(null), false),
        (json!({"type": "contains", "any": ["x", "y"], "all": ["a", "b"]}), "a b y", json!(null), true),
        (json!({"type": "contains", "any": ["x", "y"], "all": ["a", "b"]}), "a b", json!(null), false),
        (json!({"type": "contains", "words": true}), "a comparison", json!("paris"), false),
        (json!({"type": "contains", "words": true}), "in paris, yes", json!("paris"), true),
        (json!({"type": "contains", "words": true}), "comparison of paris", json!("paris"), true),
        (json!({"type": "contains", "value": 42}), "it is 42", json!(null), true),
        (json!({"type": "contains", "ignore_whitespace": true}), "New\nYork", json!("New York"), true),
    ]);
}

#[test]
fn regex_has_its_flags() {
    let with = |pattern: &str, flag: &str| json!({"type": "regex", "pattern": pattern, flag: true});
    verdicts(&[
        (json!({"type": "regex", "pattern": "^b"}), "billing", json!(null), true),
        (json!("regex"), "abc", json!("b."), true),
        (json!("regex"), "abc", json!(["x", "c$"]), true),
        (with("^B", "ignore_case"), "billing", json!(null), true),
        (with("^b$", "multi_line"), "a\nb\nc", json!(null), true),
        (with("a.b", "dot_all"), "a\nb", json!(null), true),
        (with("a|ab", "full"), "ab\n", json!(null), true),
        (with("a|ab", "full"), "abc", json!(null), false),
        (json!({"type": "regex", "pattern": "a.b"}), "a\nb", json!(null), false),
        (json!({"type": "regex", "pattern": r"\d{3}"}), "call 555", json!(null), true),
    ]);
    assert_eq!(grade(&json!({"type": "regex", "pattern": r"\d+"}), "call 555 now").extracted.as_deref(), Some("555"));
}

#[test]
fn number_takes_the_final_number() {
    verdicts(&[
        (json!("number"), "The answer is 42.", json!(42), true),
        (json!("number"), "First 7, then 42", json!(42), true),
        (json!("number"), "42, as 6 × 7", json!(42), false),
        (json!({"type": "number", "take": "first"}), "42, as 6 × 7", json!(42), true),
        (json!({"type": "number", "take": "only"}), "It is 42.0, so 42", json!(42), true),
        (json!({"type": "number", "take": "only"}), "It is 42, not 43", json!(42), false),
        (json!("number"), "It is $1,234.50 in total", json!(1234.5), true),
        (json!("number"), "48/2 = 24, 48+24 = 72\n#### 72", json!(72), true),
        (json!("number"), "#### 72\nLet me check: 48 + 24", json!(72), true),
        (json!("number"), "#### $1,072 dollars in 3 days", json!("1072"), true),
        (json!("number"), "#### 1. Compute\n6 × 7 = 42", json!(42), true),
        (json!("number"), "#### Step 2\n6 × 7 = 42", json!(42), true),
        (json!("number"), "#### **72**", json!(72), true),
        (json!("number"), r"So $\boxed{42}$, since 6 × 7 is that.", json!(42), true),
        (json!("number"), r"\boxed{x = 5} and 7", json!(5), true),
        (json!("number"), r"\boxed{\frac{3}{4}}", json!(0.75), true),
        (json!("number"), r"\boxed{1{,}234\text{ apples}}", json!(1234), true),
        (json!("number"), r"\boxed{none} but 3", json!(3), true),
        (json!("number"), "50%", json!(50), true),
        (json!("number"), "50%", json!("50%"), true),
        (json!("number"), "50%", json!(0.5), false),
        (json!({"type": "number", "percent": "fraction"}), "50%", json!(0.5), true),
        (json!({"type": "number", "percent": "fraction"}), "0.5", json!("50%"), true),
        (json!("number"), "−5", json!(-5), true),
        (json!("number"), "5", json!(-5), false),
        (json!({"type": "number", "decimal": ","}), "Das sind 1.234,5 Euro", json!(1234.5), true),
        (json!({"type": "number", "decimal": ","}), "3,5", json!("3,5"), true),
        (json!({"type": "number", "tolerance": 0.1}), "3.14", json!(3.2), true),
        (json!({"type": "number", "tolerance": 0.1}), "3.0", json!(3.2), false),
        (json!({"type": "number", "relative_tolerance": "1%"}), "99", json!(100), true),
        (json!({"type": "number", "relative_tolerance": 0.01}), "98", json!(100), false),
        (
            json!("number"),
            "1267650600228229401496703205376",
            json!("2^100 written out: #### 1267650600228229401496703205376"),
            true,
        ),
        (json!("number"), "7", json!([5, "7"]), true),
        (json!({"type": "number", "value": 7}), "7", json!(null), true),
        (json!("number"), "no idea", json!(5), false),
        (json!("number"), "72", json!("Natalia sold 48/2 = <<48/2=24>>24 clips in May.\n#### 72"), true),
    ]);
    let grade = grade_with(&json!("number"), "I get 1,234 apples", &json!(42));
    assert_eq!(grade.extracted.as_deref(), Some("1,234"));
}

#[test]
fn json_is_compared_as_json() {
    let map = json!({"team": "billing", "id": 1});
    verdicts(&[
        (json!("json"), r#"{"id": 1.0, "team": "billing"}"#, map.clone(), true),
        (json!("json"), "```json\n{\"id\": 1, \"team\": \"billing\"}\n```", map.clone(), true),
        (json!("json"), "Sure: {\"id\": 1, \"team\": \"billing\"}", map.clone(), true),
        (json!({"type": "json", "strict": true}), "Sure: {\"id\": 1, \"team\": \"billing\"}", map.clone(), false),
        (json!({"type": "json", "strict": true}), " {\"id\": 1, \"team\": \"billing\"}\n", map.clone(), true),
        (json!("json"), r#"{"id": 1, "team": "billing", "x": 0}"#, map.clone(), false),
        (json!({"type": "json", "mode": "subset"}), r#"{"id": 1, "team": "billing", "x": 0}"#, map.clone(), true),
        (json!({"type": "json", "ignore_keys": "id"}), r#"{"id": 2, "team": "billing"}"#, map.clone(), true),
        (json!({"type": "json", "ignore_case": true}), r#"{"id": 1, "team": "Billing"}"#, map.clone(), true),
        (json!({"type": "json", "ignore_order": true}), "[2, 1]", json!([1, 2]), true),
        (json!({"type": "json", "tolerance": 0.1}), "[1.05]", json!([1]), true),
        (json!("json"), "[1, 2]", json!("[1, 2]"), true),
        (json!("json"), "null", json!("null"), true),
        (json!({"type": "json", "value": null}), "null", json!(5), true),
        (json!({"type": "json", "mode": "valid"}), "```json\n{}\n```", json!(null), true),
        (json!({"type": "json", "mode": "valid"}), "no json", json!(null), false),
        (json!("json"), "{\"id\": 1,", map, false),
    ]);
}

#[test]
fn every_fail_says_in_words_what_was_expected_and_what_came() {
    for (grader, answer, expected, reason) in [
        (json!("exact"), "sales team", json!("billing"), r#"expected "billing", got "sales team""#),
        (
            json!("exact"),
            "Billing",
            json!("billing"),
            r#"expected "billing", got "Billing" (equal with `ignore_case: true`)"#,
        ),
        (
            json!("exact"),
            "billing.",
            json!("billing"),
            r#"expected "billing", got "billing." (equal with `ignore_punctuation: true`)"#,
        ),
        (json!("exact"), "c", json!(["a", "b"]), r#"expected "a" or "b", got "c""#),
        (json!("exact"), "", json!("a"), r#"expected "a", got an empty answer"#),
        (json!("contains"), "no", json!("refund"), r#"expected "refund" in the answer, got "no""#),
        (
            json!({"type": "contains", "all": ["a", "x", "y"]}),
            "a",
            json!(null),
            r#"expected "x" and "y" in the answer, got "a""#,
        ),
        (
            json!({"type": "contains", "any": ["x", "y"]}),
            "a",
            json!(null),
            r#"expected "x" or "y" in the answer, got "a""#,
        ),
        (
            json!({"type": "regex", "pattern": "^x", "full": true}),
            "a\nb",
            json!(null),
            r#"expected a match of "^x", got "a b""#,
        ),
        (json!("number"), "about 41", json!(42), r#"expected 42, got 41, the last number in "about 41""#),
        (
            json!({"type": "number", "tolerance": 0.5}),
            "41",
            json!(42),
            r#"expected 42 ± 0.5, got 41, the last number in "41""#,
        ),
        (
            json!("number"),
            "50%",
            json!(0.5),
            r#"expected 0.5, got 50%, the last number in "50%" (equal with `percent: fraction`)"#,
        ),
        (
            json!("number"),
            "42 of 43",
            json!(42),
            r#"expected 42, got 43, the last number in "42 of 43" (the answer holds the expected number, but elsewhere)"#,
        ),
        (json!("number"), "none", json!(42), r#"expected 42, but there is no number in "none""#),
        (
            json!({"type": "number", "take": "only"}),
            "1 2",
            json!(1),
            r#"expected 1, but there is more than one number in "1 2""#,
        ),
        (json!("choice"), "B", json!("C"), r#"expected C, got B from "B""#),
        (
            json!("choice"),
            "A or B",
            json!("C"),
            r#"expected C, but the answer is ambiguous: it names A and B: "A or B""#,
        ),
        (json!("choice"), "no idea", json!("C"), r#"expected C, but the answer picks no letter: "no idea""#),
        (json!("json"), r#"{"a": {"b": 2}}"#, json!({"a": {"b": 1}}), "at `a.b`: expected 1, got 2"),
        (json!("json"), "hello", json!({"a": 1}), r#"expected {"a":1}, but there is no JSON in the answer: "hello""#),
    ] {
        assert_eq!(grade_with(&grader, answer, &expected).reason.as_deref(), Some(reason));
    }
}

#[test]
fn a_reason_is_one_short_line_whatever_the_model_said() {
    let hostile = format!("\u{1b}[2J\u{202e}{}\n", "long \n".repeat(10_000));
    for (set, expected) in families::every_family() {
        let expected = if expected.is_object() { json!({"a": "\u{1b}[2J"}) } else { expected };
        let graded = graded(&set, &text(&hostile), Some(&expected));
        for grade in graded.grades.iter().flat_map(|grade| std::iter::once(grade).chain(&grade.parts)) {
            assert!(grade.pass.is_some(), "{}", grade.grader);
            let reason = grade.reason.as_deref().unwrap_or_default();
            assert_eq!(reason.is_empty(), grade.pass == Some(true), "{}: {reason}", grade.grader);
            let is_plain = !reason.contains(['\u{1b}', '\n', '\u{202e}']);
            assert!(reason.len() < 700 && is_plain, "{}: {reason}", grade.grader);
        }
    }
}

#[test]
fn a_reason_tells_why_there_is_no_text() {
    let reason =
        |answer: Answer| graded(&set(&[json!("exact")]), &answer, Some(&json!("x"))).grades.remove(0).reason.unwrap();
    let with = |change: fn(&mut Answer)| {
        let mut answer = Answer::default();
        change(&mut answer);
        reason(answer)
    };
    assert!(with(|a| a.refusal = Some("I cannot".into())).ends_with(r#"got a refusal: "I cannot""#));
    assert!(with(|a| a.tool_calls = vec![json!({})]).ends_with("got a tool call instead of a text"));
    assert!(with(|a| a.finish_reason = Some("length".into())).ends_with("before the token limit was reached"));
    let cut = reason(Answer { finish_reason: Some("length".into()), ..text("so the") });
    assert!(cut.ends_with(r#"got "so the" (cut off at the token limit)"#), "{cut}");
}

#[test]
fn not_turns_verdict_score_and_reason_around() {
    let grader = json!({"type": "contains", "value": "sorry", "not": true, "name": "no-apology"});
    let failed = grade(&grader, "I am sorry");
    assert_eq!((failed.pass, failed.score, failed.grader.as_str()), (Some(false), Some(0.0), "no-apology"));
    assert_eq!(failed.reason.as_deref(), Some(r#"must not be so, but is: the answer "I am sorry" contains "sorry""#));
    let passed = grade(&grader, "Done.");
    assert_eq!((passed.pass, passed.score, passed.reason), (Some(true), Some(1.0), None));
    for family in ["exact", "contains", "regex", "number", "choice", "starts_with", "finish_reason"] {
        let plain = grade_with(&json!({"type": family, "not": true}), "x", &json!([]));
        assert_eq!(plain.pass, None, "{family}: what cannot be judged stays so");
    }
}

#[test]
fn every_family_has_a_name_of_its_own_and_says_what_it_is() {
    let names: std::collections::HashSet<_> = FAMILIES.iter().map(|family| family.name).collect();
    assert_eq!(names.len(), FAMILIES.len());
    for family in FAMILIES {
        assert!(!family.about.is_empty() && !family.about.ends_with('.'), "{}", family.name);
    }
}

#[test]
fn a_set_passes_when_all_pass_and_runs_them_all() {
    let set =
        set(&[json!("exact"), json!({"type": "contains", "value": "b"}), json!({"type": "regex", "pattern": "^a"})]);
    let all = graded(&set, &text("ab"), Some(&json!("ab")));
    assert_eq!((all.pass, all.score), (Some(true), Some(1.0)));
    let some = graded(&set, &text("ac"), Some(&json!("ab")));
    assert_eq!((some.pass, some.grades.len()), (Some(false), 3));
    assert!((some.score.unwrap() - 1.0 / 3.0).abs() < 1e-12);
    let unable = graded(&set, &text("ab"), None);
    assert_eq!((unable.pass, unable.score, unable.grades[0].pass), (None, None, None));
    assert!(unable.grades[0].reason.as_deref().unwrap().contains("needs a text"));
    assert_eq!(unable.grades[1].pass, Some(true));
    let none = graded(&GraderSet::default(), &text(""), None);
    assert_eq!((none.pass, none.score), (Some(true), Some(1.0)));
}

/// A grader that has to wait, as one that asks a model does.
#[derive(Debug)]
struct Slow(f64);

impl Grader for Slow {
    fn grade<'a>(&'a self, _: Subject<'a>) -> Grading<'a> {
        Grading::Pending(Box::pin(async move {
            tokio::time::sleep(Duration::from_mins(1)).await;
            Judgement { score: Some(self.0), ..Judgement::pass("fine") }
        }))
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn graders_that_wait_do_so_at_the_same_time() {
    let built = |score, not| Arc::new(BuiltGrader { not, ..BuiltGrader::new("slow", Box::new(Slow(score))) });
    let set = GraderSet { graders: vec![built(0.5, false), built(0.2, true), built(7.0, false)], own: None };
    let (answer, vars) = (text(""), Map::new());
    let start = tokio::time::Instant::now();
    let graded = set.grade(Subject::new(&answer, None, &vars)).await;
    assert_eq!(start.elapsed().as_secs(), 60);
    let scores: Vec<_> = graded.grades.iter().map(|grade| grade.score.unwrap()).collect();
    assert_eq!(scores, [0.5, 0.8, 1.0], "turned around, and kept within 0 and 1");
    assert_eq!(graded.pass, Some(false));
}
