//! Numbers as they really stand in answers.

use std::fmt::Write;

use proptest::prelude::*;

use super::scan::{Mark, Style, numbers};
use super::value::{Quantity, Tolerance};

const COMMA: Style = Style { mark: Mark::Comma, percent_is_fraction: false };
const PERCENT: Style = Style { mark: Mark::Point, percent_is_fraction: true };

/// The numbers of a text as floating-point numbers, which the tables below are written in.
fn all(text: &str, style: Style) -> Vec<f64> {
    numbers(text, style).map(|number| number.value.to_f64()).collect()
}

#[track_caller]
fn reads(style: Style, table: &[(&str, &[f64])]) {
    let wrong = table.iter().fold(String::new(), |mut wrong, (text, want)| {
        let got = all(text, style);
        if got != *want {
            let _ = writeln!(wrong, "{text:?}: got {got:?}, want {want:?}");
        }
        wrong
    });
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn plain_numbers_are_found_in_prose() {
    reads(
        Style::default(),
        &[
            ("", &[]),
            ("no digits here", &[]),
            ("42", &[42.0]),
            ("The answer is 42.", &[42.0]),
            ("3.25", &[3.25]),
            (".5 of it", &[0.5]),
            ("wait...5", &[5.0]),
            ("5.", &[5.0]),
            ("**42**", &[42.0]),
            ("`42`", &[42.0]),
            ("x=5", &[5.0]),
            ("(7)", &[7.0]),
            ("007", &[7.0]),
            ("5kg and 3 m", &[5.0, 3.0]),
            ("the 12th of May", &[12.0]),
            ("1, 2, 3", &[1.0, 2.0, 3.0]),
            ("1,2,3", &[1.0, 2.0, 3.0]),
            ("42\n", &[42.0]),
            ("答案是42个", &[42.0]),
            ("Ответ: 42", &[42.0]),
            ("４２", &[42.0]),
            ("٤٢", &[42.0]),
            ("४२", &[42.0]),
            ("GPT-4o has 5", &[4.0, 5.0]),
            ("12:30", &[12.0, 30.0]),
            ("2024-05-01", &[2024.0, 5.0, 1.0]),
        ],
    );
}

#[test]
fn digits_inside_words_versions_and_dates_are_no_numbers() {
    reads(
        Style::default(),
        &[
            ("H2O", &[]),
            ("gpt4 and x_2", &[]),
            ("v1.2.3", &[]),
            ("version 1.2.3", &[]),
            ("192.168.0.1", &[]),
            ("on 12/05/2024 it was 3", &[3.0]),
            ("12/05/2024/7", &[]),
        ],
    );
}

#[test]
fn signs_belong_to_numbers_only_where_they_are_not_between_two() {
    reads(
        Style::default(),
        &[
            ("-5", &[-5.0]),
            ("−5", &[-5.0]),
            ("–5 °C", &[-5.0]),
            ("+5", &[5.0]),
            ("10-5", &[10.0, 5.0]),
            ("10 - 5", &[10.0, 5.0]),
            ("x-5", &[5.0]),
            ("(3)-5", &[3.0, 5.0]),
            ("pages 3–7", &[3.0, 7.0]),
            ("- 5 apples", &[5.0]),
            ("is -5.", &[-5.0]),
            ("=-5", &[-5.0]),
            ("(-5)", &[-5.0]),
            ("**-5**", &[-5.0]),
            ("-$5", &[-5.0]),
            ("$-5", &[-5.0]),
            ("−€5", &[-5.0]),
            ("-.5", &[-0.5]),
            ("--5", &[5.0]),
        ],
    );
}

#[test]
fn thousands_are_grouped_in_many_ways() {
    reads(
        Style::default(),
        &[
            ("1,234", &[1234.0]),
            ("1,234,567.89", &[1_234_567.89]),
            ("12,34,567", &[1_234_567.0]),
            ("1 234 567", &[1_234_567.0]),
            ("1\u{a0}234", &[1234.0]),
            ("1\u{202f}234", &[1234.0]),
            ("1_234_567", &[1_234_567.0]),
            ("1'234", &[1234.0]),
            ("1’234.5", &[1234.5]),
            ("1{,}234", &[1234.0]),
            (r"1\,234", &[1234.0]),
            ("1.234.567", &[1_234_567.0]),
            ("1,23", &[1.0, 23.0]),
            ("1234,567", &[1234.0, 567.0]),
            ("in 2023 100 people", &[2023.0, 100.0]),
            ("5 10 15", &[5.0, 10.0, 15.0]),
            ("12 345 6789", &[12.0, 345.0, 6789.0]),
            ("0,123", &[0.0, 123.0]),
            ("1,234, 5", &[1234.0, 5.0]),
            ("1,234,56", &[1234.0, 56.0]),
        ],
    );
}

#[test]
fn a_decimal_comma_is_read_where_it_is_asked_for() {
    reads(
        COMMA,
        &[
            ("3,5", &[3.5]),
            ("1.234,5", &[1234.5]),
            ("1.234.567,89", &[1_234_567.89]),
            ("1 234,5", &[1234.5]),
            ("1.234", &[1234.0]),
            (",5", &[0.5]),
            ("1,234,567", &[1_234_567.0]),
            ("42, sagt er", &[42.0]),
        ],
    );
}

#[test]
fn currency_and_percent_signs_are_units() {
    reads(
        Style::default(),
        &[
            ("$1,234.50", &[1234.5]),
            (r"\$5", &[5.0]),
            ("€5", &[5.0]),
            ("5€", &[5.0]),
            ("₹12,34,567", &[1_234_567.0]),
            ("USD 5", &[5.0]),
            ("USD5", &[5.0]),
            ("US$5", &[5.0]),
            ("R$5", &[5.0]),
            ("50%", &[50.0]),
            (r"50\%", &[50.0]),
        ],
    );
    reads(
        PERCENT,
        &[
            ("50%", &[0.5]),
            ("50 %", &[0.5]),
            (r"12.5\%", &[0.125]),
            ("50 percent", &[0.5]),
            ("50", &[50.0]),
            ("½%", &[0.005]),
        ],
    );
}

#[test]
fn fractions_are_read_as_numbers() {
    reads(
        Style::default(),
        &[
            ("3/4", &[0.75]),
            ("-3/4", &[-0.75]),
            ("3⁄4", &[0.75]),
            ("1 3/4", &[1.75]),
            ("½", &[0.5]),
            ("2½", &[2.5]),
            ("2 ½", &[2.5]),
            (r"\frac{3}{4}", &[0.75]),
            (r"-\frac{3}{4}", &[-0.75]),
            (r"\dfrac 3 4", &[0.75]),
            (r"\frac34", &[0.75]),
            (r"1\frac{1}{2}", &[1.5]),
            (r"\frac{x}{4}", &[4.0]),
            ("5/0", &[5.0, 0.0]),
            ("12/4 = 3", &[3.0, 3.0]),
            ("and/or 5", &[5.0]),
            ("10 5/4", &[10.0, 1.25]),
            ("3/4.5", &[3.0, 4.5]),
        ],
    );
}

#[test]
fn scientific_notation_is_read_as_typed_and_as_printed() {
    reads(
        Style::default(),
        &[
            ("1.5e10", &[1.5e10]),
            ("1.5E-3", &[1.5e-3]),
            ("2e+5", &[2e5]),
            ("6.02 × 10^23", &[6.02e23]),
            ("6.02×10²³", &[6.02e23]),
            (r"6.02 \times 10^{23}", &[6.02e23]),
            (r"6.02 \cdot 10^{-23}", &[6.02e-23]),
            ("6.02x10^23", &[6.02e23]),
            ("6.02*10**23", &[6.02e23]),
            ("10^5", &[1e5]),
            ("10^{-3}", &[1e-3]),
            ("10⁻³", &[1e-3]),
            ("5 × 10", &[5.0, 10.0]),
            ("2 × 3", &[2.0, 3.0]),
            ("5e", &[5.0]),
            ("5ex", &[5.0]),
        ],
    );
}

fn one(text: &str) -> Quantity {
    let mut found = numbers(text, Style::default());
    let number = found.next().unwrap();
    assert!(found.next().is_none(), "{text}");
    number.value
}

#[test]
fn equality_is_exact_at_any_length() {
    for (a, b) in [
        ("1", "1.000"),
        ("1267650600228229401496703205376", "1267650600228229401496703205376.0"),
        ("0.1", "1e-1"),
        ("3/4", "0.75"),
        ("6/8", "3/4"),
        ("-0", "0"),
        ("1000", "1e3"),
        ("0.000", "0"),
    ] {
        assert!(one(a).equals(&one(b)) && one(b).equals(&one(a)), "{a} = {b}");
    }
    for (a, b) in [
        ("1267650600228229401496703205376", "1267650600228229401496703205377"),
        ("0.1", "0.10000000000000000001"),
        ("1/3", "0.3333333333333333"),
        ("-1", "1"),
        ("1e400", "1e401"),
    ] {
        assert!(!one(a).equals(&one(b)), "{a} = {b}");
    }
}

#[test]
fn tolerances_are_exact_and_hold_at_their_bounds() {
    let near = |got: &str, expected: &str, absolute: &str, relative: &str| {
        let tolerance = Tolerance {
            absolute: (!absolute.is_empty()).then(|| one(absolute)),
            relative: (!relative.is_empty()).then(|| one(relative)),
        };
        one(got).is_near(&one(expected), &tolerance)
    };
    // 0.3 - 0.2 is more than 0.1 in floating point.
    assert!(near("0.3", "0.2", "0.1", ""));
    assert!(!near("0.31", "0.2", "0.1", ""));
    assert!(near("99", "100", "", "0.01"));
    assert!(!near("98.9", "100", "", "0.01"));
    assert!(near("-99", "-100", "", "0.01"));
    assert!(near("0.3333", "1/3", "0.001", ""));
    assert!(near("1e30", "1.001e30", "", "0.01"));
    assert!(!near("1e400", "5", "1", ""));
    assert!(near("5", "5.4", "0.1", "0.1"), "either tolerance is enough");
}

proptest! {
    #[test]
    fn every_whole_number_is_read_back(n in any::<i64>()) {
        let (found, text) = (one(&n.to_string()), n.to_string());
        prop_assert!(found.equals(&Quantity::decimal(n < 0, text.trim_start_matches('-'), 0)));
    }

    #[test]
    fn grouping_changes_nothing(n in 0_u64..1_000_000_000_000) {
        let plain = n.to_string();
        for separator in [",", " ", "_", "'", "\u{a0}"] {
            let mut grouped = String::new();
            for (i, c) in plain.chars().enumerate() {
                if i > 0 && (plain.len() - i) % 3 == 0 {
                    grouped.push_str(separator);
                }
                grouped.push(c);
            }
            prop_assert!(one(&grouped).equals(&one(&plain)), "{}", grouped);
        }
    }

    #[test]
    fn spans_are_in_order_and_inside_the_text(text in "[0-9 .,/%$e×^{}\\\\a-c½−-]{0,60}") {
        let mut end = 0;
        for number in numbers(&text, Style::default()) {
            prop_assert!(number.span.start >= end && number.span.end > number.span.start);
            prop_assert!(text.get(number.span.clone()).is_some());
            end = number.span.end;
        }
    }
}
