//! Events from outside: requests and failures. Each happens a limited number of times, at any moment.

use super::mutations::Mutation;
use super::state::{Change, Claim, Phase, Process, State};
use super::{Action, Jobs};

/// An event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A business transaction begins.
    Enqueues,
    /// A job is canceled.
    Cancels(usize),
    /// A process is killed.
    Kills(usize),
    /// A living worker is found gone by mistake.
    MistakenlyGone(usize),
    /// A process does not wait for the response of this transaction any more.
    TimesOut(usize),
    /// A process gets SIGTERM.
    Terminates(usize),
}

impl Jobs {
    /// The events that may happen.
    pub fn event_actions(&self, state: &State, actions: &mut Vec<Action>) {
        let budget = state.budget;
        let mut events = Vec::new();
        if budget.changes > 0 && state.enqueue.is_none() && self.may_insert(state) {
            events.push(Event::Enqueues);
        }
        if budget.cancellations > 0 {
            events.extend((0..state.jobs.len()).filter(|&job| self.may_cancel(state, job)).map(Event::Cancels));
        }
        for (index, Process { row, draining, .. }) in state.processes.iter().enumerate().filter(|(_, process)| process.alive) {
            events.extend((budget.kills > 0).then_some(Event::Kills(index)));
            events.extend((budget.mistakes > 0 && *row).then_some(Event::MistakenlyGone(index)));
            events.extend((budget.terminations > 0 && !draining).then_some(Event::Terminates(index)));
        }
        if budget.time_outs > 0 {
            events.extend((0..state.transactions.len()).filter(|&open| state.transactions[open].awaited).map(Event::TimesOut));
        }
        actions.extend(events.into_iter().map(Action::Event));
    }

    /// An event happens.
    pub fn apply(&self, state: &mut State, event: Event) {
        let budget = &mut state.budget;
        let left = match event {
            Event::Enqueues => &mut budget.changes,
            Event::Cancels(_) => &mut budget.cancellations,
            Event::Kills(_) => &mut budget.kills,
            Event::MistakenlyGone(_) => &mut budget.mistakes,
            Event::TimesOut(_) => &mut budget.time_outs,
            Event::Terminates(_) => &mut budget.terminations,
        };
        *left -= 1;
        match event {
            Event::Enqueues => self.enqueue(state),
            Event::Cancels(job) => self.cancel(state, job),
            Event::Kills(process) => Self::kill(state, process),
            Event::MistakenlyGone(process) => self.delete_row(state, process),
            Event::TimesOut(open) => self.time_out(state, open),
            Event::Terminates(process) => state.processes[process].draining = true,
        }
    }

    /// The outcome of a transaction is unknown to its process. It may be committed or rolled back at any later time.
    fn time_out(&self, state: &mut State, index: usize) {
        let open = &mut state.transactions[index];
        open.awaited = false;
        let process = &mut state.processes[open.by.process];
        let Change::Settle { fence, .. } = open.change else {
            process.claim = Claim::Idle;
            return state.transactions.sort();
        };
        let (job, is_blind) = (open.job, self.has(Mutation::UnknownSettlementIsRepeated));
        if self.has(Mutation::UnknownSettlementIsForgotten) {
            process.works.retain(|work| (work.job, work.fence) != (job, fence));
        }
        if let Some(work) = process.works.iter_mut().find(|work| (work.job, work.fence) == (job, fence)) {
            work.phase = if is_blind { Phase::Blind } else { Phase::Unknown };
        }
        state.transactions.sort();
    }
}
