//! Long random histories of a subscription: grants match payments, and the invariants hold.

use crate::billing::payments::Item;
use std::collections::{HashMap, HashSet};

use proptest::prelude::*;

use super::*;
use crate::billing::subscriptions::EndReason;

/// Number of histories, and of operations in each: more than a million operations in total.
const HISTORIES: u32 = 1_500;
const OPERATIONS: usize = 700;

/// An operation in a history.
#[derive(Debug, Clone)]
enum Operation {
    /// Advance the time by some hours, and apply the timed events that are due.
    Advance(i64),
    /// One of the newest open payments succeeds, counted from the newest.
    Pay(usize),
    /// One of the newest open payments fails.
    Fail(usize),
    /// The money of one of the newest received payments is gone or back.
    Money(usize, bool),
    /// A payment is disputed.
    Dispute,
    /// The user sends a command.
    Command(Event),
}

/// Decodes an operation from random numbers. A proptest strategy would take longer than the tested code.
fn operation(kind: u8, value: u16) -> Operation {
    let one_of_three = usize::from(value % 3);
    match kind {
        0..80 => Operation::Advance(1 + i64::from(value % 400)),
        80..90 => Operation::Advance(400 + i64::from(value % 2_600)),
        90..160 => Operation::Pay(one_of_three),
        160..180 => Operation::Fail(one_of_three),
        180..181 => Operation::Dispute,
        181..182 => Operation::Money(one_of_three, value.is_multiple_of(5)),
        182..184 => Operation::Command(Event::Cancel),
        184..194 => Operation::Command(Event::CancelAtPeriodEnd),
        194..196 => Operation::Command(Event::MethodSet(card())),
        196..214 => Operation::Command(Event::Resume),
        214..224 => Operation::Command(Event::Pause),
        224..236 => Operation::Command(Event::Change(if value.is_multiple_of(3) { plus() } else { pro() })),
        236..246 => Operation::Command(Event::ChangeAtPeriodEnd(plus())),
        246.. => Operation::Command(Event::ChangeAtPeriodEnd(Plan { interval: Interval::Year, ..pro() })),
    }
}

/// A subscription, with the payments and grants so far.
struct History {
    now: Time,
    subscription: Subscription,
    /// Requested payments that are neither paid nor voided, the newest last.
    open: Vec<Item>,
    paid: HashSet<i64>,
    /// Received payments, the newest last, with whether their money is gone.
    received: Vec<(Item, bool)>,
    /// When the payment of the period was first requested.
    requested: HashMap<i64, Time>,
    granted: HashSet<GrantOf>,
    changes_paid: usize,
}

impl History {
    fn start(now: Time, trial_allowed: bool) -> Self {
        let Step { subscription, effects, .. } = start(&plus(), trial_allowed, Some(card()), now);
        let (paid, granted, requested) = (HashSet::new(), HashSet::new(), HashMap::new());
        let (open, received) = (Vec::new(), Vec::new());
        let mut history = Self { now, subscription, open, paid, received, requested, granted, changes_paid: 0 };
        history.apply_effects(effects);
        history
    }

