//! What time brings to subscriptions.

use std::sync::Arc;

use domain::{Fault, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{SqlSubscriptions, find, touched};
use crate::sql::batch::each;
use crate::sql::billing::Billing;
use crate::sql::database::Tx;
use crate::sql::entities::subscription;
use crate::sql::error::{fault, missing};
use crate::sql::rows::id;

/// How many subscriptions are moved in one go.
const BATCH: u64 = 100;

impl SqlSubscriptions {
    /// What time has brought happens to subscriptions: to some of those that are due, each under its user's lock, so that any
    /// number of servers may do it at once. Answers how many were moved.
    pub(crate) async fn catch_up(&self, now: Time) -> Result<u64, Fault> {
        let due = subscription::Entity::find()
            .filter(subscription::Column::NextAt.lte(now))
            .order_by_asc(subscription::Column::NextAt)
            .limit(BATCH);
        let due = due.all(self.db.reader()).await.map_err(fault)?;
        each(due, |row| self.catch_up_with(row, now)).await
    }

    async fn catch_up_with(&self, row: subscription::Model, now: Time) -> Result<bool, Fault> {
        let (user, provider) = (id(&row.user_id)?, Arc::clone(&self.provider));
        let work = move |tx: Tx| async move {
            let billing = Billing::lock(&tx, user, now, &provider).await?;
            let (_, subscription) = find(&*tx, &row.id).await?.ok_or_else(|| missing("subscription"))?;
            // Another server may have been here before.
            let due = subscription.due().is_some_and(|(at, _)| at <= now);
            if due {
                billing.catch_up(subscription).await?;
            }
            Ok::<_, Fault>(touched(user).touched_by(due))
        };
        self.db.write(touched(user), work).await
    }
}
