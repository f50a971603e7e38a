//! What time brings to subscriptions.

use std::sync::Arc;

use domain::ids::UserId;
use domain::subscriptions::Subscription;
use domain::{Fault, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{SqlSubscriptions, find, latest, touched};
use crate::sql::batch::{PAGE, every};
use crate::sql::billing::Billing;
use crate::sql::database::Tx;
use crate::sql::entities::subscription;
use crate::sql::error::{fault, missing};
use crate::sql::rows::id;

impl SqlSubscriptions {
    /// What time has brought happens to every subscription that is due, each under its user's lock, so that any number of servers
    /// may do it at once. Answers how many were moved.
    pub(crate) async fn catch_up(&self, now: Time) -> Result<u64, Fault> {
        let page = async |after: String| {
            let due = subscription::Entity::find()
                .filter(subscription::Column::NextAt.lte(now))
                .filter(subscription::Column::Id.gt(after))
                .order_by_asc(subscription::Column::Id)
                .limit(PAGE);
            due.all(self.db.reader()).await.map_err(fault)
        };
        every(page, |row| &row.id, async |row| self.catch_up_with(id(&row.user_id)?, row.id, now).await).await
    }

    /// A user's latest subscription as it is now: what time has brought comes first, whether or not the scheduler was here.
    pub(super) async fn present(&self, user: UserId, now: Time) -> Result<Option<Subscription>, Fault> {
        let stored = latest(self.db.reader(), user).await?;
        let Some(due) = stored.as_ref().filter(|stored| stored.is_due(now)) else { return Ok(stored) };
        self.catch_up_with(user, due.id.to_string(), now).await?;
        latest(self.db.reader(), user).await
    }

    async fn catch_up_with(&self, user: UserId, id: String, now: Time) -> Result<bool, Fault> {
        let provider = Arc::clone(&self.provider);
        let work = move |tx: Tx| async move {
            let billing = Billing::lock(&tx, user, now, &provider).await?;
            let subscription = find(&*tx, &id).await?.ok_or_else(|| missing("subscription"))?;
            // Another server may have been here before.
            let due = subscription.is_due(now);
            if due {
                billing.catch_up(subscription).await?;
            }
            Ok::<_, Fault>(touched(user).touched_by(due))
        };
        self.db.write(touched(user), work).await
    }
}
