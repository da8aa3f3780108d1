//! `matrix`: each case once for every combination of further variables.

use sha2::{Digest, Sha256};

use crate::plan::hex;
use crate::suite::canonical::write_canonical;
use crate::suite::log::{Finding, Log, Target};
use crate::suite::node::Node;
use crate::suite::read::{Field, Table, is_name};
use crate::suite::template::push_text;

use super::case_files::Pairs;

/// The keys read here.
pub(super) const KEYS: [&str; 1] = ["matrix"];

/// A case may become so many.
const MAX_COMBINATIONS: usize = 1_000;

/// A value with more characters than this stands in ids as a hash.
const LONG: usize = 32;

/// Every combination, in the order in which they are written: the first variable changes slowest.
#[derive(Debug)]
pub(in crate::suite) struct Matrix {
    /// At least one.
    pub(in crate::suite) combinations: Vec<Combination>,
    /// The variables' names.
    pub(in crate::suite) names: Vec<Box<str>>,
}

/// One value for each variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::suite) struct Combination {
    /// What stands behind a case's id: `/lang=de/n=1`.
    pub(in crate::suite) suffix: String,
    /// The variables with their values as JSON.
    pub(in crate::suite) pairs: Pairs,
}

impl Default for Matrix {
    /// No variables: one combination of nothing.
    fn default() -> Self {
        Self { combinations: vec![Combination::default()], names: Vec::new() }
    }
}

impl Matrix {
    /// Reads `matrix` of a case or an entry of `dataset`. `None` where it cannot be used.
    pub(in crate::suite) fn read(table: &Table<'_>, log: &Log) -> Option<Self> {
        let Some(field) = table.get("matrix").filter(|field| !field.is_null()) else { return Some(Self::default()) };
        let mut matrix = Self::default();
        let mut is_whole = true;
        for (name, values) in field.entries("variables as a map, each with a list of values", log)? {
            if !is_name(name) {
                let finding = Finding::error(&values.place, "not a variable's name").target(Target::Key);
                log.add(finding.hint("letters, digits and `_`"));
                is_whole = false;
                continue;
            }
            let Some(values) = values_of(name, &values, log) else {
                is_whole = false;
                continue;
            };
            if matrix.combinations.len() * values.len() > MAX_COMBINATIONS {
                let message = format!("more than {MAX_COMBINATIONS} combinations");
                log.add(Finding::error(&field.place, message).hint("ask fewer values of each variable"));
                return None;
            }
            matrix.names.push(name.into());
            let with = |old: &Combination, (word, json): &(String, Box<str>)| {
                let mut pairs = old.pairs.clone();
                pairs.push((name.into(), json.clone()));
                Combination { suffix: format!("{}/{name}={word}", old.suffix), pairs }
            };
            let each = matrix.combinations.iter();
            matrix.combinations = each.flat_map(|old| values.iter().map(move |value| with(old, value))).collect();
        }
        is_whole.then_some(matrix)
    }
}

/// The values of a variable: each as it stands in ids, and as JSON.
fn values_of(name: &str, field: &Field<'_>, log: &Log) -> Option<Vec<(String, Box<str>)>> {
    let entries = field.list("values", log)?;
    if entries.is_empty() {
        log.add(Finding::error(&field.place, "no values").hint("write at least one, or leave the variable out"));
        return None;
    }
    let mut values: Vec<(String, Box<str>)> = Vec::new();
    let mut is_whole = true;
    for (at, entry) in entries.iter().enumerate() {
        let json = entry.node.to_json();
        let word = word_of(entry.node, &json);
        if let Some(first) = values.iter().position(|(known, _)| *known == word) {
            let same =
                if *values[first].1 == *json { "stands here twice" } else { "gives the same id as another value" };
            let message = format!("{} {same}: `{name}={word}`", entry.node.describe());
            log.add(
                Finding::error(&field.place.index(at), message)
                    .related(&field.place.index(first), "first here")
                    .hint("leave one out"),
            );
            is_whole = false;
        }
        values.push((word, json.into()));
    }
    is_whole.then_some(values)
}

/// A value as it stands in ids: as it is written, or a hash of it.
fn word_of(node: &Node, json: &str) -> String {
    let mut text = String::new();
    push_text(json, &mut text);
    let is_plain = !matches!(node, Node::List(_) | Node::Map(_))
        && !text.is_empty()
        && text.chars().count() <= LONG
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if is_plain {
        return text;
    }
    let mut canonical = String::new();
    write_canonical(json, &mut canonical);
    hex(&Sha256::digest(canonical.as_bytes())[..4])
}
