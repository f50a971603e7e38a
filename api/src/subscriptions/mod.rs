//! Plans and the user's subscription.

mod stats;
mod wire;

use std::sync::Arc;

use domain::page::Page;
use domain::subscriptions::{Cancel, Subscribe, SubscriptionError, SubscriptionService};
use poem_openapi::OpenApi;

use crate::auth::SignedIn;
use crate::body::Body;
use crate::idempotency::{Key, settled};
use crate::page::PageOf;
use crate::problem::{Kind, Problem, Result};
use crate::reply::{Cached, DoneOnce, MadeOnce, PublicPlain, Reply};
use crate::tags::Tag;

pub(crate) use stats::SubscriptionStats;
use wire::{CancelSubscription, StartSubscription};
pub(crate) use wire::{Plan, Subscription, SubscriptionAction, SubscriptionState};

/// The operations.
pub(crate) struct SubscriptionsApi(pub(crate) Arc<dyn SubscriptionService>);

#[OpenApi]
impl SubscriptionsApi {
    /// List the plans on offer
    ///
    /// Cheapest first. Without a subscription the plan `free` applies.
    #[oai(path = "/v1/plans", method = "get", operation_id = "listPlans", tag = "Tag::Subscription")]
    async fn plans(&self) -> Result<Reply<PageOf<Plan>, PublicPlain>> {
        Ok(Reply::of(&Page { items: self.0.plans().await?, next_cursor: None })?)
    }

    /// Read the subscription
    ///
    /// The latest one, or what applies without one.
    #[oai(path = "/v1/subscription", method = "get", operation_id = "getSubscription", tag = "Tag::Subscription")]
    async fn read(&self, actor: SignedIn) -> Result<Reply<Subscription, Cached>> {
        Ok(Reply::answer(self.0.read(actor.user).await?))
    }

    /// Subscribe to a plan
    #[oai(path = "/v1/subscription", method = "post", operation_id = "startSubscription", tag = "Tag::Subscription")]
    async fn subscribe(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<StartSubscription>,
    ) -> Result<Reply<Subscription, MadeOnce>> {
        let attempt = key.attempt(Subscribe { plan_code: body.plan_code.to_string() });
        Ok(Reply::once(&self.0.subscribe(actor.user, attempt).await?)?.at("/v1/subscription"))
    }

    /// Cancel the subscription
    ///
    /// At the end of its period, unless `at_period_end` is `false`.
    #[oai(path = "/v1/subscription/cancel", method = "post", operation_id = "cancelSubscription", tag = "Tag::Subscription")]
    async fn cancel(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<CancelSubscription>,
    ) -> Result<Reply<Subscription, DoneOnce>> {
        let attempt = key.attempt(Cancel { at_period_end: body.at_period_end });
        Ok(Reply::once(&settled(self.0.cancel(actor.user, attempt).await?)?)?)
    }

    /// Read what was used in the current period and today, and what is left
    #[oai(path = "/v1/subscription/stats", method = "get", operation_id = "getSubscriptionStats", tag = "Tag::Subscription")]
    async fn stats(&self, actor: SignedIn) -> Result<Reply<SubscriptionStats, Cached>> {
        Ok(Reply::answer(self.0.stats(actor.user).await?))
    }
}

impl From<SubscriptionError> for Problem {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::NoSuchPlan => Self::invalid_at("/plan_code", "must be the code of a plan that /v1/plans lists"),
            SubscriptionError::AlreadySubscribed => Self::new(Kind::AlreadySubscribed, "Cancel the present subscription first."),
            SubscriptionError::Conflict(conflict) => conflict.into(),
            SubscriptionError::Fault(fault) => fault.into(),
        }
    }
}
