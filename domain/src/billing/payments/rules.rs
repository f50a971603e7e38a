//! The rules for updates of a payment, as pure functions.
//!
//! The receipt, the refunds and the disputes of a payment are facts. State, gone amount and the coins to take back are functions of them,
//! so updates may arrive late, repeatedly and in any order.

use super::{Attention, DisputeStatus, Facts, Part, Payment, PaymentState, PaymentUpdate, Unapplied};
use crate::Time;

/// A change that an update caused, in the order in which subscriptions apply them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentFact {
    /// The payment succeeded.
    Paid,
    /// An attempt has failed.
    Failed,
    /// A dispute began.
    Disputed,
    /// The last of the money is gone.
    Returned,
    /// Some of the money is back, after all of it was gone.
    Restored,
}

impl Payment {
    /// Applies an update, and returns the changes.
    pub fn apply_update(&mut self, facts: &mut Facts, update: &PaymentUpdate, now: Time) -> Vec<PaymentFact> {
        if *update == PaymentUpdate::Failed {
            return self.mark_failed().into_iter().collect();
        }
        let (was_received, stood) = (self.paid_at.is_some(), self.stands());
        let disputed = self.record(facts, update, now);
        self.settle(facts);
        let (received, stands) = (self.paid_at.is_some(), self.stands());
        let changes = [
            (received && !was_received, PaymentFact::Paid),
            (disputed, PaymentFact::Disputed),
            // The money may be gone before its receipt is reported.
            (received && !stands && (stood || !was_received), PaymentFact::Returned),
            (was_received && !stood && stands, PaymentFact::Restored),
        ];
        changes.into_iter().filter(|(changed, _)| *changed).map(|(_, fact)| fact).collect()
    }

    /// Records an update. An amount that is not the payment's has no effect. Returns whether a dispute began.
    fn record(&mut self, facts: &mut Facts, update: &PaymentUpdate, now: Time) -> bool {
        match update {
            PaymentUpdate::RequiresAction if self.state == PaymentState::Pending => self.state = PaymentState::RequiresAction,
            PaymentUpdate::Paid { cents, currency } if self.has_amount(*cents, currency) => self.mark_received(now),
            PaymentUpdate::Refunded { cents, paid_cents, currency } if self.has_amount(*paid_cents, currency) => {
                self.mark_received(now);
                facts.refunded_total = facts.refunded_total.max(*cents);
            }
            PaymentUpdate::Refund { id, part } => facts.record_refund(id, *part),
            PaymentUpdate::Dispute { id, part } => return facts.record_dispute(id, *part),
            PaymentUpdate::ChargedBack => {
                let part = Part { cents: self.amount_cents, status: DisputeStatus::Open };
                return facts.record_dispute("charged_back", part);
            }
            _ => {}
        }
        false
    }

    /// An attempt failed. An outdated failure has no effect.
    fn mark_failed(&mut self) -> Option<PaymentFact> {
        let awaited = matches!(self.state, PaymentState::Pending | PaymentState::RequiresAction);
        awaited.then(|| {
            self.state = PaymentState::Failed;
            PaymentFact::Failed
        })
    }

    /// Whether its money is received and not gone. A payment of nothing stands once it is received.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.paid_at.is_some() && (self.amount_cents == 0 || self.gone_cents < self.amount_cents)
    }

    /// Coins of its grant that are to be taken back: its share of the coins that are gone, rounded down.
    #[must_use]
    pub fn coins_to_take_back(&self) -> i64 {
        if self.amount_cents == 0 {
            return 0;
        }
        let share = i128::from(self.coins) * i128::from(self.gone_cents) / i128::from(self.amount_cents);
        i64::try_from(share).unwrap_or(self.coins)
    }

    /// Whether an update has the payment's amount and currency. Updates without an amount always match.
    #[must_use]
    pub fn matches(&self, update: &PaymentUpdate) -> bool {
        received(update).is_none_or(|(cents, currency)| self.has_amount(cents, currency))
    }

    fn has_amount(&self, cents: i64, currency: &str) -> bool {
        cents == self.amount_cents && currency.eq_ignore_ascii_case(&self.currency)
    }

    /// Marks it as requested again, unless it is received.
    pub fn mark_requested_again(&mut self) {
        if self.paid_at.is_none() {
            (self.state, self.attempts) = (PaymentState::Pending, self.attempts + 1);
        }
    }

    /// Marks it as received for nothing.
    pub fn mark_unapplied(&mut self, reason: Unapplied, facts: &Facts) {
        self.unapplied = Some(reason);
        self.settle(facts);
    }

    /// Sets whether it pays for an upgrade on top of one whose money is gone.
    pub fn set_fell(&mut self, fell: bool, facts: &Facts) {
        self.fell = fell;
        self.settle(facts);
    }

    fn mark_received(&mut self, now: Time) {
        self.paid_at.get_or_insert(now);
    }

    /// Computes what follows from the facts. Nothing follows before the receipt.
    fn settle(&mut self, facts: &Facts) {
        if self.paid_at.is_none() {
            return;
        }
        self.refunded_cents = facts.refunded().min(self.amount_cents);
        self.gone_cents = facts.gone(self.amount_cents);
        self.state = match (self.stands(), facts.disputed() > 0, self.unapplied) {
            (true, _, Some(_)) => PaymentState::Unapplied,
            (true, _, None) => PaymentState::Paid,
            (false, true, _) => PaymentState::ChargedBack,
            (false, false, _) => PaymentState::Refunded,
        };
        self.attention = match (self.state, self.unapplied) {
            (PaymentState::Unapplied, Some(reason)) => Some(reason.into()),
            (PaymentState::Paid, _) if self.fell => Some(Attention::Fell),
            _ => facts.has_lost_dispute().then_some(Attention::DisputeLost),
        };
    }
}

