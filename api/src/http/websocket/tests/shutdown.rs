//! Sockets count as connections, and end with the server.

use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

#[tokio::test]
async fn a_socket_counts_until_it_ends() {
    let options = ServerOptions { max_connections: 1, ..ServerOptions::default() };
    let server = TestServer::with(options, Rules::DEFAULT, |socket| echo(socket).boxed()).await;
    let mut client = server.open().await;
    assert_eq!(server.open_from(None).await.err(), Some(503));
    say(&mut client, r#""bye""#).await;
    assert_eq!(rest(&mut client).await.1, 1000);
    drop(client);
    within(async { while server.open_from(None).await.is_err() {} }).await;
}

#[tokio::test]
async fn a_stopping_server_sends_the_last_messages_and_a_code_and_waits_for_handlers() {
    let has_left = Arc::new(AtomicBool::new(false));
    let handler = {
        let has_left = Arc::clone(&has_left);
        move |mut socket: Socket| {
            let has_left = Arc::clone(&has_left);
            async move {
                for number in 0..3 {
                    socket.send(&number).unwrap();
                }
                while socket.next().await.is_some() {}
                tokio::time::sleep(Duration::from_millis(50)).await;
                has_left.store(true, Ordering::Relaxed);
                CloseCode::Normal
            }
            .boxed()
        }
    };
    let server = TestServer::with(ServerOptions::default(), Rules::DEFAULT, handler).await;
    let mut client = server.open().await;
    assert_eq!(within(client.next()).await.unwrap().unwrap(), Frame::text("0"));
    let client = async {
        let rest = rest(&mut client).await;
        drop(client);
        rest
    };
    let ((texts, code), ()) = tokio::join!(client, server.stop());
    assert_eq!((texts, code), (vec!["1".to_owned(), "2".to_owned()], 1001));
    assert!(has_left.load(Ordering::Relaxed), "the server did not wait for the handler");
}

#[tokio::test]
async fn a_handler_that_does_not_return_is_dropped_after_its_socket() {
    let rules = Rules { handler_time: Duration::from_millis(50), ..Rules::DEFAULT };
    let handler = |socket: Socket| {
        async move {
            let _socket = socket;
            std::future::pending().await
        }
        .boxed()
    };
    let options = ServerOptions { max_connections: 1, ..ServerOptions::default() };
    let server = TestServer::with(options, rules, handler).await;
    drop(server.open().await);
    within(async { while server.open_from(None).await.is_err() {} }).await;
}
