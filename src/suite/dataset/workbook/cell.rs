//! One cell → JSON, and how cells are named.

use std::fmt::Write as _;

use calamine::{DataRef, ExcelDateTime};

use crate::suite::node::write_text;

/// Whole numbers up to here are exact, and told by their digits: 2^53.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Appends a cell's value as JSON.
///
/// # Errors
/// What stands there instead of a value.
pub(super) fn write(value: &DataRef<'_>, out: &mut String) -> Result<(), String> {
    match value {
        DataRef::Int(value) => push(out, value),
        DataRef::Float(value) => write_number(*value, out)?,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => write_text(text, out),
        DataRef::SharedString(text) => write_text(text, out),
        DataRef::Bool(value) => push(out, value),
        DataRef::DateTime(time) => write_text(&told(time), out),
        DataRef::Error(error) => return Err(format!("holds the error {error}")),
        // As the same table has it in CSV.
        DataRef::Empty => out.push_str("\"\""),
    }
    Ok(())
}

/// A cell's value as a column's name.
pub(super) fn name(value: &DataRef<'_>) -> String {
    let mut json = String::new();
    let _ = write(value, &mut json);
    serde_json::from_str(&json).unwrap_or(json).trim().to_owned()
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

fn write_number(value: f64, out: &mut String) -> Result<(), String> {
    if value.fract() == 0.0 && value.abs() <= EXACT {
        // A zero is written without the sign it may have.
        push(out, value + 0.0);
        return Ok(());
    }
    match serde_json::Number::from_f64(value) {
        Some(number) => push(out, number),
        None => return Err("holds a number out of range".to_owned()),
    }
    Ok(())
}

/// A date, a time of day, both, or a span of time (`26:30:00`).
fn told(time: &ExcelDateTime) -> String {
    let value = time.as_f64();
    if time.is_duration() {
        let sign = if value < 0.0 { "-" } else { "" };
        let millis = (value.abs() * 86_400_000.0).round();
        // Spans past any calendar saturate.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative; saturates")]
        let millis = millis as u64;
        let (seconds, rest) = (millis / 1000, millis % 1000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        return format!("{sign}{hours:02}:{minutes:02}:{seconds:02}{}", fraction(rest));
    }
    let (year, month, day, hours, minutes, seconds, millis) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    let clock = format!("{hours:02}:{minutes:02}:{seconds:02}{}", fraction(u64::from(millis)));
    if (0.0..1.0).contains(&value) {
        clock
    } else if clock == "00:00:00" {
        date
    } else {
        format!("{date}T{clock}")
    }
}

fn fraction(millis: u64) -> String {
    if millis == 0 { String::new() } else { format!(".{millis:03}") }
}

/// `C7` of a row and column from 0.
pub(super) fn place(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = u64::from(column) + 1;
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    let letters: String = letters.into_iter().rev().collect();
    format!("{letters}{}", u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    use super::*;

    fn json(value: DataRef<'_>) -> String {
        let mut out = String::new();
        write(&value, &mut out).unwrap();
        out
    }

    #[test]
    fn whole_numbers_have_no_point() {
        let numbers = [3.0, -3.0, -0.0, 0.1, 1e20, 1e15, 2.5];
        let told: Vec<_> = numbers.into_iter().map(|number| json(DataRef::Float(number))).collect();
        assert_eq!(told, ["3", "-3", "0", "0.1", "1e+20", "1000000000000000", "2.5"]);
        assert!(write(&DataRef::Float(f64::NAN), &mut String::new()).is_err());
    }

    #[test]
    fn dates_are_iso() {
        let date = |value, kind, is_1904| told(&ExcelDateTime::new(value, kind, is_1904));
        assert_eq!(date(45_356.0, DateTime, false), "2024-03-05");
        assert_eq!(date(45_356.604_166_666_664, DateTime, false), "2024-03-05T14:30:00");
        assert_eq!(date(0.604_166_666_666_666_6, DateTime, false), "14:30:00");
        assert_eq!(date(45_356.0 - 1462.0, DateTime, true), "2024-03-05");
        assert_eq!(date(1.104_166_666_666_666_7, TimeDelta, false), "26:30:00");
        assert_eq!(date(-0.5, TimeDelta, false), "-12:00:00");
        assert_eq!(date(f64::INFINITY, TimeDelta, false).len(), "5124095576030:25:51.615".len());
    }

    #[test]
    fn places_are_named_as_in_excel() {
        assert_eq!(
            ["A1", "Z2", "AA3", "XFD1048576"].map(str::to_owned),
            [place(0, 0), place(1, 25), place(2, 26), place(1_048_575, 16_383)]
        );
    }
}
