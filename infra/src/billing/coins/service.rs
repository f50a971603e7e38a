//! The coin commands and the uncached lists on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::Clock;
use domain::billing::coins::{
    AdminGrant, Capture, CoinError, CoinService, Entry, Grant, Hold, HoldRefusal, Insufficient, Lot, NewHold, Refund,
    RefundRefusal, Source, Spend, Spent, Void,
};
use domain::idempotency::{Attempt, Once};
use domain::identity::{Area, Forbidden, Principal};
use domain::ids::UserId;
use domain::page::{Page, PageRequest};

use super::{grants, holds, reads, touched};
use crate::db::{Claim, Database, Tx};

/// [`CoinService`] on SQL.
pub(crate) struct SqlCoins {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

impl SqlCoins {
    fn claim(&self, user: UserId, operation: &'static str) -> Claim {
        Claim { user, operation, now: self.clock.now() }
    }
}

#[async_trait]
impl CoinService for SqlCoins {
    async fn ledger(&self, user: UserId, page: &PageRequest) -> Result<Page<Entry>, CoinError> {
        reads::ledger(self.db.reader(), user, page).await
    }

    async fn lots(&self, user: UserId, page: &PageRequest) -> Result<Page<Lot>, CoinError> {
        reads::lots(self.db.reader(), user, page).await
    }

    async fn holds(&self, user: UserId, page: &PageRequest) -> Result<Page<Hold>, CoinError> {
        reads::holds(self.db.reader(), user, page).await
    }

    async fn spend(&self, user: UserId, attempt: Attempt<Spend>) -> Result<Once<Result<Spent, Insufficient>>, CoinError> {
        let claim = self.claim(user, "spendCoins");
        let now = claim.now;
        let work = move |tx: Tx, command| async move { holds::spend(&tx, user, command, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn hold(&self, user: UserId, attempt: Attempt<NewHold>) -> Result<Once<Result<Hold, Insufficient>>, CoinError> {
        let claim = self.claim(user, "holdCoins");
        let now = claim.now;
        let work = move |tx: Tx, command| async move { holds::hold(&tx, user, command, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn capture(&self, user: UserId, attempt: Attempt<Capture>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError> {
        let claim = self.claim(user, "captureCoinHold");
        let now = claim.now;
        let work = move |tx: Tx, command| async move { holds::capture(&tx, user, command, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn void(&self, user: UserId, attempt: Attempt<Void>) -> Result<Once<Result<Hold, HoldRefusal>>, CoinError> {
        let claim = self.claim(user, "voidCoinHold");
        let now = claim.now;
        let work = move |tx: Tx, command| async move { holds::void(&tx, user, command, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn refund(&self, actor: &Principal, attempt: Attempt<Refund>) -> Result<Once<Result<Entry, RefundRefusal>>, CoinError> {
        actor.require_admin(Area::Coins)?;
        let captured = reads::capture(self.db.reader(), attempt.command.entry).await?;
        let (user, captured) = captured.ok_or(CoinError::NoSuchCapture)?;
        let claim = self.claim(actor.user.ok_or(Forbidden)?, "refundCoins");
        let (admin, now) = (claim.user, claim.now);
        let work = move |tx: Tx, command| async move { holds::refund(&tx, (user, &captured), command, admin, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn grant(&self, actor: &Principal, attempt: Attempt<AdminGrant>) -> Result<Once<Entry>, CoinError> {
        actor.require_admin(Area::Coins)?;
        let (claim, keys) = (self.claim(actor.user.ok_or(Forbidden)?, "grantCoins"), touched(attempt.command.user));
        let (admin, now) = (claim.user, claim.now);
        let grant_key = format!("admin:{admin}:{}", attempt.key.as_str());
        let work = move |tx: Tx, command: AdminGrant| async move {
            let AdminGrant { user, amount, reason } = command;
            let grant = Grant { amount, source: Source::Admin, purpose: reason, expires_at: None };
            grants::grant_by(&tx, user, grant, &grant_key, Some(admin), now).await
        };
        self.db.write_once(claim, attempt, keys, work).await
    }
}
