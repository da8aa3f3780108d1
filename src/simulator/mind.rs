//! What a simulated model says to a request: right or wrong, how it is worded, and what goes wrong on its own.
//!
//! All of it is drawn from the seed, the model, the messages and how often this very request has come, so it does
//! not depend on time or on other requests. At temperature 0 the answer does not depend on how often either.

use serde_json::Value;

use super::calling;
use super::chance::Chance;
use super::judging;
use super::oracle::{Oracle, Shape};
use super::profile::{Profile, Style};
use super::request::Asked;
use super::schema::{Known, asks_for_verdict, fill};
use super::tokens;
use super::wording::{demands_bare, filler, framed, thoughts, worded};
use super::wrong::wrong;

/// What goes wrong on a model's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    /// 429 with `Retry-After`.
    RateLimited,
    /// 502 before anything was answered.
    BadGateway,
    /// An error in the middle of the answer.
    Breaks,
    /// Silence in the middle of the answer.
    Stalls,
}

/// What a model says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// Shown reasoning.
    pub(super) reasoning: String,
    /// Reasoning that is counted and not shown.
    pub(super) hidden_tokens: u32,
    /// The answer; `None` is JSON null.
    pub(super) content: Option<String>,
    /// Set where the model declines.
    pub(super) refusal: Option<String>,
    /// Called tools and their arguments as JSON text.
    pub(super) calls: Vec<(String, String)>,
    /// Why it ended; `None` is JSON null.
    pub(super) finish: Option<&'static str>,
}

impl Said {
    /// Tokens of reasoning, shown or not.
    pub(super) fn reasoning_tokens(&self) -> u32 {
        self.hidden_tokens + tokens::count(&self.reasoning)
    }

    /// Tokens of everything.
    pub(super) fn completion_tokens(&self) -> u32 {
        let texts = [self.content.as_deref(), self.refusal.as_deref()].into_iter().flatten();
        let texts = texts.chain(self.calls.iter().map(|(_, arguments)| arguments.as_str()));
        self.reasoning_tokens() + texts.map(tokens::count).sum::<u32>()
    }

    /// Cuts everything off after so many tokens, reasoning first; `length` says that something was cut.
    pub(super) fn limit(&mut self, max_tokens: u32) {
        if self.completion_tokens() <= max_tokens {
            return;
        }
        self.finish = Some("length");
        self.hidden_tokens = self.hidden_tokens.min(max_tokens);
        let mut left = max_tokens - self.hidden_tokens;
        self.reasoning.truncate(tokens::cut(&self.reasoning, left).len());
        left -= tokens::count(&self.reasoning);
        for text in [&mut self.content, &mut self.refusal].into_iter().flatten() {
            text.truncate(tokens::cut(text, left).len());
            left -= tokens::count(text);
        }
        for (_, arguments) in &mut self.calls {
            arguments.truncate(tokens::cut(arguments, left).len());
            left -= tokens::count(arguments);
        }
    }
}

/// A model about to answer its `nth` request of this form.
#[derive(Debug)]
pub(super) struct Mind<'a> {
    pub(super) profile: &'a Profile,
    pub(super) asked: &'a Asked,
    pub(super) oracle: &'a Oracle,
    pub(super) seed: u64,
    /// From 1.
    pub(super) nth: u32,
}

