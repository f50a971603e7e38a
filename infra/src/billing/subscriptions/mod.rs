//! Subscriptions in the database, and their cached read.
//!
//! The state machine is in `domain`. A transition runs under the lock of the user's coin account, and its effects are applied in the
//! same transaction. Due events are applied before every request, so that no result depends on when the scheduler runs.

mod cached;
mod deletion;
mod due;
mod entities;
mod payment_effects;
mod reads;
mod requests;
mod rows;
mod service;
mod transitions;
mod trial_claims;

pub(crate) use cached::CachedSubscriptionReads;
pub(crate) use deletion::{EndSubscription, StopSubscription};
pub(crate) use due::CatchUpSubscriptions;
pub(crate) use payment_effects::PaymentEffects;
pub(crate) use reads::SqlSubscriptionReads;
pub(crate) use rows::live;
pub(crate) use service::{SqlSubscriptions, TrialPolicy};
pub(crate) use trial_claims::TrialClaims;
