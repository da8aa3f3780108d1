use proptest::prelude::*;
use serde_json::json;

use super::*;

#[test]
fn members_of_the_wrong_type_cost_nothing_else() {
    for (name, odd) in ["id", "model", "provider", "usage", "created"]
        .into_iter()
        .flat_map(|name| [json!(null), json!(5), json!([1]), json!({ "a": 1 }), json!(true)].map(|odd| (name, odd)))
    {
        let json = json!({ (name): odd, "choices": [{ "delta": { "content": "hi", "tool_calls": odd, "refusal": odd,
            "reasoning": odd, "reasoning_details": odd }, "finish_reason": odd, "index": odd, "logprobs": odd }] });
        // A choice of another index was not asked for.
        if odd == json!(5) {
            continue;
        }
        let json = json.to_string();
        let mut patched = String::new();
        let chunk = parse(&json, &mut patched).unwrap();
        assert_eq!(chunk.choices.first.unwrap().delta.0.unwrap().content.some(), Some("hi"), "{json}");
    }
}

#[test]
fn text_is_borrowed_from_the_input() {
    let mut patched = String::new();
    let json = r#"{"choices":[{"delta":{"content":"hi"}}]}"#;
    let content = parse(json, &mut patched).unwrap().choices.first.unwrap().delta.0.unwrap().content;
    assert!(matches!(content.text, Some(Cow::Borrowed("hi"))));
}

#[test]
fn counts_are_read_from_whatever_holds_one() {
    for (json, want) in [
        ("7", Some(7)),
        ("7.0", Some(7)),
        ("\"7\"", Some(7)),
        ("\"7.4\"", Some(7)),
        ("-1", None),
        ("1e300", None),
        ("\"many\"", None),
        ("null", None),
        ("[7]", None),
        ("{}", None),
        ("true", None),
        ("18446744073709551615", Some(u64::MAX)),
    ] {
        assert_eq!(serde_json::from_str::<Count>(json).unwrap().0, want, "{json}");
    }
}

#[test]
fn content_parts_are_joined_and_thinking_kept_apart() {
    let json = json!([{ "type": "thinking", "thinking": [{ "type": "text", "text": "hm" }] }, "a", { "type": "text",
        "text": "b" }, { "type": "image_url", "image_url": { "url": "data:" } }, 5])
    .to_string();
    let prose: Prose<'_> = serde_json::from_str(&json).unwrap();
    assert_eq!((prose.some(), prose.thinking.as_deref()), (Some("ab"), Some("hm")));
}

#[test]
fn half_a_surrogate_pair_or_a_key_that_comes_twice_is_survived() {
    for (content, want) in [
        (r"\ud83d", "\u{fffd}"),
        (r"a\ude00b", "a\u{fffd}b"),
        (r"\ud83d\ude00\ud83d", "😀\u{fffd}"),
        (r"\\ud83d\ud83d", "\\ud83d\u{fffd}"),
        (r"\ud83d\n", "\u{fffd}\n"),
    ] {
        let json = format!(r#"{{"choices":[{{"delta":{{"content":"{content}"}}}}]}}"#);
        let mut patched = String::new();
        let chunk = parse(&json, &mut patched).unwrap();
        assert_eq!(chunk.choices.first.unwrap().delta.0.unwrap().content.some(), Some(want), "{content}");
    }
    let mut patched = String::new();
    assert_eq!(parse(r#"{"id":"a","id":"b"}"#, &mut patched).unwrap().id.some(), Some("b"));
}

#[test]
fn what_is_not_an_object_is_no_chunk() {
    for json in ["", "null", "[]", "5", "\"x\"", "{\"a\":", "{]", "[{\"choices\":[]}]"] {
        assert!(parse(json, &mut String::new()).is_none(), "{json}");
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(parse(&deep, &mut String::new()).is_some(), "nesting in what nobody reads is no matter");
    let parts = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("{{\"choices\":[{{\"delta\":{{\"content\":{parts}}}}}]}}");
    assert!(parse(&deep, &mut String::new()).is_none(), "nesting in what is read is bounded");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}") {
        let _ = parse(&text, &mut String::new());
        let _ = mend_surrogates(&text);
    }

    #[test]
    fn valid_json_is_left_as_it_is(text in "\\PC{0,40}") {
        let json = json!({ "a": text }).to_string();
        prop_assert_eq!(mend_surrogates(&json), json);
    }
}
