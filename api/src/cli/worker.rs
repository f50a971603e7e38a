//! `worker`: runs jobs and scheduled tasks, and serves no requests.

use tokio::runtime::Handle;

use super::serve::signals;
use super::{Failure, connect_to, infra_config, migrate};
use crate::config::{Environment, Settings, UseOfSecret};

/// Runs jobs until SIGINT or SIGTERM.
pub(super) async fn run(settings: &Settings, background: &Handle) -> Result<(), Failure> {
    if settings.workers == 0 {
        return Err(Failure::Refused("WORKERS is 0: a worker must run at least one job at once"));
    }
    migrate(settings).await?;
    let clock = match settings.environment {
        Environment::Production => infra::ClockPolicy::Unmoved,
        Environment::Development => infra::ClockPolicy::Followed,
    };
    let config = infra::Config {
        process: infra::Process::Worker,
        cache_warm_up: false,
        clock,
        ..infra_config(settings, UseOfSecret::Signs)?
    };
    let signal = signals(1).map_err(|error| Failure::because("cannot wait for signals", error))?;
    let services = connect_to(config, background).await?;
    tracing::info!(jobs_at_once = settings.workers, "the worker has started");
    signal.await;
    services.background.stop().await;
    Ok(())
}
