//! The events of a subscription.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::billing::payments::Item;
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
    /// The payment of this period was refunded in full.
    Refund(i64),
}

/// What an event is called in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// It was made.
    Subscribed,
    /// A payment has succeeded.
    PaymentOk,
    /// An attempt at a payment has failed.
    PaymentFailed,
    /// The first payment did not come in time.
    IncompleteTimeout,
    /// The trial was over.
    TrialEnd,
    /// The period was over.
    PeriodEnd,
    /// An overdue payment was asked for again.
    Retry,
    /// The grace was over.
    DunningEnd,
    /// The user canceled.
    Cancel,
    /// The user let it end with its period.
    CancelAtPeriodEnd,
    /// The user took a flag back, or asked to go on after a pause.
    Resume,
    /// The user let it pause when the period ends.
    Pause,
    /// The user changed to another plan.
    Change,
    /// The user let it change to another plan when the period ends.
    ChangeAtPeriodEnd,
    /// The payment of the period was returned in full.
    Refund,
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
