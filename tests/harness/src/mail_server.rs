//! A mail server (SMTP, RFC 5321), which a test may make refuse, hang, or close the connection. It delivers to nobody.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::eventually::eventually;
use super::received_mail::ReceivedMail;

/// How the server treats one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// It takes the mail.
    Accept,
    /// It takes the mail and closes the connection before it says so.
    CloseAfterData,
    /// It answers the recipient with this code and text, such as `450 greylisted`.
    Recipient(&'static str),
    /// It greets with this code and text and closes, such as `554 no service`.
    Greet(&'static str),
    /// It says nothing.
    Hang,
}

#[derive(Default)]
struct State {
    received: Vec<ReceivedMail>,
    /// Of the next connections. Later ones are accepted.
    treatments: VecDeque<Treatment>,
    /// What clients named themselves.
    greetings: Vec<String>,
    connections: usize,
}

/// A mail server on a port of its own; it ends with its runtime.
pub struct MailServer {
    port: u16,
    state: Shared,
}

/// The state, shared with the connections.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<State>>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no thread panics while it holds the state")
    }
}

impl MailServer {
    /// Starts a server that takes every mail.
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let state = Shared::default();
        tokio::spawn(serve(listener, state.clone()));
        Self { port, state }
    }

    /// The URL for servers of Atelier.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// Treats the next connections like this, one after the other.
    pub fn treat(&self, treatments: impl IntoIterator<Item = Treatment>) {
        self.state.lock().treatments.extend(treatments);
    }

    /// The mails that were received so far.
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.state.lock().received.clone()
    }

    /// What clients named themselves in EHLO.
    pub fn greetings(&self) -> Vec<String> {
        self.state.lock().greetings.clone()
    }

    /// The number of connections so far.
    pub fn connections(&self) -> usize {
        self.state.lock().connections
    }

    /// Waits until an address has received this many mails, and returns the last of them.
    pub async fn mail_to(&self, address: &str, count: usize) -> ReceivedMail {
        let what = format!("{address} receives mail {count}");
        let found = async || {
            let mut to: Vec<ReceivedMail> = self.received().into_iter().filter(|mail| mail.recipient == address).collect();
            (to.len() >= count).then(|| to.remove(count - 1))
        };
        eventually(&what, found).await
    }
}

async fn serve(listener: TcpListener, state: Shared) {
    while let Ok((client, _)) = listener.accept().await {
        let treatment = {
            let mut state = state.lock();
            state.connections += 1;
            state.treatments.pop_front().unwrap_or(Treatment::Accept)
        };
        tokio::spawn(converse(client, treatment, state.clone()));
    }
}

struct Conversation {
    lines: BufReader<OwnedReadHalf>,
    replies: OwnedWriteHalf,
}

impl Conversation {
    async fn reply(&mut self, text: &str) -> std::io::Result<()> {
        self.replies.write_all(format!("{text}\r\n").as_bytes()).await
    }

    /// The next line without its end; `None` when the client has closed the connection.
    async fn line(&mut self) -> std::io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line).await?;
        let text = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
        Ok((read > 0).then_some(text))
    }

    /// The lines of a mail up to the dot.
    async fn data(&mut self) -> std::io::Result<String> {
        let mut text = String::new();
        while let Some(line) = self.line().await? {
            if line == "." {
                break;
            }
            text.push_str(line.strip_prefix('.').unwrap_or(&line));
            text.push('\n');
        }
        Ok(text)
    }
}

async fn converse(client: TcpStream, treatment: Treatment, state: Shared) -> std::io::Result<()> {
    let (read, replies) = client.into_split();
    let mut with = Conversation { lines: BufReader::new(read), replies };
    match treatment {
        // The client closes the connection.
        Treatment::Hang => return with.line().await.map(drop),
        Treatment::Greet(answer) => return with.reply(answer).await,
        _ => with.reply("220 mail.example ready").await?,
    }
    let mut recipient = String::new();
    while let Some(line) = with.line().await? {
        let (verb, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        match (verb.to_ascii_uppercase().as_str(), treatment) {
            ("EHLO", _) => {
                state.lock().greetings.push(rest.to_owned());
                with.reply("250-mail.example\r\n250-8BITMIME\r\n250 SMTPUTF8").await?;
            }
            ("RCPT", Treatment::Recipient(answer)) => with.reply(answer).await?,
            ("RCPT", _) => {
                let address = rest.split_once('<').and_then(|(_, address)| address.split_once('>'));
                address.map_or("", |(address, _)| address).clone_into(&mut recipient);
                with.reply("250 known").await?;
            }
            ("DATA", _) => {
                with.reply("354 go on").await?;
                let mail = ReceivedMail::parse(&recipient, &with.data().await?);
                state.lock().received.push(mail);
                if treatment == Treatment::CloseAfterData {
                    return Ok(());
                }
                with.reply("250 taken").await?;
            }
            ("QUIT", _) => return with.reply("221 bye").await,
            _ => with.reply("250 done").await?,
        }
    }
    Ok(())
}