impl Mind<'_> {
    /// Dice for one purpose.
    pub(super) fn dice(&self, purpose: &str, nth: u32) -> Chance {
        let (key, nth) = (self.asked.key.to_le_bytes(), nth.to_le_bytes());
        Chance::new(self.seed, &[purpose.as_bytes(), self.profile.id.as_bytes(), &key, &nth])
    }

    /// What goes wrong this time, if anything.
    pub(super) fn mishap(&self) -> Option<Mishap> {
        let temper = self.profile.temper;
        let mut drawn = self.dice("mishap", self.nth).unit();
        let shares = [
            (temper.rate_limited, Mishap::RateLimited),
            (temper.bad_gateway, Mishap::BadGateway),
            (temper.breaks, Mishap::Breaks),
            (temper.stalls, Mishap::Stalls),
        ];
        shares.into_iter().find_map(|(share, mishap)| {
            drawn -= share;
            (drawn < 0.0).then_some(mishap)
        })
    }

    /// What it says, cut by `stop` and `max_tokens`.
    pub(super) fn say(&self) -> Said {
        let mut chance = self.dice("answer", if self.asked.steady { 0 } else { self.nth });
        let mut said = Said { finish: Some("stop"), ..Said::default() };
        self.think(&mut said, &mut chance);
        if chance.happens(self.profile.temper.refuses) {
            said.content = Some("I'm sorry, but I can't help with that request.".to_owned());
        } else {
            let belief = self.belief(&mut chance);
            said.calls = self.calls(belief.as_ref(), &mut chance);
            if said.calls.is_empty() {
                said.content = Some(self.answer(belief, &mut chance));
            } else {
                said.finish = Some("tool_calls");
            }
        }
        if let Some(content) = &mut said.content
            && let Some(end) = self.asked.stop.iter().filter_map(|stop| content.find(stop)).min()
        {
            content.truncate(end);
        }
        said.limit(self.asked.max_tokens.unwrap_or(u32::MAX).min(self.profile.max_completion));
        said
    }

    /// The reasoning in front of the answer.
    fn think(&self, said: &mut Said, chance: &mut Chance) {
        let Some(thinking) = self.profile.thinking else { return };
        let effort = self.asked.effort.unwrap_or(1.0);
        if effort <= 0.0 && !thinking.mandatory {
            return;
        }
        let amount = f64::from(thinking.tokens) * effort.max(0.15) * chance.between(0.5, 1.6);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred at most")]
        let amount = amount as u32;
        if thinking.shown && !self.asked.hide_reasoning {
            said.reasoning = thoughts(amount, chance);
        } else {
            said.hidden_tokens = amount;
        }
    }

    /// What it believes the answer to be: the right one as often as its profile says.
    fn belief(&self, chance: &mut Chance) -> Option<(Shape, String)> {
        let (shape, right) = self.oracle.answer(self.asked.key)?;
        let (shape, right) = match shape {
            Shape::Several => self.one_of_several(right),
            Shape::Schema => {
                let schema = serde_json::from_str(right).unwrap_or_default();
                let known = Known { prompt: &self.asked.prompt, ..Known::default() };
                let text = fill(&schema, &known, chance).to_string();
                (Shape::Json, text)
            }
            shape => (shape, right.to_owned()),
        };
        // How hard a question is does not depend on who is asked: models fail on the same ones.
        let difficulty = Chance::new(self.seed, &[b"difficulty", &self.asked.key.to_le_bytes()]).unit();
        let knows = chance.happens(self.profile.accuracy.at(difficulty));
        Some(if knows { (shape, right) } else { self.mistake(shape, &right, chance) })
    }

    /// What it takes for right where it does not know: often what the graders say is wrong or a call of a tool where
    /// words are wanted, else something plausible.
    fn mistake(&self, shape: Shape, right: &str, chance: &mut Chance) -> (Shape, String) {
        if let Some(named) = self.oracle.named_wrong(self.asked.key)
            && chance.happens(0.6)
        {
            return (Shape::Whole, named.to_owned());
        }
        if shape != Shape::Calls && !self.asked.tools.is_empty() && chance.happens(0.6) {
            return (Shape::Calls, calling::mistaken("[]", self.asked, self.oracle, chance));
        }
        let mistake = match shape {
            Shape::Calls => calling::mistaken(right, self.asked, self.oracle, chance),
            shape => wrong(shape, right, &self.asked.prompt, self.oracle, chance),
        };
        (shape, mistake)
    }

    /// Of a list of right answers the first. A list is one answer only where the prompt speaks of lists or JSON.
    fn one_of_several(&self, right: &str) -> (Shape, String) {
        let whole = || (Shape::Json, right.to_owned());
        let prompt = self.asked.prompt.to_lowercase();
        if self.asked.format.is_some() || ["json", "array", "list"].iter().any(|w| prompt.contains(w)) {
            return whole();
        }
        let items: Vec<Value> = serde_json::from_str(right).unwrap_or_default();
        match items.into_iter().next() {
            Some(Value::String(text)) => (Shape::of(&text), text),
            Some(scalar @ (Value::Number(_) | Value::Bool(_))) => {
                let text = scalar.to_string();
                (Shape::of(&text), text)
            }
            _ => whole(),
        }
    }

    /// The tools it calls: those it takes for right, else one if it must.
    fn calls(&self, belief: Option<&(Shape, String)>, chance: &mut Chance) -> Vec<(String, String)> {
        let of = |wanted: Shape| belief.filter(|(shape, _)| *shape == wanted).map(|(_, text)| text.as_str());
        calling::calls(self.asked, of(Shape::Calls), of(Shape::Json), chance)
    }

    /// Its answer in its own words.
    fn answer(&self, belief: Option<(Shape, String)>, chance: &mut Chance) -> String {
        let temper = self.profile.temper;
        let bare =
            self.asked.format.is_some() || (demands_bare(&self.asked.prompt) && !chance.happens(temper.disobeys));
        let style = if bare { Style::Bare } else { self.profile.style };
        let answer = match (belief, &self.asked.format) {
            (belief, Some(schema)) => return self.constrained(schema, belief, chance),
            // Where no tool has to be called there is something to say.
            (Some((Shape::Calls, text)), None) if text == "[]" => filler(&self.asked.prompt, chance),
            (Some((shape, text)), None) => match self.oracle.frame(self.asked.key) {
                Some(frame) => framed(&text, frame, style, chance),
                None => worded(&text, shape, style, chance),
            },
            (None, None) => filler(&self.asked.prompt, chance),
        };
        if chance.happens(temper.rambles) {
            #[expect(clippy::cast_possible_truncation, reason = "a few hundred")]
            let length = chance.within(250, 700) as u32;
            return format!("Good question! {}\n\nAnswer: {answer}", thoughts(length, chance));
        }
        answer
    }

    /// Its answer where only JSON of a schema will do; a null schema is that of any object.
    fn constrained(&self, schema: &Value, belief: Option<(Shape, String)>, chance: &mut Chance) -> String {
        let conforms = |text: &str| {
            let value = serde_json::from_str(text).unwrap_or_default();
            schema.is_null() || jsonschema::validator_for(schema).is_ok_and(|schema| schema.is_valid(&value))
        };
        // Of two answers the better one, as often as its profile says; else the one it read first.
        let preferred = judging::better(&self.asked.prompt, self.seed).map(|truth| {
            let right = chance.happens(self.profile.accuracy.at(0.5));
            (Shape::Word, if right { truth } else { "first" }.to_owned())
        });
        match preferred.or(belief) {
            Some((Shape::Json, text)) if conforms(&text) => text,
            belief => {
                let known = Known {
                    belief: belief.as_ref().map(|(_, text)| text.as_str()),
                    verdict: asks_for_verdict(schema).then(|| self.verdict(chance)),
                    prompt: &self.asked.prompt,
                };
                fill(schema, &known, chance).to_string()
            }
        }
    }

    /// What it thinks of the answer it is asked to judge: the truth as often as its profile says.
    fn verdict(&self, chance: &mut Chance) -> bool {
        let matter = judging::matter(&self.asked.prompt);
        let difficulty = Chance::new(self.seed, &[b"judging", matter.answer.as_bytes()]).unit();
        matter.is_good(self.seed) == chance.happens(self.profile.accuracy.at(difficulty))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::oracle::OracleEntry;
    use super::super::request::Asked;
    use super::super::roster::roster;
    use super::*;

    fn asked(body: &Value) -> Asked {
        let mut full =
            json!({"model": "m", "messages": [{"role": "user", "content": "Reply with only the number: 40 + 2?"}]});
        full.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        Asked::parse(full.to_string().as_bytes()).unwrap()
    }

    fn say(model: &str, asked: &Asked, oracle: &Oracle, nth: u32) -> Said {
        Mind { profile: &Profile::find(model), asked, oracle, seed: 1, nth }.say()
    }

    fn knowing(asked: &Asked, answer: &str) -> Oracle {
        Oracle::new(std::iter::once((asked.key, OracleEntry::new(&json!(answer)))))
    }

    #[test]
    fn the_same_request_for_the_nth_time_gets_the_same_answer() {
        let asked = asked(&json!({}));
        let oracle = knowing(&asked, "42");
        for profile in roster() {
            for nth in 1..20 {
                assert_eq!(say(&profile.id, &asked, &oracle, nth), say(&profile.id, &asked, &oracle, nth));
            }
        }
    }

    #[test]
    fn at_temperature_zero_the_answer_stays_the_same() {
        let asked = asked(&json!({"temperature": 0}));
        let oracle = knowing(&asked, "42");
        let first = say("openai/gpt-4o-mini", &asked, &oracle, 1);
        assert!((2..50).all(|nth| say("openai/gpt-4o-mini", &asked, &oracle, nth) == first));
    }

    #[test]
    fn models_are_right_as_often_as_their_profile_says_and_the_better_ones_more_often() {
        let share = |model: &str| {
            let right = (0..800).filter(|n| {
                let asked = asked(&json!({"messages": [{"role": "user", "content": format!("Only the number: {n}")}]}));
                say(model, &asked, &knowing(&asked, "42"), 1).content.is_some_and(|text| text.ends_with("42"))
            });
            right.count() as f64 / 800.0
        };
        let (good, poor) = (share("openai/gpt-5.2"), share("mistralai/mistral-small-3.2-24b-instruct"));
        assert!((0.91..0.99).contains(&good), "{good}");
        assert!((0.54..0.70).contains(&poor), "{poor}");
    }

    #[test]
    fn max_tokens_cuts_reasoning_and_answer_together() {
        for limit in 1..40 {
            let asked = asked(&json!({"max_tokens": limit}));
            for model in ["openai/gpt-5-mini", "openai/gpt-5.2", "openai/gpt-4o-mini"] {
                let said = say(model, &asked, &Oracle::default(), 1);
                assert_eq!(said.completion_tokens(), limit.min(said.completion_tokens()));
                assert_eq!(said.finish == Some("length"), said.completion_tokens() == limit, "{model} {limit}");
            }
        }
    }

    #[test]
    fn of_several_right_answers_the_first_is_given_unless_a_list_is_wanted() {
        let plain = asked(&json!({}));
        let answers = |asked: &Asked| {
            let oracle = Oracle::new(std::iter::once((asked.key, OracleEntry::new(&json!(["sought", "looked for"])))));
            say("anthropic/claude-opus-4.5", asked, &oracle, 1).content.unwrap()
        };
        assert_eq!(answers(&plain), "sought");
        let list = asked(&json!({"messages": [{"role": "user", "content": "Only a JSON array"}]}));
        assert_eq!(answers(&list), "[\"sought\",\"looked for\"]");
    }

    #[test]
    fn stop_ends_an_answer_before_the_stop_text() {
        let asked = asked(&json!({"stop": ["2"]}));
        let said = say("anthropic/claude-opus-4.5", &asked, &knowing(&asked, "42"), 1);
        assert_eq!(said.content.as_deref(), Some("4"));
    }

    #[test]
    fn reasoning_follows_effort_and_can_be_hidden() {
        let tokens = |body| say("openai/gpt-5-mini", &asked(&body), &Oracle::default(), 1).reasoning_tokens();
        assert!(tokens(json!({"reasoning": {"effort": "high"}})) > tokens(json!({"reasoning": {"effort": "low"}})));
        let hidden = say("openai/gpt-5-mini", &asked(&json!({"reasoning": {"exclude": true}})), &Oracle::default(), 1);
        assert!(hidden.reasoning.is_empty() && hidden.reasoning_tokens() > 0);
        let none = say("openai/gpt-5.2", &asked(&json!({"reasoning": {"effort": "none"}})), &Oracle::default(), 1);
        assert_eq!(none.reasoning_tokens(), 0);
    }

    #[test]
    fn a_wanted_tool_is_called_and_a_wanted_schema_is_met() {
        let tools = json!([{"type": "function", "function": {"name": "f", "parameters":
            {"type": "object", "properties": {"x": {"type": "integer"}}}}}]);
        let called = say(
            "openai/gpt-4o-mini",
            &asked(&json!({"tools": tools, "tool_choice": "required"})),
            &Oracle::default(),
            1,
        );
        let (name, arguments) = &called.calls[0];
        assert_eq!(name, "f");
        assert!(serde_json::from_str::<Value>(arguments).unwrap()["x"].is_i64(), "{arguments}");
        assert_eq!(called.finish, Some("tool_calls"));
        let format = json!({"response_format": {"type": "json_object"}});
        let answer = say("openai/gpt-4o-mini", &asked(&format), &Oracle::default(), 1).content.unwrap();
        assert!(serde_json::from_str::<Value>(&answer).unwrap().is_object());
    }

    /// Asked to judge an answer, with the reference that it is to be compared with.
    fn judging(answer: &str, temperature: f64) -> Asked {
        let prompt =
            format!("⟦REFERENCE 0a⟧\nNorway\n⟦/REFERENCE 0a⟧\n⟦ANSWER 0a⟧\n{answer}\n⟦/ANSWER 0a⟧\nReply with JSON");
        let schema = json!({"type": "object", "properties": {"reason": {"type": "string"},
            "verdict": {"type": "string", "enum": ["pass", "fail"]}}, "required": ["reason", "verdict"]});
        asked(&json!({"temperature": temperature, "messages": [{"role": "user", "content": prompt}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "verdict", "schema": schema}}}))
    }

    #[test]
    fn a_judge_is_right_as_often_as_its_profile_says_and_always_conforms() {
        let right = |model: &str| {
            let judged = (0..400).filter(|n| {
                let good = n % 2 == 0;
                let answer = format!("{n}: it is in {}", if good { "Norway" } else { "Sweden" });
                let said = say(model, &judging(&answer, 0.0), &Oracle::default(), 1).content.unwrap();
                let said: Value = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{said}: {error}"));
                said["reason"].is_string() && said["verdict"] == if good { "pass" } else { "fail" }
            });
            judged.count() as f64 / 400.0
        };
        // The second one rambles, but not where its output is constrained.
        let (good, poor) = (right("anthropic/claude-opus-4.5"), right("qwen/qwen3-next-80b-a3b-instruct"));
        assert!(good > 0.9 && poor > 0.55 && good > poor, "{good} {poor}");
    }

    #[test]
    fn a_judge_says_the_same_of_the_same_answer() {
        let said = |nth| say("openai/gpt-4o-mini", &judging("Norway", 0.0), &Oracle::default(), nth);
        assert!((2..20).all(|nth| said(nth) == said(1)));
    }

    #[test]
    fn mishaps_come_as_often_as_the_profile_says() {
        let asked = asked(&json!({}));
        let profile = Profile::find("meta-llama/llama-3.3-70b-instruct");
        let mishap = |nth| Mind { profile: &profile, asked: &asked, oracle: &Oracle::default(), seed: 1, nth }.mishap();
        let limited = (0..2000).filter(|&nth| mishap(nth) == Some(Mishap::RateLimited)).count();
        assert!((120..200).contains(&limited), "{limited}");
        assert!((0..2000).all(|nth| matches!(mishap(nth), None | Some(Mishap::RateLimited))));
    }
}
