//! Mistakes in prompts, templates and graders, as they are shown.

use insta::assert_snapshot;

use super::support::{folder, loaded, said, said_with};

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
fn graders_of_one_case_have_labels_of_their_own() {
    let suite = loaded(
        "name: t\nmodels: [m]\nprompt: \"{{ q }}\"\ngraders: [exact, contains, exact]\ncases:\n  - { vars: { q: a }, expect: b }\n  - { vars: { q: c }, expect: d, graders: [contains, exact] }\n",
    )
    .suite;
    let labels = |case: usize| suite.cases[case].graders.graders.iter().map(|g| g.label.as_str()).collect::<Vec<_>>();
    assert_eq!(labels(0), ["exact", "contains", "exact-2"]);
    assert_eq!(labels(1), ["exact", "contains", "exact-2", "contains-2", "exact-3"]);
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
fn gates_from_the_suite_are_kept() {
    let folder = folder("name: t\nmodels: [m]\nprompt: hi\ncases: [{}]\ngates: [\"accuracy >= 90%\"]\n");
    let loaded = folder.load(crate::suite::Overrides::default()).unwrap();
    assert_eq!(loaded.suite.gates[0].text, "accuracy >= 90%");
}
