//! Text → [`Gate`]: `METRIC [model] {tag=…} OPERATOR VALUE`, blanks wherever one likes.

use std::ops::Range;
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::text::{closest, one_line};
use crate::units::{Usd, parse_duration};

use super::expression::{Counted, Gate, GateError, Limit, Metric, Operator, Sample, Statistic};

/// The metrics as they are offered in a did-you-mean.
const METRICS: [&str; 14] = [
    "accuracy",
    "score.mean",
    "latency.p50",
    "latency.p95",
    "latency.mean",
    "ttft.p50",
    "ttft.p95",
    "ttft.mean",
    "tokens_per_s.p50",
    "cost.total",
    "cost.per_pass",
    "errors",
    "timeouts",
    "skipped",
];

impl Gate {
    /// Reads a gate; `models` are the names that may stand in brackets.
    ///
    /// # Errors
    /// What is wrong and where.
    pub fn parse(text: &str, models: &[&str]) -> Result<Self, GateError> {
        let mut scanner = Scanner { text, at: 0 };
        let (name, name_span) = scanner.take(|c| c.is_alphanumeric() || matches!(c, '_' | '.'));
        if name.is_empty() {
            let hint = "write for example `accuracy >= 90%`";
            return Err(mistake("a gate starts with a metric", scanner.rest_span(), hint));
        }
        let metric = metric(name, name_span)?;
        let models = scanner.brackets('[', ']')?.map(|(names, span)| named(names, span, models)).transpose()?;
        if let Some((_, span)) = scanner.brackets('{', '}')? {
            let hint = "leave the braces out, or put those cases into a suite of their own";
            return Err(mistake("gates on tags are not supported yet", span, hint));
        }
        let operator = operator(&mut scanner)?;
        let limit = limit(metric, name, operator, &scanner)?;
        Ok(Self { text: text.to_owned(), metric, models, operator, limit })
    }
}

fn mistake(message: impl Into<String>, span: Range<usize>, hint: impl Into<String>) -> GateError {
    GateError { message: message.into(), span, hint: Some(hint.into()) }
}

/// Reads from left to right and knows where it stands.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn skip_blanks(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed
    }

    /// The next run of characters of a kind, blanks before it skipped, and its place.
    fn take(&mut self, belongs: impl Fn(char) -> bool) -> (&'a str, Range<usize>) {
        let rest = self.skip_blanks();
        let start = self.at;
        let len = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.at += len;
        (&rest[..len], start..self.at)
    }

    /// What stands between a pair of brackets, if the next character opens one. Quotes hide a closing bracket.
    fn brackets(&mut self, open: char, close: char) -> Result<Option<(&'a str, Range<usize>)>, GateError> {
        let rest = self.skip_blanks();
        let Some(inner) = rest.strip_prefix(open) else { return Ok(None) };
        let mut quote = None;
        let end = inner.char_indices().find_map(|(i, c)| match (c, quote) {
            (c, None) if c == close => Some(i),
            ('"' | '\'', None) => {
                quote = Some(c);
                None
            }
            (c, Some(q)) if c == q => {
                quote = None;
                None
            }
            _ => None,
        });
        let start = self.at + open.len_utf8();
        let Some(len) = end else {
            let span = self.at..self.text.trim_end().len();
            return Err(mistake(format!("`{open}` is never closed"), span, format!("close it with `{close}`")));
        };
        self.at = start + len + close.len_utf8();
        Ok(Some((&inner[..len], start..start + len)))
    }

    /// What has not been read yet, blanks around it left out; one character wide where nothing is left.
    fn rest_span(&self) -> Range<usize> {
        let rest = &self.text[self.at..];
        let start = self.at + (rest.len() - rest.trim_start().len());
        let end = self.text.trim_end().len();
        if start < end { start..end } else { end..end }
    }
}

