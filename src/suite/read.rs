//! Typed readers: each takes a value or tells the log what is wrong with it, and reading goes on.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::units::{Usd, parse_duration};

use super::log::{Finding, Log, Place, Segment, Target};
use super::node::Node;

/// What stands under a key where `null` says something else than leaving the key out.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Written<T> {
    /// The key is not there.
    #[default]
    Not,
    /// `null`.
    Null,
    /// A value.
    As(T),
}

impl<T> Written<T> {
    /// Reads a key's value, if it is one.
    pub(super) fn read(field: Option<Field<'_>>, read: impl FnOnce(&Field<'_>) -> Option<T>) -> Self {
        match field {
            None => Self::Not,
            Some(field) if field.is_null() => Self::Null,
            Some(field) => read(&field).map_or(Self::Not, Self::As),
        }
    }

    /// The value on a level below, where nothing is written on this one.
    pub(super) fn or(self, below: Self) -> Self {
        if matches!(self, Self::Not) { below } else { self }
    }

    /// The value, where there is one on any level.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::As(value) => Some(value),
            Self::Not | Self::Null => None,
        }
    }
}

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    pub(super) node: &'a Node,
    pub(super) place: Place,
}

/// A map whose keys are known.
#[derive(Debug, Clone)]
pub(super) struct Table<'a> {
    node: &'a Node,
    pub(super) place: Place,
}

