//! Checks requests of users against the rows of plans and subscriptions.

use domain::ServiceError;
use domain::billing::plans::{FREE_PLAN, Plan};
use domain::billing::subscriptions::{
    Action, Change, ChangeTime, Event, InvalidTransition, Refusal, State, Subscription, default_change_time,
};
use domain::ids::UserId;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::TrialClaims;
use super::entities::subscription;
use crate::billing::plans;
use crate::db::service_error;

/// The newest version of a paid plan.
pub(super) async fn paid_plan(db: &impl ConnectionTrait, code: &str) -> Result<Result<Plan, Refusal>, ServiceError> {
    let plan = plans::newest(db, code).await?.filter(|plan| plan.code != FREE_PLAN);
    Ok(plan.ok_or(Refusal::NoSuchPlan))
}

/// Whether a user may start a trial: only a user whose earlier subscriptions were never paid and never in trial, and whose address had
/// no trial in another account.
pub(super) async fn trial_allowed(
    db: &impl ConnectionTrait,
    user: UserId,
    (address, claims): (Option<&str>, &TrialClaims),
) -> Result<bool, ServiceError> {
    // A subscription without a trial has its anchor at its creation.
    let never_paid = Condition::all()
        .add(subscription::Column::PeriodIndex.eq(1_i64))
        .add(subscription::Column::PeriodPaid.eq(false))
        .add(Expr::col(subscription::Column::AnchorAt).eq(Expr::col(subscription::Column::CreatedAt)));
    let unused = Condition::any().add(never_paid).add(trial_awaited());
    let others = subscription::Entity::find().filter(subscription::Column::UserId.eq(user.to_string())).filter(unused.not());
    if others.count(db).await.map_err(service_error)? > 0 {
        return Ok(false);
    }
    match address {
        Some(address) => Ok(!claims.had_trial(db, address).await?),
        None => Ok(true),
    }
}

/// The condition for a subscription whose trial has not begun, because no payment method is known.
pub(super) fn trial_awaited() -> Condition {
    Condition::all()
        .add(subscription::Column::PeriodIndex.eq(0_i64))
        .add(Expr::col(subscription::Column::PeriodEnd).eq(Expr::col(subscription::Column::CreatedAt)))
}

/// The refusal of a request that needs a subscription that has not ended.
pub(super) fn no_subscription(latest: Option<&Subscription>) -> Refusal {
    let state = latest.map_or(State::None, |latest| latest.state);
    Refusal::Transition(InvalidTransition { state, allowed_actions: vec![Action::Subscribe] })
}

/// A request for a subscription that has not ended.
pub(super) enum Request {
    /// An event of the machine.
    Event(Event),
    /// A change to another plan.
    Change(Change),
}

impl Request {
    /// The event of the machine for this request.
    pub(super) async fn event(
        self,
        db: &impl ConnectionTrait,
        of: &Subscription,
    ) -> Result<Result<Event, Refusal>, ServiceError> {
        let Change { plan_code, when } = match self {
            Self::Event(event) => return Ok(Ok(event)),
            Self::Change(change) => change,
        };
        let change = |plan: Plan| match when.unwrap_or_else(|| default_change_time(of, &plan)) {
            ChangeTime::Now => Event::Change(plan),
            ChangeTime::PeriodEnd => Event::ChangeAtPeriodEnd(plan),
        };
        Ok(paid_plan(db, &plan_code).await?.map(change))
    }
}
