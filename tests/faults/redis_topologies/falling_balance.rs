//! A balance that only falls, written through one server and read through another: a read sees what was acknowledged D before.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join;
use harness::{Client, Server, User, eventually_true};

/// Δ of the servers in these tests.
pub const POLL_MS: u64 = 100;
/// D: the maximum time until another server notices a lost invalidation.
const D: Duration = Duration::from_millis(2 * POLL_MS);

/// The acknowledged balances with their times.
#[derive(Default)]
pub struct FallingBalance {
    acknowledged: Mutex<Vec<(Instant, i64)>>,
    reads: AtomicU32,
    over: AtomicBool,
}

impl FallingBalance {
    /// Spends through one server and reads through another during an action.
    pub async fn during(anna: &User, second: &Server, action: impl AsyncFnOnce(&Self)) {
        let (falling_balance, there) = (Self::default(), anna.at(second));
        let steps = async {
            falling_balance.wait_for_requests().await;
            action(&falling_balance).await;
            falling_balance.wait_for_requests().await;
            falling_balance.over.store(true, Ordering::Relaxed);
        };
        join(join(falling_balance.spend(anna), falling_balance.read(&there)), steps).await;
    }

    /// Waits until 30 further reads have a response.
    pub async fn wait_for_requests(&self) {
        let goal = self.reads.load(Ordering::Relaxed) + 30;
        eventually_true("reads have responses", async || self.reads.load(Ordering::Relaxed) >= goal).await;
    }

    async fn spend(&self, anna: &Client) {
        while !self.over.load(Ordering::Relaxed) {
            let balance = anna.spend(1).await.number("balance");
            self.acknowledged.lock().unwrap().push((Instant::now(), balance));
        }
    }

    async fn read(&self, anna: &Client) {
        while !self.over.load(Ordering::Relaxed) {
            let known = Instant::now().checked_sub(D).and_then(|due| self.acknowledged_by(due));
            let balance = anna.balance().await;
            assert!(known.is_none_or(|known| balance <= known), "{balance} was read, {known:?} acknowledged D before");
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn acknowledged_by(&self, due: Instant) -> Option<i64> {
        let acknowledged = self.acknowledged.lock().unwrap();
        acknowledged.iter().rev().find(|(at, _)| *at <= due).map(|&(_, balance)| balance)
    }
}
