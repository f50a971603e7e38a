//! The time of a site on a test clock, which all its servers share.

use std::sync::Mutex;
use std::time::Instant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::json;

use super::client::Client;
use super::server::Server;
use super::site::Site;
use super::users::{ADMIN_EMAIL, ADMIN_PASSWORD, User};

/// A point in time, in UTC.
pub type Time = DateTime<Utc>;

/// The time of the servers, which runs on from the moment it was set to.
pub(crate) struct VirtualTime(Mutex<(Instant, Time)>);

impl VirtualTime {
    /// Starts a clock at this time.
    pub(crate) fn starting_at(start: Time) -> Self {
        Self(Mutex::new((Instant::now(), start)))
    }

    /// The current time, for a server that starts.
    pub(crate) fn now(&self) -> Time {
        let (moved, time) = *self.0.lock().expect("no thread panics while it holds the time");
        time + TimeDelta::from_std(moved.elapsed()).expect("tests are short")
    }

    fn set(&self, time: Time) {
        *self.0.lock().expect("no thread panics while it holds the time") = (Instant::now(), time);
    }
}

/// A time as RFC 3339 text.
pub fn rfc3339(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl Client {
    /// Moves the time of all servers, as the administrator.
    pub fn move_clock(&self, to: Time) -> super::request::Request {
        self.post("/v1/admin/clock").json(json!({"now": rfc3339(to)})).undocumented()
    }

    /// The time of the server, as the administrator.
    pub async fn shown_clock(&self) -> Time {
        let shown = self.get("/v1/admin/clock").undocumented().await.expect(200);
        shown.text("now").parse().expect("a time")
    }
}

impl Site {
    /// The current time; panics on a site without a test clock.
    pub fn now(&self) -> Time {
        self.time.as_ref().expect("a builder with a start time").now()
    }

    /// Advances the time of all servers, and checks it on these others. All due tasks are done when it returns, and all users have to
    /// sign in again.
    pub async fn pass(&self, span: TimeDelta, others: &[&Server]) {
        self.move_to(self.now() + span, others).await;
    }

    /// Moves the time of all servers through the first, and checks it on these others.
    pub async fn move_to(&self, to: Time, others: &[&Server]) {
        let admin = User::sign_in(&self.client(), ADMIN_EMAIL, ADMIN_PASSWORD).await;
        admin.move_clock(to).await.expect(200);
        self.pass_unnoticed(to);
        let admin = User::sign_in(&self.client(), ADMIN_EMAIL, ADMIN_PASSWORD).await;
        for server in others {
            let shown = admin.at(server).shown_clock().await;
            assert!(shown >= to, "{} is at {shown} and not at {to}", server.url());
        }
    }

    /// Sets the time while no server runs; servers get it at their start.
    pub fn pass_unnoticed(&self, to: Time) {
        self.time.as_ref().expect("a builder with a start time").set(to);
    }
}
