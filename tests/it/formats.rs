//! Published benchmarks from outside: what is asked and graded of files as they are published, and what a suite says
//! over it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Answer, Server};

/// The path of an example.
fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).to_str().unwrap().to_owned()
}

/// A suite without prompt and graders that asks this server, with these lines at its end.
fn suite(server: &Server, lines: &str) -> String {
    format!("name: published\nbase_url: {}\nmodels: [m]\n{lines}", server.base_url())
}

/// A server that says the same to everybody.
fn saying(text: &'static str) -> Server {
    Server::with("m", move |call| Answer::new(text).reply(call))
}

const GSM8K: &str = "{\"question\": \"2 + 3?\", \"answer\": \"It is 5.\\n#### 5\"}\n";
const MMLU: &str = "{\"question\": \"Which is a fruit?\", \"subject\": \"food\", \"choices\": [\"a stone\", \"a pear\", \"a shoe\", \"a cloud\"], \"answer\": 1}\n";

#[test]
fn every_sample_is_asked_and_graded_without_a_word_of_the_suite() {
    for (name, args, groups) in [
        ("published.yaml", &[] as &[&str], 24),
        ("promptfoo.yaml", &[], 4),
        ("published-code.yaml", &["--allow-commands"], 1),
    ] {
        let path = example(name);
        let cx = Context::new();
        cx.bench(&["check", &path]).run().code(0).prints("cells");
        cx.bench(&["run", &path, "--simulate", "--out", "run"]).args(args).run().code(0).prints("SIMULATED");
        let results = cx.results();
        let mut by_tags: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for row in &results.rows {
            assert!(["pass", "fail"].contains(&row.get("verdict")), "{row:?}");
            assert!(!row.get("grades").is_empty(), "{row:?}");
            by_tags.entry(row.get("tags")).or_default().insert(row.get("verdict"));
        }
        assert!(by_tags.len() >= groups, "{by_tags:?}");
        // Neither is everything right, nor is everything wrong.
        let verdicts: BTreeSet<&str> = by_tags.values().flatten().copied().collect();
        assert_eq!(verdicts.len(), 2, "{name}");
        let all_wrong: Vec<_> =
            by_tags.iter().filter(|(_, verdicts)| verdicts.len() == 1 && verdicts.contains("fail")).collect();
        assert!(all_wrong.len() * 4 <= by_tags.len().max(4), "{name}: {all_wrong:?}");
    }
}

#[test]
fn each_dataset_is_asked_in_its_own_words_and_graded_its_own_way() {
    let (cx, server) = (
        Context::new(),
        Server::with("m", |call| {
            let asked = call.body["messages"][0]["content"].as_str().unwrap();
            Answer::new(if asked.contains("fruit") { "I think it is\nAnswer: B" } else { "2 and 3 is\nAnswer: 5" })
                .reply(call)
        }),
    );
    cx.write("gsm.jsonl", GSM8K);
    cx.write("mmlu.jsonl", MMLU);
    cx.write(
        "suite.yaml",
        suite(&server, "dataset:\n  - { path: gsm.jsonl, format: gsm8k }\n  - { path: mmlu.jsonl, format: mmlu }\n"),
    );
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(cx.results().verdicts("m"), "pass 2");
    let asked: Vec<String> =
        server.calls().iter().map(|call| call.body["messages"][0]["content"].to_string()).collect();
    assert!(asked.iter().any(|text| text.contains("B) a pear") && text.contains("Answer: X")), "{asked:?}");
    assert!(asked.iter().any(|text| text.contains("2 + 3?") && text.contains("Answer: N")), "{asked:?}");

    let manifest: Value = serde_json::from_str(&cx.read("run/run.json")).unwrap();
    let brought = &manifest["prompts"][0]["by_dataset"];
    assert_eq!(
        (&manifest["prompts"][0]["id"], &brought[0]["id"], &brought[1]["id"]),
        (&json!("default"), &json!("gsm8k"), &json!("mmlu"))
    );
    assert!(brought[1]["messages"][0]["content"].as_str().unwrap().contains("{{ choice }}"));
    assert_eq!((&manifest["cases"][0]["prompt"], &manifest["cases"][1]["prompt"]), (&json!("gsm8k"), &json!("mmlu")));
    assert_eq!(manifest["cases"][1]["graders"][0]["type"], "choice");
    cx.bench(&["report", "run"]).run().code(0).prints("100.0%");
}

