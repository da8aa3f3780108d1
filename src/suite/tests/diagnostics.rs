//! Every kind of mistake, as it is shown.

use insta::assert_snapshot;

use super::support::{folder, said, said_with};

#[test]
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
    error: repeat: this key stands here twice
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
    error: cases[0].vars.q: this key stands here twice
     --> suite.yaml:7:7
      |
    6 |       q: a
      |       - first here
    7 |       q: b
      |       ^

    error: cases[1].vars: this key stands here twice
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
fn wrong_types() {
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

#[test]
fn undefined_variables_name_the_case() {
    assert_snapshot!(
        said("name: t\nmodels: [m]\nprompts:\n  - |\n    Hello.\n    {{ tickt }} {{ ticket }}\n  - user: \"é {{ ticket.boddy }}{% if lang %}x{% endif %}\"\ncases:\n  - { id: one, vars: { ticket: { body: x } } }\n  - { id: two, vars: { ticket: { body: y }, lang: de } }\n  - { id: three, vars: { ticket: 5 }, expect: \"{{ nope }}\", graders: [exact] }\n"),
        @r#"
    error: prompts[0]: `tickt` is undefined in case `one` and 1 more case
     --> suite.yaml:6:8
      |
    6 |     {{ tickt }} {{ ticket }}
      |        ^^^^^
      |
      = help: did you mean `ticket`?

    error: prompts[1].user: `ticket.boddy` is undefined in case `one` and 1 more case
     --> suite.yaml:7:17
      |
    7 |   - user: "é {{ ticket.boddy }}{% if lang %}x{% endif %}"
      |                 ^^^^^^^^^^^^
      |
      = help: did you mean `ticket.body`?

    error: cases[2].expect: `nope` is undefined in case `three`
      --> suite.yaml:11:51
       |
    11 |   - { id: three, vars: { ticket: 5 }, expect: "{{ nope }}", graders: [exact] }
       |                                                   ^^^^
       |
       = help: the only variable is `ticket`

    3 errors
    "#
    );
}

#[test]
fn template_syntax() {
    assert_snapshot!(said("name: t\nmodels: [m]\nprompts:\n  - \"a {{ x }\"\n  - 'it''s {{ q | uper }}'\n  - >-\n    folded\n    text {% if q %} x\n  - user: \"{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}\"\ncases: [{ id: one, vars: { q: a } }]\n"), @r#"
    error: prompts[0]: template syntax: unexpected `}`, expected end of variable block
     --> suite.yaml:4:13
      |
    4 |   - "a {{ x }"
      |             ^
      |
      = help: a variable is written `{{ name }}`

    error: prompts[1]: filter `uper` is unknown in case `one`
     --> suite.yaml:5:19
      |
    5 |   - 'it''s {{ q | uper }}'
      |                   ^^^^
      |
      = help: did you mean `upper`?

    error: prompts[2]: template syntax: unexpected end of input, expected end of block
     --> suite.yaml:8:20
      |
    8 |     text {% if q %} x
      |                    ^^
      |
      = help: a block ends with its own tag: `{% if x %}…{% endif %}`, `{% for x in y %}…{% endfor %}`

    error: prompts[3].user: takes too many steps to render in case `one`
     --> suite.yaml:9:11
      |
    9 |   - user: "{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}"
      |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    4 errors
    "#);
}

#[test]
fn graders_and_expectations() {
    assert_snapshot!(
        said("name: t\nmodels: [m]\nprompt: \"{{ q }}\"\ngraders: [exat, { type: exact, any: [a, 5] }]\ncases: [{ vars: { q: a }, graders: [[x]] }]\n"),
        @r#"
    error: graders[0]: unknown grader
     --> suite.yaml:4:11
      |
    4 | graders: [exat, { type: exact, any: [a, 5] }]
      |           ^^^^
      |
      = help: did you mean `exact`?

    error: graders[1].any[1]: expected a text
     --> suite.yaml:4:41
      |
    4 | graders: [exat, { type: exact, any: [a, 5] }]
      |                                         ^

    error: cases[0].graders[0]: expected a grader's name or a map with `type`, found a list
     --> suite.yaml:5:37
      |
    5 | cases: [{ vars: { q: a }, graders: [[x]] }]
      |                                     ^^^

    3 errors
    "#
    );
    assert_snapshot!(said_with("graders: [exact]\n"), @r#"
    error: cases[0]: grader `exact`: needs an expectation to compare with
     --> suite.yaml:4:9
      |
    4 | cases: [{ vars: { q: hi } }]
      |         ^^^^^^^^^^^^^^^^^^^
      |
      = help: give the case an `expect` this grader can work with

    1 error
    "#);
    assert_snapshot!(
        said("name: t\nmodels: [m]\nprompt: \"{{ q }}\"\ncases:\n  - { id: one, vars: { q: a }, expect: b }\n  - { id: two, vars: { q: a }, expect: b, graders: [number] }\n"),
        @r#"
    error: cases[0].expect: case `one`: nothing compares with this: there are no graders
     --> suite.yaml:5:40
      |
    5 |   - { id: one, vars: { q: a }, expect: b }
      |                                        ^
      |
      = help: write `graders: [exact]` for the suite, or `graders` on the case

    error: cases[1].expect: case `two`: grader `number`: expects a number
     --> suite.yaml:6:40
      |
    6 |   - { id: two, vars: { q: a }, expect: b, graders: [number] }
      |                                        ^
      |
      = help: give the case an `expect` this grader can work with

    2 errors
    "#
    );
}

#[test]
fn graders_that_are_missing() {
    assert_snapshot!(said_with(""), @r#"
    warning: there are no graders: every answer counts as a pass
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^
      |
      = help: write for example `graders: [exact]`, with `expect` on each case

    1 warning
    "#);
    assert_snapshot!(said("name: t\nmodels: [m]\nprompt: hi\ncases: [{ expect: a, graders: [exact] }, {}]\n"), @r#"
    warning: 1 of 2 cases have no grader: every answer to them counts as a pass
     --> suite.yaml:1:1
      |
    1 | name: t
      | ^^^^^^^
      |
      = help: write for example `graders: [exact]`, with `expect` on each case

    warning: prompt: this prompt uses no variable: every case asks the same
     --> suite.yaml:3:9
      |
    3 | prompt: hi
      |         ^^
      |
      = help: insert a variable: `{{ name }}`

    2 warnings
    "#);
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
    error: the suite is empty
     |
     = help: a suite needs `name`, `models`, `prompt` and `cases`

    1 error
    "#);
    assert_snapshot!(said("# only a comment\n"), @r#"
    error: the suite is empty
     |
     = help: a suite needs `name`, `models`, `prompt` and `cases`

    1 error
    "#);
}

#[test]
fn prompts() {
    assert_snapshot!(said("name: t\nmodels: [m]\nprompt: a\nprompts: [b]\ncases: [{}]\n"), @r#"
    error: prompt: `prompt` and `prompts` both are given
     --> suite.yaml:3:1
      |
    3 | prompt: a
      | ^^^^^^
    4 | prompts: [b]
      | ------- the other one
      |
      = help: `prompt` is short for one entry of `prompts`: write all of them there

    1 error
    "#);
    assert_snapshot!(
        said("name: t\nmodels: [m]\nprompts:\n  - { id: a, messages: [{ role: user }, { content: x }, x], user: y }\n  - { id: b }\n  - messages:\n      - role: user\n        content:\n          - { text: hi }\n          - { type: image_url, image_url: { url: cat.png } }\ncases: [{}]\n"),
        @r#"
    error: prompts[0].messages: `messages` stands beside `system` or `user`
     --> suite.yaml:4:14
      |
    4 |   - { id: a, messages: [{ role: user }, { content: x }, x], user: y }
      |              ^^^^^^^^                                       ---- the other one
      |
      = help: write all messages under `messages`

    error: prompts[0].messages[0]: a message without `content`
     --> suite.yaml:4:25
      |
    4 |   - { id: a, messages: [{ role: user }, { content: x }, x], user: y }
      |                         ^^^^^^^^^^^^^^
      |
      = help: write `content: "{{ question }}"`

    error: prompts[0].messages[1]: a message without `role`
     --> suite.yaml:4:41
      |
    4 |   - { id: a, messages: [{ role: user }, { content: x }, x], user: y }
      |                                         ^^^^^^^^^^^^^^
      |
      = help: `system`, `user`, `assistant` or `tool`

    error: prompts[0].messages[2]: expected a message as a map with `role` and `content`, found the text `x`
     --> suite.yaml:4:57
      |
    4 |   - { id: a, messages: [{ role: user }, { content: x }, x], user: y }
      |                                                         ^

    error: prompts[1]: `user` is missing
     --> suite.yaml:5:5
      |
    5 |   - { id: b }
      |     ^^^^^^^^^
      |
      = help: write `user: "{{ question }}"`, or the whole list under `messages`

    error: prompts[2].messages[0].content[0]: a part without `type`
     --> suite.yaml:9:13
      |
    9 |           - { text: hi }
      |             ^^^^^^^^^^^^
      |
      = help: for example `type: text`

    error: prompts[2].messages[0].content[1].image_url.url: there is no file `cat.png`
      --> suite.yaml:10:50
       |
    10 |           - { type: image_url, image_url: { url: cat.png } }
       |                                                  ^^^^^^^
       |
       = help: paths are relative to the suite file

    7 errors
    "#
    );
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
    error: the suite is not UTF-8 (byte 0xe9 at offset 20)
     --> suite.yaml:2:13
      |
    2 | models: [caf�]
      |             ^
      |
      = help: save it as UTF-8

    1 error
    "#);
    assert_snapshot!(said(b"\xff\xfen\0a\0"), @r#"
    error: the suite is not UTF-8 (byte 0xff at offset 0)
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
fn gates_from_the_suite_are_kept() {
    let folder = folder("name: t\nmodels: [m]\nprompt: hi\ncases: [{}]\ngates: [\"accuracy >= 90%\"]\n");
    let loaded = folder.load(crate::suite::Overrides::default()).unwrap();
    assert_eq!(loaded.suite.gates[0].text, "accuracy >= 90%");
}

#[test]
fn datasets() {
    let suite = |dataset: &str| {
        format!("name: t\nmodels: [m]\nprompt: \"{{{{ body }}}}\"\ngraders: [exact]\ndataset: {dataset}\n")
    };
    let said = |dataset: &str, name: &str, content: &[u8]| folder(suite(dataset)).with(name, content).said();
    assert_snapshot!(said("t.csv", "t.csv", b"id,body,team\n1,hi\n2,\"a\nb\",x\n3,caf\xe9,y\n"), @r#"
    error: dataset: row 1 of t.csv: 2 fields where the header has 3
     --> t.csv:2:1
      |
    2 | 1,hi
      | ^^^^
      |
      = help: put a field that holds the separator or a line break in double quotes

    error: dataset: row 3 of t.csv: column `body` is not UTF-8 at byte 4: save the file as UTF-8
     --> t.csv:5:1
      |
    5 | 3,caf�,y
      | ^^^^^^^^

    error: dataset: row 2 of t.csv: grader `exact`: needs an expectation to compare with
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^
      |
      = help: map a column to `expect` beside `path`

    3 errors
    "#);
    assert_snapshot!(said("{ path: t.csv, vars: { body: \"{{ bdy }}\" }, expect: \"{{ team }}\" }", "t.csv", b"body,team\nhi,a\nho,b\n"), @r#"
    error: dataset.vars.body: `bdy` is undefined in row 1 of t.csv and 1 more row
     --> suite.yaml:5:43
      |
    5 | dataset: { path: t.csv, vars: { body: "{{ bdy }}" }, expect: "{{ team }}" }
      |                                           ^^^
      |
      = help: did you mean `body`?

    1 error
    "#);
    assert_snapshot!(said("t.csv", "t.csv", b"body,Answer\nhi,a\nho,b\n"), @r#"
    error: dataset: row 1 of t.csv and 1 more row: grader `exact`: needs an expectation to compare with
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^
      |
      = help: to compare with a column, write beside `path`: `expect: "{{ Answer }}"`

    1 error
    "#);
    assert_snapshot!(said("t.jsonl", "t.jsonl", b"{\"body\": 1}\n{\"body\": \n\n[1]\n\"x\"\n"), @r#"
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
    assert_snapshot!(said("t.json", "t.json", b"{\"body\": 1}"), @r#"
    error: dataset: expected an array of objects, found one object
     --> t.json:1:1
      |
    1 | {"body": 1}
      | ^^^^^^^^^^^
      |
      = help: write `[{...}, {...}]`; for one object a line, name the file .jsonl

    1 error
    "#);
    assert_snapshot!(said("t.json", "t.json", b"[{\"body\": 1}, 5,\n {\"body\" 2}]"), @r#"
    error: dataset: row 2 of t.json: expected a JSON object, found a plain value
     --> suite.yaml:5:10
      |
    5 | dataset: t.json
      |          ^^^^^^

    error: dataset: not JSON: expected `:`
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
    assert_snapshot!(said("t.yaml", "t.yaml", b"- body: a\n- x\n- { body: a, body: b }\n"), @r#"
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

    error: [2].body: this key stands here twice
     --> t.yaml:3:14
      |
    3 | - { body: a, body: b }
      |     ----     ^^^^
      |     |
      |     first here

    3 errors
    "#);
    assert_snapshot!(said("t.yml", "t.yml", b"- body: a\n\t- x\n"), @r#"
    error: dataset: not YAML: a tab is used for indentation
     --> t.yml:2:1
      |
    2 |     - x
      | ^^^^^^^
      |
      = help: YAML allows only spaces there

    1 error
    "#);
    assert_snapshot!(said("t.csv", "t.csv", b""), @r#"
    error: dataset: an empty file, or a first row without column names
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^
      |
      = help: the first row names the columns

    1 error
    "#);
    assert_snapshot!(said("t.csv", "t.csv", b"body,body\n"), @r#"
    error: dataset: two columns are named `body`
     --> t.csv:1:1
      |
    1 | body,body
      | ^^^^^^^^^

    1 error
    "#);
    assert_snapshot!(said("t.csv", "t.csv", b"body\n"), @r#"
    error: dataset: t.csv holds no rows
     --> suite.yaml:5:10
      |
    5 | dataset: t.csv
      |          ^^^^^

    1 error
    "#);
    assert_snapshot!(said("t.tsv", "other.tsv", b""), @r#"
    error: dataset: there is no file `t.tsv`
     --> suite.yaml:5:10
      |
    5 | dataset: t.tsv
      |          ^^^^^
      |
      = help: paths are relative to the suite file

    1 error
    "#);
    assert_snapshot!(said("[t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, \"\"]", "x", b""), @r#"
    error: dataset[0]: Parquet files cannot be read yet
     --> suite.yaml:5:11
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |           ^^^^^^^^^
      |
      = help: convert it to .jsonl or .csv

    error: dataset[1]: a dataset's format is told by its name's ending
     --> suite.yaml:5:22
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                      ^^^^^^^^^
      |
      = help: name it .csv, .tsv, .jsonl, .json, .yaml or .yml

    error: dataset[2].path: a dataset's format is told by its name's ending
     --> suite.yaml:5:41
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                         ^
      |
      = help: name it .csv, .tsv, .jsonl, .json, .yaml or .yml

    error: dataset[3]: `path` is missing
     --> suite.yaml:5:46
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^

    error: dataset[3].pth: unknown key
     --> suite.yaml:5:48
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                ^^^
      |
      = help: did you mean `path`?

    error: dataset[3].limit: must be at least 1
     --> suite.yaml:5:63
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                               ^
      |
      = help: leave it out to read every row

    error: dataset[3].shuffle: expected a whole number as seed, found the text `yes`
     --> suite.yaml:5:75
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                                           ^^^
      |
      = help: write for example `shuffle: 42`

    error: dataset[4]: expected a text, found an empty one
     --> suite.yaml:5:82
      |
    5 | dataset: [t.parquet, notes.txt, { path: . }, { pth: x, limit: 0, shuffle: yes }, ""]
      |                                                                                  ^^

    8 errors
    "#);
    assert_snapshot!(said("{ path: t.csv, id: \"{{ id }}\", expect: x }", "t.csv", b"id,body\na,1\na,2\nb,3\na,4\n"), @r#"
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
