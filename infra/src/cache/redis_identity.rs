//! The identity of a Redis: a random text under the prefix, so that workers can tell whether they share a store, however each of them
//! spells its URL.

use std::sync::LazyLock;

use fred::types::scripts::Script;

use super::redis::RedisStore;
use super::store::StoreUnavailable;

/// How long the identity outlives the last server on the Redis: an hour.
const EXPIRY_MS: i64 = 3_600_000;

static IDENTITY: LazyLock<Script> = LazyLock::new(|| Script::from_lua(include_str!("scripts/identity.lua")));

impl RedisStore {
    /// The identity of this Redis. One that has none, because it is new or has lost its data, takes the proposed one.
    pub(crate) async fn identity(&self, proposed: Option<&str>) -> Result<Option<String>, StoreUnavailable> {
        let key = format!("{}{{identity}}", self.prefix());
        self.run(&IDENTITY, vec![key], vec![proposed.unwrap_or_default().into(), EXPIRY_MS.into()]).await
    }
}
