//! What becomes known of a payment, and what that does.

use domain::Fault;
use domain::coins::{Amount, CoinError, Grant, Purpose, Source};
use domain::ids::{PaymentId, SubscriptionId};
use domain::payments::{Payment, PaymentFact, PaymentState, PaymentUpdate};
use domain::subscriptions::{Event, Item, PaymentMethod, Subscription};
use sea_orm::EntityTrait;

use super::Billing;
use crate::sql::coins;
use crate::sql::entities::{payment, subscription};
use crate::sql::error::{fault, missing};
use crate::sql::payments::of_row;
use crate::sql::subscriptions::{find, to_row};

impl Billing {
    /// Takes an update of a payment in. Answers whether it fits.
    pub(in crate::sql) async fn settle(&self, mut payment: Payment, update: &PaymentUpdate) -> Result<bool, Fault> {
        let fit = payment.fits(update);
        let facts = payment.hear(update, self.now);
        self.save(&payment).await?;
        for fact in facts {
            payment = match fact {
                PaymentFact::Paid => Box::pin(self.came(payment)).await?,
                PaymentFact::Failed => Box::pin(self.failed(payment)).await?,
                PaymentFact::Returned => Box::pin(self.went_back(payment)).await?,
            };
        }
        Ok(fit)
    }

    /// A payment has come: its subscription goes on, or its coins are given.
    pub(in crate::sql) async fn came(&self, payment: Payment) -> Result<Payment, Fault> {
        if payment.of_subscription().is_none() {
            return self.sell(payment).await;
        }
        let id = payment.id;
        let moved = self.apply(self.subscription_of(&payment).await?, payment).await?;
        self.collect(moved).await?;
        self.payment(id).await
    }

    /// Gives the coins of a package.
    async fn sell(&self, mut payment: Payment) -> Result<Payment, Fault> {
        let amount = Amount::try_from(payment.coins).map_err(Fault::bug)?;
        let purpose = Purpose::parse("purchase").map_err(Fault::bug)?;
        let key = payment.purchase_key();
        if self.credit(Grant { amount, source: Source::Purchase, purpose, expires_at: None }, &key).await? {
            payment.grant_key = Some(key);
        } else if payment.state == PaymentState::Paid {
            payment.state = PaymentState::Unapplied;
        }
        self.save(&payment).await?;
        Ok(payment)
    }

    /// Notes what later payments of a subscription are taken from; one that is over takes none. Answers whether it did.
    pub(in crate::sql) async fn remember(&self, subscription: SubscriptionId, method: PaymentMethod) -> Result<bool, Fault> {
        let present = self.present(subscription).await?;
        if present.state.is_final() {
            return Ok(false);
        }
        let remembered = Subscription { payment_method: Some(method), version: present.version + 1, ..present };
        subscription::Entity::update(to_row(self.user, &remembered)?).exec(&*self.tx).await.map_err(fault)?;
        Ok(true)
    }

    /// An attempt has failed. Where that means nothing to the subscription, nothing happens.
    async fn failed(&self, payment: Payment) -> Result<Payment, Fault> {
        if let Some((_, item)) = payment.of_subscription() {
            let subscription = self.subscription_of(&payment).await?;
            self.happens(&subscription, Event::PaymentFailed(item)).await?.ok();
        }
        Ok(payment)
    }

    /// A payment went back in full: its coins are taken back as far as they are there, and its period, if it is the current one, is over.
    async fn went_back(&self, payment: Payment) -> Result<Payment, Fault> {
        if let Some(key) = &payment.grant_key {
            let purpose = Purpose::parse("payment returned").map_err(Fault::bug)?;
            coins::clawback(&self.tx, self.user, key, purpose, self.now).await.map_err(CoinError::into_fault)?;
        }
        if let Some((_, Item::Period(index))) = payment.of_subscription() {
            let subscription = self.subscription_of(&payment).await?;
            self.happens(&subscription, Event::Refund(index)).await?.ok();
        }
        Ok(payment)
    }

    /// A payment of this user.
    pub(in crate::sql) async fn payment(&self, id: PaymentId) -> Result<Payment, Fault> {
        let row = payment::Entity::find_by_id(id.to_string()).one(&*self.tx).await.map_err(fault)?;
        of_row(row.ok_or_else(|| missing("payment"))?)
    }

    async fn subscription_of(&self, payment: &Payment) -> Result<Subscription, Fault> {
        let (id, _) = payment.of_subscription().ok_or_else(|| missing("the subscription of a payment"))?;
        self.present(id).await
    }

    /// A subscription as it is now: what time has brought comes first, whether or not the scheduler was here.
    async fn present(&self, id: SubscriptionId) -> Result<Subscription, Fault> {
        let found = find(&*self.tx, &id.to_string()).await?.ok_or_else(|| missing("subscription"))?;
        Box::pin(self.catch_up(found)).await
    }
}
