//! Folds the chunks of a stream, or one whole answer, into an [`Answer`].

use reqwest::header::HeaderMap;
use serde_json::Value;
use serde_json::value::RawValue;

use super::calls::Calls;
use super::classify::{self, Place, local};
use super::details::{self, Details};
use super::error::{ApiError, ErrorKind};
use super::exchange::{ToolCall, Usage};
use super::lenient::{Prose, Text};
use super::redact::Redactor;
use super::wire::{self, Chunk, Message, ReasoningDetail};
use super::{sse, think};

/// The most text of one answer, reasoning and tool calls included, in bytes.
pub(super) const ANSWER_LIMIT: usize = 8 << 20;
/// What an answer should be.
pub(super) const CHAT: &str = "chat completion";
/// The most tool calls of one answer.
const CALL_LIMIT: usize = 1024;

/// What an endpoint said in a success, put together.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// `None`: the answer is whole. Else why not; the other fields hold what there is.
    pub error: Option<ApiError>,
    /// The visible answer; a leading `<think>…</think>` has been moved to `reasoning`.
    pub text: String,
    /// Reasoning, counted once where it came twice.
    pub reasoning: String,
    /// Tool calls in order of their index.
    pub tool_calls: Vec<ToolCall>,
    /// The model's refusal.
    pub refusal: Option<String>,
    /// The last one that was not null.
    pub finish_reason: Option<String>,
    /// The provider's own word.
    pub native_finish_reason: Option<String>,
    /// Tokens and cost, where reported.
    pub usage: Option<Usage>,
    /// The model that answered.
    pub served_model: Option<String>,
    /// Who served it.
    pub provider: Option<String>,
    /// `gen-…`.
    pub generation_id: Option<String>,
}

/// A streamed answer as it arrives: bytes in, an [`Answer`] out. Knows no time and no socket.
///
/// ```
/// use bench::openrouter::StreamFold;
///
/// let mut fold = StreamFold::default();
/// fold.push(b"data: {\"choices\":[{\"delta\":{\"content\":\"Paris\"},\"finish_reason\":\"stop\"}]}\n\n")?;
/// assert!(fold.has_token() && fold.is_finished());
/// assert_eq!(fold.finish().text, "Paris");
/// # Ok::<(), bench::openrouter::ApiError>(())
/// ```
#[derive(Debug, Default)]
pub struct StreamFold {
    decoder: sse::Decoder,
    fold: Fold,
}

impl StreamFold {
    /// Takes the next bytes, cut anywhere.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] past a limit, [`ErrorKind::Protocol`] for an event that is not JSON: the rest of the
    /// stream is of no use.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        let fold = &mut self.fold;
        self.decoder
            .push(bytes, |event| fold.event(&event.name(), &event.data()))
            .map_err(|error| local(ErrorKind::TooLarge, false, &error.to_string()))?;
        fold.check()
    }

    /// Whether a token of content, reasoning or a tool call has arrived.
    pub fn has_token(&self) -> bool {
        self.fold.token
    }

    /// Whether all that is left to come is usage: the finish reason or an error has arrived.
    pub fn is_finished(&self) -> bool {
        self.fold.finish_reason.is_some() || self.fold.fault.is_some()
    }

    /// Whether `[DONE]` has arrived.
    pub fn is_done(&self) -> bool {
        self.fold.done
    }

    /// Whether there has been any event at all.
    pub(super) fn has_event(&self) -> bool {
        self.fold.events > 0
    }

    /// The answer, the stream having ended by itself.
    pub fn finish(self) -> Answer {
        self.end(Ending::Eof, &Circumstances::default())
    }

    /// The answer, however the stream ended.
    pub(super) fn end(self, ending: Ending, circumstances: &Circumstances<'_>) -> Answer {
        let Self { decoder, mut fold } = self;
        // What is cut off in the middle of an event shows in the missing finish reason.
        let malformed = fold.malformed.take();
        let _ = decoder.finish(|event| fold.event(&event.name(), &event.data()));
        fold.malformed = malformed;
        fold.finish(ending, circumstances)
    }
}

