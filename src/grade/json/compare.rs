//! Comparing two JSON values, and the first place where they differ.

use std::fmt;

use serde_json::{Map, Value};

use crate::grade::normal::fold_case;
use crate::grade::options::OptionError;
use crate::text::{excerpt, one_line};

use super::pairing::Pairing;
use super::place::{push_index, push_key};

/// Which differences do not count.
#[derive(Debug, Clone, Default)]
pub(in crate::grade) struct Comparison {
    /// Objects may have more keys, arrays more items (in the same order) than expected.
    pub(in crate::grade) subset: bool,
    /// Arrays are compared as bags.
    pub(in crate::grade) ignore_order: bool,
    /// Keys that are not looked at, at any depth.
    pub(in crate::grade) ignore_keys: Vec<String>,
    /// Texts are equal in upper and lower case; keys are not.
    pub(in crate::grade) ignore_case: bool,
    /// How far apart two numbers may be.
    pub(in crate::grade) tolerance: f64,
}

/// The first place where two values differ.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::grade) struct Difference<'v> {
    /// `items[1].price`, or empty for the value as a whole.
    path: String,
    what: What<'v>,
}

/// How they differ there. Put into words only when it is shown: most differences just tell that two items of an array
/// are not a pair.
#[derive(Debug, Clone, PartialEq)]
enum What<'v> {
    Value { expected: &'v Value, got: &'v Value },
    MissingKey { expected: &'v Value },
    ExtraKey { got: &'v Value },
    Length { expected: usize, got: usize, more_allowed: bool },
    MissingItem { expected: &'v Value, got: &'v [Value] },
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "at `{}`: ", one_line(&self.path))?;
        }
        match self.what {
            What::Value { expected, got } => write!(f, "expected {}, got {}", brief(expected), brief(got)),
            What::MissingKey { expected } => write!(f, "expected {}, but the key is missing", brief(expected)),
            What::ExtraKey { got } => write!(f, "unexpected key with the value {}", brief(got)),
            What::Length { expected, got, more_allowed } => {
                let least = if more_allowed { "at least " } else { "" };
                let items = if expected == 1 { "item" } else { "items" };
                write!(f, "expected {least}{expected} {items}, got {got}")
            }
            What::MissingItem { expected, got } => {
                write!(f, "expected an item {}, got {}", brief(expected), brief(&Value::from(got)))
            }
        }
    }
}

/// A value on one line, cut to a length fit for a reason.
pub(in crate::grade) fn brief(value: &Value) -> String {
    one_line(&excerpt(&value.to_string(), 200)).into_owned()
}

/// The option `tolerance`, 0 where it is left out.
///
/// # Errors
/// What cannot be a tolerance.
pub(in crate::grade) fn tolerance(option: Option<f64>) -> Result<f64, OptionError> {
    let tolerance = option.unwrap_or(0.0);
    if tolerance >= 0.0 && tolerance.is_finite() {
        return Ok(tolerance);
    }
    Err(OptionError::at("tolerance", "a tolerance is not negative", Some("write for example `0.01`")))
}

impl<'v> What<'v> {
    fn at(self, path: &str) -> Difference<'v> {
        Difference { path: path.to_owned(), what: self }
    }
}

impl Comparison {
    /// Where the answer's value first differs from the expected one.
    pub(in crate::grade) fn difference<'v>(&self, expected: &'v Value, got: &'v Value) -> Option<Difference<'v>> {
        self.differ_at(&mut String::new(), expected, got)
    }

