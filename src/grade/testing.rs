//! A grader for tests that needs and asks what a test says.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::{Map, Value, json};

use super::{
    Ask, BuildContext, BuiltGrader, CaseFacts, Grader, Grading, Judgement, ModelKind, ModelNeed, Needs, OptionErrors,
    Subject,
};

/// Asks its chat models whether the answer is right, all at once, and has the answer embedded by the others. Passes
/// where every chat says `yes` and every text gets a vector.
#[derive(Debug, Default)]
pub(crate) struct Needy {
    pub(crate) needs: Needs,
}

impl Needy {
    /// Asks these chat models.
    pub(crate) fn asking(models: &[&str]) -> Self {
        Self { needs: Needs { models: needs_of(models, ModelKind::Chat), ..Needs::default() } }
    }

    /// Has answers embedded by this model.
    pub(crate) fn embedding(model: &str) -> Self {
        Self { needs: Needs { models: needs_of(&[model], ModelKind::Embeddings), ..Needs::default() } }
    }
}

fn needs_of(models: &[&str], kind: ModelKind) -> Vec<ModelNeed> {
    let need =
        |(at, model): (usize, &&str)| ModelNeed { model: (*model).to_owned(), option: format!("ask[{at}]"), kind };
    models.iter().enumerate().map(need).collect()
}

/// The grader as a case has it.
pub(crate) fn needy(label: &str, grader: Needy) -> Arc<BuiltGrader> {
    Arc::new(built(label, grader))
}

fn built(label: &str, grader: Needy) -> BuiltGrader {
    BuiltGrader::new(label, Box::new(grader))
}

/// As [`super::build`], with `{ type: needy, ask: [MODEL…], embed: MODEL }` besides.
pub(crate) fn build(entry: &Value, context: &BuildContext<'_>) -> Result<BuiltGrader, OptionErrors> {
    if entry["type"] != "needy" {
        return super::build(entry, context);
    }
    let asked: Vec<&str> = entry["ask"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut grader = Needy::asking(&asked);
    if let Some(model) = entry["embed"].as_str() {
        grader.needs.models.extend(needs_of(&[model], ModelKind::Embeddings));
    }
    Ok(built("needy", grader))
}

impl Grader for Needy {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        assert!(subject.answer.text != "panic", "as the test wants it");
        let chats = self.needs.models.iter().filter(|need| need.kind == ModelKind::Chat).map(move |need| {
            subject.services.ask(Ask {
                model: need.model.clone(),
                messages: json!([{"role": "user", "content": format!("is it right: {}", subject.answer.text)}]),
                params: Map::new(),
            })
        });
        let vectors = self.needs.models.iter().filter(|need| need.kind == ModelKind::Embeddings);
        let vectors = vectors.map(move |need| subject.services.embed(&need.model, &subject.answer.text));
        let (chats, vectors) = (join_all(chats), join_all(vectors));
        Grading::Pending(Box::pin(async move {
            let (chats, vectors) = futures::join!(chats, vectors);
            let chats: Result<Vec<_>, _> = chats.into_iter().collect();
            let vectors: Result<Vec<_>, _> = vectors.into_iter().collect();
            match (chats, vectors) {
                (Err(error), _) | (_, Err(error)) => Judgement::unable(error.to_string()),
                (Ok(chats), Ok(_)) if chats.iter().all(|reply| reply.text.contains("yes")) => Judgement::pass("yes"),
                (Ok(_), Ok(_)) => Judgement::fail("a judge says no"),
            }
        }))
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }

    fn needs(&self) -> Needs {
        self.needs.clone()
    }
}
