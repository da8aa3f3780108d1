//! An answer as a stream of events.

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::fault::{Faults, Kind};
use super::mind::{Mishap, Said};
use super::reply::{READ, Step, stall};
use super::tokens;
use super::wire::{Delta, End, Frame, details, inner_error};

/// How fast an answer comes, already divided by the simulator's speed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// From the request to the first token.
    pub(super) ttft: Duration,
    /// Between two tokens.
    pub(super) token: Duration,
    /// How long a model that stalls on its own does so.
    pub(super) stall: Duration,
}

/// A chunk carries what was generated in about this time: fewer timers and packets, as real servers do.
const CHUNK: Duration = Duration::from_millis(30);

/// Everything a streamed answer is made of.
#[derive(Debug)]
pub(super) struct Telling<'a> {
    pub(super) frame: &'a Frame,
    pub(super) said: &'a Said,
    pub(super) usage: &'a Value,
    pub(super) pace: Pace,
    pub(super) mishap: Option<Mishap>,
    pub(super) faults: &'a Faults,
}

impl Telling<'_> {
    /// The whole stream, after its headers.
    pub(super) fn steps(&self) -> Vec<Step> {
        let mut steps = vec![self.comment()];
        for _ in 1..self.faults.number(Kind::Padding, 20).unwrap_or(1) {
            steps.push(self.comment());
        }
        if self.pace.ttft > Duration::from_millis(200) {
            steps.extend([Step::Wait(self.pace.ttft / 2), self.comment(), Step::Wait(self.pace.ttft / 2)]);
        } else {
            steps.push(Step::Wait(self.pace.ttft));
        }
        let error = inner_error(self.faults, self.mishap == Some(Mishap::Breaks), &self.frame.provider);
        if let (true, Some(error)) = (self.faults.has(Kind::ErrorFirst) || self.faults.has(Kind::ErrorBody), &error) {
            steps.push(self.failure(error.clone()));
            return steps;
        }
        let chunks = self.chunks();
        let half = chunks.len().div_ceil(2);
        let (before, after) = chunks.split_at(half);
        steps.extend_from_slice(before);
        if self.interrupted(error.as_ref(), &mut steps) {
            return steps;
        }
        steps.extend_from_slice(after);
        self.ending(error, &mut steps);
        steps
    }

    /// What happens in the middle. True: nothing comes after it.
    fn interrupted(&self, error: Option<&Value>, steps: &mut Vec<Step>) -> bool {
        if let Some(time) = self.faults.time(Kind::Stall, Duration::MAX) {
            steps.push(stall(time));
        } else if self.mishap == Some(Mishap::Stalls) {
            steps.push(Step::Wait(self.pace.stall));
        }
        let next = self.frame.chunk(Delta { content: Some(" and so on"), ..role() }, End::default());
        let open = next.split_once(" and so on").map_or("", |(open, _)| open);
        if self.faults.has(Kind::Cut) || self.faults.has(Kind::ResetMid) {
            steps.push(Step::Send(format!("data: {open}").into(), 0));
            let end = if self.faults.has(Kind::Cut) { Step::Cut } else { Step::Reset };
            steps.extend([Step::Wait(READ), end]);
            return true;
        }
        if self.faults.has(Kind::CutJson) {
            steps.push(Step::Send(format!("data: {open}").into(), 0));
            return true;
        }
        if self.faults.has(Kind::Endless) {
            steps.push(Step::Send(format!("data: {open}").into(), 0));
            steps.push(Step::Forever(Bytes::from(" and on and on".repeat(1024))));
            return true;
        }
        if self.faults.has(Kind::EndlessEvents) {
            steps.push(Step::Forever(self.event(&next)));
            return true;
        }
        if self.faults.has(Kind::Malformed) {
            let end = End { finish: Some("error"), native: Some("MALFORMED_FUNCTION_CALL"), ..End::default() };
            steps.extend([self.event(&self.frame.chunk(empty(), end)), self.done()].map(|bytes| Step::Send(bytes, 0)));
            return true;
        }
        if let (false, Some(error)) = (self.faults.has(Kind::ErrorAfter), error) {
            steps.push(self.failure(error.clone()));
            return true;
        }
        self.faults.has(Kind::NoFinish)
    }

    /// Finish reason, usage and `[DONE]`, in the shape that was asked for.
    fn ending(&self, error: Option<Value>, steps: &mut Vec<Step>) {
        let mut send = |bytes: Bytes| steps.push(Step::Send(bytes, 0));
        let finish = match self.faults.get(Kind::Finish) {
            Some(fault) => Some(fault.argument().unwrap_or("banana")),
            None => self.said.finish,
        };
        let shape = if self.frame.minimal {
            "none"
        } else {
            self.faults.get(Kind::Usage).map_or("2", |fault| fault.argument().unwrap_or("none"))
        };
        let finished = || End { finish, ..End::default() };
        let first = if shape == "4" { End { usage: Some(self.usage), ..finished() } } else { finished() };
        send(self.event(&self.frame.chunk(empty(), first)));
        if self.faults.has(Kind::DuplicateFinish) {
            send(self.event(&self.frame.chunk(empty(), finished())));
        }
        if let Some(error) = error {
            let end = End { finish: Some("error"), error: Some(error), usage: Some(self.usage), native: None };
            send(self.event(&self.frame.chunk(empty(), end)));
        } else {
            match shape {
                "1" => send(self.event(&self.frame.usage_alone(self.usage))),
                "2" => send(self.event(&self.frame.chunk(empty(), End { usage: Some(self.usage), ..finished() }))),
                "3" => {
                    send(self.event(&self.frame.chunk(empty(), End { usage: Some(self.usage), ..End::default() })));
                }
                _ => {}
            }
        }
        if !self.faults.has(Kind::NoDone) {
            send(self.done());
        }
    }

    /// Reasoning and answer in chunks with the waits between them.
    fn chunks(&self) -> Vec<Step> {
        let per_chunk = (CHUNK.as_secs_f64() / self.pace.token.as_secs_f64().max(1e-6)).clamp(3.0, 64.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 3 and 64")]
        let per_chunk = per_chunk as usize;
        let mut steps = Vec::new();
        self.say(&mut steps, &self.said.reasoning, per_chunk, |text| {
            let reasoning_details = Some(details(text));
            Delta { content: Some(""), reasoning: Some(text), reasoning_details, ..role() }
        });
        if self.said.hidden_tokens > 0 {
            // Nothing is shown meanwhile, but it takes its time.
            steps.push(Step::Wait(self.pace.token * self.said.hidden_tokens));
            steps.push(Step::Send(self.comment_bytes(), self.said.hidden_tokens));
        }
        if let Some(content) = &self.said.content {
            self.say(&mut steps, content, per_chunk, |text| Delta { content: Some(text), ..role() });
        }
        if let Some(refusal) = &self.said.refusal {
            self.say(&mut steps, refusal, per_chunk, |text| Delta { refusal: Some(text), ..role() });
        }
        for (index, (name, arguments)) in self.said.calls.iter().enumerate() {
            steps.extend(self.call(index, name, arguments));
        }
        steps
    }

    /// One text in chunks. The first token of all comes alone, so that a short answer too has a time between first and
    /// last.
    fn say(&self, steps: &mut Vec<Step>, text: &str, per_chunk: usize, delta: impl for<'a> Fn(&'a str) -> Delta<'a>) {
        let pieces: Vec<&str> = tokens::tokens(text).collect();
        let mut rest = pieces.as_slice();
        while !rest.is_empty() {
            let first = steps.is_empty();
            let (now, later) = rest.split_at(if first { 1 } else { per_chunk.min(rest.len()) });
            let count = u32::try_from(now.len()).unwrap_or(u32::MAX);
            if !first {
                steps.push(Step::Wait(self.pace.token * count));
            }
            let event = self.event(&self.frame.chunk(delta(&now.concat()), End::default()));
            steps.push(Step::Send(event, count));
            rest = later;
        }
    }

    /// A tool call: its name, then its arguments in two fragments.
    fn call(&self, index: usize, name: &str, arguments: &str) -> Vec<Step> {
        let mut opening = json!({"index": index, "type": "function", "function": {"name": name, "arguments": ""}});
        if !self.faults.has(Kind::ToolCall) {
            opening["id"] = self.frame.call_id(index).into();
        }
        let fragment = |text: &str| json!({"index": index, "function": {"arguments": text}});
        let (left, right) = arguments.split_at(arguments.floor_char_boundary(arguments.len() / 2));
        let total = tokens::count(arguments);
        [(opening, total / 2), (fragment(left), total - total / 2), (fragment(right), 0)]
            .into_iter()
            .flat_map(|(call, count)| {
                let delta = Delta { tool_calls: Some(json!([call])), ..role() };
                let event = self.event(&self.frame.chunk(delta, End::default()));
                [Step::Wait(self.pace.token * count), Step::Send(event, count)]
            })
            .collect()
    }

    /// An error event, with or without choices.
    fn failure(&self, error: Value) -> Step {
        let event = if self.faults.has(Kind::ErrorBare) {
            json!({"error": error}).to_string()
        } else {
            let end = End { finish: Some("error"), error: Some(error), ..End::default() };
            self.frame.chunk(empty(), end)
        };
        Step::Send(self.event(&event), 0)
    }

    fn done(&self) -> Bytes {
        self.lines("data: [DONE]\n\n")
    }

    fn comment(&self) -> Step {
        Step::Send(self.comment_bytes(), 0)
    }

    fn comment_bytes(&self) -> Bytes {
        self.lines(": OPENROUTER PROCESSING\n\n")
    }

    /// One event on the wire.
    fn event(&self, json: &str) -> Bytes {
        let mut text = String::with_capacity(json.len() + 8);
        for _ in 0..self.faults.number(Kind::Comments, 1).unwrap_or(0) {
            text.push_str(": OPENROUTER PROCESSING\n\n");
        }
        let value = self.faults.has(Kind::Multiline).then(|| serde_json::from_str::<Value>(json).ok()).flatten();
        if let Some(pretty) = value.and_then(|value| serde_json::to_string_pretty(&value).ok()) {
            for line in pretty.lines() {
                text.push_str("data: ");
                text.push_str(line);
                text.push('\n');
            }
        } else {
            text.push_str("data: ");
            text.push_str(json);
            text.push('\n');
        }
        text.push('\n');
        self.lines(&text)
    }

    fn lines(&self, text: &str) -> Bytes {
        if self.faults.has(Kind::Crlf) { text.replace('\n', "\r\n").into() } else { text.to_owned().into() }
    }
}

/// A delta with its role, as OpenRouter repeats it on every chunk.
fn role<'a>() -> Delta<'a> {
    Delta { role: Some("assistant"), ..Delta::default() }
}

/// The delta of a chunk that adds nothing.
fn empty<'a>() -> Delta<'a> {
    Delta { content: Some(""), ..role() }
}
