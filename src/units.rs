//! Money and durations: how they are read from text, kept, and written.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};
use std::str::FromStr;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An amount in US dollars, exact to the last digit that was reported. Never negative when parsed from text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd(Decimal);

impl Usd {
    /// No money at all. Not to be used for "unknown": that is `Option::None`.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// Wraps an exact decimal amount of dollars.
    pub const fn new(amount: Decimal) -> Self {
        Self(amount)
    }

    /// The exact decimal amount of dollars.
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// The amount divided by a count, or `None` for a count of zero.
    pub fn per(self, count: u64) -> Option<Self> {
        self.0.checked_div(Decimal::from(count)).map(Self)
    }

    /// Reads a JSON number or numeric string as dollars, exactly as it is written (`1.5e-7` too). Negative amounts,
    /// which the catalog uses for "unknown", are `None`.
    pub fn from_json(text: &str) -> Option<Self> {
        let text = text.trim().trim_matches('"');
        let amount = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text)).ok()?;
        (!amount.is_sign_negative() || amount.is_zero()).then_some(Self(amount.normalize()))
    }
}

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an amount of US dollars: write `$5`, `5.00` or `0.25`")]
pub struct ParseUsdError(String);

impl FromStr for Usd {
    type Err = ParseUsdError;

    /// Reads `$5`, `$5.00`, `5` or `0.25`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare = text.trim();
        let bare = bare.strip_prefix('$').unwrap_or(bare).trim();
        let plain = bare.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && bare.chars().all(|c| c.is_ascii_digit() || c == '.');
        match Decimal::from_str(bare) {
            Ok(amount) if plain => Ok(Self(amount)),
            _ => Err(ParseUsdError(text.to_owned())),
        }
    }
}

/// The plain decimal number without sign or unit, trailing zeros dropped: what CSV and JSON carry.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self::ZERO, Add::add)
    }
}

impl Serialize for Usd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_json(&text).ok_or_else(|| serde::de::Error::custom(ParseUsdError(text)))
    }
}

/// What [`parse_duration`] takes, for schemas: at least one unit, hours first, a fraction only of the last.
pub(crate) const DURATION_PATTERN: &str = concat!(
    r"^\s*\+?(?=.*[1-9])(?!.*\d[.,]\d+\s*[a-zµμ]+[\s,]*\d)(?:",
    r"(?=\d)(?:\d+(?:[.,]\d+)?\s*(?:hours?|hrs?|h)(?:(?:,\s)?\s*(?=\d)|\s*$))?",
    r"(?:\d+(?:[.,]\d+)?\s*(?:minutes?|mins?|m)(?:(?:,\s)?\s*(?=\d)|\s*$))?",
    r"(?:\d+(?:[.,]\d+)?\s*(?:seconds?|secs?|s)(?:(?:,\s)?\s*(?=\d)|\s*$))?",
    r"(?:\d+(?:[.,]\d+)?\s*(?:milliseconds?|millis?|msecs?|ms)(?:(?:,\s)?\s*(?=\d)|\s*$))?",
    r"(?:\d+(?:[.,]\d+)?\s*(?:microseconds?|micros?|usecs?|[µμu]s|[µμ]secs?)(?:(?:,\s)?\s*(?=\d)|\s*$))?",
    r"(?:\d+(?:[.,]\d+)?\s*(?:nanoseconds?|nanos?|nsecs?|ns)\s*$)?",
    r"|\d+:\d{2}:\d{2}(?:[.,]\d{1,9})?\s*",
    r"|[Pp][Tt](?=\d)(?:\d+[Hh])?(?:\d+[Mm])?(?:\d+(?:[.,]\d+)?[Ss])?\s*",
    r")$",
);

/// What [`Usd`] reads of a text, for schemas.
pub(crate) const USD_PATTERN: &str = r"^\s*\$?\s*(?:\d+\.?\d*|\.\d+)\s*$";

/// A share from 0% to 100%, for schemas.
pub(crate) const PERCENT_PATTERN: &str = r"^\s*\+?0*(?:100(?:\.0*)?|\d{1,2}(?:\.\d*)?|\.\d+)\s*%\s*$";

/// The same above 0%.
pub(crate) const SOME_PERCENT_PATTERN: &str = r"^(?=.*[1-9])\s*\+?0*(?:100(?:\.0*)?|\d{1,2}(?:\.\d*)?|\.\d+)\s*%\s*$";

