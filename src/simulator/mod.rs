//! An OpenRouter on loopback: simulated models with distinct accuracy, speed, price and faults, seeded and repeatable.
//! Shares no type with `openrouter`, so that each checks the other.
//!
//! In: a [`Config`] with a seed and an [`Oracle`] of right answers. Out: a [`Simulator`] that serves chat completions
//! (streamed or not), the catalog, keys, credits, generations and embeddings under `/api/v1` and `/v1`. Every response
//! carries `x-bench-simulated: 1`, every provider is called `SIMULATED …`.
//!
//! What a model answers is drawn from the seed, the model, the messages and how often this very request has come:
//! never from time or from other requests. So a run repeated gives the same verdicts.
//!
//! How a chat request goes through: `request` (what was asked) → `chat` (who answers, what goes wrong) → `mind` (what
//! is said; with `profile` and `roster`, `oracle`, `wrong`, `wording`, `schema` where JSON of a schema is wanted and
//! `judging` where an answer is to be judged, `calling` where tools are called) → `stream` or `whole` with `wire` (as JSON) →
//! `reply` (a script of waits and bytes, which faults change) → `play` (the script, on a `connection`) → `ledger` (what
//! `/generation` says of it). `server` holds it together; `fault` is the list of faults that can be asked for.

mod account;
mod calling;
mod catalog;
mod chance;
mod chat;
mod connection;
mod embeddings;
mod errors;
mod fault;
mod judging;
mod ledger;
mod mind;
mod oracle;
mod play;
mod profile;
mod reply;
mod request;
mod roster;
mod schema;
mod server;
mod state;
mod stream;
mod tokens;
mod whole;
mod wire;
mod wording;
mod wrong;

#[cfg(test)]
mod tests;

pub use fault::{Fault, FaultError, fault_list};
pub use oracle::{Oracle, OracleEntry, Shape, request_key};
pub use server::{Config, Simulator, SimulatorError, run};
