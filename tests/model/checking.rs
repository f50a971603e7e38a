//! The protocol as a [`Model`] for the checker.

use stateright::{Model, Property};

use super::protocol::{Action, Protocol};
use super::scenarios::Scenario;
use super::state::{EARLIER, LATE, Position, READS, Redis, State, Value, WORKERS, WRITES, Worker};
use super::steps::{Owes, Read, Reading, Write, Writing};

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
            late: [None; LATE],
            pruned: START,
            old: 0,
            seen: 0,
            barred: true,
            faults: budget,
            down: false,
            broken: None,
        };
        let mut warm = cold.clone();
        warm.redis.value = Some(Value { version: 0, stamp: START, id: EARLIER });
        vec![cold, warm]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_none() && state.reads.iter().any(|read| read.step != Reading::Over) {
            Self::of_reads(state, actions);
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
