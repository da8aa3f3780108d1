//! `matrix` and `files`: cases that are several, and variables made of files.

use std::collections::HashSet;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{ROWS, files, ids, suite_of, vars};

#[test]
fn a_case_is_asked_once_for_every_combination() {
    let folder = files(
        "graders: [exact]\ncases:\n  - id: greet\n    vars: { q: \"hi\" }\n    matrix: { lang: [en, de], n: [1, [2, \"a b\"]], tone: [very very polite and not at all short] }\n    expect: \"{{ lang }} {{ n }}\"\n  - { vars: { q: x }, matrix: { lang: [en, de] }, expect: y }",
        &[],
    );
    let suite = suite_of(&folder);
    let hash = |part: &str| ids(&suite)[0].rsplit_once(part).unwrap().1.to_owned();
    let tone = hash("/tone=");
    let list = ids(&suite)[1].split("/n=").nth(1).unwrap().split('/').next().unwrap().to_owned();
    assert_eq!(tone.len(), 8);
    assert_eq!(list.len(), 8);
    let wanted: Vec<String> = ["en", "de"]
        .iter()
        .flat_map(|lang| ["1", &list].map(|n| format!("greet/lang={lang}/n={n}/tone={tone}")))
        .collect();
    assert_eq!(ids(&suite)[..4], wanted);
    assert_eq!(
        vars(&suite, 3),
        json!({"q": "hi", "lang": "de", "n": [2, "a b"], "tone": "very very polite and not at all short"})
    );
    assert_eq!(suite.cases[3].expected(), Some(json!("de [2,\"a b\"]")));
    assert!(ids(&suite)[4].ends_with("/lang=en") && ids(&suite)[4].len() == 12 + 8, "{:?}", ids(&suite));
}

#[test]
fn rows_are_multiplied_and_picked_together() {
    let entry = |how: &str| {
        let lines = format!(
            "graders: [exact]\nprompt: \"{{{{ q }}}}\"\ndataset: {{ path: r.csv, vars: {{ q: \"{{{{ lang }}}}: {{{{ q }}}}\" }}, id: \"{{{{ q }}}}\", expect: \"{{{{ style }}}}\", tags: \"{{{{ style }}}}\", matrix: {{ style: [plain, rude] }}{how} }}"
        );
        let folder = files(&lines, &[("r.csv", ROWS)]);
        let suite = suite_of(&folder);
        for pair in suite.cases.chunks(2) {
            let (plain, rude) = (pair[0].id.strip_suffix("/style=plain"), pair[1].id.strip_suffix("/style=rude"));
            assert!(plain.is_some() && plain == rude, "{:?}", ids(&suite));
        }
        suite
    };
    let suite = entry("");
    assert_eq!(suite.cases.len(), 8);
    assert_eq!(vars(&suite, 1), json!({"q": "de: a", "style": "rude"}));
    assert_eq!(suite.cases[1].expected(), Some(json!("rude")));
    assert_eq!(*suite.cases[1].tags[0], *"rude");
    assert_eq!(entry(", limit: 3").cases.len(), 6);
    assert_eq!(entry(", sample: 2").cases.len(), 4);
    assert_eq!(entry(", shuffle: 1").cases.len(), 8);
    assert_ne!(ids(&entry(", shuffle: 1")), ids(&entry("")));
}

