//! The protocol as a [`Model`]: what may happen next, and what comes of it.

use stateright::{Model, Property};

use super::faults::Fault;
use super::plants::Plant;
use super::scenarios::Scenario;
use super::state::{Owes, Position, READS, Read, Reading, Redis, State, Value, WORKERS, WRITES, Worker, Write, Writing};

/// "strict" or "near".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Strict,
    Near,
}

/// The protocol in one scenario, sound or with a planted fault.
#[derive(Debug, Clone, Copy)]
pub struct Protocol {
    pub scenario: Scenario,
    pub plant: Option<Plant>,
}

/// Something that may happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// A read takes its next step.
    Read(usize),
    /// A read has waited long enough for another's fill.
    GivesUp(usize),
    /// A write takes its next step.
    Write(usize),
    /// A transaction of which nobody hears commits, or does not.
    Resolves(usize, bool),
    /// The client repeats a write that has happened, at this worker.
    Replay(usize, u8),
    /// A worker polls the log.
    Polls(usize),
    /// A worker takes in the late answer to its poll.
    Learns(usize),
    /// D has passed since the oldest commit that was younger.
    TimePasses,
    /// A barrier's member expires: "it outlives the transaction's cap and its commit".
    BarrierEnds(usize),
    /// A late command arrives.
    Arrives(usize),
    /// Redis saves a snapshot, or a replica stops following.
    BacksUp,
    Fails(Fault, usize),
}

impl Protocol {
    pub fn has(&self, plant: Plant) -> bool {
        self.plant == Some(plant)
    }

    pub fn class(&self) -> Class {
        self.scenario.class
    }

    pub fn logs(&self) -> bool {
        self.scenario.logs
    }

    /// "failover that loses commands, restored snapshot": only D is promised.
    pub fn loses_commands(&self) -> bool {
        self.scenario.faults.contains(&Fault::Restored)
    }

    /// Tells if it made sense.
    fn happens(&self, state: &mut State, action: Action) -> bool {
        match action {
            Action::Read(r) => self.read(state, r),
            Action::GivesUp(r) => {
                state.reads[r].step = Reading::Direct;
                self.read(state, r);
            }
            Action::Write(w) => self.write(state, w),
            Action::Resolves(w, commits) => self.resolve(state, w, commits),
            Action::Replay(w, worker) => self.replay(state, w, worker),
            Action::Polls(k) => self.apply(state, k, self.poll(state, k)),
            Action::Learns(k) => {
                if let Some(poll) = state.workers[k].poll.take() {
                    self.apply(state, k, poll);
                }
            }
            Action::TimePasses => state.old += 1,
            Action::BarrierEnds(w) => state.redis.barrier &= !(1 << w),
            Action::Arrives(i) => {
                if let Some(command) = state.late[i].take() {
                    self.arrive(&mut state.redis, command);
                }
                state.late.sort_unstable();
            }
            Action::BacksUp => state.backup = Some(state.redis),
            Action::Fails(fault, target) => return self.fail(state, fault, target),
        }
        true
    }
}

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        const START: Position = 1;
        let Scenario { reads, writes, budget, .. } = self.scenario;
        let read = |r: usize| Read {
            worker: reads.get(r).copied().unwrap_or_default(),
            step: if r < reads.len() { Reading::Ahead } else { Reading::Over },
            owes: Owes::default(),
        };
        let write = |w: usize| Write {
            worker: writes.get(w).copied().unwrap_or_default(),
            step: if w < writes.len() { Writing::Ahead } else { Writing::Gone },
            position: 0,
            version: 0,
            logged: false,
        };
        let worker = Worker { floor: START, cursor: START, ..Worker::default() };
        let cold = State {
            writes: std::array::from_fn::<_, WRITES, _>(write),
            reads: std::array::from_fn::<_, READS, _>(read),
            workers: [worker; WORKERS],
            redis: Redis::default(),
            backup: None,
            late: [None; super::state::LATE],
            pruned: START,
            old: 0,
            seen: 0,
            barred: true,
            faults: budget,
            broken: None,
        };
        let mut warm = cold.clone();
        warm.redis.value = Some(Value { version: 0, stamp: START, id: super::state::EARLIER });
        vec![cold, warm]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_none() && state.reads.iter().any(|read| read.step != Reading::Over) {
            self.of_reads(state, actions);
            self.of_writes(state, actions);
            self.of_workers(state, actions);
            self.of_redis(state, actions);
            if state.faults > 0 {
                for &fault in self.scenario.faults {
                    actions.extend(fault.targets(state).into_iter().map(|target| Action::Fails(fault, target)));
                }
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let happened = self.happens(&mut next, action);
        next.tidy();
        happened.then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("every promise is kept", |_, state: &State| state.broken.is_none())]
    }
}
