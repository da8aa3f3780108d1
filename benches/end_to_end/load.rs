//! What is asked: how many models and cases, how much at once, what comes back.

use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use crate::Result;

/// The numbers of an answer's tokens; with the two closing events a stream has fifty.
pub(crate) const TOKENS: Range<u32> = 0..48;

/// The answer that passes.
pub(crate) fn answer() -> String {
    TOKENS.fold(String::new(), |mut text, n| {
        let _ = write!(text, "tok{n} ");
        text
    })
}

/// How an answer comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One JSON body.
    Whole,
    /// Fifty events that leave the server in one piece: the client's own work shows most.
    Stream,
    /// Fifty events that leave the server one by one.
    Drip,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Whole => "whole",
            Self::Stream => "stream",
            Self::Drip => "drip",
        })
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let all = [Self::Whole, Self::Stream, Self::Drip];
        all.into_iter().find(|shape| shape.to_string() == text).ok_or_else(|| format!("no shape {text}"))
    }
}

/// One load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) models: usize,
    pub(crate) cases: usize,
    /// Requests in flight a model.
    pub(crate) in_flight: usize,
    /// What the server waits before each answer.
    pub(crate) delay: Duration,
    pub(crate) shape: Shape,
}

impl Load {
    pub(crate) fn requests(&self) -> usize {
        self.models * self.cases
    }

    /// The least wall time: every slot of every model busy from the first moment to the last.
    pub(crate) fn ideal(&self) -> Duration {
        self.delay * u32::try_from(self.cases.div_ceil(self.in_flight)).unwrap_or(u32::MAX)
    }

    /// Writes `suite.yaml` and `cases.jsonl` for a server at this address.
    pub(crate) fn write(&self, folder: &Path, address: &str) -> Result<()> {
        let (in_flight, stream, answer) = (self.in_flight, self.shape != Shape::Whole, answer());
        let models = (0..self.models).fold(String::new(), |mut list, n| {
            let _ = writeln!(list, "  - bench/model-{n}");
            list
        });
        let yaml = format!(
            "name: load\nbase_url: http://{address}/v1\napi_key_env: null\ndefaults:\n  concurrency: {in_flight}\n  \
             stream: {stream}\n  timeout: 60s\n  retries: 0\nmodels:\n{models}prompt: \"Answer the question. \
             {{{{ question }}}}\"\ndataset:\n  - {{ path: cases.jsonl, id: \"{{{{ id }}}}\" }}\n\
             graders: [{{ type: contains, value: \"{}\" }}]\n",
            answer.trim()
        );
        fs::write(folder.join("suite.yaml"), yaml)?;
        let mut cases = BufWriter::new(fs::File::create(folder.join("cases.jsonl"))?);
        for n in 0..self.cases {
            writeln!(cases, r#"{{"id":"case-{n:07}","question":"What comes after {n}, and what after that?"}}"#)?;
        }
        cases.flush()?;
        Ok(())
    }
}
