//! Applies due events of subscriptions.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::subscriptions::Subscription;
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::SqlSubscriptions;
use super::entities::subscription;
use super::rows::{find, latest};
use super::transitions::Transitions;
use crate::billing::touched;
use crate::db::{PAGE, Tx, for_each, id, missing, service_error};
use crate::jobs::ScheduledTask;

impl SqlSubscriptions {
    /// Applies the due events of all subscriptions, each under the lock of its user, so that several servers may run it at once.
    /// Returns the number of subscriptions that had due events.
    async fn catch_up(&self, now: Time) -> Result<u64, ServiceError> {
        let page = async |after: String| {
            let due = subscription::Entity::find()
                .filter(subscription::Column::NextAt.lte(now))
                .filter(subscription::Column::Id.gt(after))
                .order_by_asc(subscription::Column::Id)
                .limit(PAGE);
            due.all(self.db.reader()).await.map_err(service_error)
        };
        for_each(page, |row| &row.id, async |row| self.catch_up_with(id(&row.user_id)?, row.id, now).await).await
    }

    /// A user's latest subscription, after its due events are applied.
    pub(super) async fn current(&self, user: UserId, now: Time) -> Result<Option<Subscription>, ServiceError> {
        let stored = latest(self.db.reader(), user).await?;
        let Some(due) = stored.as_ref().filter(|stored| stored.is_due(now)) else { return Ok(stored) };
        self.catch_up_with(user, due.id.to_string(), now).await?;
        latest(self.db.reader(), user).await
    }

    async fn catch_up_with(&self, user: UserId, id: String, now: Time) -> Result<bool, ServiceError> {
        let provider = Arc::clone(&self.provider);
        let work = move |tx: Tx| async move {
            let transitions = Transitions::lock(&tx, user, now, &provider).await?;
            let subscription = find(&*tx, &id).await?.ok_or_else(|| missing("subscription"))?;
            // Another server may have applied the events.
            let due = subscription.is_due(now);
            if due {
                transitions.catch_up(subscription).await?;
            }
            Ok::<_, ServiceError>(due)
        };
        self.db.write(touched(user), work).await
    }
}

/// Ends trials, periods and grace periods, requests overdue payments again, and expires unpaid subscriptions.
pub(crate) struct CatchUpSubscriptions(pub(crate) Arc<SqlSubscriptions>);

#[async_trait]
impl ScheduledTask for CatchUpSubscriptions {
    fn name(&self) -> &'static str {
        "catch_up_subscriptions"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        self.0.catch_up(now).await
    }
}
