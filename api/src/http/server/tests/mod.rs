//! The server with endpoints of tests, over TCP.

mod admission;
mod shutdown;
mod slow_readers;
mod streams;

use std::net::SocketAddr;
use std::time::Duration;

use poem::http::header::{CONNECTION, UPGRADE};
use poem::http::{Method, StatusCode};
use poem::{Endpoint, Request, Response};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{ServerOptions, serve};
use crate::http::shutdown::Shutdown;

/// The time after which an expected event counts as missing.
const DEADLINE: Duration = Duration::from_secs(20);

/// A server in this process.
struct TestServer {
    address: SocketAddr,
    signal: Option<oneshot::Sender<()>>,
    done: JoinHandle<()>,
}

impl TestServer {
    async fn start(endpoint: impl Endpoint<Output = Response> + 'static, options: ServerOptions) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (signal, signalled) = oneshot::channel::<()>();
        let wait = async {
            let _ = signalled.await;
        };
        Self { address, signal: Some(signal), done: tokio::spawn(serve(listener, endpoint, wait, options)) }
    }

    /// Sends the signal to stop.
    fn stop(&mut self) {
        self.signal.take().unwrap().send(()).unwrap();
    }

    /// Waits until the server has ended.
    async fn ended(self) {
        within(self.done).await.unwrap();
    }

    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }

    /// A connection whose kernel buffer takes little.
    async fn connect_slow(&self) -> Client {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        Client(socket.connect(self.address).await.unwrap())
    }

    /// Connects and sends until a request is answered with this status.
    async fn eventually(&self, status: &str) {
        let attempts = async { while self.connect().await.get("/").await.is_none_or(|answer| !answer.contains(status)) {} };
        within(attempts).await;
    }
}

/// A raw connection.
struct Client(TcpStream);

impl Client {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// The head and the beginning of the body of a response; `None` when the connection ends without one.
    async fn get(&mut self, path: &str) -> Option<String> {
        let _ = self.0.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await;
        self.read_until("\r\n\r\n").await
    }

    /// Reads until the text appears; `None` when the connection ends before.
    async fn read_until(&mut self, text: &str) -> Option<String> {
        let mut received = Vec::new();
        let reading = async {
            while !String::from_utf8_lossy(&received).contains(text) {
                if !matches!(self.0.read_buf(&mut received).await, Ok(1..)) {
                    return None;
                }
            }
            Some(String::from_utf8_lossy(&received).into_owned())
        };
        within(reading).await
    }

    /// Reads to the end of the connection; an error is an end, too.
    async fn read_to_end(&mut self) -> Vec<u8> {
        let mut received = Vec::new();
        let _ = within(self.0.read_to_end(&mut received)).await;
        received
    }
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    timeout(DEADLINE, future).await.expect("it happens within the deadline")
}

/// Accepts an upgrade to a protocol that echoes and ends at the stop of the server; answers other requests with `ok`.
fn echo(shutdown: &Shutdown) -> impl Endpoint<Output = Response> + use<> {
    let shutdown = shutdown.clone();
    poem::endpoint::make_sync(move |request: Request| {
        if request.method() != Method::GET || request.headers().get(UPGRADE).is_none() {
            return Response::builder().body("ok");
        }
        let (upgrade, stopping) = (request.take_upgrade().unwrap(), shutdown.stopping());
        tokio::spawn(async move {
            let (mut incoming, mut outgoing) = tokio::io::split(upgrade.await.unwrap());
            tokio::select! {
                _ = tokio::io::copy(&mut incoming, &mut outgoing) => {}
                () = stopping => drop(outgoing.write_all(b"bye").await),
            }
        });
        let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        response.header(CONNECTION, "upgrade").header(UPGRADE, "echo").finish()
    })
}

const UPGRADE_REQUEST: &str = "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n";

/// An upgraded connection that has echoed.
async fn upgraded(server: &TestServer) -> Client {
    let mut client = server.connect().await;
    client.send(UPGRADE_REQUEST).await;
    assert!(client.read_until("\r\n\r\n").await.unwrap().starts_with("HTTP/1.1 101 "));
    client.send("hello").await;
    assert_eq!(client.read_until("hello").await.as_deref(), Some("hello"));
    client
}
