use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A stream with everything in it: comments, CRLF, characters of many bytes, reasoning, usage, `[DONE]`.
fn rich_stream() -> Vec<u8> {
    let chunks = stream(&[
        delta(&json!({ "role": "assistant", "content": "", "reasoning": "dénke 🦀" }), None),
        text("漢字 \"quoted\"\n", None),
        delta(&json!({ "tool_calls": [{ "index": 0, "function": { "name": "f", "arguments": "{}" } }] }), None),
        text("é", Some("stop")),
        json!({ "id": "gen-1", "choices": [], "usage": { "prompt_tokens": 3, "cost": 1e-5 } }),
    ]);
    chunks.replace("\n\n", "\r\n\r\n").into_bytes()
}

fn essence(answer: &Answer) -> String {
    format!("{answer:?}")
}

#[test]
fn a_stream_cut_at_any_byte_says_the_same() {
    let body = rich_stream();
    let want = read(&body);
    assert_eq!((kind(&want), want.text.as_str()), (None, "漢字 \"quoted\"\né"));
    for cut in 0..=body.len() {
        let mut intake = Intake::default();
        intake.push(&body[..cut]).unwrap();
        intake.push(&body[cut..]).unwrap();
        assert_eq!(essence(&intake.finish(Ending::Eof, &Circumstances::default())), essence(&want), "{cut}");
    }
}

#[test]
fn a_padded_answer_cut_at_any_byte_says_the_same() {
    let body = format!("\n \n\n{}\n", fixtures::CHAT);
    let want = read(&body);
    for cut in 0..=body.len() {
        let mut intake = Intake::default();
        intake.push(&body.as_bytes()[..cut]).unwrap();
        intake.push(&body.as_bytes()[cut..]).unwrap();
        assert_eq!(essence(&intake.finish(Ending::Eof, &Circumstances::default())), essence(&want), "{cut}");
    }
}

#[test]
fn an_answer_broken_off_at_any_byte_is_never_taken_for_whole() {
    for cut in 0..fixtures::CHAT.len() {
        assert!(read(&fixtures::CHAT[..cut]).error.is_some(), "{cut}");
    }
    let body = rich_stream();
    let finish = memchr::memmem::find(&body, b"\"stop\"").unwrap();
    for cut in 0..finish {
        assert!(read(&body[..cut]).error.is_some(), "{cut}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read([b"data: ".as_slice(), &bytes, b"\n\n"].concat());
    }

    #[test]
    fn no_json_makes_it_panic(at in 0_usize..1000, junk in "[\\[\\]{}\",:0-9a-z]{1,6}") {
        let mut body = fixtures::CHAT.to_owned();
        let at = body.floor_char_boundary(at);
        body.replace_range(at..=at, &junk);
        let _ = read(&body);
        let _ = read(format!("data: {body}\n\n"));
    }
}
