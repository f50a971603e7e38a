//! The payments of one user within a transaction.

use std::sync::Arc;

use domain::billing::coins::{CoinError, Grant};
use domain::billing::payments::{
    Facts, Item, Payment, PaymentProvider, PaymentState, PaymentUpdate, Purpose, RequestOutcome, Unapplied,
};
use domain::billing::subscriptions::OpenPayment;
use domain::ids::{PaymentId, SubscriptionId, UserId};
use domain::{ServiceError, Time};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::entities::payment;
use super::rows::{is_open, of_row, to_row};
use crate::billing::coins;
use crate::db::{Tx, id, missing, of_word, service_error};

/// One user's payments, under the lock of the user's coin account.
#[derive(Clone)]
pub(crate) struct UserPayments {
    pub(crate) tx: Tx,
    pub(crate) user: UserId,
    pub(crate) now: Time,
    pub(crate) provider: Arc<dyn PaymentProvider>,
}

impl UserPayments {
    /// Locks the coin account of the user.
    pub(crate) async fn lock(
        tx: &Tx,
        user: UserId,
        now: Time,
        provider: &Arc<dyn PaymentProvider>,
    ) -> Result<Self, ServiceError> {
        coins::lock_account(tx, user).await?;
        Ok(Self { tx: Arc::clone(tx), user, now, provider: Arc::clone(provider) })
    }

    /// A new pending payment, not yet inserted.
    pub(crate) fn pending(&self, id: PaymentId, purpose: Purpose, cents: i64, currency: String, coins: i64) -> Payment {
        Payment {
            id,
            user_id: self.user,
            purpose,
            amount_cents: cents,
            currency,
            coins,
            state: PaymentState::Pending,
            refunded_cents: 0,
            gone_cents: 0,
            unapplied: None,
            fell: false,
            attention: None,
            attempts: 1,
            provider: self.provider.name().to_owned(),
            provider_reference: None,
            grant_key: None,
            created_at: self.now,
            paid_at: None,
        }
    }

    /// Inserts a new payment.
    pub(crate) async fn insert(&self, payment: Payment) -> Result<Payment, ServiceError> {
        payment::Entity::insert(to_row(&payment)?).exec_without_returning(&*self.tx).await.map_err(service_error)?;
        Ok(payment)
    }

    /// Requests a payment from the provider. Returns the payment if it is paid at once.
    pub(crate) async fn collect(&self, mut payment: Payment) -> Result<Option<Payment>, ServiceError> {
        if payment.amount_cents > 0 && self.provider.request_payment(&payment) == RequestOutcome::Awaited {
            return Ok(None);
        }
        let paid = PaymentUpdate::Paid { cents: payment.amount_cents, currency: payment.currency.clone() };
        payment.apply_update(&mut Facts::default(), &paid, self.now);
        self.save(&payment).await?;
        Ok(Some(payment))
    }

    /// Updates the row of a payment.
    pub(crate) async fn save(&self, payment: &Payment) -> Result<(), ServiceError> {
        payment::Entity::update(to_row(payment)?).exec(&*self.tx).await.map_err(service_error)?;
        Ok(())
    }

    /// A payment of this user.
    pub(crate) async fn find(&self, id: PaymentId) -> Result<Payment, ServiceError> {
        let row = payment::Entity::find_by_id(id.to_string()).one(&*self.tx).await.map_err(service_error)?;
        of_row(row.ok_or_else(|| missing("payment"))?)
    }

    /// The payment of a subscription for `item`, if it was requested before.
    pub(crate) async fn find_requested(&self, of: SubscriptionId, item: Item) -> Result<Option<Payment>, ServiceError> {
        let its_payments = payment::Entity::find().filter(payment::Column::SubscriptionId.eq(of.to_string()));
        let row = match item {
            Item::Period(index) => its_payments.filter(payment::Column::PeriodIndex.eq(index)),
            Item::Change(payment) => its_payments.filter(payment::Column::Id.eq(payment.to_string())),
        };
        row.one(&*self.tx).await.map_err(service_error)?.map(of_row).transpose()
    }

    /// Voids the open payments of a subscription.
    pub(crate) async fn void_open(&self, of: SubscriptionId) -> Result<(), ServiceError> {
        payment::Entity::update_many()
            .col_expr(payment::Column::State, Expr::value("void"))
            .filter(payment::Column::SubscriptionId.eq(of.to_string()))
            .filter(is_open())
            .exec(&*self.tx)
            .await
            .map_err(service_error)?;
        Ok(())
    }

    /// Voids all open payments of the user.
    pub(crate) async fn void_all_open(&self) -> Result<(), ServiceError> {
        payment::Entity::update_many()
            .col_expr(payment::Column::State, Expr::value("void"))
            .filter(payment::Column::UserId.eq(self.user.to_string()))
            .filter(is_open())
            .exec(&*self.tx)
            .await
            .map_err(service_error)?;
        Ok(())
    }

    /// Grants coins, once per key. Returns the reason, with a log line, if none are granted: the balance limit of the account would be
    /// exceeded, or the account was deleted.
    pub(crate) async fn credit(&self, grant: Grant, key: &str) -> Result<Option<Unapplied>, ServiceError> {
        match coins::grant(&self.tx, self.user, grant, key.to_owned(), self.now).await {
            Ok(_) => Ok(None),
            Err(CoinError::BalanceLimitExceeded) => {
                tracing::warn!(user = %self.user, key, "paid coins were not granted because the account would exceed the balance limit");
                Ok(Some(Unapplied::BalanceLimit))
            }
            Err(CoinError::NoSuchUser) => {
                tracing::warn!(user = %self.user, key, "paid coins were not granted because the account was deleted");
                Ok(Some(Unapplied::Ended))
            }
            Err(error) => Err(error.into_service_error()),
        }
    }
}

/// The latest payment of a subscription that can still be paid.
pub(crate) async fn open_payment(db: &impl ConnectionTrait, of: SubscriptionId) -> Result<Option<OpenPayment>, ServiceError> {
    let open = payment::Entity::find()
        .filter(payment::Column::SubscriptionId.eq(of.to_string()))
        .filter(is_open())
        .order_by_desc(payment::Column::Id)
        .limit(1);
    let of_row = |row: payment::Model| {
        let payment::Model { amount_cents, currency, .. } = row;
        Ok(OpenPayment { id: id(&row.id)?, amount_cents, currency, state: of_word(row.state)? })
    };
    open.one(db).await.map_err(service_error)?.map(of_row).transpose()
}
