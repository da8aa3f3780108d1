//! Results as models really write them, and agreement with the reference.

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::grade::Grade;
use crate::grade::tests::{build, grade_with};

use super::equal::{Room, same};
use super::locate::locate;
use super::parse::readings;

/// A verdict of math-verify, made by `tests/reference/math_verify.py`.
#[derive(Debug, Deserialize)]
struct Vector {
    expected: String,
    given: String,
    /// `null` where it reads nothing.
    verdict: Option<bool>,
}

#[derive(Debug, Deserialize)]
struct Reference {
    version: String,
    vectors: Vec<Vector>,
}

/// Pairs of which the reference says otherwise, our verdict, and why it stands.
const ON_PURPOSE: [(&str, &str, bool, &str); 21] = [
    ("17", "17.", true, "a full stop in the box is no part of the number"),
    ("1e3", "1000", true, "scientific notation; the reference reads Euler's number"),
    (r"0.\overline{3}", r"\frac{1}{3}", true, "a repeating decimal is exact; the reference reads 0"),
    (r"\frac ab", r"\frac{a}{b}", true, "TeX's own short form"),
    ("x^{2y}", "(x^2)^y", true, "equal wherever both are real"),
    (r"\sin 30^\circ", r"\frac{1}{2}", true, "degrees inside a function are degrees; the reference reads radians"),
    (r"\ln(xy)", r"\ln x + \ln y", true, "equal wherever both are real"),
    ("x + y = 3", "3", false, "an equation is not its right side; only `x = 3` is"),
    ("1<x<2", "2>x>1", true, "the same condition from the other end"),
    ("2x>4", "x>2", true, "the same condition times a positive number"),
    (r"\emptyset", r"\varnothing", true, "two signs for the empty set"),
    (r"\begin{pmatrix}1\\2\end{pmatrix}", "(1,2)", true, "a column and a point with the same entries"),
    ("i^2", "-1", true, "i is the imaginary unit; the reference reads a variable"),
    ("(1+i)^2", "2i", true, "i is the imaginary unit"),
    (r"\frac{1}{i}", "-i", true, "i is the imaginary unit"),
    (r"e^{i\pi}", "-1", true, "i is the imaginary unit"),
    ("|3+4i|", "5", true, "i is the imaginary unit"),
    ("3i", r"i \cdot 3", true, "i is the imaginary unit"),
    ("(2,3)", r"\{2,3\}", false, "a point or an interval is no set of two"),
    (r"\{2,3\}", "(2,3)", false, "a set of two is no point or interval"),
    ("12", r"\text{12 hours}", true, "the unit stands in the same text as the number"),
];

/// The grade of a result in a box.
fn boxed(expected: &str, given: &str) -> Grade {
    grade_with(&json!("math"), &format!("$\\boxed{{{given}}}$"), &json!(expected))
}

