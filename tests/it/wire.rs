//! What endpoints really send: errors of every shape, broken connections, bodies that are not what they should be.

use std::time::Duration;

use serde_json::json;

use crate::context::Context;
use crate::server::{Act, Answer, Call, Reply, Server, chunk, event, token};
use crate::suite::Suite;
use crate::table::Row;

/// Runs one model with this script, three cases, one further attempt, and hands back its rows.
#[track_caller]
fn rows_of(stream: bool, script: impl Fn(&Call) -> Reply + Send + Sync + 'static) -> Vec<Row> {
    let (cx, server) = (Context::new(), Server::with("m", script));
    let suite = Suite::at(&server).model("m").default("retries", "1").default("stream", &stream.to_string());
    cx.run(&suite, &[]).code_in(&[0, 3]);
    let results = cx.results();
    results.holds_the_plan_of(&suite);
    results.rows
}

/// Every cell ended in an error of this kind after so many attempts.
#[track_caller]
fn all_failed(rows: &[Row], kinds: &[&str], attempts: &str) {
    for row in rows {
        assert_eq!((row.get("verdict"), row.get("attempts")), ("error", attempts), "{row:?}");
        assert!(kinds.contains(&row.get("error_kind")), "wanted {kinds:?}: {row:?}");
        assert!(!row.get("error").is_empty() && row.get("score").is_empty(), "{row:?}");
    }
}

#[track_caller]
fn all_passed(rows: &[Row], attempts: &str) {
    for row in rows {
        assert_eq!((row.get("verdict"), row.get("attempts")), ("pass", attempts), "{row:?}");
    }
}

#[test]
fn a_connection_cut_in_the_middle_of_a_body_is_an_error() {
    let cut = |call: &Call| {
        let body = call.answer().body().to_string();
        let half = &body.as_bytes()[..body.len() / 2];
        let head = crate::server::head(200, &[("content-type", "application/json"), ("content-length", "4000")]);
        Reply::acts([Act::Send([&head, half].concat()), Act::Close])
    };
    all_failed(&rows_of(false, cut), &["connection_lost", "protocol"], "2");
}

#[test]
fn a_connection_cut_in_the_middle_of_a_stream_is_an_error_even_after_the_whole_text() {
    for act in [Act::Close, Act::Reset] {
        let rows = rows_of(true, move |call| call.answer().unfinished().then(act.clone()));
        all_failed(&rows, &["connection_lost", "truncated"], "2");
    }
}

#[test]
fn a_stream_that_ends_without_a_finish_reason_is_truncated() {
    let rows = rows_of(true, |call| call.answer().unfinished().then(Act::Send(b"0\r\n\r\n".to_vec())));
    all_failed(&rows, &["truncated"], "2");
}

#[test]
fn a_stream_without_done_that_told_its_finish_reason_counts() {
    let rows = rows_of(true, |call| {
        let end = chunk(event(&json!({}), Some("stop"), None).as_bytes());
        call.answer().unfinished().then(Act::Send(end)).then(Act::Send(b"0\r\n\r\n".to_vec()))
    });
    all_passed(&rows, "1");
}

#[test]
fn a_connection_closed_before_the_first_byte_is_tried_again() {
    let rows = rows_of(true, |call| if call.attempt == 1 { Reply::acts([Act::Reset]) } else { call.echo() });
    all_passed(&rows, "2");
}

#[test]
fn garbage_is_an_error() {
    for stream in [true, false] {
        let rows =
            rows_of(stream, |_| Reply::full(200, &[("content-type", "application/json")], b"\xff\xfe{{{not json"));
        all_failed(&rows, &["protocol"], "2");
    }
    let not_http = |_: &Call| Reply::acts([Act::Send(b"SSH-2.0-OpenSSH_9.6\r\n".to_vec()), Act::Close]);
    all_failed(&rows_of(true, not_http), &["protocol", "connection_lost"], "2");
    let bad_event = |_: &Call| {
        Reply::open("text/event-stream").chunk("data: {\"choices\": [}\n\n").then(Act::Send(b"0\r\n\r\n".to_vec()))
    };
    all_failed(&rows_of(true, bad_event), &["protocol", "truncated"], "2");
}

#[test]
fn an_empty_answer_with_status_200_is_an_error() {
    for body in ["", "  \n \n"] {
        let rows = rows_of(false, move |_| Reply::full(200, &[("content-type", "application/json")], body.as_bytes()));
        all_failed(&rows, &["empty", "protocol"], "2");
    }
}