impl<'a> Table<'a> {
    /// The value under a key, where the key is there at all.
    pub(super) fn get(&self, key: &'static str) -> Option<Field<'a>> {
        self.node.get(key).map(|node| Field { node, place: self.place.key(key) })
    }

    /// The value under a key that must be there.
    pub(super) fn require(&self, key: &'static str, log: &Log) -> Option<Field<'a>> {
        let field = self.get(key);
        if field.is_none() {
            log.add(Finding::error(&self.place, format!("`{key}` is missing")).target(Target::Key));
        }
        field
    }
}

impl<'a> Field<'a> {
    fn wrong(&self, expected: &str, log: &Log) {
        self.wrong_with(expected, None, log);
    }

    fn wrong_with(&self, expected: &str, hint: Option<String>, log: &Log) {
        let message = format!("expected {expected}, found {}", self.node.describe());
        log.add(Finding::error(&self.place, message).maybe_hint(hint));
    }

    /// Whether nothing is written there (`key:` or `key: null`).
    pub(super) fn is_null(&self) -> bool {
        *self.node == Node::Null
    }

    /// A map with none but these keys; `what` names it ("a model").
    pub(super) fn table(&self, what: &str, known: &[&'static str], log: &Log) -> Option<Table<'a>> {
        let Node::Map(entries) = self.node else {
            self.wrong(&format!("{what} as a map"), log);
            return None;
        };
        for (key, _) in entries {
            if !known.contains(&&**key) && !log.is_full() {
                let hint = match closest(key, known.iter().copied()) {
                    Some(name) => format!("did you mean `{name}`?"),
                    None => format!("{what} has {}", list_of(known)),
                };
                let place = self.place.key(key.to_string());
                log.add(Finding::error(&place, "unknown key").target(Target::Key).hint(hint));
            }
        }
        Some(Table { node: self.node, place: self.place.clone() })
    }

    /// The entries of a list.
    pub(super) fn list(&self, what: &str, log: &Log) -> Option<Vec<Self>> {
        let Node::List(items) = self.node else {
            let hint = match self.node {
                Node::Text(text) | Node::Number(text) if text.len() <= 40 => Some(format!("write `[{text}]`")),
                _ => None,
            };
            self.wrong_with(&format!("a list of {what}"), hint, log);
            return None;
        };
        Some(items.iter().enumerate().map(|(i, node)| Field { node, place: self.place.index(i) }).collect())
    }

    /// The entries of a list, or the one value that stands for a list of one.
    pub(super) fn one_or_list(&self) -> Vec<Self> {
        match self.node {
            Node::List(items) => {
                items.iter().enumerate().map(|(i, node)| Field { node, place: self.place.index(i) }).collect()
            }
            _ => vec![self.clone()],
        }
    }

    /// The entries of a map of any keys.
    pub(super) fn entries(&self, what: &str, log: &Log) -> Option<Vec<(&'a str, Self)>> {
        let Node::Map(entries) = self.node else {
            self.wrong(what, log);
            return None;
        };
        let field =
            |(key, node): &'a (Box<str>, Node)| (&**key, Field { node, place: self.place.key(key.to_string()) });
        Some(entries.iter().map(field).collect())
    }

    /// A text; a number counts as the text it was written as.
    pub(super) fn text(&self, log: &Log) -> Option<&'a str> {
        match self.node {
            Node::Text(text) | Node::Number(text) => Some(text),
            Node::Bool(value) => {
                self.wrong_with("a text", Some(format!("write it in quotes: \"{value}\"")), log);
                None
            }
            _ => {
                self.wrong("a text", log);
                None
            }
        }
    }

    /// A text with something in it, without spaces around it.
    pub(super) fn name(&self, log: &Log) -> Option<&'a str> {
        let text = self.text(log)?.trim();
        if text.is_empty() {
            log.error(&self.place, "expected a text, found an empty one");
        } else if let Some(c) = text.chars().find(|c| c.is_control()) {
            log.error(&self.place, format!("holds a control character (U+{:04X})", u32::from(c)));
        } else {
            return Some(text);
        }
        None
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self, log: &Log) -> Option<bool> {
        if let Node::Bool(value) = self.node {
            return Some(*value);
        }
        let meant = match self.node {
            Node::Text(text) => match text.to_ascii_lowercase().as_str() {
                "yes" | "on" | "y" | "true" => Some("true"),
                "no" | "off" | "n" | "false" => Some("false"),
                _ => None,
            },
            _ => None,
        };
        let hint = meant.map(|meant| format!("YAML 1.2 knows only `true` and `false`: write `{meant}`"));
        self.wrong_with("`true` or `false`", hint, log);
        None
    }

    /// A whole number from 0.
    pub(super) fn whole(&self, log: &Log) -> Option<u32> {
        if let Node::Number(text) = self.node {
            if let Ok(number) = text.parse() {
                return Some(number);
            }
            self.wrong(&format!("a whole number from 0 to {}", u32::MAX), log);
            return None;
        }
        let hint = match self.node {
            Node::Text(text) if text.replace('_', "").parse::<u32>().is_ok() => {
                Some(format!("write {} without quotes or separators", text.replace('_', "")))
            }
            _ => None,
        };
        self.wrong_with("a whole number", hint, log);
        None
    }

    /// A whole number from 1; `zero` says what to do instead of writing 0.
    pub(super) fn at_least_one(&self, zero: &str, log: &Log) -> Option<u32> {
        let number = NonZeroU32::new(self.whole(log)?);
        if number.is_none() {
            log.add(Finding::error(&self.place, "must be at least 1").maybe_hint(some(zero)));
        }
        number.map(NonZeroU32::get)
    }

    /// A seed.
    pub(super) fn seed(&self, log: &Log) -> Option<u64> {
        let seed = match self.node {
            Node::Number(text) => text.parse().ok(),
            _ => None,
        };
        if seed.is_none() {
            self.wrong_with("a whole number as seed", some("write for example `42`"), log);
        }
        seed
    }

    /// A duration with a unit.
    pub(super) fn duration(&self, log: &Log) -> Option<Duration> {
        let (Node::Text(text) | Node::Number(text)) = self.node else {
            self.wrong("a duration such as `60s`, `1m 30s` or `250ms`", log);
            return None;
        };
        self.parsed(parse_duration(text), log)
    }

    /// An amount of US dollars.
    pub(super) fn money(&self, log: &Log) -> Option<Usd> {
        let (Node::Text(text) | Node::Number(text)) = self.node else {
            self.wrong("an amount of US dollars such as `$5.00`", log);
            return None;
        };
        self.parsed(text.parse::<Usd>().map_err(|error| error.to_string()), log)
    }

    /// A share between 0 and 1, or as percent; neither bound itself.
    pub(super) fn confidence(&self, log: &Log) -> Option<f64> {
        let (Node::Text(text) | Node::Number(text)) = self.node else {
            self.wrong("a confidence such as `95%` or `0.95`", log);
            return None;
        };
        let text = text.trim();
        let share = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse().map(|percent: f64| percent / 100.0),
            None => text.parse::<f64>(),
        };
        match share {
            Ok(share) if share > 0.0 && share < 1.0 => Some(share),
            Ok(share) => {
                let hint = (!text.ends_with('%') && share > 1.0 && share < 100.0).then(|| format!("write `{text}%`"));
                let message = format!("expected a confidence between 0% and 100%, found `{text}`");
                log.add(Finding::error(&self.place, message).maybe_hint(hint));
                None
            }
            Err(_) => {
                self.wrong("a confidence such as `95%` or `0.95`", log);
                None
            }
        }
    }

    fn parsed<T>(&self, parsed: Result<T, String>, log: &Log) -> Option<T> {
        // The unit's advice stands after a colon.
        parsed
            .map_err(|message| {
                let (message, hint) = match message.split_once(": ") {
                    Some((message, hint)) => (message.to_owned(), some(hint)),
                    None => (message, None),
                };
                log.add(Finding::error(&self.place, message).maybe_hint(hint));
            })
            .ok()
    }
}

fn some(hint: &str) -> Option<String> {
    Some(hint).filter(|hint| !hint.is_empty()).map(str::to_owned)
}

/// Reports every key that stands twice in one map, anywhere.
pub(super) fn check_duplicates(root: &Node, log: &Log) {
    duplicates(root, &Place::default(), log);
}

/// The same below a place.
pub(super) fn duplicates(node: &Node, place: &Place, log: &Log) {
    match node {
        Node::List(items) => {
            for (i, item) in items.iter().enumerate().filter(|(_, item)| is_nested(item)) {
                duplicates(item, &place.index(i), log);
            }
        }
        Node::Map(entries) => {
            for (first, second) in repeated(entries) {
                let name = &entries[second].0;
                log.add(
                    Finding::error(&place.step(Segment::Entry(second)), "duplicate key")
                        .target(Target::Key)
                        .named(&place.key(name.to_string()))
                        .related(&place.step(Segment::Entry(first)), "first here"),
                );
            }
            for (i, (key, item)) in entries.iter().enumerate().filter(|(_, (_, item))| is_nested(item)) {
                // The key is kept for the path that is named; where it is a duplicate, the first is looked into.
                let _ = i;
                duplicates(item, &place.key(key.to_string()), log);
            }
        }
        _ => {}
    }
}

fn is_nested(node: &Node) -> bool {
    matches!(node, Node::List(items) if items.iter().any(is_collection)) || matches!(node, Node::Map(_))
}

fn is_collection(node: &Node) -> bool {
    matches!(node, Node::List(_) | Node::Map(_))
}

/// Pairs of positions of equal keys: the first and each later one.
fn repeated(entries: &[(Box<str>, Node)]) -> Vec<(usize, usize)> {
    if entries.len() <= 16 {
        let earlier = |i: usize| (0..i).find(|&first| entries[first].0 == entries[i].0).map(|first| (first, i));
        return (1..entries.len()).filter_map(earlier).collect();
    }
    let mut seen = std::collections::HashMap::with_capacity(entries.len());
    let mut pairs = Vec::new();
    for (i, (key, _)) in entries.iter().enumerate() {
        match seen.entry(key) {
            std::collections::hash_map::Entry::Occupied(first) => pairs.push((*first.get(), i)),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(i);
            }
        }
    }
    pairs
}

