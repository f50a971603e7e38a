//! Purchases, lists of payments, and events of providers, on SQL.

use std::sync::Arc;

use async_trait::async_trait;
use domain::billing::coins::Amount;
use domain::billing::payments::{
    Administered, Buy, Delivery, EventSource, OwnPayment, Package, Payment, PaymentError, PaymentFilter, PaymentProvider,
    PaymentService, PaymentView, Purchase, Purpose, RefundPayment, SettlePayment,
};
use domain::idempotency::{Attempt, Once};
use domain::identity::{Area, Placement, Principal};
use domain::ids::{PaymentId, UserId};
use domain::page::{Page, PageRequest};
use domain::{Clock, ServiceError, Time};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

use super::entities::{coin_package, payment};
use super::rows::of_row;
use super::{SubscriptionPayments, UserPayments};
use crate::billing::touched;
use crate::db::{Claim, Database, Tx, page_of, service_error, word};
use crate::identity::check_present;

/// [`PaymentService`] on SQL.
pub(crate) struct SqlPayments {
    pub(crate) db: Database,
    pub(crate) clock: Arc<dyn Clock>,
    /// Collects new payments.
    pub(crate) provider: Arc<dyn PaymentProvider>,
    /// The source of events; `None` if no events are accepted.
    pub(crate) source: Option<Arc<dyn EventSource>>,
    pub(crate) subscriptions: Arc<dyn SubscriptionPayments>,
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

fn purchase(payment: Payment) -> Result<Purchase, ServiceError> {
    Purchase::of(payment).ok_or_else(|| ServiceError::bug("a payment with the purpose `purchase` has no package"))
}

async fn buy(
    tx: Tx,
    command: Buy,
    user: UserId,
    now: Time,
    provider: Arc<dyn PaymentProvider>,
) -> Result<Purchase, PaymentError> {
    let package = coin_package::Entity::find_by_id(command.package_code).one(&*tx).await.map_err(service_error)?;
    let package = package_of_row(package.ok_or(PaymentError::NoSuchPackage)?);
    // Fail before the payment if the coins of the package cannot be granted.
    Amount::try_from(package.coins).map_err(ServiceError::bug)?;
    let payments = UserPayments::lock(&tx, user, now, &provider).await?;
    check_present(&*tx, user).await?;
    let purpose = Purpose::Purchase { package_code: package.code };
    let payment = payments.pending(PaymentId::generate(now), purpose, package.price_cents, package.currency, package.coins);
    let requested = payments.insert(payment.clone()).await?;
    let payment = match payments.collect(requested).await? {
        Some(paid) => payments.deliver(paid).await?,
        None => payment,
    };
    Ok(purchase(payment)?)
}

#[async_trait]
impl PaymentService for SqlPayments {
    async fn packages(&self) -> Result<Vec<Package>, ServiceError> {
        let by_price =
            coin_package::Entity::find().order_by_asc(coin_package::Column::PriceCents).order_by_asc(coin_package::Column::Code);
        Ok(by_price.all(self.db.reader()).await.map_err(service_error)?.into_iter().map(package_of_row).collect())
    }

    async fn purchase(&self, by: Placement, attempt: Attempt<Buy>) -> Result<Once<Purchase>, PaymentError> {
        let (user, now, provider) = (by.user, self.clock.now(), Arc::clone(&self.provider));
        let claim = Claim::placed(&by, "purchaseCoins", now);
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
        let row = row.one(self.db.reader()).await.map_err(service_error)?.ok_or(PaymentError::NotFound)?;
        Ok(purchase(of_row(row)?)?)
    }

    async fn own_payments(&self, user: UserId, page: &PageRequest) -> Result<Page<OwnPayment>, PaymentError> {
        let mine = payment::Entity::find().filter(payment::Column::UserId.eq(user.to_string()));
        Ok(latest_first(self.db.reader(), mine, page, &("own_payments", user)).await?.map(OwnPayment::of))
    }

    async fn own_payment(&self, user: UserId, id: PaymentId) -> Result<OwnPayment, PaymentError> {
        let row = payment::Entity::find_by_id(id.to_string()).filter(payment::Column::UserId.eq(user.to_string()));
        let row = row.one(self.db.reader()).await.map_err(service_error)?.ok_or(PaymentError::NotFound)?;
        Ok(OwnPayment::of(of_row(row)?))
    }

    async fn payments(
        &self,
        actor: &Principal,
        filter: PaymentFilter,
        page: &PageRequest,
    ) -> Result<Page<PaymentView>, PaymentError> {
        actor.require_admin(Area::Subscription)?;
        let mut all = payment::Entity::find();
        if let Some(state) = filter.state {
            all = all.filter(payment::Column::State.eq(word(&state)?));
        }
        if filter.needs_attention {
            all = all.filter(payment::Column::Attention.is_not_null());
        }
        Ok(latest_first(self.db.reader(), all, page, &("payments", filter)).await?.map(PaymentView::of))
    }

    async fn refund(&self, actor: &Principal, attempt: Attempt<RefundPayment>) -> Administered {
        self.refund_payment(actor, attempt).await
    }

    async fn settle(&self, actor: &Principal, attempt: Attempt<SettlePayment>) -> Administered {
        self.settle_payment(actor, attempt).await
    }

    async fn receive(&self, provider: &str, delivery: Delivery<'_>) -> Result<(), PaymentError> {
        let provider = self.source.as_ref().filter(|known| known.name() == provider).ok_or(PaymentError::NotFound)?;
        let now = self.clock.now();
        let event = provider.read(delivery, now)?;
        self.record(provider.name(), event, now).await
    }
}
