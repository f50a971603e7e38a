//! What the books say, read without a lock.

use domain::Fault;
use domain::coins::{Account, Balance, CoinError, Entry, Figures, Hold, Lot};
use domain::ids::{EntryId, UserId};
use domain::page::{Page, PageRequest};
use domain::{Answer, Time};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::rows::{entry_of_row, hold_of_row, lot_of_row};
use crate::sql::entities::{coin_entry, coin_hold, coin_lot};
use crate::sql::error::fault;

/// A user's lots that still hold coins, in the order of their ids.
pub(super) async fn lots_with_coins(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Lot>, Fault> {
    let rows = coin_lot::Entity::find()
        .filter(coin_lot::Column::UserId.eq(user.to_string()))
        .filter(coin_lot::Column::Remaining.gt(0_i64))
        .order_by_asc(coin_lot::Column::Id);
    rows.all(db).await.map_err(fault)?.into_iter().map(lot_of_row).collect()
}

/// One statement, so that the numbers belong together: the balance is what the lots hold.
pub(super) async fn balance(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<Answer<Balance>, Fault> {
    let lots = lots_with_coins(db, user).await?;
    let (balance, held) = lots.iter().fold((0, 0), |(balance, held), lot| (balance + lot.remaining, held + lot.held));
    let balance = Account::new(Figures { balance, held, ..Figures::default() }, lots).at(now);
    let next = balance.next_expiry.as_ref().map(|next| next.at);
    Ok(Answer::of(&balance)?.until(next))
}

/// The entry with this id if it captured coins, and whose it is. Entries never change, so no lock is needed.
pub(super) async fn capture(db: &impl ConnectionTrait, entry: EntryId) -> Result<Option<(UserId, Entry)>, Fault> {
    let captures = coin_entry::Entity::find_by_id(entry.to_string()).filter(coin_entry::Column::Kind.eq("capture"));
    let row = captures.one(db).await.map_err(fault)?;
    row.map(|row| Ok((crate::sql::rows::id(&row.user_id)?, entry_of_row(row)?))).transpose()
}

pub(super) async fn ledger(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Entry>, CoinError> {
    let filters = ("ledger", user);
    let mut newest_first = coin_entry::Entity::find()
        .filter(coin_entry::Column::UserId.eq(user.to_string()))
        .order_by_desc(coin_entry::Column::Seq)
        .limit(page.limit + 1);
    if let Some(seq) = page.after::<i64>(&filters)? {
        newest_first = newest_first.filter(coin_entry::Column::Seq.lt(seq));
    }
    let rows = newest_first.all(db).await.map_err(fault)?;
    Ok(Page::cut(rows, page, &filters, |row| row.seq).map_err(Fault::bug)?.try_map(entry_of_row)?)
}

pub(super) async fn lots(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError> {
    let filters = ("lots", user);
    let mut oldest_first = coin_lot::Entity::find()
        .filter(coin_lot::Column::UserId.eq(user.to_string()))
        .filter(coin_lot::Column::Remaining.gt(0_i64))
        .order_by_asc(coin_lot::Column::Id)
        .limit(page.limit + 1);
    if let Some(id) = page.after::<String>(&filters)? {
        oldest_first = oldest_first.filter(coin_lot::Column::Id.gt(id));
    }
    let rows = oldest_first.all(db).await.map_err(fault)?;
    Ok(Page::cut(rows, page, &filters, |row| row.id.clone()).map_err(Fault::bug)?.try_map(lot_of_row)?)
}

pub(super) async fn holds(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Hold>, CoinError> {
    let filters = ("holds", user);
    let mut newest_first = coin_hold::Entity::find()
        .filter(coin_hold::Column::UserId.eq(user.to_string()))
        .order_by_desc(coin_hold::Column::Id)
        .limit(page.limit + 1);
    if let Some(id) = page.after::<String>(&filters)? {
        newest_first = newest_first.filter(coin_hold::Column::Id.lt(id));
    }
    let rows = newest_first.all(db).await.map_err(fault)?;
    Ok(Page::cut(rows, page, &filters, |row| row.id.clone()).map_err(Fault::bug)?.try_map(hold_of_row)?)
}
