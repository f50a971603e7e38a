//! The protocol as a [`Model`] for the checker.

use stateright::{Model, Property};

use super::protocol::{Action, Protocol};
use super::scenarios::Scenario;
use super::state::{EARLIER, LATE, Position, READS, Redis, State, Value, WORKERS, WRITES, Worker};
use super::steps::{Read, Reading, Requirements, Write, Writing};

impl Model for Protocol {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        const START: Position = 1;
        let Scenario { reads, writes, budget, .. } = self.scenario;
        let read = |r: usize| Read {
            worker: reads.get(r).copied().unwrap_or_default(),
            step: if r < reads.len() { Reading::NotBegun } else { Reading::Done },
            requirements: Requirements::default(),
        };
        let write = |w: usize| Write {
            worker: writes.get(w).copied().unwrap_or_default(),
            step: if w < writes.len() { Writing::NotBegun } else { Writing::Aborted },
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
            newest_response: 0,
            barred: true,
            failures: budget,
            down: false,
            broken: None,
        };
        let mut warm = cold.clone();
        warm.redis.value = Some(Value { version: 0, stamp: START, id: EARLIER });
        vec![cold, warm]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.broken.is_none() && state.reads.iter().any(|read| read.step != Reading::Done) {
            Self::read_actions(state, actions);
            self.write_actions(state, actions);
            self.worker_actions(state, actions);
            self.redis_actions(state, actions);
            if state.failures > 0 {
                for &failure in self.scenario.failures {
                    actions.extend(failure.targets(state).into_iter().map(|target| Action::Fails(failure, target)));
                }
            }
        }
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = state.clone();
        let applied = self.apply_action(&mut next, action);
        next.normalise();
        applied.then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![Property::always("every promise is kept", |_, state: &State| state.broken.is_none())]
    }
}