#[test]
fn what_suite_and_entry_say_goes_over_what_the_format_brings() {
    let (cx, server) = (Context::new(), saying("five"));
    cx.write("gsm.jsonl", GSM8K);
    let run = |lines: &str| {
        cx.write("suite.yaml", suite(&server, lines));
        let _ = std::fs::remove_dir_all(cx.run_dir());
        cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
        let results = cx.results();
        let row = &results.rows[0];
        let field = |name: &str| row.get(name).to_owned();
        let asked = server.calls().last().unwrap().body["messages"].clone();
        (field("verdict"), field("expected"), field("case"), field("tags"), field("grades"), asked)
    };
    let entry = |more: &str| format!("dataset: {{ path: gsm.jsonl, format: gsm8k{more} }}\n");

    let (verdict, expected, ..) = run(&entry(""));
    assert_eq!((verdict.as_str(), expected.as_str()), ("fail", "5"), "a number is wanted");
    let (verdict, expected, ..) = run(&entry(", expect: five, graders: [exact]"));
    assert_eq!(
        (verdict.as_str(), expected.as_str()),
        ("pass", "five"),
        "the entry's graders stand in place of the format's"
    );
    let (verdict, _, _, _, grades, _) = run(&format!("graders: [{{ type: length, max: 9 }}]\n{}", entry("")));
    assert_eq!(verdict, "pass", "the suite's graders are all there are: {grades}");
    assert!(!grades.contains("number"), "{grades}");
    let both = format!(
        "graders: [{{ type: length, max: 9 }}]\n{}",
        entry(", expect: five, graders: [{ type: exact, ignore_case: true }]")
    );
    let (verdict, _, _, _, grades, _) = run(&both);
    assert!(verdict == "pass" && grades.contains("length") && grades.contains("exact"), "{grades}");
    let (.., asked) = run(&entry(", prompt: \"Only this: {{ question }}\""));
    assert_eq!(asked, json!([{ "role": "user", "content": "Only this: 2 + 3?" }]));
    let (.., asked) = run(&format!("prompt: \"The suite's: {{{{ question }}}}\"\n{}", entry("")));
    assert_eq!(asked, json!([{ "role": "user", "content": "The suite's: 2 + 3?" }]));
    let (_, _, case, tags, _, asked) =
        run(&entry(", id: mine, tags: [a, b], vars: { question: \"<{{ question }}>\" }"));
    assert_eq!((case.as_str(), tags.as_str()), ("mine", "a;b"));
    assert!(asked[0]["content"].as_str().unwrap().contains("<2 + 3?>"), "{asked}");
}

#[test]
fn a_case_without_a_prompt_is_a_mistake_and_so_are_two() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("gsm.jsonl", GSM8K);
    cx.write("own.jsonl", "{\"q\": \"x\"}\n");
    let check = |lines: &str| {
        cx.write("suite.yaml", suite(&server, lines));
        cx.bench(&["check", "suite.yaml"]).run()
    };
    let two = "dataset:\n  - { path: gsm.jsonl, format: gsm8k }\n  - own.jsonl\ncases: [{ vars: { q: 1 } }]\n";
    check(two).code(2).says("no prompt for 1 case of own.jsonl").says("no prompt for 1 case written here");
    check("dataset: own.jsonl\n").code(2).says("`prompt` is missing");
    check("dataset: { path: gsm.jsonl, format: gsm8k, prompt: \"{{ question }}\" }\nprompt: \"{{ question }}\"\n")
        .code(2)
        .says("dataset.prompt: a prompt of its own, but the suite has one");
    check("dataset: { path: gsm.jsonl, format: gsm8k, vars: { q: \"{{ question }}\" } }\n")
        .code(2)
        .says("dataset.format: `question` is undefined");
    check("dataset: { path: gsm.jsonl, format: gsm9k }\n").code(2).says("did you mean `gsm8k`?");
}

