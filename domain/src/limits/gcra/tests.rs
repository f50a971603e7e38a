//! The rule against two others: governor, and an exact model in rationals.

use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::FakeRelativeClock;
use governor::{Quota, RateLimiter};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;

/// Steps of each random run.
const STEPS: usize = 1_000_000;

fn one(limit: Limit, stored: Option<State>, now: i64) -> Taken {
    take(limit, stored, now, 1, 1)
}

/// Calls one at a time; returns how many were admitted.
fn admitted(limit: Limit, state: &mut Option<State>, now: i64, calls: usize) -> usize {
    let step = |state: &mut Option<State>| {
        let taken = one(limit, *state, now);
        *state = taken.write.or(*state);
        taken.granted as usize
    };
    (0..calls).map(|_| step(state)).sum()
}

fn random_limit(random: &mut StdRng) -> Limit {
    Limit::per(random.random_range(1..=200), random.random_range(1..=120))
}

#[test]
fn a_million_random_steps_agree_with_governor() {
    let random = &mut StdRng::seed_from_u64(12);
    for _ in 0..STEPS / 1000 {
        let limit = random_limit(random);
        let clock = FakeRelativeClock::default();
        let interval = Duration::from_micros(limit.interval_us().unsigned_abs());
        let quota = Quota::with_period(interval).unwrap().allow_burst(NonZeroU32::new(limit.quota()).unwrap());
        let oracle = RateLimiter::direct_with_clock(quota, clock.clone());
        let (mut state, mut now) = (None, 0_i64);
        for _ in 0..1000 {
            let pause = random.random_range(0..=2 * limit.interval_us());
            clock.advance(Duration::from_micros(pause.unsigned_abs()));
            now += pause;
            let cost = random.random_range(1..=limit.quota() + 2).min(random.random_range(1..=limit.quota() + 2));
            let taken = take(limit, state, now, cost, cost);
            state = taken.write.or(state);
            match oracle.check_n(NonZeroU32::new(cost).unwrap()) {
                Err(_) => assert!(taken.granted == 0 && cost > limit.quota() && limit.retry_us(taken.debt_us, cost).is_none()),
                Ok(decision) => assert_eq!(taken.granted > 0, decision.is_ok(), "{limit} {cost} at {now}"),
            }
        }
    }
}

/// A limit as what is used, in parts of a request: exact, without theoretical arrival times.
struct Model {
    limit: Limit,
    /// Used requests times the interval.
    used: i128,
    now: i64,
}

impl Model {
    fn advance(&mut self, now: i64) {
        self.used = (self.used - i128::from(now - self.now)).max(0);
        self.now = now;
    }

    fn change(&mut self, limit: Limit) {
        let interval = i128::from(self.limit.interval_us());
        if limit.interval_us() != self.limit.interval_us() {
            let used = (self.used + interval - 1) / interval;
            self.used = used.min(i128::from(limit.quota())) * i128::from(limit.interval_us());
        }
        self.limit = limit;
    }

    fn take(&mut self, cost: u32) -> bool {
        let cost = i128::from(cost) * i128::from(self.limit.interval_us());
        let is_admitted = self.used + cost <= i128::from(self.limit.burst_us());
        if is_admitted {
            self.used += cost;
        }
        is_admitted
    }
}

#[test]
fn a_million_random_steps_with_changes_of_the_limit_agree_with_an_exact_model() {
    let random = &mut StdRng::seed_from_u64(13);
    let limit = random_limit(random);
    let (mut model, mut state) = (Model { limit, used: 0, now: 0 }, None);
    let mut retries = 0;
    for _ in 0..STEPS {
        let now = model.now + random.random_range(0..=3 * model.limit.interval_us());
        model.advance(now);
        if random.random_ratio(1, 50) {
            model.change(random_limit(random));
        }
        let cost = random.random_range(1..=4);
        let taken = take(model.limit, state, now, cost, cost);
        let is_admitted = model.take(cost);
        assert_eq!(taken.granted > 0, is_admitted);
        assert!(is_admitted || taken.write.is_none_or(|written| Some(written.interval_us) != state.map(|old| old.interval_us)));
        state = taken.write.or(state);
        if let Some(retry) = model.limit.retry_us(taken.debt_us, cost).filter(|_| !is_admitted) {
            let early = take(model.limit, state, now + retry - 1, cost, cost);
            let due = take(model.limit, state, now + retry, cost, cost);
            assert_eq!((early.granted, due.granted), (0, cost), "the delay is exact");
            retries += 1;
        }
    }
    assert!(retries > STEPS / 100, "{retries}");
}

#[test]
fn lawful_requests_are_never_refused() {
    let (limit, mut state) = (Limit::per(3000, 1), None);
    // 500 requests a second for ten minutes, over many edges of windows.
    for number in 0..300_000 {
        assert_eq!(admitted(limit, &mut state, number * 2000, 1), 1, "request {number}");
    }
}

#[test]
fn a_clock_that_goes_back_refills_nothing() {
    let (limit, mut state) = (Limit::per(4, 4), None);
    let second = 1_000_000;
    let start = 1000 * second;
    assert_eq!(admitted(limit, &mut state, start, 4), 4);
    assert_eq!(admitted(limit, &mut state, start - 10 * second, 1), 0);
    assert_eq!(admitted(limit, &mut state, start, 4), 0);
    assert_eq!(admitted(limit, &mut state, start + 4 * second, 5), 4);
}

#[test]
fn a_clock_that_is_set_back_far_locks_nobody_out() {
    let (limit, mut state) = (Limit::per(4, 4), None);
    let hour = 3_600_000_000;
    assert_eq!(admitted(limit, &mut state, 2 * hour, 4), 4);
    assert_eq!(admitted(limit, &mut state, hour, 4), 0, "the change of the clock itself refills nothing");
    assert_eq!(admitted(limit, &mut state, hour + 4_000_000, 5), 4);
}

#[test]
fn a_refusal_writes_nothing_and_a_raised_limit_helps_at_once() {
    let mut state = None;
    assert_eq!(admitted(Limit::per(10, 3600), &mut state, 0, 50), 10);
    let before = state;
    assert_eq!(admitted(Limit::per(10, 3600), &mut state, 0, 50), 0);
    assert_eq!(state, before);
    assert_eq!(admitted(Limit::per(20, 3600), &mut state, 0, 50), 10);
}

#[test]
fn a_lowered_limit_applies_at_once() {
    let mut state = None;
    assert_eq!(admitted(Limit::per(20, 3600), &mut state, 0, 15), 15);
    assert_eq!(admitted(Limit::per(10, 3600), &mut state, 0, 5), 0);
    assert_eq!(admitted(Limit::per(10, 3600), &mut state, 360_000_000, 5), 1);
}

#[test]
fn as_much_as_there_is_can_be_taken() {
    let limit = Limit::per(10, 10);
    let first = take(limit, None, 0, 1, 8);
    let second = take(limit, first.write, 0, 1, 8);
    assert_eq!((first.granted, second.granted, take(limit, second.write, 0, 1, 8).granted), (8, 2, 0));
    assert_eq!(take(limit, None, 0, 11, 11), Taken { granted: 0, debt_us: 0, write: None });
    assert_eq!(take(limit, second.write.map(refund), 0, 1, 1).granted, 1);
}
