//! How figures and states are written, the same in bars and plain lines.

use std::time::Duration;

use crate::engine::{StopReason, Wait};
use crate::ui::style::UNKNOWN;
use crate::units::{Usd, human_duration, human_usd};

/// What a model waits for.
pub(super) const fn wait(wait: Wait) -> &'static str {
    match wait {
        Wait::RetryAfter => "server asked: Retry-After",
        Wait::Backoff => "backing off after a failure",
        Wait::RequestRate => "requests_per_minute",
        Wait::TokenRate => "tokens_per_minute",
    }
}

/// The same in a word or two.
pub(super) const fn wait_short(wait: Wait) -> &'static str {
    match wait {
        Wait::RetryAfter => "Retry-After",
        Wait::Backoff => "backoff",
        Wait::RequestRate => "request rate",
        Wait::TokenRate => "token rate",
    }
}

/// The word in the JSON of an event.
pub(super) const fn wait_word(wait: Wait) -> &'static str {
    match wait {
        Wait::RetryAfter => "retry_after",
        Wait::Backoff => "backoff",
        Wait::RequestRate => "requests_per_minute",
        Wait::TokenRate => "tokens_per_minute",
    }
}

/// Why a model was cut off, or the run stops.
pub(super) const fn stop(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Budget => "budget spent",
        StopReason::Deadline => "deadline passed",
        StopReason::GiveUp => "too many failures in a row",
        StopReason::ModelGone => "model not available",
        StopReason::Account => "key refused or no credit",
        StopReason::Sink => "journal cannot be written",
        StopReason::Interrupted => "interrupted",
    }
}

/// The same in a word or two.
pub(super) const fn stop_short(reason: StopReason) -> &'static str {
    match reason {
        StopReason::Budget => "budget",
        StopReason::Deadline => "deadline",
        StopReason::GiveUp => "failures",
        StopReason::ModelGone => "unavailable",
        StopReason::Account => "account",
        StopReason::Sink => "journal",
        StopReason::Interrupted => "interrupted",
    }
}

/// `1 model`, `12 models`.
pub(super) fn plural(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Cells a second: `128/s`, `2.8/s`; where it is slower than one in ten seconds, a minute: `4.1/m`.
pub(super) fn rate(rate: Option<f64>) -> String {
    match rate {
        None => UNKNOWN.to_owned(),
        Some(rate) if rate >= 9.95 => format!("{rate:.0}/s"),
        Some(rate) if rate >= 0.095 => format!("{rate:.1}/s"),
        Some(rate) => format!("{:.1}/m", rate * 60.0),
    }
}

/// A duration that counts down: whole seconds, never shown as over before it is. From a hundred hours on only that.
pub(super) fn countdown(left: Duration) -> String {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    whole_seconds(Duration::from_secs(seconds))
}

/// A duration that counts up.
pub(super) fn elapsed(elapsed: Duration) -> String {
    whole_seconds(Duration::from_secs(elapsed.as_secs()))
}

fn whole_seconds(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..10 => format!("{seconds}s"),
        360_000.. => ">99h".to_owned(),
        _ => human_duration(duration),
    }
}

/// How long something goes on, where that is known.
pub(super) fn eta(eta: Option<Duration>) -> String {
    eta.map_or_else(|| UNKNOWN.to_owned(), countdown)
}

/// A latency, to the nearest tenth of a second where it is written in those.
pub(super) fn latency(latency: Duration) -> String {
    let tenths = latency >= Duration::from_secs(1);
    human_duration(if tenths { latency + Duration::from_millis(50) } else { latency })
}

/// The known sum, `≥` before it where some is not known, as in the table; `?` alone where nothing is.
pub(super) fn cost(known: Option<Usd>, unknown: bool) -> String {
    match (known, unknown) {
        (Some(sum), false) => human_usd(sum),
        (Some(sum), true) => format!("≥{}", human_usd(sum)),
        (None, true) => "?".to_owned(),
        (None, false) => UNKNOWN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_two_digits() {
        for (value, want) in [(128.4, "128/s"), (10.0, "10/s"), (2.84, "2.8/s"), (0.1, "0.1/s"), (0.05, "3.0/m")] {
            assert_eq!(rate(Some(value)), want);
        }
        assert_eq!(rate(None), "–");
    }

    #[test]
    fn a_countdown_never_ends_early() {
        assert_eq!(countdown(Duration::from_millis(11_001)), "12s");
        assert_eq!(countdown(Duration::from_millis(900)), "1s");
        assert_eq!(countdown(Duration::from_secs(125)), "2m05s");
        assert_eq!(countdown(Duration::from_secs(1 << 40)), ">99h");
    }

    #[test]
    fn an_unknown_cost_is_marked() {
        let some = "0.5".parse().ok();
        assert_eq!(cost(some, false), "$0.5");
        assert_eq!(cost(some, true), "≥$0.5");
        assert_eq!(cost(None, true), "?");
        assert_eq!(cost(None, false), "–");
    }
}
