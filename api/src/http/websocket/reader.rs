//! The messages of a peer.

use futures_util::{Stream, StreamExt};
use tokio::sync::mpsc::Sender;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};

use super::budget::Budget;
use super::close_code::CloseCode;
use super::connection::End;
use super::liveness::Liveness;
use super::rules::Rules;

/// Passes the messages of a peer on, until the peer ends the socket or breaks a rule. It does not read while the handler is busy.
pub(super) async fn read(
    mut messages: impl Stream<Item = Result<Message, Error>> + Unpin,
    incoming: Sender<Utf8Bytes>,
    liveness: &Liveness,
    rules: &Rules,
) -> End {
    let mut budget = Budget::new(rules.messages_per_second, Instant::now());
    while let Some(message) = messages.next().await {
        let message = match message {
            Ok(message) => message,
            Err(error) => return end_of(&error),
        };
        liveness.record();
        if !budget.spend(Instant::now()) {
            return End::Server(CloseCode::TooManyMessages);
        }
        match message {
            Message::Text(text) if rules.accepts_messages => {
                liveness.pause(true);
                // A handler that takes no more messages is about to return.
                let _ = incoming.send(text).await;
                liveness.pause(false);
            }
            Message::Text(_) | Message::Binary(_) => return End::Server(CloseCode::UnsupportedMessage),
            Message::Close(_) => return End::Peer,
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
        }
    }
    End::Lost
}

fn end_of(error: &Error) -> End {
    match error {
        Error::Capacity(_) => End::Server(CloseCode::TooBig),
        Error::Utf8(_) => End::Server(CloseCode::InvalidMessage),
        Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => End::Lost,
        Error::Protocol(_) => End::Server(CloseCode::ProtocolError),
        _ => End::Lost,
    }
}
