//! Results of word problems as models really write them; units, scales, ranges.

use serde_json::{Value, json};

use crate::grade::tests::{build, grade_with};

/// Options, expected, answer, verdict.
#[track_caller]
fn verdicts(table: &[(Value, Value, &str, bool)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(options, expected, answer, want)| {
            let mut grader = json!({"type": "number"});
            grader.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
            (grade_with(&grader, answer, expected), options, expected, answer, want)
        })
        .filter(|(grade, .., want)| grade.pass != Some(**want))
        .map(|(grade, options, expected, answer, want)| {
            format!("{options} {expected} in {answer:?}: want {want}: {:?}", grade.reason)
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn word_problems_are_graded_as_their_data_set_does() {
    // In the manner of GSM8K: the expectation is a worked solution, the answers are of several models' styles.
    let solution = "Each tray holds 3*4=<<3*4=12>>12 rolls, so 6 trays hold 12*6=<<12*6=72>>72.\n#### 72";
    let dear = "It pays 1200*12=<<1200*12=14400>>14,400 a year, less 400 is <<14400-400=14000>>14,000.\n#### 14,000";
    let none = json!({});
    verdicts(&[
        (none.clone(), json!(solution), "3 × 4 = 12, and 12 × 6 = 72.\n#### 72", true),
        (none.clone(), json!(solution), "The answer is 72.", true),
        (none.clone(), json!(solution), "**72** rolls", true),
        (none.clone(), json!(solution), "So there are $12 \\times 6 = 72$ rolls in all.", true),
        (none.clone(), json!(solution), "$\\boxed{72}$", true),
        (none.clone(), json!(solution), "72 rolls from 6 trays, so \\boxed{72\\text{ rolls}}", true),
        (none.clone(), json!(solution), "#### 72 rolls\n\nCheck: 72 / 6 = 12.", true),
        (none.clone(), json!(solution), "The total is 72.0", true),
        (none.clone(), json!(solution), "#### 12", false),
        (none.clone(), json!(solution), "I get 72 from 6 trays", false),
        (none.clone(), json!(dear), "#### 14000", true),
        (none.clone(), json!(dear), "He keeps $14,000.00.", true),
        (none.clone(), json!(dear), "He keeps USD 14 000", true),
        (none.clone(), json!(dear), "He keeps $14k.", true),
        (none.clone(), json!(dear), "He keeps 14 thousand dollars", true),
        (none.clone(), json!(dear), "#### -14000", false),
        (none.clone(), json!(dear), "#### 1400", false),
        (none.clone(), json!("#### 3"), "Half of it: 6/2 = 3", true),
        (none.clone(), json!("#### 0.5"), "#### 1/2", true),
        (none.clone(), json!("#### 25"), "25%", true),
        (none, json!("#### 5"), "#### $5", true),
    ]);
}

#[test]
fn words_of_scale_belong_to_a_number() {
    let none = json!({});
    verdicts(&[
        (none.clone(), json!(2_000_000), "about 2 million people", true),
        (none.clone(), json!(2_000_000), "2-million", true),
        (none.clone(), json!(3_500_000_000_u64), "3.5 Billion", true),
        (none.clone(), json!("1.2 trillion"), "1,200 billion", true),
        (none.clone(), json!(500), "5 hundred", true),
        (none.clone(), json!(200_000), "2 hundred thousand", true),
        (none.clone(), json!(3000), "$3k", true),
        (none.clone(), json!(2_500_000), "$2.5M a year", true),
        (none.clone(), json!(2_500_000), "€2.5mn", true),
        (none.clone(), json!(1_200_000_000), "USD 1.2bn", true),
        (none.clone(), json!(5), "5 M", true),
        (none.clone(), json!(5), "5k", true),
        (none.clone(), json!(5), "5 millionaires", true),
        (none.clone(), json!(5), "5 hundredths", true),
        (none.clone(), json!(5), "$5 more", true),
        (none, json!(2), "2 million", false),
    ]);
    let reason = grade_with(&json!("number"), "2 million", &json!(2)).reason.unwrap();
    assert!(reason.ends_with("(equal without the word behind it)"), "{reason}");
}

#[test]
fn a_unit_has_to_be_there_and_others_are_converted() {
    let km = json!({"unit": "km"});
    let both = json!({"unit": {"km": 1, "m": 0.001, "miles": "1.609344", "mi": 1.609_344}});
    verdicts(&[
        (km.clone(), json!(42), "It is 42 km.", true),
        (km.clone(), json!(42), "42km", true),
        (km.clone(), json!("42 km"), "It is $42\\text{ km}$", true),
        (km.clone(), json!(42), "$42\\,\\mathrm{km}$", true),
        (km.clone(), json!(42), "**42** km", true),
        (km.clone(), json!(42), "42", true),
        (km.clone(), json!(42), "42 miles", false),
        (km.clone(), json!(42), "42 km²", false),
        (km.clone(), json!(42), "42 km/h", false),
        (km.clone(), json!(42), "It is 42 km, a ride of 3 hours", true),
        (km.clone(), json!(42), "3 hours for 42 km on route 7", true),
        (km.clone(), json!(42), "\\boxed{42}", true),
        (km.clone(), json!(42), "\\boxed{42\\text{ miles}}", false),
        (km, json!(42), "42 Km", false),
        (both.clone(), json!(42), "42000 m", true),
        (both.clone(), json!("42000 m"), "42 km", true),
        (both.clone(), json!(1.609_344), "1 mi", true),
        (both.clone(), json!(3.218_688), "2 Miles", true),
        (both, json!(42), "42 m", false),
        (json!({"unit": ["€", "EUR", "euros"]}), json!(5), "€5", true),
        (json!({"unit": ["€", "EUR", "euros"]}), json!(5), "EUR 5", true),
        (json!({"unit": ["€", "EUR", "euros"]}), json!(5), "5 euros", true),
        (json!({"unit": ["€", "EUR", "euros"]}), json!(5), "5 dollars", false),
        (json!({"unit": "%"}), json!(5), "5 % of 80", true),
        (json!({"unit": "km", "take": "first"}), json!(42), "In 3 hours 42 km, then 7 km", true),
        (json!({"unit": "km", "take": "only"}), json!(42), "In 3 hours 42 km", true),
        (json!({"unit": "km", "take": "only"}), json!(42), "42 km or 43 km", false),
    ]);
    let grade = grade_with(&json!({"type": "number", "unit": "km"}), "42 miles", &json!(42));
    assert_eq!(grade.reason.as_deref(), Some(r#"expected 42 km, but there is no number in km in "42 miles""#));
}

#[test]
fn a_number_may_have_to_lie_in_a_range() {
    let range = json!({"min": 3, "max": "4.5"});
    verdicts(&[
        (range.clone(), json!(null), "3", true),
        (range.clone(), json!(null), "4.50", true),
        (range.clone(), json!(99), "it is 4", true),
        (range.clone(), json!(null), "2.999999999999999999999", false),
        (range.clone(), json!(null), "4.500000000000000000001", false),
        (range, json!(null), "none", false),
        (json!({"min": "1/3"}), json!(null), "0.3334", true),
        (json!({"min": "1/3"}), json!(null), "0.3333", false),
        (json!({"max": "1e30"}), json!(null), "1e29", true),
        (json!({"max": "1e30"}), json!(null), "1e31", false),
        (json!({"max": -1}), json!(null), "-5", true),
        (json!({"min": 3, "unit": {"km": 1, "m": 0.001}}), json!(null), "3500 m", true),
        (json!({"min": 3, "unit": {"km": 1, "m": 0.001}}), json!(null), "2500 m", false),
    ]);
    let grade = grade_with(&json!({"type": "number", "min": 3, "max": 4}), "7", &json!(null));
    assert_eq!(grade.reason.as_deref(), Some(r#"expected a number from 3 to 4, got 7, the last number in "7""#));
}

#[test]
fn wrong_ranges_and_units_are_refused_at_their_place() {
    for (options, path, part) in [
        (json!({"min": 3, "value": 4}), "value", "a range"),
        (json!({"min": 3, "tolerance": 1}), "tolerance", "a range"),
        (json!({"min": 3, "max": 2}), "max", "below `min`"),
        (json!({"min": "much"}), "min", "not a number"),
        (json!({"unit": ""}), "unit", "no name"),
        (json!({"unit": []}), "unit", "empty"),
        (json!({"unit": {"km": 0}}), "unit", "not a factor"),
        (json!({"unit": 5}), "unit", "expected a unit"),
    ] {
        let mut entry = json!({"type": "number"});
        entry.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        let error = build(&entry).expect_err("refused").0.remove(0);
        assert!(
            error.path.starts_with(path) && error.message.contains(part),
            "{entry}: {} {}",
            error.path,
            error.message
        );
    }
}
