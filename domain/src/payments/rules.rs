//! What news do to a payment, as pure functions.
//!
//! The states form a chain of facts, paid before returned before taken back; a payment has the furthest fact that was ever told of it, and
//! the facts that it implies. So news may be lost in the order, repeated and late: what settles is the same.

use super::{News, Payment, PaymentState};
use crate::Time;

/// A fact about a payment that has become known now. They come in the order in which they must have happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It has come.
    Paid,
    /// An attempt has failed.
    Failed,
    /// It has gone back, in full.
    Returned,
}

impl Payment {
    /// Takes news in and answers which facts are new.
    pub fn hear(&mut self, news: &News, now: Time) -> Vec<Settlement> {
        match news {
            News::Failed if self.state == PaymentState::Pending => {
                self.state = PaymentState::Failed;
                vec![Settlement::Failed]
            }
            News::Paid { cents, currency } if self.is(*cents, currency) => self.come(now).into_iter().collect(),
            News::Refunded { cents, paid_cents, currency } if self.is(*paid_cents, currency) => {
                let come = self.come(now);
                self.refunded_cents = self.refunded_cents.max(*cents).min(self.amount_cents);
                let returned = (self.refunded_cents == self.amount_cents).then(|| self.gone(PaymentState::Refunded)).flatten();
                come.into_iter().chain(returned).collect()
            }
            News::ChargedBack => {
                let come = self.come(now);
                come.into_iter().chain(self.gone(PaymentState::ChargedBack)).collect()
            }
            // A failure that something has overtaken; or another amount than was asked for, which is for people to look into.
            News::Failed | News::Paid { .. } | News::Refunded { .. } => Vec::new(),
        }
    }

    /// Whether news can be about it: what came is what was asked for.
    #[must_use]
    pub fn fits(&self, news: &News) -> bool {
        match news {
            News::Paid { cents, currency } | News::Refunded { paid_cents: cents, currency, .. } => self.is(*cents, currency),
            News::Failed | News::ChargedBack => true,
        }
    }

    fn is(&self, cents: i64, currency: &str) -> bool {
        cents == self.amount_cents && currency.eq_ignore_ascii_case(&self.currency)
    }

    /// Asks for it again after a failure.
    pub fn ask_again(&mut self) {
        if matches!(self.state, PaymentState::Pending | PaymentState::Failed | PaymentState::Void) {
            (self.state, self.attempts) = (PaymentState::Pending, self.attempts + 1);
        }
    }

    fn come(&mut self, now: Time) -> Option<Settlement> {
        match self.state {
            PaymentState::Pending | PaymentState::Failed | PaymentState::Void => {
                (self.state, self.paid_at) = (PaymentState::Paid, Some(now));
                Some(Settlement::Paid)
            }
            PaymentState::Paid | PaymentState::Unapplied | PaymentState::Refunded | PaymentState::ChargedBack => None,
        }
    }

    fn gone(&mut self, to: PaymentState) -> Option<Settlement> {
        match self.state {
            PaymentState::Refunded if to == PaymentState::ChargedBack => {
                self.state = to;
                None
            }
            PaymentState::Refunded | PaymentState::ChargedBack => None,
            PaymentState::Pending | PaymentState::Failed | PaymentState::Void | PaymentState::Paid | PaymentState::Unapplied => {
                self.state = to;
                Some(Settlement::Returned)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ids::{PaymentId, UserId};
    use crate::payments::Purpose;

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

    fn refunded(cents: i64) -> News {
        News::Refunded { cents, paid_cents: 500, currency: "usd".into() }
    }

    fn paid() -> News {
        News::Paid { cents: 500, currency: "usd".into() }
    }

    /// What is left of all that became known: a failure before the payment came changes nothing in the end.
    fn told(news: &[News]) -> (PaymentState, i64, Vec<Settlement>) {
        let mut payment = pending();
        let facts = news.iter().flat_map(|news| payment.hear(news, NOW)).filter(|fact| *fact != Settlement::Failed).collect();
        (payment.state, payment.refunded_cents, facts)
    }

    #[test]
    fn a_payment_goes_one_way() {
        use Settlement::{Paid, Returned};
        assert_eq!(told(&[]), (PaymentState::Pending, 0, vec![]));
        assert_eq!(told(&[News::Failed]), (PaymentState::Failed, 0, vec![]));
        assert_eq!(told(&[News::Failed, paid()]), (PaymentState::Paid, 0, vec![Paid]));
        assert_eq!(told(&[paid(), News::Failed]), (PaymentState::Paid, 0, vec![Paid]));
        assert_eq!(told(&[paid(), refunded(200)]), (PaymentState::Paid, 200, vec![Paid]));
        assert_eq!(told(&[refunded(500)]), (PaymentState::Refunded, 500, vec![Paid, Returned]));
        let everything = [News::ChargedBack, refunded(900), paid()];
        assert_eq!(told(&everything), (PaymentState::ChargedBack, 500, vec![Paid, Returned]));
    }

    #[test]
    fn a_failure_is_told_once_for_each_time_that_it_was_asked_for() {
        let mut payment = pending();
        assert_eq!(payment.hear(&News::Failed, NOW), [Settlement::Failed]);
        assert_eq!(payment.hear(&News::Failed, NOW), []);
        payment.ask_again();
        assert_eq!((payment.state, payment.attempts), (PaymentState::Pending, 2));
        assert_eq!(payment.hear(&News::Failed, NOW), [Settlement::Failed]);
        payment.hear(&paid(), NOW);
        payment.ask_again();
        assert_eq!((payment.state, payment.attempts, payment.paid_at), (PaymentState::Paid, 2, Some(NOW)));
    }

    #[test]
    fn another_amount_is_not_the_payment() {
        let returned = News::Refunded { cents: 100, paid_cents: 100, currency: "usd".into() };
        let paid = |cents, currency: &str| News::Paid { cents, currency: currency.into() };
        for news in [paid(499, "usd"), paid(500, "eur"), returned] {
            assert!(!pending().fits(&news) && pending().fits(&paid(500, "USD")));
            assert_eq!(told(&[news]), (PaymentState::Pending, 0, vec![]));
        }
    }

    fn news() -> impl Strategy<Value = News> {
        prop_oneof![Just(paid()), Just(News::Failed), (0..600i64).prop_map(refunded), Just(News::ChargedBack),]
    }

    proptest! {
        #[test]
        fn every_order_of_the_same_news_settles_the_same(
            (news, shuffled) in prop::collection::vec(news(), 0..8)
                .prop_flat_map(|news| {
                    let fivefold: Vec<_> = news.iter().cycle().take(news.len() * 5).cloned().collect();
                    (Just(news), Just(fivefold).prop_shuffle())
                })
        ) {
            prop_assert_eq!(told(&news), told(&shuffled));
        }
    }
}
