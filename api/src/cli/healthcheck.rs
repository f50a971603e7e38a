//! `healthcheck`: checks over a plain socket whether the server on this machine is ready.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Failure;
use crate::config::Listen;

/// Time limit for the whole check.
const TIMEOUT: Duration = Duration::from_secs(2);

const READY: &str = "HTTP/1.1 200 ";

/// Succeeds if the server is ready.
pub(super) async fn run(listen: &Listen) -> Result<(), Failure> {
    if listen.port == 0 {
        return Err(Failure::Refused("PORT is 0, so the port of the server is not known"));
    }
    let host = listen.reachable_host();
    let answer = timeout(TIMEOUT, status_line(&host, listen.port)).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let url = listen.url(listen.port);
    match answer {
        Ok(line) if line.starts_with(READY) => Ok(()),
        Ok(line) => Err(Failure::because(format!("the server at {url} is not ready"), format!("it answers {line:?}"))),
        Err(error) => Err(Failure::because(format!("the server at {url} does not answer"), error)),
    }
}

async fn status_line(host: &str, port: u16) -> io::Result<String> {
    let mut stream = TcpStream::connect((host, port)).await?;
    let request = format!("GET /health/ready HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    while answer.len() < 1024 && !answer.contains(&b'\n') && stream.read_buf(&mut answer).await? > 0 {}
    Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    /// A server that answers one request with this text.
    async fn server(answer: &'static str) -> Listen {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                stream.read_buf(&mut request).await.unwrap();
            }
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        Listen { host: "0.0.0.0".into(), port }
    }

    #[tokio::test]
    async fn a_ready_server_passes() {
        run(&server("HTTP/1.1 200 OK\r\n\r\n").await).await.unwrap();
    }

    #[tokio::test]
    async fn a_server_that_is_not_ready_or_no_server_at_all_fails() {
        let unready = run(&server("HTTP/1.1 503 Service Unavailable\r\n\r\n").await).await;
        assert!(matches!(unready, Err(Failure::Because { .. })));
        assert!(run(&server("SSH-2.0-x\r\n").await).await.is_err());
        assert!(run(&server("").await).await.is_err());
        assert!(run(&Listen { host: "127.0.0.1".into(), port: 0 }).await.is_err());
    }
}
