//! Faults that can be asked for: by header, by a suffix of the model id, or for the whole server.
//!
//! One fault is `name`, `name=argument`, either with `*N` behind it (only the first N times this very request comes)
//! or `%P` (in P percent of requests, drawn from the seed). Several are separated by commas.

use std::str::FromStr;
use std::time::Duration;

use super::chance::Chance;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Status(u16),
    Html,
    ErrorBody,
    Empty,
    Blank,
    Garbage,
    CutJson,
    Padding,
    ErrorFirst,
    ErrorMid,
    ErrorAfter,
    ErrorBare,
    ErrorCode,
    ErrorUntyped,
    Malformed,
    Usage,
    DuplicateFinish,
    NoDone,
    NoFinish,
    Crlf,
    Bom,
    Multiline,
    Comments,
    Bytes,
    Drip,
    Slow,
    Hang,
    Stall,
    Close,
    Reset,
    Cut,
    ResetMid,
    Endless,
    EndlessSpace,
    EndlessEvents,
    ReasoningOnly,
    ThinkTags,
    NullContent,
    EmptyContent,
    Refusal,
    ToolCall,
    Length,
    Finish,
    Renamed,
    Minimal,
    NoCost,
    Byok,
    CacheHit,
    ReasoningExceeds,
    GenerationLate,
    CreditsForbidden,
    KeyUnlimited,
    PriceUnknown,
}

/// A fault's name, its argument, what it does.
pub(super) struct Listed(Kind, pub(super) &'static str, pub(super) &'static str, pub(super) &'static str);

/// Every fault but the plain status codes, as `--help` and the documentation show them.
pub(super) const FAULTS: &[Listed] = &[
    Listed(Kind::Html, "html", "STATUS", "an HTML error page as of a proxy (502)"),
    Listed(Kind::ErrorBody, "error-body", "CODE", "200 with an error envelope and no choices (502)"),
    Listed(Kind::Empty, "empty", "", "200 with an empty body"),
    Listed(Kind::Blank, "blank", "", "200 with nothing but white space"),
    Listed(Kind::Garbage, "garbage", "", "200 with bytes that are neither JSON nor UTF-8"),
    Listed(Kind::CutJson, "cut-json", "", "the body ends, cleanly, in the middle of its JSON"),
    Listed(Kind::Padding, "padding", "N", "N keep-alive comments, or blank lines before the JSON (20)"),
    Listed(Kind::ErrorFirst, "error-first", "CODE", "an error as the stream's first and only event (502)"),
    Listed(
        Kind::ErrorMid,
        "error-mid",
        "CODE",
        "an error in the middle; not streaming: a partial answer with it (502)",
    ),
    Listed(Kind::ErrorAfter, "error-after", "CODE", "an error after the finish reason (400)"),
    Listed(Kind::ErrorBare, "error-bare", "CODE", "a stream error without choices (502)"),
    Listed(Kind::ErrorCode, "error-code", "CODE", "a stream error whose code is a string (server_error)"),
    Listed(Kind::ErrorUntyped, "error-untyped", "CODE", "a stream error whose metadata has no error_type (502)"),
    Listed(Kind::Malformed, "malformed", "", "finish reason `error` with a native one and no error object"),
    Listed(Kind::Usage, "usage", "SHAPE", "usage as shape 1, 2, 3, 4 or none (none)"),
    Listed(Kind::DuplicateFinish, "duplicate-finish", "", "the finish reason once more"),
    Listed(Kind::NoDone, "no-done", "", "no [DONE] at the end"),
    Listed(Kind::NoFinish, "no-finish", "", "ends without finish reason, usage and [DONE]"),
    Listed(Kind::Crlf, "crlf", "", "lines end with CR LF"),
    Listed(Kind::Bom, "bom", "", "the body starts with a byte order mark"),
    Listed(Kind::Multiline, "multiline", "", "the JSON of an event over several data lines"),
    Listed(Kind::Comments, "comments", "N", "N comments before every event (1)"),
    Listed(Kind::Bytes, "bytes", "", "the body byte by byte, each in its own packet"),
    Listed(Kind::Drip, "drip", "TIME", "the body byte by byte, this far apart (50ms)"),
    Listed(Kind::Slow, "slow", "TIME", "this much later (2s)"),
    Listed(Kind::Hang, "hang", "", "accepts the request and never answers"),
    Listed(Kind::Stall, "stall", "TIME", "silent in the middle, for this long or for ever (for ever)"),
    Listed(Kind::Close, "close", "", "closes the connection instead of answering"),
    Listed(Kind::Reset, "reset", "", "resets the connection instead of answering"),
    Listed(Kind::Cut, "cut", "", "closes the connection in the middle of an event"),
    Listed(Kind::ResetMid, "reset-mid", "", "resets the connection in the middle of an event"),
    Listed(Kind::Endless, "endless", "", "a body that never ends: no line break, no end of the JSON text"),
    Listed(Kind::EndlessSpace, "endless-space", "", "white space without end"),
    Listed(Kind::EndlessEvents, "endless-events", "", "well-formed events without end"),
    Listed(Kind::ReasoningOnly, "reasoning-only", "", "reasoning, no answer"),
    Listed(Kind::ThinkTags, "think-tags", "", "reasoning inside the answer, in <think> tags"),
    Listed(Kind::NullContent, "null-content", "", "content is null, nothing was generated"),
    Listed(Kind::EmptyContent, "empty-content", "", "content is empty, finish reason stop"),
    Listed(Kind::Refusal, "refusal", "", "declines: refusal set, finish reason content_filter"),
    Listed(Kind::ToolCall, "tool-call", "", "a tool call in fragments with no id and finish reason stop"),
    Listed(Kind::Length, "length", "N", "cut off after N tokens (5)"),
    Listed(Kind::Finish, "finish", "WORD", "this finish reason (banana)"),
    Listed(Kind::Renamed, "renamed", "ID", "answers under this model id (a dated one)"),
    Listed(Kind::Minimal, "minimal", "", "only what any OpenAI-compatible server sends: no usage, id, provider"),
    Listed(Kind::NoCost, "no-cost", "", "usage without cost"),
    Listed(Kind::Byok, "byok", "", "own provider key: cost 0, the upstream's cost beside it"),
    Listed(Kind::CacheHit, "cache-hit", "", "from OpenRouter's response cache: its headers, usage all 0"),
    Listed(Kind::ReasoningExceeds, "reasoning-exceeds", "", "more reasoning tokens than completion tokens"),
    Listed(Kind::GenerationLate, "generation-late", "N", "/generation answers 404 N times for this answer (2)"),
    Listed(Kind::CreditsForbidden, "credits-403", "", "/credits wants a management key"),
    Listed(Kind::KeyUnlimited, "key-unlimited", "", "/key has no limit"),
    Listed(Kind::PriceUnknown, "price-unknown", "", "/models says -1 for every price"),
];

/// Why a text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultError {
    /// No fault is called that.
    #[error("there is no fault called `{name}`{}", did_you_mean(.name))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The argument is of the wrong form.
    #[error("fault `{name}` cannot take `{argument}`: {why}")]
    Argument {
        /// The fault.
        name: String,
        /// Its argument as given.
        argument: String,
        /// What it wants.
        why: &'static str,
    },
}

