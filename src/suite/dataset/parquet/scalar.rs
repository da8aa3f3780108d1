//! Single values → JSON.

use std::fmt::Write as _;

use jiff::civil::{Time, date};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::record::Field;
use parquet::schema::types::Type;

use crate::suite::node::write_text;

use super::value::Odd;

/// Digits behind the point of a decimal; no writer knows more than 76.
const MAX_SCALE: u32 = 100;
/// Bytes of a decimal; no writer knows more than 32.
const MAX_DECIMAL: usize = 64;

/// What a column's values are, over how they are stored.
enum Meaning {
    Plain,
    Unsigned,
    /// With so many digits behind the point.
    Decimal(u32),
    Date,
    /// In so many parts of a second.
    Time(i64),
    /// In so many parts of a second; whether in UTC.
    Timestamp(i64, bool),
    Half,
    Uuid,
    Interval,
}

fn meaning(kind: &Type) -> Meaning {
    let parts = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    };
    let info = kind.get_basic_info();
    let scale = |scale: i32| Meaning::Decimal(u32::try_from(scale).unwrap_or(u32::MAX));
    match info.logical_type_ref() {
        Some(LogicalType::Integer(int)) if !int.is_signed => return Meaning::Unsigned,
        Some(LogicalType::Decimal(decimal)) => return scale(decimal.scale),
        Some(LogicalType::Date) => return Meaning::Date,
        Some(LogicalType::Time(time)) => return Meaning::Time(parts(&time.unit)),
        Some(LogicalType::Timestamp(time)) => {
            return Meaning::Timestamp(parts(&time.unit), time.is_adjusted_to_u_t_c);
        }
        Some(LogicalType::Float16) => return Meaning::Half,
        Some(LogicalType::Uuid) => return Meaning::Uuid,
        _ => {}
    }
    match info.converted_type() {
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Meaning::Unsigned
        }
        ConvertedType::DECIMAL => match kind {
            Type::PrimitiveType { scale: digits, .. } => scale(*digits),
            Type::GroupType { .. } => Meaning::Plain,
        },
        ConvertedType::DATE => Meaning::Date,
        ConvertedType::TIME_MILLIS => Meaning::Time(1000),
        ConvertedType::TIME_MICROS => Meaning::Time(1_000_000),
        ConvertedType::TIMESTAMP_MILLIS => Meaning::Timestamp(1000, true),
        ConvertedType::TIMESTAMP_MICROS => Meaning::Timestamp(1_000_000, true),
        ConvertedType::INTERVAL => Meaning::Interval,
        _ => Meaning::Plain,
    }
}

/// Appends a value that is neither list, map nor struct.
pub(super) fn write(field: &Field, kind: &Type, out: &mut String) -> Result<(), Odd> {
    match field {
        Field::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Field::Int(value) => match meaning(kind) {
            Meaning::Unsigned => push(out, value.cast_unsigned()),
            Meaning::Date => write_date(*value, out)?,
            other => write_whole(i64::from(*value), &other, out)?,
        },
        Field::Long(value) => match meaning(kind) {
            Meaning::Unsigned => push(out, value.cast_unsigned()),
            other => write_whole(*value, &other, out)?,
        },
        Field::Float(value) => write_float(f64::from(*value), serde_json::to_string(value), out)?,
        Field::Double(value) => write_float(*value, serde_json::to_string(value), out)?,
        // The library's reading of the 96 bits that Impala and old Spark write.
        Field::TimestampMillis(value) => write_timestamp(*value, 1000, true, out)?,
        Field::Bytes(bytes) => write_bytes(bytes.data(), &meaning(kind), out)?,
        other => return Err(Odd::new(format!("is of a type that is not read ({other:.40})"))),
    }
    Ok(())
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

fn write_whole(value: i64, meaning: &Meaning, out: &mut String) -> Result<(), Odd> {
    match *meaning {
        Meaning::Decimal(scale) => write_decimal(value < 0, &value.unsigned_abs().to_string(), scale, out),
        Meaning::Time(parts) => write_time(value, parts, out),
        Meaning::Timestamp(parts, is_utc) => write_timestamp(value, parts, is_utc, out),
        _ => {
            push(out, value);
            Ok(())
        }
    }
}

/// `spelling`: the shortest that reads back as the same number of the same width.
fn write_float(value: f64, spelling: serde_json::Result<String>, out: &mut String) -> Result<(), Odd> {
    match spelling {
        Ok(text) if value.is_finite() => {
            out.push_str(&text);
            Ok(())
        }
        _ => {
            let what = if value.is_nan() { "not a number (NaN)" } else { "infinite" };
            Err(Odd::new(format!("is {what}, which JSON cannot hold")).hint("write null where there is no value"))
        }
    }
}

/// A number of these digits, the last `scale` of them behind the point.
fn write_decimal(is_negative: bool, digits: &str, scale: u32, out: &mut String) -> Result<(), Odd> {
    if scale > MAX_SCALE {
        return Err(Odd::new("is a decimal with an impossible number of digits"));
    }
    let scale = scale as usize;
    if is_negative {
        out.push('-');
    }
    let (whole, part) = digits.split_at(digits.len().saturating_sub(scale));
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        let _ = write!(out, ".{part:0>scale$}");
    }
    Ok(())
}

