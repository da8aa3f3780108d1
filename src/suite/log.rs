//! The mistakes found while a suite is read, and how their paths become places in the file.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use super::spans::{Spans, part_of};

/// More mistakes than this are counted, not kept.
const KEPT: usize = 200;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Segment {
    /// A key of a map.
    Key(Cow<'static, str>),
    /// The n-th entry of a list.
    Index(usize),
    /// The n-th entry of a map: tells duplicate keys apart. Never shown.
    Entry(usize),
}

/// A path in the suite, cheap to extend and to keep.
#[derive(Debug, Clone, Default)]
pub(super) struct Place(Option<Rc<Step>>);

#[derive(Debug)]
struct Step {
    parent: Place,
    segment: Segment,
}

impl Place {
    /// Whether this is the whole suite.
    pub(super) fn is_root(&self) -> bool {
        self.0.is_none()
    }

    /// The value under a key.
    pub(super) fn key(&self, name: impl Into<Cow<'static, str>>) -> Self {
        self.step(Segment::Key(name.into()))
    }

    /// An entry of a list.
    pub(super) fn index(&self, i: usize) -> Self {
        self.step(Segment::Index(i))
    }

    /// A step further.
    pub(super) fn step(&self, segment: Segment) -> Self {
        Self(Some(Rc::new(Step { parent: self.clone(), segment })))
    }

    /// The place a dotted path (`any[1].value`) leads to from here.
    pub(super) fn dotted(&self, path: &str) -> Self {
        let mut place = self.clone();
        for part in path.split(['.', '[']).filter(|part| !part.is_empty()) {
            place = match part.strip_suffix(']').map(str::parse) {
                Some(Ok(i)) => place.index(i),
                _ => place.key(part.to_owned()),
            };
        }
        place
    }

    fn segments(&self) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut place = self;
        while let Some(step) = &place.0 {
            segments.push(step.segment.clone());
            place = &step.parent;
        }
        segments.reverse();
        segments
    }
}

/// Which part of the value at a place is meant.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Target {
    #[default]
    Value,
    /// Its key.
    Key,
    /// A byte range of a text's value.
    Part(Box<str>, Range<usize>),
}

/// One mistake, its place still a path.
#[derive(Debug)]
pub(super) struct Finding {
    severity: Severity,
    message: String,
    place: Place,
    target: Target,
    shown: Option<Place>,
    related: Option<(Place, &'static str)>,
    elsewhere: Option<(Arc<Source>, Range<usize>)>,
    /// Nothing in the file is to blame: the command line is.
    is_outside: bool,
    hint: Option<String>,
}

impl Finding {
    pub(super) fn error(place: &Place, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            message: message.into(),
            place: place.clone(),
            target: Target::Value,
            shown: None,
            related: None,
            elsewhere: None,
            is_outside: false,
            hint: None,
        }
    }

    /// A mistake on the command line.
    pub(super) fn outside(message: impl Into<String>) -> Self {
        Self { is_outside: true, ..Self::error(&Place::default(), message) }
    }

    pub(super) fn warning(place: &Place, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(place, message) }
    }

    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(super) fn maybe_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    pub(super) fn target(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// The path that is named, where it is not the one that is underlined.
    pub(super) fn named(self, place: &Place) -> Self {
        Self { shown: Some(place.clone()), ..self }
    }

    pub(super) fn related(self, place: &Place, label: &'static str) -> Self {
        Self { related: Some((place.clone(), label)), ..self }
    }

    /// Shows a place in another file instead of the suite.
    pub(super) fn elsewhere(self, place: Option<(Arc<Source>, Range<usize>)>) -> Self {
        Self { elsewhere: place, ..self }
    }
}

/// Collects findings while reading goes on.
#[derive(Debug, Default)]
pub(super) struct Log {
    findings: RefCell<Vec<Finding>>,
    /// Of other files, already with their places.
    appended: RefCell<Vec<Diagnostic>>,
    omitted: Cell<usize>,
}

impl Log {
    pub(super) fn add(&self, finding: Finding) {
        let mut findings = self.findings.borrow_mut();
        if findings.len() < KEPT || finding.severity == Severity::Warning && findings.len() < 2 * KEPT {
            findings.push(finding);
        } else {
            self.omitted.set(self.omitted.get() + 1);
        }
    }

