//! The `bench` program: parse, call, exit code; all else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    bench::cli::main()
}
