//! How long a server asks us to wait, in every form it is said.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

/// Longer than this is not a wait but a mistake.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// Headers by lower-case name: those of the response, or those that OpenRouter puts into `error.metadata.headers`.
pub(crate) trait Lookup {
    fn get(&self, name: &str) -> Option<String>;
}

impl Lookup for HeaderMap {
    fn get(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

impl Lookup for Map<String, Value> {
    fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }
}

/// `retry-after-ms`, `Retry-After` (seconds, fractions of one, or an HTTP date), and of rate limits
/// `X-RateLimit-Reset` (an epoch in seconds or milliseconds, or seconds to go). A moment that has passed is no wait at
/// all. The server's `Date`, where it sends one, is the clock that its moments are compared with.
pub(crate) fn retry_after(headers: &impl Lookup, rate_limited: bool) -> Option<Duration> {
    let now = headers.get("date").and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    let now = now.unwrap_or_else(SystemTime::now);
    let number = |name| headers.get(name).and_then(|text| text.trim().parse::<f64>().ok());
    let in_ms = || seconds(number("retry-after-ms")? / 1000.0);
    let plain = || {
        let text = headers.get("retry-after")?;
        let text = text.trim();
        match text.parse::<f64>() {
            Ok(value) => seconds(value),
            Err(_) => until(httpdate::parse_http_date(text).ok()?, now),
        }
    };
    let reset = || match number("x-ratelimit-reset")? {
        ms if ms >= 1e11 => until(UNIX_EPOCH.checked_add(seconds_any(ms / 1000.0)?)?, now),
        s if s > 1e9 => until(UNIX_EPOCH.checked_add(seconds_any(s)?)?, now),
        s => seconds(s),
    };
    in_ms().or_else(plain).or_else(|| if rate_limited { reset() } else { None })
}

/// A number of seconds, as long as it can be meant.
pub(super) fn seconds(value: f64) -> Option<Duration> {
    seconds_any(value).filter(|wait| *wait <= LONGEST)
}

fn seconds_any(value: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(value).ok()
}

fn until(moment: SystemTime, now: SystemTime) -> Option<Duration> {
    Some(moment.duration_since(now).unwrap_or_default()).filter(|wait| *wait <= LONGEST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn wait(headers: &Value) -> Option<f64> {
        retry_after(headers.as_object().unwrap(), true).map(|wait| wait.as_secs_f64())
    }

    #[test]
    fn every_form_is_understood() {
        for (headers, want) in [
            (json!({ "Retry-After": "7" }), Some(7.0)),
            (json!({ "retry-after": 7 }), Some(7.0)),
            (json!({ "retry-after": " 0.5 " }), Some(0.5)),
            (json!({ "retry-after-ms": "250", "retry-after": "9" }), Some(0.25)),
            (json!({ "x-ratelimit-reset": "12" }), Some(12.0)),
            (json!({ "retry-after": "soon", "X-RateLimit-Reset": "3" }), Some(3.0)),
            (json!({ "retry-after": "-1" }), None),
            (json!({ "retry-after": "nan" }), None),
            (json!({ "retry-after": "1e300" }), None),
            (json!({ "retry-after": null }), None),
            (json!({}), None),
        ] {
            assert_eq!(wait(&headers), want, "{headers}");
        }
    }

    #[test]
    fn moments_count_from_the_servers_own_clock() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        for (name, value, want) in [
            ("retry-after", "Sun, 06 Nov 1994 08:49:57 GMT", 20.0),
            ("retry-after", "Sun, 06 Nov 1994 08:49:00 GMT", 0.0),
            ("X-RateLimit-Reset", "700000000000", 0.0),
        ] {
            assert_eq!(wait(&json!({ "Date": date, (name): value })), Some(want), "{value}");
        }
        let date = "Sun, 09 Sep 2001 01:46:41 GMT";
        for value in ["1000000011", "1000000011000"] {
            assert_eq!(wait(&json!({ "date": date, "x-ratelimit-reset": value })), Some(10.0), "{value}");
        }
    }

    #[test]
    fn a_reset_is_only_a_wait_where_the_rate_was_the_matter() {
        let headers = json!({ "x-ratelimit-reset": "12" });
        assert_eq!(retry_after(headers.as_object().unwrap(), false), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(after in "\\PC{0,30}", reset in any::<f64>()) {
            let headers = json!({ "retry-after": after, "x-ratelimit-reset": reset.to_string() });
            let _ = retry_after(headers.as_object().unwrap(), true);
        }
    }
}
