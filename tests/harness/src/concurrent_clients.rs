//! Thousands of concurrent clients, each with its own connection.

use std::future::IntoFuture;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};

use super::cache_status::CacheStatus;
use super::client::Client;
use super::server::Server;

/// Connections opened before the servers must have accepted them: a listener's queue in the kernel is short.
const BATCH: usize = 400;
/// File descriptors reserved for the rest of the suite.
const RESERVE: u64 = 500;

/// Connected clients that have sent nothing yet.
pub struct ConcurrentClients {
    streams: Vec<TcpStream>,
    exclusive: MutexGuard<'static, ()>,
}

/// One instance at a time: two would exceed the limit of file descriptors.
static EXCLUSIVE: Mutex<()> = Mutex::const_new(());

/// The response to one of them.
pub struct ClientResponse {
    /// The status.
    pub status: u16,
    /// Its `Cache-Status`.
    pub cache: CacheStatus,
    /// The body.
    pub body: String,
}

impl ConcurrentClients {
    /// Connects this number of clients to the servers in turn, or fewer if the limit of file descriptors is lower.
    pub async fn connect(size: usize, servers: &[&Server]) -> Self {
        let exclusive = EXCLUSIVE.lock().await;
        let allowed = rlimit::increase_nofile_limit(u64::MAX).expect("the limit of file descriptors can be read");
        let size = size.min(usize::try_from(allowed.saturating_sub(RESERVE)).unwrap_or(size));
        let addresses = servers.iter().map(|server| server.url().strip_prefix("http://").expect("a plain address"));
        let addresses: Vec<&str> = addresses.cycle().take(size).collect();
        let (mut streams, http) = (Vec::new(), Client::http());
        for batch in addresses.chunks(BATCH) {
            // One after the other: the kernel drops connections of a burst, which then wait a second.
            for address in batch {
                streams.push(TcpStream::connect(address).await.expect("the server accepts connections"));
            }
            // Connections are accepted in order: a response means that the queue before it is empty.
            let probes = servers.iter().map(|server| Client::new(http.clone(), server.url()).get("/health/live").into_future());
            join_all(probes).await;
        }
        Self { streams, exclusive }
    }

    /// Sends the same request on every connection, with the token of one client, then reads all responses.
    pub async fn get(mut self, client: &Client, path: &str) -> Vec<ClientResponse> {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n", client.token());
        for stream in &mut self.streams {
            stream.write_all(request.as_bytes()).await.expect("the server reads");
        }
        let reading: Vec<_> = self.streams.into_iter().map(|stream| tokio::spawn(read_response(stream))).collect();
        let responses = join_all(reading).await.into_iter().map(|response| response.expect("a response")).collect();
        drop(self.exclusive);
        responses
    }
}

impl ConcurrentClients {
    /// Sends a JSON body of its own on every connection. Returns each status, and the time until the response was complete.
    pub async fn post(self, path: &str, body: impl Fn(usize) -> Value) -> Vec<(u16, Duration)> {
        let began = Instant::now();
        let exchanges = self.streams.into_iter().enumerate().map(|(number, stream)| {
            let body = body(number).to_string();
            let head = format!("POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Type: application/json");
            tokio::spawn(exchange(stream, format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()), began))
        });
        let responses =
            join_all(exchanges.collect::<Vec<_>>()).await.into_iter().map(|response| response.expect("a response")).collect();
        drop(self.exclusive);
        responses
    }
}

async fn exchange(mut stream: TcpStream, request: String, began: Instant) -> (u16, Duration) {
    stream.write_all(request.as_bytes()).await.expect("the server reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("the server responds");
    let status = text.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, began.elapsed())
}

async fn read_response(mut stream: TcpStream) -> ClientResponse {
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("the server responds");
    let (head, body) = text.split_once("\r\n\r\n").expect("a complete response");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let cache = head.lines().find_map(|line| line.strip_prefix("cache-status: ")).map(CacheStatus::parse);
    ClientResponse { status, cache: cache.unwrap_or_else(|| panic!("no Cache-Status: {text}")), body: body.to_owned() }
}