#[test]
fn rows_of_another_shape_name_the_field_and_the_format_they_look_like() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("rows.jsonl", [GSM8K, MMLU].concat());
    cx.write("suite.yaml", suite(&server, "dataset: { path: rows.jsonl, format: mmlu }\n"));
    cx.bench(&["check", "suite.yaml"])
        .run()
        .code(2)
        .says("line 1 of rows.jsonl: `choices` is missing: the fields are `question` and `answer`")
        .says("this looks like `format: gsm8k`");
    cx.write("tests.csv", "q,__expected\nhi,javascript: output.length\nho,contains: ho\n");
    cx.write("suite.yaml", suite(&server, "prompt: \"{{ q }}\"\ndataset: { path: tests.csv, format: promptfoo }\n"));
    cx.bench(&["check", "suite.yaml"])
        .run()
        .code(2)
        .says("row 1 of tests.csv: `__expected`: there is no grader for `javascript`")
        .says("leave the assertion out");
}

#[test]
fn a_changed_prompt_of_a_dataset_is_noticed_by_resume_and_grade() {
    let (cx, server) = (Context::new(), saying("Answer: 5"));
    cx.write("gsm.jsonl", GSM8K);
    let write = |name: &str, prompt: &str, graders: &str| {
        let entry = format!("dataset: {{ path: gsm.jsonl, format: gsm8k, prompt: \"{prompt}\"{graders} }}\n");
        cx.write(name, suite(&server, &entry));
    };
    write("suite.yaml", "{{ question }}", "");
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    cx.bench(&["run", "suite.yaml", "--resume", "run"]).run().code(0);
    write("other.yaml", "Well, {{ question }}", "");
    cx.bench(&["run", "other.yaml", "--resume", "run"]).run().code(2).says("prompt `gsm.jsonl` was changed");
    cx.bench(&["grade", "run", "--suite", "other.yaml"]).run().code(2).says("prompt `gsm.jsonl` was changed");
    write("named.yaml", "{{ question }}", "");
    let named = cx.read("named.yaml").replace("\"{{ question }}\"", "{ id: other, user: \"{{ question }}\" }");
    cx.write("named.yaml", named);
    cx.bench(&["run", "named.yaml", "--resume", "run"]).run().code(2).says("1 case was changed");
    cx.bench(&["grade", "run", "--suite", "named.yaml"]).run().code(2).says("prompt `gsm.jsonl` was changed");
    let calls = server.calls().len();
    write("stricter.yaml", "{{ question }}", ", graders: [exact]");
    cx.bench(&["grade", "run", "--suite", "stricter.yaml"]).run().code(0).says("m: 1 pass → fail");
    assert_eq!(server.calls().len(), calls);
    assert_eq!(cx.results().verdicts("m"), "fail 1");
}

#[test]
fn a_template_gives_the_whole_list_of_messages() {
    let (cx, server) = (Context::new(), saying("blue"));
    let conversation = json!([
        { "role": "system", "content": "Be short." },
        { "role": "user", "content": "Weather in {{ city }}?" },
        { "role": "assistant", "content": null, "tool_calls": [{ "id": "1", "type": "function", "function": { "name": "w", "arguments": "{}" } }] },
        { "role": "tool", "tool_call_id": "1", "content": "sun" },
        { "role": "user", "content": [{ "type": "text", "text": "And the sky?" }] },
    ]);
    cx.write("chats.jsonl", format!("{}\n", json!({ "talk": conversation, "id": "one" })));
    let lines = "prompt: { messages: \"{{ talk }}\" }\ngraders: [exact]\ndataset: { path: chats.jsonl, id: \"{{ id }}\", expect: blue }\n";
    cx.write("suite.yaml", suite(&server, lines));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(cx.results().verdicts("m"), "pass 1");
    assert_eq!(server.calls()[0].body["messages"], conversation, "as it is: what a variable holds is no template");
    let manifest: Value = serde_json::from_str(&cx.read("run/run.json")).unwrap();
    assert_eq!(manifest["prompts"][0]["messages"], "{{ talk }}");

    cx.write("chats.jsonl", "{\"talk\": [{\"role\": \"user\", \"content\": \"hi\"}], \"id\": \"one\"}\n{\"talk\": [{\"content\": \"hi\"}], \"id\": \"two\"}\n");
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("entry 0 has no `role` in case `two`");
    cx.write("suite.yaml", suite(&server, "prompt: { messages: hello }\ncases: [{ vars: { a: 1 } }]\n"));
    cx.bench(&["check", "suite.yaml"]).run().code(2).says("expected a list of messages, or a template that gives one");
}

