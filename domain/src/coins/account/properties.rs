//! Any history, held after every step to the invariants and to another ledger, which knows each coin by itself.

use chrono::TimeDelta;
use proptest::prelude::*;

use super::*;
use crate::coins::{Amount, Grant, Hold, HoldState, HoldTime, NewHold, Source, Spend};

/// Histories, and how many steps they have at most. With the steps that one history has on average, half of that, these are
/// more than a million.
const HISTORIES: u32 = 2_700;
const STEPS: usize = 800;
/// How many holds are remembered after they have ended.
const YOUNG: usize = 6;

const SOURCES: [Source; 7] =
    [Source::Trial, Source::Promo, Source::Admin, Source::Subscription, Source::Rollover, Source::Refund, Source::Purchase];

#[derive(Debug, Clone, Copy)]
enum Step {
    Grant {
        coins: u8,
        source: u8,
        lives: Option<u8>,
    },
    Hold {
        coins: u8,
        lives: u8,
    },
    Spend {
        coins: u8,
    },
    Capture {
        which: u8,
        coins: u8,
    },
    Void {
        which: u8,
    },
    Refund {
        which: u8,
        coins: Option<u8>,
    },
    ClawBack {
        which: u8,
    },
    /// Nothing is asked, and time passes.
    Rest {
        seconds: u8,
    },
    Expire,
}

impl Step {
    /// A step from random bits; more frugal than a strategy for each kind, of which a million takes long.
    fn of(bits: u64) -> Self {
        let [kind, a, b, c, d, ..] = bits.to_le_bytes();
        match kind % 16 {
            0..=3 => Self::Grant { coins: 1 + a % 6, source: b % 7, lives: (c % 3 > 0).then_some(d % 40) },
            4..=6 => Self::Hold { coins: 1 + a % 8, lives: 1 + b % 30 },
            7..=8 => Self::Spend { coins: 1 + a % 8 },
            9..=10 => Self::Capture { which: a, coins: 1 + b % 8 },
            11 => Self::Void { which: a },
            12 => Self::Refund { which: a, coins: (b % 2 == 0).then_some(1 + c % 4) },
            13 => Self::ClawBack { which: a },
            14 => Self::Rest { seconds: a % 12 },
            _ => Self::Expire,
        }
    }
}

/// One coin of the other ledger, and the hold that set it aside.
#[derive(Debug, Clone)]
struct Coin {
    lot: LotId,
    burn: (i32, bool, Option<Time>, Time, LotId),
    expires_at: Option<Time>,
    revoked: bool,
    held_by: Option<HoldId>,
}

/// The other ledger: coins in a row, in the order in which they burn.
#[derive(Debug, Default)]
struct Coins(Vec<Coin>);

impl Coins {
    fn add(&mut self, lot: &Lot) {
        let expires_at = lot.expires_at;
        let burn = (lot.source.priority(), expires_at.is_none(), expires_at, lot.created_at, lot.id);
        let place = self.0.iter().position(|coin| coin.burn > burn).unwrap_or(self.0.len());
        for _ in 0..lot.granted {
            self.0.insert(place, Coin { lot: lot.id, burn, expires_at, revoked: false, held_by: None });
        }
    }

    fn usable(&mut self, now: Time) -> impl Iterator<Item = &mut Coin> {
        self.0
            .iter_mut()
            .filter(move |coin| coin.held_by.is_none() && !coin.revoked && coin.expires_at.is_none_or(|end| now < end))
    }

    fn hold(&mut self, id: HoldId, count: usize, now: Time) -> bool {
        let enough = self.usable(now).count() >= count;
        self.usable(now).take(if enough { count } else { 0 }).for_each(|coin| coin.held_by = Some(id));
        enough
    }

    /// The first coins of a hold are gone, the others return; what returns and cannot live is gone as well.
    fn end(&mut self, id: HoldId, mut captured: usize, now: Time) {
        self.0.retain_mut(|coin| {
            if coin.held_by != Some(id) {
                return true;
            }
            coin.held_by = None;
            let spent = captured > 0;
            captured = captured.saturating_sub(1);
            !spent && !coin.revoked && coin.expires_at.is_none_or(|end| now < end)
        });
    }

