//! Plans and the user's subscription.

mod stats;
mod wire;

use std::sync::Arc;

use domain::billing::subscriptions::{Cancel, Pause, Refusal, Resume, SubscriptionError, SubscriptionReads, SubscriptionService};
use domain::billing::usage::UsageReads;
use domain::page::Page;
use poem_openapi::OpenApi;

use crate::http::body::Body;
use crate::http::idempotency::{Key, settled};
use crate::http::page::PageOf;
use crate::http::params::{After, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Problem, Result};
use crate::http::reply::{Cached, CompletedOnce, CreatedOnce, PublicUncached, Reply, Secret, Uncached};
use crate::http::tags::Tag;

pub(crate) use stats::SubscriptionStats;
use wire::{CancelSubscription, ChangeSubscription, PreviewSubscription, StartSubscription};
pub(crate) use wire::{Plan, Subscription, SubscriptionAction, SubscriptionEvent, SubscriptionPreview, SubscriptionState};

/// The operations.
pub(crate) struct SubscriptionsApi {
    pub(crate) reads: Arc<dyn SubscriptionReads>,
    pub(crate) usage: Arc<dyn UsageReads>,
    pub(crate) service: Arc<dyn SubscriptionService>,
}

#[OpenApi]
impl SubscriptionsApi {
    /// List the plans on offer
    ///
    /// Cheapest first. Without a subscription the plan `free` applies.
    #[oai(path = "/v1/plans", method = "get", operation_id = "listPlans", tag = "Tag::Subscription")]
    async fn plans(&self) -> Result<Reply<PageOf<Plan>, PublicUncached>> {
        Ok(Reply::of(&Page { items: self.service.plans().await?, next_cursor: None })?)
    }

    /// Read the subscription
    ///
    /// The latest one, or what applies without one.
    #[oai(path = "/v1/subscription", method = "get", operation_id = "getSubscription", tag = "Tag::Subscription")]
    async fn read(&self, actor: SignedIn) -> Result<Reply<Subscription, Cached>> {
        Ok(Reply::answer(self.reads.subscription(actor.user).await?))
    }

    /// List what has happened to the subscription
    ///
    /// The latest first.
    #[oai(path = "/v1/subscription/events", method = "get", operation_id = "listSubscriptionEvents", tag = "Tag::Subscription")]
    async fn events(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<PageOf<SubscriptionEvent>, Uncached>> {
        Ok(Reply::of(&self.service.events(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Preview an action
    ///
    /// What it would cost and come to, once what is due now is paid. Nothing is changed.
    #[oai(path = "/v1/subscription/preview", method = "post", operation_id = "previewSubscription", tag = "Tag::Subscription")]
    async fn preview(&self, actor: SignedIn, body: Body<PreviewSubscription>) -> Result<Reply<SubscriptionPreview, Secret>> {
        Ok(Reply::of(&self.service.preview(actor.user, body.0.wish()).await?)?)
    }

    /// Subscribe to a plan
    ///
    /// The first subscription to a plan with a trial starts in it. Any other is `incomplete` until its first payment, `open_payment`, has come.
    #[oai(path = "/v1/subscription", method = "post", operation_id = "startSubscription", tag = "Tag::Subscription")]
    async fn subscribe(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<StartSubscription>,
    ) -> Result<Reply<Subscription, CreatedOnce>> {
        let attempt = key.attempt(body.wish());
        Ok(Reply::once(&settled(self.service.subscribe(actor.user, attempt).await?)?)?.at("/v1/subscription"))
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
    ) -> Result<Reply<Subscription, CompletedOnce>> {
        let attempt = key.attempt(Cancel { at_period_end: body.at_period_end });
        Ok(Reply::once(&settled(self.service.cancel(actor.user, attempt).await?)?)?)
    }

    /// Change the plan
    ///
    /// An upgrade now is charged for what is left of the period, and happens when that is paid.
    #[oai(path = "/v1/subscription/change", method = "post", operation_id = "changeSubscription", tag = "Tag::Subscription")]
    async fn change(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<ChangeSubscription>,
    ) -> Result<Reply<Subscription, CompletedOnce>> {
        let attempt = key.attempt(body.0.wish());
        Ok(Reply::once(&settled(self.service.change(actor.user, attempt).await?)?)?)
    }

    /// Pause the subscription
    ///
    /// When its period ends.
    #[oai(path = "/v1/subscription/pause", method = "post", operation_id = "pauseSubscription", tag = "Tag::Subscription")]
    async fn pause(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
    ) -> Result<Reply<Subscription, CompletedOnce>> {
        Ok(Reply::once(&settled(self.service.pause(actor.user, key.attempt(Pause)).await?)?)?)
    }

    /// Resume the subscription
    ///
    /// Withdraws a cancellation or a pause that has not come about. A paused one goes on when its `open_payment` has come.
    #[oai(path = "/v1/subscription/resume", method = "post", operation_id = "resumeSubscription", tag = "Tag::Subscription")]
    async fn resume(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
    ) -> Result<Reply<Subscription, CompletedOnce>> {
        Ok(Reply::once(&settled(self.service.resume(actor.user, key.attempt(Resume)).await?)?)?)
    }

    /// Read what was used in the current period and today, and what is left
    #[oai(path = "/v1/subscription/stats", method = "get", operation_id = "getSubscriptionStats", tag = "Tag::Subscription")]
    async fn stats(&self, actor: SignedIn) -> Result<Reply<SubscriptionStats, Cached>> {
        Ok(Reply::answer(self.usage.stats(actor.user).await?))
    }
}

impl From<SubscriptionError> for Problem {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::Refused(refusal) => refusal.into(),
            SubscriptionError::Cursor(cursor) => cursor.into(),
            SubscriptionError::Conflict(conflict) => conflict.into(),
            SubscriptionError::Service(fault) => fault.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Transition(invalid) => invalid.into(),
            Refusal::AlreadySubscribed(present) => Self::already_subscribed(present),
            Refusal::NoSuchPlan => Self::invalid_at("/plan_code", "must be the code of a plan with a price that /v1/plans lists"),
            Refusal::SamePlan => Self::invalid_at("/plan_code", "must be another plan than the present one"),
            Refusal::NotAnUpgrade => {
                Self::invalid_at("/when", "must be period_end: only what costs more in the same interval can be changed to now")
            }
        }
    }
}
