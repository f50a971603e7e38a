//! Thousands of clients at once, each with a connection of its own.

use std::future::IntoFuture;

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, MutexGuard};

use super::cache_status::CacheStatus;
use super::client::Client;
use super::server::Server;

/// How many connect before the servers must have accepted them: the kernel's queue for a listener is short.
const PORTION: usize = 400;
/// Descriptors that the suite needs for everything else.
const RESERVE: u64 = 500;

/// Clients that are connected and have not asked yet.
pub struct Crowd {
    streams: Vec<TcpStream>,
    turn: MutexGuard<'static, ()>,
}

/// There is one crowd at a time: two would need more descriptors than this process may have.
static TURN: Mutex<()> = Mutex::const_new(());

/// What one of them heard.
pub struct Heard {
    /// The status.
    pub status: u16,
    /// What the cache did.
    pub cache: CacheStatus,
    /// The body.
    pub body: String,
}

impl Crowd {
    /// Connects so many clients, or as many as this process may have, to the servers in turn.
    pub async fn gather(size: usize, servers: &[&Server]) -> Self {
        let turn = TURN.lock().await;
        let allowed = rlimit::increase_nofile_limit(u64::MAX).expect("the limit of descriptors can be read");
        let size = size.min(usize::try_from(allowed.saturating_sub(RESERVE)).unwrap_or(size));
        let addresses = servers.iter().map(|server| server.url().strip_prefix("http://").expect("a plain address"));
        let addresses: Vec<&str> = addresses.cycle().take(size).collect();
        let (mut streams, http) = (Vec::new(), Client::http());
        for portion in addresses.chunks(PORTION) {
            // One after the other: the kernel drops a burst of connections, and whoever is dropped waits a second.
            for address in portion {
                streams.push(TcpStream::connect(address).await.expect("the server accepts connections"));
            }
            // Who comes later is served later: an answer says that the queue before it is empty.
            let signs = servers.iter().map(|server| Client::new(http.clone(), server.url()).get("/health/live").into_future());
            join_all(signs).await;
        }
        Self { streams, turn }
    }

    /// Everybody asks for the same, with the token of one client, before anybody listens.
    pub async fn ask(mut self, client: &Client, path: &str) -> Vec<Heard> {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n", client.token());
        for stream in &mut self.streams {
            stream.write_all(request.as_bytes()).await.expect("the server listens");
        }
        let listening: Vec<_> = self.streams.into_iter().map(|stream| tokio::spawn(hear(stream))).collect();
        let heard = join_all(listening).await.into_iter().map(|heard| heard.expect("an answer")).collect();
        drop(self.turn);
        heard
    }
}

async fn hear(mut stream: TcpStream) -> Heard {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the server answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a complete answer");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let cache = head.lines().find_map(|line| line.strip_prefix("cache-status: ")).map(CacheStatus::parse);
    Heard { status, cache: cache.unwrap_or_else(|| panic!("no Cache-Status: {answer}")), body: body.to_owned() }
}
