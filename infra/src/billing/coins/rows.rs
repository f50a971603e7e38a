//! Conversions between the rows and the values of the ledger.

use domain::ServiceError;
use domain::billing::coins::{AccountTotals, Entry, Hold, Lot};
use domain::ids::{HoldId, UserId};
use sea_orm::ActiveValue::Set;

use super::entities::{coin_account, coin_entry, coin_hold, coin_lot};
use crate::db::{id, of_word, word};

pub(super) fn totals_of_row(row: &coin_account::Model) -> AccountTotals {
    AccountTotals {
        balance: row.balance,
        held: row.held,
        seq: row.seq,
        issued: row.issued,
        revenue: row.revenue,
        expired: row.expired,
        clawed_back: row.clawed_back,
    }
}

pub(super) fn account_row(user: UserId, totals: &AccountTotals) -> coin_account::ActiveModel {
    coin_account::ActiveModel {
        user_id: Set(user.to_string()),
        balance: Set(totals.balance),
        held: Set(totals.held),
        seq: Set(totals.seq),
        issued: Set(totals.issued),
        revenue: Set(totals.revenue),
        expired: Set(totals.expired),
        clawed_back: Set(totals.clawed_back),
    }
}

pub(super) fn lot_of_row(row: coin_lot::Model) -> Result<Lot, ServiceError> {
    Ok(Lot {
        id: id(&row.id)?,
        source: of_word(row.source)?,
        granted: row.granted,
        remaining: row.remaining,
        held: row.held,
        expired: row.expired,
        created_at: row.created_at,
        expires_at: row.expires_at,
        taken: row.taken,
        target: row.target,
        owed: row.owed,
        origin: row.origin.as_deref().map(id).transpose()?,
    })
}

/// A new lot; `refunded` is the hold whose refund made it.
pub(super) fn lot_row(
    user: UserId,
    lot: &Lot,
    grant_key: String,
    refunded: Option<HoldId>,
) -> Result<coin_lot::ActiveModel, ServiceError> {
    Ok(coin_lot::ActiveModel {
        id: Set(lot.id.to_string()),
        user_id: Set(user.to_string()),
        source: Set(word(&lot.source)?),
        grant_key: Set(grant_key),
        granted: Set(lot.granted),
        created_at: Set(lot.created_at),
        expires_at: Set(lot.expires_at),
        origin: Set(lot.origin.map(|id| id.to_string())),
        hold_id: Set(refunded.map(|id| id.to_string())),
        ..changed_lot(lot)
    })
}

/// The mutable columns of a lot.
pub(super) fn changed_lot(lot: &Lot) -> coin_lot::ActiveModel {
    coin_lot::ActiveModel {
        remaining: Set(lot.remaining),
        held: Set(lot.held),
        expired: Set(lot.expired),
        taken: Set(lot.taken),
        target: Set(lot.target),
        owed: Set(lot.owed),
        ..Default::default()
    }
}

pub(super) fn hold_of_row(row: coin_hold::Model) -> Result<Hold, ServiceError> {
    Ok(Hold {
        id: id(&row.id)?,
        state: of_word(row.state)?,
        placer: of_word(row.placer)?,
        amount: row.amount,
        captured: row.captured,
        refunded: row.refunded,
        purpose: of_word(row.purpose)?,
        reference: row.reference.map(of_word).transpose()?,
        slices: row.slices.map(serde_json::from_value).transpose()?,
        created_at: row.created_at,
        expires_at: row.expires_at,
    })
}

pub(super) fn hold_row(user: UserId, hold: &Hold) -> Result<coin_hold::ActiveModel, ServiceError> {
    Ok(coin_hold::ActiveModel {
        id: Set(hold.id.to_string()),
        user_id: Set(user.to_string()),
        placer: Set(word(&hold.placer)?),
        amount: Set(hold.amount),
        purpose: Set(hold.purpose.as_str().to_owned()),
        reference: Set(hold.reference.as_ref().map(|reference| reference.as_str().to_owned())),
        slices: Set(hold.slices.as_ref().map(serde_json::to_value).transpose()?),
        created_at: Set(hold.created_at),
        expires_at: Set(hold.expires_at),
        ..changed_hold(hold)?
    })
}

/// The mutable columns of a hold.
pub(super) fn changed_hold(hold: &Hold) -> Result<coin_hold::ActiveModel, ServiceError> {
    Ok(coin_hold::ActiveModel {
        captured: Set(hold.captured),
        refunded: Set(hold.refunded),
        state: Set(word(&hold.state)?),
        ..Default::default()
    })
}

pub(super) fn entry_of_row(row: coin_entry::Model) -> Result<Entry, ServiceError> {
    Ok(Entry {
        id: id(&row.id)?,
        seq: row.seq,
        kind: of_word(row.kind)?,
        amount: row.amount,
        balance_after: row.balance_after,
        purpose: of_word(row.purpose)?,
        reference: row.reference.map(of_word).transpose()?,
        hold_id: row.hold_id.as_deref().map(id).transpose()?,
        lot_id: row.lot_id.as_deref().map(id).transpose()?,
        actor_id: row.actor_id.as_deref().map(id).transpose()?,
        key_id: row.key_id.as_deref().map(id).transpose()?,
        created_at: row.created_at,
    })
}

pub(super) fn entry_row(user: UserId, entry: &Entry) -> Result<coin_entry::ActiveModel, ServiceError> {
    Ok(coin_entry::ActiveModel {
        id: Set(entry.id.to_string()),
        user_id: Set(user.to_string()),
        seq: Set(entry.seq),
        kind: Set(word(&entry.kind)?),
        amount: Set(entry.amount),
        balance_after: Set(entry.balance_after),
        counter_account: Set(word(&entry.kind.counter_account())?),
        purpose: Set(entry.purpose.as_str().to_owned()),
        reference: Set(entry.reference.as_ref().map(|reference| reference.as_str().to_owned())),
        hold_id: Set(entry.hold_id.map(|id| id.to_string())),
        lot_id: Set(entry.lot_id.map(|id| id.to_string())),
        actor_id: Set(entry.actor_id.map(|id| id.to_string())),
        key_id: Set(entry.key_id.map(|id| id.to_string())),
        created_at: Set(entry.created_at),
    })
}
