//! The script in Redis, by itself: the rule for states that no request can bring about in a short test.

use harness::{Redis, run_alone};

/// The script.
const SCRIPT: &str = include_str!("../../infra/src/limits/take.lua");
/// Microseconds of an interval that no test outlasts.
const INTERVAL: i64 = 1_000_000_000;

/// A limit to take from: key, quota, interval, least, most.
type Asked<'a> = (&'a str, i64, i64, i64, i64);

/// The reply: whether it was granted, then per limit what was granted and the debt.
fn take(redis: &Redis, asked: &[Asked]) -> Vec<i64> {
    let (number, mut arguments) = (asked.len().to_string(), Vec::new());
    for (_, quota, interval, least, most) in asked {
        arguments.extend([quota, interval, least, most].map(ToString::to_string));
    }
    let head = ["EVAL", SCRIPT, number.as_str()].into_iter().chain(asked.iter().map(|(key, ..)| *key));
    let command: Vec<&str> = head.chain(arguments.iter().map(String::as_str)).collect();
    redis.run(&command).lines().map(|line| line.parse().unwrap()).collect()
}

fn granted(redis: &Redis, key: &str, quota: i64, interval: i64, times: usize) -> i64 {
    (0..times).map(|_| take(redis, &[(key, quota, interval, 1, 1)])[1]).sum()
}

/// Writes a state of this interval that is full in so many microseconds.
fn set_debt(redis: &Redis, key: &str, debt: i64, interval: i64) -> String {
    let time = redis.run(&["TIME"]);
    let (seconds, micros) = time.split_once('\n').unwrap();
    let now = seconds.parse::<i64>().unwrap() * 1_000_000 + micros.parse::<i64>().unwrap();
    let state = format!("{} {interval}", now + debt);
    redis.run(&["SET", key, &state]);
    state
}

fn on_redis(test: impl FnOnce(&Redis)) {
    run_alone(async { test(&Redis::running().await) });
}

#[test]
fn a_raised_limit_admits_exactly_what_it_has_more() {
    on_redis(|redis| {
        assert_eq!(granted(redis, "a", 10, 360_000_000, 50), 10);
        let state = redis.run(&["GET", "a"]);
        assert_eq!(granted(redis, "a", 10, 360_000_000, 5), 0);
        assert_eq!(redis.run(&["GET", "a"]), state, "a refusal writes nothing");
        assert_eq!(granted(redis, "a", 20, 180_000_000, 50), 10);
        assert_eq!(granted(redis, "a", 5, 720_000_000, 5), 0, "a lowered limit applies at once");
    });
}

#[test]
fn limits_decide_together() {
    on_redis(|redis| {
        let both = [("{x}:small", 2, INTERVAL, 1, 1), ("{x}:large", 100, INTERVAL, 1, 8)];
        assert_eq!(take(redis, &both), [1, 1, INTERVAL, 8, 8 * INTERVAL]);
        assert_eq!(take(redis, &both)[0], 1);
        let refused = take(redis, &both);
        assert_eq!((refused[0], refused[1], refused[3]), (0, 0, 0));
        let left = take(redis, &[("{x}:large", 100, INTERVAL, 1, 1000)]);
        assert_eq!(left[1], 100 - 16, "the refusal has charged neither, and a lease is what is left");
    });
}

#[test]
fn a_clock_that_is_set_back_refills_nothing_and_locks_nobody_out() {
    on_redis(|redis| {
        let (quota, interval) = (4, 100_000_000);
        let state = set_debt(redis, "back", quota * interval + 10_000_000, interval);
        assert_eq!(granted(redis, "back", quota, interval, 4), 0);
        assert_eq!(redis.run(&["GET", "back"]), state, "ten seconds may be another server's clock");
        set_debt(redis, "far", quota * interval + 3_600_000_000, interval);
        let reply = take(redis, &[("far", quota, interval, 1, 1)]);
        assert_eq!(reply, [0, 0, quota * interval]);
        assert_ne!(redis.run(&["PTTL", "far"]), "-1");
    });
}

#[test]
fn every_state_grants_what_the_rule_says() {
    on_redis(|redis| {
        for _ in 0..200 {
            let quota = rand::random_range(1..=1_000_i64);
            let (used, old_interval) =
                (rand::random_range(0..=2 * quota), [INTERVAL, 2 * INTERVAL, INTERVAL / 3][rand::random_range(0..3)]);
            set_debt(redis, "state", used * old_interval, old_interval);
            let (least, most) = (rand::random_range(1..=3), rand::random_range(1..=100));
            let reply = take(redis, &[("state", quota, INTERVAL, least, most)]);
            let free = (quota - used).max(0);
            let expected = if free < least { 0 } else { most.max(least).min(free) };
            assert_eq!((reply[0], reply[1]), (i64::from(expected > 0), expected), "{used} of {quota}, {least} to {most}");
        }
    });
}

#[test]
fn a_damaged_value_counts_as_a_full_limit() {
    on_redis(|redis| {
        redis.run(&["LPUSH", "list", "x"]);
        redis.run(&["SET", "text", "no state"]);
        redis.run(&["SET", "zero", "99999999999999999 0"]);
        for key in ["list", "text"] {
            assert_eq!(granted(redis, key, 3, INTERVAL, 5), 3, "{key}");
        }
        assert_eq!(granted(redis, "zero", 3, INTERVAL, 5), 0);
    });
}
