//! The checker of limits: several servers under more requests than a limit admits.
//!
//! Admitted must be at most burst + rate × time over all servers together, and at least 97 % of it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use harness::{Client, SiteBuilder};
use tokio::time::{MissedTickBehavior, interval};

/// Clients of each server, so that a slow answer does not lower the rate.
const CLIENTS: u32 = 8;
/// The part of what is allowed that must be admitted.
const LEAST: f64 = 0.97;

/// A run.
pub struct Plan {
    pub servers: u32,
    /// Requests at once.
    pub quota: u32,
    /// Seconds in which as many follow.
    pub window: u32,
    /// How many times the limit the clients send together.
    pub excess: u32,
    pub lasting: Duration,
}

/// What happened.
pub struct Outcome {
    pub sent: u64,
    pub admitted: u64,
    /// From the first request to the last response.
    pub longest: Duration,
    /// From the first response to the last request.
    pub shortest: Duration,
    quota: f64,
    rate: f64,
}

/// Sends requests of one user to all servers, and counts.
pub async fn run(builder: SiteBuilder, plan: &Plan) -> Outcome {
    let limit = format!("{}/{}", plan.quota, plan.window);
    let builder = builder.set("RATE_LIMIT_USER", limit);
    let (site, others) = builder.open_with_others(plan.servers as usize - 1).await;
    let anna = site.register("anna").await;
    let servers = std::iter::once(site.server()).chain(&others);
    let clients: Vec<Client> = servers.flat_map(|server| (0..CLIENTS).map(|_| anna.at(server))).collect();
    // The sign-in has used the limit; it is full again before the run.
    harness::eventually_within(Duration::from_secs(u64::from(plan.window) + 20), "the limit is full", async || {
        let response = anna.get("/v1/coins").await;
        response.header("ratelimit").contains(&format!("r={}", plan.quota - 1)).then_some(())
    })
    .await;
    let rate = f64::from(plan.quota) / f64::from(plan.window);
    let pause = Duration::from_secs_f64(f64::from(plan.servers * CLIENTS) / (rate * f64::from(plan.excess)));
    let (sent, admitted, began) = (AtomicU64::new(0), AtomicU64::new(0), Instant::now());
    join_all(clients.iter().map(|client| send(client, pause, began + plan.lasting, &sent, &admitted))).await;
    let (sent, admitted) = (sent.into_inner(), admitted.into_inner());
    Outcome { sent, admitted, longest: began.elapsed(), shortest: plan.lasting, quota: f64::from(plan.quota), rate }
}

async fn send(client: &Client, pause: Duration, end: Instant, sent: &AtomicU64, admitted: &AtomicU64) {
    let mut ticks = interval(pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    while Instant::now() < end {
        ticks.tick().await;
        let status = client.get("/v1/coins").await.status();
        sent.fetch_add(1, Ordering::Relaxed);
        match status {
            200 => admitted.fetch_add(1, Ordering::Relaxed),
            429 => 0,
            other => panic!("an answer {other}"),
        };
    }
}

impl Outcome {
    fn allowed(&self, time: Duration) -> f64 {
        self.quota + self.rate * time.as_secs_f64()
    }

    /// Panics unless the number of admitted requests is within its bounds.
    pub fn assert_within_bounds(&self) {
        let admitted = u32::try_from(self.admitted).map_or(f64::INFINITY, f64::from);
        let (most, least) = (self.allowed(self.longest), LEAST * self.allowed(self.shortest));
        assert!(admitted <= most, "{admitted} of at most {most:.1}");
        assert!(admitted >= least, "{admitted} of at least {least:.1}");
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sent, admitted, longest, shortest, .. } = self;
        let (most, least) = (self.allowed(*longest), LEAST * self.allowed(*shortest));
        write!(f, "{admitted} of {sent} requests admitted in {longest:.1?}; bounds {least:.0} to {most:.0}")
    }
}
