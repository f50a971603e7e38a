//! Handshakes and messages.

use super::*;

#[tokio::test]
async fn messages_go_both_ways_until_the_handler_returns() {
    let server = TestServer::start(Rules::DEFAULT, echo).await;
    let mut client = server.open().await;
    for text in [r#"{"a":1}"#, "[2]", r#""bye""#] {
        say(&mut client, text).await;
    }
    assert_eq!(rest(&mut client).await, (vec![r#"{"a":1}"#.to_owned(), "[2]".to_owned()], 1000));
}

#[tokio::test]
async fn a_client_may_close() {
    let server = TestServer::start(Rules::DEFAULT, echo).await;
    let mut client = server.open().await;
    client.close(None).await.unwrap();
    assert_eq!(rest(&mut client).await.1, 1005);
    server.stop().await;
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let server = TestServer::start(Rules::DEFAULT, echo).await;
    let own = format!("http://{}", server.address);
    for origin in [None, Some(own.as_str()), Some(ALLOWED)] {
        assert!(server.open_from(origin).await.is_ok(), "{origin:?}");
    }
    for origin in ["http://localhost:1", "https://evil.example", "null"] {
        assert_eq!(server.open_from(Some(origin)).await.err(), Some(403), "{origin}");
    }
}

#[tokio::test]
async fn an_ordinary_request_is_asked_to_upgrade() {
    let server = TestServer::start(Rules::DEFAULT, echo).await;
    let upgrade = "Upgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (method, headers) in [
        ("GET", "Connection: close\r\n".to_owned()),
        ("GET", format!("Connection: close, upgrade\r\n{upgrade}Sec-WebSocket-Version: 8\r\n")),
        ("POST", format!("Connection: close, upgrade\r\n{upgrade}Sec-WebSocket-Version: 13\r\n")),
    ] {
        let answer = server.answer(&format!("{method} / HTTP/1.1\r\nHost: a\r\n{headers}\r\n")).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let head = head.to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 426 ") && head.contains("content-type: application/problem+json"), "{head}");
        assert!(head.contains("upgrade: websocket") && head.contains("sec-websocket-version: 13"), "{head}");
        let document: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&document["type"], &document["status"]), (&"/problems/upgrade-required".into(), &426.into()));
    }
}

#[tokio::test]
async fn every_spelling_of_the_handshake_is_accepted() {
    let server = TestServer::start(Rules::DEFAULT, |_| async { CloseCode::Normal }).await;
    for (connection, upgrade) in [("keep-alive, Upgrade", "WebSocket"), ("UPGRADE", "WEBSOCKET")] {
        let answer = server.open_raw(connection, upgrade).await;
        let head = answer.to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 101 ") && head.contains("x-request-id: "), "{head}");
        assert!(answer.contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), "{answer}");
    }
}

#[tokio::test]
async fn time_limits_of_requests_do_not_end_a_socket() {
    let (short, rules) = (Duration::from_millis(50), Rules { ping_interval: Duration::from_mins(1), ..Rules::DEFAULT });
    let options = ServerOptions { head_timeout: short, write_window: short, ..ServerOptions::default() };
    let server = TestServer::with(options, rules, |socket| echo(socket).boxed()).await;
    let mut client = server.open().await;
    tokio::time::sleep(10 * short).await;
    say(&mut client, "1").await;
    say(&mut client, r#""bye""#).await;
    assert_eq!(rest(&mut client).await, (vec!["1".to_owned()], 1000));
}

impl TestServer {
    /// The head of the response to a handshake.
    async fn open_raw(&self, connection: &str, upgrade: &str) -> String {
        let mut stream = self.connect().await;
        let head = format!(
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: {connection}\r\nUpgrade: {upgrade}\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            answer.push(within(stream.read_u8()).await.unwrap());
        }
        String::from_utf8(answer).unwrap()
    }
}
