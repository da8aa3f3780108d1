//! A judge's reply → its verdict: tolerant of the form, strict about the meaning.
//!
//! A reply that is one JSON object, bare or fenced, is the judge's own. In any other every statement of a verdict counts
//! (objects in prose, `"verdict": …`, lines such as `Verdict: pass`), but for those that stand word for word in the
//! answer under test, as judges quote it; and all of them have to agree.

use std::fmt;
use std::sync::LazyLock;

use ::regex::Regex;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::grade::json::extract::{Kind, anywhere};
use crate::grade::services::Reply;
use crate::grade::types::Answer;
use crate::grade::words::quote;

use super::panel::Verdict;
use super::scale::{Said, Scale, plain};

/// Longer replies hold no verdict that could be trusted; it keeps reading linear, too.
const LONGEST: usize = 256 << 10;

/// The most objects that are looked at in one reply.
const MOST_OBJECTS: usize = 16;

/// What judges call their reason, as [`plain`] words.
const REASONS: [&str; 9] =
    ["reason", "reasoning", "explanation", "rationale", "justification", "feedback", "analysis", "comment", "thought"];

/// Reads a verdict.
///
/// # Errors
/// Where there is none, or none that is certain: what came, for after the judge's name.
pub(super) fn read(reply: &Reply, scale: &Scale, answer: &Answer) -> Result<Verdict, String> {
    if let Some(refusal) = &reply.refusal {
        return Err(format!("declined: {}", quote(refusal)));
    }
    let text = reply.text.trim();
    let cut = reply.finish_reason.as_deref() == Some("length");
    if text.is_empty() {
        return Err(if cut {
            "reached its token limit before it said anything: raise `max_tokens`".to_owned()
        } else {
            "gave an empty reply".to_owned()
        });
    }
    if reply.finish_reason.as_deref() == Some("content_filter") {
        return Err(format!("was stopped by a content filter at {}", quote(text)));
    }
    if text.len() > LONGEST {
        return Err(format!("gave a reply of {} bytes instead of a verdict: {}", text.len(), quote(text)));
    }
    let echo = Echo::new(&answer.text);
    if let Some(pairs) = only_object(text) {
        if echo.holds(text) {
            return Err(format!("repeated the answer instead of grading it: {}", quote(text)));
        }
        return match from_pairs(&pairs, scale, 0)? {
            Some(verdict) => Ok(verdict),
            None => Err(format!("gave no `{}`: {}", scale.key(), quote(text))),
        };
    }
    if cut {
        return Err(format!("was cut off at its token limit: {} (raise `max_tokens`)", quote(text)));
    }
    statements(text, scale, &echo)
}

/// What of a reply may be a copy of the answer under test.
struct Echo(String);

impl Echo {
    fn new(answer: &str) -> Self {
        Self(squeezed(answer))
    }

