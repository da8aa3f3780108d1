//! The options of `judge` as they are written, and checked.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

use crate::grade::options::{self, Literal, OptionError, OptionErrors, Text, Texts, noun};
use crate::text::one_line;

use super::scale::Scale;
use super::settings::{Panel, Reference, Settings};
use super::template::Template;

/// The tokens a judge may use, its reasoning included, where its settings say nothing.
const MAX_TOKENS: u32 = 4096;

/// The characters sent of each text, where `max_chars` says nothing: about 12,000 tokens.
const MAX_CHARS: usize = 50_000;

/// The most judges of a panel.
const MOST_MODELS: usize = 20;

/// The most samples of a judge.
const MOST_SAMPLES: u32 = 20;

/// As written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("oneOf" = [{"required": ["model"]}, {"required": ["models"]}]))]
struct Options {
    /// Who judges: a name under `judges`, or a model id.
    #[schemars(with = "options::checked::Filled")]
    model: Option<Text>,
    /// A panel of judges.
    #[schemars(with = "options::checked::AllFilled", extend("maxItems" = MOST_MODELS))]
    models: Option<Texts>,
    /// The criterion, a template; of a list all count. Without it answers are compared with `expect`.
    #[schemars(with = "options::checked::AllFilled")]
    rubric: Option<Texts>,
    /// What a judge may say: `pass/fail`; a range `1-5` or `[1, 10]`; or names with their scores from 0 to 1.
    #[schemars(schema_with = "scale_schema")]
    scale: Literal,
    /// The lowest that passes, in the scale's own unit, or a share such as `70%`; the middle if left out.
    #[schemars(extend("type" = ["number", "string"]))]
    threshold: Literal,
    /// How several votes become a verdict; `majority` if left out.
    panel: Option<Panel>,
    /// `true` shows the judge the case's `expect`, a text (a template) shows that. Without a rubric it is `true`.
    #[schemars(schema_with = "reference_schema")]
    reference: Literal,
    /// A template in place of the usual message; it names `{{ answer }}`.
    #[schemars(extend("type" = "string", "pattern" = r"\banswer\b"))]
    prompt: Option<Text>,
    /// How often each model is asked, 1 if left out; every sample is a vote.
    #[schemars(range(min = 1, max = MOST_SAMPLES))]
    samples: Option<u32>,
    /// Sent as it is; 0, or 1 with several `samples`, if left out.
    #[schemars(range(min = 0, max = 2))]
    temperature: Option<f64>,
    /// Sent as it is, 4096 if left out; the judge's reasoning counts, too.
    #[schemars(range(min = 16))]
    max_tokens: Option<u32>,
    /// The characters sent of each text, 50,000 if left out.
    #[schemars(range(min = 100))]
    max_chars: Option<usize>,
}

/// The schema of `scale`.
fn scale_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "array", "object"],
        "pattern": r"^\s*(?:[pP][aA][sS][sS][/_-][fF][aA][iI][lL]|[bB][iI][nN][aA][rR][yY]|-?\d+(?:\.\d+)?\s*(?:-|–|—|\.\.|to)\s*-?\d+(?:\.\d+)?)\s*$",
        "items": {"type": "number", "exclusiveMinimum": -1e9, "exclusiveMaximum": 1e9},
        "minItems": 2,
        "maxItems": 2,
        "minProperties": 2,
        "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
        "examples": ["pass/fail", "1-5", {"good": 1, "fair": 0.5, "poor": 0}],
    })
}

/// The schema of `reference`.
pub(super) fn reference_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["boolean", "string"], "pattern": options::FILLED_PATTERN})
}

/// The schema of all of them.
pub(super) fn schema() -> Value {
    options::schema::<Options>()
}

/// Reads and checks the options.
///
/// # Errors
/// Every mistake.
pub(super) fn read(written: &Value) -> Result<Settings, OptionErrors> {
    let options: Options = options::read(written)?;
    let mut errors = Vec::new();
    let models = models(&options, &mut errors);
    let scale = match &options.scale.0 {
        None => Some(Scale::PassFail),
        Some(written) => Scale::parse(written).map_err(|wrong| errors.extend(wrong)).ok(),
    };
    let threshold = scale.as_ref().and_then(|scale| {
        let pointless = *scale == Scale::PassFail && options.panel != Some(Panel::Mean);
        if options.threshold.0.is_some() && pointless {
            errors.push(OptionError::at(
                "threshold",
                "there is no score to reach where judges say pass or fail",
                Some("add a `scale` such as `1-5`, or `panel: mean` for a share of the judges"),
            ));
            return None;
        }
        scale.threshold(options.threshold.0.as_ref()).map_err(|wrong| errors.push(wrong)).ok()
    });
    let rubric = rubric(&options, &mut errors);
    let reference = reference(&options, &mut errors);
    let prompt = prompt(&options, &mut errors);
    let samples = options.samples.unwrap_or(1);
    check_numbers(&options, &mut errors);
    match (scale, threshold) {
        (Some(scale), Some(threshold)) if errors.is_empty() => Ok(Settings {
            listed: options.models.is_some(),
            models,
            rubric,
            scale,
            threshold,
            panel: options.panel.unwrap_or_default(),
            reference,
            prompt,
            samples,
            // Asked the same at temperature 0, a model says the same.
            temperature: options.temperature.unwrap_or(if samples > 1 { 1.0 } else { 0.0 }),
            max_tokens: options.max_tokens.unwrap_or(MAX_TOKENS),
            max_chars: options.max_chars.unwrap_or(MAX_CHARS),
        }),
        _ => Err(OptionErrors(errors)),
    }
}

