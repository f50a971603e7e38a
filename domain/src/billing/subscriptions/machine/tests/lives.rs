//! Long random lives of a subscription, against what its user pays and gets.

use crate::billing::payments::Item;
use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

/// Lives, and events in each: a million and more together.
const LIVES: u32 = 1_500;
const EVENTS: usize = 700;

/// Something that happens in a life.
#[derive(Debug, Clone)]
enum Happening {
    /// So many hours go by; what is due meanwhile happens.
    Hours(i64),
    /// A payment that was asked for succeeds: one of the latest.
    Pays(usize),
    /// One of them fails.
    Fails(usize),
    /// The last period is returned.
    Returns,
    /// The user wishes something.
    Wishes(Event),
}

/// What numbers stand for: a million values of a strategy would take longer than what is tried.
fn happening(kind: u8, much: u16) -> Happening {
    let one_of_three = usize::from(much % 3);
    match kind {
        0..80 => Happening::Hours(1 + i64::from(much % 400)),
        80..90 => Happening::Hours(400 + i64::from(much % 2_600)),
        90..160 => Happening::Pays(one_of_three),
        160..180 => Happening::Fails(one_of_three),
        180..182 => Happening::Returns,
        182..184 => Happening::Wishes(Event::Cancel),
        184..194 => Happening::Wishes(Event::CancelAtPeriodEnd),
        194..214 => Happening::Wishes(Event::Resume),
        214..224 => Happening::Wishes(Event::Pause),
        224..236 => Happening::Wishes(Event::Change(if much.is_multiple_of(3) { plus() } else { pro() })),
        236..246 => Happening::Wishes(Event::ChangeAtPeriodEnd(plus())),
        246.. => Happening::Wishes(Event::ChangeAtPeriodEnd(Plan { interval: Interval::Year, ..pro() })),
    }
}

/// A user who subscribes again whenever it is over.
struct Life {
    now: Time,
    subscription: Subscription,
    /// Payments that were asked for and neither paid nor voided, by what they are for.
    open: Vec<Item>,
    paid: HashSet<i64>,
    granted: HashSet<GrantOf>,
    changes_paid: usize,
}

impl Life {
    fn begins(now: Time, may_try: bool) -> Self {
        let Step { subscription, effects, .. } = start(&plus(), may_try, Some(card()), now);
        let (paid, granted) = (HashSet::new(), HashSet::new());
        let mut life = Self { now, subscription, open: Vec::new(), paid, granted, changes_paid: 0 };
        life.take(effects);
        life
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Void => self.open.clear(),
                Effect::Charge(charge) => {
                    assert!(charge.amount_cents > 0 && charge.coins >= 0, "{charge:?}");
                    self.open.retain(|open| *open != charge.item);
                    self.open.push(charge.item);
                }
                Effect::Grant(grant) => {
                    assert!(grant.coins >= 0 && grant.expires_at > self.now, "{grant:?}");
                    assert!(self.granted.insert(grant.of), "{grant:?} came twice");
                }
            }
        }
    }

    fn happens(&mut self, event: &Event) -> bool {
        let Ok(step) = step(&self.subscription, event, self.now) else { return false };
        let (before, after) = (&self.subscription, &step.subscription);
        assert!(!before.state.is_final(), "{event:?} moved what is over");
        assert!(after.version > before.version || after == before, "{event:?}");
        assert!(after.period_index >= before.period_index && step.missed_periods >= 0, "{event:?}");
        self.subscription = step.subscription;
        self.take(step.effects);
        true
    }

    /// Lets time go by in one leap, as after a downtime, or step by step.
    fn passes(&mut self, hours: i64) {
        self.now += TimeDelta::hours(hours);
        let mut steps = 0;
        while let Some((_, event)) = self.subscription.due().filter(|(at, _)| *at <= self.now) {
            assert!(self.happens(&event), "{event:?} is due and does nothing: {:?}", self.subscription);
            steps += 1;
            assert!(steps < 10, "time does not come to rest: {:?}", self.subscription);
        }
    }

    fn pays(&mut self, item: Item) {
        if !self.happens(&Event::PaymentOk(item)) {
            return;
        }
        self.open.retain(|open| *open != item);
        match item {
            Item::Period(index) => assert!(self.paid.insert(index), "{index} was paid twice"),
            Item::Change(_) => self.changes_paid += 1,
        }
        let again = self.subscription.clone();
        if matches!(item, Item::Period(index) if index == again.period_index) {
            self.happens(&Event::PaymentOk(item));
            assert_eq!(self.subscription, again);
        }
    }

    /// What must be true at any moment.
    fn holds(&self) {
        let Subscription { state, period_start, period_end, anchor_at, pending_change, plan, .. } = &self.subscription;
        let granted = |is: fn(&GrantOf) -> bool| self.granted.iter().filter(|of| is(of)).count();
        assert_eq!(granted(|of| matches!(of, GrantOf::Period { .. })), self.paid.len(), "grants are the periods paid");
        assert_eq!(granted(|of| matches!(of, GrantOf::Change(_))), self.changes_paid);
        assert!(period_start < period_end);
        assert!(!matches!(state, State::Active | State::Trialing) || *period_end > self.now);
        assert_eq!(*state == State::PastDue, self.subscription.grace_until.is_some());
        assert!(!state.is_final() || self.open.is_empty() && pending_change.is_none());
        let waited = pending_change.as_ref().and_then(|pending| pending.payment).map(Item::Change);
        assert!(waited.is_none_or(|item| self.open.contains(&item)));
        if self.subscription.period_index > 0 {
            let months = (0..).map(|n| crate::billing::subscriptions::after(*anchor_at, plan.interval, n));
            assert!(months.take_while(|month| month <= period_end).any(|month| month == *period_end), "no drift from the anchor");
        }
        for action in self.subscription.allowed_actions() {
            assert!(*state != State::Canceled || action == Action::Subscribe);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 5_000, ..ProptestConfig::with_cases(LIVES) })]
    #[test]
    fn in_any_life_coins_come_for_what_was_paid_and_for_nothing_else(
        happenings in prop::collection::vec(any::<(u8, u16)>(), EVENTS),
        may_try: bool,
    ) {
        let mut life = Life::begins(at("2027-01-31T10:00:00Z"), may_try);
        for (kind, much) in happenings {
            match happening(kind, much) {
                Happening::Hours(hours) => life.passes(hours),
                Happening::Pays(back) => {
                    if let Some(item) = life.open.iter().rev().nth(back).copied() {
                        life.pays(item);
                    }
                }
                Happening::Fails(back) => {
                    if let Some(item) = life.open.iter().rev().nth(back).copied() {
                        life.happens(&Event::PaymentFailed(item));
                    }
                }
                Happening::Returns => {
                    life.happens(&Event::Refund(life.subscription.period_index));
                }
                Happening::Wishes(event) => {
                    life.happens(&event);
                }
            }
            life.holds();
            if life.subscription.state.is_final() {
                life = Life::begins(life.now, false);
            }
        }
    }
}
