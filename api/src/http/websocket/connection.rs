//! One socket, from its handshake to its end.

use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use parking_lot::Mutex;
use poem::Upgraded;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::close_code::CloseCode;
use super::liveness::Liveness;
use super::outgoing::{Next, Outgoing};
use super::rules::Rules;
use super::socket::{Sender, Socket};
use super::{closing, reader};
use crate::http::shutdown::Shutdown;

/// Maximum number of received messages that wait for the handler.
const INCOMING: usize = 4;

/// How a socket ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// The server closes it.
    Server(CloseCode),
    /// The peer has sent a close frame.
    Peer,
    /// The connection has ended without one.
    Lost,
}

/// Runs a handler with a socket. The connection counts until both have ended.
pub(super) async fn run<F, H>(upgraded: Upgraded, rules: Rules, shutdown: &Shutdown, handler: F)
where
    F: FnOnce(Socket) -> H,
    H: Future<Output = CloseCode>,
{
    let stream = WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(rules.protocol())).await;
    let outgoing = Arc::new(Outgoing::new(&rules));
    let (to_handler, incoming) = mpsc::channel(INCOMING);
    let socket = Socket { sender: Sender(Arc::clone(&outgoing)), incoming };
    let handling = async {
        // The panic hook has logged the message.
        let code = AssertUnwindSafe(async { handler(socket).await }).catch_unwind().await;
        outgoing.end(code.unwrap_or(CloseCode::InternalError));
    };
    let handling = async {
        tokio::select! {
            () = handling => {}
            () = async { outgoing.ended().await; sleep(rules.handler_time).await } => {
                tracing::debug!("a handler ran on after the end of its socket");
            }
        }
    };
    let connection = async {
        let stream = Mutex::new(stream);
        let end = exchange(&stream, to_handler, &outgoing, &rules, shutdown).await;
        outgoing.end(match end {
            End::Server(code) => code,
            End::Peer | End::Lost => CloseCode::Normal,
        });
        let mut stream = stream.into_inner();
        closing::close(&mut stream, &outgoing, end, &rules).await;
        stream
    };
    let (_stream, ()) = tokio::join!(connection, handling);
}

/// Reads and writes until one side ends the socket. The lock is never waited for: one task polls all sides.
async fn exchange(
    stream: &Mutex<WebSocketStream<Upgraded>>,
    to_handler: mpsc::Sender<Utf8Bytes>,
    outgoing: &Outgoing,
    rules: &Rules,
    shutdown: &Shutdown,
) -> End {
    let liveness = Liveness::new();
    let messages = stream::poll_fn(|cx| stream.lock().poll_next_unpin(cx));
    tokio::select! {
        biased;
        code = outgoing.ended() => End::Server(code),
        () = shutdown.stopping() => End::Server(CloseCode::ServerStopping),
        end = reader::read(messages, to_handler, &liveness, rules) => end,
        () = liveness.watch(outgoing, rules.ping_interval) => End::Server(CloseCode::PingTimeout),
        error = write(stream, outgoing) => {
            tracing::debug!(%error, "a socket cannot be written");
            End::Lost
        }
    }
}

/// Writes what is queued. A message leaves the queue only when the connection takes it: this future may be dropped at any time.
async fn write(stream: &Mutex<WebSocketStream<Upgraded>>, outgoing: &Outgoing) -> Error {
    loop {
        let next = outgoing.next().await;
        let started = stream.lock().start_send_unpin(frame(next));
        let flushed = match started {
            Ok(()) => poll_fn(|cx| stream.lock().poll_flush_unpin(cx)).await,
            Err(error) => Err(error),
        };
        if let Err(error) = flushed {
            return error;
        }
    }
}

/// A queued message as a frame.
pub(super) fn frame(next: Next) -> Message {
    match next {
        Next::Ping => Message::Ping(Bytes::new()),
        Next::Text(text) => Message::Text(text),
    }
}
