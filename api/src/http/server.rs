//! The HTTP/1.1 server.
//!
//! poem's server has no time-out for headers, does not set `TCP_NODELAY`, spins when `accept` fails and may never shut down. This
//! one is the loop of hyper without these four defects. TLS and HTTP/2 are left to a reverse proxy.

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

/// Maximum number of connections; others wait in the queue of the kernel.
const MAX_CONNECTIONS: usize = 16 * 1024;
/// Time limit for the headers of a request, and for an idle connection.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Large enough to read headers over the limit and to answer with a problem, in place of hyper's empty 431.
const READ_BUFFER: usize = 128 * 1024;
/// No head within the size limit has more headers.
const MAX_HEADERS: usize = 4096;
/// Pause after a failed `accept`, which usually means that file descriptors are exhausted.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` resolves, then waits at most `grace` for running requests.
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
        tracing::warn!("requests were still running at the end of the shutdown time");
    }
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn connection<E: Endpoint<Output = Response>>(stream: TcpStream, peer: SocketAddr, endpoint: Arc<E>, watcher: Watcher) {
    // Without it a response may wait 40 ms for an acknowledgement. A socket that refuses it is already closed.
    let _ = stream.set_nodelay(true);
    let local = LocalAddr(stream.local_addr().map(Addr::from).unwrap_or_default());
    let remote = RemoteAddr(peer.into());
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let request = Request::from((request, local.clone(), remote.clone(), Scheme::HTTP));
        let endpoint = Arc::clone(&endpoint);
        async move { Ok::<_, Infallible>(hyper::Response::from(endpoint.get_response(request).await)) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(READ_BUFFER).max_headers(MAX_HEADERS);
    let connection = pin!(watcher.watch(builder.serve_connection(TokioIo::new(stream), service)));
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a connection ended early");
    }
}
