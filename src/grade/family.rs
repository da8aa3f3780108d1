//! The registry of grader families and how a suite's entry becomes a grader.

use serde_json::{Map, Value};

use crate::text::{closest, excerpt, one_line};

use super::case::BuildContext;
use super::extract::Extract;
use super::options::{self, COMMON, OptionError, OptionErrors};
use super::set::BuiltGrader;
use super::similarity;
use super::types::Grader;
use super::{
    choice, combine, contains, csv, embedding, ends, exact, instructions, json, json_path, json_schema, judge, length,
    math, number, operational, program, regex, tool_call, xml, yaml,
};

/// Makes a grader of its options (the map without those that every grader takes), or tells every mistake in them.
pub type Build = fn(&Value, &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors>;

/// A way of grading that a suite can name.
#[derive(Debug)]
pub struct Family {
    /// What stands under `type`.
    pub name: &'static str,
    /// One line for `--help`, docs and the schema.
    pub about: &'static str,
    /// Builds a grader from its options.
    pub build: Build,
    /// The JSON Schema of its options, without those that every grader takes.
    pub schema: fn() -> Value,
}

/// Every family, in the order of the documentation.
pub const FAMILIES: &[Family] = &[
    exact::FAMILY,
    contains::FAMILY,
    ends::STARTS_WITH,
    ends::ENDS_WITH,
    regex::FAMILY,
    length::FAMILY,
    number::FAMILY,
    math::FAMILY,
    choice::FAMILY,
    json::FAMILY,
    json_schema::FAMILY,
    json_path::FAMILY,
    tool_call::FAMILY,
    xml::FAMILY,
    yaml::FAMILY,
    csv::FAMILY,
    similarity::LEVENSHTEIN,
    similarity::ROUGE,
    similarity::BLEU,
    similarity::CHRF,
    similarity::F1,
    similarity::SQUAD_EM,
    judge::FAMILY,
    embedding::FAMILY,
    program::COMMAND,
    program::CODE,
    instructions::FAMILY,
    operational::LATENCY,
    operational::TTFT,
    operational::COST,
    operational::TOKENS,
    operational::FINISH_REASON,
    operational::REFUSAL,
    combine::ALL,
    combine::ANY,
    combine::NOT,
];

/// What other tools call it, and what to write here; ticks go around the whole.
const ELSEWHERE: &[(&str, &str)] = &[
    ("equals", "exact"),
    ("exact_match", "exact"),
    ("string_check", "exact"),
    ("match", "exact`, `starts_with` or `ends_with"),
    ("quasi_exact_match", "exact` with `ignore_case`, `ignore_punctuation`, `ignore_articles`, `ignore_whitespace"),
    ("answer", "exact` with `extract: { after: \"ANSWER:\" }"),
    ("includes", "contains"),
    ("icontains", "contains` with `ignore_case: true"),
    ("contains_any", "contains` with `any: […]"),
    ("contains_all", "contains` with `all: […]"),
    ("icontains_any", "contains` with `any: […], ignore_case: true"),
    ("icontains_all", "contains` with `all: […], ignore_case: true"),
    ("begins_with", "starts_with"),
    ("prefix", "starts_with"),
    ("suffix", "ends_with"),
    ("pattern", "regex"),
    ("word_count", "length` with `unit: words"),
    ("sentence_count", "length` with `unit: sentences"),
    ("character_count", "length"),
    ("char_count", "length"),
    ("max_length", "length` with `max: 100"),
    ("min_length", "length` with `min: 100"),
    ("numeric", "number"),
    ("math_verify", "math"),
    ("math_equal", "math"),
    ("math_equivalence", "math"),
    ("latex", "math"),
    ("sympy", "math"),
    ("multiple_choice_multiple_answer", "choice` with `multiple: true"),
    ("multiple_answer", "choice` with `multiple: true"),
    ("multi_select", "choice` with `multiple: true"),
    ("multiple_choice", "choice"),
    ("mcq", "choice"),
    ("acc", "choice"),
    ("ifeval", "instructions"),
    ("instruction_following", "instructions"),
    ("is_json", "json` with `mode: valid"),
    ("contains_json", "json` with `mode: valid"),
    ("response_time", "latency"),
    ("duration", "latency"),
    ("time_to_first_token", "ttft"),
    ("price", "cost"),
    ("token_count", "tokens"),
    ("max_tokens", "tokens` with `max: 500"),
    ("stop_reason", "finish_reason"),
    ("is_refusal", "refusal"),
    ("assert_set", "all"),
    ("multi_scorer", "all"),
    ("multi", "all` with `threshold: 0.8"),
    ("and", "all"),
    ("or", "any"),
    ("none", "any` with `not: true"),
    ("llm_rubric", "judge"),
    ("similar", "embedding"),
    ("cosine", "embedding"),
    ("g_eval", "judge"),
    ("geval", "judge"),
    ("factuality", "judge` with `reference: true"),
    ("model_graded_qa", "judge"),
    ("model_graded_fact", "judge` with `reference: true"),
    ("model_graded_closedqa", "judge"),
    ("model_graded_factuality", "judge` with `reference: true"),
    ("llm_judge", "judge"),
    ("json_match", "json"),
    ("json_equals", "json"),
    ("json_subset", "json` with `mode: subset"),
    ("jsonschema", "json_schema"),
    ("schema", "json_schema"),
    ("jsonpath", "json_path"),
    ("jmespath", "json_path"),
    ("is_xml", "xml"),
    ("contains_xml", "xml"),
    ("is_yaml", "yaml"),
    ("is_csv", "csv"),
    ("tool_calls", "tool_call"),
    ("tool_called", "tool_call"),
    ("tool_call_f1", "tool_call"),
    ("function_call", "tool_call"),
    ("is_valid_openai_tools_call", "tool_call"),
    ("is_valid_openai_function_call", "tool_call"),
    ("edit_distance", "levenshtein` with `max_distance: …"),
    ("levenshtein_distance", "levenshtein` with `max_distance: …"),
    ("string_distance", "levenshtein"),
    ("fuzzy", "levenshtein"),
    ("fuzzy_match", "levenshtein"),
    ("wer", "levenshtein` with `unit: words"),
    ("word_error_rate", "levenshtein` with `unit: words"),
    ("rouge_n", "rouge` with `variant: rouge1"),
    ("rouge_1", "rouge` with `variant: rouge1"),
    ("rouge1", "rouge` with `variant: rouge1"),
    ("rouge_2", "rouge` with `variant: rouge2"),
    ("rouge2", "rouge` with `variant: rouge2"),
    ("rouge_l", "rouge` with `variant: rougeL"),
    ("rougel", "rouge` with `variant: rougeL"),
    ("rouge_lsum", "rouge` with `variant: rougeLsum"),
    ("rougelsum", "rouge` with `variant: rougeLsum"),
    ("sacrebleu", "bleu"),
    ("sentence_bleu", "bleu"),
    ("chrf2", "chrf"),
    ("chrf++", "chrf` with `word_order: 2"),
    ("chrf_pp", "chrf` with `word_order: 2"),
    ("f1_score", "f1"),
    ("f_score", "f1"),
    ("token_f1", "f1"),
    ("squad_f1", "f1"),
    ("squad", "squad_em` or `f1"),
    ("em", "squad_em"),
    // No equivalent: what comes closest.
    ("gleu", "bleu` or `chrf"),
    ("ter", "levenshtein` with `unit: words"),
    ("meteor", "rouge` with `stemmer: true` or `chrf"),
    ("bert_score", "embedding"),
    ("bertscore", "embedding"),
    ("exec", "command"),
    ("external", "command"),
    ("python", "command` with `run: [python3, grade.py]"),
    ("javascript", "command` with `run: [node, grade.js]"),
    ("humaneval", "code"),
    ("human_eval", "code"),
    ("mbpp", "code"),
    ("code_eval", "code"),
];

/// What other tools have and this one does not, and why.
const NOWHERE: &[(&[&str], &str)] = &[(
    &[
        "perplexity",
        "perplexity_score",
        "word_perplexity",
        "byte_perplexity",
        "bits_per_byte",
        "log_likelihood",
        "acc_norm",
        "mc1",
        "mc2",
        "brier_score",
    ],
    "there is no such grader here: it needs the log probabilities of given tokens, which chat endpoints do not tell",
)];

/// Builds a grader from a suite's entry: a string, or a map with `type`.
///
/// # Errors
/// Every mistake with its path inside the entry.
pub fn build(entry: &Value, context: &BuildContext<'_>) -> Result<BuiltGrader, OptionErrors> {
    match entry {
        Value::String(name) => {
            let grader = (family(name, "")?.build)(&Value::Object(Map::new()), context)?;
            Ok(BuiltGrader::new(name, grader))
        }
        Value::Object(map) => from_map(map.clone(), context),
        other => Err(OptionError {
            path: String::new(),
            message: format!("a grader is a name or a map with `type`, not {}", options::noun(other)),
            hint: Some("write for example `exact` or `{ type: contains, value: … }`".to_owned()),
        }
        .into()),
    }
}

fn from_map(mut map: Map<String, Value>, context: &BuildContext<'_>) -> Result<BuiltGrader, OptionErrors> {
    let Some(kind) = map.shift_remove("type") else {
        let meant = map.keys().find(|key| FAMILIES.iter().any(|family| family.name == *key));
        return Err(OptionError {
            path: String::new(),
            message: "a grader needs a `type`".to_owned(),
            hint: Some(match meant {
                Some(name) => format!("write `{{ type: {name}, … }}`, with the options beside it"),
                None => format!("add `type`: {}", names()),
            }),
        }
        .into());
    };
    let Value::String(kind) = kind else {
        return Err(OptionError {
            path: "type".to_owned(),
            message: format!("a grader's `type` is a name, not {}", options::noun(&kind)),
            hint: Some(format!("one of {}", names())),
        }
        .into());
    };
    let family = family(&kind, "type")?;
    let extract = map.shift_remove("extract").map(|option| Extract::read(&option).map_err(|e| e.within("extract")));
    let common = options::take::<options::Common>(&mut map, COMMON);
    let common = options::both(common, extract.transpose());
    let ((common, extract), grader) = options::both(common, (family.build)(&Value::Object(map), context))?;
    if extract.is_some() && !grader.reads_text() {
        let message = format!("`{kind}` does not look at the answer's text: there is nothing to extract for it");
        return Err(OptionError::at("extract", message, Some("leave it out")).into());
    }
    let options::Common { name, not, weight } = common;
    Ok(BuiltGrader { label: name.map_or(kind, |name| name.0), not, weight: weight.0, extract, grader })
}

fn family(name: &str, path: &str) -> Result<&'static Family, OptionError> {
    if let Some(family) = FAMILIES.iter().find(|family| family.name == name) {
        return Ok(family);
    }
    Err(OptionError {
        path: path.to_owned(),
        message: format!("unknown grader `{}`", one_line(&excerpt(name, 60))),
        hint: Some(hint_for(name)),
    })
}

/// What was meant by a name that is none.
fn hint_for(name: &str) -> String {
    let plain = name.to_lowercase().replace(['-', ' '], "_");
    if let Some((_, why)) = NOWHERE.iter().find(|(theirs, _)| theirs.contains(&plain.as_str())) {
        return (*why).to_owned();
    }
    let known = |name: &str| {
        let ours = FAMILIES.iter().map(|family| family.name).find(|ours| *ours == name);
        ours.or_else(|| ELSEWHERE.iter().find(|(theirs, _)| *theirs == name).map(|(_, ours)| *ours))
    };
    let near = || closest(name, FAMILIES.iter().map(|family| family.name));
    if let Some(meant) = known(&plain) {
        return format!("did you mean `{}`?", meant.trim_end_matches('`'));
    }
    // As promptfoo negates: `not-icontains`.
    if let Some(meant) = plain.strip_prefix("not_").and_then(known) {
        return format!("did you mean `{}`, with `not: true`?", meant.trim_end_matches('`'));
    }
    near().map_or_else(|| format!("the graders are {}", names()), |meant| format!("did you mean `{meant}`?"))
}

fn names() -> String {
    FAMILIES.iter().map(|family| format!("`{}`", family.name)).collect::<Vec<_>>().join(", ")
}
