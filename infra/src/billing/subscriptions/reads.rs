//! The cacheable read of subscriptions.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::subscriptions::{Subscription, SubscriptionReads, SubscriptionView, view, view_of_none};
use domain::ids::UserId;
use domain::{CachedResponse, Clock, ServiceError, Time};
use sea_orm::ConnectionTrait;

use super::rows::latest;
use crate::billing::payments::open_payment;
use crate::db::Pools;

/// [`SubscriptionReads`] on SQL.
pub(crate) struct SqlSubscriptionReads {
    pub(crate) pools: Pools,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl SubscriptionReads for SqlSubscriptionReads {
    async fn subscription(&self, user: UserId) -> Result<CachedResponse<SubscriptionView>, ServiceError> {
        let (db, now) = (self.pools.reader(), self.clock.now());
        let Some(latest) = latest(db, user).await? else { return CachedResponse::of(&view_of_none()) };
        Ok(CachedResponse::of(&view_of(db, &latest, now).await?)?.until(latest.valid_until(now)))
    }
}

/// The view of a subscription for its user.
pub(super) async fn view_of(
    db: &impl ConnectionTrait,
    subscription: &Subscription,
    now: Time,
) -> Result<SubscriptionView, ServiceError> {
    Ok(view(subscription, open_payment(db, subscription.id).await?, now))
}
