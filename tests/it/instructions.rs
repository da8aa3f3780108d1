//! IFEval's published form, as it is, through the program.

use serde_json::{Value, json};

use crate::context::Context;
use crate::server::{Answer, Call, Server};

const SUITE: &str = "\
name: instructions
defaults: { retries: 0 }
models: [m]
prompt: \"{{ prompt }}\"
dataset: [{ path: input_data.jsonl, id: \"{{ key }}\" }]
graders: [instructions, { type: instructions, mode: loose, name: loose }]
";

/// Two rows: the second as tables give it, with null for what is not used.
fn rows(second: &str) -> String {
    let first = json!({
        "key": 1000,
        "prompt": "Write a line without commas.",
        "instruction_id_list": ["punctuation:no_comma", "detectable_format:json_format"],
        "kwargs": [{}, {}],
    });
    let kwargs = json!([{ "num_words": 3, "relation": "at least", "keywords": null }]);
    let second = json!({ "key": 1001, "prompt": "Write.", "instruction_id_list": [second], "kwargs": kwargs });
    format!("{first}\n{second}\n")
}

#[test]
fn the_published_rows_are_graded_as_they_are() {
    let answer = |call: &Call| Answer::new("Sure, here it is:\n{\"a\": 1}").reply(call);
    let (cx, server) = (Context::new(), Server::with("m", answer));
    cx.write("suite.yaml", format!("{SUITE}base_url: {}\n", server.base_url()));
    cx.write("input_data.jsonl", rows("length_constraints:number_words"));
    cx.bench(&["run", "suite.yaml", "--out", "run"]).run().code(0);
    let results = cx.results();
    let grades: Vec<Value> = results.rows.iter().map(|row| serde_json::from_str(row.get("grades")).unwrap()).collect();
    let verdicts = |grade: &Value| -> Vec<bool> {
        grade["parts"].as_array().unwrap().iter().map(|part| part["pass"].as_bool().unwrap()).collect()
    };
    assert_eq!((verdicts(&grades[0][0]), verdicts(&grades[0][1])), (vec![false, false], vec![true, true]));
    assert_eq!(grades[0][0]["parts"][0]["reason"], "expected 0 commas, got 1");
    assert_eq!((results.rows[0].get("verdict"), results.rows[0].get("score")), ("fail", "0.5"));
    assert_eq!((results.rows[1].get("verdict"), verdicts(&grades[1][0])), ("pass", vec![true]));
}

#[test]
fn a_wrong_row_or_instruction_is_told_before_anything_is_asked() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("suite.yaml", format!("{SUITE}base_url: {}\n", server.base_url()));
    cx.write("input_data.jsonl", rows("length_constraints:number_wrods"));
    let outcome = cx.bench(&["run", "suite.yaml", "--out", "run"]).run();
    outcome
        .code(2)
        .says("instruction_id_list[0]")
        .says("did you mean `length_constraints:number_words`?")
        .says("line 2 of input_data.jsonl");
    let inline = "graders: [{ type: instructions, instructions: [{ id: startend:end_checker, end_phrse: Bye }] }]";
    cx.write("inline.yaml", format!("name: x\nmodels: [m]\nprompt: x\ncases: [{{ id: a }}]\n{inline}\n"));
    let outcome = cx.bench(&["check", "inline.yaml"]).run();
    outcome.code(2).says("graders[0].instructions[0].end_phrse").says("did you mean `end_phrase`?");
    assert!(server.calls().is_empty());
}
