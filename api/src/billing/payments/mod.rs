//! Payments: packages of coins to buy, and the events of payment providers.

mod examples;
mod requests;

use std::sync::Arc;

use domain::billing::payments::{
    Buy, Delivery, InvalidEvent, OwnPayment, Package, PaymentError, PaymentFilter, PaymentRefusal, PaymentService, PaymentState,
    PaymentView, Purchase, SettlePayment,
};
use domain::ids::PaymentId;
use domain::page::Page;
use poem_openapi::OpenApi;
use poem_openapi::param::{Header, Path};

use crate::http::body::{Body, Raw};
use crate::http::document::RawBody;
use crate::http::idempotency::{Key, settled};
use crate::http::params::{After, Id, Limit, Query, page};
use crate::http::principal::{Administrator, SignedIn};
use crate::http::problem::{Kind, Problem, Result};
use crate::http::reply::{CompletedOnce, CreatedOnce, NoContent, PublicUncached, Reply, Secret, Uncached};
use crate::http::tags::Tag;
use crate::http::text::Line;
use crate::http::view::Choice;

use requests::{PurchaseCoins, RefundPayment};

/// Operations on payments.
pub(crate) struct PaymentsApi(pub(crate) Arc<dyn PaymentService>);

impl PaymentsApi {
    /// The schemas of bodies that handlers receive unparsed.
    pub(crate) const RAW_BODIES: &[RawBody] = &[("receivePaymentEvent", requests::event)];
}

#[OpenApi]
impl PaymentsApi {
    /// List the packages of coins on offer
    ///
    /// Cheapest first.
    #[oai(path = "/v1/coins/packages", method = "get", operation_id = "listCoinPackages", tag = "Tag::Coins")]
    async fn packages(&self) -> Result<Reply<Page<Package>, PublicUncached>> {
        Ok(Reply::of(&Page { items: self.0.packages().await?, next_cursor: None })?)
    }

    /// Buy a package of coins
    ///
    /// The purchase is `pending` until its payment succeeds. Then its coins are granted; they never expire.
    #[oai(path = "/v1/coins/purchases", method = "post", operation_id = "purchaseCoins", tag = "Tag::Coins")]
    async fn purchase(
        &self,
        actor: SignedIn,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<PurchaseCoins>,
    ) -> Result<Reply<Purchase, CreatedOnce>> {
        let attempt = key.attempt(Buy { package_code: body.package_code.to_string() });
        let purchase = self.0.purchase(actor.placement(), attempt).await?;
        let path = format!("/v1/coins/purchases/{}", purchase.value.id);
        Ok(Reply::once(&purchase)?.at(path))
    }

