//! Ends the subscription of a deleted user, and that of a suspended user with its period.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::payments::PaymentProvider;
use domain::billing::subscriptions::{Event, State};
use domain::ids::UserId;
use domain::{ServiceError, Time};

use super::rows::live;
use super::transitions::Transitions;
use crate::billing::touched;
use crate::db::{Keys, Tx};
use crate::identity::{DeletionHook, SuspensionHook};

/// Ends the subscription and voids what is unpaid. A payment that arrives later is `unapplied`.
pub(crate) struct EndSubscription(pub(crate) Arc<dyn PaymentProvider>);

#[async_trait]
impl DeletionHook for EndSubscription {
    async fn on_deletion(&self, tx: &Tx, user: UserId, now: Time) -> Result<Keys, ServiceError> {
        let transitions = Transitions::lock(tx, user, now, &self.0).await?;
        if let Some(live) = live(&**tx, user).await? {
            // Due events are applied first.
            let current = Box::pin(transitions.catch_up(live)).await?;
            if !current.state.is_final() {
                Box::pin(transitions.apply_event(&current, Event::Cancel)).await?.map_err(ServiceError::bug)?;
            }
        }
        transitions.payments.void_all_open().await?;
        Ok(touched(user))
    }
}

/// Ends the subscription with its period and voids what is unpaid, so that nothing is requested from a suspended user.
pub(crate) struct StopSubscription(pub(crate) Arc<dyn PaymentProvider>);

#[async_trait]
impl SuspensionHook for StopSubscription {
    async fn on_suspension(&self, tx: &Tx, user: UserId, now: Time) -> Result<Keys, ServiceError> {
        let transitions = Transitions::lock(tx, user, now, &self.0).await?;
        if let Some(live) = live(&**tx, user).await? {
            let current = Box::pin(transitions.catch_up(live)).await?;
            let event = if current.state == State::Incomplete { Event::Cancel } else { Event::CancelAtPeriodEnd };
            // Refused only if the subscription has just ended.
            Box::pin(transitions.apply_event(&current, event)).await?.ok();
        }
        transitions.payments.void_all_open().await?;
        Ok(touched(user))
    }
}
