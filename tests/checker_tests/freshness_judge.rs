//! Planted reads, each with the finding that the checker must report.

use std::time::{Duration, Instant};

use checkers::freshness::failure_log::{Failure, FailureLog};
use checkers::freshness::history::History;
use checkers::freshness::promises::{Breach, Class, Finding, Read, judge};
use checkers::freshness::statistics::Statistics;

/// Milliseconds after the beginning of a small history: version 1 is written from 100 to 110 by server 0, 2 from 1000 to 1010 by
/// server 1, and 3 is begun at 2000.
struct PlantedHistory {
    start: Instant,
    history: History,
    failure_log: FailureLog,
}

impl PlantedHistory {
    fn new() -> Self {
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut history = History::default();
        history.begin(at(100));
        history.acknowledge(at(110), 0);
        history.begin(at(1000));
        history.acknowledge(at(1010), 1);
        history.begin(at(2000));
        Self { start, history, failure_log: FailureLog::default() }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    fn with(mut self, failure: Failure, server: Option<usize>, from: u64, to: u64) -> Self {
        self.failure_log.begin(failure, server, self.at(from));
        self.failure_log.end(self.at(to));
        self
    }

    /// What a read at server 0 from one moment to the next is judged to be, for a reader that has `seen` a version.
    fn read(&self, class: Class, (from, to): (u64, u64), version: u64, seen: u64) -> Finding {
        let read = Read { class, server: 0, began: self.at(from), ended: self.at(to) };
        judge(&read, version, seen, &self.history, &self.failure_log)
    }
}

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn the_newest_value_and_one_being_written_are_fresh() {
    let planted = PlantedHistory::new();
    assert_eq!(planted.read(Class::Strict, (1020, 1025), 2, 2), Finding::Fresh);
    assert_eq!(planted.read(Class::Strict, (2005, 2006), 3, 2), Finding::Fresh);
    assert_eq!(planted.read(Class::Strict, (1005, 1020), 1, 1), Finding::Fresh);
}

#[test]
fn a_stale_strict_read_is_reported() {
    assert_eq!(PlantedHistory::new().read(Class::Strict, (1011, 1012), 1, 0), Finding::Broken(Breach::Stale(ms(1))));
    let disturbed = PlantedHistory::new().with(Failure::Flush, None, 1000, 1100);
    assert_eq!(disturbed.read(Class::Strict, (1011, 1012), 1, 0), Finding::Broken(Breach::Stale(ms(1))));
}

#[test]
fn lost_commands_excuse_a_stale_strict_read_for_d_and_no_longer() {
    let planted = PlantedHistory::new().with(Failure::Promotion, None, 900, 1100);
    assert_eq!(planted.read(Class::Strict, (1200, 1201), 1, 0), Finding::Stale(ms(190)));
    assert_eq!(planted.read(Class::Strict, (1270, 1271), 1, 0), Finding::Broken(Breach::StaleBeyondD(ms(260))));
    let long_ago = PlantedHistory::new().with(Failure::Promotion, None, 500, 760);
    assert_eq!(long_ago.read(Class::Strict, (1020, 1021), 1, 0), Finding::Broken(Breach::Stale(ms(10))));
}

#[test]
fn a_near_read_may_be_behind_for_d_but_not_at_its_writer() {
    let planted = PlantedHistory::new();
    assert_eq!(planted.read(Class::Near, (1200, 1300), 1, 0), Finding::Stale(ms(190)));
    assert_eq!(planted.read(Class::Near, (1261, 1262), 1, 0), Finding::Broken(Breach::StaleBeyondD(ms(251))));
    assert_eq!(planted.read(Class::Near, (120, 121), 0, 0), Finding::Broken(Breach::StaleAtItsWriter(ms(10))));
}

#[test]
fn an_older_value_after_a_newer_one_is_reported_unless_redis_failed() {
    assert_eq!(PlantedHistory::new().read(Class::Strict, (2020, 2021), 2, 3), Finding::Broken(Breach::Regressed(3)));
    let dead = PlantedHistory::new().with(Failure::KilledServer, Some(0), 2005, 2010);
    assert_eq!(dead.read(Class::Strict, (2020, 2021), 2, 3), Finding::Broken(Breach::Regressed(3)));
    let disturbed = PlantedHistory::new().with(Failure::KilledRedis, None, 2005, 2010);
    assert_eq!(disturbed.read(Class::Strict, (2020, 2021), 2, 3), Finding::Regression);
}

#[test]
fn a_value_that_was_never_written_is_reported() {
    assert_eq!(PlantedHistory::new().read(Class::Near, (1500, 1501), 3, 0), Finding::Broken(Breach::NeverWritten));
}

#[test]
#[should_panic(expected = "1 promises were broken")]
fn a_response_of_5xx_fails_a_run() {
    let mut statistics = Statistics::default();
    statistics.add(Class::Near, Finding::Stale(ms(10)), ToString::to_string);
    statistics.add(Class::Near, Finding::Broken(Breach::Status(503)), ToString::to_string);
    statistics.assert_promises_kept();
}

#[test]
fn a_missing_response_is_excused_only_while_its_own_server_is_killed() {
    let planted = PlantedHistory::new().with(Failure::KilledServer, Some(1), 1000, 1100);
    let was_down = |server, from, to| planted.failure_log.was_down(server, planted.at(from), planted.at(to));
    assert!(was_down(1, 900, 1050) && !was_down(0, 900, 1050) && !was_down(1, 800, 900));
}