#[test]
fn an_error_inside_a_200_is_an_error() {
    let error = json!({ "code": 502, "message": "Provider returned error", "metadata": { "raw": "upstream blew up" } });
    let whole = error.clone();
    let rows = rows_of(false, move |_| Reply::json(200, &[], &json!({ "error": whole })));
    all_failed(&rows, &["provider"], "2");
    assert!(rows[0].get("error").contains("upstream blew up"), "the provider's own words are lost: {:?}", rows[0]);

    // In a stream, after half of the answer.
    let rows = rows_of(true, move |call| {
        let broken = json!({ "error": error, "choices": [{ "index": 0, "delta": {}, "finish_reason": "error" }] });
        let stream = Reply::open("text/event-stream").chunk(token(call.word()));
        stream.chunk(format!("data: {broken}\n\n")).then(Act::Send(b"0\r\n\r\n".to_vec()))
    });
    all_failed(&rows, &["provider"], "2");
}

#[test]
fn an_error_inside_a_200_that_passes_is_forgotten() {
    let rows = rows_of(true, |call| match call.attempt {
        1 => Reply::json(200, &[], &json!({ "error": { "code": 503, "message": "overloaded" } })),
        _ => call.echo(),
    });
    all_passed(&rows, "2");
}

#[test]
fn server_errors_are_tried_again_and_mistakes_are_not() {
    for status in [408, 500, 502, 503, 504, 524, 529] {
        let rows = rows_of(true, move |call| match call.attempt {
            1 => Reply::error(status, "try again"),
            _ => call.echo(),
        });
        all_passed(&rows, "2");
    }
    for (status, kind) in [(400, "bad_request"), (413, "payload_too_large"), (422, "bad_request")] {
        all_failed(&rows_of(true, move |_| Reply::error(status, "wrong request")), &[kind], "1");
    }
}

#[test]
fn html_from_a_proxy_is_told_briefly() {
    let page = format!("<html><body>{}<h1>502 Bad Gateway</h1></body></html>", "<p>cloud</p>".repeat(5_000));
    for stream in [true, false] {
        let page = page.clone();
        let rows = rows_of(stream, move |_| Reply::full(502, &[("content-type", "text/html")], page.as_bytes()));
        all_failed(&rows, &["provider", "protocol"], "2");
        assert!(rows[0].get("error").len() < 4_000, "{} bytes of HTML in one field", rows[0].get("error").len());
    }
    let rows = rows_of(true, |_| Reply::full(200, &[("content-type", "text/html")], b"<html>log in first</html>"));
    all_failed(&rows, &["protocol"], "2");
}

