//! The grader: options, expectation, which number is taken, verdict.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::expectation::Need;
use crate::grade::family::Family;
use crate::grade::latex::last_boxed;
use crate::grade::options::{self, Literal, OptionError, OptionErrors, Text, noun};
use crate::grade::quantity::{Mark, Number, Quantity, Style, Tolerance, numbers};
use crate::grade::types::{Answer, Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, join, quote};

use super::unit::{Follows, Units};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "number",
    about: "a number in the answer equals the expected one, or is near enough",
    build,
    schema: options::schema::<Options>,
};

const NEED: Need = Need { grader: "number", what: "a number", option: "value", example: "42" };

/// The options of `number`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// A number, a text that holds one, or a list; without it the case's `expect`.
    #[schemars(schema_with = "value_schema")]
    value: Literal,
    /// Which of an answer's numbers is compared.
    take: Take,
    /// How far off it may be.
    #[schemars(with = "options::checked::Tolerance")]
    tolerance: Option<Text>,
    /// The same as a share of the expected number: `0.01` or `1%`. With both, either is enough.
    #[schemars(with = "options::checked::RelativeTolerance")]
    relative_tolerance: Option<Text>,
    /// What stands between whole and fraction. Numbers that YAML knows as numbers keep their point.
    decimal: Mark,
    /// What a percent sign means.
    percent: Percent,
    /// The unit the number has to have: a text, a list of spellings, or a map that converts: `{ km: 1, m: 0.001 }`.
    unit: Option<Units>,
    /// The lowest that passes, instead of a number to compare with.
    #[schemars(with = "options::checked::Number")]
    min: Option<Text>,
    /// The highest that passes, instead of a number to compare with.
    #[schemars(with = "options::checked::Number")]
    max: Option<Text>,
}

fn value_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["number", "string", "array"],
        "pattern": r"\d",
        "minItems": 1,
        "items": {"type": ["number", "string"], "pattern": r"\d"},
    })
}

/// Which of an answer's numbers is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Take {
    /// The one marked as final (`#### 42`, `\boxed{42}`), else the last.
    #[default]
    Last,
    /// The first.
    First,
    /// The answer may hold no other.
    Only,
}

/// What a percent sign means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Percent {
    /// A unit: 50% is 50.
    #[default]
    Ignore,
    /// 50% is 0.5.
    Fraction,
}

#[derive(Debug)]
struct NumberGrader {
    value: Option<Value>,
    take: Take,
    style: Style,
    tolerance: Tolerance,
    /// How the tolerance reads in a reason.
    tolerance_text: String,
    unit: Option<Units>,
    /// A range instead of a number to compare with.
    range: Option<Range>,
}

/// Bounds, which are inside.
#[derive(Debug)]
struct Range {
    min: Option<Quantity>,
    max: Option<Quantity>,
    /// How it reads in a reason.
    text: String,
}

impl Range {
    fn holds(&self, value: &Quantity) -> bool {
        self.min.as_ref().is_none_or(|min| value.is_at_least(min))
            && self.max.as_ref().is_none_or(|max| max.is_at_least(value))
    }
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let style = Style { mark: options.decimal, percent_is_fraction: options.percent == Percent::Fraction };
    let mut words = Vec::new();
    let mut tolerance = |key: &str, text: &Option<Text>, relative: bool| {
        let Some(Text(text)) = text else { return Ok(None) };
        let style = Style { percent_is_fraction: relative, ..Style::default() };
        let allowed = whole(text, style).filter(|n| !n.value.is_negative() && (relative || !n.percent));
        let hint = if relative { "write for example `0.01` or `1%`" } else { "write for example `0.01`" };
        let Some(allowed) = allowed else {
            return Err(OptionError::at(key, format!("`{text}` is not a tolerance"), Some(hint)));
        };
        words.push(if relative { format!("{text} of it") } else { text.clone() });
        Ok(Some(allowed.value))
    };
    let tolerance = Tolerance {
        absolute: tolerance("tolerance", &options.tolerance, false)?,
        relative: tolerance("relative_tolerance", &options.relative_tolerance, true)?,
    };
    let tolerance_text = if words.is_empty() { String::new() } else { format!(" ± {}", join(&words, "or")) };
    let range = range(&options, style)?;
    let grader = NumberGrader {
        value: options.value.0,
        take: options.take,
        style,
        tolerance,
        tolerance_text,
        unit: options.unit,
        range,
    };
    if let Some(value) = &grader.value {
        grader.wanted(value).map_err(|message| OptionError::at("value", message, None))?;
    }
    Ok(Box::new(grader))
}

