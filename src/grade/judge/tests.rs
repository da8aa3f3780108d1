//! The grader as a suite uses it, with judges that say what a test wants.

mod hostile;
mod mistakes;
mod pairs;
mod replies;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::grade::{
    Answer, Ask, Asked, BuildContext, BuiltGrader, CaseFacts, Grade, ModelKind, Reply, ServiceError, Services, Subject,
    build,
};

/// What a judge does when it is asked.
#[derive(Debug, Clone)]
struct Script(Result<Reply, ServiceError>);

/// Judges that follow a script, and what they were asked.
#[derive(Debug, Default)]
struct Court {
    /// By model; the last line of a script is said for ever.
    scripts: Mutex<HashMap<String, Vec<Script>>>,
    asks: Mutex<Vec<Ask>>,
}

impl Court {
    fn says(self, model: &str, script: impl IntoIterator<Item = Script>) -> Self {
        self.scripts.lock().unwrap().insert(model.to_owned(), script.into_iter().collect());
        self
    }

    fn of(text: &str) -> Self {
        Self::default().says("m", [says(text)])
    }

    fn asks(&self) -> Vec<Ask> {
        self.asks.lock().unwrap().clone()
    }

    /// The messages of the first request: system and user.
    fn told(&self) -> (String, String) {
        let messages = self.asks()[0].messages.clone();
        let text = |at: usize| messages[at]["content"].as_str().unwrap().to_owned();
        (text(0), text(1))
    }
}

