//! The socket of the server: bound before anything is created, and listening when the server is ready.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, lookup_host};

use super::Failure;
use crate::config::Listen;

/// Maximum number of connections that wait to be accepted. The kernel drops others; their clients retry after a second.
const BACKLOG: u32 = 4096;

/// A socket that has its address and does not listen yet: connections are refused.
pub(super) struct Bound {
    socket: TcpSocket,
    host: String,
    port: u16,
}

/// Binds the first address of the host that can be bound.
///
/// # Errors
/// Why no address can be bound, as a sentence.
pub(super) async fn bind(listen: &Listen) -> Result<Bound, Failure> {
    let (host, port) = (listen.host.as_str(), listen.port);
    let addresses = lookup_host((host, port)).await;
    let addresses = addresses
        .map_err(|_| Failure::Sentence(format!("the host {host} of HOST is unknown; set HOST to an address of this machine")))?;
    let mut outcome = Err(ErrorKind::AddrNotAvailable.into());
    for address in addresses {
        outcome = bind_at(address);
        if outcome.is_ok() {
            break;
        }
    }
    match outcome {
        Ok(socket) => Ok(Bound { socket, host: host.to_owned(), port }),
        Err(error) => Err(failure(host, port, &error)),
    }
}

impl Bound {
    /// Starts to accept connections.
    ///
    /// # Errors
    /// When another program listens at the address since it was bound.
    pub(super) fn listen(self) -> Result<TcpListener, Failure> {
        self.socket.listen(BACKLOG).map_err(|error| failure(&self.host, self.port, &error))
    }
}

fn bind_at(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

fn failure(host: &str, port: u16, error: &io::Error) -> Failure {
    let at = format!("{host} port {port}");
    Failure::Sentence(match error.kind() {
        ErrorKind::AddrInUse => format!("another program listens on {at}; stop it, or set PORT to another port"),
        ErrorKind::AddrNotAvailable => {
            format!("{host} is no address of this machine; set HOST to one of its addresses, or to 0.0.0.0")
        }
        ErrorKind::PermissionDenied => format!("this account may not listen on {at}; set PORT to 1024 or more"),
        kind => format!("cannot listen on {at}: {kind}; set HOST and PORT to an address that this machine can use"),
    })
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    fn at(host: &str, port: u16) -> Listen {
        Listen { host: host.into(), port }
    }

    #[tokio::test]
    async fn a_bound_socket_refuses_connections_until_it_listens() {
        let bound = bind(&at("127.0.0.1", 0)).await.unwrap();
        let address = bound.socket.local_addr().unwrap();
        assert_eq!(TcpStream::connect(address).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        let _listener = bound.listen().unwrap();
        TcpStream::connect(address).await.unwrap();
    }

    #[tokio::test]
    async fn a_socket_that_another_program_has_is_refused() {
        let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sentence = bind(&at("127.0.0.1", other.local_addr().unwrap().port())).await.map(|_| ()).unwrap_err().to_string();
        assert!(sentence.contains("another program listens"), "{sentence}");
    }

    #[test]
    fn a_privileged_port_is_explained() {
        let sentence = failure("127.0.0.1", 80, &ErrorKind::PermissionDenied.into()).to_string();
        assert_eq!(sentence, "this account may not listen on 127.0.0.1 port 80; set PORT to 1024 or more");
    }
}
