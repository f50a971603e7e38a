//! Limits on connections.

use super::*;
use crate::http::client_address::TrustedProxies;

async fn start(max_connections: u32, max_connections_per_address: u32, proxies: &[&str]) -> TestServer {
    let trusted_proxies = TrustedProxies::new(proxies.iter().map(|network| network.parse().unwrap()).collect());
    let options = ServerOptions { trusted_proxies, max_connections, max_connections_per_address, ..ServerOptions::default() };
    TestServer::start(echo(&options.shutdown), options).await
}

async fn check_refused(server: &TestServer) {
    let refusal = String::from_utf8(server.connect().await.read_to_end().await).unwrap();
    let (head, body) = refusal.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 503 ") && head.contains("Retry-After: 2"), "{head}");
    let document: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&document["type"], &document["status"]), (&"/problems/unavailable".into(), &503.into()));
    assert!(head.contains(document["request_id"].as_str().unwrap()), "{refusal}");
}

#[tokio::test]
async fn a_connection_over_the_limit_is_answered_at_once_and_admitted_after_another_has_ended() {
    for server in [start(2, 9, &[]).await, start(9, 2, &[]).await, start(2, 1, &["127.0.0.0/8"]).await] {
        let mut first = server.connect().await;
        let _second = server.connect().await;
        assert!(first.get("/").await.unwrap().contains("ok"));
        check_refused(&server).await;
        drop(first);
        server.eventually(" 200 ").await;
    }
}

#[tokio::test]
async fn an_upgraded_connection_counts_until_it_ends() {
    for server in [start(1, 9, &[]).await, start(9, 1, &[]).await] {
        let client = upgraded(&server).await;
        check_refused(&server).await;
        drop(client);
        server.eventually(" 200 ").await;
    }
}