fn range(options: &Options, style: Style) -> Result<Option<Range>, OptionError> {
    if options.min.is_none() && options.max.is_none() {
        return Ok(None);
    }
    if options.value.0.is_some() {
        return Err(OptionError::at(
            "value",
            "a range is compared with no number",
            Some("leave it out, or `min` and `max`"),
        ));
    }
    for (key, text) in [("tolerance", &options.tolerance), ("relative_tolerance", &options.relative_tolerance)] {
        if text.is_some() {
            return Err(OptionError::at(key, "a range has no tolerance", Some("make the range wider")));
        }
    }
    let bound = |key: &str, text: &Option<Text>| {
        let Some(Text(text)) = text else { return Ok(None) };
        // What YAML knows as a number has a decimal point.
        let number = whole(text, Style { mark: Mark::Point, ..style }).or_else(|| whole(text, style));
        match number {
            Some(number) => Ok(Some(number.value)),
            None => Err(OptionError::at(key, format!("`{text}` is not a number"), None)),
        }
    };
    let (min, max) = (bound("min", &options.min)?, bound("max", &options.max)?);
    if let (Some(min), Some(max)) = (&min, &max)
        && !max.is_at_least(min)
    {
        return Err(OptionError::at("max", "it is below `min`: no number is in the range", None));
    }
    let written = |text: &Option<Text>| text.as_ref().map(|text| text.0.trim().to_owned());
    let text = match (written(&options.min), written(&options.max)) {
        (Some(min), Some(max)) => format!("a number from {min} to {max}"),
        (Some(min), None) => format!("a number of at least {min}"),
        (None, max) => format!("a number of at most {}", max.unwrap_or_default()),
    };
    Ok(Some(Range { min, max, text }))
}

/// A number that is compared with, as it was written.
struct Wanted {
    text: String,
    number: Number,
}

impl Grader for NumberGrader {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.expected(subject.expected) {
            Ok(wanted) => self.judge(subject.answer, &wanted),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.expected(case.expected()).map(drop)
    }
}

impl NumberGrader {
    fn expected(&self, expected: Option<&Value>) -> Result<Vec<Wanted>, String> {
        if self.range.is_some() {
            return Ok(Vec::new());
        }
        match self.value.as_ref().or(expected) {
            Some(value) => self.wanted(value),
            None => Err(NEED.missing()),
        }
    }

    /// The numbers of an expectation: a number, a text that holds one, or a list of such.
    fn wanted(&self, value: &Value) -> Result<Vec<Wanted>, String> {
        match value {
            Value::Array(items) if items.is_empty() => {
                Err("`number` has nothing to compare with: the list is empty".into())
            }
            Value::Array(items) => items.iter().map(|item| self.wanted_one(item)).collect(),
            one => self.wanted_one(one).map(|wanted| vec![wanted]),
        }
    }

    fn wanted_one(&self, value: &Value) -> Result<Wanted, String> {
        let (text, style) = match value {
            Value::String(text) => (text.clone(), self.style),
            // What YAML knows as a number has a decimal point, whatever answers are written with.
            Value::Number(number) => (number.to_string(), Style { mark: Mark::Point, ..self.style }),
            other => return Err(format!("`number` compares with a number, not with {}", noun(other))),
        };
        // A data set's worked solution names its result as an answer does.
        let marked = marked(&text, style);
        let mut found = match &marked {
            Some(_) => Vec::new(),
            None => numbers(&text, style).take(2).collect::<Vec<_>>(),
        };
        match (marked.or_else(|| found.pop()), found.is_empty()) {
            (Some(number), true) => {
                let number = self.in_unit(&text, number).0;
                let shown = if text.len() <= 40 { text } else { text[number.span.clone()].to_owned() };
                Ok(Wanted { text: shown.trim().to_owned(), number })
            }
            (None, _) => Err(format!("`number` finds no number in {} to compare with", quote(&text))),
            (Some(_), false) => Err(format!(
                "`number` finds more than one number in {} to compare with: give one, or mark it as `#### 42`",
                quote(&text)
            )),
        }
    }

    /// A number in the expected unit, and what follows it.
    fn in_unit(&self, text: &str, number: Number) -> (Number, Follows<'_>) {
        let Some(units) = &self.unit else { return (number, Follows::Nothing) };
        match units.of(text, &number) {
            Follows::Unit(factor) => (Number { value: number.value.times(factor), ..number }, Follows::Unit(factor)),
            other => (number, other),
        }
    }

