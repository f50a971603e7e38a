//! Pings, and the end of a socket whose peer shows no life.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::outgoing::Outgoing;

/// Intervals in a row without a frame of the peer that end a socket.
const MAX_MISSES: u32 = 2;

/// The signs of life of a peer.
pub(super) struct Liveness {
    has_sent: AtomicBool,
    /// The server does not read, so it cannot see a sign.
    is_paused: AtomicBool,
}

impl Liveness {
    /// A peer that has just connected.
    pub(super) fn new() -> Self {
        Self { has_sent: AtomicBool::new(true), is_paused: AtomicBool::new(false) }
    }

    /// Records a frame of the peer, of any kind.
    pub(super) fn record(&self) {
        self.has_sent.store(true, Ordering::Relaxed);
    }

    /// Says whether the server reads.
    pub(super) fn pause(&self, is_paused: bool) {
        self.is_paused.store(is_paused, Ordering::Relaxed);
    }

    /// Whether there was a sign since the last call.
    fn take(&self) -> bool {
        self.has_sent.swap(false, Ordering::Relaxed) || self.is_paused.load(Ordering::Relaxed)
    }

    /// Requests a ping in each interval. Returns when the peer has missed two of them.
    pub(super) async fn watch(&self, outgoing: &Outgoing, interval: Duration) {
        let mut ticks = interval_at(Instant::now() + interval, interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut misses = 0;
        loop {
            ticks.tick().await;
            misses = if self.take() { 0 } else { misses + 1 };
            if misses == MAX_MISSES {
                return;
            }
            outgoing.ping();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::websocket::rules::Rules;

    const INTERVAL: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn two_missed_pings_end_a_socket() {
        let (outgoing, start) = (Outgoing::new(&Rules::DEFAULT), Instant::now());
        Liveness::new().watch(&outgoing, INTERVAL).await;
        assert!(start.elapsed() >= 3 * INTERVAL);
    }

    #[tokio::test]
    async fn a_sign_of_life_and_a_pause_of_the_reader_count() {
        let (outgoing, liveness) = (Outgoing::new(&Rules::DEFAULT), Liveness::new());
        let live = async {
            for _ in 0..9 {
                tokio::time::sleep(INTERVAL).await;
                liveness.record();
            }
            liveness.pause(true);
            tokio::time::sleep(9 * INTERVAL).await;
        };
        tokio::select! {
            () = liveness.watch(&outgoing, INTERVAL) => panic!("the peer is alive"),
            () = live => {}
        }
    }
}
