//! What may happen to a subscription.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::billing::payments::Item;
use crate::billing::plans::Plan;

/// What happens to a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A payment has succeeded.
    PaymentOk(Item),
    /// An attempt at a payment has failed.
    PaymentFailed(Item),
    /// The first payment did not come in time.
    IncompleteTimeout,
    /// The trial is over.
    TrialEnd,
    /// The period is over.
    PeriodEnd,
    /// An overdue payment is to be asked for again.
    Retry,
    /// The grace is over.
    DunningEnd,
    /// The user cancels now.
    Cancel,
    /// The user lets it end with its period.
    CancelAtPeriodEnd,
    /// The user takes a flag back, or goes on after a pause.
    Resume,
    /// The user lets it pause when the period ends.
    Pause,
    /// The user changes to another plan now.
    Change(Plan),
    /// The user changes to another plan when the period ends.
    ChangeAtPeriodEnd(Plan),
    /// The payment of this period was returned in full.
    Refund(i64),
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
    /// The payment of the period was refunded in full.
    Refund,
}

impl Event {
    /// What it is called in the history.
    #[must_use]
    pub fn kind(&self) -> EventKind {
        match self {
            Self::PaymentOk(_) => EventKind::PaymentOk,
            Self::PaymentFailed(_) => EventKind::PaymentFailed,
            Self::IncompleteTimeout => EventKind::IncompleteTimeout,
            Self::TrialEnd => EventKind::TrialEnd,
            Self::PeriodEnd => EventKind::PeriodEnd,
            Self::Retry => EventKind::Retry,
            Self::DunningEnd => EventKind::DunningEnd,
            Self::Cancel => EventKind::Cancel,
            Self::CancelAtPeriodEnd => EventKind::CancelAtPeriodEnd,
            Self::Resume => EventKind::Resume,
            Self::Pause => EventKind::Pause,
            Self::Change(_) => EventKind::Change,
            Self::ChangeAtPeriodEnd(_) => EventKind::ChangeAtPeriodEnd,
            Self::Refund(_) => EventKind::Refund,
        }
    }
}
