//! `serve`: connects the services, prints the address, and serves until a signal to stop.

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;

use infra::ClockPolicy;
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use super::bind::bind;
use super::{Failure, ServeOptions, connect_to, infra_config, migrate, print, users};
use crate::config::{Environment, LogFormat, Parts, Settings, UseOfSecret};
use crate::seed;

/// File descriptors that are not for connections: databases, Redis, files, the log.
const RESERVED_DESCRIPTORS: u64 = 256;

/// Serves until SIGINT or SIGTERM.
pub(super) async fn run(settings: &Settings, options: &ServeOptions, background: &Handle) -> Result<(), Failure> {
    let clock = clock(settings, options)?;
    let max_connections = allow_connections();
    // Before anything is created, so that a second start by mistake changes nothing.
    let bound = bind(&settings.listen).await?;
    migrate(settings).await?;
    let config = infra::Config {
        process: infra::Process::Server,
        clock,
        limits: settings.limits,
        ..infra_config(settings, UseOfSecret::Signs)?
    };
    // Seeding runs before the first request and without Redis: servers read its changes from the change log.
    let seeding =
        infra::Config { redis_url: None, cache_warm_up: false, process: infra::Process::Command, limits: None, ..config.clone() };
    let services = connect_to(config, background).await?;
    if let Some(admin) = &settings.admin {
        users::ensure_admin(&services, admin).await?;
    }
    if settings.seed_demo {
        seed::demo(&connect_to(seeding, background).await?)
            .await
            .map_err(|error| Failure::because("cannot create the demo content", error))?;
    }
    let signal = |count| signals(count).map_err(|error| Failure::because("cannot wait for signals", error));
    let (first_signal, second_signal) = (signal(1)?, signal(2)?);
    let listener = bound.listen()?;
    let address = listener.local_addr().map_err(|error| Failure::because("cannot listen", error))?;
    print(format!("listening on http://{address}"))?;
    log_start(settings, address);
    if settings.environment == Environment::Development && settings.log.format == LogFormat::Text {
        guide(settings, address.port());
    }
    let background_work = std::sync::Arc::clone(&services.background);
    let (shutdown, trusted_proxies) = (api::Shutdown::default(), settings.trusted_proxies.clone());
    let options = api::Options {
        metrics_token: settings.metrics_token.clone(),
        trusted_proxies: trusted_proxies.clone(),
        origins: settings.origins.clone(),
        log: api::telemetry::log(),
        shutdown: shutdown.clone(),
    };
    let routes = api::routes(services, options).map_err(|error| Failure::because("cannot count requests", error))?;
    let mut options = api::ServerOptions { shutdown, trusted_proxies, drain: settings.drain, ..api::ServerOptions::default() };
    options.max_connections = options.max_connections.min(max_connections);
    tokio::select! {
        () = async {
            api::serve(listener, routes, first_signal, options).await;
            background_work.stop().await;
        } => Ok(()),
        () = second_signal => Err(Failure::Refused("a second signal ended the server before its requests were done")),
    }
}

/// How the time may be moved.
fn clock(settings: &Settings, options: &ServeOptions) -> Result<ClockPolicy, Failure> {
    match options.test_clock {
        None if settings.environment == Environment::Production => Ok(ClockPolicy::Unmoved),
        None => Ok(ClockPolicy::Followed),
        Some(_) if settings.environment == Environment::Production => {
            Err(Failure::Arguments("production runs on the true time: --test-clock is for tests"))
        }
        Some(start) => Ok(ClockPolicy::Movable(start)),
    }
}

/// Raises the limit of file descriptors and returns how many connections it allows. Each connection takes one descriptor, and the
/// usual soft limit is 1024.
fn allow_connections() -> u32 {
    let limit = rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        tracing::warn!(%error, "cannot raise the limit of file descriptors");
        1024
    });
    tracing::debug!(limit, "file descriptors");
    u32::try_from(limit.saturating_sub(RESERVED_DESCRIPTORS).max(1)).unwrap_or(u32::MAX)
}

/// Logs what the server runs on. The names of the fields are stable.
fn log_start(settings: &Settings, address: SocketAddr) {
    let Parts { database, cache, payment_provider } = settings.parts();
    let version = env!("CARGO_PKG_VERSION");
    tracing::info!(version, database, cache, payment_provider, address = format!("http://{address}"), "started");
}

/// Resolves at the `count`th signal to stop. After this call a signal no longer kills the process.
pub(super) fn signals(count: u32) -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        for _ in 0..count {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    })
}

/// Prints first steps for a user at a terminal.
fn guide(settings: &Settings, port: u16) {
    let url = settings.listen.url(port);
    let begin = if settings.seed_demo {
        format!("log in    {}", seed::login_command(&url))
    } else {
        "register  POST /v1/auth/register, or stop and try: atelier seed --demo".to_owned()
    };
    let _ = writeln!(io::stderr(), "\n  docs      {url}/docs\n  {begin}\n");
}