    /// The same for the values of one key, which begins the place of the difference.
    pub(in crate::grade) fn difference_at<'v>(
        &self,
        key: &str,
        expected: &'v Value,
        got: &'v Value,
    ) -> Option<Difference<'v>> {
        let mut path = String::new();
        push_key(&mut path, key);
        self.differ_at(&mut path, expected, got)
    }

    fn same(&self, expected: &Value, got: &Value) -> bool {
        self.differ_at(&mut String::new(), expected, got).is_none()
    }

    fn differ_at<'v>(&self, path: &mut String, expected: &'v Value, got: &'v Value) -> Option<Difference<'v>> {
        match (expected, got) {
            (Value::Object(expected), Value::Object(got)) => self.objects(path, expected, got),
            (Value::Array(expected), Value::Array(got)) => self.arrays(path, expected, got),
            _ if self.same_scalar(expected, got) => None,
            _ => Some(What::Value { expected, got }.at(path)),
        }
    }

    fn same_scalar(&self, expected: &Value, got: &Value) -> bool {
        match (expected, got) {
            (Value::Number(expected), Value::Number(got)) => {
                let whole = |n: &serde_json::Number| n.as_i64().map(i128::from).or(n.as_u64().map(i128::from));
                match (whole(expected), whole(got)) {
                    (Some(expected), Some(got)) if expected == got || self.tolerance == 0.0 => expected == got,
                    _ => {
                        let (expected, got) = (expected.as_f64().unwrap_or(f64::NAN), got.as_f64().unwrap_or(f64::NAN));
                        (expected - got).abs() <= self.tolerance
                    }
                }
            }
            (Value::String(expected), Value::String(got)) if self.ignore_case => fold_case(expected) == fold_case(got),
            _ => expected == got,
        }
    }

    fn objects<'v>(
        &self,
        path: &mut String,
        expected: &'v Map<String, Value>,
        got: &'v Map<String, Value>,
    ) -> Option<Difference<'v>> {
        let looked_at = |key: &&String| !self.ignore_keys.contains(*key);
        for key in expected.keys().filter(looked_at) {
            let length = path.len();
            push_key(path, key);
            let found = match got.get(key) {
                Some(value) => self.differ_at(path, &expected[key], value),
                None => Some(What::MissingKey { expected: &expected[key] }.at(path)),
            };
            path.truncate(length);
            if found.is_some() {
                return found;
            }
        }
        if self.subset {
            return None;
        }
        let extra = got.keys().filter(looked_at).find(|key| !expected.contains_key(*key))?;
        push_key(path, extra);
        Some(What::ExtraKey { got: &got[extra] }.at(path))
    }

    fn arrays<'v>(&self, path: &mut String, expected: &'v [Value], got: &'v [Value]) -> Option<Difference<'v>> {
        let wrong_length = if self.subset { expected.len() > got.len() } else { expected.len() != got.len() };
        // Where items stand at places, the first wrong one tells more than the length does.
        let in_places = !self.subset && !self.ignore_order;
        if in_places {
            for (index, (expected, got)) in expected.iter().zip(got).enumerate() {
                let length = path.len();
                push_index(path, index);
                let found = self.differ_at(path, expected, got);
                path.truncate(length);
                if found.is_some() {
                    return found;
                }
            }
        }
        if wrong_length {
            let what = What::Length { expected: expected.len(), got: got.len(), more_allowed: self.subset };
            return Some(what.at(path));
        }
        let missing = match (in_places, self.ignore_order) {
            (true, _) => None,
            (_, true) => self.unmatched(expected, got),
            (_, false) => self.out_of_sequence(expected, got),
        }?;
        Some(What::MissingItem { expected: &expected[missing], got }.at(path))
    }

    /// The first expected item that has no equal behind that of the one before it.
    fn out_of_sequence(&self, expected: &[Value], got: &[Value]) -> Option<usize> {
        let mut rest = got.iter();
        expected.iter().position(|expected| !rest.any(|got| self.same(expected, got)))
    }

    /// The first expected item that no item of the answer is left for, when each may serve for one only.
    fn unmatched(&self, expected: &[Value], got: &[Value]) -> Option<usize> {
        let mut pairing = Pairing::new(expected.len(), got.len());
        (0..expected.len())
            .find(|&index| !pairing.place(index, |wanted, item| self.same(&expected[wanted], &got[item])))
    }

    /// How many of the leaves (texts, numbers, booleans, nulls, empty lists and maps) are as expected, and of how many:
    /// those expected, and those that are too many where that is a difference.
    pub(in crate::grade) fn leaves(&self, expected: &Value, got: &Value) -> (usize, usize) {
        match (expected, got) {
            (Value::Object(expected), Value::Object(got)) if !expected.is_empty() => self.leaves_of_maps(expected, got),
            (Value::Array(expected), Value::Array(got)) if !expected.is_empty() => self.leaves_of_lists(expected, got),
            _ => (usize::from(self.same(expected, got)), self.count(expected)),
        }
    }

    fn leaves_of_maps(&self, expected: &Map<String, Value>, got: &Map<String, Value>) -> (usize, usize) {
        let looked_at = |(key, _): &(&String, &Value)| !self.ignore_keys.contains(*key);
        let mut sum = (0, 0);
        for (key, value) in expected.iter().filter(looked_at) {
            add(&mut sum, got.get(key).map_or_else(|| (0, self.count(value)), |got| self.leaves(value, got)));
        }
        if !self.subset {
            let extra = got.iter().filter(looked_at).filter(|(key, _)| !expected.contains_key(*key));
            sum.1 += extra.map(|(_, value)| self.count(value)).sum::<usize>();
        }
        sum
    }

    fn leaves_of_lists(&self, expected: &[Value], got: &[Value]) -> (usize, usize) {
        let mut sum = (0, 0);
        if !self.subset && !self.ignore_order {
            for (expected, got) in expected.iter().zip(got) {
                add(&mut sum, self.leaves(expected, got));
            }
            let rest = expected.iter().skip(got.len()).chain(got.iter().skip(expected.len()));
            sum.1 += rest.map(|value| self.count(value)).sum::<usize>();
            return sum;
        }
        // Without places an item counts as a whole: which of several half right ones was meant cannot be told.
        let mut pairing = Pairing::new(expected.len(), got.len());
        let mut from = 0;
        for (index, value) in expected.iter().enumerate() {
            let found = if self.ignore_order {
                pairing.place(index, |wanted, item| self.same(&expected[wanted], &got[item]))
            } else {
                let at = got[from..].iter().position(|got| self.same(value, got));
                from += at.map_or(0, |at| at + 1);
                at.is_some()
            };
            let leaves = self.count(value);
            add(&mut sum, (if found { leaves } else { 0 }, leaves));
        }
        if !self.subset {
            let extra = got.iter().zip(pairing.taken_by()).filter(|(_, taken)| taken.is_none());
            sum.1 += extra.map(|(value, _)| self.count(value)).sum::<usize>();
        }
        sum
    }

    /// The leaves of a value that are looked at; at least one.
    fn count(&self, value: &Value) -> usize {
        let leaves = match value {
            Value::Object(map) => {
                map.iter().filter(|(key, _)| !self.ignore_keys.contains(*key)).map(|(_, value)| self.count(value)).sum()
            }
            Value::Array(items) => items.iter().map(|value| self.count(value)).sum(),
            _ => 1,
        };
        leaves.max(1)
    }
}

