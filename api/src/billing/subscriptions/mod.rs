//! Plans and the user's subscription.

mod examples;
mod requests;

use std::sync::Arc;

use domain::billing::plans::Plan;
use domain::billing::subscriptions::{
    Pause, Preview, Record, Refusal, Resume, SubscriptionError, SubscriptionReads, SubscriptionService, SubscriptionView,
};
use domain::billing::usage::{Stats, UsageReads};
use domain::page::Page;
use poem_openapi::OpenApi;

use crate::http::body::Body;
use crate::http::document::Declared;
use crate::http::idempotency::{Key, settled};
use crate::http::params::{After, Limit, Query, page};
use crate::http::principal::SignedIn;
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{Cached, CompletedOnce, CreatedOnce, PublicUncached, Reply, Secret, Uncached};
use crate::http::tags::Tag;

use requests::{CancelSubscription, ChangeSubscription, PreviewSubscription, StartSubscription};

/// Operations on plans and subscriptions.
pub(crate) struct SubscriptionsApi {
    pub(crate) reads: Arc<dyn SubscriptionReads>,
    pub(crate) usage: Arc<dyn UsageReads>,
    pub(crate) service: Arc<dyn SubscriptionService>,
}

impl SubscriptionsApi {
    /// Problems of single operations.
    pub(crate) const PROBLEMS: Declared = &[
        ("startSubscription", &[Kind::AlreadySubscribed, Kind::EmailNotVerified]),
        ("previewSubscription", &[Kind::AlreadySubscribed, Kind::SubscriptionTransitionInvalid]),
        ("cancelSubscription", &[Kind::SubscriptionTransitionInvalid]),
        ("changeSubscription", &[Kind::SubscriptionTransitionInvalid]),
        ("pauseSubscription", &[Kind::SubscriptionTransitionInvalid]),
        ("resumeSubscription", &[Kind::SubscriptionTransitionInvalid]),
    ];
}

#[OpenApi]
impl SubscriptionsApi {
    /// List the plans on offer
    ///
    /// Cheapest first. Without a subscription the plan `free` applies.
    #[oai(path = "/v1/plans", method = "get", operation_id = "listPlans", tag = "Tag::Subscription")]
    async fn plans(&self) -> Result<Reply<Page<Plan>, PublicUncached>> {
        Ok(Reply::of(&Page { items: self.service.plans().await?, next_cursor: None })?)
    }

    /// Read the subscription
    ///
    /// The latest one, or the plan `free` without one.
    #[oai(path = "/v1/subscription", method = "get", operation_id = "getSubscription", tag = "Tag::Subscription")]
    async fn read(&self, actor: SignedIn) -> Result<Reply<SubscriptionView, Cached>> {
        Ok(Reply::cached(self.reads.subscription(actor.user).await?))
    }

    /// List the events of the subscription
    ///
    /// The latest first.
    #[oai(path = "/v1/subscription/events", method = "get", operation_id = "listSubscriptionEvents", tag = "Tag::Subscription")]
    async fn events(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Record>, Uncached>> {
        Ok(Reply::of(&self.service.events(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Preview an action
    ///
    /// Its price and the subscription after the payment that is due now. Nothing is changed.
    #[oai(path = "/v1/subscription/preview", method = "post", operation_id = "previewSubscription", tag = "Tag::Subscription")]
    async fn preview(&self, actor: SignedIn, body: Body<PreviewSubscription>) -> Result<Reply<Preview, Secret>> {
        Ok(Reply::of(&self.service.preview(actor.user, body.command()).await?)?)
    }

    /// Subscribe to a plan
    ///
    /// The first subscription to a plan with a trial starts in the trial. Any other is `incomplete` until its first payment,
    /// `open_payment`, succeeds.
    #[oai(path = "/v1/subscription", method = "post", operation_id = "startSubscription", tag = "Tag::Subscription")]
    async fn subscribe(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<StartSubscription>,
    ) -> Result<Reply<SubscriptionView, CreatedOnce>> {
        let attempt = key.attempt(body.command());
        Ok(Reply::once(&settled(self.service.subscribe(actor.placement(), attempt).await?)?)?.at("/v1/subscription"))
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
    ) -> Result<Reply<SubscriptionView, CompletedOnce>> {
        let attempt = key.attempt(body.command());
        Ok(Reply::once(&settled(self.service.cancel(actor.placement(), attempt).await?)?)?)
    }

    /// Change the plan
    ///
    /// An upgrade now is charged for the rest of the period. It happens when that is paid.
    #[oai(path = "/v1/subscription/change", method = "post", operation_id = "changeSubscription", tag = "Tag::Subscription")]
    async fn change(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<ChangeSubscription>,
    ) -> Result<Reply<SubscriptionView, CompletedOnce>> {
        let attempt = key.attempt(body.command());
        Ok(Reply::once(&settled(self.service.change(actor.placement(), attempt).await?)?)?)
    }

    /// Pause the subscription
    ///
    /// When its period ends.
    #[oai(path = "/v1/subscription/pause", method = "post", operation_id = "pauseSubscription", tag = "Tag::Subscription")]
    async fn pause(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
    ) -> Result<Reply<SubscriptionView, CompletedOnce>> {
        Ok(Reply::once(&settled(self.service.pause(actor.placement(), key.attempt(Pause)).await?)?)?)
    }

    /// Resume the subscription
    ///
    /// Withdraws a pending cancellation or pause. A paused subscription continues when its `open_payment` succeeds.
    #[oai(path = "/v1/subscription/resume", method = "post", operation_id = "resumeSubscription", tag = "Tag::Subscription")]
    async fn resume(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
    ) -> Result<Reply<SubscriptionView, CompletedOnce>> {
        Ok(Reply::once(&settled(self.service.resume(actor.placement(), key.attempt(Resume)).await?)?)?)
    }

    /// Read the usage
    ///
    /// What was used in the current period and today, and what is left.
    #[oai(path = "/v1/subscription/stats", method = "get", operation_id = "getSubscriptionStats", tag = "Tag::Subscription")]
    async fn stats(&self, actor: SignedIn) -> Result<Reply<Stats, Cached>> {
        Ok(Reply::cached(self.usage.stats(actor.user).await?))
    }
}

impl From<SubscriptionError> for Problem {
    fn from(error: SubscriptionError) -> Self {
        match error {
            SubscriptionError::Refused(refusal) => refusal.into(),
            SubscriptionError::EmailNotVerified => Self::new(
                Kind::EmailNotVerified,
                "A trial and free coins require a verified e-mail address. Request a link at /v1/auth/verify-email/resend, then repeat the request.",
            ),
            SubscriptionError::Cursor(cursor) => cursor.into(),
            SubscriptionError::Conflict(conflict) => conflict.into(),
            SubscriptionError::Service(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Transition(invalid) => invalid.into(),
            Refusal::AlreadySubscribed(present) => Self::already_subscribed(present),
            Refusal::NoSuchPlan => Self::invalid_at("/plan_code", "must be the code of a plan with a price that /v1/plans lists"),
            Refusal::SamePlan => Self::invalid_at("/plan_code", "must not be the present plan"),
            Refusal::NotAnUpgrade => Self::invalid_at(
                "/when",
                "must be period_end: only a plan that costs more in the same interval can be changed to now",
            ),
        }
    }
}
