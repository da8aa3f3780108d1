//! `embedding`: the answer means about the same as a text, as an embeddings model sees it.
//!
//! The score is the cosine of the angle between the two vectors (Salton, Wong and Yang, "A vector space model for
//! automatic indexing", 1975), 0 where it is negative.

use std::borrow::Cow;
use std::sync::Arc;

use futures::future::try_join_all;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::text::{excerpt, one_line};

use super::case::{BuildContext, CaseFacts};
use super::expectation::Need;
use super::family::Family;
use super::options::{self, OptionError, OptionErrors, Share, Text, Texts};
use super::services::{ModelKind, ModelNeed, Needs, ServiceError};
use super::types::{Grader, Grading, Judgement, Subject};
use super::words::{got, quote};

pub(super) const FAMILY: Family = Family {
    name: "embedding",
    about: "the answer means about the same as a text, by an embeddings model",
    build,
    schema: options::schema::<Options>,
};

const NEED: Need = Need { grader: "embedding", what: "a text", option: "value", example: "Your refund is on its way." };

/// The options of `embedding`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("required" = ["model"]))]
struct Options {
    /// An embeddings model, by id or by a name under `judges`.
    #[serde(default)]
    #[schemars(with = "options::checked::Filled")]
    model: Option<Text>,
    /// A text or a list; without it the case's `expect`.
    #[serde(default)]
    #[schemars(with = "options::checked::AllFilled")]
    value: Option<Texts>,
    /// The lowest similarity that passes, 0.8 if left out.
    #[serde(default = "usual_threshold")]
    #[schemars(with = "options::checked::SomeShare")]
    threshold: Share,
}

const fn usual_threshold() -> Share {
    Share(0.8)
}

#[derive(Debug)]
struct Embedding {
    model: String,
    value: Option<Texts>,
    threshold: f64,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { model, value, threshold: Share(threshold) } = options::read(options)?;
    let mut errors = Vec::new();
    let model = model.map(|Text(model)| model).unwrap_or_default();
    if model.trim().is_empty() {
        errors.push(OptionError {
            path: String::new(),
            message: "`embedding` needs a `model` to ask".to_owned(),
            hint: Some("add `model: openai/text-embedding-3-small`, or a name under the suite's `judges`".to_owned()),
        });
    }
    if threshold == 0.0 {
        let message = "every answer has a similarity of at least 0";
        errors.push(OptionError::at("threshold", message, Some("0.8 is the usual one")));
    }
    if value.iter().flat_map(|texts| &texts.0).any(|text| text.0.trim().is_empty()) {
        errors.push(OptionError::at("value", EMPTY, None));
    }
    if errors.is_empty() { Ok(Box::new(Embedding { model, value, threshold })) } else { Err(OptionErrors(errors)) }
}

const EMPTY: &str = "an empty text means nothing that could be compared";

impl Grader for Embedding {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Pending(Box::pin(self.judge(subject)))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        let texts = NEED.texts(self.value.as_ref(), case.expected())?;
        if texts.iter().any(|text| text.trim().is_empty()) { Err(format!("`embedding`: {EMPTY}")) } else { Ok(()) }
    }

    fn needs(&self) -> Needs {
        let need = ModelNeed { model: self.model.clone(), option: "model".to_owned(), kind: ModelKind::Embeddings };
        Needs { models: vec![need], ..Needs::default() }
    }
}

impl Embedding {
    async fn judge(&self, subject: Subject<'_>) -> Judgement {
        let texts = match NEED.texts(self.value.as_ref(), subject.expected) {
            Ok(texts) => texts,
            Err(reason) => return Judgement::unable(reason),
        };
        let answer = subject.answer.text.trim();
        if answer.is_empty() {
            // Endpoints refuse empty texts, and there is nothing to compare.
            let wanted = quote(texts.first().map_or("", AsRef::as_ref));
            let failed = Judgement::fail(format!("expected about {wanted}, got {}", got(subject.answer)));
            return Judgement { score: Some(0.0), ..failed };
        }
        let all = std::iter::once(answer).chain(texts.iter().map(AsRef::as_ref));
        let vectors = match try_join_all(all.map(|text| subject.services.embed(&self.model, text))).await {
            Ok(vectors) => vectors,
            Err(ServiceError { message, .. }) => {
                let message = one_line(&excerpt(&message, 300)).into_owned();
                return Judgement::unable(format!("`{}` gave no embedding: {message}", self.model));
            }
        };
        match closest(&vectors, &texts) {
            Err(problem) => Judgement::unable(format!("`{}` {problem}", self.model)),
            Ok((cosine, text)) => self.judgement(cosine, text, &subject),
        }
    }

