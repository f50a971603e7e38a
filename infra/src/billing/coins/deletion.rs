//! What the deletion of an account does with its coins: holds are voided, coins are written off, and free texts are redacted.
//!
//! The numbers of the ledger stay, under the id of the user. A purpose and a reference are free text of the user, the site or an
//! administrator. They are replaced in holds and entries together, since the audit compares them. The trigger that protects entries
//! allows exactly this, and only for a deleted user.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::coins::{CoinError, Ender};
use domain::ids::UserId;
use domain::{Clock, ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::entities::{coin_entry, coin_hold, coin_lot};
use super::rows::hold_of_row;
use super::touched;
use super::writes::{Addition, lock_account, locked, save};
use crate::db::{Keys, Tx, service_error};
use crate::identity::{DeletionHook, Erased, Eraser};

/// The maximum number of holds that one transaction voids.
const MAX_VOIDED: u64 = 250;
/// What replaces a purpose.
const ERASED: &str = "erased";

/// Voids the holds of a deleted user, also those of the site, and writes off the coins. What exceeds a transaction is left to
/// [`RedactHolds`].
pub(crate) struct CloseCoinAccount;

#[async_trait]
impl DeletionHook for CloseCoinAccount {
    async fn on_deletion(&self, tx: &Tx, user: UserId, now: Time) -> Result<Keys, ServiceError> {
        close(tx, user, now).await?;
        Ok(touched(user))
    }
}

fn open_holds(user: UserId) -> Select<coin_hold::Entity> {
    coin_hold::Entity::find().filter(coin_hold::Column::UserId.eq(user.to_string())).filter(coin_hold::Column::State.eq("held"))
}

/// Voids open holds and writes off the coins that are not held. Returns the number of holds that were open, at most [`MAX_VOIDED`].
async fn close(tx: &Tx, user: UserId, now: Time) -> Result<u64, ServiceError> {
    let mut account = locked(tx, user, now).await.map_err(CoinError::into_service_error)?;
    let open = open_holds(user).order_by_asc(coin_hold::Column::Id).limit(MAX_VOIDED).all(&**tx).await.map_err(service_error)?;
    let count = u64::try_from(open.len()).map_err(ServiceError::bug)?;
    for row in open {
        // A hold that has expired is released by the next lock of the account.
        if let Ok(hold) = account.void(hold_of_row(row)?, Ender::SYSTEM, now)? {
            let saved = save(tx, user, &mut account, Addition::ChangedHold(&hold)).await;
            saved.map_err(CoinError::into_service_error)?;
        }
    }
    account.close(now);
    save(tx, user, &mut account, Addition::Nothing).await.map_err(CoinError::into_service_error)?;
    Ok(count)
}

/// Redacts the free texts of holds, and of their entries.
pub(crate) struct RedactHolds(pub(crate) Arc<dyn Clock>);

/// Redacts the free texts of entries without a hold.
pub(crate) struct RedactEntries;

/// Replaces the grant keys of lots that contain the idempotency key of an administrator.
pub(crate) struct RedactGrantKeys;

#[async_trait]
impl Eraser for RedactHolds {
    fn area(&self) -> &'static str {
        "coin_holds"
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        let voided = close(tx, user, self.0.now()).await?;
        let has_text =
            Condition::any().add(coin_hold::Column::Purpose.ne(ERASED)).add(coin_hold::Column::Reference.is_not_null());
        let ids: Vec<String> = coin_hold::Entity::find()
            .select_only()
            .column(coin_hold::Column::Id)
            .filter(coin_hold::Column::UserId.eq(user.to_string()))
            .filter(has_text)
            .limit(at_most)
            .into_tuple()
            .all(&**tx)
            .await
            .map_err(service_error)?;
        let redacted = coin_hold::ActiveModel { purpose: Set(ERASED.to_owned()), reference: Set(None), ..Default::default() };
        let holds = coin_hold::Entity::update_many().set(redacted).filter(coin_hold::Column::Id.is_in(ids.clone()));
        let rows = holds.exec(&**tx).await.map_err(service_error)?.rows_affected;
        redact(tx, coin_entry::Column::HoldId.is_in(ids).into()).await?;
        Ok(Erased { rows: rows + voided, keys: touched(user) })
    }
}

/// Redacts entries, as far as their texts are not yet.
async fn redact(tx: &Tx, entries: Condition) -> Result<u64, ServiceError> {
    let redacted = coin_entry::ActiveModel { purpose: Set(ERASED.to_owned()), reference: Set(None), ..Default::default() };
    let entries = coin_entry::Entity::update_many().set(redacted).filter(entries).filter(has_text());
    Ok(entries.exec(&**tx).await.map_err(service_error)?.rows_affected)
}

fn has_text() -> Condition {
    Condition::any().add(coin_entry::Column::Purpose.ne(ERASED)).add(coin_entry::Column::Reference.is_not_null())
}

#[async_trait]
impl Eraser for RedactEntries {
    fn area(&self) -> &'static str {
        "coin_entries"
    }

    async fn erase(&self, tx: &Tx, user: UserId, at_most: u64) -> Result<Erased, ServiceError> {
        lock_account(tx, user).await?;
        let ids: Vec<String> = coin_entry::Entity::find()
            .select_only()
            .column(coin_entry::Column::Id)
            .filter(coin_entry::Column::UserId.eq(user.to_string()))
            .filter(has_text())
            .limit(at_most)
            .into_tuple()
            .all(&**tx)
            .await
            .map_err(service_error)?;
        let rows = redact(tx, Condition::all().add(coin_entry::Column::Id.is_in(ids))).await?;
        Ok(Erased { rows, keys: Keys::none() })
    }
}

#[async_trait]
impl Eraser for RedactGrantKeys {
    fn area(&self) -> &'static str {
        "coin_lots"
    }

    async fn erase(&self, tx: &Tx, user: UserId, _: u64) -> Result<Erased, ServiceError> {
        let lots = coin_lot::Entity::update_many()
            .col_expr(coin_lot::Column::GrantKey, Expr::cust("'erased:' || id"))
            .filter(coin_lot::Column::UserId.eq(user.to_string()))
            .filter(Expr::col(coin_lot::Column::GrantKey).like("admin:%"));
        let rows = lots.exec(&**tx).await.map_err(service_error)?.rows_affected;
        Ok(Erased { rows, keys: Keys::none() })
    }
}