    /// List your purchases of coins
    ///
    /// The latest first.
    #[oai(path = "/v1/coins/purchases", method = "get", operation_id = "listCoinPurchases", tag = "Tag::Coins")]
    async fn purchases(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<Purchase>, Uncached>> {
        Ok(Reply::of(&self.0.purchases(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Read a purchase of coins
    ///
    /// Its `state` is `paid` once its coins have been granted.
    #[oai(path = "/v1/coins/purchases/:id", method = "get", operation_id = "getCoinPurchase", tag = "Tag::Coins")]
    async fn purchase_of(&self, actor: SignedIn, id: Path<Id<PaymentId>>) -> Result<Reply<Purchase, Uncached>> {
        Ok(Reply::of(&self.0.purchase_of(actor.user, id.0.0).await?)?)
    }

    /// List your payments
    ///
    /// The latest first.
    #[oai(path = "/v1/payments", method = "get", operation_id = "listOwnPayments", tag = "Tag::Subscription")]
    async fn own_payments(
        &self,
        actor: SignedIn,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<OwnPayment>, Uncached>> {
        Ok(Reply::of(&self.0.own_payments(actor.user, &page(limit, cursor)).await?)?)
    }

    /// Read a payment of yours
    ///
    /// Its `state` says whether it is awaited, received, or returned.
    #[oai(path = "/v1/payments/:id", method = "get", operation_id = "getOwnPayment", tag = "Tag::Subscription")]
    async fn own_payment(&self, actor: SignedIn, id: Path<Id<PaymentId>>) -> Result<Reply<OwnPayment, Uncached>> {
        Ok(Reply::of(&self.0.own_payment(actor.user, id.0.0).await?)?)
    }

    /// List the payments of all users
    ///
    /// The latest first. A payment with an `attention` needs you: return one that is `unapplied`, and look at the others.
    #[oai(path = "/v1/admin/payments", method = "get", operation_id = "listPayments", tag = "Tag::Admin")]
    async fn payments(
        &self,
        actor: Administrator,
        /// Only payments in this state.
        state: Query<Option<Choice<PaymentState>>>,
        /// Only payments that need an operator.
        needs_attention: Query<Option<bool>>,
        limit: Query<Limit>,
        cursor: Query<Option<After>>,
    ) -> Result<Reply<Page<PaymentView>, Secret>> {
        let filter =
            PaymentFilter { state: state.0.map(|state| state.0), needs_attention: needs_attention.0.unwrap_or_default() };
        Ok(Reply::of(&self.0.payments(&actor, filter, &page(limit, cursor)).await?)?)
    }

    /// Refund a payment
    ///
    /// In full or in part. The coins that it paid for are taken back in proportion, as far as they are not spent. With a provider that
    /// reports refunds itself, refund there.
    #[oai(path = "/v1/admin/payments/:id/refunds", method = "post", operation_id = "refundPayment", tag = "Tag::Admin")]
    async fn refund(
        &self,
        actor: Administrator,
        id: Path<Id<PaymentId>>,
        #[oai(name = "Idempotency-Key")] key: Key,
        body: Body<RefundPayment>,
    ) -> Result<Reply<PaymentView, CreatedOnce>> {
        let attempt = key.attempt(body.0.refund(id.0.0)?);
        Ok(Reply::once(&settled(self.0.refund(&actor, attempt).await?)?)?)
    }

    /// Mark a payment as received
    ///
    /// For payments that the site collects itself, with the provider `manual`.
    #[oai(path = "/v1/admin/payments/:id/settle", method = "post", operation_id = "settlePayment", tag = "Tag::Admin")]
    async fn settle(
        &self,
        actor: Administrator,
        id: Path<Id<PaymentId>>,
        #[oai(name = "Idempotency-Key")] key: Key,
    ) -> Result<Reply<PaymentView, CompletedOnce>> {
        let attempt = key.attempt(SettlePayment { payment: id.0.0 });
        Ok(Reply::once(&settled(self.0.settle(&actor, attempt).await?)?)?)
    }

    /// Receive an event of a payment provider
    ///
    /// For the provider only: the signature authenticates the event. Events may arrive late, twice and in any order.
    #[oai(path = "/v1/payments/webhooks/:provider", method = "post", operation_id = "receivePaymentEvent", tag = "Tag::Webhooks")]
    async fn receive(
        &self,
        /// The provider, `stripe`.
        provider: Path<Line<1, 64>>,
        /// The time of signing and the signature over it and the body, as Stripe makes it.
        #[oai(name = "Stripe-Signature")]
        signature: Header<Option<String>>,
        body: Raw,
    ) -> Result<NoContent> {
        let delivery = Delivery { signature: signature.0.as_deref().unwrap_or_default(), body: &body.0 };
        self.0.receive(&provider, delivery).await?;
        Ok(NoContent)
    }
}

impl From<PaymentError> for Problem {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::NotFound => Self::new(Kind::NotFound, "There is no such payment or no such payment provider."),
            PaymentError::NoSuchPackage => {
                Self::invalid_at("/package_code", "must be the code of a package that /v1/coins/packages lists")
            }
            PaymentError::Forbidden(forbidden) => forbidden.into(),
            PaymentError::InvalidEvent(invalid) => invalid.into(),
            PaymentError::Conflict(conflict) => conflict.into(),
            PaymentError::Cursor(cursor) => cursor.into(),
            PaymentError::Service(error) => error.into(),
        }
    }
}

impl From<PaymentRefusal> for Problem {
    fn from(refusal: PaymentRefusal) -> Self {
        match refusal {
            PaymentRefusal::TooMuch(left) => {
                Self::invalid_at("/amount_cents", format!("must be from 1 to the {left} cents that are not refunded yet"))
            }
            PaymentRefusal::NotReceived => Self::invalid_at("/path/id", "must be a payment that is received"),
            PaymentRefusal::ByProvider => Self::invalid_at(
                "/path/id",
                "must be a payment that the site collects itself; the provider of this one reports receipts and refunds",
            ),
        }
    }
}

impl From<InvalidEvent> for Problem {
    fn from(invalid: InvalidEvent) -> Self {
        const SIGNATURE: &str = "/header/Stripe-Signature";
        match invalid {
            InvalidEvent::Signature => Self::invalid_at(SIGNATURE, "must be the provider's signature of this body"),
            InvalidEvent::Time => Self::invalid_at(SIGNATURE, "must have been made within the last five minutes"),
            InvalidEvent::Form => Self::invalid_at("", "must be an event of the provider"),
        }
    }
}
