//! Loads an account under its lock, and writes the changes that the rules made.

use domain::billing::coins::{Account, Changes, CoinError, Hold, Lot};
use domain::idempotency::Conflict;
use domain::ids::{HoldId, UserId};
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::NotSet;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities::{coin_account, coin_hold, coin_lot};
use super::reads::lots_of_account;
use super::rows::{account_row, changed_hold, changed_lot, entry_row, hold_of_row, hold_row, lot_row, totals_of_row};
use crate::db::{Tx, missing, service_error, violated_unique};

/// Locks a user's account.
pub(crate) async fn lock_account(tx: &Tx, user: UserId) -> Result<(), ServiceError> {
    let account = coin_account::Entity::find_by_id(user.to_string()).lock_exclusive().one(&**tx).await.map_err(service_error)?;
    account.map(|_| ()).ok_or_else(|| missing("coin account"))
}

/// Locks and loads an account. Releases expired holds first, since their coins return to lots. Then writes off expired lots.
pub(super) async fn locked(tx: &Tx, user: UserId, now: Time) -> Result<Account, CoinError> {
    let row = coin_account::Entity::find_by_id(user.to_string()).lock_exclusive().one(&**tx).await.map_err(service_error)?;
    let totals = totals_of_row(&row.ok_or(CoinError::NoSuchUser)?);
    let mut account = Account::new(totals, lots_of_account(&**tx, user).await?);
    let overdue = if totals.held > 0 { overdue(tx, user, now).await? } else { Vec::new() };
    let released = overdue.into_iter().map(|hold| account.release(hold, now)).collect::<Result<Vec<_>, _>>()?;
    account.expire(now);
    save(tx, user, &mut account, Addition::Nothing).await?;
    for hold in &released {
        update_hold(tx, hold).await?;
    }
    Ok(account)
}

/// The condition for an open hold that has expired.
pub(super) fn is_overdue(now: Time) -> Condition {
    Condition::all().add(coin_hold::Column::State.eq("held")).add(coin_hold::Column::ExpiresAt.lte(now))
}

/// The maximum number of expired holds that one transaction releases. The next transaction of the user releases more.
const MAX_RELEASED: u64 = 250;

/// Open holds that have expired, at most [`MAX_RELEASED`].
async fn overdue(tx: &Tx, user: UserId, now: Time) -> Result<Vec<Hold>, ServiceError> {
    let rows = coin_hold::Entity::find()
        .filter(coin_hold::Column::UserId.eq(user.to_string()))
        .filter(is_overdue(now))
        .order_by_asc(coin_hold::Column::Id)
        .limit(MAX_RELEASED);
    rows.all(&**tx).await.map_err(service_error)?.into_iter().map(hold_of_row).collect()
}

/// A hold of this user.
pub(super) async fn find_hold(tx: &Tx, user: UserId, hold: HoldId) -> Result<Option<Hold>, ServiceError> {
    let row = coin_hold::Entity::find_by_id(hold.to_string()).filter(coin_hold::Column::UserId.eq(user.to_string()));
    row.one(&**tx).await.map_err(service_error)?.map(hold_of_row).transpose()
}

/// Data to write in addition to the lots, the entries and the account.
pub(super) enum Addition<'a> {
    Nothing,
    /// The grant key of a new lot.
    Key(&'a str),
    NewHold(&'a Hold),
    ChangedHold(&'a Hold),
    /// A changed hold, and the grant key of the first new lot; the others add their number to it.
    Refund(&'a Hold, &'a str),
}

/// Writes the changes of an account since the last save.
pub(super) async fn save(tx: &Tx, user: UserId, account: &mut Account, addition: Addition<'_>) -> Result<(), CoinError> {
    let Changes { entries, new_lots, lots } = account.take_changes();
    if entries.is_empty() && lots.is_empty() {
        return Ok(());
    }
    for lot in lots.values() {
        update_lot(tx, lot).await?;
    }
    for (lot, number) in new_lots.iter().zip(1..) {
        let row = match addition {
            Addition::Key(key) if number == 1 => lot_row(user, lot, key.to_owned(), None)?,
            Addition::Refund(hold, key) if number == 1 => lot_row(user, lot, key.to_owned(), Some(hold.id))?,
            Addition::Refund(hold, key) => lot_row(user, lot, format!("{key}:{number}"), Some(hold.id))?,
            _ => return Err(ServiceError::bug("a new lot has no grant key").into()),
        };
        insert_lot(tx, row).await?;
    }
    match addition {
        Addition::NewHold(hold) => insert(tx, [hold_row(user, hold)?]).await?,
        Addition::ChangedHold(hold) | Addition::Refund(hold, _) => update_hold(tx, hold).await?,
        Addition::Nothing | Addition::Key(_) => {}
    }
    insert(tx, entries.iter().map(|entry| entry_row(user, entry)).collect::<Result<Vec<_>, _>>()?).await?;
    let row = coin_account::ActiveModel { user_id: NotSet, ..account_row(user, &account.totals) };
    Ok(change(tx, coin_account::Column::UserId.eq(user.to_string()), row).await?)
}

async fn insert_lot(tx: &Tx, row: coin_lot::ActiveModel) -> Result<(), CoinError> {
    let inserted = coin_lot::Entity::insert(row).exec_without_returning(&**tx).await;
    inserted.map(|_| ()).map_err(|error| match violated_unique(&error) {
        // The lot exists, but its idempotency key was purged.
        Some(_) => Conflict::Reused.into(),
        None => service_error(error).into(),
    })
}

/// Updates the mutable columns of a lot.
async fn update_lot(tx: &Tx, lot: &Lot) -> Result<(), ServiceError> {
    change(tx, coin_lot::Column::Id.eq(lot.id.to_string()), changed_lot(lot)).await
}

async fn update_hold(tx: &Tx, hold: &Hold) -> Result<(), ServiceError> {
    change(tx, coin_hold::Column::Id.eq(hold.id.to_string()), changed_hold(hold)?).await
}

async fn insert<A: ActiveModelTrait>(tx: &Tx, rows: impl IntoIterator<Item = A>) -> Result<(), ServiceError> {
    let rows: Vec<A> = rows.into_iter().collect();
    if !rows.is_empty() {
        A::Entity::insert_many(rows).exec_without_returning(&**tx).await.map_err(service_error)?;
    }
    Ok(())
}

/// Updates one row, which must exist.
async fn change<A: ActiveModelTrait>(tx: &Tx, filter: SimpleExpr, row: A) -> Result<(), ServiceError> {
    let updated = A::Entity::update_many().set(row).filter(filter).exec(&**tx).await.map_err(service_error)?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(missing("account, lot or hold of the ledger")) }
}
