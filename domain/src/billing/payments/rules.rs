//! What updates do to a payment, as pure functions.
//!
//! The states form a chain of facts, paid before returned before taken back; a payment has the furthest fact that was ever told of it, and
//! the facts that it implies. So updates may come in any order, repeated and late: what settles is the same.

use super::{Payment, PaymentState, PaymentUpdate};
use crate::Time;

/// A fact about a payment that has become known now. They come in the order in which they must have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentFact {
    /// It has come.
    Paid,
    /// An attempt has failed.
    Failed,
    /// It has gone back, in full.
    Returned,
}

impl Payment {
    /// Applies an update and answers which facts are new.
    pub fn apply_update(&mut self, update: &PaymentUpdate, now: Time) -> Vec<PaymentFact> {
        match update {
            PaymentUpdate::Failed if self.state == PaymentState::Pending => {
                self.state = PaymentState::Failed;
                vec![PaymentFact::Failed]
            }
            PaymentUpdate::Paid { cents, currency } if self.is(*cents, currency) => self.mark_paid(now).into_iter().collect(),
            PaymentUpdate::Refunded { cents, paid_cents, currency } if self.is(*paid_cents, currency) => {
                let paid = self.mark_paid(now);
                self.refunded_cents = self.refunded_cents.max(*cents).min(self.amount_cents);
                let returned =
                    (self.refunded_cents == self.amount_cents).then(|| self.mark_returned(PaymentState::Refunded)).flatten();
                paid.into_iter().chain(returned).collect()
            }
            PaymentUpdate::ChargedBack => {
                let paid = self.mark_paid(now);
                paid.into_iter().chain(self.mark_returned(PaymentState::ChargedBack)).collect()
            }
            // A failure that something has overtaken; or another amount than was asked for, which is for people to look into.
            PaymentUpdate::Failed | PaymentUpdate::Paid { .. } | PaymentUpdate::Refunded { .. } => Vec::new(),
        }
    }

    /// Whether an update can be about it: what came is what was asked for.
    #[must_use]
    pub fn fits(&self, update: &PaymentUpdate) -> bool {
        match update {
            PaymentUpdate::Paid { cents, currency } | PaymentUpdate::Refunded { paid_cents: cents, currency, .. } => {
                self.is(*cents, currency)
            }
            PaymentUpdate::Failed | PaymentUpdate::ChargedBack => true,
        }
    }

    fn is(&self, cents: i64, currency: &str) -> bool {
        cents == self.amount_cents && currency.eq_ignore_ascii_case(&self.currency)
    }

    /// Asks for it again after a failure.
    pub fn ask_again(&mut self) {
        if self.state < PaymentState::Paid {
            (self.state, self.attempts) = (PaymentState::Pending, self.attempts + 1);
        }
    }

    fn mark_paid(&mut self, now: Time) -> Option<PaymentFact> {
        if self.state >= PaymentState::Paid {
            return None;
        }
        (self.state, self.paid_at) = (PaymentState::Paid, Some(now));
        Some(PaymentFact::Paid)
    }

    fn mark_returned(&mut self, to: PaymentState) -> Option<PaymentFact> {
        let new = self.state < PaymentState::Refunded;
        self.state = self.state.max(to);
        new.then_some(PaymentFact::Returned)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::payments::Purpose;
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

    fn paid() -> PaymentUpdate {
        PaymentUpdate::Paid { cents: 500, currency: "usd".into() }
    }

    /// What is left of all that became known: a failure before the payment came changes nothing in the end.
    fn told(updates: &[PaymentUpdate]) -> (PaymentState, i64, Vec<PaymentFact>) {
        let mut payment = pending();
        let facts = updates
            .iter()
            .flat_map(|update| payment.apply_update(update, NOW))
            .filter(|fact| *fact != PaymentFact::Failed)
            .collect();
        (payment.state, payment.refunded_cents, facts)
    }

    #[test]
    fn a_payment_goes_one_way() {
        use PaymentFact::{Paid, Returned};
        assert_eq!(told(&[]), (PaymentState::Pending, 0, vec![]));
        assert_eq!(told(&[PaymentUpdate::Failed]), (PaymentState::Failed, 0, vec![]));
        assert_eq!(told(&[PaymentUpdate::Failed, paid()]), (PaymentState::Paid, 0, vec![Paid]));
        assert_eq!(told(&[paid(), PaymentUpdate::Failed]), (PaymentState::Paid, 0, vec![Paid]));
        assert_eq!(told(&[paid(), refunded(200)]), (PaymentState::Paid, 200, vec![Paid]));
        assert_eq!(told(&[refunded(500)]), (PaymentState::Refunded, 500, vec![Paid, Returned]));
        let everything = [PaymentUpdate::ChargedBack, refunded(900), paid()];
        assert_eq!(told(&everything), (PaymentState::ChargedBack, 500, vec![Paid, Returned]));
    }

    #[test]
    fn a_failure_is_told_once_for_each_time_that_it_was_asked_for() {
        let mut payment = pending();
        assert_eq!(payment.apply_update(&PaymentUpdate::Failed, NOW), [PaymentFact::Failed]);
        assert_eq!(payment.apply_update(&PaymentUpdate::Failed, NOW), []);
        payment.ask_again();
        assert_eq!((payment.state, payment.attempts), (PaymentState::Pending, 2));
        assert_eq!(payment.apply_update(&PaymentUpdate::Failed, NOW), [PaymentFact::Failed]);
        payment.apply_update(&paid(), NOW);
        payment.ask_again();
        assert_eq!((payment.state, payment.attempts, payment.paid_at), (PaymentState::Paid, 2, Some(NOW)));
    }

    #[test]
    fn another_amount_is_not_the_payment() {
        let returned = PaymentUpdate::Refunded { cents: 100, paid_cents: 100, currency: "usd".into() };
        let paid = |cents, currency: &str| PaymentUpdate::Paid { cents, currency: currency.into() };
        for update in [paid(499, "usd"), paid(500, "eur"), returned] {
            assert!(!pending().fits(&update) && pending().fits(&paid(500, "USD")));
            assert_eq!(told(&[update]), (PaymentState::Pending, 0, vec![]));
        }
    }

    fn updates() -> impl Strategy<Value = PaymentUpdate> {
        prop_oneof![Just(paid()), Just(PaymentUpdate::Failed), (0..600i64).prop_map(refunded), Just(PaymentUpdate::ChargedBack),]
    }

    proptest! {
        #[test]
        fn every_order_of_the_same_updates_settles_the_same(
            (updates, shuffled) in prop::collection::vec(updates(), 0..8)
                .prop_flat_map(|updates| {
                    let fivefold: Vec<_> = updates.iter().cycle().take(updates.len() * 5).cloned().collect();
                    (Just(updates), Just(fivefold).prop_shuffle())
                })
        ) {
            prop_assert_eq!(told(&updates), told(&shuffled));
        }
    }
}