    fn judge(&self, answer: &Answer, wanted: &[Wanted]) -> Judgement {
        let texts: Vec<String> = wanted.iter().map(|wanted| wanted.text.clone()).collect();
        let expected = match &self.range {
            Some(range) => range.text.clone(),
            None => format!("{}{}", join(&texts, "or"), self.tolerance_text),
        };
        let expected = match &self.unit {
            Some(units) if !texts.iter().all(|text| text.ends_with(units.name())) || texts.is_empty() => {
                format!("{expected} {}", units.name())
            }
            _ => expected,
        };
        let (number, how) = match self.pick(&answer.text) {
            Ok(picked) => picked,
            Err(problem) => return Judgement::fail(format!("expected {expected}, but {problem} in {}", got(answer))),
        };
        let shown = answer.text[number.span.clone()].to_owned();
        let right = |number: &Number| match &self.range {
            Some(range) => range.holds(&number.value),
            None => wanted.iter().any(|wanted| number.value.is_near(&wanted.number.value, &self.tolerance)),
        };
        let judgement = if right(&number) {
            Judgement::pass(format!("{} is {expected}", cut(&shown)))
        } else {
            let without_word = Number { value: number.value.clone().tens(-number.scale), ..number.clone() };
            let hint = if wanted.iter().any(|wanted| self.differs_by_percent(&number, &wanted.number)) {
                " (equal with `percent: fraction`)"
            } else if number.scale > 0 && right(&without_word) {
                " (equal without the word behind it)"
            } else if self.take != Take::Only && self.all(&answer.text).any(|(number, _)| right(&number)) {
                " (the answer holds the expected number, but elsewhere)"
            } else {
                ""
            };
            Judgement::fail(format!("expected {expected}, got {}, {how} in {}{hint}", cut(&shown), got(answer)))
        };
        judgement.with_extracted(&shown)
    }

    /// The numbers of a text in the expected unit, each with what follows it.
    fn all<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Number, Follows<'a>)> {
        numbers(text, self.style).map(move |number| self.in_unit(text, number))
    }

    /// The number to compare and how it was chosen. With a unit, numbers that have it come before those that have none;
    /// those with another word behind them are no candidates.
    fn pick(&self, text: &str) -> Result<(Number, &'static str), String> {
        let none = || match &self.unit {
            Some(units) => format!("there is no number in {}", units.name()),
            None => "there is no number".to_owned(),
        };
        let has_unit = |follows: &Follows<'_>| self.unit.is_none() || matches!(follows, Follows::Unit(_));
        let bare = |follows: &Follows<'_>| *follows == Follows::Nothing;
        let with_unit = || self.all(text).filter(|(_, follows)| has_unit(follows)).map(|(number, _)| number);
        let without = || self.all(text).filter(|(_, follows)| bare(follows)).map(|(number, _)| number);
        match self.take {
            Take::Last => {
                let marked = marked(text, self.style).map(|number| self.in_unit(text, number));
                if let Some((number, _)) = marked.filter(|(_, follows)| *follows != Follows::Word) {
                    return Ok((number, "marked as final"));
                }
                with_unit().last().or_else(|| without().last()).map(|n| (n, "the last number")).ok_or_else(none)
            }
            Take::First => {
                with_unit().next().or_else(|| without().next()).map(|n| (n, "the first number")).ok_or_else(none)
            }
            Take::Only => {
                let Some(first) = with_unit().next() else {
                    let mut all = without();
                    let first = all.next().ok_or_else(none)?;
                    return only(first, all);
                };
                only(first, with_unit())
            }
        }
    }

    /// Whether only the meaning of a percent sign stands between two numbers.
    fn differs_by_percent(&self, one: &Number, other: &Number) -> bool {
        let hundredth = |number: &Number| {
            let value = number.value.clone();
            if number.percent { value.hundredth() } else { value }
        };
        !self.style.percent_is_fraction && one.percent != other.percent && hundredth(one).equals(&hundredth(other))
    }
}

/// A number that none of the others differs from.
fn only(first: Number, mut others: impl Iterator<Item = Number>) -> Result<(Number, &'static str), String> {
    match others.find(|other| !other.value.equals(&first.value)) {
        None => Ok((first, "the only number")),
        Some(_) => Err("there is more than one number".into()),
    }
}

/// A number's text, cut to a length fit for a reason.
fn cut(text: &str) -> String {
    crate::text::one_line(&crate::text::excerpt(text, 60)).into_owned()
}

/// The one number that a text consists of.
fn whole(text: &str, style: Style) -> Option<Number> {
    let text = text.trim();
    numbers(text, style).next().filter(|number| number.span == (0..text.len()))
}

/// The number marked as final: behind the last `####` that is no heading, else in the last `\boxed{…}`.
fn marked(text: &str, style: Style) -> Option<Number> {
    let shift = |number: Number, by: usize| Number { span: number.span.start + by..number.span.end + by, ..number };
    let hashes = text.rmatch_indices("####").take(MOST_MARKERS).find_map(|(at, _)| {
        let line = text[at + 4..].lines().next().unwrap_or_default();
        let number = numbers(line, style).next()?;
        let before = line[..number.span.start].trim_matches([' ', '*', '=', '(', '\\']);
        let after = &line[number.span.end..];
        let is_first = before.chars().all(|c| !c.is_alphanumeric());
        // `#### 2. Add the tax` is a Markdown heading.
        let is_heading = after.starts_with(['.', ')', ':']) && after[1..].trim_start().starts_with(char::is_alphabetic);
        (is_first && !is_heading).then(|| shift(number, at + 4))
    });
    hashes.or_else(|| {
        let boxed = last_boxed(text)?;
        numbers(&text[boxed.clone()], style).last().map(|number| shift(number, boxed.start))
    })
}

/// How many markers are looked at, from the last: an answer made of them shall not take long.
const MOST_MARKERS: usize = 50;
