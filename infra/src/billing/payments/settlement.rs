//! Applies updates of payments from a provider, and their effects on coins and subscriptions.

use async_trait::async_trait;
use domain::ServiceError;
use domain::billing::coins::{Amount, CoinError, Grant, Purpose, Source};
use domain::billing::payments::{Payment, PaymentFact, PaymentMethod, PaymentState, PaymentUpdate};
use domain::ids::{SubscriptionId, UserId};

use super::UserPayments;
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

    /// Records a failed attempt. Changes nothing if the subscription does not expect the payment.
    ///
    /// # Errors
    /// When the database fails.
    async fn on_failed(&self, payments: &UserPayments, payment: &Payment) -> Result<(), ServiceError>;

    /// Ends the current period if a refunded payment was for it.
    ///
    /// # Errors
    /// When the database fails.
    async fn on_refunded(&self, payments: &UserPayments, payment: &Payment) -> Result<(), ServiceError>;

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
    /// Applies an update to a payment. Returns whether the update fits the payment.
    pub(super) async fn settle(
        &self,
        mut payment: Payment,
        update: &PaymentUpdate,
        subscriptions: &dyn SubscriptionPayments,
    ) -> Result<bool, ServiceError> {
        let fits = payment.matches(update);
        let facts = payment.apply_update(update, self.now);
        self.save(&payment).await?;
        for fact in facts {
            let id = payment.id;
            match fact {
                PaymentFact::Paid if payment.subscription_item().is_none() => {
                    self.deliver(payment).await?;
                }
                PaymentFact::Paid => subscriptions.on_paid(self, payment).await?,
                PaymentFact::Failed => subscriptions.on_failed(self, &payment).await?,
                PaymentFact::Returned => self.on_refunded(&payment, subscriptions).await?,
            }
            payment = self.find(id).await?;
        }
        Ok(fits)
    }

    /// Grants the coins of a paid package.
    pub(super) async fn deliver(&self, mut payment: Payment) -> Result<Payment, ServiceError> {
        let amount = Amount::try_from(payment.coins).map_err(ServiceError::bug)?;
        let purpose = Purpose::parse("purchase").map_err(ServiceError::bug)?;
        let key = payment.purchase_key();
        if self.credit(Grant { amount, source: Source::Purchase, origin: None, purpose, expires_at: None }, &key).await? {
            payment.grant_key = Some(key);
        } else if payment.state == PaymentState::Paid {
            payment.state = PaymentState::Unapplied;
        }
        self.save(&payment).await?;
        Ok(payment)
    }

    /// Takes back the coins of a payment that was refunded in full or charged back.
    async fn on_refunded(&self, payment: &Payment, subscriptions: &dyn SubscriptionPayments) -> Result<(), ServiceError> {
        if let Some(key) = &payment.grant_key {
            let purpose = Purpose::parse("payment returned").map_err(ServiceError::bug)?;
            let settled = coins::settle_target(&self.tx, self.user, key, payment.coins, purpose, self.now).await;
            settled.map_err(CoinError::into_service_error)?;
        }
        subscriptions.on_refunded(self, payment).await
    }
}
