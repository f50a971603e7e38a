//! The effects of payments on subscriptions.

use async_trait::async_trait;
use domain::ServiceError;
use domain::billing::payments::{Payment, PaymentFact, PaymentMethod};
use domain::billing::subscriptions::{Event, Subscription};
use domain::ids::{PaymentId, SubscriptionId, UserId};
use sea_orm::EntityTrait;

use super::entities::subscription;
use super::rows::{find, live};
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

impl Transitions {
    /// Applies a dispute of any payment of the user to the subscription that has not ended.
    async fn dispute(&self) -> Result<(), ServiceError> {
        let UserPayments { tx, user, .. } = &self.payments;
        if let Some(live) = live(&**tx, *user).await? {
            let current = Box::pin(self.catch_up(live)).await?;
            // The machine refuses the event if it changes nothing.
            Box::pin(self.apply_event(&current, Event::Disputed)).await?.ok();
        }
        Ok(())
    }

    /// Whether a subscription may continue after its end: no other one has begun since.
    async fn may_continue(&self, ended: &Subscription) -> Result<bool, ServiceError> {
        let UserPayments { tx, user, .. } = &self.payments;
        Ok(live(&**tx, *user).await?.is_none_or(|live| live.id == ended.id))
    }

    /// Marks the payments of upgrades that do not stand because one below them fell.
    async fn mark_fallen(&self, of: &Subscription) -> Result<(), ServiceError> {
        let fallen: Vec<PaymentId> = of.fallen_upgrades().collect();
        for upgrade in &of.upgrades {
            self.payments.set_fell(upgrade.payment, fallen.contains(&upgrade.payment)).await?;
        }
        Ok(())
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

    async fn on_change(&self, payments: &UserPayments, payment: &Payment, change: PaymentFact) -> Result<(), ServiceError> {
        let transitions = transitions(payments);
        if change == PaymentFact::Disputed {
            return transitions.dispute().await;
        }
        let Some((_, item)) = payment.subscription_item().filter(|_| payment.unapplied.is_none()) else { return Ok(()) };
        let subscription = transitions.current_of(payment).await?;
        let event = match change {
            PaymentFact::Failed => Event::PaymentFailed(item),
            PaymentFact::Returned => Event::Returned(item),
            PaymentFact::Restored if transitions.may_continue(&subscription).await? => Event::Restored(item),
            PaymentFact::Restored | PaymentFact::Paid | PaymentFact::Disputed => return Ok(()),
        };
        // The machine refuses the event if it changes nothing.
        if let Ok(changed) = Box::pin(transitions.apply_event(&subscription, event)).await? {
            transitions.mark_fallen(&changed).await?;
        }
        Ok(())
    }

    async fn set_payment_method(
        &self,
        payments: &UserPayments,
        subscription: SubscriptionId,
        method: PaymentMethod,
    ) -> Result<bool, ServiceError> {
        let transitions = transitions(payments);
        let current = transitions.current(subscription).await?;
        let set = Box::pin(transitions.apply_event(&current, Event::MethodSet(method))).await?;
        Ok(set.is_ok())
    }
}
