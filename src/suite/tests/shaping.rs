//! What becomes of rows and cases: `where`, `sample`, `few_shot`, `matrix`, `files`, `include`, `env`.

use std::collections::HashSet;

use insta::assert_snapshot;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::support::{Folder, folder};
use crate::suite::load::load_with;
use crate::suite::{LoadOptions, Loaded, Outside, Overrides, Suite};

const HEAD: &str = "name: t\nmodels: [m]\nprompt: \"{{ q }}\"\n";

/// A folder with a suite of these lines, and files beside it.
fn files(lines: &str, files: &[(&str, &str)]) -> Folder {
    let suite =
        if lines.contains("prompt:") { format!("name: t\nmodels: [m]\n{lines}\n") } else { format!("{HEAD}{lines}\n") };
    files.iter().fold(folder(suite), |folder, (name, content)| {
        if let Some((inner, _)) = name.rsplit_once('/') {
            std::fs::create_dir_all(folder.path().with_file_name(inner)).unwrap();
        }
        folder.with(name, content)
    })
}

#[track_caller]
fn suite_of(folder: &Folder) -> Suite {
    folder.load(Overrides::default()).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100))).suite
}

fn ids(suite: &Suite) -> Vec<&str> {
    suite.cases.iter().map(|case| &*case.id).collect()
}

fn vars(suite: &Suite, case: usize) -> Value {
    Value::Object(suite.cases[case].variables())
}

const ROWS: &str = "q,lang,score\na,de,5\nb,en,2\nc,de,1\nd,fr,9\n";

#[test]
fn rows_that_the_expression_is_not_true_of_are_dropped() {
    for (filter, wanted) in [
        ("lang == 'de'", "a c"),
        ("\"{{ lang == 'de' and score | int > 3 }}\"", "a"),
        ("\"row['lang'] in ['en', 'fr'] or q == 'c'\"", "b c d"),
    ] {
        let folder =
            files(&format!("dataset: {{ path: r.csv, id: \"{{{{ q }}}}\", where: {filter} }}"), &[("r.csv", ROWS)]);
        assert_eq!(ids(&suite_of(&folder)).join(" "), wanted, "{filter}");
    }
    let folder =
        files("dataset: { path: r.csv, id: \"{{ q }}\", where: \"lang == 'de'\", limit: 1 }", &[("r.csv", ROWS)]);
    assert_eq!(ids(&suite_of(&folder)), ["a"], "what is dropped does not count towards the limit");
    assert_eq!(suite_of(&folder).datasets[0].rows, 1);
}

