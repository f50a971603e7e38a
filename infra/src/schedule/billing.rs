//! The duties of billing and of the ledger.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Fault, Time};

use super::Duty;
use crate::sql::{Database, SqlPayments, SqlSubscriptions, release_expired};

/// What time brings to subscriptions: ends of trials and periods, retries, ends of patience.
pub(crate) struct CatchUp(pub(crate) Arc<SqlSubscriptions>);

#[async_trait]
impl Duty for CatchUp {
    fn name(&self) -> &'static str {
        "catch_up_subscriptions"
    }

    async fn run(&self, now: Time) -> Result<u64, Fault> {
        self.0.catch_up(now).await
    }
}

/// Events that came before the one that made their payment known.
pub(crate) struct MatchEvents(pub(crate) Arc<SqlPayments>);

#[async_trait]
impl Duty for MatchEvents {
    fn name(&self) -> &'static str {
        "match_payment_events"
    }

    async fn run(&self, now: Time) -> Result<u64, Fault> {
        self.0.match_late_events(now).await
    }
}

/// Holds whose time is over and lots that have expired, also of those who do nothing.
pub(crate) struct ReleaseExpired(pub(crate) Database);

#[async_trait]
impl Duty for ReleaseExpired {
    fn name(&self) -> &'static str {
        "release_expired_coins"
    }

    async fn run(&self, now: Time) -> Result<u64, Fault> {
        release_expired(&self.0, now).await
    }
}
