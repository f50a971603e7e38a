//! A limit of messages a second.

use std::time::Duration;

use tokio::time::Instant;

/// Admits a number of messages a second, and as many at once.
pub(super) struct Budget {
    burst: Duration,
    cost: Duration,
    /// When all admitted messages are paid for.
    paid_at: Instant,
}

impl Budget {
    pub(super) fn new(messages_per_second: u32, now: Instant) -> Self {
        let burst = Duration::from_secs(1);
        Self { burst, cost: burst / messages_per_second.max(1), paid_at: now }
    }

    /// Whether one more message is admitted.
    pub(super) fn spend(&mut self, now: Instant) -> bool {
        let paid_at = self.paid_at.max(now) + self.cost;
        let is_admitted = paid_at - now <= self.burst;
        if is_admitted {
            self.paid_at = paid_at;
        }
        is_admitted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_admitted_and_then_the_rate() {
        let start = Instant::now();
        let mut budget = Budget::new(20, start);
        let mut admitted = |after: u64| (0..30).filter(|_| budget.spend(start + Duration::from_millis(after))).count();
        assert_eq!([admitted(0), admitted(49), admitted(50), admitted(250), admitted(60_000)], [20, 0, 1, 4, 20]);
    }
}