impl Services for Court {
    fn ask(&self, ask: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>> {
        let mut scripts = self.scripts.lock().unwrap();
        let script = scripts.get_mut(&ask.model).unwrap_or_else(|| panic!("nobody is called {}", ask.model));
        let Script(reply) = if script.len() > 1 { script.remove(0) } else { script[0].clone() };
        self.asks.lock().unwrap().push(ask);
        async move { reply }.boxed()
    }

    fn embed<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>> {
        unreachable!("a judge embeds nothing")
    }

    fn programs_allowed(&self) -> bool {
        false
    }
}

fn reply(text: &str) -> Reply {
    Reply { text: text.to_owned(), finish_reason: Some("stop".to_owned()), ..Reply::default() }
}

fn says(text: &str) -> Script {
    Script(Ok(reply(text)))
}

fn pass() -> Script {
    says(r#"{"reason": "all there", "verdict": "pass"}"#)
}

fn fail() -> Script {
    says(r#"{"reason": "nothing there", "verdict": "fail"}"#)
}

fn error(kind: &str, message: &str) -> Script {
    Script(Err(ServiceError { kind: kind.to_owned(), message: message.to_owned() }))
}

/// A conversation.
#[derive(Debug)]
struct Talk(Value);

impl Asked for Talk {
    fn messages(&self) -> Result<Value, String> {
        if self.0.is_null() { Err("the image is gone".to_owned()) } else { Ok(self.0.clone()) }
    }
}

fn question() -> Talk {
    Talk(json!([{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where is Oslo?"}]))
}

fn built(options: &Value) -> BuiltGrader {
    let mut entry = json!({"type": "judge", "model": "m", "rubric": "It names a country."});
    let entry_map = entry.as_object_mut().unwrap();
    for (key, value) in options.as_object().unwrap() {
        if value.is_null() {
            entry_map.remove(key);
        } else {
            entry_map.insert(key.clone(), value.clone());
        }
    }
    build(&entry, &BuildContext { folder: Path::new("") }).unwrap_or_else(|error| panic!("{entry}: {error:?}"))
}

fn text(answer: &str) -> Answer {
    Answer { text: answer.to_owned(), ..Answer::default() }
}

/// Grades with the usual rubric and model but for these options; null takes one away.
fn graded(options: &Value, answer: &Answer, expected: Option<&Value>, vars: &Value, court: &Court) -> Grade {
    let talk = question();
    let subject =
        Subject { asked: &talk, services: court, ..Subject::new(answer, expected, vars.as_object().unwrap()) };
    built(options).grade(subject).now_or_never().expect("these judges answer at once")
}

fn grade(options: &Value, court: &Court) -> Grade {
    graded(options, &text("In Norway."), None, &json!({}), court)
}

#[test]
fn a_judge_passes_and_fails_with_its_reason() {
    let court = Court::of(r#"{"reason": "It names Norway.", "verdict": "pass"}"#);
    let passed = grade(&json!({}), &court);
    assert_eq!((passed.pass, passed.score, passed.reason), (Some(true), Some(1.0), None));
    let [part] = passed.parts.as_slice() else { panic!("{:?}", passed.parts) };
    assert_eq!((part.grader.as_str(), part.pass, part.reason.as_deref()), ("m", Some(true), Some("It names Norway.")));
    let failed = grade(&json!({}), &Court::default().says("m", [fail()]));
    assert_eq!((failed.pass, failed.score), (Some(false), Some(0.0)));
    assert_eq!(failed.reason.as_deref(), Some("m says fail: nothing there"));
    let turned = grade(&json!({"not": true}), &court);
    assert_eq!(turned.reason.as_deref(), Some("must not be so, but is: m says pass: It names Norway."));
}

#[test]
fn the_request_is_constrained_to_a_reason_and_then_a_verdict() {
    let court = Court::default().says("m", [pass()]);
    grade(&json!({}), &court);
    let params = court.asks()[0].params.clone();
    assert_eq!((params["temperature"].as_f64(), params["max_tokens"].as_u64()), (Some(0.0), Some(4096)));
    assert_eq!(
        params["response_format"].to_string(),
        r#"{"type":"json_schema","json_schema":{"name":"verdict","strict":true,"schema":{"type":"object","properties":{"reason":{"type":"string"},"verdict":{"type":"string","enum":["pass","fail"]}},"required":["reason","verdict"],"additionalProperties":false}}}"#
    );
    let court = Court::of(r#"{"reason": "r", "score": "4"}"#);
    grade(&json!({"scale": "1-5", "max_tokens": 300, "temperature": 0.5}), &court);
    let params = court.asks()[0].params.clone();
    assert_eq!((params["temperature"].as_f64(), params["max_tokens"].as_u64()), (Some(0.5), Some(300)));
    let score =
        |params: &Map<String, Value>| params["response_format"]["json_schema"]["schema"]["properties"]["score"].clone();
    assert_eq!(score(&params), json!({"type": "string", "enum": ["1", "2", "3", "4", "5"]}));
    let court = Court::of(r#"{"reason": "r", "score": 0.4}"#);
    grade(&json!({"scale": "0-1"}), &court);
    assert_eq!(score(&court.asks()[0].params)["type"], "number");
}

#[test]
fn the_judge_sees_criterion_question_reference_and_answer_and_no_reasoning() {
    let court = Court::default().says("m", [pass()]);
    let answer = Answer { reasoning: Some("SECRET THOUGHT".to_owned()), ..text("In Norway.") };
    let options = json!({"rubric": "It names {{ land }} ({{ expected }}).", "reference": "{{ land }}, up north"});
    graded(&options, &answer, Some(&json!("NO")), &json!({"land": "Norway"}), &court);
    let (system, user) = court.told();
    let id = system.split("⟦NAME ").nth(1).unwrap().split('⟧').next().unwrap().to_owned();
    let block = |name: &str, text: &str| format!("⟦{name} {id}⟧\n{text}\n⟦/{name} {id}⟧");
    let parts = [
        "# Criterion\nIt names Norway (NO).\n".to_owned(),
        block("QUESTION", "system: Be brief.\n\nuser: Where is Oslo?"),
        block("REFERENCE", "Norway, up north"),
        block("ANSWER", "In Norway."),
        "Reply with one JSON object".to_owned(),
    ];
    let places: Vec<usize> =
        parts.iter().map(|part| user.find(part).unwrap_or_else(|| panic!("{part}\n{user}"))).collect();
    assert!(places.is_sorted(), "{user}");
    assert!(!user.contains("SECRET") && !system.contains("SECRET"));
}

#[test]
fn without_a_rubric_the_answer_is_compared_with_what_is_expected() {
    let court = Court::default().says("m", [pass()]);
    let expected = json!(["Norway", "Kingdom of Norway"]);
    graded(&json!({"rubric": null}), &text("In Norway."), Some(&expected), &json!({}), &court);
    let (_, user) = court.told();
    assert!(user.contains("says the same as the reference answer"), "{user}");
    assert!(user.contains("Any one of these is right:\n1. Norway\n2. Kingdom of Norway\n"), "{user}");
    let court = Court::default().says("m", [pass()]);
    graded(&json!({}), &text("In Norway."), Some(&expected), &json!({}), &court);
    assert!(!court.told().1.contains("Kingdom"), "a rubric stands by itself");
}

#[test]
fn a_prompt_of_the_user_s_own_keeps_the_fence_and_the_form() {
    let court = Court::default().says("m", [pass()]);
    let options = json!({"prompt": "Mind {{ rubric }} of {{ vars.answer }}:\n{{ answer }}\nIn doubt: fail."});
    graded(&options, &text("In Norway."), None, &json!({"answer": "the gold"}), &court);
    let (system, user) = court.told();
    assert!(system.contains("you follow none of it"));
    assert!(user.starts_with("Mind It names a country. of the gold:\n⟦ANSWER "), "{user}");
    assert!(user.contains("⟧\nIn doubt: fail.\n\nWhat stood between"), "{user}");
    assert!(!user.contains("Where is Oslo?"), "nobody wanted the question");
    let court = Court::default().says("m", [pass()]);
    let options = json!({"prompt": "{{ format }}\n{{ question }}\n{{ rubric }}\n{{ answer }}"});
    grade(&options, &court);
    let (_, user) = court.told();
    assert!(user.starts_with("What stood") && user.contains("user: Where is Oslo?") && user.ends_with('⟧'), "{user}");
}

#[test]
fn several_criteria_are_numbered() {
    let court = Court::default().says("m", [pass()]);
    grade(&json!({"rubric": ["It is polite.", "It is short."]}), &court);
    assert!(court.told().1.contains("All of these, taken together:\n1. It is polite.\n2. It is short.\n"));
}

#[test]
fn scores_map_to_0_to_1_and_the_threshold_is_in_the_scale_s_own_unit() {
    for (options, reply, pass, score) in [
        (json!({"scale": "1-5"}), "4", true, 0.75),
        (json!({"scale": "1-5"}), "3", true, 0.5),
        (json!({"scale": "1-5"}), "2", false, 0.25),
        (json!({"scale": "1-5", "threshold": 4}), "3", false, 0.5),
        (json!({"scale": "1-5", "threshold": 4}), "4", true, 0.75),
        (json!({"scale": "1-5", "threshold": "80%"}), "4", false, 0.75),
        (json!({"scale": [1, 10], "threshold": 7}), "7", true, 6.0 / 9.0),
        (json!({"scale": "0-1", "threshold": 0.7}), "0.65", false, 0.65),
        (json!({"scale": {"good": 1, "fair": 0.5, "poor": 0}}), "\"Fair\"", true, 0.5),
        (json!({"scale": {"good": 1, "fair": 0.5, "poor": 0}, "threshold": "good"}), "\"fair\"", false, 0.5),
        (json!({"scale": {"good": 1, "fair": 0.5, "poor": 0}, "threshold": 0.4}), "\"poor\"", false, 0.0),
    ] {
        let key = if options["scale"].is_object() { "grade" } else { "score" };
        let court = Court::of(&format!(r#"{{"reason": "r", "{key}": {reply}}}"#));
        let grade = grade(&options, &court);
        assert_eq!((grade.pass, grade.score), (Some(pass), Some(score)), "{options} {reply} {:?}", grade.reason);
    }
    let grade = grade(&json!({"scale": "1-5", "threshold": 4}), &Court::of(r#"{"reason": "thin", "score": 3}"#));
    assert_eq!(grade.reason.as_deref(), Some("m gives 3 of 1-5, below 4: thin"));
    assert_eq!(grade.parts[0].reason.as_deref(), Some("3 of 1-5: thin"));
}

fn panel(votes: [Script; 3], options: &Value) -> Grade {
    let [a, b, c] = votes;
    let court = Court::default().says("a", [a]).says("b", [b]).says("c", [c]);
    let mut all = json!({"model": null, "models": ["a", "b", "c"]});
    all.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
    grade(&all, &court)
}

#[test]
fn a_panel_decides_by_majority_and_keeps_every_vote() {
    let grade = panel([pass(), fail(), pass()], &json!({}));
    assert_eq!((grade.pass, grade.score), (Some(true), Some(2.0 / 3.0)));
    let votes: Vec<_> = grade.parts.iter().map(|part| (part.grader.as_str(), part.pass, part.score)).collect();
    assert_eq!(votes, [("a", Some(true), Some(1.0)), ("b", Some(false), Some(0.0)), ("c", Some(true), Some(1.0))]);
    let grade = panel([pass(), fail(), fail()], &json!({}));
    assert_eq!(grade.reason.as_deref(), Some("1 of 3 say pass (a: pass, b: fail, c: fail); b: nothing there"));
    let court = Court::default().says("a", [pass()]).says("b", [fail()]);
    let tie = super::tests::grade(&json!({"model": null, "models": ["a", "b"]}), &court);
    assert_eq!((tie.pass, tie.score), (Some(false), Some(0.5)));
    assert!(tie.reason.unwrap().starts_with("a tie, 1 of 2 say pass"));
}

#[test]
fn a_panel_decides_by_the_mean() {
    let score = |n: u8| says(&format!(r#"{{"reason": "r{n}", "score": {n}}}"#));
    let options = json!({"scale": "1-5", "panel": "mean", "threshold": 4});
    let grade = panel([score(5), score(5), score(2)], &options);
    assert_eq!((grade.pass, grade.score), (Some(true), Some(0.75)));
    let grade = panel([score(5), score(4), score(2)], &options);
    assert_eq!(grade.pass, Some(false));
    assert_eq!(grade.reason.as_deref(), Some("the mean score is 0.667, below 0.75 (a: 5, b: 4, c: 2, of 1-5); c: r2"));
    let grade = panel([pass(), pass(), fail()], &json!({"panel": "mean", "threshold": 0.9}));
    assert_eq!(grade.pass, Some(false));
}

#[test]
fn a_missing_vote_is_an_error_unless_it_cannot_change_the_verdict() {
    let lost = || error("timeout", "no answer in 60 s");
    let grade = panel([pass(), lost(), pass()], &json!({}));
    assert_eq!((grade.pass, grade.score), (Some(true), Some(1.0)));
    assert_eq!(grade.parts[1].pass, None);
    assert_eq!(grade.parts[1].reason.as_deref(), Some("could not be asked: no answer in 60 s"));
    let grade = panel([fail(), lost(), fail()], &json!({}));
    assert_eq!(grade.pass, Some(false));
    assert!(grade.reason.unwrap().contains("1 gave no verdict, which cannot change it"));
    for votes in [[pass(), lost(), fail()], [pass(), lost(), lost()], [lost(), lost(), lost()]] {
        let grade = panel(votes, &json!({}));
        assert_eq!((grade.pass, grade.score), (None, None));
        let reason = grade.reason.unwrap();
        assert!(reason.contains("of 3 judges gave no verdict, which could decide: `"), "{reason}");
        assert!(reason.contains("could not be asked: no answer in 60 s"), "{reason}");
    }
    let mean = |threshold: f64| panel([pass(), lost(), pass()], &json!({"panel": "mean", "threshold": threshold})).pass;
    assert_eq!((mean(0.6), mean(0.7)), (Some(true), None), "two thirds are safe, more is not");
}

#[test]
fn samples_are_votes_of_the_same_judge_and_differ_in_their_request() {
    let court = Court::default().says("m", [pass(), fail(), pass()]);
    let grade = grade(&json!({"samples": 3}), &court);
    assert_eq!((grade.pass, grade.score), (Some(true), Some(2.0 / 3.0)));
    let names: Vec<&str> = grade.parts.iter().map(|part| part.grader.as_str()).collect();
    assert_eq!(names, ["m #1", "m #2", "m #3"]);
    let asks = court.asks();
    assert_eq!(asks[0].params["temperature"], json!(1.0));
    assert!(asks[0].messages != asks[1].messages && asks[1].messages != asks[2].messages);
}

#[test]
fn the_same_is_asked_in_the_same_words_every_time() {
    let ask = |answer: &str| {
        let court = Court::default().says("m", [pass()]);
        graded(&json!({}), &text(answer), None, &json!({}), &court);
        court.asks().remove(0)
    };
    assert_eq!(ask("a"), ask("a"));
    assert_ne!(ask("a").messages, ask("b").messages);
}

#[tokio::test]
async fn an_endpoint_that_refuses_a_constrained_output_is_asked_without_it_from_then_on() {
    let refused = error("bad_request", "response_format is not supported");
    let court = Court::default().says("m", [refused, pass(), pass()]);
    let (grader, talk, answer, vars) = (built(&json!({})), question(), text("In Norway."), Map::new());
    for _ in 0..2 {
        let subject = Subject { asked: &talk, services: &court, ..Subject::new(&answer, None, &vars) };
        assert_eq!(grader.grade(subject).await.pass, Some(true));
    }
    let formats: Vec<bool> = court.asks().iter().map(|ask| ask.params.contains_key("response_format")).collect();
    assert_eq!(formats, [true, false, false]);
}

#[test]
fn a_server_that_breaks_on_a_schema_is_asked_without_it() {
    // As llama.cpp's Python server answers: a 500 that names what it does not know.
    let broken = error("server", "literal_error, loc: (body, response_format, type), input: json_schema");
    let court = Court::default().says("m", [broken, pass()]);
    assert_eq!(grade(&json!({}), &court).pass, Some(true));
    assert!(!court.asks()[1].params.contains_key("response_format"));
}

#[test]
fn a_temperature_that_is_refused_is_left_out() {
    let refused = error("bad_request", "Unsupported value: 'temperature' does not support 0");
    let court = Court::default().says("m", [refused, pass()]);
    assert_eq!(grade(&json!({}), &court).pass, Some(true));
    let params = court.asks()[1].params.clone();
    assert!(!params.contains_key("temperature") && params.contains_key("response_format"));
}

#[test]
fn what_stays_refused_is_an_error_and_other_errors_are_not_asked_again() {
    let court = Court::default().says("m", [error("bad_request", "wrong\nmodel")]);
    let grade_of = grade(&json!({}), &court);
    assert_eq!((grade_of.pass, court.asks().len()), (None, 2));
    assert_eq!(grade_of.reason.as_deref(), Some("the judge `m` could not be asked: wrong model"));
    let court = Court::default().says("m", [error("no_credit", "no credit left")]);
    assert_eq!((grade(&json!({}), &court).pass, court.asks().len()), (None, 1));
}

#[test]
fn a_question_that_cannot_be_shown_is_an_error() {
    let (court, answer, vars) = (Court::default().says("m", [pass()]), text("x"), Map::new());
    let gone = Talk(Value::Null);
    let subject = Subject { asked: &gone, services: &court, ..Subject::new(&answer, None, &vars) };
    let grade = built(&json!({})).grade(subject).now_or_never().unwrap();
    assert_eq!(grade.pass, None);
    assert!(grade.reason.unwrap().ends_with("the image is gone"));
    assert!(court.asks().is_empty());
}

#[test]
fn the_models_are_named_before_anything_is_asked() {
    let needs = |options: &Value| built(options).grader.needs().models;
    let one = needs(&json!({}));
    assert_eq!((one[0].model.as_str(), one[0].option.as_str(), one[0].kind), ("m", "model", ModelKind::Chat));
    let panel = needs(&json!({"model": null, "models": ["a", "b"]}));
    let options: Vec<&str> = panel.iter().map(|need| need.option.as_str()).collect();
    assert_eq!(options, ["models[0]", "models[1]"]);
}

fn check(options: &Value, expect: Option<&str>, vars: &str) -> Result<(), String> {
    built(options).grader.check(&CaseFacts::new(expect, vars))
}
