//! Subscriptions in the database, and their cached read.
//!
//! A subscription is moved by the machine of `domain` under the lock of its user's coin account. What the machine asks for is done
//! in the same transaction.

mod cached;
mod due;
mod entities;
mod payment_effects;
mod reads;
mod requests;
mod rows;
mod service;
mod transitions;

pub(crate) use cached::CachedSubscriptionReads;
pub(crate) use due::CatchUpSubscriptions;
pub(crate) use payment_effects::PaymentEffects;
pub(crate) use reads::SqlSubscriptionReads;
pub(crate) use rows::live;
pub(crate) use service::SqlSubscriptions;