    /// Counts an error nobody would read any more: `true` where it need not be put into words.
    pub(super) fn is_full(&self) -> bool {
        let is_full = self.findings.borrow().len() >= KEPT;
        if is_full {
            self.omitted.set(self.omitted.get() + 1);
        }
        is_full
    }

    pub(super) fn error(&self, place: &Place, message: impl Into<String>) {
        self.add(Finding::error(place, message));
    }

    /// Takes over what was found in another file.
    pub(super) fn append(&self, other: Diagnostics) {
        self.omitted.set(self.omitted.get() + other.omitted);
        self.appended.borrow_mut().extend(other.items);
    }

    pub(super) fn has_errors(&self) -> bool {
        if self.appended.borrow().iter().any(|item| item.severity == Severity::Error) {
            return true;
        }
        self.findings.borrow().iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The first thing found, without its place.
    pub(super) fn first_message(&self) -> Option<String> {
        self.findings.borrow().first().map(|finding| finding.message.clone())
    }

    /// Looks every finding's place up in the suite's text, and puts them in file order.
    pub(super) fn finish(self, source: &Arc<Source>) -> Diagnostics {
        let findings = self.findings.into_inner();
        let appended = self.appended.into_inner();
        if findings.is_empty() {
            return Diagnostics { items: appended, omitted: self.omitted.get() };
        }
        // The whole suite has a place without looking for it: a remark on it costs no second reading.
        let is_whole = findings.iter().all(|finding| finding.place.is_root() && finding.related.is_none());
        let spans = if is_whole { Spans::default() } else { Spans::new(&source.text) };
        let mut items: Vec<(usize, Diagnostic)> =
            findings.into_iter().map(|finding| resolve(finding, &spans, source)).collect();
        items.sort_by_key(|(at, _)| *at);
        let items = items.into_iter().map(|(_, item)| item).chain(appended).collect();
        Diagnostics { items, omitted: self.omitted.get() }
    }
}

fn resolve(finding: Finding, spans: &Spans, source: &Arc<Source>) -> (usize, Diagnostic) {
    let segments = finding.place.segments();
    let range = locate(spans, &segments, &finding.target, &source.text);
    let start = range.as_ref().map_or(usize::MAX, |range| range.start);
    let path = dotted(&finding.shown.map_or(segments, |place| place.segments()));
    let related = finding.related.and_then(|(place, label)| {
        Some((locate(spans, &place.segments(), &Target::Key, &source.text)?, label.to_owned()))
    });
    let in_suite = range.filter(|_| !finding.is_outside).map(|range| (Arc::clone(source), range));
    let place = finding.elsewhere.or(in_suite);
    let item =
        Diagnostic { severity: finding.severity, message: finding.message, path, place, related, hint: finding.hint };
    (start, item)
}

fn locate(spans: &Spans, segments: &[Segment], target: &Target, text: &str) -> Option<Range<usize>> {
    if segments.is_empty() {
        let start = text.len() - text.trim_start().len();
        return (start < text.len()).then_some(start..text.len());
    }
    let (spot, exact) = spans.find(segments)?;
    if let (Target::Part(value, part), true) = (target, exact)
        && let Some(inner) = spans.resolved(segments)
        && let Some(range) = part_of(text, inner, value, part)
    {
        return Some(range);
    }
    let of_key = matches!(target, Target::Key) || spot.value.is_empty() || !exact;
    Some(spot.key.clone().filter(|_| of_key).unwrap_or_else(|| spot.value.clone()))
}

fn dotted(segments: &[Segment]) -> String {
    let mut out = String::new();
    for segment in segments {
        match segment {
            Segment::Index(i) => _ = write!(out, "[{i}]"),
            Segment::Key(name) => {
                let plain = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-<$".contains(c));
                if !plain {
                    _ = write!(out, "[{name:?}]");
                } else if out.is_empty() {
                    out.push_str(name);
                } else {
                    _ = write!(out, ".{name}");
                }
            }
            Segment::Entry(_) => {}
        }
    }
    out
}
