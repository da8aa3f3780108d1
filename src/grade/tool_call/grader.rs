//! The grader: options, pairing, verdict.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::family::Family;
use crate::grade::json::compare::{Comparison, tolerance};
use crate::grade::json::ignore::IgnoredKeys;
use crate::grade::json::pairing::Pairing;
use crate::grade::options::{self, Literal, OptionError, OptionErrors, Text, Texts, noun};
use crate::grade::range::Range;
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{got, quote};
use crate::text::excerpt;

use super::calls::{Call, listed};
use super::wanted::{Mistake, Mode, Wanted};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "tool_call",
    about: "the answer calls the right tools with the right arguments, or none",
    build,
    schema: options::schema_without_text::<Options>,
};

/// The options of `tool_call`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "they are the flags that a user sets one by one")]
struct Options {
    /// The name of the tool that is called.
    #[schemars(with = "options::checked::Filled")]
    tool: Option<Text>,
    /// Its arguments, a map or JSON text; any will do if left out.
    #[schemars(extend("type" = ["object", "string"]))]
    arguments: Literal,
    /// How arguments are compared.
    mode: Mode,
    /// Several calls: names, or maps `{ name, arguments, mode }`; without it the case's `expect`.
    #[schemars(extend("type" = "array", "minItems" = 1, "items" = {"type": ["string", "object"]}))]
    calls: Literal,
    /// The calls come in this order.
    order: bool,
    /// No tool is called.
    none: bool,
    /// Whether there may be other calls; refused unless there is a `count`.
    extra: Option<Extra>,
    /// How many calls there are: a number, or `{ min: 1, max: 3 }`. Alone, nothing else counts.
    count: Option<Range>,
    /// Lists are compared as bags.
    ignore_order: bool,
    /// Names of keys that are not looked at, at any depth.
    ignore_keys: Option<Texts>,
    /// Case does not count in texts; it does in keys.
    ignore_case: bool,
    /// How far apart two numbers may be.
    #[schemars(range(min = 0))]
    tolerance: Option<f64>,
}

/// Whether there may be calls besides those expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Extra {
    /// There may be.
    Allow,
    /// There may not.
    Refuse,
}

#[derive(Debug)]
struct ToolCall {
    wanted: Source,
    mode: Mode,
    order: bool,
    extra: bool,
    count: Option<Range>,
    comparison: Comparison,
}

/// Where the calls expected come from.
#[derive(Debug)]
enum Source {
    /// The options.
    Own(Vec<Wanted>),
    /// Every case's `expect`.
    Case,
    /// Only their number counts.
    Any,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let tolerance = tolerance(options.tolerance)?;
    let wanted = source(&options)?;
    let ignored = IgnoredKeys::read(options.ignore_keys)?;
    if ignored.has_paths() {
        return Err(OptionError::at("ignore_keys", "`tool_call` takes names of keys, not paths", None).into());
    }
    let comparison = Comparison {
        subset: options.mode == Mode::Subset,
        ignore_order: options.ignore_order,
        ignore_keys: ignored.names,
        ignore_case: options.ignore_case,
        tolerance,
    };
    // A count says itself how many calls there may be.
    let extra = options.extra.map_or(options.count.is_some(), |extra| extra == Extra::Allow);
    Ok(Box::new(ToolCall { wanted, mode: options.mode, order: options.order, extra, count: options.count, comparison }))
}

