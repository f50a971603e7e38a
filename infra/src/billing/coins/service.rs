//! The coin commands and the uncached lists on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::coins::{
    AdminGrant, Capture, CoinError, CoinService, Ender, Entry, Grant, Hold, HoldRefusal, Insufficient, Lot, NewHold, Refund,
    RefundRefusal, Source, Spend, Spent, Void,
};
use domain::idempotency::{Attempt, Once};
use domain::identity::{Area, Placement, Principal};
use domain::ids::{HoldId, UserId};
use domain::page::{Page, PageRequest};
use domain::{Clock, Time};

use super::{grants, holds, reads, touched};
use crate::db::{Claim, Database, Tx};

/// [`CoinService`] on SQL.
pub(crate) struct SqlCoins {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
}

/// Who ends a hold or refunds a capture, under which claim, and when.
struct End {
    claim: Claim,
    by: Ender,
    now: Time,
}

impl SqlCoins {
    /// An end by the placer.
    fn placed(&self, by: &Placement, operation: &'static str) -> End {
        let now = self.clock.now();
        End { claim: Claim::placed(by, operation, now), by: Ender::of(by), now }
    }

    /// An end by an administrator.
    fn administrative(&self, actor: &Principal, operation: &'static str) -> Result<End, CoinError> {
        actor.require_admin(Area::Coins)?;
        let now = self.clock.now();
        Ok(End { claim: Claim::administrative(actor, operation, now), by: Ender::administrator(actor), now })
    }

    async fn user_of(&self, hold: HoldId) -> Result<UserId, CoinError> {
        reads::user_of_hold(self.db.reader(), hold).await?.ok_or(CoinError::NoSuchHold)
    }

    async fn end_by_capture(&self, end: End, user: UserId, attempt: Attempt<Capture>) -> Ended<Hold, HoldRefusal> {
        let End { claim, by, now } = end;
        let work = move |tx: Tx, command| async move { holds::capture(&tx, user, command, by, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn end_by_void(&self, end: End, user: UserId, attempt: Attempt<Void>) -> Ended<Hold, HoldRefusal> {
        let End { claim, by, now } = end;
        let work = move |tx: Tx, command| async move { holds::void(&tx, user, command, by, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    /// Refunds coins that an entry captured; of the user `of`, or of any user.
    async fn refund_capture(&self, end: End, of: Option<UserId>, attempt: Attempt<Refund>) -> Ended<Entry, RefundRefusal> {
        let End { claim, by, now } = end;
        let captured = reads::capture(self.db.reader(), attempt.command.entry).await?;
        let captured = captured.filter(|(user, _)| of.is_none_or(|of| of == *user));
        let (user, captured) = captured.ok_or(CoinError::NoSuchCapture)?;
        let work = move |tx: Tx, command| async move { holds::refund(&tx, (user, &captured), command, by, now).await };
        self.db.write_once(claim, attempt, touched(user), work).await
    }
}

/// The outcome of an attempt to end a hold or to refund a capture.
type Ended<T, R> = Result<Once<Result<T, R>>, CoinError>;

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

    async fn spend(&self, by: Placement, attempt: Attempt<Spend>) -> Result<Once<Result<Spent, Insufficient>>, CoinError> {
        let now = self.clock.now();
        let claim = Claim::placed(&by, "spendCoins", now);
        let work = move |tx: Tx, command| async move { holds::spend(&tx, by, command, now).await };
        self.db.write_once(claim, attempt, touched(by.user), work).await
    }

    async fn hold(&self, by: Placement, attempt: Attempt<NewHold>) -> Result<Once<Result<Hold, Insufficient>>, CoinError> {
        let now = self.clock.now();
        let claim = Claim::placed(&by, "holdCoins", now);
        let work = move |tx: Tx, command| async move { holds::hold(&tx, by, command, now).await };
        self.db.write_once(claim, attempt, touched(by.user), work).await
    }

    async fn capture(&self, by: Placement, attempt: Attempt<Capture>) -> Ended<Hold, HoldRefusal> {
        self.end_by_capture(self.placed(&by, "captureCoinHold"), by.user, attempt).await
    }

    async fn void(&self, by: Placement, attempt: Attempt<Void>) -> Ended<Hold, HoldRefusal> {
        self.end_by_void(self.placed(&by, "voidCoinHold"), by.user, attempt).await
    }

    async fn refund_own(&self, by: Placement, attempt: Attempt<Refund>) -> Ended<Entry, RefundRefusal> {
        self.refund_capture(self.placed(&by, "refundOwnCapture"), Some(by.user), attempt).await
    }

    async fn capture_any(&self, actor: &Principal, attempt: Attempt<Capture>) -> Ended<Hold, HoldRefusal> {
        let end = self.administrative(actor, "captureAnyCoinHold")?;
        self.end_by_capture(end, self.user_of(attempt.command.hold).await?, attempt).await
    }

    async fn void_any(&self, actor: &Principal, attempt: Attempt<Void>) -> Ended<Hold, HoldRefusal> {
        let end = self.administrative(actor, "voidAnyCoinHold")?;
        self.end_by_void(end, self.user_of(attempt.command.hold).await?, attempt).await
    }

    async fn refund(&self, actor: &Principal, attempt: Attempt<Refund>) -> Ended<Entry, RefundRefusal> {
        self.refund_capture(self.administrative(actor, "refundCoins")?, None, attempt).await
    }

    async fn grant(&self, actor: &Principal, attempt: Attempt<AdminGrant>) -> Result<Once<Entry>, CoinError> {
        actor.require_admin(Area::Coins)?;
        let (by, now) = (actor.actor(), self.clock.now());
        let claim = Claim::administrative(actor, "grantCoins", now);
        let granter = by.user.map_or_else(|| "site".to_owned(), |admin| admin.to_string());
        let grant_key = format!("admin:{granter}:{}", attempt.key.as_str());
        let keys = touched(attempt.command.user);
        let work = move |tx: Tx, command: AdminGrant| async move {
            let AdminGrant { user, amount, reason } = command;
            let grant = Grant { amount, source: Source::Admin, origin: None, purpose: reason, expires_at: None };
            grants::grant_by(&tx, user, grant, &grant_key, by, now).await
        };
        self.db.write_once(claim, attempt, keys, work).await
    }
}
