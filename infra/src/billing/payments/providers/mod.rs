//! Payment providers: adapters of the port [`PaymentProvider`](domain::billing::payments::PaymentProvider).

mod manual;
mod stripe;

pub(crate) use manual::Manual;
pub(super) use manual::NAME as MANUAL;
pub(crate) use stripe::Stripe;
