//! `where`, `sample`, `shuffle`, `limit`: which rows are asked, and in which order.
//!
//! A row is what comes of one item: one case, or with `matrix` one for every combination. All of them are picked
//! together, so that every combination is asked of the same rows.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::suite::cases::Origin;
use crate::suite::log::{Finding, Log, Place, Target};
use crate::suite::model::Case;
use crate::suite::node::Node;
use crate::suite::read::{Field, Table, closest};
use crate::suite::shape::{Leaves, ShapeError};
use crate::suite::shuffle::fisher_yates;
use crate::suite::template::{Expression, Vars, push_text};

use super::reservoir::Reservoir;

/// The keys read here.
pub(super) const KEYS: [&str; 4] = ["where", "sample", "shuffle", "limit"];

/// Which rows of an entry are asked.
#[derive(Debug, Default)]
pub(super) struct Picking {
    pub(super) filter: Option<Filter>,
    pub(super) sample: Option<Sample>,
    shuffle: Option<u64>,
    limit: Option<usize>,
}

/// `where`.
#[derive(Debug)]
pub(super) struct Filter {
    expression: Expression,
    /// Its number among the entry's templates.
    leaf: usize,
    pub(super) place: Place,
}

/// `sample`.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) size: usize,
    seed: u64,
    /// The column whose values are to be sampled evenly.
    by: Option<String>,
    pub(super) place: Place,
}

/// Cases of one row with where they come from; as many for every row of an entry.
pub(super) type Group = Vec<(Case, Origin)>;

impl Picking {
    /// Reads an entry's keys. `None` where one cannot be used.
    pub(super) fn read(table: &Table<'_>, leaves: &mut Leaves, log: &Log) -> Option<Self> {
        let written = |key| table.get(key).filter(|field: &Field<'_>| !field.is_null());
        let limit = written("limit").and_then(|field| field.at_least_one("leave it out to read every row", log));
        let shuffle = written("shuffle").and_then(|field| field.seed(log));
        // Both are read before either is given up, so that all mistakes are told.
        let filter = written("where").map_or(Some(None), |field| Filter::read(&field, leaves, log).map(Some));
        let sample = written("sample").map_or(Some(None), |field| Sample::read(&field, log).map(Some));
        Some(Self { filter: filter?, sample: sample?, shuffle, limit: limit.map(|limit| limit as usize) })
    }

    /// Whether so many rows are enough, whatever comes after them.
    pub(super) fn is_enough(&self, rows: usize) -> bool {
        self.shuffle.is_none() && self.sample.is_none() && self.limit.is_some_and(|limit| rows >= limit)
    }

    /// Whether a row passes `where`.
    ///
    /// # Errors
    /// Why that cannot be said.
    pub(super) fn passes(&self, columns: &Vars<'_>) -> Result<bool, ShapeError> {
        let Some(filter) = &self.filter else { return Ok(true) };
        filter.expression.holds(columns).map_err(|error| ShapeError { leaf: filter.leaf, error })
    }

    /// Orders and limits what an entry's files gave: rows of `width` cases each.
    pub(super) fn finish(&self, list: &mut Vec<Case>, origins: &mut Vec<Origin>, width: usize) {
        if let Some(seed) = self.shuffle {
            fisher_yates(&mut ChaCha8Rng::seed_from_u64(seed), list.len() / width, |i, j| {
                // Never a row with itself: its cases would be swapped back and forth.
                for at in (0..width).filter(|_| i != j) {
                    list.swap(i * width + at, j * width + at);
                    origins.swap(i * width + at, j * width + at);
                }
            });
        }
        let limit = self.limit.map_or(usize::MAX, |limit| limit.saturating_mul(width));
        list.truncate(limit);
        origins.truncate(limit);
    }
}

impl Filter {
    fn read(field: &Field<'_>, leaves: &mut Leaves, log: &Log) -> Option<Self> {
        let text = match field.node {
            Node::Text(text) => text,
            Node::Bool(value) => {
                let hint = "it is an expression over the columns: `where: \"lang == 'de'\"`";
                log.add(Finding::error(&field.place, format!("`{value}` for every row")).hint(hint));
                return None;
            }
            _ => {
                let message = format!("expected an expression over the columns, found {}", field.node.describe());
                log.add(Finding::error(&field.place, message).hint("write for example `where: \"lang == 'de'\"`"));
                return None;
            }
        };
        let leaf = leaves.note(text, &field.place);
        match Expression::new(text) {
            Ok(expression) => Some(Self { expression, leaf, place: field.place.clone() }),
            Err(mut error) => {
                if error.range.clone().and_then(|range| text.get(range)) == Some("=") {
                    error.hint = Some("values are compared with `==`".to_owned());
                }
                log.add(leaves.finding(leaf, &error, error.message.clone()));
                None
            }
        }
    }
}

impl Sample {
    fn read(field: &Field<'_>, log: &Log) -> Option<Self> {
        let zero = "leave `sample` out to ask every row";
        let place = field.place.clone();
        let Node::Map(_) = field.node else {
            let size = field.at_least_one(zero, log)?;
            return Some(Self { size: size as usize, seed: 0, by: None, place });
        };
        let table = field.table("a sample", &["size", "seed", "by"], log)?;
        let size = table.require("size", log).and_then(|size| size.at_least_one(zero, log));
        let seed = match table.get("seed").filter(|seed| !seed.is_null()) {
            Some(seed) => seed.seed(log),
            None => Some(0),
        };
        let by = match table.get("by").filter(|by| !by.is_null()) {
            None => None,
            Some(by) => {
                let name = by.name(log)?;
                if name.contains("{{") {
                    let hint = "write the column's name: `by: subject`";
                    log.add(Finding::error(&by.place, "expected a column, found a template").hint(hint));
                    return None;
                }
                Some(name.to_owned())
            }
        };
        Some(Self { size: size? as usize, seed: seed?, by, place })
    }

    /// A sample that takes rows one by one.
    pub(super) fn start(&self) -> Reservoir<Group> {
        Reservoir::new(self.size, self.seed)
    }

    /// The stratum of a row: what the column `by` holds.
    ///
    /// # Errors
    /// That there is no such column, and what to do.
    pub(super) fn stratum(&self, columns: &Vars<'_>) -> Result<String, (String, String)> {
        let mut text = String::new();
        let Some(by) = &self.by else { return Ok(text) };
        let json = columns.get(by).or_else(|| columns.lookup(by).ok());
        let json = json.ok_or_else(|| {
            let hint = match closest(by, columns.names()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => columns.known(),
            };
            (format!("there is no column `{by}` to sample by"), hint)
        })?;
        push_text(json, &mut text);
        Ok(text)
    }

    /// Says that there are too many values of `by`.
    pub(super) fn tell_too_many(&self, most: usize, log: &Log) {
        let by = self.by.as_deref().unwrap_or_default();
        let finding = Finding::error(&self.place.key("by"), format!("more than {most} values of `{by}`"));
        log.add(finding.target(Target::Value).hint("sample by a column with fewer values"));
    }

    /// Says that there were no more rows than were asked for.
    pub(super) fn tell_too_few(&self, rows: u64, log: &Log) {
        let rows = match rows {
            1 => "there is only 1 row".to_owned(),
            rows => format!("there are only {rows} rows"),
        };
        log.add(
            Finding::warning(&self.place, format!("a sample of {}, but {rows}: all are asked", self.size))
                .hint("leave `sample` out to ask every row"),
        );
    }
}