fn source(options: &Options) -> Result<Source, OptionError> {
    let Options { tool, arguments, calls, none, count, mode, .. } = options;
    if *none {
        let others = [("tool", tool.is_some()), ("calls", calls.0.is_some()), ("count", count.is_some())];
        if let Some((other, _)) = others.iter().find(|(_, given)| *given) {
            return Err(OptionError::at("none", format!("`none` and `{other}` contradict each other"), None));
        }
        return match options.extra {
            Some(Extra::Allow) => Err(OptionError::at("extra", "with `none` no call is allowed", None)),
            _ => Ok(Source::Own(Vec::new())),
        };
    }
    let placed = |option: &str, mistake: Mistake| {
        let dot = if mistake.path.is_empty() || mistake.path.starts_with('[') { "" } else { "." };
        let path = match mistake.path.as_str() {
            "" => option.to_owned(),
            // The arguments of `tool` stand beside it.
            inner if option == "tool" => inner.to_owned(),
            inner => format!("{option}{dot}{inner}"),
        };
        OptionError { path, message: mistake.message, hint: mistake.hint }
    };
    match (tool, &calls.0) {
        (Some(_), Some(_)) => {
            let hint = "put all of them under `calls`";
            Err(OptionError::at("calls", "`tool` and `calls` both say what is expected", Some(hint)))
        }
        (Some(Text(name)), None) => {
            let wanted = Wanted::new(name, arguments.0.as_ref(), *mode).map_err(|mistake| placed("tool", mistake))?;
            Ok(Source::Own(vec![wanted]))
        }
        (None, _) if arguments.0.is_some() => {
            let hint = "add `tool: get_weather`; `name` is the grader's label in `grades`";
            Err(OptionError::at("arguments", "the arguments of which tool?", Some(hint)))
        }
        (None, Some(Value::Array(items))) if items.is_empty() => {
            Err(OptionError::at("calls", "the list is empty", Some("write `none: true` where no tool may be called")))
        }
        (None, Some(calls @ Value::Array(_))) => {
            Wanted::read_all(calls, *mode).map(Source::Own).map_err(|mistake| placed("calls", mistake))
        }
        (None, Some(other)) => {
            Err(OptionError::at("calls", format!("expected a list of calls, got {}", noun(other)), None))
        }
        (None, None) if count.is_some() => Ok(Source::Any),
        (None, None) => Ok(Source::Case),
    }
}

impl Grader for ToolCall {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(match self.expected(subject.expected) {
            Ok(wanted) => self.judge(&subject, wanted.as_deref()),
            Err(reason) => Judgement::unable(reason),
        })
    }

    fn reads_text(&self) -> bool {
        false
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        Some(Example::Calls(self.expected(case.expected()).ok()??.iter().map(Wanted::example).collect()))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.expected(case.expected()).map(drop)
    }
}

const MISSING: &str = "`tool_call` needs a call to compare with: give the grader `tool: get_weather` (`name` is its \
                       label), `calls: [ … ]` or `none: true`, or the case `expect: { name: get_weather, arguments: { … } }`";