    fn judgement(&self, cosine: f64, text: &str, subject: &Subject<'_>) -> Judgement {
        let score = cosine.clamp(0.0, 1.0);
        let shown = format!("{cosine:.4}");
        let (wanted, got) = (quote(text), got(subject.answer));
        let judgement = if score >= self.threshold {
            Judgement::pass(format!("similarity {shown}, at least {}, to {wanted}: {got}", self.threshold))
        } else {
            Judgement::fail(format!(
                "expected a similarity of at least {} to {wanted}, it is {shown} of {got}",
                self.threshold
            ))
        };
        Judgement { score: Some(score), ..judgement }
    }
}

/// The highest cosine between the first vector and the others, and the text it belongs to.
fn closest<'t>(vectors: &[Arc<[f32]>], texts: &'t [Cow<'_, str>]) -> Result<(f64, &'t str), String> {
    let Some((answer, others)) = vectors.split_first() else { return Err("gave no vectors".to_owned()) };
    let mut best: Option<(f64, &str)> = None;
    for (other, text) in others.iter().zip(texts) {
        let cosine = cosine(answer, other)?;
        if best.is_none_or(|(highest, _)| cosine > highest) {
            best = Some((cosine, text.as_ref()));
        }
    }
    best.ok_or_else(|| "gave no vectors".to_owned())
}

