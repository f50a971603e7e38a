//! The manual provider: the site collects the payments itself.
//!
//! In development every requested payment counts as paid at once: users get what they order without a payment. In production an
//! administrator settles each payment.

use domain::billing::payments::PaymentMethod;
use domain::billing::payments::{Payment, PaymentProvider, RequestOutcome};

/// The provider that collects nothing.
pub(crate) struct Manual {
    /// The result of every request.
    pub(crate) outcome: RequestOutcome,
}

/// Its name in rows.
pub(crate) const NAME: &str = "manual";

impl PaymentProvider for Manual {
    fn name(&self) -> &'static str {
        NAME
    }

    fn request_payment(&self, _: &Payment) -> RequestOutcome {
        self.outcome
    }

    fn minimum_cents(&self) -> i64 {
        0
    }

    fn default_method(&self) -> Option<PaymentMethod> {
        PaymentMethod::parse(NAME).ok()
    }
}
