//! The time of a site whose clock a test moves.

use std::sync::Mutex;
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use super::client::Client;
use super::people::{ADMIN_EMAIL, ADMIN_PASSWORD, User};
use super::server::Server;
use super::site::Site;

/// A point in time, in UTC.
pub type Time = DateTime<Utc>;

/// What the servers' clocks show: they flow on from the moment that they were moved to.
pub(crate) struct VirtualTime(Mutex<(Instant, Time)>);

impl VirtualTime {
    /// A time that begins now.
    pub(crate) fn starting_at(start: Time) -> Self {
        Self(Mutex::new((Instant::now(), start)))
    }

    /// What a server that starts now is told.
    pub(crate) fn now(&self) -> Time {
        let (moved, time) = *self.0.lock().expect("nobody panics with the time");
        time + TimeDelta::from_std(moved.elapsed()).expect("tests are short")
    }

    fn move_to(&self, time: Time) {
        *self.0.lock().expect("nobody panics with the time") = (Instant::now(), time);
    }
}

/// A time as a request writes it.
pub fn written(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl Client {
    /// Moves the clock of the server, as the administrator.
    pub fn move_clock(&self, to: Time) -> super::request::Request {
        self.post("/v1/admin/clock").json(json!({"now": written(to)})).undocumented()
    }
}

impl Site {
    /// What time it is; only on a site that runs on a test's clock.
    pub fn now(&self) -> Time {
        self.time.as_ref().expect("a blueprint at a time").now()
    }

    /// Lets time pass for all servers: the first and these others. Whatever became due is done when it returns, and everybody has
    /// to sign in again.
    pub async fn pass(&self, span: TimeDelta, others: &[&Server]) {
        self.move_to(self.now() + span, others).await;
    }

    /// Moves the clocks of all servers: the first and these others.
    pub async fn move_to(&self, to: Time, others: &[&Server]) {
        for server in std::iter::once(self.server()).chain(others.iter().copied()) {
            let client = Client::new(self.http.clone(), server.url());
            let admin = User::sign_in(&client, ADMIN_EMAIL, ADMIN_PASSWORD).await;
            admin.move_clock(to).await.expect(200);
        }
        self.pass_unnoticed(to);
    }

    /// Time passes while no server runs: those that start are told.
    pub fn pass_unnoticed(&self, to: Time) {
        self.time.as_ref().expect("a blueprint at a time").move_to(to);
    }
}
