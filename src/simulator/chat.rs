//! `POST /chat/completions`: which model answers, what goes wrong, and the answer as a script.

use std::sync::Arc;
use std::time::Duration;

use super::chance::{Chance, digest};
use super::errors::{failed, html, refused};
use super::fault::{Fault, Faults, Kind};
use super::ledger::{Generation, Ticket};
use super::mind::{Mind, Mishap, Said};
use super::profile::Profile;
use super::reply::{Reply, Step};
use super::request::{Asked, split_faults};
use super::state::State;
use super::stream::{Pace, Telling};
use super::whole;
use super::wire::{Frame, usage};
use super::wording::thoughts;

/// How long a model that stalls on its own is silent, at the usual speed.
const STALL: Duration = Duration::from_secs(5);

/// Answers a chat request; `asked_for` are the faults of the request and of the server.
pub(super) fn answer(state: &State, body: &[u8], asked_for: &[Fault]) -> Reply {
    let asked = match Asked::parse(body) {
        Ok(asked) => asked,
        Err(refusal) => return refused(400, &refusal),
    };
    let mut last = None;
    for candidate in &asked.models {
        // A fallback is asked where the model before it failed without a byte of an answer.
        match attempt(state, &asked, candidate, asked_for) {
            Outcome::Final(reply) => return reply,
            Outcome::Failed(reply) => last = last.or(Some(reply)),
        }
    }
    last.unwrap_or_else(|| refused(404, "No endpoints found"))
}

/// What came of asking one model.
enum Outcome {
    /// This is what the client gets.
    Final(Reply),
    /// It failed on its own account, so that a fallback may answer.
    Failed(Reply),
}

fn attempt(state: &State, asked: &Asked, candidate: &str, asked_for: &[Fault]) -> Outcome {
    let (model, own_faults) = match split_faults(candidate) {
        Ok(split) => split,
        Err(error) => return Outcome::Final(refused(400, &error.to_string())),
    };
    if model.contains("does-not-exist") {
        return Outcome::Failed(refused(404, &format!("No endpoints found for {model}")).later(state.scaled_ms(80)));
    }
    let profile = Profile::find(model);
    let nth = state.comes(digest(&[candidate.as_bytes(), &asked.key.to_le_bytes()]));
    let mind = Mind { profile: &profile, asked, oracle: &state.oracle, seed: state.seed, nth };
    let mut dice = mind.dice("fault", nth);
    let mut strike = |faults: &[Fault]| -> Vec<Fault> {
        faults.iter().filter(|fault| fault.strikes(nth, &mut dice)).cloned().collect()
    };
    let (own, outer) = (strike(&own_faults), strike(asked_for));
    let own_status = Faults(own.clone()).status().is_some();
    let faults = Faults(own.into_iter().chain(outer).collect());
    let provider = profile.provider_name();

    if let Some((status, argument)) = faults.status() {
        let reply = failed(status, argument, &provider, model).later(state.scaled_ms(100)).disturbed(&faults);
        return if own_status { Outcome::Failed(reply) } else { Outcome::Final(reply) };
    }
    if let Some(status) = faults.number(Kind::Html, 502).and_then(|status| u16::try_from(status).ok()) {
        return Outcome::Final(html(status).later(state.scaled_ms(100)).disturbed(&faults));
    }
    if asked.effort == Some(0.0) && profile.thinking.is_some_and(|thinking| thinking.mandatory) {
        return Outcome::Failed(refused(400, "Reasoning is mandatory for this endpoint and cannot be disabled."));
    }
    let mishap = mind.mishap();
    match mishap {
        Some(Mishap::RateLimited) => {
            let reply = failed(429, Some("1"), &provider, model).later(state.scaled_ms(150));
            return Outcome::Failed(reply.disturbed(&faults));
        }
        Some(Mishap::BadGateway) => {
            let reply = failed(502, None, &provider, model).later(state.scaled_ms(400));
            return Outcome::Failed(reply.disturbed(&faults));
        }
        Some(Mishap::Breaks | Mishap::Stalls) | None => {}
    }
    Outcome::Final(generated(state, &mind, candidate, mishap, &faults))
}

