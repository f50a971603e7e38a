//! Requests of payments.

use domain::billing::payments::{self, RefundReason};
use domain::ids::PaymentId;
use poem_openapi::Object;
use serde_json::{Value, json};

use crate::http::body::RequestBody;
use crate::http::problem::{Result, WithPointer};
use crate::http::text::Line;

/// The package of coins to buy.
#[derive(Object)]
pub(super) struct PurchaseCoins {
    /// Code of the package.
    pub(super) package_code: Line<1, 64>,
}

impl RequestBody for PurchaseCoins {
    fn example() -> Value {
        json!({"package_code": "medium"})
    }
}

/// A refund of a payment.
#[derive(Object)]
pub(super) struct RefundPayment {
    /// Amount in cents; if absent, all that is left.
    #[oai(validator(minimum(value = "1"), maximum(value = "1000000000000")))]
    amount_cents: Option<i64>,
    /// Reason, for the operator.
    reason: Line<1, 200>,
}

impl RequestBody for RefundPayment {
    fn example() -> Value {
        json!({"amount_cents": 450, "reason": "half of the month was unusable"})
    }
}

impl RefundPayment {
    pub(super) fn refund(&self, payment: PaymentId) -> Result<payments::RefundPayment> {
        Ok(payments::RefundPayment {
            payment,
            cents: self.amount_cents,
            reason: RefundReason::parse(&self.reason).at("/reason")?,
        })
    }
}

/// The schema of a provider's event. Its signature covers its bytes, so the handler receives it unparsed.
pub(super) fn event() -> Value {
    json!({
        "type": "object",
        "description": "An event of the provider, as the provider describes it (<https://docs.stripe.com/api/events/object>). Other \
                        members are ignored.",
        "required": ["id", "type", "data"],
        "properties": {
            "id": {"type": "string", "description": "The provider's identifier of the event."},
            "type": {"type": "string", "description": "What happened; other types are accepted and ignored."},
            "data": {"type": "object", "description": "The object that the event is about.", "additionalProperties": true},
        },
        "additionalProperties": true,
        "example": {
            "id": "evt_1", "type": "payment_intent.succeeded",
            "data": {"object": {"id": "pi_1", "metadata": {"payment_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D"}}},
        },
    })
}
