//! Payments in the database.

mod events;
mod rows;

use std::sync::Arc;

use async_trait::async_trait;
use domain::accounts::Actor;
use domain::coins::Amount;
use domain::idempotency::{Attempt, Once};
use domain::ids::{PaymentId, UserId};
use domain::page::{Page, PageRequest};
use domain::payments::{
    Buy, Delivery, EventSource, Package, Payment, PaymentError, PaymentProvider, PaymentService, PaymentState, PaymentView,
    Purchase, Purpose,
};
use domain::{Clock, Fault, Time};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::billing::Billing;
use super::database::{Database, Tx};
use super::entities::{coin_package, payment};
use super::error::fault;
use super::idempotency::Claim;
use super::paging::page_of;
use super::rows::word;
use super::subscriptions::touched;

pub(in crate::sql) use rows::{is_open, of_row, to_row};

/// Payments on SQL.
pub(crate) struct SqlPayments {
    db: Database,
    clock: Arc<dyn Clock>,
    /// Who collects new payments.
    provider: Arc<dyn PaymentProvider>,
    /// Whose events are taken, besides the collector's own answers.
    tells: Option<Arc<dyn EventSource>>,
}

impl SqlPayments {
    /// Payments that `provider` collects; events are taken from who `tells`.
    pub(crate) fn new(
        db: Database,
        clock: Arc<dyn Clock>,
        provider: Arc<dyn PaymentProvider>,
        tells: Option<Arc<dyn EventSource>>,
    ) -> Self {
        Self { db, clock, provider, tells }
    }
}

fn package_of_row(row: coin_package::Model) -> Package {
    let coin_package::Model { code, name, coins, price_cents, currency } = row;
    Package { code, name, coins, price_cents, currency }
}

/// A page of payments, the latest first.
async fn latest_first(
    db: &impl ConnectionTrait,
    payments: Select<payment::Entity>,
    page: &PageRequest,
    filters: &(impl serde::Serialize + Sync),
) -> Result<Page<Payment>, PaymentError> {
    let latest_first = (payment::Column::Id, Order::Desc, |row: &payment::Model| row.id.clone());
    page_of(db, payments, latest_first, (page, filters), of_row).await
}

fn purchase(payment: Payment) -> Result<Purchase, Fault> {
    Purchase::of(payment).ok_or_else(|| Fault::bug("a purchase that is none"))
}

async fn buy(
    tx: Tx,
    command: Buy,
    user: UserId,
    now: Time,
    provider: Arc<dyn PaymentProvider>,
) -> Result<Purchase, PaymentError> {
    let package = coin_package::Entity::find_by_id(command.package_code).one(&*tx).await.map_err(fault)?;
    let package = package_of_row(package.ok_or(PaymentError::NoSuchPackage)?);
    // Nobody pays for what cannot be given.
    Amount::try_from(package.coins).map_err(Fault::bug)?;
    let billing = Billing::lock(&tx, user, now, &provider).await?;
    let purpose = Purpose::Purchase { package_code: package.code };
    let payment = billing.pending(PaymentId::generate(now), purpose, package.price_cents, package.currency, package.coins);
    let asked = billing.insert(payment.clone()).await?;
    let payment = match billing.collected(asked).await? {
        Some(collected) => billing.came(collected).await?,
        None => payment,
    };
    Ok(purchase(payment)?)
}

#[async_trait]
impl PaymentService for SqlPayments {
    async fn packages(&self) -> Result<Vec<Package>, Fault> {
        let by_price =
            coin_package::Entity::find().order_by_asc(coin_package::Column::PriceCents).order_by_asc(coin_package::Column::Code);
        Ok(by_price.all(self.db.reader()).await.map_err(fault)?.into_iter().map(package_of_row).collect())
    }

    async fn purchase(&self, user: UserId, attempt: Attempt<Buy>) -> Result<Once<Purchase>, PaymentError> {
        let (now, provider) = (self.clock.now(), Arc::clone(&self.provider));
        let claim = Claim { user, operation: "purchaseCoins", now };
        let work = move |tx: Tx, command: Buy| buy(tx, command, user, now, provider);
        self.db.write_once(claim, attempt, touched(user), work).await
    }

    async fn purchases(&self, user: UserId, page: &PageRequest) -> Result<Page<Purchase>, PaymentError> {
        let mine = payment::Entity::find()
            .filter(payment::Column::UserId.eq(user.to_string()))
            .filter(payment::Column::Purpose.eq("purchase"));
        Ok(latest_first(self.db.reader(), mine, page, &("purchases", user)).await?.try_map(purchase)?)
    }

    async fn purchase_of(&self, user: UserId, id: PaymentId) -> Result<Purchase, PaymentError> {
        let row = payment::Entity::find_by_id(id.to_string())
            .filter(payment::Column::UserId.eq(user.to_string()))
            .filter(payment::Column::Purpose.eq("purchase"));
        let row = row.one(self.db.reader()).await.map_err(fault)?.ok_or(PaymentError::NotFound)?;
        Ok(purchase(of_row(row)?)?)
    }

    async fn payments(
        &self,
        actor: &Actor,
        state: Option<PaymentState>,
        page: &PageRequest,
    ) -> Result<Page<PaymentView>, PaymentError> {
        actor.require_admin()?;
        let mut all = payment::Entity::find();
        if let Some(state) = state {
            all = all.filter(payment::Column::State.eq(word(&state)?));
        }
        Ok(latest_first(self.db.reader(), all, page, &("payments", state)).await?.map(PaymentView::of))
    }

    async fn receive(&self, provider: &str, delivery: Delivery<'_>) -> Result<(), PaymentError> {
        let provider = self.tells.as_ref().filter(|known| known.name() == provider).ok_or(PaymentError::NotFound)?;
        let now = self.clock.now();
        let event = provider.read(delivery, now)?;
        self.take_in(provider.name(), event, now).await
    }
}
