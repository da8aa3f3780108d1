//! Reordering a case's options as it is read, where a grader asks for it.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::grade::{GraderSet, Shuffle, order_variable, speaks_of_letters, speaks_of_those_above};

use super::canonical::write_canonical;
use super::node::write_text;
use super::template::{Vars, push_text};

/// Fisher–Yates with `ChaCha8`, written out so that the same seed gives the same order in every version.
pub(super) fn fisher_yates(random: &mut ChaCha8Rng, len: usize, mut swap: impl FnMut(usize, usize)) {
    for i in (1..len).rev() {
        // The bias of a 64-bit product is below 2⁻⁴⁰ for any list that fits into memory.
        let j = usize::try_from((u128::from(random.next_u64()) * (i as u128 + 1)) >> 64).unwrap_or(0);
        swap(i, j);
    }
}

/// The variables of a case with the options in their new order, and the order beside them; `None` where nobody asks.
///
/// The order comes from the seed and from what the case asks and expects, so that it does not depend on other cases.
///
/// # Errors
/// What stands in the way, as a fragment.
pub(super) fn shuffled(set: &GraderSet, vars: &str, expect: Option<&str>) -> Result<Option<String>, String> {
    let mut done: Vec<Shuffle> = Vec::new();
    let mut out: Option<String> = None;
    for shuffle in set.graders.iter().flat_map(|grader| grader.grader.shuffles()) {
        match done.iter().find(|other| other.variable == shuffle.variable) {
            Some(other) if *other == shuffle => continue,
            Some(_) => return Err(format!("two graders shuffle `{}`, but not in the same way", shuffle.variable)),
            None => {}
        }
        let seed = seed(&shuffle, vars, expect);
        let reordered = reorder(&shuffle, out.as_deref().unwrap_or(vars), seed)?;
        out = Some(reordered);
        done.push(shuffle);
    }
    Ok(out)
}

fn seed(shuffle: &Shuffle, vars: &str, expect: Option<&str>) -> [u8; 32] {
    let mut text = format!("{}\n{}\n", shuffle.seed, shuffle.variable);
    write_canonical(vars, &mut text);
    text.push('\n');
    if let Some(expect) = expect {
        write_canonical(expect, &mut text);
    }
    Sha256::digest(text.as_bytes()).into()
}

fn reorder(shuffle: &Shuffle, vars: &str, seed: [u8; 32]) -> Result<String, String> {
    let name = shuffle.variable.as_str();
    let parsed = Vars::parse(vars).map_err(|error| error.to_string())?;
    let order_name = order_variable(name);
    if parsed.names().any(|other| other == order_name) {
        return Err(format!(
            "shuffling `{name}` writes its order into `{order_name}`, but the case has a variable of that name"
        ));
    }
    let (_, json) = parsed
        .entries()
        .filter(|(other, _)| *other == name)
        .last()
        .ok_or_else(|| format!("the options are in `{name}`, but {}", parsed.known()))?;
    let mut order: Vec<usize> = Vec::new();
    let mut options = String::new();
    if json.starts_with('[') {
        let items = list(name, json)?;
        order = new_order(&items, shuffle.keep_last, seed);
        write_list(&items, &order, &mut options);
    } else if json.starts_with('{') {
        let entries = Vars::parse(json).map_err(|error| error.to_string())?;
        let labelled = ["text", "label"]
            .iter()
            .all(|key| entries.entries().any(|(name, json)| name == *key && json.starts_with('[')));
        let values: Vec<&str> = entries.entries().map(|(_, json)| json).collect();
        if !labelled {
            order = new_order(&values, shuffle.keep_last, seed);
        }
        let mut keys = entries.entries().enumerate().peekable();
        options.push('{');
        while let Some((at, (key, value))) = keys.next() {
            write_text(key, &mut options);
            options.push(':');
            if labelled && key == "text" {
                let items = list(name, value)?;
                order = new_order(&items, shuffle.keep_last, seed);
                write_list(&items, &order, &mut options);
            } else {
                options.push_str(if labelled { value } else { values[order[at]] });
            }
            if keys.peek().is_some() {
                options.push(',');
            }
        }
        options.push('}');
    } else {
        return Err(format!("the options in `{name}` are neither a list nor a map"));
    }
    let mut out = String::with_capacity(vars.len() + 40);
    out.push('{');
    for (other, json) in parsed.entries() {
        write_text(other, &mut out);
        out.push(':');
        out.push_str(if other == name { &options } else { json });
        out.push(',');
    }
    write_text(&order_name, &mut out);
    let order: Vec<String> = order.iter().map(usize::to_string).collect();
    out.push_str(&format_args!(":[{}]}}", order.join(",")).to_string());
    Ok(out)
}

fn list<'a>(name: &str, json: &'a str) -> Result<Vec<&'a str>, String> {
    let items: Vec<&RawValue> =
        serde_json::from_str(json).map_err(|_| format!("the options in `{name}` are no list"))?;
    Ok(items.into_iter().map(RawValue::get).collect())
}

