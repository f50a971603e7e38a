//! Reads of the ledger without a lock.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::coins::{Account, AccountTotals, Balance, CoinError, CoinReads, Entry, Hold, Lot};
use domain::ids::{EntryId, HoldId, UserId};
use domain::page::{Page, PageRequest};
use domain::{CachedResponse, Clock, ServiceError, Time};
use sea_orm::sea_query::{Expr, Order};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::entities::{coin_entry, coin_hold, coin_lot};
use super::rows::{entry_of_row, hold_of_row, lot_of_row};
use crate::db::{Pools, id, page_of, service_error};

/// The cacheable read of the ledger on SQL.
pub(crate) struct SqlCoinReads {
    pub(crate) pools: Pools,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl CoinReads for SqlCoinReads {
    async fn balance(&self, user: UserId) -> Result<CachedResponse<Balance>, ServiceError> {
        balance(self.pools.reader(), user, self.clock.now()).await
    }
}

/// A user's lots that meet a condition. Its numbers are written out, so that the database finds the partial index.
fn lots_where(user: UserId, condition: &'static str) -> Select<coin_lot::Entity> {
    let mine = coin_lot::Entity::find().filter(coin_lot::Column::UserId.eq(user.to_string()));
    mine.filter(Expr::cust(condition))
}

/// A user's lots with remaining or owed coins, in the order of their ids.
pub(super) async fn lots_of_account(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Lot>, ServiceError> {
    let rows = lots_where(user, "(remaining > 0 OR owed > 0)").order_by_asc(coin_lot::Column::Id);
    rows.all(db).await.map_err(service_error)?.into_iter().map(lot_of_row).collect()
}

/// The balance, computed from the lots by one statement, so that its numbers are consistent.
pub(super) async fn balance(db: &impl ConnectionTrait, user: UserId, now: Time) -> Result<CachedResponse<Balance>, ServiceError> {
    let lots = lots_of_account(db, user).await?;
    let (balance, held) = lots.iter().fold((0, 0), |(balance, held), lot| (balance + lot.remaining, held + lot.held));
    let balance = Account::new(AccountTotals { balance, held, ..AccountTotals::default() }, lots).balance_at(now);
    let next = balance.next_expiry.as_ref().map(|next| next.at);
    Ok(CachedResponse::of(&balance)?.until(next))
}

/// The entry with this id if it is a capture, and its user. Entries never change, so no lock is needed.
pub(super) async fn capture(db: &impl ConnectionTrait, entry: EntryId) -> Result<Option<(UserId, Entry)>, ServiceError> {
    let captures = coin_entry::Entity::find_by_id(entry.to_string()).filter(coin_entry::Column::Kind.eq("capture"));
    let row = captures.one(db).await.map_err(service_error)?;
    row.map(|row| Ok((id(&row.user_id)?, entry_of_row(row)?))).transpose()
}

/// The user of a hold, which never changes.
pub(super) async fn user_of_hold(db: &impl ConnectionTrait, hold: HoldId) -> Result<Option<UserId>, ServiceError> {
    let row = coin_hold::Entity::find_by_id(hold.to_string()).one(db).await.map_err(service_error)?;
    row.map(|row| id(&row.user_id)).transpose()
}

pub(super) async fn ledger(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Entry>, CoinError> {
    let mine = coin_entry::Entity::find().filter(coin_entry::Column::UserId.eq(user.to_string()));
    let newest_first = (coin_entry::Column::Seq, Order::Desc, |row: &coin_entry::Model| row.seq);
    page_of(db, mine, newest_first, (page, &("ledger", user)), entry_of_row).await
}

pub(super) async fn lots(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError> {
    let oldest_first = (coin_lot::Column::Id, Order::Asc, |row: &coin_lot::Model| row.id.clone());
    page_of(db, lots_where(user, "remaining > 0"), oldest_first, (page, &("lots", user)), lot_of_row).await
}

pub(super) async fn holds(db: &impl ConnectionTrait, user: UserId, page: &PageRequest) -> Result<Page<Hold>, CoinError> {
    let mine = coin_hold::Entity::find().filter(coin_hold::Column::UserId.eq(user.to_string()));
    let newest_first = (coin_hold::Column::Id, Order::Desc, |row: &coin_hold::Model| row.id.clone());
    page_of(db, mine, newest_first, (page, &("holds", user)), hold_of_row).await
}
