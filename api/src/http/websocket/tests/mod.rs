//! Sockets over TCP, with the server and the edge.

mod document;
mod ends;
mod opening;
mod shutdown;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, SinkExt, StreamExt};
use poem::endpoint::make;
use poem::{Endpoint, EndpointExt, IntoResponse, Request};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message as Frame};

use super::*;
use crate::http::client_address::TrustedProxies;
use crate::http::cors::AllowedOrigins;
use crate::http::edge::Edge;
use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::rate_limit::RateLimits;
use crate::http::repeat::Repeats;
use crate::http::server::{ServerOptions, serve};

/// The time after which an expected event counts as missing.
const DEADLINE: Duration = Duration::from_secs(20);
/// The origin of another site that may connect.
const ALLOWED: &str = "https://app.example.com";

type Client = WebSocketStream<TcpStream>;

/// A server whose every address is a socket.
struct TestServer {
    address: SocketAddr,
    signal: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

impl TestServer {
    async fn start<H>(rules: Rules, handler: fn(Socket) -> H) -> Self
    where
        H: Future<Output = CloseCode> + Send + 'static,
    {
        Self::with(ServerOptions::default(), rules, move |socket| handler(socket).boxed()).await
    }

    async fn with<F>(options: ServerOptions, rules: Rules, handler: F) -> Self
    where
        F: Fn(Socket) -> BoxFuture<'static, CloseCode> + Clone + Send + Sync + 'static,
    {
        let endpoint = make(move |request: Request| {
            let handler = handler.clone();
            async move { Ok::<_, poem::Error>(Handshake::of(&request).map_err(Problem::from)?.upgrade(rules, handler)) }
        });
        Self::serving(endpoint.data(options.shutdown.clone()), options).await
    }

    async fn serving<E: Endpoint<Output: IntoResponse> + 'static>(endpoint: E, options: ServerOptions) -> Self {
        let edge = Edge {
            routes: endpoint.map_to_response(),
            metrics: Arc::new(Metrics::new().unwrap()),
            origins: AllowedOrigins::parse(ALLOWED).unwrap(),
            trusted_proxies: TrustedProxies::default(),
            rates: RateLimits::default(),
            repeats: Repeats::new(),
            log: None,
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (signal, signalled) = oneshot::channel::<()>();
        let wait = async {
            let _ = signalled.await;
        };
        Self { address, signal, done: tokio::spawn(serve(listener, edge, wait, options)) }
    }

    /// Stops the server and waits for its end.
    async fn stop(self) {
        self.signal.send(()).unwrap();
        within(self.done).await.unwrap();
    }

    /// The connection of a client whose kernel buffer takes little.
    async fn connect(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(8 * 1024).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    async fn open(&self) -> Client {
        self.open_from(None).await.unwrap()
    }

    /// Opens a socket from a page; the error has the status.
    async fn open_from(&self, origin: Option<&str>) -> Result<Client, u16> {
        self.open_at("/", origin).await
    }

    async fn open_at(&self, path: &str, origin: Option<&str>) -> Result<Client, u16> {
        let mut request = format!("ws://{}{path}", self.address).into_client_request().unwrap();
        request.headers_mut().extend(origin.map(|origin| (poem::http::header::ORIGIN, origin.parse().unwrap())));
        match within(tokio_tungstenite::client_async(request, self.connect().await)).await {
            Ok((client, _)) => Ok(client),
            Err(Error::Http(response)) => Err(response.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    /// The whole response to a request.
    async fn answer(&self, head: &str) -> String {
        let (mut stream, mut answer) = (self.connect().await, String::new());
        stream.write_all(head.as_bytes()).await.unwrap();
        within(stream.read_to_string(&mut answer)).await.unwrap();
        answer
    }
}

/// Answers each message with itself, until one is `"bye"`.
async fn echo(mut socket: Socket) -> CloseCode {
    while let Some(text) = socket.next().await {
        let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else { return CloseCode::InvalidMessage };
        if value == "bye" {
            break;
        }
        if socket.send(&value).is_err() {
            break;
        }
    }
    CloseCode::Normal
}

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, future).await.expect("it happens in time")
}

/// The texts that a client receives, and the code of the close frame after them; 0 if the connection ends without one.
async fn rest(client: &mut Client) -> (Vec<String>, u16) {
    let mut texts = Vec::new();
    loop {
        match within(client.next()).await {
            Some(Ok(Frame::Text(text))) => texts.push(text.to_string()),
            Some(Ok(Frame::Close(frame))) => {
                let code = frame.map_or(1005, |frame| frame.code.into());
                // The answer to the close frame leaves with the next read.
                while let Some(Ok(_)) = within(client.next()).await {}
                return (texts, code);
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => return (texts, 0),
        }
    }
}

async fn say(client: &mut Client, text: &str) {
    client.send(Frame::text(text)).await.unwrap();
}
