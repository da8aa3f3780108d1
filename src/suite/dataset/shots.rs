//! `few_shot`: examples for a case, drawn from the rows of another file.

use std::collections::HashMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use crate::suite::canonical::write_canonical;
use crate::suite::log::{Finding, Log, Place, Target};
use crate::suite::node::Node;
use crate::suite::read::{Field, Table, is_name};

use super::formats;
use super::pool::{Pool, is_same, variables};
use super::spec::Spec;
use super::{case_files, mapping, picking, source};

/// The keys read here.
pub(super) const KEYS: [&str; 1] = ["few_shot"];

/// The keys of `few_shot` besides those of where its rows come from.
const OWN_KEYS: [&str; 4] = ["count", "seed", "as", "fixed"];

/// `few_shot` as it is written.
#[derive(Debug)]
pub(super) struct Shots {
    /// Where the examples come from.
    pub(super) spec: Box<Spec>,
    count: usize,
    seed: u64,
    /// The variable.
    pub(super) name: Box<str>,
    fixed: bool,
    /// The place of `few_shot`.
    pub(super) place: Place,
}

impl Shots {
    /// Reads an entry's `few_shot`. `None` where it cannot be used; `Some(None)` where there is none.
    pub(super) fn read(entry: &Table<'_>, log: &Log) -> Option<Option<Self>> {
        let Some(field) = entry.get("few_shot").filter(|field| !field.is_null()) else { return Some(None) };
        if let Node::Text(path) = field.node {
            let hint = format!("write `few_shot: {{ path: {path}, count: 5 }}`");
            log.add(Finding::error(&field.place, "expected a map with `path` and `count`").hint(hint));
            return None;
        }
        // The examples look like the cases unless something else is written.
        let node = with_defaults(field.node, entry);
        let field = Field { node: &node, place: field.place };
        let picking = ["where", "limit"];
        debug_assert!(picking.iter().all(|key| picking::KEYS.contains(key)), "they are read by `picking`");
        let mapping = ["vars", "expect"];
        debug_assert!(mapping.iter().all(|key| mapping::KEYS.contains(key)), "they are read by `mapping`");
        let known = [&OWN_KEYS[..], &source::KEYS, &mapping, &picking, &case_files::KEYS].concat();
        let table = field.table("`few_shot`", &known, log)?;
        let count = table
            .require("count", log)
            .and_then(|count| count.at_least_one("leave `few_shot` out to give no examples", log));
        let written = |key| table.get(key).filter(|field: &Field<'_>| !field.is_null());
        let seed = written("seed").map_or(Some(0), |field| field.seed(log));
        let fixed = written("fixed").map_or(Some(false), |field| field.boolean(log));
        let name = written("as").map_or(Some("examples"), |field| {
            let name = field.text(log)?;
            if !is_name(name) {
                log.add(Finding::error(&field.place, "not a variable's name").hint("letters, digits and `_`"));
                return None;
            }
            Some(name)
        });
        let spec = Spec::of_table(&table, log);
        Some(Some(Self {
            spec: Box::new(spec?),
            count: count? as usize,
            seed: seed?,
            name: name?.into(),
            fixed: fixed?,
            place: field.place,
        }))
    }

    /// The examples of a case, a JSON list. The case is known by the variables it has of its own, without those of a
    /// `matrix`, so that every combination gets the same.
    ///
    /// # Errors
    /// That too few are left without the case itself.
    pub(super) fn draw(&self, pool: &Pool, vars: &str, expect: Option<&str>) -> Result<String, String> {
        let own = variables(vars);
        let mut random = ChaCha8Rng::from_seed(self.seed_of(vars, expect));
        // Fisher–Yates, of which only the positions that were swapped are held.
        let mut swapped: HashMap<usize, usize> = HashMap::new();
        let len = pool.examples.len();
        let mut list = "[".to_owned();
        let mut drawn = 0;
        for at in 0..len {
            if drawn == self.count {
                break;
            }
            // The bias of a 64-bit product is below 2⁻⁴⁰ for any list that fits into memory.
            let ahead = (u128::from(random.next_u64()) * (len - at) as u128) >> 64;
            let other = at + usize::try_from(ahead).unwrap_or(0);
            let here = swapped.get(&at).copied().unwrap_or(at);
            let example = swapped.insert(other, here).unwrap_or(other);
            let example = if other == at { here } else { example };
            let example = &pool.examples[example];
            if is_same(&example.vars, &own) {
                continue;
            }
            if drawn > 0 {
                list.push(',');
            }
            list.push_str(&example.json);
            drawn += 1;
        }
        if drawn < self.count {
            let left = if drawn == 1 { "1 example is".to_owned() } else { format!("{drawn} examples are") };
            return Err(format!("only {left} left without the case itself, and `count` is {}", self.count));
        }
        list.push(']');
        Ok(list)
    }

    fn seed_of(&self, vars: &str, expect: Option<&str>) -> [u8; 32] {
        let mut text = format!("{}\n", self.seed);
        if !self.fixed {
            write_canonical(vars, &mut text);
            text.push('\n');
            write_canonical(expect.unwrap_or_default(), &mut text);
        }
        Sha256::digest(text.as_bytes()).into()
    }

    /// Checks that there are enough examples.
    pub(super) fn check(&self, pool: &Pool, log: &Log) -> bool {
        let (count, found) = (self.count, pool.examples.len());
        if count > found {
            let path = &self.spec.source.path;
            let message = format!("{count} examples for each case, but {path} gives only {found} different ones");
            log.add(
                Finding::error(&self.place.key("count"), message)
                    .target(Target::Value)
                    .hint("write a smaller `count`, or name a file with more rows"),
            );
        }
        count <= found
    }
}

/// `few_shot` with what its entry says of mapping and published format.
fn with_defaults(node: &Node, entry: &Table<'_>) -> Node {
    let Node::Map(entries) = node else { return node.clone() };
    let mut entries = entries.clone();
    for key in ["vars", "expect", "files", "format"] {
        let Some(field) = entry.get(key).filter(|_| node.get(key).is_none()) else { continue };
        // A file format is that of the entry's own files.
        if key == "format" && !matches!(field.node, Node::Text(name) if formats::find(name).is_ok()) {
            continue;
        }
        entries.push((key.into(), field.node.clone()));
    }
    Node::Map(entries)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn shots(count: usize, seed: u64, fixed: bool) -> Shots {
        let node = Node::Map(vec![
            ("path".into(), Node::Text("t.csv".into())),
            (
                "few_shot".into(),
                Node::Map(vec![
                    ("path".into(), Node::Text("e.csv".into())),
                    ("count".into(), Node::Number(count.to_string().into())),
                    ("seed".into(), Node::Number(seed.to_string().into())),
                    ("fixed".into(), Node::Bool(fixed)),
                ]),
            ),
        ]);
        let log = Log::default();
        let field = Field { node: &node, place: Place::default() };
        let table = field.table("a dataset", &["path", "few_shot"], &log).unwrap();
        let shots = Shots::read(&table, &log).flatten();
        assert!(!log.has_errors(), "{:?}", log.first_message());
        shots.unwrap()
    }

    fn pool(examples: usize) -> Pool {
        let mut pool = Pool::default();
        for n in 0..examples {
            pool.add(&format!(r#"{{"q":{n}}}"#), Some(&format!("\"a{n}\""))).unwrap();
        }
        pool
    }

    fn drawn(shots: &Shots, pool: &Pool, vars: &str) -> Vec<serde_json::Value> {
        serde_json::from_str(&shots.draw(pool, vars, None).unwrap()).unwrap()
    }

    #[test]
    fn an_example_holds_its_variables_and_what_is_expected() {
        let mut pool = Pool::default();
        pool.add(r#"{"q":1,"expect":"column"}"#, Some("[1.10]")).unwrap();
        pool.add(r#"{"expect":"column","q":1}"#, Some("[1.10]")).unwrap();
        assert_eq!(pool.examples.len(), 1, "the same example twice");
        assert_eq!(shots(1, 0, false).draw(&pool, "{}", None), Ok(r#"[{"q":1,"expect":[1.10]}]"#.to_owned()));
    }

    #[test]
    fn fixed_examples_are_those_of_every_case_but_the_case_itself() {
        let (shots, pool) = (shots(3, 5, true), pool(20));
        let usual = drawn(&shots, &pool, r#"{"q":"other"}"#);
        for n in 0..20 {
            let of_case = drawn(&shots, &pool, &format!(r#"{{"q":{n}}}"#));
            let is_among = usual.iter().any(|example| example["q"] == n);
            assert_eq!(of_case == usual, !is_among);
            assert!(of_case.iter().filter(|example| usual.contains(example)).count() >= 2);
        }
    }

    #[test]
    fn an_example_that_says_more_is_still_the_case() {
        let mut pool = Pool::default();
        pool.add(r#"{"q":"2+2","why":"adding"}"#, Some("4")).unwrap();
        pool.add(r#"{"q":"2+3","why":"adding"}"#, Some("5")).unwrap();
        for seed in 0..10 {
            let list = drawn(&shots(1, seed, false), &pool, r#"{"q":"2+2"}"#);
            assert_eq!(list[0]["q"], "2+3");
        }
        assert!(shots(2, 0, false).draw(&pool, r#"{"q":"2+2"}"#, None).unwrap_err().contains("only 1 example is left"));
    }

    #[test]
    fn every_example_is_as_likely_as_the_others() {
        let (shots, pool) = (shots(2, 3, false), pool(10));
        let mut counts = [0_i32; 10];
        for case in 0..4_000 {
            for example in drawn(&shots, &pool, &format!(r#"{{"q":"case {case}"}}"#)) {
                counts[usize::try_from(example["q"].as_u64().unwrap()).unwrap()] += 1;
            }
        }
        // 800 each; five standard deviations of 25.
        assert!(counts.iter().all(|count| (count - 800).abs() < 127), "{counts:?}");
    }

    proptest! {
        #[test]
        fn examples_are_different_and_never_the_case(
            examples in 2..30_usize,
            count in 1..29_usize,
            case in 0..30_usize,
            seed: u64,
            fixed: bool,
        ) {
            let (count, case) = (count.min(examples - 1), case % examples);
            let (shots, pool) = (shots(count, seed, fixed), pool(examples));
            let vars = format!(r#"{{"q":{case}}}"#);
            let list = drawn(&shots, &pool, &vars);
            let different: HashSet<String> = list.iter().map(ToString::to_string).collect();
            prop_assert_eq!((list.len(), different.len()), (count, count));
            prop_assert!(list.iter().all(|example| example["q"] != case));
            prop_assert_eq!(list, drawn(&shots, &pool, &vars));
        }
    }
}