fn add(sum: &mut (usize, usize), (right, all): (usize, usize)) {
    sum.0 += right;
    sum.1 += all;
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn difference(comparison: &Comparison, expected: &Value, got: &Value) -> String {
        comparison.difference(expected, got).map(|difference| difference.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_first_difference_is_named_with_both_values() {
        let equal = Comparison::default();
        for (expected, got, want) in [
            (json!({"a": 1}), json!({"a": 1.0}), ""),
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), ""),
            (json!(1), json!("1"), "expected 1, got \"1\""),
            (
                json!({"items": [{"price": 3.5}]}),
                json!({"items": [{"price": 4}]}),
                "at `items[0].price`: expected 3.5, got 4",
            ),
            (json!({"a": {"b": 1}}), json!({"a": {}}), "at `a.b`: expected 1, but the key is missing"),
            (json!({}), json!({"x y": null}), "at `[\"x y\"]`: unexpected key with the value null"),
            (json!([1, 2]), json!([1, 2, 3]), "expected 2 items, got 3"),
            (json!([1, 2]), json!([2, 1]), "at `[0]`: expected 1, got 2"),
            (json!({"a": null}), json!({}), "at `a`: expected null, but the key is missing"),
            (json!([]), json!({}), "expected [], got {}"),
            (
                json!(9_007_199_254_740_993_u64),
                json!(9_007_199_254_740_992_u64),
                "expected 9007199254740993, got 9007199254740992",
            ),
        ] {
            assert_eq!(difference(&equal, &expected, &got), want);
        }
    }

    #[test]
    fn options_take_differences_away() {
        let base = Comparison::default;
        for (comparison, expected, same, other) in [
            (
                Comparison { subset: true, ..base() },
                json!({"a": {"b": 1}}),
                json!({"a": {"b": 1, "c": 2}, "d": 3}),
                json!({"a": {"c": 2}}),
            ),
            (Comparison { subset: true, ..base() }, json!([1, 3]), json!([1, 2, 3, 4]), json!([3, 2, 1])),
            (Comparison { ignore_order: true, ..base() }, json!([1, 2, 2]), json!([2, 1, 2]), json!([1, 1, 2])),
            (
                Comparison { ignore_order: true, subset: true, ..base() },
                json!([{}, {"a": 1}]),
                json!([{"a": 1}, {"b": 2}]),
                json!([{"b": 1}, {"b": 2}]),
            ),
            (
                Comparison { ignore_order: true, tolerance: 1.0, ..base() },
                json!([1.0, 2.0]),
                json!([2.0, 2.9]),
                json!([2.0, 3.1]),
            ),
            (
                Comparison { ignore_keys: vec!["id".into()], ..base() },
                json!([{"id": 1, "a": 1}]),
                json!([{"a": 1, "id": 9}]),
                json!([{"a": 2}]),
            ),
            (
                Comparison { ignore_case: true, ..base() },
                json!({"a": "Paris"}),
                json!({"a": "PARIS"}),
                json!({"A": "Paris"}),
            ),
            (Comparison { tolerance: 0.5, ..base() }, json!({"a": 1}), json!({"a": 1.5}), json!({"a": 1.51})),
        ] {
            assert_eq!(difference(&comparison, &expected, &same), "", "{expected} {same}");
            assert_ne!(difference(&comparison, &expected, &other), "", "{expected} {other}");
        }
    }

    #[test]
    fn leaves_are_counted_right_missing_and_too_many() {
        let base = Comparison::default;
        for (comparison, expected, got, want) in [
            (base(), json!({"a": 1, "b": {"c": 2, "d": 3}}), json!({"a": 1, "b": {"c": 2, "d": 4}}), (2, 3)),
            (base(), json!({"a": 1}), json!({"a": 1, "b": [1, 2]}), (1, 3)),
            (base(), json!([1, 2]), json!([1, 3, 4]), (1, 3)),
            (base(), json!({"a": [1, 2]}), json!({}), (0, 2)),
            (base(), json!({"a": {}}), json!({"a": {}}), (1, 1)),
            (base(), json!(1), json!({"a": 1}), (0, 1)),
            (Comparison { subset: true, ..base() }, json!({"a": 1}), json!({"a": 1, "b": 2}), (1, 1)),
            (Comparison { subset: true, ..base() }, json!([1, 4, 3]), json!([1, 2, 3]), (2, 3)),
            (Comparison { ignore_order: true, ..base() }, json!([1, 2, 3]), json!([3, 1]), (2, 3)),
            (Comparison { ignore_order: true, ..base() }, json!([1]), json!([2, 1]), (1, 2)),
            (Comparison { ignore_keys: vec!["b".into()], ..base() }, json!({"a": 1, "b": 2}), json!({"a": 1}), (1, 1)),
        ] {
            assert_eq!(comparison.leaves(&expected, &got), want, "{expected} {got}");
        }
    }

    #[test]
    fn many_items_out_of_order_do_not_take_the_stack() {
        let comparison = Comparison { ignore_order: true, tolerance: 1.0, ..Comparison::default() };
        let expected: Vec<Value> = (0..1000).map(Value::from).collect();
        let got: Vec<Value> = (1..=1000).rev().map(Value::from).collect();
        assert_eq!(difference(&comparison, &Value::Array(expected), &Value::Array(got)), "");
    }
}