impl ToolCall {
    /// The calls expected; `None` where only their number counts.
    fn expected(&self, expected: Option<&Value>) -> Result<Option<Cow<'_, [Wanted]>>, String> {
        match &self.wanted {
            Source::Own(wanted) => return Ok(Some(Cow::Borrowed(wanted))),
            Source::Any => return Ok(None),
            Source::Case => {}
        }
        let parsed;
        let value = match expected.ok_or(MISSING)? {
            // From a table: calls written as JSON.
            Value::String(text) if text.trim_start().starts_with(['{', '[']) => {
                let wrong = |error| format!("`expect` is no tool call: {} is not JSON: {error}", quote(text));
                parsed = serde_json::from_str(text).map_err(wrong)?;
                &parsed
            }
            Value::Null => {
                return Err(
                    "`tool_call` cannot compare with null: write `expect: []` where no tool may be called".into()
                );
            }
            other => other,
        };
        let wanted = Wanted::read_all(value, self.mode).map_err(|Mistake { path, message, hint }| {
            let place = if path.is_empty() { String::new() } else { format!("at `{path}`: ") };
            let hint = hint.map(|hint| format!(": {hint}")).unwrap_or_default();
            format!("`expect` is no tool call: {place}{message}{hint}")
        })?;
        Ok(Some(Cow::Owned(wanted)))
    }

    fn judge(&self, subject: &Subject<'_>, wanted: Option<&[Wanted]>) -> Judgement {
        let calls: Vec<Call> = subject.answer.tool_calls.iter().map(Call::read).collect();
        let judgement = self.compare(subject, wanted, &calls);
        if calls.is_empty() { judgement } else { judgement.with_extracted(&listed(&calls)) }
    }

    fn compare(&self, subject: &Subject<'_>, wanted: Option<&[Wanted]>, calls: &[Call]) -> Judgement {
        let came = || if calls.is_empty() { no_call(subject) } else { listed(calls) };
        if let Some(count) = self.count.filter(|count| !count.holds(calls.len() as u64)) {
            return Judgement::fail(format!("expected {count} tool calls, got {}: {}", calls.len(), came()));
        }
        let Some(wanted) = wanted else {
            return Judgement::pass(format!("{} tool calls: {}", calls.len(), came()));
        };
        if wanted.is_empty() {
            return match calls {
                [] => Judgement::pass("no tool was called"),
                _ => Judgement::fail(format!("expected no tool call, got {}", listed(calls))),
            };
        }
        let taken_by = if self.order { self.in_order(wanted, calls) } else { self.in_any_order(wanted, calls) };
        let matched = taken_by.iter().flatten().count();
        let all = if self.extra { wanted.len() } else { wanted.len().max(calls.len()) };
        let fail = |reason: String| Judgement { score: Some(matched as f64 / all as f64), ..Judgement::fail(reason) };
        if let Some(missing) = (0..wanted.len()).find(|index| !taken_by.contains(&Some(*index))) {
            return fail(self.missing(&wanted[missing], calls, &taken_by, subject, wanted));
        }
        match calls.iter().zip(&taken_by).find(|(_, taken)| taken.is_none()) {
            Some((extra, _)) if !self.extra => {
                let extra = excerpt(&extra.to_string(), 300).into_owned();
                fail(format!("unexpected call {extra} besides those expected (allowed with `extra: allow`)"))
            }
            _ => Judgement::pass(format!("called {}", listed(calls))),
        }
    }

    /// For each call the expected one it is: as many as can be.
    fn in_any_order(&self, wanted: &[Wanted], calls: &[Call]) -> Vec<Option<usize>> {
        let mut pairing = Pairing::new(wanted.len(), calls.len());
        for index in 0..wanted.len() {
            pairing.place(index, |want, call| wanted[want].check(&calls[call], &self.comparison).is_ok());
        }
        pairing.taken_by().to_vec()
    }

    /// The same with every call behind that of the one expected before it.
    fn in_order(&self, wanted: &[Wanted], calls: &[Call]) -> Vec<Option<usize>> {
        let mut taken = vec![None; calls.len()];
        let mut from = 0;
        for (index, want) in wanted.iter().enumerate() {
            let found = calls[from..].iter().position(|call| want.check(call, &self.comparison).is_ok());
            if let Some(found) = found {
                taken[from + found] = Some(index);
                from += found + 1;
            }
        }
        taken
    }

    /// Why an expected call was not found: by the free call that comes nearest, the first of the same tool.
    fn missing(
        &self,
        want: &Wanted,
        calls: &[Call],
        taken_by: &[Option<usize>],
        subject: &Subject<'_>,
        wanted: &[Wanted],
    ) -> String {
        if calls.is_empty() {
            return format!("expected a call of `{}`, got {}", want.shown(), no_call(subject));
        }
        let free = calls.iter().zip(taken_by).filter(|(call, taken)| taken.is_none() && call.name == want.name);
        match free.map(|(call, _)| (call, want.check(call, &self.comparison))).next() {
            Some((call, Err(difference))) => {
                let call = excerpt(&call.to_string(), 200).into_owned();
                format!("in {call}: {difference}")
            }
            // It fits, and was not taken: so it stands in the wrong place.
            Some((_, Ok(()))) => {
                let order: Vec<String> = wanted.iter().take(5).map(Wanted::shown).collect();
                format!("expected the calls in the order {}, got {}", order.join(", "), listed(calls))
            }
            None => format!("expected a call of `{}`, got {}", want.shown(), listed(calls)),
        }
    }
}

/// What came instead of a call.
fn no_call(subject: &Subject<'_>) -> String {
    format!("no tool call but {}", got(subject.answer))
}
