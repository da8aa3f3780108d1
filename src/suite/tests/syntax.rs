//! YAML that cannot be read, as it is shown.

use insta::assert_snapshot;

use super::support::{said, said_with};

#[test]
fn tabs() {
    assert_snapshot!(said("name: t\nmodels:\n\t- m\n"), @r#"
    error: a tab is used for indentation
     --> suite.yaml:3:1
      |
    3 |     - m
      | ^^^^
      |
      = help: YAML allows only spaces there

    1 error
    "#);
    assert_snapshot!(said("name: t\nmodels:\n  - id: m\n  \tname: x\n"), @r#"
    error: a tab is used for indentation
     --> suite.yaml:4:3
      |
    4 |       name: x
      |   ^^^^
      |
      = help: YAML allows only spaces there

    1 error
    "#);
}

#[test]
fn yaml_that_cannot_be_read() {
    assert_snapshot!(said("name: demo: v2\n"), @r#"
    error: a second `:` on this line, or a key indented deeper than those before it
     --> suite.yaml:1:11
      |
    1 | name: demo: v2
      |           ^
      |
      = help: a text that holds `: ` needs quotes

    1 error
    "#);
    assert_snapshot!(said("name: \"demo\nmodels: [m]\n"), @r#"
    error: this quote is never closed
     --> suite.yaml:1:7
      |
    1 | name: "demo
      |       ^
      |
      = help: close it, or double a quote inside single quotes

    1 error
    "#);
    assert_snapshot!(said("name: t\nprompt: {{ ticket }}\n"), @r#"
    error: a map or list stands where a key is expected
     --> suite.yaml:2:10
      |
    2 | prompt: {{ ticket }}
      |          ^
      |
      = help: a text that begins with `{` needs quotes: "{{ ticket }}"

    1 error
    "#);
    assert_snapshot!(said("name: t\nprompt: @home\n"), @r#"
    error: this character cannot begin a text
     --> suite.yaml:2:9
      |
    2 | prompt: @home
      |         ^
      |
      = help: put the text in quotes

    1 error
    "#);
    assert_snapshot!(said("name: t\nmodels:\n  - a\n - b\n"), @r#"
    error: expected a key here: the indentation or the quotes before it do not fit
     --> suite.yaml:4:2
      |
    4 |  - b
      |  ^
      |
      = help: keys of one map begin in one column; a quote inside a quoted text is written \" or ''

    1 error
    "#);
    assert_snapshot!(said("name: t\nmodels: *all\n"), @r#"
    error: this alias has no anchor before it
     --> suite.yaml:2:9
      |
    2 | models: *all
      |         ^
      |
      = help: a text that begins with `*` needs quotes; an anchor is written `&name`

    1 error
    "#);
    assert_snapshot!(said("name: t\nx: a\u{7}b\n"), @r#"
    error: a control character, which YAML does not allow
     --> suite.yaml:2:5
      |
    2 | x: a␇b
      |     ^
      |
      = help: remove it, or write it as an escape in double quotes: "\x1b"

    1 error
    "#);
    assert_snapshot!(said("name: t\nmodels: !set [m]\n"), @r#"
    error: tags such as `!set` have no meaning in a suite
     --> suite.yaml:2:9
      |
    2 | models: !set [m]
      |         ^

    1 error
    "#);
    assert_snapshot!(said("name: t\nmodels: [a, b\nprompt: x\n"), @r#"
    error: expected `,` or `]` here: the list or map in brackets of line 2 goes on or ends
     --> suite.yaml:3:7
      |
    3 | prompt: x
      |       ^
      |
      = help: close the bracket, or put a text with `[`, `{`, `:` or `,` in it in quotes

    1 error
    "#);
}

#[test]
fn duplicate_keys() {
    assert_snapshot!(said_with("repeat: 1\nrepeat: 2\n"), @r#"
    error: repeat: duplicate key
     --> suite.yaml:6:1
      |
    5 | repeat: 1
      | ------ first here
    6 | repeat: 2
      | ^^^^^^

    1 error
    "#);
    assert_snapshot!(
        said("name: t\nmodels: [m]\nprompt: \"{{ q }}\"\ncases:\n  - vars:\n      q: a\n      q: b\n  - {vars: {q: c}, vars: {q: d}}\n"),
        @r#"
    error: cases[0].vars.q: duplicate key
     --> suite.yaml:7:7
      |
    6 |       q: a
      |       - first here
    7 |       q: b
      |       ^

    error: cases[1].vars: duplicate key
     --> suite.yaml:8:20
      |
    8 |   - {vars: {q: c}, vars: {q: d}}
      |      ----          ^^^^
      |      |
      |      first here

    2 errors
    "#
    );
}

#[test]
fn nothing_to_ask() {
    assert_snapshot!(said("name: t\nmodels: []\nprompts: []\ncases: []\n"), @r#"
    error: models: no models to ask
     --> suite.yaml:2:9
      |
    2 | models: []
      |         ^^
      |
      = help: name at least one: `- openai/gpt-4o-mini`

    error: prompts: no prompts to ask
     --> suite.yaml:3:10
      |
    3 | prompts: []
      |          ^^

    error: cases: no cases to ask
     --> suite.yaml:4:8
      |
    4 | cases: []
      |        ^^
      |
      = help: write at least one: `- vars: { question: ... }`

    3 errors
    "#);
    assert_snapshot!(said("name: t\n"), @r#"
    error: `models` is missing
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^

    error: `prompt` is missing
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^
      |
      = help: write for example `prompt: "{{ question }}"`

    error: `cases` is missing
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^
      |
      = help: write `cases: [{ vars: { ... } }]`, or `dataset: file.csv`

    3 errors
    "#);
    assert_snapshot!(said(""), @r#"
    error: suite.yaml is empty
     |
     = help: a suite needs `name`, `models`, `prompt` and `cases`

    1 error
    "#);
    assert_snapshot!(said("# only a comment\n"), @r#"
    error: suite.yaml is empty
     --> suite.yaml:1:1
      |
    1 | # only a comment
      | ^^^^^^^^^^^^^^^^
      |
      = help: a suite needs `name`, `models`, `prompt` and `cases`

    1 error
    "#);
}

#[test]
fn more_than_one_document_or_too_deep() {
    assert_snapshot!(said("name: t\n---\nname: u\n"), @r#"
    error: a suite is one YAML document, and here a second begins
     --> suite.yaml:2:1
      |
    2 | ---
      | ^^^
      |
      = help: write each suite in its own file

    1 error
    "#);
    assert_snapshot!(said(format!("name: t\nx: {}", "[".repeat(300))), @r#"
    error: nested too deeply
     --> suite.yaml:2:259
      |
    2 | ...[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[
      |                                                ^
      |
      = help: at most 128 levels are read

    1 error
    "#);
}

#[test]
fn text_that_is_not_utf8() {
    assert_snapshot!(said(b"name: t\nmodels: [caf\xe9]\n"), @r#"
    error: the file is not UTF-8 (byte 0xe9 at offset 20)
     --> suite.yaml:2:13
      |
    2 | models: [caf�]
      |             ^
      |
      = help: save it as UTF-8

    1 error
    "#);
    assert_snapshot!(said(b"\xff\xfen\0a\0"), @r#"
    error: the file is not UTF-8 (byte 0xff at offset 0)
     --> suite.yaml:1:1
      |
    1 | ��n␀a␀
      | ^
      |
      = help: it looks like UTF-16: save it as UTF-8

    1 error
    "#);
}

#[test]
fn files_that_are_not_there() {
    let folder = super::support::Folder::new();
    assert_snapshot!(folder.said(), @r#"
    error: there is no file `suite.yaml`

    1 error
    "#);
}

#[test]
fn long_lines_are_shown_around_the_mistake() {
    let long = "x".repeat(100_000);
    let text = said(format!("{{ name: t, description: \"{long}\", modles: [m], z: \"{long}\" }}"));
    assert!(text.contains("modles"), "{text}");
    assert!(text.len() < 4_000, "{}", text.len());
}

#[test]
fn what_a_suite_says_cannot_act_on_the_terminal() {
    let text = said("name: t\nmodels: [m]\n\"k\u{9b}31m\u{202e}\": 1\n\"\\e[2J\": 2\n");
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
    assert!(!text.contains('\u{202e}'), "{text:?}");
}