/// Reads a duration such as `60s`, `1m 30s`, `250ms` or `1h`.
///
/// # Errors
/// A message fit for the user: no unit, negative, zero, days or longer units, or not a duration at all.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let trimmed = text.trim();
    if trimmed.parse::<f64>().is_ok() {
        return Err(format!("`{text}` has no unit: write `{trimmed}s`, `{trimmed}ms` or `{trimmed}m`"));
    }
    let parsed = trimmed
        .parse::<jiff::SignedDuration>()
        .map_err(|_| format!("`{text}` is not a duration: write for example `60s`, `1m 30s` or `250ms`"))?;
    match Duration::try_from(parsed) {
        Ok(Duration::ZERO) => Err(format!("`{text}` is no time at all: it must be longer than zero")),
        Ok(duration) => Ok(duration),
        Err(_) => Err(format!("`{text}` is negative: a duration must be longer than zero")),
    }
}

/// Writes a duration for a person in at most six or so characters: `850ms`, `1.2s`, `48s`, `2m05s`, `1h03m`.
pub fn human_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    let secs = duration.as_secs();
    match secs {
        0 if ms < 1000 => format!("{ms}ms"),
        0..10 => format!("{}.{}s", secs, (ms % 1000) / 100),
        10..60 => format!("{secs}s"),
        60..3600 => format!("{}m{:02}s", secs / 60, secs % 60),
        _ => format!("{}h{:02}m", secs / 3600, secs % 3600 / 60),
    }
}

/// Writes a number of bytes for a person, in powers of ten: `512 B`, `4.1 kB`, `1.2 GB`.
pub fn human_bytes(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"];
    let mut value = bytes as f64;
    let mut unit = None;
    for name in units {
        // What would be written as 1000 of a unit is 1 of the next.
        if value < 999.95 {
            break;
        }
        (value, unit) = (value / 1000.0, Some(name));
    }
    unit.map_or_else(|| format!("{bytes} B"), |unit| format!("{value:.1} {unit}"))
}

/// Writes a limit as a person would have set it, to the millisecond: `60s`, `90s`, `2s`, `250ms`, `2m 30s`, `15m`.
pub fn limit_duration(duration: Duration) -> String {
    let (ms, secs) = (duration.subsec_millis(), duration.as_secs());
    match (secs, ms) {
        (0, ms) => format!("{ms}ms"),
        (0..=90, 0) => format!("{secs}s"),
        (_, 0) => {
            let parts = [(secs / 3600, "h"), (secs / 60 % 60, "m"), (secs % 60, "s")];
            let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n}{unit}"));
            parts.collect::<Vec<_>>().join(" ")
        }
        _ => human_duration(duration),
    }
}

