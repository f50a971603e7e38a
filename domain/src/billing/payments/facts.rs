//! What a provider reports about the money of a payment after its receipt: refunds and disputes, each by the provider's id.
//!
//! Facts only accumulate: of two reports about one object the further status counts. So the same reports have the same result in any
//! order and number.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The status of a refund, the further one last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// The money is returned, or about to be.
    Effective,
    /// The refund failed or was canceled; the money stays.
    Failed,
}

/// The status of a dispute, the further one last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeStatus {
    /// The bank inquires; no money moves.
    Inquiry,
    /// The dispute was prevented; no money moves.
    Prevented,
    /// The bank holds the money back.
    Open,
    /// The bank returned the money to the payer.
    Lost,
    /// The money stays with the site.
    Won,
}

/// A part of a payment that a refund or a dispute concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part<S> {
    /// Amount, in cents.
    pub cents: i64,
    /// Status.
    pub status: S,
}

/// The refunds and disputes of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Refunds, by the provider's id.
    pub refunds: BTreeMap<String, Part<RefundStatus>>,
    /// Disputes, by the provider's id.
    pub disputes: BTreeMap<String, Part<DisputeStatus>>,
    /// The largest cumulative refunded amount that was reported, in cents.
    pub refunded_total: i64,
}

impl Facts {
    /// Records a report about a refund.
    pub fn record_refund(&mut self, id: &str, part: Part<RefundStatus>) {
        record(&mut self.refunds, id, part);
    }

    /// Records a report about a dispute. Returns whether the dispute is new as one that moves money.
    pub fn record_dispute(&mut self, id: &str, part: Part<DisputeStatus>) -> bool {
        let opened = |facts: &Self| facts.disputes.get(id).is_some_and(|known| known.status >= DisputeStatus::Open);
        let before = opened(self);
        record(&mut self.disputes, id, part);
        !before && opened(self)
    }

    /// Refunded cents: the effective refunds, and what the cumulative amount exceeds all known refunds by, failed ones included.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        let sum = |counts: fn(&Part<RefundStatus>) -> bool| {
            self.refunds.values().filter(|part| counts(part)).fold(0_i64, |sum, part| sum.saturating_add(part.cents))
        };
        let effective = sum(|part| part.status == RefundStatus::Effective);
        effective.saturating_add(self.refunded_total.saturating_sub(sum(|_| true)).max(0))
    }

    /// Cents that disputes hold back or have returned to the payer.
    #[must_use]
    pub fn disputed(&self) -> i64 {
        let counts = |part: &&Part<DisputeStatus>| matches!(part.status, DisputeStatus::Open | DisputeStatus::Lost);
        self.disputes.values().filter(counts).fold(0, |sum, part| sum.saturating_add(part.cents))
    }

    /// The part of `received` cents that is gone.
    #[must_use]
    pub fn gone(&self, received: i64) -> i64 {
        self.refunded().saturating_add(self.disputed()).min(received)
    }

    /// Whether a dispute was lost.
    #[must_use]
    pub fn has_lost_dispute(&self) -> bool {
        self.disputes.values().any(|part| part.status == DisputeStatus::Lost)
    }
}

/// Records a report: the further status and the larger amount count.
fn record<S: Ord + Copy>(parts: &mut BTreeMap<String, Part<S>>, id: &str, part: Part<S>) {
    let known = parts.entry(id.to_owned()).or_insert(part);
    *known = Part { cents: known.cents.max(part.cents), status: known.status.max(part.status) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cumulative_amount_counts_what_exceeds_all_known_refunds() {
        let mut facts = Facts { refunded_total: 500, ..Facts::default() };
        assert_eq!((facts.refunded(), facts.gone(900)), (500, 500));
        facts.record_refund("re_1", Part { cents: 300, status: RefundStatus::Effective });
        assert_eq!(facts.refunded(), 500);
        facts.record_refund("re_1", Part { cents: 300, status: RefundStatus::Failed });
        assert_eq!(facts.refunded(), 200);
        facts.record_refund("re_1", Part { cents: 300, status: RefundStatus::Effective });
        facts.record_refund("re_2", Part { cents: 900, status: RefundStatus::Effective });
        assert_eq!((facts.refunded(), facts.gone(900), facts.gone(400)), (900, 900, 400));
    }

    #[test]
    fn only_open_and_lost_disputes_count_and_each_opens_once() {
        let mut facts = Facts::default();
        let mut report = |status| {
            let opened = facts.record_dispute("dp_1", Part { cents: 900, status });
            (opened, facts.disputed())
        };
        assert_eq!(report(DisputeStatus::Inquiry), (false, 0));
        assert_eq!(report(DisputeStatus::Prevented), (false, 0));
        assert_eq!(report(DisputeStatus::Open), (true, 900));
        assert_eq!(report(DisputeStatus::Inquiry), (false, 900));
        assert_eq!(report(DisputeStatus::Lost), (false, 900));
        assert_eq!(report(DisputeStatus::Won), (false, 0));
        assert_eq!(report(DisputeStatus::Open), (false, 0));
        assert!(!facts.has_lost_dispute());
        assert!(Facts::default().record_dispute("dp_1", Part { cents: 900, status: DisputeStatus::Won }));
    }
}
