//! Asking for payments.

use domain::Fault;
use domain::ids::PaymentId;
use domain::payments::{Asked, Payment, PaymentState, PaymentUpdate, Purpose};
use domain::subscriptions::{Charge, Item, Subscription};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::Billing;
use crate::sql::entities::payment;
use crate::sql::error::fault;
use crate::sql::payments::{is_open, of_row, to_row};

impl Billing {
    /// Asks for a payment of a subscription, or asks for it again; answers it if it has come at once.
    pub(super) async fn ask(&self, of: &Subscription, charge: &Charge) -> Result<Option<Payment>, Fault> {
        let payment = match self.asked_before(of, charge.item).await? {
            Some(mut payment) => {
                payment.ask_again();
                self.save(&payment).await?;
                payment
            }
            None => self.insert(self.new_payment(of, charge)).await?,
        };
        self.collected(payment).await
    }

    /// Asks for the payment of something new.
    pub(in crate::sql) async fn insert(&self, payment: Payment) -> Result<Payment, Fault> {
        payment::Entity::insert(to_row(&payment)?).exec_without_returning(&*self.tx).await.map_err(fault)?;
        Ok(payment)
    }

    /// The payment, if it has come at once.
    pub(in crate::sql) async fn collected(&self, mut payment: Payment) -> Result<Option<Payment>, Fault> {
        if payment.amount_cents > 0 && self.provider.ask(&payment) == Asked::Awaited {
            return Ok(None);
        }
        payment.hear(&PaymentUpdate::Paid { cents: payment.amount_cents, currency: payment.currency.clone() }, self.now);
        self.save(&payment).await?;
        Ok(Some(payment))
    }

    /// Payments of a subscription that are open are no longer wanted.
    pub(super) async fn void(&self, of: &Subscription) -> Result<(), Fault> {
        payment::Entity::update_many()
            .col_expr(payment::Column::State, Expr::value("void"))
            .filter(payment::Column::SubscriptionId.eq(of.id.to_string()))
            .filter(is_open())
            .exec(&*self.tx)
            .await
            .map_err(fault)?;
        Ok(())
    }

    /// Writes what has become of a payment.
    pub(super) async fn save(&self, payment: &Payment) -> Result<(), Fault> {
        payment::Entity::update(to_row(payment)?).exec(&*self.tx).await.map_err(fault)?;
        Ok(())
    }

    async fn asked_before(&self, of: &Subscription, item: Item) -> Result<Option<Payment>, Fault> {
        let of_it = payment::Entity::find().filter(payment::Column::SubscriptionId.eq(of.id.to_string()));
        let row = match item {
            Item::Period(index) => of_it.filter(payment::Column::PeriodIndex.eq(index)),
            Item::Change(payment) => of_it.filter(payment::Column::Id.eq(payment.to_string())),
        };
        row.one(&*self.tx).await.map_err(fault)?.map(of_row).transpose()
    }

    fn new_payment(&self, of: &Subscription, charge: &Charge) -> Payment {
        let (id, purpose) = match charge.item {
            Item::Period(period_index) => {
                (PaymentId::generate(self.now), Purpose::Period { subscription_id: of.id, period_index })
            }
            Item::Change(payment) => (payment, Purpose::Change { subscription_id: of.id }),
        };
        let amount_cents = charge.collected_cents(self.provider.minimum_cents());
        self.pending(id, purpose, amount_cents, of.plan.currency.clone(), charge.coins)
    }

    /// A payment that nobody has asked for yet.
    pub(in crate::sql) fn pending(
        &self,
        id: PaymentId,
        purpose: Purpose,
        amount_cents: i64,
        currency: String,
        coins: i64,
    ) -> Payment {
        Payment {
            id,
            user_id: self.user,
            purpose,
            amount_cents,
            currency,
            coins,
            state: PaymentState::Pending,
            refunded_cents: 0,
            attempts: 1,
            provider: self.provider.name().to_owned(),
            provider_reference: None,
            grant_key: None,
            created_at: self.now,
            paid_at: None,
        }
    }
}