/// Writes an amount for a person: `$0`, `$0.000012`, `$0.0042`, `$1.23`, `$1,234.50` without the comma: two
/// significant digits below a cent, four below a dollar, cents above.
pub fn human_usd(amount: Usd) -> String {
    let value = amount.decimal();
    let one = Decimal::ONE;
    if value.is_zero() {
        return "$0".to_owned();
    }
    let rounded = if value >= one { value.round_dp(2) } else { value.round_sf(2).unwrap_or(value) };
    if rounded >= one { format!("${rounded:.2}") } else { format!("${}", rounded.normalize()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_people_write_it() {
        for (text, want) in [("$5", "5"), ("5.00", "5"), ("$0.25", "0.25"), (" $ 1.5 ", "1.5")] {
            assert_eq!(text.parse::<Usd>().unwrap().to_string(), want, "{text}");
        }
        for text in ["", "$", "five", "-1", "$-1", "1e3", "1,000", "5 EUR"] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
    }

    #[test]
    fn money_from_json_is_exact() {
        assert_eq!(Usd::from_json("1.5e-7").unwrap().to_string(), "0.00000015");
        assert_eq!(Usd::from_json("0.1").unwrap() + Usd::from_json("0.2").unwrap(), Usd::from_json("0.3").unwrap());
        assert_eq!(Usd::from_json("\"0.000001\"").unwrap().to_string(), "0.000001");
        assert_eq!(Usd::from_json("-1"), None);
        assert_eq!(Usd::from_json("null"), None);
    }

    #[test]
    fn money_is_short_for_people() {
        for (text, want) in [("0", "$0"), ("0.00001234", "$0.000012"), ("0.5", "$0.5"), ("1.239", "$1.24")] {
            assert_eq!(human_usd(Usd::from_json(text).unwrap()), want);
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(parse_duration("1m 30s"), Ok(Duration::from_secs(90)));
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert!(parse_duration("30").unwrap_err().contains("`30s`"));
        assert!(parse_duration("-3s").unwrap_err().contains("negative"));
        assert!(parse_duration("0s").unwrap_err().contains("longer than zero"));
        assert!(parse_duration("soon").unwrap_err().contains("not a duration"));
    }

    fn matches(pattern: &str) -> impl Fn(&str) -> bool {
        let schema = serde_json::json!({"pattern": pattern});
        let validator = jsonschema::validator_for(&schema).unwrap();
        move |text| validator.is_valid(&serde_json::Value::from(text))
    }

    #[test]
    fn the_patterns_for_schemas_take_what_is_read() {
        let duration = matches(DURATION_PATTERN);
        for text in [
            "60s",
            " 1m 30s ",
            "250ms",
            "1h",
            "1.5s",
            "1h30m",
            "2 hours, 5 minutes",
            "1m30.5s",
            "5us",
            "5µs",
            "5ns",
            "00:01:30",
            "PT90S",
            "pt1h",
            "1hr 5mins 3secs",
            "0h 5s",
            "10millis",
            "+5s",
            // and what is refused:
            "",
            " ",
            "60",
            "0s",
            "0m 0s",
            "-5s",
            "5",
            "soon",
            "5x",
            "s",
            "1d",
            "1y",
            "1.5m 3s",
            "30s 1m",
            "5s 5s",
            "5s5",
            "5 s s",
            "1 h ago",
            "PT",
            "1,5",
            "5S",
            "1H",
            "5s,",
            "1m,30s",
            "1m , 30s",
            "00:00:00",
        ] {
            assert_eq!(duration(text), parse_duration(text).is_ok(), "{text:?}: {:?}", parse_duration(text));
        }
        let usd = matches(USD_PATTERN);
        for text in
            ["$5", "5.00", " $ 1.5 ", ".5", "5.", "$", "", "five", "-1", "$-1", "1e3", "1,000", "5 EUR", "1.2.3"]
        {
            assert_eq!(usd(text), text.parse::<Usd>().is_ok(), "{text:?}");
        }
        let (percent, some) = (matches(PERCENT_PATTERN), matches(SOME_PERCENT_PATTERN));
        for (text, is, above) in [
            ("80%", true, true),
            ("100%", true, true),
            ("0%", true, false),
            ("0.5 %", true, true),
            ("007%", true, true),
            ("100.0%", true, true),
            ("101%", false, false),
            ("-1%", false, false),
            ("80", false, false),
            ("%", false, false),
        ] {
            assert_eq!((percent(text), some(text)), (is, above), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn durations_made_of_units_are_taken_where_they_are_read(
            parts in proptest::collection::vec((0_u32..200, proptest::option::of(0_u32..10), 0_usize..9, 0_usize..3), 1..4)
        ) {
            let units = ["h", "hours", "m", "mins", "s", "seconds", "ms", "us", "ns"];
            let between = ["", " ", ", "];
            let text: Vec<String> = parts.iter().map(|(n, fraction, unit, gap)| {
                // A part of a nanosecond is no time at all.
                let fraction = fraction.filter(|_| units[*unit] != "ns").map(|digit| format!(".{digit}")).unwrap_or_default();
                format!("{n}{fraction}{}{}", units[*unit], between[*gap])
            }).collect();
            let text = text.concat();
            proptest::prop_assert_eq!(matches(DURATION_PATTERN)(&text), parse_duration(&text).is_ok(), "{:?}", text);
        }
    }

    #[test]
    fn limits_read_as_they_were_set() {
        for limit in ["250ms", "2s", "60s", "90s", "2m", "2m 30s", "15m", "1h", "1h 5s"] {
            assert_eq!(limit_duration(parse_duration(limit).unwrap()), limit);
        }
        assert_eq!(limit_duration(Duration::from_millis(1500)), "1.5s");
    }

    #[test]
    fn bytes_are_short_for_people() {
        for (bytes, want) in [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (4_096, "4.1 kB"), (999_960, "1.0 MB")] {
            assert_eq!(human_bytes(bytes), want);
        }
        assert_eq!(human_bytes(1_234_567_890), "1.2 GB");
        assert_eq!(human_bytes(u64::MAX), "18.4 EB");
    }

    #[test]
    fn durations_are_short_for_people() {
        for (ms, want) in [(12, "12ms"), (1234, "1.2s"), (48_700, "48s"), (125_000, "2m05s"), (3_780_000, "1h03m")] {
            assert_eq!(human_duration(Duration::from_millis(ms)), want);
        }
    }
}
