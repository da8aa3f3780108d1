//! The whole program against the floor: how much of the machine it takes to ask many models at once, beside a bare
//! HTTP loop that sends the same requests to the same server in the same run.
//!
//! ```text
//! cargo bench --bench end_to_end                      # everything, about ten minutes
//! cargo bench --bench end_to_end -- latency stream    # some scenarios
//! cargo bench --bench end_to_end -- --quick           # one small round of each, to see that it works
//! ```
//!
//! Three processes take part: this one starts them, measures them and prints; `--server` is an endpoint that costs next
//! to nothing ([`server`]); `--floor` is the least a client can do ([`floor`]). The program under test and the floor
//! take turns, in alternating order, and every figure is the median of the rounds. A run that did not ask and record
//! every cell does not count: it ends the benchmark with an error.
//!
//! Linux only: processor time and memory are read from `/proc`.

#![expect(clippy::print_stdout, reason = "printing figures is what a benchmark is for")]

mod floor;
mod load;
mod measure;
mod print;
mod rows;
mod scenarios;
mod server;

use std::error::Error;
use std::process::ExitCode;

/// Whatever went wrong; a benchmark has nobody to recover for.
type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    let done = match args.split_first() {
        Some((mode, rest)) if mode == "--server" => server::main(rest),
        Some((mode, rest)) if mode == "--floor" => floor::main(rest),
        _ => scenarios::main(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
