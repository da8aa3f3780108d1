use serde_json::json;

use super::super::error::Scope;
use super::super::intake::Intake;
use super::*;

/// Bodies cut, broken off and made up of anything.
mod cuts;

/// What becomes of a body that ends as it should.
fn read(body: impl AsRef<[u8]>) -> Answer {
    read_until(body, Ending::Eof)
}

fn read_until(body: impl AsRef<[u8]>, ending: Ending) -> Answer {
    let mut intake = Intake::default();
    match intake.push(body.as_ref()) {
        Ok(()) => intake.finish(ending, &Circumstances::default()),
        Err(error) => intake.finish(Ending::Cut(error), &Circumstances::default()),
    }
}

fn stream(chunks: &[Value]) -> String {
    let events: Vec<_> = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
    format!(": OPENROUTER PROCESSING\n\n{}data: [DONE]\n\n", events.concat())
}

fn delta(delta: &Value, finish: Option<&str>) -> Value {
    json!({ "id": "gen-1", "object": "chat.completion.chunk", "created": 1, "model": "a/b-2026", "provider": "P",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish, "native_finish_reason": finish,
            "logprobs": null }] })
}

fn text(text: &str, finish: Option<&str>) -> Value {
    delta(&json!({ "role": "assistant", "content": text }), finish)
}

fn kind(answer: &Answer) -> Option<ErrorKind> {
    answer.error.as_ref().map(|error| error.kind)
}

fn usd(answer: &Answer) -> Option<String> {
    answer.usage.as_ref()?.cost.map(|cost| cost.to_string())
}

/// Bodies that OpenRouter's own SDKs accept.
mod fixtures {
    pub(super) const CHAT: &str = r#"{"id":"gen-1700000000-AbCdEfGhIjKlMnOpQrSt","object":"chat.completion","created":1700000000,"model":"openai/gpt-4o-mini","provider":"OpenAI","system_fingerprint":"fp_x","service_tier":"default","choices":[{"index":0,"logprobs":null,"finish_reason":"stop","native_finish_reason":"stop","message":{"role":"assistant","content":"hi","refusal":null,"reasoning":"think","reasoning_details":[{"type":"reasoning.text","text":"think","signature":null,"id":"r1","format":"unknown","index":0}],"tool_calls":[{"id":"call_1","type":"function","index":0,"function":{"name":"f","arguments":"{}"}}],"annotations":[{"type":"url_citation","url_citation":{"url":"https://e.com","title":"t","content":"c","start_index":0,"end_index":1}}],"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}}],"usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15,"cost":0.00015,"is_byok":false,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0,"audio_tokens":0,"video_tokens":0},"completion_tokens_details":{"reasoning_tokens":1,"image_tokens":0,"audio_tokens":0},"cost_details":{"upstream_inference_cost":null,"upstream_inference_prompt_cost":0.0001,"upstream_inference_completions_cost":5e-05}}}"#;
    pub(super) const CHUNK_ERROR: &str = r#"{"id":"gen-1700000000-AbC","object":"chat.completion.chunk","created":1700000000,"model":"openai/gpt-4o-mini","provider":"OpenAI","error":{"code":429,"message":"Rate limit exceeded","metadata":{"error_type":"rate_limit_exceeded","provider_code":"rate_limited"}},"choices":[{"index":0,"delta":{"content":""},"finish_reason":"error","native_finish_reason":null}]}"#;
}

#[test]
fn a_whole_answer_gives_up_everything_it_says() {
    let answer = read(fixtures::CHAT);
    assert!(answer.error.is_none(), "{:?}", answer.error);
    assert_eq!((answer.text.as_str(), answer.reasoning.as_str()), ("hi", "think"));
    assert_eq!(answer.tool_calls, [ToolCall { id: "call_1".into(), name: "f".into(), arguments: "{}".into() }]);
    assert_eq!(answer.finish_reason.as_deref(), Some("stop"));
    assert_eq!(answer.native_finish_reason.as_deref(), Some("stop"));
    assert_eq!(answer.served_model.as_deref(), Some("openai/gpt-4o-mini"));
    assert_eq!(answer.provider.as_deref(), Some("OpenAI"));
    assert_eq!(answer.generation_id.as_deref(), Some("gen-1700000000-AbCdEfGhIjKlMnOpQrSt"));
    let usage = answer.usage.clone().unwrap();
    assert_eq!((usage.prompt_tokens, usage.completion_tokens), (Some(10), Some(5)));
    assert_eq!((usage.reasoning_tokens, usage.cached_tokens), (Some(1), Some(0)));
    assert_eq!(usd(&answer).unwrap(), "0.00015");
}

