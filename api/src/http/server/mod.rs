//! The HTTP/1.1 server: accepts connections within limits, serves them, and ends without losing a request.
//!
//! poem's server has no time-out for headers, does not set `TCP_NODELAY`, spins when `accept` fails and may never shut down. hyper's
//! helper for shutdowns does not know connections that can be upgraded. This is the loop of hyper with both. TLS and HTTP/2 are
//! left to a reverse proxy.

mod admission;
mod connection;
mod progress;
mod refusal;
mod socket;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Response};
use tokio::net::{TcpListener, TcpStream};

use self::admission::Admission;
use self::connection::Shared;
use self::refusal::Refusals;
use self::socket::Socket;
use crate::http::client_address::TrustedProxies;
use crate::http::shutdown::Shutdown;

/// Pause after a failed `accept`, which usually means that file descriptors are exhausted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Options of a server.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The server's end. The endpoint's handlers share it.
    pub shutdown: Shutdown,
    /// Time between the signal and the stop, in which connections are accepted and served.
    pub drain: Duration,
    /// Time limit for requests to end after the stop.
    pub grace: Duration,
    /// Peers without a limit of their own.
    pub trusted_proxies: TrustedProxies,
    /// Maximum number of open connections. A connection over it is answered with 503 and closed.
    pub max_connections: u32,
    /// Maximum number of open connections per IPv4 address or IPv6 network of 64 bits.
    pub max_connections_per_address: u32,
    /// Time limit for the head of a request, and for an idle connection.
    pub head_timeout: Duration,
    /// Time in which a client that lets a response wait must read 16 KiB of it.
    pub write_window: Duration,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            shutdown: Shutdown::default(),
            drain: Duration::ZERO,
            grace: Duration::from_secs(8),
            trusted_proxies: TrustedProxies::default(),
            max_connections: 8192,
            max_connections_per_address: 256,
            head_timeout: Duration::from_secs(10),
            write_window: Duration::from_secs(20),
        }
    }
}

/// Serves until `signal` resolves and the server has drained, then waits for running requests.
pub async fn serve<E>(listener: TcpListener, endpoint: E, signal: impl Future<Output = ()>, options: ServerOptions)
where
    E: Endpoint<Output = Response> + 'static,
{
    let ServerOptions { shutdown, drain, grace, .. } = options.clone();
    let mut server = Server::new(endpoint, options);
    server.accept_until(&listener, signal).await;
    tracing::info!(seconds = drain.as_secs(), "draining");
    shutdown.drain();
    server.accept_until(&listener, tokio::time::sleep(drain)).await;
    server.accept_waiting(&listener);
    drop(listener);
    tracing::info!("stopping");
    shutdown.stop();
    if tokio::time::timeout(grace, server.admission.wait_until_empty()).await.is_err() {
        tracing::warn!("requests were still running at the end of the shutdown time");
    }
}

struct Server<E> {
    shared: Arc<Shared<E>>,
    admission: Admission,
    refusals: Refusals,
    write_window: Duration,
}

impl<E: Endpoint<Output = Response> + 'static> Server<E> {
    fn new(endpoint: E, options: ServerOptions) -> Self {
        let ServerOptions { shutdown, head_timeout, write_window, trusted_proxies, .. } = options;
        let (in_all, per_address) = (options.max_connections, options.max_connections_per_address);
        Self {
            shared: Arc::new(Shared { endpoint, shutdown, head_timeout }),
            admission: Admission::new(in_all, per_address, trusted_proxies),
            refusals: Refusals::default(),
            write_window,
        }
    }

    async fn accept_until(&mut self, listener: &TcpListener, end: impl Future<Output = ()>) {
        let accepting = async {
            loop {
                match listener.accept().await {
                    Ok((stream, peer)) => self.start(stream, peer),
                    Err(error) => {
                        tracing::warn!(%error, "cannot accept a connection");
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                }
            }
        };
        tokio::select! {
            () = accepting => {}
            () = end => {}
        }
    }

    /// Accepts the connections that the kernel has queued: it resets them when the listener closes.
    fn accept_waiting(&mut self, listener: &TcpListener) {
        while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
            self.start(stream, peer);
        }
    }

    fn start(&mut self, stream: TcpStream, peer: SocketAddr) {
        let Some(admitted) = self.admission.admit(peer.ip()) else {
            return self.refusals.refuse(stream);
        };
        let local = LocalAddr(stream.local_addr().map(Addr::from).unwrap_or_default());
        let socket = Socket::new(stream, self.write_window, admitted);
        tokio::spawn(connection::run(socket, local, RemoteAddr(peer.into()), Arc::clone(&self.shared)));
    }
}
