//! The coin ledger.

mod examples;
mod requests;

use std::sync::Arc;

use domain::billing::coins::{
    Balance, CoinError, CoinReads, CoinService, Entry, Hold, HoldPlacer, HoldRefusal, HoldState, Lot, MAX_BALANCE, RefundRefusal,
    Spent, Void,
};
use domain::ids::HoldId;
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::Path;

use crate::http::body::Body;
use crate::http::document::Declared;
use crate::http::idempotency::{Key, settled};
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::{Administrator, SignedIn};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{Cached, CompletedOnce, CreatedOnce, Reply, Uncached};
use crate::http::tags::Tag;

use requests::{CaptureAnyCoinHold, CaptureCoinHold, GrantCoins, HoldCoins, RefundCoins, RefundOwnCapture, SpendCoins};

/// Operations on the coin ledger.
pub(crate) struct CoinsApi {
    pub(crate) reads: Arc<dyn CoinReads>,
    pub(crate) service: Arc<dyn CoinService>,
}

impl CoinsApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[
        ("spendCoins", &[Kind::InsufficientCoins]),
        ("holdCoins", &[Kind::InsufficientCoins]),
        ("captureCoinHold", &[Kind::HoldFinished]),
        ("voidCoinHold", &[Kind::HoldFinished]),
        ("captureAnyCoinHold", &[Kind::HoldFinished]),
        ("voidAnyCoinHold", &[Kind::HoldFinished]),
    ];
}

#[OpenApi]
impl CoinsApi {
    /// Read the balance
    ///
    /// The coins that you own, those that are held, and those that can be spent.
    #[oai(path = "/v1/coins", method = "get", operation_id = "getCoins", tag = "Tag::Coins")]
    async fn balance(&self, actor: SignedIn) -> Result<Reply<Balance, Cached>> {
        Ok(Reply::cached(self.reads.balance(actor.user).await?))
    }

