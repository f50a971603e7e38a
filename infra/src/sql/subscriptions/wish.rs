//! What a user may wish of a subscription, judged by what the rows say.

use domain::Fault;
use domain::ids::UserId;
use domain::subscriptions::{
    Action, Change, ChangeTime, Event, FREE_PLAN, InvalidTransition, Plan, Refusal, State, Subscription, usual_time,
};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};

use crate::sql::entities::subscription;
use crate::sql::error::fault;
use crate::sql::plans;

/// The plan that a wish names, if it is one to pay for.
pub(super) async fn plan_to_pay_for(db: &impl ConnectionTrait, code: &str) -> Result<Result<Plan, Refusal>, Fault> {
    let plan = plans::newest(db, code).await?.filter(|plan| plan.code != FREE_PLAN);
    Ok(plan.ok_or(Refusal::NoSuchPlan))
}

/// A trial is for who has had nothing before but first payments that never came.
pub(super) async fn may_try(db: &impl ConnectionTrait, user: UserId) -> Result<bool, Fault> {
    // One that was never in trial counts its periods from its beginning.
    let never_paid = Condition::all()
        .add(subscription::Column::PeriodIndex.eq(1_i64))
        .add(subscription::Column::PeriodPaid.eq(false))
        .add(Expr::col(subscription::Column::AnchorAt).eq(Expr::col(subscription::Column::CreatedAt)));
    let had = subscription::Entity::find().filter(subscription::Column::UserId.eq(user.to_string())).filter(never_paid.not());
    Ok(had.count(db).await.map_err(fault)? == 0)
}

/// What is refused where nothing lives.
pub(super) fn nothing_lives(latest: Option<&Subscription>) -> Refusal {
    let state = latest.map_or(State::None, |latest| latest.state);
    Refusal::Transition(InvalidTransition { state, allowed_actions: vec![Action::Subscribe] })
}

/// What a user wishes of a subscription that is not over.
pub(super) enum Wish {
    /// This.
    Event(Event),
    /// A change to this plan.
    Change(Change),
}

impl Wish {
    /// The event that fulfils it.
    pub(super) async fn event(self, db: &impl ConnectionTrait, of: &Subscription) -> Result<Result<Event, Refusal>, Fault> {
        let Change { plan_code, when } = match self {
            Self::Event(event) => return Ok(Ok(event)),
            Self::Change(change) => change,
        };
        let change = |plan: Plan| match when.unwrap_or_else(|| usual_time(of, &plan)) {
            ChangeTime::Now => Event::Change(plan),
            ChangeTime::PeriodEnd => Event::ChangeAtPeriodEnd(plan),
        };
        Ok(plan_to_pay_for(db, &plan_code).await?.map(change))
    }
}
