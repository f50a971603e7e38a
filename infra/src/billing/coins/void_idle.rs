//! Voids the idle holds of a suspended user.

use async_trait::async_trait;
use domain::billing::coins::{CoinError, Ender};
use domain::identity::{Placement, Placer};
use domain::ids::UserId;
use domain::{ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities::coin_hold;
use super::rows::hold_of_row;
use super::touched;
use super::writes::{Addition, locked, save};
use crate::db::{Keys, Tx, service_error};
use crate::identity::SuspensionHook;

/// The maximum number of holds that a suspension voids. The others expire by themselves.
const MAX_VOIDED: u64 = 250;

/// Voids the holds that the user placed. A suspended user can neither capture nor void them. Those of the site stay: its back end may be
/// working for them.
pub(crate) struct VoidIdleHolds;

#[async_trait]
impl SuspensionHook for VoidIdleHolds {
    async fn on_suspension(&self, tx: &Tx, user: UserId, now: Time) -> Result<Keys, ServiceError> {
        let by = Ender::of(&Placement { user, placer: Placer::User });
        let mut account = locked(tx, user, now).await.map_err(CoinError::into_service_error)?;
        let idle = coin_hold::Entity::find()
            .filter(coin_hold::Column::UserId.eq(user.to_string()))
            .filter(coin_hold::Column::State.eq("held"))
            .filter(coin_hold::Column::Placer.eq("user"))
            .order_by_asc(coin_hold::Column::Id)
            .limit(MAX_VOIDED);
        for row in idle.all(&**tx).await.map_err(service_error)? {
            // The account has released the expired holds, so a hold that is not open is none of them.
            if let Ok(hold) = account.void(hold_of_row(row)?, by, now)? {
                let saved = save(tx, user, &mut account, Addition::ChangedHold(&hold)).await;
                saved.map_err(CoinError::into_service_error)?;
            }
        }
        Ok(touched(user))
    }
}