    /// List the ledger
    ///
    /// The newest entry first. Entries are never changed and never deleted.
    #[oai(path = "/v1/coins/ledger", method = "get", operation_id = "listCoinEntries", tag = "Tag::Coins")]
    async fn ledger(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Entry>, Uncached>> {
        Ok(Reply::of(&self.service.ledger(actor.user, &page(limit, cursor)).await?)?)
    }

    /// List the lots that have coins left
    ///
    /// The oldest first.
    #[oai(path = "/v1/coins/lots", method = "get", operation_id = "listCoinLots", tag = "Tag::Coins")]
    async fn lots(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Lot>, Uncached>> {
        Ok(Reply::of(&self.service.lots(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Spend coins
    ///
    /// The spend is refused as a whole if there are not enough coins.
    #[oai(path = "/v1/coins/spend", method = "post", operation_id = "spendCoins", tag = "Tag::Coins")]
    async fn spend(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<SpendCoins>,
    ) -> Result<Reply<Spent, CreatedOnce>> {
        let attempt = key.attempt(body.0.spend()?);
        Ok(Reply::once(&settled(self.service.spend(actor.placement(), attempt).await?)?)?)
    }

    /// List the holds
    ///
    /// Open and ended holds, the newest first. A spend is a hold that was captured at once.
    #[oai(path = "/v1/coins/holds", method = "get", operation_id = "listCoinHolds", tag = "Tag::Coins")]
    async fn holds(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Hold>, Uncached>> {
        Ok(Reply::of(&self.service.holds(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Hold coins
    ///
    /// For work whose price is not known yet. The coins are released after `expires_in`.
    #[oai(path = "/v1/coins/holds", method = "post", operation_id = "holdCoins", tag = "Tag::Coins")]
    async fn hold(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<HoldCoins>,
    ) -> Result<Reply<Hold, CreatedOnce>> {
        let attempt = key.attempt(body.0.hold()?);
        Ok(Reply::once(&settled(self.service.hold(actor.placement(), attempt).await?)?)?)
    }

    /// Capture a hold
    ///
    /// Spends all of its coins or a part. The rest is released at once. A hold ends once. Only who placed it, you or the site, ends it.
    #[oai(path = "/v1/coins/holds/:id/capture", method = "post", operation_id = "captureCoinHold", tag = "Tag::Coins")]
    async fn capture(
        &self,
        actor: SignedIn,
        id: Path<Id<HoldId>>,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<CaptureCoinHold>,
    ) -> Result<Reply<Hold, CompletedOnce>> {
        let attempt = key.attempt(body.0.capture(id.0.0)?);
        Ok(Reply::once(&settled(self.service.capture(actor.placement(), attempt).await?)?)?)
    }

    /// Void a hold
    ///
    /// Releases all of its coins. Only who placed it, you or the site, ends it.
    #[oai(path = "/v1/coins/holds/:id/void", method = "post", operation_id = "voidCoinHold", tag = "Tag::Coins")]
    async fn void(
        &self,
        actor: SignedIn,
        id: Path<Id<HoldId>>,
        #[oai(name = "Idempotency-Key")] key: Key,
    ) -> Result<Reply<Hold, CompletedOnce>> {
        let attempt = key.attempt(Void { hold: id.0.0 });
        Ok(Reply::once(&settled(self.service.void(actor.placement(), attempt).await?)?)?)
    }

    /// Refund coins that the site captured
    ///
    /// For a service key that acts for the user, on captures of the site's own holds and spends. As `refundCoins` otherwise.
    #[oai(path = "/v1/coins/refunds", method = "post", operation_id = "refundOwnCapture", tag = "Tag::Coins")]
    async fn refund_own(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<RefundOwnCapture>,
    ) -> Result<Reply<Entry, CreatedOnce>> {
        let attempt = key.attempt(body.0.refund()?);
        Ok(Reply::once(&settled(self.service.refund_own(actor.placement(), attempt).await?)?)?)
    }

    /// Capture a hold of any user
    ///
    /// Whoever placed it. As `captureCoinHold` otherwise.
    #[oai(path = "/v1/admin/coins/holds/:id/capture", method = "post", operation_id = "captureAnyCoinHold", tag = "Tag::Admin")]
    async fn capture_any(
        &self,
        actor: Administrator,
        id: Path<Id<HoldId>>,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<CaptureAnyCoinHold>,
    ) -> Result<Reply<Hold, CompletedOnce>> {
        let attempt = key.attempt(body.0.capture(id.0.0)?);
        Ok(Reply::once(&settled(self.service.capture_any(&actor, attempt).await?)?)?)
    }

    /// Void a hold of any user
    ///
    /// Whoever placed it. Releases all of its coins.
    #[oai(path = "/v1/admin/coins/holds/:id/void", method = "post", operation_id = "voidAnyCoinHold", tag = "Tag::Admin")]
    async fn void_any(
        &self,
        actor: Administrator,
        id: Path<Id<HoldId>>,
        #[oai(name = "Idempotency-Key")] key: Key,
    ) -> Result<Reply<Hold, CompletedOnce>> {
        let attempt = key.attempt(Void { hold: id.0.0 });
        Ok(Reply::once(&settled(self.service.void_any(&actor, attempt).await?)?)?)
    }

    /// Refund spent coins
    ///
    /// The coins return as a new lot. It expires with the longest-lived of the spent coins, after a week at the earliest.
    #[oai(path = "/v1/admin/coins/refunds", method = "post", operation_id = "refundCoins", tag = "Tag::Admin")]
    async fn refund(
        &self,
        actor: Administrator,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<RefundCoins>,
    ) -> Result<Reply<Entry, CreatedOnce>> {
        let attempt = key.attempt(body.0.refund()?);
        Ok(Reply::once(&settled(self.service.refund(&actor, attempt).await?)?)?)
    }

    /// Give coins to a user
    ///
    /// As a new lot that never expires. The ledger names you as its cause.
    #[oai(path = "/v1/admin/coins/grants", method = "post", operation_id = "grantCoins", tag = "Tag::Admin")]
    async fn grant(
        &self,
        actor: Administrator,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<GrantCoins>,
    ) -> Result<Reply<Entry, CreatedOnce>> {
        let attempt = key.attempt(body.0.grant()?);
        Ok(Reply::once(&self.service.grant(&actor, attempt).await?)?)
    }
}

impl From<CoinError> for Problem {
    fn from(error: CoinError) -> Self {
        match error {
            CoinError::BalanceLimitExceeded => {
                Self::invalid_at("/amount", format!("must not raise the balance above {MAX_BALANCE} coins"))
            }
            CoinError::NoSuchUser => Self::invalid_at("/user_id", "must be the id of a user"),
            CoinError::NoSuchHold => Self::new(Kind::NotFound, "You have no such hold. List your holds at /v1/coins/holds."),
            CoinError::NoSuchCapture => Self::invalid_at("/entry_id", "must be the id of an entry that captured coins"),
            CoinError::NotOwnCapture => Self::new(
                Kind::Forbidden,
                "Only the site, with its own key, refunds what it captured. Ask the site for a refund.",
            ),
            CoinError::Forbidden(forbidden) => forbidden.into(),
            CoinError::Conflict(conflict) => conflict.into(),
            CoinError::Cursor(cursor) => cursor.into(),
            CoinError::Service(error) => error.into(),
        }
    }
}

impl From<HoldRefusal> for Problem {
    fn from(refusal: HoldRefusal) -> Self {
        match refusal {
            HoldRefusal::TooMuch(held) => Self::invalid_at("/amount", format!("must not exceed the {held} coins of the hold")),
            HoldRefusal::NotPlacer(HoldPlacer::Site) => {
                Self::new(Kind::Forbidden, "The site placed the hold. Only the site or an administrator ends it.")
            }
            HoldRefusal::NotPlacer(HoldPlacer::User) => {
                Self::new(Kind::Forbidden, "The user placed the hold. Only the user or an administrator ends it.")
            }
            HoldRefusal::Finished(state) => Self::new(Kind::HoldFinished, finished(state)),
        }
    }
}

fn finished(state: HoldState) -> &'static str {
    match state {
        HoldState::Expired => "The hold has expired and its coins are released. Create a new hold.",
        HoldState::Voided => "The hold was voided and its coins are released. Create a new hold.",
        HoldState::Captured | HoldState::Held => "The hold was captured and its other coins are released. Create a new hold.",
    }
}

impl From<RefundRefusal> for Problem {
    fn from(RefundRefusal { left }: RefundRefusal) -> Self {
        Self::invalid_at("/amount", format!("must not exceed the {left} coins that have not been refunded yet"))
    }
}
