//! A stretch of network between a server and its Redis or its database, which a test may damage: slow, cut one way or both,
//! closed, or led elsewhere.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::sleep;

/// What happens to bytes on their way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flow {
    /// They arrive.
    Open,
    /// They arrive once the cut is mended, as with a network that sends them again.
    Held,
    /// They are gone, and so is the connection once the cut is mended.
    Lost,
}

/// The state of the network.
#[derive(Clone, Copy)]
struct Network {
    target: u16,
    there: Flow,
    back: Flow,
    accepts: bool,
    /// The longest that an answer is on its way, in microseconds.
    delay: u64,
    /// Connections of an earlier age are closed.
    age: u64,
}

/// A proxy on a port of its own; it ends with its runtime.
pub struct Proxy {
    port: u16,
    network: Sender<Network>,
}

impl Proxy {
    /// Leads to a port of this machine.
    pub async fn to(target: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let sound = Network { target, there: Flow::Open, back: Flow::Open, accepts: true, delay: 0, age: 0 };
        let (network, state) = tokio::sync::watch::channel(sound);
        tokio::spawn(serve(listener, state));
        Self { port, network }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Lets answers take a while, those of each connection for itself, until it is mended.
    pub fn slow(&self, longest: Duration) {
        let delay = u64::try_from(longest.as_micros()).expect("a short time");
        self.network.send_modify(|network| network.delay = delay);
    }

    /// Cuts the way there, the way back, or both, until it is mended.
    pub fn cut(&self, there: Flow, back: Flow) {
        self.network.send_modify(|network| *network = Network { there, back, ..*network });
    }

    /// Accepts no connections, until it is mended; those that stand go on.
    pub fn refuse(&self) {
        self.network.send_modify(|network| network.accepts = false);
    }

    /// Makes everything sound again.
    pub fn mend(&self) {
        self.network.send_modify(|network| {
            let torn = [network.there, network.back].contains(&Flow::Lost);
            let age = network.age + u64::from(torn);
            *network = Network { there: Flow::Open, back: Flow::Open, accepts: true, age, ..*network };
        });
    }

    /// Closes every connection, and leads new ones elsewhere.
    pub fn lead_to(&self, target: u16) {
        self.network.send_modify(|network| *network = Network { target, age: network.age + 1, ..*network });
    }
}

async fn serve(listener: TcpListener, network: Receiver<Network>) {
    while let Ok((client, _)) = listener.accept().await {
        if network.borrow().accepts {
            tokio::spawn(carry(client, network.clone()));
        }
    }
}

async fn carry(client: TcpStream, network: Receiver<Network>) -> std::io::Result<()> {
    let Network { target, age, .. } = *network.borrow();
    let end = TcpStream::connect(("127.0.0.1", target)).await?;
    client.set_nodelay(true)?;
    end.set_nodelay(true)?;
    let ((from_client, to_client), (from_end, to_end)) = (client.into_split(), end.into_split());
    let mut watched = network.clone();
    tokio::select! {
        done = pump(from_client, to_end, network.clone(), |network| (network.there, 0)) => done,
        done = pump(from_end, to_client, network, |network| (network.back, network.delay)) => done,
        _ = watched.wait_for(|network| network.age != age) => Ok(()),
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut network: Receiver<Network>,
    fate: fn(&Network) -> (Flow, u64),
) -> std::io::Result<()> {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = from.read(&mut bytes).await?;
        if read == 0 {
            return Ok(());
        }
        let (_, delay) = fate(&network.borrow());
        if delay > 0 {
            sleep(Duration::from_micros(rand::random_range(0..=delay))).await;
        }
        let Ok(passage) = network.wait_for(|network| fate(network).0 != Flow::Held).await.map(|network| fate(&network).0) else {
            return Ok(());
        };
        if passage == Flow::Open {
            to.write_all(&bytes[..read]).await?;
        }
    }
}
