//! One program that stays up, and one question to it.

use std::time::Duration;

use futures::FutureExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::ChildStdout;
use tokio::time::timeout;

use crate::sandbox::READY;
use crate::units::limit_duration;

use super::host::Host;
use super::lines::{Line, next_line};
use super::spawn::{Launch, Program, ending};

/// A program that answers lines.
#[derive(Debug)]
pub(super) struct Worker {
    program: Program,
    lines: BufReader<ChildStdout>,
    asked: u64,
}

/// How long a program may take and how much it may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Patience {
    /// For an answer.
    pub(super) answer: Duration,
    /// For the first answer of a program besides that: it has to start.
    pub(super) start: Duration,
    /// Bytes of an answer.
    pub(super) output: u64,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It ended; another one may do better.
    Ended(String),
    /// Another one would do the same.
    Wrong(String),
}

impl Worker {
    /// Starts one. That it can be run is only known when it is ready or answers.
    pub(super) async fn start(host: &Host, launch: Launch) -> Result<Self, Trouble> {
        let started = Program::start(host, launch).await;
        let mut program = started.map_err(|error| Trouble::Wrong(format!("cannot be started: {error}")))?;
        let stdout = program.stdout.take().ok_or_else(|| Trouble::Wrong("has no output".to_owned()))?;
        Ok(Self { program, lines: BufReader::new(stdout), asked: 0 })
    }

    /// Whether it can be asked once more: it runs, and has said nothing unasked.
    pub(super) fn is_fit(&mut self) -> bool {
        // Ready is data, or the end of its output.
        self.lines.fill_buf().now_or_never().is_none() && self.program.runs()
    }

    /// The number of the next question.
    pub(super) fn next_id(&self) -> u64 {
        self.asked + 1
    }

    /// Asks a question, and hands itself back with the answer where it can be asked again.
    pub(super) async fn ask(mut self, question: &[u8], patience: Patience) -> Result<(Vec<u8>, Option<Self>), Trouble> {
        let fresh = self.asked == 0;
        self.asked += 1;
        let limit = if fresh { patience.answer + patience.start } else { patience.answer };
        let answered = timeout(limit, self.exchange(question, patience.output, fresh)).await;
        let Ok(answered) = answered else {
            let told = self.program.stderr.told();
            return Err(Trouble::Wrong(format!("gave no answer within {}{told}", limit_duration(limit))));
        };
        match answered {
            Ok(Answered::Line { bytes, last }) => {
                let again = !last && self.is_fit();
                Ok((bytes, again.then_some(self)))
            }
            Ok(Answered::TooMuch) => {
                Err(Trouble::Wrong(format!("answered with more than the {} bytes allowed", patience.output)))
            }
            Ok(Answered::NotReady) => {
                let stderr = self.program.stderr.clone();
                let _ = self.program.end().await;
                Err(Trouble::Wrong(format!("cannot be started{}", stderr.told())))
            }
            Ok(Answered::Ended) | Err(_) => {
                let stderr = self.program.stderr.clone();
                let status = self.program.end().await;
                Err(Trouble::Ended(format!("{} before it answered{}", ending(status), stderr.told())))
            }
        }
    }

    /// Writes and reads at the same time: a program may answer before it has read everything.
    async fn exchange(&mut self, question: &[u8], most: u64, fresh: bool) -> std::io::Result<Answered> {
        let Self { program, lines, .. } = self;
        let write = async {
            if let Some(stdin) = &mut program.stdin {
                // A program that does not read has its reasons; what it answers tells.
                let _ = stdin.write_all(question).await;
                let _ = stdin.flush().await;
            }
        };
        let read = async {
            if fresh && !is_ready(lines).await? {
                return Ok(Answered::NotReady);
            }
            Ok(match next_line(lines, most).await? {
                Line::Whole { bytes, last } => Answered::Line { bytes, last },
                Line::End => Answered::Ended,
                Line::TooLong => Answered::TooMuch,
            })
        };
        tokio::pin!(write, read);
        tokio::select! {
            answered = &mut read => answered,
            () = &mut write => read.await,
        }
    }
}

/// Whether the launcher has become the program.
pub(super) async fn is_ready(lines: &mut BufReader<ChildStdout>) -> std::io::Result<bool> {
    let line = next_line(lines, READY.len() as u64).await?;
    Ok(matches!(line, Line::Whole { bytes, .. } if bytes == READY.trim_end().as_bytes()))
}

enum Answered {
    Line { bytes: Vec<u8>, last: bool },
    TooMuch,
    Ended,
    NotReady,
}