#[test]
fn what_promptfoo_puts_around_a_prompt_is_named_by_the_prompt_or_warned_of() {
    let (cx, server) = (Context::new(), saying("ho"));
    cx.write("tests.csv", "q,__prefix,__expected\nhi,Say: ,ho\nyo,,ho\n");
    let check = |prompt: &str| {
        let lines = format!("prompt: \"{prompt}\"\ndataset: {{ path: tests.csv, format: promptfoo }}\n");
        cx.write("suite.yaml", suite(&server, &lines));
        cx.bench(&["check", "suite.yaml"]).run()
    };
    check("{{ q }}").code(0).says("cases have a `__prefix`, which no prompt names");
    let outcome = check("{{ __prefix }}{{ q }}");
    outcome.code(0);
    assert!(!outcome.stderr_text().contains("__prefix"), "{outcome}");
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    let asked: BTreeSet<String> =
        server.calls().iter().map(|call| call.body["messages"][0]["content"].to_string()).collect();
    assert_eq!(asked, BTreeSet::from(["\"Say: hi\"".to_owned(), "\"yo\"".to_owned()]));
}

#[test]
fn files_of_every_published_shape_are_read() {
    let (cx, server) = (Context::new(), Server::start());
    let example = |name: &str| std::fs::read(example(&format!("data/{name}"))).unwrap();
    let nested: Value = serde_json::from_slice(&example("bbh/mixed.json")).unwrap();
    cx.write("list.json", nested["examples"].to_string());
    let lines: Vec<String> = nested["examples"].as_array().unwrap().iter().map(ToString::to_string).collect();
    cx.write("lines.jsonl", lines.join("\n"));
    let flat = json!({ "id": "1", "title": "T", "context": "c", "question": "q?", "answers": { "text": ["c"], "answer_start": [0] } });
    cx.write("squad.jsonl", format!("{flat}\n"));
    cx.write("law_test.csv", "Which?,one,two,three,four,B\n");
    cx.write(
        "TruthfulQA.csv",
        "Type,Category,Question,Best Answer,Correct Answers,Incorrect Answers,Source\nA,Law,Is it?,yes,yes; sure,no; maybe,x\n",
    );
    for (file, format, cases) in [
        ("list.json", "bbh", 4),
        ("lines.jsonl", "bbh", 4),
        ("squad.jsonl", "squad", 1),
        ("law_test.csv", "mmlu", 1),
        ("TruthfulQA.csv", "truthfulqa", 1),
    ] {
        cx.write("suite.yaml", suite(&server, &format!("dataset: {{ path: {file}, format: {format} }}\n")));
        let cases = if cases == 1 { "1 case ".to_owned() } else { format!("{cases} cases ") };
        cx.bench(&["check", "suite.yaml"]).run().code(0).prints(&cases);
    }
}

#[test]
fn recorded_conversations_are_asked_but_for_their_last_answer() {
    let (cx, server) = (Context::new(), saying("Wo ist der Bahnhof?"));
    cx.write("suite.yaml", suite(&server, "dataset: { path: chat.jsonl, format: chat, limit: 1 }\n"));
    cx.write("chat.jsonl", std::fs::read(example("data/chat.jsonl")).unwrap());
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    assert_eq!(cx.results().verdicts("m"), "pass 1");
    let asked = server.calls()[0].body["messages"].clone();
    let wanted = json!([
        { "role": "system", "content": "You translate into German. Answer with the translation only." },
        { "role": "user", "content": "Where is the station?" },
    ]);
    assert_eq!(asked, wanted);
}