/// Puts the content of merge keys (`<<: *defaults`) in its place; keys that are written win.
pub(super) fn apply_merges(node: &mut Node, place: &Place, log: &Log) {
    match node {
        Node::List(items) => {
            for (i, item) in items.iter_mut().enumerate().filter(|(_, item)| is_collection(item)) {
                apply_merges(item, &place.index(i), log);
            }
        }
        Node::Map(entries) => {
            for (key, item) in entries.iter_mut().filter(|(_, item)| is_collection(item)) {
                apply_merges(item, &place.key(key.to_string()), log);
            }
            let Some(at) = entries.iter().position(|(key, _)| &**key == "<<") else { return };
            let (_, merged) = entries.remove(at);
            let sources = match merged {
                Node::List(items) => items,
                other => vec![other],
            };
            for source in sources {
                let Node::Map(inner) = source else {
                    let message = format!("expected a map to merge, found {}", source.describe());
                    log.add(Finding::error(&place.key("<<"), message).hint("write `<<: *name` of an anchored map"));
                    continue;
                };
                let known: std::collections::HashSet<Box<str>> = entries.iter().map(|(key, _)| key.clone()).collect();
                entries.extend(inner.into_iter().filter(|(key, _)| !known.contains(key)));
            }
        }
        _ => {}
    }
}

/// The candidate a misspelt name was probably meant to be.
pub(super) fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > 100 {
        return None;
    }
    let folded = name.to_lowercase();
    let allowed = (name.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .take(10_000)
        .filter(|candidate| *candidate != name && candidate.len() <= 100)
        .map(|candidate| (strsim::damerau_levenshtein(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `a`, `b` and `c`, in backticks; at most twenty.
pub(super) fn list_of(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(20).map(|name| format!("`{name}`")).collect();
    match shown.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some(_) if names.len() > shown.len() => format!("{} and {} more", shown.join(", "), names.len() - shown.len()),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Whether a text can name a variable in a template.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
