//! Spends, holds, captures, voids and refunds, each within a transaction.

use domain::billing::coins::{
    Account, Capture, CoinError, Ender, Entry, Hold, HoldRefusal, Insufficient, Lot, NewHold, Refund, RefundRefusal, Spend,
    Spent, Void,
};
use domain::identity::Placement;
use domain::ids::{HoldId, UserId};
use domain::{ServiceError, Time};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::entities::coin_lot;
use super::rows::lot_of_row;
use super::writes::{Addition, find_hold, locked, save};
use crate::db::{Tx, missing, service_error};
use crate::identity::is_deleted;

pub(super) async fn spend(tx: &Tx, by: Placement, command: Spend, now: Time) -> Result<Result<Spent, Insufficient>, CoinError> {
    let user = by.user;
    let mut account = locked(tx, user, now).await?;
    let amount = command.amount.get();
    let (hold, entry) = match account.spend(command, &by, now)? {
        Ok(spent) => spent,
        Err(insufficient) => return Ok(Err(insufficient)),
    };
    save(tx, user, &mut account, Addition::NewHold(&hold)).await?;
    let left = account.balance_at(now);
    Ok(Ok(Spent { entry_id: entry.id, amount, balance: left.balance, available: left.available }))
}

pub(super) async fn hold(tx: &Tx, by: Placement, command: NewHold, now: Time) -> Result<Result<Hold, Insufficient>, CoinError> {
    let user = by.user;
    let mut account = locked(tx, user, now).await?;
    let hold = match account.hold(command, by.placer.into(), now) {
        Ok(hold) => hold,
        Err(insufficient) => return Ok(Err(insufficient)),
    };
    save(tx, user, &mut account, Addition::NewHold(&hold)).await?;
    Ok(Ok(hold))
}

pub(super) async fn capture(
    tx: &Tx,
    user: UserId,
    command: Capture,
    by: Ender,
    now: Time,
) -> Result<Result<Hold, HoldRefusal>, CoinError> {
    let (mut account, hold) = locked_with(tx, user, command.hold, now).await?;
    let captured = account.capture(hold, command.amount, by, now)?.map(|(hold, _)| hold);
    save_ended(tx, user, account, captured).await
}

pub(super) async fn void(
    tx: &Tx,
    user: UserId,
    command: Void,
    by: Ender,
    now: Time,
) -> Result<Result<Hold, HoldRefusal>, CoinError> {
    let (mut account, hold) = locked_with(tx, user, command.hold, now).await?;
    let voided = account.void(hold, by, now)?;
    save_ended(tx, user, account, voided).await
}

/// Locks an account and finds a hold of its owner.
async fn locked_with(tx: &Tx, user: UserId, hold: HoldId, now: Time) -> Result<(Account, Hold), CoinError> {
    let account = locked(tx, user, now).await?;
    Ok((account, find_hold(tx, user, hold).await?.ok_or(CoinError::NoSuchHold)?))
}

/// Saves a hold that was captured or voided.
async fn save_ended(
    tx: &Tx,
    user: UserId,
    mut account: Account,
    outcome: Result<Hold, HoldRefusal>,
) -> Result<Result<Hold, HoldRefusal>, CoinError> {
    if let Ok(hold) = &outcome {
        save(tx, user, &mut account, Addition::ChangedHold(hold)).await?;
    }
    Ok(outcome)
}

/// Refunds coins that the entry `captured` of this user captured.
pub(super) async fn refund(
    tx: &Tx,
    (user, captured): (UserId, &Entry),
    command: Refund,
    by: Ender,
    now: Time,
) -> Result<Result<Entry, RefundRefusal>, CoinError> {
    let hold = captured.hold_id.ok_or_else(|| missing("hold of a capture"))?;
    let (mut account, hold) = locked_with(tx, user, hold, now).await?;
    // A deleted user gets no coins.
    if is_deleted(&**tx, user).await? {
        return Err(CoinError::NoSuchCapture);
    }
    let spent = spent_lots(tx, &hold).await?;
    let (hold, entry) = match account.refund(hold, command.amount, &spent, (command.reason, by), now)? {
        Ok(refunded) => refunded,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // The refunded total differs after each refund of a hold.
    let grant_key = format!("refund:{}:{}", hold.id, hold.refunded);
    save(tx, user, &mut account, Addition::Refund(&hold, &grant_key)).await?;
    Ok(Ok(entry))
}

/// The lots from which a hold took its coins, empty ones included.
async fn spent_lots(tx: &Tx, hold: &Hold) -> Result<Vec<Lot>, ServiceError> {
    let ids = hold.slices.iter().flatten().map(|slice| slice.lot_id.to_string());
    let rows = coin_lot::Entity::find().filter(coin_lot::Column::Id.is_in(ids));
    rows.all(&**tx).await.map_err(service_error)?.into_iter().map(lot_of_row).collect()
}
