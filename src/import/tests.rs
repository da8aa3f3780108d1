//! Damaged and odd configs: no panic, and whatever comes out is YAML.

use proptest::prelude::*;

use super::{Files, Kind, Request, import};

/// Files that hold whatever stands in their name.
struct Echo;

impl Files for Echo {
    fn read(&self, path: &str) -> Result<String, String> {
        match path.rsplit('.').next() {
            Some("csv") => Ok("q,__expected\na,contains: b\n".to_owned()),
            Some("json") => Ok("[{\"role\": \"user\", \"content\": \"{{ q }}\"}]".to_owned()),
            Some("yaml") => Ok("tests: [{vars: {q: file://x.yaml}}]\ninclude: x.yaml".to_owned()),
            _ => Err(format!("there is no file `{path}`")),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.read(path).is_ok()
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        vec![pattern.replace('*', "a")]
    }
}

const CONFIGS: [&str; 5] = [
    include_str!("../../tests/it/import/promptfoo/promptfooconfig.yaml"),
    include_str!("../../tests/it/import/promptfoo/graded_table.yaml"),
    include_str!("../../tests/it/import/openai_evals/registry/evals/capitals.yaml"),
    include_str!("../../tests/it/import/lm_eval/sums.yaml"),
    include_str!("../../tests/it/import/lm_eval/colours.yaml"),
];

const KEYS: [&str; 18] = [
    "prompts",
    "providers",
    "tests",
    "defaultTest",
    "scenarios",
    "evaluateOptions",
    "env",
    "task",
    "doc_to_text",
    "doc_to_choice",
    "doc_to_target",
    "dataset_path",
    "metric_list",
    "filter_list",
    "generation_kwargs",
    "include",
    "num_fewshot",
    "x.v0",
];

const VALUES: [&str; 22] = [
    "null",
    "3",
    "-1.5e9",
    "x",
    "'{{ a }}'",
    "'{{'",
    "[]",
    "{}",
    "[[]]",
    "[{}]",
    "[{id: {}}]",
    "file://x.yaml",
    "file://x.csv",
    "'file://*.json'",
    "!function a.b",
    "[{vars: 3, assert: x}]",
    "[{assert: [3, {type: x}, {}]}]",
    "{class: 'a:Match', args: {samples_jsonl: 3}}",
    "[{vars: {a: [1, 2], b: '{{ a }}'}, assert: [{type: contains, value: '{{ b }}'}]}]",
    "[{config: [{vars: {a: 1}}], tests: x.csv}]",
    "[{metric: f1}, {function: regex, regex_pattern: '('}]",
    "{a: {b: [c, {d: e}]}}",
];

fn tried(text: &str, kind: Option<Kind>) {
    let request = Request { text, path: "c.yaml", name: "c", kind, prefix: "../", files: &Echo };
    if let Ok(imported) = import(&request) {
        let read = serde_yaml::from_str::<serde_yaml::Value>(&imported.yaml);
        assert!(read.is_ok(), "{}\n{}", read.unwrap_err(), imported.yaml);
        assert!(imported.tally.understood() <= imported.tally.all());
    }
}

proptest! {
    #[test]
    fn damaged_configs_never_panic(
        which in 0..CONFIGS.len(),
        cuts in prop::collection::vec((0.0..1.0_f64, 0.0..0.1_f64, "[\\[\\]{}:,&*!'\"|> a-z0-9%#\n-]{0,6}"), 1..5),
    ) {
        let mut text = CONFIGS[which].to_owned();
        for (at, length, with) in cuts {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a short text")]
            let point = |share: f64| (share * text.len() as f64) as usize;
            let start = text.floor_char_boundary(point(at));
            let end = text.floor_char_boundary((start + point(length)).min(text.len()));
            text.replace_range(start..end.max(start), &with);
        }
        tried(&text, None);
        for kind in Kind::ALL {
            tried(&text, Some(kind));
        }
    }

    #[test]
    fn odd_values_in_known_keys_never_panic(
        key in prop::sample::select(KEYS.to_vec()),
        value in prop::sample::select(VALUES.to_vec()),
        other in prop::sample::select(vec!["prompts: [a]", "tests: [{vars: {q: 1}}]", "doc_to_text: q"]),
    ) {
        for kind in Kind::ALL {
            tried(&format!("{other}\n{key}2: 1\n{key}: {value}\n"), Some(kind));
        }
    }
}
