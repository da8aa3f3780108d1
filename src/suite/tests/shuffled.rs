//! Options reordered as a suite is read, through the real graders.

use serde_json::Value;

use super::support::folder;
use crate::suite::{LoadOptions, Loaded, load, render};

const HEAD: &str =
    "name: t\nmodels: [m]\nprompt: \"{{ q }}{% for c in choices %} {{ loop.index0 }}={{ c }}{% endfor %}\"\n";

fn suite(graders: &str, rest: &str) -> Loaded {
    let folder = folder(format!("{HEAD}graders: [{graders}]\n{rest}")).with(
        "t.jsonl",
        (0..20).fold(String::new(), |rows, n| {
            rows + &format!(
                "{{\"q\": \"Q{n}\", \"choices\": [\"w{n}\", \"x\", \"y\", \"None of the above\"], \"answer\": 0}}\n"
            )
        }),
    );
    load(&folder.path(), &LoadOptions::default()).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100)))
}

const DATASET: &str = "dataset: { path: t.jsonl, expect: \"{{ answer }}\" }\n";

#[test]
fn the_prompt_prints_the_new_order_and_the_id_stays() {
    let plain = suite("{ type: choice, options_from: choices, index: 0 }", DATASET).suite;
    let moved = suite("{ type: choice, options_from: choices, index: 0, shuffle: 42 }", DATASET).suite;
    let again = suite("{ type: choice, options_from: choices, index: 0, shuffle: 42 }", DATASET).suite;
    let other = suite("{ type: choice, options_from: choices, index: 0, shuffle: 43 }", DATASET).suite;
    let mut changed = 0;
    for (at, case) in moved.cases.iter().enumerate() {
        assert_eq!(case.id, plain.cases[at].id);
        assert_eq!(case.vars, again.cases[at].vars);
        assert_eq!(case.expect, plain.cases[at].expect, "what is expected stays as it was written");
        let vars: Value = serde_json::from_str(&case.vars).unwrap();
        assert_eq!(vars["choices"][3], "None of the above");
        changed += usize::from(vars["choices"][0] != format!("w{at}"));
        let messages = render(&moved.prompts[0], case).unwrap().to_string();
        let first = vars["choices"][0].as_str().unwrap();
        assert!(messages.contains(&format!("0={first}")), "{messages}");
    }
    assert!((8..20).contains(&changed), "{changed}");
    assert!(moved.cases.iter().zip(&other.cases).any(|(a, b)| a.vars != b.vars));
}

#[test]
fn inline_cases_are_reordered_too() {
    let cases = "cases: [{ vars: { q: hi, choices: { A: Rome, B: Paris, C: Oslo } }, expect: B }]\n";
    let plain = suite("{ type: choice, options_from: choices }", cases).suite;
    let moved = (0..20).map(|seed| {
        suite(&format!("{{ type: choice, options_from: choices, shuffle: {seed} }}"), cases).suite.cases.remove(0)
    });
    let mut orders: Vec<String> = moved
        .map(|case| {
            assert_eq!(case.id, plain.cases[0].id);
            case.vars.to_string()
        })
        .collect();
    orders.sort();
    orders.dedup();
    assert!(orders.len() > 2, "{orders:?}");
    assert!(orders.iter().all(|vars| vars.starts_with(r#"{"q":"hi","choices":{"A":""#)), "{orders:?}");
}

#[test]
fn what_cannot_be_reordered_is_told_at_the_case() {
    for (cases, part) in [
        ("cases: [{ vars: { q: hi, choices: none }, expect: B }]\n", "neither a list nor a map"),
        ("cases: [{ vars: { q: hi }, expect: B }]\n", "the only variable is `q`"),
    ] {
        let folder = folder(format!("{HEAD}graders: [{{ type: choice, options_from: choices, shuffle: 1 }}]\n{cases}"));
        let said = load(&folder.path(), &LoadOptions::default()).unwrap_err().render(false, 100);
        assert!(said.contains(part) && said.contains("suite.yaml:5"), "{said}");
    }
    let folder = folder(format!(
        "{HEAD}graders: [{{ type: choice, options_from: choices, shuffle: 1 }}, {{ type: choice, name: b, options_from: choices, shuffle: 2 }}]\n\
         cases: [{{ vars: {{ q: hi, choices: [a, b] }}, expect: B }}]\n"
    ));
    let said = load(&folder.path(), &LoadOptions::default()).unwrap_err().render(false, 100);
    assert!(said.contains("not in the same way"), "{said}");
}
