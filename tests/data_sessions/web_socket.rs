//! The progress of a training over a WebSocket, opened with a one-time ticket.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use harness::{Received, Server, Site, SiteBuilder, Time, WebSocket, eventually_true};
use serde_json::Value;
use tokio::time::timeout;

use super::DataSession;
use super::progress::check_progress;
use super::sample_tables::{flowers, kind_of_flower};
use super::training_processes::TrainingProcess;

/// The longest time between two messages: a second, and what a busy machine adds.
const SILENCE: Duration = Duration::from_millis(2500);

/// A new ticket of a session.
async fn ticket(session: &DataSession) -> String {
    session.post("/ticket").await.expect(201).text("ticket").to_owned()
}

/// The address of the socket with a ticket.
fn address(session: &DataSession, ticket: &str) -> String {
    session.path(&format!("/ws?ticket={ticket}"))
}

async fn open(server: &Server, session: &DataSession) -> WebSocket {
    WebSocket::open(server, &address(session, &ticket(session).await), None).await.expect("an open socket")
}

async fn refused(server: &Server, path: &str, origin: Option<&str>) -> u16 {
    WebSocket::open(server, path, origin).await.err().expect("a refusal").0
}

/// The next message, which arrives within a second.
async fn message(socket: &mut WebSocket) -> Value {
    match timeout(SILENCE, socket.next()).await.expect("a message each second") {
        Received::Message(message) => message,
        Received::End(code) => panic!("the socket ended with {code:?}"),
    }
}

both_pairs! {
    async fn progress_is_pushed_over_a_web_socket_and_ends_with_the_result(site: Site) {
        let session = DataSession::create(&*site.register("anna").await).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        let mut socket = open(site.server(), &session).await;
        let (mut messages, began) = (Vec::new(), Instant::now());
        while began.elapsed() < Duration::from_secs(3) {
            messages.push(message(&mut socket).await);
        }
        assert!(messages.len() >= 3, "{messages:?}");
        process.resume();
        let (rest, code) = socket.rest().await;
        messages.extend(rest);
        check_progress(&messages);
        assert_eq!(code, Some(1000));
        let (last, code) = open(site.server(), &session).await.rest().await;
        assert_eq!((&last[..], code), (&messages[messages.len() - 1..], Some(1000)), "the final message always");
    }

    async fn a_ticket_opens_one_socket_of_its_session(builder: SiteBuilder) {
        let site = builder.at("2027-01-31T10:00:00Z").open().await;
        let (anna, ben) = (site.register("anna").await, site.register("ben").await);
        let (session, other) = (DataSession::create(&anna).await, DataSession::create(&anna).await);
        let server = site.server();
        session.of(&ben).post("/ticket").await.expect(404).problem("not-found");
        let issued = session.post("/ticket").await.expect(201);
        assert_eq!(issued.header("cache-control"), "no-store");
        let expires_at: Time = issued.text("expires_at").parse().unwrap();
        assert!((29..=30).contains(&(expires_at - site.now()).num_seconds()));
        let used = address(&session, issued.text("ticket"));
        let mut early = WebSocket::open(server, &used, None).await.expect("a ticket");
        session.upload(flowers()).await;
        session.train(kind_of_flower()).await;
        check_progress(&early.rest().await.0);
        assert_eq!(refused(server, &address(&other, &ticket(&session).await), None).await, 401);
        let used = address(&session, &ticket(&session).await);
        WebSocket::open(server, &used, None).await.expect("a ticket").rest().await;
        assert_eq!(refused(server, &used, None).await, 401, "a ticket is used once");
        let late = address(&session, &ticket(&session).await);
        site.pass(TimeDelta::seconds(31), &[]).await;
        assert_eq!(refused(server, &late, None).await, 401, "a ticket expires");
        assert_eq!(refused(server, &session.path("/ws"), None).await, 400);
    }

    async fn a_page_of_another_site_cannot_connect(site: Site) {
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        session.upload(flowers()).await;
        session.trained(kind_of_flower()).await;
        let foreign = address(&session, &ticket(&session).await);
        assert_eq!(refused(site.server(), &foreign, Some("https://evil.example")).await, 403);
        let own = address(&session, &ticket(&session).await);
        let (messages, _) = WebSocket::open(site.server(), &own, Some(site.server().url())).await.unwrap().rest().await;
        assert_eq!(messages.len(), 1);
        let plain = session.path(&format!("/ws?ticket={}", ticket(&session).await));
        anna.get(plain).undocumented().await.expect(426);
    }

    async fn a_socket_ends_with_its_login_its_session_or_its_server(site: Site) {
        let mut site = site;
        let anna = site.register("anna").await;
        let session = DataSession::create(&anna).await;
        let process = TrainingProcess::suspended(site.server(), &session).await;
        let mut socket = open(site.server(), &session).await;
        message(&mut socket).await;
        assert!(socket.send_text("{}").await);
        assert_eq!(socket.rest().await.1, Some(1003), "the socket only informs");
        let again = anna.again().await;
        let mut of_login = open(site.server(), &session.of(&again)).await;
        message(&mut of_login).await;
        again.post("/v1/auth/logout").await.expect(204);
        assert_eq!(of_login.rest().await.1, Some(4401));
        let mut of_session = open(site.server(), &session).await;
        message(&mut of_session).await;
        session.delete().await.expect(204);
        assert_eq!(of_session.rest().await.1, Some(4410));
        eventually_true("the process is killed", async || !process.runs()).await;
        let mut of_server = open(site.server(), &DataSession::create(&anna).await).await;
        site.stop_server().await;
        assert_eq!(of_server.rest().await.1, Some(1001));
    }
}