/// The models, each once.
fn models(options: &Options, errors: &mut Vec<OptionError>) -> Vec<String> {
    let (key, names): (&str, Vec<&str>) = match (&options.model, &options.models) {
        (Some(_), Some(_)) => {
            let hint = "`model` is one judge, `models` is a panel";
            errors.push(OptionError::at("models", "stands beside `model`", Some(hint)));
            return Vec::new();
        }
        (None, None) => {
            errors.push(OptionError {
                path: String::new(),
                message: "`judge` needs a `model` to ask".to_owned(),
                hint: Some("add `model: openai/gpt-4o-mini`, or a name under the suite's `judges`".to_owned()),
            });
            return Vec::new();
        }
        (Some(Text(name)), None) => ("model", vec![name]),
        (None, Some(Texts(names))) => ("models", names.iter().map(|name| name.0.as_str()).collect()),
    };
    if names.len() > MOST_MODELS {
        errors.push(OptionError::at("models", format!("a panel has at most {MOST_MODELS} judges"), None));
    }
    for (index, name) in names.iter().enumerate() {
        let path = if key == "model" { key.to_owned() } else { format!("{key}[{index}]") };
        if name.trim().is_empty() {
            errors.push(OptionError::at(&path, "a model's name is not empty", None));
        } else if names[..index].contains(name) {
            let message = format!("`{}` is there twice", one_line(name));
            errors.push(OptionError::at(&path, message, Some("to ask a model several times, use `samples`")));
        }
    }
    names.into_iter().map(str::to_owned).collect()
}

fn rubric(options: &Options, errors: &mut Vec<OptionError>) -> Vec<Template> {
    let Some(Texts(texts)) = &options.rubric else { return Vec::new() };
    let mut templates = Vec::new();
    for (index, Text(text)) in texts.iter().enumerate() {
        let path = if texts.len() == 1 { "rubric".to_owned() } else { format!("rubric[{index}]") };
        if text.trim().is_empty() {
            let hint = "say what a good answer does; or leave it out to compare with `expect`";
            errors.push(OptionError::at(&path, "a rubric is not empty", Some(hint)));
            continue;
        }
        match Template::new(text) {
            Ok(template) => templates.push(template),
            Err(wrong) => errors.push(OptionError::at(&path, wrong, None)),
        }
    }
    templates
}

fn reference(options: &Options, errors: &mut Vec<OptionError>) -> Reference {
    let judged_by_rubric = options.rubric.is_some();
    match &options.reference.0 {
        None if judged_by_rubric => Reference::None,
        None | Some(Value::Bool(true)) => Reference::Expect,
        Some(Value::Bool(false)) => {
            if !judged_by_rubric {
                let hint = "add a `rubric`, or leave `reference` out to compare with the case's `expect`";
                errors.push(OptionError::at("reference", "leaves nothing to judge by", Some(hint)));
            }
            Reference::None
        }
        Some(Value::String(text)) if text.trim().is_empty() => {
            errors.push(OptionError::at("reference", "a reference answer is not empty", None));
            Reference::None
        }
        Some(Value::String(text)) => match Template::new(text) {
            Ok(template) => Reference::Text(template),
            Err(wrong) => {
                errors.push(OptionError::at("reference", wrong, None));
                Reference::None
            }
        },
        Some(other) => {
            let message = format!("expected `true` or a text, got {}", noun(other));
            errors.push(OptionError::at("reference", message, Some("`true` shows the judge the case's `expect`")));
            Reference::None
        }
    }
}

fn prompt(options: &Options, errors: &mut Vec<OptionError>) -> Option<Template> {
    let Text(text) = options.prompt.as_ref()?;
    let mut wrong = |message: String, hint: Option<&str>| errors.push(OptionError::at("prompt", message, hint));
    match Template::new(text) {
        Err(message) => wrong(message, None),
        Ok(template) => {
            if !template.names("answer") {
                wrong("never shows the judge the answer".to_owned(), Some("write `{{ answer }}` where it is to stand"));
            }
            if options.rubric.is_some() && !template.names("rubric") {
                wrong(
                    "never shows the judge the `rubric`".to_owned(),
                    Some("write `{{ rubric }}` where it is to stand"),
                );
            }
            return Some(template);
        }
    }
    None
}

fn check_numbers(options: &Options, errors: &mut Vec<OptionError>) {
    let mut wrong = |path: &str, message: String, hint| errors.push(OptionError::at(path, message, hint));
    if let Some(samples) = options.samples {
        if !(1..=MOST_SAMPLES).contains(&samples) {
            wrong("samples", format!("expected 1 to {MOST_SAMPLES}, got {samples}"), None);
        } else if samples > 1 && options.temperature == Some(0.0) {
            let hint = Some("leave `temperature` out (1 with several samples), or `samples`");
            wrong("temperature", "at 0 every sample says the same".to_owned(), hint);
        }
    }
    if let Some(temperature) = options.temperature
        && !(0.0..=2.0).contains(&temperature)
    {
        wrong("temperature", format!("expected 0 to 2, got {temperature}"), None);
    }
    if let Some(tokens) = options.max_tokens
        && tokens < 16
    {
        wrong(
            "max_tokens",
            format!("{tokens} tokens are too few for a verdict"),
            Some("a reason and a verdict take about 200"),
        );
    }
    if let Some(chars) = options.max_chars
        && chars < 100
    {
        wrong("max_chars", format!("expected at least 100 characters, got {chars}"), None);
    }
}
