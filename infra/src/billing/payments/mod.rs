//! Payments in the database: what is asked for, what providers report, and the packages of coins that are bought.
//!
//! A payment of a subscription reaches the subscription through [`SubscriptionPayments`].

mod defaults;
mod entities;
mod events;
mod providers;
mod rows;
mod service;
mod settlement;
mod user_payments;

pub(crate) use defaults::InstallPackages;
pub(crate) use events::MatchPaymentEvents;
pub(crate) use providers::{Manual, Stripe};
pub(crate) use service::SqlPayments;
pub(crate) use settlement::SubscriptionPayments;
pub(crate) use user_payments::{UserPayments, open_payment};
