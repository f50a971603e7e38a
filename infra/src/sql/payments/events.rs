//! Events of providers: each is taken in once, and finds its payment now or later.

use std::sync::Arc;

use domain::ids::{PaymentId, UserId};
use domain::payments::{EventPayload, PaymentError, PaymentUpdate, ProviderEvent};
use domain::{Fault, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};

use super::SqlPayments;
use crate::cache::Keys;
use crate::sql::batch::{PAGE, every};
use crate::sql::billing::Billing;
use crate::sql::database::Tx;
use crate::sql::entities::{payment, provider_event, subscription};
use crate::sql::error::fault;
use crate::sql::rows::{id, json, of_json};
use crate::sql::subscriptions::touched;

/// Events that came before the one that made their payment known: now it is.
const LATE: &str = "
SELECT e.* FROM provider_events e
JOIN payments p ON p.provider = e.provider AND p.provider_reference = e.reference
WHERE e.outcome = 'unmatched' AND e.event_id > $1 ORDER BY e.event_id LIMIT $2";

// What became of an event. It is for people to look into what is mismatched.
const APPLIED: &str = "applied";
const IGNORED: &str = "ignored";
const UNMATCHED: &str = "unmatched";
const MISMATCHED: &str = "mismatched";

/// Whom an event is about: a user, and the row of the payment or the subscription.
struct Subject {
    user: UserId,
    row: String,
}

impl SqlPayments {
    /// Takes an event in, once.
    pub(super) async fn take_in(&self, provider: &str, event: ProviderEvent, now: Time) -> Result<(), PaymentError> {
        let subject = match &event.payload {
            Some(payload) => subject(self.db.reader(), provider, payload).await?,
            None => None,
        };
        let keys = subject.as_ref().map_or_else(Keys::none, |subject| touched(subject.user));
        let (row, collector, begins) = (to_row(provider, &event, now)?, Arc::clone(&self.provider), keys.clone());
        let work = move |tx: Tx| async move {
            let mut once = OnConflict::columns([provider_event::Column::Provider, provider_event::Column::EventId]);
            let insert = provider_event::Entity::insert(row.clone()).on_conflict(once.do_nothing().to_owned());
            let new = insert.exec_without_returning(&*tx).await.map_err(fault)? > 0;
            if let (true, Some(subject), Some(payload)) = (new, subject, event.payload) {
                let billing = Billing::lock(&tx, subject.user, now, &collector).await?;
                let outcome = apply(&tx, &billing, &subject, payload).await?;
                conclude(&tx, row, outcome).await?;
            }
            Ok::<_, PaymentError>(keys.touched_by(()))
        };
        self.db.write(begins, work).await
    }

    /// Applies events whose payment became known only after them; answers how many.
    pub(crate) async fn match_late_events(&self, now: Time) -> Result<u64, Fault> {
        let db = self.db.reader();
        let page = async |after: String| {
            let late = Statement::from_sql_and_values(db.get_database_backend(), LATE, [after.into(), PAGE.into()]);
            provider_event::Model::find_by_statement(late).all(db).await.map_err(fault)
        };
        every(page, |event| &event.event_id, |event| self.match_late(event, now)).await
    }

    async fn match_late(&self, event: provider_event::Model, now: Time) -> Result<bool, Fault> {
        let payload: EventPayload = of_json(event.payload.as_deref().unwrap_or_default())?;
        let subject = subject(self.db.reader(), &event.provider, &payload).await?;
        // It names a payment that is none of ours, under a reference that is.
        let Some(subject) = subject else { return self.set_aside(event).await };
        let (keys, collector) = (touched(subject.user), Arc::clone(&self.provider));
        let begins = keys.clone();
        let work = move |tx: Tx| async move {
            // The lock of the account comes first; another server may have been here before.
            let billing = Billing::lock(&tx, subject.user, now, &collector).await?;
            let key = (event.provider.clone(), event.event_id.clone());
            let row = provider_event::Entity::find_by_id(key).one(&*tx).await.map_err(fault)?;
            let open = row.is_some_and(|row| row.outcome == UNMATCHED);
            if open {
                let outcome = apply(&tx, &billing, &subject, payload).await?;
                conclude(&tx, event.into(), outcome).await?;
            }
            Ok::<_, Fault>(keys.touched_by(open))
        };
        self.db.write(begins, work).await
    }

