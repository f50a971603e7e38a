//! Bodies that are streamed in and out.

use futures_util::StreamExt;
use futures_util::stream::{iter, pending};
use poem::EndpointExt;
use poem::endpoint::make;
use serde_json::json;

use super::*;
use crate::http::problem::Problem;
use crate::http::spool::{Spool, SpoolLimits};
use crate::http::sse::{self, Event};

const LIMITS: SpoolLimits = SpoolLimits { max_bytes: 1 << 20, window: Duration::from_millis(200) };

/// Receives a body into a file and answers its length.
async fn receive(mut request: Request) -> Response {
    let folder = tempfile::tempdir().unwrap();
    let body = request.take_body().into_bytes_stream();
    match Spool::receive(body, folder.path(), LIMITS).await {
        Ok(spool) => Response::builder().body(format!("length {}.", spool.length())),
        Err(error) => Problem::from(error).into_response("r-1"),
    }
}

async fn start_receiver() -> TestServer {
    let endpoint = make(async |request| Ok::<_, poem::Error>(receive(request).await)).map_to_response();
    TestServer::start(endpoint, ServerOptions::default()).await
}

async fn post(server: &TestServer, headers: &str, chunks: usize, chunk: &str) -> String {
    let mut client = server.connect().await;
    client.send(&format!("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{headers}\r\n\r\n")).await;
    for _ in 0..chunks {
        let _ = client.0.write_all(chunk.as_bytes()).await;
    }
    let answer = client.read_until(" ").await.map(async |start| start + &String::from_utf8_lossy(&client.read_to_end().await));
    match answer {
        Some(answer) => answer.await,
        None => String::new(),
    }
}

#[tokio::test]
async fn a_body_is_received_into_a_file_within_its_limits() {
    let server = start_receiver().await;
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(1 << 16));
    let whole = post(&server, "Transfer-Encoding: chunked", 1, &(chunk.repeat(16) + "0\r\n\r\n")).await;
    assert!(whole.ends_with("length 1048576."), "{whole}");
    let too_large = post(&server, "Transfer-Encoding: chunked", 17, &chunk).await;
    assert!(too_large.contains(" 413 ") && too_large.contains("connection: close"), "{too_large}");
    let stalled = post(&server, "Content-Length: 9", 1, "x").await;
    assert!(stalled.contains(" 408 "), "{stalled}");
}

#[tokio::test]
async fn events_arrive_one_by_one_and_end_with_the_server() {
    let options = ServerOptions::default();
    let shutdown = options.shutdown.clone();
    let endpoint = make(move |request: Request| {
        let shutdown = shutdown.clone();
        async move {
            let after = sse::last_event_id::<u64>(request.headers()).map_err(Problem::from)?.unwrap_or(0);
            let event = move |number| Event::new("step", &json!({"number": number}), Some(&number)).unwrap();
            Ok::<_, poem::Error>(sse::stream(iter((after + 1..=3).map(event)).chain(pending()), &shutdown))
        }
    });
    let mut server = TestServer::start(endpoint.map_to_response(), options).await;
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nHost: a\r\nLast-Event-ID: 2\r\n\r\n").await;
    let start = client.read_until("data: {\"number\":3}\n\n").await.unwrap();
    assert!(start.contains("content-type: text/event-stream") && !start.contains("\"number\":2"), "{start}");
    server.stop();
    let end = String::from_utf8(client.read_to_end().await).unwrap();
    assert!(end.contains("event: shutdown\ndata: {}\n\n") && end.ends_with("0\r\n\r\n"), "{end}");
    server.ended().await;
}