/// The closest name there is, as the end of a sentence.
fn did_you_mean(name: &str) -> String {
    let near = FAULTS.iter().map(|f| (strsim::damerau_levenshtein(name, f.1), f.1)).min();
    near.filter(|&(distance, _)| distance * 3 <= name.len())
        .map(|(_, near)| format!(", did you mean `{near}`?"))
        .unwrap_or_default()
}

/// A fault that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub(super) kind: Kind,
    argument: Option<String>,
    /// Only the first so many times a request comes.
    first: Option<u32>,
    /// In this share of requests.
    share: Option<f64>,
}

impl Fault {
    /// Reads faults separated by commas.
    ///
    /// # Errors
    /// The first that is none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, FaultError> {
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::parse).collect()
    }

    /// Whether it happens to the `nth` coming of a request; dice come from what `chance` was made for.
    pub(super) fn strikes(&self, nth: u32, chance: &mut Chance) -> bool {
        // The dice are thrown in any case, so that one fault's condition never moves another's dice.
        let drawn = chance.unit();
        self.first.is_none_or(|first| nth <= first) && self.share.is_none_or(|share| drawn < share)
    }

    /// Its argument as it was written.
    pub(super) fn argument(&self) -> Option<&str> {
        self.argument.as_deref()
    }
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let wrong = |name: &str, argument: &str, why| {
            Err(FaultError::Argument { name: name.to_owned(), argument: argument.to_owned(), why })
        };
        let (text, share) = match text.rsplit_once('%') {
            Some((fault, percent)) => match percent.parse::<f64>() {
                Ok(percent) if (0.0..=100.0).contains(&percent) => (fault, Some(percent / 100.0)),
                _ => return wrong(fault, percent, "percent are a number from 0 to 100"),
            },
            None => (text, None),
        };
        let (text, first) = match text.rsplit_once('*') {
            Some((fault, times)) => match times.parse() {
                Ok(times) => (fault, Some(times)),
                Err(_) => return wrong(fault, times, "how often is a whole number"),
            },
            None => (text, None),
        };
        let (name, argument) = text.split_once('=').map_or((text, None), |(name, argument)| (name, Some(argument)));
        let kind = match name.parse::<u16>() {
            Ok(status @ 400..=599) => Kind::Status(status),
            _ => FAULTS
                .iter()
                .find(|fault| fault.1 == name)
                .map(|fault| fault.0)
                .ok_or_else(|| FaultError::Unknown { name: name.to_owned() })?,
        };
        let listed = FAULTS.iter().find(|fault| fault.0 == kind).map_or("WORD", |fault| fault.2);
        if let Some(argument) = argument {
            let number = argument.parse::<u32>();
            let fits = match listed {
                "" => return wrong(name, argument, "it takes no argument"),
                "STATUS" => number.is_ok_and(|status| (400..600).contains(&status)),
                "N" => number.is_ok_and(|n| n <= 100_000),
                "TIME" => crate::units::parse_duration(argument).is_ok(),
                "SHAPE" => matches!(argument, "1" | "2" | "3" | "4" | "none"),
                "CODE" => kind == Kind::ErrorCode || number.is_ok_and(|code| code < 1000),
                _ => true,
            };
            if !fits {
                return wrong(name, argument, "it wants what `bench simulate --help` shows");
            }
        }
        Ok(Self { kind, argument: argument.map(str::to_owned), first, share })
    }
}

