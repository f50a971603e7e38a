//! Random histories: after every step, the account keeps the invariants and agrees with a model of single coins.

mod coin;
mod step;

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
/// How many of the newest holds are kept after they have finished.
const RECENT_HOLDS: usize = 6;

struct Simulation {
    now: Time,
    account: Account,
    /// The open holds and the newest ones.
    holds: Vec<Hold>,
    /// All lots.
    origins: Vec<Lot>,
    coins: Coins,
    entries: AccountTotals,
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
            origins: Vec::new(),
            coins: Coins::default(),
            entries: AccountTotals::default(),
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
        let recent = self.holds.len().min(RECENT_HOLDS);
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
            Step::ClawBack { which } => self.claw_back(which),
            Step::Wait { seconds } => self.now = self.after_seconds(seconds),
            Step::Expire => self.expire(),
        }
    }

    fn grant(&mut self, coins: u8, source: Source, lifetime: Option<u8>) {
        let expires_at = lifetime.map(|seconds| self.after_seconds(seconds));
        let grant = Grant { amount: amount(coins), source, purpose: purpose(), expires_at };
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
        let left = hold.captured - hold.refunded;
        let wanted = coins.map_or(left, i64::from);
        let by = (purpose(), Ender::of(&self.site()));
        let refunded = self.account.refund(hold, coins.map(amount), &self.origins, by, self.now).unwrap();
        assert_eq!(refunded.is_ok(), 0 < wanted && wanted <= left);
        if let Ok((hold, entry)) = refunded {
            assert_eq!(entry.amount, wanted);
            let lot = self.account.lots.last().unwrap();
            assert!(lot.expires_at.is_none_or(|end| end >= self.now + TimeDelta::days(7)));
            self.coins.add(lot);
            self.holds[which] = hold;
        }
    }

    fn claw_back(&mut self, which: u8) {
        let lots = &self.account.lots;
        let Some(lot) = lots.get(usize::from(which) % lots.len().max(1)).map(|lot| lot.id) else { return };
        self.account.claw_back(lot, purpose(), self.now);
        self.coins.revoke(lot);
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

    /// Does what storage does: writes the changes, and drops lots without remaining coins.
    fn save(&mut self) {
        let Changes { entries, new_lots, lots } = self.account.take_changes();
        for entry in entries {
            self.entries.seq += 1;
            self.entries.balance += entry.amount;
            assert_eq!((entry.seq, entry.balance_after), (self.entries.seq, self.entries.balance));
            match entry.kind {
                EntryKind::Grant => self.entries.issued += entry.amount,
                EntryKind::Capture | EntryKind::Refund => self.entries.revenue -= entry.amount,
                EntryKind::Expire => self.entries.expired -= entry.amount,
                EntryKind::Clawback => self.entries.clawed_back -= entry.amount,
            }
        }
        for lot in &self.account.lots {
            let saved = lots.get(&lot.id).or_else(|| new_lots.iter().find(|new| new.id == lot.id));
            assert!(saved.is_none_or(|saved| saved == lot || new_lots.iter().any(|new| new.id == lot.id)), "{lot:?}");
        }
        self.origins.extend(new_lots);
        self.account.lots.retain(|lot| lot.remaining > 0);
        let old = self.holds.len().saturating_sub(RECENT_HOLDS);
        let mut number = 0..;
        self.holds.retain(|hold| number.next() >= Some(old) || hold.state == HoldState::Held);
    }

    fn check_invariants(&mut self) {
        let (account, totals) = (&self.account, self.account.totals);
        assert!(0 <= totals.held && totals.held <= totals.balance, "I1");
        assert_eq!(totals, AccountTotals { held: totals.held, ..self.entries }, "I2");
        assert_eq!(totals.balance, totals.issued - totals.revenue - totals.expired - totals.clawed_back, "I4");
        let open = self.holds.iter().filter(|hold| hold.state == HoldState::Held);
        assert_eq!(totals.held, open.map(|hold| hold.amount).sum::<i64>(), "I3");
        for hold in &self.holds {
            assert!(0 <= hold.refunded && hold.refunded <= hold.captured && hold.captured <= hold.amount, "I5");
            assert_eq!(hold.captured > 0, hold.state == HoldState::Captured, "I5");
        }
        let (mut remaining, mut held) = (0, 0);
        for lot in &account.lots {
            let (all, model_held) = self
                .coins
                .0
                .iter()
                .filter(|coin| coin.lot == lot.id)
                .fold((0, 0), |(all, model_held), coin| (all + 1, model_held + i64::from(coin.held_by.is_some())));
            assert_eq!((lot.remaining, lot.held), (all, model_held), "{lot:?}");
            assert!(lot.held <= lot.remaining && lot.remaining + lot.expired <= lot.granted, "I3");
            (remaining, held) = (remaining + lot.remaining, held + lot.held);
        }
        assert_eq!((totals.balance, totals.held), (remaining, held), "I2, I3");
        let balance = account.balance_at(self.now);
        assert_eq!(balance.available, i64::try_from(self.coins.available(self.now).count()).unwrap());
        let next = self.coins.available(self.now).filter_map(|coin| coin.expires_at).min();
        assert_eq!(balance.next_expiry.map(|next| next.at), next);
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
    }
}
