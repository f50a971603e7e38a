//! The coin ledger in the database. The account's row is the lock; lots are touched after it, in the order of their ids.

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::Actor;
use domain::coins::{
    Account, AdminGrant, Balance, CoinError, CoinService, Entry, EntryKind, Grant, Insufficient, Lot, Posting, Source, Spend,
    Spent,
};
use domain::idempotency::{Attempt, Conflict, Once};
use domain::ids::UserId;
use domain::page::{Page, PageRequest};
use domain::{Answer, Clock, Fault, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

use super::database::{Database, Tx};
use super::entities::{coin_account, coin_entry, coin_lot};
use super::error::{fault, taken};
use super::idempotency::Claim;
use super::rows::{id, of_word, word};
use crate::cache::{Key, Keys};

/// Coins on SQL.
pub(crate) struct SqlCoins {
    db: Database,
    clock: Arc<dyn Clock>,
}

impl SqlCoins {
    pub(crate) fn new(db: Database, clock: Arc<dyn Clock>) -> Self {
        Self { db, clock }
    }
}

/// What an entry touches.
fn touched(user: UserId) -> Keys {
    Keys::of([Key::UserCoins(user), Key::SubscriptionStats(user)])
}

fn lot_of_row(row: coin_lot::Model) -> Result<Lot, Fault> {
    Ok(Lot {
        id: id(&row.id)?,
        source: of_word(row.source)?,
        granted: row.granted,
        remaining: row.remaining,
        held: row.held,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}

fn entry_of_row(row: coin_entry::Model) -> Result<Entry, Fault> {
    Ok(Entry {
        id: id(&row.id)?,
        seq: row.seq,
        kind: of_word(row.kind)?,
        amount: row.amount,
        balance_after: row.balance_after,
        purpose: of_word(row.purpose)?,
        reference: row.reference.map(of_word).transpose()?,
        created_at: row.created_at,
    })
}

async fn lots_with_coins(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Lot>, Fault> {
    let rows = coin_lot::Entity::find()
        .filter(coin_lot::Column::UserId.eq(user.to_string()))
        .filter(coin_lot::Column::Remaining.gt(0_i64))
        .order_by_asc(coin_lot::Column::Id);
    rows.all(db).await.map_err(fault)?.into_iter().map(lot_of_row).collect()
}

/// The account under its lock, with what has expired written off.
async fn locked(tx: &Tx, user: UserId, now: Time) -> Result<Option<Account>, Fault> {
    let row = coin_account::Entity::find_by_id(user.to_string()).lock_exclusive().one(&**tx).await.map_err(fault)?;
    let Some(row) = row else { return Ok(None) };
    let lots = lots_with_coins(&**tx, user).await?;
    let mut account = Account { balance: row.balance, held: row.held, seq: row.seq, lots };
    if let Some(posting) = account.expire(now) {
        save(tx, user, &account, &posting).await?;
    }
    Ok(Some(account))
}

/// Writes what the rules posted, for lots that exist.
async fn save(tx: &Tx, user: UserId, account: &Account, posting: &Posting) -> Result<(), Fault> {
    for lot in &posting.lots {
        let row = coin_lot::ActiveModel {
            id: Set(lot.id.to_string()),
            remaining: Set(lot.remaining),
            held: Set(lot.held),
            ..Default::default()
        };
        coin_lot::Entity::update(row).exec(&**tx).await.map_err(fault)?;
    }
    save_entry(tx, user, account, &posting.entry).await
}

async fn save_entry(tx: &Tx, user: UserId, account: &Account, entry: &Entry) -> Result<(), Fault> {
    let row = coin_entry::ActiveModel {
        id: Set(entry.id.to_string()),
        user_id: Set(user.to_string()),
        seq: Set(entry.seq),
        kind: Set(word(&entry.kind)?),
        amount: Set(entry.amount),
        balance_after: Set(entry.balance_after),
        counter_account: Set(word(&entry.kind.counter_account())?),
        purpose: Set(entry.purpose.as_str().to_owned()),
        reference: Set(entry.reference.as_ref().map(|reference| reference.as_str().to_owned())),
        created_at: Set(entry.created_at),
    };
    coin_entry::Entity::insert(row).exec_without_returning(&**tx).await.map_err(fault)?;
    let row = coin_account::ActiveModel {
        user_id: Set(user.to_string()),
        balance: Set(account.balance),
        held: Set(account.held),
        seq: Set(account.seq),
    };
    coin_account::Entity::update(row).exec(&**tx).await.map_err(fault)?;
    Ok(())
}

/// Takes coins in, once per grant key: the key is unique in the database.
pub(super) async fn grant(tx: &Tx, user: UserId, grant: Grant, grant_key: String, now: Time) -> Result<Entry, CoinError> {
    let mut account = locked(tx, user, now).await?.ok_or(CoinError::NoSuchUser)?;
    let Posting { entry, lots } = account.grant(grant, now)?;
    for lot in lots {
        let row = coin_lot::ActiveModel {
            id: Set(lot.id.to_string()),
            user_id: Set(user.to_string()),
            source: Set(word(&lot.source)?),
            grant_key: Set(grant_key.clone()),
            granted: Set(lot.granted),
            remaining: Set(lot.remaining),
            held: Set(lot.held),
            created_at: Set(lot.created_at),
            expires_at: Set(lot.expires_at),
        };
        let inserted = coin_lot::Entity::insert(row).exec_without_returning(&**tx).await;
        inserted.map_err(|error| match taken(&error) {
            // The key has outlived its idempotency record.
            Some(_) => Conflict::Reused.into(),
            None => CoinError::from(fault(error)),
        })?;
    }
    save_entry(tx, user, &account, &entry).await?;
    Ok(entry)
}

async fn spend(tx: &Tx, user: UserId, command: Spend, now: Time) -> Result<Result<Spent, Insufficient>, CoinError> {
    let mut account = locked(tx, user, now).await?.ok_or(CoinError::NoSuchUser)?;
    let amount = command.amount.get();
    let posting = match account.spend(command.amount, command.purpose, command.reference, now) {
        Ok(posting) => posting,
        Err(insufficient) => return Ok(Err(insufficient)),
    };
    save(tx, user, &account, &posting).await?;
    let available = account.at(now).available;
    Ok(Ok(Spent { entry_id: posting.entry.id, amount, balance: account.balance, available }))
}

/// Sums of signed amounts by kind.
pub(super) struct Moved(Vec<KindTotal>);

#[derive(FromQueryResult)]
struct KindTotal {
    kind: String,
    total: i64,
}

impl Moved {
    /// What moved by entries of this kind.
    pub(super) fn total(&self, kind: EntryKind) -> i64 {
        let word = word(&kind).unwrap_or_default();
        self.0.iter().filter(|row| row.kind == word).map(|row| row.total).sum()
    }
}

/// What has moved in a user's ledger since then.
pub(super) async fn moved_since(db: &impl ConnectionTrait, user: UserId, since: Time) -> Result<Moved, Fault> {
    let rows = coin_entry::Entity::find()
        .select_only()
        .column(coin_entry::Column::Kind)
        .column_as(Expr::col(coin_entry::Column::Amount).sum().cast_as("BIGINT"), "total")
        .filter(coin_entry::Column::UserId.eq(user.to_string()))
        .filter(coin_entry::Column::CreatedAt.gte(since))
        .group_by(coin_entry::Column::Kind)
        .into_model::<KindTotal>();
    Ok(Moved(rows.all(db).await.map_err(fault)?))
}

#[async_trait]
impl CoinService for SqlCoins {
    async fn balance(&self, user: UserId) -> Result<Answer<Balance>, Fault> {
        // One statement, so that the numbers belong together: the balance is what the lots hold.
        let lots = lots_with_coins(self.db.reader(), user).await?;
        let (balance, held) = lots.iter().fold((0, 0), |(balance, held), lot| (balance + lot.remaining, held + lot.held));
        let balance = Account { balance, held, seq: 0, lots }.at(self.clock.now());
        let next = balance.next_expiry.as_ref().map(|next| next.at);
        Ok(Answer::of(&balance)?.until(next))
    }

    async fn ledger(&self, user: UserId, page: &PageRequest) -> Result<Page<Entry>, CoinError> {
        let filters = ("ledger", user);
        let mut newest_first = coin_entry::Entity::find()
            .filter(coin_entry::Column::UserId.eq(user.to_string()))
            .order_by_desc(coin_entry::Column::Seq)
            .limit(page.limit + 1);
        if let Some(seq) = page.after::<i64>(&filters)? {
            newest_first = newest_first.filter(coin_entry::Column::Seq.lt(seq));
        }
        let rows = newest_first.all(self.db.reader()).await.map_err(fault)?;
        Ok(Page::cut(rows, page, &filters, |row| row.seq).map_err(Fault::bug)?.try_map(entry_of_row)?)
    }

    async fn lots(&self, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError> {
        let filters = ("lots", user);
        let mut oldest_first = coin_lot::Entity::find()
            .filter(coin_lot::Column::UserId.eq(user.to_string()))
            .filter(coin_lot::Column::Remaining.gt(0_i64))
            .order_by_asc(coin_lot::Column::Id)
            .limit(page.limit + 1);
        if let Some(id) = page.after::<String>(&filters)? {
            oldest_first = oldest_first.filter(coin_lot::Column::Id.gt(id));
        }
        let rows = oldest_first.all(self.db.reader()).await.map_err(fault)?;
        Ok(Page::cut(rows, page, &filters, |row| row.id.clone()).map_err(Fault::bug)?.try_map(lot_of_row)?)
    }

    async fn spend(&self, user: UserId, attempt: Attempt<Spend>) -> Result<Once<Result<Spent, Insufficient>>, CoinError> {
        let now = self.clock.now();
        let claim = Claim { user, operation: "spendCoins", now };
        let work = move |tx: Tx, command| async move { spend(&tx, user, command, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn grant(&self, actor: &Actor, attempt: Attempt<AdminGrant>) -> Result<Once<Entry>, CoinError> {
        actor.require_admin()?;
        let (admin, now, keys) = (actor.user, self.clock.now(), touched(attempt.command.user));
        let grant_key = format!("admin:{admin}:{}", attempt.key.as_str());
        let claim = Claim { user: admin, operation: "grantCoins", now };
        let work = move |tx: Tx, command: AdminGrant| async move {
            let AdminGrant { user, amount, reason } = command;
            grant(&tx, user, Grant { amount, source: Source::Admin, purpose: reason, expires_at: None }, grant_key, now).await
        };
        self.db.write_once(claim, attempt, keys, work).await
    }
}