#[test]
fn an_endless_body_is_cut_off() {
    let mebibyte = chunk("x".repeat(1 << 20).as_bytes());
    let open = Reply::open("application/json").chunk(r#"{"choices":[{"message":{"content":""#);
    let body = open.then(Act::Repeat(mebibyte.clone(), Duration::ZERO));
    let line = Reply::open("text/event-stream").chunk("data: ").then(Act::Repeat(mebibyte, Duration::ZERO));
    let many = token(&"x".repeat(1_000)).repeat(500);
    let tokens = Reply::open("text/event-stream").then(Act::Repeat(chunk(many.as_bytes()), Duration::ZERO));
    for (name, stream, reply) in [("body", false, body), ("line", true, line), ("tokens", true, tokens)] {
        let (cx, server) = (Context::new(), Server::with("m", move |_| reply.clone()));
        let suite = Suite::at(&server).model("m").cases(1).default("stream", &stream.to_string());
        let outcome = cx.run(&suite, &[]);
        let results = cx.results();
        for row in &results.holds_the_plan_of(&suite).rows {
            assert_eq!((row.get("verdict"), row.get("error_kind")), ("error", "too_large"), "{name}: {row:?}");
        }
        assert!(outcome.peak_kib < 400 << 10, "{name}: {} KiB for an endless answer\n{outcome}", outcome.peak_kib);
        let largest = cx.all_files().iter().map(|(_, bytes)| bytes.len()).max().unwrap();
        assert!(largest < 200 << 20, "{name}: {largest} bytes in one file");
    }
}

/// A gzip member of so many mebibytes of blanks that never says it is over. A block that was flushed whole refers to
/// nothing before it, so it can be repeated without being compressed again.
fn gzip_bomb(mebibytes: usize) -> Vec<u8> {
    let blanks = vec![b' '; 1 << 20];
    let mut block = Vec::with_capacity(64 << 10);
    let mut deflate = flate2::Compress::new(flate2::Compression::best(), false);
    deflate.compress_vec(&blanks, &mut block, flate2::FlushCompress::Full).unwrap();
    assert_eq!(deflate.total_in(), 1 << 20);
    [b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec(), block.repeat(mebibytes)].concat()
}

#[test]
fn a_compressed_bomb_is_cut_off() {
    let bomb = gzip_bomb(1_024);
    assert!(bomb.len() < 8 << 20, "{} bytes are no bomb", bomb.len());
    let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
    let (cx, server) = (Context::new(), Server::with("m", move |_| Reply::full(200, &headers, &bomb)));
    let suite = Suite::at(&server).model("m").cases(1).default("stream", "false");
    let outcome = cx.run(&suite, &[]);
    assert_eq!(cx.results().holds_the_plan_of(&suite).verdicts("m"), "error 1");
    assert!(outcome.peak_kib < 400 << 10, "{} KiB for a gibibyte of blanks", outcome.peak_kib);
}

#[test]
fn a_plain_openai_compatible_endpoint_is_enough() {
    // No id, no usage, no provider, no model, no role, CRLF and comments: what a small server sends.
    let rows = rows_of(true, |call| {
        let first =
            format!(": hi\r\n\r\ndata: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\r\n\r\n", call.word());
        let last = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\ndata: [DONE]\r\n\r\n";
        Reply::open("text/event-stream").chunk(first).chunk(last).then(Act::Send(b"0\r\n\r\n".to_vec()))
    });
    all_passed(&rows, "1");
    for column in ["prompt_tokens", "completion_tokens", "cost_usd", "cost_source", "provider", "generation_id"] {
        assert_eq!(rows[0].get(column), "", "{column}");
    }
}

#[test]
fn an_answer_in_single_bytes_is_read_whole() {
    let rows = rows_of(true, |call| {
        let text = format!("{}data: [DONE]\n\n", event(&json!({ "content": call.word() }), Some("stop"), None));
        let reply = Reply::open("text/event-stream");
        let reply = text.as_bytes().iter().fold(reply, |reply, byte| reply.chunk([*byte]));
        reply.then(Act::Send(b"0\r\n\r\n".to_vec()))
    });
    all_passed(&rows, "1");
}

#[test]
fn a_reply_that_is_not_a_stream_though_one_was_asked_for_is_read() {
    let rows = rows_of(true, |call| Reply::json(200, &[], &call.answer().body()));
    all_passed(&rows, "1");
}

#[test]
fn the_request_is_what_the_suite_says() {
    let (cx, server) = (Context::new(), Server::start());
    let routed = "provider: { order: [one, two] }, fallbacks: [other/model], params: { temperature: 0.5, seed: 7 }";
    let suite = Suite::at(&server).model_with("m", routed).cases(1).line("headers: { X-Team: evals }");
    cx.run(&suite, &[]).code(0);
    let call = &server.calls()[0];
    assert_eq!(call.header("x-team"), Some("evals"));
    assert_eq!(call.header("authorization"), Some(format!("Bearer {}", crate::context::KEY).as_str()));
    assert_eq!(call.body["messages"], json!([{ "role": "user", "content": "say w1" }]));
    assert_eq!((&call.body["temperature"], &call.body["seed"]), (&json!(0.5), &json!(7)));
    assert_eq!(call.body["max_tokens"], json!(4096), "without a limit an endpoint reserves the most it can");
    assert_eq!(call.body["provider"]["order"], json!(["one", "two"]));
    assert!(call.body["models"].as_array().unwrap().contains(&json!("other/model")));
}

#[test]
fn a_refusal_and_a_cut_answer_are_answers() {
    let rows = rows_of(true, |call| match call.word() {
        "w1" => Answer::new("w1 and so on and so").finish("length").reply(call),
        "w2" => Answer::new("I cannot help with that").finish("content_filter").reply(call),
        _ => call.echo(),
    });
    assert_eq!((rows[0].get("verdict"), rows[0].get("finish_reason")), ("fail", "length"));
    assert_eq!((rows[1].get("verdict"), rows[1].get("finish_reason")), ("fail", "content_filter"));
}
