//! When is a worker gone? The rule of an observer, who reads the table of workers about each half second.
//!
//! A worker is gone when its beat number has stood still for 6 s by the observer's monotonic clock, while the observer's own beats and
//! reads succeeded without a gap. What stops the observer (an outage or a write lock of the database, a pause of its process) may
//! have stopped the others, so after a gap it begins anew.

use std::collections::BTreeMap;
use std::time::Instant;

use domain::ids::WorkerId;

use super::timing::{GONE, MAX_GAP};

/// One round of an observer, whose beat and read succeeded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// When it began to read.
    pub(super) began: Instant,
    /// When it had read.
    pub(super) ended: Instant,
}

/// A beat number that was read, and the end of the first round that read it.
#[derive(Debug, Clone, Copy)]
struct Sighting {
    beat: i64,
    since: Instant,
}

/// The beats that an observer has read without a gap.
#[derive(Debug, Default)]
pub(super) struct Observation {
    sightings: BTreeMap<WorkerId, Sighting>,
    last: Option<Instant>,
}

impl Observation {
    /// Records the beats of the other workers. Returns those that are gone, with the beat that stood still.
    pub(super) fn record(&mut self, beats: &[(WorkerId, i64)], round: Round) -> Vec<(WorkerId, i64)> {
        let is_interrupted = self.last.is_some_and(|last| round.ended.saturating_duration_since(last) > MAX_GAP);
        if is_interrupted {
            self.sightings.clear();
        }
        self.last = Some(round.ended);
        let before = std::mem::take(&mut self.sightings);
        for &(worker, beat) in beats {
            let known = before.get(&worker).filter(|known| known.beat == beat).copied();
            self.sightings.insert(worker, known.unwrap_or(Sighting { beat, since: round.ended }));
        }
        let is_gone = |sighting: &Sighting| round.began.saturating_duration_since(sighting.since) >= GONE;
        let gone = self.sightings.iter().filter(|(_, sighting)| is_gone(sighting));
        gone.map(|(worker, sighting)| (*worker, sighting.beat)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::Time;
    use proptest::prelude::*;

    use super::*;

    fn worker() -> WorkerId {
        WorkerId::generate(Time::UNIX_EPOCH)
    }

    /// A round that ends this many milliseconds after the start, and takes 10.
    fn round(start: Instant, ends: u64) -> Round {
        Round { began: start + Duration::from_millis(ends - 10), ended: start + Duration::from_millis(ends) }
    }

    /// The time at which rounds each half second find a worker gone that beats no more.
    fn found_gone(rounds: impl Iterator<Item = u64>) -> Option<u64> {
        let (start, worker, mut observation) = (Instant::now(), worker(), Observation::default());
        let mut rounds = rounds;
        rounds.find(|&ends| !observation.record(&[(worker, 7)], round(start, ends)).is_empty())
    }

    #[test]
    fn a_beat_that_stands_still_for_six_seconds_is_gone() {
        assert_eq!(found_gone((1..40).map(|n| n * 500)), Some(7000));
    }

    #[test]
    fn a_gap_in_the_rounds_of_the_observer_begins_the_watch_anew() {
        let before = (1..=10).map(|n| n * 500);
        assert_eq!(found_gone(before.clone().chain((13..60).map(|n| n * 500))), Some(13_000));
        assert_eq!(found_gone(before.chain([25_000])), None);
    }

    #[test]
    fn a_worker_that_beats_or_is_replaced_is_never_gone() {
        let (start, worker, mut observation) = (Instant::now(), worker(), Observation::default());
        for n in 1..100_u32 {
            let beats = [(worker, i64::from(n / 11)), (self::worker(), 7)];
            assert_eq!(observation.record(&beats, round(start, u64::from(n) * 500)), [], "round {n}");
        }
    }

    proptest! {
        /// Rounds at random times, and a worker that beats whenever the observer does, up to 5 s late.
        #[test]
        fn a_worker_that_is_late_by_less_than_the_limit_is_never_gone(
            rounds in prop::collection::vec((20..4000_u64, 0..5000_u64), 1..80),
        ) {
            let (start, worker, mut observation) = (Instant::now(), worker(), Observation::default());
            let (mut now, mut beat, mut beaten) = (0, 0, 0);
            for (pause, lateness) in rounds {
                now += pause;
                if now - beaten >= lateness {
                    (beat, beaten) = (beat + 1, now);
                }
                let gone = observation.record(&[(worker, beat)], round(start, now));
                prop_assert!(gone.is_empty() || now - beaten >= 5000, "{now} {beaten}");
            }
        }

        /// Whatever the gaps, nobody is found gone sooner than 6 s after its last beat was first read.
        #[test]
        fn nobody_is_gone_before_six_seconds(pauses in prop::collection::vec((20..1500_u64, any::<bool>()), 1..80)) {
            let (start, worker, mut observation) = (Instant::now(), worker(), Observation::default());
            let (mut now, mut beat, mut first_read) = (0, 0, 0);
            for (pause, beats) in pauses {
                now += pause;
                if beats || now == pause {
                    (beat, first_read) = (beat + 1, now);
                }
                let gone = observation.record(&[(worker, beat)], round(start, now));
                prop_assert!(gone.is_empty() || now - first_read >= 6000);
            }
        }
    }
}
