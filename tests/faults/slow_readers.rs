//! Clients that request much and never read: they are disconnected, and the memory for them is bounded.

use std::fs;
use std::time::Duration;

use harness::{Server, Site, eventually_true, eventually_within, on_backends};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

const CLIENTS: usize = 150;
/// The time in which all of them are disconnected.
const DISCONNECTED: Duration = Duration::from_secs(30);
/// Maximum memory per client, in bytes: 64 MB for 600 of them.
const MEMORY: u64 = 64_000_000 / 600;

fn port(server: &Server) -> u16 {
    server.url().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port")
}

/// A client with a small receive buffer that requests 6.4 MB.
async fn slow_client(port: u16) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(2048).unwrap();
    let mut stream = socket.connect(([127, 0, 0, 1], port).into()).await.unwrap();
    let request = "GET /docs/swagger-ui.js HTTP/1.1\r\nHost: atelier\r\n\r\n";
    stream.write_all(request.repeat(4).as_bytes()).await.unwrap();
    stream
}

/// The send queues of the server's sockets: how many are not empty, and their bytes. From the kernel's table of TCP sockets.
fn send_queues(port: u16) -> (usize, u64) {
    let table = fs::read_to_string("/proc/net/tcp").expect("the kernel lists its sockets");
    let queue = |line: &str| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let is_ours = fields.get(1)?.ends_with(&format!(":{port:04X}"));
        let bytes = u64::from_str_radix(fields.get(4)?.split(':').next()?, 16).ok()?;
        (is_ours && bytes > 0).then_some(bytes)
    };
    let queues: Vec<u64> = table.lines().skip(1).filter_map(queue).collect();
    (queues.len(), queues.iter().sum())
}

on_backends! {
    [sqlite_memory SqliteMemory]
    async fn clients_that_never_read_are_disconnected_and_cost_little_memory(site: Site) {
        let (server, port) = (site.server(), port(site.server()));
        site.client().get("/docs/swagger-ui.js").undocumented().await.expect(200);
        let before = server.memory();
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            clients.push(slow_client(port).await);
        }
        eventually_true("every response waits for its client", async || send_queues(port).0 == CLIENTS).await;
        let mut peak = 0;
        eventually_within(DISCONNECTED, "all clients are disconnected", async || {
            let (waiting, queued) = send_queues(port);
            peak = peak.max(server.memory().saturating_sub(before) + queued);
            (waiting == 0).then_some(())
        })
        .await;
        println!("{CLIENTS} clients that never read cost {peak} bytes");
        assert!(peak < MEMORY * CLIENTS as u64, "{CLIENTS} clients cost {peak} bytes");
        site.client().get("/v1/plans").await.expect(200);
    }
}
