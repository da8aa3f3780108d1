//! Clients for models and judges, and the asker that graders use outside a run.

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::engine::Asker;
use crate::openrouter::{Client, EndpointConfig};
use crate::simulator::Simulator;
use crate::suite::{Model, Suite};

use super::failure::Failure;
use super::keys;
use super::simulated::start_simulator;

/// A client for each model; `noun` says what they are. Simulated, all of them ask the simulator, without a key.
pub(super) fn clients(
    noun: &str,
    models: &[Model],
    keys: Vec<Option<SecretString>>,
    simulator: Option<&Simulator>,
) -> Result<Vec<Client>, Failure> {
    let client = |(model, api_key): (&Model, Option<SecretString>)| {
        let base_url = simulator.map_or_else(|| model.endpoint.base_url.clone(), Simulator::base_url);
        let headers = model.endpoint.headers.clone();
        let connections = model.limits.concurrency as usize;
        Client::new(&EndpointConfig { base_url, api_key, headers, connections })
            .map_err(|error| Failure::usage(format!("{noun} `{}`: {error}", model.name)))
    };
    models.iter().zip(keys).map(client).collect()
}

/// What asks a suite's judges for a run that is over. A run that was simulated has simulated judges.
#[derive(Debug)]
pub(super) struct Judges {
    pub(super) asker: Asker,
    /// Answers for them, in a simulated run.
    simulator: Option<Simulator>,
}

impl Judges {
    /// Makes clients for the judges; nothing is sent. Has to be called on a runtime.
    ///
    /// # Errors
    /// A key that is missing, an endpoint that cannot be asked.
    pub(super) fn of(
        suite: &Suite,
        simulated: bool,
        programs_allowed: bool,
        cancel: CancellationToken,
        seed: u64,
    ) -> Result<Self, Failure> {
        let simulator = (simulated && !suite.judges.is_empty()).then(|| start_simulator(suite, seed)).transpose()?;
        let keys = if simulator.is_some() {
            vec![None; suite.judges.len()]
        } else {
            keys::of_judges(suite, |name| std::env::var(name).ok())
                .map_err(|error| Failure::cannot(&error).hint(error.hint()))?
        };
        let clients = clients("judge", &suite.judges, keys, simulator.as_ref())?;
        let judges = suite.judges.iter().cloned().zip(clients).collect();
        Ok(Self { asker: Asker::new(judges, programs_allowed, cancel, seed, None), simulator })
    }

    /// Ends the simulator, where there is one.
    pub(super) async fn shut_down(self) {
        if let Some(simulator) = self.simulator {
            simulator.shutdown().await;
        }
    }
}