/// The answer of a model that does answer.
fn generated(state: &State, mind: &Mind<'_>, candidate: &str, mishap: Option<Mishap>, faults: &Faults) -> Reply {
    let mut said = mind.say();
    bend(&mut said, faults, &mut mind.dice("bend", mind.nth));
    let created = jiff::Timestamp::now();
    let (frame, generation) = account(mind, candidate, &said, created, faults);
    let usage = usage(&generation, faults);
    let pace = pace(state, mind);
    let mut reply = if mind.asked.stream {
        let telling = Telling { frame: &frame, said: &said, usage: &usage, pace, mishap, faults };
        Reply::new(200, "text/event-stream", telling.steps())
    } else {
        let body = whole::body(&frame, &said, &usage, mishap, faults);
        let time = pace.ttft + pace.token * said.completion_tokens();
        let time = if mishap == Some(Mishap::Stalls) { time + pace.stall } else { time };
        let mut reply = Reply::json(200, &body).later(time);
        if let Some(Step::Send(_, tokens)) = reply.steps.first_mut() {
            *tokens = generation.completion_tokens;
        }
        reply
    };
    if !frame.minimal {
        reply = reply.header("x-generation-id", &generation.id);
    }
    if faults.has(Kind::CacheHit) {
        reply = reply
            .header("x-openrouter-cache-status", "HIT")
            .header("x-openrouter-cache-age", &12)
            .header("x-openrouter-cache-ttl", &300)
            .header("x-openrouter-cache-source-id", "gen-1700000000-CachedCachedCachedCa");
    }
    reply.ticket = Some(Ticket::new(Arc::clone(&state.ledger), generation));
    reply.disturbed(faults)
}

/// Applies the faults that concern what is said.
fn bend(said: &mut Said, faults: &Faults, chance: &mut Chance) {
    if faults.has(Kind::ThinkTags) {
        let reasoning =
            if said.reasoning.is_empty() { thoughts(30, chance) } else { std::mem::take(&mut said.reasoning) };
        said.content = said.content.take().map(|text| format!("<think>\n{reasoning}\n</think>\n\n{text}"));
    }
    if faults.has(Kind::ReasoningOnly) {
        if said.reasoning.is_empty() {
            said.reasoning = thoughts(30, chance);
        }
        said.content = Some(String::new());
    }
    if faults.has(Kind::EmptyContent) {
        said.content = Some(String::new());
    }
    if faults.has(Kind::NullContent) {
        *said = Said::default();
    }
    if faults.has(Kind::Refusal) {
        said.content = None;
        said.refusal = Some("I can't help with that.".to_owned());
        said.finish = Some("content_filter");
    }
    if faults.has(Kind::ToolCall) {
        said.content = None;
        said.calls = vec![("lookup".to_owned(), "{\"query\":\"weather in Paris\"}".to_owned())];
        said.finish = Some("stop");
    }
    if let Some(limit) = faults.number(Kind::Length, 5) {
        said.limit(limit);
        said.finish = Some("length");
    }
}

/// The answer's id and names, and its entry in the ledger.
fn account(
    mind: &Mind<'_>,
    candidate: &str,
    said: &Said,
    created: jiff::Timestamp,
    faults: &Faults,
) -> (Frame, Generation) {
    let unique = mind.dice(&format!("id {candidate}"), mind.nth).alphanumeric(20);
    let id = format!("gen-{}-{unique}", created.as_second());
    let requested = candidate.split("+fault-").next().unwrap_or(candidate);
    let model = match faults.get(Kind::Renamed) {
        Some(fault) => fault.argument().map_or_else(|| format!("{requested}-20261101"), str::to_owned),
        None => requested.to_owned(),
    };
    let frame = Frame {
        id: id.clone(),
        model: model.clone(),
        provider: mind.profile.provider_name(),
        created: created.as_second(),
        minimal: faults.has(Kind::Minimal),
    };
    let prompt_tokens = mind.asked.prompt_tokens;
    let free = faults.has(Kind::CacheHit);
    let generation = Generation {
        id,
        model,
        provider: mind.profile.provider_name(),
        created_at: created.to_string(),
        streamed: mind.asked.stream,
        cancelled: false,
        finish_reason: said.finish,
        prompt_tokens,
        // Asked before: three quarters of the prompt are still warm.
        cached_tokens: if mind.nth > 1 { prompt_tokens * 3 / 4 } else { 0 },
        completion_tokens: said.completion_tokens(),
        reasoning_tokens: said.reasoning_tokens(),
        prices: if free { super::profile::Prices::FREE } else { mind.profile.prices },
        latency: Duration::ZERO,
        took: Duration::ZERO,
        late: faults.number(Kind::GenerationLate, 2).unwrap_or(0),
    };
    (frame, generation)
}

