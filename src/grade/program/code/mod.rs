//! `code`: runs what a model wrote against the case's tests, confined, each answer in a process of its own.
//!
//! In: an answer that holds code, and tests from the case. Out: pass, or a fail with the error's last line; `unable`
//! where the interpreter or the sandbox is missing, which is nothing the code could bring about.
//!
//! - `grader`: options, and the way from an answer to a judgement
//! - `task`: a case's tests in the forms that data sets have them: `HumanEval`, MBPP, inputs and outputs
//! - `extract`: the code in an answer; `compose`: code and tests → one program
//! - `language`: interpreters and the drivers that run a program inside them
//! - `interpreter`: where an interpreter really is
//! - `run`: one confined run; `folder`: the temporary folder it may write to
//!
//! Whether a program came to its end is known by a word that it cannot guess: the driver reads the word, through a pipe
//! the program is not told of, when the last test is through, and hands it back. Leaving early, printing anything, or
//! ending with exit code 0 is no pass.

mod compose;
mod extract;
mod folder;
mod grader;
mod interpreter;
mod language;
mod run;
mod task;

pub(in crate::grade) use grader::FAMILY;
