//! The account under its lock: how it is loaded, and how what the rules changed is written.

use domain::billing::coins::{Account, Changes, CoinError, Hold, Lot};
use domain::idempotency::Conflict;
use domain::ids::{HoldId, UserId};
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::NotSet;
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ActiveModelTrait, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities::{coin_account, coin_hold, coin_lot};
use super::reads::lots_with_coins;
use super::rows::{account_row, changed_hold, changed_lot, entry_row, hold_of_row, hold_row, lot_row, totals_of_row};
use crate::db::{Tx, missing, service_error, violated_unique};

/// Takes the lock of a user's account.
pub(crate) async fn lock_account(tx: &Tx, user: UserId) -> Result<(), ServiceError> {
    let account = coin_account::Entity::find_by_id(user.to_string()).lock_exclusive().one(&**tx).await.map_err(service_error)?;
    account.map(|_| ()).ok_or_else(|| missing("coin account"))
}

/// The account under its lock, with what has expired released and written off: holds first, for they return to lots.
pub(super) async fn locked(tx: &Tx, user: UserId, now: Time) -> Result<Account, CoinError> {
    let row = coin_account::Entity::find_by_id(user.to_string()).lock_exclusive().one(&**tx).await.map_err(service_error)?;
    let totals = totals_of_row(&row.ok_or(CoinError::NoSuchUser)?);
    let mut account = Account::new(totals, lots_with_coins(&**tx, user).await?);
    let overdue = if totals.held > 0 { overdue(tx, user, now).await? } else { Vec::new() };
    let released = overdue.into_iter().map(|hold| account.release(hold, now)).collect::<Result<Vec<_>, _>>()?;
    account.expire(now);
    save(tx, user, &mut account, Addition::Nothing).await?;
    for hold in &released {
        update_hold(tx, hold).await?;
    }
    Ok(account)
}

/// An open hold whose time is over.
pub(super) fn is_overdue(now: Time) -> Condition {
    Condition::all().add(coin_hold::Column::State.eq("held")).add(coin_hold::Column::ExpiresAt.lte(now))
}

/// How many holds are released in one transaction: what is left of them stays set aside until the next one.
const RELEASED: u64 = 250;

/// The open holds whose time is over, or some of them.
async fn overdue(tx: &Tx, user: UserId, now: Time) -> Result<Vec<Hold>, ServiceError> {
    let rows = coin_hold::Entity::find()
        .filter(coin_hold::Column::UserId.eq(user.to_string()))
        .filter(is_overdue(now))
        .order_by_asc(coin_hold::Column::Id)
        .limit(RELEASED);
    rows.all(&**tx).await.map_err(service_error)?.into_iter().map(hold_of_row).collect()
}

/// A hold of this user.
pub(super) async fn find_hold(tx: &Tx, user: UserId, hold: HoldId) -> Result<Option<Hold>, ServiceError> {
    let row = coin_hold::Entity::find_by_id(hold.to_string()).filter(coin_hold::Column::UserId.eq(user.to_string()));
    row.one(&**tx).await.map_err(service_error)?.map(hold_of_row).transpose()
}

/// What is written besides the lots, the entries and the account.
pub(super) enum Addition<'a> {
    Nothing,
    /// A new lot is known by this key.
    Key(&'a str),
    NewHold(&'a Hold),
    ChangedHold(&'a Hold),
    /// A changed hold, and the key of a new lot.
    Refund(&'a Hold, &'a str),
}

/// Writes what the rules changed of an account since it was last written.
pub(super) async fn save(tx: &Tx, user: UserId, account: &mut Account, details: Addition<'_>) -> Result<(), CoinError> {
    let Changes { entries, new_lots, lots } = account.take_changes();
    if entries.is_empty() && lots.is_empty() {
        return Ok(());
    }
    for lot in lots.values() {
        update_lot(tx, lot).await?;
    }
    for lot in new_lots {
        let (Addition::Key(key) | Addition::Refund(_, key)) = details else {
            return Err(ServiceError::bug("a lot without a key").into());
        };
        insert_lot(tx, user, &lot, key).await?;
    }
    match details {
        Addition::NewHold(hold) => insert(tx, [hold_row(user, hold)?]).await?,
        Addition::ChangedHold(hold) | Addition::Refund(hold, _) => update_hold(tx, hold).await?,
        Addition::Nothing | Addition::Key(_) => {}
    }
    insert(tx, entries.iter().map(|entry| entry_row(user, entry)).collect::<Result<Vec<_>, _>>()?).await?;
    let row = coin_account::ActiveModel { user_id: NotSet, ..account_row(user, &account.totals) };
    Ok(change(tx, coin_account::Column::UserId.eq(user.to_string()), row).await?)
}

async fn insert_lot(tx: &Tx, user: UserId, lot: &Lot, grant_key: &str) -> Result<(), CoinError> {
    let inserted = coin_lot::Entity::insert(lot_row(user, lot, grant_key)?).exec_without_returning(&**tx).await;
    inserted.map(|_| ()).map_err(|error| match violated_unique(&error) {
        // The key has outlived its idempotency record.
        Some(_) => Conflict::Reused.into(),
        None => service_error(error).into(),
    })
}

/// Writes what may change of a lot.
pub(super) async fn update_lot(tx: &Tx, lot: &Lot) -> Result<(), ServiceError> {
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

/// Changes one row, which must be there.
async fn change<A: ActiveModelTrait>(tx: &Tx, which: SimpleExpr, row: A) -> Result<(), ServiceError> {
    let done = A::Entity::update_many().set(row).filter(which).exec(&**tx).await.map_err(service_error)?;
    if done.rows_affected == 1 { Ok(()) } else { Err(missing("of the ledger")) }
}
