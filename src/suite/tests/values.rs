//! Values that a suite cannot hold, as they are shown.

use insta::assert_snapshot;

use super::support::{said, said_with};

#[test]
#[expect(clippy::too_many_lines, reason = "one snapshot of a dozen mistakes")]
fn several_mistakes_are_told_in_one_run() {
    assert_snapshot!(said(
        "\
name: triage
defaults:
  timeout: 60
  concurency: 4
models:
  - openai/gpt-4o-mini
  - id: anthropic/claude
    timeout: [1]
    params: { temperature: 0, model: x }
  - { nme: x }
prompts:
  - id: a
    user: \"{{ ticket }}\"
  - id: a
    system: 5
cases:
  - vars: { ticket: hi }
    expcet: billing
  - vars: [x]
repeat: 0
budget: five
"
    ), @r#"
    error: defaults.timeout: `60` has no unit
     --> suite.yaml:3:12
      |
    3 |   timeout: 60
      |            ^^
      |
      = help: write `60s`, `60ms` or `60m`

    error: defaults.concurency: unknown key
     --> suite.yaml:4:3
      |
    4 |   concurency: 4
      |   ^^^^^^^^^^
      |
      = help: did you mean `concurrency`?

    error: models[1].timeout: expected a duration such as `60s`, `1m 30s` or `250ms`, found a list
     --> suite.yaml:8:14
      |
    8 |     timeout: [1]
      |              ^^^

    error: models[1].params.model: cannot be set here
     --> suite.yaml:9:31
      |
    9 |     params: { temperature: 0, model: x }
      |                               ^^^^^
      |
      = help: the model is its `id`

    error: models[2]: `id` is missing
      --> suite.yaml:10:5
       |
    10 |   - { nme: x }
       |     ^^^^^^^^^^

    error: models[2].nme: unknown key
      --> suite.yaml:10:7
       |
    10 |   - { nme: x }
       |       ^^^
       |
       = help: did you mean `name`?

    error: prompts[1]: `user` is missing
      --> suite.yaml:14:5
       |
    14 |   - id: a
       |     ^^^^^
       |
       = help: write `user: "{{ question }}"`, or the whole list under `messages`

    error: prompts[1].id: a second prompt with the id `a`
      --> suite.yaml:14:9
       |
    12 |   - id: a
       |     -- first here
    13 |     user: "{{ ticket }}"
    14 |   - id: a
       |         ^
       |
       = help: give each prompt its own `id`

    error: cases[0].expcet: unknown key
      --> suite.yaml:18:5
       |
    18 |     expcet: billing
       |     ^^^^^^
       |
       = help: did you mean `expect`?

    error: cases[1].vars: expected variables as a map, found a list
      --> suite.yaml:19:11
       |
    19 |   - vars: [x]
       |           ^^^

    error: repeat: must be at least 1
      --> suite.yaml:20:9
       |
    20 | repeat: 0
       |         ^
       |
       = help: with `repeat: 1` each case is asked once

    error: budget: `five` is not an amount of US dollars
      --> suite.yaml:21:9
       |
    21 | budget: five
       |         ^^^^
       |
       = help: write `$5`, `5.00` or `0.25`

    12 errors
    "#);
}

#[test]
fn settings_of_the_wrong_type() {
    assert_snapshot!(said_with("defaults: { stream: no, retries: many, concurrency: \"8\", requests_per_minute: 0 }\n"), @r#"
    error: defaults.stream: expected `true` or `false`, found the text `no`
     --> suite.yaml:5:21
      |
    5 | defaults: { stream: no, retries: many, concurrency: "8", requests_per_minute: 0 }
      |                     ^^
      |
      = help: YAML 1.2 knows only `true` and `false`: write `false`

    error: defaults.retries: expected a whole number, found the text `many`
     --> suite.yaml:5:34
      |
    5 | defaults: { stream: no, retries: many, concurrency: "8", requests_per_minute: 0 }
      |                                  ^^^^

    error: defaults.concurrency: expected a whole number, found the text `8`
     --> suite.yaml:5:53
      |
    5 | defaults: { stream: no, retries: many, concurrency: "8", requests_per_minute: 0 }
      |                                                     ^^^
      |
      = help: write 8 without quotes or separators

    error: defaults.requests_per_minute: must be at least 1
     --> suite.yaml:5:79
      |
    5 | defaults: { stream: no, retries: many, concurrency: "8", requests_per_minute: 0 }
      |                                                                               ^
      |
      = help: leave it out, or write `null`, for no limit

    4 errors
    "#);
}

#[test]
fn texts_and_numbers_of_the_wrong_type() {
    assert_snapshot!(said_with("description: [a]\nrepeat: 1.5\ngates: { a: b }\n"), @r#"
    error: description: expected a text, found a list
     --> suite.yaml:5:14
      |
    5 | description: [a]
      |              ^^^

    error: repeat: expected a whole number from 0 to 4294967295, found the number 1.5
     --> suite.yaml:6:9
      |
    6 | repeat: 1.5
      |         ^^^

    error: gates: expected a text, found a map
     --> suite.yaml:7:8
      |
    7 | gates: { a: b }
      |        ^^^^^^^^

    3 errors
    "#);
}

#[test]
fn nothing_where_something_is_wanted() {
    assert_snapshot!(said("name:\nmodels: [m]\nprompt:\ncases: []\n"), @r#"
    error: name: expected a text, found nothing
     --> suite.yaml:1:1
      |
    1 | name:
      | ^^^^

    error: prompt: expected a text, or a map with `user`, found nothing
     --> suite.yaml:3:1
      |
    3 | prompt:
      | ^^^^^^

    error: cases: no cases to ask
     --> suite.yaml:4:8
      |
    4 | cases: []
      |        ^^
      |
      = help: write at least one: `- vars: { question: ... }`

    3 errors
    "#);
}

#[test]
fn shapes_of_the_wrong_kind() {
    assert_snapshot!(said("name: true\nmodels: m\nprompt: [a]\ncases: tickets.csv\n"), @r#"
    error: name: expected a text, found `true`
     --> suite.yaml:1:7
      |
    1 | name: true
      |       ^^^^
      |
      = help: write it in quotes: "true"

    error: models: expected a list of models, found the text `m`
     --> suite.yaml:2:9
      |
    2 | models: m
      |         ^
      |
      = help: write `[m]`

    error: prompt: expected a text, or a map with `user`, found a list
     --> suite.yaml:3:9
      |
    3 | prompt: [a]
      |         ^^^

    error: cases: expected a list of cases
     --> suite.yaml:4:8
      |
    4 | cases: tickets.csv
      |        ^^^^^^^^^^^
      |
      = help: for cases from a file write `dataset: tickets.csv`

    4 errors
    "#);
}

#[test]
fn a_list_for_a_suite() {
    assert_snapshot!(said("- a\n- b\n"), @r#"
    error: expected a suite as a map, found a list
     --> suite.yaml:1:1
      |
    1 | - a
      | ^^^

    1 error
    "#);
}

#[test]
fn money_durations_and_confidence() {
    assert_snapshot!(said_with("budget: 5 EUR\nconfidence: 95\ndefaults: { timeout: 30, idle_timeout: -3s, deadline: soon }\n"), @r#"
    error: budget: `5 EUR` is not an amount of US dollars
     --> suite.yaml:5:9
      |
    5 | budget: 5 EUR
      |         ^^^^^
      |
      = help: write `$5`, `5.00` or `0.25`

    error: confidence: expected a confidence between 0% and 100%, found `95`
     --> suite.yaml:6:13
      |
    6 | confidence: 95
      |             ^^
      |
      = help: write `95%`

    error: defaults.timeout: `30` has no unit
     --> suite.yaml:7:22
      |
    7 | defaults: { timeout: 30, idle_timeout: -3s, deadline: soon }
      |                      ^^
      |
      = help: write `30s`, `30ms` or `30m`

    error: defaults.idle_timeout: `-3s` is negative
     --> suite.yaml:7:40
      |
    7 | defaults: { timeout: 30, idle_timeout: -3s, deadline: soon }
      |                                        ^^^
      |
      = help: a duration must be longer than zero

    error: defaults.deadline: `soon` is not a duration
     --> suite.yaml:7:55
      |
    7 | defaults: { timeout: 30, idle_timeout: -3s, deadline: soon }
      |                                                       ^^^^
      |
      = help: write for example `60s`, `1m 30s` or `250ms`

    5 errors
    "#);
}

#[test]
fn endpoints() {
    assert_snapshot!(said_with("base_url: ftp://x\napi_key_env: sk-or-v1-abc\nheaders: { Authorization: x, \"b d\": y, X-Team: \"a\\nb\" }\n"), @r#"
    error: base_url: expected an http or https URL, found `ftp:`
     --> suite.yaml:5:11
      |
    5 | base_url: ftp://x
      |           ^^^^^^^
      |
      = help: write for example `http://127.0.0.1:8600/v1`

    error: api_key_env: not the name of an environment variable
     --> suite.yaml:6:14
      |
    6 | api_key_env: sk-or-v1-abc
      |              ^^^^^^^^^^^^
      |
      = help: the key itself is never in a suite: write the variable's name, for example OPENROUTER_API_KEY

    error: headers.Authorization: secrets are never in a suite
     --> suite.yaml:7:12
      |
    7 | headers: { Authorization: x, "b d": y, X-Team: "a\nb" }
      |            ^^^^^^^^^^^^^
      |
      = help: name the variable that holds the key: `api_key_env: NAME`

    error: headers["b d"]: not a header name
     --> suite.yaml:7:30
      |
    7 | headers: { Authorization: x, "b d": y, X-Team: "a\nb" }
      |                              ^^^^^
      |
      = help: letters, digits and `-`

    error: headers.X-Team: not a header value: line breaks and control characters cannot be sent
     --> suite.yaml:7:48
      |
    7 | headers: { Authorization: x, "b d": y, X-Team: "a\nb" }
      |                                                ^^^^^^

    5 errors
    "#);
    assert_snapshot!(said_with("base_url: https://me:secret@host/v1\n"), @r#"
    error: base_url: a URL with a user name or password in it
     --> suite.yaml:5:11
      |
    5 | base_url: https://me:secret@host/v1
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: keys are read from the variable that `api_key_env` names

    1 error
    "#);
    assert_snapshot!(said_with("base_url: https://api.example.com/v1/chat/completions\n"), @r#"
    error: base_url: `/chat/completions` is appended to it
     --> suite.yaml:5:11
      |
    5 | base_url: https://api.example.com/v1/chat/completions
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: end it with `/v1`

    1 error
    "#);
    assert_snapshot!(
        said("name: t\nbase_url: https://gateway.example.com/v1\nmodels:\n  - a\n  - { id: b, base_url: \"https://other.example.com/v1\" }\nprompt: hi\ncases: [{}]\n"),
        @r#"
    warning: there are no graders: every answer counts as a pass
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^
      |
      = help: write for example `graders: [exact]`, with `expect` on each case

    warning: base_url: the key in `OPENROUTER_API_KEY` will be sent to gateway.example.com
     --> suite.yaml:2:11
      |
    2 | base_url: https://gateway.example.com/v1
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: say which key is meant: write `api_key_env: NAME` beside it, or `api_key_env: null` for none

    warning: models[1].base_url: another host than the suite's: no key is sent to it
     --> suite.yaml:5:24
      |
    5 |   - { id: b, base_url: "https://other.example.com/v1" }
      |                        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: write `api_key_env: NAME` beside it, or `api_key_env: null` where none is needed

    3 warnings
    "#
    );
}

#[test]
fn names_that_stand_twice() {
    assert_snapshot!(said("name: t\nmodels: [a, { id: b, name: a }]\nprompt: \"{{ q }}\"\ncases:\n  - { id: x, vars: { q: 1 } }\n  - { id: x, vars: { q: 2 } }\n"), @r#"
    error: models[1].name: a second model named `a`
     --> suite.yaml:2:28
      |
    2 | models: [a, { id: b, name: a }]
      |          - first here      ^
      |
      = help: give one of them another `name`

    error: cases[1].id: a second case with the id `x`
     --> suite.yaml:6:11
      |
    5 |   - { id: x, vars: { q: 1 } }
      |       -- first here
    6 |   - { id: x, vars: { q: 2 } }
      |           ^
      |
      = help: give each case its own `id`, or leave it out

    2 errors
    "#);
}
