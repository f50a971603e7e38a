//! The HTTP/1.1 server.
//!
//! poem's own server has no time-out for headers, sets no `TCP_NODELAY`, spins when `accept` fails and may never end. This one
//! is hyper's loop with those four put right. TLS and HTTP/2 are left to the proxy in front.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Endpoint, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Connections at the same time; more wait in the kernel's queue.
const MAX_CONNECTIONS: usize = 16 * 1024;
/// How long a client may take to send its headers, and how long a connection may be idle.
const HEADER_PATIENCE: Duration = Duration::from_secs(10);
/// Enough to read headers that are far too large and say so, in place of hyper's empty 431.
const READ_BUFFER: usize = 128 * 1024;
/// More headers than these fit into no head that is accepted.
const MAX_HEADERS: usize = 4096;
/// The pause after a failed `accept`, which is nearly always a lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` resolves, then lets the requests under way finish for at most `grace`.
pub async fn serve<E>(listener: TcpListener, endpoint: E, shutdown: impl Future<Output = ()>, grace: Duration)
where
    E: Endpoint<Output = Response> + 'static,
{
    let (endpoint, graceful) = (Arc::new(endpoint), GracefulShutdown::new());
    let accepting = async {
        let connections = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        while let Ok(permit) = Arc::clone(&connections).acquire_owned().await {
            let (stream, peer) = accept(&listener).await;
            let connection = connection(stream, peer, Arc::clone(&endpoint), graceful.watcher());
            tokio::spawn(async move {
                connection.await;
                drop(permit);
            });
        }
    };
    tokio::select! {
        () = accepting => {}
        () = shutdown => {}
    }
    drop(listener);
    if tokio::time::timeout(grace, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still running when the time to finish them was over");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection<E: Endpoint<Output = Response>>(stream: TcpStream, peer: SocketAddr, endpoint: Arc<E>, watcher: Watcher) {
    // Without it an answer may wait 40 ms for an acknowledgement; a socket that refuses it is closed already.
    let _ = stream.set_nodelay(true);
    let local = LocalAddr(stream.local_addr().map(Addr::from).unwrap_or_default());
    let remote = RemoteAddr(peer.into());
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let request = Request::from((request, local.clone(), remote.clone(), Scheme::HTTP));
        let endpoint = Arc::clone(&endpoint);
        async move { Ok::<_, Infallible>(hyper::Response::from(endpoint.get_response(request).await)) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_PATIENCE).max_buf_size(READ_BUFFER).max_headers(MAX_HEADERS);
    let connection = pin!(watcher.watch(builder.serve_connection(TokioIo::new(stream), service)));
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
}