fn write_list(items: &[&str], order: &[usize], out: &mut String) {
    out.push('[');
    for (at, original) in order.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(items[*original]);
    }
    out.push(']');
}

/// For each new position the original one.
fn new_order(items: &[&str], keep_last: bool, seed: [u8; 32]) -> Vec<usize> {
    let texts: Vec<String> = items
        .iter()
        .map(|json| {
            let mut text = String::new();
            push_text(json, &mut text);
            text
        })
        .collect();
    let mut order: Vec<usize> = (0..items.len()).collect();
    if texts.iter().any(|text| speaks_of_letters(text)) {
        return order;
    }
    let moves: Vec<usize> =
        order.iter().copied().filter(|at| !(keep_last && speaks_of_those_above(&texts[*at]))).collect();
    fisher_yates(&mut ChaCha8Rng::from_seed(seed), moves.len(), |i, j| order.swap(moves[i], moves[j]));
    order
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn reordered(vars: &Value, keep_last: bool, seed: u64) -> Value {
        let shuffle = Shuffle { variable: "choices".to_owned(), seed, keep_last };
        let vars = vars.to_string();
        serde_json::from_str(&reorder(&shuffle, &vars, super::seed(&shuffle, &vars, None)).unwrap()).unwrap()
    }

    #[test]
    fn texts_move_and_the_order_undoes_it() {
        let texts = ["Rome", "Paris", "Oslo", "Bern", "Lima", "Riga"];
        let mut moved = 0;
        for seed in 0..20 {
            let out = reordered(&json!({"q": "?", "choices": texts}), true, seed);
            let order: Vec<usize> = serde_json::from_value(out["choices_order"].clone()).unwrap();
            for (displayed, original) in order.iter().enumerate() {
                assert_eq!(out["choices"][displayed], texts[*original]);
            }
            moved += usize::from(order.iter().enumerate().any(|(i, o)| i != *o));
            assert_eq!(
                out,
                reordered(&json!({"q": "?", "choices": texts}), true, seed),
                "the same seed, the same order"
            );
        }
        assert!(moved > 15, "{moved}");
    }

    #[test]
    fn every_position_is_as_likely_as_the_others() {
        let mut counts = [0; 4];
        for case in 0..4_000 {
            let out = reordered(&json!({"q": case, "choices": ["a", "b", "c", "d"]}), true, 7);
            let order: Vec<usize> = serde_json::from_value(out["choices_order"].clone()).unwrap();
            counts[order.iter().position(|original| *original == 0).unwrap()] += 1;
        }
        // Five standard deviations of 27.
        assert!(counts.iter().all(|count: &i32| (count - 1_000).abs() < 140), "{counts:?}");
    }

    #[test]
    fn in_maps_the_letters_stay_and_the_texts_move() {
        let out = reordered(&json!({"choices": {"A": "Rome", "B": "Paris", "C": "Oslo", "D": "Bern"}}), true, 3);
        let keys: Vec<&String> = out["choices"].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["A", "B", "C", "D"]);
        let order: Vec<usize> = serde_json::from_value(out["choices_order"].clone()).unwrap();
        let original = ["Rome", "Paris", "Oslo", "Bern"];
        for (letter, from) in ["A", "B", "C", "D"].iter().zip(order) {
            assert_eq!(out["choices"][letter], original[from]);
        }
        let arc = reordered(&json!({"choices": {"text": ["x", "y", "z"], "label": ["1", "2", "3"]}}), true, 3);
        assert_eq!(arc["choices"]["label"], json!(["1", "2", "3"]));
        assert_eq!(arc["choices"]["text"].as_array().unwrap().len(), 3);
    }

    #[test]
    fn what_speaks_of_other_options_stays() {
        for seed in 0..30 {
            let out = reordered(&json!({"choices": ["a", "b", "c", "None of the above"]}), true, seed);
            assert_eq!(out["choices"][3], "None of the above");
            let out = reordered(&json!({"choices": ["a", "b", "c", "Both A and B"]}), true, seed);
            assert_eq!(out["choices"], json!(["a", "b", "c", "Both A and B"]));
        }
        let free = (0..30).map(|seed| reordered(&json!({"choices": ["a", "b", "All of the above"]}), false, seed));
        assert!(free.into_iter().any(|out| out["choices"][2] != "All of the above"));
    }

    #[test]
    fn what_stands_in_the_way_is_told() {
        let shuffle = Shuffle { variable: "choices".to_owned(), seed: 1, keep_last: true };
        for (vars, part) in [
            (json!({"q": 1}), "the only variable is `q`"),
            (json!({"choices": "a, b"}), "neither a list nor a map"),
            (json!({"choices": ["a", "b"], "choices_order": 1}), "`choices_order`"),
        ] {
            let error = reorder(&shuffle, &vars.to_string(), [0; 32]).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