    fn apply_effects(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Void => self.open.clear(),
                Effect::TakeTrialCoins => assert!(self.granted.contains(&GrantOf::Trial)),
                Effect::Charge(charge) => {
                    assert!(
                        !self.subscription.needs_method || self.subscription.state == State::Paused,
                        "{:?}",
                        self.subscription
                    );
                    if let Item::Period(index) = charge.item {
                        self.requested.entry(index).or_insert(self.now);
                    }
                    assert!(charge.amount_cents > 0 && charge.coins >= 0, "{charge:?}");
                    self.open.retain(|open| *open != charge.item);
                    self.open.push(charge.item);
                }
                Effect::Grant(grant) => {
                    assert!(grant.coins >= 0 && grant.expires_at > self.now, "{grant:?}");
                    assert!(self.granted.insert(grant.of), "{grant:?} was granted twice");
                }
            }
        }
    }

    fn apply(&mut self, event: &Event) -> bool {
        let Ok(step) = step(&self.subscription, event, self.now) else { return false };
        let (before, after) = (&self.subscription, &step.subscription);
        let money = matches!(event, Event::Restored(_) | Event::Returned(Item::Change(_)));
        assert!(!before.state.is_final() || money, "{event:?} changed a subscription in a final state");
        assert!(!before.state.is_final() || after.state.is_final() || after.cancel_at_period_end, "{event:?}");
        assert!(after.version > before.version || after == before, "{event:?}");
        assert!(after.period_index >= before.period_index && step.missed_periods >= 0, "{event:?}");
        self.subscription = step.subscription;
        self.apply_effects(step.effects);
        true
    }

    /// Advances the time at once, as after downtime, and applies all timed events that are due.
    fn advance(&mut self, hours: i64) {
        self.now += TimeDelta::hours(hours);
        let mut steps = 0;
        while let Some((_, event)) = self.subscription.due().filter(|(at, _)| *at <= self.now) {
            assert!(self.apply(&event), "{event:?} is due and refused: {:?}", self.subscription);
            steps += 1;
            assert!(steps < 10, "an event is still due: {:?}", self.subscription);
        }
    }

    fn pay(&mut self, item: Item) {
        let was_trial = self.subscription.state == State::Trialing;
        if !self.apply(&Event::PaymentOk(item)) {
            return;
        }
        self.open.retain(|open| *open != item);
        let first_period = matches!(item, Item::Change(_)) && was_trial;
        let item = if first_period { Item::Period(self.subscription.period_index) } else { item };
        self.received.push((item, false));
        match item {
            Item::Period(index) => assert!(self.paid.insert(index), "{index} was paid twice"),
            Item::Change(_) => self.changes_paid += 1,
        }
        let before = self.subscription.clone();
        if matches!(item, Item::Period(index) if index == before.period_index) {
            self.apply(&Event::PaymentOk(item));
            assert_eq!(self.subscription, before);
        }
    }

    /// The money of a received payment is gone or back. The plan in force is recomputed from all received payments.
    fn move_money(&mut self, index: usize, gone: bool) {
        let Some((item, is_gone)) = self.received.iter_mut().rev().nth(index) else { return };
        if *is_gone == gone {
            return;
        }
        *is_gone = gone;
        let event = if gone { Event::Returned(*item) } else { Event::Restored(*item) };
        self.apply(&event);
    }

    fn is_gone(&self, item: Item) -> bool {
        self.received.contains(&(item, true))
    }

    /// Asserts that the plan in force follows from the received payments of the period, and that an unpaid period applies for seven days.
    fn check_money(&self) {
        let Subscription { state, upgrades, plan, period_plan, period_index, period_paid, .. } = &self.subscription;
        let mut standing: Vec<PaymentId> = Vec::new();
        for upgrade in upgrades.iter().filter(|upgrade| !self.is_gone(Item::Change(upgrade.payment))) {
            standing.extend(upgrade.on.is_none_or(|on| standing.contains(&on)).then_some(upgrade.payment));
        }
        if *state == State::Active {
            let last = upgrades.iter().rfind(|upgrade| standing.contains(&upgrade.payment));
            assert_eq!(plan, last.map_or(period_plan, |upgrade| &upgrade.plan), "{:?}", self.subscription);
            assert!(!period_paid || !self.is_gone(Item::Period(*period_index)));
        }
        if matches!(state, State::Active | State::PastDue) && !period_paid {
            let requested = self.requested[period_index];
            assert_eq!(self.subscription.grace_until, Some(requested + GRACE));
            assert!(!self.subscription.entitles(requested + GRACE));
        }
    }

    /// Asserts the invariants.
    fn check_invariants(&self) {
        let Subscription { state, period_start, period_end, anchor_at, pending_change, plan, .. } = &self.subscription;
        let granted = |is: fn(&GrantOf) -> bool| self.granted.iter().filter(|of| is(of)).count();
        assert_eq!(granted(|of| matches!(of, GrantOf::Period { .. })), self.paid.len(), "one grant per paid period");
        assert_eq!(granted(|of| matches!(of, GrantOf::Change(_))), self.changes_paid);
        assert!(period_start < period_end);
        let runs = *state == State::Trialing || (*state == State::Active && self.subscription.period_paid);
        assert!(!runs || *period_end > self.now);
        assert!(*state != State::PastDue || self.subscription.grace_until.is_some());
        assert!(!state.is_final() || self.open.is_empty() && pending_change.is_none());
        let awaited = pending_change.as_ref().and_then(|pending| pending.payment).map(Item::Change);
        assert!(awaited.is_none_or(|item| self.open.contains(&item)));
        if self.subscription.period_index > 0 {
            let months = (0..).map(|n| crate::billing::subscriptions::after(*anchor_at, plan.interval, n));
            assert!(
                months.take_while(|month| month <= period_end).any(|month| month == *period_end),
                "periods are counted from the anchor"
            );
        }
        for action in self.subscription.allowed_actions() {
            assert!(*state != State::Canceled || action == Action::Subscribe);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 5_000, ..ProptestConfig::with_cases(HISTORIES) })]
    #[test]
    fn every_history_grants_coins_exactly_for_what_was_paid(
        operations in prop::collection::vec(any::<(u8, u16)>(), OPERATIONS),
        trial_allowed: bool,
    ) {
        let mut history = History::start(at("2027-01-31T10:00:00Z"), trial_allowed);
        for (kind, value) in operations {
            match operation(kind, value) {
                Operation::Advance(hours) => history.advance(hours),
                Operation::Pay(index) => {
                    if let Some(item) = history.open.iter().rev().nth(index).copied() {
                        history.pay(item);
                    }
                }
                Operation::Fail(index) => {
                    if let Some(item) = history.open.iter().rev().nth(index).copied() {
                        history.apply(&Event::PaymentFailed(item));
                    }
                }
                Operation::Money(index, gone) => history.move_money(index, gone),
                Operation::Dispute => {
                    history.apply(&Event::Disputed);
                }
                Operation::Command(event) => {
                    history.apply(&event);
                }
            }
            history.check_invariants();
            history.check_money();
            let returned = history.subscription.end_reason == Some(EndReason::Returned);
            if history.subscription.state.is_final() && !(returned && value.is_multiple_of(7)) {
                history = History::start(history.now, false);
            }
        }
    }
}
