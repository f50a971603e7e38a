//! A TCP proxy between a server and its Redis or database, which a test may slow down, cut in one or both directions, close or
//! redirect.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::sleep;

/// What happens to bytes in one direction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// They are delivered.
    Open,
    /// They are delivered once the cut is repaired, as after retransmission.
    Held,
    /// They are lost; the connection is closed once the cut is repaired.
    Lost,
}

/// The state of the network.
#[derive(Clone, Copy)]
struct Network {
    target: u16,
    to_target: Flow,
    from_target: Flow,
    accepts: bool,
    /// The maximum delay of data from the target, in microseconds.
    delay: u64,
    /// Connections of an earlier generation are closed.
    generation: u64,
}

/// A proxy on a port of its own; it ends with its runtime.
pub struct Proxy {
    port: u16,
    network: Sender<Network>,
}

impl Proxy {
    /// A proxy to a port of this machine.
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let healthy = Network { target, to_target: Flow::Open, from_target: Flow::Open, accepts: true, delay: 0, generation: 0 };
        let (network, state) = tokio::sync::watch::channel(healthy);
        tokio::spawn(serve(listener, state));
        Self { port, network }
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Delays data from the target, each connection independently. A repair does not reset it.
    pub fn slow(&self, longest: Duration) {
        let delay = u64::try_from(longest.as_micros()).expect("a short time");
        self.network.send_modify(|network| network.delay = delay);
    }

    /// Cuts one direction or both, until it is repaired.
    pub fn cut(&self, to_target: Flow, from_target: Flow) {
        self.network.send_modify(|network| *network = Network { to_target, from_target, ..*network });
    }

    /// Refuses new connections until it is repaired; existing ones stay open.
    pub fn refuse(&self) {
        self.network.send_modify(|network| network.accepts = false);
    }

    /// Removes cuts and accepts new connections.
    pub fn repair(&self) {
        self.network.send_modify(|network| {
            let lost = [network.to_target, network.from_target].contains(&Flow::Lost);
            let generation = network.generation + u64::from(lost);
            *network = Network { to_target: Flow::Open, from_target: Flow::Open, accepts: true, generation, ..*network };
        });
    }

    /// Closes every connection and sends new ones to another port.
    pub fn redirect(&self, target: u16) {
        self.network.send_modify(|network| *network = Network { target, generation: network.generation + 1, ..*network });
    }
}

async fn serve(listener: TcpListener, network: Receiver<Network>) {
    while let Ok((client, _)) = listener.accept().await {
        if network.borrow().accepts {
            tokio::spawn(forward(client, network.clone()));
        }
    }
}

async fn forward(client: TcpStream, network: Receiver<Network>) -> std::io::Result<()> {
    let Network { target, generation, .. } = *network.borrow();
    let target = TcpStream::connect(("127.0.0.1", target)).await?;
    client.set_nodelay(true)?;
    target.set_nodelay(true)?;
    let ((from_client, to_client), (from_target, to_target)) = (client.into_split(), target.into_split());
    let mut changes = network.clone();
    tokio::select! {
        done = copy(from_client, to_target, network.clone(), |network| (network.to_target, 0)) => done,
        done = copy(from_target, to_client, network, |network| (network.from_target, network.delay)) => done,
        _ = changes.wait_for(|network| network.generation != generation) => Ok(()),
    }
}

async fn copy(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: Receiver<Network>,
    state: fn(&Network) -> (Flow, u64),
) -> std::io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        let (_, delay) = state(&network.borrow());
        if delay > 0 {
            sleep(Duration::from_micros(rand::random_range(0..=delay))).await;
        }
        let Ok(flow) = network.wait_for(|network| state(network).0 != Flow::Held).await.map(|network| state(&network).0) else {
            return Ok(());
        };
        if flow == Flow::Open {
            to.write_all(&bytes[..read]).await?;
        }
    }
}
