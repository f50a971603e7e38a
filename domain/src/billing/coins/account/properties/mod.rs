//! Random histories of one account, in which payments go back and come again: after every step, the account keeps the invariants and
//! agrees with a model of single coins.

mod checks;
mod coin;
mod step;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use proptest::prelude::*;

use self::coin::Coins;
use self::step::Step;
use super::*;
use crate::billing::coins::{Amount, Ender, Grant, Hold, HoldPlacer, HoldState, HoldTime, NewHold, Source, Spend};
use crate::identity::{Placement, Placer};
use crate::ids::{ApiKeyId, UserId};

/// Number of histories, and maximum number of steps in one. A history has half of that on average, so there are more than a million
/// steps in total.
const HISTORIES: u32 = 2_700;
const STEPS: usize = 800;
/// How many of the newest holds are kept after they have finished, and how many of the newest lots get targets.
const RECENT: usize = 6;
/// After every so many steps, all lots are compared with the model; after the others, those that the step changed.
const FULL_CHECK: usize = 20;

struct Simulation {
    now: Time,
    account: Account,
    /// The open holds and the newest ones.
    holds: Vec<Hold>,
    /// The lots as storage has them.
    stored: BTreeMap<LotId, Lot>,
    rolled_over: BTreeSet<LotId>,
    coins: Coins,
    entries: AccountTotals,
    steps: usize,
    /// The lots that the last step changed.
    changed: Vec<LotId>,
}

fn amount(coins: u8) -> Amount {
    Amount::try_from(i64::from(coins)).unwrap()
}

fn purpose() -> Purpose {
    Purpose::parse("test").unwrap()
}

impl Simulation {
    fn new() -> Self {
        Self {
            now: Time::UNIX_EPOCH,
            account: Account::new(AccountTotals::default(), Vec::new()),
            holds: Vec::new(),
            stored: BTreeMap::new(),
            rolled_over: BTreeSet::new(),
            coins: Coins::default(),
            entries: AccountTotals::default(),
            steps: 0,
            changed: Vec::new(),
        }
    }

    /// The site, which may also refund.
    fn site(&self) -> Placement {
        Placement { user: UserId::generate(self.now), placer: Placer::Site(ApiKeyId::generate(self.now)) }
    }

    fn after_seconds(&self, seconds: u8) -> Time {
        self.now + TimeDelta::seconds(seconds.into())
    }

