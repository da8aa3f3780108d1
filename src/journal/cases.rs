//! The cases of a manifest, in the three forms they are needed in: borrowed from a suite to be written, slim to be
//! reported on, and as fingerprints to be compared. A suite may have a million of them, so none is a list of
//! whole cases: the variables alone can be larger than memory wants to be.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::suite::Case;

/// The cases of a suite, written as a list of case heads one at a time.
#[derive(Debug, Clone, Copy)]
pub struct SuiteCases<'a>(pub &'a [Case]);

impl Serialize for SuiteCases<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Head))
    }
}

/// One case: `id`, `vars`, and where there are any `expect`, `tags`, its own `graders`, and the id of the `prompt` that
/// its dataset brings.
struct Head<'a>(&'a Case);

impl Serialize for Head<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn raw<E: serde::ser::Error>(text: &str) -> Result<&RawValue, E> {
            serde_json::from_str(text).map_err(E::custom)
        }
        let Case { id, vars, expect, tags, graders, prompt } = self.0;
        let mut head = serializer.serialize_struct("Case", 6)?;
        head.serialize_field("id", id)?;
        head.serialize_field("vars", raw::<S::Error>(vars)?)?;
        if let Some(expect) = expect {
            head.serialize_field("expect", raw::<S::Error>(expect)?)?;
        }
        if !tags.is_empty() {
            head.serialize_field("tags", &tags.iter().map(|tag| &**tag).collect::<Vec<_>>())?;
        }
        if let Some(own) = &graders.own {
            head.serialize_field("graders", raw::<S::Error>(own)?)?;
        }
        if let Some(prompt) = prompt {
            head.serialize_field("prompt", &prompt.id)?;
        }
        head.end()
    }
}

/// What a report needs of the cases: ids, expectations and tags, packed.
#[derive(Debug, Default)]
pub struct CaseTable {
    /// The ids in plan order; taken out by whoever makes a plan of them.
    pub ids: Vec<Box<str>>,
    /// All expectations as compact JSON, one after the other; empty where there is none.
    expects: String,
    /// Where each expectation ends.
    ends: Vec<usize>,
    /// The lists of tags there are; many cases have the same.
    tag_lists: Vec<Vec<String>>,
    /// Which of them a case has.
    tags: Vec<u32>,
}

impl CaseTable {
    /// What is expected of a case's answer, as people read it: a text as it is, anything else as compact JSON.
    pub fn expected(&self, case: usize) -> Option<Cow<'_, str>> {
        let end = *self.ends.get(case)?;
        let start = case.checked_sub(1).map_or(0, |before| self.ends[before]);
        let json = &self.expects[start..end];
        match json.as_bytes().first()? {
            b'"' => serde_json::from_str::<String>(json).ok().map(Cow::Owned),
            _ => Some(Cow::Borrowed(json)),
        }
    }

    /// A case's tags in file order.
    pub fn tags(&self, case: usize) -> &[String] {
        self.tags.get(case).and_then(|&list| self.tag_lists.get(list as usize)).map_or(&[], Vec::as_slice)
    }
}

impl<'de> Deserialize<'de> for CaseTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Slim {
            id: Box<str>,
            #[serde(default)]
            expect: Option<Box<RawValue>>,
            #[serde(default)]
            tags: Vec<String>,
        }
        let mut table = Self::default();
        let mut known = HashMap::new();
        each(deserializer, |Slim { id, expect, tags }| {
            table.ids.push(id);
            table.expects.push_str(expect.as_deref().map_or("", RawValue::get));
            table.ends.push(table.expects.len());
            let next = u32::try_from(table.tag_lists.len()).unwrap_or(u32::MAX);
            let list = *known.entry(tags).or_insert_with_key(|tags| {
                table.tag_lists.push(tags.clone());
                next
            });
            table.tags.push(list);
        })?;
        table.expects.shrink_to_fit();
        Ok(table)
    }
}

/// What is needed to tell whether a case is still the same: its id and a fingerprint of what is asked and expected, and
/// of its own graders.
/// Tags are not in it, they change no answer. Fingerprints are comparable within one process only.
#[derive(Debug, Default)]
pub struct CasePrints {
    /// All ids, one after the other: this is read while a suite of the same size is in memory.
    ids: String,
    /// Where each id ends.
    ends: Vec<usize>,
    prints: Vec<u64>,
}

impl CasePrints {
    /// How many cases there are.
    pub(super) fn len(&self) -> usize {
        self.prints.len()
    }

    /// A case's id.
    pub(super) fn id(&self, case: usize) -> &str {
        let start = case.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.ids[start..self.ends[case]]
    }

    /// A case's fingerprint, to be compared with [`print_of`].
    pub(super) fn print(&self, case: usize) -> u64 {
        self.prints[case]
    }
}

impl<'de> Deserialize<'de> for CasePrints {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Slim {
            id: Box<str>,
            vars: Value,
            #[serde(default)]
            expect: Option<Value>,
            #[serde(default)]
            graders: Option<Value>,
            #[serde(default)]
            prompt: Option<Box<str>>,
        }
        let mut all = Self::default();
        each(deserializer, |Slim { id, vars, expect, graders, prompt }| {
            all.ids.push_str(&id);
            all.ends.push(all.ids.len());
            all.prints.push(print(&vars, expect.as_ref(), graders.as_ref(), prompt.as_deref()));
        })?;
        Ok(all)
    }
}

/// The fingerprint of a suite's case.
pub(super) fn print_of(case: &Case) -> u64 {
    let own = case.graders.own.as_deref().and_then(|json| serde_json::from_str(json).ok());
    let prompt = case.prompt.as_deref().map(|prompt| prompt.id.as_str());
    print(&serde_json::from_str(&case.vars).unwrap_or_default(), case.expected().as_ref(), own.as_ref(), prompt)
}

fn print(vars: &Value, expect: Option<&Value>, graders: Option<&Value>, prompt: Option<&str>) -> u64 {
    // `DefaultHasher::new` has fixed keys: the same in every place of one build.
    let mut hasher = DefaultHasher::new();
    hash(vars, &mut hasher);
    // JSON has no way to tell an expectation of `null` from none.
    hash(expect.unwrap_or(&Value::Null), &mut hasher);
    hash(graders.unwrap_or(&Value::Null), &mut hasher);
    prompt.hash(&mut hasher);
    hasher.finish()
}

/// Hashes a value whatever the order of its keys.
fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Null => 0_u8.hash(hasher),
        Value::Bool(value) => (1_u8, value).hash(hasher),
        Value::Number(value) => (2_u8, value).hash(hasher),
        Value::String(value) => (3_u8, value).hash(hasher),
        Value::Array(items) => {
            (4_u8, items.len()).hash(hasher);
            for item in items {
                hash(item, hasher);
            }
        }
        Value::Object(members) => {
            (5_u8, members.len()).hash(hasher);
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|&(key, _)| key);
            for (key, value) in members {
                key.hash(hasher);
                hash(value, hasher);
            }
        }
    }
}

/// Reads a list one element at a time.
fn each<'de, T, D>(deserializer: D, take: impl FnMut(T)) -> Result<(), D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Each<T, F>(F, PhantomData<fn() -> T>);

    impl<'de, T: Deserialize<'de>, F: FnMut(T)> Visitor<'de> for Each<T, F> {
        type Value = ();

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of cases")
        }

        fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
            while let Some(item) = list.next_element()? {
                (self.0)(item);
            }
            Ok(())
        }
    }

    deserializer.deserialize_seq(Each(take, PhantomData))
}