#[test]
fn mistakes_in_a_matrix() {
    let said = |matrix: &str| files(&format!("cases: [{{ id: a, vars: {{ q: x }}, matrix: {matrix} }}]"), &[]).said();
    assert_snapshot!(said("{ q: [1], n: [1, \"1\"], m: [] }"), @r#"
    error: cases[0].matrix.n[1]: the text `1` gives the same id as another value: `n=1`
     --> suite.yaml:4:59
      |
    4 | cases: [{ id: a, vars: { q: x }, matrix: { q: [1], n: [1, "1"], m: [] } }]
      |                                                        -  ^^^
      |                                                        |
      |                                                        first here
      |
      = help: leave one out

    error: cases[0].matrix.m: no values
     --> suite.yaml:4:68
      |
    4 | cases: [{ id: a, vars: { q: x }, matrix: { q: [1], n: [1, "1"], m: [] } }]
      |                                                                    ^^
      |
      = help: write at least one, or leave the variable out

    2 errors
    "#);
    assert_snapshot!(said("{ q: [1] }"), @r#"
    error: cases[0].matrix.q: `q` is a variable already
     --> suite.yaml:4:44
      |
    4 | cases: [{ id: a, vars: { q: x }, matrix: { q: [1] } }]
      |                          - first here      ^
      |
      = help: give one of them another name

    1 error
    "#);
    assert_snapshot!(said("{ a b: [1], n: 3 }"), @r#"
    error: cases[0].matrix["a b"]: not a variable's name
     --> suite.yaml:4:44
      |
    4 | cases: [{ id: a, vars: { q: x }, matrix: { a b: [1], n: 3 } }]
      |                                            ^^^
      |
      = help: letters, digits and `_`

    error: cases[0].matrix.n: expected a list of values, found the number 3
     --> suite.yaml:4:57
      |
    4 | cases: [{ id: a, vars: { q: x }, matrix: { a b: [1], n: 3 } }]
      |                                                         ^
      |
      = help: write `[3]`

    2 errors
    "#);
    let many = (0..40).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let said_many = said(&format!("{{ a: [{many}], b: [{many}] }}"));
    assert!(said_many.contains("more than 1000 combinations"), "{said_many}");
    let said = files("dataset: { path: r.csv, matrix: { lang: [de] } }", &[("r.csv", ROWS)]).said();
    assert_snapshot!(said, @r#"
    error: dataset.matrix.lang: `lang` is a column already in row 1 of r.csv and 3 more rows
     --> suite.yaml:4:41
      |
    4 | dataset: { path: r.csv, matrix: { lang: [de] } }
      |                                         ^^^^
      |
      = help: give the variable another name

    1 error
    "#);
}

#[test]
fn files_become_variables() {
    let png = "\u{89}PNG";
    let folder = files(
        "graders: [exact]\nprompt: \"{{ contract }}\"\ncases:\n  - { id: a, vars: { n: 1 }, files: { contract: \"c/{{ n }}.txt\", scan: \"c/{{ n }}.png\" }, expect: \"{{ contract | trim }}\" }\n  - { id: b, files: { contract: \"c/{{ n }}.txt\" }, matrix: { n: [1, 2] }, expect: x }\ndataset: { path: r.csv, id: \"{{ q }}\", files: { contract: \"c/{{ n }}.txt\" }, vars: { q: \"{{ q }}\", head: \"{{ contract[:3] }}\" }, expect: \"{{ contract }}\" }",
        &[("r.csv", "q,n\nr1,1\nr2,2\n"), ("c/1.txt", "\u{feff}one \"é\"\n"), ("c/2.txt", "two"), ("c/1.png", png)],
    );
    std::fs::write(folder.path().with_file_name("c").join("1.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    let suite = suite_of(&folder);
    assert_eq!(vars(&suite, 0), json!({"n": 1, "contract": "one \"é\"\n", "scan": "c/1.png"}));
    assert_eq!(suite.cases[0].expected(), Some(json!("one \"é\"")));
    assert_eq!(vars(&suite, 2), json!({"n": 2, "contract": "two"}));
    assert_eq!(vars(&suite, 4), json!({"q": "r2", "head": "two", "contract": "two"}));
    assert_eq!(suite.cases[4].expected(), Some(json!("two")));
}

#[test]
fn files_that_cannot_be_used_are_named_with_case_and_row() {
    let folder = files(
        "prompt: \"{{ t }}\"\ncases:\n  - { id: a, vars: { n: 1, t: x }, files: { t: \"{{ n }}.txt\" } }\n  - { id: b, vars: { n: 1 }, files: { t: \"{{ m }}.txt\" } }\n  - { id: c, files: { t: \"{{ n }}.txt\" }, matrix: { n: [7, 8] } }\ndataset: { path: r.csv, files: { t: \"c/{{ n }}.txt\" } }",
        &[("r.csv", "q,n\nr1,1\nr2,2\n"), ("c/1.txt", "one")],
    )
    .with("8.txt", b"caf\xe9");
    assert_snapshot!(folder.said(), @r#"
    error: cases[0].files.t: `t` is a variable already
     --> suite.yaml:5:45
      |
    5 |   - { id: a, vars: { n: 1, t: x }, files: { t: "{{ n }}.txt" } }
      |                            - first here     ^
      |
      = help: give one of them another name

    error: cases[1].files.t: `m` is undefined in case `b`
     --> suite.yaml:6:46
      |
    6 |   - { id: b, vars: { n: 1 }, files: { t: "{{ m }}.txt" } }
      |                                              ^
      |
      = help: did you mean `n`?

    error: cases[2].files.t: there is no file `7.txt` in case `c/n=7`
     --> suite.yaml:7:26
      |
    7 |   - { id: c, files: { t: "{{ n }}.txt" }, matrix: { n: [7, 8] } }
      |                          ^^^^^^^^^^^^^
      |
      = help: paths are relative to the suite file

    error: cases[2].files.t: `8.txt` is not UTF-8 at byte 4, and no image or PDF by its content in case `c/n=8`
     --> suite.yaml:7:26
      |
    7 |   - { id: c, files: { t: "{{ n }}.txt" }, matrix: { n: [7, 8] } }
      |                          ^^^^^^^^^^^^^
      |
      = help: a variable is made of texts in UTF-8, images and PDFs

    error: dataset.path: row 2 of r.csv: `files.t`: there is no file `c/2.txt`
     --> r.csv:3:1
      |
    3 | r2,2
      | ^^^^
      |
      = help: paths are relative to the suite file

    5 errors
    "#);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_combination_has_an_id_of_its_own(
        values in prop::collection::vec(prop::collection::hash_set("[a-z0-9 /=é._-]{0,40}|[0-9]{1,3}", 1..5), 1..4),
    ) {
        let names = ["a", "b", "c"];
        let matrix: serde_json::Map<String, Value> =
            names.iter().zip(&values).map(|(name, values)| ((*name).to_owned(), json!(values))).collect();
        let cases = json!([{ "id": "x", "vars": { "q": 1 }, "matrix": matrix }]);
        let suite = suite_of(&files(&format!("cases: {cases}"), &[]));
        let wanted: usize = values.iter().map(HashSet::len).product();
        let different: HashSet<&str> = ids(&suite).into_iter().collect();
        prop_assert_eq!((suite.cases.len(), different.len()), (wanted, wanted));
    }
}
