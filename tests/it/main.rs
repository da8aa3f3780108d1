//! The built program from outside, by what its users rely on: commands, files, words and exit codes.
//!
//! - [`context`], [`process`], [`suite`], [`table`]: folders that belong to one test, the program started in them with
//!   a clean environment, suites to write and tables to read back.
//! - [`server`]: an endpoint that misbehaves as a script says. It shares no code with the program or its simulator.
//! - everything else: tests, a file for each kind of promise.

#![cfg(unix)]

#[cfg(test)]
mod context;
#[cfg(test)]
mod process;
#[cfg(test)]
mod server;
#[cfg(test)]
mod suite;
#[cfg(test)]
mod table;

#[cfg(test)]
mod account;
#[cfg(test)]
mod attempts;
#[cfg(test)]
mod datasets;
#[cfg(test)]
mod every_grader;
#[cfg(test)]
mod exit_codes;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod grade;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod hub;
#[cfg(test)]
mod import;
#[cfg(test)]
mod init;
#[cfg(test)]
mod inputs;
#[cfg(test)]
mod instructions;
#[cfg(test)]
mod interrupt;
#[cfg(test)]
mod judges;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod pairwise;
#[cfg(test)]
mod probes;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod progress;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod real_model;
#[cfg(test)]
mod repeats;
#[cfg(test)]
mod resume;
#[cfg(test)]
mod schema;
mod secrets;
#[cfg(test)]
mod selection;
#[cfg(test)]
mod shaping;
#[cfg(test)]
mod simulated;
#[cfg(test)]
mod suite_contents;
#[cfg(test)]
mod suite_errors;
#[cfg(test)]
mod suite_headers;
#[cfg(test)]
mod suites;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod time;
#[cfg(test)]
mod wire;