fn metric(name: &str, span: Range<usize>) -> Result<Metric, GateError> {
    let (head, tail) = name.split_once('.').unwrap_or((name, ""));
    let sample = match head {
        "latency" => Some(Sample::Latency),
        "ttft" => Some(Sample::Ttft),
        "tokens_per_s" => Some(Sample::TokensPerSecond),
        _ => None,
    };
    if let Some(sample) = sample {
        return match statistic(tail) {
            Some(statistic) => Ok(Metric::Sample(sample, statistic)),
            None => Err(mistake(
                if tail.is_empty() {
                    format!("`{head}` needs to be summed up")
                } else {
                    format!("`{tail}` is no way to sum up `{head}`")
                },
                span,
                format!("write for example `{head}.p95` or `{head}.mean`; percentiles go from p0 to p100"),
            )),
        };
    }
    match name {
        "accuracy" => Ok(Metric::Accuracy),
        "score.mean" => Ok(Metric::ScoreMean),
        "cost.total" => Ok(Metric::CostTotal),
        "cost.per_pass" => Ok(Metric::CostPerPass),
        "errors" => Ok(Metric::Count(Counted::Errors)),
        "timeouts" => Ok(Metric::Count(Counted::Timeouts)),
        "skipped" => Ok(Metric::Count(Counted::Skipped)),
        _ => {
            let hint = match head {
                "score" => "did you mean `score.mean`?".to_owned(),
                "cost" => "write `cost.total` or `cost.per_pass`".to_owned(),
                _ if statistic(name).is_some() => format!("did you mean `latency.{name}` or `ttft.{name}`?"),
                _ => closest(name, METRICS).map_or_else(
                    || format!("the metrics are {}", METRICS.map(|m| format!("`{m}`")).join(", ")),
                    |meant| format!("did you mean `{meant}`?"),
                ),
            };
            Err(mistake(format!("unknown metric `{name}`"), span, hint))
        }
    }
}

fn statistic(name: &str) -> Option<Statistic> {
    if name == "mean" {
        return Some(Statistic::Mean);
    }
    let digits = name.strip_prefix('p').filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()))?;
    let percent = Decimal::from_str_exact(digits).ok()?;
    let share = to_f64(percent.checked_div(Decimal::ONE_HUNDRED)?);
    (share <= 1.0).then_some(Statistic::Quantile(share))
}

/// The models that are meant by what stands in brackets: a name, else a glob.
fn named(written: &str, span: Range<usize>, models: &[&str]) -> Result<Vec<String>, GateError> {
    let trimmed = written.trim();
    let quoted = |q: char| trimmed.strip_prefix(q).and_then(|rest| rest.strip_suffix(q));
    let name = quoted('"').or_else(|| quoted('\'')).unwrap_or(trimmed);
    if name.is_empty() {
        return Err(mistake("no model in the brackets", span.start - 1..span.end + 1, "name one, or leave `[]` out"));
    }
    if models.contains(&name) {
        return Ok(vec![name.to_owned()]);
    }
    let shown = one_line(name);
    if name.contains(['*', '?', '{', '[']) {
        let glob = globset::Glob::new(name).map_err(|error| {
            mistake(format!("`{shown}` is not a glob: {}", error.kind()), span.clone(), "put a model's name here")
        })?;
        let glob = glob.compile_matcher();
        let matching: Vec<_> = models.iter().filter(|model| glob.is_match(model)).map(ToString::to_string).collect();
        if !matching.is_empty() {
            return Ok(matching);
        }
    }
    let hint = match closest(name, models.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if models.len() <= 20 => {
            format!("the models are {}", models.iter().map(|m| format!("`{m}`")).collect::<Vec<_>>().join(", "))
        }
        None => format!("it must be one of the suite's {} models", models.len()),
    };
    Err(mistake(format!("no model is named `{shown}`"), span, hint))
}

fn operator(scanner: &mut Scanner<'_>) -> Result<Operator, GateError> {
    let (written, span) = scanner.take(|c| matches!(c, '<' | '>' | '=' | '!' | '≤' | '≥' | '≠' | '~'));
    if let Some((_, operator)) = Operator::ALL.iter().find(|(text, _)| *text == written) {
        return Ok(*operator);
    }
    let hint = match written {
        "=" | "===" => "write `==`",
        "=>" | "≥" => "write `>=`",
        "=<" | "≤" => "write `<=`",
        _ => "the operators are `>=`, `<=`, `>`, `<` and `==`",
    };
    Err(if written.is_empty() {
        mistake("an operator is missing here", scanner.rest_span(), hint)
    } else {
        mistake(format!("`{written}` is not an operator"), span, hint)
    })
}

/// The right side as it was written, before it is fitted to a metric.
enum Written {
    Number(Decimal),
    Percent(Decimal),
    Milliseconds(f64),
    Dollars(Decimal),
}

impl Written {
    const fn noun(&self) -> &'static str {
        match self {
            Self::Number(_) => "a bare number",
            Self::Percent(_) => "a percentage",
            Self::Milliseconds(_) => "a duration",
            Self::Dollars(_) => "an amount of money",
        }
    }
}

