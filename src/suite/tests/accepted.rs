//! What sound suites become.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Folder, folder, loaded, said};
use crate::suite::{Overrides, Suite, render};

const FULL: &str = r#"
name: support-triage
description: Route a support ticket to a team
headers: { X-Team: evals }
defaults:
  timeout: 60s
  first_token_timeout: 20s
  idle_timeout: 20s
  deadline: 15m
  concurrency: 8
  requests_per_minute: 300
  tokens_per_minute: 200000
  retries: 0
  give_up_after: 10
  stream: true
  params: { temperature: 0, max_tokens: 512 }
models:
  - openai/gpt-4o-mini
  - id: anthropic/claude-sonnet-4.5
    name: sonnet
    timeout: 90s
    idle_timeout: null
    params: { reasoning: { effort: low }, temperature: null }
    provider: { order: [anthropic, amazon-bedrock], allow_fallbacks: false }
    fallbacks: [anthropic/claude-haiku-4.5]
  - { id: smollm2-135m, base_url: "http://127.0.0.1:8600/v1/", api_key_env: null }
prompts:
  - id: terse
    system: You are a triage clerk. Answer with one word.
    user: "{{ ticket }}"
  - messages:
      - { role: system, content: Route it. }
      - { role: user, content: "{{ ticket }}", name: bob }
cases:
  - id: refund-1
    vars: { ticket: "I want my money back" }
    expect: billing
    tags: [refund, money]
  - vars: { ticket: "Hello, {{ name }}", price: 1.10 }
    expect: { team: "{{ ticket }}", price: "{{ price }}" }
    tags: refund
repeat: 2
graders: [exact]
budget: $5.00
gates: ["accuracy >= 90%", "accuracy[sonnet] >= 90%"]
confidence: 95%
"#;

fn suite(text: &str) -> Suite {
    loaded(text).suite
}

/// A suite with this line for a model and others before it.
fn with_models(lines: &str) -> String {
    format!("name: t\nprompt: \"{{{{ q }}}}\"\ncases: [{{ vars: {{ q: a }} }}]\n{lines}")
}

