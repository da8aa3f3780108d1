//! `bench init`: what it writes passes the check and runs.

use std::io::Write;

use crate::context::Context;
use crate::process::Outcome;

/// Proposes a suite for a file, checks it and plays it; gives the suite.
#[track_caller]
fn proposed(name: &str, content: impl AsRef<[u8]>) -> (Context, String) {
    let cx = Context::new();
    cx.write(name, content);
    cx.bench(&["init", "--from", name]).run().code(0).says("wrote suite.yaml").says("--simulate");
    let suite = cx.read("suite.yaml");
    plays(&cx);
    (cx, suite)
}

#[track_caller]
fn plays(cx: &Context) -> Outcome {
    cx.bench(&["check", "suite.yaml"]).run().code(0).prints("cells");
    let outcome = cx.bench(&["run", "suite.yaml", "--simulate", "--out", "run"]).run();
    outcome.code(0).prints("SIMULATED");
    let rows = cx.results().rows;
    assert!(
        !rows.is_empty() && rows.iter().all(|row| row.get("verdict") != "error" || !row.get("error_kind").is_empty())
    );
    outcome
}

#[test]
fn a_starter_suite_is_sound_and_plays() {
    let cx = Context::new();
    let outcome = cx.bench(&["init"]).run();
    outcome.code(0).says("bench check suite.yaml").says("bench run suite.yaml --simulate").says("OPENROUTER_API_KEY");
    assert!(outcome.stdout.is_empty(), "{outcome}");
    plays(&cx);
    assert!(cx.bench(&["check", "suite.yaml"]).run().stderr.is_empty());
    assert_eq!(cx.results().rows.len(), 12);
    // Its comments are true: what is commented out can be switched on.
    let suite = cx.read("suite.yaml");
    let on = suite
        .replace("# repeat:", "repeat:")
        .replace("# budget:", "budget:")
        .replace("# gates:", "gates:")
        .replace("#   - accuracy", "  - accuracy")
        .replace("#   - latency", "  - latency");
    assert_ne!(suite, on);
    cx.write("suite.yaml", on);
    cx.bench(&["check", "suite.yaml"]).run().code(0).prints("36 cells").prints("gates:").prints("budget $1");
}

#[test]
fn editors_find_the_schema_beside_the_suite() {
    let cx = Context::new();
    cx.bench(&["init", "new/place"]).run().code(0).says("new/place/suite.yaml");
    let suite = cx.read("new/place/suite.yaml");
    let first = suite.lines().next().unwrap();
    let path = first.strip_prefix("# yaml-language-server: $schema=").unwrap();
    let printed = cx.bench(&["schema"]).run();
    assert_eq!(cx.read(&format!("new/place/{path}")).as_bytes(), printed.code(0).stdout);
}

#[test]
fn nothing_is_overwritten_unasked() {
    let cx = Context::new();
    cx.write("suite.yaml", "mine");
    cx.bench(&["init"]).run().code(2).says("is there already").says("--force");
    assert_eq!(cx.read("suite.yaml"), "mine");
    cx.bench(&["init", "--force"]).run().code(0);
    assert!(cx.read("suite.yaml").contains("support-triage"));
    cx.bench(&["init", "--quiet", "other"]).run().code(0);
    cx.write("file", "");
    cx.bench(&["init", "file/below"]).run().code(4).says("cannot write");
}

#[test]
fn labels_become_a_list_to_choose_from() {
    let rows = "Ticket,team,id,priority\n\"Charged twice, why?\",billing,t1,high\nError 500,technical,t2,low\n\
                Refund please,billing,t3,low\nCannot log in,technical,t4,high\n";
    let (cx, suite) = proposed("tickets.csv", rows);
    for line in [
        "type: exact, ignore_case: true",
        "  - billing",
        "  - technical",
        "id: \"{{ id }}\"",
        "tags: [\"{{ priority }}\"]",
    ] {
        assert!(suite.contains(line), "{line} in\n{suite}");
    }
    assert!(suite.contains("{{ Ticket }}") && suite.contains("expect: \"{{ team }}\""), "{suite}");
    let results = cx.results();
    assert_eq!(results.rows.len(), 12);
    assert!(results.rows.iter().any(|row| row.get("case") == "t3" && row.get("expected") == "billing"));
}

#[test]
fn numbers_are_compared_as_numbers() {
    let rows = "question\tanswer\nWhat is 2+2?\t4\nHow many are 3 dozen?\t36\nA half of 3?\t1.5\n";
    let (_, suite) = proposed("sums.tsv", rows);
    assert!(suite.contains("\n  - number\n") && suite.contains("on the last line"), "{suite}");
}