    /// The index of one of the newest holds. Most older holds have finished, so further steps on them test nothing new.
    fn pick_hold(&self, which: u8) -> Option<usize> {
        let recent = self.holds.len().min(RECENT);
        (recent > 0).then(|| self.holds.len() - 1 - usize::from(which) % recent)
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Grant { coins, source, lifetime } => self.grant(coins, source, lifetime),
            Step::Hold { coins, lifetime } => self.hold(coins, lifetime),
            Step::Spend { coins } => self.spend(coins),
            Step::Capture { which, coins } => self.capture(which, coins),
            Step::Void { which } => self.void(which),
            Step::Refund { which, coins } => self.refund(which, coins),
            Step::RollOver { which, cap, lifetime } => self.roll_over(which, cap, lifetime),
            Step::SettleTarget { which, target } => self.settle_target(which, target),
            Step::TakeUnspent { which } => self.take_unspent(which),
            Step::Wait { seconds } => self.now = self.after_seconds(seconds),
            Step::Expire => self.expire(),
        }
    }

    fn grant(&mut self, coins: u8, source: Source, lifetime: Option<u8>) {
        let expires_at = lifetime.map(|seconds| self.after_seconds(seconds));
        let grant = Grant { amount: amount(coins), source, origin: None, purpose: purpose(), expires_at };
        self.account.grant(grant, Actor::SYSTEM, self.now).unwrap();
        self.coins.add(self.account.lots.last().unwrap());
    }

    fn hold(&mut self, coins: u8, lifetime: u8) {
        let expires_in = HoldTime::try_from(i64::from(lifetime)).unwrap();
        let command = NewHold { amount: amount(coins), purpose: purpose(), reference: None, expires_in };
        let held = self.account.hold(command, HoldPlacer::Site, self.now);
        let id = held.as_ref().map_or_else(|_| HoldId::generate(self.now), |hold| hold.id);
        assert_eq!(held.is_ok(), self.coins.hold(id, coins.into(), self.now));
        self.holds.extend(held);
    }

    fn spend(&mut self, coins: u8) {
        let command = Spend { amount: amount(coins), purpose: purpose(), reference: None };
        let spent = self.account.spend(command, &self.site(), self.now).unwrap();
        let id = spent.as_ref().map_or_else(|_| HoldId::generate(self.now), |(hold, _)| hold.id);
        assert_eq!(spent.is_ok(), self.coins.hold(id, coins.into(), self.now));
        self.coins.finish_hold(id, coins.into(), self.now);
        self.holds.extend(spent.map(|(hold, _)| hold));
    }

    fn capture(&mut self, which: u8, coins: u8) {
        let Some(which) = self.pick_hold(which) else { return };
        let hold = self.holds[which].clone();
        let open = hold.state == HoldState::Held && self.now < hold.expires_at && i64::from(coins) <= hold.amount;
        let captured = self.account.capture(hold.clone(), amount(coins), Ender::of(&self.site()), self.now).unwrap();
        assert_eq!(captured.is_ok(), open);
        if let Ok((finished, entry)) = captured {
            assert_eq!((finished.captured, entry.amount), (i64::from(coins), -i64::from(coins)));
            self.coins.finish_hold(hold.id, coins.into(), self.now);
            self.holds[which] = finished;
        }
    }

    fn void(&mut self, which: u8) {
        let Some(which) = self.pick_hold(which) else { return };
        let hold = self.holds[which].clone();
        let open = hold.state == HoldState::Held && self.now < hold.expires_at;
        let voided = self.account.void(hold.clone(), Ender::of(&self.site()), self.now).unwrap();
        assert_eq!(voided.is_ok(), open);
        if let Ok(finished) = voided {
            self.coins.finish_hold(hold.id, 0, self.now);
            self.holds[which] = finished;
        }
    }

    fn refund(&mut self, which: u8, coins: Option<u8>) {
        let Some(which) = self.pick_hold(which) else { return };
        let hold = self.holds[which].clone();
        let (left, place) = (hold.captured - hold.refunded, usize::try_from(hold.refunded).unwrap());
        let wanted = coins.map_or(left, i64::from);
        let spent: Vec<Lot> = hold.slices.iter().flatten().map(|slice| self.stored[&slice.lot_id].clone()).collect();
        let (by, lots) = ((purpose(), Ender::of(&self.site())), self.account.lots.len());
        let refunded = self.account.refund(hold, coins.map(amount), &spent, by, self.now).unwrap();
        assert_eq!(refunded.is_ok(), 0 < wanted && wanted <= left);
        let Ok((hold, entry)) = refunded else { return };
        let new = &self.account.lots[lots..];
        assert_eq!((entry.amount, entry.lot_id), (wanted, Some(new[0].id)));
        let of_model = self.coins.captured[&hold.id][place..][..usize::try_from(wanted).unwrap()].to_vec();
        let roots: BTreeSet<LotId> = of_model.iter().copied().collect();
        assert_eq!(roots.len(), new.len());
        for lot in new {
            let coins = of_model.iter().filter(|root| **root == lot.root()).count();
            assert_eq!((lot.source, lot.granted), (Source::Refund, i64::try_from(coins).unwrap()));
            assert!(lot.expires_at.is_none_or(|end| end >= self.now + TimeDelta::days(7)));
            self.coins.add(lot);
        }
        self.coins.take(self.now);
        self.holds[which] = hold;
    }

    /// Rolls over the coins of a lot that were written off, once.
    fn roll_over(&mut self, which: u8, cap: u8, lifetime: u8) {
        let unspent = self.stored.values().filter(|lot| lot.expired > 0 && !self.rolled_over.contains(&lot.id));
        let unspent: Vec<&Lot> = unspent.collect();
        let Some(lot) = unspent.get(usize::from(which) % unspent.len().max(1)) else { return };
        let coins = lot.expired.min(i64::from(cap));
        let (amount, origin, expires_at) =
            (Amount::try_from(coins).unwrap(), Some(lot.root()), Some(self.after_seconds(lifetime)));
        self.rolled_over.insert(lot.id);
        let grant = Grant { amount, source: Source::Rollover, origin, purpose: purpose(), expires_at };
        self.account.grant(grant, Actor::SYSTEM, self.now).unwrap();
        self.coins.add(self.account.lots.last().unwrap());
        self.coins.take(self.now);
    }

    /// One of the newest root lots, whose group is then loaded.
    fn pick_root(&mut self, which: u8) -> Option<LotId> {
        let roots = self.stored.values().rev().filter(|lot| lot.origin.is_none()).take(RECENT);
        let root = roots.map(|lot| lot.id).nth(usize::from(which) % RECENT)?;
        self.account.include(self.stored.values().filter(|lot| lot.root() == root).cloned().collect());
        Some(root)
    }

    fn settle_target(&mut self, which: u8, target: u8) {
        let Some(root) = self.pick_root(which) else { return };
        let target = i64::from(target).min(self.stored[&root].granted);
        self.account.settle_target(root, target, purpose(), self.now).unwrap();
        self.coins.settle(root, target, self.now);
    }

    fn take_unspent(&mut self, which: u8) {
        let Some(root) = self.pick_root(which) else { return };
        let unspent = self.coins.unspent(root);
        assert!(unspent <= self.stored[&root].granted);
        self.account.take_unspent(root, purpose(), self.now).unwrap();
        self.coins.settle(root, unspent, self.now);
    }

    fn expire(&mut self) {
        for hold in self.holds.iter_mut().filter(|hold| hold.state == HoldState::Held) {
            *hold = self.account.release(hold.clone(), self.now).unwrap();
            if hold.state == HoldState::Expired {
                self.coins.finish_hold(hold.id, 0, self.now);
            }
        }
        self.account.expire(self.now);
        self.coins.expire(self.now);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_the_invariants_and_agrees_with_a_model_of_single_coins(
        history in prop::collection::vec(any::<u64>(), 0..STEPS)
    ) {
        let mut simulation = Simulation::new();
        for bits in history {
            simulation.run(Step::from_bits(bits));
            simulation.save();
            simulation.check_invariants();
        }
        simulation.check_all_lots();
    }
}
