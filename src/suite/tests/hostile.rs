//! Suites made to break the reader: bounded in time and memory, and never a panic.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::support::{folder, said};
use crate::suite::Overrides;

/// What is said of a suite, in bounded time. The bound is generous: the machine may be busy and the build slow.
fn said_soon(suite: impl AsRef<[u8]>) -> String {
    let started = Instant::now();
    let text = said(suite);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}: {text:.200}", started.elapsed());
    assert!(text.len() < 1 << 20, "{} bytes", text.len());
    text
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut suite = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (name, last) in ('b'..='j').zip('a'..) {
        let aliases = vec![format!("*{last}"); 10].join(",");
        suite.extend(["", &format!("{name}: &{name} [{aliases}]\n")]);
    }
    assert!(said_soon(suite).contains("expand to too many values"));
}

#[test]
fn aliases_that_are_used_sanely_are_fine() {
    let suite = "name: t\nmodels:\n  - &m { id: a, params: { temperature: 0 } }\n  - { <<: *m, id: b }\nprompt: hi\ncases: [{}]\n";
    let loaded = folder(suite).load(Overrides::default()).unwrap();
    assert_eq!(loaded.suite.models[1].params["temperature"], 0);
}

#[test]
fn merges_that_cannot_be_made_are_explained() {
    let text = said("name: t\nmodels: [{ <<: 5, id: a }]\nprompt: hi\ncases: [{}]\n");
    assert!(text.contains("models[0].<<: expected a map to merge, found the number 5"), "{text}");
}

#[test]
fn an_alias_of_itself_is_refused() {
    said_soon("a: &a [*a]\n");
    said_soon("a: &a { <<: *a }\n");
}

#[test]
fn deep_nesting_is_refused_whatever_it_is_made_of() {
    for (part, times) in [
        ("[", 20_000),
        ("{a: ", 20_000),
        ("{", 20_000),
        ("- ", 20_000),
        ("? ", 20_000),
        ("[{", 20_000),
        ("[\"]\",", 3_000),
        ("{\"}\": ", 3_000),
    ] {
        let text = said_soon(part.repeat(times));
        assert!(text.contains("error"), "{part}: {text:.300}");
    }
    assert!(said_soon("[".repeat(1_000_000)).contains("nested too deeply"));
    assert!(said_soon("x: ".to_owned() + &"[\"]\",".repeat(100_000)).contains("nested too deeply"));
    assert!(said_soon(format!("x: {}", "[".repeat(20_000))).contains("nested too deeply"));
}

#[test]
fn depth_that_a_person_may_write_is_fine() {
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let suite = format!("name: t\nmodels: [m]\nprompt: hi {{{{ x }}}}\ncases: [{{ vars: {{ x: {deep} }} }}]\n");
    assert!(folder(suite).load(Overrides::default()).is_ok());
}

#[test]
fn many_of_anything_is_bounded() {
    said_soon("&a ".repeat(50_000));
    said_soon("a: *a\n".repeat(50_000));
    said_soon("!x ".repeat(50_000));
    said_soon("#".repeat(1_000_000));
    said_soon("\"".repeat(100_001));
    said_soon("a: b: ".repeat(50_000));
    said_soon("%YAML 1.2\n".repeat(10_000));
    let text = said_soon("k: 1\n".repeat(20_000));
    assert!(text.contains("more errors"), "{text:.300}");
    let text = said_soon((0..20_000).map(|i| format!("k{i}: 1\n")).collect::<Vec<_>>().concat());
    assert!(text.contains("more errors"), "{text:.300}");
}

#[test]
fn a_file_too_large_is_refused_without_reading_it() {
    let folder = folder("");
    std::fs::File::create(folder.path()).unwrap().set_len(1 << 40).unwrap();
    let diagnostics = folder.load(Overrides::default()).unwrap_err();
    assert!(diagnostics.items[0].message.contains("larger than 64 MB"), "{diagnostics:?}");
}

fn yaml_like() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "name",
        "models",
        "prompt",
        "prompts",
        "cases",
        "vars",
        "expect",
        "dataset",
        "defaults",
        "graders",
        "exact",
        "id",
        "user",
        "messages",
        "params",
        ": ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "[",
        "]",
        "{",
        "}",
        "\"",
        "'",
        "&a ",
        "*a",
        "<<",
        "|\n",
        ">-\n",
        "{{ x }}",
        "{% if x %}",
        "1.10",
        "null",
        "no",
        "é",
        "\t",
        "#",
        "---\n",
        "!t ",
        "? ",
        ", ",
        "0x1F",
        "-.inf",
        "\u{feff}",
        "\r\n",
        "\\",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_makes_the_reader_panic(text in yaml_like()) {
        said(text);
    }

    #[test]
    fn no_part_of_a_suite_makes_the_reader_panic(key in 0_usize..16, text in yaml_like()) {
        let keys = ["models", "prompt", "prompts", "cases", "dataset", "defaults", "graders", "gates", "budget",
            "confidence", "repeat", "headers", "base_url", "api_key_env", "description", "name"];
        said(format!("name: t\nmodels: [m]\nprompt: hi\ncases: [{{}}]\n{}: {text}\n", keys[key]));
        said(format!("{}: {text}\n", keys[key]));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        said(bytes);
    }
}