#[test]
fn letters_are_a_choice_among_the_columns_that_bear_them() {
    let rows = "question,A,B,C,D,answer\nCapital of France?,Rome,Paris,Oslo,Bern,B\nCapital of Norway?,Rome,Paris,Oslo,Bern,C\n";
    let (_, suite) = proposed("quiz.csv", rows);
    assert!(suite.contains("- choice") && suite.contains("C) {{ C }}"), "{suite}");
    let lines = "{\"question\": \"Capital of France?\", \"choices\": [\"Rome\", \"Paris\"], \"answer\": 1}\n\
                 {\"question\": \"Capital of Italy?\", \"choices\": [\"Rome\", \"Paris\"], \"answer\": 0}\n";
    let (_, suite) = proposed("mmlu.jsonl", lines);
    assert!(suite.contains("type: choice, options_from: choices, index: 0"), "{suite}");
}

#[test]
fn structures_are_compared_as_json() {
    let rows = r#"[{"document": "Ann is 5", "expected": {"name": "Ann", "age": 5}}, {"document": "Bo", "expected": {"name": "Bo"}}]"#;
    let (_, suite) = proposed("people.json", rows);
    assert!(suite.contains("type: json") && suite.contains("{{ document }}"), "{suite}");
}

#[test]
fn long_texts_are_compared_by_their_words_and_a_judge_is_offered() {
    let long =
        "The supplier shall deliver the goods within thirty days of the order, free of charge, to the buyer's address.";
    let rows = format!(
        "article,summary\nA contract about goods.,{long:?}\nAnother contract.,{long:?}\nA third.,\"{long} Or later.\"\n"
    );
    let (_, suite) = proposed("summaries.csv", rows);
    assert!(suite.contains("type: rouge") && suite.contains("# - { type: judge"), "{suite}");
}

#[test]
fn odd_names_of_columns_are_reached() {
    let rows = "Question text,\"the \"\"right\"\" one\",it's,true,Größe {{ x }}\nWhat is the capital of France?,Paris,a,b,c\n\
                And of Norway?,Oslo,a,b,c\nAnd of Italy?,Rome,d,e,f\n";
    let (cx, suite) = proposed("odd names.csv", rows);
    assert!(suite.contains("{{ question }}") && suite.contains("row["), "{suite}");
    assert_eq!(cx.results().rows.len(), 9);
    // Two columns: the one that is not asked is expected, whatever it is called.
    let rows = "frage ?,\"ant\\\"\"wort\"\nWas ist die Hauptstadt von Frankreich?,Paris\nUnd von Norwegen?,Oslo\n";
    let (cx, suite) = proposed("deutsch.csv", rows);
    assert!(suite.contains("type: exact"), "{suite}");
    assert!(cx.results().rows.iter().any(|row| row.get("expected") == "Oslo"), "{suite}");
}

#[test]
fn a_file_that_expects_nothing_says_so() {
    for (name, rows) in [
        ("one.csv", "prompt\nTell a joke\nTell another\n"),
        ("three.csv", "prompt,when,who\nTell a joke,now,ann\nTell another,then,bob\n"),
        ("strange.csv", "x y\na: \"b\"\n\"- c # d\"\n"),
    ] {
        let (_, suite) = proposed(name, rows);
        assert!(
            !suite.contains("\ngraders:") && suite.contains("# graders:") && suite.contains("type: judge"),
            "{suite}"
        );
    }
}

#[test]
fn rows_without_an_expectation_are_left_out() {
    let cx = Context::new();
    cx.write("t.csv", "question,label\na,yes\nb,\nc,no\nd,yes\ne,no\n");
    cx.bench(&["init", "--from", "t.csv"]).run().code(0);
    assert!(cx.read("suite.yaml").contains("where: \"label | trim != ''\""), "{}", cx.read("suite.yaml"));
    cx.bench(&["check", "suite.yaml"]).run().code(0);
}

#[test]
fn rows_that_lack_columns_are_filled_in() {
    let lines =
        "{\"question\": \"a\", \"context\": \"c\", \"answer\": \"x\"}\n{\"question\": \"b\", \"answer\": \"y\"}\n";
    let (_, suite) = proposed("gaps.jsonl", lines);
    assert!(suite.contains("{{ context | default('') }}"), "{suite}");
}

