//! Applies updates of payments from a provider, and their effects on coins and subscriptions.

use async_trait::async_trait;
use domain::ServiceError;
use domain::billing::coins::{Amount, CoinError, Grant, Purpose, Source};
use domain::billing::payments::{Payment, PaymentFact, PaymentMethod, PaymentUpdate, Purpose as PaymentPurpose, Unapplied};
use domain::ids::{PaymentId, SubscriptionId, UserId};

use super::{UserPayments, facts};
use crate::billing::coins;
use crate::db::Reader;

/// The effects of payments on their subscriptions.
#[async_trait]
pub(crate) trait SubscriptionPayments: Send + Sync {
    /// The user of a subscription; `None` when it does not exist.
    ///
    /// # Errors
    /// When the database fails.
    async fn user_of(&self, db: &Reader, subscription: SubscriptionId) -> Result<Option<UserId>, ServiceError>;

    /// Applies a received payment, or marks it `unapplied` if the subscription no longer expects it.
    ///
    /// # Errors
    /// When the database fails.
    async fn on_paid(&self, payments: &UserPayments, payment: Payment) -> Result<(), ServiceError>;

    /// Applies another change of a payment. Changes nothing if no subscription depends on it.
    ///
    /// # Errors
    /// When the database fails.
    async fn on_change(&self, payments: &UserPayments, payment: &Payment, change: PaymentFact) -> Result<(), ServiceError>;

    /// Sets the payment method for later payments of a subscription. Returns `false` if the subscription has ended.
    ///
    /// # Errors
    /// When the database fails.
    async fn set_payment_method(
        &self,
        payments: &UserPayments,
        subscription: SubscriptionId,
        method: PaymentMethod,
    ) -> Result<bool, ServiceError>;
}

impl UserPayments {
    /// Applies an update to a payment, and the effects of its changes.
    pub(super) async fn settle(
        &self,
        mut payment: Payment,
        update: &PaymentUpdate,
        subscriptions: &dyn SubscriptionPayments,
    ) -> Result<(), ServiceError> {
        let before = facts::load(&self.tx, payment.id).await?;
        let mut facts = before.clone();
        let changes = payment.apply_update(&mut facts, update, self.now);
        facts::save(&self.tx, payment.id, &before, &facts).await?;
        self.save(&payment).await?;
        for change in changes {
            let payment = self.find(payment.id).await?;
            match (change, &payment.purpose) {
                (PaymentFact::Paid, PaymentPurpose::Surplus { .. }) => {}
                (PaymentFact::Paid, PaymentPurpose::Purchase { .. }) => {
                    self.deliver(payment).await?;
                }
                (PaymentFact::Paid, _) => subscriptions.on_paid(self, payment).await?,
                _ => subscriptions.on_change(self, &payment, change).await?,
            }
        }
        self.take_back_coins(payment.id).await
    }

    /// Grants the coins of a paid package.
    pub(super) async fn deliver(&self, mut payment: Payment) -> Result<Payment, ServiceError> {
        let amount = Amount::try_from(payment.coins).map_err(ServiceError::bug)?;
        let purpose = Purpose::parse("purchase").map_err(ServiceError::bug)?;
        let key = payment.purchase_key();
        match self.credit(Grant { amount, source: Source::Purchase, purpose, expires_at: None, origin: None }, &key).await? {
            None => payment.grant_key = Some(key),
            Some(reason) => self.mark_unapplied(&mut payment, reason).await?,
        }
        self.save(&payment).await?;
        Ok(payment)
    }

    /// Marks a received payment as one that pays for nothing. The caller saves it.
    pub(crate) async fn mark_unapplied(&self, payment: &mut Payment, reason: Unapplied) -> Result<(), ServiceError> {
        payment.mark_unapplied(reason, &facts::load(&self.tx, payment.id).await?);
        Ok(())
    }

    /// Sets whether a payment pays for an upgrade on top of one whose money is gone.
    pub(crate) async fn set_fell(&self, id: PaymentId, fell: bool) -> Result<(), ServiceError> {
        let mut payment = self.find(id).await?;
        if payment.fell != fell {
            payment.set_fell(fell, &facts::load(&self.tx, id).await?);
            self.save(&payment).await?;
        }
        Ok(())
    }

    /// Claws back the coins of a payment in proportion to the money that is gone, or restores them.
    async fn take_back_coins(&self, id: PaymentId) -> Result<(), ServiceError> {
        let payment = self.find(id).await?;
        let Some(key) = &payment.grant_key else { return Ok(()) };
        let purpose = Purpose::parse("payment returned").map_err(ServiceError::bug)?;
        let target = payment.coins_to_take_back();
        let settled = coins::settle_target(&self.tx, self.user, key, target, purpose, self.now).await;
        settled.map_err(CoinError::into_service_error)
    }
}
