//! The coin ledger.

mod wire;

use std::sync::Arc;

use domain::coins::{CoinError, CoinService, MAX_BALANCE};
use poem_openapi::OpenApi;

use crate::auth::{Administrator, SignedIn};
use crate::body::Body;
use crate::idempotency::{Key, settled};
use crate::page::PageOf;
use crate::params::{After, Limit, Query, page};
use crate::problem::{Problem, Result};
use crate::reply::{Cached, MadeOnce, Plain, Reply};
use crate::tags::Tag;

pub(crate) use wire::{Balance, CoinEntry, CoinLot, CoinSpend};
use wire::{GrantCoins, SpendCoins};

/// The operations.
pub(crate) struct CoinsApi(pub(crate) Arc<dyn CoinService>);

#[OpenApi]
impl CoinsApi {
    /// Read the balance
    #[oai(path = "/v1/coins", method = "get", operation_id = "getCoins", tag = "Tag::Coins")]
    async fn balance(&self, actor: SignedIn) -> Result<Reply<Balance, Cached>> {
        Ok(Reply::answer(self.0.balance(actor.user).await?))
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
    ) -> Result<Reply<PageOf<CoinEntry>, Plain>> {
        Ok(Reply::of(&self.0.ledger(actor.user, &page(limit, cursor)).await?)?)
    }

    /// List the lots that still hold coins
    ///
    /// The oldest first.
    #[oai(path = "/v1/coins/lots", method = "get", operation_id = "listCoinLots", tag = "Tag::Coins")]
    async fn lots(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<PageOf<CoinLot>, Plain>> {
        Ok(Reply::of(&self.0.lots(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Spend coins
    #[oai(path = "/v1/coins/spend", method = "post", operation_id = "spendCoins", tag = "Tag::Coins")]
    async fn spend(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<SpendCoins>,
    ) -> Result<Reply<CoinSpend, MadeOnce>> {
        let attempt = key.attempt(body.0.spend()?);
        Ok(Reply::once(&settled(self.0.spend(actor.user, attempt).await?)?)?)
    }

    /// Give coins to a user
    #[oai(path = "/v1/admin/coins/grants", method = "post", operation_id = "grantCoins", tag = "Tag::Admin")]
    async fn grant(
        &self,
        actor: Administrator,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<GrantCoins>,
    ) -> Result<Reply<CoinEntry, MadeOnce>> {
        let attempt = key.attempt(body.0.grant()?);
        Ok(Reply::once(&self.0.grant(&actor, attempt).await?)?)
    }
}

impl From<CoinError> for Problem {
    fn from(error: CoinError) -> Self {
        match error {
            CoinError::TooRich => Self::invalid_at("/amount", format!("must not take the balance over {MAX_BALANCE} coins")),
            CoinError::NoSuchUser => Self::invalid_at("/user_id", "must be the id of a user"),
            CoinError::Forbidden(forbidden) => forbidden.into(),
            CoinError::Conflict(conflict) => conflict.into(),
            CoinError::Cursor(cursor) => cursor.into(),
            CoinError::Fault(fault) => fault.into(),
        }
    }
}
