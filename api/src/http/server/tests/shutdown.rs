//! Drain and stop.

use std::sync::Arc;

use poem::EndpointExt;
use tokio::sync::Notify;

use super::*;

/// Answers `/slow` after the notification, and all else at once.
fn slow(notify: &Arc<Notify>) -> impl Endpoint<Output = Response> + use<> {
    let notify = Arc::clone(notify);
    poem::endpoint::make(move |request: Request| {
        let notify = Arc::clone(&notify);
        async move {
            if request.uri().path() == "/slow" {
                notify.notified().await;
            }
            Ok::<_, poem::Error>(Response::builder().body("ok"))
        }
    })
    .map_to_response()
}

#[tokio::test]
async fn a_draining_server_accepts_and_asks_its_clients_to_leave() {
    let options = ServerOptions { drain: DEADLINE, ..ServerOptions::default() };
    let shutdown = options.shutdown.clone();
    let mut server = TestServer::start(echo(&shutdown), options).await;
    let mut early = server.connect().await;
    assert!(!early.get("/").await.unwrap().contains("connection: close"));
    server.stop();
    within(async {
        while !shutdown.is_draining() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    for mut client in [early, server.connect().await] {
        assert!(client.get("/").await.unwrap().contains("connection: close"));
        assert!(client.read_to_end().await.is_empty());
    }
}

#[tokio::test]
async fn a_stopped_server_closes_what_is_idle_and_finishes_what_runs() {
    let notify = Arc::new(Notify::new());
    let mut server = TestServer::start(slow(&notify), ServerOptions::default()).await;
    let (mut running, mut idle) = (server.connect().await, server.connect().await);
    assert!(idle.get("/").await.unwrap().contains("ok"));
    running.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    // The handler runs once its request is the only one that is not answered.
    assert!(server.connect().await.get("/").await.is_some());
    let (mut late, mut fresh) = (server.connect().await, server.connect().await);
    server.stop();
    assert!(idle.read_to_end().await.is_empty());
    // Its request may have been on its way at the stop.
    assert!(late.get("/").await.unwrap().contains("ok"));
    assert!(fresh.read_to_end().await.is_empty());
    assert!(TcpStream::connect(server.address).await.is_err());
    notify.notify_one();
    let answer = String::from_utf8(running.read_to_end().await).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("connection: close") && answer.ends_with("ok"), "{answer}");
    server.ended().await;
}

#[tokio::test]
async fn a_request_without_an_end_does_not_keep_a_server() {
    let options = ServerOptions { grace: Duration::from_millis(100), ..ServerOptions::default() };
    let mut server = TestServer::start(slow(&Arc::default()), options).await;
    let mut client = server.connect().await;
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await;
    server.eventually(" 200 ").await;
    server.stop();
    server.ended().await;
}

#[tokio::test]
async fn an_upgraded_connection_ends_when_the_server_stops() {
    let options = ServerOptions::default();
    let mut server = TestServer::start(echo(&options.shutdown), options).await;
    let mut client = upgraded(&server).await;
    server.stop();
    assert_eq!(client.read_to_end().await, b"bye");
    server.ended().await;
}
