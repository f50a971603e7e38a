//! The opening handshake (RFC 6455, section 4.2).

use std::future::Future;

use poem::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use poem::http::{HeaderMap, HeaderName, Method, StatusCode, Version};
use poem::{OnUpgrade, Request, Response};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::close_code::CloseCode;
use super::rules::Rules;
use super::socket::Socket;
use super::upgrade::Upgrade;
use super::{connection, origin};
use crate::http::problem::{Kind, Problem};
use crate::http::shutdown::Shutdown;

/// The length of the key: 16 bytes in Base64.
const KEY_LENGTH: usize = 24;

/// A request that may become a WebSocket. Dropping it leaves an ordinary request.
pub struct Handshake {
    accept: String,
    on_upgrade: OnUpgrade,
    shutdown: Shutdown,
}

/// Why a request cannot become a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HandshakeError {
    /// It does not ask for one (426).
    #[error("the request does not ask for a WebSocket of version 13")]
    NotRequested,
    /// It was sent by a page of another site (403).
    #[error("pages of this origin may not connect")]
    ForeignOrigin,
    /// It has no shutdown in its data: a bug.
    #[error("the request has no shutdown")]
    NoShutdown,
}

impl Handshake {
    /// Checks a request. An operation does this before it redeems a ticket, so that a wrong request does not use it.
    ///
    /// # Errors
    /// [`HandshakeError`].
    pub fn of(request: &Request) -> Result<Self, HandshakeError> {
        let accept = accept_key(request).ok_or(HandshakeError::NotRequested)?;
        if !origin::is_allowed(request) {
            return Err(HandshakeError::ForeignOrigin);
        }
        let shutdown = request.data::<Shutdown>().cloned().ok_or(HandshakeError::NoShutdown)?;
        let on_upgrade = request.take_upgrade().map_err(|_| HandshakeError::NotRequested)?;
        Ok(Self { accept, on_upgrade, shutdown })
    }

    /// Switches protocols and runs the handler with the open socket. The socket closes with the code that the handler returns, unless it
    /// has ended before; then [`Socket::next`] returns `None` and the handler is dropped if it does not return.
    pub fn upgrade<F, H>(self, rules: Rules, handler: F) -> Upgrade
    where
        F: FnOnce(Socket) -> H + Send + 'static,
        H: Future<Output = CloseCode> + Send + 'static,
    {
        let Self { accept, on_upgrade, shutdown } = self;
        tokio::spawn(async move {
            // A client that has left before needs no handler.
            if let Ok(upgraded) = on_upgrade.await {
                connection::run(upgraded, rules, &shutdown, handler).await;
            }
        });
        let response = Response::builder()
            .status(StatusCode::SWITCHING_PROTOCOLS)
            .header(CONNECTION, "Upgrade")
            .header(UPGRADE, "websocket")
            .header(SEC_WEBSOCKET_ACCEPT, accept);
        Upgrade(response.finish())
    }
}

/// The proof that the server understands the handshake; `None` if the request is none.
fn accept_key(request: &Request) -> Option<String> {
    let headers = request.headers();
    let is_handshake = request.method() == Method::GET
        && request.version() == Version::HTTP_11
        && has_token(headers, &CONNECTION, "upgrade")
        && has_token(headers, &UPGRADE, "websocket")
        && headers.get(SEC_WEBSOCKET_VERSION).is_some_and(|version| version == "13");
    let key = headers.get(SEC_WEBSOCKET_KEY).filter(|key| is_handshake && key.len() == KEY_LENGTH)?;
    Some(derive_accept_key(key.as_bytes()))
}

/// Whether a list contains a token, in upper or lower case.
fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|member| member.trim().eq_ignore_ascii_case(token))
}

impl From<HandshakeError> for Problem {
    fn from(error: HandshakeError) -> Self {
        match error {
            HandshakeError::NotRequested => {
                Self::new(Kind::UpgradeRequired, "Open a WebSocket (RFC 6455, version 13) over HTTP/1.1 at this address.")
            }
            HandshakeError::ForeignOrigin => {
                Self::new(Kind::Forbidden, "Pages of this origin may not connect: add it to CORS_ALLOWED_ORIGINS.")
            }
            HandshakeError::NoShutdown => Self::bug(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, &str)]) -> Request {
        let request = headers.iter().fold(Request::builder(), |request, (name, value)| request.header(*name, *value));
        request.method(Method::GET).version(Version::HTTP_11).finish()
    }

    #[test]
    fn a_handshake_is_recognised_in_every_spelling() {
        // The key and its proof are the example of RFC 6455, section 1.3.
        let key = ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        for (connection, upgrade) in
            [("Upgrade", "websocket"), ("keep-alive, upgrade", "WEBSOCKET"), ("upgrade", "h2c, WebSocket")]
        {
            let headers = [("Connection", connection), ("Upgrade", upgrade), ("Sec-WebSocket-Version", "13"), key];
            assert_eq!(accept_key(&request(&headers)).as_deref(), Some("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{connection} {upgrade}");
            for missing in 0..headers.len() {
                let incomplete = [&headers[..missing], &headers[missing + 1..]].concat();
                assert_eq!(accept_key(&request(&incomplete)), None, "{incomplete:?}");
            }
            for wrong in
                [("Sec-WebSocket-Version", "8"), ("Sec-WebSocket-Key", "short"), ("Upgrade", "h2c"), ("Connection", "close")]
            {
                let replace = |header: &(&'static str, &'static str)| if header.0 == wrong.0 { wrong } else { *header };
                assert_eq!(accept_key(&request(&headers.each_ref().map(|header| replace(&(header.0, header.1))))), None);
            }
        }
    }
}
