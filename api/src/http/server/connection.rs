//! One connection, from its first byte to its end or its upgrade.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::header::CONNECTION;
use poem::http::uri::Scheme;
use poem::http::{HeaderValue, StatusCode};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use tokio::time::Instant;

use super::socket::Socket;
use crate::http::shutdown::Shutdown;

/// Maximum of a connection's read buffer, in bytes. Heads up to this size are answered with a problem, longer ones with hyper's
/// empty 431. It also bounds the part of a response that is not yet written.
const BUFFER: usize = 32 * 1024;

/// Time from the handshake in which a stopping server waits for the first request of a connection.
const FIRST_REQUEST: Duration = Duration::from_secs(1);

/// What all connections of a server share.
pub(super) struct Shared<E> {
    /// Answers requests.
    pub(super) endpoint: E,
    /// The end of the server.
    pub(super) shutdown: Shutdown,
    /// Time limit for the first byte, for the head of each request, and for an idle connection.
    pub(super) head_timeout: Duration,
}

/// Serves a connection. It returns when the connection has ended, or when a handler has taken over its upgraded socket.
pub(super) async fn run<E>(socket: Socket, local: LocalAddr, remote: RemoteAddr, shared: Arc<Shared<E>>)
where
    E: Endpoint<Output = Response> + 'static,
{
    // A connection takes buffers only once it has sent something. The first request of a new one may be on its way at the stop.
    let new_until = Instant::now() + FIRST_REQUEST;
    let unused_at_the_stop = async {
        shared.shutdown.stopping().await;
        tokio::time::sleep_until(new_until).await;
    };
    tokio::select! {
        biased;
        used = tokio::time::timeout(shared.head_timeout, socket.is_used()) => if used != Ok(true) { return },
        () = unused_at_the_stop => return,
    }
    let mut stopping = pin!(shared.shutdown.stopping());
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(shared.head_timeout).max_buf_size(BUFFER);
    let service = service_fn(|request: hyper::Request<Incoming>| {
        let request = Request::from((request, local.clone(), remote.clone(), Scheme::HTTP));
        let shared = Arc::clone(&shared);
        async move { Ok::<_, Infallible>(hyper::Response::from(respond(&shared, request).await)) }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(socket), service).with_upgrades());
    let result = tokio::select! {
        biased;
        result = &mut connection => result,
        () = &mut stopping => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn respond<E: Endpoint<Output = Response>>(shared: &Shared<E>, request: Request) -> Response {
    let mut response = shared.endpoint.get_response(request).await;
    // Clients open their next connection to another server.
    if shared.shutdown.is_draining() && response.status() != StatusCode::SWITCHING_PROTOCOLS {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}
