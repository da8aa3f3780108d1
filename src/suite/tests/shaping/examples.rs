//! `few_shot`, and what the reference shows of all of it.

use insta::assert_snapshot;
use serde_json::{Value, json};

use super::support::{files, ids, suite_of, vars};

#[test]
fn examples_are_drawn_from_another_file() {
    let train = "q,why,team\n1+1,adding,2\n1+2,adding,3\n1+3,adding,4\n1+3,adding,4\n";
    let entry = |how: &str| {
        let lines = format!(
            "prompt: \"{{% for e in examples %}}{{{{ e.q }}}}={{{{ e.expect }}}} {{% endfor %}}{{{{ q }}}}\"\ngraders: [exact]\ndataset: {{ path: test.csv, id: \"{{{{ q }}}}\", vars: {{ q: \"{{{{ q }}}}\" }}, expect: \"{{{{ team }}}}\", few_shot: {{ path: train.csv, {how} }} }}"
        );
        files(&lines, &[("test.csv", "q,team\n1+1,2\n5+5,10\n"), ("train.csv", train)])
    };
    let folder = entry("count: 2");
    let suite = suite_of(&folder);
    assert_eq!(ids(&suite), ["1+1", "5+5"]);
    // Only two are left without the case itself.
    let mut questions: Vec<String> =
        vars(&suite, 0)["examples"].as_array().unwrap().iter().map(Value::to_string).collect();
    questions.sort();
    assert_eq!(questions, [r#"{"q":"1+2","expect":"3"}"#, r#"{"q":"1+3","expect":"4"}"#]);
    assert_eq!(
        suite.datasets.iter().map(|file| file.format.as_str()).collect::<Vec<_>>(),
        ["csv, `,` between fields, examples", "csv, `,` between fields"]
    );
    assert_eq!((suite.datasets[0].rows, suite.datasets[0].cases), (4, 3));
    let other = suite_of(
        &entry("count: 1, as: shots, where: \"why == 'adding'\", vars: { q: \"{{ q }}?\" }, limit: 1").with(
            "suite.yaml",
            std::fs::read_to_string(entry("count: 1, as: shots, vars: { q: \"{{ q }}?\" }, limit: 1").path())
                .unwrap()
                .replace("in examples", "in shots"),
        ),
    );
    assert_eq!(vars(&other, 1)["shots"], json!([{"q": "1+1?", "expect": "2"}]));
    let said = entry("count: 4").said();
    assert!(said.contains("4 examples for each case, but train.csv gives only 3 different ones"), "{said}");
    let said = entry("count: 3").said();
    assert!(said.contains("row 1 of test.csv: only 2 examples are left without the case itself"), "{said}");
}

#[test]
fn examples_do_not_change_ids_and_do_not_depend_on_other_cases() {
    let train: String = (0..50).map(|n| format!("t{n}\n")).collect::<Vec<_>>().concat();
    let train = format!("q\n{train}");
    let load = |seed: u64, rows: &str| {
        let lines = format!(
            "prompt: \"{{{{ q }}}} {{{{ examples }}}}\"\ndataset: {{ path: test.csv, few_shot: {{ path: train.csv, count: 3, seed: {seed} }} }}"
        );
        suite_of(&files(&lines, &[("test.csv", rows), ("train.csv", &train)]))
    };
    let plain = suite_of(&files("dataset: test.csv", &[("test.csv", "q\na\nb\n")]));
    let (one, two) = (load(1, "q\na\nb\n"), load(2, "q\na\nb\n"));
    assert_eq!(ids(&plain), ids(&one));
    assert_eq!(ids(&one), ids(&two));
    assert_ne!(vars(&one, 0), vars(&two, 0));
    assert_ne!(vars(&one, 0)["examples"], vars(&one, 1)["examples"]);
    let reordered = load(1, "q\nc\nb\na\n");
    assert_eq!(vars(&reordered, 2), vars(&one, 0));
}

#[test]
fn mistakes_in_few_shot() {
    let said = |shots: &str| {
        files(
            &format!("dataset: {{ path: test.csv, few_shot: {shots} }}"),
            &[("test.csv", "q,examples\na,b\n"), ("train.csv", "q\n1\n2\n")],
        )
        .said()
    };
    assert_snapshot!(said("train.csv"), @r#"
    error: dataset.few_shot: expected a map with `path` and `count`
     --> suite.yaml:4:38
      |
    4 | dataset: { path: test.csv, few_shot: train.csv }
      |                                      ^^^^^^^^^
      |
      = help: write `few_shot: { path: train.csv, count: 5 }`

    1 error
    "#);
    assert_snapshot!(said("{ path: train.csv, cuont: 3, fixed: yes, as: \"a b\", shuffle: 3 }"), @r#"
    error: dataset.few_shot: `count` is missing
     --> suite.yaml:4:28
      |
    4 | dataset: { path: test.csv, few_shot: { path: train.csv, cuont: 3, fixed: yes, as: "a b", shuf...
      |                            ^^^^^^^^

    error: dataset.few_shot.cuont: unknown key
     --> suite.yaml:4:57
      |
    4 | dataset: { path: test.csv, few_shot: { path: train.csv, cuont: 3, fixed: yes, as: "a b", shuf...
      |                                                         ^^^^^
      |
      = help: did you mean `count`?

    error: dataset.few_shot.fixed: expected `true` or `false`, found the text `yes`
     --> suite.yaml:4:74
      |
    4 | dataset: { path: test.csv, few_shot: { path: train.csv, cuont: 3, fixed: yes, as: "a b", shuf...
      |                                                                          ^^^
      |
      = help: YAML 1.2 knows only `true` and `false`: write `true`

    error: dataset.few_shot.as: not a variable's name
     --> suite.yaml:4:83
      |
    4 | dataset: { path: test.csv, few_shot: { path: train.csv, cuont: 3, fixed: yes, as: "a b", shuf...
      |                                                                                   ^^^^^
      |
      = help: letters, digits and `_`

    error: dataset.few_shot.shuffle: unknown key
     --> suite.yaml:4:90
      |
    4 | ...in.csv, cuont: 3, fixed: yes, as: "a b", shuffle: 3 } }
      |                                             ^^^^^^^
      |
      = help: `few_shot` has `count`, `seed`, `as`, `fixed`, `path`, `format`, `delimiter`, `quote`, `columns`, `rows`, `sheet`, `vars`, `expect`, `where`, `limit` and `files`

    5 errors
    "#);
    assert_snapshot!(said("{ path: train.csv, count: 1, vars: { q: \"{{ qq }}\" } }"), @r#"
    error: dataset.few_shot: `examples` is a variable already in row 1 of test.csv
     --> suite.yaml:4:38
      |
    4 | dataset: { path: test.csv, few_shot: { path: train.csv, count: 1, vars: { q: "{{ qq }}" } } }
      |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give the examples another name: `as: shots`

    error: dataset.few_shot.vars.q: `qq` is undefined in row 1 of train.csv and 1 more row
     --> suite.yaml:4:82
      |
    4 | dataset: { path: test.csv, few_shot: { path: train.csv, count: 1, vars: { q: "{{ qq }}" } } }
      |                                                                                  ^^
      |
      = help: did you mean `q`?

    2 errors
    "#);
    assert_snapshot!(said("{ path: train.csv, count: 1 }"), @r#"
    error: dataset.few_shot: `examples` is a variable already in row 1 of test.csv
     --> suite.yaml:4:38
      |
    4 | dataset: { path: test.csv, few_shot: { path: train.csv, count: 1 } }
      |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: give the examples another name: `as: shots`

    1 error
    "#);
}

#[test]
fn the_examples_of_the_reference_are_accepted() {
    let reference = include_str!("../../../../docs/datasets.md");
    let section = reference.split("\n## Shaping\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let blocks: Vec<&str> = section.split("```yaml\n").skip(1).filter_map(|block| block.split("```").next()).collect();
    let with = |key: &str| blocks.iter().find(|block| block.starts_with(key)).copied().unwrap();
    let row =
        |n: u32| format!("{{\"question\":{n},\"answer\":1,\"lang\":\"de\",\"score\":\"5\",\"subject\":\"s{n}\"}}\n");
    let rows = |from: u32, count: u32| (from..from + count).map(row).collect::<Vec<_>>().concat();
    let suite = suite_of(&files(
        &format!("{}graders: [exact]\n{}", with("prompt:"), with("dataset:")),
        &[("test.jsonl", &rows(0, 300)), ("train.jsonl", &rows(300, 9))],
    ));
    assert_eq!(suite.cases.len(), 400);
    assert_eq!(vars(&suite, 1)["examples"].as_array().map(Vec::len), Some(5));
    let suite = suite_of(&files(&format!("prompt: \"{{{{ name }}}}\"\ngraders: [exact]\n{}", with("cases:")), &[]));
    assert_eq!(ids(&suite)[1], "greet/lang=en/formal=false");
}