/// The cosine of the angle between two vectors.
///
/// # Errors
/// Where there is none: a lower-case fragment that says what is wrong with the vectors.
fn cosine(a: &[f32], b: &[f32]) -> Result<f64, String> {
    if a.len() != b.len() {
        return Err(format!("gave vectors of {} and {} dimensions, which cannot be compared", a.len(), b.len()));
    }
    let (mut dot, mut a_square, mut b_square) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().copied().map(f64::from).zip(b.iter().copied().map(f64::from)) {
        dot += x * y;
        a_square += x * x;
        b_square += y * y;
    }
    let cosine = dot / (a_square.sqrt() * b_square.sqrt());
    if cosine.is_finite() {
        return Ok(cosine.clamp(-1.0, 1.0));
    }
    Err(if a_square.is_finite() && b_square.is_finite() {
        "gave a vector without a direction: all zero".to_owned()
    } else {
        "gave a vector that holds no finite numbers".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use futures::FutureExt;
    use futures::future::BoxFuture;
    use serde_json::{Map, json};

    use super::super::services::{Ask, Reply, Services};
    use super::super::{Answer, Grade};
    use super::*;

    /// Vectors by text.
    #[derive(Debug)]
    struct Space(&'static [(&'static str, &'static [f32])]);

    impl Services for Space {
        fn ask(&self, _: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>> {
            unreachable!("an embedding asks no chat model")
        }

        fn embed<'a>(&'a self, model: &'a str, text: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>> {
            assert_eq!(model, "e");
            let vector = self.0.iter().find(|(known, _)| *known == text).map(|(_, vector)| Arc::from(*vector));
            let lost = || ServiceError { kind: "context_length".into(), message: "too\nlong".into() };
            std::future::ready(vector.ok_or_else(lost)).boxed()
        }

        fn programs_allowed(&self) -> bool {
            false
        }
    }

    const PLANE: Space = Space(&[
        ("east", &[1.0, 0.0]),
        ("far east", &[5.0, 0.0]),
        ("north-east", &[3.0, 4.0]),
        ("north", &[0.0, 1.0]),
        ("west", &[-1.0, 0.0]),
        ("nowhere", &[0.0, 0.0]),
        ("space", &[1.0, 0.0, 0.0]),
        ("beyond", &[f32::INFINITY, 0.0]),
    ]);

    fn built(options: &Value) -> Result<crate::grade::BuiltGrader, OptionErrors> {
        let mut entry = json!({"type": "embedding", "model": "e"});
        entry.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        crate::grade::build(&entry, &BuildContext { folder: Path::new("") })
    }

    fn grade(options: &Value, answer: &str, expected: Value) -> Grade {
        let (answer, vars) = (Answer { text: answer.to_owned(), ..Answer::default() }, Map::new());
        let subject = Subject { services: &PLANE, ..Subject::new(&answer, Some(&expected), &vars) };
        built(options).unwrap().grade(subject).now_or_never().unwrap()
    }

    #[test]
    fn the_score_is_the_cosine_and_never_below_0() {
        for (answer, expected, score, pass) in [
            ("east", json!("east"), 1.0, true),
            (" far east\n", json!("east"), 1.0, true),
            ("north-east", json!("north"), 0.8, true),
            ("north-east", json!("east"), 0.6, false),
            ("east", json!("north"), 0.0, false),
            ("east", json!("west"), 0.0, false),
            ("north-east", json!(["west", "north", "east"]), 0.8, true),
        ] {
            let grade = grade(&json!({"threshold": 0.79}), answer, expected.clone());
            assert_eq!(grade.pass, Some(pass), "{answer} {expected}");
            assert!((grade.score.unwrap() - score).abs() < 1e-6, "{answer} {expected}");
        }
        let value = json!({"value": ["north"], "threshold": 0.5});
        assert_eq!(grade(&value, "north-east", json!("west")).pass, Some(true));
        assert_eq!(grade(&json!({"not": true}), "east", json!("west")).score, Some(1.0));
    }

    #[test]
    fn a_fail_tells_how_near_it_came_and_to_what() {
        let grade = grade(&json!({}), "north-east", json!(["west", "east"]));
        assert_eq!(
            grade.reason.as_deref(),
            Some(r#"expected a similarity of at least 0.8 to "east", it is 0.6000 of "north-east""#)
        );
    }

    #[test]
    fn an_empty_answer_is_like_nothing_and_costs_nothing() {
        let grade = grade(&json!({}), " ", json!("east"));
        assert_eq!((grade.pass, grade.score), (Some(false), Some(0.0)));
        assert_eq!(grade.reason.as_deref(), Some(r#"expected about "east", got an empty answer"#));
    }

    #[test]
    fn vectors_that_cannot_be_compared_are_an_error() {
        for (answer, expected, part) in [
            ("east", "nowhere", "`e` gave a vector without a direction"),
            ("nowhere", "nowhere", "without a direction"),
            ("east", "space", "vectors of 2 and 3 dimensions"),
            ("east", "beyond", "no finite numbers"),
            ("unknown", "east", "`e` gave no embedding: too long"),
        ] {
            let grade = grade(&json!({}), answer, json!(expected));
            assert_eq!((grade.pass, grade.score), (None, None), "{answer} {expected}");
            assert!(grade.reason.as_deref().unwrap().contains(part), "{:?}", grade.reason);
        }
    }

    #[test]
    fn wrong_options_and_cases_are_found_before_anything_is_asked() {
        for (options, path, part) in [
            (json!({"model": " "}), "", "needs a `model`"),
            (json!({"threshold": 0}), "threshold", "at least 0"),
            (json!({"threshold": 80}), "threshold", "a share from 0 to 1"),
            (json!({"threshold": "high"}), "threshold", "got the text `high`"),
            (json!({"value": ["a", ""]}), "value", "means nothing"),
            (json!({"treshold": 0.5}), "treshold", "unknown option"),
        ] {
            let error = built(&options).unwrap_err().0.remove(0);
            assert_eq!(error.path, path, "{options}");
            assert!(error.message.contains(part), "{options}: {}", error.message);
        }
        let check = |expect| built(&json!({})).unwrap().grader.check(&CaseFacts::new(expect, "{}"));
        assert!(check(None).unwrap_err().contains("needs a text to compare with"));
        assert!(check(Some(r#"" ""#)).unwrap_err().contains("means nothing"));
        assert!(check(Some(r#"{"a": 1}"#)).is_err());
        assert_eq!(check(Some(r#"["a", "b"]"#)), Ok(()));
        let needs = built(&json!({})).unwrap().grader.needs().models;
        assert_eq!((needs[0].model.as_str(), needs[0].kind), ("e", ModelKind::Embeddings));
    }
}
