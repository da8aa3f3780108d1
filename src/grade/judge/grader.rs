//! The grader: asks every judge as often as wanted, at the same time, and counts the votes.

use std::fmt::Write;

use futures::future::join_all;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::family::Family;
use crate::grade::options::OptionErrors;
use crate::grade::services::{ModelKind, ModelNeed, Needs};
use crate::grade::types::{Answer, Grader, Grading, Judgement, Subject};
use crate::grade::words::option_named;
use crate::text::{excerpt, one_line};

use super::asking::Asking;
use super::options;
use super::panel::{Vote, count};
use super::prompt::{self, Matter, Prompt};
use super::read::read;
use super::settings::{Reference, Settings};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "judge",
    about: "a model, or a panel of models, grades the answer by a rubric",
    build,
    schema: options::schema,
};

#[derive(Debug)]
struct Judge {
    settings: Settings,
    asking: Asking,
}

fn build(written: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    Ok(Box::new(Judge { settings: options::read(written)?, asking: Asking::default() }))
}

impl Grader for Judge {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Pending(Box::pin(self.judge(subject)))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        let matter =
            Matter { vars: case.vars(), expected: case.expected(), question: Some("?"), answer: &Answer::default() };
        prompt::write(&self.settings, &matter, "").map(drop)
    }

    /// The reference answer, where there is one in so many words.
    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        const SENTENCE: usize = 60;
        let text = match (&self.settings.reference, case.expected()?) {
            (Reference::Expect, Value::String(text)) => text.clone(),
            _ => return None,
        };
        Some(if text.len() > SENTENCE { Example::Whole(text) } else { Example::Text(text) })
    }

    fn at_fault(&self, case: &CaseFacts<'_>) -> Option<String> {
        option_named(&self.check(case).err()?, &["rubric", "prompt", "reference"])
    }

    fn needs(&self) -> Needs {
        let need = |(index, model): (usize, &String)| ModelNeed {
            model: model.clone(),
            option: if self.settings.listed { format!("models[{index}]") } else { "model".to_owned() },
            kind: ModelKind::Chat,
        };
        Needs { models: self.settings.models.iter().enumerate().map(need).collect(), ..Needs::default() }
    }
}

impl Judge {
    async fn judge(&self, subject: Subject<'_>) -> Judgement {
        let question = if prompt::wants_question(&self.settings) {
            match subject.asked.messages() {
                Ok(messages) => Some(prompt::conversation(&messages)),
                Err(error) => return Judgement::unable(format!("the judge cannot be shown the question: {error}")),
            }
        } else {
            None
        };
        let matter = Matter {
            vars: subject.vars,
            expected: subject.expected,
            question: question.as_deref(),
            answer: subject.answer,
        };
        // The same for every judge; only samples of one judge are told apart.
        let salts = (1..=self.settings.samples).map(|sample| format!("sample {sample}"));
        let prompts = salts.map(|salt| prompt::write(&self.settings, &matter, &salt)).collect::<Result<Vec<_>, _>>();
        let prompts = match prompts {
            Ok(prompts) => prompts,
            Err(error) => return Judgement::unable(error),
        };
        let pairs = self.settings.models.iter().flat_map(|model| (1..).zip(&prompts).map(move |pair| (model, pair)));
        let votes = join_all(pairs.map(|(model, (nth, prompt))| self.vote(&subject, model, nth, prompt))).await;
        let mut judgement = count(&votes, &self.settings);
        let left_out = prompts.first().map_or(0, |prompt| prompt.left_out);
        if left_out > 0 && judgement.pass.is_some() {
            let _ = write!(judgement.reason, " ({left_out} characters of the answer were not shown: `max_chars`)");
        }
        judgement
    }

    /// One judge's vote.
    async fn vote(&self, subject: &Subject<'_>, model: &str, nth: u32, prompt: &Prompt) -> Vote {
        let judge = if self.settings.samples == 1 { model.to_owned() } else { format!("{model} #{nth}") };
        let reply = self.asking.ask(subject.services, &self.settings, model, prompt.messages.clone()).await;
        let verdict = match reply {
            Ok(reply) => read(&reply, &self.settings.scale, subject.answer),
            Err(error) => Err(format!("could not be asked: {}", one_line(&excerpt(&error.message, 300)))),
        };
        Vote { judge, verdict }
    }
}