/// How fast this answer comes: the model's usual pace, give or take its jitter, with a slow one now and then.
fn pace(state: &State, mind: &Mind<'_>) -> Pace {
    let mut chance = mind.dice("pace", mind.nth);
    let speed = mind.profile.speed;
    let tail = if chance.happens(0.04) { 1.0 + 2.0 * speed.jitter } else { 1.0 };
    let mut stray = || chance.between(1.0 - speed.jitter, 1.0 + speed.jitter) * tail;
    let (first, every) = (stray(), stray());
    // Reading a long prompt takes time: about 5,000 tokens a second.
    let reading = Duration::from_secs_f64(f64::from(mind.asked.prompt_tokens) / 5000.0);
    Pace {
        ttft: state.scaled(speed.ttft.mul_f64(first) + reading),
        token: state.scaled(Duration::from_secs_f64(every / speed.rate)),
        stall: state.unhurried(STALL),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::reply::Head;
    use super::*;

    fn ask(state: &State, body: &Value, faults: &str) -> Reply {
        answer(state, body.to_string().as_bytes(), &Fault::parse_list(faults).unwrap())
    }

    fn hi(model: &str) -> Value {
        json!({"model": model, "messages": [{"role": "user", "content": "Tell me about rivers in Norway"}]})
    }

    fn json_of(reply: &Reply) -> Value {
        let Some(Step::Send(bytes, _)) = reply.steps.first() else { panic!("no body") };
        serde_json::from_slice(bytes).unwrap()
    }

    #[test]
    fn cost_is_tokens_times_price_to_the_last_digit() {
        let state = State::for_tests();
        for nth in 1..4_i64 {
            let usage = json_of(&ask(&state, &hi("openai/gpt-4o-mini"), ""))["usage"].clone();
            let count = |path: &str| usage.pointer(path).and_then(Value::as_i64).unwrap();
            let (prompt, cached) = (count("/prompt_tokens"), count("/prompt_tokens_details/cached_tokens"));
            assert_eq!(cached > 0, nth > 1);
            let picos = (prompt - cached) * 150_000 + cached * 15_000 + count("/completion_tokens") * 600_000;
            let cost: rust_decimal::Decimal = rust_decimal::Decimal::from_scientific(&usage["cost"].to_string())
                .or_else(|_| usage["cost"].to_string().parse())
                .unwrap();
            assert_eq!(cost, rust_decimal::Decimal::new(picos, 12).normalize());
        }
    }

    #[test]
    fn a_fallback_answers_where_the_model_fails_on_its_own_account() {
        let state = State::for_tests();
        let mut body = hi("openai/does-not-exist");
        assert_eq!(ask(&state, &body, "").status, 404);
        body["models"] = json!(["openai/gpt-4o-mini+fault-503", "anthropic/claude-opus-4.5"]);
        let reply = ask(&state, &body, "");
        assert_eq!((reply.status, json_of(&reply)["model"].as_str()), (200, Some("anthropic/claude-opus-4.5")));
        assert_eq!(ask(&state, &body, "502").status, 502);
    }

    #[test]
    fn a_fault_with_a_count_ends_after_so_many_times() {
        let state = State::for_tests();
        let statuses: Vec<u16> =
            (0..4).map(|_| ask(&state, &hi("anthropic/claude-opus-4.5+fault-429*2"), "").status).collect();
        assert_eq!(statuses, [429, 429, 200, 200]);
    }

    #[test]
    fn mandatory_reasoning_cannot_be_switched_off() {
        let mut body = hi("google/gemini-3.1-pro-preview");
        body["reasoning"] = json!({"effort": "none"});
        let reply = ask(&State::for_tests(), &body, "");
        assert_eq!(reply.status, 400);
        assert!(json_of(&reply)["error"]["message"].as_str().unwrap().contains("mandatory"));
    }

    #[test]
    fn a_bigger_speed_makes_everything_faster() {
        let total = |speed| {
            let mut state = State::for_tests();
            state.speed = speed;
            match ask(&state, &hi("anthropic/claude-opus-4.5"), "").head {
                Head::After(time) => time,
                other => panic!("{other:?}"),
            }
        };
        assert!(total(1.0) > total(10.0) * 9);
        assert_eq!(total(f64::INFINITY), Duration::ZERO);
    }

    #[test]
    fn ids_are_unique_among_repeats_and_models() {
        let state = State::for_tests();
        let ids: std::collections::HashSet<String> = ["a/b", "a/b", "a/c", "a/b:free", "a/b+fault-no-cost"]
            .iter()
            .map(|model| json_of(&ask(&state, &hi(model), ""))["id"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(ids.len(), 5);
    }
}
