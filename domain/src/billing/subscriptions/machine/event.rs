//! The events of a subscription.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::billing::payments::{Item, PaymentMethod};
use crate::billing::plans::Plan;

/// An event of a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A payment succeeded.
    PaymentOk(Item),
    /// A payment attempt failed.
    PaymentFailed(Item),
    /// The first payment was not made in time.
    IncompleteTimeout,
    /// The trial ended.
    TrialEnd,
    /// The period ended.
    PeriodEnd,
    /// The payment of the period is unpaid a day after it was first requested.
    Overdue,
    /// An overdue payment is due for a retry.
    Retry,
    /// The grace period ended.
    DunningEnd,
    /// The user cancels now.
    Cancel,
    /// The user cancels at the end of the period.
    CancelAtPeriodEnd,
    /// The user withdraws a cancellation or a pause, or resumes after a pause.
    Resume,
    /// The user pauses at the end of the period.
    Pause,
    /// The user changes to another plan now.
    Change(Plan),
    /// The user changes to another plan at the end of the period.
    ChangeAtPeriodEnd(Plan),
    /// The money of a payment is gone.
    Returned(Item),
    /// The money of a payment is back, in full or in part, after it was gone.
    Restored(Item),
    /// A payment of the user is disputed.
    Disputed,
    /// A new payment method is known.
    MethodSet(PaymentMethod),
}

/// The kind of a subscription event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SubscriptionEventKind")]
pub enum EventKind {
    /// The subscription was created.
    Subscribed,
    /// A payment succeeded.
    PaymentOk,
    /// An attempt at a payment failed.
    PaymentFailed,
    /// The first payment did not arrive in time.
    IncompleteTimeout,
    /// The trial ended.
    TrialEnd,
    /// The period ended.
    PeriodEnd,
    /// A payment was unpaid a day after it was first requested.
    Overdue,
    /// An overdue payment was requested again.
    Retry,
    /// The grace period ended.
    DunningEnd,
    /// The user canceled.
    Cancel,
    /// The user canceled at the end of the period.
    CancelAtPeriodEnd,
    /// The user withdrew a cancellation or a pause, or continued after a pause.
    Resume,
    /// The user paused at the end of the period.
    Pause,
    /// The user changed to another plan.
    Change,
    /// The user changed to another plan at the end of the period.
    ChangeAtPeriodEnd,
    /// The payment of the period was refunded in full. Only events of older versions have it.
    Refund,
    /// The money of a payment was refunded or charged back.
    Returned,
    /// The money of a payment was back.
    Restored,
    /// A payment was disputed.
    Disputed,
    /// A new payment method was set.
    MethodSet,
}

impl Event {
    /// The event's kind in the history.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::PaymentOk(_) => EventKind::PaymentOk,
            Self::PaymentFailed(_) => EventKind::PaymentFailed,
            Self::IncompleteTimeout => EventKind::IncompleteTimeout,
            Self::TrialEnd => EventKind::TrialEnd,
            Self::PeriodEnd => EventKind::PeriodEnd,
            Self::Overdue => EventKind::Overdue,
            Self::Retry => EventKind::Retry,
            Self::DunningEnd => EventKind::DunningEnd,
            Self::Cancel => EventKind::Cancel,
            Self::CancelAtPeriodEnd => EventKind::CancelAtPeriodEnd,
            Self::Resume => EventKind::Resume,
            Self::Pause => EventKind::Pause,
            Self::Change(_) => EventKind::Change,
            Self::ChangeAtPeriodEnd(_) => EventKind::ChangeAtPeriodEnd,
            Self::Returned(_) => EventKind::Returned,
            Self::Restored(_) => EventKind::Restored,
            Self::Disputed => EventKind::Disputed,
            Self::MethodSet(_) => EventKind::MethodSet,
        }
    }
}