#[test]
fn the_whole_format_is_read() {
    let loaded = loaded(FULL);
    assert!(loaded.warnings.is_empty(), "{}", loaded.warnings.render(false, 100));
    let suite = loaded.suite;
    assert_eq!((suite.name.as_str(), suite.repeat, suite.confidence), ("support-triage", 2, Some(0.95)));
    assert_eq!(suite.budget.unwrap().to_string(), "5");
    assert_eq!(suite.gates.len(), 2);
    assert_eq!(suite.graders, json!(["exact"]));
    assert_eq!(suite.sha256.len(), 64);

    let [mini, sonnet, local] = suite.models.as_slice() else { panic!("{:?}", suite.models) };
    assert_eq!(mini.name, "openai/gpt-4o-mini");
    assert_eq!(mini.endpoint.base_url, "https://openrouter.ai/api/v1");
    assert_eq!(mini.endpoint.api_key_env.as_deref(), Some("OPENROUTER_API_KEY"));
    assert_eq!(mini.endpoint.headers, [("X-Team".to_owned(), "evals".to_owned())]);
    assert_eq!(mini.limits.retries, 0);
    assert_eq!(mini.limits.idle_timeout, Some(Duration::from_secs(20)));
    assert_eq!(Value::Object(mini.params.clone()), json!({ "temperature": 0, "max_tokens": 512 }));
    assert_eq!((sonnet.name.as_str(), sonnet.limits.timeout), ("sonnet", Duration::from_secs(90)));
    assert_eq!(sonnet.limits.idle_timeout, None);
    assert_eq!(Value::Object(sonnet.params.clone()), json!({ "max_tokens": 512, "reasoning": { "effort": "low" } }));
    assert_eq!(sonnet.provider.as_ref().unwrap()["allow_fallbacks"], false);
    assert_eq!(sonnet.fallbacks, ["anthropic/claude-haiku-4.5"]);
    assert_eq!((local.endpoint.base_url.as_str(), &local.endpoint.api_key_env), ("http://127.0.0.1:8600/v1", &None));

    assert_eq!(suite.prompts.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["terse", "prompt-2"]);
    let [first, second] = suite.cases.as_slice() else { panic!("{:?}", suite.cases) };
    assert_eq!((&*first.id, first.expected_text().as_deref()), ("refund-1", Some("billing")));
    assert_eq!(second.id.len(), 12);
    assert_eq!(&*second.vars, r#"{"ticket":"Hello, {{ name }}","price":1.10}"#);
    assert_eq!(second.expect.as_deref(), Some(r#"{"team":"Hello, {{ name }}","price":1.10}"#));
    assert!(std::sync::Arc::ptr_eq(&first.graders, &second.graders));
    assert_eq!(
        render(&suite.prompts[1], first).unwrap(),
        json!([{ "role": "system", "content": "Route it." }, { "role": "user", "name": "bob", "content": "I want my money back" }])
    );
}

#[test]
fn the_smallest_suite_gets_every_default() {
    let suite = suite("name: t\nmodels: [m]\nprompt: hi\ncases: [{}]\n");
    assert_eq!(suite.prompts[0].id, "default");
    assert_eq!(suite.models[0].params["max_tokens"], 4096);
    assert_eq!((suite.repeat, suite.models[0].limits.retries, suite.models[0].stream), (1, 3, true));
}

#[test]
fn max_tokens_is_added_only_where_no_limit_is_given() {
    let params = |params: &str| {
        let suite = suite(&with_models(&format!(
            "models: [{{ id: m, params: {params} }}]\ndefaults: {{ params: {{ max_tokens: 5 }} }}\n"
        )));
        Value::Object(suite.models[0].params.clone())
    };
    assert_eq!(params("{ max_completion_tokens: 7 }"), json!({ "max_completion_tokens": 7 }));
    assert_eq!(params("{ max_tokens: null }"), json!({ "max_tokens": 4096 }));
    assert_eq!(params("{}"), json!({ "max_tokens": 5 }));
}

#[test]
fn a_key_does_not_follow_a_model_to_another_host() {
    let keys = |lines: &str, overrides: Overrides| {
        let loaded = folder(with_models(lines)).load(overrides).unwrap();
        let keys: Vec<_> = loaded.suite.models.into_iter().map(|model| model.endpoint.api_key_env).collect();
        keys
    };
    let lines = "api_key_env: TEAM\nbase_url: https://a.example/v1\nmodels:\n  - m\n  - { id: same, base_url: \"https://a.example/v2\" }\n  - { id: other, base_url: \"https://b.example/v1\" }\n  - { id: plain, base_url: \"http://a.example/v1\" }\n  - { id: own, base_url: \"https://b.example/v1\", api_key_env: OWN }\n";
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(keys(lines, Overrides::default()), [some("TEAM"), some("TEAM"), None, None, some("OWN")]);
    let overrides = Overrides { api_key_env: Some(None), ..Overrides::default() };
    assert_eq!(keys(lines, overrides), [None, None, None, None, None]);
}

#[test]
fn the_command_line_wins() {
    let overrides = Overrides {
        base_url: Some("http://localhost:1/v1/".to_owned()),
        timeout: Some(Duration::from_secs(1)),
        deadline: Some(Duration::from_secs(2)),
        params: vec![("temperature".to_owned(), json!(1)), ("max_tokens".to_owned(), json!(9))],
        repeat: Some(7),
        budget: Some("1".parse().unwrap()),
        gates: vec!["accuracy >= 1%".to_owned()],
        confidence: Some(0.5),
        ..Overrides::default()
    };
    let suite = folder(FULL).load(overrides).unwrap().suite;
    for model in &suite.models {
        assert_eq!(model.endpoint.base_url, "http://localhost:1/v1");
        assert_eq!(
            (model.limits.timeout, model.limits.deadline),
            (Duration::from_secs(1), Some(Duration::from_secs(2)))
        );
        assert_eq!((&model.params["temperature"], &model.params["max_tokens"]), (&json!(1), &json!(9)));
    }
    assert_eq!((suite.repeat, suite.gates.len(), suite.confidence), (7, 3, Some(0.5)));

    for (overrides, message) in [
        (Overrides { base_url: Some("nonsense".to_owned()), ..Overrides::default() }, "`--base-url`: not a URL"),
        (Overrides { repeat: Some(0), ..Overrides::default() }, "`--repeat`"),
        (Overrides { confidence: Some(1.0), ..Overrides::default() }, "`--confidence`"),
    ] {
        let diagnostics = folder(FULL).load(overrides).unwrap_err();
        assert!(diagnostics.items[0].message.starts_with(message), "{diagnostics:?}");
        assert!(diagnostics.items[0].place.is_none(), "the file is not to blame");
    }
}

#[test]
fn ids_are_stable_and_unique() {
    let ids = |cases: &str| -> Vec<String> {
        let text = format!("name: t\nmodels: [m]\nprompt: \"{{{{ q }}}}\"\ngraders: []\ncases: [{cases}]\n");
        suite(&text).cases.iter().map(|case| case.id.to_string()).collect()
    };
    let one = ids("{ vars: { q: a, r: 1 } }");
    assert_eq!(ids("{ vars: { r: 1, q: a }, tags: [x] }"), one);
    assert_ne!(ids("{ vars: { q: a, r: 2 } }"), one);
    let id = &one[0];
    assert_eq!(
        ids(&format!(
            "{{ vars: {{ q: a, r: 1 }} }}, {{ vars: {{ q: a, r: 1 }} }}, {{ id: {id}-2, vars: {{ q: x }} }}, {{ vars: {{ q: a, r: 1 }} }}"
        )),
        [id.clone(), format!("{id}-3"), format!("{id}-2"), format!("{id}-4")]
    );
}

#[test]
fn numbers_as_names_keep_their_spelling() {
    let suite = suite(
        "name: 2024\nmodels: [m]\nprompt: \"{{ q }}\"\ncases: [{ id: 1.10, vars: { q: 0x1F, r: 1_000, s: 007 }, tags: [1] }]\n",
    );
    assert_eq!((suite.name.as_str(), &*suite.cases[0].id, &*suite.cases[0].tags[0]), ("2024", "1.10", "1"));
    assert_eq!(&*suite.cases[0].vars, r#"{"q":31,"r":"1_000","s":"007"}"#);
}

#[test]
fn images_and_pdfs_become_data_urls() {
    let png = b"\x89PNG\r\n\x1a\n";
    let suite = r#"
name: t
models: [m]
prompt:
  messages:
    - role: user
      content:
        - { type: text, text: "{{ q }}" }
        - { type: image_url, image_url: { url: cat.png, detail: low } }
        - { type: image_url, image_url: { url: "{{ image }}" } }
        - { type: image_url, image_url: { url: "https://example.com/a.png" } }
        - { type: file, file: { file_data: doc.pdf } }
        - { type: input_audio, input_audio: { data: cat.png, format: wav } }
cases:
  - { id: one, vars: { q: hi, image: cat.png } }
  - { id: two, vars: { q: hi, image: "data:image/png;base64,AA" } }
"#;
    let folder = folder(suite).with("cat.png", png).with("doc.pdf", b"%PDF-1.7");
    let loaded = folder.load(Overrides::default()).unwrap();
    let url = "data:image/png;base64,iVBORw0KGgo=";
    let messages = render(&loaded.suite.prompts[0], &loaded.suite.cases[0]).unwrap();
    assert_eq!(
        messages[0]["content"],
        json!([
            { "type": "text", "text": "hi" },
            { "type": "image_url", "image_url": { "url": url, "detail": "low" } },
            { "type": "image_url", "image_url": { "url": url } },
            { "type": "image_url", "image_url": { "url": "https://example.com/a.png" } },
            { "type": "file", "file": { "filename": "doc.pdf", "file_data": "data:application/pdf;base64,JVBERi0xLjc=" } },
            { "type": "input_audio", "input_audio": { "data": "cat.png", "format": "wav" } },
        ])
    );
    let messages = render(&loaded.suite.prompts[0], &loaded.suite.cases[1]).unwrap();
    assert_eq!(messages[0]["content"][2]["image_url"]["url"], "data:image/png;base64,AA");

    let missing = self::folder(suite.replace("image: cat.png", "image: dog.png"))
        .with("cat.png", png)
        .with("doc.pdf", b"%PDF-1.7");
    let text = missing.said();
    assert!(text.contains("there is no file `dog.png` in case `one`"), "{text}");
}

fn dataset(dataset: &str) -> Folder {
    folder(format!("name: t\nmodels: [m]\nprompt: \"{{{{ q }}}}\"\ngraders: [exact]\ndataset: {dataset}\n"))
}

#[test]
fn datasets_are_mapped() {
    let rows = "{\"Question text\": \"why?\", \"answer\": 1.10, \"tags\": [\"a\", \"b\"], \"n\": 1}\n{\"Question text\": \"how?\", \"answer\": {\"x\": null}, \"tags\": [], \"n\": 2}\n";
    let folder = dataset("{ path: d.jsonl, vars: { q: \"{{ row['Question text'] }}\", k: { n: \"{{ n }}\", c: 1.50 } }, expect: \"{{ answer }}\", id: \"row-{{ n }}\", tags: [\"{{ tags }}\", \"n{{ n }}\"] }")
        .with("d.jsonl", rows);
    let cases = folder.load(Overrides::default()).unwrap().suite.cases;
    assert_eq!(&*cases[0].vars, r#"{"q":"why?","k":{"n":1,"c":1.50}}"#);
    assert_eq!((&*cases[0].id, cases[0].expect.as_deref()), ("row-1", Some("1.10")));
    assert_eq!(cases[0].tags.iter().map(|tag| &**tag).collect::<Vec<_>>(), ["a", "b", "n1"]);
    assert_eq!(cases[1].expect.as_deref(), Some(r#"{"x":null}"#));
}

#[test]
fn inline_cases_come_before_files_in_order() {
    let suite = "name: t\nmodels: [m]\nprompt: \"{{ q }}\"\ncases: [{ id: x, vars: { q: a } }]\ndataset:\n  - { path: a.csv, id: \"{{ q }}\" }\n  - path: b.yaml\n    id: \"{{ q }}\"\n";
    let folder = folder(suite).with("a.csv", "q\n1\n2\n").with("b.yaml", "- { q: 3 }\n");
    let ids: Vec<_> =
        folder.load(Overrides::default()).unwrap().suite.cases.iter().map(|case| case.id.to_string()).collect();
    assert_eq!(ids, ["x", "1", "2", "3"]);
}

#[test]
fn limit_and_shuffle_are_repeatable() {
    let csv: String =
        "q,e\n".chars().chain((0..100).flat_map(|i| format!("{i},x\n").chars().collect::<Vec<_>>())).collect();
    let picked = |options: &str| -> Vec<String> {
        let folder = dataset(&format!("{{ path: d.csv, id: \"{{{{ q }}}}\", expect: \"{{{{ e }}}}\", {options} }}"))
            .with("d.csv", &csv);
        folder.load(Overrides::default()).unwrap().suite.cases.iter().map(|case| case.id.to_string()).collect()
    };
    assert_eq!(picked("limit: 3"), ["0", "1", "2"]);
    // Fixed: another order would break resuming and every comparison with an older run.
    assert_eq!(picked("limit: 5, shuffle: 42"), picked("shuffle: 42")[..5]);
    insta::assert_snapshot!(picked("limit: 5, shuffle: 42").join(" "), @"26 10 57 58 61");
    assert_ne!(picked("limit: 5, shuffle: 42"), picked("limit: 5, shuffle: 43"));
    let mut all = picked("shuffle: 1");
    all.sort_by_key(|id| id.parse::<u32>().unwrap());
    assert_eq!(all, picked("limit: 1000"));
}

#[test]
fn many_rows_stay_small() {
    let rows: Vec<String> = (0..20_000).map(|i| format!("question {i},answer\n")).collect();
    let csv = format!("q,e\n{}", rows.concat());
    let suite = dataset("{ path: d.csv, expect: \"{{ e }}\", vars: { q: \"{{ q }}\" } }").with("d.csv", &csv);
    let suite = suite.load(Overrides::default()).unwrap().suite;
    assert_eq!(suite.cases.len(), 20_000);
    let case = &suite.cases[19_999];
    assert_eq!((&*case.vars, case.expect.as_deref()), (r#"{"q":"question 19999"}"#, Some("\"answer\"")));
    assert!(std::mem::size_of_val(case) <= 80);
}

#[test]
fn warnings_do_not_keep_a_suite_from_running() {
    let text = said("name: t\nmodels: [m]\nprompt: hi\ncases: [{}, {}]\n");
    assert!(text.ends_with("2 warnings"), "{text}");
}

#[test]
fn a_utf8_mark_at_the_start_is_no_mistake() {
    assert_eq!(suite("\u{feff}name: t\r\nmodels: [m]\r\nprompt: hi\r\ncases: [{}]\r\n").name, "t");
}

#[test]
fn every_example_of_the_reference_is_accepted() {
    let reference = include_str!("../../../docs/suite.md");
    let mut examples = 0;
    for block in reference.split("```yaml\n").skip(1) {
        let mut suite = block.split("```").next().unwrap().to_owned();
        let has = |suite: &str, key: &str| suite.starts_with(key) || suite.contains(&format!("\n{key}"));
        for (keys, line) in [
            (&["name:"][..], "name: t"),
            (&["models:"], "models: [sonnet]"),
            (&["prompt:", "prompts:"], "prompt: \"{{ q or ticket }}\""),
            (
                &["cases:", "dataset:", "include:"],
                "cases: [{ vars: { q: a, ticket: b, item: c, scan: cat }, expect: x }]",
            ),
            (&["graders:"], "graders: [exact]"),
        ] {
            if !keys.iter().any(|key| has(&suite, key)) {
                suite = format!("{line}\n{suite}");
            }
        }
        // Variables that the example's own cases do not all have.
        let suite = suite.replace("{{ q or ticket }}", "{{ q | default('') }}{{ ticket | default('') }}");
        let folder = folder(&suite)
            .with("more.jsonl", "{\"ticket\": \"a\"}\n")
            .with("tickets.csv", "id,body,team,lang,prio\n1,a,b,de,1\n")
            .with("terms.pdf", "%PDF-1.7")
            .with("refunds.csv", "ticket,team\na,b\n");
        std::fs::create_dir(folder.path().with_file_name("scans")).unwrap();
        std::fs::create_dir(folder.path().with_file_name("shared")).unwrap();
        let folder = folder.with("shared/refunds.yaml", "- { vars: { ticket: a }, expect: b }\n");
        let folder = folder.with("scans/cat.png", b"\x89PNG\r\n\x1a\n");
        let result = folder.load(Overrides::default());
        // `more.jsonl` has no expectation: the example shows shapes, not a whole suite.
        let said = result.err().map(|diagnostics| diagnostics.render(false, 100)).unwrap_or_default();
        assert!(said.is_empty() || said.contains("line 1 of more.jsonl: grader `exact`: needs"), "{suite}\n{said}");
        examples += 1;
    }
    assert!(examples >= 8, "{examples}");
}

#[test]
fn a_prompt_can_be_made_of_a_text() {
    let case = &suite("name: t\nmodels: [m]\nprompt: hi\ncases: [{ vars: { q: why } }]\n").cases[0];
    let prompt = crate::suite::Prompt::of_text("p", "{{ q }}?").unwrap();
    assert_eq!(render(&prompt, case).unwrap(), json!([{ "role": "user", "content": "why?" }]));
    let prompt = crate::suite::Prompt::of_text("p", "{{ r }}").unwrap();
    assert_eq!(render(&prompt, case).unwrap_err(), "prompt `p`: `r` is undefined");
    assert!(crate::suite::Prompt::of_text("p", "{{ q").is_err());
}
