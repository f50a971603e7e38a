//! The facts of payments in the database.

use domain::ServiceError;
use domain::billing::payments::{Facts, Part, RefundReason};
use domain::ids::{PaymentId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::entities::{payment, payment_dispute, payment_refund};
use crate::db::{Tx, of_word, service_error, word};

/// The facts of a payment.
pub(super) async fn load(tx: &Tx, of: PaymentId) -> Result<Facts, ServiceError> {
    let refunds = payment_refund::Entity::find().filter(payment_refund::Column::PaymentId.eq(of.to_string()));
    let disputes = payment_dispute::Entity::find().filter(payment_dispute::Column::PaymentId.eq(of.to_string()));
    let total = payment::Entity::find_by_id(of.to_string()).select_only().column(payment::Column::RefundedTotal).into_tuple();
    let refund = |row: payment_refund::Model| Ok((row.refund_id, Part { cents: row.cents, status: of_word(row.status)? }));
    let dispute = |row: payment_dispute::Model| Ok((row.dispute_id, Part { cents: row.cents, status: of_word(row.status)? }));
    Ok(Facts {
        refunds: refunds.all(&**tx).await.map_err(service_error)?.into_iter().map(refund).collect::<Result<_, ServiceError>>()?,
        disputes: disputes
            .all(&**tx)
            .await
            .map_err(service_error)?
            .into_iter()
            .map(dispute)
            .collect::<Result<_, ServiceError>>()?,
        refunded_total: total.one(&**tx).await.map_err(service_error)?.unwrap_or_default(),
    })
}

/// Writes the facts of a payment that differ from those before.
pub(super) async fn save(tx: &Tx, of: PaymentId, before: &Facts, facts: &Facts) -> Result<(), ServiceError> {
    for (id, part) in facts.refunds.iter().filter(|(id, part)| before.refunds.get(*id) != Some(part)) {
        let row = payment_refund::ActiveModel {
            payment_id: Set(of.to_string()),
            refund_id: Set(id.clone()),
            cents: Set(part.cents),
            status: Set(word(&part.status)?),
            ..Default::default()
        };
        let mut known = OnConflict::columns([payment_refund::Column::PaymentId, payment_refund::Column::RefundId]);
        known.update_columns([payment_refund::Column::Cents, payment_refund::Column::Status]);
        payment_refund::Entity::insert(row).on_conflict(known).exec_without_returning(&**tx).await.map_err(service_error)?;
    }
    for (id, part) in facts.disputes.iter().filter(|(id, part)| before.disputes.get(*id) != Some(part)) {
        let row = payment_dispute::ActiveModel {
            payment_id: Set(of.to_string()),
            dispute_id: Set(id.clone()),
            cents: Set(part.cents),
            status: Set(word(&part.status)?),
        };
        let mut known = OnConflict::columns([payment_dispute::Column::PaymentId, payment_dispute::Column::DisputeId]);
        known.update_columns([payment_dispute::Column::Cents, payment_dispute::Column::Status]);
        payment_dispute::Entity::insert(row).on_conflict(known).exec_without_returning(&**tx).await.map_err(service_error)?;
    }
    if facts.refunded_total != before.refunded_total {
        let row = payment::ActiveModel { refunded_total: Set(facts.refunded_total), ..Default::default() };
        let payment = payment::Entity::update_many().set(row).filter(payment::Column::Id.eq(of.to_string()));
        payment.exec(&**tx).await.map_err(service_error)?;
    }
    Ok(())
}

/// Records why an administrator refunded.
pub(super) async fn explain_refund(
    tx: &Tx,
    payment: PaymentId,
    refund: &str,
    (reason, actor): (&RefundReason, Option<UserId>),
) -> Result<(), ServiceError> {
    let row = payment_refund::ActiveModel {
        payment_id: Set(payment.to_string()),
        refund_id: Set(refund.to_owned()),
        reason: Set(Some(reason.as_str().to_owned())),
        actor_id: Set(actor.map(|actor| actor.to_string())),
        ..Default::default()
    };
    payment_refund::Entity::update(row).exec(&**tx).await.map_err(service_error)?;
    Ok(())
}