/// The digits of a big-endian two's complement number.
fn digits_of(bytes: &[u8]) -> (bool, String) {
    let is_negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let mut number = bytes.to_vec();
    if is_negative {
        let mut carry = true;
        for byte in number.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    let mut digits = Vec::new();
    while number.iter().any(|&byte| byte != 0) {
        // The number is divided by ten, and the rest is its next digit.
        let mut rest = 0_u8;
        for byte in &mut number {
            let value = u16::from(rest) << 8 | u16::from(*byte);
            let [quotient, digit] = [value / 10, value % 10].map(|part| u8::try_from(part).unwrap_or(u8::MAX));
            (*byte, rest) = (quotient, digit);
        }
        digits.push(char::from(b'0' + rest));
    }
    let text: String = digits.into_iter().rev().collect();
    (is_negative, if text.is_empty() { "0".to_owned() } else { text })
}

fn write_date(days: i32, out: &mut String) -> Result<(), Odd> {
    let day = Span::new().try_days(days).and_then(|days| date(1970, 1, 1).checked_add(days));
    push(out, format_args!("\"{}\"", day.map_err(|_| Odd::new("is a date out of range"))?));
    Ok(())
}

fn write_time(value: i64, parts: i64, out: &mut String) -> Result<(), Odd> {
    let (seconds, rest) = (value.div_euclid(parts), value.rem_euclid(parts));
    let wrong = || Odd::new("is a time out of range");
    let part = |value: i64| i8::try_from(value).map_err(|_| wrong());
    let nanos = i32::try_from(rest * (1_000_000_000 / parts)).map_err(|_| wrong())?;
    let time = Time::new(part(seconds / 3600)?, part(seconds / 60 % 60)?, part(seconds % 60)?, nanos);
    push(out, format_args!("\"{}\"", time.map_err(|_| wrong())?));
    Ok(())
}

fn write_timestamp(value: i64, parts: i64, is_utc: bool, out: &mut String) -> Result<(), Odd> {
    let nanos = i32::try_from(value.rem_euclid(parts) * (1_000_000_000 / parts)).unwrap_or(0);
    let time = Timestamp::new(value.div_euclid(parts), nanos).map_err(|_| Odd::new("is a time out of range"))?;
    if is_utc {
        push(out, format_args!("\"{time}\""));
    } else {
        push(out, format_args!("\"{}\"", TimeZone::UTC.to_datetime(time)));
    }
    Ok(())
}

fn write_bytes(bytes: &[u8], meaning: &Meaning, out: &mut String) -> Result<(), Odd> {
    match *meaning {
        Meaning::Decimal(scale) if bytes.len() <= MAX_DECIMAL => {
            let (is_negative, digits) = digits_of(bytes);
            return write_decimal(is_negative, &digits, scale, out);
        }
        Meaning::Half => {
            if let [low, high] = *bytes {
                let value = half(u16::from_le_bytes([low, high]));
                return write_float(f64::from(value), serde_json::to_string(&value), out);
            }
        }
        Meaning::Uuid if bytes.len() == 16 => {
            out.push('"');
            for (i, byte) in bytes.iter().enumerate() {
                let dash = if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" };
                let _ = write!(out, "{dash}{byte:02x}");
            }
            out.push('"');
            return Ok(());
        }
        Meaning::Interval => return Err(Odd::new("is a span of time, which is not read")),
        _ => {}
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => write_text(text, out),
        Err(error) => {
            let (what, at) = (sniffed(bytes), error.valid_up_to() + 1);
            return Err(Odd::new(format!("holds {what}: not UTF-8 at byte {at}"))
                .hint("save it to files and name them in a column, or write text"));
        }
    }
    Ok(())
}

/// IEEE 754's 16 bits.
fn half(bits: u16) -> f32 {
    let (exponent, fraction) = (bits >> 10 & 0x1f, f32::from(bits & 0x3ff));
    let size = match exponent {
        0 => fraction * 2_f32.powi(-24),
        0x1f if fraction > 0.0 => f32::NAN,
        0x1f => f32::INFINITY,
        _ => (1024.0 + fraction) * 2_f32.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 0 { size } else { -size }
}

/// What bytes that are no text probably are.
pub(super) fn sniffed(bytes: &[u8]) -> &'static str {
    let is_riff = |kind: &[u8]| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(kind);
    let begins = |heads: &[&[u8]]| heads.iter().any(|head| bytes.starts_with(head));
    if begins(&[b"\x89PNG", b"\xff\xd8\xff", b"GIF8"]) || is_riff(b"WEBP") {
        "an image"
    } else if begins(&[b"fLaC", b"ID3", b"OggS"]) || is_riff(b"WAVE") {
        "a sound"
    } else {
        "bytes"
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decimal(bytes: &[u8], scale: u32) -> String {
        let mut out = String::new();
        let (is_negative, digits) = digits_of(bytes);
        write_decimal(is_negative, &digits, scale, &mut out).unwrap();
        out
    }

    #[test]
    fn decimals_keep_their_digits() {
        assert_eq!(decimal(&[], 0), "0");
        assert_eq!(decimal(&[0], 2), "0.00");
        assert_eq!(decimal(&[0xff], 2), "-0.01");
        assert_eq!(decimal(&1250_i32.to_be_bytes(), 2), "12.50");
        assert_eq!(decimal(&[0x80, 0], 1), "-3276.8");
        assert_eq!(decimal(&i128::MIN.to_be_bytes(), 38), "-1.70141183460469231731687303715884105728");
    }

    #[test]
    fn halves_are_floats() {
        for (bits, value) in
            [(0x3c00, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0x7bff, 65504.0), (1, 5.960_464_5e-8)]
        {
            assert_eq!(half(bits).to_bits(), f32::to_bits(value), "{bits:x}");
        }
        assert!(half(0x7c00).is_infinite() && half(0x7e00).is_nan());
    }

    proptest! {
        #[test]
        fn digits_are_those_of_the_number(number: i128) {
            let (is_negative, digits) = digits_of(&number.to_be_bytes());
            prop_assert_eq!(digits, number.unsigned_abs().to_string());
            prop_assert_eq!(is_negative, number < 0);
        }

        #[test]
        fn any_time_is_told_or_refused(value: i64, days: i32) {
            for parts in [1000, 1_000_000, 1_000_000_000] {
                let mut out = String::new();
                let _ = write_time(value, parts, &mut out);
                let _ = write_timestamp(value, parts, value % 2 == 0, &mut out);
            }
            let _ = write_date(days, &mut String::new());
        }
    }
}
