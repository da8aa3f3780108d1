//! How long a group of cells took by the clock on the wall.

use std::time::Duration;

use jiff::Timestamp;

/// When a run was under way: from its start, and again each time it was taken up.
#[derive(Debug, Default)]
pub(super) struct Sessions(Vec<Timestamp>);

impl Sessions {
    /// From the stamps of a manifest. One that cannot be read is left out.
    pub(super) fn new<'a>(started: impl IntoIterator<Item = &'a str>) -> Self {
        let mut stamps: Vec<Timestamp> = started.into_iter().filter_map(|stamp| stamp.parse().ok()).collect();
        stamps.sort_unstable();
        Self(stamps)
    }

    /// Which session a moment falls into.
    fn of(&self, at: Timestamp) -> usize {
        self.0.partition_point(|started| *started <= at).saturating_sub(1)
    }
}

/// From the first request to the end of the last cell, session by session: the pause before a run was taken up again is
/// nobody's work.
#[derive(Debug, Clone, Default)]
pub(super) struct Wall(Vec<Option<(Timestamp, Timestamp)>>);

impl Wall {
    /// Takes in a cell. Without both stamps, or with an end before the start, it says nothing.
    pub(super) fn add(&mut self, sessions: &Sessions, started: Option<&str>, ended: &str) {
        let (Some(Ok(start)), Ok(end)) = (started.map(str::parse::<Timestamp>), ended.parse()) else { return };
        if start <= end {
            self.span(sessions.of(start), (start, end));
        }
    }

    /// Takes in another group.
    pub(super) fn merge(&mut self, other: &Self) {
        for (session, span) in other.0.iter().enumerate() {
            if let Some(span) = span {
                self.span(session, *span);
            }
        }
    }

    fn span(&mut self, session: usize, (start, end): (Timestamp, Timestamp)) {
        if self.0.len() <= session {
            self.0.resize(session + 1, None);
        }
        let slot = &mut self.0[session];
        *slot = Some(slot.map_or((start, end), |(first, last)| (first.min(start), last.max(end))));
    }

    /// `None` where nothing was sent.
    pub(super) fn total(&self) -> Option<Duration> {
        let spans = self.0.iter().flatten().map(|(start, end)| end.duration_since(*start).unsigned_abs());
        spans.reduce(|sum, span| sum + span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_between_two_sessions_is_left_out() {
        let sessions = Sessions::new(["2026-11-21T12:00:00Z", "2026-11-21T18:00:00Z"]);
        let mut wall = Wall::default();
        assert_eq!(wall.total(), None);
        wall.add(&sessions, Some("2026-11-21T12:00:01.000Z"), "2026-11-21T12:00:05.500Z");
        wall.add(&sessions, Some("2026-11-21T12:00:00.500Z"), "2026-11-21T12:00:02.000Z");
        assert_eq!(wall.total(), Some(Duration::from_secs(5)));
        wall.add(&sessions, Some("2026-11-21T18:00:00.000Z"), "2026-11-21T18:00:02.000Z");
        assert_eq!(wall.total(), Some(Duration::from_secs(7)));
        wall.add(&sessions, Some("2026-11-21T18:00:00.000Z"), "2026-11-21T17:00:02.000Z");
        wall.add(&sessions, None, "2026-11-22T17:00:02.000Z");
        wall.add(&sessions, Some("soon"), "later");
        assert_eq!(wall.total(), Some(Duration::from_secs(7)));
        let mut other = Wall::default();
        other.add(&sessions, Some("2026-11-21T12:00:00.000Z"), "2026-11-21T12:00:00.100Z");
        other.merge(&wall);
        assert_eq!(other.total(), Some(Duration::from_millis(7500)));
    }
}