#[test]
fn usage_is_found_in_all_four_shapes_and_counted_once() {
    let usage = json!({ "prompt_tokens": 3, "completion_tokens": 2, "cost": 1.5e-7 });
    let with = |mut chunk: Value| {
        chunk["usage"] = usage.clone();
        chunk
    };
    let tails = [
        vec![text("", Some("stop")), with(json!({ "id": "gen-1", "choices": [] }))],
        vec![text("", Some("stop")), with(text("", Some("stop")))],
        vec![text("", Some("stop")), with(text("", None))],
        vec![with(text("", Some("stop")))],
    ];
    for tail in tails {
        let chunks = [vec![text("hi", None)], tail].concat();
        let answer = read(stream(&chunks));
        assert_eq!(kind(&answer), None);
        assert_eq!((answer.text.as_str(), answer.finish_reason.as_deref()), ("hi", Some("stop")));
        assert_eq!(usd(&answer).as_deref(), Some("0.00000015"), "{chunks:?}");
        assert_eq!(answer.usage.unwrap().completion_tokens, Some(2));
    }
}

#[test]
fn cost_is_what_was_charged_in_total() {
    for (usage, want) in [
        (json!({ "cost": 0.1, "is_byok": false, "cost_details": { "upstream_inference_cost": 0.1 } }), Some("0.1")),
        (json!({ "cost": 0, "is_byok": true, "cost_details": { "upstream_inference_cost": 0.2 } }), Some("0.2")),
        (
            json!({ "cost": "0.01", "is_byok": true, "cost_details": { "upstream_inference_cost": "0.2" } }),
            Some("0.21"),
        ),
        (json!({ "cost": 0.01, "is_byok": true, "cost_details": null }), Some("0.01")),
        (json!({ "cost": null }), None),
        (json!({ "cost": -1 }), None),
        (json!({ "cost": "free" }), None),
        (json!({}), None),
        (json!("none"), None),
        (json!(null), None),
    ] {
        let body = json!({ "choices": [{ "message": { "content": "x" }, "finish_reason": "stop" }], "usage": usage });
        assert_eq!(usd(&read(body.to_string())).as_deref(), want, "{usage}");
    }
    // Not a float in between: sixteen digits and more stay.
    let body = r#"{"choices":[{"message":{"content":"x"}}],"usage":{"cost":0.1234567890123456789}}"#;
    assert_eq!(usd(&read(body)).as_deref(), Some("0.1234567890123456789"));
}

#[test]
fn an_odd_usage_does_not_cost_the_answer() {
    for usage in [
        json!({ "prompt_tokens": "10", "completion_tokens": 5.0, "completion_tokens_details": { "reasoning_tokens": 99 } }),
        json!({ "prompt_tokens": 10, "completion_tokens": 5, "completion_tokens_details": [], "prompt_tokens_details": 7 }),
    ] {
        let body = json!({ "choices": [{ "message": { "content": "x" } }], "usage": usage });
        let answer = read(body.to_string());
        assert_eq!(answer.text, "x");
        let usage = answer.usage.unwrap();
        assert_eq!((usage.prompt_tokens, usage.completion_tokens), (Some(10), Some(5)));
    }
}