    /// Whether a text stands in the answer, whitespace apart.
    fn holds(&self, text: &str) -> bool {
        !self.0.is_empty() && memchr::memmem::find(self.0.as_bytes(), squeezed(text).as_bytes()).is_some()
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The object that is the whole reply: bare, in one fence, or as the only item of a list.
fn only_object(text: &str) -> Option<Pairs> {
    let inner = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```")).map(|body| {
        let language = body.find(['{', '[', '\n']).unwrap_or(0);
        body[language..].trim()
    });
    let text = inner.unwrap_or(text);
    serde_json::from_str::<Pairs>(text)
        .ok()
        .or_else(|| serde_json::from_str::<[Pairs; 1]>(text).ok().map(|[pairs]| pairs))
}

/// An object's entries in order, those with the same key too.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Entries)
    }
}

/// The verdict in an object: under the key that was asked for, or what else judges call it. `None`: there is no such key.
fn from_pairs(Pairs(pairs): &Pairs, scale: &Scale, depth: u8) -> Result<Option<Verdict>, String> {
    let mut said: Option<Said> = None;
    let mut other: Option<Said> = None;
    for (key, value) in pairs {
        let key = plain(key);
        if key == scale.key() {
            let this = scale.read(value).map_err(|off| format!("gave a verdict that cannot be read: {off}"))?;
            agree(&mut said, this)?;
        } else if scale.other_keys().contains(&key.as_str())
            && let Ok(this) = scale.read(value)
        {
            agree(&mut other, this)?;
        }
    }
    let reason = || {
        let reason = pairs.iter().find(|(key, _)| REASONS.contains(&plain(key).as_str()));
        reason.map(|(_, reason)| reason.as_str().map_or_else(|| reason.to_string(), str::to_owned)).unwrap_or_default()
    };
    if let Some(other) = other {
        agree(&mut said, other)?;
    }
    match (said, pairs.as_slice()) {
        (Some(said), _) => Ok(Some(Verdict { said, reason: reason() })),
        // Wrapped: `{"evaluation": {…}}`.
        (None, [(_, Value::Object(inner))]) if depth < 3 => {
            from_pairs(&Pairs(inner.clone().into_iter().collect()), scale, depth + 1)
        }
        (None, _) => Ok(None),
    }
}

/// Keeps the first of several verdicts.
///
/// # Errors
/// Where they differ.
fn agree(kept: &mut Option<Said>, this: Said) -> Result<(), String> {
    match kept {
        Some(kept) if *kept != this => {
            Err(format!("gave two verdicts: {} and {}", quote(&kept.shown), quote(&this.shown)))
        }
        _ => {
            *kept = Some(this);
            Ok(())
        }
    }
}

/// The verdict that all statements in a text agree on.
fn statements(text: &str, scale: &Scale, echo: &Echo) -> Result<Verdict, String> {
    let none = || format!("gave no verdict: {}", quote(text));
    let mut said = None;
    let mut reason = String::new();
    let mut rest = text.to_owned();
    let mut seen = 0;
    while let Ok(found) = anywhere(&rest, Kind::Object)
        && found.value.is_object()
    {
        seen += 1;
        if seen > MOST_OBJECTS {
            return Err(none());
        }
        let object = found.text.to_owned();
        if !echo.holds(&object)
            && let Ok(pairs) = serde_json::from_str::<Pairs>(&object)
            && let Some(verdict) = from_pairs(&pairs, scale, 0)?
        {
            agree(&mut said, verdict.said)?;
            reason = verdict.reason;
        }
        rest = rest.replacen(&object, "\n", 1);
    }
    for (stated, this) in entries(&rest, scale) {
        if !echo.holds(stated) {
            agree(&mut said, this)?;
        }
    }
    let mut remaining = Vec::new();
    for line in rest.lines().map(str::trim) {
        match line_verdict(line, scale) {
            Some(_) if echo.holds(line) => {}
            Some(this) => agree(&mut said, this)?,
            None if line.contains("```") => {}
            None => remaining.push(line),
        }
    }
    let remaining = remaining.join("\n").trim().to_owned();
    match said {
        Some(said) => Ok(Verdict { said, reason: if reason.is_empty() { remaining } else { reason } }),
        // A verdict and nothing else.
        None => match scale.read_text(text) {
            Ok(said) if !echo.holds(text) => Ok(Verdict { said, reason: String::new() }),
            _ => Err(none()),
        },
    }
}

/// The entries of objects that are no JSON, because a quote or a line break in them is not escaped: `"score": 4,`. One
/// that is cut off in its value is none.
fn entries<'t>(text: &'t str, scale: &Scale) -> Vec<(&'t str, Said)> {
    static ENTRY: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"["']([A-Za-z_ -]{1,30})["']\s*:\s*(?:"([^"\n]*)"|'([^'\n]*)'|([^\s"',{}]+)\s*[,}\n])"#).ok()
    });
    let Some(entry) = ENTRY.as_ref() else { return Vec::new() };
    let read = |found: ::regex::Captures<'t>| {
        let key = plain(found.get(1)?.as_str());
        let is_verdict = key == scale.key() || scale.other_keys().contains(&key.as_str());
        let value = found.get(2).or_else(|| found.get(3)).or_else(|| found.get(4))?;
        let said = scale.read_text(value.as_str()).ok().filter(|_| is_verdict)?;
        Some((found.get(0)?.as_str(), said))
    };
    entry.captures_iter(text).filter_map(read).collect()
}

/// The verdict that a line states: `**Verdict:** pass`, `Score: 4/5`.
fn line_verdict(line: &str, scale: &Scale) -> Option<Said> {
    static STATED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(
            r#"(?i)^(?:[\s>#*_`"'{,-]|\d+\.)*((?:final |overall |my )?(?:verdict|score|grade|rating|result|decision|judge?ment))["'*_`\s]*[:=][\s*_`"']*([^\n]*?)[\s*_`"',.}]*$"#,
        )
        .ok()
    });
    let found = STATED.as_ref()?.captures(line)?;
    let key = plain(&found[1]);
    let key = ["final", "overall", "my"].iter().find_map(|lead| key.strip_prefix(lead)).unwrap_or(&key);
    if key != scale.key() && !scale.other_keys().contains(&key) {
        return None;
    }
    scale.read_text(&found[2]).ok()
}
