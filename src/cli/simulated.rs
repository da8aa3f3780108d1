//! `--simulate`: the simulator inside this process, told the right answers so that its models can be right or wrong.

use crate::simulator::{Config, Simulator};
use crate::suite::Suite;

use super::failure::Failure;
use super::simulate::oracle;

/// Starts a simulator that knows what the suite expects.
pub(super) fn start_simulator(suite: &Suite, seed: u64) -> Result<Simulator, Failure> {
    Simulator::start(Config { seed, oracle: oracle([suite]), ..Config::default() }).map_err(Failure::cannot)
}
