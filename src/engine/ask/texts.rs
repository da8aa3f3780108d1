//! Texts whose embeddings are known or wanted: each distinct one is asked for once, together with others. No clock, no
//! socket: times are arguments.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

/// Texts of one request at most.
pub(super) const BATCH: usize = 64;
/// Bytes of text after which a request is full.
const BATCH_BYTES: usize = 256 << 10;
/// How long the first text of a request waits for others.
pub(super) const GATHER: Duration = Duration::from_millis(20);
/// Bytes of vectors that are kept of one model. Past that the oldest are dropped, and asked for again when wanted again.
const KEPT: usize = 256 << 20;

/// A text, by its hash: the texts themselves are not kept.
pub(super) type Key = [u8; 32];

/// What the embedding of a text is kept under.
pub(super) fn key(text: &str) -> Key {
    Sha256::digest(text.as_bytes()).into()
}

/// A text on its way to a request.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) key: Key,
    pub(super) text: Arc<str>,
}

/// The texts of one model. `W` is somebody who waits for a vector.
#[derive(Debug)]
pub(super) struct Texts<W> {
    known: HashMap<Key, Arc<[f32]>>,
    /// Known ones, the oldest first.
    ages: VecDeque<Key>,
    bytes: usize,
    limit: usize,
    /// Those who wait, in the order in which they came; never empty.
    waiting: HashMap<Key, Vec<(u32, W)>>,
    /// What each of them waits for.
    wants: HashMap<u32, Key>,
    /// The next request.
    open: Vec<Wanted>,
    open_bytes: usize,
    open_since: Option<Instant>,
}

impl<W> Default for Texts<W> {
    fn default() -> Self {
        Self::keeping(KEPT)
    }
}

impl<W> Texts<W> {
    fn keeping(limit: usize) -> Self {
        Self {
            known: HashMap::new(),
            ages: VecDeque::new(),
            bytes: 0,
            limit,
            waiting: HashMap::new(),
            wants: HashMap::new(),
            open: Vec::new(),
            open_bytes: 0,
            open_since: None,
        }
    }

    /// Somebody wants the vector of a text: here it is, or `None` and they wait.
    pub(super) fn want(&mut self, id: u32, text: Arc<str>, waiter: W, now: Instant) -> Option<(Arc<[f32]>, W)> {
        let key = key(&text);
        if let Some(vector) = self.known.get(&key) {
            return Some((Arc::clone(vector), waiter));
        }
        self.wants.insert(id, key);
        let waiting = self.waiting.entry(key).or_default();
        waiting.push((id, waiter));
        if waiting.len() == 1 {
            self.open_bytes += text.len();
            self.open.push(Wanted { key, text });
            self.open_since.get_or_insert(now);
        }
        None
    }

    /// When the texts gathered so far are to be asked for.
    pub(super) fn due(&self) -> Option<Instant> {
        let since = self.open_since?;
        let full = self.open.len() >= BATCH || self.open_bytes >= BATCH_BYTES;
        Some(if full { since } else { since + GATHER })
    }

