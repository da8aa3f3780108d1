//! `latency`, `ttft` and `cost`: a measurement is not above a limit.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::family::Family;
use crate::grade::options::{self, Limit, OptionErrors};
use crate::grade::types::{Grader, Grading, Judgement, Measured, Subject};
use crate::units::{Usd, human_usd, limit_duration};

pub(in crate::grade) const LATENCY: Family = Family {
    name: "latency",
    about: "the whole answer came within a time",
    build: |options, _: &BuildContext<'_>| time(options, Time::Latency),
    schema: options::schema_without_text::<Within>,
};

pub(in crate::grade) const TTFT: Family = Family {
    name: "ttft",
    about: "the first token came within a time",
    build: |options, _: &BuildContext<'_>| time(options, Time::Ttft),
    schema: options::schema_without_text::<Within>,
};

pub(in crate::grade) const COST: Family = Family {
    name: "cost",
    about: "the answer cost no more than an amount",
    build: cost,
    schema: options::schema_without_text::<AtMost>,
};

/// The option of `latency` and `ttft`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Within {
    /// The longest that passes.
    max: Limit<Duration>,
}

/// The option of `cost`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AtMost {
    /// The most US dollars that pass.
    max: Limit<Usd>,
}

/// Which time is meant.
#[derive(Debug, Clone, Copy)]
enum Time {
    Latency,
    Ttft,
}

impl Time {
    const fn of(self, measured: &Measured) -> Option<Duration> {
        match self {
            Self::Latency => measured.latency,
            Self::Ttft => measured.ttft,
        }
    }

    /// What it is called, and when it is not known.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Latency => ("the answer", "the latency of this answer is not known: it came from a cache"),
            Self::Ttft => {
                ("the first token", "the time to the first token is not known: with `stream: false` there is none")
            }
        }
    }
}

#[derive(Debug)]
struct TimeLimit {
    time: Time,
    max: Duration,
}

fn time(options: &Value, time: Time) -> Result<Box<dyn Grader>, OptionErrors> {
    let Within { max: Limit(max) } = options::read(options)?;
    Ok(Box::new(TimeLimit { time, max }))
}

impl Grader for TimeLimit {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let (what, unknown) = self.time.words();
        let max = limit_duration(self.max);
        Grading::Ready(match self.time.of(&subject.measured) {
            None => Judgement::unable(unknown),
            Some(took) if took <= self.max => Judgement::pass(format!("{what} came within {max}")),
            Some(took) => Judgement::fail(format!("expected {what} within {max}, it took {}", over(took))),
        })
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }

    fn reads_text(&self) -> bool {
        false
    }
}

/// A measured time, fine enough to differ from a limit that it is just above.
fn over(took: Duration) -> String {
    if took < Duration::from_mins(1) { format!("{:.3}s", took.as_secs_f64()) } else { limit_duration(took) }
}

#[derive(Debug)]
struct Cost {
    max: Usd,
}

fn cost(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let AtMost { max: Limit(max) } = options::read(options)?;
    Ok(Box::new(Cost { max }))
}

impl Grader for Cost {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        let max = format!("${}", self.max);
        Grading::Ready(match subject.measured.cost {
            None => Judgement::unable("the cost of this answer is not known: the endpoint reported none"),
            Some(cost) if cost <= self.max => Judgement::pass(format!("it cost {}, at most {max}", human_usd(cost))),
            Some(cost) => Judgement::fail(format!("expected a cost of at most {max}, it was ${cost}")),
        })
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }

    fn reads_text(&self) -> bool {
        false
    }
}
