//! Examples of the views of plans, subscriptions and usage, for the document.

use domain::billing::plans::Plan;
use domain::billing::subscriptions::{Preview, Record, SubscriptionView};
use domain::billing::usage::Stats;
use serde_json::{Value, json};

use crate::http::reply::ResponseBody;

impl ResponseBody for Plan {
    fn example() -> Value {
        json!({
            "code": "plus", "version": 1, "name": "Plus", "price_cents": 900, "currency": "USD", "interval": "month",
            "trial_days": 7, "coins_per_period": 500, "rollover_cap": 250, "limits": limits(),
        })
    }
}

fn limits() -> Value {
    json!({"messages_per_day": 5000, "images_per_day": 200, "concurrent_jobs": 2, "characters": 1000})
}

impl ResponseBody for SubscriptionView {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "plan_code": "plus", "state": "canceled", "entitled": false,
            "cancel_at_period_end": true, "pause_at_period_end": false,
            "pending_change": {"plan_code": "pro", "when": "period_end"}, "period_index": 1,
            "period_start": "2027-01-31T10:00:00Z", "period_end": "2027-02-28T10:00:00Z", "period_paid": false,
            "grace_until": "2027-02-07T10:00:00Z",
            "open_payment": {"id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "amount_cents": 900, "currency": "USD", "state": "failed"},
            "canceled_at": "2027-02-28T10:00:00Z", "end_reason": "unpaid", "needs_payment_method": false, "allowed_actions": ["subscribe"],
        })
    }
}

impl ResponseBody for Preview {
    fn example() -> Value {
        json!({
            "action": "change", "subscription": SubscriptionView::example(), "due_now_cents": 1286, "currency": "USD",
            "coins": 964, "takes_effect_at": "2027-02-10T10:00:00Z",
        })
    }
}

impl ResponseBody for Record {
    fn example() -> Value {
        json!({
            "id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6D", "subscription_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6E", "kind": "payment_ok",
            "from": "past_due", "to": "active", "plan_code": "plus", "period_index": 3, "missed_periods": 0,
            "key_id": "01JZ5Q6W8Y2N4R6T8V0X2Z4B6H", "created_at": "2027-04-02T10:00:00Z",
        })
    }
}

impl ResponseBody for Stats {
    fn example() -> Value {
        json!({
            "plan_code": "plus", "messages": 420, "tokens": 12850, "images": 3, "coins_granted": 500, "coins_spent": 57,
            "coins_expired": 0, "coins_refunded": 0, "characters": 12,
            "today": {"messages": 42, "images": 1, "resets_at": "2027-02-01T00:00:00Z"},
            "limits": limits(), "remaining": {"messages": 4958, "images": 199, "characters": 988},
            "period_start": "2027-01-31T10:00:00Z", "resets_at": "2027-02-28T10:00:00Z",
        })
    }
}