#[test]
fn mistakes_in_where_are_told_once() {
    let said = |filter: &str| files(&format!("dataset: {{ path: r.csv, where: {filter} }}"), &[("r.csv", ROWS)]).said();
    assert_snapshot!(said("\"{{ lagn == 'de' }}\""), @r#"
    error: dataset.where: `lagn` is undefined in row 1 of r.csv and 3 more rows
     --> suite.yaml:4:36
      |
    4 | dataset: { path: r.csv, where: "{{ lagn == 'de' }}" }
      |                                    ^^^^
      |
      = help: did you mean `lang`?

    1 error
    "#);
    assert_snapshot!(said("score > 3 and lang == 'de'"), @r#"
    error: dataset.where: `score` is a text here, compared with the number 3 in row 1 of r.csv and 3 more rows
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: score > 3 and lang == 'de' }
      |                                ^^^^^
      |
      = help: make a number of it: `score | int > 3`

    1 error
    "#);
    assert_snapshot!(said("lang = 'de'"), @r#"
    error: dataset.where: template syntax: unexpected input after expression
     --> suite.yaml:4:37
      |
    4 | dataset: { path: r.csv, where: lang = 'de' }
      |                                     ^
      |
      = help: values are compared with `==`

    1 error
    "#);
    assert_snapshot!(said("lang == 'it'"), @r#"
    error: dataset.where: no row is left: all 4 were dropped
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: lang == 'it' }
      |                                ^^^^^^^^^^^^
      |
      = help: only rows that the expression is true of are asked

    1 error
    "#);
    assert_snapshot!(said("true"), @r#"
    error: dataset.where: `true` for every row
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: true }
      |                                ^^^^
      |
      = help: it is an expression over the columns: `where: "lang == 'de'"`

    1 error
    "#);
    assert_snapshot!(said("[lang]"), @r#"
    error: dataset.where: expected an expression over the columns, found a list
     --> suite.yaml:4:32
      |
    4 | dataset: { path: r.csv, where: [lang] }
      |                                ^^^^^^
      |
      = help: write for example `where: "lang == 'de'"`

    1 error
    "#);
}

#[test]
fn a_sample_is_the_same_each_time_and_in_the_order_of_the_file() {
    let rows: String =
        (0..200).map(|n| format!("{n:03},{}\n", ["x", "y"][usize::from(n < 190)])).collect::<Vec<_>>().concat();
    let rows = format!("q,kind\n{rows}");
    let sampled = |how: &str| {
        let folder = files(&format!("dataset: {{ path: r.csv, id: \"{{{{ q }}}}\"{how} }}"), &[("r.csv", &rows)]);
        let suite = suite_of(&folder);
        assert_eq!(suite.datasets[0].cases, suite.cases.len() as u64);
        ids(&suite).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let ten = sampled(", sample: 10");
    assert!(ten.len() == 10 && ten.is_sorted());
    assert_eq!(ten, sampled(", sample: { size: 10, seed: 0 }"));
    assert_ne!(ten, sampled(", sample: { size: 10, seed: 1 }"));
    assert!(ten.iter().all(|id| sampled(", sample: 50").contains(id)), "a larger sample holds the smaller");
    let even = sampled(", sample: { size: 12, by: kind }");
    assert_eq!(even.iter().filter(|id| id.as_str() >= "190").count(), 6);
    // First the sample, then its order, then how many of it.
    let cut = sampled(", sample: 10, shuffle: 3, limit: 4");
    assert!(cut.iter().all(|id| ten.contains(id)) && cut.len() == 4 && !cut.is_sorted(), "{cut:?}");
    assert_eq!(sampled(", where: \"q >= '150'\", sample: 300").len(), 50);
}

#[test]
fn samples_that_cannot_be_taken() {
    let said =
        |sample: &str| files(&format!("dataset: {{ path: r.csv, sample: {sample} }}"), &[("r.csv", ROWS)]).said();
    assert_snapshot!(said("9"), @r#"
    warning: there are no graders: every answer counts as a pass
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^
      |
      = help: write for example `graders: [exact]`, with `expect` on each case

    warning: dataset.sample: a sample of 9, but there are only 4 rows: all are asked
     --> suite.yaml:4:33
      |
    4 | dataset: { path: r.csv, sample: 9 }
      |                                 ^
      |
      = help: leave `sample` out to ask every row

    2 warnings
    "#);
    assert_snapshot!(said("{ size: 2, by: lnag }"), @r#"
    error: dataset.sample.by: there is no column `lnag` to sample by in row 1 of r.csv and 3 more rows
     --> suite.yaml:4:48
      |
    4 | dataset: { path: r.csv, sample: { size: 2, by: lnag } }
      |                                                ^^^^
      |
      = help: did you mean `lang`?

    1 error
    "#);
    assert_snapshot!(said("{ sise: 2, seed: x }"), @r#"
    error: dataset.sample: `size` is missing
     --> suite.yaml:4:25
      |
    4 | dataset: { path: r.csv, sample: { sise: 2, seed: x } }
      |                         ^^^^^^

    error: dataset.sample.sise: unknown key
     --> suite.yaml:4:35
      |
    4 | dataset: { path: r.csv, sample: { sise: 2, seed: x } }
      |                                   ^^^^
      |
      = help: did you mean `size`?

    error: dataset.sample.seed: expected a whole number as seed, found the text `x`
     --> suite.yaml:4:50
      |
    4 | dataset: { path: r.csv, sample: { sise: 2, seed: x } }
      |                                                  ^
      |
      = help: write for example `42`

    3 errors
    "#);
    assert_snapshot!(said("0"), @r#"
    error: dataset.sample: must be at least 1
     --> suite.yaml:4:33
      |
    4 | dataset: { path: r.csv, sample: 0 }
      |                                 ^
      |
      = help: leave `sample` out to ask every row

    1 error
    "#);
}

#[test]
fn rows_that_are_not_sampled_are_checked_too() {
    let said =
        files("graders: [exact]\ndataset: { path: r.csv, expect: \"{{ nope }}\", sample: 1 }", &[("r.csv", ROWS)])
            .said();
    assert!(said.contains("`nope` is undefined in row 1 of r.csv and 3 more rows"), "{said}");
}

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

fn with_env(lines: &str, rows: &[(&str, &str)]) -> Result<Loaded, String> {
    let folder = files(lines, rows);
    let variable = |name: &str| match name {
        "REGION" => Some("eu \"west\"".to_owned()),
        "API_KEY" => Some("hush".to_owned()),
        _ => None,
    };
    let outside = Outside { variable: Some(variable), ..Outside::default() };
    let options = LoadOptions { outside, ..LoadOptions::default() };
    load_with(&folder.path(), &options, crate::grade::build).map_err(|errors| {
        let here = format!("{}/", folder.path().parent().unwrap().display());
        errors.render(false, 100).replace(&here, "")
    })
}

#[test]
fn declared_variables_of_the_environment_stand_in_templates() {
    let loaded = with_env(
        "prompt: \"{{ q }} in {{ env.REGION }}{% if env.TEAM == 'core' %}!{% endif %}\"\ngraders: [exact]\nenv: [REGION, { name: TEAM, default: core }]\ncases: [{ id: a, vars: { q: x }, expect: \"{{ env.REGION }}\" }]\ndataset: { path: r.csv, where: \"env.TEAM == 'core'\", vars: { q: \"{{ q }}/{{ env.TEAM }}\" }, expect: y }",
        &[("r.csv", "q\nrow\n")],
    );
    let suite = loaded.unwrap_or_else(|said| panic!("{said}")).suite;
    let asked = crate::suite::render(&suite.prompts[0], &suite.cases[0]).unwrap();
    assert_eq!(asked[0]["content"], "x in eu \"west\"!");
    assert_eq!(suite.cases[0].expected(), Some(json!("eu \"west\"")));
    assert_eq!(vars(&suite, 1), json!({"q": "row/core"}));
    assert_eq!(json!(suite.env), json!({"REGION": "eu \"west\"", "TEAM": "core"}));
    // Without a declaration it is a name like others.
    let loaded = with_env("prompt: \"{{ env }}\"\ncases: [{ vars: { env: mine } }]", &[]).unwrap();
    assert_eq!(crate::suite::render(&loaded.suite.prompts[0], &loaded.suite.cases[0]).unwrap()[0]["content"], "mine");
}

#[test]
fn mistakes_about_the_environment() {
    assert_snapshot!(
        with_env(
            "prompt: \"{{ env.REGON }} {{ env.OTHER }}\"\nenv: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]\ncases: [{ vars: { env: 1 } }]\ndataset: r.csv",
            &[("r.csv", "q,env\na,b\nc,d\n")]
        )
        .unwrap_err(),
        @r#"
        error: env[1]: the environment variable `UNSET` is not set
         --> suite.yaml:4:15
          |
        4 | env: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]
          |               ^^^^^
          |
          = help: set it, or give a default: `{ name: UNSET, default: … }`

        error: env[2]: secrets are never in a suite, and this looks like the name of one
         --> suite.yaml:4:22
          |
        4 | env: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]
          |                      ^^^^^^^^^^
          |
          = help: what is declared stands in prompts and in run.json: name the key's variable with `api_key_env`

        error: env[3]: secrets are never in a suite, and this looks like the name of one
         --> suite.yaml:4:34
          |
        4 | env: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]
          |                                  ^^^^^^^^^^^^^^^^^^
          |
          = help: what is declared stands in prompts and in run.json: name the key's variable with `api_key_env`

        error: env[4].name: not the name of an environment variable
         --> suite.yaml:4:62
          |
        4 | env: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]
          |                                                              ^^^
          |
          = help: letters, digits and `_`: `env: [REGION]`

        error: env[5]: `REGION` is declared twice
         --> suite.yaml:4:69
          |
        4 | env: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]
          |                                                                     ^^^^^^
          |
          = help: leave one out

        error: env[6]: `name` is missing
         --> suite.yaml:4:77
          |
        4 | env: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]
          |                                                                             ^^^^^^^^^^

        error: env[6].nam: unknown key
         --> suite.yaml:4:79
          |
        4 | env: [REGION, UNSET, MY_API_KEY, OPENROUTER_API_KEY, { name: A-B }, REGION, { nam: x }]
          |                                                                               ^^^
          |
          = help: did you mean `name`?

        error: cases[0].vars.env: a variable called `env`, which here is the environment (the suite declares `env`)
         --> suite.yaml:5:19
          |
        5 | cases: [{ vars: { env: 1 } }]
          |                   ^^^
          |
          = help: give the variable another name

        error: dataset: a variable called `env`, which here is the environment (the suite declares `env`) in row 1 of r.csv and 1 more row
         --> suite.yaml:6:10
          |
        6 | dataset: r.csv
          |          ^^^^^
          |
          = help: give the variable another name with `vars`
        "#
    );
    assert_snapshot!(with_env("prompt: \"{{ env.REGION }}\"\ncases: [{ vars: { q: 1 } }]", &[]).unwrap_err(), @r#"
    error: prompt: `env` is undefined in case `f1232c45800a`
     --> suite.yaml:3:13
      |
    3 | prompt: "{{ env.REGION }}"
      |             ^^^^^^^^^^
      |
      = help: declare it: `env: [REGION]`
    "#);
}

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
    let reference = include_str!("../../../docs/datasets.md");
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
