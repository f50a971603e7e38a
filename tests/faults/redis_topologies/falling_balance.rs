//! A balance that only falls, written through one server and read through another: who reads what was spent long ago sees it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join;
use harness::{Client, Server, User, eventually_true};

/// Δ of the servers, as they are set for this.
pub const POLL_MS: u64 = 100;
/// D: for how long a lost drop may stay unnoticed by another server.
const D: Duration = Duration::from_millis(2 * POLL_MS);

/// What was acknowledged, and when.
#[derive(Default)]
pub struct Sold {
    acknowledged: Mutex<Vec<(Instant, i64)>>,
    reads: AtomicU32,
    over: AtomicBool,
}

impl Sold {
    /// Sells through one server and reads through another while something happens.
    pub async fn during(anna: &User, second: &Server, happens: impl AsyncFnOnce(&Self)) {
        let (sold, there) = (Self::default(), anna.at(second));
        let story = async {
            sold.goes_on().await;
            happens(&sold).await;
            sold.goes_on().await;
            sold.over.store(true, Ordering::Relaxed);
        };
        join(join(sold.sell(anna), sold.read(&there)), story).await;
    }

    /// Waits until some more reads have been answered.
    pub async fn goes_on(&self) {
        let goal = self.reads.load(Ordering::Relaxed) + 30;
        eventually_true("reads are answered", async || self.reads.load(Ordering::Relaxed) >= goal).await;
    }

    async fn sell(&self, anna: &Client) {
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
