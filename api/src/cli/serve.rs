//! `serve`: connects the services, prints the address, and serves until a signal to stop.

use std::future::Future;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::time::Duration;

use infra::ClockSource;
use tokio::net::{TcpListener, TcpSocket, lookup_host};
use tokio::runtime::Handle;
use tokio::signal::unix::{SignalKind, signal};

use super::{Failure, ServeOptions, connect_to, infra_config, migrate, print, users};
use crate::config::{Environment, LogFormat, Settings};
use crate::seed;

/// Time limit for requests to end after the signal to stop. Containers are killed after ten seconds.
const GRACE: Duration = Duration::from_secs(8);

/// Maximum number of connections that wait to be accepted. The kernel drops others; their clients retry after a second.
const BACKLOG: u32 = 4096;

/// Serves until SIGINT or SIGTERM.
pub(super) async fn run(settings: &Settings, options: &ServeOptions, background: &Handle) -> Result<(), Failure> {
    let clock = clock(settings, options)?;
    allow_connections();
    migrate(settings).await?;
    let config = infra::Config { scheduler: true, clock, ..infra_config(settings)? };
    // Seeding runs before the first request and without Redis: servers read its changes from the change log.
    let seeding = infra::Config { redis_url: None, cache_warm_up: false, scheduler: false, ..config.clone() };
    let services = connect_to(config, background).await?;
    if let Some(admin) = &settings.admin {
        users::ensure_admin(&services, admin).await?;
    }
    if settings.seed_demo {
        seed::demo(&connect_to(seeding, background).await?)
            .await
            .map_err(|error| Failure::because("cannot create the demo content", error))?;
    }
    let (listener, shutdown) =
        (bind(settings).await?, shutdown().map_err(|error| Failure::because("cannot wait for signals", error))?);
    let address = listener.local_addr().map_err(|error| Failure::because("cannot listen", error))?;
    print(format!("listening on http://{address}"))?;
    if settings.environment == Environment::Development && settings.log.format == LogFormat::Text {
        guide(settings, address.port());
    }
    let options = api::Options {
        metrics_token: settings.metrics_token.clone(),
        trusted_proxies: settings.trusted_proxies.clone(),
        log: api::telemetry::log(),
    };
    let routes = api::routes(services, options).map_err(|error| Failure::because("cannot count requests", error))?;
    api::serve(listener, routes, shutdown, GRACE).await;
    Ok(())
}

/// The clock to run on.
fn clock(settings: &Settings, options: &ServeOptions) -> Result<ClockSource, Failure> {
    match options.test_clock {
        None => Ok(ClockSource::System),
        Some(_) if settings.environment == Environment::Production => {
            Err(Failure::Refused("production uses the system clock: --test-clock is for tests"))
        }
        Some(start) => Ok(ClockSource::Movable(start)),
    }
}

/// Raises the limit of file descriptors: each connection takes one, and the usual soft limit is 1024.
fn allow_connections() {
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(limit) => tracing::debug!(limit, "file descriptors"),
        Err(error) => tracing::warn!(%error, "cannot raise the limit of file descriptors"),
    }
}

async fn bind(settings: &Settings) -> Result<TcpListener, Failure> {
    let (host, port) = (settings.listen.host.as_str(), settings.listen.port);
    listen(host, port).await.map_err(|error| Failure::because(format!("cannot listen on {host} port {port}"), error))
}

/// Listens on the first address of a host that can be bound.
async fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    let mut outcome = Err(io::ErrorKind::AddrNotAvailable.into());
    for address in lookup_host((host, port)).await? {
        outcome = listen_at(address);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Resolves at the first signal to stop. After this call a signal no longer kills the process.
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        let signal = tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        };
        tracing::info!(signal, "stopping");
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
