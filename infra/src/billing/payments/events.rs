//! Events of providers: each is recorded once, and applied when its payment is known.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use domain::billing::payments::{
    EventPayload, InvalidEvent, Payment, PaymentError, PaymentUpdate, ProviderEvent, Purpose, Unapplied, received,
};
use domain::ids::{PaymentId, UserId};
use domain::{ServiceError, Time};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, Statement};

use super::entities::{payment, provider_event};
use super::{SqlPayments, SubscriptionPayments, UserPayments};
use crate::billing::touched;
use crate::db::{Keys, PAGE, Tx, for_each, id, json, of_json, service_error};
use crate::jobs::{OldRows, ScheduledTask, Since};

/// Unmatched events whose payment is now known.
const MATCHABLE: &str = "
SELECT e.* FROM provider_events e
JOIN payments p ON p.provider = e.provider AND p.provider_reference = e.reference
WHERE e.outcome = 'unmatched' AND e.event_id > $1 ORDER BY e.event_id LIMIT $2";

// The outcomes of events. A mismatched event must be resolved by an operator.
const APPLIED: &str = "applied";
const IGNORED: &str = "ignored";
const UNMATCHED: &str = "unmatched";
const MISMATCHED: &str = "mismatched";

/// Events that need no more work, 90 days after they were received. Stripe sends an event again for 30 days at most.
pub(crate) const OLD_EVENTS: OldRows = OldRows {
    age: TimeDelta::days(90),
    condition: "outcome IN ('applied', 'ignored')",
    ..OldRows::of("purge_provider_events", "provider_events", "provider, event_id", Since::Time("received_at"))
};

/// The subject of an event: a user, and the row of the payment or the subscription.
struct Subject {
    user: UserId,
    row: String,
}

impl SqlPayments {
    /// Records an event, and applies it if its payment is known. A repeated event changes nothing.
    pub(super) async fn record(&self, provider: &str, mut event: ProviderEvent, now: Time) -> Result<(), PaymentError> {
        let subject = match &event.payload {
            Some(payload) => self.subject(provider, payload).await?,
            None => None,
        };
        if event.payload.as_ref().is_some_and(EventPayload::is_incomplete) {
            if subject.is_some() {
                return Err(InvalidEvent::Form.into());
            }
            event.payload = None;
        }
        let keys = subject.as_ref().map_or_else(Keys::none, |subject| touched(subject.user));
        let (row, collector) = (to_row(provider, &event, now)?, Arc::clone(&self.provider));
        let subscriptions = Arc::clone(&self.subscriptions);
        let work = move |tx: Tx| async move {
            let mut once = OnConflict::columns([provider_event::Column::Provider, provider_event::Column::EventId]);
            let insert = provider_event::Entity::insert(row.clone()).on_conflict(once.do_nothing().to_owned());
            let new = insert.exec_without_returning(&*tx).await.map_err(service_error)? > 0;
            if let (true, Some(subject), Some(payload)) = (new, subject, event.payload) {
                let payments = UserPayments::lock(&tx, subject.user, now, &collector).await?;
                let outcome = apply(&payments, &*subscriptions, &subject, payload).await?;
                save_outcome(&tx, row, outcome).await?;
            }
            Ok::<_, PaymentError>(())
        };
        self.db.write(keys, work).await
    }

    /// Applies events that arrived before their payment was known. Returns their number.
    pub(crate) async fn match_late_events(&self, now: Time) -> Result<u64, ServiceError> {
        let db = self.db.reader();
        let page = async |after: String| {
            let late = Statement::from_sql_and_values(db.get_database_backend(), MATCHABLE, [after.into(), PAGE.into()]);
            provider_event::Model::find_by_statement(late).all(db).await.map_err(service_error)
        };
        for_each(page, |event| &event.event_id, |event| self.match_late(event, now)).await
    }

    async fn match_late(&self, event: provider_event::Model, now: Time) -> Result<bool, ServiceError> {
        let payload: EventPayload = of_json(event.payload.as_deref().unwrap_or_default())?;
        let subject = self.subject(&event.provider, &payload).await?;
        // The reference is known, but the payment that the event names is not.
        let Some(subject) = subject else { return self.mark_mismatched(event).await };
        let (keys, collector) = (touched(subject.user), Arc::clone(&self.provider));
        let subscriptions = Arc::clone(&self.subscriptions);
        let work = move |tx: Tx| async move {
            // The account is locked first. Then the event is read again, since another server may have applied it.
            let payments = UserPayments::lock(&tx, subject.user, now, &collector).await?;
            let key = (event.provider.clone(), event.event_id.clone());
            let row = provider_event::Entity::find_by_id(key).one(&*tx).await.map_err(service_error)?;
            let open = row.is_some_and(|row| row.outcome == UNMATCHED);
            if open {
                let outcome = apply(&payments, &*subscriptions, &subject, payload).await?;
                save_outcome(&tx, event.into(), outcome).await?;
            }
            Ok::<_, ServiceError>(open)
        };
        self.db.write(keys, work).await
    }

    /// Marks an event as mismatched.
    async fn mark_mismatched(&self, event: provider_event::Model) -> Result<bool, ServiceError> {
        let work = move |tx: Tx| async move {
            save_outcome(&tx, event.into(), MISMATCHED).await?;
            Ok::<_, ServiceError>(true)
        };
        self.db.write(Keys::none(), work).await
    }

