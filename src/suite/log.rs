//! The mistakes found while a suite is read, and how their paths become places in the file.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
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
    /// The whole of a further file, from 1; only at the beginning. Never shown.
    File(usize),
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

    /// The file, the suite being 0, and the path in it.
    fn segments(&self) -> (usize, Vec<Segment>) {
        let mut segments = Vec::new();
        let mut place = self;
        while let Some(step) = &place.0 {
            if let Segment::File(file) = step.segment {
                segments.reverse();
                return (file, segments);
            }
            segments.push(step.segment.clone());
            place = &step.parent;
        }
        segments.reverse();
        (0, segments)
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
    /// The further files that places lead into.
    files: RefCell<Vec<Arc<Source>>>,
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

    /// The place of a further file: what is found below it is shown in that file.
    pub(super) fn file(&self, source: Arc<Source>) -> Place {
        let mut files = self.files.borrow_mut();
        files.push(source);
        Place::default().step(Segment::File(files.len()))
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

    /// Looks every finding's place up in its file's text, and puts them in order: the suite's own first.
    pub(super) fn finish(self, source: &Arc<Source>) -> Diagnostics {
        let findings = self.findings.into_inner();
        let appended = self.appended.into_inner();
        let sources = std::iter::once(Arc::clone(source)).chain(self.files.into_inner());
        let files: Vec<Text> = sources.map(|source| Text { source, spans: OnceCell::new() }).collect();
        let mut items: Vec<_> = findings.into_iter().map(|finding| resolve(finding, &files)).collect();
        items.sort_by_key(|(at, _)| *at);
        let items = items.into_iter().map(|(_, item)| item).chain(appended).collect();
        Diagnostics { items, omitted: self.omitted.get() }
    }
}

/// A file with the places of what stands in it, looked for where something is to be shown.
struct Text {
    source: Arc<Source>,
    spans: OnceCell<Spans>,
}

impl Text {
    fn locate(&self, segments: &[Segment], target: &Target) -> Option<Range<usize>> {
        let text = &self.source.text;
        if segments.is_empty() {
            // The whole file has a place without looking for it: a remark on it costs no second reading.
            let start = text.len() - text.trim_start().len();
            return (start < text.len()).then_some(start..text.len());
        }
        locate(self.spans.get_or_init(|| Spans::new(text)), segments, target, text)
    }
}

fn resolve(finding: Finding, files: &[Text]) -> ((usize, usize), Diagnostic) {
    let (at, segments) = finding.place.segments();
    let file = &files[at];
    let range = file.locate(&segments, &finding.target);
    let start = range.as_ref().map_or(usize::MAX, |range| range.start);
    let path = dotted(&finding.shown.map_or(segments, |place| place.segments().1));
    let mut message = finding.message;
    let related = finding.related.and_then(|(place, label)| {
        let (other, segments) = place.segments();
        let range = files[other].locate(&segments, &Target::Key)?;
        if other == at {
            return Some((range, label.to_owned()));
        }
        let Source { path, text, first_line } = &*files[other].source;
        let line = first_line + text[..range.start].bytes().filter(|&b| b == b'\n').count();
        _ = write!(message, ", {label}: {}:{line}", path.display());
        None
    });
    let in_file = range.filter(|_| !finding.is_outside).map(|range| (Arc::clone(&file.source), range));
    let place = finding.elsewhere.or(in_file);
    let item = Diagnostic { severity: finding.severity, message, path, place, related, hint: finding.hint };
    ((at, start), item)
}

fn locate(spans: &Spans, segments: &[Segment], target: &Target, text: &str) -> Option<Range<usize>> {
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
            Segment::Entry(_) | Segment::File(_) => {}
        }
    }
    out
}
