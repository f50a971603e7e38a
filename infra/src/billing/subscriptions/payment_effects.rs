//! The effects of payments on subscriptions.

use async_trait::async_trait;
use domain::ServiceError;
use domain::billing::payments::{Item, Payment, PaymentMethod};
use domain::billing::subscriptions::{Event, Subscription};
use domain::ids::{SubscriptionId, UserId};
use sea_orm::EntityTrait;

use super::entities::subscription;
use super::rows::{find, to_row};
use super::transitions::Transitions;
use crate::billing::payments::{SubscriptionPayments, UserPayments};
use crate::db::{Reader, id, missing, service_error};

/// The effects of payments on subscriptions.
pub(crate) struct PaymentEffects;

impl Transitions {
    /// A subscription, after its due events are applied.
    async fn current(&self, id: SubscriptionId) -> Result<Subscription, ServiceError> {
        let found = find(&*self.payments.tx, &id.to_string()).await?.ok_or_else(|| missing("subscription"))?;
        Box::pin(self.catch_up(found)).await
    }

    /// The subscription of a payment, after its due events are applied.
    async fn current_of(&self, payment: &Payment) -> Result<Subscription, ServiceError> {
        let (id, _) = payment.subscription_item().ok_or_else(|| missing("the subscription of a payment"))?;
        self.current(id).await
    }
}

fn transitions(payments: &UserPayments) -> Transitions {
    Transitions { payments: payments.clone(), key: None }
}

#[async_trait]
impl SubscriptionPayments for PaymentEffects {
    async fn user_of(&self, db: &Reader, subscription: SubscriptionId) -> Result<Option<UserId>, ServiceError> {
        let row = subscription::Entity::find_by_id(subscription.to_string()).one(db).await.map_err(service_error)?;
        row.map(|row| id(&row.user_id)).transpose()
    }

    async fn on_paid(&self, payments: &UserPayments, payment: Payment) -> Result<(), ServiceError> {
        let transitions = transitions(payments);
        let subscription = transitions.current_of(&payment).await?;
        let applied = Box::pin(transitions.apply(subscription, payment)).await?;
        Box::pin(transitions.collect(applied)).await.map(|_| ())
    }

    async fn on_failed(&self, payments: &UserPayments, payment: &Payment) -> Result<(), ServiceError> {
        if let Some((_, item)) = payment.subscription_item() {
            let transitions = transitions(payments);
            let subscription = transitions.current_of(payment).await?;
            // The machine refuses the event if the failure changes nothing.
            transitions.apply_event(&subscription, Event::PaymentFailed(item)).await?.ok();
        }
        Ok(())
    }

    async fn on_refunded(&self, payments: &UserPayments, payment: &Payment) -> Result<(), ServiceError> {
        if let Some((_, Item::Period(index))) = payment.subscription_item() {
            let transitions = transitions(payments);
            let subscription = transitions.current_of(payment).await?;
            // The machine refuses the event if the payment was for an earlier period.
            transitions.apply_event(&subscription, Event::Refund(index)).await?.ok();
        }
        Ok(())
    }

    async fn set_payment_method(
        &self,
        payments: &UserPayments,
        subscription: SubscriptionId,
        method: PaymentMethod,
    ) -> Result<bool, ServiceError> {
        let current = transitions(payments).current(subscription).await?;
        if current.state.is_final() {
            return Ok(false);
        }
        let changed = Subscription { payment_method: Some(method), version: current.version + 1, ..current };
        subscription::Entity::update(to_row(payments.user, &changed)?).exec(&*payments.tx).await.map_err(service_error)?;
        Ok(true)
    }
}
