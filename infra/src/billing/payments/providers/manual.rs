//! The manual provider: every requested payment counts as paid at once.
//!
//! For trials, and for sites that collect payments outside this program. Users get what they order without a payment.

use domain::billing::payments::PaymentMethod;
use domain::billing::payments::{Payment, PaymentProvider, RequestOutcome};

/// The provider that collects nothing.
pub(crate) struct Manual;

const NAME: &str = "manual";

impl PaymentProvider for Manual {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request_payment(&self, _: &Payment) -> RequestOutcome {
        RequestOutcome::Paid
    }

    fn minimum_cents(&self) -> i64 {
        0
    }

    fn default_method(&self) -> Option<PaymentMethod> {
        PaymentMethod::parse(NAME).ok()
    }
}