/// How the bytes ended.
#[derive(Debug)]
pub(super) enum Ending {
    /// As they should.
    Eof,
    /// The connection broke, or we ended it: a timeout, a limit. Does not matter to an answer that is whole by then.
    Cut(ApiError),
    /// Cancelled: whatever there is does not count.
    Cancelled(ApiError),
}

/// What else is known when an answer is judged.
#[derive(Debug, Default)]
pub(super) struct Circumstances<'a> {
    pub(super) redactor: Option<&'a Redactor>,
    pub(super) headers: Option<&'a HeaderMap>,
    /// The first bytes of a stream that had no event in them.
    pub(super) start: &'a [u8],
}

/// An error inside a success.
#[derive(Debug)]
enum Fault {
    /// The first one that was told, and whether output had arrived before.
    Told { error: Value, after_output: bool },
    /// Only the finish reason says `error`.
    Broke,
}

/// The accumulator behind streams and whole answers.
#[derive(Debug, Default)]
pub(super) struct Fold {
    answer: Answer,
    finish_reason: Option<String>,
    /// Reasoning under its three names; the first that has any counts.
    reasoning: [String; 3],
    calls: Calls,
    fault: Option<Fault>,
    /// An event that is not what it should be.
    malformed: Option<String>,
    size: usize,
    token: bool,
    done: bool,
    /// Chunks that were understood.
    events: usize,
    /// Whether `choices` was ever there.
    choices: bool,
}

impl Fold {
    /// Takes an event of a stream.
    fn event(&mut self, name: &str, data: &str) {
        let data = data.trim();
        if self.done || self.malformed.is_some() {
            return;
        }
        if data.starts_with('{') {
            if self.json(data) || data.contains('\n') && data.lines().all(|line| self.json(line.trim())) {
                return;
            }
            self.malformed = Some(data.to_owned());
        } else if data.eq_ignore_ascii_case("[DONE]") {
            self.done = true;
            self.events += 1;
        } else if name == "error" && !data.is_empty() {
            self.fail(Value::from(data));
        }
        // Anything else (`ping`, nothing) keeps a connection alive and says nothing.
    }

    /// Takes a whole answer, or a chunk. `false`: it is not a JSON object.
    pub(super) fn json(&mut self, json: &str) -> bool {
        let mut patched = String::new();
        let Some(chunk) = wire::parse(json, &mut patched) else { return self.wrapped_error(json) };
        self.events += 1;
        // Envelopes without `error` in them.
        if !chunk.choices.present
            && chunk.error.is_none()
            && chunk.usage.0.is_none()
            && let Ok(body) = serde_json::from_str::<Value>(json)
            && let Some(details) = Details::in_body(&body)
            && details.message.is_some()
        {
            self.fail(body);
        }
        self.chunk(&chunk);
        true
    }

    /// An error envelope in an array, which is Google's way.
    fn wrapped_error(&mut self, json: &str) -> bool {
        let body = serde_json::from_str::<Value>(json).ok().filter(Value::is_array);
        let error = body.filter(|body| Details::in_body(body).is_some());
        error.is_some_and(|error| {
            self.fail(error);
            true
        })
    }

    fn chunk(&mut self, chunk: &Chunk<'_>) {
        keep(&mut self.answer.generation_id, &chunk.id);
        keep(&mut self.answer.served_model, &chunk.model);
        keep(&mut self.answer.provider, &chunk.provider);
        if let Some(report) = &chunk.usage.0 {
            self.answer.usage.get_or_insert_default().update(report);
        }
        self.choices |= chunk.choices.present;
        self.fault(chunk.error);
        let Some(choice) = &chunk.choices.first else { return };
        match (&choice.delta.0, &choice.message.0) {
            // Some repeat the whole message beside each delta.
            (Some(delta), _) => self.message(delta, false),
            (None, Some(message)) => self.message(message, true),
            (None, None) => {
                if let Some(text) = choice.text.some() {
                    self.grow(text);
                    self.answer.text.push_str(text);
                }
            }
        }
        self.fault(choice.error);
        keep(&mut self.answer.native_finish_reason, &choice.native_finish_reason);
        match choice.finish_reason.some() {
            // The error is told apart; what the model said before it stays.
            Some("error") => {
                self.fault.get_or_insert(Fault::Broke);
                self.finish_reason.get_or_insert_with(|| "error".to_owned());
            }
            Some(_) => keep(&mut self.finish_reason, &choice.finish_reason),
            None => {}
        }
    }

