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

/// What an event is called in the history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "SubscriptionEventKind")]
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
