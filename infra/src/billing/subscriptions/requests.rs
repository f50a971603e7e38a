//! What a user may request of a subscription, judged by the rows.

use domain::ServiceError;
use domain::billing::plans::{FREE_PLAN, Plan};
use domain::billing::subscriptions::{
    Action, Change, ChangeTime, Event, InvalidTransition, Refusal, State, Subscription, default_change_time,
};
use domain::ids::UserId;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use super::entities::subscription;
use crate::billing::plans;
use crate::db::service_error;

/// The plan of this code, if it is one to pay for.
pub(super) async fn plan_to_pay_for(db: &impl ConnectionTrait, code: &str) -> Result<Result<Plan, Refusal>, ServiceError> {
    let plan = plans::newest(db, code).await?.filter(|plan| plan.code != FREE_PLAN);
    Ok(plan.ok_or(Refusal::NoSuchPlan))
}

/// Whether a user may start a trial: only a user whose earlier subscriptions were never paid and never in trial.
pub(super) async fn trial_allowed(db: &impl ConnectionTrait, user: UserId) -> Result<bool, ServiceError> {
    // One that was never in trial counts its periods from its beginning.
    let never_paid = Condition::all()
        .add(subscription::Column::PeriodIndex.eq(1_i64))
        .add(subscription::Column::PeriodPaid.eq(false))
        .add(Expr::col(subscription::Column::AnchorAt).eq(Expr::col(subscription::Column::CreatedAt)));
    let had = subscription::Entity::find().filter(subscription::Column::UserId.eq(user.to_string())).filter(never_paid.not());
    Ok(had.count(db).await.map_err(service_error)? == 0)
}

/// The refusal of a request that needs a subscription where none is running.
pub(super) fn no_subscription(latest: Option<&Subscription>) -> Refusal {
    let state = latest.map_or(State::None, |latest| latest.state);
    Refusal::Transition(InvalidTransition { state, allowed_actions: vec![Action::Subscribe] })
}

/// A request for a subscription that has not ended.
pub(super) enum Request {
    /// This event.
    Event(Event),
    /// A change to another plan.
    Change(Change),
}

impl Request {
    /// The event that fulfils it.
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
        Ok(plan_to_pay_for(db, &plan_code).await?.map(change))
    }
}