/// The amount and the currency that an update reports as received.
#[must_use]
pub fn received(update: &PaymentUpdate) -> Option<(i64, &str)> {
    match update {
        PaymentUpdate::Paid { cents, currency } | PaymentUpdate::Refunded { paid_cents: cents, currency, .. } => {
            Some((*cents, currency))
        }
        _ => None,
    }
}

impl From<Unapplied> for Attention {
    fn from(reason: Unapplied) -> Self {
        match reason {
            Unapplied::Ended => Self::Ended,
            Unapplied::SecondCharge => Self::SecondCharge,
            Unapplied::OtherAmount => Self::OtherAmount,
            Unapplied::BalanceLimit => Self::BalanceLimit,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::payments::{Purpose, RefundStatus};
    use crate::ids::{PaymentId, UserId};

    const NOW: Time = Time::UNIX_EPOCH;

    fn pending() -> Payment {
        Payment {
            id: PaymentId::generate(NOW),
            user_id: UserId::generate(NOW),
            purpose: Purpose::Purchase { package_code: "small".into() },
            amount_cents: 500,
            currency: "USD".into(),
            coins: 100,
            state: PaymentState::Pending,
            refunded_cents: 0,
            gone_cents: 0,
            unapplied: None,
            fell: false,
            attention: None,
            attempts: 1,
            provider: "stripe".into(),
            provider_reference: None,
            grant_key: None,
            created_at: NOW,
            paid_at: None,
        }
    }

    fn refunded(cents: i64) -> PaymentUpdate {
        PaymentUpdate::Refunded { cents, paid_cents: 500, currency: "usd".into() }
    }

    fn refund(id: i64, cents: i64, status: RefundStatus) -> PaymentUpdate {
        PaymentUpdate::Refund { id: format!("re_{id}"), part: Part { cents, status } }
    }

    fn dispute(id: i64, status: DisputeStatus) -> PaymentUpdate {
        PaymentUpdate::Dispute { id: format!("dp_{id}"), part: Part { cents: 500, status } }
    }

    fn paid() -> PaymentUpdate {
        PaymentUpdate::Paid { cents: 500, currency: "usd".into() }
    }

    /// The payment after updates, and all changes.
    fn apply_all(updates: &[PaymentUpdate]) -> (Payment, Vec<PaymentFact>) {
        let (mut payment, mut facts) = (pending(), Facts::default());
        let changes = updates.iter().flat_map(|update| payment.apply_update(&mut facts, update, NOW)).collect();
        (payment, changes)
    }

    fn summary(updates: &[PaymentUpdate]) -> (PaymentState, i64, i64, Vec<PaymentFact>) {
        let (payment, changes) = apply_all(updates);
        (payment.state, payment.gone_cents, payment.coins_to_take_back(), changes)
    }

    #[test]
    fn the_state_of_a_received_payment_follows_from_its_money() {
        use DisputeStatus::{Inquiry, Lost, Open, Won};
        use PaymentFact::{Disputed, Failed, Paid, Restored, Returned};
        assert_eq!(summary(&[]), (PaymentState::Pending, 0, 0, vec![]));
        assert_eq!(summary(&[PaymentUpdate::Failed]), (PaymentState::Failed, 0, 0, vec![Failed]));
        assert_eq!(summary(&[PaymentUpdate::Failed, paid()]), (PaymentState::Paid, 0, 0, vec![Failed, Paid]));
        assert_eq!(summary(&[paid(), PaymentUpdate::Failed]), (PaymentState::Paid, 0, 0, vec![Paid]));
        assert_eq!(summary(&[paid(), refunded(499)]), (PaymentState::Paid, 499, 99, vec![Paid]));
        assert_eq!(summary(&[refunded(500)]), (PaymentState::Refunded, 500, 100, vec![Paid, Returned]));
        let failed = [paid(), refund(1, 500, RefundStatus::Effective), refund(1, 500, RefundStatus::Failed)];
        assert_eq!(summary(&failed), (PaymentState::Paid, 0, 0, vec![Paid, Returned, Restored]));
        let early = [dispute(1, Open), paid()];
        assert_eq!(summary(&early), (PaymentState::ChargedBack, 500, 100, vec![Disputed, Paid, Returned]));
        let won = [paid(), dispute(1, Inquiry), dispute(1, Open), dispute(1, Won), dispute(1, Open)];
        assert_eq!(summary(&won), (PaymentState::Paid, 0, 0, vec![Paid, Disputed, Returned, Restored]));
        let lost = [paid(), dispute(1, Lost)];
        assert_eq!(summary(&lost), (PaymentState::ChargedBack, 500, 100, vec![Paid, Disputed, Returned]));
        assert_eq!(apply_all(&lost).0.attention, Some(Attention::DisputeLost));
    }

    #[test]
    fn each_requested_attempt_fails_once() {
        let (mut payment, mut facts) = (pending(), Facts::default());
        let mut apply = |payment: &mut Payment, update: &PaymentUpdate| payment.apply_update(&mut facts, update, NOW);
        assert_eq!(apply(&mut payment, &PaymentUpdate::Failed), [PaymentFact::Failed]);
        assert_eq!(apply(&mut payment, &PaymentUpdate::Failed), []);
        payment.mark_requested_again();
        assert_eq!((payment.state, payment.attempts), (PaymentState::Pending, 2));
        assert_eq!(apply(&mut payment, &PaymentUpdate::RequiresAction), []);
        assert_eq!(payment.state, PaymentState::RequiresAction);
        assert_eq!(apply(&mut payment, &PaymentUpdate::Failed), [PaymentFact::Failed]);
        apply(&mut payment, &paid());
        payment.mark_requested_again();
        assert_eq!((payment.state, payment.attempts, payment.paid_at), (PaymentState::Paid, 2, Some(NOW)));
    }

    #[test]
    fn an_update_with_another_amount_has_no_effect() {
        let partly_refunded = PaymentUpdate::Refunded { cents: 100, paid_cents: 100, currency: "usd".into() };
        let paid = |cents, currency: &str| PaymentUpdate::Paid { cents, currency: currency.into() };
        for update in [paid(499, "usd"), paid(500, "eur"), partly_refunded] {
            assert!(!pending().matches(&update) && pending().matches(&paid(500, "USD")));
            assert_eq!(summary(&[update]), (PaymentState::Pending, 0, 0, vec![]));
        }
    }

    #[test]
    fn an_unapplied_payment_needs_an_operator_until_its_money_is_gone() {
        let (mut payment, mut facts) = (pending(), Facts::default());
        payment.apply_update(&mut facts, &paid(), NOW);
        payment.mark_unapplied(Unapplied::SecondCharge, &facts);
        assert_eq!((payment.state, payment.attention), (PaymentState::Unapplied, Some(Attention::SecondCharge)));
        payment.apply_update(&mut facts, &refund(1, 500, RefundStatus::Effective), NOW);
        assert_eq!((payment.state, payment.attention), (PaymentState::Refunded, None));
        payment.apply_update(&mut facts, &refund(1, 500, RefundStatus::Failed), NOW);
        assert_eq!((payment.state, payment.attention), (PaymentState::Unapplied, Some(Attention::SecondCharge)));
    }

    fn updates() -> impl Strategy<Value = PaymentUpdate> {
        let refund_status = prop_oneof![Just(RefundStatus::Effective), Just(RefundStatus::Failed)];
        let dispute_status = prop_oneof![
            Just(DisputeStatus::Inquiry),
            Just(DisputeStatus::Prevented),
            Just(DisputeStatus::Open),
            Just(DisputeStatus::Lost),
            Just(DisputeStatus::Won)
        ];
        prop_oneof![
            Just(paid()),
            (0..600i64).prop_map(refunded),
            (0..3i64, 1..400i64, refund_status).prop_map(|(id, cents, status)| refund(id, cents, status)),
            (0..2i64, dispute_status).prop_map(|(id, status)| dispute(id, status)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn every_order_of_the_same_updates_has_the_same_result(
            (updates, shuffled) in prop::collection::vec(updates(), 0..8)
                .prop_flat_map(|updates| {
                    let fivefold: Vec<_> = updates.iter().cycle().take(updates.len() * 5).cloned().collect();
                    (Just(updates), Just(fivefold).prop_shuffle())
                })
        ) {
            let ((once, changes), (again, shuffled_changes)) = (apply_all(&updates), apply_all(&shuffled));
            prop_assert_eq!(&once, &Payment { id: once.id, user_id: once.user_id, ..again });
            let count = |changes: &[PaymentFact], of| changes.iter().filter(|change| **change == of).count();
            for fact in [PaymentFact::Paid, PaymentFact::Disputed] {
                prop_assert_eq!(count(&changes, fact), count(&shuffled_changes, fact), "{:?}", fact);
            }
            let stands = |changes: &[PaymentFact]| count(changes, PaymentFact::Returned) == count(changes, PaymentFact::Restored);
            prop_assert!(once.paid_at.is_none() || once.stands() == stands(&changes));
            prop_assert!(once.paid_at.is_none() || once.stands() == stands(&shuffled_changes));
        }
    }
}
