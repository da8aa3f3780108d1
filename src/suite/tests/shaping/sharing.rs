//! `include`: cases in files of their own.

use insta::assert_snapshot;
use serde_json::json;

use super::support::{files, ids, suite_of, vars};

const SHARED: &str = "cases:\n  - { id: s1, vars: { q: 1 }, expect: a }\ndataset: rows.csv\ninclude: more/deep.yaml\n";

#[test]
fn included_cases_come_first_and_paths_are_relative_to_their_file() {
    let folder = files(
        "graders: [exact]\ninclude: [shared/a.yaml]\ncases: [{ id: own, vars: { q: 2 }, expect: b }]",
        &[
            ("shared/a.yaml", SHARED),
            ("shared/rows.csv", "q\nrow\n"),
            ("shared/more/deep.yaml", "- { id: d1, files: { q: t.txt }, expect: c, graders: [exact] }\n"),
            ("shared/more/t.txt", "deep text"),
        ],
    );
    std::fs::write(folder.path().with_file_name("shared").join("rows.csv"), "q\nrow\n").unwrap();
    let said = folder.said();
    assert!(said.contains("dataset: row 1 of shared/rows.csv: grader `exact`: needs an expectation"), "{said}");
    assert!(said.contains("shared/a.yaml:3:10"), "{said}");
    let folder = folder.with("shared/a.yaml", SHARED.replace("rows.csv", "{ path: rows.csv, id: r, expect: x }"));
    let suite = suite_of(&folder);
    assert_eq!(ids(&suite), ["d1", "s1", "r", "own"]);
    assert_eq!(vars(&suite, 0), json!({"q": "deep text"}));
    let files: Vec<_> =
        suite.datasets.iter().map(|file| (file.path.as_str(), file.format.as_str(), file.cases)).collect();
    assert_eq!(
        files,
        [
            ("shared/a.yaml", "yaml, included", 1),
            ("shared/more/deep.yaml", "yaml, included", 1),
            ("shared/rows.csv", "csv, `,` between fields", 1)
        ]
    );
    assert!(suite.datasets[0].sha256.as_ref().is_some_and(|sha256| sha256.len() == 64));
}

#[test]
fn mistakes_are_told_in_the_included_file() {
    let folder = files(
        "graders: [exact, { type: contains, any: [x] }]\ninclude: [a.yaml, b.yaml, none.yaml, c.yaml, .]\ncases: [{ id: s1, vars: { q: 1 }, expect: a }]",
        &[
            (
                "a.yaml",
                "# shared\n- { id: s1, vars: { q: 1, q: 2 }, expect: \"{{ nope }}\" }\n- { id: s1, vars: { q: 1 }, expect: 1 }\n- { id: s2, vars: { qq: 1 }, expect: 1 }\n",
            ),
            ("b.yaml", "models: [m]\ncases: [{ id: s2, vars: { q: 1 }, expect: 1, graders: [exakt] }]\n"),
            ("c.yaml", "cases: [\n"),
        ],
    );
    assert_snapshot!(folder.said(), @r#"
    error: prompt: `q` is undefined in case `s2`
     --> suite.yaml:3:13
      |
    3 | prompt: "{{ q }}"
      |             ^
      |
      = help: did you mean `qq`?

    error: include[2]: there is no file `none.yaml`
     --> suite.yaml:5:27
      |
    5 | include: [a.yaml, b.yaml, none.yaml, c.yaml, .]
      |                           ^^^^^^^^^
      |
      = help: paths are relative to the file that they stand in

    error: include[4]: cannot read `.`: not a file
     --> suite.yaml:5:46
      |
    5 | include: [a.yaml, b.yaml, none.yaml, c.yaml, .]
      |                                              ^

    error: cases[0].id: a second case with the id `s1`, first here: a.yaml:3
     --> suite.yaml:6:15
      |
    6 | cases: [{ id: s1, vars: { q: 1 }, expect: a }]
      |               ^^
      |
      = help: give each case its own `id`, or leave it out

    error: [0].vars.q: duplicate key
     --> a.yaml:2:27
      |
    2 | - { id: s1, vars: { q: 1, q: 2 }, expect: "{{ nope }}" }
      |                     -     ^
      |                     |
      |                     first here

    error: [0].expect: `nope` is undefined in case `s1`
     --> a.yaml:2:47
      |
    2 | - { id: s1, vars: { q: 1, q: 2 }, expect: "{{ nope }}" }
      |                                               ^^^^
      |
      = help: the variables are `q` and `q`

    error: models: unknown key
     --> b.yaml:1:1
      |
    1 | models: [m]
      | ^^^^^^
      |
      = help: an included file has `include`, `cases` and `dataset`

    error: cases[0].id: a second case with the id `s2`, first here: a.yaml:4
     --> b.yaml:2:15
      |
    2 | cases: [{ id: s2, vars: { q: 1 }, expect: 1, graders: [exakt] }]
      |               ^^
      |
      = help: give each case its own `id`, or leave it out

    error: cases[0].graders[0]: unknown grader
     --> b.yaml:2:56
      |
    2 | cases: [{ id: s2, vars: { q: 1 }, expect: 1, graders: [exakt] }]
      |                                                        ^^^^^
      |
      = help: did you mean `exact`?

    error: did not find expected node content
     --> c.yaml:2:1
      |
    2 |
      | ^

    10 errors
    "#);
}

#[test]
fn files_that_include_each_other() {
    let cyclic = files(
        "include: a.yaml\ncases: [{ vars: { q: 1 } }]",
        &[
            ("a.yaml", "include: b.yaml\ncases: []\n"),
            ("b.yaml", "include: [a.yaml, b.yaml, suite.yaml, c.yaml, ./c.yaml]\n"),
            ("c.yaml", "- { vars: { q: 1 } }\n"),
        ],
    );
    assert_snapshot!(cyclic.said(), @r#"
    error: include[0]: `a.yaml` includes itself, by way of others
     --> b.yaml:1:11
      |
    1 | include: [a.yaml, b.yaml, suite.yaml, c.yaml, ./c.yaml]
      |           ^^^^^^
      |
      = help: leave it out here

    error: include[1]: `b.yaml` includes itself
     --> b.yaml:1:19
      |
    1 | include: [a.yaml, b.yaml, suite.yaml, c.yaml, ./c.yaml]
      |                   ^^^^^^
      |
      = help: leave it out here

    error: include[2]: `suite.yaml` includes itself, by way of others
     --> b.yaml:1:27
      |
    1 | include: [a.yaml, b.yaml, suite.yaml, c.yaml, ./c.yaml]
      |                           ^^^^^^^^^^
      |
      = help: leave it out here

    error: include[4]: `./c.yaml` is included already: its cases would be asked twice
     --> b.yaml:1:47
      |
    1 | include: [a.yaml, b.yaml, suite.yaml, c.yaml, ./c.yaml]
      |                                               ^^^^^^^^
      |
      = help: leave it out here

    4 errors
    "#);
    let chain: Vec<(String, String)> =
        (1..=20).map(|n| (format!("{n}.yaml"), format!("include: {}.yaml\ncases: []\n", n + 1))).collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(name, content)| (name.as_str(), content.as_str())).collect();
    let said = files("include: 1.yaml", &chain).said();
    assert!(said.contains("more than 16 levels deep") && said.contains("16.yaml:1:10"), "{said}");
    let said = files("include: e.yaml", &[("e.yaml", "")]).said();
    assert!(said.contains("expected a list of cases or a map with `cases`, found nothing"), "{said}");
}