#[test]
fn reasoning_counts_once_under_any_name() {
    let details = |text: &str| json!([{ "type": "reasoning.text", "text": text }]);
    for deltas in [
        vec![json!({ "reasoning": "why", "reasoning_details": details("why") })],
        vec![json!({ "reasoning": "wh" }), json!({ "reasoning": "y", "reasoning_details": details("why") })],
        vec![json!({ "reasoning_details": details("wh") }), json!({ "reasoning_details": details("y") })],
        vec![json!({ "reasoning_details": details("why") }), json!({ "reasoning": "why" })],
        vec![json!({ "reasoning_content": "why", "reasoning": "why" })],
        vec![json!({ "reasoning_content": "why" })],
        vec![json!({ "reasoning_details": [{ "type": "reasoning.summary", "summary": "why" }] })],
        vec![json!({ "content": "<think>why</think>\n", "reasoning": "why" })],
        vec![json!({ "content": "<thi" }), json!({ "content": "nk>why</think>" })],
        vec![json!({ "content": [{ "type": "thinking", "thinking": "why" }] })],
    ] {
        let mut chunks: Vec<_> = deltas.iter().map(|one| delta(one, None)).collect();
        chunks.push(text("Paris", Some("stop")));
        let answer = read(stream(&chunks));
        assert_eq!((answer.reasoning.as_str(), answer.text.as_str()), ("why", "Paris"), "{deltas:?}");
    }
}

#[test]
fn tool_calls_are_put_together_from_fragments() {
    let call = |value: Value| delta(&json!({ "tool_calls": [value] }), None);
    let answer = read(stream(&[
        call(json!({ "index": 1, "id": "b", "type": "function", "function": { "name": "second", "arguments": "" } })),
        call(json!({ "index": 0, "function": { "name": "first", "arguments": "{\"a\"" } })),
        call(json!({ "index": 0, "id": null, "function": { "arguments": ":1}" } })),
        text("", Some("tool_calls")),
    ]));
    assert_eq!(kind(&answer), None);
    assert_eq!(
        answer.tool_calls,
        [
            ToolCall { id: "call_0".into(), name: "first".into(), arguments: "{\"a\":1}".into() },
            ToolCall { id: "b".into(), name: "second".into(), arguments: "{}".into() },
        ]
    );
    // Every call under index 0, or without any; arguments as an object; `stop` though there are calls.
    for index in [json!(0), json!(null)] {
        let answer = read(stream(&[
            call(json!({ "index": index, "id": "a", "function": { "name": "f", "arguments": { "x": 1 } } })),
            call(json!({ "index": index, "id": "b", "function": { "name": "f" } })),
            text("", Some("stop")),
        ]));
        let seen: Vec<_> = answer.tool_calls.iter().map(|c| (c.id.as_str(), c.arguments.as_str())).collect();
        assert_eq!(seen, [("a", "{\"x\":1}"), ("b", "{}")]);
    }
    let calls = json!([{ "function": { "name": "f" } }, { "function": { "name": "g" } }]);
    let answer = read(json!({ "choices": [{ "message": { "content": null, "tool_calls": calls } }] }).to_string());
    assert_eq!(kind(&answer), None);
    assert_eq!(answer.tool_calls.len(), 2);
}

#[test]
fn errors_inside_a_success_are_found_in_every_shape() {
    let error = json!({ "code": 429, "message": "Slow down", "metadata": { "provider_name": "P", "error_type":
        "rate_limit_exceeded", "headers": { "Retry-After": "3" } } });
    let string_code = json!({ "code": "rate_limit_exceeded", "message": "Slow down" });
    let bodies = [
        json!({ "error": error, "user_id": "user_x" }).to_string(),
        json!({ "error": error, "id": null, "choices": null, "model": null, "usage": null }).to_string(),
        json!({ "error": error, "choices": [] }).to_string(),
        json!({ "error": { "code": "429", "message": "Slow down" } }).to_string(),
        json!({ "error": string_code }).to_string(),
        json!({ "choices": [{ "message": { "content": "par" }, "finish_reason": "error", "error": error }] })
            .to_string(),
        json!({ "object": "error", "code": 429, "message": "Slow down", "type": "RateLimit" }).to_string(),
        stream(&[json!({ "error": error })]),
        stream(&[
            text("par", None),
            json!({ "error": string_code, "choices": [{ "delta": {}, "finish_reason": null }] }),
        ]),
        stream(&[text("par", Some("length")), text("", Some("length")), json!({ "error": error, "choices": [] })]),
        format!("data: {}\n\n", json!({ "error": error })),
        format!("event: error\ndata: {}\n\n", json!({ "code": 429, "message": "Slow down" })),
        json!([{ "error": error }]).to_string(),
    ];
    for body in bodies {
        let answer = read(&body);
        let error = answer.error.unwrap_or_else(|| panic!("no error in {body}"));
        assert_eq!((error.kind, error.status), (ErrorKind::RateLimited, Some(429)), "{body}");
        assert_eq!((error.message.as_str(), error.retryable), ("Slow down", true), "{body}");
        assert!(!format!("{error:?}").contains("user_x"));
    }
    let error = read(format!("data: {}\n\n", fixtures::CHUNK_ERROR)).error.unwrap();
    assert_eq!((error.kind, error.provider.as_deref()), (ErrorKind::RateLimited, Some("OpenAI")));
    assert_eq!(error.error_type.as_deref(), Some("rate_limit_exceeded"));
}

