//! Mistakes in datasets, as they are shown.

use insta::assert_snapshot;

use super::support::folder;

/// What is said of a suite with this dataset, and this file beside it.
fn said_of(dataset: &str, name: &str, content: &[u8]) -> String {
    let suite = format!("name: t\nmodels: [m]\nprompt: \"{{{{ body }}}}\"\ngraders: [exact]\ndataset: {dataset}\n");
    folder(suite).with(name, content).said()
}

#[test]
fn ragged_rows_and_bad_text() {
    assert_snapshot!(said_of("t.csv", "t.csv", b"id,body,team\n1,hi\n2,\"a\nb\",x\n3,caf\xe9,y\n"), @r#"
    error: dataset: row 1 of t.csv: 2 fields where there are 3 columns
     --> t.csv:2:1
      |
    2 | 1,hi
      | ^^^^
      |
      = help: put a field with a `,` or a line break in `"`; if something else stands between fields, write `delimiter`

    error: dataset: row 3 of t.csv: column `body` is not UTF-8: byte 0xe9 (byte 4) looks like Windows-1252, where it is `é`
     --> t.csv:5:1
      |
    5 | 3,caf�,y
      | ^^^^^^^^
      |
      = help: convert it: `iconv -f windows-1252 -t utf-8 t.csv > utf8-t.csv`

    error: dataset: row 2 of t.csv: grader `exact`: needs an expectation to compare with
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^
      |
      = help: map a column to `expect` beside `path`

    3 errors
    "#);
}

#[test]
fn a_column_that_does_not_exist() {
    assert_snapshot!(said_of("{ path: t.csv, vars: { body: \"{{ bdy }}\" }, expect: \"{{ team }}\" }", "t.csv", b"body,team\nhi,a\nho,b\n"), @r#"
    error: dataset.vars.body: `bdy` is undefined in row 1 of t.csv and 1 more row
     --> suite.yaml:5:43
      |
    5 | dataset: { path: t.csv, vars: { body: "{{ bdy }}" }, expect: "{{ team }}" }
      |                                           ^^^
      |
      = help: did you mean `body`?

    1 error
    "#);
}

#[test]
fn a_column_that_may_be_the_expectation() {
    assert_snapshot!(said_of("t.csv", "t.csv", b"body,Answer\nhi,a\nho,b\n"), @r#"
    error: dataset: row 1 of t.csv and 1 more row: grader `exact`: needs an expectation to compare with
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^
      |
      = help: to compare with a column, write beside `path`: `expect: "{{ Answer }}"`

    1 error
    "#);
}

#[test]
fn lines_that_are_no_objects() {
    assert_snapshot!(said_of("t.jsonl", "t.jsonl", b"{\"body\": 1}\n{\"body\": \n\n[1]\n\"x\"\n"), @r#"
    error: dataset: line 2 of t.jsonl: not JSON at column 8: EOF while parsing a value
     --> t.jsonl:2:1
      |
    2 | {"body": 
      | ^^^^^^^^

    error: dataset: line 4 of t.jsonl: expected a JSON object, found an array
     --> t.jsonl:4:1
      |
    4 | [1]
      | ^^^

    error: dataset: line 5 of t.jsonl: expected a JSON object, found a text
     --> t.jsonl:5:1
      |
    5 | "x"
      | ^^^

    error: dataset: line 1 of t.jsonl: grader `exact`: needs an expectation to compare with
     --> suite.yaml:5:10
      |
    5 | dataset: t.jsonl
      |          ^^^^^^^
      |
      = help: map a column to `expect` beside `path`

    4 errors
    "#);
}

#[test]
fn one_json_object() {
    assert_snapshot!(said_of("t.json", "t.json", b"{\"body\": 1}"), @r#"
    error: dataset: t.json: expected a list of objects, found one object
     --> suite.yaml:5:10
      |
    5 | dataset: t.json
      |          ^^^^^^
      |
      = help: write `[{...}, {...}]`; for one object a line, name the file .jsonl or write `format: jsonl`

    1 error
    "#);
}

#[test]
fn elements_that_are_no_objects() {
    assert_snapshot!(said_of("t.json", "t.json", b"[{\"body\": 1}, 5,\n {\"body\" 2}]"), @r#"
    error: dataset: row 2 of t.json: expected a JSON object, found a plain value
     --> suite.yaml:5:10
      |
    5 | dataset: t.json
      |          ^^^^^^

    error: dataset: t.json: after row 2: not JSON: expected `:` at column 10
     --> t.json:2:1
      |
    2 |  {"body" 2}]
      | ^^^^^^^^^^^^

    error: dataset: row 1 of t.json: grader `exact`: needs an expectation to compare with
     --> suite.yaml:5:10
      |
    5 | dataset: t.json
      |          ^^^^^^
      |
      = help: map a column to `expect` beside `path`

    3 errors
    "#);
}

#[test]
fn yaml_rows_that_are_no_maps() {
    assert_snapshot!(said_of("t.yaml", "t.yaml", b"- body: a\n- x\n- { body: a, body: b }\n"), @r#"
    error: dataset: row 2 of t.yaml: expected a map, found the text `x`
     --> suite.yaml:5:10
      |
    5 | dataset: t.yaml
      |          ^^^^^^

    error: dataset: row 1 of t.yaml and 1 more row: grader `exact`: needs an expectation to compare with
     --> suite.yaml:5:10
      |
    5 | dataset: t.yaml
      |          ^^^^^^
      |
      = help: map a column to `expect` beside `path`

    error: [2].body: duplicate key
     --> t.yaml:3:14
      |
    3 | - { body: a, body: b }
      |     ----     ^^^^
      |     |
      |     first here

    3 errors
    "#);
}

#[test]
fn yaml_that_cannot_be_read() {
    assert_snapshot!(said_of("t.yml", "t.yml", b"- body: a\n\t- x\n"), @r#"
    error: dataset: t.yml: not YAML: a tab is used for indentation
     --> t.yml:2:1
      |
    2 |     - x
      | ^^^^^^^
      |
      = help: YAML allows only spaces there

    1 error
    "#);
}

#[test]
fn an_empty_file() {
    assert_snapshot!(said_of("t.csv", "t.csv", b""), @r#"
    error: dataset: t.csv: it is empty
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^
      |
      = help: the first row names the columns

    1 error
    "#);
}

#[test]
fn columns_of_one_name() {
    assert_snapshot!(said_of("t.csv", "t.csv", b"body,body\n"), @r#"
    error: dataset: t.csv: two columns are named `body`
     --> t.csv:1:1
      |
    1 | body,body
      | ^^^^^^^^^
      |
      = help: rename one, or name all of them: `columns: [...]` beside `path`, and remove the first row

    1 error
    "#);
}

#[test]
fn a_header_and_no_rows() {
    assert_snapshot!(said_of("t.csv", "t.csv", b"body\n"), @r#"
    error: dataset: t.csv holds no rows
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^

    1 error
    "#);
}

#[test]
fn a_file_that_is_not_there() {
    assert_snapshot!(said_of("t.tsv", "other.tsv", b""), @r#"
    error: dataset: there is no file `t.tsv`
     --> suite.yaml:5:10
      |
    5 | dataset: t.tsv
      |          ^^^^^
      |
      = help: paths are relative to the suite file

    1 error
    "#);
}

#[test]
fn mistakes_in_the_entry() {
    assert_snapshot!(said_of("[t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, \"\"]", "x", b""), @r#"
    error: dataset[0]: there is no file `t.parquet`
     --> suite.yaml:5:11
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |           ^^^^^^^^^
      |
      = help: paths are relative to the suite file

    error: dataset[1]: there is no file `notes.txt`
     --> suite.yaml:5:22
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                      ^^^^^^^^^
      |
      = help: paths are relative to the suite file

    error: dataset[2].path: the name `x` does not tell its format
     --> suite.yaml:5:41
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                         ^
      |
      = help: write `format: csv` (or tsv, jsonl, json, yaml, parquet, xlsx, files) beside `path`

    error: dataset[3]: `path` is missing
     --> suite.yaml:5:46
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: dataset[3].pth: unknown key
     --> suite.yaml:5:48
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                ^^^
      |
      = help: did you mean `path`?

    error: dataset[3].limit: must be at least 1
     --> suite.yaml:5:63
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                               ^
      |
      = help: leave it out to read every row

    error: dataset[3].shuffle: expected a whole number as seed, found the text `yes`
     --> suite.yaml:5:75
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                                           ^^^
      |
      = help: write for example `42`

    error: dataset[4]: expected a text, found an empty one
     --> suite.yaml:5:82
      |
    5 | dataset: [t.parquet, notes.txt, { path: x }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                                                  ^^

    8 errors
    "#);
}

#[test]
fn ids_that_stand_twice() {
    assert_snapshot!(said_of("{ path: t.csv, id: \"{{ id }}\", expect: x }", "t.csv", b"id,body\na,1\na,2\nb,3\na,4\n"), @r#"
    error: dataset.id: row 2 of t.csv has the id `a` of row 1 of t.csv and 1 more row
     --> suite.yaml:5:29
      |
    5 | dataset: { path: t.csv, id: "{{ id }}", expect: x }
      |                             ^^^^^^^^^^
      |
      = help: ids must be unique; without `id` each case gets one of its own

    1 error
    "#);
}
