//! Refunds and receipts that an administrator records.

use std::sync::Arc;

use domain::billing::payments::{
    Administered, Part, Payment, PaymentError, PaymentRefusal, PaymentUpdate, PaymentView, RefundPayment, RefundStatus,
    SettlePayment,
};
use domain::idempotency::Attempt;
use domain::identity::{Area, Principal};
use domain::ids::{PaymentId, RefundId, UserId};
use sea_orm::EntityTrait;

use super::entities::payment;
use super::{MANUAL, SqlPayments, UserPayments, facts};
use crate::billing::touched;
use crate::db::{Claim, Tx, id, service_error};

impl SqlPayments {
    /// Refunds a payment that the site collected itself.
    pub(super) async fn refund_payment(&self, actor: &Principal, attempt: Attempt<RefundPayment>) -> Administered {
        actor.require_admin(Area::Subscription)?;
        let (now, by) = (self.clock.now(), actor.actor());
        let user = self.payer_of(attempt.command.payment).await?;
        let (subscriptions, collector) = (Arc::clone(&self.subscriptions), Arc::clone(&self.provider));
        let work = move |tx: Tx, command: RefundPayment| async move {
            let payments = UserPayments::lock(&tx, user, now, &collector).await?;
            let payment = payments.find(command.payment).await?;
            let cents = match by_hand(&payment).and_then(|()| payment.refundable(command.cents)) {
                Ok(cents) => cents,
                Err(refusal) => return Ok(Err(refusal)),
            };
            let refund = RefundId::generate(now).to_string();
            let part = Part { cents, status: RefundStatus::Effective };
            payments.settle(payment, &PaymentUpdate::Refund { id: refund.clone(), part }, &*subscriptions).await?;
            facts::explain_refund(&tx, command.payment, &refund, (&command.reason, by.user)).await?;
            Ok::<_, PaymentError>(Ok(PaymentView::of(payments.find(command.payment).await?)))
        };
        let claim = Claim::administrative(actor, "refundPayment", now);
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    /// Marks a payment that the site collects itself as received.
    pub(super) async fn settle_payment(&self, actor: &Principal, attempt: Attempt<SettlePayment>) -> Administered {
        actor.require_admin(Area::Subscription)?;
        let now = self.clock.now();
        let user = self.payer_of(attempt.command.payment).await?;
        let (subscriptions, collector) = (Arc::clone(&self.subscriptions), Arc::clone(&self.provider));
        let work = move |tx: Tx, SettlePayment { payment: id }: SettlePayment| async move {
            let payments = UserPayments::lock(&tx, user, now, &collector).await?;
            let payment = payments.find(id).await?;
            if let Err(refusal) = by_hand(&payment) {
                return Ok(Err(refusal));
            }
            let paid = PaymentUpdate::Paid { cents: payment.amount_cents, currency: payment.currency.clone() };
            payments.settle(payment, &paid, &*subscriptions).await?;
            Ok::<_, PaymentError>(Ok(PaymentView::of(payments.find(id).await?)))
        };
        let claim = Claim::administrative(actor, "settlePayment", now);
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    /// The user of a payment, who never changes.
    async fn payer_of(&self, payment: PaymentId) -> Result<UserId, PaymentError> {
        let row = payment::Entity::find_by_id(payment.to_string()).one(self.db.reader()).await.map_err(service_error)?;
        Ok(id(&row.ok_or(PaymentError::NotFound)?.user_id)?)
    }
}

/// Refuses a payment whose provider reports receipts and refunds itself.
fn by_hand(payment: &Payment) -> Result<(), PaymentRefusal> {
    if payment.provider == MANUAL { Ok(()) } else { Err(PaymentRefusal::ByProvider) }
}
