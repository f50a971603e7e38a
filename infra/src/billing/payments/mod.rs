//! Payments in the database: requested payments, events of providers, and purchases of coin packages.
//!
//! Each event of a provider is applied once, in one transaction with its effects. The effects on subscriptions are left to the port
//! [`SubscriptionPayments`].

mod administration;
mod defaults;
mod entities;
mod events;
mod facts;
mod providers;
mod rows;
mod service;
mod settlement;
mod user_payments;

pub(crate) use defaults::InstallPackages;
pub(crate) use events::{MatchPaymentEvents, OLD_EVENTS};
use providers::MANUAL;
pub(crate) use providers::{Manual, Stripe};
pub(crate) use service::SqlPayments;
pub(crate) use settlement::SubscriptionPayments;
pub(crate) use user_payments::{UserPayments, open_payment};
