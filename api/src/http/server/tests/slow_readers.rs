//! Clients that do not read.

use bytes::Bytes;
use poem::endpoint::make_sync;

use super::*;

const WINDOW: Duration = Duration::from_millis(300);
const LENGTH: usize = 1 << 20;
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

/// A server of a large response that admits one connection.
async fn start() -> TestServer {
    let body = Bytes::from(vec![b'x'; LENGTH]);
    let options = ServerOptions { max_connections: 1, write_window: WINDOW, ..ServerOptions::default() };
    TestServer::start(make_sync(move |_| Response::builder().body(body.clone())), options).await
}

#[tokio::test]
async fn a_client_that_never_reads_is_cut() {
    let server = start().await;
    let mut client = server.connect_slow().await;
    client.send(&REQUEST.repeat(4)).await;
    server.eventually(" 200 ").await;
    assert!(client.read_to_end().await.len() < LENGTH);
}

#[tokio::test]
async fn a_client_that_reads_single_bytes_is_cut() {
    let server = start().await;
    let mut client = server.connect_slow().await;
    client.send(REQUEST).await;
    let mut ticks = tokio::time::interval(WINDOW / 20);
    let trickle = async {
        while matches!(client.0.read(&mut [0; 16]).await, Ok(1..)) {
            ticks.tick().await;
        }
    };
    within(trickle).await;
    server.eventually(" 200 ").await;
}

#[tokio::test]
async fn a_client_that_reads_slowly_receives_everything() {
    let server = start().await;
    let mut client = server.connect_slow().await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    // About 200 KiB in each window.
    let mut ticks = tokio::time::interval(WINDOW / 50);
    let (mut received, mut part) = (0, vec![0; 4096]);
    let reading = async {
        while let Ok(length @ 1..) = client.0.read(&mut part).await {
            received += length;
            ticks.tick().await;
        }
    };
    within(reading).await;
    assert!(received > LENGTH, "{received} bytes");
}

#[tokio::test]
async fn an_upgraded_client_that_never_reads_is_cut() {
    let options = ServerOptions { max_connections: 1, write_window: WINDOW, ..ServerOptions::default() };
    let server = TestServer::start(echo(&options.shutdown), options).await;
    let mut client = upgraded(&server).await;
    let block = vec![b'x'; 1 << 16];
    within(async { while client.0.write_all(&block).await.is_ok() {} }).await;
    server.eventually(" 200 ").await;
}