#[test]
fn an_error_after_the_answer_keeps_text_finish_and_usage() {
    let mut last = json!({ "error": { "code": 400, "message": "Token limit reached" }, "choices": [{ "delta": {},
        "finish_reason": "error" }] });
    last["usage"] = json!({ "completion_tokens": 10, "completion_tokens_details": { "reasoning_tokens": 11 } });
    let answer = read(stream(&[text("half", Some("length")), last]));
    assert_eq!(kind(&answer), Some(ErrorKind::BadRequest));
    assert_eq!((answer.text.as_str(), answer.finish_reason.as_deref()), ("half", Some("length")));
    let usage = answer.usage.unwrap();
    assert_eq!((usage.completion_tokens, usage.reasoning_tokens), (Some(10), Some(11)));
}

#[test]
fn a_key_refused_after_the_answer_began_is_not_ours() {
    let error = json!({ "error": { "code": 401, "message": "no auth" } });
    assert_eq!(read(error.to_string()).error.unwrap().scope, Scope::Account);
    assert_eq!(read(stream(&[text("a", None), error])).error.unwrap().scope, Scope::Model);
}

#[test]
fn a_finish_reason_of_error_is_one_even_without_an_error() {
    let mut chunk = text("", Some("error"));
    chunk["choices"][0]["native_finish_reason"] = json!("MALFORMED_FUNCTION_CALL");
    let error = read(stream(&[chunk])).error.unwrap();
    assert_eq!((error.kind, error.retryable), (ErrorKind::Provider, true));
    assert!(error.message.contains("MALFORMED_FUNCTION_CALL"), "{error}");
}

#[test]
fn an_error_that_says_nothing_is_none() {
    for error in [json!(null), json!(""), json!(false), json!({})] {
        let body = json!({ "error": error, "choices": [{ "message": { "content": "x" }, "finish_reason": "stop" }] });
        assert_eq!(kind(&read(body.to_string())), None, "{error}");
    }
}