/// The faults that strike one request.
#[derive(Debug, Default, Clone)]
pub(super) struct Faults(pub(super) Vec<Fault>);

impl Faults {
    /// The fault of this kind, if it strikes.
    pub(super) fn get(&self, kind: Kind) -> Option<&Fault> {
        self.0.iter().find(|fault| fault.kind == kind)
    }

    /// Whether a fault of this kind strikes.
    pub(super) fn has(&self, kind: Kind) -> bool {
        self.get(kind).is_some()
    }

    /// The number behind a fault, or the usual one; `None` where it does not strike.
    pub(super) fn number(&self, kind: Kind, usual: u32) -> Option<u32> {
        let fault = self.get(kind)?;
        Some(fault.argument().and_then(|argument| argument.parse().ok()).unwrap_or(usual))
    }

    /// The time behind a fault, or the usual one; `None` where it does not strike.
    pub(super) fn time(&self, kind: Kind, usual: Duration) -> Option<Duration> {
        let fault = self.get(kind)?;
        Some(fault.argument().and_then(|argument| crate::units::parse_duration(argument).ok()).unwrap_or(usual))
    }

    /// The status code to answer with at once, and its argument.
    pub(super) fn status(&self) -> Option<(u16, Option<&str>)> {
        self.0.iter().find_map(|fault| match fault.kind {
            Kind::Status(status) => Some((status, fault.argument())),
            _ => None,
        })
    }
}

/// The list of faults for `--help` and the documentation: name, argument, what it does.
pub fn fault_list() -> String {
    const STATUSES: [Listed; 5] = [
        Listed(Kind::Status(0), "400 … 599", "", "that status with a JSON error; of some there are several kinds:"),
        Listed(Kind::Status(400), "400", "context", "the prompt is too long for the model"),
        Listed(Kind::Status(402), "402", "KIND", "credits, in-flight (with Retry-After), weight or key (credits)"),
        Listed(Kind::Status(403), "403", "KIND", "permission, moderation or guardrail (permission)"),
        Listed(
            Kind::Status(429),
            "429",
            "WAIT",
            "seconds of Retry-After, date, metadata, none, daily or upstream (1); so 503",
        ),
    ];
    let mut text = String::new();
    for Listed(_, name, argument, about) in STATUSES.iter().chain(FAULTS) {
        let left = if argument.is_empty() { (*name).to_owned() } else { format!("{name}[={argument}]") };
        text.push_str("  ");
        text.push_str(&left);
        text.push_str(&" ".repeat(24_usize.saturating_sub(left.chars().count()).max(1)));
        text.push_str(about);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn faults_are_read_with_argument_count_and_share() {
        let faults = Fault::parse_list("429=3*2, slow=500ms ,no-done%25").unwrap();
        assert_eq!(faults[0].kind, Kind::Status(429));
        assert_eq!((faults[0].argument(), faults[0].first), (Some("3"), Some(2)));
        assert_eq!((faults[1].kind, faults[1].argument()), (Kind::Slow, Some("500ms")));
        assert_eq!((faults[2].kind, faults[2].share), (Kind::NoDone, Some(0.25)));
        assert!(Fault::parse_list(" , ").unwrap().is_empty());
    }

    #[test]
    fn mistakes_are_told_with_the_nearest_name() {
        let say = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert_eq!(say("no-dnoe"), "there is no fault called `no-dnoe`, did you mean `no-done`?");
        assert_eq!(say("399"), "there is no fault called `399`");
        for text in ["slow=2", "usage=5", "crlf=1", "html=200", "502*x", "502%120", "length=-1"] {
            assert!(matches!(text.parse::<Fault>(), Err(FaultError::Argument { .. })), "{text}");
        }
    }

    #[test]
    fn names_are_unique_and_every_one_can_be_asked_for() {
        assert_eq!(FAULTS.iter().map(|f| f.1).collect::<HashSet<_>>().len(), FAULTS.len());
        for listed in FAULTS {
            assert_eq!(listed.1.parse::<Fault>().unwrap().kind, listed.0);
            assert!(fault_list().contains(listed.3));
        }
    }

    #[test]
    fn a_count_ends_and_a_share_is_met() {
        let dice = |n: u32| Chance::new(1, &[&n.to_le_bytes()]);
        let twice: Fault = "502*2".parse().unwrap();
        assert_eq!(
            (1..5).map(|nth| twice.strikes(nth, &mut dice(nth))).collect::<Vec<_>>(),
            [true, true, false, false]
        );
        let some: Fault = "502%20".parse().unwrap();
        let hits = (0..1000).filter(|&n| some.strikes(1, &mut dice(n))).count();
        assert!((150..250).contains(&hits), "{hits}");
    }
}
