//! Numbers as text: plain decimals, never an exponent, no locale.

/// At most `places` decimals, no trailing zeros; `None` for what is no finite number.
pub(super) fn decimal(value: f64, places: usize) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let text = format!("{value:.places$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    Some(if text == "-0" { "0".to_owned() } else { text.to_owned() })
}

/// A whole number with commas between thousands, for people.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_plain() {
        for (value, places, want) in [
            (1234.5678, 3, "1234.568"),
            (800.0, 3, "800"),
            (100.0, 0, "100"),
            (0.000_000_1, 3, "0"),
            (-0.000_1, 3, "0"),
            (1e21, 3, "1000000000000000000000"),
            (1.0 / 3.0, 6, "0.333333"),
        ] {
            assert_eq!(decimal(value, places).as_deref(), Some(want));
        }
        assert_eq!(decimal(f64::NAN, 3), None);
        assert_eq!(decimal(f64::INFINITY, 3), None);
        assert_eq!((grouped(7).as_str(), grouped(1_234_567).as_str()), ("7", "1,234,567"));
    }
}
