//! What the books say, read without a lock.

use domain::Fault;
use domain::coins::{Account, Balance, CoinError, Entry, Figures, Hold, Lot};
use domain::ids::{EntryId, UserId};
use domain::page::{Page, PageRequest};
use domain::{Answer, Time};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::rows::{entry_of_row, hold_of_row, lot_of_row};
use crate::sql::entities::{coin_entry, coin_hold, coin_lot};
use crate::sql::error::fault;
use crate::sql::paging::page_of;

/// A user's lots that still hold coins.
fn with_coins(user: UserId) -> Select<coin_lot::Entity> {
    let mine = coin_lot::Entity::find().filter(coin_lot::Column::UserId.eq(user.to_string()));
    mine.filter(coin_lot::Column::Remaining.gt(0_i64))
}

/// A user's lots that still hold coins, in the order of their ids.
pub(super) async fn lots_with_coins(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Lot>, Fault> {
    let rows = with_coins(user).order_by_asc(coin_lot::Column::Id);
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
    let mine = coin_entry::Entity::find().filter(coin_entry::Column::UserId.eq(user.to_string()));
    let newest_first = (coin_entry::Column::Seq, Order::Desc, |row: &coin_entry::Model| row.seq);
    page_of(db, mine, newest_first, (page, &("ledger", user)), entry_of_row).await
}

pub(super) async fn lots(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError> {
    let oldest_first = (coin_lot::Column::Id, Order::Asc, |row: &coin_lot::Model| row.id.clone());
    page_of(db, with_coins(user), oldest_first, (page, &("lots", user)), lot_of_row).await
}

pub(super) async fn holds(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Hold>, CoinError> {
    let mine = coin_hold::Entity::find().filter(coin_hold::Column::UserId.eq(user.to_string()));
    let newest_first = (coin_hold::Column::Id, Order::Desc, |row: &coin_hold::Model| row.id.clone());
    page_of(db, mine, newest_first, (page, &("holds", user)), hold_of_row).await
}
