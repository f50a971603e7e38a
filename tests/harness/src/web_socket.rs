//! A WebSocket client.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::server::Server;

/// The time in which a server must answer or close the connection.
const TIMEOUT: Duration = Duration::from_secs(90);

/// An open socket. It answers pings while it reads.
pub struct WebSocket(WebSocketStream<TcpStream>);

/// What a socket receives.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// A message.
    Message(Value),
    /// The end, with the code of the close frame; `None` if the connection ended without one.
    End(Option<u16>),
}

impl WebSocket {
    /// Opens a socket at a path, as a page of this origin if there is one.
    ///
    /// # Errors
    /// The status and the body of the response that refuses it.
    pub async fn open(server: &Server, path: &str, origin: Option<&str>) -> Result<Self, (u16, Value)> {
        let address = server.url().strip_prefix("http://").expect("a plain address");
        let mut request = format!("ws://{address}{path}").into_client_request().expect("a path");
        request.headers_mut().extend(origin.map(|origin| (reqwest::header::ORIGIN, origin.parse().expect("an origin"))));
        let stream = TcpStream::connect(address).await.expect("the server accepts connections");
        match timeout(TIMEOUT, tokio_tungstenite::client_async(request, stream)).await.expect("the server answers") {
            Ok((socket, _)) => Ok(Self(socket)),
            Err(Error::Http(response)) => {
                let body = response.body().as_deref().unwrap_or_default();
                Err((response.status().as_u16(), serde_json::from_slice(body).unwrap_or_default()))
            }
            Err(error) => panic!("the handshake failed: {error}"),
        }
    }

    /// Sends a message; `false` when the socket has ended.
    pub async fn send(&mut self, message: &Value) -> bool {
        self.send_text(&message.to_string()).await
    }

    /// Sends a text that need not be JSON; `false` when the socket has ended.
    pub async fn send_text(&mut self, text: &str) -> bool {
        self.0.send(Message::text(text)).await.is_ok()
    }

    /// The next message, or the end.
    pub async fn next(&mut self) -> Received {
        loop {
            match timeout(TIMEOUT, self.0.next()).await.expect("the server sends a message or a ping") {
                Some(Ok(Message::Text(text))) => return Received::Message(serde_json::from_str(&text).expect("JSON")),
                Some(Ok(Message::Close(frame))) => {
                    // The answer to the close frame leaves with the next read.
                    while let Some(Ok(_)) = self.0.next().await {}
                    return Received::End(frame.map(|frame| frame.code.into()));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Received::End(None),
            }
        }
    }

    /// All messages up to the end, and its code.
    pub async fn rest(&mut self) -> (Vec<Value>, Option<u16>) {
        let mut messages = Vec::new();
        loop {
            match self.next().await {
                Received::Message(message) => messages.push(message),
                Received::End(code) => return (messages, code),
            }
        }
    }

    /// Closes the socket, and waits for the end.
    pub async fn close(mut self) {
        let _ = self.0.close(None).await;
        self.rest().await;
    }
}
