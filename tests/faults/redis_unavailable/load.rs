//! Reads and writes while Redis fails.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use harness::eventually_true;
use serde_json::json;

use crate::cache::Fixture;

/// The maximum time of a request while Redis fails: far below clients' time-outs.
const TIMEOUT: Duration = Duration::from_secs(3);

/// A running load.
#[derive(Default)]
pub struct Load {
    over: AtomicBool,
    requests: AtomicU32,
}

impl Load {
    /// Causes a failure during reads and writes. Every response is as without it, and none takes long.
    pub async fn during(fixture: &Fixture, failure: impl AsyncFnOnce(&Self)) {
        let load = Self::default();
        let readers = join_all((0..4).map(|_| load.read(fixture)));
        let steps = async {
            load.wait_for_requests(50).await;
            failure(&load).await;
            load.wait_for_requests(50).await;
            load.over.store(true, Ordering::Relaxed);
        };
        join(join(readers, load.write(fixture)), steps).await;
    }

    /// Waits until this number of further requests has a response.
    pub async fn wait_for_requests(&self, requests: u32) {
        let goal = self.requests.load(Ordering::Relaxed) + requests;
        eventually_true("requests are answered", async || self.requests.load(Ordering::Relaxed) >= goal).await;
    }

    async fn read(&self, fixture: &Fixture) {
        while !self.over.load(Ordering::Relaxed) {
            for (_, read) in fixture.reads() {
                self.timed(read.now()).await;
            }
        }
    }

    async fn write(&self, fixture: &Fixture) {
        let mut round = 0;
        while !self.over.load(Ordering::Relaxed) {
            round += 1;
            self.timed(fixture.admin.grant(&fixture.anna, 2)).await;
            let acknowledged = self.timed(fixture.anna.spend(1)).await.number("balance");
            assert_eq!(self.timed(fixture.anna.balance()).await, acknowledged);
            let body = json!({"max_group_reply_rounds": round % 10});
            let settings = fixture.anna.put("/v1/me/settings").if_match("*").json(body);
            self.timed(async { settings.await.expect(200) }).await;
        }
    }

    async fn timed<T>(&self, request: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let response = request.await;
        assert!(start.elapsed() < TIMEOUT, "a request took {:?}", start.elapsed());
        self.requests.fetch_add(1, Ordering::Relaxed);
        response
    }
}
