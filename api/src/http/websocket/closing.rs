//! The end of a socket: the queued messages, the closing handshake, and the end of the connection (RFC 6455, section 7).

use bytes::BytesMut;
use futures_util::{SinkExt, StreamExt};
use poem::Upgraded;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::close_code::CloseCode;
use super::connection::{End, frame};
use super::outgoing::Outgoing;
use super::rules::Rules;

/// Size of the buffer for what is discarded, in bytes.
const DISCARDED: usize = 1024;

/// Closes a socket within its time.
pub(super) async fn close(stream: &mut WebSocketStream<Upgraded>, outgoing: &Outgoing, end: End, rules: &Rules) {
    let steps = async {
        match end {
            End::Lost => Ok(()),
            End::Peer => answer(stream).await,
            End::Server(code) => say_why(stream, outgoing, code).await,
        }
    };
    if let Ok(Err(error)) = timeout(rules.closing_time, steps).await {
        tracing::debug!(%error, "a socket could not be closed in order");
    }
}

/// Answers the close frame of the peer. The peer sends nothing after it.
async fn answer(stream: &mut WebSocketStream<Upgraded>) -> Result<(), Error> {
    stream.flush().await?;
    Ok(stream.get_mut().shutdown().await?)
}

/// Sends what is queued and a close frame, and waits for the peer to close as well. Until then, what it sends is read: the kernel
/// resets a connection that is closed with unread data, and the close frame would be lost with it.
async fn say_why(stream: &mut WebSocketStream<Upgraded>, outgoing: &Outgoing, code: CloseCode) -> Result<(), Error> {
    while let Some(next) = outgoing.take() {
        stream.feed(frame(next)).await?;
    }
    stream.send(Message::Close(Some(code.into()))).await?;
    let mut is_answered = false;
    while let Some(Ok(message)) = stream.next().await {
        is_answered |= message.is_close();
    }
    let connection = stream.get_mut();
    connection.shutdown().await?;
    // After an invalid frame, the rest cannot be read as messages.
    let mut discarded = BytesMut::with_capacity(DISCARDED);
    while !is_answered && connection.read_buf(&mut discarded).await? > 0 {
        discarded.clear();
    }
    Ok(())
}