#[test]
fn an_answer_without_text_is_judged_by_its_finish() {
    let whole = |message: Value, finish: Value, usage: Value| {
        read(json!({ "choices": [{ "message": message, "finish_reason": finish }], "usage": usage }).to_string())
    };
    let none = json!({ "completion_tokens": 0 });
    for (message, finish, want) in [
        (json!({ "content": null, "reasoning": "long" }), json!("length"), None),
        (json!({ "content": "" }), json!("stop"), None),
        (json!({ "content": null, "reasoning": "Paris" }), json!("stop"), None),
        (json!({ "content": "" }), json!("content_filter"), None),
        (json!({ "content": null, "refusal": "I will not" }), json!(null), None),
        (json!({ "content": "x" }), json!(null), None),
        (json!({ "content": "x" }), json!("some_new_reason"), None),
        (json!({ "content": "" }), json!(null), Some(ErrorKind::Empty)),
        (json!({ "content": null }), json!(""), Some(ErrorKind::Empty)),
        (json!(null), json!(null), Some(ErrorKind::Empty)),
    ] {
        let answer = whole(message.clone(), finish.clone(), none.clone());
        assert_eq!(kind(&answer), want, "{message} {finish}");
        assert!(answer.error.is_none_or(|error| error.retryable));
    }
    assert_eq!(kind(&read(r#"{"choices":[]}"#)), Some(ErrorKind::Empty));
    assert_eq!(kind(&read(stream(&[]))), Some(ErrorKind::Empty));
    assert_eq!(kind(&read(": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n")), Some(ErrorKind::Empty));
    for body in ["", " \n\n ", "\u{feff}"] {
        assert_eq!(kind(&read(body)), Some(ErrorKind::Empty), "{body:?}");
    }
}

#[test]
fn a_stream_is_whole_by_its_finish_reason_or_by_its_done() {
    let chunk = |finish| format!("data: {}\n\n", text("hi", finish));
    let whole = [
        chunk(Some("stop")),
        chunk(None) + "data: [DONE]\n\n",
        chunk(None) + "data: [DONE]",
        chunk(None) + "data:  [done] \n",
        chunk(Some("stop")) + "data: {\"choices\":[{\"del",
        chunk(Some("stop")).trim_end().to_owned(),
    ];
    for body in whole {
        let answer = read(&body);
        assert_eq!((kind(&answer), answer.text.as_str()), (None, "hi"), "{body}");
    }
    let cut = [chunk(None), chunk(None) + "data: {\"choices\":[{\"del", chunk(None) + ": ping\n\ndata: ping\n\n"];
    for body in cut {
        let answer = read(&body);
        let error = answer.error.unwrap();
        assert_eq!((error.kind, error.retryable, answer.text.as_str()), (ErrorKind::Truncated, true, "hi"), "{body}");
    }
}

#[test]
fn a_broken_connection_matters_only_before_the_end() {
    let lost = || Ending::Cut(local(ErrorKind::ConnectionLost, true, "reset"));
    let chunk = |finish| format!("data: {}\n\n", text("hi", finish));
    assert_eq!(kind(&read_until(chunk(None), lost())), Some(ErrorKind::ConnectionLost));
    assert_eq!(kind(&read_until(chunk(Some("stop")), lost())), None);
    assert_eq!(kind(&read_until(fixtures::CHAT, lost())), None);
    assert_eq!(kind(&read_until(&fixtures::CHAT[..200], lost())), Some(ErrorKind::ConnectionLost));
    let cancelled = Ending::Cancelled(local(ErrorKind::Cancelled, false, "cancelled"));
    assert_eq!(kind(&read_until(chunk(Some("stop")), cancelled)), Some(ErrorKind::Cancelled));
}

#[test]
fn what_is_no_chat_completion_is_told_as_what_it_is() {
    for (body, want) in [
        ("<!DOCTYPE html><html><head><title>Just a moment...</title>", "HTML page: Just a moment..."),
        ("error code: 1015", "error code: 1015"),
        ("upstream connect error", "upstream connect error"),
        ("{\"choices\":[{\"message\":{\"con", "breaks off after 28 bytes"),
        ("{\"status\":\"ok\"}", "no chat completion: {\"status\":\"ok\"}"),
        ("[1,2]", "no chat completion: [1,2]"),
        ("data: hello\n\n", "data: hello"),
    ] {
        let error = read(body).error.unwrap();
        assert_eq!((error.kind, error.retryable), (ErrorKind::Protocol, true), "{body}");
        assert!(error.message.contains(want), "{error}");
        assert!(error.raw.is_some_and(|raw| raw.contains(body.trim())), "{body}");
    }
}

#[test]
fn whose_account_it_is_is_not_kept() {
    let error = read(r#"{"user_id":"user_x","strange":true}"#).error.unwrap();
    assert_eq!(error.raw.as_deref(), Some(r#"{"strange":true}"#));
    assert!(!error.message.contains("user_x"));
}

#[test]
fn an_event_that_is_not_json_ends_a_stream() {
    let body = format!("data: {}\n\ndata: {{oops}}\n\ndata: {}\n\n", text("a", None), text("b", Some("stop")));
    let answer = read(body);
    let error = answer.error.unwrap();
    assert_eq!((error.kind, error.retryable), (ErrorKind::Protocol, true));
    assert_eq!((error.raw.as_deref(), answer.text.as_str()), (Some("{oops}"), "a"));
    // Without blank lines between them, several JSON texts come as one event.
    let body = format!("data: {}\ndata: {}\n\ndata: [DONE]\n\n", text("a", None), text("b", Some("stop")));
    let answer = read(body);
    assert_eq!((kind(&answer), answer.text.as_str()), (None, "ab"));
}

#[test]
fn other_choices_and_repeated_messages_are_not_mixed_in() {
    let mut other = text("NO", None);
    other["choices"][0]["index"] = json!(1);
    let mut both = text("hi", Some("stop"));
    both["choices"][0]["message"] = json!({ "content": "hi" });
    assert_eq!(read(stream(&[other, both])).text, "hi");
    assert_eq!(read(r#"{"choices":[{"text":"legacy","finish_reason":"stop"}]}"#).text, "legacy");
}

#[test]
fn answers_and_events_are_bounded() {
    let big = "x".repeat(ANSWER_LIMIT / 16);
    let mut fold = StreamFold::default();
    let event = format!("data: {}\n\n", text(&big, None));
    let error = (0..40).find_map(|_| fold.push(event.as_bytes()).err()).unwrap();
    assert_eq!(error.kind, ErrorKind::TooLarge);
    let answer = fold.finish();
    assert_eq!(kind(&answer), Some(ErrorKind::TooLarge));
    assert!(answer.text.len() <= ANSWER_LIMIT + big.len());

    let calls: Vec<_> = (0..2000).map(|n| json!({ "index": n, "function": { "name": "f" } })).collect();
    assert_eq!(kind(&read(stream(&[delta(&json!({ "tool_calls": calls }), None)]))), Some(ErrorKind::TooLarge));

    let line = format!("data: {}", "x".repeat(sse::EVENT_LIMIT + 1));
    assert_eq!(kind(&read(line)), Some(ErrorKind::TooLarge));
    let body = format!("{{\"choices\":[{{\"message\":{{\"content\":\"{}\"}}}}]}}", "x".repeat(ANSWER_LIMIT + 1));
    assert_eq!(kind(&read(body)), Some(ErrorKind::TooLarge));
}

#[test]
fn an_endless_body_is_bounded_whatever_it_is() {
    for (byte, limit) in [(b'{', 32), (b' ', 32), (b':', 1)] {
        let mut intake = Intake::default();
        let chunk = vec![byte; 1 << 20];
        let taken = (0..300).take_while(|_| intake.push(&chunk).is_ok()).count();
        assert_eq!(taken, limit, "{}", char::from(byte));
    }
}

#[test]
fn a_token_is_content_reasoning_or_a_call_and_nothing_else() {
    let quiet = [
        ": OPENROUTER PROCESSING\n\n".to_owned(),
        format!("data: {}\n\n", text("", None)),
        format!("data: {}\n\n", delta(&json!({ "role": "assistant", "content": null, "tool_calls": [] }), None)),
        format!("data: {}\n\n", json!({ "choices": [], "debug": { "echo_upstream_body": {} } })),
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n".to_owned(),
    ];
    for one in [
        json!({ "content": " " }),
        json!({ "reasoning": "a" }),
        json!({ "reasoning_details": [{ "type": "reasoning.text", "text": "a" }] }),
        json!({ "tool_calls": [{ "index": 0, "function": { "name": "f" } }] }),
    ] {
        let mut fold = StreamFold::default();
        for event in &quiet {
            fold.push(event.as_bytes()).unwrap();
            assert!(!fold.has_token(), "{event}");
        }
        fold.push(format!("data: {}\n\n", delta(&one, None)).as_bytes()).unwrap();
        assert!(fold.has_token(), "{one}");
    }
}

#[test]
fn secrets_are_kept_out_of_what_is_kept() {
    let mut redactor = Redactor::default();
    redactor.add("sk-or-v1-0123456789");
    let circumstances = || Circumstances { redactor: Some(&redactor), ..Circumstances::default() };
    let key = "sk-or-v1-0123456789";
    for body in [
        json!({ "choices": [{ "message": { "content": key, "reasoning": key, "refusal": key }, "finish_reason": key }],
            "model": key, "provider": key, "id": key })
        .to_string(),
        json!({ "error": { "message": format!("bad key {key}"), "metadata": { "raw": key, "provider_name": key } } })
            .to_string(),
        format!("data: {{{key}\n\n"),
        format!("<title>{key}</title>"),
    ] {
        let mut intake = Intake::default();
        let _ = intake.push(body.as_bytes());
        let answer = intake.finish(Ending::Eof, &circumstances());
        assert!(!format!("{answer:?}").contains("0123456789"), "{answer:?}");
        assert!(format!("{answer:?}").contains("[redacted]"), "{answer:?}");
    }
}