    /// The texts of a request that is due, at most [`BATCH`].
    pub(super) fn batch(&mut self, now: Instant) -> Option<Vec<Wanted>> {
        if self.due()? > now {
            return None;
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut seen = HashSet::new();
        let mut rest = std::mem::take(&mut self.open).into_iter();
        for wanted in rest.by_ref() {
            // Those whom nobody waits for any more are left out, and one that was wanted again is asked for once.
            if self.waiting.contains_key(&wanted.key) && seen.insert(wanted.key) {
                bytes += wanted.text.len();
                batch.push(wanted);
            }
            if batch.len() == BATCH || bytes >= BATCH_BYTES {
                break;
            }
        }
        self.open = rest.collect();
        self.open_bytes = self.open.iter().map(|wanted| wanted.text.len()).sum();
        self.open_since = (!self.open.is_empty()).then_some(now);
        (!batch.is_empty()).then_some(batch)
    }

    /// A vector came: those who waited for it.
    pub(super) fn arrived(&mut self, key: Key, vector: &Arc<[f32]>) -> Vec<W> {
        if self.known.insert(key, Arc::clone(vector)).is_none() {
            self.ages.push_back(key);
            self.bytes += size_of_val::<[f32]>(vector);
        }
        while self.bytes > self.limit
            && let Some(oldest) = self.ages.pop_front()
        {
            self.bytes -= self.known.remove(&oldest).map_or(0, |vector| size_of_val::<[f32]>(&vector));
        }
        self.failed(key)
    }

    /// A text gets no vector: those who waited for it. It may be wanted again.
    pub(super) fn failed(&mut self, key: Key) -> Vec<W> {
        let waiting = self.waiting.remove(&key).unwrap_or_default();
        waiting.into_iter().inspect(|(id, _)| _ = self.wants.remove(id)).map(|(_, waiter)| waiter).collect()
    }

    /// Everybody who waits for a text that no request has been made of.
    pub(super) fn drain(&mut self) -> Vec<W> {
        self.open_since = None;
        self.open_bytes = 0;
        std::mem::take(&mut self.open).into_iter().flat_map(|wanted| self.failed(wanted.key)).collect()
    }

    /// Somebody does not want it any more.
    pub(super) fn withdraw(&mut self, id: u32) -> Option<W> {
        let key = self.wants.remove(&id)?;
        let waiting = self.waiting.get_mut(&key)?;
        let at = waiting.iter().position(|(other, _)| *other == id)?;
        let (_, waiter) = waiting.remove(at);
        if waiting.is_empty() {
            self.waiting.remove(&key);
        }
        Some(waiter)
    }

    /// Whether somebody waits for a text.
    pub(super) fn is_wanted(&self, key: &Key) -> bool {
        self.waiting.contains_key(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vector(numbers: &[f32]) -> Arc<[f32]> {
        numbers.into()
    }

    fn texts(batch: &[Wanted]) -> Vec<&str> {
        batch.iter().map(|wanted| &*wanted.text).collect()
    }

    #[test]
    fn a_text_is_asked_for_once_and_everybody_gets_its_vector() {
        let (mut all, now) = (Texts::default(), Instant::now());
        assert!(all.want(1, "a".into(), 'x', now).is_none());
        assert!(all.want(2, "b".into(), 'y', now).is_none());
        assert!(all.want(3, "a".into(), 'z', now).is_none());
        assert!(all.batch(now).is_none(), "others may come");
        assert_eq!(all.due(), Some(now + GATHER));
        let batch = all.batch(now + GATHER).unwrap();
        assert_eq!(texts(&batch), ["a", "b"]);
        assert!(all.want(4, "a".into(), 'w', now).is_none(), "on its way");
        assert_eq!(all.due(), None);
        assert_eq!(all.arrived(batch[0].key, &vector(&[1.0])), ['x', 'z', 'w']);
        let (known, waiter) = all.want(5, "a".into(), 'v', now).unwrap();
        assert_eq!((&*known, waiter), (&[1.0][..], 'v'));
        assert_eq!(all.failed(batch[1].key), ['y']);
        assert!(all.want(6, "b".into(), 'u', now).is_none(), "what failed may be wanted again");
    }

    #[test]
    fn a_full_request_waits_for_no_other_text_and_the_rest_goes_into_the_next() {
        let (mut all, now) = (Texts::default(), Instant::now());
        for id in 0..70 {
            all.want(id, id.to_string().into(), (), now);
        }
        assert_eq!(all.due(), Some(now));
        assert_eq!(all.batch(now).unwrap().len(), BATCH);
        assert!(all.batch(now).is_none());
        assert_eq!(all.batch(now + GATHER).unwrap().len(), 6);
        all.want(100, "x".repeat(BATCH_BYTES).into(), (), now);
        assert_eq!(all.batch(now).unwrap().len(), 1, "one long text is a request of its own");
    }

    #[test]
    fn what_nobody_wants_any_more_is_not_asked_for() {
        let (mut all, now) = (Texts::default(), Instant::now());
        for (id, text) in [(1, "a"), (2, "a"), (3, "b"), (4, "c")] {
            all.want(id, text.into(), id, now);
        }
        assert_eq!(all.withdraw(1), Some(1));
        assert_eq!(all.withdraw(3), Some(3));
        assert_eq!(all.withdraw(3), None);
        all.want(5, "b".into(), 5, now);
        assert_eq!(all.withdraw(5), Some(5));
        let batch = all.batch(now + GATHER).unwrap();
        assert_eq!(texts(&batch), ["a", "c"]);
        assert!(all.is_wanted(&key("a")) && !all.is_wanted(&key("b")));
        assert_eq!(all.arrived(key("a"), &vector(&[1.0])), [2]);
    }

    #[test]
    fn vectors_are_kept_up_to_a_limit_the_newest_longest() {
        let (mut all, now) = (Texts::keeping(8), Instant::now());
        for (text, number) in [("a", 1.0), ("b", 2.0), ("c", 3.0)] {
            all.arrived(key(text), &vector(&[number]));
        }
        assert!(all.want(1, "a".into(), (), now).is_none());
        assert!(all.want(2, "b".into(), (), now).is_some() && all.want(3, "c".into(), (), now).is_some());
    }
}
