//! People at work while Redis is in trouble.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use harness::eventually_true;
use serde_json::json;

use crate::cache::Stage;

/// The longest that any request may take while Redis is in trouble: far below what a client waits.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a load is told and what it tells.
#[derive(Default)]
pub struct Load {
    over: AtomicBool,
    requests: AtomicU32,
}

impl Load {
    /// Runs trouble in the middle of reads and writes. Every answer is as good as without it, and none takes long.
    pub async fn during(stage: &Stage, trouble: impl AsyncFnOnce(&Self)) {
        let load = Self::default();
        let readers = join_all((0..4).map(|_| load.read(stage)));
        let story = async {
            load.goes_on(50).await;
            trouble(&load).await;
            load.goes_on(50).await;
            load.over.store(true, Ordering::Relaxed);
        };
        join(join(readers, load.write(stage)), story).await;
    }

    /// Waits until some more requests have been answered.
    pub async fn goes_on(&self, requests: u32) {
        let goal = self.requests.load(Ordering::Relaxed) + requests;
        eventually_true("requests are answered", async || self.requests.load(Ordering::Relaxed) >= goal).await;
    }

    async fn read(&self, stage: &Stage) {
        while !self.over.load(Ordering::Relaxed) {
            for (_, read) in stage.reads() {
                self.timed(read.now()).await;
            }
        }
    }

    async fn write(&self, stage: &Stage) {
        let mut round = 0;
        while !self.over.load(Ordering::Relaxed) {
            round += 1;
            self.timed(stage.admin.grant(&stage.anna, 2)).await;
            let acknowledged = self.timed(stage.anna.spend(1)).await.number("balance");
            assert_eq!(self.timed(stage.anna.balance()).await, acknowledged);
            let body = json!({"max_group_reply_rounds": round % 10});
            let settings = stage.anna.put("/v1/me/settings").if_match("*").json(body);
            self.timed(async { settings.await.expect(200) }).await;
        }
    }

    async fn timed<T>(&self, request: impl Future<Output = T>) -> T {
        let start = Instant::now();
        let answer = request.await;
        assert!(start.elapsed() < PATIENCE, "a request took {:?}", start.elapsed());
        self.requests.fetch_add(1, Ordering::Relaxed);
        answer
    }
}
