//! Conversions between the rows and the values of payments.

use domain::ServiceError;
use domain::billing::payments::{Payment, Purpose};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sea_orm::sea_query::SimpleExpr;

use super::entities::payment;
use crate::db::{id, missing, of_word, word};

/// The condition for a payment that can still be paid.
pub(super) fn is_open() -> SimpleExpr {
    payment::Column::State.is_in(["pending", "requires_action", "failed"])
}

pub(super) fn of_row(row: payment::Model) -> Result<Payment, ServiceError> {
    let subscription_id = row.subscription_id.as_deref().map(id).transpose()?;
    let surplus_of = row.surplus_of.as_deref().map(id).transpose()?;
    let purpose = match (row.purpose.as_str(), subscription_id, row.period_index, row.package_code, surplus_of) {
        ("period", Some(subscription_id), Some(period_index), ..) => Purpose::Period { subscription_id, period_index },
        ("change", Some(subscription_id), ..) => Purpose::Change { subscription_id },
        ("purchase", _, _, Some(package_code), _) => Purpose::Purchase { package_code },
        ("surplus", .., Some(of)) => Purpose::Surplus { of },
        _ => return Err(missing("the subject of a payment")),
    };
    Ok(Payment {
        id: id(&row.id)?,
        user_id: id(&row.user_id)?,
        purpose,
        amount_cents: row.amount_cents,
        currency: row.currency,
        coins: row.coins,
        state: of_word(row.state)?,
        refunded_cents: row.refunded_cents,
        gone_cents: row.gone_cents,
        unapplied: row.unapplied.map(of_word).transpose()?,
        fell: row.fell,
        attention: row.attention.map(of_word).transpose()?,
        attempts: row.attempts,
        provider: row.provider,
        provider_reference: row.provider_reference,
        grant_key: row.grant_key,
        created_at: row.created_at,
        paid_at: row.paid_at,
    })
}

pub(super) fn to_row(payment: &Payment) -> Result<payment::ActiveModel, ServiceError> {
    let (purpose, subscription_id, period_index) = match &payment.purpose {
        Purpose::Period { subscription_id, period_index } => ("period", Some(subscription_id), Some(*period_index)),
        Purpose::Change { subscription_id } => ("change", Some(subscription_id), None),
        Purpose::Purchase { .. } => ("purchase", None, None),
        Purpose::Surplus { .. } => ("surplus", None, None),
    };
    let (package_code, surplus_of) = match &payment.purpose {
        Purpose::Purchase { package_code } => (Some(package_code.clone()), None),
        Purpose::Surplus { of } => (None, Some(of.to_string())),
        Purpose::Period { .. } | Purpose::Change { .. } => (None, None),
    };
    Ok(payment::ActiveModel {
        id: Set(payment.id.to_string()),
        user_id: Set(payment.user_id.to_string()),
        purpose: Set(purpose.to_owned()),
        subscription_id: Set(subscription_id.map(ToString::to_string)),
        period_index: Set(period_index),
        package_code: Set(package_code),
        surplus_of: Set(surplus_of),
        amount_cents: Set(payment.amount_cents),
        currency: Set(payment.currency.clone()),
        coins: Set(payment.coins),
        state: Set(word(&payment.state)?),
        refunded_cents: Set(payment.refunded_cents),
        gone_cents: Set(payment.gone_cents),
        unapplied: Set(payment.unapplied.as_ref().map(word).transpose()?),
        fell: Set(payment.fell),
        attention: Set(payment.attention.as_ref().map(word).transpose()?),
        attempts: Set(payment.attempts),
        provider: Set(payment.provider.clone()),
        provider_reference: Set(payment.provider_reference.clone()),
        grant_key: Set(payment.grant_key.clone()),
        created_at: Set(payment.created_at),
        paid_at: Set(payment.paid_at),
        ..Default::default()
    })
}