    fn expire(&mut self, now: Time) {
        self.0.retain(|coin| coin.held_by.is_some() || coin.expires_at.is_none_or(|end| now < end));
    }

    fn revoke(&mut self, lot: LotId) {
        self.0.retain_mut(|coin| {
            coin.revoked |= coin.lot == lot;
            coin.lot != lot || coin.held_by.is_some()
        });
    }
}

struct World {
    now: Time,
    account: Account,
    /// The holds that are open or young, and all lots.
    holds: Vec<Hold>,
    origins: Vec<Lot>,
    coins: Coins,
    entries: Figures,
}

fn amount(coins: u8) -> Amount {
    Amount::try_from(i64::from(coins)).unwrap()
}

fn purpose() -> Purpose {
    Purpose::parse("test").unwrap()
}

impl World {
    fn new() -> Self {
        Self {
            now: Time::UNIX_EPOCH,
            account: Account::new(Figures::default(), Vec::new()),
            holds: Vec::new(),
            origins: Vec::new(),
            coins: Coins::default(),
            entries: Figures::default(),
        }
    }

    fn in_seconds(&self, seconds: u8) -> Time {
        self.now + TimeDelta::seconds(seconds.into())
    }

    /// One of the youngest holds: most of the others have ended, and nothing new is learned from them.
    fn pick(&self, which: u8) -> Option<usize> {
        let young = self.holds.len().min(YOUNG);
        (young > 0).then(|| self.holds.len() - 1 - usize::from(which) % young)
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Grant { coins, source, lives } => self.grant(coins, SOURCES[usize::from(source)], lives),
            Step::Hold { coins, lives } => self.hold(coins, lives),
            Step::Spend { coins } => self.spend(coins),
            Step::Capture { which, coins } => self.capture(which, coins),
            Step::Void { which } => self.void(which),
            Step::Refund { which, coins } => self.refund(which, coins),
            Step::ClawBack { which } => self.claw_back(which),
            Step::Rest { seconds } => self.now = self.in_seconds(seconds),
            Step::Expire => self.expire(),
        }
    }

    fn grant(&mut self, coins: u8, source: Source, lives: Option<u8>) {
        let expires_at = lives.map(|seconds| self.in_seconds(seconds));
        let grant = Grant { amount: amount(coins), source, purpose: purpose(), expires_at };
        self.account.grant(grant, None, self.now).unwrap();
        self.coins.add(self.account.lots.last().unwrap());
    }

    fn hold(&mut self, coins: u8, lives: u8) {
        let expires_in = HoldTime::try_from(i64::from(lives)).unwrap();
        let wish = NewHold { amount: amount(coins), purpose: purpose(), reference: None, expires_in };
        let held = self.account.hold(wish, self.now);
        let id = held.as_ref().map_or_else(|_| HoldId::generate(self.now), |hold| hold.id);
        assert_eq!(held.is_ok(), self.coins.hold(id, coins.into(), self.now));
        self.holds.extend(held);
    }

    fn spend(&mut self, coins: u8) {
        let wish = Spend { amount: amount(coins), purpose: purpose(), reference: None };
        let spent = self.account.spend(wish, UserId::generate(self.now), self.now).unwrap();
        let id = spent.as_ref().map_or_else(|_| HoldId::generate(self.now), |(hold, _)| hold.id);
        assert_eq!(spent.is_ok(), self.coins.hold(id, coins.into(), self.now));
        self.coins.end(id, coins.into(), self.now);
        self.holds.extend(spent.map(|(hold, _)| hold));
    }

    fn capture(&mut self, which: u8, coins: u8) {
        let Some(which) = self.pick(which) else { return };
        let hold = self.holds[which].clone();
        let open = hold.state == HoldState::Held && self.now < hold.expires_at && i64::from(coins) <= hold.amount;
        let captured = self.account.capture(hold.clone(), amount(coins), UserId::generate(self.now), self.now).unwrap();
        assert_eq!(captured.is_ok(), open);
        if let Ok((ended, entry)) = captured {
            assert_eq!((ended.captured, entry.amount), (i64::from(coins), -i64::from(coins)));
            self.coins.end(hold.id, coins.into(), self.now);
            self.holds[which] = ended;
        }
    }

    fn void(&mut self, which: u8) {
        let Some(which) = self.pick(which) else { return };
        let hold = self.holds[which].clone();
        let open = hold.state == HoldState::Held && self.now < hold.expires_at;
        let voided = self.account.void(hold.clone(), self.now).unwrap();
        assert_eq!(voided.is_ok(), open);
        if let Ok(ended) = voided {
            self.coins.end(hold.id, 0, self.now);
            self.holds[which] = ended;
        }
    }

    fn refund(&mut self, which: u8, coins: Option<u8>) {
        let Some(which) = self.pick(which) else { return };
        let hold = self.holds[which].clone();
        let left = hold.captured - hold.refunded;
        let wanted = coins.map_or(left, i64::from);
        let by = (purpose(), UserId::generate(self.now));
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
                self.coins.end(hold.id, 0, self.now);
            }
        }
        self.account.expire(self.now);
        self.coins.expire(self.now);
    }

    /// As storage does: writes what changed, and forgets the lots without coins.
    fn save(&mut self) {
        let Changes { entries, new_lots, lots } = self.account.changes();
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
            let told = lots.get(&lot.id).or_else(|| new_lots.iter().find(|new| new.id == lot.id));
            assert!(told.is_none_or(|told| told == lot || new_lots.iter().any(|new| new.id == lot.id)), "{lot:?}");
        }
        self.origins.extend(new_lots);
        self.account.lots.retain(|lot| lot.remaining > 0);
        let old = self.holds.len().saturating_sub(YOUNG);
        let mut number = 0..;
        self.holds.retain(|hold| number.next() >= Some(old) || hold.state == HoldState::Held);
    }

    fn check(&mut self) {
        let (account, figures) = (&self.account, self.account.figures);
        assert!(0 <= figures.held && figures.held <= figures.balance, "I1");
        assert_eq!(figures, Figures { held: figures.held, ..self.entries }, "I2");
        assert_eq!(figures.balance, figures.issued - figures.revenue - figures.expired - figures.clawed_back, "I4");
        let open = self.holds.iter().filter(|hold| hold.state == HoldState::Held);
        assert_eq!(figures.held, open.map(|hold| hold.amount).sum::<i64>(), "I3");
        for hold in &self.holds {
            assert!(0 <= hold.refunded && hold.refunded <= hold.captured && hold.captured <= hold.amount, "I5");
            assert_eq!(hold.captured > 0, hold.state == HoldState::Captured, "I5");
        }
        let (mut remaining, mut held) = (0, 0);
        for lot in &account.lots {
            let (all, aside) = self
                .coins
                .0
                .iter()
                .filter(|coin| coin.lot == lot.id)
                .fold((0, 0), |(all, aside), coin| (all + 1, aside + i64::from(coin.held_by.is_some())));
            assert_eq!((lot.remaining, lot.held), (all, aside), "{lot:?}");
            assert!(lot.held <= lot.remaining && lot.remaining + lot.expired <= lot.granted, "I3");
            (remaining, held) = (remaining + lot.remaining, held + lot.held);
        }
        assert_eq!((figures.balance, figures.held), (remaining, held), "I2, I3");
        let told = account.at(self.now);
        assert_eq!(told.available, i64::try_from(self.coins.usable(self.now).count()).unwrap());
        let next = self.coins.usable(self.now).filter_map(|coin| coin.expires_at).min();
        assert_eq!(told.next_expiry.map(|next| next.at), next);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: HISTORIES, ..ProptestConfig::default() })]

    #[test]
    fn any_history_keeps_every_invariant_and_agrees_with_a_ledger_of_single_coins(
        history in prop::collection::vec(any::<u64>(), 0..STEPS)
    ) {
        let mut world = World::new();
        for bits in history {
            world.take(Step::of(bits));
            world.save();
            world.check();
        }
    }
}