#[test]
fn verdicts_agree_with_math_verify_but_where_told() {
    let reference: Reference = serde_json::from_str(include_str!("../../../tests/reference/math_verify.json")).unwrap();
    assert_eq!(reference.version, "0.9.0");
    assert!(reference.vectors.len() >= 400);
    let mut wrong = Vec::new();
    let mut met = 0;
    for Vector { expected, given, verdict } in &reference.vectors {
        let ours = boxed(expected, given);
        let purpose = ON_PURPOSE.iter().find(|(e, g, ..)| e == expected && g == given);
        met += usize::from(purpose.is_some());
        let want = purpose.map_or(*verdict, |(_, _, ours, _)| Some(*ours));
        let needless = purpose.is_some_and(|(_, _, ours, _)| *verdict == Some(*ours));
        if ours.pass != want || needless {
            wrong.push(format!("{expected} and {given}: {:?}, reference {verdict:?}: {:?}", ours.pass, ours.reason));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(met, ON_PURPOSE.len(), "each disagreement has its vector");
}

/// Expected, answer, verdict; `None`: cannot tell.
#[track_caller]
fn verdicts(table: &[(&str, &str, Option<bool>)]) {
    let wrong: Vec<String> = table
        .iter()
        .map(|(expected, answer, want)| (expected, answer, want, grade_with(&json!("math"), answer, &json!(expected))))
        .filter(|(_, _, want, got)| got.pass != **want)
        .map(|(expected, answer, want, got)| {
            format!("{expected} in {answer:?}: {:?}, want {want:?}: {:?}", got.pass, got.reason)
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

const YES: Option<bool> = Some(true);
const NO: Option<bool> = Some(false);

#[test]
fn results_are_found_where_models_put_them() {
    verdicts(&[
        ("5", "So $x^2 = 25$ and we get $\\boxed{5}$.", YES),
        ("5", "\\boxed{4} was my first try.\nNow \\boxed{5}", YES),
        ("1, 2", "So $x = \\boxed{1}$ or $x = \\boxed{2}$.", YES),
        ("2", "First \\boxed{1}. After a long and careful second look at it all: \\boxed{2}", YES),
        ("50%", "It is $\\boxed{50}\\%$.", YES),
        ("\\frac{3}{4}", "**Answer:** 3/4", YES),
        ("\\frac{3}{4}", "The final answer is $\\frac{3}{4}$. I hope it is correct.", YES),
        ("5", "The answer is 5 because 2 + 3 is that.", YES),
        ("5", "The answer is 5, since 7 would be too much.", YES),
        ("5", "Answer: x = 5.", YES),
        ("12", "The answer is 12 apples.", YES),
        ("72", "48/2 = 24\n#### 72", YES),
        ("72", "#### 1. Add\n48 + 24 is $72$", YES),
        ("2\\sqrt{3}", "Thus the length is\n\\[ 2\\sqrt{3} \\]", YES),
        ("2\\sqrt{3}", "Thus\n$$\nx = \\sqrt{12}\n$$\nas wanted.", YES),
        ("1, 2", "The roots are $1$ and $2$.", YES),
        ("1, 2", "The solutions are $x=1$, $x=2$.", YES),
        ("15", "It costs $5 and then $10, in all $15.", YES),
        ("7", "Some thoughts.\n\n7", YES),
        ("x+1", "Some thoughts.\n\nx + 1", YES),
        ("7", "So there are 7 days", YES),
        ("10", "There are 10 ways to do it.", YES),
        ("5", "Let me think. At first I took 7, but in truth it is 5", YES),
        ("7", "7 (seven)", YES),
        ("x = 3", "We find that y = 3", NO),
        ("x = 3", "We find that x = 3", YES),
        ("-3", "Therefore, x = -3.", YES),
        ("Tuesday", "The answer is Tuesday.", YES),
        ("Tuesday", "\\boxed{\\text{Tuesday}}", YES),
        ("Tuesday", "It rains.", NO),
        ("C", "The answer is $\\boxed{\\textbf{(C)}}$", YES),
        ("5", "\\boxed{}\nAnswer: 5", YES),
        ("答案", "答案", YES),
        ("5", "答案：5", YES),
        ("5", "", NO),
        ("5", "I cannot help with that.", NO),
        ("5", "Sorry, but I can't say; it's too hard!", NO),
    ]);
}

#[test]
fn what_is_maths_but_not_understood_is_no_verdict() {
    verdicts(&[
        ("5", "\\boxed{\\int_0^1 x\\,dx}", None),
        ("5", "\\boxed{\\frac{5}}", None),
        ("5", "\\boxed{\\begin{cases} 1 \\\\ 2 \\end{cases}}", None),
        ("5", "$$\\sum_{k=1}^n k$$", None),
        ("5", "\\boxed{5 \\text{ if } x > 0}", None),
        ("5", &format!("\\boxed{{{}}}", "(".repeat(200)), None),
        ("5", &format!("\\boxed{{{}}}", "1+".repeat(3_000)), None),
        ("5", "\\boxed{1, 2, \\ldots, 9}", None),
        ("1/0", "\\boxed{1/0}", YES),
        ("1/0", "\\boxed{2/0}", None),
    ]);
    let grade = boxed("5", r"\int_0^1 x\,dx");
    assert_eq!(
        grade.reason.as_deref(),
        Some(r#"cannot read "\int_0^1 x\,dx" as mathematics: `\int` is not understood"#)
    );
    let fail = boxed("5", "6");
    assert_eq!(fail.reason.as_deref(), Some(r#"expected "5", got "6", in the box"#));
    assert_eq!(fail.extracted.as_deref(), Some("6"));
}

#[test]
fn equality_is_exact_where_floating_point_is_not() {
    let big = "9".repeat(400);
    let other = format!("{}8", "9".repeat(399));
    verdicts(&[
        (&big, &big, YES),
        (&big, &other, NO),
        ("10^{400}", "10^{400}+1", NO),
        ("100000000000000000000x+y", "100000000000000000001x+y", NO),
        ("10^{-20}", "0", NO),
        ("10^{-20}", "2 \\cdot 10^{-20}", NO),
        ("(x+1)^{50}", "(1+x)^{50}", YES),
        ("(x+1)^{50}", "(1+x)^{51}", NO),
        ("(a+b+c+d+e)^{40}(a-b)^{40}", "((a-b)(e+d+c+b+a))^{40}", YES),
        ("2^{1000}", "4^{500}", YES),
        ("2^{1000}", "4^{500}+1", NO),
        ("100!", "100 \\cdot 99!", YES),
        ("0.1+0.2", "0.3", YES),
        ("\\sin^2 x + \\cos^2 x - 1", "0", YES),
        ("\\sqrt{2}\\cdot 10^{-13}", "\\sqrt{3}\\cdot 10^{-13}", NO),
        ("0.0000001", "0.0000002", NO),
        ("\\sqrt[3]{-8}", "-2", YES),
        ("\\sqrt{x^2}", "x", NO),
        ("2305843009213693951", "0", NO),
    ]);
}

#[test]
fn notation_does_not_count() {
    verdicts(&[
        ("\\frac{1}{2}", "½", YES),
        ("2\\sqrt{3}", "2√3", YES),
        ("x^2+1", "x²+1", YES),
        ("x^2+1", "x**2 + 1", YES),
        ("\\sqrt{x+1}", "sqrt(x+1)", YES),
        ("2\\pi r", "2πr", YES),
        ("x \\le 3", "x <= 3", YES),
        ("3 \\cdot 4", "3 × 4", YES),
        ("[0, \\infty)", "[0, infinity)", YES),
        ("(0,1)", "]0, 1[", YES),
        ("1 1/2", "1.5", YES),
        ("\\log_{10} 100", "2", YES),
        ("\\mathbb{R} \\setminus \\{0\\}", "(-\\infty,0)\\cup(0,\\infty)", YES),
        ("x \\ne 0", "(-\\infty,0)\\cup(0,\\infty)", YES),
        ("\\mathbb{R}", "(-\\infty,\\infty)", YES),
        ("x < -1 \\text{ or } x > 1", "(-\\infty,-1) \\cup (1,\\infty)", YES),
        ("(100,200)", "(100,200)", YES),
        ("100200", "100,200", YES),
        ("100, 200", "100,200", YES),
        ("1000000", "1 000 000", YES),
        ("5 \\text{ m}/\\text{s}", "5", YES),
        ("10 cm^2", "10", YES),
        ("25 °C", "25", YES),
        ("2:3", "2/3", YES),
        ("f(x) = x^2", "f(x) = x \\cdot x", YES),
        ("y = x^2", "f(x) = x^2", NO),
        ("x \\in \\{1,2\\}", "\\{2,1\\}", YES),
        ("(x,y) = (1,2)", "(1,2)", YES),
        ("\\frac{5}{3}", "x = \\frac{5}{3} \\approx 1.67", YES),
        ("6 \\pm 2", "8, 4", YES),
        ("11_{\\text{two}}", "11_2", YES),
        ("11_2", "3", YES),
        ("\\angle ABC = 30^\\circ", "30", YES),
        ("\\text{Area} = 5", "5", YES),
        ("1,2,3", "1 < 2", NO),
        ("1.2e5", "120000", YES),
        ("1.5e-3", "0.0015", YES),
        ("2e-3", "2 \\cdot e - 3", YES),
        ("6.02e23", "6.02 \\times 10^{23}", YES),
        ("(-1,3)", "|x - 1| < 2", YES),
        ("(-\\infty,-2]\\cup[2,\\infty)", "|x| \\ge 2", YES),
        ("(2,\\infty)", "2x > 4", None),
    ]);
}

#[test]
fn tolerances_let_numbers_pass_that_are_near() {
    let with = |options: Value, answer: &str, expected: &str| {
        let mut grader = json!({"type": "math"});
        grader.as_object_mut().unwrap().extend(options.as_object().unwrap().clone());
        grade_with(&grader, answer, &json!(expected)).pass
    };
    assert_eq!(with(json!({}), "3.14", "\\pi"), NO);
    assert_eq!(with(json!({"tolerance": 0.01}), "3.14", "\\pi"), YES);
    assert_eq!(with(json!({"tolerance": 0.001}), "3.14", "\\pi"), NO);
    assert_eq!(with(json!({"relative_tolerance": "1%"}), "(99, 3)", "(100, 3)"), YES);
    assert_eq!(with(json!({"relative_tolerance": 0.01}), "98", "100"), NO);
    assert_eq!(with(json!({"tolerance": 0.1}), "0.3", "0.2"), YES);
    assert_eq!(with(json!({"value": ["1/2", "1/3"]}), "\\boxed{\\frac13}", "7"), YES);
}

#[test]
fn wrong_options_and_expectations_are_refused() {
    let error = |entry: Value| build(&entry).expect_err("refused").0.remove(0);
    let refused = error(json!({"type": "math", "value": "\\int x"}));
    assert_eq!(refused.path, "value");
    assert!(refused.message.contains("cannot read \"\\int x\" as mathematics: `\\int`"), "{}", refused.message);
    assert!(refused.hint.unwrap().contains("`exact`"));
    assert_eq!(error(json!({"type": "math", "tolerance": "much"})).path, "tolerance");
    assert_eq!(error(json!({"type": "math", "relative_tolerance": -1})).path, "relative_tolerance");
    let two = build(&json!({"type": "math", "tolerance": "a", "relative_tolerance": "b"})).expect_err("refused");
    assert_eq!(two.0.len(), 2);
}

#[test]
fn the_place_of_a_result_is_told() {
    for (answer, how, text) in [
        ("\\boxed{1} \\text{ and } \\boxed{2}", "in the box", "1, 2"),
        ("answer is $1$ and $2$, as $3$", "behind the last marker", "1, 2"),
        ("$1$ and then $2$", "the last formula", "2"),
        ("a\n**b**\n", "the last line", "b"),
        ("costs $5 and $6", "the last line", "costs $5 and $6"),
    ] {
        let located = locate(answer);
        assert_eq!((located.how, located.texts.first().map(String::as_str)), (how, Some(text)), "{answer}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn every_fraction_equals_its_multiple(top in -10_000_i64..10_000, bottom in 1_i64..10_000, by in 1_i64..1_000) {
        let expected = format!("\\frac{{{top}}}{{{bottom}}}");
        prop_assert_eq!(boxed(&expected, &format!("\\frac{{{}}}{{{}}}", top * by, bottom * by)).pass, YES);
        prop_assert_eq!(boxed(&expected, &format!("\\frac{{{}}}{{{}}}", top * by + 1, bottom * by)).pass, NO);
    }

    #[test]
    fn every_polynomial_equals_itself_the_other_way_around(terms in prop::collection::vec((-50_i32..50, 0_u32..6), 1..8)) {
        let write = |terms: &[(i32, u32)]| {
            terms.iter().map(|(by, power)| format!("({by})x^{{{power}}}")).collect::<Vec<_>>().join("+")
        };
        let turned: Vec<_> = terms.iter().rev().copied().collect();
        prop_assert_eq!(boxed(&write(&terms), &write(&turned)).pass, YES);
        let more: Vec<_> = terms.iter().copied().chain([(1, 3)]).collect();
        prop_assert_eq!(boxed(&write(&terms), &write(&more)).pass, NO);
    }

    #[test]
    fn nothing_that_can_be_read_differs_from_itself(text in "[-0-9a-cx+*/^(){}, |<=.!%]{1,24}") {
        for meaning in readings(&text).unwrap_or_default() {
            prop_assert_ne!(same(&meaning, &meaning, Room::default()), NO, "{:?}", meaning);
        }
    }

    #[test]
    fn no_maths_panics(text in "(\\\\frac|\\\\sqrt|\\{|\\}|\\(|\\[|\\)|\\]|\\\\text|\\\\begin|pmatrix|&|\\\\\\\\|[0-9]|,|\\^|_|x|\\\\pm|<|=|\\||\\\\cup|!|%|\\$| |\\\\overline|\\.|sin|\\\\log){0,60}") {
        let _ = boxed("5", &text);
        let _ = grade_with(&json!("math"), &text, &json!("x+1"));
    }
}
