//! The rules for updates of a payment, as pure functions.
//!
//! The final states are ordered: paid, refunded, charged back. An update moves a payment forward only, and a later state implies the
//! earlier ones. So updates may arrive late, repeatedly and in any order; the resulting state is the same.

use super::{Payment, PaymentState, PaymentUpdate};
use crate::Time;

/// A new fact about a payment. Facts are listed in the order in which they occurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentFact {
    /// The payment succeeded.
    Paid,
    /// An attempt has failed.
    Failed,
    /// The payment was refunded in full or charged back.
    Returned,
}

impl Payment {
    /// Applies an update and returns the new facts.
    pub fn apply_update(&mut self, update: &PaymentUpdate, now: Time) -> Vec<PaymentFact> {
        match update {
            PaymentUpdate::Failed if self.state == PaymentState::Pending => {
                self.state = PaymentState::Failed;
                vec![PaymentFact::Failed]
            }
            PaymentUpdate::Paid { cents, currency } if self.has_amount(*cents, currency) => {
                self.mark_paid(now).into_iter().collect()
            }
            PaymentUpdate::Refunded { cents, paid_cents, currency } if self.has_amount(*paid_cents, currency) => {
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
            // An outdated failure, or an amount that differs from the payment's, which an operator must investigate.
            PaymentUpdate::Failed | PaymentUpdate::Paid { .. } | PaymentUpdate::Refunded { .. } => Vec::new(),
        }
    }

    /// Whether an update has the payment's amount and currency. Updates without an amount always match.
    #[must_use]
    pub fn matches(&self, update: &PaymentUpdate) -> bool {
        match update {
            PaymentUpdate::Paid { cents, currency } | PaymentUpdate::Refunded { paid_cents: cents, currency, .. } => {
                self.has_amount(*cents, currency)
            }
            PaymentUpdate::Failed | PaymentUpdate::ChargedBack => true,
        }
    }

    fn has_amount(&self, cents: i64, currency: &str) -> bool {
        cents == self.amount_cents && currency.eq_ignore_ascii_case(&self.currency)
    }

    /// Marks it as requested again, unless it is paid.
    pub fn mark_requested_again(&mut self) {
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

    /// The result of updates: state, refunded cents and facts without failures, which do not change the final state.
    fn apply_all(updates: &[PaymentUpdate]) -> (PaymentState, i64, Vec<PaymentFact>) {
        let mut payment = pending();
        let facts = updates
            .iter()
            .flat_map(|update| payment.apply_update(update, NOW))
            .filter(|fact| *fact != PaymentFact::Failed)
            .collect();
        (payment.state, payment.refunded_cents, facts)
    }

    #[test]
    fn a_payment_moves_forward_only() {
        use PaymentFact::{Paid, Returned};
        assert_eq!(apply_all(&[]), (PaymentState::Pending, 0, vec![]));
        assert_eq!(apply_all(&[PaymentUpdate::Failed]), (PaymentState::Failed, 0, vec![]));
        assert_eq!(apply_all(&[PaymentUpdate::Failed, paid()]), (PaymentState::Paid, 0, vec![Paid]));
        assert_eq!(apply_all(&[paid(), PaymentUpdate::Failed]), (PaymentState::Paid, 0, vec![Paid]));
        assert_eq!(apply_all(&[paid(), refunded(200)]), (PaymentState::Paid, 200, vec![Paid]));
        assert_eq!(apply_all(&[refunded(500)]), (PaymentState::Refunded, 500, vec![Paid, Returned]));
        let reversed = [PaymentUpdate::ChargedBack, refunded(900), paid()];
        assert_eq!(apply_all(&reversed), (PaymentState::ChargedBack, 500, vec![Paid, Returned]));
    }

    #[test]
    fn each_requested_attempt_fails_once() {
        let mut payment = pending();
        assert_eq!(payment.apply_update(&PaymentUpdate::Failed, NOW), [PaymentFact::Failed]);
        assert_eq!(payment.apply_update(&PaymentUpdate::Failed, NOW), []);
        payment.mark_requested_again();
        assert_eq!((payment.state, payment.attempts), (PaymentState::Pending, 2));
        assert_eq!(payment.apply_update(&PaymentUpdate::Failed, NOW), [PaymentFact::Failed]);
        payment.apply_update(&paid(), NOW);
        payment.mark_requested_again();
        assert_eq!((payment.state, payment.attempts, payment.paid_at), (PaymentState::Paid, 2, Some(NOW)));
    }

    #[test]
    fn an_update_with_another_amount_has_no_effect() {
        let partly_refunded = PaymentUpdate::Refunded { cents: 100, paid_cents: 100, currency: "usd".into() };
        let paid = |cents, currency: &str| PaymentUpdate::Paid { cents, currency: currency.into() };
        for update in [paid(499, "usd"), paid(500, "eur"), partly_refunded] {
            assert!(!pending().matches(&update) && pending().matches(&paid(500, "USD")));
            assert_eq!(apply_all(&[update]), (PaymentState::Pending, 0, vec![]));
        }
    }

    fn updates() -> impl Strategy<Value = PaymentUpdate> {
        prop_oneof![Just(paid()), Just(PaymentUpdate::Failed), (0..600i64).prop_map(refunded), Just(PaymentUpdate::ChargedBack),]
    }

    proptest! {
        #[test]
        fn every_order_of_the_same_updates_has_the_same_result(
            (updates, shuffled) in prop::collection::vec(updates(), 0..8)
                .prop_flat_map(|updates| {
                    let fivefold: Vec<_> = updates.iter().cycle().take(updates.len() * 5).cloned().collect();
                    (Just(updates), Just(fivefold).prop_shuffle())
                })
        ) {
            prop_assert_eq!(apply_all(&updates), apply_all(&shuffled));
        }
    }
}