#[test]
fn a_large_file_is_asked_in_part_at_first() {
    let rows: Vec<String> = (0..1000).map(|i| format!("question {i},{}\n", i * 2)).collect();
    let (cx, suite) = proposed("large.csv", format!("question,answer\n{}", rows.concat()));
    assert!(suite.contains("limit: 100") && suite.contains("shuffle: 42") && suite.contains("1000 rows"), "{suite}");
    assert_eq!(cx.results().rows.len(), 300);
}

#[test]
fn labels_that_look_like_something_else_stay_labels() {
    let rows = "text,label\na,- no: #1\nb,yes\nc,- no: #1\nd,yes\ne,{{ x }}\nf,{{ x }}\n";
    let (_, suite) = proposed("hostile.csv", rows);
    assert!(suite.contains("type: exact"), "{suite}");
    let rows = "text,label\na,no: #1\nb,\" * x\"\nc,no: #1\nd,* x\n";
    let (_, suite) = proposed("hostile.csv", rows);
    assert!(suite.contains("- no: #1") && suite.contains("- * x"), "{suite}");
}

#[test]
fn a_file_that_cannot_be_read_is_told_and_nothing_is_written() {
    let cx = Context::new();
    cx.write("ragged.csv", "a,b\n1\n");
    cx.write("notes.doc", "notes");
    for (file, words) in [("missing.csv", "there is no file"), ("ragged.csv", "ragged.csv"), ("notes.doc", "format")] {
        let outcome = cx.bench(&["init", "--from", file]).run();
        outcome.code(2);
        outcome.says(words);
        assert!(!String::from_utf8_lossy(&outcome.stderr).contains("a look"), "{outcome}");
    }
    assert!(!cx.work().join("suite.yaml").exists() && !cx.work().join(".bench").exists());
}

#[test]
fn the_file_is_named_as_seen_from_the_suite() {
    let cx = Context::new();
    cx.write("data/t.csv", "question,answer\na,b\nc,d\n");
    cx.bench(&["init", "suites/new", "--from", "data/t.csv"]).run().code(0);
    assert!(
        cx.read("suites/new/suite.yaml").contains("path: \"../../data/t.csv\""),
        "{}",
        cx.read("suites/new/suite.yaml")
    );
    cx.bench(&["check", "suites/new/suite.yaml"]).run().code(0).prints("2 cases");
}

#[test]
fn hostile_text_in_a_file_moves_no_cursor() {
    let cx = Context::new();
    let mut file = std::fs::File::create(cx.work().join("t.csv")).unwrap();
    file.write_all(b"question \x1b[2J,answer\na,b\nc,d\n").unwrap();
    let outcome = cx.bench(&["init", "--from", "t.csv"]).run();
    outcome.code(0);
    assert!(!outcome.stderr.contains(&0x1b), "{outcome}");
    assert!(!cx.read("suite.yaml").contains('\u{1b}'));
    plays(&cx);
}

#[test]
fn a_column_may_be_called_by_one_letter() {
    let (_, suite) =
        proposed("t.csv", "id,q,a,is this a hint\n1,Who?,Ann,no\n2,Where?,Oslo,perhaps\n3,When?,1905,none\n");
    assert!(suite.contains("{{ q }}") && suite.contains("expect: \"{{ a }}\""), "{suite}");
}

#[test]
fn benchmarks_whose_rows_stand_within_a_document_are_known() {
    let squad = r#"{"data": [{"title": "T", "paragraphs": [{"context": "Ann lives in Oslo.", "qas": [
        {"id": "q1", "question": "Where does Ann live?", "answers": [{"text": "Oslo"}]}]}]}]}"#;
    let bbh = r#"{"canary": "c", "examples": [{"input": "not True is", "target": "False"}]}"#;
    for (content, format) in [(squad, "format: squad"), (bbh, "format: bbh")] {
        let (_, suite) = proposed("test.json", content);
        assert!(suite.contains(format), "{suite}");
    }
    let cx = Context::new();
    cx.write("other.json", r#"{"items": [{"q": 1}]}"#);
    cx.bench(&["init", "--from", "other.json"]).run().code(2).says("expected a list of objects").says("rows: items");
}

#[test]
fn tests_of_promptfoo_get_a_prompt() {
    let rows = "language,question,__expected1,__metadata:topic\nen,Who wrote Emma?,icontains: Austen,books\n";
    let (_, suite) = proposed("tests.csv", rows);
    assert!(suite.contains("format: promptfoo") && suite.contains("{{ question }}"), "{suite}");
    let (_, suite) = proposed("tests.csv", "What is asked,__expected\nWho wrote Emma?,icontains: Austen\n");
    assert!(suite.contains("format: promptfoo") && suite.contains("row["), "{suite}");
}