    fn message(&mut self, message: &Message<'_>, whole: bool) {
        if let Some(text) = message.content.some() {
            self.grow(text);
            self.answer.text.push_str(text);
        }
        self.reason(0, &message.reasoning);
        self.reason(1, &message.reasoning_content);
        self.think(1, message.content.thinking.as_deref());
        if self.reasoning[0].is_empty() && message.reasoning_details.is_some() {
            for detail in wire::list::<ReasoningDetail<'_>>(message.reasoning_details, usize::MAX) {
                let said = if detail.text.some().is_some() { detail.text } else { detail.summary };
                self.think(2, said.some());
            }
        }
        if let Some(refusal) = message.refusal.some() {
            self.grow(refusal);
            self.answer.refusal.get_or_insert_default().push_str(refusal);
        }
        if message.tool_calls.is_some() {
            // One more than is taken, so that too many are noticed.
            for (position, part) in wire::list(message.tool_calls, CALL_LIMIT + 1).into_iter().enumerate() {
                self.token = true;
                self.size += self.calls.add(&part, whole.then_some(position as u64));
            }
        }
    }

    fn reason(&mut self, name: usize, prose: &Prose<'_>) {
        self.think(name, prose.some());
        self.think(name, prose.thinking.as_deref());
    }

    fn think(&mut self, name: usize, text: Option<&str>) {
        if let Some(text) = text {
            self.grow(text);
            self.reasoning[name].push_str(text);
        }
    }

    fn grow(&mut self, text: &str) {
        self.size += text.len();
        self.token = true;
    }

    fn fault(&mut self, error: Option<&RawValue>) {
        if let Some(error) = error.and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok())
            && details::says_something(&error)
        {
            self.fail(error);
        }
    }

    fn fail(&mut self, error: Value) {
        self.events += 1;
        if !matches!(self.fault, Some(Fault::Told { .. })) {
            self.fault = Some(Fault::Told { error, after_output: self.token });
        }
    }

    /// Whether the stream is still worth reading.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        if self.size > ANSWER_LIMIT || self.calls.len() > CALL_LIMIT {
            let message = format!("the answer is larger than {} MiB or {CALL_LIMIT} tool calls", ANSWER_LIMIT >> 20);
            return Err(local(ErrorKind::TooLarge, false, &message));
        }
        match &self.malformed {
            Some(_) => Err(local(ErrorKind::Protocol, true, "an event of the stream is not JSON")),
            None => Ok(()),
        }
    }

    /// The answer, and what is wrong with it.
    pub(super) fn finish(mut self, ending: Ending, circumstances: &Circumstances<'_>) -> Answer {
        let nobody = Redactor::default();
        let redactor = circumstances.redactor.unwrap_or(&nobody);
        let usable = self.check();
        let [mut reasoning, other, details] = std::mem::take(&mut self.reasoning);
        for other in [other, details] {
            if reasoning.is_empty() {
                reasoning = other;
            }
        }
        if let Some((thought, text)) = think::split(&self.answer.text) {
            if !reasoning.contains(&thought) {
                if !reasoning.is_empty() {
                    reasoning.push('\n');
                }
                reasoning.push_str(&thought);
            }
            self.answer.text = String::from(text);
        }
        self.answer.reasoning = reasoning;
        self.answer.tool_calls = std::mem::take(&mut self.calls).finish();
        self.answer.finish_reason = self.finish_reason.take();
        self.answer.error = self.judge(usable, ending, circumstances, redactor);
        let mut answer = self.answer;
        for text in [&mut answer.text, &mut answer.reasoning].into_iter().chain(&mut answer.refusal) {
            redactor.clean_answer(text);
        }
        for call in &mut answer.tool_calls {
            for text in [&mut call.id, &mut call.name, &mut call.arguments] {
                redactor.clean_answer(text);
            }
        }
        for word in [
            &mut answer.finish_reason,
            &mut answer.native_finish_reason,
            &mut answer.served_model,
            &mut answer.provider,
            &mut answer.generation_id,
        ] {
            *word = word.take().map(|word| details::label(&word, redactor));
        }
        answer
    }

    /// What is wrong with the answer, if anything.
    fn judge(
        &self,
        usable: Result<(), ApiError>,
        ending: Ending,
        circumstances: &Circumstances<'_>,
        redactor: &Redactor,
    ) -> Option<ApiError> {
        if let Ending::Cancelled(error) = ending {
            return Some(error);
        }
        if let Some(Fault::Told { error, after_output }) = &self.fault {
            let none = HeaderMap::new();
            let headers = circumstances.headers.unwrap_or(&none);
            let details = Details::in_body(error).filter(|_| error.is_array() || error.get("error").is_some());
            let details = details.unwrap_or_else(|| Details::of(error));
            let place = Place { http: None, headers, after_output: *after_output };
            let mut error = classify::of_details(&details, &place, redactor);
            error.provider = error.provider.or_else(|| self.answer.provider.clone());
            return Some(error);
        }
        if let Err(mut error) = usable {
            error.raw = self.malformed.as_deref().map(|event| details::raw(event, redactor));
            return Some(error);
        }
        if matches!(self.fault, Some(Fault::Broke)) {
            let native = self.answer.native_finish_reason.as_deref();
            let native = native.map(|native| format!(" ({native})")).unwrap_or_default();
            let message = format!("the provider broke off the answer{native}");
            let error = local(ErrorKind::Provider, true, &details::message(&message, redactor));
            return Some(ApiError { provider: self.answer.provider.clone(), ..error });
        }
        if !self.done && self.answer.finish_reason.is_none() {
            return match ending {
                Ending::Cut(error) => Some(error),
                _ if self.events == 0 => Some(nothing(CHAT, circumstances.start, redactor)),
                _ => Some(local(ErrorKind::Truncated, true, "the stream ended without a finish reason")),
            };
        }
        self.empty()
    }

    /// Nothing at all, and no word why: a model that is still warming up, or a dropped answer. An answer without text
    /// that ended for a reason is one: all tokens went into reasoning, or the model had nothing to say.
    fn empty(&self) -> Option<ApiError> {
        let answer = &self.answer;
        let silent = answer.text.is_empty()
            && answer.reasoning.is_empty()
            && answer.tool_calls.is_empty()
            && answer.refusal.is_none();
        (silent && answer.finish_reason.is_none())
            .then(|| local(ErrorKind::Empty, true, "the answer is empty and says no reason"))
    }

    /// Marks a whole answer as ended, which a stream says with `[DONE]`.
    pub(super) fn whole(&mut self) {
        self.done = true;
    }

    /// Whether there was something that a chat completion has.
    pub(super) fn is_completion(&self) -> bool {
        self.choices || self.fault.is_some()
    }
}

/// A success with nothing in it that we understand; `what` is what was hoped for.
pub(super) fn nothing(what: &str, start: &[u8], redactor: &Redactor) -> ApiError {
    let text = String::from_utf8_lossy(start);
    let text = text.trim();
    // Comments and empty events are how a stream says nothing.
    let said = text.lines().find(|line| !line.is_empty() && !line.starts_with(':'));
    let Some(said) = said else {
        return local(ErrorKind::Empty, true, "the answer is empty");
    };
    let message = match classify::html_title(text) {
        _ if !classify::is_html(text) => format!("the answer is no {what}: {said}"),
        Some(title) => format!("the answer is an HTML page: {title}"),
        None => "the answer is an HTML page".to_owned(),
    };
    let raw = Some(details::raw(text, redactor));
    ApiError { raw, ..local(ErrorKind::Protocol, true, &details::message(&message, redactor)) }
}

/// Keeps the last text that is not empty, without copying the one that is there already.
fn keep(slot: &mut Option<String>, text: &Text<'_>) {
    if let Some(text) = text.some()
        && slot.as_deref() != Some(text)
    {
        *slot = Some(text.to_owned());
    }
}

#[cfg(test)]
mod tests;