    /// The subject of an event; `None` if it is not known. The user of a payment never changes, so no lock is needed.
    async fn subject(&self, provider: &str, payload: &EventPayload) -> Result<Option<Subject>, ServiceError> {
        match payload {
            EventPayload::Payment { payment, reference, .. } => {
                let referred = match reference {
                    Some(reference) => self.find_payment(provider, payment::Column::ProviderReference, reference.clone()).await?,
                    None => None,
                };
                match (referred, payment) {
                    (None, Some(named)) => self.find_payment(provider, payment::Column::Id, named.to_string()).await,
                    (referred, _) => Ok(referred),
                }
            }
            EventPayload::Method { subscription, .. } => {
                let user = self.subscriptions.user_of(self.db.reader(), *subscription).await?;
                Ok(user.map(|user| Subject { user, row: subscription.to_string() }))
            }
        }
    }

    async fn find_payment(
        &self,
        provider: &str,
        column: payment::Column,
        value: String,
    ) -> Result<Option<Subject>, ServiceError> {
        let known = payment::Entity::find().filter(payment::Column::Provider.eq(provider)).filter(column.eq(value));
        let row = known.one(self.db.reader()).await.map_err(service_error)?;
        row.map(|row| Ok(Subject { user: id(&row.user_id)?, row: row.id })).transpose()
    }
}

/// Applies events that arrived before the one that made their payment known.
pub(crate) struct MatchPaymentEvents(pub(crate) Arc<SqlPayments>);

#[async_trait]
impl ScheduledTask for MatchPaymentEvents {
    fn name(&self) -> &'static str {
        "match_payment_events"
    }

    async fn run(&self, now: Time) -> Result<u64, ServiceError> {
        self.0.match_late_events(now).await
    }
}

fn to_row(provider: &str, event: &ProviderEvent, now: Time) -> Result<provider_event::ActiveModel, ServiceError> {
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

/// Stores the outcome of an event.
async fn save_outcome(tx: &Tx, mut row: provider_event::ActiveModel, outcome: &str) -> Result<(), ServiceError> {
    row.outcome = Set(outcome.to_owned());
    provider_event::Entity::update(row).exec(&**tx).await.map_err(service_error)?;
    Ok(())
}

async fn apply(
    payments: &UserPayments,
    subscriptions: &dyn SubscriptionPayments,
    subject: &Subject,
    payload: EventPayload,
) -> Result<&'static str, ServiceError> {
    let fits = match payload {
        EventPayload::Payment { payment, reference, update } => {
            let mut named = payments.find(id(&subject.row)?).await?;
            if let Some(expected) = expected_after_all(payments, &named, payment, &update).await? {
                payments.save(&Payment { provider_reference: None, ..named }).await?;
                named = expected;
            }
            settle(payments, subscriptions, named, reference, &update).await?
        }
        EventPayload::Method { method: Some(method), .. } => {
            subscriptions.set_payment_method(payments, id(&subject.row)?, method).await?
        }
        EventPayload::Method { method: None, .. } => false,
    };
    if !fits {
        tracing::warn!(
            subject = subject.row,
            "an event does not fit its subject and was not applied; compare provider_events and payments"
        );
    }
    Ok(if fits { APPLIED } else { MISMATCHED })
}

/// Applies an update to the payment that it names, or to the surplus charge that it reports. Returns whether it fits the payment.
async fn settle(
    payments: &UserPayments,
    subscriptions: &dyn SubscriptionPayments,
    named: Payment,
    reference: Option<String>,
    update: &PaymentUpdate,
) -> Result<bool, ServiceError> {
    let Some(reference) = reference.filter(|reference| named.provider_reference.as_ref() != Some(reference)) else {
        let fits = named.matches(update);
        payments.settle(named, update, subscriptions).await?;
        return Ok(fits);
    };
    let expected = named.paid_at.is_none() && named.matches(update);
    let payment = match received(update) {
        // A payment can have several attempts, each with its own reference. The reference of the successful attempt is stored.
        Some(_) if expected => Payment { provider_reference: Some(reference), ..named },
        Some((0, _)) => return Ok(false),
        Some((cents, currency)) => payments.insert(surplus(payments, &named, reference, (cents, currency))).await?,
        None if matches!(update, PaymentUpdate::Failed | PaymentUpdate::RequiresAction) => named,
        None => return Ok(false),
    };
    payments.settle(payment, update, subscriptions).await?;
    Ok(true)
}

/// The payment that a charge pays for after all, although it was reported with another amount before and listed as surplus.
async fn expected_after_all(
    payments: &UserPayments,
    known: &Payment,
    named: Option<PaymentId>,
    update: &PaymentUpdate,
) -> Result<Option<Payment>, ServiceError> {
    let Purpose::Surplus { of } = known.purpose else { return Ok(None) };
    if named != Some(of) || known.matches(update) {
        return Ok(None);
    }
    let expected = payments.find(of).await?;
    Ok(Some(expected).filter(|expected| expected.paid_at.is_none() && expected.matches(update)))
}

/// A charge that its payment does not expect: it has another amount, or the payment is already paid.
fn surplus(payments: &UserPayments, named: &Payment, reference: String, (cents, currency): (i64, &str)) -> Payment {
    let purpose = Purpose::Surplus { of: named.id };
    let reason = if named.paid_at.is_some() { Unapplied::SecondCharge } else { Unapplied::OtherAmount };
    let id = PaymentId::generate(payments.now);
    let pending = payments.pending(id, purpose, cents, currency.to_ascii_uppercase(), 0);
    Payment { provider: named.provider.clone(), provider_reference: Some(reference), unapplied: Some(reason), ..pending }
}
