//! `env`: declared variables of the environment.

use insta::assert_snapshot;
use serde_json::json;

use super::support::{files, vars};
use crate::suite::load::load_with;
use crate::suite::{LoadOptions, Loaded, Outside};

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