    /// Leaves an event to people.
    async fn set_aside(&self, event: provider_event::Model) -> Result<bool, Fault> {
        let work = move |tx: Tx| async move {
            conclude(&tx, event.into(), MISMATCHED).await?;
            Ok::<_, Fault>(Keys::none().touched_by(true))
        };
        self.db.write(Keys::none(), work).await
    }
}

fn to_row(provider: &str, event: &ProviderEvent, now: Time) -> Result<provider_event::ActiveModel, Fault> {
    let reference = match &event.payload {
        Some(EventPayload::Payment { reference, .. }) => reference.clone(),
        _ => None,
    };
    Ok(provider_event::ActiveModel {
        provider: Set(provider.to_owned()),
        event_id: Set(event.id.clone()),
        kind: Set(event.kind.clone()),
        reference: Set(reference),
        payload: Set(event.payload.as_ref().map(json).transpose()?),
        outcome: Set(if event.payload.is_some() { UNMATCHED } else { IGNORED }.to_owned()),
        received_at: Set(now),
    })
}

async fn conclude(tx: &Tx, mut row: provider_event::ActiveModel, outcome: &str) -> Result<(), Fault> {
    row.outcome = Set(outcome.to_owned());
    provider_event::Entity::update(row).exec(&**tx).await.map_err(fault)?;
    Ok(())
}

/// Whom an event is about, if that is known. A payment's user never changes, so this may be read before the lock.
async fn subject(db: &impl ConnectionTrait, provider: &str, payload: &EventPayload) -> Result<Option<Subject>, Fault> {
    let (user, row) = match payload {
        EventPayload::Payment { payment, reference, .. } => {
            let known = payment::Entity::find().filter(payment::Column::Provider.eq(provider));
            let known = match (payment, reference) {
                (Some(named), _) => known.filter(payment::Column::Id.eq(named.to_string())),
                (None, Some(reference)) => known.filter(payment::Column::ProviderReference.eq(reference)),
                (None, None) => return Ok(None),
            };
            let Some(row) = known.one(db).await.map_err(fault)? else { return Ok(None) };
            (row.user_id, row.id)
        }
        EventPayload::Method { subscription, .. } => {
            let row = subscription::Entity::find_by_id(subscription.to_string()).one(db).await.map_err(fault)?;
            let Some(row) = row else { return Ok(None) };
            (row.user_id, row.id)
        }
    };
    Ok(Some(Subject { user: id(&user)?, row }))
}

async fn apply(tx: &Tx, billing: &Billing, subject: &Subject, payload: EventPayload) -> Result<&'static str, Fault> {
    let fit = match payload {
        EventPayload::Payment { reference, update, .. } => settle(tx, billing, id(&subject.row)?, reference, &update).await?,
        EventPayload::Method { method, .. } => billing.remember(id(&subject.row)?, method).await?,
    };
    if !fit {
        tracing::warn!(subject = subject.row, "an event does not fit what it is about: nothing was done");
    }
    Ok(if fit { APPLIED } else { MISMATCHED })
}

async fn settle(
    tx: &Tx,
    billing: &Billing,
    payment: PaymentId,
    reference: Option<String>,
    update: &PaymentUpdate,
) -> Result<bool, Fault> {
    let mut payment = billing.payment(payment).await?;
    if let Some(reference) = reference {
        // A payment may be tried in several ways, each with a name of its own: that which succeeds is its name.
        let other = payment.provider_reference.as_ref().is_some_and(|known| *known != reference);
        if other || belongs_to_another(tx, &payment.id.to_string(), &payment.provider, &reference).await? {
            return Ok(*update == PaymentUpdate::Failed);
        }
        if payment.fits(update) && *update != PaymentUpdate::Failed {
            payment.provider_reference = Some(reference);
        }
    }
    billing.settle(payment, update).await
}

async fn belongs_to_another(tx: &Tx, payment: &str, provider: &str, reference: &str) -> Result<bool, Fault> {
    let other = payment::Entity::find()
        .filter(payment::Column::Provider.eq(provider))
        .filter(payment::Column::ProviderReference.eq(reference))
        .filter(payment::Column::Id.ne(payment));
    Ok(other.one(&**tx).await.map_err(fault)?.is_some())
}