fn limit(metric: Metric, name: &str, operator: Operator, scanner: &Scanner<'_>) -> Result<Limit, GateError> {
    let span = scanner.rest_span();
    let text = &scanner.text[span.clone()];
    let example = example(metric);
    if text.is_empty() {
        return Err(mistake("a value is missing here", span, format!("write for example `{name} {example}`")));
    }
    for word in ["baseline", "best"] {
        if text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)) {
            let message = format!("gates against `{word}` are not supported yet");
            return Err(mistake(message, span, format!("compare with a fixed value: `{name} {example}`")));
        }
    }
    let wrong_unit = |written: &Written| {
        let message = format!("`{name}` cannot be compared with {}", written.noun());
        Err(mistake(message, span.clone(), format!("write for example `{name} {example}`")))
    };
    let written = written(text)
        .map_err(|message| mistake(message, span.clone(), format!("write for example `{name} {example}`")))?;
    let limit = match (metric, &written) {
        (Metric::Accuracy | Metric::ScoreMean, Written::Number(number)) => {
            if *number > Decimal::ONE && *number <= Decimal::ONE_HUNDRED {
                let message = format!("`{name}` lies between 0 and 1");
                return Err(mistake(message, span, format!("did you mean `{}%`?", number.normalize())));
            }
            share(name, *number, operator, &span)?
        }
        (Metric::Accuracy | Metric::ScoreMean | Metric::Count(_), Written::Percent(percent)) => {
            share(name, *percent / Decimal::ONE_HUNDRED, operator, &span)?
        }
        (Metric::Count(_), Written::Number(number)) => {
            if number.is_sign_negative() && !number.is_zero() || !number.fract().is_zero() {
                let message = format!("`{name}` is a whole number of cells, or a percentage of them");
                return Err(mistake(message, span, format!("write `{name} <= 3` or `{name} <= 1%`")));
            }
            Limit::Cells(to_f64(*number))
        }
        (Metric::Sample(Sample::Latency | Sample::Ttft, _), Written::Milliseconds(ms)) => Limit::Milliseconds(*ms),
        (Metric::Sample(Sample::Latency | Sample::Ttft, _), Written::Number(number)) => {
            let message = format!("`{name}` needs a unit");
            let number = number.normalize();
            return Err(mistake(message, span, format!("write `{number}s` or `{number}ms`")));
        }
        (Metric::Sample(Sample::TokensPerSecond, _), Written::Number(number)) if !number.is_sign_negative() => {
            Limit::PerSecond(to_f64(*number))
        }
        (Metric::CostTotal | Metric::CostPerPass, Written::Dollars(amount) | Written::Number(amount))
            if !amount.is_sign_negative() =>
        {
            Limit::Dollars(to_f64(*amount))
        }
        _ => return wrong_unit(&written),
    };
    Ok(limit)
}

const fn example(metric: Metric) -> &'static str {
    match metric {
        Metric::Accuracy => ">= 90%",
        Metric::ScoreMean => ">= 0.7",
        Metric::Sample(Sample::Latency, _) => "<= 5s",
        Metric::Sample(Sample::Ttft, _) => "<= 800ms",
        Metric::Sample(Sample::TokensPerSecond, _) => ">= 40",
        Metric::CostTotal => "<= $2",
        Metric::CostPerPass => "<= $0.01",
        Metric::Count(_) => "<= 1%",
    }
}

fn written(text: &str) -> Result<Written, String> {
    if text.starts_with('$') {
        return text.parse::<Usd>().map(|usd| Written::Dollars(usd.decimal())).map_err(|error| error.to_string());
    }
    let number = |text: &str| Decimal::from_str_exact(text.trim().trim_start_matches('+')).ok();
    if let Some(percent) = text.strip_suffix('%') {
        let Some(percent) = number(percent) else { return Err(format!("`{}` is not a percentage", one_line(text))) };
        return Ok(Written::Percent(percent));
    }
    if let Some(number) = number(text) {
        return Ok(Written::Number(number));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) && text.ends_with(char::is_alphabetic) {
        return parse_duration(text).map(|d| Written::Milliseconds(d.as_secs_f64() * 1000.0));
    }
    Err(format!("`{}` is not a value", one_line(text)))
}

/// A share, if it is one and the comparison could go both ways.
fn share(name: &str, share: Decimal, operator: Operator, span: &Range<usize>) -> Result<Limit, GateError> {
    if !(Decimal::ZERO..=Decimal::ONE).contains(&share) {
        return Err(mistake(
            format!("`{name}` lies between 0% and 100%"),
            span.clone(),
            "write a percentage in that range, for example `90%`",
        ));
    }
    if operator == Operator::Above && share == Decimal::ONE || operator == Operator::Below && share.is_zero() {
        let message = format!("`{name}` can never be on that side");
        return Err(mistake(message, span.clone(), "write `>=` or `<=`"));
    }
    Ok(Limit::Share(to_f64(share)))
}

/// Through text, which rounds to the nearest: equal fractions and decimals then give the same number.
fn to_f64(number: Decimal) -> f64 {
    f64::from_str(&number.to_string()).unwrap_or(f64::NAN)
}
